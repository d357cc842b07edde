//! Which split a file belongs to.

use serde::{Deserialize, Serialize};

use crate::records::RecordFormat;

/// Most splits of one dataset.
pub const MAX_SPLITS: usize = 16;

/// No split.
pub(super) const NONE: u8 = u8::MAX;

/// What names say, in the words that hubs read file names by.
const WORDS: [(&str, &str); 9] = [
    ("train", "train"),
    ("training", "train"),
    ("test", "test"),
    ("testing", "test"),
    ("validation", "validation"),
    ("valid", "validation"),
    ("val", "validation"),
    ("dev", "validation"),
    ("eval", "eval"),
];

/// How files are sorted into splits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SplitRule {
    /// By a word of the file's name, or else of the nearest folder that has one: `train`, `test`, `validation`, `eval` and
    /// their usual short forms. A name with words of two splits says nothing.
    Names,
    /// Names and patterns of paths as in a manifest; the first that matches.
    Patterns(Vec<(String, String)>),
}

impl SplitRule {
    /// The split of the records in a file, if any. A file that *is* a record is sorted by its folders only: its own name
    /// tells what it shows (`train-12.jpg` is a picture of a train).
    pub fn of(&self, path: &str, format: &RecordFormat) -> Option<&str> {
        match self {
            Self::Patterns(patterns) => patterns
                .iter()
                .find(|(_, pattern)| crate::records::glob::matches(pattern, path))
                .map(|(name, _)| name.as_str()),
            Self::Names => {
                let whole = matches!(format, RecordFormat::File | RecordFormat::ImageAnnotations { .. });
                path.rsplit('/').skip(usize::from(whole)).find_map(by_words)
            }
        }
    }
}

fn by_words(name: &str) -> Option<&'static str> {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let mut found =
        words.filter_map(|word| WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word))).map(|(_, s)| *s);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_split() {
        let images = RecordFormat::ImageAnnotations { images: None, annotations: "annotations/*.xml".into() };
        for (path, format, expected) in [
            ("train.jsonl", &RecordFormat::Jsonl, Some("train")),
            ("data/Test-00000-of-00002.jsonl", &RecordFormat::Jsonl, Some("test")),
            ("dev_set/a.jsonl", &RecordFormat::Jsonl, Some("validation")),
            ("train/val.jsonl", &RecordFormat::Jsonl, Some("validation")),
            ("train-test-split.jsonl", &RecordFormat::Jsonl, None),
            ("training-train.jsonl", &RecordFormat::Jsonl, Some("train")),
            ("trains.jsonl", &RecordFormat::Jsonl, None),
            ("images/train-12.jpg", &images, None),
            ("train/images/a.jpg", &images, Some("train")),
            ("eval/a.txt", &RecordFormat::File, Some("eval")),
        ] {
            assert_eq!(SplitRule::Names.of(path, format), expected, "{path}");
        }
    }
}
