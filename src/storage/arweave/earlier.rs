//! Which blocks of a package the payer's earlier uploads hold.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use cid::Cid;
use dgov_data::unixfs::{BlockId, Package};

use super::super::backend::{Backend, Piece};
use super::super::beside::{Beside, Search};
use super::Arweave;
use super::upload::{Record, State};
use super::wire::MAX_BASES;
use crate::error::{Error, ErrorKind, Result};

/// What the payer has sent of some packages: the journal's word, and the gateway's where the journal has none.
struct Uploads<'a> {
    arweave: &'a Arweave,
    by_root: BTreeMap<String, Vec<Record>>,
    /// Packages that were looked through.
    seen: HashSet<String>,
}

impl Arweave {
    /// What need not be sent of a package. The answer of an earlier command stands; without one it is found out from the
    /// tags of what was sent, and else chosen.
    pub(super) async fn search(&self, package: &Package) -> Result<Arc<Beside>> {
        if let Some(plan) = self.plans.recall(package)? {
            return Ok(plan);
        }
        let root = package.cid();
        let name = root.to_string();
        let records = self.records()?;
        if !self.plans.was_kept(&root)? && records.iter().any(|record| record.root == name) {
            // Begun by a dgov that sent everything.
            return Ok(self.plans.set(root, Beside::default()));
        }
        let mut uploads = Uploads::new(self, records);
        uploads.ask([name.clone()]).await?;
        let own = uploads.of(&name);
        for bases in generations(&own) {
            let plan = uploads.fresh().plan(package, bases).await?;
            if self.fits(package, &plan, &own).await? {
                return Ok(self.plans.set(root, plan));
            }
        }
        let plan = uploads.choose(package, own.is_empty()).await?;
        Ok(self.plans.set(root, plan))
    }

    /// Whether what was sent of the package was cut beside this.
    async fn fits(&self, package: &Package, plan: &Beside, own: &[Record]) -> Result<bool> {
        let left_out = |block: &BlockId| plan.has(block);
        let shards = package.without(&left_out).shards(self.shard_limit(), &|_| false);
        let pieces = Piece::of(package, &shards.map_err(|error| Error::bug(error.to_string()))?);
        let mut contents = contents(package, plan, &pieces)?;
        contents.iter_mut().for_each(|digests| digests.sort_unstable());
        let mut any = false;
        for record in own.iter().filter(|record| record.bases == plan.bases) {
            any = true;
            let piece = pieces.get(record.shard).filter(|piece| record.is_of(piece, &plan.bases));
            // Sizes agree by accident, too; what can't be read yet is compared by its data root when it is sent.
            let same = |digests: Option<Vec<_>>| digests.is_none_or(|digests| digests == contents[record.shard]);
            if piece.is_none() || !same(self.blocks_of(record).await?) {
                return Ok(false);
            }
        }
        Ok(any)
    }

    /// Blocks of an upload: those that were noted when it was sent, or the index at its end.
    async fn blocks_of(&self, record: &Record) -> Result<Option<Vec<[u8; 32]>>> {
        if let Some(noted) = self.held.get(&record.id) {
            return Ok(Some(noted));
        }
        let mut digests = self.shelf.lock().await.digests(&self.gateway, record).await?;
        digests.iter_mut().for_each(|digests| digests.sort_unstable());
        if let Some(digests) = &digests {
            self.held.put(&record.id, digests.clone())?;
        }
        Ok(digests)
    }
}

/// Digests of the blocks of each shard.
fn contents(package: &Package, plan: &Beside, pieces: &[Piece]) -> Result<Vec<Vec<[u8; 32]>>> {
    let mut contents = vec![Vec::new(); pieces.len()];
    let mut shard = 0;
    let walked = package.for_each_planned_block(&mut |block| {
        if !plan.has(&block.id) && shard < pieces.len() {
            contents[shard].push(block.id.digest);
            shard += usize::from(contents[shard].len() as u64 == pieces[shard].shard.blocks);
        }
        Ok(())
    });
    walked.map_err(|error| Error::bug(error.to_string()))?;
    Ok(contents)
}

/// The packages that each generation of uploads names as its bases; the latest first.
fn generations(own: &[Record]) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for record in own.iter().rev() {
        if !found.contains(&record.bases) {
            found.push(record.bases.clone());
        }
    }
    found
}

impl<'a> Uploads<'a> {
    fn new(arweave: &'a Arweave, records: Vec<Record>) -> Self {
        let mut by_root: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        for record in records {
            by_root.entry(record.root.clone()).or_default().push(record);
        }
        Self { arweave, by_root, seen: HashSet::new() }
    }

    /// The same, with nothing looked through.
    fn fresh(&self) -> Self {
        Self { arweave: self.arweave, by_root: self.by_root.clone(), seen: HashSet::new() }
    }

    fn of(&self, root: &str) -> Vec<Record> {
        self.by_root.get(root).cloned().unwrap_or_default()
    }

    /// Asks the gateway for the packages of which the journal knows nothing.
    async fn ask(&mut self, roots: impl IntoIterator<Item = String>) -> Result<()> {
        let new: Vec<String> = roots.into_iter().filter(|root| !self.by_root.contains_key(root)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let owner = self.arweave.way.owner()?;
        for roots in new.chunks(50) {
            for record in self.arweave.gateway.uploads(roots, Some(&owner)).await? {
                self.by_root.entry(record.root.clone()).or_default().push(record);
            }
        }
        for root in new {
            self.by_root.entry(root).or_default();
        }
        Ok(())
    }

    /// What the uploads of these packages hold.
    async fn plan(mut self, package: &Package, bases: Vec<String>) -> Result<Beside> {
        let mut search = Search::of(package)?;
        for base in &bases {
            self.look(&mut search, base).await?;
        }
        Ok(search.finish(bases))
    }

    /// The packages that hold most, from the latest back: of an untouched one nothing counts but what others hold.
    async fn choose(&mut self, package: &Package, untouched: bool) -> Result<Beside> {
        let name = package.cid().to_string();
        let mut candidates: Vec<String> = self.arweave.packages.iter().map(Cid::to_string).collect();
        let mut journaled: Vec<(u64, String)> = Vec::new();
        for (root, records) in &self.by_root {
            journaled.push((records.iter().map(|record| record.signed).max().unwrap_or_default(), root.clone()));
        }
        journaled.sort_unstable_by(|a, b| b.cmp(a));
        candidates.extend(journaled.into_iter().map(|(_, root)| root));
        candidates.retain(|root| *root != name);
        // What was paid for of the package itself comes before everything else.
        candidates.splice(0..0, (!untouched).then(|| name.clone()));
        self.ask(candidates.iter().cloned()).await?;
        let (mut search, mut bases) = (Search::of(package)?, Vec::new());
        for candidate in candidates {
            if search.is_done() || bases.len() == MAX_BASES {
                break;
            }
            let before = search.uses();
            self.look(&mut search, &candidate).await?;
            if search.uses() > before {
                bases.push(candidate);
            }
        }
        Ok(search.finish(bases))
    }

    /// Looks through the uploads of a package, and of those that they name.
    async fn look(&mut self, search: &mut Search, root: &str) -> Result<()> {
        let mut open = vec![root.to_owned()];
        while let Some(root) = open.pop() {
            if !self.seen.insert(root.clone()) {
                continue;
            }
            self.ask([root.clone()]).await?;
            for record in self.of(&root) {
                open.extend(record.bases.iter().cloned());
                self.look_into(search, &record).await?;
            }
        }
        Ok(())
    }

    async fn look_into(&self, search: &mut Search, record: &Record) -> Result<()> {
        if search.is_done() || record.state != State::Accepted {
            return Ok(());
        }
        let paid_here = record.signed > 0;
        let Some(digests) = self.arweave.blocks_of(record).await? else {
            return match paid_here && self.arweave.is_kept(record).await? {
                true => Err(not_served(&record.id, &self.arweave.gateway.place())),
                false => Ok(()),
            };
        };
        // Whoever has its index has it; what was noted here may have been dropped by the network.
        if search.would_find(&digests) && (!paid_here || self.arweave.is_kept(record).await?) {
            search.take(&record.id, &digests);
        }
        Ok(())
    }
}

/// Blocks that may have been paid for are not paid for again on a guess.
fn not_served(id: &str, place: &str) -> Error {
    let message = format!("{id} was paid for, and {place} does not serve it yet, so that nobody knows what it holds");
    Error::new(ErrorKind::Storage, "storage.not_served", message)
        .hint("run the command again when it is served, usually within the hour, or name another gateway")
}
