//! The report in the forms of other tools: SARIF 2.1.0, JUnit XML, Markdown.

use std::fmt::Write;

use serde_json::{Value, json};

use super::human;
use super::report::{CheckReport, Decision, Finding, State};
use super::rule::RULES;
use crate::error::{Error, Result};
use crate::manifest::RuleSeverity;

/// SARIF 2.1.0 (OASIS), for code scanning.
///
/// # Errors
/// None in practice.
pub fn sarif(report: &CheckReport) -> Result<String> {
    let rules: Vec<_> = RULES
        .iter()
        .map(|info| {
            json!({
                "id": info.id,
                "name": info.name,
                "shortDescription": { "text": info.title },
                "fullDescription": { "text": info.looks_at },
                "help": { "text": info.mend },
                "defaultConfiguration": { "level": level(info.severity) },
            })
        })
        .collect();
    let results: Vec<_> = report.findings.iter().map(result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dgov",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": report.decision != Decision::Undecided,
                "exitCode": exit(report.decision),
                "endTimeUtc": report.time,
            }],
            "results": results,
            "properties": {
                "decision": report.decision,
                "purpose": report.purpose,
                "commercial": report.commercial,
                "disclaimer": report.disclaimer,
            },
        }],
    });
    let mut text = serde_json::to_string_pretty(&document)
        .map_err(|error| Error::bug("a report could not be serialized").caused_by(&error))?;
    text.push('\n');
    Ok(text)
}

fn exit(decision: Decision) -> u8 {
    match decision {
        Decision::Yes => 0,
        Decision::No => 1,
        Decision::Undecided => 9,
    }
}

fn level(severity: RuleSeverity) -> &'static str {
    match severity {
        RuleSeverity::Off => "none",
        RuleSeverity::Note => "note",
        RuleSeverity::Warning => "warning",
        RuleSeverity::Error => "error",
    }
}

fn result(finding: &Finding) -> Value {
    let index = RULES.iter().position(|info| info.rule == finding.rule);
    let mut result = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": index,
        "kind": if finding.state == State::Undecided { "open" } else { "fail" },
        // Only a `fail` may have another level than `none`.
        "level": if finding.state == State::Undecided { "none" } else { level(finding.severity) },
        "message": { "text": sentence(finding) },
        "partialFingerprints": {
            "dgov/v1": format!("{}/{}", finding.rule, finding.dataset.as_deref().unwrap_or_default()),
        },
    });
    let logical = finding.dataset.as_ref().map(|name| json!([{ "name": name, "kind": "resource" }]));
    let physical = finding.place.as_ref().map(|place| {
        json!({
            "artifactLocation": { "uri": uri(&place.file) },
            "region": { "startLine": place.line.max(1) },
        })
    });
    if logical.is_some() || physical.is_some() {
        let mut location = json!({});
        if let Some(physical) = physical {
            location["physicalLocation"] = physical;
        }
        if let Some(logical) = logical {
            location["logicalLocations"] = logical;
        }
        result["locations"] = json!([location]);
    }
    if let Some(waiver) = &finding.waiver {
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": waiver.reason,
            "properties": { "expires": waiver.expires, "signer": waiver.signer },
        }]);
    }
    result
}

/// A path as a relative reference: what is not allowed in one is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn sentence(finding: &Finding) -> String {
    let about = finding.dataset.as_ref().map_or_else(String::new, |name| format!("{name}: "));
    let next = match (&finding.waiver, &finding.hint) {
        (Some(waiver), _) => format!(" {}.", human::waived(waiver)),
        (None, Some(hint)) => format!(" Hint: {hint}."),
        (None, None) => String::new(),
    };
    format!("{about}{}.{next}", finding.message)
}

/// JUnit XML: one suite a dataset, one case a rule. A waiver of a dataset that is not there has a suite of its own: what
/// means no is a failure of some case.
pub fn junit(report: &CheckReport) -> String {
    let mut names: Vec<&str> = report.subjects.iter().map(|subject| subject.name.as_str()).collect();
    for finding in &report.findings {
        let name = finding.dataset.as_deref().unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut suites = String::new();
    let mut all = Tally::default();
    for name in names {
        let (text, tally) = suite(report, name);
        suites.push_str(&text);
        all.tests += tally.tests;
        all.failures += tally.failures;
        all.errors += tally.errors;
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dgov check\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{suites}</testsuites>\n",
        all.tests, all.failures, all.errors
    )
}

/// What a suite counts.
#[derive(Default)]
struct Tally {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// The suite of one dataset.
fn suite(report: &CheckReport, name: &str) -> (String, Tally) {
    let subject = report.subjects.iter().find(|subject| subject.name == name);
    let mut cases = String::new();
    let mut tally = Tally::default();
    for info in &RULES {
        let about = |it: &&Finding| it.rule == info.rule && it.dataset.as_deref().unwrap_or_default() == name;
        let own: Vec<_> = report.findings.iter().filter(about).collect();
        let not_applicable = subject.and_then(|subject| subject.not_applicable.iter().find(|it| it.rule == info.rule));
        let passed = subject.is_some_and(|subject| subject.passed.contains(&info.rule));
        if own.is_empty() && not_applicable.is_none() && !passed {
            continue;
        }
        tally.tests += 1;
        let case = xml(&format!("{} {}", info.id, info.name));
        let _ = write!(cases, "    <testcase name=\"{case}\" classname=\"{}\"", xml(name));
        let lines: Vec<_> = own.iter().map(|finding| sentence(finding)).collect();
        let (first, body) = (xml(lines.first().map_or("", String::as_str)), xml(&lines.join("\n")));
        if own.iter().any(|finding| finding.denies()) {
            tally.failures += 1;
            let _ = writeln!(
                cases,
                ">\n      <failure message=\"{first}\" type=\"{}\">{body}</failure>\n    </testcase>",
                info.id
            );
        } else if own.iter().any(|finding| finding.blocks()) {
            tally.errors += 1;
            let _ = writeln!(
                cases,
                ">\n      <error message=\"{first}\" type=\"{}\">{body}</error>\n    </testcase>",
                info.id
            );
        } else if let Some(reason) = not_applicable {
            tally.skipped += 1;
            let _ = writeln!(cases, ">\n      <skipped message=\"{}\"/>\n    </testcase>", xml(&reason.why));
        } else if own.is_empty() {
            cases.push_str("/>\n");
        } else {
            let _ = writeln!(cases, ">\n      <system-out>{body}</system-out>\n    </testcase>");
        }
    }
    let text = format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" timestamp=\"{}\">\n{cases}  </testsuite>\n",
        xml(name),
        tally.tests,
        tally.failures,
        tally.errors,
        tally.skipped,
        report.time.trim_end_matches('Z'),
    );
    (text, tally)
}

/// Text as XML; characters that XML 1.0 has no way to write become spaces.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            control if control < ' ' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// Markdown, for a job's summary or a comment.
pub fn markdown(report: &CheckReport) -> String {
    let mut text = format!("## dgov check: {}\n\n{}\n", report.decision.word(), cell(&human::question(report)));
    if !report.findings.is_empty() {
        text.push_str("\n| dataset | rule | | finding | what to do |\n| --- | --- | --- | --- | --- |\n");
        for finding in &report.findings {
            let state = match finding.state {
                State::Found => finding.severity.name(),
                State::Waived => "waived",
                State::Undecided => "unknown",
            };
            let next = match (&finding.waiver, &finding.hint) {
                (Some(waiver), _) => human::waived(waiver),
                (None, hint) => hint.clone().unwrap_or_default(),
            };
            let _ = writeln!(
                text,
                "| {} | {} `{}` | {state} | {} | {} |",
                cell(finding.dataset.as_deref().unwrap_or_default()),
                finding.rule,
                finding.name,
                cell(&finding.message),
                cell(&next)
            );
        }
    }
    let _ = write!(text, "\n{}.\n\n{}.\n", human::tally(&report.counts), human::chain(&report.chain));
    for what in &report.not_looked_at {
        let _ = writeln!(text, "Not looked at: {}.", cell(what));
    }
    if let Some(next) = human::next(report) {
        let _ = writeln!(text, "\n{next}.");
    }
    let _ = write!(text, "\n_{}_\n", report.disclaimer);
    text
}

/// Text in a cell of a table, with nothing in it that Markdown or HTML would take for its own.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '[' | ']' | '\\' | '#' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}
