//! Rules between keys, for datasets: licenses, contributors, curators, parents.

use super::context::Context;
use super::types::{Dataset, Manifest, RecordFormat};
use super::validate::{WrittenNames, percent, unknown};
use super::values::{ParentRef, Share, ValueError, did_you_mean};

/// Reports what is wrong between the keys of datasets.
pub(super) fn datasets(cx: &Context<'_>, manifest: &Manifest, names: &WrittenNames<'_>) {
    for (name, dataset) in manifest.datasets.iter() {
        let key = format!("datasets.{name}");
        let license_key = format!("{key}.license");
        if !names.licenses.contains(&dataset.license.as_str()) && !cx.is_faulty(&license_key) {
            let error = unknown("license", dataset.license.as_str(), &names.licenses);
            cx.error("manifest.unknown_license", &license_key, error);
        }
        if !dataset.contributors_public {
            let error = ValueError::new("private contributor lists are not supported by this version")
                .hint("leave the key out, or leave `contributors` out");
            cx.error("manifest.not_supported", &format!("{key}.contributors-public"), error);
        }
        if dataset.contributors.is_none()
            && !cx.is_faulty(&format!("{key}.contributors"))
            && manifest.royalties.contributors != Share::default()
        {
            let error =
                ValueError::new(format!("no `contributors`, who would get {}", manifest.royalties.contributors))
                    .hint("contributors = \"contributors.csv\" with the columns account,shares");
            cx.warning("manifest.no_contributors", &key, error);
        }
        if dataset.annotations.is_some()
            && !matches!(dataset.format, RecordFormat::Auto | RecordFormat::ImageAnnotations)
        {
            let error =
                ValueError::new("only image datasets have annotations, ignored").hint("format = \"image-annotations\"");
            cx.warning("manifest.annotations_without_images", &format!("{key}.annotations"), error);
        }
        curators(cx, &key, dataset);
        parents(cx, manifest, names, name, &key, dataset);
    }
}

fn curators(cx: &Context<'_>, key: &str, dataset: &Dataset) {
    for (index, curator) in dataset.curators.iter().enumerate() {
        if dataset.curators[..index].iter().any(|earlier| earlier.account == curator.account) {
            let error = ValueError::new(format!("{} is listed twice", curator.account)).hint("add the shares up");
            cx.error("manifest.duplicate", &format!("{key}.curators[{index}].account"), error);
        }
    }
    let total: u32 = dataset.curators.iter().map(|curator| u32::from(curator.share.bps())).sum();
    if !dataset.curators.is_empty() && total != 10_000 && !cx.is_faulty(&format!("{key}.curators")) {
        let error = ValueError::new(format!("the curators' shares add up to {}, not to 100%", percent(total)))
            .hint("they divide the curators' part of [royalties]");
        cx.error("manifest.curators_do_not_add_up", &format!("{key}.curators"), error);
    }
}

fn parents(cx: &Context<'_>, manifest: &Manifest, names: &WrittenNames<'_>, name: &str, key: &str, dataset: &Dataset) {
    if dataset.parents.len() > 16 {
        let error = ValueError::new(format!("{} parents, at most 16 can be recorded", dataset.parents.len()))
            .hint("derive an intermediate dataset");
        cx.error("manifest.too_many_parents", &format!("{key}.parents"), error);
    }
    for (index, parent) in dataset.parents.iter().enumerate() {
        let element = format!("{key}.parents[{index}]");
        if dataset.parents[..index].contains(parent) {
            cx.error("manifest.duplicate", &element, ValueError::new(format!("`{parent}` is listed twice")));
        }
        let ParentRef::Dataset { name: parent_name, version } = parent else { continue };
        if !names.datasets.contains(&parent_name.as_str()) {
            let mut error = unknown("dataset", parent_name.as_str(), &names.datasets);
            if did_you_mean(parent_name.as_str(), names.datasets.iter().copied()).is_none() {
                error = error.hint("a dataset of another project is named by its version key");
            }
            cx.error("manifest.unknown_dataset", &element, error);
        }
        // An older version of itself is a fine parent; the newest one would be the version being made.
        if version.is_none() && descends(manifest, parent_name.as_str(), name) {
            let error =
                ValueError::new(format!("`{name}` would be derived from itself")).hint("give the version: `name@1`");
            cx.error("manifest.parent_cycle", &element, error);
        }
    }
}

/// Whether the newest `from` is, or is derived from, the newest `of`.
fn descends(manifest: &Manifest, from: &str, of: &str) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if name == of {
            return true;
        }
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let parents = manifest.datasets.get(name).into_iter().flat_map(|dataset| &dataset.parents);
        open.extend(parents.filter_map(|parent| match parent {
            ParentRef::Dataset { name, version: None } => Some(name.as_str()),
            _ => None,
        }));
    }
    false
}
