//! What a record is in a given folder.

use serde::{Deserialize, Serialize};

use super::{glob, inside};
use crate::unixfs::Plan;

/// What a record is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RecordFormat {
    /// Every file.
    File,
    /// Every line of every `.jsonl` file; other files belong to the package and are no records.
    Jsonl,
    /// Every row below the header of every `.csv` and `.tsv` file.
    Csv,
    /// Every row of every `.parquet` file.
    Parquet,
    /// Every row of every Arrow IPC file or stream, `.arrow`, `.arrows`, `.feather` or `.ipc`; the same key as in Parquet.
    Arrow,
    /// Every record of every TFRecord file.
    Tfrecord,
    /// Every sample of every `.tar` file: the members that share a name up to its first dot.
    Webdataset,
    /// Every image, with the documents that annotate it.
    ImageAnnotations {
        /// Which files are images; all with the extension of an image format when absent. `*` and `?` stand for
        /// characters of one name, `**` for any folders; a folder's path stands for everything in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        images: Option<String>,
        /// Which files are annotations. They belong to the image whose name has the same stem; JSON and CSV files that belong
        /// to none are COCO documents and tables of labels, which name the images they are about.
        annotations: String,
    },
}

/// Where annotations are looked for when nothing is said.
const DEFAULT_ANNOTATIONS: &str = "annotations/*.xml";
const COCO_ANNOTATIONS: &str = "annotations/*.json";

const IMAGE_EXTENSIONS: [&str; 10] = ["avif", "bmp", "gif", "heic", "jpeg", "jpg", "png", "tif", "tiff", "webp"];

/// Stems of files that tell about data without being data.
const DOCUMENT_STEMS: [&str; 10] = [
    "authors",
    "changelog",
    "citation",
    "contributors",
    "copying",
    "datasheet",
    "licence",
    "license",
    "notice",
    "readme",
];
/// Names of files that speak of the data beside them: cards, profiles, declarations of rights.
const DOCUMENT_NAMES: [&str; 5] = ["croissant.json", "dataset_infos.json", "profile.json", "robots.txt", "tdmrep.json"];

impl RecordFormat {
    pub(super) const FILE: u8 = 1;
    pub(super) const JSONL: u8 = 2;
    pub(super) const CSV: u8 = 3;
    /// Of Parquet and Arrow alike.
    pub(super) const TYPED: u8 = 4;
    pub(super) const TFRECORD: u8 = 5;
    pub(super) const IMAGE_ANNOTATIONS: u8 = 6;
    pub(super) const WEBDATASET: u8 = 7;

    /// The byte that is hashed into every key.
    pub fn code(&self) -> u8 {
        match self {
            Self::File => Self::FILE,
            Self::Jsonl => Self::JSONL,
            Self::Csv => Self::CSV,
            Self::Parquet | Self::Arrow => Self::TYPED,
            Self::Tfrecord => Self::TFRECORD,
            Self::Webdataset => Self::WEBDATASET,
            Self::ImageAnnotations { .. } => Self::IMAGE_ANNOTATIONS,
        }
    }

    /// The name in manifests and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Tfrecord => "tfrecord",
            Self::Webdataset => "webdataset",
            Self::ImageAnnotations { .. } => "image-annotations",
        }
    }

    /// Whether a file looks like one of this format that was compressed as a whole.
    pub(super) fn is_compressed(&self, path: &str) -> bool {
        if *self == Self::Webdataset
            && ["tgz", "tzst", "tbz2", "txz"].iter().any(|known| extension(path).eq_ignore_ascii_case(known))
        {
            return true;
        }
        let ending = ["gz", "zst", "bz2", "xz", "lz4"].iter().any(|known| extension(path).eq_ignore_ascii_case(known));
        ending && inside::wants(self, path.rsplit_once('.').map_or(path, |(before, _)| before))
    }
}

/// The format that the names in a folder speak for: JSONL, CSV, Parquet, Arrow or TFRecord when all data files are, WebDataset when
/// all are archives numbered from 0 or 1 on, images with annotations when there are images and `annotations/*.xml`, files otherwise. Licenses and the like don't count as data here.
pub fn detect(plan: &Plan) -> RecordFormat {
    type Known = (fn(&str) -> bool, RecordFormat);
    let known: [Known; 5] = [
        (is_jsonl, RecordFormat::Jsonl),
        (is_csv, RecordFormat::Csv),
        (is_parquet, RecordFormat::Parquet),
        (is_arrow, RecordFormat::Arrow),
        (is_tfrecord, RecordFormat::Tfrecord),
    ];
    let data = || plan.files().map(|(path, _)| path).filter(|path| !is_document(path));
    if data().next().is_some()
        && let Some((_, format)) = known.into_iter().find(|(is, _)| data().all(is))
    {
        return format;
    }
    if are_shards(data()) {
        return RecordFormat::Webdataset;
    }
    let paths = || plan.files().map(|(path, _)| path);
    let named = |pattern: &&str| paths().any(|path| glob::matches(pattern, path));
    if paths().any(is_image)
        && let Some(annotations) = [DEFAULT_ANNOTATIONS, COCO_ANNOTATIONS].into_iter().find(|pattern| named(pattern))
    {
        return RecordFormat::ImageAnnotations { images: None, annotations: annotations.to_owned() };
    }
    RecordFormat::File
}

pub(super) fn is_jsonl(path: &str) -> bool {
    extension(path).eq_ignore_ascii_case("jsonl")
}

pub(super) fn is_csv(path: &str) -> bool {
    extension(path).eq_ignore_ascii_case("csv") || is_tsv(path)
}

pub(super) fn is_tsv(path: &str) -> bool {
    extension(path).eq_ignore_ascii_case("tsv")
}

pub(super) fn is_parquet(path: &str) -> bool {
    extension(path).eq_ignore_ascii_case("parquet")
}

pub(super) fn is_arrow(path: &str) -> bool {
    ["arrow", "arrows", "feather", "ipc"].iter().any(|known| extension(path).eq_ignore_ascii_case(known))
}

/// `a.tfrecord`, `a.tfrecords`, and shards: `a.tfrecord-00000-of-00010`.
pub(super) fn is_tfrecord(path: &str) -> bool {
    let extension = extension(path).to_ascii_lowercase();
    let shard =
        |rest: &str| rest.starts_with('-') && rest.bytes().all(|byte| byte.is_ascii_digit() || b"-of".contains(&byte));
    extension.strip_prefix("tfrecord").is_some_and(|rest| matches!(rest, "" | "s") || shard(rest))
}

pub(super) fn is_tar(path: &str) -> bool {
    extension(path).eq_ignore_ascii_case("tar")
}

/// Whether all files are numbered archives, `train-000000.tar`, from 0 or 1 on: any archive may be a `.tar`, WebDataset has shards.
fn are_shards<'a>(paths: impl Iterator<Item = &'a str>) -> bool {
    let mut first = false;
    for path in paths {
        let stem = stem(path);
        let digits = &stem[stem.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
        if !is_tar(path) || digits.len() < 3 {
            return false;
        }
        first |= matches!(digits.trim_start_matches('0'), "" | "1");
    }
    first
}

pub(super) fn is_image(path: &str) -> bool {
    IMAGE_EXTENSIONS.iter().any(|known| extension(path).eq_ignore_ascii_case(known))
}

/// `a/b.c.xml` has the stem `b.c`.
pub(super) fn stem(path: &str) -> &str {
    let name = name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn is_document(path: &str) -> bool {
    let lower = name(path).to_ascii_lowercase();
    if DOCUMENT_NAMES.contains(&lower.as_str()) || lower.ends_with(".croissant.json") {
        return true;
    }
    let first = name(path).split(['.', '-', '_']).next().unwrap_or_default();
    !(is_jsonl(path) || is_tfrecord(path)) && DOCUMENT_STEMS.iter().any(|stem| first.eq_ignore_ascii_case(stem))
}

pub(super) fn extension(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
