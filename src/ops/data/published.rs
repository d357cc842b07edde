//! The day of a dataset's first publication, for the card that a push makes.
//!
//! A push that is repeated must make the same card, or it would record a version that nobody asked for. So the day is that of
//! the block of version 1, by the chain's clock; before there is one, the chain's day now. A card that was made before
//! midnight and recorded after it keeps its day.

use alloy::primitives::B256;
use alloy::providers::Provider;
use camino::Utf8Path;
use dgov_data::cards::Card;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::ops::documents::names;
use crate::ops::view::{View, unreachable};
use crate::session::Session;

/// The day, `2026-12-01`, UTC. `documents` is where the last push left the documents.
///
/// # Errors
/// Those of reading the chain.
pub(super) async fn day(session: &Session<'_>, view: &View, dataset_id: B256, documents: &Utf8Path) -> Result<String> {
    let first = view.of(dataset_id).find(|record| record.version.number == 1);
    let number = first.map_or_else(Default::default, |first| first.block.into());
    let block = session.connection.provider.get_block_by_number(number).await.map_err(unreachable)?;
    let block = block.ok_or_else(|| {
        Error::chain("chain.no_block", "the node does not have the block of the first version")
            .hint("the node is not whole; use another rpc-url")
    })?;
    let day = day_of(block.header.timestamp);
    Ok(match first {
        Some(_) => kept(day, of_card(&documents.join(names::CARD))),
        None => day,
    }
    .to_string())
}

/// What is beyond the calendar is its last day.
fn day_of(seconds: u64) -> Date {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.unwrap_or(jiff::Timestamp::MAX).to_zoned(TimeZone::UTC).date()
}

/// The day of a card, if it may be one of the version that was recorded on that day.
fn kept(recorded: Date, card: Option<Date>) -> Date {
    let before = recorded.checked_sub(1.day()).ok();
    card.filter(|day| before == Some(*day)).unwrap_or(recorded)
}

fn of_card(path: &Utf8Path) -> Option<Date> {
    let card = Card::parse(&std::fs::read(path).ok()?).ok()?;
    card.text("datePublished")?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_card_from_before_midnight_keeps_its_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let recorded = day_of(1_767_225_600);
        assert_eq!(recorded, day("2026-01-01"));
        assert_eq!(kept(recorded, Some(day("2025-12-31"))), day("2025-12-31"));
        for other in [None, Some(day("2026-01-01")), Some(day("2026-01-02")), Some(day("2025-06-01"))] {
            assert_eq!(kept(recorded, other), recorded);
        }
    }
}
