//! A hub's README: its front matter is read, and one block between two markers is dgov's. Nothing else is touched.

use serde::Serialize;

use super::placeholder::is_placeholder;
use crate::licensing;

/// First line of the block.
pub const BEGIN: &str = "<!-- dgov:begin -->";
/// Last line of the block.
pub const END: &str = "<!-- dgov:end -->";

/// What the front matter says of licenses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FrontMatter {
    /// `license`, one or several, as written.
    pub license: Vec<String>,
    /// `license_name`, for licenses that the hub has no id for.
    pub license_name: Option<String>,
    /// `license_link`.
    pub license_link: Option<String>,
}

impl FrontMatter {
    /// The SPDX expression that `license` stands for; with `other`, what `license_name` stands for.
    pub fn expression(&self) -> Option<String> {
        let of = |text: &str| match (text, &self.license_name) {
            ("other" | "unknown", Some(name)) => licensing::normalize(name),
            _ => licensing::normalize(text),
        };
        let ids = self.license.iter().map(|text| of(text)).collect::<Option<Vec<_>>>()?;
        match ids.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            // The hub does not say whether several licenses apply together; the safe reading is that they do.
            several => Some(several.iter().map(|id| format!("({id})")).collect::<Vec<_>>().join(" AND ")),
        }
    }
}

/// Why a README's block can't be replaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadmeError {
    /// One marker without the other, the end first, or a marker twice.
    #[error("the markers `{BEGIN}` and `{END}` are not there exactly once each, in this order")]
    Markers,
}

/// Reads the front matter; nothing when there is none. Of YAML only what hubs write here is understood: a scalar, a
/// quoted scalar, and lists in both spellings.
pub fn front_matter(text: &str) -> FrontMatter {
    let mut found = FrontMatter::default();
    let Some((front, _)) = split(text) else { return found };
    let lines: Vec<&str> = front.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = scalar(value);
        match key {
            "license" if value.is_empty() => {
                let items = lines[index + 1..].iter().map_while(|line| line.trim_start().strip_prefix("- "));
                found.license = items.map(scalar).filter(|item| !item.is_empty()).collect();
            }
            "license" => {
                let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
                found.license = match list {
                    Some(items) => items.split(',').map(scalar).filter(|item| !item.is_empty()).collect(),
                    None => vec![value],
                };
            }
            "license_name" if !is_placeholder(&value) => found.license_name = Some(value),
            "license_link" if !is_placeholder(&value) => found.license_link = Some(value),
            _ => {}
        }
    }
    found
}

/// The front matter and what follows it.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"))?;
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&body[..at], &body[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

fn scalar(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.to_owned();
        }
    }
    // A comment begins after a space.
    text.split(" #").next().unwrap_or_default().trim().to_owned()
}

/// The text with its block replaced, or with the block at its end when it has none. Doing it again changes nothing.
///
/// # Errors
/// When the markers do not enclose one block.
pub fn refreshed(text: &str, block: &str) -> Result<String, ReadmeError> {
    let block = format!("{BEGIN}\n{}\n{END}", block.trim_end());
    let (begins, ends) = (text.matches(BEGIN).count(), text.matches(END).count());
    match (begins, ends, text.find(BEGIN), text.find(END)) {
        (0, 0, ..) => {
            let gap = if text.is_empty() || text.ends_with("\n\n") {
                ""
            } else if text.ends_with('\n') {
                "\n"
            } else {
                "\n\n"
            };
            Ok(format!("{text}{gap}{block}\n"))
        }
        (1, 1, Some(begin), Some(end)) if begin < end => {
            Ok(format!("{}{block}{}", &text[..begin], &text[end + END.len()..]))
        }
        _ => Err(ReadmeError::Markers),
    }
}

/// A new README with front matter that the hub's validation accepts, and nothing in its body.
pub fn new(name: &str, license: Option<&str>, records: Option<u64>) -> String {
    let mut text = String::from("---\n");
    match license.map(|license| (license, licensing::table::hub_spelling(license))) {
        Some((_, Some(id))) => text += &format!("license: {id}\n"),
        Some((license, None)) => text += &format!("license: other\nlicense_name: {}\n", quoted(license)),
        None => text += "license: unknown\n",
    }
    text += &format!("pretty_name: {}\n", quoted(name));
    if let Some(records) = records {
        text += &format!("size_categories:\n- {}\n", size_category(records));
    }
    text + &format!("---\n\n# {name}\n\n")
}

fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ' '))
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && !matches!(text.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "null" | "on" | "off");
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// The hub's word for a number of records.
pub fn size_category(records: u64) -> &'static str {
    const BOUNDS: [(u64, &str); 10] = [
        (1_000, "n<1K"),
        (10_000, "1K<n<10K"),
        (100_000, "10K<n<100K"),
        (1_000_000, "100K<n<1M"),
        (10_000_000, "1M<n<10M"),
        (100_000_000, "10M<n<100M"),
        (1_000_000_000, "100M<n<1B"),
        (10_000_000_000, "1B<n<10B"),
        (100_000_000_000, "10B<n<100B"),
        (1_000_000_000_000, "100B<n<1T"),
    ];
    BOUNDS.iter().find(|(bound, _)| records < *bound).map_or("n>1T", |(_, word)| word)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn front_matter_in_its_spellings() {
        for (text, ids) in [
            ("---\nlicense: mit\n---\n", vec!["mit"]),
            ("---\nlicense: 'cc-by-4.0' \n---\n# x", vec!["cc-by-4.0"]),
            ("---\r\nlicense:\r\n- mit\r\n- apache-2.0\r\ntags: x\r\n---\r\n", vec!["mit", "apache-2.0"]),
            ("---\nlicense: [mit, \"odc-by\"] # both\n---\n", vec!["mit", "odc-by"]),
            ("# no front matter\nlicense: mit\n", vec![]),
            ("---\nlicense: mit\n", vec![]),
        ] {
            assert_eq!(front_matter(text).license, ids, "{text:?}");
        }
        let other = front_matter("---\nlicense: other\nlicense_name: O-UDA-1.0\n---\n");
        assert_eq!(other.expression().as_deref(), Some("O-UDA-1.0"));
        assert_eq!(front_matter("---\nlicense: other\n---\n").expression(), None);
        assert_eq!(
            front_matter("---\nlicense: [mit, cc-by-4.0]\n---\n").expression().unwrap(),
            "(MIT) AND (CC-BY-4.0)"
        );
    }

    #[test]
    fn what_is_written_is_read() {
        for license in ["MIT", "O-UDA-1.0", "LicenseRef-lab", "MIT OR Apache-2.0"] {
            let text = new("raccoon: \"one\"", Some(license), Some(160));
            let read = front_matter(&text);
            let known = licensing::normalize(license).unwrap();
            assert_eq!(read.expression().as_deref(), Some(known.as_str()), "{text}");
        }
    }

    #[test]
    fn markers_have_to_enclose_one_block() {
        for text in [BEGIN.to_owned(), END.to_owned(), format!("{END}\n{BEGIN}"), format!("{BEGIN}{BEGIN}{END}")] {
            assert_eq!(refreshed(&text, "x"), Err(ReadmeError::Markers), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_rest_is_not_touched_and_twice_is_once(before in "[a-z\n#é]{0,40}", after in "[a-z\n#é]{0,40}", block in "[a-z\n]{0,40}") {
            let text = format!("{before}{BEGIN}\nold\n{END}{after}");
            let once = refreshed(&text, &block).unwrap();
            prop_assert!(once.starts_with(&before) && once.ends_with(&after));
            prop_assert_eq!(refreshed(&once, &block).unwrap(), once.clone());
            let appended = refreshed(&before, &block).unwrap();
            prop_assert!(appended.starts_with(&before));
            prop_assert_eq!(refreshed(&appended, &block).unwrap(), appended.clone());
        }
    }
}
