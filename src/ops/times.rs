//! Times of the chain as people and programs read them.

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::manifest::values::Sunset;

/// Unix seconds as RFC 3339 in UTC. What is beyond the calendar (year 9999) is shown as its last second.
pub fn rfc3339(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.unwrap_or(Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Unix seconds of a time on the command line: `2026-11-01` (midnight UTC) or RFC 3339.
///
/// # Errors
/// `usage.time`.
pub fn parse(text: &str) -> Result<u64> {
    let moment = match text.parse::<Sunset>() {
        Ok(Sunset::At(moment)) => u64::try_from(moment.as_second()).ok(),
        Ok(Sunset::After(_)) | Err(_) => None,
    };
    moment.ok_or_else(|| {
        Error::usage("usage.time", format!("`{text}` is not a time"))
            .hint("write a date, `2026-11-01`, or a time with its offset, `2026-11-01T12:00:00Z`")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    #[test]
    fn times_are_dates_or_moments() {
        assert_eq!(super::parse("2026-01-01").unwrap(), 1_767_225_600);
        assert_eq!(super::parse("2026-01-01T01:00:00+01:00").unwrap(), 1_767_225_600);
        for text in ["3d", "2026-13-01", "2026-01-01T00:00", "yesterday", "1969-12-31"] {
            assert_eq!(super::parse(text).unwrap_err().code(), "usage.time", "{text}");
        }
    }

    #[test]
    fn seconds_become_utc() {
        assert_eq!(super::rfc3339(1_767_225_600), "2026-01-01T00:00:00Z");
        assert_eq!(super::rfc3339(u64::MAX), "9999-12-30T22:00:00Z");
    }
}
