//! The rules: what each makes of the facts.

use dgov_data::licensing::Ruling;

use super::facts::{Detected, Fact, Facts, Hashed, Pin, Question};
use super::report::Place;
use super::rule::Rule;
use crate::manifest::{Role, RuleSeverity, Unset};
use crate::ops::times;

/// What a rule makes of a dataset.
pub enum Verdict {
    /// Nothing to say.
    Passed,
    /// It does not apply, and why.
    NotApplicable(String),
    /// Its source could not be reached, and why.
    Undecided(String),
    /// What it found.
    Found(Vec<Fault>),
    /// What it found, and why it could not look at the rest: a no, and never less than undecided when that is waived.
    Partly(Vec<Fault>, String),
}

/// Something found.
#[derive(Debug)]
pub struct Fault {
    /// One sentence without a full stop.
    pub message: String,
    /// How to mend it; the rule's own words unless given.
    pub hint: Option<String>,
    /// No more severe than this, whatever the rule's severity.
    pub at_most: RuleSeverity,
    /// Where, if not where the manifest names the dataset.
    pub place: Option<Place>,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, at_most: RuleSeverity::Error, place: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn at_most(mut self, severity: RuleSeverity) -> Self {
        self.at_most = severity;
        self
    }
}

fn verdict(faults: Vec<Fault>) -> Verdict {
    if faults.is_empty() { Verdict::Passed } else { Verdict::Found(faults) }
}

/// What was found where some sources could not be reached.
fn as_far_as_known(faults: Vec<Fault>, silent: Option<String>) -> Verdict {
    match silent {
        None => verdict(faults),
        Some(why) if faults.is_empty() => Verdict::Undecided(why),
        Some(why) => Verdict::Partly(faults, why),
    }
}

/// Applies a rule that looks at one dataset; `all` are the datasets of the question.
pub fn judge(rule: Rule, facts: &Facts, all: &[Facts], question: &Question) -> Verdict {
    match rule {
        Rule::Pinned => known(&facts.pin, |pin| match pin {
            Pin::Cid(_) => Verdict::Passed,
            Pin::Nothing { hint } => found(Fault::new("nothing fixes which bytes are meant").hint(hint)),
        }),
        Rule::Registered => known(&facts.chain, |chain| {
            verdict(chain.faults.iter().map(|(message, hint)| Fault::new(message).hint(hint)).collect())
        }),
        Rule::CardValid => known(&facts.card, |card| {
            known(&card.lint, |lint| {
                let errors = lint.iter().map(|fault| Fault {
                    place: fault.line.map(|line| Place { file: card.path.clone(), line }),
                    at_most: if fault.error { RuleSeverity::Error } else { RuleSeverity::Note },
                    ..Fault::new(&fault.message)
                });
                verdict(errors.collect())
            })
        }),
        Rule::CardOnChain => card_on_chain(facts),
        Rule::CardApproved => on_chain(facts, |version| {
            known(&version.card_approved, |approved| {
                if *approved {
                    Verdict::Passed
                } else {
                    found(Fault::new("the DAO has not approved the card of this version"))
                }
            })
        }),
        Rule::LicenseText => license_text(facts),
        Rule::Purpose => purpose(facts, question),
        Rule::Consent => consent(facts, question),
        Rule::Bytes => known(&facts.bytes, |bytes| match &bytes.found {
            Hashed::Same => Verdict::Passed,
            Hashed::Differs(place) => found(Fault::new(format!("the bytes are not the pinned ones: {place}"))),
            Hashed::Unpinned(cid) => {
                Verdict::NotApplicable(format!("nothing is pinned to compare with; they are {cid}"))
            }
        }),
        Rule::Status => on_chain(facts, |version| known(&version.standing, status)),
        Rule::EvalNotInTrain => eval_not_in_train(facts, all),
        Rule::PersonalData => {
            known(&facts.profile, |profile| verdict(profile.personal.iter().map(Fault::new).collect()))
        }
        Rule::Duplicates => duplicates(facts),
        Rule::Pass => on_chain(facts, |version| {
            known(&version.pass, |pass| {
                if pass.valid || pass.owner {
                    return Verdict::Passed;
                }
                let purpose = question.usage.purpose;
                let message = format!("{} holds no valid pass for {purpose}", pass.account);
                found(Fault::new(message).hint(format!("buy one: dgov license buy {}", facts.name)))
            })
        }),
        Rule::Dispute => on_chain(facts, |version| {
            known(&version.dispute, |case| match case {
                None => Verdict::Passed,
                Some(case) => found(Fault::new(format!("{case} disputes this version"))),
            })
        }),
        Rule::Expiry => expiry(facts, question),
        Rule::Origin => match &facts.card {
            Fact::Unreachable(why) => Verdict::Undecided(why.clone()),
            Fact::NotApplicable(_) => found(Fault::new("there is no card that declares where the data comes from")),
            Fact::Known(card) if card.origin => Verdict::Passed,
            Fact::Known(card) => found(Fault {
                place: Some(Place { file: card.path.clone(), line: 1 }),
                ..Fault::new("the card does not declare where the data comes from")
            }),
        },
        Rule::LicenseFile => match &facts.license.detected {
            _ if facts.license.with_data => Verdict::Passed,
            Detected::Unreachable(why) => Verdict::Undecided(why.clone()),
            _ => found(Fault::new("no license text lies with the data")),
        },
        Rule::Profile => profile(facts),
        // Waivers are looked at when all findings are there.
        Rule::Waiver => Verdict::Passed,
    }
}

fn found(fault: Fault) -> Verdict {
    Verdict::Found(vec![fault])
}

/// What a rule makes of a fact that is known; one that is not decides for itself.
fn known<T>(fact: &Fact<T>, judge: impl FnOnce(&T) -> Verdict) -> Verdict {
    match fact {
        Fact::Known(value) => judge(value),
        Fact::NotApplicable(why) => Verdict::NotApplicable(why.clone()),
        Fact::Unreachable(why) => Verdict::Undecided(why.clone()),
    }
}

fn on_chain(facts: &Facts, judge: impl FnOnce(&super::facts::OnChainVersion) -> Verdict) -> Verdict {
    known(&facts.chain, |chain| match &chain.version {
        Some(version) => judge(version),
        // DG002 says so; saying it once is enough.
        None => Verdict::NotApplicable("the version is not on chain".into()),
    })
}

fn card_on_chain(facts: &Facts) -> Verdict {
    on_chain(facts, |version| {
        let mut faults = Vec::new();
        if let Fact::Known(card) = &facts.card
            && card.digest != version.card_digest
        {
            let message = format!("{} is not the card of this version: its sha256 is not the one on chain", card.path);
            faults.push(Fault { place: Some(Place { file: card.path.clone(), line: 1 }), ..Fault::new(message) });
        }
        if let Some((path, digest)) = &facts.license.text
            && *digest != version.license_digest
        {
            let message = format!("{path} is not the license text of this version: its sha256 is not the one on chain");
            faults.push(Fault::new(message));
        }
        if let Fact::Unreachable(why) = &facts.card {
            return as_far_as_known(faults, Some(why.clone()));
        }
        if facts.card.known().is_none() && facts.license.text.is_none() {
            return Verdict::NotApplicable("neither card nor license text is here to compare".into());
        }
        verdict(faults)
    })
}

fn license_text(facts: &Facts) -> Verdict {
    let license = &facts.license;
    let Some((named, by)) = &license.named else {
        let message = "no license is named".to_owned();
        return match &license.detected {
            Detected::Unreachable(why) => Verdict::Undecided(why.clone()),
            Detected::Is(id) => {
                found(Fault::new(message).hint(format!("the text is that of {id}; name it in the card")))
            }
            _ => found(Fault::new(message).hint("name it as an SPDX expression, in the card or the manifest")),
        };
    };
    match &license.detected {
        Detected::NothingToCompare(why) => Verdict::NotApplicable(why.clone()),
        Detected::Unreachable(why) => Verdict::Undecided(why.clone()),
        Detected::Is(id) if names(named, id) => Verdict::Passed,
        Detected::Is(id) => found(Fault::new(format!("{by} names {named}, but the license text is that of {id}"))),
        // Terms of one's own are nobody else's text.
        Detected::Unrecognized if named.contains("LicenseRef-") => Verdict::Passed,
        Detected::Unrecognized => {
            found(Fault::new(format!("{by} names {named}, but the license text is not recognized as it")))
        }
    }
}

/// Whether an expression names a license; `-only` and `-or-later` have the same text.
fn names(expression: &str, id: &str) -> bool {
    let base = |id: &str| id.trim_end_matches("-only").trim_end_matches("-or-later").trim_end_matches('+').to_owned();
    expression.split([' ', '(', ')']).any(|word| base(word) == base(id))
}

fn purpose(facts: &Facts, question: &Question) -> Verdict {
    let license = &facts.license;
    known(&license.rights, |rights| {
        let mut faults: Vec<Fault> = Vec::new();
        match rights.ruling(&question.usage) {
            Ruling::Permitted { .. } => {}
            Ruling::Denied { why } => faults.extend(why.into_iter().map(|reason| Fault::new(reason.text))),
            Ruling::Unset { why } => {
                let severity = unset_severity(question);
                faults.extend(why.into_iter().map(|reason| Fault::new(reason.text).at_most(severity)));
            }
        }
        verdict(faults)
    })
}

fn unset_severity(question: &Question) -> RuleSeverity {
    match question.unset {
        Unset::Deny => RuleSeverity::Error,
        Unset::Warn => RuleSeverity::Warning,
    }
}

/// How many single records a finding names.
const NAMED: usize = 3;

/// `a, b, c and 5 more`.
fn listed(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED { format!("{shown} and {} more", names.len() - NAMED) } else { shown }
}

fn consent(facts: &Facts, question: &Question) -> Verdict {
    let mut faults = Vec::new();
    let mut looked = false;
    let mut silent = None;
    match &facts.consents {
        Fact::Unreachable(why) => silent = Some(why.clone()),
        Fact::Known(ended) => {
            faults.extend(ended.iter().map(Fault::new));
            looked = true;
        }
        Fact::NotApplicable(_) => {}
    }
    if let Fact::Known(reservations) = &facts.reservations {
        faults.extend(reservations.iter().map(|it| Fault::new(format!("{} reserves rights: {}", it.file, it.says))));
        looked = true;
    }
    if !question.opt_outs.is_empty() && facts.role != Role::Eval {
        match &facts.records {
            Fact::Known(records) => {
                let named = records.keys.iter().zip(&records.locators).filter(|(key, locator)| {
                    question.opt_outs.contains(locator.as_str()) || question.opt_outs.contains(&key.to_string())
                });
                let named: Vec<_> = named.map(|(_, locator)| locator.clone()).collect();
                if !named.is_empty() {
                    let message = format!("{} records have opted out: {}", named.len(), listed(&named));
                    faults.push(Fault::new(message).hint("take them out and push a new version"));
                }
                looked = true;
            }
            Fact::Unreachable(why) => silent = Some(why.clone()),
            Fact::NotApplicable(why) => silent = Some(format!("the opt-out lists can't be compared: {why}")),
        }
    }
    if !looked && silent.is_none() {
        return Verdict::NotApplicable("no opt-out list, no declarations, and no consents to look at".into());
    }
    as_far_as_known(faults, silent)
}

fn status(standing: &super::facts::Standing) -> Verdict {
    let mut faults = Vec::new();
    let successor = standing.successor.as_ref();
    let hint = successor.map_or_else(|| "use another version or dataset".to_owned(), |next| format!("use {next}"));
    match standing.status.as_str() {
        "recalled" => faults.push(Fault::new(phrase("this version was recalled", successor)).hint(&hint)),
        "deprecated" => faults.push(
            Fault::new(phrase("this version is deprecated", successor)).hint(&hint).at_most(RuleSeverity::Warning),
        ),
        _ => {}
    }
    if let Some(cause) = &standing.taint {
        let message = format!("it was made from {cause}, which was recalled");
        faults.push(Fault::new(message).hint("use a version that was made without it"));
    }
    verdict(faults)
}

fn phrase(what: &str, successor: Option<&String>) -> String {
    successor.map_or_else(|| what.to_owned(), |next| format!("{what}; {next} replaces it"))
}

fn eval_not_in_train(facts: &Facts, all: &[Facts]) -> Verdict {
    if facts.role != Role::Eval {
        return Verdict::NotApplicable("only evaluation sets are looked for".into());
    }
    let trained: Vec<_> = all.iter().filter(|other| other.role == Role::Train).collect();
    if trained.is_empty() {
        return Verdict::NotApplicable("nothing is trained on".into());
    }
    let own = match &facts.records {
        Fact::Known(own) => own,
        // Both roles are there, so the question does arise.
        Fact::Unreachable(why) | Fact::NotApplicable(why) => {
            return Verdict::Undecided(format!("its records can't be looked for: {why}"));
        }
    };
    let mut faults = Vec::new();
    let mut silent = None;
    for other in trained {
        let theirs = match &other.records {
            Fact::Known(theirs) => theirs,
            Fact::Unreachable(why) | Fact::NotApplicable(why) => {
                silent = Some(format!("the records of {} are not known: {why}", other.name));
                continue;
            }
        };
        let mut shared: Vec<String> = own
            .keys
            .iter()
            .zip(&own.locators)
            .filter(|(key, _)| theirs.find(key).is_some())
            .map(|(_, locator)| locator.clone())
            .collect();
        shared.sort_unstable();
        if !shared.is_empty() {
            let message = format!("{} of its records are also in {}: {}", shared.len(), other.name, listed(&shared));
            faults.push(Fault::new(message));
        }
    }
    as_far_as_known(faults, silent)
}

fn duplicates(facts: &Facts) -> Verdict {
    let mut faults = Vec::new();
    if let Fact::Known(records) = &facts.records {
        let copies = records.copies();
        if copies > 0 {
            let all = records.keys.len();
            faults.push(Fault::new(format!("{copies} of {all} records are exact copies of another one")));
        }
    }
    if let Fact::Known(profile) = &facts.profile {
        faults.extend(profile.duplicates.iter().map(Fault::new));
    }
    match (&facts.records, &facts.profile) {
        (Fact::NotApplicable(why), Fact::NotApplicable(_)) => Verdict::NotApplicable(why.clone()),
        (Fact::Unreachable(why), _) => as_far_as_known(faults, Some(why.clone())),
        _ => verdict(faults),
    }
}

fn profile(facts: &Facts) -> Verdict {
    let profile = match &facts.profile {
        Fact::Known(profile) => profile,
        Fact::NotApplicable(why) => return found(Fault::new(why)),
        Fact::Unreachable(why) => return Verdict::Undecided(why.clone()),
    };
    match &facts.records {
        Fact::Known(records) if records.root != profile.record_root => {
            found(Fault::new(format!("{} is of other records than these", profile.path)))
        }
        _ => Verdict::Passed,
    }
}

fn expiry(facts: &Facts, question: &Question) -> Verdict {
    let now = question.now();
    let soon = |end: u64| end > now && end - now <= question.expiry_warning;
    let mut faults = Vec::new();
    let mut looked = false;
    if let Fact::Known(chain) = &facts.chain
        && let Some(version) = &chain.version
        && let Fact::Known(pass) = &version.pass
        && pass.valid
    {
        looked = true;
        if let Some(end) = pass.expiry.filter(|end| soon(*end)) {
            let message = format!("the pass ends at {}", times::rfc3339(end));
            faults.push(Fault::new(message).hint(format!("renew it: dgov license buy {}", facts.name)));
        }
    }
    if let Fact::Known(rights) = &facts.license.rights
        && let Ruling::Permitted { duties } = rights.ruling(&question.usage)
    {
        for duty in duties {
            if let dgov_data::licensing::Duty::Until { end } = duty {
                looked = true;
                let end = u64::try_from(end).unwrap_or(0);
                if soon(end) {
                    faults.push(Fault::new(format!("the rights end at {}", times::rfc3339(end))));
                }
            }
        }
    }
    if looked { verdict(faults) } else { Verdict::NotApplicable("nothing here ends".into()) }
}
