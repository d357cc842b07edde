//! A hashed folder: its root CID and everything needed to give out its blocks.

use alloy_primitives::B256;
use camino::{Utf8Path, Utf8PathBuf};
use cid::Cid;
use rayon::prelude::*;

use super::dagpb::Link;
use super::directory::Directory;
use super::file::{self, Linked};
use super::plan::{Child, PlannedDirectory, PlannedFile};
use super::read::Source;
use super::window::{Found, Memory, NoScan, ReadFile, Reading, Scan};
use super::{BlockId, Codec, Plan, Profile, Stamp, UnixfsError, dagpb};

/// A plan with all its identifiers. Holds about 150 bytes and the path for each file, 32 bytes for each further chunk.
#[derive(Debug)]
pub struct Package {
    pub(crate) plan: Plan,
    pub(crate) files: Vec<HashedFile>,
    pub(crate) directories: Vec<Linked>,
}

#[derive(Debug)]
pub(crate) struct HashedFile {
    pub linked: Linked,
    /// Digests of all leaves; empty when the root is the only one.
    pub leaves: Box<[[u8; 32]]>,
}

/// A file of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Relative to the root, with `/`; the file's name when the package is that file.
    pub path: &'a str,
    /// Root block of the file.
    pub id: BlockId,
    /// Its CID under the package's profile.
    pub cid: Cid,
    /// Size, times and identity when it was read.
    pub stamp: Stamp,
}

impl Plan {
    /// Reads every file once, on all cores, and computes all CIDs. `progress` is called with the bytes of each finished
    /// piece, from any thread.
    ///
    /// # Errors
    /// [`UnixfsError::Io`], and [`UnixfsError::Changed`] for a file that is not what it was when the plan was made.
    pub fn hash(self, progress: &(dyn Fn(u64) + Sync)) -> Result<Package, UnixfsError> {
        Ok(self.hash_scanning(&(), &NoScan, progress)?.0)
    }

    /// As [`Self::hash`], but reads only what `memory` does not know, and looks for records meanwhile: what was found in
    /// each file, in order.
    pub(crate) fn hash_scanning(
        self,
        memory: &dyn Memory,
        scan: &dyn Scan,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(Package, Vec<Vec<Found>>), UnixfsError> {
        let reading = Reading { plan: &self, memory, scan, progress };
        let read = |index| {
            let ReadFile { leaves, found } = reading.file(index)?;
            Ok((
                from_leaves(self.profile, leaves),
                if scan.wants(&self.files[index].path) { found } else { Vec::new() },
            ))
        };
        let read: Vec<_> = (0..self.files.len()).into_par_iter().map(read).collect::<Result<_, UnixfsError>>()?;
        let (files, found): (Vec<_>, Vec<_>) = read.into_iter().unzip();
        Ok((Package::of(self, files)?, found))
    }

    /// The package as it would be if no two leaves were alike, with digests that are made up: what it tells of lengths and of
    /// the order of blocks is true then. Nothing is read.
    pub(crate) fn outline(self) -> Result<Package, UnixfsError> {
        let mut count = 0_u64;
        let mut outlined = |file: &PlannedFile| {
            let digests = (0..file::leaf_count(self.profile, file.stamp.size)).map(|_| {
                count += 1;
                let mut digest = [0; 32];
                digest[..8].copy_from_slice(&count.to_be_bytes());
                digest
            });
            from_leaves(self.profile, file::known_leaves(self.profile, file.stamp.size, &digests.collect::<Vec<_>>()))
        };
        let files = self.files.iter().map(&mut outlined).collect();
        Package::of(self, files)
    }
}

impl Package {
    /// From hashed files, in the order of the plan.
    fn of(plan: Plan, files: Vec<HashedFile>) -> Result<Self, UnixfsError> {
        let mut directories = Vec::with_capacity(plan.directories.len());
        for directory in &plan.directories {
            let entries = links(&plan, directory, &files, &directories);
            let built = Directory::build(plan.profile, &directory.path, &entries)?;
            directories.push(Linked { id: built.id(), total: built.total(), content: 0 });
        }
        Ok(Self { plan, files, directories })
    }

    /// The CID that `ipfs add -r` gives under the package's profile.
    pub fn cid(&self) -> Cid {
        self.root_id().cid(self.plan.profile)
    }

    /// The sha256 digest inside the root CID.
    pub fn digest(&self) -> B256 {
        B256::new(self.root_id().digest)
    }

    /// The root block.
    pub fn root_id(&self) -> BlockId {
        self.root_linked().id
    }

    /// Bytes of all blocks, those that occur several times counted each time: the `CumulativeSize` of other tools.
    pub fn cumulative_size(&self) -> u64 {
        self.root_linked().total
    }

    /// The folder or file, as an absolute path without links.
    pub fn root(&self) -> &Utf8Path {
        self.plan.root()
    }

    /// What was hashed, without what hashing told.
    pub(crate) fn into_plan(self) -> Plan {
        self.plan
    }

    /// Parameters of the CIDs.
    pub fn profile(&self) -> Profile {
        self.plan.profile
    }

    /// The plan that was hashed.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Files in tree order: names ascending bytewise in each directory.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        (0..self.files.len()).map(|index| self.entry(index))
    }

    /// The file at `path`.
    pub fn find(&self, path: &str) -> Option<Entry<'_>> {
        self.plan.files.iter().position(|file| &*file.path == path).map(|index| self.entry(index))
    }

    /// Digests of the leaves of the file at a position of [`Self::entries`], in order; enough to compute its CID again.
    pub fn leaf_digests(&self, index: usize) -> Vec<[u8; 32]> {
        match &self.files[index] {
            HashedFile { linked, leaves } if leaves.is_empty() => vec![linked.id.digest],
            HashedFile { leaves, .. } => leaves.to_vec(),
        }
    }

    /// Where the file at a position of [`Self::entries`] lies.
    pub fn source_path(&self, index: usize) -> Utf8PathBuf {
        self.plan.source(index)
    }

    pub(crate) fn entry(&self, index: usize) -> Entry<'_> {
        let planned = &self.plan.files[index];
        let id = self.files[index].linked.id;
        Entry { path: &planned.path, id, cid: id.cid(self.plan.profile), stamp: planned.stamp }
    }

    fn root_linked(&self) -> Linked {
        match self.directories.last() {
            Some(root) => *root,
            // A plan without directories is one file.
            None => self.files[0].linked,
        }
    }

    pub(crate) fn open(&self, index: usize) -> Result<Source, UnixfsError> {
        self.plan.open(index)
    }

    pub(crate) fn links<'a>(&'a self, directory: &'a PlannedDirectory) -> Vec<Link<'a>> {
        links(&self.plan, directory, &self.files, &self.directories)
    }
}

/// The root block of content that is in memory: documents that are not files.
pub fn hash_bytes(profile: Profile, bytes: &[u8]) -> BlockId {
    let chunks = bytes.chunks(profile.chunk_size() as usize);
    let leaves: Vec<_> = chunks.map(|chunk| hash_leaf(profile, chunk)).collect();
    let leaves = if leaves.is_empty() { vec![hash_leaf(profile, &[])] } else { leaves };
    let top = file::levels(profile, leaves);
    top[top.len() - 1][0].id
}

fn hash_leaf(profile: Profile, chunk: &[u8]) -> Linked {
    let codec = match profile {
        Profile::V1_2025 => Codec::Raw,
        Profile::V0_2015 => Codec::DagPb,
    };
    file::leaf(profile, leaf_id(codec, chunk), chunk.len() as u64)
}

/// The leaf block that holds this content and nothing else.
pub fn leaf_id(codec: Codec, content: &[u8]) -> BlockId {
    match codec {
        Codec::Raw => BlockId::of(Codec::Raw, content),
        Codec::DagPb => {
            let (before, after) = dagpb::leaf_frame(content.len() as u64);
            BlockId::of(Codec::DagPb, &[&before, content, &after].concat())
        }
    }
}

fn from_leaves(profile: Profile, leaves: Vec<Linked>) -> HashedFile {
    let digests = if leaves.len() == 1 { Box::default() } else { leaves.iter().map(|leaf| leaf.id.digest).collect() };
    let levels = file::levels(profile, leaves);
    HashedFile { linked: levels[levels.len() - 1][0], leaves: digests }
}

fn links<'a>(
    plan: &'a Plan,
    directory: &'a PlannedDirectory,
    files: &[HashedFile],
    directories: &[Linked],
) -> Vec<Link<'a>> {
    let link = |child: &Child| {
        let (path, linked) = match *child {
            Child::File(index) => (&*plan.files[index].path, files[index].linked),
            Child::Directory(index) => (&*plan.directories[index].path, directories[index]),
        };
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        Link { name, id: linked.id, total: linked.total }
    };
    directory.children.iter().map(link).collect()
}
