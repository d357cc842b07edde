//! `dgov data show`.

use alloy::primitives::{Address, B256};
use serde::Serialize;

use super::list::name_of;
use super::standing::Standing;
use super::verify::not_pushed;
use crate::error::Result;
use crate::manifest::values::Purposes;
use crate::ops::lookup;
use crate::ops::money::Price;
use crate::ops::names::folder_cid;
use crate::ops::notes;
use crate::ops::prices;
use crate::session::Session;
use crate::storage::{Source, fetch};
use crate::ui::{Report, table};

/// Everything about a dataset.
#[derive(Serialize)]
pub struct ShowReport {
    /// Slug.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// The same as a token id.
    pub token_id: String,
    /// Who published it.
    pub publisher: Address,
    /// Who owns it now.
    pub owner: Option<Address>,
    /// Terms it is offered under.
    pub offers: Vec<Offer>,
    /// Versions, ascending; only the one that was asked for by its number.
    pub versions: Vec<VersionRow>,
}

/// Terms of an offer.
#[derive(Serialize)]
pub struct Offer {
    /// Id of the terms.
    pub terms_id: B256,
    /// What one term costs.
    #[serde(flatten)]
    pub price: Price,
    /// Seconds; 0 is without end.
    pub duration_seconds: u64,
    /// What a buyer may do.
    pub purposes: Vec<String>,
}

/// A version.
#[derive(Serialize)]
pub struct VersionRow {
    /// From 1.
    pub version: u32,
    /// Its key.
    pub version_key: B256,
    /// Status, and what was said when it was set.
    #[serde(flatten)]
    pub standing: Standing,
    /// The reason given for it, where a source has it.
    pub reason: Option<String>,
    /// Whether the DAO approved its card.
    pub card_approved: bool,
    /// Root of the package.
    pub cid: String,
    /// Root of the documents.
    pub meta_cid: String,
    /// Root of the record tree.
    pub record_root: B256,
    /// Number of records.
    pub records: u64,
    /// Root of the contributor tree.
    pub contributor_root: B256,
    /// Transaction that recorded it.
    pub tx_hash: B256,
    /// Block that recorded it.
    pub block: u64,
    /// Sources whose copy of the root block can be read now.
    pub available_from: Vec<String>,
}

impl Report for ShowReport {
    fn human(&self) -> String {
        let mut text = table::pairs(&[
            ("dataset", self.dataset.clone()),
            ("id", self.dataset_id.to_string()),
            ("publisher", self.publisher.to_string()),
            ("owner", self.owner.map_or_else(|| "nobody".into(), |owner| owner.to_string())),
        ]);
        for offer in &self.offers {
            let days = if offer.duration_seconds == 0 {
                "without end".to_owned()
            } else {
                format!("for {}", crate::manifest::values::Duration::from_secs(offer.duration_seconds))
            };
            text.push_str(&format!("offered: {} {days}, for {}\n", offer.price.price_text, offer.purposes.join(", ")));
        }
        for row in &self.versions {
            text.push_str(&format!("\nversion {} ({})\n", row.version, row.standing.phrase()));
            if let Some(digest) = row.standing.evidence {
                let reason = row.reason.as_ref().map_or_else(
                    || format!("not in any source known here; sha256 {digest}"),
                    |reason| reason.replace('\n', "\n             "),
                );
                text.push_str(&format!("  reason:    {reason}\n"));
            }
            text.push_str(&table::pairs(&[
                ("  package", row.cid.clone()),
                ("  documents", row.meta_cid.clone()),
                ("  records", format!("{}, root {}", row.records, row.record_root)),
                ("  contributors", format!("root {}", row.contributor_root)),
                ("  recorded", format!("block {}, {}", row.block, row.tx_hash)),
                (
                    "  bytes",
                    if row.available_from.is_empty() {
                        "in no source known here".into()
                    } else {
                        row.available_from.join(", ")
                    },
                ),
            ]));
        }
        text
    }
}

/// Shows a dataset, or one of its versions.
pub async fn show(session: &Session<'_>, name: &str) -> Result<ShowReport> {
    let view = session.view().await?;
    let (id, only) = if name.contains('@') {
        let target = lookup::target(session, &view, name)?;
        (target.id, Some(target.number()))
    } else {
        (lookup::dataset_id(session, &view, name)?.ok_or_else(|| not_pushed(session, name))?, None)
    };
    let sources = session.sources()?;
    let mut versions = Vec::new();
    for record in view.of(id).filter(|record| only.is_none_or(|number| record.version.number == number)) {
        let version = &record.version;
        let cid = folder_cid(version.packageDigest)?;
        let mut available_from = Vec::new();
        for source in &sources {
            if fetch(std::slice::from_ref(source), &cid).await.is_ok() {
                available_from.push(Source::name(source));
            }
        }
        versions.push(VersionRow {
            version: version.number,
            version_key: record.key,
            reason: match record.evidence {
                B256::ZERO => None,
                digest => notes::text_of(&sources, digest).await,
            },
            standing: Standing::of(session, &view, record)?,
            card_approved: record.card_approved,
            cid: cid.to_string(),
            meta_cid: folder_cid(record.meta_digest)?.to_string(),
            record_root: version.recordRoot,
            records: version.records,
            contributor_root: version.contributorRoot,
            tx_hash: record.transaction,
            block: record.block,
            available_from,
        });
    }
    let mut offers = Vec::new();
    for terms in view.offered(id) {
        let price = prices::next_or_base(session, id, terms).await?;
        offers.push(Offer {
            terms_id: terms.id,
            price: Price::of(session, price, terms.terms.currency),
            duration_seconds: terms.terms.duration.to::<u64>(),
            purposes: Purposes::from_mask(terms.terms.allow)
                .map(|purposes| purposes.iter().map(|purpose| purpose.name().to_owned()).collect())
                .unwrap_or_default(),
        });
    }
    Ok(ShowReport {
        dataset: name_of(session, &view, id),
        dataset_id: id,
        token_id: crate::ops::view::token_id(id).to_string(),
        publisher: view.version(id, Some(1)).map(|record| record.publisher).unwrap_or_default(),
        owner: view.owners.get(&id).copied(),
        offers,
        versions,
    })
}
