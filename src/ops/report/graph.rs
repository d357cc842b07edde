//! What was made from what: dataset versions and models, from `dgov.lock`, the manifest's `parents` and the receipts.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::error::Result;
use crate::lockfile::Lock;
use crate::manifest::Loaded;
use crate::manifest::values::ParentRef;
use crate::ops::run::receipt::Receipt;

/// The graph; nodes are named by their digests.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Graph {
    /// Datasets by version, then models.
    pub nodes: Vec<Node>,
    /// From what was used to what was made of it.
    pub edges: Vec<Edge>,
}

/// Something that was used or made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Version key, or sha256 of a model, or `cid:` and a CID where a set has no version.
    pub id: String,
    /// `name@2`, or the model's name.
    pub label: String,
    /// What it is.
    pub kind: NodeKind,
    /// Where it is recorded: `dgov.lock`, the receipt's name, or `manifest`.
    pub source: String,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// A version of a dataset.
    Dataset,
    /// A model that a receipt names.
    Model,
}

/// A relation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// What was used.
    pub from: String,
    /// What was made of it.
    pub to: String,
    /// `derived` or the role in a run: `train`, `eval`, `rag`.
    pub relation: String,
}

impl Graph {
    /// Of a project on its network.
    ///
    /// # Errors
    /// Those of the lock and the receipts.
    pub fn of(loaded: &Loaded) -> Result<Self> {
        let mut graph = Self::default();
        let lock = Lock::load(&loaded.dir)?;
        let network = lock.networks.get(&loaded.network);
        for (name, dataset) in network.iter().flat_map(|network| &network.datasets) {
            for version in &dataset.versions {
                graph.node(Node {
                    id: version.version_key.to_string(),
                    label: format!("{name}@{}", version.number),
                    kind: NodeKind::Dataset,
                    source: crate::lockfile::FILE_NAME.to_owned(),
                });
            }
        }
        for (name, dataset) in loaded.manifest.datasets.iter() {
            // The manifest speaks of the version that it would push, which is the latest one.
            let latest = network.and_then(|network| network.datasets.get(name)?.versions.last());
            let Some(latest) = latest else { continue };
            for parent in &dataset.parents {
                let key = match parent {
                    ParentRef::VersionKey(key) => Some(*key),
                    ParentRef::Dataset { name, version } => network.and_then(|network| {
                        let versions = &network.datasets.get(name.as_str())?.versions;
                        match version {
                            Some(number) => versions.iter().find(|known| known.number == *number),
                            None => versions.last(),
                        }
                        .map(|version| version.version_key)
                    }),
                };
                let Some(key) = key.filter(|key| *key != latest.version_key) else { continue };
                graph.node(Node {
                    id: key.to_string(),
                    label: parent.to_string(),
                    kind: NodeKind::Dataset,
                    source: "manifest".to_owned(),
                });
                graph.edge(&key.to_string(), &latest.version_key.to_string(), "derived");
            }
        }
        for receipt in Receipt::all(&loaded.dir)? {
            graph.receipt(&receipt);
        }
        graph.edges.sort();
        graph.edges.dedup();
        Ok(graph)
    }

    fn receipt(&mut self, receipt: &Receipt) {
        let model = receipt.model_digest().to_owned();
        let (label, source) = (receipt.model().to_owned(), format!("receipt {}", receipt.id));
        self.node(Node { id: model.clone(), label, kind: NodeKind::Model, source: source.clone() });
        for dataset in receipt.datasets() {
            let text = |name: &str| dataset.annotations.get(name).and_then(Value::as_str);
            let id = match (text("version_key"), text("cid")) {
                (Some(key), _) => key.to_owned(),
                (None, Some(cid)) => format!("cid:{cid}"),
                (None, None) => format!("name:{}", dataset.name),
            };
            let version = dataset.annotations.get("version").map(|version| format!("@{version}")).unwrap_or_default();
            let label = format!("{}{version}", dataset.name);
            self.node(Node { id: id.clone(), label, kind: NodeKind::Dataset, source: source.clone() });
            self.edge(&id, &model, text("role").unwrap_or("train"));
        }
    }

    fn node(&mut self, mut node: Node) {
        // A receipt may be anybody's, and is shown on a terminal.
        node.label.retain(|c| !c.is_control());
        if !self.nodes.iter().any(|known| known.id == node.id) {
            self.nodes.push(node);
        }
    }

    fn edge(&mut self, from: &str, to: &str, relation: &str) {
        self.edges.push(Edge { from: from.to_owned(), to: to.to_owned(), relation: relation.to_owned() });
    }

    /// Everything that was made, directly or not, of these nodes; without them.
    pub fn made_of(&self, ids: &BTreeSet<String>) -> BTreeSet<String> {
        self.reach(ids, |edge| (&edge.from, &edge.to))
    }

    /// Everything that these nodes were made of, directly or not; without them.
    pub fn sources_of(&self, ids: &BTreeSet<String>) -> BTreeSet<String> {
        self.reach(ids, |edge| (&edge.to, &edge.from))
    }

    fn reach(&self, ids: &BTreeSet<String>, step: impl Fn(&Edge) -> (&String, &String)) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<String> = ids.iter().cloned().collect();
        while let Some(id) = open.pop() {
            for (from, to) in self.edges.iter().map(&step) {
                if *from == id && !ids.contains(to) && found.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        found
    }

    /// The part with these nodes only.
    #[must_use]
    pub fn only(&self, ids: &BTreeSet<String>) -> Self {
        Self {
            nodes: self.nodes.iter().filter(|node| ids.contains(&node.id)).cloned().collect(),
            edges: self
                .edges
                .iter()
                .filter(|edge| ids.contains(&edge.from) && ids.contains(&edge.to))
                .cloned()
                .collect(),
        }
    }

    /// Nodes of a name: `raccoon` is every version of it, `raccoon@2` one, a receipt's name its model, a digest itself.
    pub fn find(&self, name: &str) -> BTreeSet<String> {
        let fits = |node: &&Node| {
            node.id == name
                || node.label == name
                || node.source.strip_prefix("receipt ") == Some(name) && node.kind == NodeKind::Model
                || node.kind == NodeKind::Dataset && node.label.split_once('@').is_some_and(|(known, _)| known == name)
        };
        self.nodes.iter().filter(fits).map(|node| node.id.clone()).collect()
    }
}
