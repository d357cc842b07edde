//! `dgov contracts build`: a project's own contracts, compiled by npm's solc.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::TestEnv;
use crate::common::project::copy_dir;

const COUNTER: &str = "// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Counter {
    uint256 public count;
    event Counted(uint256 count);

    function add() external {
        count += 1;
        emit Counted(count);
    }
}

interface ICounter {
    function add() external;
}
";

/// The installed Node parts of the contracts; tests that need them are skipped without.
fn node_modules() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/node_modules");
    if folder.join("solc/package.json").is_file() {
        return Some(folder.canonicalize().unwrap());
    }
    eprintln!("skipped: contracts/node_modules is missing (contracts/scripts/setup.sh installs it)");
    None
}

/// A project whose contracts folder has the installed Node parts.
fn project(node_modules: &Path) -> TestEnv {
    let env = empty_project();
    std::os::unix::fs::symlink(node_modules, env.dir().join("contracts/node_modules")).unwrap();
    env
}

fn empty_project() -> TestEnv {
    let env = TestEnv::new();
    env.write("dgov.toml", "[project]\nname = \"p\"\n");
    env.write("contracts/src/Counter.sol", COUNTER);
    env
}

fn names(report: &Value) -> Vec<&str> {
    report["contracts"].as_array().unwrap().iter().map(|contract| contract["name"].as_str().unwrap()).collect()
}

#[test]
fn a_contract_becomes_an_artifact_once() {
    let Some(node_modules) = node_modules() else { return };
    let env = project(&node_modules);
    let first = env.json(&["contracts", "build"]);
    assert_eq!(names(&first), ["Counter"], "an interface has no code");
    assert_eq!((first["compiled_files"].as_u64(), first["cached_files"].as_u64()), (Some(1), Some(0)));
    assert_eq!(first["contracts"][0]["source"], "src/Counter.sol");
    assert_eq!(first["contracts"][0]["cached"], false);

    let text = env.read(".dgov/artifacts/Counter.json");
    let artifact: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(artifact["contractName"], "Counter");
    assert_eq!(artifact["compiler"]["version"], first["compiler"]["version"]);
    let bytecode = artifact["bytecode"].as_str().unwrap();
    assert_eq!(first["contracts"][0]["init_code_size"].as_u64(), Some((bytecode.len() as u64 - 2) / 2));
    let functions = artifact["abi"].as_array().unwrap().iter().filter(|item| item["type"] == "function");
    assert_eq!(functions.map(|item| item["name"].as_str().unwrap()).collect::<Vec<_>>(), ["add", "count"]);

    let second = env.json(&["contracts", "build"]);
    assert_eq!((second["compiled_files"].as_u64(), second["cached_files"].as_u64()), (Some(0), Some(1)));
    assert_eq!(second["contracts"][0]["cached"], true);
    assert_eq!(env.read(".dgov/artifacts/Counter.json"), text);

    env.write("contracts/src/Counter.sol", COUNTER.replace("+= 1", "+= 2"));
    assert_eq!(env.json(&["contracts", "build"])["compiled_files"], 1, "a change is seen");
    assert_ne!(env.read(".dgov/artifacts/Counter.json"), text);
}

#[test]
fn libraries_come_from_node_modules() {
    let Some(node_modules) = node_modules() else { return };
    let env = project(&node_modules);
    env.write(
        "contracts/src/Badge.sol",
        "// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;
import {ERC20} from \"@openzeppelin/contracts/token/ERC20/ERC20.sol\";
contract Badge is ERC20 {
    constructor() ERC20(\"Badge\", \"B\") { uint256 unused; _mint(msg.sender, 1); }
}
",
    );
    let report = env.json(&["contracts", "build"]);
    assert_eq!(names(&report), ["Badge", "Counter"], "contracts of libraries are not the project's");
    let warning = &report["warnings"][0];
    assert_eq!((warning["file"].as_str(), warning["line"].as_u64()), (Some("src/Badge.sol"), Some(5)), "{report}");
    assert_eq!(warning["code"], 2072, "unused local variable");

    std::fs::remove_file(env.dir().join("contracts/src/Badge.sol")).unwrap();
    let report = env.json(&["contracts", "build"]);
    assert_eq!(report["removed"], serde_json::json!(["Badge"]));
    assert!(!env.dir().join(".dgov/artifacts/Badge.json").exists());
    assert_eq!(names(&report), ["Counter"]);
}

#[test]
fn restrictions_choose_the_profile_of_a_file() {
    let Some(node_modules) = node_modules() else { return };
    let env = project(&node_modules);
    // Enough code for the number of runs to matter.
    let many: String =
        (0..4).map(|n| format!("function f{n}(uint256 x) external {{ a[x * {n} + 77] += x ** {n}; }}\n")).collect();
    for name in ["Small", "Fast"] {
        let source =
            format!("pragma solidity ^0.8.20;\ncontract {name} {{\nmapping(uint256 => uint256) a;\n{many}}}\n");
        env.write(&format!("contracts/src/{name}.sol"), source);
    }
    let rules = "[profile.default]\noptimizer = true\noptimizer_runs = 100000\nlibraries = []\n";
    let size = "additional_compiler_profiles = [{ name = \"size\", optimizer_runs = 1 }]
compilation_restrictions = [{ paths = \"src/Sm*.sol\", optimizer_runs = 1 }]\n";
    env.write("contracts/foundry.toml", format!("{rules}{size}"));
    let report = env.json(&["contracts", "build"]);
    let of = |name: &str| report["contracts"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    assert_eq!((&of("Small")["profile"], &of("Fast")["profile"]), (&"size".into(), &"default".into()));
    assert!(of("Small")["code_size"].as_u64() < of("Fast")["code_size"].as_u64(), "{report}");

    let output = env.run(&["contracts", "build", "--json"]);
    assert!(output.stdout.contains("contracts.setting_ignored"), "`libraries` is said to be ignored\n{output}");

    env.write(
        "contracts/foundry.toml",
        format!("{rules}{}", size.replace("runs = 1 }]\ncompilation", "runs = 2 }]\ncompilation")),
    );
    env.fails(&["contracts", "build"], 3, "contracts.bad_settings");
    env.write("contracts/foundry.toml", format!("{rules}{}", size.replace("src/Sm", "src/None")));
    env.fails(&["contracts", "build"], 3, "contracts.bad_settings");
    env.write("contracts/foundry.toml", "[profile.default]\nsolc = \"0.8.1\"\n");
    env.fails(&["contracts", "build"], 3, "contracts.compiler_version");
    env.write("contracts/foundry.toml", "[profile.default]\noptimizer_runs = \"many\"\n");
    let output = env.fails(&["contracts", "build"], 3, "contracts.bad_settings");
    assert!(output.stdout.contains("optimizer_runs"), "{output}");
}

#[test]
fn errors_name_file_and_line() {
    let Some(node_modules) = node_modules() else { return };
    let env = project(&node_modules);
    env.write("contracts/src/Counter.sol", COUNTER.replace("count += 1", "cuont += 1"));
    let output = env.fails(&["contracts", "build"], 3, "contracts.invalid");
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    let error = &document["errors"][0];
    let place = &error["details"][0];
    assert_eq!((place["file"].as_str(), place["line"].as_u64()), (Some("src/Counter.sol"), Some(9)));
    assert_eq!(place["column"], 9);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("src/Counter.sol:9:9: DeclarationError 7576: Undeclared identifier"), "{message}");
    assert!(!env.dir().join(".dgov/artifacts/Counter.json").exists());

    env.write("contracts/src/Counter.sol", "pragma solidity ^0.8.20;\ncontract Counter {\n");
    let output = env.fails(&["contracts", "build"], 3, "contracts.invalid");
    assert!(output.stdout.contains("ParserError"), "{output}");

    env.write("contracts/src/Counter.sol", COUNTER.replace("^0.8.20", "^0.7.0"));
    env.fails(&["contracts", "build"], 3, "contracts.compiler_version");

    env.write("contracts/src/Counter.sol", COUNTER);
    env.write("contracts/src/deep/Counter.sol", COUNTER);
    let output = env.fails(&["contracts", "build"], 3, "contracts.name_twice");
    assert!(output.stdout.contains("src/Counter.sol and in src/deep/Counter.sol"), "{output}");

    env.write("contracts/src/deep/Counter.sol", "pragma solidity ^0.8.20;\nimport \"nowhere/A.sol\";\ncontract B {}\n");
    let output = env.run(&["contracts", "build"]);
    assert_eq!(output.code, 3, "{output}");
    assert!(output.stderr.contains("nowhere/A.sol") && output.stderr.contains("remapping"), "{output}");
}

#[test]
fn the_compiler_is_the_users_choice() {
    let env = empty_project();
    let bare = [("PATH", "/nonexistent")];
    let output = env.run_with(&env.dir(), &["contracts", "build"], &bare);
    assert_eq!(output.code, 3, "{output}");
    for way in ["PATH", "npm install solc", "--solc"] {
        assert!(output.stderr.contains(way), "the hint names {way}\n{output}");
    }
    env.fails(&["contracts", "build", "--solc", "nothing"], 3, "contracts.no_compiler");
    env.fails(&["contracts", "build", "--solc", "/bin/true"], 3, "contracts.bad_compiler");

    // A program that only foundry.toml names never runs.
    env.write("contracts/foundry.toml", "[profile.default]\nsolc = \"evil\"\n");
    env.write("contracts/evil", "#!/bin/sh\ntouch ran\n");
    std::process::Command::new("chmod").arg("+x").arg(env.dir().join("contracts/evil")).status().unwrap();
    let output = env.run_with(&env.dir(), &["contracts", "build"], &bare);
    assert!(output.code == 3 && output.stderr.contains("contracts/evil"), "{output}");
    assert!(!env.dir().join("ran").exists() && !env.dir().join("contracts/ran").exists());

    let Some(node_modules) = node_modules() else { return };
    let package = node_modules.join("solc");
    let report = env.json(&["contracts", "build", "--solc", package.to_str().unwrap()]);
    assert_eq!(names(&report), ["Counter"]);
}

#[test]
fn folders_without_contracts_are_named() {
    let env = empty_project();
    env.fails(&["contracts", "build", "--path", "nowhere"], 3, "contracts.no_folder");
    std::fs::remove_dir_all(env.dir().join("contracts/src")).unwrap();
    env.fails(&["contracts", "build"], 3, "contracts.no_sources");
    std::fs::remove_file(env.dir().join("dgov.toml")).unwrap();
    env.fails(&["contracts", "build"], 3, "manifest.not_found");
}

/// The whole tool chain: settings, profiles, remappings and compiler give dgov's own artifacts, byte for byte.
#[test]
fn dgovs_own_contracts_are_what_the_binary_carries() {
    let Some(node_modules) = node_modules() else { return };
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
    let env = TestEnv::new();
    copy_dir(&own.join("src"), &env.dir().join("src"));
    std::fs::copy(own.join("foundry.toml"), env.dir().join("foundry.toml")).unwrap();
    std::os::unix::fs::symlink(node_modules, env.dir().join("node_modules")).unwrap();
    let report = env.json(&["contracts", "build", "--path", "."]);
    assert!(report["compiled_files"].as_u64() > Some(50), "{report}");
    let mut compared = 0;
    for entry in std::fs::read_dir(own.join("artifacts")).unwrap() {
        let path = entry.unwrap().path();
        // What was compiled is beside what came of it.
        if path.ends_with("sources.json") || path.ends_with("libraries.json") {
            continue;
        }
        let built = env.read(&format!(".dgov/artifacts/{}", path.file_name().unwrap().to_str().unwrap()));
        assert!(built == std::fs::read_to_string(&path).unwrap(), "{} differs", path.display());
        compared += 1;
    }
    assert!(compared >= 9, "{compared} artifacts");
}
