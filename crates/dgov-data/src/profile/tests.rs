//! Profiles of rows made here: known figures, and parts that join to the bytes of the whole.

use std::borrow::Cow;

use camino::Utf8Path;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::records::{Field, RecordFormat, Value, jsonl_key};
use crate::tree::{SumTree, merge_leaves};
use crate::unixfs;

fn scratch() -> io::Result<std::fs::File> {
    tempfile::tempfile()
}

/// A folder with empty files of these names, as a scope.
fn scope(names: &[&str], rule: &SplitRule) -> Scope {
    let dir = tempfile::tempdir().unwrap();
    for name in names {
        std::fs::write(dir.path().join(name), "").unwrap();
    }
    let plan = unixfs::plan(Utf8Path::from_path(dir.path()).unwrap(), &unixfs::Options::default()).unwrap();
    Scope::new(&plan, &RecordFormat::Jsonl, rule).unwrap()
}

/// A record as a JSON object, in a file.
#[derive(Clone, Debug)]
struct Record {
    file: usize,
    line: u64,
    value: serde_json::Value,
}

fn fields(value: &serde_json::Value) -> Vec<Field<'_>> {
    let value_of = |value: &serde_json::Value| match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::String(text) => Value::Text(Cow::Owned(text.clone())),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(value) => Value::Integer(value.into()),
            None => Value::Float(number.as_f64().unwrap()),
        },
        nested => Value::Nested(Cow::Owned(nested.clone())),
    };
    let members = value.as_object().unwrap().iter();
    members.map(|(name, value)| Field { name: Cow::Borrowed(name.as_str()), value: value_of(value) }).collect()
}

fn take(profiler: &mut Profiler<'_>, scope: &Scope, record: &Record) {
    let fields = fields(&record.value);
    let key = jsonl_key(record.value.to_string().as_bytes());
    profiler.take(scope, &Row { key, file: record.file, line: record.line, fields: &fields }).unwrap();
}

fn profile(scope: &Scope, records: &[Record]) -> Profile {
    let mut profiler = Profiler::new(&scratch);
    records.iter().for_each(|record| take(&mut profiler, scope, record));
    profiler.finish(scope).unwrap()
}

/// Numbers the records of each file.
fn records(values: &[(usize, serde_json::Value)]) -> Vec<Record> {
    let mut lines = [0; 8];
    let mut number = |file: usize| {
        lines[file] += 1;
        lines[file]
    };
    values.iter().map(|(file, value)| Record { file: *file, line: number(*file), value: value.clone() }).collect()
}

const A: &str = "The quick brown fox jumps over the lazy dog while the cat looks on from the old garden wall.";

#[test]
fn the_figures_of_a_small_set() {
    // Files in the order of their names: a is test, b is train.
    let scope = scope(&["a-test.jsonl", "b-train.jsonl"], &SplitRule::Names);
    let records = records(&[
        (0, json!({"text": A, "n": 1, "tags": ["x", "y"]})),
        (0, json!({"text": "mail bob@mail.de", "n": 2.5})),
        (1, json!({"text": A, "n": 1, "tags": ["x", "y"]})),
        (1, json!({"text": A.to_uppercase(), "n": null, "ok": true})),
        (1, json!({"text": "short", "n": 10, "tags": []})),
    ]);
    let profile = profile(&scope, &records);
    let leaves = records.iter().map(|r| Leaf::new(jsonl_key(r.value.to_string().as_bytes()), 1)).collect();
    let tree = SumTree::build(Kind::Records, merge_leaves(leaves).unwrap()).unwrap();
    assert_eq!((profile.record_root, profile.records), (tree.root(), 5));
    let near = Some(Near { compared: 2, records: 2 });
    assert_eq!(profile.duplicates, Duplicates { distinct: 4, exact: 1, near });
    let splits: Vec<_> = profile.splits.iter().map(|split| (split.name.as_str(), split.records)).collect();
    assert_eq!(splits, [("test", 2), ("train", 3)]);
    let [overlap] = &profile.split_overlap[..] else { panic!("{:?}", profile.split_overlap) };
    assert_eq!(overlap.exact, OverlapCount { a_in_b: 1, b_in_a: 1 });
    // The copy of the test's record in train is exact there; near is the other spelling only, and in train both are.
    assert_eq!(overlap.near, Some(OverlapCount { a_in_b: 1, b_in_a: 1 }));
    let column = |name: &str| profile.columns.iter().find(|column| column.name == name).unwrap();
    let numbers = column("n").numbers.unwrap();
    assert_eq!((numbers.min, numbers.max, numbers.mean), (Number::Integer(1), Number::Integer(10), 3.625));
    assert_eq!((column("n").kinds.null, column("n").missing), (1, Some(0)));
    assert_eq!((column("tags").kinds.nested, column("tags").missing), (3, Some(2)));
    assert_eq!((column("tags[]").values, column("tags[]").missing), (4, None));
    assert_eq!(column("tags[]").distinct, Count { value: 2, exact: true });
    assert_eq!(column("ok").kinds.r#true, 1);
    let [email] = &profile.pii[..] else { panic!("{:?}", profile.pii) };
    assert_eq!((email.kind, email.matches, email.records), (PiiKind::Email, 1, 1));
    assert_eq!(email.examples[0].record, "a-test.jsonl:2");
    assert_eq!(email.examples[0].tag, super::pii::tag(PiiKind::Email, "bob@mail.de"));
    let text = String::from_utf8(profile.to_json().unwrap()).unwrap();
    assert!(!text.contains("bob"), "{text}");
    assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
}

#[test]
fn names_that_read_alike_are_columns_of_their_own() {
    let scope = scope(&["a.jsonl"], &SplitRule::Names);
    let records = records(&[(0, json!({"a": {"b": 1}, "a.b": 2}))]);
    let names: Vec<_> = profile(&scope, &records).columns.into_iter().map(|column| column.name).collect();
    assert_eq!(names, ["a", "a.b", "a\\.b"]);
}

#[test]
fn columns_without_end_are_bounded_and_counted() {
    let scope = scope(&["a.jsonl"], &SplitRule::Names);
    let values: Vec<_> = (0..1500).rev().map(|n| (0, json!({format!("c{n:04}"): n}))).collect();
    let profile = profile(&scope, &records(&values));
    assert_eq!(profile.columns.len(), MAX_COLUMNS);
    assert_eq!(profile.columns[999].name, "c0999");
    assert_eq!(profile.columns_seen, Count { value: 1500, exact: true });
}

#[test]
fn too_many_splits_and_no_records_are_errors() {
    let patterns = (0..17).map(|n| (format!("s{n:02}"), "*".to_owned())).collect();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.jsonl"), "").unwrap();
    let plan = unixfs::plan(Utf8Path::from_path(dir.path()).unwrap(), &unixfs::Options::default()).unwrap();
    let error = Scope::new(&plan, &RecordFormat::Jsonl, &SplitRule::Patterns(patterns)).unwrap_err();
    assert!(matches!(error, ProfileError::TooManySplits(17)));
    let scope = scope(&["a.jsonl"], &SplitRule::Names);
    let error = Profiler::new(&scratch).finish(&scope).unwrap_err();
    assert!(matches!(error, ProfileError::Tree(TreeError::Empty(_))));
}

fn part(scope: &Scope, shard: Shard, records: &[Record]) -> Vec<u8> {
    let mut profiler = Profiler::new(&scratch);
    records.iter().filter(|record| shard.has(record.file)).for_each(|record| take(&mut profiler, scope, record));
    let mut bytes = Vec::new();
    profiler.write_part(scope, shard, &mut bytes).unwrap();
    bytes
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        (-3_i64..3).prop_map(|value| json!(value)),
        prop::num::f64::NORMAL.prop_map(|value| json!(value)),
        Just(json!(0.0)),
        Just(json!(-0.0)),
        "[a-c]{0,3}".prop_map(|value| json!(value)),
        prop::sample::select(vec![A, "bob@mail.de and 4111 1111 1111 1111", "+49 30 901820"]).prop_map(|v| json!(v)),
        (0_usize..80).prop_map(|at| json!(format!("{}x{}", &A[..at], &A[at..]))),
    ];
    let nested = leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(serde_json::Value::Array),
            prop::collection::btree_map("[a-c.]", inner, 0..3).prop_map(|members| json!(members)),
        ]
    });
    prop::collection::btree_map("[a-e]", nested, 1..4).prop_map(|members| json!(members))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn parts_in_any_order_give_the_bytes_of_the_whole(
        values in prop::collection::vec((0_usize..5, value()), 1..60),
        of in 1_u32..5,
        turn in 0_usize..5,
    ) {
        let scope = scope(
            &["a-train.jsonl", "b-test.jsonl", "c-train.jsonl", "d.jsonl", "e-eval.jsonl"],
            &SplitRule::Names,
        );
        let mut records = records(&values);
        let whole = profile(&scope, &records).to_json().unwrap();
        // Nor does the order of the records show.
        records.reverse();
        let mut parts: Vec<_> =
            (1..=of).map(|number| part(&scope, Shard { number, of }, &records)).collect();
        let turn = turn % parts.len();
        parts.rotate_left(turn);
        let mut merger = Merger::new(&scratch);
        for part in &parts {
            merger.take(&mut part.as_slice()).unwrap();
        }
        let merged = merger.finish().unwrap().to_json().unwrap();
        prop_assert_eq!(String::from_utf8(merged).unwrap(), String::from_utf8(whole).unwrap());
    }

    #[test]
    fn a_part_that_was_changed_anywhere_is_refused(at in any::<prop::sample::Index>(), bit in 0_u8..8, cut: bool) {
        let scope = scope(&["a.jsonl"], &SplitRule::Names);
        let mut bytes = part(&scope, Shard { number: 1, of: 1 }, &records(&[(0, json!({"text": A}))]));
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
        let refused = Merger::new(&scratch).take(&mut bytes.as_slice());
        prop_assert!(matches!(refused, Err(ProfileError::BrokenPart(_))), "{:?}", refused);
    }
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let names = ["a.jsonl", "b.jsonl"];
    let records = records(&[(0, json!({"n": 1})), (1, json!({"n": 2}))]);
    let (one, other) = (scope(&names, &SplitRule::Names), scope(&["a.jsonl", "c.jsonl"], &SplitRule::Names));
    let of_two = |scope: &Scope, number| part(scope, Shard { number, of: 2 }, &records);
    let merge = |parts: &[Vec<u8>]| -> Result<Profile, ProfileError> {
        let mut merger = Merger::new(&scratch);
        parts.iter().try_for_each(|part| merger.take(&mut part.as_slice()))?;
        merger.finish()
    };
    assert!(merge(&[of_two(&one, 1), of_two(&one, 2)]).is_ok());
    assert!(matches!(merge(&[of_two(&one, 1), of_two(&other, 2)]), Err(ProfileError::OtherDataset)));
    for parts in [
        vec![],
        vec![of_two(&one, 1)],
        vec![of_two(&one, 1), of_two(&one, 1)],
        vec![of_two(&one, 1), part(&one, Shard { number: 2, of: 3 }, &records)],
    ] {
        assert!(matches!(merge(&parts), Err(ProfileError::Parts(_))));
    }
    for text in ["0/2", "3/2", "1", "1/", "a/b", "1/0", "-1/2"] {
        assert!(text.parse::<Shard>().is_err(), "{text}");
    }
    assert_eq!("2/8".parse(), Ok(Shard { number: 2, of: 8 }));
}
