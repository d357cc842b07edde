//! `dgov report impact`: what a recall would reach.

use serde::Serialize;

use super::graph::{Graph, Node, NodeKind};
use super::lineage::found;
use crate::context::Context;
use crate::error::Result;
use crate::ui::Report;

/// What was made of a dataset.
#[derive(Debug, Serialize)]
pub struct ImpactReport {
    /// What was asked for.
    pub dataset: String,
    /// The versions that it stands for.
    pub versions: Vec<Node>,
    /// Datasets derived from them, directly or not.
    pub datasets: Vec<Node>,
    /// Models trained or measured with them or with what was derived from them.
    pub models: Vec<Node>,
}

impl Report for ImpactReport {
    fn human(&self) -> String {
        let list = |nodes: &[Node]| -> String {
            nodes.iter().map(|node| format!("- {}: `{}`, {}\n", node.label, node.id, node.source)).collect()
        };
        let mut text = format!("# What {} reaches\n\n", self.dataset);
        for (heading, nodes) in
            [("Versions", &self.versions), ("Derived datasets", &self.datasets), ("Models on record", &self.models)]
        {
            let none = "none on record here\n".to_owned();
            let listed = if nodes.is_empty() { none } else { list(nodes) };
            text.push_str(&format!("## {heading}\n\n{listed}\n"));
        }
        text.push_str("Only what this project's receipts and manifest name; runs without a receipt are not seen.\n");
        text
    }
}

/// Everything on record that was made of a dataset.
///
/// # Errors
/// As [`found`].
pub fn impact(context: &Context, dataset: &str) -> Result<ImpactReport> {
    let loaded = context.manifest()?;
    let graph = Graph::of(&loaded)?;
    let start = found(&graph, dataset)?;
    let reached = graph.made_of(&start);
    let nodes = |wanted: &dyn Fn(&Node) -> bool| graph.nodes.iter().filter(|node| wanted(node)).cloned().collect();
    Ok(ImpactReport {
        dataset: dataset.to_owned(),
        versions: nodes(&|node| start.contains(&node.id)),
        datasets: nodes(&|node| reached.contains(&node.id) && node.kind == NodeKind::Dataset),
        models: nodes(&|node| reached.contains(&node.id) && node.kind == NodeKind::Model),
    })
}
