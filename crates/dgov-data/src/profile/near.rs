//! Near duplicates of texts: MinHash over shingles of words, compared in bands (Broder 1997, "On the resemblance and
//! containment of documents"; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3). Shingles of 5 words,
//! 14 bands of 8 hashes, no second look: what large text sets are cleaned with (FineWeb, arXiv 2406.17557, section 3.4).
//!
//! Two texts with Jaccard similarity s share a band with probability 1 - (1 - s^8)^14: 0.05 at s = 0.5, 0.56 at 0.7, 0.77
//! at 0.75, 0.92 at 0.8, 0.99 at 0.85.

use std::collections::HashMap;
use std::io::{self, Read, Seek, Write};

use super::OverlapCount;
use super::hash::{mix, more, start};
use super::sort::{Scratch, Sorted, Sorter};
use super::splits::NONE;

/// Words of a shingle. A text with fewer is a label, not compared.
const SHINGLE: usize = 5;
const BANDS: usize = 14;
const ROWS: usize = 8;
const HASHES: usize = BANDS * ROWS;

/// Hash of a band, start of the record's key, split.
pub(super) const ENTRY: usize = 17;
pub(super) type Entry = [u8; ENTRY];

/// Takes the texts of one record after the other.
pub(super) struct Signer {
    /// Permutations of the 32-bit numbers: multiplication by an odd number, then addition.
    multipliers: [u32; HASHES],
    addends: [u32; HASHES],
    least: [u32; HASHES],
    any: bool,
    words: Vec<u64>,
}

impl Signer {
    pub fn new() -> Self {
        let number = |index: usize| mix(index as u64 + 1);
        Self {
            multipliers: std::array::from_fn(|index| number(2 * index) as u32 | 1),
            addends: std::array::from_fn(|index| number(2 * index + 1) as u32),
            least: [u32::MAX; HASHES],
            any: false,
            words: Vec::new(),
        }
    }

    /// Forgets the record before.
    pub fn begin(&mut self) {
        self.least = [u32::MAX; HASHES];
        self.any = false;
    }

    /// Takes a text of the record. Shingles don't reach from one text into the next.
    pub fn text(&mut self, text: &str) {
        self.words.clear();
        split_words(text, &mut self.words);
        if self.words.len() < SHINGLE {
            return;
        }
        self.any = true;
        for shingle in self.words.windows(SHINGLE) {
            let hash = shingle.iter().fold(0, |hash, word| mix(hash ^ word)) as u32;
            lower(&mut self.least, &self.multipliers, &self.addends, hash);
        }
    }

    /// The hash of each band; `None` when the record has no text that is long enough.
    pub fn bands(&self) -> Option<[u64; BANDS]> {
        self.any.then(|| {
            std::array::from_fn(|band| {
                let least = &self.least[band * ROWS..(band + 1) * ROWS];
                least.iter().fold(mix(band as u64), |hash, least| mix(hash ^ u64::from(*least)))
            })
        })
    }
}

/// Lowers each minimum to the hash under its permutation. By itself, so that the compiler makes it several at a time.
#[inline(never)]
fn lower(least: &mut [u32; HASHES], multipliers: &[u32; HASHES], addends: &[u32; HASHES], hash: u32) {
    for ((least, multiplier), addend) in least.iter_mut().zip(multipliers).zip(addends) {
        *least = (*least).min(hash.wrapping_mul(*multiplier).wrapping_add(*addend));
    }
}

/// Hashes of the words of a text: runs of letters and digits in lower case; each character of scripts that are written
/// without spaces is a word.
fn split_words(text: &str, words: &mut Vec<u64>) {
    let mut word = None;
    let mut buffer = [0; 4];
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word = Some(more(word.unwrap_or_else(start), &[c.to_ascii_lowercase() as u8]));
        } else if !c.is_ascii() && c.is_alphanumeric() {
            if is_unspaced(c) {
                words.extend(word.take());
                words.push(more(start(), c.encode_utf8(&mut buffer).as_bytes()));
                continue;
            }
            let mut hash = word.unwrap_or_else(start);
            for lower in c.to_lowercase() {
                hash = more(hash, lower.encode_utf8(&mut buffer).as_bytes());
            }
            word = Some(hash);
        } else {
            words.extend(word.take());
        }
    }
    words.extend(word);
}

/// Thai, Lao, Khmer and Burmese, kana, and the ideographs.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

/// What is sorted for one band of one record.
pub(super) fn entry(band: u64, key: &[u8; 32], split: u8) -> Entry {
    let mut entry = [0; ENTRY];
    entry[..8].copy_from_slice(&band.to_be_bytes());
    entry[8..16].copy_from_slice(&key[..8]);
    entry[16] = split;
    entry
}

/// What all bands together say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Similar {
    /// Different records to which another is similar.
    pub records: u64,
    /// By pair of splits, `a < b`; pairs without any are absent.
    pub overlap: HashMap<(u8, u8), OverlapCount>,
}

/// A record that is similar to another: start of its key, and in which respect.
type Hit = [u8; 10];

/// Anywhere, as opposed to in a pair of splits.
const ANYWHERE: [u8; 2] = [NONE, NONE];

/// Counts the records that share a band with another one.
pub(super) fn similar(entries: Sorted<ENTRY>, scratch: &dyn Scratch) -> io::Result<Similar> {
    let mut hits = Sorter::<10>::unique(scratch);
    let mut group = Group::new(scratch);
    for entry in entries {
        let entry = entry?;
        if group.band().is_some_and(|band| *band != entry[..8]) {
            group.hits(&mut hits)?;
        }
        group.push(entry)?;
    }
    group.hits(&mut hits)?;
    let mut similar = Similar::default();
    for hit in hits.finish()? {
        let [.., own, other] = hit?;
        if [own, other] == ANYWHERE {
            similar.records += 1;
        } else if own < other {
            similar.overlap.entry((own, other)).or_default().a_in_b += 1;
        } else {
            similar.overlap.entry((other, own)).or_default().b_in_a += 1;
        }
    }
    Ok(similar)
}

/// Entries of a group that are kept in memory.
const GROUP: usize = 1 << 20;

/// The entries of one band. Their number has no bound (boilerplate), so those that don't fit go to a file.
struct Group<'s> {
    scratch: &'s dyn Scratch,
    entries: Vec<Entry>,
    spilled: Option<std::fs::File>,
    /// Different records of each split: the first, and whether there is another.
    members: HashMap<u8, Members>,
    all: Option<Members>,
}

#[derive(Clone, Copy)]
struct Members {
    first: [u8; 8],
    several: bool,
}

impl Members {
    fn of(id: [u8; 8]) -> Self {
        Self { first: id, several: false }
    }

    fn take(&mut self, id: [u8; 8]) {
        self.several |= self.first != id;
    }

    /// Whether a record other than `id` is among them.
    fn others(&self, id: [u8; 8]) -> bool {
        self.several || self.first != id
    }
}

fn id(entry: &Entry) -> [u8; 8] {
    std::array::from_fn(|index| entry[8 + index])
}

impl<'s> Group<'s> {
    fn new(scratch: &'s dyn Scratch) -> Self {
        Self { scratch, entries: Vec::new(), spilled: None, members: HashMap::new(), all: None }
    }

    fn band(&self) -> Option<&[u8]> {
        self.entries.first().map(|entry| &entry[..8])
    }

    fn push(&mut self, entry: Entry) -> io::Result<()> {
        let id = id(&entry);
        self.all.get_or_insert(Members::of(id)).take(id);
        self.members.entry(entry[16]).or_insert(Members::of(id)).take(id);
        if self.entries.len() == GROUP {
            if self.spilled.is_none() {
                self.spilled = Some(self.scratch.file()?);
            }
            if let Some(file) = &mut self.spilled {
                // One stays behind, because it knows the band.
                for entry in self.entries.drain(1..) {
                    file.write_all(&entry)?;
                }
            }
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Says which entries are similar to another, and begins the next group.
    fn hits(&mut self, hits: &mut Sorter<'_, 10>) -> io::Result<()> {
        if self.all.is_some_and(|all| all.several) {
            for entry in &self.entries {
                self.judge(entry, hits)?;
            }
            if let Some(mut file) = self.spilled.take() {
                file.rewind()?;
                let mut file = io::BufReader::new(file);
                let mut entry = [0; ENTRY];
                while let Some(()) = read_entry(&mut file, &mut entry)? {
                    self.judge(&entry, hits)?;
                }
            }
        }
        self.entries.clear();
        self.spilled = None;
        self.members.clear();
        self.all = None;
        Ok(())
    }

    fn judge(&self, entry: &Entry, hits: &mut Sorter<'_, 10>) -> io::Result<()> {
        let (id, own) = (id(entry), entry[16]);
        let hit = |[own, other]: [u8; 2]| -> Hit {
            std::array::from_fn(|index| match index {
                8 => own,
                9 => other,
                _ => id[index],
            })
        };
        // All of the group are different records, and there are several.
        hits.push(hit(ANYWHERE))?;
        for (other, members) in &self.members {
            if own != NONE && *other != NONE && own != *other && members.others(id) {
                hits.push(hit([own, *other]))?;
            }
        }
        Ok(())
    }
}

fn read_entry(file: &mut impl Read, entry: &mut Entry) -> io::Result<Option<()>> {
    match file.read_exact(entry) {
        Ok(()) => Ok(Some(())),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TEXT: &str = "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. \
        How many clips did Natalia sell altogether in April and May? She counted them twice to be sure of the sum.";

    fn bands(text: &str) -> Option<[u64; BANDS]> {
        let mut signer = Signer::new();
        signer.begin();
        signer.text(text);
        signer.bands()
    }

    fn shared(a: &str, b: &str) -> usize {
        bands(a).unwrap().iter().zip(bands(b).unwrap()).filter(|(a, b)| **a == *b).count()
    }

    fn words(text: &str) -> usize {
        let mut words = Vec::new();
        split_words(text, &mut words);
        words.len()
    }

    #[test]
    fn words_of_any_script() {
        assert_eq!(words("It's 3.5 o'clock -- or so"), 8);
        assert_eq!(words("Straße ЁЖ"), 2);
        assert_eq!(words("今天天气很好 ok"), 7);
        assert_eq!(words(" \t"), 0);
    }

    #[test]
    fn case_and_punctuation_do_not_count_and_other_words_do() {
        assert_eq!(shared(TEXT, &TEXT.to_uppercase().replace(',', " ;")), BANDS);
        assert!(shared(TEXT, &TEXT.replace("twice", "thrice")) > 0);
        assert_eq!(
            shared(TEXT, "A robe takes 2 bolts of blue fiber and half that much white fiber. How many bolts?"),
            0
        );
        assert_eq!(bands("a label of four"), None);
    }

    /// The similarity that a share of equal minima estimates is the Jaccard similarity of the shingles.
    #[test]
    fn equal_minima_estimate_the_jaccard_similarity() {
        let word = |index: usize| format!("w{index}");
        let text = |range: std::ops::Range<usize>| range.map(word).collect::<Vec<_>>().join(" ");
        let minima = |text: &str| {
            let mut signer = Signer::new();
            signer.begin();
            signer.text(text);
            signer.least
        };
        let mut total = 0;
        let (trials, shift) = (60, 100);
        for trial in 0..trials {
            // 400 shingles each, 300 of them common: 300 of 500.
            let from = trial * 1000;
            let (a, b) = (minima(&text(from..from + 404)), minima(&text(from + shift..from + shift + 404)));
            total += a.iter().zip(&b).filter(|(a, b)| a == b).count();
        }
        let estimate = total as f64 / (trials * HASHES) as f64;
        assert!((estimate - 0.6).abs() < 0.03, "{estimate}");
    }

    #[test]
    fn groups_count_records_and_splits() {
        let scratch = || tempfile::tempfile();
        let mut sorter = Sorter::<ENTRY>::unique(&scratch);
        let key = |byte: u8| [byte; 32];
        // Records 1, 2 and 3 share band 7: 1 and 2 in split 0, 3 in split 1. Record 1 also lies in split 1 as a copy.
        for (band, record, split) in
            [(7, 1, 0), (7, 2, 0), (7, 3, 1), (7, 1, 1), (8, 1, 0), (8, 4, NONE), (9, 5, 0), (9, 5, 1), (10, 6, 1)]
        {
            sorter.push(entry(band, &key(record), split)).unwrap();
        }
        let found = similar(sorter.finish().unwrap(), &scratch).unwrap();
        assert_eq!(found.records, 4, "1, 2, 3 and 4; a copy of oneself is not near");
        assert_eq!(found.overlap, HashMap::from([((0, 1), OverlapCount { a_in_b: 2, b_in_a: 2 })]));
    }
}
