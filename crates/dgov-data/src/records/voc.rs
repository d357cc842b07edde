//! Pascal VOC: an XML document for each image, `annotation/size/{width,height}` and `annotation/object/{name,bndbox}`.
//!
//! A key holds the whole document, so that nothing of it has to be understood for one; this is for the profile.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::RecordError;
use super::annotations::{Corners, Notes};
use super::inside::Input;

/// Most bytes of a document that is taken apart.
const MAX_DOCUMENT: u64 = 16 << 20;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// Notes what a document says of its image; one with another root element says nothing.
pub(super) fn read(input: &Input<'_>, image: usize, notes: &mut Notes) -> Result<(), RecordError> {
    let size = input.source.size();
    if size > MAX_DOCUMENT {
        return Err(input.damaged("the whole file", format!("{size} bytes are too many to be taken apart")));
    }
    let mut bytes = Vec::new();
    input.source.for_each_piece(0, size, &mut |piece| {
        bytes.extend_from_slice(piece);
        true
    })?;
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(error) => return Err(input.damaged(format!("byte {}", error.valid_up_to()), "no UTF-8")),
    };
    let mut reader = Reader::from_str(text);
    let mut walk = Walk { path: Vec::new(), text: String::new(), document: Document::default() };
    loop {
        let place = |at| format!("byte {at}");
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Err(input.damaged(place(reader.error_position()), error.to_string())),
        };
        match walk.take(event) {
            Ok(true) => {}
            Ok(false) => break,
            Err(reason) => return Err(input.damaged(place(reader.buffer_position()), reason)),
        }
    }
    walk.document.note(image, notes);
    Ok(())
}

#[derive(Default)]
struct Document {
    size: [Option<f64>; 2],
    objects: Vec<Object>,
}

#[derive(Default)]
struct Object {
    class: Option<String>,
    corners: [Option<f64>; 4],
}

impl Document {
    fn note(self, image: usize, notes: &mut Notes) {
        let facts = notes.facts(image);
        facts.size = facts.size.or(self.size[0].zip(self.size[1]));
        for object in self.objects {
            let corners: Option<Corners> = match object.corners {
                [Some(left), Some(top), Some(right), Some(bottom)] => Some([left, top, right, bottom]),
                _ => None,
            };
            notes.object(image, object.class.as_deref(), corners);
        }
    }
}

struct Walk {
    /// Names of the open elements.
    path: Vec<String>,
    /// Text of the innermost one.
    text: String,
    document: Document,
}

impl Walk {
    /// False at the end of the document.
    fn take(&mut self, event: Event<'_>) -> Result<bool, String> {
        match event {
            Event::Start(start) => self.open(&start)?,
            Event::Empty(start) => {
                self.open(&start)?;
                self.close()?;
            }
            Event::End(_) => self.close()?,
            Event::Text(text) => self.text.push_str(&text.decode().map_err(|error| error.to_string())?),
            Event::CData(text) => self.text.push_str(&text.decode().map_err(|error| error.to_string())?),
            Event::GeneralRef(name) => {
                let known = name.resolve_char_ref().map_err(|error| error.to_string())?;
                let name = name.decode().map_err(|error| error.to_string())?;
                match (known, resolve_predefined_entity(&name)) {
                    (Some(c), _) => self.text.push(c),
                    (None, Some(text)) => self.text.push_str(text),
                    (None, None) => return Err(format!("the unknown entity {name:?}")),
                }
            }
            Event::Eof if self.path.is_empty() => return Ok(false),
            Event::Eof => return Err("the document ends within an element".into()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        Ok(true)
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.path.len() == MAX_DEPTH {
            return Err(format!("elements are nested more than {MAX_DEPTH} deep"));
        }
        self.path.push(String::from_utf8_lossy(start.name().as_ref()).into_owned());
        self.text.clear();
        if self.is(&["annotation", "object"]) {
            self.document.objects.push(Object::default());
        }
        Ok(())
    }

    fn is(&self, path: &[&str]) -> bool {
        self.path.iter().eq(path)
    }

    fn close(&mut self) -> Result<(), String> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let text = self.text.trim();
        let number = || match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(format!("{}: {text:?} is no number", self.path.join("/"))),
        };
        let document = &mut self.document;
        match &path[..] {
            ["annotation", "size", "width"] => document.size[0] = Some(number()?),
            ["annotation", "size", "height"] => document.size[1] = Some(number()?),
            ["annotation", "object", inside @ ..] => {
                let Some(object) = document.objects.last_mut() else { return Ok(()) };
                match inside {
                    ["name"] => object.class = Some(text.to_owned()),
                    ["bndbox", "xmin"] => object.corners[0] = Some(number()?),
                    ["bndbox", "ymin"] => object.corners[1] = Some(number()?),
                    ["bndbox", "xmax"] => object.corners[2] = Some(number()?),
                    ["bndbox", "ymax"] => object.corners[3] = Some(number()?),
                    _ => {}
                }
            }
            _ => {}
        }
        self.path.pop();
        self.text.clear();
        Ok(())
    }
}
