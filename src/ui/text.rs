//! Text of others, made harmless where people read it.

/// Text of others on one line of a terminal: no control characters, and none of those that reorder or hide the rest.
pub fn one_line(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().filter(|c| !hidden(*c)).collect::<String>());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text of others as one line of Markdown that says what it says and makes nothing else.
pub fn markdown(text: &str) -> String {
    let text = one_line(text);
    let mut out = String::with_capacity(text.len());
    let first = text.split(' ').next().unwrap_or_default();
    // What would make a list, a heading or a rule of the line.
    let number = first.strip_suffix(['.', ')']).filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let mark = number.map(str::len).or_else(|| first.starts_with(['-', '+', '=']).then_some(0));
    for (index, c) in text.char_indices() {
        if mark == Some(index) || matches!(c, '<' | '>' | '[' | ']' | '`' | '*' | '_' | '\\' | '|' | '#' | '&' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Control characters, marks of direction, and characters without width except the two joiners that scripts need.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_text() {
        assert_eq!(markdown("a\n# b\n<script> &lt; ~~c~~"), "a \\# b \\<script\\> \\&lt; \\~\\~c\\~\\~");
        assert_eq!(markdown("[x](y) `z` a_b\u{1b}[0m"), "\\[x\\](y) \\`z\\` a\\_b\\[0m");
    }

    #[test]
    fn text_of_others_begins_no_list_heading_or_rule() {
        for (text, shown) in [
            ("- a - b", "\\- a - b"),
            ("=== a", "\\=== a"),
            ("---", "\\---"),
            ("12. a 3. b", "12\\. a 3. b"),
            ("1) a", "1\\) a"),
            ("1.5 of 2.", "1.5 of 2."),
            ("-", "\\-"),
            ("", ""),
        ] {
            assert_eq!(markdown(text), shown);
        }
    }

    #[test]
    fn what_reorders_or_hides_is_left_out() {
        assert_eq!(one_line(" a\u{202e}b\u{2069}  \u{feff}\n c\u{200d}d "), "ab c\u{200d}d");
    }
}
