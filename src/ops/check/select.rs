//! Which datasets are asked about.

use std::collections::HashMap;

use camino::Utf8PathBuf;

use super::{Gathering, manifest_place};
use crate::error::{Error, Result};
use crate::gate::Place;
use crate::manifest::values::{ChainDataset, did_you_mean};
use crate::manifest::{Dataset, Loaded, Profile, RecordFormat, Role, Source};

/// A dataset that is asked about.
pub(super) struct Chosen {
    pub name: String,
    pub role: Role,
    pub place: Option<Place>,
    pub what: What,
}

/// What kind of dataset it is.
pub(super) enum What {
    /// One of the manifest, by its table.
    Own(Box<Dataset>),
    /// One on a chain.
    OnChain(ChainDataset),
    /// A folder or file that no project governs, and the CID that it has to have.
    Path(Utf8PathBuf, Option<String>),
}

/// Lines of the manifest by key.
pub(super) struct Lines<'a> {
    loaded: &'a Loaded,
    lines: HashMap<&'a str, usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(loaded: &'a Loaded) -> Self {
        let lines = loaded.sources().iter().filter_map(|value| match &value.source {
            Source::File { line, .. } => Some((value.key.as_str(), *line)),
            _ => None,
        });
        Self { loaded, lines: lines.collect() }
    }

    /// The place of the first of these keys that is in the file.
    pub(super) fn place(&self, keys: &[String]) -> Option<Place> {
        let line = keys.iter().find_map(|key| self.lines.get(key.as_str()))?;
        Some(manifest_place(self.loaded, *line))
    }
}

/// A dataset's table for a folder that has none.
pub(super) fn table_of(path: &camino::Utf8Path) -> Dataset {
    Dataset {
        path: path.to_owned(),
        license: crate::manifest::values::Slug::placeholder(),
        contributors: None,
        contributors_public: true,
        format: RecordFormat::Auto,
        annotations: None,
        profile: Profile::default(),
        hidden: false,
        parents: Vec::new(),
        card: None,
        description: None,
        curators: Vec::new(),
    }
}

/// The datasets of the question, each with a name of its own.
pub(super) fn choose(gathering: &Gathering<'_>) -> Result<Vec<Chosen>> {
    if let Some(path) = &gathering.options.path {
        if !path.exists() {
            return Err(Error::input("check.path", format!("there is nothing at {path}"))
                .hint("give a folder or file, or --dataset NAME for one of the manifest"));
        }
        let name = path.canonicalize_utf8().ok().and_then(|real| real.file_name().map(str::to_owned));
        let name = name.unwrap_or_else(|| path.to_string());
        return Ok(vec![Chosen { name, role: Role::Train, place: None, what: What::Path(path.clone(), None) }]);
    }
    let Some(loaded) = gathering.loaded else { return Err(Error::bug("neither manifest nor path")) };
    let mut all = of_manifest(loaded);
    if all.is_empty() {
        return Err(Error::input("check.nothing", "the manifest names no dataset to check")
            .hint("add [datasets.NAME], or [[training.datasets]] for those of others"));
    }
    let wanted = &gathering.options.datasets;
    for name in wanted {
        if !all.iter().any(|chosen| chosen.name == *name) {
            let error = Error::input("check.dataset", format!("no dataset `{name}` is used for training"));
            let names: Vec<_> = all.iter().map(|chosen| chosen.name.as_str()).collect();
            return Err(match did_you_mean(name, names.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("there are {}", names.join(", "))),
            });
        }
    }
    if !wanted.is_empty() {
        all.retain(|chosen| wanted.contains(&chosen.name));
    }
    Ok(all)
}

fn of_manifest(loaded: &Loaded) -> Vec<Chosen> {
    let lines = Lines::of(loaded);
    let training = &loaded.manifest.training;
    if training.datasets.is_empty() {
        let all = loaded.manifest.datasets.iter().map(|(name, dataset)| Chosen {
            name: name.to_owned(),
            role: Role::Train,
            place: lines.place(&[format!("datasets.{name}.path")]),
            what: What::Own(Box::new(dataset.clone())),
        });
        return all.collect();
    }
    let tables: HashMap<&str, &Dataset> = loaded.manifest.datasets.iter().collect();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut all = Vec::with_capacity(training.datasets.len());
    for (index, used) in training.datasets.iter().enumerate() {
        let key = |name: &str| format!("training.datasets[{index}].{name}");
        let place = lines.place(&[key("name"), key("dataset"), key("path")]);
        let (name, what) = match (&used.name, &used.dataset, &used.path) {
            (Some(name), ..) => {
                let Some(table) = tables.get(name.as_str()) else { continue };
                (name.to_string(), What::Own(Box::new((*table).clone())))
            }
            (_, Some(dataset), _) => (dataset.to_string(), What::OnChain(*dataset)),
            (.., Some(path)) => (path.to_string(), What::Path(loaded.resolve(path), used.digest.clone())),
            // The loader lets no other one through.
            _ => continue,
        };
        // The same dataset in two roles is two entries of the report.
        let times = seen.entry(name.clone()).and_modify(|times| *times += 1).or_insert(1);
        let name = if *times > 1 { format!("{name} ({})", used.role.name()) } else { name };
        all.push(Chosen { name, role: used.role, place, what });
    }
    all
}
