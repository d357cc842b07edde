//! Packages of files that lie elsewhere: a listing instead of a walk, and ranges instead of open files.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::io;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::plan::{Child, PlannedDirectory, PlannedFile};
use super::{Options, Plan, Stamp, UnixfsError};

/// Files that are not in a folder of this machine.
pub trait RemoteTree: fmt::Debug + Send + Sync {
    /// For messages, e.g. `s3://bucket/prefix`.
    fn place(&self) -> &str;

    /// Fills `buffer` from `offset` of a file of the listing. Called from several threads.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when the file is no longer the one that was listed; anything else when it can't
    /// be read.
    fn read_at(&self, path: &str, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

/// A folder of the listing.
type Folder = BTreeMap<String, Node>;

enum Node {
    File(Stamp),
    Folder(Folder),
}

/// Plans what was listed: paths relative to the tree with `/`, and stamps that change when the content does. The same
/// files give the same CID as in a folder.
///
/// # Errors
/// [`UnixfsError::BadName`] for paths that no folder could have.
pub fn plan_remote(
    tree: Arc<dyn RemoteTree>,
    files: impl IntoIterator<Item = (String, Stamp)>,
    options: &Options,
) -> Result<Plan, UnixfsError> {
    let bad = |path: &str| UnixfsError::BadName { path: format!("{}/{path}", tree.place()).into() };
    let mut root = Folder::new();
    for (path, stamp) in files {
        if path.split('/').any(|name| matches!(name, "" | "." | "..") || name.contains('\0')) {
            return Err(bad(&path));
        }
        if options.hidden || !path.split('/').any(|name| name.starts_with('.')) {
            insert(&mut root, &path, stamp).ok_or_else(|| bad(&path))?;
        }
    }
    let place = Utf8PathBuf::from(tree.place());
    let mut plan = Plan {
        root: place,
        profile: options.profile,
        files: Vec::new(),
        directories: Vec::new(),
        remote: Some(Arc::clone(&tree)),
    };
    add(&mut plan, root, "");
    Ok(plan)
}

/// Plans a single file.
pub fn plan_remote_file(tree: Arc<dyn RemoteTree>, name: &str, stamp: Stamp, options: &Options) -> Plan {
    Plan {
        root: Utf8PathBuf::from(tree.place()),
        profile: options.profile,
        files: vec![PlannedFile { path: name.into(), stamp }],
        directories: Vec::new(),
        remote: Some(tree),
    }
}

/// `None` when something is a file and a folder.
fn insert(folder: &mut Folder, path: &str, stamp: Stamp) -> Option<()> {
    match path.split_once('/') {
        None => match folder.entry(path.to_owned()) {
            Entry::Vacant(slot) => {
                slot.insert(Node::File(stamp));
                Some(())
            }
            Entry::Occupied(_) => None,
        },
        Some((name, rest)) => match folder.entry(name.to_owned()).or_insert_with(|| Node::Folder(Folder::new())) {
            Node::Folder(below) => insert(below, rest, stamp),
            Node::File(_) => None,
        },
    }
}

fn add(plan: &mut Plan, folder: Folder, path: &str) -> usize {
    let mut children = Vec::with_capacity(folder.len());
    for (name, node) in folder {
        let relative = if path.is_empty() { name } else { format!("{path}/{name}") };
        children.push(match node {
            Node::File(stamp) => {
                plan.files.push(PlannedFile { path: relative.into(), stamp });
                Child::File(plan.files.len() - 1)
            }
            Node::Folder(below) => Child::Directory(add(plan, below, &relative)),
        });
    }
    plan.directories.push(PlannedDirectory { path: path.into(), children });
    plan.directories.len() - 1
}
