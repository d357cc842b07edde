//! The consents that a dataset's contributor lists name.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use dgov_data::contributors::join_consents;

use crate::error::Result;
use crate::ops::data::package;
use crate::ops::royalties::pools::Pool;
use crate::ops::royalties::shares;
use crate::session::Session;

/// Consents by their digests: whose, and of which versions. A list holds one digest over several consents of an account;
/// the file of the project's own dataset tells them apart, where it is the one that was published.
///
/// # Errors
/// Those of reading that are not about the documents of a version.
pub(super) async fn named(
    session: &Session<'_>,
    name: &str,
    pools: &[Pool],
    not_looked_at: &mut Vec<String>,
) -> Result<BTreeMap<B256, (Address, Vec<u32>)>> {
    let own = match session.loaded.manifest.datasets.get(name) {
        // A file that is broken or gone says nothing of what was published.
        Some(dataset) => package::consents(&session.loaded, dataset).unwrap_or_default(),
        None => Vec::new(),
    };
    let mut found: BTreeMap<B256, (Address, Vec<u32>)> = BTreeMap::new();
    for pool in pools {
        let shares = match shares::read(session, pool).await {
            Ok(shares) => shares,
            Err(error) if shares::is_of_the_documents(&error) => {
                let numbers: Vec<_> = pool.versions.iter().map(u32::to_string).collect();
                not_looked_at.push(format!("consents of version {}: {error}", numbers.join(", ")));
                continue;
            }
            Err(error) => return Err(error),
        };
        for (account, consent) in shares.consents() {
            let mine: Vec<_> = own.iter().filter(|(who, _)| *who == account).map(|(_, digest)| *digest).collect();
            let each = if join_consents(mine.clone()) == consent { mine } else { vec![consent] };
            for digest in each {
                let (_, versions) = found.entry(digest).or_insert_with(|| (account, Vec::new()));
                versions.extend(&pool.versions);
                versions.sort_unstable();
                versions.dedup();
            }
        }
    }
    Ok(found)
}
