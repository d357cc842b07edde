//! A profile for people: first what was found, then the columns.

use camino::Utf8Path;
use dgov_data::profile::{Column, Count, Number, PiiKind, Profile};

use crate::ui::table;

/// Columns that are shown; the file has all.
const COLUMNS: usize = 40;

pub(super) fn profile(profile: &Profile, written: &Utf8Path) -> String {
    let of = |part: u64, whole: u64| match whole {
        0 => String::new(),
        whole => format!(" ({})", percent(part, whole)),
    };
    let mut rows = vec![
        (
            "records",
            format!(
                "{} ({}, {} files, {} bytes)",
                profile.records, profile.record_format, profile.files, profile.bytes
            ),
        ),
        ("record root", profile.record_root.to_string()),
        ("exact copies", format!("{}{}", profile.duplicates.exact, of(profile.duplicates.exact, profile.records))),
    ];
    rows.push((
        "near copies",
        match &profile.duplicates.near {
            Some(near) => format!(
                "about {}{} of {} different texts resemble another",
                near.records,
                of(near.records, near.compared),
                near.compared
            ),
            None => "not measured".to_owned(),
        },
    ));
    if !profile.splits.is_empty() {
        let splits = profile.splits.iter().map(|split| format!("{} {}", split.name, split.records));
        rows.push(("splits", splits.collect::<Vec<_>>().join(", ")));
    }
    for overlap in &profile.split_overlap {
        let near = overlap.near.map_or(String::new(), |near| {
            format!("; about {} of {} and {} of {} resemble", near.a_in_b, overlap.a, near.b_in_a, overlap.b)
        });
        let exact = overlap.exact;
        rows.push((
            "overlap",
            format!("{} of {} are in {}, {} the other way{near}", exact.a_in_b, overlap.a, overlap.b, exact.b_in_a),
        ));
    }
    if profile.pii.is_empty() {
        rows.push(("personal data", "no pattern found (which does not mean that there is none)".to_owned()));
    }
    for found in &profile.pii {
        let first = found.examples.first().map_or(String::new(), |first| {
            format!(", first in {} ({}, tag {})", first.record, first.column, first.tag)
        });
        rows.push((
            "looks like",
            format!("{}: {} in {} records{first}", kind(found.kind), found.matches, found.records),
        ));
    }
    for gap in &profile.not_measured {
        rows.push(("not measured", gap.clone()));
    }
    rows.push(("written", written.to_string()));
    let mut text = table::pairs(&rows);
    text.push('\n');
    text.push_str(&columns(profile));
    text
}

fn columns(profile: &Profile) -> String {
    let head = ["column", "values", "null", "missing", "kinds", "different", "range", "mean"];
    let rows: Vec<_> = profile.columns.iter().take(COLUMNS).map(column).collect();
    let mut text = table::render(&head, &rows);
    let seen = profile.columns_seen.value;
    if seen > COLUMNS as u64 {
        text.push_str(&format!(
            "{} columns in all; the file has the first {}\n",
            count(profile.columns_seen),
            profile.columns.len()
        ));
    }
    text
}

fn column(column: &Column) -> Vec<String> {
    let kinds = &column.kinds;
    let named = [
        (kinds.r#true + kinds.r#false, "bool"),
        (kinds.integer, "integer"),
        (kinds.float, "float"),
        (kinds.text, "text"),
        (kinds.bytes, "bytes"),
        (kinds.nested, "nested"),
    ];
    let names: Vec<_> = named.iter().filter(|(count, _)| *count > 0).map(|(_, name)| *name).collect();
    let (range, mean) = match (&column.numbers, column.characters.or(column.byte_lengths)) {
        (Some(numbers), _) => {
            (format!("{} to {}", number(numbers.min), number(numbers.max)), format!("{:.6}", numbers.mean))
        }
        (None, Some(span)) => {
            let unit = if column.characters.is_some() { "characters" } else { "bytes" };
            (format!("{} to {} {unit}", span.min, span.max), format!("{:.1}", span.mean))
        }
        (None, None) if kinds.r#true + kinds.r#false > 0 => {
            (format!("{} true, {} false", kinds.r#true, kinds.r#false), String::new())
        }
        (None, None) => (String::new(), String::new()),
    };
    vec![
        column.name.clone(),
        column.values.to_string(),
        kinds.null.to_string(),
        column.missing.map_or(String::new(), |missing| missing.to_string()),
        names.join(", "),
        count(column.distinct),
        range,
        mean,
    ]
}

fn count(count: Count) -> String {
    if count.exact { count.value.to_string() } else { format!("~{}", count.value) }
}

fn number(number: Number) -> String {
    match number {
        Number::Integer(value) => value.to_string(),
        Number::Float(value) => value.to_string(),
    }
}

fn percent(part: u64, whole: u64) -> String {
    let percent = part as f64 / whole as f64 * 100.0;
    if part > 0 && percent < 0.1 { "under 0.1 %".to_owned() } else { format!("{percent:.1} %") }
}

fn kind(kind: PiiKind) -> &'static str {
    match kind {
        PiiKind::Email => "e-mail addresses",
        PiiKind::Phone => "telephone numbers",
        PiiKind::Iban => "bank account numbers",
        PiiKind::Card => "card numbers",
        PiiKind::Ipv4 => "public IPv4 addresses",
        PiiKind::Ipv6 => "public IPv6 addresses",
        PiiKind::UsSsn => "US social security numbers",
    }
}
