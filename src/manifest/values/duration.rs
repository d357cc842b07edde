//! Spans of time in whole seconds: `90s`, `15m`, `36h`, `1d12h`, `2w`.

use std::fmt;
use std::str::FromStr;

use super::{ValueError, text_value};

/// Units from the longest to the shortest; a text must name them in this order, each at most once.
const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A span of time in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// From seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// From days of 86,400 seconds. For constants: the product must fit.
    pub const fn from_days(days: u32) -> Self {
        Self(days as u64 * 86_400)
    }

    /// The span in seconds.
    pub const fn as_secs(self) -> u64 {
        self.0
    }
}

impl FromStr for Duration {
    type Err = ValueError;

    /// Reads numbers with units, the longest unit first.
    ///
    /// # Errors
    /// Anything else, and a span of more than `u64::MAX` seconds.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let malformed = || {
            ValueError::new(format!("`{text}` is not a duration"))
                .hint("write whole numbers with units, the longest first: `90s`, `15m`, `36h`, `1d`, `2w`, `1d12h`")
        };
        let overflow = || ValueError::new(format!("`{text}` is longer than can be counted in seconds"));
        let mut rest = text;
        let mut units = UNITS.iter();
        let mut seconds: u64 = 0;
        if rest.is_empty() {
            return Err(malformed());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(malformed)?;
            let (number, tail) = rest.split_at(digits);
            let unit = tail.chars().next().ok_or_else(malformed)?;
            let (_, factor) = units.find(|(name, _)| *name == unit).ok_or_else(malformed)?;
            if number.is_empty() {
                return Err(malformed());
            }
            let part = number.parse::<u64>().ok().and_then(|count| count.checked_mul(*factor)).ok_or_else(overflow)?;
            seconds = seconds.checked_add(part).ok_or_else(overflow)?;
            rest = &tail[unit.len_utf8()..];
        }
        Ok(Self(seconds))
    }
}

impl fmt::Display for Duration {
    /// Days are the longest unit written: people say `365d`, not `52w1d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, factor) in &UNITS[1..] {
            if rest >= *factor {
                write!(f, "{}{unit}", rest / factor)?;
                rest %= factor;
            }
        }
        Ok(())
    }
}

text_value!(Duration, "^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$", ["1d", "36h", "1d12h"]);

/// How long one purchase of a license lasts: a span, or `forever`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LicenseDuration {
    /// Without end.
    #[default]
    Forever,
    /// That many seconds, at least one.
    For(Duration),
}

impl LicenseDuration {
    /// Seconds as the contracts store them: 0 is without end.
    pub fn as_secs(self) -> u64 {
        match self {
            Self::Forever => 0,
            Self::For(span) => span.as_secs(),
        }
    }
}

impl FromStr for LicenseDuration {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let span: Duration = text.parse()?;
        if span.as_secs() == 0 {
            return Err(ValueError::new("a license that lasts no time is worth nothing")
                .hint("write `forever`, or leave the key out, for a license without end"));
        }
        // Terms.duration on chain is a uint40.
        if span.as_secs() >> 40 != 0 {
            return Err(ValueError::new(format!("`{text}` is longer than the contracts can store"))
                .hint("write `forever` for a license without end"));
        }
        Ok(Self::For(span))
    }
}

impl fmt::Display for LicenseDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forever => f.write_str("forever"),
            Self::For(span) => span.fmt(f),
        }
    }
}

text_value!(LicenseDuration, "^(forever|([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?)$", ["365d", "forever"]);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_units_and_combinations() {
        for (text, seconds) in
            [("90s", 90), ("15m", 900), ("36h", 129_600), ("1d", 86_400), ("2w", 1_209_600), ("1d12h", 129_600)]
        {
            assert_eq!(text.parse::<Duration>().unwrap().as_secs(), seconds, "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "1", "d", "1 d", "1.5d", "-1d", "1h1d", "1d1d", "1y", "1d ", "18446744073709551615w", "١d"] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
        assert!("18446744073709551615s".parse::<Duration>().is_ok());
        assert!("18446744073709551616s".parse::<Duration>().is_err());
        assert!("18446744073709551615m1s".parse::<Duration>().is_err());
    }

    #[test]
    fn canonical_text() {
        assert_eq!("52w1d".parse::<Duration>().unwrap().to_string(), "365d");
        assert_eq!("90s".parse::<Duration>().unwrap().to_string(), "1m30s");
        assert_eq!(Duration::default().to_string(), "0s");
    }

    #[test]
    fn license_durations_end_or_do_not() {
        assert_eq!("forever".parse::<LicenseDuration>().unwrap().as_secs(), 0);
        assert_eq!("365d".parse::<LicenseDuration>().unwrap().as_secs(), 31_536_000);
        assert!("0s".parse::<LicenseDuration>().is_err());
        assert_eq!("1099511627775s".parse::<LicenseDuration>().unwrap().as_secs(), (1 << 40) - 1);
        assert!("1099511627776s".parse::<LicenseDuration>().is_err());
    }

    proptest! {
        #[test]
        fn round_trip(seconds: u64) {
            let span = Duration::from_secs(seconds);
            prop_assert_eq!(span.to_string().parse::<Duration>().unwrap(), span);
        }

        #[test]
        fn never_panics(text in ".{0,24}") {
            let _ = text.parse::<Duration>();
            let _ = text.parse::<LicenseDuration>();
        }
    }
}
