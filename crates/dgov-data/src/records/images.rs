//! Images with the documents that annotate them.

use std::collections::HashMap;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::format::{is_image, stem};
use super::{Record, RecordError, glob, image_key};
use crate::unixfs::{Codec, Package};

pub(super) struct Found {
    pub records: Vec<Record>,
    /// Annotations without an image.
    pub unmatched: Vec<String>,
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
    let mut unmatched = Vec::new();
    for (file, path) in paths.iter().enumerate().filter(|(_, path)| is_annotation(path)) {
        match by_stem.get(stem(path)).map_or(&[][..], Vec::as_slice) {
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
    let key = |image: usize| {
        let files = documents.get(&image).map_or(&[][..], Vec::as_slice);
        let mut digests = files.iter().map(|file| document_digest(package, *file)).collect::<Result<Vec<_>, _>>()?;
        Ok(Record::whole(image_key(&package.entry(image).id, &mut digests), image))
    };
    let records = image_files.into_par_iter().map(key).collect::<Result<_, RecordError>>()?;
    Ok(Found { records, unmatched })
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
