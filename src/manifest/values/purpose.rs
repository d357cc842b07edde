//! Purposes as a manifest writes them; what they are is in the licensing policy.

pub use dgov_data::licensing::{Purpose, Purposes};

use super::{ValueError, did_you_mean};

/// Reads a purpose, with the near one as a hint.
///
/// # Errors
/// When the text names none.
pub fn parse_purpose(text: &str) -> Result<Purpose, ValueError> {
    let names = Purpose::ALL.map(Purpose::name);
    text.parse().map_err(|error: dgov_data::licensing::UnknownPurpose| {
        let error = ValueError::new(error.to_string());
        match did_you_mean(text, names) {
            Some(name) => error.hint(format!("did you mean `{name}`?")),
            None => error.hint(format!("purposes are {}", names.join(", "))),
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_corrected() {
        let hint = |text: &str| parse_purpose(text).unwrap_err().hint.unwrap();
        assert_eq!(hint("train-generativ"), "did you mean `train-generative`?");
        assert_eq!(hint("Evaluate"), "did you mean `evaluate`?");
        assert!(hint("zzz").starts_with("purposes are train-generative, "));
    }
}
