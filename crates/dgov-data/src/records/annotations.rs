//! What annotation documents say of images, for keys and for the profile.

use std::collections::HashMap;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{Field, Value};

/// How far a box may go beyond its image: programs that write boxes round differently.
const TOLERANCE: f64 = 1.0;

/// What annotations say of one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// Width and height in pixels.
    pub size: Option<(f64, f64)>,
    /// Places of the objects' classes in the list of names.
    classes: Vec<u32>,
    boxes: u64,
    outside: u64,
}

/// Left, top, right and bottom of an object, in pixels.
pub(super) type Corners = [f64; 4];

impl Facts {
    fn bound(&mut self, [left, top, right, bottom]: Corners) {
        let (width, height) = self.size.unwrap_or((f64::INFINITY, f64::INFINITY));
        let inside =
            left >= -TOLERANCE && top >= -TOLERANCE && right <= width + TOLERANCE && bottom <= height + TOLERANCE;
        self.boxes += 1;
        self.outside += u64::from(!(inside && left < right && top < bottom));
    }
}

/// What documents say of the images of a package.
#[derive(Debug, Default)]
pub(super) struct Notes {
    classes: Vec<String>,
    places: HashMap<String, u32>,
    of: HashMap<usize, Facts>,
}

impl Notes {
    pub fn facts(&mut self, image: usize) -> &mut Facts {
        self.of.entry(image).or_default()
    }

    /// An object of a class, with its box where it has one.
    pub fn object(&mut self, image: usize, class: Option<&str>, corners: Option<Corners>) {
        let place = class.map(|class| self.class(class));
        let facts = self.facts(image);
        facts.classes.extend(place);
        if let Some(corners) = corners {
            facts.bound(corners);
        }
    }

    fn class(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.classes.len() as u32;
        self.classes.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }

    pub fn join(&mut self, other: Self) {
        for (image, facts) in other.of {
            let places: Vec<_> = facts.classes.iter().filter_map(|place| other.classes.get(*place as usize)).collect();
            let places: Vec<_> = places.into_iter().map(|name| self.class(name)).collect();
            let mine = self.facts(image);
            mine.size = mine.size.or(facts.size);
            mine.classes.extend(places);
            mine.boxes += facts.boxes;
            mine.outside += facts.outside;
        }
    }

    /// Those of one image.
    pub fn of_image(&self, image: usize) -> Self {
        let mut notes = Self::default();
        if let Some(facts) = self.of.get(&image) {
            let names = facts.classes.iter().filter_map(|place| self.classes.get(*place as usize));
            let classes = names.map(|name| notes.class(name)).collect();
            notes.of.insert(image, Facts { classes, ..facts.clone() });
        }
        notes
    }

    /// Fields of an image whose header says `pixels`.
    pub fn fields(&self, image: usize, pixels: Option<(f64, f64)>) -> Vec<Field<'static>> {
        let Some(facts) = self.of.get(&image) else { return Vec::new() };
        let name = |place: &u32| self.classes.get(*place as usize).map(|name| Json::from(name.as_str()));
        let classes = facts.classes.iter().filter_map(name).collect();
        let field = |name: &'static str, value| Field { name: name.into(), value };
        vec![
            field("objects", Value::Integer(facts.classes.len() as i128)),
            field("classes", Value::Nested(std::borrow::Cow::Owned(Json::Array(classes)))),
            field("boxes", Value::Integer(facts.boxes.into())),
            field("boxes_outside", Value::Integer(facts.outside.into())),
            field(
                "size_as_annotated",
                match (facts.size, pixels) {
                    (Some(said), Some(found)) => Value::Bool(said == found),
                    _ => Value::Null,
                },
            ),
        ]
    }
}

/// What documents about many images say, image by image.
#[derive(Debug, Default)]
pub(super) struct Slices {
    /// sha256 digests of what is said of an image, each piece taken for a document of its own.
    pub digests: HashMap<usize, Vec<[u8; 32]>>,
    pub notes: Notes,
}

impl Slices {
    /// A piece that speaks of an image.
    pub fn piece(&mut self, image: usize, document: &[u8]) {
        self.digests.entry(image).or_default().push(Sha256::digest(document).into());
    }

    pub fn join(mut self, other: Self) -> Self {
        for (image, digests) in other.digests {
            self.digests.entry(image).or_default().extend(digests);
        }
        self.notes.join(other.notes);
        self
    }
}

/// The images of a package by what documents call them.
pub(super) struct Names<'a> {
    paths: &'a [&'a str],
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Names<'a> {
    pub fn new(paths: &'a [&'a str], images: &[usize]) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for image in images {
            by_name.entry(last(paths[*image])).or_default().push(*image);
        }
        Self { paths, by_name }
    }

    /// The image that a document names: below the document's own folder, else below the root, else the only one whose path
    /// ends with the name.
    pub fn find(&self, document: &str, name: &str) -> Result<usize, String> {
        let name = name.strip_prefix("./").unwrap_or(name);
        let candidates = self.by_name.get(last(name)).map_or(&[][..], Vec::as_slice);
        let at = |path: &str| candidates.iter().copied().find(|image| self.paths[*image] == path);
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        if let Some(image) = at(&format!("{folder}/{name}")).or_else(|| at(name)) {
            return Ok(image);
        }
        let ends = |image: &&usize| self.paths[**image].strip_suffix(name).is_some_and(|before| before.ends_with('/'));
        let mut found = candidates.iter().filter(ends);
        match (found.next(), found.next()) {
            (Some(image), None) => Ok(*image),
            (None, _) => Err(format!("there is no image {name:?}")),
            (Some(first), Some(second)) => {
                Err(format!("{name:?} may be {} or {}", self.paths[*first], self.paths[*second]))
            }
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
