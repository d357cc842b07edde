//! The profile of a dataset: what is in its columns, what occurs twice, which splits overlap, where personal data may be.
//!
//! One pass over [`Row`]s, in memory that does not grow with the data. Everything that a profile is made from can be joined
//! in any order, so that parts profiled apart give the bytes of the whole. `docs/profile.md` says of every figure how it is
//! made and whether it is exact.

mod column;
mod distinct;
mod hash;
mod near;
mod number;
mod pii;
mod read;
mod report;
mod scope;
mod shard;
mod sort;
mod splits;
mod state;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use alloy_primitives::B256;

use crate::records::{RecordError, Row};
use crate::tree::{Kind, Leaf, RootStream, TreeError};
use shard::{Entry, Writer};
use sort::{Sorted, Sorter};
use splits::NONE;
use state::State;

pub use read::read;
pub use report::{
    Column, Count, Duplicates, FORMAT, Kinds, Near, Number, Numbers, Overlap, OverlapCount, PersonalData, PiiColumn,
    PiiExample, PiiKind, Profile, Span, Split,
};
pub use scope::Scope;
pub use shard::Shard;
pub use sort::Scratch;
pub use splits::{MAX_SPLITS, SplitRule};
pub use state::MAX_COLUMNS;

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A scratch file or the file of a part can't be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The data can't be read, or is not what its format says.
    #[error(transparent)]
    Records(#[from] RecordError),
    /// The keys make no tree: there are no records.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// More than [`MAX_SPLITS`].
    #[error("{0} splits are more than the {MAX_SPLITS} that a profile can hold")]
    TooManySplits(usize),
    /// The file of a part is not one, or not whole.
    #[error("no whole part of a profile: {0}")]
    BrokenPart(String),
    /// Parts of different datasets, or made with different rules for splits.
    #[error("the part is of another dataset, of other files, or was made with other splits")]
    OtherDataset,
    /// The parts that were given are not all parts of the whole.
    #[error("{0}")]
    Parts(String),
}

/// Key of a record, place of its split, whether it has text that was compared.
const KEY: usize = 34;

/// Makes a profile, or a part of one.
pub struct Profiler<'s> {
    scratch: &'s dyn Scratch,
    state: State,
    keys: Sorter<'s, KEY>,
    bands: Sorter<'s, { near::ENTRY }>,
    signer: near::Signer,
}

impl<'s> Profiler<'s> {
    /// A profiler that has seen nothing; what does not fit into memory goes to files of `scratch`.
    pub fn new(scratch: &'s dyn Scratch) -> Self {
        Self {
            scratch,
            state: State::default(),
            keys: Sorter::new(scratch),
            bands: Sorter::unique(scratch),
            signer: near::Signer::new(),
        }
    }

    /// Takes a record. Records may come in any order.
    ///
    /// # Errors
    /// [`ProfileError::Io`] of a scratch file.
    pub fn take(&mut self, scope: &Scope, row: &Row<'_>) -> Result<(), ProfileError> {
        let split = scope.split(row);
        let signer = &mut self.signer;
        signer.begin();
        self.state.take(row, &|| scope.locator(row), &mut |text| signer.text(text));
        if split != NONE {
            self.state.splits.resize(scope.common.splits.len(), 0);
            self.state.splits[usize::from(split)] += 1;
        }
        let bands = signer.bands();
        let mut entry = [0; KEY];
        entry[..32].copy_from_slice(row.key.as_slice());
        entry[32..].copy_from_slice(&[split, bands.is_some().into()]);
        self.keys.push(entry)?;
        for band in bands.into_iter().flatten() {
            self.bands.push(near::entry(band, &row.key.0, split))?;
        }
        Ok(())
    }

    /// Writes what was taken as part of a whole.
    ///
    /// # Errors
    /// [`ProfileError::Io`].
    pub fn write_part(self, scope: &Scope, shard: Shard, out: impl Write) -> Result<(), ProfileError> {
        let mut writer = Writer::new(out, shard, &scope.common, &self.state)?;
        for entry in self.keys.finish()? {
            writer.key(&entry?)?;
        }
        for entry in self.bands.finish()? {
            writer.band(&entry?)?;
        }
        Ok(writer.finish()?)
    }

    /// The profile of all that was taken.
    ///
    /// # Errors
    /// [`ProfileError::Tree`] without records, [`ProfileError::Io`] of a scratch file.
    pub fn finish(self, scope: &Scope) -> Result<Profile, ProfileError> {
        self.report(&scope.common)
    }

    fn report(self, scope: &scope::Common) -> Result<Profile, ProfileError> {
        let found = Keys::read(self.keys.finish()?)?;
        let similar = near::similar(self.bands.finish()?, self.scratch)?;
        let compared = found.with_text > 0;
        let splits = || scope.splits.iter().enumerate();
        let in_split = |split: usize| self.state.splits.get(split).copied().unwrap_or(0);
        let shown = |split: usize| scope.splits_named || in_split(split) > 0;
        let mut split_overlap = Vec::new();
        for (a, name_a) in splits().filter(|(split, _)| shown(*split)) {
            for (b, name_b) in splits().skip(a + 1).filter(|(split, _)| shown(*split)) {
                let pair = (a as u8, b as u8);
                split_overlap.push(Overlap {
                    a: name_a.clone(),
                    b: name_b.clone(),
                    exact: found.overlap.get(&pair).copied().unwrap_or_default(),
                    near: compared.then(|| similar.overlap.get(&pair).copied().unwrap_or_default()),
                });
            }
        }
        let columns = self.state.columns();
        let mut not_measured = Vec::new();
        if !compared {
            not_measured.push(
                "near duplicates: no record has a text of five words or more; images and other bytes are compared exactly only"
                    .to_owned(),
            );
        }
        let opaque: Vec<_> = columns.iter().filter(|column| column.kinds.bytes > 0).map(|c| c.name.as_str()).collect();
        if !opaque.is_empty() {
            not_measured.push(format!("personal data in columns of bytes: {}", opaque.join(", ")));
        }
        Ok(Profile {
            format: FORMAT.to_owned(),
            record_format: scope.record_format.clone(),
            record_root: found.root,
            records: found.records,
            files: scope.files,
            bytes: scope.bytes,
            columns,
            columns_seen: self.state.columns_seen(),
            duplicates: Duplicates {
                distinct: found.distinct,
                exact: found.records - found.distinct,
                near: compared.then_some(Near { compared: found.with_text, records: similar.records }),
            },
            splits: splits()
                .filter(|(split, _)| shown(*split))
                .map(|(split, name)| Split { name: name.clone(), records: in_split(split) })
                .collect(),
            split_overlap,
            pii: self.state.personal_data(),
            not_measured,
        })
    }
}

/// Joins the parts of a profile.
pub struct Merger<'s> {
    profiler: Profiler<'s>,
    scope: Option<scope::Common>,
    seen: Vec<Shard>,
}

impl<'s> Merger<'s> {
    /// Without parts so far.
    pub fn new(scratch: &'s dyn Scratch) -> Self {
        Self { profiler: Profiler::new(scratch), scope: None, seen: Vec::new() }
    }

    /// Takes the file of a part; the parts may come in any order.
    ///
    /// # Errors
    /// [`ProfileError::BrokenPart`], [`ProfileError::OtherDataset`], [`ProfileError::Parts`] for one that was there
    /// before, [`ProfileError::Io`].
    pub fn take(&mut self, input: &mut impl BufRead) -> Result<(), ProfileError> {
        let Profiler { keys, bands, .. } = &mut self.profiler;
        let header = shard::read(input, &mut |entry| match entry {
            Entry::Key(entry) => keys.push(entry),
            Entry::Band(entry) => bands.push(entry),
        })?;
        if self.scope.get_or_insert_with(|| header.scope.clone()) != &header.scope {
            return Err(ProfileError::OtherDataset);
        }
        let Shard { number, of } = header.shard;
        if let Some(first) = self.seen.first().filter(|first| first.of != of) {
            return Err(ProfileError::Parts(format!("one part is of {of}, another of {}", first.of)));
        }
        if self.seen.contains(&header.shard) {
            return Err(ProfileError::Parts(format!("part {number}/{of} was given twice")));
        }
        self.seen.push(header.shard);
        self.profiler.state.join(&header.state);
        Ok(())
    }

    /// The profile of the whole.
    ///
    /// # Errors
    /// [`ProfileError::Parts`] when one is missing, and those of [`Profiler::finish`].
    pub fn finish(self) -> Result<Profile, ProfileError> {
        let (Some(scope), Some(Shard { of, .. })) = (&self.scope, self.seen.first().copied()) else {
            return Err(ProfileError::Parts("no part was given".to_owned()));
        };
        let missing = (1..=of).find(|number| !self.seen.contains(&Shard { number: *number, of }));
        match missing {
            Some(number) => Err(ProfileError::Parts(format!("part {number}/{of} is missing"))),
            None => self.profiler.report(scope),
        }
    }
}

/// What the sorted keys say.
struct Keys {
    root: B256,
    records: u64,
    distinct: u64,
    /// Different records with text that was compared.
    with_text: u64,
    /// Records with an exact copy in the other split, by pair `a < b`.
    overlap: HashMap<(u8, u8), OverlapCount>,
}

impl Keys {
    fn read(entries: Sorted<KEY>) -> Result<Self, ProfileError> {
        let mut stream = RootStream::new(Kind::Records);
        let (mut distinct, mut with_text, mut overlap) = (0, 0, HashMap::new());
        let mut close = |copies: &Copies| -> Result<(), TreeError> {
            distinct += 1;
            with_text += u64::from(copies.text);
            let present = || copies.splits.iter().enumerate().filter(|(_, count)| **count > 0);
            for (a, count_a) in present() {
                for (b, count_b) in present().filter(|(b, _)| *b > a) {
                    let count: &mut OverlapCount = overlap.entry((a as u8, b as u8)).or_default();
                    count.a_in_b += count_a;
                    count.b_in_a += count_b;
                }
            }
            stream.push(Leaf::new(copies.key, copies.count))
        };
        let mut current: Option<Copies> = None;
        for entry in entries {
            let entry = entry?;
            match &mut current {
                Some(copies) if copies.key.as_slice() == &entry[..32] => copies.take(&entry),
                previous => {
                    if let Some(copies) = previous {
                        close(copies)?;
                    }
                    let mut copies =
                        Copies { key: B256::from_slice(&entry[..32]), count: 0, splits: [0; MAX_SPLITS], text: false };
                    copies.take(&entry);
                    current = Some(copies);
                }
            }
        }
        if let Some(copies) = &current {
            close(copies)?;
        }
        let (root, records) = stream.finish()?;
        Ok(Self { root, records, distinct, with_text, overlap })
    }
}

/// All copies of one record.
struct Copies {
    key: B256,
    count: u64,
    splits: [u64; MAX_SPLITS],
    text: bool,
}

impl Copies {
    fn take(&mut self, entry: &[u8; KEY]) {
        self.count += 1;
        self.text |= entry[33] != 0;
        if let Some(count) = self.splits.get_mut(usize::from(entry[32])) {
            *count += 1;
        }
    }
}
