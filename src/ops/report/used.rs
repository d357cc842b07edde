//! The datasets that a training uses, with what is known of each and the digest that says so. Documents are read from the
//! project's own store, where every block is hashed; nothing here needs a chain or a network.

use std::collections::BTreeMap;

use alloy::primitives::{B256, hex};
use camino::Utf8Path;
use cid::Cid;
use dgov_data::cards::Card;
use dgov_data::profile::Profile;
use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::{Lock, VersionLock};
use crate::manifest::values::ParentRef;
use crate::manifest::{Dataset, Loaded, Role, TrainingDataset};
use crate::ops::data::source::Source as Files;
use crate::ops::documents::{digest, names};
use crate::storage::{LocalStore, Source, dag, targets};

/// Longest document that is read.
const LIMIT: u64 = 64 << 20;
/// Documents that tell something about the data.
const READ: [&str; 3] = [names::TOKEN, names::CARD, names::PROFILE];

/// A dataset that is used.
pub struct Used {
    /// Its name here: `raccoon@1`, `eip155:...`, or a path.
    pub name: String,
    /// Its name without a version.
    pub slug: String,
    /// What it is used as.
    pub role: Role,
    /// The locked version; none for data that was never pushed.
    pub version: Option<VersionLock>,
    /// CID of the package: the locked one, or that of the files as they are now.
    pub cid: Option<String>,
    /// Files and bytes, with the digest that says so.
    pub size: Option<(u64, u64, String)>,
    /// Root of the record tree and number of records.
    pub records: Option<(B256, u64)>,
    /// What a record is, with the digest that says so.
    pub format: Option<(String, String)>,
    /// SPDX expression, with the digest of what states it.
    pub spdx: Option<(String, String)>,
    /// The data card with its sha256.
    pub card: Option<(Card, B256)>,
    /// The profile of the same records, with its sha256.
    pub profile: Option<(Profile, B256)>,
    /// sha256 of the license text.
    pub license_digest: Option<B256>,
    /// What it was made from, as the manifest names it, with the digest of the manifest.
    pub parents: Vec<(String, String)>,
    /// What could not be read, one sentence each.
    pub missing: Vec<String>,
}

/// The datasets of `[training]`; all of `[datasets]` when it names none.
///
/// # Errors
/// Those of manifest, lock and files; `report.no_datasets` when there is nothing to report; `report.digest` (integrity) for
/// a path whose files do not have the digest that the manifest pins.
pub async fn of_training(context: &Context, loaded: &Loaded) -> Result<Vec<Used>> {
    let reader = Reader::new(context, loaded)?;
    let declared = &loaded.manifest.training.datasets;
    let mut all = Vec::new();
    for entry in declared {
        all.push(reader.entry(entry).await?);
    }
    if declared.is_empty() {
        for (slug, dataset) in loaded.manifest.datasets.iter() {
            all.push(reader.named(slug, Some(dataset), Role::Train).await?);
        }
    }
    if all.is_empty() {
        return Err(Error::input("report.no_datasets", "the manifest names no datasets")
            .hint("add [[training.datasets]] or a [datasets.NAME] table to dgov.toml"));
    }
    Ok(all)
}

fn unlocked(slug: &str) -> Error {
    Error::input("dataset.unknown", format!("neither manifest nor lock has a dataset `{slug}`"))
        .hint("add a [datasets.NAME] table to dgov.toml, or run `dgov sync`")
}

/// `sha256:` and the digits.
pub fn sha256_text(digest: B256) -> String {
    format!("sha256:{}", hex::encode(digest))
}

struct Reader<'a> {
    context: &'a Context,
    loaded: &'a Loaded,
    datasets: BTreeMap<String, crate::lockfile::DatasetLock>,
    chain_id: Option<u64>,
    sources: [Source; 1],
    manifest: String,
}

impl<'a> Reader<'a> {
    fn new(context: &'a Context, loaded: &'a Loaded) -> Result<Self> {
        let network = Lock::load(&loaded.dir)?.networks.remove(&loaded.network);
        let store = LocalStore::new(targets::local_store(&loaded.state_dir()));
        Ok(Self {
            context,
            loaded,
            chain_id: network.as_ref().map(|network| network.chain_id),
            datasets: network.map(|network| network.datasets).unwrap_or_default(),
            sources: [Source::new(store)],
            manifest: sha256_text(digest(&fs_err::read(&loaded.path)?)),
        })
    }

    async fn entry(&self, entry: &TrainingDataset) -> Result<Used> {
        if let Some(name) = &entry.name {
            let slug = name.as_str();
            return self.named(slug, self.loaded.manifest.datasets.get(slug), entry.role).await;
        }
        if let Some(wanted) = &entry.dataset {
            let same = |chain_id| wanted.registry.chain_id == chain_id;
            let locked = self.datasets.iter().find(|(_, dataset)| dataset.dataset_id == wanted.dataset_id);
            let locked = locked.filter(|_| self.chain_id.is_some_and(same));
            let version = locked.and_then(|(_, dataset)| match wanted.version {
                Some(number) => dataset.versions.iter().find(|version| version.number == number),
                None => dataset.versions.last(),
            });
            let mut used = Used::new(wanted.to_string(), wanted.to_string(), entry.role);
            match version {
                Some(version) => self.read_version(&mut used, version).await,
                None => used.missing.push(format!("{wanted} is not in dgov.lock: nothing is known of it here")),
            }
            return Ok(used);
        }
        let Some(path) = &entry.path else { return Err(Error::bug("a training dataset without a name")) };
        let mut used = Used::new(path.to_string(), path.to_string(), entry.role);
        let resolved = self.loaded.resolve(path);
        self.read_files(&mut used, Files::of_path(&resolved)?)?;
        if let (Some(pinned), Some(found)) = (&entry.digest, &used.cid)
            && pinned != found
        {
            return Err(Error::integrity("report.digest", format!("{path} is {found}, the manifest pins {pinned}"))
                .hint("get the data again, or pin what is there after looking at it"));
        }
        self.read_beside(&mut used, &resolved)?;
        Ok(used)
    }

    /// A dataset of the manifest: its latest locked version, or its files when it was never pushed.
    async fn named(&self, slug: &str, dataset: Option<&Dataset>, role: Role) -> Result<Used> {
        let locked = self.datasets.get(slug).and_then(|dataset| dataset.versions.last());
        let name = locked.map_or_else(|| slug.to_owned(), |version| format!("{slug}@{}", version.number));
        let mut used = Used::new(name, slug.to_owned(), role);
        match locked {
            Some(version) => self.read_version(&mut used, version).await,
            None => {
                let dataset = dataset.ok_or_else(|| unlocked(slug))?;
                self.read_files(&mut used, Files::of_dataset(self.loaded, slug, dataset)?)?;
                used.missing
                    .push(format!("{slug} was never pushed: its figures are those of the files as they are now"));
                if let Some(card) = &dataset.card {
                    let bytes = fs_err::read(self.loaded.resolve(card))?;
                    used.take_card(&bytes);
                }
            }
        }
        if let Some(dataset) = dataset {
            let terms = self.loaded.manifest.licenses.get(dataset.license.as_str());
            let spdx = terms.and_then(|terms| terms.spdx.as_ref());
            if let (None, Some(spdx)) = (&used.spdx, spdx) {
                used.spdx = Some((spdx.as_str().to_owned(), self.manifest.clone()));
            }
            let parents = dataset.parents.iter().map(ParentRef::to_string);
            used.parents = parents.map(|parent| (parent, self.manifest.clone())).collect();
        }
        Ok(used)
    }

    async fn read_version(&self, used: &mut Used, version: &VersionLock) {
        used.cid = Some(version.cid.clone());
        used.records = Some((version.record_root, version.records));
        used.license_digest = Some(version.license_digest);
        used.version = Some(version.clone());
        let files = match version.meta_cid.parse::<Cid>() {
            Ok(root) => dag::read_files(&self.sources, &root, &READ, LIMIT).await,
            Err(_) => Ok(BTreeMap::new()),
        };
        let files = match files {
            Ok(files) => files,
            Err(error) => {
                let why =
                    format!("the documents of {} are not in this project's store ({})", used.name, error.message());
                used.missing.push(why);
                return;
            }
        };
        let token = files.get(names::TOKEN);
        if let Some((Ok(value), from)) =
            token.map(|bytes| (serde_json::from_slice::<Value>(bytes), sha256_text(digest(bytes))))
        {
            let properties = &value["properties"];
            let text = |key: &str| properties[key].as_str().map(|text| (text.to_owned(), from.clone()));
            used.spdx = text("spdx");
            used.format = text("record_format");
            if let (Some(files), Some(bytes)) = (properties["files"].as_u64(), properties["bytes"].as_u64()) {
                used.size = Some((files, bytes, from.clone()));
            }
        }
        if let Some(bytes) = files.get(names::CARD) {
            if digest(bytes) == version.card_digest {
                used.take_card(bytes);
            } else {
                used.missing.push(format!("the card of {} is not the one whose digest is on chain", used.name));
            }
        }
        match files.get(names::PROFILE) {
            Some(bytes) => used.take_profile(bytes),
            None => used.missing.push(format!("{} has no profile: `dgov data profile` makes one", used.name)),
        }
    }

    /// Hashes the files as they are.
    fn read_files(&self, used: &mut Used, files: Files) -> Result<()> {
        let local = files.hash(self.context)?;
        let cid = local.package.cid().to_string();
        used.size = Some((local.files, local.bytes, cid.clone()));
        used.format = Some((local.format.name().to_owned(), cid.clone()));
        used.records = Some((local.tree.root(), local.tree.total()));
        used.cid = Some(cid);
        Ok(())
    }

    /// Card and license that lie with data that no project governs.
    fn read_beside(&self, used: &mut Used, folder: &Utf8Path) -> Result<()> {
        let read = |name: &str| match std::fs::read(folder.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if folder.is_file() || error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::from(error)),
        };
        match read(names::CARD)? {
            Some(bytes) => used.take_card(&bytes),
            None => used.missing.push(format!("{} has no {} beside its data", used.name, names::CARD)),
        }
        used.license_digest = read(names::LICENSE)?.map(|bytes| digest(&bytes));
        used.spdx = used
            .card
            .as_ref()
            .and_then(|(card, from)| card.license_expression().ok().map(|expression| (expression, sha256_text(*from))));
        Ok(())
    }
}

impl Used {
    fn new(name: String, slug: String, role: Role) -> Self {
        Self {
            name,
            slug,
            role,
            version: None,
            cid: None,
            size: None,
            records: None,
            format: None,
            spdx: None,
            card: None,
            profile: None,
            license_digest: None,
            parents: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn take_card(&mut self, bytes: &[u8]) {
        match Card::parse(bytes) {
            Ok(card) => self.card = Some((card, digest(bytes))),
            Err(error) => self.missing.push(format!("the card of {} can't be read: {error}", self.name)),
        }
    }

    /// A profile of other records would tell about other data.
    fn take_profile(&mut self, bytes: &[u8]) {
        let own = self.records.map(|(root, _)| root);
        match serde_json::from_slice::<Profile>(bytes) {
            Ok(profile) if Some(profile.record_root) == own => self.profile = Some((profile, digest(bytes))),
            Ok(_) => self.missing.push(format!("the profile of {} is of other records", self.name)),
            Err(error) => self.missing.push(format!("the profile of {} can't be read: {error}", self.name)),
        }
    }
}
