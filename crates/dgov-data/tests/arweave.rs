//! The formats of Arweave against what arweave-js and arbundles make (`tests/interop/arweave/vectors.mjs`).

#![allow(clippy::unwrap_used, missing_docs)]

use alloy_primitives::hex;
use dgov_data::arweave::{self, Bundle, ChunkTree, DataItem, Draft, Tag, Transaction, TreeBuilder, verify_chunk};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    trees: Vec<Tree>,
    transactions: Vec<Signed>,
    items: Vec<Item>,
    bundles: Vec<Bundled>,
}

#[derive(Deserialize)]
struct Tree {
    length: usize,
    root: String,
    chunks: Vec<Chunk>,
}

#[derive(Deserialize)]
struct Chunk {
    start: u64,
    end: u64,
    path: String,
}

#[derive(Deserialize)]
struct Signed {
    owner: String,
    anchor: String,
    reward: String,
    tags: Vec<(String, String)>,
    data_size: u64,
    data_root: String,
    signature_data: String,
    signature: String,
    id: String,
}

#[derive(Deserialize)]
struct Item {
    length: usize,
    owner: String,
    tags: Vec<(String, String)>,
    target: Option<String>,
    anchor: Option<String>,
    signature_data: String,
    signature: String,
    id: String,
    header: String,
}

#[derive(Deserialize)]
struct Bundled {
    lengths: Vec<usize>,
    ids: Vec<String>,
    raw: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/arweave.json")).unwrap()
}

/// The bytes that the script makes, too.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = u32::try_from(length).unwrap();
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 24).unwrap()
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn tags(pairs: &[(String, String)]) -> Vec<Tag> {
    pairs.iter().map(|(name, value)| Tag::new(name, value)).collect()
}

fn fixed<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn data_roots_and_proofs_are_those_of_arweave_js() {
    for vector in vectors().trees {
        let data = bytes(vector.length);
        let tree = ChunkTree::of(&data);
        assert_eq!(hex::encode(tree.root()), vector.root, "{} bytes", vector.length);
        assert_eq!(tree.len(), data.len() as u64);
        let made: Vec<_> = tree.proofs().collect();
        assert_eq!(made.len(), vector.chunks.len(), "{} bytes", vector.length);
        for ((range, path), chunk) in made.iter().zip(&vector.chunks) {
            assert_eq!((range.start, range.end), (chunk.start, chunk.end));
            assert_eq!(hex::encode(path), chunk.path);
        }
    }
}

#[test]
fn a_stream_has_the_same_root_however_it_is_cut() {
    for vector in vectors().trees {
        let data = bytes(vector.length);
        for part in [1 << 20, 262_144, 65_537, 1_009] {
            let mut builder = TreeBuilder::new(data.len() as u64);
            data.chunks(part).for_each(|part| builder.update(part));
            assert_eq!(hex::encode(builder.finish().unwrap().root()), vector.root, "{} bytes", vector.length);
        }
        for wrong in [vector.length + 1, vector.length.saturating_sub(1), vector.length + 262_144] {
            let mut builder = TreeBuilder::new(wrong as u64);
            builder.update(&data);
            assert_eq!(builder.finish().is_err(), wrong != vector.length, "{} bytes", vector.length);
        }
    }
}

#[test]
fn proofs_are_checked_at_every_byte_range_and_mutations_are_refused() {
    for vector in vectors().trees.iter().filter(|vector| vector.length <= 800 << 10) {
        let (data, root) = (bytes(vector.length), fixed(&vector.root));
        let size = data.len() as u64;
        for chunk in &vector.chunks {
            let path = hex::decode(&chunk.path).unwrap();
            let body = &data[usize::try_from(chunk.start).unwrap()..usize::try_from(chunk.end).unwrap()];
            let check = |offset, path: &[u8], body: &[u8]| verify_chunk(&root, size, offset, path, body);
            for offset in [chunk.start, chunk.end - 1] {
                assert_eq!(check(offset, &path, body), Ok(chunk.start..chunk.end));
            }
            assert!(check(chunk.end, &path, body).is_err(), "of the next chunk");
            assert!(chunk.start == 0 || check(chunk.start - 1, &path, body).is_err(), "of the chunk before");
            assert!(check(chunk.start, &path, &body[1..]).is_err());
            assert!(check(chunk.start, &path[1..], body).is_err());
            assert!(check(chunk.start, &[&path[..], &[0]].concat(), body).is_err());
            // The last chunk fixes the size, unless an empty one stands after it.
            let is_last = chunk.end == size && !vector.length.is_multiple_of(256 << 10);
            assert!(!is_last || verify_chunk(&root, size + 1, chunk.end - 1, &path, body).is_err());
            let mut changed = body.to_vec();
            changed[body.len() / 2] ^= 1;
            assert!(check(chunk.start, &path, &changed).is_err());
            for bit in 0..path.len() * 8 {
                let mut changed = path.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(check(chunk.start, &changed, body).is_err(), "bit {bit} of the proof at {}", chunk.start);
            }
        }
    }
}

#[test]
fn what_is_signed_of_a_transaction_is_what_arweave_js_signs() {
    for vector in vectors().transactions {
        let transaction = Transaction {
            owner: hex::decode(&vector.owner).unwrap(),
            anchor: hex::decode(&vector.anchor).unwrap(),
            reward: vector.reward.clone(),
            tags: tags(&vector.tags),
            data_size: vector.data_size,
            data_root: fixed(&vector.data_root),
        };
        let data = bytes(usize::try_from(vector.data_size).unwrap());
        assert_eq!(ChunkTree::of(&data).root(), transaction.data_root);
        assert_eq!(hex::encode(transaction.signature_data()), vector.signature_data);
        assert_eq!(hex::encode(arweave::id_of(&hex::decode(&vector.signature).unwrap())), vector.id);
        let mut changed = transaction.clone();
        changed.reward.push('0');
        assert_ne!(changed.signature_data(), transaction.signature_data());
    }
}

#[test]
fn data_items_are_those_of_arbundles() {
    for vector in vectors().items {
        let data = bytes(vector.length);
        let header = hex::decode(&vector.header).unwrap();
        let raw = [&header[..], &data].concat();
        let item = DataItem::parse(&raw).unwrap();
        assert_eq!(item.tags, tags(&vector.tags));
        assert_eq!(
            (item.target, item.anchor),
            (vector.target.as_deref().map(fixed), vector.anchor.as_deref().map(fixed))
        );
        assert_eq!(item.data, data);
        assert_eq!(hex::encode(item.id()), vector.id);
        assert_eq!(hex::encode(item.signature_data()), vector.signature_data);
        if item.target.is_none() {
            let draft = Draft::new(fixed(&vector.owner), &tags(&vector.tags)).unwrap();
            assert_eq!(hex::encode(draft.signature_data(arweave::blob(&data))), vector.signature_data);
            assert_eq!(hex::encode(draft.header(&fixed(&vector.signature))), vector.header);
            assert_eq!(draft.header_len(), header.len());
        }
    }
}

#[test]
fn a_changed_data_item_is_refused_or_signed_by_nobody() {
    let vector = &vectors().items[1];
    let raw = [&hex::decode(&vector.header).unwrap()[..], &bytes(vector.length)].concat();
    let honest = DataItem::parse(&raw).unwrap();
    for bit in 0..raw.len() * 8 {
        let mut changed = raw.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let Ok(item) = DataItem::parse(&changed) else { continue };
        let same = item.signature_data() == honest.signature_data() && item.signature == honest.signature;
        assert!(!same, "bit {bit} does not count");
    }
    for len in 0..hex::decode(&vector.header).unwrap().len() {
        assert!(DataItem::parse(&raw[..len]).is_err(), "{len} bytes are an item");
    }
}

#[test]
fn bundles_are_those_of_arbundles_and_mutations_are_refused() {
    for vector in vectors().bundles {
        let raw = hex::decode(&vector.raw).unwrap();
        let bundle = Bundle::parse(&raw).unwrap();
        let ids: Vec<_> = bundle.0.iter().map(|item| hex::encode(item.id())).collect();
        assert_eq!(ids, vector.ids);
        let data: Vec<_> = bundle.0.iter().map(|item| item.data.to_vec()).collect();
        assert_eq!(data, vector.lengths.iter().map(|length| bytes(*length)).collect::<Vec<_>>());
        let header_len = 32 + 64 * bundle.0.len();
        let entries: Vec<_> =
            vector.ids.iter().enumerate().map(|(index, id)| (length_at(&raw, index), fixed(id))).collect();
        assert_eq!(arweave::bundle_header(&entries), raw[..header_len]);
        for bit in 0..header_len * 8 {
            let mut changed = raw.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(Bundle::parse(&changed).is_err(), "bit {bit} does not count");
        }
        assert!(Bundle::parse(&raw[..raw.len() - 1]).is_err());
        assert!(Bundle::parse(&[&raw[..], &[0]].concat()).is_err());
    }
}

/// Length of an item as the header of a bundle says it.
fn length_at(raw: &[u8], index: usize) -> u64 {
    u64::from_le_bytes(*raw[32 + 64 * index..].first_chunk().unwrap())
}

#[test]
fn tags_have_limits() {
    let owner = [4; 65];
    let draft = |tags: &[Tag]| Draft::new(owner, tags);
    assert!(draft(&vec![Tag::new("a", "b"); 128]).is_ok());
    assert!(draft(&vec![Tag::new("a", "b"); 129]).is_err());
    assert!(draft(&[Tag::new("", "b")]).is_err());
    assert!(draft(&[Tag::new("a", "")]).is_err());
    assert!(draft(&[Tag::new("a".repeat(1024), "b".repeat(3066))]).is_ok());
    assert!(draft(&[Tag::new("a".repeat(1024), "b".repeat(3067))]).is_err());
    assert!(draft(&[Tag::new("a".repeat(1025), "b")]).is_err());
}
