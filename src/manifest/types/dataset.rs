//! Datasets.

use camino::Utf8PathBuf;
use schemars::JsonSchema;
use serde::Serialize;

use crate::manifest::values::{AccountRef, ParentRef, Share, Slug};

/// A dataset: where it lies, under which terms, who contributed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Dataset {
    /// Folder or file with the data, relative to the manifest; or `s3://bucket/prefix`, at the service in `[storage.s3]`.
    #[schemars(with = "String")]
    pub path: Utf8PathBuf,
    /// Name of its terms in `[licenses]`.
    pub license: Slug,
    /// CSV file with the columns `account` and `shares`, relative to the manifest.
    #[schemars(with = "Option<String>")]
    pub contributors: Option<Utf8PathBuf>,
    /// Whether the list of accounts and shares is stored with the dataset for everybody to read. Only `true` is
    /// supported by this version.
    #[schemars(default = "yes")]
    pub contributors_public: bool,
    /// What one record is; `auto` looks at the files.
    #[schemars(default)]
    pub format: RecordFormat,
    /// Pattern of the annotations of an image dataset, relative to `path`: a document an image, COCO documents, or tables of labels;
    /// `annotations/*.xml` unless given, or `annotations/*.json` where there are only these.
    #[schemars(with = "Option<String>")]
    pub annotations: Option<String>,
    /// How files are cut into blocks, on which the CID depends.
    #[schemars(default)]
    pub profile: Profile,
    /// Whether hidden files are part of the dataset.
    #[schemars(default)]
    pub hidden: bool,
    /// Versions that it was derived from, at most 16: `name`, `name@2` or a version key.
    #[schemars(default, length(max = 16))]
    pub parents: Vec<ParentRef>,
    /// Data card (Croissant) of your own, relative to the manifest; generated unless given.
    #[schemars(with = "Option<String>")]
    pub card: Option<Utf8PathBuf>,
    /// One or two sentences for the card.
    pub description: Option<String>,
    /// Who shares the curators' part of the income; the shares add up to exactly 100%. The publisher unless given.
    #[schemars(default)]
    pub curators: Vec<CurationShare>,
}

fn yes() -> bool {
    true
}

/// A curator's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct CurationShare {
    /// The curator.
    pub account: AccountRef,
    /// Share of the curators' part of the income.
    pub share: Share,
}

/// What one record of a dataset is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum RecordFormat {
    /// Look at the names: all data files of one format below; images beside annotations; otherwise each file.
    #[default]
    Auto,
    /// Each file.
    File,
    /// Each line of the JSON lines files.
    Jsonl,
    /// Each row below the header of the CSV and TSV files.
    Csv,
    /// Each record of the TFRecord files.
    Tfrecord,
    /// Each row of the Parquet files.
    Parquet,
    /// Each row of the Arrow IPC files and streams.
    Arrow,
    /// Each sample of the WebDataset shards, which are tar archives.
    Webdataset,
    /// Each image with its annotation documents.
    ImageAnnotations,
}

/// How files are cut into blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[schemars(inline)]
pub enum Profile {
    /// CIDv1, raw leaves of 1 MiB, 1,024 links a node (IPIP-0499).
    #[default]
    #[serde(rename = "unixfs-v1-2025")]
    UnixfsV1_2025,
    /// CIDv0, leaves of 256 KiB, 174 links a node: what older tools make (IPIP-0499).
    #[serde(rename = "unixfs-v0-2015")]
    UnixfsV0_2015,
}
