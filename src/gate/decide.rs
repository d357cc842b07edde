//! From facts to the report: every rule over every dataset, then the waivers, then the answer.

use std::collections::BTreeSet;

use alloy::primitives::Address;
use dgov_data::licensing::{Duty, Ruling};

use super::facts::{Fact, Facts, Pin, Question};
use super::judge::{Fault, Verdict, judge};
use super::report::{
    CheckReport, Counts, DISCLAIMER, Decision, Finding, NotApplicable, Place, REPORT_VERSION, State, Subject, WaivedBy,
};
use super::rule::{RULES, Rule};
use super::waiver::{self, Standing};
use crate::manifest::{RuleSeverity, Waiver};
use crate::ops::times;

/// The waivers of a manifest.
#[derive(Default)]
pub struct Waivers {
    /// Each with the account that it names as signer, as far as that is known, and its place.
    pub list: Vec<(Waiver, Option<Address>, Option<Place>)>,
    /// Whose waivers count.
    pub signers: Vec<Address>,
}

/// Decides. `project` is the name of the project; `left_out` says what was not looked at, `whole` whether all datasets of
/// the manifest were.
pub fn decide(
    project: Option<&str>,
    question: &Question,
    all: &[Facts],
    waivers: &Waivers,
    left_out: Vec<String>,
    whole: bool,
) -> CheckReport {
    let off: Vec<Rule> =
        RULES.iter().map(|info| info.rule).filter(|rule| question.severity(*rule) == RuleSeverity::Off).collect();
    let mut findings = Vec::new();
    let mut subjects = Vec::new();
    for facts in all {
        let mut subject = subject(facts, question);
        let rules = RULES.iter().map(|info| info.rule).filter(|rule| *rule != Rule::Waiver && !off.contains(rule));
        for rule in rules {
            match judge(rule, facts, all, question) {
                Verdict::Passed => subject.passed.push(rule),
                Verdict::NotApplicable(why) => subject.not_applicable.push(NotApplicable { rule, why }),
                Verdict::Undecided(why) => findings.push(undecided(rule, facts, question, why)),
                Verdict::Found(faults) => {
                    findings.extend(faults.into_iter().map(|fault| finding(rule, facts, question, fault)));
                }
                Verdict::Partly(faults, why) => {
                    findings.extend(faults.into_iter().map(|fault| finding(rule, facts, question, fault)));
                    findings.push(undecided(rule, facts, question, why));
                }
            }
        }
        subjects.push(subject);
    }
    let waived = apply(&mut findings, waivers, project.unwrap_or_default(), question, whole);
    if !off.contains(&Rule::Waiver) {
        findings.extend(waived);
    }
    for subject in &mut subjects {
        let own = findings.iter().filter(|finding| finding.dataset.as_ref() == Some(&subject.name));
        subject.decision = Decision::of(own);
    }
    CheckReport {
        report_version: REPORT_VERSION,
        decision: Decision::of(&findings),
        project: project.map(str::to_owned),
        purpose: question.usage.purpose,
        commercial: question.usage.commercial,
        place: question.usage.place.clone(),
        time: times::rfc3339(question.now()),
        chain: question.chain.clone(),
        counts: Counts::of(&subjects, &findings, off.len()),
        subjects,
        findings,
        not_looked_at: left_out,
        disclaimer: DISCLAIMER,
    }
}

fn subject(facts: &Facts, question: &Question) -> Subject {
    let duties = facts.license.rights.known().map(|rights| rights.ruling(&question.usage));
    let cid = match &facts.pin {
        Fact::Known(Pin::Cid(cid)) => Some(cid.clone()),
        _ => match facts.bytes.known().map(|bytes| &bytes.found) {
            Some(super::facts::Hashed::Unpinned(cid)) => Some(cid.clone()),
            _ => None,
        },
    };
    Subject {
        name: facts.name.clone(),
        role: facts.role,
        version: facts.version,
        version_key: facts.version_key.map(|key| key.to_string()),
        cid,
        license: facts.license.named.as_ref().map(|(expression, _)| expression.clone()),
        card_digest: facts.card.known().map(|card| hex(card.digest)),
        license_digest: facts.license.text.as_ref().map(|(_, digest)| hex(*digest)),
        duties: match duties {
            Some(Ruling::Permitted { duties }) => duties.iter().map(duty).collect(),
            _ => Vec::new(),
        },
        decision: Decision::Yes,
        passed: Vec::new(),
        not_applicable: Vec::new(),
    }
}

fn hex(digest: alloy::primitives::B256) -> String {
    alloy::hex::encode(digest)
}

/// What has to be observed, as a phrase.
fn duty(duty: &Duty) -> String {
    match duty {
        Duty::Attribution => "credit the source".into(),
        Duty::ShareAlike => "pass on what is derived under the same license only".into(),
        Duty::NoDerivatives => "pass on no changed copies".into(),
        Duty::UseRestrictions => "observe the license's own list of forbidden uses".into(),
        Duty::NonCommercial => "no commercial use".into(),
        Duty::Geography { only } => format!("use it only in {}", only.join(", ")),
        Duty::Until { end } => format!("use it until {}", times::rfc3339(u64::try_from(*end).unwrap_or(0))),
        Duty::Pay { price } => format!("pay {price}"),
    }
}

fn finding(rule: Rule, facts: &Facts, question: &Question, fault: Fault) -> Finding {
    Finding {
        rule,
        name: rule.info().name,
        dataset: Some(facts.name.clone()),
        severity: question.severity(rule).min(fault.at_most),
        state: State::Found,
        message: fault.message,
        hint: Some(fault.hint.unwrap_or_else(|| plain(rule.info().mend))),
        place: fault.place.or_else(|| facts.place.clone()),
        waiver: None,
    }
}

/// The table is Markdown with full stops; hints are neither.
fn plain(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn undecided(rule: Rule, facts: &Facts, question: &Question, why: String) -> Finding {
    Finding {
        rule,
        name: rule.info().name,
        dataset: Some(facts.name.clone()),
        severity: question.severity(rule),
        state: State::Undecided,
        message: why,
        hint: None,
        place: facts.place.clone(),
        waiver: None,
    }
}

/// Marks what is waived, and returns what is wrong with the waivers themselves. Only what was found can be waived, never
/// that a source was unreachable.
fn apply(findings: &mut [Finding], waivers: &Waivers, project: &str, question: &Question, whole: bool) -> Vec<Finding> {
    let mut own = Vec::new();
    let mut seen = BTreeSet::new();
    for (waiver, named, place) in &waivers.list {
        let about = format!("the waiver of {} for {}", waiver.rule, waiver.dataset);
        let mut report = |severity: RuleSeverity, message: String, hint: Option<String>| {
            own.push(Finding {
                rule: Rule::Waiver,
                name: Rule::Waiver.info().name,
                dataset: Some(waiver.dataset.clone()),
                severity: question.severity(Rule::Waiver).min(severity),
                state: State::Found,
                message,
                hint: Some(hint.unwrap_or_else(|| plain(Rule::Waiver.info().mend))),
                place: place.clone(),
                waiver: None,
            });
        };
        let signer = match waiver::standing(waiver, project, &waivers.signers, *named, question.now()) {
            Standing::Holds(signer) => signer,
            Standing::Void(why) => {
                report(RuleSeverity::Error, format!("{about} does not count: {why}"), None);
                continue;
            }
        };
        if !seen.insert((waiver.rule, &waiver.dataset)) {
            report(RuleSeverity::Warning, format!("{about} is there twice"), Some("remove one".into()));
        }
        let end = waiver::end(waiver);
        let matching = findings.iter_mut().filter(|finding| {
            finding.rule == waiver.rule
                && finding.dataset.as_ref() == Some(&waiver.dataset)
                && finding.state == State::Found
        });
        let mut any = false;
        for finding in matching {
            any = true;
            finding.state = State::Waived;
            finding.waiver = Some(WaivedBy {
                reason: waiver.reason.clone(),
                expires: times::rfc3339(end),
                signer: signer.map(|signer| signer.to_checksum(None)),
            });
        }
        let known = findings
            .iter()
            .any(|finding| finding.rule == waiver.rule && finding.dataset.as_ref() == Some(&waiver.dataset));
        if !any && !known && whole {
            report(RuleSeverity::Note, format!("{about} has nothing to waive"), Some("remove it".into()));
        }
        if any && end - question.now() <= question.expiry_warning {
            own.push(Finding {
                rule: Rule::Expiry,
                name: Rule::Expiry.info().name,
                dataset: Some(waiver.dataset.clone()),
                severity: question.severity(Rule::Expiry),
                state: State::Found,
                message: format!("{about} ends at {}", times::rfc3339(end)),
                hint: Some("look at the finding again before it does".into()),
                place: place.clone(),
                waiver: None,
            });
        }
    }
    own.retain(|finding| finding.severity != RuleSeverity::Off);
    own
}
