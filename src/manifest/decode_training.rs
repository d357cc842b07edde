//! The tables of the gate.

use camino::Utf8PathBuf;

use super::decode::{address, moment, place};
use super::reader::{Reader, choose};
use super::types::{Role, RuleSeverity, Training, TrainingDataset, Unset, Waiver};
use super::values::{AccountRef, ValueError, parse_purpose};
use crate::gate::Rule;

const ROLES: [(&str, Role); 3] = [("train", Role::Train), ("eval", Role::Eval), ("rag", Role::Rag)];
const SEVERITIES: [(&str, RuleSeverity); 4] = [
    ("off", RuleSeverity::Off),
    ("note", RuleSeverity::Note),
    ("warning", RuleSeverity::Warning),
    ("error", RuleSeverity::Error),
];

pub(super) fn training(table: Reader<'_>) -> Training {
    let training = Training {
        purpose: table.parsed("purpose", parse_purpose),
        commercial: table.flag("commercial"),
        place: table.parsed("place", place),
        unset: table.choice("unset", &[("deny", Unset::Deny), ("warn", Unset::Warn)]).unwrap_or_else(|| {
            table.defaulted("unset", "deny");
            Unset::Deny
        }),
        max_staleness: table.value("max-staleness"),
        expiry_warning: table.value("expiry-warning"),
        account: table.value("account"),
        opt_outs: table.list("opt-outs", path).unwrap_or_default(),
        waiver_signers: table.list("waiver-signers", address).unwrap_or_default(),
        rules: rules(&table.table("rules")),
        datasets: table.tables("datasets").into_iter().filter_map(dataset).collect(),
        waivers: table.tables("waivers").into_iter().filter_map(waiver).collect(),
    };
    table.finish();
    training
}

/// Paths are texts; an empty one would name the project's folder.
fn path(text: &str) -> Result<Utf8PathBuf, ValueError> {
    if text.is_empty() { Err(ValueError::new("is empty")) } else { Ok(Utf8PathBuf::from(text)) }
}

fn rules(table: &Reader<'_>) -> super::Named<RuleSeverity> {
    let mut seen = Vec::new();
    let read = table.texts().into_iter().filter_map(|(name, text)| {
        let rule = name.parse::<Rule>().and_then(|rule| {
            if seen.contains(&rule) {
                return Err(ValueError::new(format!("{rule} is set twice, by its id and by its name")));
            }
            seen.push(rule);
            Ok(rule)
        });
        let severity = choose(text, &SEVERITIES);
        if let Err(error) = rule {
            table.error("manifest.unknown_rule", name, error);
            return None;
        }
        match severity {
            Ok((_, severity)) => Some((name.to_owned(), severity)),
            Err(error) => {
                table.error("manifest.invalid_value", name, error);
                None
            }
        }
    });
    read.collect()
}

fn dataset(table: Reader<'_>) -> Option<TrainingDataset> {
    let dataset = TrainingDataset {
        name: table.value("name"),
        dataset: table.value("dataset"),
        path: table.parsed("path", path),
        digest: table.plain("digest"),
        role: table.choice("role", &ROLES).unwrap_or_else(|| {
            table.defaulted("role", "train");
            Role::Train
        }),
    };
    let named = ["name", "dataset", "path"].iter().filter(|key| table.has(key)).count();
    if named != 1 {
        let error = ValueError::new("a dataset has exactly one of `name`, `dataset` and `path`")
            .hint("`name` is one of [datasets], `dataset` one on a chain, `path` a folder that no project governs");
        table.cx.error("manifest.training_dataset", table.path(), error);
    }
    table.finish();
    (named == 1).then_some(dataset)
}

fn waiver(table: Reader<'_>) -> Option<Waiver> {
    let rule = table.value::<Rule>("rule");
    let rule = table.required("rule", rule, "say which rule: rule = \"DG012\"");
    let dataset = table.required("dataset", table.plain("dataset"), "say which dataset, as the report names it");
    let reason = table.required("reason", table.plain("reason"), "say why the finding is acceptable");
    let expires = table.parsed("expires", |text| moment(text, "a waiver ends on a date"));
    let expires = table.required("expires", expires, "a waiver ends on a date: expires = \"2027-06-30\"");
    let signer = table.value::<AccountRef>("signer");
    let signature = table.value("signature");
    table.finish();
    Some(Waiver { rule: rule?, dataset: dataset?, reason: reason?, expires: expires?, signer, signature })
}
