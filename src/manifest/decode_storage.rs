//! `[storage]`: where packages go.

use super::reader::Reader;
use super::types::{IpfsNode, Storage, StorageTarget};
use super::values::{ValueError, did_you_mean};

pub(super) fn storage(table: Reader<'_>) -> Storage {
    let targets = table.list("targets", target);
    let targets = targets.map_or_else(
        || {
            table.defaulted("targets", "[local]");
            Storage::default().targets
        },
        |names| names.into_iter().map(|name| name.0).collect(),
    );
    let copies = table.number("copies", 1..1_001).and_then(|copies| u32::try_from(copies).ok());
    let sources = table.list("sources", |text| Ok(text.to_owned())).unwrap_or_default();
    let ipfs = ipfs(&table.table("ipfs"));
    table.finish();
    Storage { targets, copies, sources, ipfs }
}

fn target(name: &str) -> Result<TargetName, ValueError> {
    if let Some((_, target)) = StorageTarget::ALL.iter().find(|(known, _)| *known == name) {
        return Ok(TargetName(*target));
    }
    let known = StorageTarget::ALL.map(|(name, _)| name);
    let error = ValueError::new(format!("`{name}` is not a storage target"));
    Err(match did_you_mean(name, known) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("use one of: {}", known.join(", "))),
    })
}

fn ipfs(table: &Reader<'_>) -> IpfsNode {
    let default = IpfsNode::default();
    let api = table.parsed("api", |text| Ok(text.to_owned())).unwrap_or_else(|| table.defaulted("api", default.api));
    table.finish();
    IpfsNode { api }
}

/// A target, shown by its name.
struct TargetName(StorageTarget);

impl std::fmt::Display for TargetName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}
