//! The small patterns that choose files in a manifest.

/// Whether `path` matches `pattern`, or lies below a folder that the pattern names.
///
/// `*` stands for any characters of one name, `?` for one, `**` between slashes for any number of folders.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<_> = pattern.trim_start_matches("./").trim_end_matches('/').split('/').collect();
    let path: Vec<_> = path.split('/').collect();
    let plain = !pattern.iter().any(|part| part.contains(['*', '?']));
    segments(&pattern, &path) || plain && path.len() > pattern.len() && path.starts_with(&pattern)
}

/// Whether the segments of a path match those of a pattern: the rows of a table, so that no pattern takes exponential time.
fn segments(pattern: &[&str], path: &[&str]) -> bool {
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        if *part == "**" {
            let mut any = false;
            for (position, reached) in reached.iter().enumerate() {
                any |= *reached;
                next[position] = any;
            }
        } else {
            for (position, name) in path.iter().enumerate() {
                next[position + 1] = reached[position] && segment(part.as_bytes(), name.as_bytes());
            }
        }
        reached = next;
    }
    reached[path.len()]
}

fn segment(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut taken) = (0, 0);
    // Where the last star was, and how much of the name it has swallowed.
    let mut star = None;
    while taken < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, taken));
                at += 1;
            }
            Some(b'?') => {
                // A character may be several bytes long.
                taken += 1;
                while name.get(taken).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    taken += 1;
                }
                at += 1;
            }
            Some(byte) if *byte == name[taken] => {
                (at, taken) = (at + 1, taken + 1);
            }
            _ => match star {
                Some((position, swallowed)) => {
                    (at, taken) = (position + 1, swallowed + 1);
                    star = Some((position, swallowed + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("annotations/*.xml", "annotations/a.xml", true),
            ("./annotations/*.xml", "annotations/a.xml", true),
            ("annotations/*.xml", "annotations/deep/a.xml", false),
            ("annotations/*.xml", "annotations/a.xml.txt", false),
            ("annotations/**/*.xml", "annotations/a.xml", true),
            ("annotations/**/*.xml", "annotations/b/c/a.xml", true),
            ("**", "a/b", true),
            ("images", "images/a.jpg", true),
            ("images/", "images/b/a.jpg", true),
            ("images", "images2/a.jpg", false),
            ("a?c", "abc", true),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("*a*b", "xaayab", true),
            ("*a*b", "xaayba", false),
            ("*", "", true),
            ("a.jpg", "a.jpg", true),
            ("a/**", "b/a", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
