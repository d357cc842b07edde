//! Declarations in a dataset that reserve rights in it: TDMRep (W3C community group report), and AIPREF's `Content-Usage`
//! lines in robots.txt (draft-ietf-aipref-attach, draft-ietf-aipref-vocab).

use camino::Utf8Path;
use dgov_data::licensing::Purpose;
use serde_json::Value;

use crate::error::Result;
use crate::gate::facts::{Fact, Reservation};

/// Longer declarations are none.
const MAX: u64 = 4 << 20;

/// The declarations of a folder that speak of the purpose.
pub(super) fn read(data: &Utf8Path, purpose: Purpose) -> Result<Fact<Vec<Reservation>>> {
    if !data.is_dir() {
        return Ok(Fact::NotApplicable("a single file declares nothing".into()));
    }
    let mut any = false;
    let mut found = Vec::new();
    for name in ["tdmrep.json", ".well-known/tdmrep.json", "robots.txt"] {
        let path = data.join(name);
        let Ok(metadata) = path.metadata() else { continue };
        if !metadata.is_file() || metadata.len() > MAX {
            continue;
        }
        any = true;
        let text = String::from_utf8_lossy(&fs_err::read(&path)?).into_owned();
        let says = if name == "robots.txt" { aipref(&text, purpose) } else { tdmrep(&text, purpose) };
        found.extend(says.into_iter().map(|says| Reservation { file: name.to_owned(), says }));
    }
    Ok(if any { Fact::Known(found) } else { Fact::NotApplicable("it declares nothing".into()) })
}

/// TDMRep reserves text and data mining, of which training is a part.
fn tdmrep(text: &str, purpose: Purpose) -> Option<String> {
    if !matches!(purpose, Purpose::TrainGenerative | Purpose::TrainOther | Purpose::Mine) {
        return None;
    }
    let document: Value = serde_json::from_str(text).ok()?;
    let rules = document.as_array()?;
    let reserved = rules.iter().find(|rule| rule["tdm-reservation"] == 1)?;
    let location = reserved["location"].as_str().unwrap_or("/");
    let policy = reserved["tdm-policy"].as_str().map_or_else(String::new, |policy| format!(", terms at {policy}"));
    Some(format!("tdm-reservation for {location}{policy}"))
}

/// Whether a line of robots.txt denies the purpose: `Content-Usage: train-ai=n`, or with a path before the preferences.
fn aipref(text: &str, purpose: Purpose) -> Option<String> {
    let category: &[&str] = match purpose {
        Purpose::TrainGenerative => &["train-genai", "train-ai", "tdm"],
        Purpose::TrainOther => &["train-ai", "tdm"],
        Purpose::Mine => &["tdm"],
        Purpose::Search => &["search"],
        _ => &[],
    };
    text.lines().find_map(|line| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let (key, value) = line.split_once(':')?;
        if !key.trim().eq_ignore_ascii_case("content-usage") {
            return None;
        }
        let preferences = value.split([',', ' ']).filter_map(|word| word.trim().split_once('='));
        let list: Vec<(String, &str)> = preferences.map(|(key, value)| (key.to_lowercase(), value)).collect();
        // The most specific category that is spoken of decides.
        let said = category.iter().find_map(|name| list.iter().find(|(key, _)| key == name))?;
        (said.1.eq_ignore_ascii_case("n")).then(|| line.to_owned())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_preference_decides() {
        let denied = |text: &str, purpose| aipref(text, purpose).is_some();
        assert!(denied("User-Agent: *\nContent-Usage: train-ai=n", Purpose::TrainGenerative));
        assert!(denied("content-usage: /images/ train-ai=n # no", Purpose::TrainOther));
        assert!(!denied("Content-Usage: train-ai=n, train-genai=y", Purpose::TrainGenerative));
        assert!(denied("Content-Usage: train-ai=n, train-genai=y", Purpose::TrainOther));
        assert!(!denied("Content-Usage: train-ai=y", Purpose::TrainOther));
        assert!(!denied("Content-Usage: train-ai=n", Purpose::Evaluate));
        assert!(!denied("# Content-Usage: train-ai=n\nDisallow: /", Purpose::TrainOther));
    }

    #[test]
    fn a_reservation_is_of_mining_and_training() {
        let text = r#"[{"location":"/a","tdm-reservation":0},{"location":"/","tdm-reservation":1,"tdm-policy":"https://p.example/"}]"#;
        assert!(tdmrep(text, Purpose::TrainGenerative).unwrap().contains("https://p.example/"));
        assert!(tdmrep(text, Purpose::Evaluate).is_none());
        assert!(tdmrep(r#"[{"location":"/","tdm-reservation":0}]"#, Purpose::Mine).is_none());
        assert!(tdmrep("nonsense", Purpose::Mine).is_none());
    }
}
