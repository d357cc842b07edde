//! WebDataset shards: tar archives whose neighboring members are the parts of one sample.
//!
//! A member's name up to the first dot behind its last slash says the sample, the rest is its extension, as in the reader of
//! the `webdataset` package. That one passes over members without an extension and makes two samples of one whose members
//! are apart; both are errors here.

use std::collections::{BTreeMap, HashSet};

use alloy_primitives::B256;
use sha2::{Digest, Sha256};

use super::inside::{Input, Visit};
use super::rows::value_of;
use super::tar::{Parser, Receive};
use super::{Field, RecordError, RecordFormat, Value, finish_key, key_hasher};
use crate::unixfs::{BlockId, ContentHasher};

/// Most members of a sample.
const MAX_MEMBERS: usize = 4_096;
/// Most bytes of a text or JSON member that is taken apart, and of all such members of one sample. Longer ones are hashed as a
/// part of the record all the same.
const MAX_TEXT: u64 = 16 << 20;
/// The sample's name among its fields, as the `webdataset` package calls it.
const KEY: &str = "__key__";

/// The key of a WebDataset record, from the extensions of its members in lower case and their root blocks under
/// `unixfs-v1-2025`, in any order.
pub fn webdataset_key(members: &mut [(&str, BlockId)]) -> B256 {
    members.sort_unstable();
    let mut hasher = key_hasher(RecordFormat::WEBDATASET);
    for (extension, id) in members {
        hasher.update((extension.len() as u32).to_be_bytes());
        hasher.update(&**extension);
        hasher.update(id.cid_v1_bytes());
    }
    finish_key(hasher)
}

pub(super) fn read(input: &Input<'_>, visit: &mut Visit<'_>) -> Result<(), RecordError> {
    let size = input.source.size();
    let mut parser = Parser::new(size);
    let mut samples =
        Samples { fields: input.fields, visit, sample: None, seen: HashSet::new(), number: 0, open: None };
    let mut outcome = Ok(true);
    input.source.for_each_piece(0, size, &mut |piece| {
        outcome = parser.take(piece, &mut samples);
        matches!(outcome, Ok(true))
    })?;
    let outcome = match outcome {
        Ok(true) => parser.finish().and_then(|()| samples.complete().map(|_| ())),
        Ok(false) => Ok(()),
        Err(reason) => Err(reason),
    };
    outcome.map_err(|reason| input.damaged(format!("byte {}", parser.place()), reason))
}

struct Samples<'a, 'b> {
    fields: bool,
    visit: &'a mut Visit<'b>,
    sample: Option<Sample>,
    /// Names of the samples so far, by half of their sha256.
    seen: HashSet<[u8; 16]>,
    number: u64,
    open: Option<Open>,
}

struct Sample {
    name: String,
    /// By extension.
    members: BTreeMap<String, Member>,
    /// Bytes of texts that are kept.
    text: u64,
}

struct Member {
    id: BlockId,
    value: Value<'static>,
}

/// The member that is being read.
struct Open {
    name: String,
    extension: String,
    hasher: ContentHasher,
    size: u64,
    kind: Kind,
    text: Vec<u8>,
}

/// How a member is taken apart, by the last part of its extension as in the `webdataset` package.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Json,
    Number,
    Bytes,
}

impl Kind {
    fn of(extension: &str) -> Self {
        match extension.rsplit('.').next().unwrap_or_default() {
            "txt" | "text" | "transcript" => Self::Text,
            "json" | "jsn" => Self::Json,
            "cls" | "cls2" | "class" | "count" | "index" | "inx" | "id" => Self::Number,
            _ => Self::Bytes,
        }
    }
}

impl Receive for Samples<'_, '_> {
    fn begin(&mut self, name: &str, size: u64) -> Result<bool, String> {
        let start = name.rfind('/').map_or(0, |slash| slash + 1);
        let dot = name.get(start..).and_then(|last| last.find('.')).map(|dot| start + dot);
        let parts = dot.filter(|dot| *dot > start).and_then(|dot| Some((name.get(..dot)?, name.get(dot + 1..)?)));
        let Some((base, extension)) = parts.filter(|(_, extension)| !extension.is_empty()) else {
            return Err(format!("{name:?} is in no sample: a member is named SAMPLE.EXTENSION"));
        };
        let extension = extension.to_ascii_lowercase();
        if extension == KEY {
            return Err(format!("{name:?}: {KEY} is the name of the sample"));
        }
        if self.sample.as_ref().is_none_or(|sample| sample.name != base) {
            if !self.complete()? {
                return Ok(false);
            }
            let plain = base.strip_prefix("./").unwrap_or(base);
            let digest: [u8; 32] = Sha256::digest(plain).into();
            if !self.seen.insert(digest.first_chunk().copied().unwrap_or_default()) {
                return Err(format!("{name:?} is apart from the other members of its sample"));
            }
            self.sample = Some(Sample { name: base.to_owned(), members: BTreeMap::new(), text: 0 });
        }
        let Some(sample) = &mut self.sample else { return Ok(false) };
        if sample.members.contains_key(&extension) {
            return Err(format!("two members of the sample {base:?} have the extension {extension:?}"));
        }
        if sample.members.len() == MAX_MEMBERS {
            return Err(format!("more than {MAX_MEMBERS} members in the sample {base:?}"));
        }
        let kind = if self.fields { Kind::of(&extension) } else { Kind::Bytes };
        if kind != Kind::Bytes {
            sample.text += size;
            if size > MAX_TEXT || sample.text > MAX_TEXT {
                return Err(format!("{name:?} is too long to be taken apart; at most {} MiB a sample", MAX_TEXT >> 20));
            }
        }
        let hasher = ContentHasher::new();
        self.open = Some(Open { name: name.to_owned(), extension, hasher, size, kind, text: Vec::new() });
        Ok(true)
    }

    fn content(&mut self, piece: &[u8]) {
        if let Some(open) = &mut self.open {
            open.hasher.update(piece);
            if open.kind != Kind::Bytes {
                open.text.extend_from_slice(piece);
            }
        }
    }

    fn end(&mut self) -> Result<(), String> {
        let (Some(open), Some(sample)) = (self.open.take(), &mut self.sample) else { return Ok(()) };
        let id = open.hasher.finish();
        let opaque = Value::Stored { length: open.size, digest: id.digest };
        let value = match (open.kind, String::from_utf8(open.text)) {
            (Kind::Bytes, _) | (Kind::Text | Kind::Number, Err(_)) => opaque,
            (Kind::Text, Ok(text)) => Value::Text(text.into()),
            (Kind::Number, Ok(text)) => match text.trim().parse::<i64>() {
                Ok(number) => Value::Integer(number.into()),
                Err(_) => Value::Text(text.into()),
            },
            (Kind::Json, Ok(text)) => {
                let json = serde_json::from_str(&text);
                value_of(json.map_err(|error| format!("{:?} is no JSON: {error}", open.name))?)
            }
            (Kind::Json, Err(_)) => return Err(format!("{:?} is no JSON: it is not UTF-8", open.name)),
        };
        sample.members.insert(open.extension, Member { id, value });
        Ok(())
    }
}

impl Samples<'_, '_> {
    /// Gives out the sample; false when no more are wanted.
    fn complete(&mut self) -> Result<bool, String> {
        let Some(Sample { name, members, .. }) = self.sample.take() else { return Ok(true) };
        self.number += 1;
        let mut parts: Vec<_> = members.iter().map(|(extension, member)| (extension.as_str(), member.id)).collect();
        let key = webdataset_key(&mut parts);
        let mut fields = Vec::new();
        if self.fields {
            fields.push(Field { name: KEY.into(), value: Value::Text(name.into()) });
            fields.extend(members.into_iter().map(|(name, part)| Field { name: name.into(), value: part.value }));
        }
        Ok((self.visit)(key, self.number, &fields))
    }
}
