//! The report for people: the answer, what was found by dataset, and what was not looked at.

use std::fmt::Write;

use super::report::{ChainView, CheckReport, Counts, Decision, Finding, State, WaivedBy};
use crate::manifest::RuleSeverity;
use crate::ui::Report;

/// How many datasets without findings are listed one by one.
const QUIET: usize = 8;

impl Report for CheckReport {
    fn human(&self) -> String {
        let mut text = answer(self);
        for subject in &self.subjects {
            let own: Vec<_> = self.findings.iter().filter(|it| it.dataset.as_ref() == Some(&subject.name)).collect();
            if own.is_empty() && self.subjects.len() > QUIET {
                continue;
            }
            let version = subject.version.map_or_else(String::new, |version| format!("@{version}"));
            let license = subject.license.as_deref().unwrap_or("no license named");
            let _ = writeln!(
                text,
                "\n{}{version}  {}, {license}: {}",
                subject.name,
                subject.role.name(),
                subject.decision.word()
            );
            own.iter().for_each(|finding| text.push_str(&entry(finding)));
            if !subject.duties.is_empty() && subject.decision == Decision::Yes {
                let _ = writeln!(text, "  to observe: {}", subject.duties.join("; "));
            }
        }
        let others: Vec<_> = self
            .findings
            .iter()
            .filter(|finding| !self.subjects.iter().any(|subject| finding.dataset.as_ref() == Some(&subject.name)))
            .collect();
        if !others.is_empty() {
            text.push('\n');
            others.iter().for_each(|finding| text.push_str(&entry(finding)));
        }
        text.push('\n');
        text.push_str(&counts(self));
        text
    }
}

fn answer(report: &CheckReport) -> String {
    let color = match report.decision {
        Decision::Yes => anstyle::AnsiColor::Green,
        Decision::No => anstyle::AnsiColor::Red,
        Decision::Undecided => anstyle::AnsiColor::Yellow,
    };
    let style = color.on_default().bold();
    format!("{style}{}{style:#}: {}\n", report.decision.word(), question(report))
}

/// What was asked.
pub(super) fn question(report: &CheckReport) -> String {
    let subjects = match report.subjects.as_slice() {
        [only] => only.name.clone(),
        subjects => format!("{} datasets", subjects.len()),
    };
    let commercial = if report.commercial { "commercial" } else { "non-commercial" };
    let place = report.place.as_ref().map_or_else(String::new, |place| format!(", in {place}"));
    let date = report.time.split('T').next().unwrap_or_default();
    format!("may {subjects} be used for {}, {commercial}{place}, on {date}?", report.purpose)
}

/// What to do about an answer that is not yes.
pub(super) fn next(report: &CheckReport) -> Option<&'static str> {
    match report.decision {
        Decision::Yes => None,
        Decision::No => Some(
            "what now: mend each error as its hint says; in a project somebody may answer for one: `dgov check waive --help`",
        ),
        Decision::Undecided => Some("what now: what is unknown is no yes: make its source reachable, and check again"),
    }
}

/// Who answers for a finding, until when, and why.
pub(super) fn waived(waiver: &WaivedBy) -> String {
    let by = waiver.signer.as_deref().unwrap_or("nobody in particular (unsigned)");
    let until = waiver.expires.split('T').next().unwrap_or_default();
    format!("waived until {until} by {by}: {}", waiver.reason)
}

fn entry(finding: &Finding) -> String {
    let (word, color) = match (finding.state, finding.severity) {
        (State::Waived, _) => ("waived", anstyle::AnsiColor::Cyan),
        (State::Undecided, _) => ("unknown", anstyle::AnsiColor::Yellow),
        (State::Found, RuleSeverity::Error) => ("error", anstyle::AnsiColor::Red),
        (State::Found, RuleSeverity::Warning) => ("warning", anstyle::AnsiColor::Yellow),
        (State::Found, _) => ("note", anstyle::AnsiColor::Blue),
    };
    let style = color.on_default();
    let mut text = format!("  {style}{word:<7}{style:#} {} {}\n", finding.rule, finding.message);
    if let Some(waiver) = &finding.waiver {
        let _ = writeln!(text, "          {}", waived(waiver));
    } else if let Some(hint) = &finding.hint {
        let _ = writeln!(text, "          hint: {hint}");
    }
    text
}

/// The counts that are not zero.
pub(super) fn tally(counts: &Counts) -> String {
    let mut parts = vec![format!("{} passed", counts.passed)];
    for (number, one, many) in [
        (counts.errors, "error", "errors"),
        (counts.warnings, "warning", "warnings"),
        (counts.notes, "note", "notes"),
        (counts.waived, "waived", "waived"),
        (counts.undecided, "unknown", "unknown"),
        (counts.not_applicable, "not applicable", "not applicable"),
        (counts.off, "rule turned off", "rules turned off"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {}", if number == 1 { one } else { many }));
        }
    }
    parts.join(", ")
}

fn counts(report: &CheckReport) -> String {
    let mut text = format!("{}\n", tally(&report.counts));
    let _ = writeln!(text, "{}", chain(&report.chain));
    for what in &report.not_looked_at {
        let _ = writeln!(text, "not looked at: {what}");
    }
    if let Some(next) = next(report) {
        let _ = writeln!(text, "{next}");
    }
    let _ = writeln!(text, "{}", report.disclaimer);
    text
}

/// Where what is known of the chain comes from, as a sentence.
pub(super) fn chain(view: &ChainView) -> String {
    match view {
        ChainView::None { why } => format!("chain: not applicable, {why}"),
        ChainView::Node { network, block, block_hash: None, .. } => format!("chain: `{network}` at block {block}"),
        ChainView::Node { network, block, block_hash: Some(hash), .. } => {
            format!("chain: `{network}` at block {block}, hash {hash} for --block-hash")
        }
        ChainView::Proved { network, block, block_hash, time, pinned, .. } => {
            let hash = if *pinned { "as was asked for" } else { "on the word of the file of proofs" };
            format!("chain: `{network}` proved against block {block} of {time}, hash {block_hash} {hash}")
        }
        ChainView::Remembered { network, block, time, unproved, .. } => {
            format!("chain: `{network}` at block {block} of {time}, as remembered, not proved: {unproved}")
        }
        ChainView::Lock { network, why, .. } => format!("chain: `{network}` as dgov.lock says, not proved: {why}"),
        ChainView::Unreachable { network, why } => format!("chain: `{network}` could not be asked: {why}"),
    }
}
