//! Sorting more entries than fit into memory: sorted runs in files, then one merge.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Gives out empty files, opened for reading and writing, for what does not fit into memory. They should vanish by
/// themselves: nothing here deletes them.
pub trait Scratch {
    /// A new file.
    ///
    /// # Errors
    /// Those of the file system.
    fn file(&self) -> io::Result<File>;
}

impl<F: Fn() -> io::Result<File>> Scratch for F {
    fn file(&self) -> io::Result<File> {
        self()
    }
}

/// Bytes of entries in memory before they become a run.
const BUFFER: usize = 32 << 20;
/// Runs of one size that are joined into one of the next, so that few files are open whatever the amount.
const FAN: usize = 32;

/// Takes entries of `N` bytes in any order and gives them back sorted bytewise.
pub(super) struct Sorter<'s, const N: usize> {
    scratch: &'s dyn Scratch,
    buffer: Vec<[u8; N]>,
    limit: usize,
    runs: Vec<Run>,
    /// Whether of equal entries only one is kept.
    unique: bool,
}

struct Run {
    file: File,
    /// How often its entries were joined.
    level: u32,
}

impl<'s, const N: usize> Sorter<'s, N> {
    /// Keeps every entry.
    pub fn new(scratch: &'s dyn Scratch) -> Self {
        Self { scratch, buffer: Vec::new(), limit: BUFFER / N, runs: Vec::new(), unique: false }
    }

    /// Keeps one of equal entries.
    pub fn unique(scratch: &'s dyn Scratch) -> Self {
        Self { unique: true, ..Self::new(scratch) }
    }

    #[cfg(test)]
    pub fn with_limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    pub fn push(&mut self, entry: [u8; N]) -> io::Result<()> {
        self.buffer.push(entry);
        if self.buffer.len() >= self.limit { self.spill() } else { Ok(()) }
    }

    fn sort(&mut self) {
        self.buffer.sort_unstable();
        if self.unique {
            self.buffer.dedup();
        }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        // Where many are equal, sorting has made room enough.
        if self.buffer.len() < self.limit / 2 {
            return Ok(());
        }
        let mut file = BufWriter::with_capacity(1 << 16, self.scratch.file()?);
        for entry in self.buffer.drain(..) {
            file.write_all(&entry)?;
        }
        self.runs.push(Run { file: file.into_inner().map_err(io::IntoInnerError::into_error)?, level: 0 });
        while let Some(level) = self.full_level() {
            let from = self.runs.len() - FAN;
            let mut file = BufWriter::with_capacity(1 << 16, self.scratch.file()?);
            let runs = self.runs.split_off(from);
            for entry in Sorted::<N>::merge(runs, Vec::new(), self.unique)? {
                file.write_all(&entry?)?;
            }
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            self.runs.push(Run { file, level: level + 1 });
        }
        Ok(())
    }

    /// The level of the last runs when there are enough of it to be joined.
    fn full_level(&self) -> Option<u32> {
        let last = self.runs.last()?.level;
        (self.runs.iter().rev().take_while(|run| run.level == last).count() >= FAN).then_some(last)
    }

    /// All entries in order.
    pub fn finish(mut self) -> io::Result<Sorted<N>> {
        self.sort();
        Sorted::merge(self.runs, self.buffer, self.unique)
    }
}

/// Entries in ascending order.
pub(super) struct Sorted<const N: usize> {
    sources: Vec<Source<N>>,
    heap: BinaryHeap<Reverse<([u8; N], usize)>>,
    unique: bool,
    last: Option<[u8; N]>,
}

enum Source<const N: usize> {
    File(BufReader<File>),
    Memory(std::vec::IntoIter<[u8; N]>),
}

impl<const N: usize> Source<N> {
    fn next(&mut self) -> io::Result<Option<[u8; N]>> {
        match self {
            Self::Memory(entries) => Ok(entries.next()),
            Self::File(file) => {
                let mut entry = [0; N];
                match file.read_exact(&mut entry) {
                    Ok(()) => Ok(Some(entry)),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
                    Err(error) => Err(error),
                }
            }
        }
    }
}

impl<const N: usize> Sorted<N> {
    fn merge(runs: Vec<Run>, memory: Vec<[u8; N]>, unique: bool) -> io::Result<Self> {
        let mut sources = Vec::with_capacity(runs.len() + 1);
        for Run { mut file, .. } in runs {
            file.rewind()?;
            sources.push(Source::File(BufReader::with_capacity(1 << 16, file)));
        }
        sources.push(Source::Memory(memory.into_iter()));
        let mut heap = BinaryHeap::with_capacity(sources.len());
        for (index, source) in sources.iter_mut().enumerate() {
            if let Some(entry) = source.next()? {
                heap.push(Reverse((entry, index)));
            }
        }
        Ok(Self { sources, heap, unique, last: None })
    }

    fn step(&mut self) -> io::Result<Option<[u8; N]>> {
        loop {
            let Some(Reverse((entry, index))) = self.heap.pop() else { return Ok(None) };
            if let Some(next) = self.sources[index].next()? {
                self.heap.push(Reverse((next, index)));
            }
            if !self.unique || self.last != Some(entry) {
                self.last = Some(entry);
                return Ok(Some(entry));
            }
        }
    }
}

impl<const N: usize> Iterator for Sorted<N> {
    type Item = io::Result<[u8; N]>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_of_any_size_give_the_sorted_whole(
            entries in prop::collection::vec(prop::array::uniform2(0_u8..12), 0..600),
            limit in 1_usize..50,
            unique: bool,
        ) {
            let scratch = || tempfile::tempfile();
            let mut sorter = if unique { Sorter::unique(&scratch) } else { Sorter::new(&scratch) }.with_limit(limit);
            for entry in &entries {
                sorter.push(*entry).unwrap();
            }
            let sorted: Vec<_> = sorter.finish().unwrap().map(Result::unwrap).collect();
            let mut expected = entries;
            expected.sort_unstable();
            if unique {
                expected.dedup();
            }
            prop_assert_eq!(sorted, expected);
        }
    }
}
