//! Text that stands where somebody still has to write something.

/// How a field begins that `data card init` leaves to a person.
pub const MARK: &str = "TODO(dgov): ";

/// Words that say nothing when they are the whole text.
const EMPTY_WORDS: [&str; 20] = [
    "todo",
    "tbd",
    "tba",
    "fixme",
    "xxx",
    "n/a",
    "na",
    "none",
    "unknown",
    "null",
    "nil",
    "undefined",
    "-",
    "--",
    "?",
    "...",
    "placeholder",
    "to be determined",
    "not specified",
    "more information needed",
];

/// Sentences of templates: parts that no finished text has.
const TEMPLATES: [&str; 10] = [
    "[more information needed]",
    "<insert",
    "[insert",
    "{{",
    "lorem ipsum",
    "your description here",
    "todo(",
    "todo:",
    "fill in",
    "to be filled",
];

/// Whether a text is empty, or a template's, or says that it is not written yet. Such text declares nothing.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let bare =
        text.trim_matches(|c: char| matches!(c, '[' | ']' | '<' | '>' | '(' | ')' | '.' | '!' | '*' | '_' | '"'));
    let bare = bare.trim();
    bare.is_empty()
        || EMPTY_WORDS.contains(&bare)
        || EMPTY_WORDS.contains(&text.as_str())
        || TEMPLATES.iter().any(|part| text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_text() {
        for text in [
            "",
            "  ",
            "TODO",
            "[TBD]",
            "N/A",
            "n/a.",
            "...",
            "<insert description>",
            "[More Information Needed]",
            "Unknown",
            "TODO(dgov): where the images come from",
            "{{ dataset_summary }}",
            "To be determined.",
            "?",
        ] {
            assert!(is_placeholder(text), "{text:?}");
        }
        for text in [
            "Photographs taken by volunteers in 2017.",
            "None of the images shows a person.",
            "https://example.org/set",
            "no",
        ] {
            assert!(!is_placeholder(text), "{text:?}");
        }
    }
}
