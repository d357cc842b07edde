//! What the chain says of the datasets, as facts. A chain that does not answer is a fact, too.

use std::collections::HashMap;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, U256};
use alloy::providers::Provider;
use dgov_contracts::court::IDisputeCourt;
use dgov_contracts::ids;
use dgov_contracts::suite::{IAccessPass, IDatasetRegistry, Status, Suite, Version};
use dgov_data::licensing::{Modifiers, Purposes, Rights, Source, Terms};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::select::{Chosen, What};
use super::{Gathering, foreign, lineage, memory, offline};
use crate::chain::networks::Endpoint;
use crate::chain::provider::Connection;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::ChainView;
use crate::gate::facts::{Fact, OnChain, OnChainVersion, Pass, Pin, Standing};
use crate::lockfile::{DatasetLock, Lock, NetworkLock, VersionLock};
use crate::manifest::values::ParentRef;
use crate::manifest::{Dataset, Loaded};
use crate::ops::data::list::status_name;
use crate::ops::data::package;
use crate::ops::lookup;
use crate::ops::view::{VersionRecord, View};
use crate::session::{Session, resolve_network};

/// Why there are no consents to look at.
pub(super) const NO_CONSENTS: &str = "nobody's consent is named";
/// Why nobody's pass is looked at.
pub(super) const NO_ACCOUNT: &str =
    "no account that would hold a pass is named: write `account` into [training], or give --from";
/// How many consents are asked about at a time.
const CONSENTS_AT_ONCE: usize = 16;

/// What chain and lock say of one dataset.
pub(super) struct ChainOf {
    pub facts: Fact<OnChain>,
    pub pin: Fact<Pin>,
    pub version: Option<u32>,
    pub version_key: Option<B256>,
    /// Digest of the package, and the root of its records, that the bytes have to have.
    pub bytes: Option<(B256, B256)>,
    /// The CID to show.
    pub cid: Option<String>,
    /// Rights in versions that the dataset names as parents by their keys.
    pub upstreams: HashMap<B256, Rights>,
    /// Rights in the dataset itself, where only the chain says so.
    pub rights: Option<Fact<Rights>>,
    /// Documents of a dataset whose files are not here, by name.
    pub documents: HashMap<&'static str, Vec<u8>>,
    /// Consents that no longer hold.
    pub consents: Fact<Vec<String>>,
}

impl ChainOf {
    pub(super) fn without(facts: Fact<OnChain>, pin: Fact<Pin>) -> Self {
        Self {
            facts,
            pin,
            version: None,
            version_key: None,
            bytes: None,
            cid: None,
            upstreams: HashMap::new(),
            rights: None,
            documents: HashMap::new(),
            consents: Fact::NotApplicable(NO_CONSENTS.into()),
        }
    }

    /// Of a dataset that no chain knows of.
    pub(super) fn none(why: &str) -> Self {
        Self::without(Fact::NotApplicable(why.to_owned()), Fact::NotApplicable(why.to_owned()))
    }

    /// What the lock alone says of a dataset.
    pub(super) fn locked(lock: &NetworkLock, name: &str, locked: Option<&DatasetLock>) -> Self {
        let Some(version) = locked.and_then(|dataset| dataset.versions.last()) else {
            let hint = format!("push it: dgov data push {name}");
            let facts = OnChain { faults: vec![not_registered(name)], version: None };
            return Self::without(Fact::Known(facts), Fact::Known(Pin::Nothing { hint }));
        };
        let mut of = Self::without(
            Fact::Known(OnChain { faults: lock_faults(lock, name, locked, version), version: None }),
            Fact::Known(Pin::Cid(version.cid.clone())),
        );
        of.version = Some(version.number);
        of.version_key = Some(version.version_key);
        of.cid = Some(version.cid.clone());
        of.bytes = package_digest(&version.cid).map(|digest| (digest, version.record_root));
        of
    }
}

fn package_digest(cid: &str) -> Option<B256> {
    let cid: cid::Cid = cid.parse().ok()?;
    B256::try_from(cid.hash().digest()).ok()
}

/// What is wrong with the lock by itself: a name with another dataset's id, or a version whose parts do not have its key.
fn lock_faults(
    lock: &NetworkLock,
    name: &str,
    dataset: Option<&DatasetLock>,
    version: &VersionLock,
) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    let mend = || "restore dgov.lock from version control, or rebuild it with `dgov sync`".to_owned();
    let Some(dataset) = dataset else { return faults };
    let registry = lock.contracts.get("registry").copied().unwrap_or_default();
    let expected =
        ids::dataset_salt(name).map(|salt| ids::dataset_id(lock.chain_id, registry, dataset.publisher, salt));
    if expected.is_ok_and(|expected| expected != dataset.dataset_id) {
        faults.push((format!("dgov.lock gives {name} an id that no dataset of this name and publisher has"), mend()));
    }
    let rebuilt = package_digest(&version.cid).map(|digest| {
        ids::version_key(&Version {
            datasetId: dataset.dataset_id,
            number: version.number,
            packageDigest: digest,
            recordRoot: version.record_root,
            records: version.records,
            contributorRoot: version.contributor_root,
            splitsDigest: version.splits_digest,
            cardDigest: version.card_digest,
            licenseDigest: version.license_digest,
            parentsHash: version.parents_hash,
        })
    });
    if rebuilt != Some(version.version_key) {
        let message = format!("dgov.lock was changed: version {} of {name} does not have its key", version.number);
        faults.push((message, mend()));
    }
    faults
}

pub(super) fn not_registered(name: &str) -> (String, String) {
    (format!("{name} is not registered"), format!("push it: dgov data push {name}"))
}

/// Asks chain and lock about all of them, in their order.
///
/// # Errors
/// A malformed lock, a block that is yet to come, and what is wrong with this machine. A chain that does not answer is
/// no error.
pub(super) async fn read(gathering: &mut Gathering<'_>, chosen: &[Chosen]) -> Result<Vec<ChainOf>> {
    let Some(loaded) = gathering.loaded else {
        return Ok(chosen.iter().map(|_| ChainOf::none("no network is configured")).collect());
    };
    let lock = Lock::load(&loaded.dir)?;
    let own = lock.networks.get(&loaded.network);
    let asks = |wanted: fn(&What) -> bool| chosen.iter().any(|subject| wanted(&subject.what));
    let (any_own, any_foreign) =
        (asks(|what| matches!(what, What::Own(_))), asks(|what| matches!(what, What::OnChain(_))));
    let undeployed = if loaded.manifest.networks.is_empty() {
        "no network is configured".to_owned()
    } else {
        format!("nothing is deployed on network `{}` yet", loaded.network)
    };
    gathering.question.chain = ChainView::None { why: undeployed.clone() };
    let mut answers: Vec<Option<ChainOf>> = chosen.iter().map(|_| None).collect();
    if any_own && let Some(own) = own {
        let read = if gathering.options.offline {
            offline::read(gathering, loaded, own, chosen)?
        } else {
            online(gathering, loaded, own, chosen).await?
        };
        answers = read;
    }
    if any_foreign {
        for (subject, answer) in chosen.iter().zip(&mut answers) {
            if let What::OnChain(dataset) = &subject.what {
                *answer = Some(foreign::read(gathering, loaded, dataset).await?);
            }
        }
    }
    let rest = answers.into_iter().zip(chosen).map(|(answer, subject)| {
        answer.unwrap_or_else(|| match &subject.what {
            What::Path(_, Some(digest)) => {
                let mut of = ChainOf::none("no project governs it");
                (of.pin, of.cid) = (Fact::Known(Pin::Cid(digest.clone())), Some(digest.clone()));
                of
            }
            What::Path(..) => ChainOf::none("no project governs it"),
            _ => ChainOf::none(&undeployed),
        })
    });
    Ok(rest.collect())
}

/// Everything of one project at one block.
pub(super) struct Project<'a> {
    pub connection: &'a Connection,
    pub suite: Suite,
    pub view: View,
    pub at: BlockId,
    pub account: Option<Address>,
    pub names: &'a dyn Fn(&View, B256) -> String,
}

async fn online(
    gathering: &mut Gathering<'_>,
    loaded: &Loaded,
    lock: &NetworkLock,
    chosen: &[Chosen],
) -> Result<Vec<Option<ChainOf>>> {
    let opened = open(gathering, loaded).await;
    let (session, view, block) = match opened {
        Ok(opened) => opened,
        Err(error) if matches!(error.kind(), ErrorKind::Chain | ErrorKind::Integrity) => {
            let integrity = error.kind() == ErrorKind::Integrity;
            let (why, network) = (error.to_string(), loaded.network.clone());
            gathering.question.chain = ChainView::Unreachable { network, why: why.clone() };
            let of = |subject: &Chosen| {
                matches!(subject.what, What::Own(_)).then(|| {
                    let mut of = ChainOf::locked(lock, &subject.name, lock.datasets.get(base(&subject.name)));
                    of.facts = if integrity {
                        let hint = error.hints().join("; ");
                        Fact::Known(OnChain { faults: vec![(why.clone(), hint)], version: None })
                    } else {
                        Fact::Unreachable(why.clone())
                    };
                    of
                })
            };
            return Ok(chosen.iter().map(of).collect());
        }
        Err(error) => return Err(error),
    };
    gathering.question.chain = node(loaded, &session, block, None);
    let name_of = |view: &View, id: B256| lookup::name_of(&session, view, id);
    let project = Project {
        connection: &session.connection,
        suite: session.suite()?,
        view,
        at: BlockId::number(block),
        account: account(&session, loaded),
        names: &name_of,
    };
    let mut answers = Vec::with_capacity(chosen.len());
    for subject in chosen {
        answers.push(match &subject.what {
            What::Own(table) => Some(own(gathering, &session, &project, lock, subject, table).await?),
            _ => None,
        });
    }
    let options = gathering.options;
    let whole = (options.datasets.is_empty() || options.proofs.is_some()) && options.at_block.is_none();
    if whole {
        let hash =
            memory::remember(gathering, loaded, lock, (&session.connection, project.account, block), chosen, &answers)
                .await?;
        let hash = hash.filter(|_| options.proofs.is_some());
        gathering.question.chain = node(loaded, &session, block, hash);
    }
    Ok(answers)
}

/// A node that answered, with the hash of the block when a file has its proofs.
pub(super) fn node(loaded: &Loaded, session: &Session<'_>, block: u64, hash: Option<B256>) -> ChainView {
    let (network, chain_id) = (loaded.network.clone(), session.connection.chain_id);
    ChainView::Node { network, chain_id, block, block_hash: hash.map(|hash| hash.to_string()) }
}

async fn open<'a>(gathering: &Gathering<'a>, loaded: &Loaded) -> Result<(Session<'a>, View, u64)> {
    let embedded = resolve_network(loaded).is_ok_and(|network| matches!(network.endpoint, Endpoint::Embedded));
    if embedded && !loaded.state_dir().join("chain").exists() {
        return Err(Error::chain(
            "project.not_on_chain",
            format!("the embedded chain of network `{}` is on another machine", loaded.network),
        )
        .hint("use --offline, which trusts dgov.lock, or a network that everybody reaches"));
    }
    let session = Session::open_with(gathering.context, loaded.clone()).await?;
    let view = session.view().await?;
    let block = at(gathering, &session.connection).await?;
    let view = if gathering.options.at_block.is_some() { view.until(block) } else { view };
    Ok((session, view, block))
}

/// The block that is asked about.
pub(super) async fn at(gathering: &Gathering<'_>, connection: &Connection) -> Result<u64> {
    let head = connection.provider.get_block_number().await.map_err(crate::ops::view::unreachable)?;
    match gathering.options.at_block {
        Some(block) if block > head => {
            Err(Error::usage("usage.block", format!("block {block} is yet to come: the latest is {head}"))
                .hint("leave --at-block out for the latest"))
        }
        Some(block) => Ok(block),
        None => Ok(head),
    }
}

/// Whose passes count.
pub(super) fn account(session: &Session<'_>, loaded: &Loaded) -> Option<Address> {
    match &loaded.manifest.training.account {
        Some(named) => session.resolve(named).ok(),
        None => session.account().ok(),
    }
}

/// A dataset may be listed in two roles: `raccoon (eval)`.
pub(super) fn base(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

/// What an answer of the chain is as a fact.
fn fact<T>(answer: std::result::Result<T, alloy::contract::Error>) -> Fact<T> {
    match answer {
        Ok(value) => Fact::Known(value),
        Err(error) => Fact::Unreachable(format!("the chain could not be read: {error}")),
    }
}

async fn own(
    gathering: &Gathering<'_>,
    session: &Session<'_>,
    project: &Project<'_>,
    lock: &NetworkLock,
    subject: &Chosen,
    table: &Dataset,
) -> Result<ChainOf> {
    let name = base(&subject.name);
    let locked = lock.datasets.get(name);
    let mut of = ChainOf::locked(lock, name, locked);
    let found = match lookup::dataset_id(session, &project.view, name) {
        Ok(id) => id,
        Err(error) => {
            let fault = (error.to_string(), error.hints().join("; "));
            of.facts = Fact::Known(OnChain { faults: vec![fault], version: None });
            return Ok(of);
        }
    };
    let number = of.version;
    let record = found.and_then(|id| project.view.version(id, number));
    let mut faults = match (&of.facts, number) {
        (Fact::Known(facts), Some(_)) => facts.faults.clone(),
        _ => Vec::new(),
    };
    let Some(record) = record else {
        faults.push(not_registered(name));
        of.facts = Fact::Known(OnChain { faults, version: None });
        return Ok(of);
    };
    if number.is_none() {
        let message = format!("{name} is on chain, but not in dgov.lock");
        faults.push((message, "write it there with `dgov sync`, and commit the file".into()));
    }
    if of.version_key.is_some_and(|key| key != record.key) {
        faults.push(offline::other_version(name, record.version.number));
    }
    (of.version, of.version_key) = (Some(record.version.number), Some(record.key));
    of.bytes = Some((record.version.packageDigest, record.version.recordRoot));
    of.facts = on_chain(gathering, true, project, record, faults).await;
    let version = locked.and_then(|dataset| dataset.versions.last());
    let ancestors = version.map(|version| lineage::ancestors(&session.loaded, lock, name, version)).unwrap_or_default();
    if let Fact::Known(OnChain { version: Some(version), .. }) = &mut of.facts {
        version.standing = tainted(
            std::mem::replace(&mut version.standing, Fact::Unreachable(String::new())),
            recalled(project, &ancestors).await,
        );
    }
    for parent in &table.parents {
        if let ParentRef::VersionKey(key) = parent
            && let Some(upstream) = project.view.versions.iter().find(|record| record.key == *key)
            && let Some(rights) = foreign::upstream(gathering, session, &project.view, upstream).await?
        {
            of.upstreams.insert(*key, rights);
        }
    }
    of.consents = consents(session, project, table).await?;
    Ok(of)
}

pub(super) async fn on_chain(
    gathering: &Gathering<'_>,
    own: bool,
    project: &Project<'_>,
    record: &VersionRecord,
    mut faults: Vec<(String, String)>,
) -> Fact<OnChain> {
    let (version, at) = (&record.version, project.at);
    let provider = &project.connection.provider;
    let registry = IDatasetRegistry::new(project.suite.registry, provider);
    let court = IDisputeCourt::new(project.suite.court, provider);
    let (key_at, status, taint, dao) = (
        registry.keyAt(version.datasetId, version.number).block(at),
        registry.statusOf(record.key).block(at),
        registry.taintOf(record.key).block(at),
        registry.daoApprovesCards().block(at),
    );
    let case = court.openCaseOf(record.key).block(at);
    let (key_at, status, taint, dao, case) =
        tokio::join!(key_at.call(), status.call(), taint.call(), dao.call(), case.call());
    match fact(key_at) {
        Fact::Known(stored) if stored == record.key && ids::version_key(version) == record.key => {}
        Fact::Known(_) => faults.push((
            "the registry's events and its storage do not agree".into(),
            "the node is broken or lies; use another rpc-url".into(),
        )),
        Fact::Unreachable(why) | Fact::NotApplicable(why) => return Fact::Unreachable(why),
    }
    let name_of = |key: B256| {
        let known = project.view.versions.iter().find(|record| record.key == key);
        known.map_or_else(
            || key.to_string(),
            |record| format!("{}@{}", (project.names)(&project.view, record.version.datasetId), record.version.number),
        )
    };
    let said = Said {
        status: fact(status),
        taint: fact(taint),
        dao: fact(dao),
        case: fact(case),
        pass: pass(gathering, own, project, version).await,
    };
    let successor = (!record.successor.is_zero()).then(|| name_of(record.successor));
    let version = said.version((version.cardDigest, version.licenseDigest), successor, &name_of);
    Fact::Known(OnChain { faults, version: Some(version) })
}

/// What the contracts say of a version, each answer as far as it is known.
pub(super) struct Said {
    pub status: Fact<IDatasetRegistry::statusOfReturn>,
    pub taint: Fact<B256>,
    pub dao: Fact<bool>,
    pub case: Fact<U256>,
    pub pass: Fact<Pass>,
}

impl Said {
    /// The version as the rules look at it; `digests` are those of card and license.
    pub(super) fn version(
        self,
        digests: (B256, B256),
        successor: Option<String>,
        name_of: &dyn Fn(B256) -> String,
    ) -> OnChainVersion {
        let standing = match (&self.status, self.taint) {
            (Fact::Known(answer), Fact::Known(taint)) => Fact::Known(Standing {
                status: status_name(answer.status).to_owned(),
                successor,
                taint: (!taint.is_zero()).then(|| name_of(taint)),
            }),
            (Fact::Unreachable(why), _) => Fact::Unreachable(why.clone()),
            (_, Fact::Unreachable(why)) => Fact::Unreachable(why),
            _ => Fact::Unreachable("the status could not be read".into()),
        };
        let card_approved = match (self.dao, &self.status) {
            (Fact::Known(false), _) => Fact::NotApplicable("publishers vouch for their cards".into()),
            (Fact::Known(true), Fact::Known(answer)) => Fact::Known(answer.cardApproved),
            (Fact::Unreachable(why), _) => Fact::Unreachable(why),
            (_, Fact::Unreachable(why)) => Fact::Unreachable(why.clone()),
            (_, _) => Fact::Unreachable("the approval could not be read".into()),
        };
        let disputed = self.status.known().is_some_and(|answer| matches!(answer.status, Status::Disputed));
        let dispute = match (self.case, self.status) {
            (Fact::Known(case), _) if !case.is_zero() => Fact::Known(Some(format!("case {case}"))),
            (Fact::Unreachable(why) | Fact::NotApplicable(why), _) => Fact::Unreachable(why),
            // Without a case the status may still be the DAO's word.
            (Fact::Known(_), Fact::Unreachable(why)) => Fact::Unreachable(why),
            (Fact::Known(_), _) => Fact::Known(disputed.then(|| "a ruling".to_owned())),
        };
        let (card_digest, license_digest) = digests;
        OnChainVersion { card_digest, license_digest, standing, card_approved, dispute, pass: self.pass }
    }
}

/// A pass as the contract has it; `valid` says whether it is for the purpose, now.
pub(super) fn pass_of(account: Address, owner: bool, held: &dgov_contracts::suite::Pass, valid: bool) -> Pass {
    let end = held.expiry.to::<u64>();
    // All bits set is "without end".
    let endless = end == (1 << 40) - 1;
    Pass {
        account,
        valid,
        owner,
        expiry: (end != 0 && !endless).then_some(end),
        purposes: held.purposes,
        held: end != 0,
    }
}

async fn pass(gathering: &Gathering<'_>, own: bool, project: &Project<'_>, version: &Version) -> Fact<Pass> {
    let Some(account) = project.account else {
        let why = NO_ACCOUNT.to_owned();
        // A steward may ask about the own data without one; for the data of others it has to be known.
        return if own { Fact::NotApplicable(why) } else { Fact::Unreachable(why) };
    };
    let owner = project.view.owners.get(&version.datasetId) == Some(&account);
    let passes = IAccessPass::new(project.suite.pass, &project.connection.provider);
    let purpose = gathering.question.usage.purpose as u8;
    let (valid, held) = (
        passes.isValid(account, version.datasetId, purpose).block(project.at),
        passes.passOf(account, version.datasetId).block(project.at),
    );
    let (valid, held) = tokio::join!(valid.call(), held.call());
    match (fact(valid), fact(held)) {
        (Fact::Known(valid), Fact::Known(held)) => Fact::Known(pass_of(account, owner, &held, valid)),
        (Fact::Unreachable(why), _) | (_, Fact::Unreachable(why)) => Fact::Unreachable(why),
        _ => Fact::Unreachable("the pass could not be read".into()),
    }
}

/// The first of some versions that was recalled, or is made from one that was. Versions of other registries are not asked
/// about.
async fn recalled(project: &Project<'_>, ancestors: &[(String, B256)]) -> Fact<Option<String>> {
    let registry = IDatasetRegistry::new(project.suite.registry, &project.connection.provider);
    let known = |key: &B256| project.view.versions.iter().any(|record| record.key == *key);
    for (name, key) in ancestors.iter().filter(|(_, key)| known(key)) {
        match fact(registry.statusOf(*key).block(project.at).call().await) {
            Fact::Known(answer) if matches!(answer.status, Status::Recalled) => return Fact::Known(Some(name.clone())),
            Fact::Known(_) => {}
            Fact::Unreachable(why) | Fact::NotApplicable(why) => return Fact::Unreachable(why),
        }
    }
    Fact::Known(None)
}

/// The standing of a version with what is known of those that it was made from: the registry has that only when somebody
/// marked it there.
pub(super) fn tainted(standing: Fact<Standing>, recalled: Fact<Option<String>>) -> Fact<Standing> {
    match (standing, recalled) {
        (Fact::Known(standing), Fact::Known(cause)) => {
            Fact::Known(Standing { taint: standing.taint.or(cause), ..standing })
        }
        // A no stays one.
        (Fact::Known(standing), _) if standing.status == "recalled" || standing.taint.is_some() => {
            Fact::Known(standing)
        }
        (Fact::Known(_), Fact::Unreachable(why) | Fact::NotApplicable(why)) => Fact::Unreachable(why),
        (standing, _) => standing,
    }
}

/// The consents that the contributor list names, asked of the registry, some at a time.
async fn consents(session: &Session<'_>, project: &Project<'_>, table: &Dataset) -> Result<Fact<Vec<String>>> {
    let named = package::consents(&session.loaded, table)?;
    if named.is_empty() {
        return Ok(Fact::NotApplicable(NO_CONSENTS.to_owned()));
    }
    let registry = IDatasetRegistry::new(project.suite.registry, &project.connection.provider);
    let ask = |(account, consent): (Address, B256)| {
        let call = registry.consentRevokedAt(account, consent).block(project.at);
        async move {
            match fact(call.call().await) {
                Fact::Known(at) => Ok(revoked(account, at.to())),
                Fact::Unreachable(why) | Fact::NotApplicable(why) => Err(why),
            }
        }
    };
    let ended: std::result::Result<Vec<Option<String>>, String> =
        stream::iter(named).map(ask).buffered(CONSENTS_AT_ONCE).try_collect().await;
    Ok(match ended {
        Ok(ended) => Fact::Known(ended.into_iter().flatten().collect()),
        Err(why) => Fact::Unreachable(why),
    })
}

/// A consent that was revoked at that time, as a sentence; 0 is never.
pub(super) fn revoked(account: Address, at: u64) -> Option<String> {
    (at > 0).then(|| format!("{account} revoked their consent at {}", crate::ops::times::rfc3339(at)))
}

/// The rights under the terms that a dataset is offered under, one of them at the user's choice. The masks say what is
/// permitted; `spdx`, from the documents, under which conditions.
pub(super) fn offered(view: &View, dataset: B256, spdx: Option<&str>) -> Rights {
    let all = view.offered(dataset);
    all.iter().fold(Rights::nothing(), |sum, record| {
        let source = Source::Document { place: format!("terms {} on chain", record.number) };
        let purposes = |mask: u16| Purposes::from_mask(mask).unwrap_or_default();
        let (allow, deny) = (purposes(record.terms.allow), purposes(record.terms.deny));
        let stated = Terms::new(allow, deny, Modifiers::default());
        let rights = match spdx.and_then(|spdx| Rights::of_expression(spdx).ok()) {
            Some(base) => {
                base.restated(&source, &stated, |of_id| Terms::new(allow, deny.or(of_id.deny), of_id.modifiers.clone()))
            }
            None => Rights::stated(source, stated),
        };
        sum.join(&rights)
    })
}

/// The license that the token's metadata names.
pub(super) fn spdx_of(token: &[u8]) -> Option<String> {
    let token: serde_json::Value = serde_json::from_slice(token).ok()?;
    token["properties"]["spdx"].as_str().map(str::to_owned)
}
