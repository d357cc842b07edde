//! Shares in basis points, written as percentages: `80%`, `12.5%`, `0.01%`.

use std::fmt;
use std::str::FromStr;

use super::{ValueError, amount::parse_units, text_value};

/// A share of a whole in basis points: 0 to 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u16);

impl Share {
    /// The whole: 10,000 basis points.
    pub const WHOLE: Self = Self(10_000);

    /// From basis points; `None` above 10,000.
    pub const fn from_bps(bps: u16) -> Option<Self> {
        if bps <= 10_000 { Some(Self(bps)) } else { None }
    }

    /// From whole percent, for constants; more than 100 counts as 100.
    pub const fn percent(percent: u8) -> Self {
        if percent >= 100 { Self::WHOLE } else { Self(percent as u16 * 100) }
    }

    /// Basis points.
    pub const fn bps(self) -> u16 {
        self.0
    }
}

impl FromStr for Share {
    type Err = ValueError;

    /// Reads a percentage with at most two decimals.
    ///
    /// # Errors
    /// No `%` sign, a finer share than one basis point, more than 100 %.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let number = text.strip_suffix('%').map(str::trim_end).ok_or_else(|| {
            ValueError::new(format!("`{text}` is not a share")).hint("write a percentage: `80%`, `12.5%`")
        })?;
        let bps = parse_units(number, 2).map_err(|error| match error.hint {
            Some(_) => ValueError::new(format!("`{text}` is finer than a basis point"))
                .hint("a share has at most two decimals: `0.01%` is the smallest"),
            None => ValueError::new(format!("`{text}` is not a share")).hint("write a percentage: `80%`, `12.5%`"),
        })?;
        u16::try_from(bps)
            .ok()
            .and_then(Self::from_bps)
            .ok_or_else(|| ValueError::new(format!("`{text}` is more than 100%")))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole}%"),
            tenths if tenths % 10 == 0 => write!(f, "{whole}.{}%", tenths / 10),
            _ => write!(f, "{whole}.{rest:02}%"),
        }
    }
}

text_value!(Share, "^[0-9]+(\\.[0-9]{1,2})?%$", ["80%", "12.5%"]);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn exact_basis_points() {
        for (text, bps) in [("80%", 8_000), ("12.5%", 1_250), ("0.01%", 1), ("100%", 10_000), ("0%", 0), ("4 %", 400)] {
            assert_eq!(text.parse::<Share>().unwrap().bps(), bps, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_exact() {
        for text in ["0.001%", "80", "", "%", "100.01%", "101%", "-1%", "1e1%", ".5%", "5.%", "99999999999999999999%"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        let fine = "0.001%".parse::<Share>().unwrap_err();
        assert!(fine.message.contains("basis point"), "{fine}");
    }

    proptest! {
        #[test]
        fn round_trip(bps in 0u16..=10_000) {
            let share = Share::from_bps(bps).unwrap();
            prop_assert_eq!(share.to_string().parse::<Share>().unwrap(), share);
        }

        #[test]
        fn never_panics(text in ".{0,24}") {
            let _ = text.parse::<Share>();
        }
    }
}
