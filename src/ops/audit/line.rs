//! A line of an audit, and the forms in which lines are written.

use std::cmp::Ordering;

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Log;
use serde::Serialize;

use crate::ops::times;
use crate::session::Session;
use crate::ui::text;

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Block; null for what no chain recorded.
    pub block: Option<u64>,
    /// Its time, RFC 3339; of a receipt by its signer's clock.
    pub time: String,
    /// What kind of thing, e.g. `version.added`.
    pub event: &'static str,
    /// Versions that it concerns; empty for the dataset as a whole.
    pub versions: Vec<u32>,
    /// In words.
    pub what: String,
    /// Who did it, was paid or pays: an address, checksummed; of a receipt the key is not known.
    pub who: Option<String>,
    /// Smallest unit of the currency, decimal; null where no money moved.
    pub amount: Option<String>,
    /// The same for people.
    pub amount_text: Option<String>,
    /// Address of the token, checksummed; zero for the chain's own coin.
    pub currency: Option<String>,
    /// Transaction.
    pub tx_hash: Option<B256>,
    /// Place of the event in its block; null for what no chain recorded.
    pub log_index: Option<u64>,
    /// The digest that the line comes from.
    pub digest: B256,
    /// Of what it is, e.g. `version key`.
    pub digest_of: &'static str,
    /// Unix seconds.
    #[serde(skip)]
    pub(super) seconds: u64,
    /// The amount with its currency, for sums.
    #[serde(skip)]
    pub(super) money: Option<(U256, Address)>,
}

impl Line {
    /// Of an event on chain; its time is filled in when all lines are there.
    pub(super) fn of(log: &Log, event: &'static str, digest: B256, digest_of: &'static str, what: String) -> Self {
        Self {
            block: log.block_number,
            time: String::new(),
            event,
            versions: Vec::new(),
            what: text::one_line(&what),
            who: None,
            amount: None,
            amount_text: None,
            currency: None,
            tx_hash: log.transaction_hash,
            log_index: log.log_index,
            digest,
            digest_of,
            seconds: log.block_timestamp.unwrap_or_default(),
            money: None,
        }
    }

    pub(super) fn who(mut self, account: Address) -> Self {
        self.who = Some(account.to_checksum(None));
        self
    }

    pub(super) fn on(mut self, versions: impl IntoIterator<Item = u32>) -> Self {
        self.versions = versions.into_iter().collect();
        self
    }

    pub(super) fn amount(mut self, session: &Session<'_>, amount: U256, currency: Address) -> Self {
        self.amount = Some(amount.to_string());
        self.amount_text = Some(session.show_amount(amount, currency));
        self.currency = Some(currency.to_checksum(None));
        self.money = Some((amount, currency));
        self
    }

    pub(super) fn at(mut self, seconds: u64) -> Self {
        self.seconds = seconds;
        self.time = times::rfc3339(seconds);
        self
    }

    /// By time; events of one block in its order; what no chain recorded after the blocks of its second.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let key = |line: &Self| (line.seconds, line.block.unwrap_or(u64::MAX), line.log_index);
        key(self).cmp(&key(other))
    }

    fn cells(&self) -> [String; 9] {
        [
            self.block.map_or_else(String::new, |block| block.to_string()),
            self.time.clone(),
            self.event.to_owned(),
            self.what.clone(),
            self.who.clone().unwrap_or_default(),
            self.amount_text.clone().unwrap_or_default(),
            self.tx_hash.map_or_else(String::new, |hash| hash.to_string()),
            self.digest.to_string(),
            self.digest_of.to_owned(),
        ]
    }
}

const HEADINGS: [&str; 9] = ["block", "time", "event", "what", "who", "amount", "transaction", "digest", "digest of"];

/// Two lines of text for each: what, and where it is from.
pub(super) fn table(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        let [block, time, event, what, who, amount, transaction, digest, digest_of] = line.cells();
        text.push_str(&format!("{time}  {event}  {what}"));
        for part in [amount, who].iter().filter(|part| !part.is_empty()) {
            text.push_str(&format!(", {part}"));
        }
        let place = if block.is_empty() { "not on chain".to_owned() } else { format!("block {block}, {transaction}") };
        text.push_str(&format!("\n    {place}; {digest_of} {digest}\n"));
    }
    text
}

/// The lines as a Markdown table.
pub(super) fn markdown(lines: &[Line]) -> String {
    markdown_table(&HEADINGS, lines.iter().map(|line| line.cells().to_vec()))
}

/// A Markdown table. Text of others can't end a cell or begin markup.
pub(super) fn markdown_table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = format!("| {} |\n|{}\n", headings.join(" | "), " --- |".repeat(headings.len()));
    for row in rows {
        let cells: Vec<_> = row.iter().map(|cell| text::markdown(cell)).collect();
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    table
}

/// RFC 4180, with the exact amount and its currency beside the words.
pub(super) fn csv(lines: &[Line]) -> String {
    let mut text =
        "block,time,event,versions,what,who,amount,currency,tx_hash,log_index,digest,digest_of\r\n".to_owned();
    for line in lines {
        let [block, time, event, what, who, _, transaction, digest, digest_of] = line.cells();
        let versions: Vec<_> = line.versions.iter().map(u32::to_string).collect();
        let index = line.log_index.map_or_else(String::new, |index| index.to_string());
        let (amount, currency) = (line.amount.clone().unwrap_or_default(), line.currency.clone().unwrap_or_default());
        let cells = [
            block,
            time,
            event,
            versions.join(" "),
            what,
            who,
            amount,
            currency,
            transaction,
            index,
            digest,
            digest_of,
        ];
        let cells: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A field of a CSV file. What a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seconds: u64, block: Option<u64>, index: Option<u64>) -> Line {
        let mut line = Line::of(&Log::default(), "x", B256::ZERO, "nothing", "a | b, \"c\"\n<d>".into()).at(seconds);
        (line.block, line.log_index) = (block, index);
        line
    }

    #[test]
    fn lines_are_in_the_order_of_time_and_then_of_the_chain() {
        let mut lines =
            [line(9, None, None), line(9, Some(3), Some(1)), line(9, Some(3), Some(0)), line(8, Some(2), Some(7))];
        lines.sort_by(Line::order);
        let places: Vec<_> = lines.iter().map(|line| (line.block, line.log_index)).collect();
        assert_eq!(places, [(Some(2), Some(7)), (Some(3), Some(0)), (Some(3), Some(1)), (None, None)]);
    }

    #[test]
    fn text_of_others_stays_in_its_cell() {
        let lines = [line(0, Some(1), Some(0))];
        let row = markdown(&lines).lines().nth(2).map(str::to_owned).unwrap_or_default();
        assert!(row.contains("a \\| b, \"c\" \\<d\\>"), "{row}");
        assert!(csv(&lines).contains("\"a | b, \"\"c\"\" <d>\""), "{}", csv(&lines));
        assert_eq!(quoted("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    }
}
