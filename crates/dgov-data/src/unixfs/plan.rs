//! Walking a folder: what will be hashed, in which order.

use std::fs;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::read::Source;
use super::{Profile, RemoteTree, Stamp, UnixfsError};

/// What belongs to a package.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Parameters of the CIDs.
    pub profile: Profile,
    /// Take files and folders whose names begin with a dot.
    pub hidden: bool,
    /// Follow symbolic links that stay inside the folder. Those that lead out of it are an error all the same.
    pub follow_links: bool,
}

/// The files and directories of a package, before any byte is read.
#[derive(Debug)]
pub struct Plan {
    pub(crate) root: Utf8PathBuf,
    pub(crate) profile: Profile,
    /// In tree order: names ascending bytewise in each directory.
    pub(crate) files: Vec<PlannedFile>,
    /// Children before parents; the last is the root. Empty when the package is a single file.
    pub(crate) directories: Vec<PlannedDirectory>,
    /// Where the files are when they are not below `root`.
    pub(crate) remote: Option<Arc<dyn RemoteTree>>,
}

#[derive(Debug)]
pub(crate) struct PlannedFile {
    /// Relative to the root, with `/`; the file's name when the package is that file.
    pub path: Box<str>,
    pub stamp: Stamp,
}

#[derive(Debug)]
pub(crate) struct PlannedDirectory {
    /// Relative to the root; empty for the root.
    pub path: Box<str>,
    /// Names ascending bytewise.
    pub children: Vec<Child>,
}

/// Index of a child among the files or directories of the plan.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child {
    File(usize),
    Directory(usize),
}

/// A path that leads nowhere: a link whose target is gone, or nothing at all.
fn unresolved(path: &Utf8Path, error: std::io::Error) -> UnixfsError {
    let link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    if link && error.kind() == std::io::ErrorKind::NotFound {
        return UnixfsError::SymlinkBroken { path: path.into() };
    }
    UnixfsError::Io { path: path.into(), source: error }
}

/// Walks `root`, a folder or a single file.
///
/// # Errors
/// [`UnixfsError::Io`], [`UnixfsError::NotUtf8`], [`UnixfsError::SpecialFile`], and for links [`UnixfsError::Symlink`],
/// [`UnixfsError::SymlinkBroken`], [`UnixfsError::SymlinkOutside`], [`UnixfsError::SymlinkLoop`].
pub fn plan(root: &Utf8Path, options: &Options) -> Result<Plan, UnixfsError> {
    // The root itself may be a link: it was named by hand.
    let root = root.canonicalize_utf8().map_err(|error| unresolved(root, error))?;
    let metadata = fs::metadata(&root).map_err(UnixfsError::io(&root))?;
    let mut plan = Plan { root, profile: options.profile, files: Vec::new(), directories: Vec::new(), remote: None };
    if metadata.is_file() {
        let path = plan.root.file_name().unwrap_or_default().into();
        plan.files.push(PlannedFile { path, stamp: Stamp::of(&metadata) });
    } else if metadata.is_dir() {
        let root = plan.root.clone();
        let mut walk = Walk { plan: &mut plan, options, open: vec![root.clone()] };
        walk.directory(&root, "")?;
    } else {
        return Err(UnixfsError::SpecialFile { path: plan.root });
    }
    Ok(plan)
}

impl Plan {
    /// The folder or file, as an absolute path without links.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Parameters of the CIDs.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Whether the package is one file rather than a folder.
    pub fn is_single_file(&self) -> bool {
        self.directories.is_empty()
    }

    /// Number of files.
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Bytes of content in all files.
    pub fn content_size(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.stamp.size))
    }

    /// Paths relative to the root, with the stamps seen, in tree order.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, Stamp)> {
        self.files.iter().map(|file| (&*file.path, file.stamp))
    }

    /// Some of the files, all in one folder: to read a part of a package. Its CIDs are not those of the package.
    pub(crate) fn part(&self, keep: &[usize]) -> Self {
        let files = keep.iter().map(|file| &self.files[*file]);
        Self {
            root: self.root.clone(),
            profile: self.profile,
            files: files.map(|file| PlannedFile { path: file.path.clone(), stamp: file.stamp }).collect(),
            directories: match self.is_single_file() {
                true => Vec::new(),
                false => vec![PlannedDirectory { path: "".into(), children: Vec::new() }],
            },
            remote: self.remote.clone(),
        }
    }

    /// Opens a file of the plan, which must still have its stamp.
    pub(crate) fn open(&self, file: usize) -> Result<Source, UnixfsError> {
        let stamp = self.files[file].stamp;
        match &self.remote {
            None => Source::open(self.source(file), stamp),
            Some(tree) => Ok(Source::remote(Arc::clone(tree), &self.files[file].path, self.source(file), stamp)),
        }
    }

    /// Where a file of the plan lies.
    pub(crate) fn source(&self, file: usize) -> Utf8PathBuf {
        if self.is_single_file() { self.root.clone() } else { self.root.join(&*self.files[file].path) }
    }
}

struct Walk<'a> {
    plan: &'a mut Plan,
    options: &'a Options,
    /// Real paths of the directories that the walk is in, to notice a link back into one of them.
    open: Vec<Utf8PathBuf>,
}

impl Walk<'_> {
    fn directory(&mut self, source: &Utf8Path, path: &str) -> Result<usize, UnixfsError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(source).map_err(UnixfsError::io(source))? {
            let entry = entry.map_err(UnixfsError::io(source))?;
            let name = entry.file_name();
            if !self.options.hidden && name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let Some(name) = name.to_str() else {
                return Err(UnixfsError::NotUtf8 { path: format!("{source}/{}", name.to_string_lossy()) });
            };
            let file_type = entry.file_type().map_err(UnixfsError::io(source.join(name)))?;
            names.push((name.to_owned(), file_type));
        }
        names.sort_unstable_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
        let mut children = Vec::with_capacity(names.len());
        for (name, file_type) in names {
            let relative = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            let at = source.join(&name);
            children.push(if file_type.is_symlink() {
                self.link(&at, relative)?
            } else if file_type.is_dir() {
                self.open.push(at.clone());
                let index = self.directory(&at, &relative)?;
                self.open.pop();
                Child::Directory(index)
            } else if file_type.is_file() {
                let metadata = fs::symlink_metadata(&at).map_err(UnixfsError::io(&at))?;
                self.file(relative, &metadata)
            } else {
                return Err(UnixfsError::SpecialFile { path: at });
            });
        }
        self.plan.directories.push(PlannedDirectory { path: path.into(), children });
        Ok(self.plan.directories.len() - 1)
    }

    fn file(&mut self, path: String, metadata: &fs::Metadata) -> Child {
        self.plan.files.push(PlannedFile { path: path.into(), stamp: Stamp::of(metadata) });
        Child::File(self.plan.files.len() - 1)
    }

    fn link(&mut self, at: &Utf8Path, path: String) -> Result<Child, UnixfsError> {
        let target = fs::canonicalize(at).map_err(|error| unresolved(at, error))?;
        let inside =
            Utf8PathBuf::from_path_buf(target.clone()).ok().filter(|target| target.starts_with(&self.plan.root));
        let Some(target) = inside else {
            return Err(UnixfsError::SymlinkOutside { path: at.into(), target: target.to_string_lossy().into_owned() });
        };
        if !self.options.follow_links {
            return Err(UnixfsError::Symlink { path: at.into() });
        }
        let metadata = fs::metadata(&target).map_err(UnixfsError::io(at))?;
        if metadata.is_file() {
            return Ok(self.file(path, &metadata));
        }
        if !metadata.is_dir() {
            return Err(UnixfsError::SpecialFile { path: at.into() });
        }
        if self.open.contains(&target) {
            return Err(UnixfsError::SymlinkLoop { path: at.into() });
        }
        self.open.push(target.clone());
        let index = self.directory(&target, &path)?;
        self.open.pop();
        Ok(Child::Directory(index))
    }
}
