//! Images with the documents that annotate them.
//!
//! A document whose name has the stem of an image is about that image and counts as a whole. Others may be about many images:
//! COCO documents (`.json`) and tables of labels (`.csv`, `.tsv`), each of which gives every image the pieces that are its own.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::annotations::{Names, Notes, Slices};
use super::format::{extension, is_csv, is_image, stem};
use super::inside::Input;
use super::{Record, RecordError, coco, glob, image_key, labels, voc};
use crate::unixfs::{Codec, Package};

pub(super) struct Found {
    pub records: Vec<Record>,
    /// Annotations without an image.
    pub unmatched: Vec<String>,
    pub annotations: Annotations,
}

/// What is known of images beyond their keys.
#[derive(Default)]
pub(super) struct Annotations {
    /// What documents about many images say.
    notes: Notes,
    /// Documents about one image, by image.
    documents: HashMap<usize, Vec<usize>>,
}

impl Annotations {
    /// Fields of an image whose header says `pixels`. Reads its own documents.
    pub fn fields(
        &self,
        package: &Package,
        image: usize,
        pixels: Option<(f64, f64)>,
    ) -> Result<Vec<super::Field<'static>>, RecordError> {
        let mut notes = self.notes.of_image(image);
        for file in self.documents.get(&image).into_iter().flatten().copied() {
            if is_xml(package.entry(file).path) {
                let input = open(package, file)?;
                let outcome = voc::read(&input, image, &mut notes);
                input.source.check()?;
                outcome?;
            }
        }
        Ok(notes.fields(image, pixels))
    }
}

fn open(package: &Package, file: usize) -> Result<Input<'_>, RecordError> {
    Ok(Input { source: Arc::new(package.open(file)?), path: package.entry(file).path, fields: true })
}

fn is_xml(path: &str) -> bool {
    extension(path).eq_ignore_ascii_case("xml")
}

fn is_json(path: &str) -> bool {
    extension(path).eq_ignore_ascii_case("json")
}

pub(super) fn records(package: &Package, images: Option<&str>, annotations: &str) -> Result<Found, RecordError> {
    let paths: Vec<&str> = package.entries().map(|entry| entry.path).collect();
    let is_annotation = |path: &str| glob::matches(annotations, path);
    let wanted = |path: &str| match images {
        Some(pattern) => glob::matches(pattern, path),
        None => is_image(path),
    };
    let image_files: Vec<usize> =
        (0..paths.len()).filter(|file| wanted(paths[*file]) && !is_annotation(paths[*file])).collect();
    let mut by_stem: HashMap<&str, Vec<usize>> = HashMap::new();
    for file in &image_files {
        by_stem.entry(stem(paths[*file])).or_default().push(*file);
    }
    let mut documents: HashMap<usize, Vec<usize>> = HashMap::new();
    let (mut unmatched, mut tables) = (Vec::new(), Vec::new());
    for (file, path) in paths.iter().enumerate().filter(|(_, path)| is_annotation(path)) {
        match by_stem.get(stem(path)).map_or(&[][..], Vec::as_slice) {
            [] if is_json(path) || is_csv(path) => tables.push(file),
            [] => unmatched.push((*path).to_owned()),
            [image] => documents.entry(*image).or_default().push(file),
            [first, second, ..] => {
                return Err(RecordError::AmbiguousAnnotation {
                    annotation: (*path).to_owned(),
                    first: paths[*first].to_owned(),
                    second: paths[*second].to_owned(),
                });
            }
        }
    }
    let Slices { digests: pieces, notes } = slices(package, &tables, &Names::new(&paths, &image_files))?;
    let key = |image: usize| {
        let files = documents.get(&image).map_or(&[][..], Vec::as_slice);
        let mut digests = files.iter().map(|file| document_digest(package, *file)).collect::<Result<Vec<_>, _>>()?;
        digests.extend(pieces.get(&image).into_iter().flatten());
        Ok(Record::whole(image_key(&package.entry(image).id, &mut digests), image))
    };
    let records = image_files.into_par_iter().map(key).collect::<Result<_, RecordError>>()?;
    Ok(Found { records, unmatched, annotations: Annotations { notes, documents } })
}

/// What the documents about many images say; the error of the first that has one.
fn slices(package: &Package, tables: &[usize], names: &Names<'_>) -> Result<Slices, RecordError> {
    let read = |file: &usize| {
        let input = open(package, *file)?;
        let found = if is_csv(input.path) { labels::read(&input, names) } else { coco::read(&input, names) };
        // What looks broken may only have changed.
        input.source.check()?;
        found
    };
    let found: Vec<Result<Slices, RecordError>> = tables.par_iter().map(read).collect();
    found.into_iter().try_fold(Slices::default(), |all, slices| Ok(all.join(slices?)))
}

/// sha256 of a document. A file of one raw leaf has it in its CID; a larger one is read again.
fn document_digest(package: &Package, file: usize) -> Result<[u8; 32], RecordError> {
    let id = package.entry(file).id;
    if id.codec == Codec::Raw {
        return Ok(id.digest);
    }
    let source = package.open(file)?;
    let mut hasher = Sha256::new();
    source.for_each_piece(0, source.size(), &mut |piece| {
        hasher.update(piece);
        true
    })?;
    source.check()?;
    Ok(hasher.finalize().into())
}
