//! The report of a check: its JSON is documented in `docs/check.md`.

use serde::Serialize;

use super::rule::Rule;
use crate::manifest::values::Purpose;
use crate::manifest::{Role, RuleSeverity};

/// Version of the report's form; it rises when a member changes its meaning or goes.
pub const REPORT_VERSION: u32 = 1;

/// What was asked, decided and found.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// [`REPORT_VERSION`].
    pub report_version: u32,
    /// The answer.
    pub decision: Decision,
    /// Name of the project; none when a folder was checked without a manifest.
    pub project: Option<String>,
    /// What for.
    pub purpose: Purpose,
    /// Whether the use is commercial.
    pub commercial: bool,
    /// Where, if that was said.
    pub place: Option<String>,
    /// When it was asked, RFC 3339.
    pub time: String,
    /// What is known of the chain, and how.
    pub chain: ChainView,
    /// The datasets, in the order of the manifest.
    pub subjects: Vec<Subject>,
    /// What was found, by dataset, then by rule.
    pub findings: Vec<Finding>,
    /// How many answers of each kind there were.
    pub counts: Counts,
    /// What was not looked at, one sentence each.
    pub not_looked_at: Vec<String>,
    /// That this is no legal advice.
    pub disclaimer: &'static str,
}

/// That this is no legal advice.
pub const DISCLAIMER: &str = "dgov applies rules to declarations, texts and digests; it is no legal advice.";

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Nothing speaks against it. Exit code 0.
    Yes,
    /// A rule of severity `error` has a finding that nobody waives. Exit code 1.
    No,
    /// None has, but one could not be looked at. Exit code 9.
    Undecided,
}

/// Where what is known of the chain comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "source")]
pub enum ChainView {
    /// There is no chain to ask: the rules that need one do not apply.
    None {
        /// Why.
        why: String,
    },
    /// A node was asked.
    Node {
        /// Network of the manifest.
        network: String,
        /// EIP-155 id.
        chain_id: u64,
        /// The block.
        block: u64,
        /// Its hash, when proofs of it were written into a file that was asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        block_hash: Option<String>,
    },
    /// Proofs that an earlier check got from a node: all of it follows from the hash of the block.
    Proved {
        /// Network of the manifest.
        network: String,
        /// EIP-155 id.
        chain_id: u64,
        /// The block.
        block: u64,
        /// Its hash.
        block_hash: String,
        /// Time of the block, RFC 3339.
        time: String,
        /// Whether that hash was asked for: else it is only as good as the file with the proofs.
        pinned: bool,
    },
    /// What a node answered earlier, remembered here: not proved.
    Remembered {
        /// Network of the manifest.
        network: String,
        /// EIP-155 id.
        chain_id: u64,
        /// The block.
        block: u64,
        /// Its hash.
        block_hash: String,
        /// Time of the block, RFC 3339.
        time: String,
        /// Why there is no proof.
        unproved: String,
    },
    /// Only dgov.lock, which proves nothing.
    Lock {
        /// Network of the manifest.
        network: String,
        /// EIP-155 id.
        chain_id: u64,
        /// Why nothing else is known.
        why: String,
    },
    /// A node should have been asked and did not answer.
    Unreachable {
        /// Network of the manifest.
        network: String,
        /// What went wrong.
        why: String,
    },
}

/// A dataset that was checked.
#[derive(Clone, Debug, Serialize)]
pub struct Subject {
    /// Its name in this report.
    pub name: String,
    /// What it is used as.
    pub role: Role,
    /// Number of the version, where there is one.
    pub version: Option<u32>,
    /// EIP-712 struct hash of the version, `0x` and 64 digits.
    pub version_key: Option<String>,
    /// CID of the package: the one that is pinned, else the one that was computed.
    pub cid: Option<String>,
    /// The license as an SPDX expression, where one is named.
    pub license: Option<String>,
    /// sha256 of the card, hex.
    pub card_digest: Option<String>,
    /// sha256 of the license text, hex.
    pub license_digest: Option<String>,
    /// What a permitted use has to observe, one phrase each.
    pub duties: Vec<String>,
    /// The answer for this dataset alone.
    pub decision: Decision,
    /// Rules that passed.
    pub passed: Vec<Rule>,
    /// Rules that do not apply, with the reason.
    pub not_applicable: Vec<NotApplicable>,
}

/// A rule that does not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotApplicable {
    /// The rule.
    pub rule: Rule,
    /// Why.
    pub why: String,
}

/// Something that a rule found, or could not look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: Rule,
    /// The rule's name.
    pub name: &'static str,
    /// The dataset's name in this report; none for what concerns no single one.
    pub dataset: Option<String>,
    /// How it counts.
    pub severity: RuleSeverity,
    /// What became of the rule.
    pub state: State,
    /// One sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// Where it is written: a file and a line of it.
    pub place: Option<Place>,
    /// Who answers for it.
    pub waiver: Option<WaivedBy>,
}

/// What became of a rule that did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It found something.
    Found,
    /// It found something that somebody answers for.
    Waived,
    /// Its source could not be reached.
    Undecided,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Path, relative to the manifest's folder where it is below it.
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// Who answers for a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaivedBy {
    /// Why.
    pub reason: String,
    /// End, RFC 3339.
    pub expires: String,
    /// Whose signature was verified; none for a waiver without one.
    pub signer: Option<String>,
}

/// How many answers of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rules that passed, over all datasets.
    pub passed: usize,
    /// Findings that mean no.
    pub errors: usize,
    /// Findings that are only shown.
    pub warnings: usize,
    /// Findings that are only mentioned.
    pub notes: usize,
    /// Findings that somebody answers for.
    pub waived: usize,
    /// Rules whose source could not be reached.
    pub undecided: usize,
    /// Rules that do not apply.
    pub not_applicable: usize,
    /// Rules that the manifest turned off.
    pub off: usize,
}

impl Finding {
    /// Whether it means no.
    pub fn denies(&self) -> bool {
        self.state == State::Found && self.severity == RuleSeverity::Error
    }

    /// Whether it keeps the gate from deciding.
    pub fn blocks(&self) -> bool {
        self.state == State::Undecided && self.severity == RuleSeverity::Error
    }
}

impl Decision {
    /// Of findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        findings.into_iter().fold(Self::Yes, |sum, finding| match sum {
            Self::No => Self::No,
            _ if finding.denies() => Self::No,
            _ if finding.blocks() => Self::Undecided,
            other => other,
        })
    }

    /// `yes`, `no`, `cannot decide`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Undecided => "cannot decide",
        }
    }
}

impl Counts {
    /// Counts findings; what passed and what does not apply is counted with the subjects.
    pub fn of(subjects: &[Subject], findings: &[Finding], off: usize) -> Self {
        let mut counts = Self {
            passed: subjects.iter().map(|subject| subject.passed.len()).sum(),
            not_applicable: subjects.iter().map(|subject| subject.not_applicable.len()).sum(),
            off,
            ..Self::default()
        };
        for finding in findings {
            match (finding.state, finding.severity) {
                (State::Waived, _) => counts.waived += 1,
                (State::Undecided, _) => counts.undecided += 1,
                (State::Found, RuleSeverity::Error) => counts.errors += 1,
                (State::Found, RuleSeverity::Warning) => counts.warnings += 1,
                (State::Found, _) => counts.notes += 1,
            }
        }
        counts
    }
}
