//! The text of a proposal: Markdown that says what changes and which calls do it. Their bytes are beside it on chain.

use alloy::primitives::Address;

use super::calls::DecodedCall;
use super::diff::Change;

/// Longest title made by dgov; list views cut longer ones.
const TITLE_LENGTH: usize = 100;

/// What a description is made of.
pub struct Draft<'a> {
    /// First line, without `#`.
    pub title: &'a str,
    /// Markdown of the proposer's own.
    pub body: Option<&'a str>,
    /// Differences that the calls settle.
    pub changes: &'a [&'a Change],
    /// The calls.
    pub calls: &'a [DecodedCall],
    /// How often the same was proposed before, and is over.
    pub repetition: usize,
    /// Who alone may send it.
    pub proposer: Address,
}

/// The title of a proposal that settles these differences.
pub fn title(project: &str, changes: &[&Change]) -> String {
    let full = match changes {
        [only] => {
            let difference = &only.difference;
            match (&difference.desired, &difference.actual) {
                (Some(desired), Some(actual)) => format!("Change {} from {actual} to {desired}", difference.what),
                (Some(desired), None) => format!("Add {}: {desired}", difference.what),
                (None, Some(actual)) => format!("Remove {}: {actual}", difference.what),
                (None, None) => format!("Settle {}", difference.what),
            }
        }
        several => format!("Apply {} changes of the manifest of {project}", several.len()),
    };
    if full.chars().count() <= TITLE_LENGTH {
        return full;
    }
    let cut: String = full.chars().take(TITLE_LENGTH - 1).collect();
    format!("{}…", cut.trim_end())
}

/// The whole description. The governor lets only the account of the last line propose it, so that nobody can take the
/// id of a proposal that is seen on its way.
pub fn description(draft: &Draft<'_>) -> String {
    let mut text = format!("# {}\n", draft.title.trim());
    if let Some(body) = draft.body.map(str::trim).filter(|body| !body.is_empty()) {
        text.push_str(&format!("\n{body}\n"));
    }
    if !draft.changes.is_empty() {
        text.push_str("\n## What changes\n\n");
        for change in draft.changes {
            text.push_str(&bullet(change));
        }
    }
    text.push_str("\n## Calls\n\n");
    for (index, call) in draft.calls.iter().enumerate() {
        text.push_str(&format!("{}. `{}`\n", index + 1, call.text.replace('`', "'")));
        text.push_str(&format!("   target `{}`, value {} wei\n", call.target.to_checksum(None), call.value));
    }
    if draft.repetition > 0 {
        text.push_str(&format!("\nProposed {} before.\n", times(draft.repetition)));
    }
    text.push_str(&format!("\n#proposer={}", draft.proposer.to_checksum(None)));
    text
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn bullet(change: &Change) -> String {
    let difference = &change.difference;
    let change = match (&difference.desired, &difference.actual) {
        (Some(desired), Some(actual)) => format!("from {actual} to **{desired}**"),
        (Some(desired), None) => format!("new: **{desired}**"),
        (None, Some(actual)) => format!("removed: {actual}"),
        (None, None) => "settled".to_owned(),
    };
    let detail = difference.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("- `{}`: {change}{detail}\n", difference.what)
}

/// The title of a description: its first line that is not empty, without heading marks.
pub fn title_of(description: &str) -> String {
    let line = description.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(no title)");
    line.trim_start_matches('#').trim().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::diff::{Change, Remedy};
    use super::*;

    fn change(what: &str, desired: Option<&str>, actual: Option<&str>) -> Change {
        Change::of(what, desired.map(str::to_owned), actual.map(str::to_owned), Remedy::Propose)
    }

    #[test]
    fn titles_say_what_changes() {
        let price = change("licenses.research.price", Some("0.02 ETH"), Some("0.01 ETH"));
        assert_eq!(title("p", &[&price]), "Change licenses.research.price from 0.01 ETH to 0.02 ETH");
        assert_eq!(title("p", &[&price, &price]), "Apply 2 changes of the manifest of p");
        let long = change("x", Some(&"ä".repeat(200)), None);
        assert_eq!(title("p", &[&long]).chars().count(), 100);
    }

    /// The governor reads the last 52 bytes: `#proposer=` and an address.
    #[test]
    fn the_description_binds_its_proposer() {
        let proposer = Address::repeat_byte(0xab);
        let price = change("licenses.research.price", Some("0.02 ETH"), Some("0.01 ETH")).detail("why");
        let draft =
            Draft { title: "Title", body: Some("Because.\n"), changes: &[&price], calls: &[], repetition: 2, proposer };
        let text = description(&draft);
        let (_, suffix) = text.split_at(text.len() - 52);
        assert_eq!(suffix, format!("#proposer={}", proposer.to_checksum(None)));
        assert!(text.starts_with("# Title\n\nBecause.\n\n## What changes\n"), "{text}");
        assert!(text.contains("- `licenses.research.price`: from 0.01 ETH to **0.02 ETH** (why)\n"), "{text}");
        assert!(text.contains("\nProposed 2 times before.\n"), "{text}");
        assert_eq!(title_of(&text), "Title");
    }

    #[test]
    fn titles_of_foreign_descriptions() {
        assert_eq!(title_of("\n  ## Fund it\nbody"), "Fund it");
        assert_eq!(title_of(""), "(no title)");
    }
}
