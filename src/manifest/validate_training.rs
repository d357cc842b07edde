//! Rules between keys, for the gate.

use super::context::Context;
use super::types::Manifest;
use super::validate::{WrittenNames, unknown};
use super::values::ValueError;

/// Reports what is wrong between the keys of `[training]`.
pub(super) fn training(cx: &Context<'_>, manifest: &Manifest, names: &WrittenNames<'_>) {
    if cx.is_faulty("training.datasets") {
        return;
    }
    let datasets = &manifest.training.datasets;
    for (index, dataset) in datasets.iter().enumerate() {
        let key = format!("training.datasets[{index}]");
        if let Some(name) = &dataset.name
            && !names.datasets.contains(&name.as_str())
        {
            let error = unknown("dataset", name.as_str(), &names.datasets);
            cx.error("manifest.unknown_dataset", &format!("{key}.name"), error);
        }
        if dataset.digest.is_some() && dataset.path.is_none() {
            let error = ValueError::new("only a `path` has a `digest`, ignored")
                .hint("other datasets are pinned by dgov.lock, or by `@VERSION`");
            cx.warning("manifest.digest_without_path", &format!("{key}.digest"), error);
        }
        if let Some(digest) = &dataset.digest
            && digest.parse::<cid::Cid>().is_err()
        {
            let error =
                ValueError::new(format!("`{digest}` is not a CID")).hint("write what `dgov data cid PATH` prints");
            cx.error("manifest.invalid_value", &format!("{key}.digest"), error);
        }
        let same = |other: &&super::TrainingDataset| {
            (&other.name, &other.dataset, &other.path) == (&dataset.name, &dataset.dataset, &dataset.path)
                && other.role == dataset.role
        };
        if datasets[..index].iter().any(|other| same(&other)) {
            cx.error("manifest.duplicate", &key, ValueError::new("this dataset is listed twice"));
        }
    }
    for (index, waiver) in manifest.training.waivers.iter().enumerate() {
        if waiver.signature.is_none() && waiver.signer.is_some() {
            let error =
                ValueError::new("a signer without a signature").hint("`dgov check waive` writes a waiver with both");
            cx.warning("manifest.unsigned_waiver", &format!("training.waivers[{index}].signer"), error);
        }
    }
}
