//! Datasets of other projects: found on the networks of the manifest by chain, registry and id.

use std::collections::HashMap;

use alloy::eips::BlockId;
use alloy::primitives::B256;
use dgov_data::licensing::{Rights, Ruling};

use super::Gathering;
use super::chain::{ChainOf, Project, account, at, offered, on_chain, spdx_of};
use crate::chain::networks::Endpoint;
use crate::error::{ErrorKind, Result};
use crate::gate::ChainView;
use crate::gate::facts::{Fact, OnChain, Pin};
use crate::manifest::Loaded;
use crate::manifest::values::ChainDataset;
use crate::ops::deploy::shared_contracts;
use crate::ops::view::{VersionRecord, View};
use crate::ops::{documents, names, suites};
use crate::session::{Session, resolve_network};
use crate::storage::dag;

/// Why documents are not known.
pub(super) const NO_DOCUMENTS: &str = "no store that is named has its documents: add one to `storage.sources`";
/// Larger documents are not read from a store.
const MAX_DOCUMENT: u64 = 16 << 20;

/// A dataset of any project, on one of the manifest's networks.
pub(super) async fn read(gathering: &mut Gathering<'_>, loaded: &Loaded, dataset: &ChainDataset) -> Result<ChainOf> {
    let pin = match dataset.version {
        Some(_) => None,
        None => Some(Pin::Nothing { hint: format!("write a version: dataset = \"{dataset}@1\"") }),
    };
    let unreachable = |why: String, pin: Option<Pin>| {
        let pin = pin.map_or_else(|| Fact::Unreachable(why.clone()), Fact::Known);
        let mut of = ChainOf::without(Fact::Unreachable(why.clone()), pin);
        of.rights = Some(Fact::Unreachable(why));
        of
    };
    if gathering.options.offline {
        return Ok(unreachable("--offline asks no chain, and dgov.lock has only this project's datasets".into(), pin));
    }
    let chain_id = dataset.registry.chain_id;
    let mut last = format!("no network of the manifest is chain {chain_id}");
    for network in candidates(loaded, chain_id) {
        let mut there = loaded.clone();
        there.network = network;
        match on(gathering, &there, dataset).await {
            Ok(Some(of)) => return Ok(of),
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::Chain => last = error.to_string(),
            Err(error) if error.kind() == ErrorKind::Integrity => {
                let fault = (error.to_string(), error.hints().join("; "));
                let mut of = unreachable(String::new(), pin);
                of.facts = Fact::Known(OnChain { faults: vec![fault], version: None });
                of.rights = Some(Fact::Known(Rights::nothing()));
                return Ok(of);
            }
            Err(error) => return Err(error),
        }
    }
    if matches!(gathering.question.chain, ChainView::None { .. }) {
        let network = format!("eip155:{chain_id}");
        gathering.question.chain = ChainView::Unreachable { network, why: last.clone() };
    }
    Ok(unreachable(last, pin))
}

/// Networks that may be that chain, the selected one first.
fn candidates(loaded: &Loaded, chain_id: u64) -> Vec<String> {
    let mut names = vec![loaded.network.clone()];
    names.extend(loaded.manifest.networks.names().map(str::to_owned).filter(|name| *name != loaded.network));
    names.retain(|name| {
        let mut there = loaded.clone();
        there.network.clone_from(name);
        let known = resolve_network(&there).ok().and_then(|network| network.chain_id);
        known.is_none_or(|known| known == chain_id)
    });
    names
}

async fn on(gathering: &mut Gathering<'_>, loaded: &Loaded, dataset: &ChainDataset) -> Result<Option<ChainOf>> {
    let embedded = resolve_network(loaded).is_ok_and(|network| matches!(network.endpoint, Endpoint::Embedded));
    if embedded && !loaded.state_dir().join("chain").exists() {
        return Ok(None);
    }
    let session = Session::open_with(gathering.context, loaded.clone()).await?;
    if session.connection.chain_id != dataset.registry.chain_id {
        return Ok(None);
    }
    let factory = shared_contracts()?.factory.address;
    let deployment = suites::of_registry(&session.connection, dataset.registry.address, factory, None).await?;
    let view = View::load(&session.connection.provider, &deployment.suite, deployment.block).await?;
    let block = at(gathering, &session.connection).await?;
    let view = if gathering.options.at_block.is_some() { view.until(block) } else { view };
    gathering.question.chain = super::chain::node(loaded, &session, block, None);
    let name_of = |_: &View, id: B256| names::short(id);
    let account = account(&session, loaded);
    let (connection, suite) = (&session.connection, deployment.suite);
    let project = Project { connection, suite, view, at: BlockId::number(block), account, names: &name_of };
    let Some(record) = project.view.version(dataset.dataset_id, dataset.version) else {
        let fault = (format!("{dataset} is not registered"), "check the dataset and the version".to_owned());
        let mut of = ChainOf::none("the version is not on chain");
        of.facts = Fact::Known(OnChain { faults: vec![fault], version: None });
        of.rights = Some(Fact::Known(Rights::nothing()));
        return Ok(Some(of));
    };
    let facts = on_chain(gathering, false, &project, record, Vec::new()).await;
    let mut of = ChainOf::none("");
    of.facts = facts;
    let cid = names::folder_cid(record.version.packageDigest)?.to_string();
    of.pin = Fact::Known(match dataset.version {
        Some(_) => Pin::Cid(cid.clone()),
        None => Pin::Nothing { hint: format!("write the version: dataset = \"{dataset}@{}\"", record.version.number) },
    });
    (of.version, of.version_key, of.cid) = (Some(record.version.number), Some(record.key), Some(cid));
    let wanted = [documents::names::CARD, documents::names::LICENSE, documents::names::TOKEN];
    of.documents = documents_of(&session, record, &wanted).await?;
    of.rights = Some(match rights_in(gathering, &project.view, record, &of.documents) {
        Some(rights) => Fact::Known(rights.about(&dataset.to_string())),
        None => Fact::Unreachable(NO_DOCUMENTS.into()),
    });
    Ok(Some(of))
}

/// Documents of a version, by name. A store that has nothing makes the rules that need a document undecided, not the whole
/// check.
async fn documents_of(
    session: &Session<'_>,
    record: &VersionRecord,
    wanted: &[&'static str],
) -> Result<HashMap<&'static str, Vec<u8>>> {
    let folder = names::folder_cid(record.meta_digest)?;
    let read = dag::read_files(&session.sources()?, &folder, wanted, MAX_DOCUMENT).await;
    Ok(read.map(|files| files.into_iter().collect()).unwrap_or_default())
}

/// The rights in a version on chain. The masks there say what is permitted; under which conditions, for example not
/// commercially, only its documents say: without them only a denial is known.
fn rights_in(
    gathering: &Gathering<'_>,
    view: &View,
    record: &VersionRecord,
    found: &HashMap<&'static str, Vec<u8>>,
) -> Option<Rights> {
    let token = found.get(documents::names::TOKEN);
    let spdx = token.and_then(|token| spdx_of(token));
    let rights = offered(view, record.version.datasetId, spdx.as_deref());
    let denied = matches!(rights.ruling(&gathering.question.usage), Ruling::Denied { .. });
    (token.is_some() || denied).then_some(rights)
}

/// The rights in an upstream of the own project; none when its documents can't be had.
pub(super) async fn upstream(
    gathering: &Gathering<'_>,
    session: &Session<'_>,
    view: &View,
    record: &VersionRecord,
) -> Result<Option<Rights>> {
    let found = documents_of(session, record, &[documents::names::TOKEN]).await?;
    Ok(rights_in(gathering, view, record, &found))
}
