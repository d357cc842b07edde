//! `dgov report lineage`.

use std::collections::BTreeSet;

use serde::Serialize;

use super::graph::Graph;
use super::svg;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::Report;

/// What was made from what.
#[derive(Debug, Serialize)]
pub struct LineageReport {
    /// Network whose versions these are.
    pub network: String,
    /// Nodes and relations.
    #[serde(flatten)]
    pub graph: Graph,
}

impl LineageReport {
    /// As a picture.
    pub fn svg(&self) -> String {
        svg::draw(&self.graph)
    }

    fn label(&self, id: &str) -> String {
        self.graph.nodes.iter().find(|node| node.id == id).map_or_else(|| id.to_owned(), |node| node.label.clone())
    }
}

impl Report for LineageReport {
    /// Markdown.
    fn human(&self) -> String {
        let mut text = format!("# Lineage on {}\n\n", self.network);
        if self.graph.nodes.is_empty() {
            text.push_str("Nothing is on record: no version in dgov.lock, no receipt.\n");
            return text;
        }
        for node in &self.graph.nodes {
            let sources = self.graph.edges.iter().filter(|edge| edge.to == node.id);
            let sources: Vec<String> =
                sources.map(|edge| format!("{} ({})", self.label(&edge.from), edge.relation)).collect();
            let from = if sources.is_empty() { String::new() } else { format!(", from {}", sources.join(", ")) };
            text.push_str(&format!("- **{}**{from}: `{}`, {}\n", node.label, node.id, node.source));
        }
        text.push_str("\nReceipts say what their signers claim; `dgov run verify` checks the signatures.\n");
        text
    }
}

/// The lineage of the project, or of what a name stands for: everything it was made of, and everything made of it.
///
/// # Errors
/// `report.unknown`; those of the manifest, lock and receipts.
pub fn lineage(context: &Context, name: Option<&str>) -> Result<LineageReport> {
    let loaded = context.manifest()?;
    let graph = Graph::of(&loaded)?;
    let graph = match name {
        None => graph,
        Some(name) => {
            let start = found(&graph, name)?;
            let mut ids = graph.sources_of(&start);
            ids.extend(graph.made_of(&start));
            ids.extend(start);
            graph.only(&ids)
        }
    };
    Ok(LineageReport { network: loaded.network.clone(), graph })
}

/// What a name stands for; at least one node.
///
/// # Errors
/// `report.unknown`.
pub fn found(graph: &Graph, name: &str) -> Result<BTreeSet<String>> {
    let found = graph.find(name);
    if found.is_empty() {
        return Err(Error::input("report.unknown", format!("nothing on record is called {name}"))
            .hint("name a dataset (raccoon, raccoon@2), a receipt or a digest; `dgov report lineage` shows all"));
    }
    Ok(found)
}
