//! What is known of a dataset when the rules look at it. Gathered by `ops::check`; nothing here reads or asks.

use std::collections::BTreeSet;

use alloy::primitives::{Address, B256};
use dgov_data::licensing::{Rights, Use};

use super::report::{ChainView, Place};
use super::rule::Rule;
use crate::manifest::{Role, RuleSeverity, Unset};

/// Something that may be known.
#[derive(Clone, Debug)]
pub enum Fact<T> {
    /// It is.
    Known(T),
    /// The question does not arise, and why.
    NotApplicable(String),
    /// Its source could not be reached, and why.
    Unreachable(String),
}

impl<T> Fact<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// What is asked.
pub struct Question {
    /// Purpose, commercial or not, when, where.
    pub usage: Use,
    /// What a purpose that nobody speaks of counts as.
    pub unset: Unset,
    /// Seconds before an end from which on it is warned of.
    pub expiry_warning: u64,
    /// Severities: the table's, changed by the manifest's.
    pub severities: Vec<(Rule, RuleSeverity)>,
    /// Where what is known of the chain comes from.
    pub chain: ChainView,
    /// Opt-out lists, one entry a line: record keys (`0x...`) or locators.
    pub opt_outs: BTreeSet<String>,
}

impl Question {
    /// The severity of a rule.
    pub fn severity(&self, rule: Rule) -> RuleSeverity {
        let set = self.severities.iter().find(|(known, _)| *known == rule);
        set.map_or(rule.info().severity, |(_, severity)| *severity)
    }

    /// When it is asked, unix seconds.
    pub fn now(&self) -> u64 {
        u64::try_from(self.usage.at).unwrap_or(0)
    }
}

/// What is known of one dataset.
pub struct Facts {
    /// Its name in the report.
    pub name: String,
    /// What it is used as.
    pub role: Role,
    /// Where the manifest names it.
    pub place: Option<Place>,
    /// The version that is used.
    pub version: Option<u32>,
    /// Its key.
    pub version_key: Option<B256>,
    /// What fixes its bytes.
    pub pin: Fact<Pin>,
    /// Its registration and everything on chain.
    pub chain: Fact<OnChain>,
    /// Its data card.
    pub card: Fact<Card>,
    /// Its license.
    pub license: License,
    /// Its bytes.
    pub bytes: Fact<Bytes>,
    /// Its records.
    pub records: Fact<Records>,
    /// Declarations in it that reserve rights: sentences.
    pub reservations: Fact<Vec<Reservation>>,
    /// Consents of its contributors that no longer hold: sentences.
    pub consents: Fact<Vec<String>>,
    /// The profile of its records.
    pub profile: Fact<Profiled>,
}

/// What fixes the bytes.
#[derive(Clone, Debug)]
pub enum Pin {
    /// A CID.
    Cid(String),
    /// Nothing, and what to write.
    Nothing {
        /// What to do.
        hint: String,
    },
}

/// What the chain says of a version.
#[derive(Clone, Debug)]
pub struct OnChain {
    /// Why the registration is not what it should be, one sentence each: not there, or lock and chain differ.
    pub faults: Vec<(String, String)>,
    /// The version; none when there is none.
    pub version: Option<OnChainVersion>,
}

/// A version on chain.
#[derive(Clone, Debug)]
pub struct OnChainVersion {
    /// sha256 of the card.
    pub card_digest: B256,
    /// sha256 of the license text.
    pub license_digest: B256,
    /// Status, where it could be read.
    pub standing: Fact<Standing>,
    /// Whether the card was approved; not applicable where publishers vouch for theirs.
    pub card_approved: Fact<bool>,
    /// The open case on it, as `dgov dispute show` names it.
    pub dispute: Fact<Option<String>>,
    /// The pass of the account that trains.
    pub pass: Fact<Pass>,
}

/// The status of a version.
#[derive(Clone, Debug)]
pub struct Standing {
    /// `active`, `deprecated`, `recalled`, `disputed`.
    pub status: String,
    /// The version that replaces it, `name@number`.
    pub successor: Option<String>,
    /// The recalled version that it was made from.
    pub taint: Option<String>,
}

/// The pass of an account.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The account.
    pub account: Address,
    /// Whether it may use the dataset for the purpose.
    pub valid: bool,
    /// Whether it owns the dataset.
    pub owner: bool,
    /// End, unix seconds; none for a pass without end, or for none.
    pub expiry: Option<u64>,
    /// Purposes that it is for, bit i is purpose i.
    pub purposes: u16,
    /// Whether there is one at all, ended ones included.
    pub held: bool,
}

/// A data card.
#[derive(Clone, Debug)]
pub struct Card {
    /// Path, as it is shown.
    pub path: String,
    /// sha256 of its bytes.
    pub digest: B256,
    /// What a strict lint finds: severe or not, sentence, line.
    pub lint: Fact<Vec<Lint>>,
    /// Whether it declares where the data comes from.
    pub origin: bool,
}

/// Something that the lint of a card finds.
#[derive(Clone, Debug)]
pub struct Lint {
    /// Whether the card is invalid for it.
    pub error: bool,
    /// One sentence.
    pub message: String,
    /// Line in the card, from 1, where known.
    pub line: Option<usize>,
}

/// A license.
#[derive(Clone, Debug)]
pub struct License {
    /// The SPDX expression that is named, with who names it.
    pub named: Option<(String, String)>,
    /// Path of the text, and its sha256.
    pub text: Option<(String, B256)>,
    /// What the text is by its words.
    pub detected: Detected,
    /// Whether the text lies with the data.
    pub with_data: bool,
    /// The rights over the whole lineage; unreachable when an upstream could not be read.
    pub rights: Fact<Rights>,
}

/// What a license text is by its words.
#[derive(Clone, Debug)]
pub enum Detected {
    /// There is no text, or it is SPDX's own.
    NothingToCompare(String),
    /// It is that license.
    Is(String),
    /// No known license is close enough.
    Unrecognized,
    /// The documents with the text could not be had, and why.
    Unreachable(String),
}

/// Bytes that were hashed.
#[derive(Clone, Debug)]
pub struct Bytes {
    /// Root CID, or the sampled part.
    pub found: Hashed,
}

/// What was found.
#[derive(Clone, Debug)]
pub enum Hashed {
    /// They are the pinned ones.
    Same,
    /// They are not: where, as a phrase.
    Differs(String),
    /// Nobody pinned anything: the CID that they have.
    Unpinned(String),
}

/// Records of a dataset, ascending by key.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Keys, ascending, duplicates included.
    pub keys: Vec<B256>,
    /// Places, by the index of the key.
    pub locators: Vec<String>,
    /// Root of the record tree.
    pub root: B256,
}

impl Records {
    /// How many records are copies of another one.
    pub fn copies(&self) -> usize {
        self.keys.windows(2).filter(|pair| pair[0] == pair[1]).count()
    }

    /// The place of the record with that key.
    pub fn find(&self, key: &B256) -> Option<&str> {
        let index = self.keys.binary_search(key).ok()?;
        self.locators.get(index).map(String::as_str)
    }
}

/// A declaration that reserves rights.
#[derive(Clone, Debug)]
pub struct Reservation {
    /// File in the set.
    pub file: String,
    /// What it says.
    pub says: String,
}

/// What the profile of the records says.
#[derive(Clone, Debug)]
pub struct Profiled {
    /// Path, as it is shown.
    pub path: String,
    /// Root of the records that it is of.
    pub record_root: B256,
    /// Hints of personal data, one sentence each.
    pub personal: Vec<String>,
    /// Near duplicates and overlaps, one sentence each.
    pub duplicates: Vec<String>,
}
