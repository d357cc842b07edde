//! When a guardian's power ends.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use super::{Duration, ValueError, text_value};

/// The end of the guardian's power: a date, or a span that starts with the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sunset {
    /// At that moment.
    At(Timestamp),
    /// That long after the deployment.
    After(Duration),
}

impl Sunset {
    /// Unix seconds of the end, for a deployment at `deployed` (unix seconds); `None` if it lies before 1970 or is
    /// beyond counting.
    pub fn unix(self, deployed: u64) -> Option<u64> {
        match self {
            Self::At(moment) => u64::try_from(moment.as_second()).ok(),
            Self::After(span) => deployed.checked_add(span.as_secs()),
        }
    }
}

impl FromStr for Sunset {
    type Err = ValueError;

    /// Reads `2027-06-30` (midnight UTC), an RFC 3339 time, or a duration.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        if let Ok(span) = text.parse() {
            return Ok(Self::After(span));
        }
        if let Ok(moment) = text.parse() {
            return Ok(Self::At(moment));
        }
        // A civil date parser would silently drop the time of a text without an offset.
        let date_only = text.len() == 10;
        text.parse::<civil::Date>()
            .ok()
            .filter(|_| date_only)
            .and_then(|date| date.to_zoned(TimeZone::UTC).ok())
            .map(|midnight| Self::At(midnight.timestamp()))
            .ok_or_else(|| {
                ValueError::new(format!("`{text}` is neither a date nor a duration"))
                    .hint("write `2027-06-30`, `2027-06-30T12:00:00Z` or a span after the deployment: `365d`")
            })
    }
}

impl fmt::Display for Sunset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(moment) => moment.fmt(f),
            Self::After(span) => span.fmt(f),
        }
    }
}

text_value!(Sunset, "^[0-9].*$", ["365d", "2027-06-30"]);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn dates_times_and_spans() {
        for (text, unix) in
            [("1970-01-02", 86_400), ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01T00:00:05Z", 5), ("1h", 4_600)]
        {
            let sunset: Sunset = text.parse().unwrap();
            assert_eq!(sunset.unix(1_000), Some(unix), "{text}");
            assert_eq!(sunset.to_string().parse::<Sunset>().unwrap(), sunset);
        }
        assert_eq!("1969-12-31".parse::<Sunset>().unwrap().unix(0), None);
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "soon", "2027-13-01", "2027-06-30T12:00:00", "30.06.2027"] {
            assert!(text.parse::<Sunset>().is_err(), "{text}");
        }
    }
}
