//! Where block times come from.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::env_vars::DGOV_EMBEDDED_TIME;
use crate::error::{Error, Result};

use super::history::History;

/// The clock under the chain, before time travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// Block `n` has time `start + n` (Unix seconds), whatever the machine says.
    Fixed(u64),
}

impl Clock {
    /// Reads [`DGOV_EMBEDDED_TIME`]; [`Clock::System`] when it is not set.
    ///
    /// # Errors
    /// `chain.bad_time` (usage) when the variable is not a whole number of seconds.
    pub fn from_environment() -> Result<Self> {
        std::env::var_os(DGOV_EMBEDDED_TIME).map_or(Ok(Self::System), |text| Self::parse(&text.to_string_lossy()))
    }

    fn parse(text: &str) -> Result<Self> {
        text.parse().map(Self::Fixed).map_err(|error| {
            Error::usage("chain.bad_time", format!("{DGOV_EMBEDDED_TIME}={text} is not a time"))
                .caused_by(&error)
                .hint("give Unix seconds, for example 1767225600, or unset the variable")
        })
    }

    /// Time before time travel at which block `number` is made.
    pub(super) fn base(self, number: u64) -> u64 {
        match self {
            Self::System => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            Self::Fixed(start) => start.saturating_add(number),
        }
    }

    /// Time that views see: now, but never before the latest block.
    ///
    /// Nodes of public chains have a block every few seconds, so a view there is never far behind the clock. Here the
    /// latest block may be days old; a vote that ended yesterday must still look ended.
    pub(super) fn view_time(self, history: &History) -> u64 {
        let head = history.head();
        self.base(head.number).saturating_add_signed(history.clock.offset).max(head.timestamp)
    }

    /// Time and clock offset of the block after the latest one.
    pub(super) fn next_block(self, history: &History) -> (u64, i64) {
        let head = history.head();
        let base = self.base(head.number + 1);
        match history.clock.next {
            // Later blocks go on from the wished time, as wall clocks that were set do.
            Some(time) => (time, i64::try_from(i128::from(time) - i128::from(base)).unwrap_or(history.clock.offset)),
            None => {
                let time = base.saturating_add_signed(history.clock.offset);
                (time.max(head.timestamp + 1), history.clock.offset)
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_seconds_are_a_time() {
        assert_eq!(Clock::parse("1767225600").unwrap(), Clock::Fixed(1_767_225_600));
        for text in ["", "-1", "1.5", "tomorrow", "2026-01-01"] {
            assert_eq!(Clock::parse(text).unwrap_err().code(), "chain.bad_time", "{text:?}");
        }
    }
}
