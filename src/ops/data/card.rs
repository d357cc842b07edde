//! Data cards on disk: writing one, measuring one, showing one. The rules are in `dgov_data::cards`.

pub mod init;
pub mod lint;
pub(super) mod pushed;
pub mod show;

use std::cell::RefCell;
use std::io::Read;

use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::cards::contradictions::Said;
use dgov_data::cards::facts::{self, Facts};
use dgov_data::unixfs::{self, Options};
use sha2::{Digest, Sha256};

use super::package;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::{Dataset, Loaded};
use crate::ops::times;
use crate::ui::Ui;

/// File name of a card.
pub const FILE: &str = "croissant.json";
/// File name of a hub card.
pub const README: &str = "README.md";

/// A card larger than this is not read.
const MAX_CARD: u64 = 256 << 20;

/// What the manifest says of a dataset that its card may say, too; `now` in unix seconds.
pub fn said(loaded: &Loaded, dataset: &str, now: i64) -> Option<Said> {
    let dataset = loaded.manifest.datasets.get(dataset)?;
    let license = loaded.manifest.licenses.get(dataset.license.as_str())?;
    let stated = license.stated();
    let day = |seconds: i64| times::rfc3339(u64::try_from(seconds).unwrap_or(0)).chars().take(10).collect::<String>();
    Some(Said {
        spdx: stated.spdx,
        allow: stated.allow,
        price: stated.price,
        ends: stated.expiry.map(day),
        today: day(now),
    })
}

/// What a name or a path on the command line means.
pub struct Place {
    /// The manifest with the dataset's name in it, when it is one of the project.
    pub dataset: Option<(Loaded, String)>,
    /// Folder or file with the data.
    pub data: Utf8PathBuf,
}

impl Place {
    /// A dataset of the manifest by its name; otherwise a path.
    ///
    /// # Errors
    /// When it is neither.
    pub fn of(context: &Context, text: &str) -> Result<Self> {
        let word = !text.contains(['/', '\\', '.']);
        if word && let Some(loaded) = manifest(context)? {
            if let Ok((name, dataset)) = package::find_in(&loaded, Some(text)) {
                let (name, data) = (name.to_owned(), data_of(&loaded, dataset)?);
                return Ok(Self { dataset: Some((loaded, name)), data });
            }
            if !Utf8Path::new(text).exists() {
                package::find_in(&loaded, Some(text))?;
            }
        }
        let data = Utf8PathBuf::from(text);
        if !data.exists() {
            return Err(Error::input("card.nothing", format!("there is neither a dataset nor a path `{text}`"))
                .hint("name a dataset of dgov.toml, or a folder or file with data"));
        }
        Ok(Self { dataset: None, data })
    }

    /// The dataset's table, when it is one of the project.
    pub fn table(&self) -> Option<&Dataset> {
        let (loaded, name) = self.dataset.as_ref()?;
        loaded.manifest.datasets.get(name)
    }

    /// Where its card and its README are: below `cards/` of a project, which leaves the data as it is; otherwise beside
    /// the data.
    pub fn documents(&self) -> Utf8PathBuf {
        match &self.dataset {
            Some((loaded, name)) => loaded.dir.join("cards").join(name),
            None if self.data.is_dir() => self.data.clone(),
            None => self.data.parent().map_or_else(Utf8PathBuf::new, Utf8Path::to_owned),
        }
    }

    /// The card's file: the manifest's `card`, else the usual one.
    pub fn card(&self) -> Utf8PathBuf {
        let own = self
            .dataset
            .as_ref()
            .zip(self.table())
            .and_then(|((loaded, _), table)| table.card.as_ref().map(|path| loaded.resolve(path)));
        own.unwrap_or_else(|| self.documents().join(FILE))
    }
}

/// The manifest; none when there is no project here. A manifest that is broken is an error.
pub fn manifest(context: &Context) -> Result<Option<Loaded>> {
    match context.manifest() {
        Ok(loaded) => Ok(Some(loaded)),
        Err(error) if error.code() == "manifest.not_found" && context.global.manifest.is_none() => Ok(None),
        Err(error) => Err(error),
    }
}

fn data_of(loaded: &Loaded, dataset: &Dataset) -> Result<Utf8PathBuf> {
    if dataset.path.as_str().contains("://") {
        return Err(Error::input("card.remote", format!("the data is in a bucket, at {}", dataset.path))
            .hint("download it into a folder and name that: dgov data card init FOLDER"));
    }
    Ok(loaded.resolve(&dataset.path))
}

/// Reads a card's file, within bounds.
pub fn read_card(path: &Utf8Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::input("card.missing", format!("there is no card at {path}"))
            .hint("`dgov data card init` writes one from the data"),
        _ => {
            Error::local_io("io", format!("cannot read {path}")).caused_by(&error).hint("check the file's permissions")
        }
    })?;
    file.take(MAX_CARD + 1).read_to_end(&mut bytes).map_err(|error| {
        Error::local_io("io", format!("cannot read {path}")).caused_by(&error).hint("a card is a file, no folder")
    })?;
    if bytes.len() as u64 > MAX_CARD {
        return Err(Error::input("card.large", format!("{path} is larger than 256 MiB"))
            .hint("describe many files by sets with patterns, not one by one"));
    }
    Ok(bytes)
}

/// Paths of the files of a dataset as its package has them, documents of its own at the top aside, and their folder.
pub fn files(data: &Utf8Path, options: &Options) -> Result<(Utf8PathBuf, Vec<String>, u64)> {
    let plan = unixfs::plan(data, options).map_err(package::unixfs_error)?;
    let root = if plan.is_single_file() {
        data.parent().map_or_else(Utf8PathBuf::new, Utf8Path::to_owned)
    } else {
        data.to_owned()
    };
    let listed = plan.files().map(|(path, _)| path.to_owned()).filter(|path| path != FILE && path != README);
    let paths: Vec<_> = listed.collect();
    Ok((root, paths, plan.content_size()))
}

/// What reading all of it tells.
pub fn facts(ui: &Ui, data: &Utf8Path, options: &Options) -> Result<Facts> {
    let (root, paths, bytes) = files(data, options)?;
    if paths.is_empty() {
        return Err(Error::input("dataset.empty", format!("{data} has no files")).hint("put the data there"));
    }
    let bar = ui.bytes("reading", bytes);
    let facts = facts::read(root.as_std_path(), &paths, &|bytes| bar.inc(bytes)).map_err(|error| {
        Error::local_io("io", "the data can't be read").caused_by(&error).hint("check its permissions")
    })?;
    bar.finish_and_clear();
    Ok(facts)
}

/// A folder whose files are hashed when a card speaks of them.
pub struct Folder<'u> {
    root: Utf8PathBuf,
    paths: Vec<String>,
    ui: &'u Ui,
    buffer: RefCell<Vec<u8>>,
}

impl<'u> Folder<'u> {
    /// The files below a folder, hidden ones too: a card may list them.
    pub fn open(ui: &'u Ui, data: &Utf8Path) -> Result<Self> {
        let (root, paths, _) = files(data, &Options { hidden: true, follow_links: true, ..Options::default() })?;
        Ok(Self { root, paths, ui, buffer: RefCell::new(vec![0; 1 << 18]) })
    }
}

impl dgov_data::cards::lint::files::Files for Folder<'_> {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn observe(&self, path: &str) -> std::io::Result<Option<dgov_data::cards::lint::files::Observed>> {
        // Only what the walk found: no path of a card leads anywhere else.
        if !self.paths.iter().any(|known| known == path) && path != FILE && path != README {
            return Ok(None);
        }
        let full = self.root.join(path);
        let mut file = match std::fs::File::open(&full) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let (mut sha256, mut size) = (Sha256::new(), 0);
        let bar = self.ui.bytes("hashing", file.metadata()?.len());
        let mut buffer = self.buffer.borrow_mut();
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            sha256.update(&buffer[..read]);
            size += read as u64;
            bar.inc(read as u64);
        }
        bar.finish_and_clear();
        let sha256 = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(dgov_data::cards::lint::files::Observed { size, sha256 }))
    }
}
