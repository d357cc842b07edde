//! TypeScript for viem and wagmi. The ABIs are `as const`, from which both infer every type.

use std::collections::{BTreeMap, BTreeSet};

use alloy::json_abi::JsonAbi;

use super::{MARK, Project, abi_json};
use crate::error::Result;

/// One file: no import whose path a bundler would have to resolve.
pub(super) fn files(project: &Project) -> Result<BTreeMap<String, String>> {
    let text = format!("// {MARK}\n{}{}{}", addresses(project), abis(project)?, contracts(project));
    Ok(BTreeMap::from([("dgov.ts".to_owned(), text)]))
}

fn abis(project: &Project) -> Result<String> {
    let mut text = String::new();
    for bound in &project.contracts {
        text.push_str(&format!(
            "\n/** {} */\nexport const {}Abi = {} as const;\n",
            bound.name,
            bound.role,
            abi_json(bound.abi)?
        ));
    }
    // A call passes through several contracts: only all errors together name every revert.
    let mut seen = BTreeSet::new();
    let mut all = JsonAbi::new();
    for error in project.contracts.iter().flat_map(|bound| bound.abi.errors()) {
        if seen.insert(error.selector()) {
            all.errors.entry(error.name.clone()).or_default().push(error.clone());
        }
    }
    text.push_str(&format!(
        "\n/** Errors of all contracts: a call passes through several, and any of them may revert. */\nexport const errorsAbi = {} as const;\n",
        abi_json(&all)?
    ));
    Ok(text)
}

fn addresses(project: &Project) -> String {
    let chain = project.chain_id;
    let mut text = format!("\n/** Network {}. */\nexport const chainId = {chain} as const;\n", project.network);
    let block = project.block;
    text.push_str(&format!(
        "\n/** Block of the deployment: events begin here. */\nexport const deploymentBlock = {block}n;\n\n"
    ));
    for bound in &project.contracts {
        let address = bound.address.to_checksum(None);
        text.push_str(&format!("export const {}Address = {{ {chain}: \"{address}\" }} as const;\n", bound.role));
    }
    text
}

fn contracts(project: &Project) -> String {
    let mut text = "\n/**\n * Address and ABI of each contract: `getContract({ ...contracts.registry, client })`,\n \
                    * `useReadContract({ ...contracts.registry, functionName })`.\n */\nexport const contracts = {\n"
        .to_owned();
    for bound in &project.contracts {
        let (role, chain) = (&bound.role, project.chain_id);
        text.push_str(&format!("  {role}: {{ address: {role}Address[{chain}], abi: {role}Abi }},\n"));
    }
    text.push_str("} as const;\n");
    text
}
