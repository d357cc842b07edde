//! The data of verbs that work without a chain, and without a manifest when they are given a path.

use camino::Utf8Path;
use dgov_data::records::{self, RecordFormat};
use dgov_data::unixfs::{Options, Plan};

use super::package::{self, Local};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::{self, Loaded};
use crate::session::environment;
use crate::storage::s3::tree;

/// Files, and what a record is in them.
pub struct Source {
    /// The files, before any of them is read.
    pub plan: Plan,
    /// What a record is.
    pub format: RecordFormat,
    /// The dataset of the manifest, when it is one.
    pub named: Option<Named>,
}

/// A dataset of a manifest.
pub struct Named {
    /// The manifest.
    pub loaded: Loaded,
    /// Its slug.
    pub slug: String,
}

impl Source {
    /// What a user means: a dataset of the manifest, or a path. A name that the manifest has wins; `./name` is always a path.
    /// Without anything it is the manifest's only dataset.
    ///
    /// # Errors
    /// Those of manifests and of walking a folder; `dataset.unknown` for what is neither.
    pub fn find(context: &Context, text: Option<&str>) -> Result<Self> {
        let is_path = |text: &str| text.contains(['/', '\\']) || text == "." || text == "..";
        if let Some(text) = text.filter(|text| is_path(text)) {
            return Self::of_path(Utf8Path::new(text));
        }
        let there = text.filter(|text| Utf8Path::new(text).exists());
        let loaded = match (context.manifest(), there) {
            (Ok(loaded), there) => {
                if let Some(path) = there.filter(|name| loaded.manifest.datasets.get(name).is_none()) {
                    return Self::of_path(Utf8Path::new(path));
                }
                loaded
            }
            (Err(error), Some(path)) if error.code() == "manifest.not_found" => {
                return Self::of_path(Utf8Path::new(path));
            }
            (Err(error), _) => return Err(error),
        };
        let (slug, dataset) = package::find_in(&loaded, text)?;
        let (slug, (plan, format)) = (slug.to_owned(), plan_of(&loaded, dataset)?);
        Ok(Self { plan, format, named: Some(Named { loaded, slug }) })
    }

    /// A dataset of a manifest that is at hand.
    ///
    /// # Errors
    /// Those of walking a folder.
    pub fn of_dataset(loaded: &Loaded, slug: &str, dataset: &manifest::Dataset) -> Result<Self> {
        let (plan, format) = plan_of(loaded, dataset)?;
        Ok(Self { plan, format, named: Some(Named { loaded: loaded.clone(), slug: slug.to_owned() }) })
    }

    /// A folder or file, as a dataset with nothing said about it.
    ///
    /// # Errors
    /// Those of walking a folder.
    pub fn of_path(path: &Utf8Path) -> Result<Self> {
        let plan = package::plan(path, &Options::default()).map_err(|error| match error.code() {
            "dataset.path_missing" => Error::input(error.code(), error.message())
                .hint(format!("check the path given, `{path}`; a relative one starts in the current folder")),
            _ => error,
        })?;
        let format = records::detect(&plan);
        Ok(Self { plan, format, named: None })
    }

    /// Hashes everything.
    ///
    /// # Errors
    /// Those of reading and of records.
    pub fn hash(self, context: &Context) -> Result<Local> {
        let Self { plan, format, .. } = self;
        let (files, bytes) = (plan.file_count() as u64, plan.content_size());
        let bar = context.ui.bytes("hashing", bytes);
        let (package, records) =
            records::read(plan, &format, &(), &|bytes| bar.inc(bytes)).map_err(package::record_error)?;
        bar.finish_and_clear();
        let tree = records.tree().map_err(package::record_error)?;
        Ok(Local { package, files, bytes, read: bytes, format, records, tree })
    }
}

fn plan_of(loaded: &Loaded, dataset: &manifest::Dataset) -> Result<(Plan, RecordFormat)> {
    let options = package::options(dataset);
    let plan = match dataset.path.as_str().strip_prefix(tree::SCHEME) {
        Some(location) => package::filled(tree::plan(location, &loaded.manifest.storage.s3, &environment, &options)?)?,
        None => package::plan(&loaded.resolve(&dataset.path), &options)?,
    };
    let format = package::format(dataset, &plan);
    Ok((plan, format))
}
