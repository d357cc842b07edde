//! What the project's own training uses, and the rules of the gate (`dgov check`).

use alloy::primitives::Address;
use camino::Utf8PathBuf;
use schemars::JsonSchema;
use serde::Serialize;

use super::Named;
use crate::gate::Rule;
use crate::manifest::values::{AccountRef, ChainDataset, Duration, HexData, Purpose, Slug, Sunset};

/// Training: which datasets, for what, and how strictly the gate (`dgov check`) judges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Training {
    /// What the data is to be used for; `--purpose` overrides it.
    pub purpose: Option<Purpose>,
    /// Whether the use is commercial; `--commercial` and `--no-commercial` override it. Commercial unless given, which is
    /// the stricter question.
    pub commercial: Option<bool>,
    /// Where the data is used: an ISO 3166-1 alpha-2 code, or `EU`. For licenses that hold in some places only.
    pub place: Option<String>,
    /// What a purpose that no source speaks of counts as.
    #[schemars(default)]
    pub unset: Unset,
    /// How old the block that is proved against may be with `--offline`; 7 days unless given.
    pub max_staleness: Option<Duration>,
    /// How long before its end a pass, a consent, terms or a waiver are warned of; 30 days unless given.
    pub expiry_warning: Option<Duration>,
    /// Whose passes count: the account that trains. The acting account unless given.
    pub account: Option<AccountRef>,
    /// Files with one record key or locator a line that must not be in any dataset trained on, relative to the manifest.
    #[schemars(default, with = "Vec<String>")]
    pub opt_outs: Vec<Utf8PathBuf>,
    /// Accounts that may waive findings. With one or more, a waiver without the signature of one of them does not count.
    #[schemars(default, with = "Vec<String>")]
    pub waiver_signers: Vec<Address>,
    /// Severity of rules by id (`DG012`) or name (`pii`): `off`, `note`, `warning`, `error`. `docs/rules.md` lists them.
    #[schemars(default)]
    pub rules: Named<RuleSeverity>,
    /// The datasets that are used; all of `[datasets]`, as training data, unless given.
    #[schemars(default)]
    pub datasets: Vec<TrainingDataset>,
    /// Findings that somebody answers for.
    #[schemars(default)]
    pub waivers: Vec<Waiver>,
}

/// A dataset that is used. Exactly one of `name`, `dataset` and `path` says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct TrainingDataset {
    /// A dataset of this manifest, by its name in `[datasets]`.
    pub name: Option<Slug>,
    /// A dataset of any project on a chain of `[networks]`: `eip155:CHAIN:REGISTRY/DATASET@VERSION`, where the dataset is
    /// its token id or its dataset id.
    pub dataset: Option<ChainDataset>,
    /// A folder or file that no project governs, relative to the manifest: for example a snapshot of a hub, with its card
    /// (`README.md`, `croissant.json`) and its `LICENSE`.
    #[schemars(with = "Option<String>")]
    pub path: Option<Utf8PathBuf>,
    /// The CID that `path` has to have, as `dgov data cid PATH` prints it.
    pub digest: Option<String>,
    /// What the dataset is used as.
    #[schemars(default)]
    pub role: Role,
}

/// What a dataset is used as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Role {
    /// The model learns from it.
    #[default]
    Train,
    /// The model is measured with it; none of its records may be trained on.
    Eval,
    /// It is looked up at inference time.
    Rag,
}

/// What a purpose that nobody speaks of counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Unset {
    /// It is not permitted.
    #[default]
    Deny,
    /// It is let through with a warning.
    Warn,
}

/// How a rule's findings count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum RuleSeverity {
    /// The rule is not looked at.
    Off,
    /// Findings are mentioned.
    Note,
    /// Findings are shown and do not decide.
    Warning,
    /// A finding means no.
    Error,
}

/// A finding that somebody answers for. It stays visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Waiver {
    /// The rule, by id or name.
    pub rule: Rule,
    /// The dataset, as the report names it.
    pub dataset: String,
    /// Why the finding is acceptable.
    pub reason: String,
    /// When the waiver ends: a date or a time.
    #[schemars(with = "String")]
    pub expires: Sunset,
    /// Who signed.
    pub signer: Option<AccountRef>,
    /// EIP-191 signature of the waiver's canonical text, as `dgov check waive` makes it.
    pub signature: Option<HexData>,
}

impl RuleSeverity {
    /// The name used in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Role {
    /// The name used in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Eval => "eval",
            Self::Rag => "rag",
        }
    }
}
