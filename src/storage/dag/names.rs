//! Which names of a stranger's folder may become names of files here.

/// Longest name that file systems in use can hold, in bytes.
const LONGEST: usize = 255;
/// Names that Windows keeps for devices, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// What is wrong with a name, as a phrase. `portable` also refuses what only some systems can hold.
pub fn fault(name: &str, portable: bool) -> Option<&'static str> {
    match name {
        "" => return Some("is empty"),
        "." | ".." => return Some("leads out of its folder"),
        _ => {}
    }
    if name.contains('/') {
        return Some("holds a slash");
    }
    if name.contains('\0') {
        return Some("holds a zero byte");
    }
    if name.len() > LONGEST {
        return Some("is longer than 255 bytes");
    }
    if portable { unportable(name) } else { None }
}

/// The form in which two names are one on a system that does not tell cases apart.
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn unportable(name: &str) -> Option<&'static str> {
    if name.chars().any(|letter| letter < ' ' || letter == '\u{7f}' || "\\<>:\"|?*".contains(letter)) {
        return Some("holds a character that not every system allows");
    }
    if name.ends_with(['.', ' ']) {
        return Some("ends with a dot or a space");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = |kind: &str| {
        stem.strip_prefix(kind).is_some_and(|rest| {
            let mut digits = rest.chars();
            matches!((digits.next(), digits.next()), (Some('1'..='9' | '¹' | '²' | '³'), None))
        })
    };
    (DEVICES.contains(&stem.as_str()) || port("com") || port("lpt")).then_some("is a device on Windows")
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn names_that_lead_elsewhere_are_refused_everywhere() {
        for name in ["", ".", "..", "a/b", "/etc", "../x", "a\0b", &"x".repeat(256)] {
            assert!(fault(name, false).is_some() && fault(name, true).is_some(), "{name:?}");
        }
    }

    #[test]
    fn names_that_some_systems_cannot_hold_are_refused_unless_told() {
        for name in ["a\\b", "c:x", "a\nb", "x.", "x ", "CON", "nul.txt", "Com1", "lpt¹.log", "aux .c", "\u{1b}[2J"] {
            assert!(fault(name, true).is_some() && fault(name, false).is_none(), "{name:?}");
        }
        for name in ["a", "...a", ".hidden", "com0", "com10", "console", "Ünïcode", "a b", "raccoon-1.jpg"] {
            assert_eq!(fault(name, true), None, "{name:?}");
        }
    }
}
