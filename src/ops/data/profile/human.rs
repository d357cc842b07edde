//! A profile for people: first what was found, then the columns.

use camino::Utf8Path;
use dgov_data::profile::{Column, Count, Number, Overlap, PiiKind, Profile};

use crate::ui::table;

/// Columns that are shown; the file has all.
const COLUMNS: usize = 40;

pub(super) fn profile(profile: &Profile, written: &Utf8Path) -> String {
    let of = |part: u64, whole: u64| match whole {
        0 => String::new(),
        whole => format!(" ({})", percent(part, whole)),
    };
    let share = |part: u64, whole: u64| match part {
        0 => "none".to_owned(),
        part => format!("{part}{}", of(part, whole)),
    };
    let (copies, records) = (profile.duplicates.exact, profile.records);
    let mut rows = vec![
        (
            "records",
            format!("{records} ({}) in {} files of {} bytes", profile.record_format, profile.files, profile.bytes),
        ),
        ("record root", profile.record_root.to_string()),
        ("exact copies", share(copies, records)),
    ];
    if let Some(near) = &profile.duplicates.near {
        let found = match near.records {
            0 => "none found".to_owned(),
            n => format!("about {}", share(n, near.compared)),
        };
        rows.push(("near copies", format!("{found}, {} different texts compared", near.compared)));
    }
    if !profile.splits.is_empty() {
        let splits = profile.splits.iter().map(|split| format!("{} {}", split.name, split.records));
        rows.push(("splits", splits.collect::<Vec<_>>().join(", ")));
    }
    for Overlap { a, b, exact, near } in &profile.split_overlap {
        let both = match exact.a_in_b {
            0 => format!("no record of {a} is in {b}"),
            n => format!("{n} of {a} are in {b} ({} of {b} in {a})", exact.b_in_a),
        };
        let near = match near {
            None => String::new(),
            Some(near) if near.a_in_b == 0 => ", and none was found to resemble one there".to_owned(),
            Some(near) => format!(", and about {} resemble one there ({} of {b} one in {a})", near.a_in_b, near.b_in_a),
        };
        rows.push(("overlap", format!("{both}{near}")));
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
        (Some(numbers), _) => (format!("{} to {}", number(numbers.min), number(numbers.max)), decimal(numbers.mean)),
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
        Number::Float(value) => decimal(value),
    }
}

/// Up to six decimals; in powers of ten what would be long or all zeros that way.
fn decimal(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        return format!("{value:.6e}");
    }
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn percent(part: u64, whole: u64) -> String {
    let percent = part as f64 / whole as f64 * 100.0;
    if part > 0 && percent < 0.1 { "under 0.1 %".to_owned() } else { format!("{percent:.1} %") }
}

/// What a hint is of, as a reader calls it.
pub(crate) fn kind(kind: PiiKind) -> &'static str {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (0.0, "0"),
            (2.5, "2.5"),
            (288.302_718_38, "288.302718"),
            (-1e300, "-1.000000e300"),
            (5e-324, "4.940656e-324"),
            (100.0, "100"),
        ] {
            assert_eq!(decimal(value), expected);
        }
        assert_eq!((percent(1, 3), percent(1, 100_000)), ("33.3 %".to_owned(), "under 0.1 %".to_owned()));
    }
}
