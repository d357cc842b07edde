//! A Rust module for alloy: one `sol!` interface a contract, each with its address.

use std::collections::BTreeMap;

use alloy::json_abi::ToSolConfig;

use super::{MARK, Project};
use crate::error::Result;

pub(super) fn files(project: &Project) -> Result<BTreeMap<String, String>> {
    let mut text = format!("// {MARK}\n// Needs alloy with the features \"contract\" and \"sol-types\".\n\n");
    text.push_str(&format!(
        "/// Network {}: EIP-155 chain id.\npub const CHAIN_ID: u64 = {};\n",
        project.network, project.chain_id
    ));
    text.push_str(&format!(
        "/// Block of the deployment: events begin here.\npub const DEPLOYMENT_BLOCK: u64 = {};\n",
        project.block
    ));
    for bound in &project.contracts {
        let config = || ToSolConfig::new().for_sol_macro(true).one_contract(true).enums_as_udvt(false);
        let interface = bound.abi.to_sol(bound.name, Some(config()));
        let attributes = "#[sol(rpc)]\n        #[derive(Debug, PartialEq, Eq)]\n        ";
        let interface = interface.trim().replacen("interface ", &format!("{attributes}interface "), 1);
        let body: String = interface.lines().enumerate().map(|(i, line)| indented(line, i)).collect();
        text.push_str(&format!(
            "\n/// {name}.\npub mod {role} {{\n    /// Where it is.\n    pub const ADDRESS: alloy::primitives::Address = alloy::primitives::address!(\"{address}\");\n\n    alloy::sol! {{\n{body}    }}\n}}\n",
            name = bound.name,
            role = bound.role,
            address = bound.address.to_checksum(None),
        ));
    }
    Ok(BTreeMap::from([("dgov.rs".to_owned(), text)]))
}

/// The attributes come with their own indentation.
fn indented(line: &str, number: usize) -> String {
    let line = line.trim_end();
    match (line.is_empty(), number) {
        (true, _) => "\n".to_owned(),
        (false, 1 | 2) => format!("{line}\n"),
        (false, _) => format!("        {line}\n"),
    }
}
