//! `dgov contracts verify` against stubs of the services, written from their published APIs. The engine of the real
//! Sourcify judges the same input in tests/interop/sourcify.

use serde_json::{Value, json};
use wiremock::matchers::{body_string_contains, method, path, path_regex, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::common::TestEnv;

fn deployed() -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env
}

/// A stub that answers until it is dropped.
struct Stub {
    runtime: tokio::runtime::Runtime,
    server: MockServer,
}

impl Stub {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start());
        Self { runtime, server }
    }

    fn on(&self, mock: Mock) {
        self.runtime.block_on(mock.mount(&self.server));
    }

    fn bodies(&self, verb: &str) -> Vec<String> {
        let requests = self.runtime.block_on(self.server.received_requests()).unwrap();
        let of = requests.iter().filter(|request| request.method.as_str() == verb);
        of.map(|request| String::from_utf8(request.body.clone()).unwrap()).collect()
    }
}

fn answer(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// A stub of Sourcify: nothing is known, every job is accepted and gives this answer.
fn sourcify(job: Value) -> Stub {
    let stub = Stub::new();
    stub.on(Mock::given(method("GET"))
        .and(path_regex("^/v2/contract/31337/0x"))
        .respond_with(answer(404, json!({ "match": null, "chainId": "31337" }))));
    stub.on(Mock::given(method("POST"))
        .and(path_regex("^/v2/verify/31337/0x"))
        .respond_with(answer(202, json!({ "verificationId": "job-1" }))));
    stub.on(Mock::given(method("GET")).and(path("/v2/verify/job-1")).respond_with(answer(200, job)));
    stub
}

fn verify<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["contracts", "verify", "--url", url][..], more].concat()
}

fn states(report: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    report["contracts"].as_array().unwrap().iter().map(|row| (text(row, "name"), text(row, "state"))).collect()
}

#[test]
fn every_contract_is_published_or_explained() {
    let env = deployed();
    let stub = sourcify(json!({ "isJobCompleted": true, "contract": { "match": "match" } }));
    let report = env.json(&verify(&stub.server.uri(), &[]));
    let of = |kind: &str| -> usize {
        report["contracts"].as_array().unwrap().iter().filter(|row| row["kind"] == kind).count()
    };
    assert!(of("contract") >= 4 && of("proxy") >= 4 && of("code_holder") >= 4 && of("factory") == 1, "{report}");
    for row in report["contracts"].as_array().unwrap() {
        let explained = row["kind"] == "proxy" || row["kind"] == "code_holder";
        assert_eq!(row["state"], if explained { "explained" } else { "verified" }, "{row}");
        assert_eq!(row["message"].is_string(), explained, "{row}");
        assert_eq!(row["kind"] == "proxy", row["implementation"].is_string(), "{row}");
        assert!(row.get("request").is_none(), "what was sent is not in the result");
    }
    let sent: Vec<Value> = stub.bodies("POST").iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    let governor = sent.iter().find(|body| body["contractIdentifier"] == "src/DataGovernor.sol:DataGovernor").unwrap();
    assert_eq!(governor["stdJsonInput"]["settings"]["optimizer"]["runs"], 1_000);
    assert!(governor["compilerVersion"].as_str().unwrap().starts_with("0.8.37+commit."), "{governor}");
}

#[test]
fn a_dry_run_sends_nothing_and_shows_the_compilers_input() {
    let env = deployed();
    let report = env.json(&["contracts", "verify", "registry", "token", "--dry-run"]);
    assert_eq!(report["url"], "https://sourcify.dev/server");
    let rows = report["contracts"].as_array().unwrap();
    let names: Vec<&Value> = rows.iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["registry", "token", "DataToken"], "a proxy comes with its implementation");
    let request = &rows[0]["request"];
    let sources = request["standard_json"]["sources"].as_object().unwrap();
    assert!(sources["src/DatasetRegistry.sol"]["content"].as_str().unwrap().contains("contract DatasetRegistry is"));
    // manager, factory, salt, daoApprovesCards.
    assert_eq!(request["constructor_arguments"].as_str().unwrap().len(), 2 + 4 * 64);
    assert_eq!(rows[2]["request"]["constructor_arguments"], "0x");
    let text = env.ok(&["contracts", "verify", "--dry-run"]).stdout;
    assert!(text.contains("a minimal proxy (EIP-1167)") && text.contains("no source compiles to it"), "{text}");
}

#[test]
fn what_is_published_is_not_sent_again() {
    let env = deployed();
    let stub = Stub::new();
    stub.on(Mock::given(method("GET")).respond_with(answer(200, json!({ "match": "exact_match" }))));
    let report = env.json(&verify(&stub.server.uri(), &["registry"]));
    assert_eq!(states(&report), [("registry".to_owned(), "already".to_owned())]);
    assert_eq!(report["contracts"][0]["match"], "exact_match");
    assert!(stub.bodies("POST").is_empty());
    // Somebody else was faster between the question and the request.
    let stub = sourcify(json!({}));
    stub.runtime.block_on(stub.server.reset());
    stub.on(Mock::given(method("GET")).respond_with(answer(404, json!({ "match": null }))));
    stub.on(Mock::given(method("POST"))
        .respond_with(answer(409, json!({ "customCode": "already_verified", "message": "…", "errorId": "1" }))));
    assert_eq!(states(&env.json(&verify(&stub.server.uri(), &["registry"])))[0].1, "already");
}

#[test]
fn a_refused_contract_does_not_stop_the_others() {
    let env = deployed();
    let stub = sourcify(json!({
        "isJobCompleted": true,
        "contract": { "match": null },
        "error": { "customCode": "no_match", "message": "the bytecodes do not match" },
    }));
    let output = env.fails(&verify(&stub.server.uri(), &["registry", "pass"]), 7, "verify.mismatch");
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    let mismatch = |name: &str| (name.to_owned(), "mismatch".to_owned());
    assert_eq!(states(&document["data"]), [mismatch("pass"), mismatch("registry")]);
    assert!(output.stdout.contains("no_match: the bytecodes do not match"), "{output}");
}

#[test]
fn a_job_that_does_not_end_is_pending() {
    let env = deployed();
    let stub = sourcify(json!({ "isJobCompleted": false }));
    let output = env.fails(&verify(&stub.server.uri(), &["registry"]), 6, "verify.pending");
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["data"]["contracts"][0]["verification_id"], "job-1");
}

#[test]
fn a_service_that_can_not_be_asked_ends_the_command() {
    let env = deployed();
    env.fails(&verify("http://127.0.0.1:9", &["registry"]), 6, "verify.unreachable");
    env.fails(&verify("ftp://127.0.0.1", &["registry"]), 2, "verify.url");
    env.fails(&["contracts", "verify", "registry"], 3, "verify.local_chain");
    env.fails(&["contracts", "verify", "registri", "--dry-run"], 2, "contracts.unknown");
    env.fails(&["contracts", "verify", "--service", "blockscout"], 2, "verify.no_url");
    let cases = [
        (answer(503, json!({})), 6, "verify.unreachable"),
        (answer(429, json!({ "customCode": "rate_limit" })), 6, "verify.rate_limit"),
        (answer(404, json!({ "customCode": "unsupported_chain", "message": "…" })), 3, "verify.unsupported_chain"),
        (answer(404, json!({ "error": "no such page" })), 6, "verify.refused"),
        (ResponseTemplate::new(200).set_body_string("<html>"), 6, "verify.refused"),
    ];
    for (template, exit, code) in cases {
        let stub = Stub::new();
        stub.on(Mock::given(method("GET")).respond_with(template));
        env.fails(&verify(&stub.server.uri(), &["registry"]), exit, code);
        assert!(stub.bodies("POST").is_empty(), "{code}");
    }
}

/// A stub of Etherscan and Blockscout: nothing is known, the request is accepted, the work gives this answer.
fn explorer(at: &str, known: Value, accepted: Value, state: Value) -> Stub {
    let stub = Stub::new();
    for (action, body) in [("getsourcecode", known), ("checkverifystatus", state)] {
        stub.on(Mock::given(method("GET"))
            .and(path(at))
            .and(query_param("module", "contract"))
            .and(query_param("action", action))
            .respond_with(answer(200, body)));
    }
    stub.on(Mock::given(method("POST"))
        .and(path(at))
        .and(query_param("action", "verifysourcecode"))
        .and(body_string_contains("codeformat=solidity-standard-json-input"))
        .respond_with(answer(200, accepted)));
    stub
}

fn unknown() -> Value {
    json!({ "status": "1", "message": "OK", "result": [{ "SourceCode": "", "ABI": "Contract source code not verified" }] })
}

fn said(status: &str, result: &str) -> Value {
    json!({ "status": status, "message": if status == "1" { "OK" } else { "NOTOK" }, "result": result })
}

#[test]
fn etherscan_gets_the_constructors_arguments_and_the_key() {
    let mut env = deployed();
    let keyless = ["contracts", "verify", "registry", "--service", "etherscan", "--url", "http://127.0.0.1:9/v2/api"];
    env.fails(&keyless, 8, "verify.api_key");
    env.var("ETHERSCAN_API_KEY", "s3cret");
    let stub = explorer("/v2/api", unknown(), said("1", "guid-1"), said("1", "Pass - Verified"));
    let url = format!("{}/v2/api", stub.server.uri());
    let report = env.json(&verify(&url, &["registry", "--service", "etherscan"]));
    assert_eq!(report["contracts"][0]["state"], "verified");
    let body = stub.bodies("POST").remove(0);
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| &form.iter().find(|(key, _)| key == name).unwrap().1;
    let dry = env.json(&["contracts", "verify", "registry", "--dry-run"])["contracts"][0]["request"].clone();
    assert_eq!(dry["constructor_arguments"], format!("0x{}", field("constructorArguements")));
    assert_eq!(field("contractname"), "src/DatasetRegistry.sol:DatasetRegistry");
    assert_eq!(*field("compilerversion"), format!("v{}", dry["compiler_version"].as_str().unwrap()));
    assert_eq!(serde_json::from_str::<Value>(field("sourceCode")).unwrap(), dry["standard_json"]);
    let requests = stub.runtime.block_on(stub.server.received_requests()).unwrap();
    for request in requests {
        let query = request.url.query().unwrap();
        assert!(query.contains("chainid=31337") && query.contains("apikey=s3cret"), "{query}");
    }
    // The key is in no message.
    let output = env.fails(&[&keyless[..], &["--quiet"]].concat(), 6, "verify.unreachable");
    assert!(!output.stdout.contains("s3cret") && !output.stderr.contains("s3cret"), "{output}");
}

#[test]
fn blockscout_is_asked_without_a_key() {
    let env = deployed();
    let stub = explorer("/api", unknown(), said("1", "guid-1"), said("1", "Pass - Verified"));
    let report = env.json(&verify(&stub.server.uri(), &["factory", "--service", "blockscout"]));
    assert_eq!(
        (&report["contracts"][0]["state"], &report["contracts"][0]["kind"]),
        (&json!("verified"), &json!("factory"))
    );
    let requests = stub.runtime.block_on(stub.server.received_requests()).unwrap();
    assert!(requests.iter().all(|request| !request.url.query().unwrap().contains("apikey")));
}

#[test]
fn the_answers_of_explorers_have_exit_codes() {
    let mut env = deployed();
    env.var("ETHERSCAN_API_KEY", "s3cret");
    let known = json!({ "status": "1", "message": "OK", "result": [{ "SourceCode": "{{…}}" }] });
    let old = said("0", "Contract source code already verified");
    let blockscout_old = json!({ "status": "0", "message": "Smart-contract already verified.", "result": null });
    let done = || said("1", "Pass - Verified");
    for (service, at) in [("etherscan", "/v2/api"), ("blockscout", "/api")] {
        let run = |known: Value, accepted: Value, state: Value| {
            let stub = explorer(at, known, accepted, state);
            let url = format!("{}{at}", stub.server.uri());
            env.run(&verify(&url, &["registry", "--service", service, "--json"]))
        };
        for output in [
            run(known.clone(), json!({}), json!({})),
            run(unknown(), old.clone(), json!({})),
            run(unknown(), blockscout_old.clone(), json!({})),
            run(unknown(), said("1", "guid-1"), said("0", "Already Verified")),
        ] {
            assert_eq!(output.code, 0, "{output}");
            assert!(output.stdout.contains("\"state\": \"already\""), "{output}");
        }
        for (output, exit, code) in [
            (run(unknown(), said("1", "guid-1"), said("0", "Pending in queue")), 6, "verify.pending"),
            (run(unknown(), said("1", "guid-1"), said("0", "Fail - Unable to verify")), 7, "verify.mismatch"),
            (run(said("0", "Max calls per sec rate limit reached (5/sec)"), json!({}), done()), 6, "verify.rate_limit"),
            (run(unknown(), said("0", "Unable to locate ContractCode at 0x00"), done()), 6, "verify.refused"),
            (run(said("0", "Invalid API Key"), json!({}), done()), 8, "verify.api_key"),
        ] {
            assert_eq!(output.code, exit, "{service} {code}\n{output}");
            assert!(output.stdout.contains(&format!("\"code\": \"{code}\"")), "{service}\n{output}");
        }
    }
}

/// The lock is a file that anybody may edit.
#[test]
fn an_edited_address_is_not_published_as_ours() {
    let env = deployed();
    let lock = env.read("dgov.lock");
    let registry = env.contract("registry").to_checksum(None);
    let token = env.contract("token").to_checksum(None);
    let lower = |text: &str| text.to_lowercase();
    let edited = if lock.contains(&registry) {
        lock.replace(&registry, &token)
    } else {
        lock.replace(&lower(&registry), &lower(&token))
    };
    assert_ne!(edited, lock);
    env.write("dgov.lock", edited);
    env.fails(&["contracts", "verify", "--dry-run"], 7, "suite.foreign");
    env.fails(&["contracts", "export"], 7, "suite.foreign");
}

/// What is sent to the services gives the embedded code byte for byte with the pinned compiler.
#[test]
fn the_compilers_input_gives_the_code_of_the_artifacts() {
    let solc = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/node_modules/solc");
    if !solc.is_dir() {
        eprintln!("SKIPPED: npm's solc is not installed; contracts/scripts/setup installs it");
        return;
    }
    let script = "const solc = require(process.argv[1]); const input = require('fs').readFileSync(0, 'utf8');
        process.stdout.write(solc.compile(input));";
    for contract in dgov_contracts::artifacts::Contract::ALL {
        let input = dgov_contracts::sources::of(contract).unwrap();
        let mut child = std::process::Command::new("node")
            .args(["-e", script])
            .arg(&solc)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let text = input.standard_json.to_string();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let output: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
        let (path, name) = input.identifier.rsplit_once(':').unwrap();
        let code = output["contracts"][path][name]["evm"]["bytecode"]["object"].as_str().unwrap();
        let artifact = contract.artifact().unwrap().creation_code().unwrap();
        assert!(format!("0x{code}") == artifact.to_string(), "{name} compiles to other code");
    }
}
