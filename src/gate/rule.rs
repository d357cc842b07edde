//! The rules of the gate: one table of ids, names, default severities and what each looks at. `docs/rules.md` is made from it.

use std::fmt::{self, Write};
use std::str::FromStr;

use crate::manifest::RuleSeverity;
use crate::manifest::values::{ValueError, did_you_mean, text_value};

/// A rule. Ids are stable: a rule that goes leaves a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Rule {
    Pinned,
    Registered,
    CardValid,
    CardOnChain,
    CardApproved,
    LicenseText,
    Purpose,
    Consent,
    Bytes,
    Status,
    EvalNotInTrain,
    PersonalData,
    Duplicates,
    Pass,
    Dispute,
    Expiry,
    Origin,
    LicenseFile,
    Profile,
    Waiver,
}

/// A row of the table.
pub struct RuleInfo {
    /// The rule.
    pub rule: Rule,
    /// `DG001`.
    pub id: &'static str,
    /// The name, an alias of the id.
    pub name: &'static str,
    /// Severity unless the manifest says otherwise.
    pub severity: RuleSeverity,
    /// Whether it needs a chain.
    pub chain: bool,
    /// What is true when it passes: one sentence without a full stop.
    pub title: &'static str,
    /// What it looks at, when it fails, when it does not apply.
    pub looks_at: &'static str,
    /// How a finding is mended.
    pub mend: &'static str,
}

use RuleSeverity::{Error, Note, Warning};

/// All rules, in the order of their ids.
pub const RULES: [RuleInfo; 20] = [
    RuleInfo {
        rule: Rule::Pinned,
        id: "DG001",
        name: "pinned",
        severity: Error,
        chain: false,
        title: "what is used is fixed by a digest",
        looks_at: "A dataset of this project: its version in `dgov.lock`; not applicable while nothing is deployed. A dataset on \
                   a chain: the version number. A path: `digest`, the CID of its bytes; not applicable to the path of the command \
                   line, whose CID is in the report.",
        mend: "Push the dataset, write `@VERSION`, or write the `digest` that the finding shows.",
    },
    RuleInfo {
        rule: Rule::Registered,
        id: "DG002",
        name: "registered",
        severity: Error,
        chain: true,
        title: "the version is registered, and dgov.lock agrees with the chain",
        looks_at: "The registry's storage, compared with its events and with `dgov.lock`.",
        mend: "`dgov data push`; if the lock differs, restore it from version control or run `dgov sync`.",
    },
    RuleInfo {
        rule: Rule::CardValid,
        id: "DG003",
        name: "card-valid",
        severity: Error,
        chain: false,
        title: "the data card is valid, and says of license, purposes, price and dates what the manifest says",
        looks_at: "The Croissant document named by `card`, made by the last push, or beside the data of a path, by the strict lint \
                   of `dgov data card lint`; of a dataset of the project it is compared with the manifest. A set with a hub card \
                   only has nothing to lint.",
        mend: "Run `dgov data card lint` and mend what it lists.",
    },
    RuleInfo {
        rule: Rule::CardOnChain,
        id: "DG004",
        name: "card-on-chain",
        severity: Error,
        chain: true,
        title: "the card and the license text are the ones whose digests are on chain",
        looks_at: "sha256 of the card and of the license text here, and the digests of the version.",
        mend: "Push the change as a new version, or take the card of the version.",
    },
    RuleInfo {
        rule: Rule::CardApproved,
        id: "DG005",
        name: "card-approved",
        severity: Error,
        chain: true,
        title: "the DAO approved the card, where the project wants that",
        looks_at: "`governance.card-approval` and the registry. Not applicable when publishers vouch for their cards.",
        mend: "Ask the DAO: `dgov gov propose` drafts the approval.",
    },
    RuleInfo {
        rule: Rule::LicenseText,
        id: "DG006",
        name: "license-text",
        severity: Error,
        chain: false,
        title: "the license text is the text of the license that is named",
        looks_at: "The license file (`text` of the license; `LICENSE` beside the data) and the license that the manifest, the card \
                   or the hub card names. Texts are recognized by their words.",
        mend: "Name the license that the text is, or put the right text there. Ask the holder of the rights which it is.",
    },
    RuleInfo {
        rule: Rule::Purpose,
        id: "DG007",
        name: "purpose",
        severity: Error,
        chain: false,
        title: "the purpose is permitted, by the dataset and by everything it was derived from",
        looks_at: "The meet of all licenses over the lineage, with the terms of the manifest or of the chain; commercial use, place \
                   and end included. A finding names the source that denies.",
        mend: "Use other data, ask for other terms (`dgov license request`), or change the purpose.",
    },
    RuleInfo {
        rule: Rule::Consent,
        id: "DG008",
        name: "consent",
        severity: Error,
        chain: false,
        title: "opt-outs and withdrawn consents are honored",
        looks_at: "The opt-out lists of `[training]` against the records of what is trained on; `robots.txt`, `tdmrep.json` and \
                   AIPREF declarations in the set; consents named by its contributors, revoked on chain or not.",
        mend: "Remove the records and push a new version; ask the contributor again.",
    },
    RuleInfo {
        rule: Rule::Bytes,
        id: "DG009",
        name: "bytes",
        severity: Error,
        chain: false,
        title: "the bytes are the ones that are pinned",
        looks_at: "Every local byte, unless the cache knows that a file has not changed; the files chosen by `--sample`; with \
                   `--no-rehash` nothing, which is said. Not applicable when there are no local bytes or no pin.",
        mend: "Restore the file that the finding names, or pin what is there if you know why it changed.",
    },
    RuleInfo {
        rule: Rule::Status,
        id: "DG010",
        name: "status",
        severity: Error,
        chain: true,
        title: "the version is neither recalled nor deprecated, nor made from one that was recalled",
        looks_at: "Status, successor and taint of the version, and the status of every version of the same registry that it was made \
                   from, as far as manifest and `dgov.lock` tell; of a dataset of others only the taint that the registry has. Recalled \
                   and tainted are findings of the rule's severity; deprecated is a warning.",
        mend: "Use the successor that the finding names.",
    },
    RuleInfo {
        rule: Rule::EvalNotInTrain,
        id: "DG011",
        name: "eval-not-in-train",
        severity: Error,
        chain: false,
        title: "no record of an evaluation set is trained on",
        looks_at: "Record keys of all datasets with the role `eval`, looked up among those with the role `train`: exact equality. \
                   Not applicable without both roles; undecided when the records of one are not read.",
        mend: "Take the records out of the training set, or measure with another set.",
    },
    RuleInfo {
        rule: Rule::PersonalData,
        id: "DG012",
        name: "pii",
        severity: Warning,
        chain: false,
        title: "no hints of personal data",
        looks_at: "The hints of `profile.json` (e-mail addresses, telephone and card numbers, ...). Not applicable without a profile.",
        mend: "Look at the fields that the profile names; remove what is personal, or waive what is not.",
    },
    RuleInfo {
        rule: Rule::Duplicates,
        id: "DG013",
        name: "duplicates",
        severity: Warning,
        chain: false,
        title: "no duplicate records, and no overlap between splits",
        looks_at: "Record keys that occur more than once; near duplicates and the overlap of splits from `profile.json`.",
        mend: "Remove the duplicates and push a new version.",
    },
    RuleInfo {
        rule: Rule::Pass,
        id: "DG014",
        name: "pass",
        severity: Error,
        chain: true,
        title: "the account that trains holds a pass for this purpose",
        looks_at: "`isValid(account, dataset, purpose)` of the project's passes. The owner of a dataset needs none.",
        mend: "`dgov license buy`, or name the account that holds it: `training.account`.",
    },
    RuleInfo {
        rule: Rule::Dispute,
        id: "DG015",
        name: "dispute",
        severity: Error,
        chain: true,
        title: "nobody disputes the version",
        looks_at: "The status of the version, and open cases in the dispute court.",
        mend: "Wait for the ruling (`dgov dispute show`), or use another version.",
    },
    RuleInfo {
        rule: Rule::Expiry,
        id: "DG016",
        name: "expiry",
        severity: Warning,
        chain: false,
        title: "nothing that this decision rests on ends soon",
        looks_at: "Ends of passes, of terms and of waivers within `expiry-warning`.",
        mend: "Renew the pass, or plan for the end.",
    },
    RuleInfo {
        rule: Rule::Origin,
        id: "DG017",
        name: "origin",
        severity: Error,
        chain: false,
        title: "the card declares where the data comes from",
        looks_at: "`prov:wasDerivedFrom`, `prov:wasGeneratedBy`, `rai:dataCollection` and `isBasedOn` of the card; the `source_datasets` \
                   of a hub card.",
        mend: "Say in the card where the data comes from: `dgov data card init` writes the fields to fill in.",
    },
    RuleInfo {
        rule: Rule::LicenseFile,
        id: "DG018",
        name: "license-file",
        severity: Warning,
        chain: false,
        title: "the license text lies with the data",
        looks_at: "`LICENSE`, `LICENCE` or `COPYING` in the folder, or a `text` in the manifest.",
        mend: "Put the license text beside the data.",
    },
    RuleInfo {
        rule: Rule::Profile,
        id: "DG019",
        name: "profile",
        severity: Note,
        chain: false,
        title: "there is a profile of these records",
        looks_at: "`profile.json`: whether it is there, and whether its record root is that of the version.",
        mend: "Run `dgov data profile`.",
    },
    RuleInfo {
        rule: Rule::Waiver,
        id: "DG020",
        name: "waiver",
        severity: Error,
        chain: false,
        title: "every waiver holds",
        looks_at: "Signature, signer and end of each waiver of the manifest, and whether there is something to waive.",
        mend: "Sign it again with `dgov check waive`, or remove it.",
    },
];

impl Rule {
    /// Its row.
    pub fn info(self) -> &'static RuleInfo {
        // The table is in the order of the variants; a test compares them.
        &RULES[self as usize]
    }

    /// `DG001`.
    pub fn id(self) -> &'static str {
        self.info().id
    }
}

impl FromStr for Rule {
    type Err = ValueError;

    /// Reads an id or a name.
    ///
    /// # Errors
    /// Anything else.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        if let Some(info) = RULES.iter().find(|info| info.id == text || info.name == text) {
            return Ok(info.rule);
        }
        let error = ValueError::new(format!("`{text}` is not a rule"));
        Err(match did_you_mean(text, RULES.iter().map(|info| info.name)) {
            Some(name) if !text.starts_with("DG") => error.hint(format!("did you mean `{name}`?")),
            _ => error.hint(format!("rules are DG001 to {}; docs/rules.md lists them", RULES[RULES.len() - 1].id)),
        })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

text_value!(Rule, "^(DG[0-9]{3}|[a-z][a-z-]*)$", ["DG012", "pii"]);

/// The part of `docs/rules.md` that lists every rule.
pub fn reference() -> String {
    let mut text =
        String::from("| id | name | default | needs a chain | passes when |\n| --- | --- | --- | --- | --- |\n");
    for info in &RULES {
        let chain = if info.chain { "yes" } else { "" };
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "| {} | `{}` | {} | {chain} | {} |", info.id, info.name, info.severity.name(), info.title);
    }
    for info in &RULES {
        let _ = write!(
            text,
            "\n### {} `{}`\n\n{}.\n\nLooks at: {}\n\nTo mend it: {}\n",
            info.id,
            info.name,
            capital(info.title),
            info.looks_at,
            info.mend
        );
    }
    text
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use snapbox::{assert_data_eq, file};

    use super::*;

    #[test]
    fn ids_are_in_order_and_names_are_aliases() {
        for (number, info) in RULES.iter().enumerate() {
            assert_eq!(info.rule as usize, number);
            assert_eq!(info.id, format!("DG{:03}", number + 1));
            assert_eq!(info.id.parse::<Rule>().unwrap(), info.rule);
            assert_eq!(info.name.parse::<Rule>().unwrap(), info.rule);
        }
        assert!("zz".parse::<Rule>().unwrap_err().hint.unwrap().starts_with("rules are DG001 to DG020"));
        assert_eq!("pii-".parse::<Rule>().unwrap_err().hint.unwrap(), "did you mean `pii`?");
        assert!("DG099".parse::<Rule>().is_err());
    }

    #[test]
    fn the_reference_is_fresh() {
        let document = include_str!("../../docs/rules.md");
        let marker = "<!-- Generated from the rules: see src/gate/rule.rs. -->\n";
        let (by_hand, _) = document.split_once(marker).expect("the marker");
        assert_data_eq!(format!("{by_hand}{marker}{}", reference()), file!["../../docs/rules.md"].raw());
    }
}
