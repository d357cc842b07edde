//! Plain JSON: one ABI a contract, and the addresses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Project, abi_json};
use crate::error::{Error, Result};

pub(super) fn files(project: &Project) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut addresses = serde_json::Map::new();
    for bound in &project.contracts {
        files.insert(format!("abi/{}.json", bound.name), abi_json(bound.abi)? + "\n");
        let entry = json!({
            "contract": bound.name,
            "address": bound.address.to_checksum(None),
            "abi": format!("abi/{}.json", bound.name),
        });
        addresses.insert(bound.role.clone(), entry);
    }
    let document = json!({
        "project": project.name,
        "network": project.network,
        "chain_id": project.chain_id,
        "block": project.block,
        "contracts": Value::Object(addresses),
    });
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| Error::bug("the addresses did not serialize").caused_by(&error))?;
    files.insert("addresses.json".to_owned(), text + "\n");
    Ok(files)
}
