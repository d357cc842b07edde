//! COCO documents: lists of `images`, `annotations` and `categories` that point at each other by number.
//!
//! Numbers are those of one file and change whenever files are joined or split, so that no record depends on them: what a
//! record holds is the image's entry without its number and name, and each of its annotations with the category's name.

use std::collections::HashMap;

use super::RecordError;
use super::annotations::{Names, Slices};
use super::inside::Input;
use super::jcs::{self, Members, Reader};

/// Most bytes of a document.
const MAX_DOCUMENT: u64 = 2 << 30;
/// Most annotations and most categories of a document.
const MAX_ANNOTATIONS: u64 = 1 << 25;
const MAX_CATEGORIES: usize = 1 << 20;

/// Reads a document twice: its lists may come in any order.
pub(super) fn read(input: &Input<'_>, names: &Names<'_>) -> Result<Slices, RecordError> {
    if input.source.size() > MAX_DOCUMENT {
        return Err(
            input.damaged("the whole file", format!("annotations of more than {} GiB; cut them", MAX_DOCUMENT >> 30))
        );
    }
    let mut document =
        Document { input, names, images: HashMap::new(), categories: HashMap::new(), slices: Slices::default() };
    document.lists(&mut |document, list, reader| match list {
        "images" => document.image(reader),
        "categories" => document.category(reader),
        _ => reader.members("an annotation").map(|_| ()),
    })?;
    let mut count = 0;
    document.lists(&mut |document, list, reader| match list {
        "annotations" => {
            count += 1;
            if count > MAX_ANNOTATIONS {
                return Err(reader.error(format!("more than {MAX_ANNOTATIONS} annotations; cut the document")));
            }
            document.annotation(reader)
        }
        _ => reader.members("an entry").map(|_| ()),
    })?;
    Ok(document.slices)
}

struct Document<'a> {
    input: &'a Input<'a>,
    names: &'a Names<'a>,
    /// Positions of the files, by number in canonical form.
    images: HashMap<Vec<u8>, usize>,
    categories: HashMap<Vec<u8>, String>,
    slices: Slices,
}

impl Document<'_> {
    /// Gives the items of the three lists; all else in the document is about no image.
    fn lists(
        &mut self,
        take: &mut dyn FnMut(&mut Self, &str, &mut Reader<'_>) -> Result<(), RecordError>,
    ) -> Result<(), RecordError> {
        let mut reader = Reader::new(self.input);
        let mut seen = Vec::new();
        reader.object(&mut |reader, name| {
            if !matches!(&*name, "images" | "annotations" | "categories") {
                return reader.value(&mut Vec::new());
            }
            if seen.contains(&name) {
                return Err(reader.error(format!("a second list of {name}")));
            }
            reader.list(&mut |reader| take(self, &name, reader))?;
            seen.push(name);
            Ok(())
        })?;
        reader.finish()?;
        if seen.iter().any(|name| name == "images") {
            Ok(())
        } else {
            Err(self.input.damaged("byte 0", "no COCO document: it has no list of images"))
        }
    }

    fn image(&mut self, reader: &mut Reader<'_>) -> Result<(), RecordError> {
        let start = reader.offset();
        let mut entry = reader.members("an image")?;
        let error = |reason: String| Err(self.input.damaged(format!("byte {start}"), reason));
        let Some(id) = number_of(&mut entry, "id") else { return error("an image without `id`".into()) };
        let Some(name) = entry.take("file_name").and_then(|name| jcs::text(&name)) else {
            return error(format!("image {}, without `file_name`", shown(&id)));
        };
        let image = match self.names.find(self.input.path, &name) {
            Ok(image) => image,
            Err(reason) => return error(format!("image {}: {reason}", shown(&id))),
        };
        if self.slices.digests.contains_key(&image) {
            return error(format!("image {}: {name:?} was there before", shown(&id)));
        }
        self.slices.piece(image, &entry.document("image"));
        let pixels = |name| entry.get(name).and_then(jcs::number);
        self.slices.notes.facts(image).size = pixels("width").zip(pixels("height"));
        match self.images.insert(id.clone(), image) {
            None => Ok(()),
            Some(_) => error(format!("a second image {}", shown(&id))),
        }
    }

    fn category(&mut self, reader: &mut Reader<'_>) -> Result<(), RecordError> {
        let start = reader.offset();
        let mut entry = reader.members("a category")?;
        let error = |reason: String| Err(self.input.damaged(format!("byte {start}"), reason));
        let Some(id) = number_of(&mut entry, "id") else { return error("a category without `id`".into()) };
        let Some(name) = entry.get("name").and_then(jcs::text) else {
            return error(format!("category {}, without `name`", shown(&id)));
        };
        if self.categories.len() == MAX_CATEGORIES {
            return error(format!("more than {MAX_CATEGORIES} categories"));
        }
        match self.categories.insert(id.clone(), name) {
            None => Ok(()),
            Some(_) => error(format!("a second category {}", shown(&id))),
        }
    }

    fn annotation(&mut self, reader: &mut Reader<'_>) -> Result<(), RecordError> {
        let start = reader.offset();
        let mut entry = reader.members("an annotation")?;
        let error = |reason: String| Err(self.input.damaged(format!("byte {start}"), reason));
        let Some(id) = number_of(&mut entry, "image_id") else {
            return error("an annotation without `image_id`".into());
        };
        let Some(image) = self.images.get(&id).copied() else {
            return error(format!("an annotation of image {}, which the document does not have", shown(&id)));
        };
        entry.take("id");
        let mut class = None;
        if let Some(category) = entry.get("category_id") {
            class = self.categories.get(category);
            let Some(name) = class else {
                let category = shown(category);
                return error(format!("an annotation of category {category}, which the document does not have"));
            };
            entry.replace("category_id", name);
        }
        self.slices.piece(image, &entry.document("annotation"));
        let corners =
            match entry.get("bbox").map(|list| jcs::numbers(list).and_then(|list| <[f64; 4]>::try_from(list).ok())) {
                Some(Some([left, top, width, height])) => Some([left, top, left + width, top + height]),
                Some(None) => return error("a `bbox` that is not four numbers".into()),
                None => None,
            };
        self.slices.notes.object(image, class.map(String::as_str), corners);
        Ok(())
    }
}

/// The number or text that an entry is known by, in canonical form.
fn number_of(entry: &mut Members, name: &str) -> Option<Vec<u8>> {
    entry.take(name).filter(|value| matches!(value.first(), Some(b'"' | b'-' | b'0'..=b'9')))
}

fn shown(canonical: &[u8]) -> String {
    String::from_utf8_lossy(canonical).chars().take(80).collect()
}
