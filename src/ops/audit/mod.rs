//! `dgov audit`: what happened to a dataset, from record to payment, in the order of time.
//!
//! Lines come from the events of the project's contracts, and from the receipts beside the manifest. Nothing is kept
//! between calls: the chain is asked each time.

mod consents;
mod court;
mod dao;
mod line;
mod market;
mod reader;
mod record;
mod registry;
mod runs;
mod stake;
mod times;
mod totals;
mod usage;

use alloy::primitives::B256;
use camino::Utf8Path;
use serde::Serialize;

use self::line::Line;
use self::reader::Reader;
use self::record::RecordAudit;
use self::totals::Total;
use crate::error::Result;
use crate::lockfile::write_atomically;
use crate::ops::royalties::pools;
use crate::ops::times::rfc3339;
use crate::ops::{lookup, notes, view};
use crate::session::Session;
use crate::ui::{Report, text};

/// How an audit is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Two lines of text for each event.
    #[default]
    Table,
    /// A Markdown table.
    Markdown,
    /// Comma-separated values, with exact amounts.
    Csv,
}

/// What is asked for.
pub struct Options<'a> {
    /// The dataset, perhaps with a version.
    pub dataset: &'a str,
    /// A record to which it is narrowed.
    pub record: Option<&'a str>,
    /// Unix seconds; what was before is left out.
    pub since: Option<u64>,
    /// Unix seconds; what was then or later is left out.
    pub until: Option<u64>,
    /// How it is written.
    pub format: Format,
    /// File for the text.
    pub out: Option<&'a Utf8Path>,
}

/// The audit.
#[derive(Debug, Serialize)]
pub struct AuditReport {
    /// Name of the dataset here.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Network.
    pub network: String,
    /// Chain id.
    pub chain_id: u64,
    /// Latest block that was read.
    pub at_block: u64,
    /// Its time.
    pub at_time: String,
    /// The record to which it was narrowed.
    pub record: Option<RecordAudit>,
    /// In the order of time.
    pub lines: Vec<Line>,
    /// Sums over the lines, by currency.
    pub totals: Vec<Total>,
    /// What was not looked at, and why.
    pub not_looked_at: Vec<String>,
    #[serde(skip)]
    format: Format,
}

impl Report for AuditReport {
    fn human(&self) -> String {
        match self.format {
            Format::Csv => line::csv(&self.lines),
            Format::Markdown => self.text(true, &line::markdown(&self.lines)),
            Format::Table => self.text(false, &line::table(&self.lines)),
        }
    }
}

impl AuditReport {
    fn text(&self, markdown: bool, lines: &str) -> String {
        let (heading, gap) = if markdown { ("# ", "\n") } else { ("", "") };
        let shown = |of_others: &str| if markdown { text::markdown(of_others) } else { text::one_line(of_others) };
        let mut text = format!("{heading}Audit of {} on {} (chain {})\n", self.dataset, self.network, self.chain_id);
        text.push_str(&format!(
            "{gap}dataset {}, up to block {} of {}\n\n",
            self.dataset_id, self.at_block, self.at_time
        ));
        text.push_str(if self.lines.is_empty() { "nothing happened\n" } else { lines });
        text.push('\n');
        if let Some(record) = &self.record {
            text.push_str(&record.text(markdown));
        }
        for total in &self.totals {
            text.push_str(&format!("{gap}{}\n", shown(&total.text())));
        }
        for what in &self.not_looked_at {
            text.push_str(&format!("{gap}not looked at: {}\n", shown(what)));
        }
        text
    }
}

/// Reads everything that happened to a dataset.
///
/// # Errors
/// `dataset.unknown`, `record.unknown`; those of the chain, the sources, the receipts and files.
pub async fn audit(session: &Session<'_>, options: &Options<'_>) -> Result<AuditReport> {
    // First: what happens while this reads belongs to the next audit, whole.
    let (at_block, at_time) = times::head(session).await?;
    let view = session.view().await?.until(at_block);
    let target = lookup::target(session, &view, options.dataset)?;
    let pools = pools::pools(session, &view, Some(target.id))?;
    let mut not_looked_at = Vec::new();

    let mut reader = Reader::new(session, &view, target.id, target.name.clone(), &pools)?;
    reader.consents = consents::named(session, &reader.name, &pools, &mut not_looked_at).await?;
    let sources = session.sources()?;
    let evidence = view.of(target.id).map(|record| record.evidence).filter(|digest| !digest.is_zero());
    for digest in evidence {
        if let Some(reason) = notes::text_of(&sources, digest).await {
            reader.reasons.insert(digest, reason);
        }
    }
    let provider = &session.connection.provider;
    let mut logs = view::logs(provider, reader.contracts(), session.network_lock()?.block).await?;
    logs.retain(|log| log.block_number.is_some_and(|block| block <= at_block));
    reader.read(&logs)?;
    let mut lines = std::mem::take(&mut reader.lines);
    times::fill(session, &mut lines).await?;
    lines.extend(runs::lines(session, &reader, &mut not_looked_at).await?);
    lines.sort_by(Line::order);

    let mut record = match options.record {
        Some(text) => Some(record::find(session, &view, target.id, text, &mut not_looked_at).await?),
        None => None,
    };
    let only = match (&record, options.dataset.contains('@')) {
        (Some(record), _) => Some(record.numbers()),
        (None, true) => Some(vec![target.number()]),
        (None, false) => None,
    };
    if let Some(numbers) = only {
        lines.retain(|line| line.versions.is_empty() || line.versions.iter().any(|number| numbers.contains(number)));
    }
    if let Some(record) = &mut record {
        record.payments = totals::payments(session, &lines);
    }
    lines.retain(|line| options.since.is_none_or(|since| line.seconds >= since));
    lines.retain(|line| options.until.is_none_or(|until| line.seconds < until));

    let report = AuditReport {
        dataset: target.name,
        dataset_id: target.id,
        network: session.name().to_owned(),
        chain_id: session.connection.chain_id,
        at_block,
        at_time: rfc3339(at_time),
        record,
        totals: totals::of(session, &lines),
        lines,
        not_looked_at,
        format: options.format,
    };
    if let Some(out) = options.out {
        write_atomically(out, report.human().as_bytes())?;
    }
    Ok(report)
}
