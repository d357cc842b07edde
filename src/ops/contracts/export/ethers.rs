//! TypeScript for ethers v6: the ABIs, and a type for each contract, whose functions take and give what Solidity says.

use std::collections::BTreeMap;

use alloy::json_abi::{EventParam, Function, JsonAbi, Param, StateMutability};

use super::{Bound, MARK, Project, abi_json};
use crate::error::Result;

/// Members of ethers' `BaseContract`: a function of the same name is reached by its signature.
const TAKEN: [&str; 22] = [
    "target",
    "interface",
    "runner",
    "filters",
    "fallback",
    "connect",
    "attach",
    "getAddress",
    "getDeployedCode",
    "waitForDeployment",
    "deploymentTransaction",
    "getFunction",
    "getEvent",
    "queryTransaction",
    "queryFilter",
    "on",
    "once",
    "emit",
    "off",
    "listeners",
    "listenerCount",
    "then",
];

/// One file: no import whose path a bundler would have to resolve.
pub(super) fn files(project: &Project) -> Result<BTreeMap<String, String>> {
    let mut text = format!(
        "// {MARK}\nimport {{ Contract }} from \"ethers\";\nimport type {{\n  AddressLike,\n  BaseContract,\n  \
         BaseContractMethod,\n  BigNumberish,\n  BytesLike,\n  ContractRunner,\n  ContractTransactionResponse,\n\
         }} from \"ethers\";\n\n"
    );
    text.push_str(&format!("/** Network {}. */\nexport const chainId = {}n;\n\n", project.network, project.chain_id));
    let block = project.block;
    text.push_str(&format!(
        "/** Block of the deployment: events begin here. */\nexport const deploymentBlock = {block};\n\n"
    ));
    text.push_str("/** Where the contracts are on this chain. */\nexport const addresses = {\n");
    for bound in &project.contracts {
        text.push_str(&format!("  {}: \"{}\",\n", bound.role, bound.address.to_checksum(None)));
    }
    text.push_str("} as const;\n\n/** A function that only reads. */\n");
    text.push_str("type View<A extends unknown[], R> = BaseContractMethod<A, R, R>;\n\n");
    text.push_str("/** A function that needs a transaction. */\n");
    text.push_str("type Change<A extends unknown[], R> = BaseContractMethod<A, R, ContractTransactionResponse>;\n");
    for bound in &project.contracts {
        text.push_str(&format!("\nexport const {}Abi = {};\n", bound.role, abi_json(bound.abi)?));
        text.push_str(&contract(bound));
    }
    Ok(BTreeMap::from([("dgov.ts".to_owned(), text)]))
}

fn contract(bound: &Bound) -> String {
    let mut text = String::new();
    for (name, components) in structs(bound.abi) {
        text.push_str(&format!(
            "\nexport interface {}{name}Input {{\n{}}}\n",
            bound.name,
            fields(bound, &components, input)
        ));
        text.push_str(&format!(
            "\nexport interface {}{name} {{\n{}}}\n",
            bound.name,
            fields(bound, &components, output)
        ));
    }
    text.push_str(&format!("\n/** {} */\nexport type {} = BaseContract & {{\n", bound.name, bound.name));
    for (name, overloads) in &bound.abi.functions {
        let alone = overloads.len() == 1 && !TAKEN.contains(&name.as_str());
        for function in overloads {
            let key = if alone { name.clone() } else { format!("\"{}\"", function.signature()) };
            text.push_str(&format!("  {key}: {};\n", method(bound, function)));
        }
    }
    text.push_str("};\n");
    let events: Vec<_> = bound.abi.events.iter().filter(|(_, overloads)| overloads.len() == 1).collect();
    if !events.is_empty() {
        text.push_str(&format!(
            "\n/** Arguments of the events of {}. */\nexport interface {}Events {{\n",
            bound.name, bound.name
        ));
        for (name, overloads) in events {
            let arguments: String = overloads
                .iter()
                .flat_map(|event| event.inputs.iter().enumerate())
                .map(|(i, input)| format!(" {}: {};", event_name(input, i), event_type(bound, input)))
                .collect();
            text.push_str(&format!("  {name}: {{{arguments} }};\n"));
        }
        text.push_str("}\n");
    }
    text.push_str(&format!(
        "\nexport function {role}(runner?: ContractRunner | null, address: string = addresses.{role}): {name} {{\n  return new Contract(address, {role}Abi, runner) as unknown as {name};\n}}\n",
        role = bound.role,
        name = bound.name,
    ));
    text
}

fn method(bound: &Bound, function: &Function) -> String {
    let arguments: Vec<String> = function
        .inputs
        .iter()
        .enumerate()
        .map(|(i, param)| format!("{}: {}", argument_name(&param.name, i), input(bound, param)))
        .collect();
    let result = match function.outputs.as_slice() {
        [] => "void".to_owned(),
        [only] => output(bound, only),
        several => {
            let types: Vec<_> = several.iter().map(|param| output(bound, param)).collect();
            let named: String = several
                .iter()
                .filter(|param| !param.name.is_empty())
                .map(|param| format!(" {}: {};", param.name, output(bound, param)))
                .collect();
            let named = if named.is_empty() { String::new() } else { format!(" & {{{named} }}") };
            format!("[{}]{named}", types.join(", "))
        }
    };
    let reads = matches!(function.state_mutability, StateMutability::Pure | StateMutability::View);
    format!("{}<[{}], {result}>", if reads { "View" } else { "Change" }, arguments.join(", "))
}

/// The structs of a contract by name, those inside others, too.
fn structs(abi: &JsonAbi) -> BTreeMap<String, Vec<Param>> {
    fn visit(param: &Param, found: &mut BTreeMap<String, Vec<Param>>) {
        if let Some(name) = struct_name(param) {
            found.insert(name, param.components.clone());
        }
        for component in &param.components {
            visit(component, found);
        }
    }
    let mut found = BTreeMap::new();
    for param in abi.functions().flat_map(|function| function.inputs.iter().chain(&function.outputs)) {
        visit(param, &mut found);
    }
    for input in abi.events().flat_map(|event| &event.inputs) {
        let param = as_param(input);
        visit(&param, &mut found);
    }
    found
}

fn as_param(input: &EventParam) -> Param {
    Param {
        ty: input.ty.clone(),
        name: input.name.clone(),
        components: input.components.clone(),
        internal_type: input.internal_type.clone(),
    }
}

fn struct_name(param: &Param) -> Option<String> {
    let (_, name) = param.internal_type.as_ref()?.as_struct()?;
    Some(name.split('[').next().unwrap_or(name).to_owned())
}

fn fields(bound: &Bound, components: &[Param], kind: fn(&Bound, &Param) -> String) -> String {
    components.iter().map(|param| format!("  {}: {};\n", param.name, kind(bound, param))).collect()
}

/// What ethers takes for a parameter.
fn input(bound: &Bound, param: &Param) -> String {
    shaped(bound, param, "Input", |base| match base {
        "address" => "AddressLike",
        "bool" => "boolean",
        "string" => "string",
        base if base.starts_with("bytes") => "BytesLike",
        _ => "BigNumberish",
    })
}

/// What ethers gives for a result.
fn output(bound: &Bound, param: &Param) -> String {
    shaped(bound, param, "", |base| match base {
        "bool" => "boolean",
        base if base == "address" || base == "string" || base.starts_with("bytes") => "string",
        _ => "bigint",
    })
}

fn shaped(bound: &Bound, param: &Param, suffix: &str, simple: fn(&str) -> &'static str) -> String {
    let (base, arrays) = param.ty.split_at(param.ty.find('[').unwrap_or(param.ty.len()));
    let of = match struct_name(param) {
        Some(name) => format!("{}{name}{suffix}", bound.name),
        None => simple(base).to_owned(),
    };
    format!("{of}{}", "[]".repeat(arrays.matches('[').count()))
}

fn event_type(bound: &Bound, event: &EventParam) -> String {
    // Of an indexed value that does not fit into a word, only the hash is there.
    let hashed = event.indexed && (event.ty == "string" || event.ty == "bytes" || event.ty.contains('['));
    if hashed { "unknown".to_owned() } else { output(bound, &as_param(event)) }
}

fn event_name(event: &EventParam, position: usize) -> String {
    argument_name(&event.name, position)
}

/// A name for a position of a tuple; words that TypeScript keeps for itself are allowed there.
fn argument_name(name: &str, position: usize) -> String {
    if name.is_empty() { format!("argument{position}") } else { name.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloy::primitives::Address;
    use dgov_contracts::artifacts::Contract;

    use super::*;

    #[test]
    fn functions_have_the_types_of_their_solidity() {
        let artifact = Contract::DatasetRegistry.artifact().unwrap();
        let bound =
            Bound { role: "registry".into(), name: "DatasetRegistry", abi: &artifact.abi, address: Address::ZERO };
        let text = contract(&bound);
        for line in [
            "  keyAt: View<[datasetId: BytesLike, number: BigNumberish], string>;",
            "  statusOf: View<[versionKey: BytesLike], [bigint, boolean] & { status: bigint; cardApproved: boolean; }>;",
            "  register: Change<[salt: BytesLike, version: DatasetRegistryVersionInput, metaDigest: BytesLike], string>;",
            "  \"safeTransferFrom(address,address,uint256)\": Change<[from: AddressLike, to: AddressLike, tokenId: BigNumberish], void>;",
            "  CardApproval: { versionKey: string; approved: boolean; };",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
