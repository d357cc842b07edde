//! What needs many datasets or odd terms, which is slow to set up on a chain.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::ids;
use dgov_contracts::suite::{DaoConfig, ILicenseRegistry, ModuleConfig, ProjectConfig, RoyaltyPolicy, Suite, Terms};

use super::*;
use crate::ops::desired::DesiredLicense;
use crate::ops::view::TermsRecord;

fn terms(digest: u8, price: u128) -> Terms {
    Terms {
        licenseDigest: B256::repeat_byte(digest),
        allow: 1,
        deny: 0,
        price,
        currency: Address::ZERO,
        duration: Default::default(),
        revocable: false,
        royaltyBps: 0,
        priceModule: Address::ZERO,
        priceStep: Default::default(),
    }
}

fn record(number: u32, terms: Terms) -> TermsRecord {
    TermsRecord { id: ids::terms_id(&terms), number, terms, active: true }
}

fn license(name: &str, terms: Terms) -> DesiredLicense {
    DesiredLicense { name: name.into(), spdx: "MIT".into(), text: String::new(), id: ids::terms_id(&terms), terms }
}

fn modules() -> ModuleConfig {
    ModuleConfig {
        attestationLock: Default::default(),
        minBond: Default::default(),
        bondBps: 0,
        challengeWindow: 0,
        answerWindow: 0,
        rulingWindow: 0,
        appealWindow: 0,
        unbonding: 0,
        cancelWindow: 0,
        roundBond: Default::default(),
        arbitrator: Address::ZERO,
        arbitratorExtraData: Default::default(),
    }
}

/// The differences of licenses and datasets between these sides; everything else is equal.
fn compare(licenses: Vec<DesiredLicense>, view: &View, datasets: &[ManifestDataset]) -> Vec<Change> {
    let at = Address::repeat_byte(1);
    let suite = Suite {
        token: at,
        timelock: at,
        governor: at,
        manager: at,
        registry: at,
        licenses: at,
        vault: at,
        pass: at,
        stake: at,
        court: at,
        ledger: at,
        rounds: at,
        records: at,
    };
    let dao = DaoConfig {
        name: String::new(),
        symbol: String::new(),
        allocations: Vec::new(),
        votingDelay: Default::default(),
        votingPeriod: 0,
        lateQuorumExtension: Default::default(),
        timelockDelay: Default::default(),
        proposalThreshold: U256::ZERO,
        quorumBps: 0,
        guardian: Address::ZERO,
        guardianSunset: Default::default(),
    };
    let project = ProjectConfig {
        daoApprovesCards: false,
        policy: view.policy.clone(),
        terms: Vec::new(),
        currencies: Vec::new(),
        modules: modules(),
    };
    let settings = Settings {
        voting_delay: 0,
        voting_period: 0,
        late_quorum_extension: 0,
        timelock_delay: 0,
        proposal_threshold: U256::ZERO,
        quorum_bps: U256::ZERO,
        guardian: Address::ZERO,
        guardian_sunset: 0,
        token_name: String::new(),
        token_symbol: String::new(),
        supply: U256::ZERO,
        dao_approves_cards: false,
        currencies: Vec::new(),
        modules: modules(),
        now: 1,
    };
    diff(&Sides {
        desired: &Desired { dao, project, licenses },
        threshold_bps: 0,
        sunset_is_a_span: false,
        supply: U256::ZERO,
        datasets,
        view,
        settings: &settings,
        suite: &suite,
        money: &|value, _| format!("{value} wei"),
    })
}

fn view(terms: Vec<TermsRecord>, offers: Vec<(B256, B256)>) -> View {
    let decided: BTreeSet<B256> = offers.iter().map(|(dataset, _)| *dataset).collect();
    let policy = RoyaltyPolicy { contributors: 10_000, curators: 0, validators: 0, treasury: 0 };
    View { versions: Vec::new(), terms, offers, decided, policy, owners: BTreeMap::new(), requests: Vec::new() }
}

fn dataset(slug: &str, license: &str, id: B256) -> ManifestDataset {
    ManifestDataset { slug: slug.into(), license: license.into(), id: Some(id) }
}

/// Anybody can offer datasets under the project's terms.
#[test]
fn offers_of_others_are_bounded_and_never_push_out_our_own() {
    let old = record(1, terms(1, 5));
    let mut offers: Vec<_> = (1..=100u64).map(|n| (B256::from(U256::from(n)), old.id)).collect();
    let own = B256::repeat_byte(0xff);
    offers.push((own, old.id));
    let view = view(vec![old], offers);
    let changes = compare(vec![license("a", terms(1, 6))], &view, &[dataset("own", "a", own)]);
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(change.difference.what, "licenses.a.price");
    // Added, retired, and for 33 datasets one offer withdrawn and one made.
    assert_eq!(change.calls.len(), 2 + 2 * 33);
    assert!(change.difference.detail.as_ref().unwrap().contains("68 datasets of others"), "{change:?}");
    let mine = change.calls.iter().filter_map(|call| ILicenseRegistry::setOfferCall::abi_decode(&call.data).ok());
    assert_eq!(mine.filter(|call| call.datasetId == own).count(), 2);
}

/// Two licenses change at once: each takes the place of the terms that its own datasets are offered under.
#[test]
fn changed_licenses_find_their_predecessors() {
    let (cheap, dear) = (record(1, terms(1, 5)), record(2, terms(1, 50)));
    let (a, b) = (B256::repeat_byte(0xa), B256::repeat_byte(0xb));
    let view = view(vec![cheap.clone(), dear.clone()], vec![(a, cheap.id), (b, dear.id)]);
    let datasets = [dataset("a", "cheap", a), dataset("b", "dear", b)];
    let changes = compare(vec![license("dear", terms(1, 49)), license("cheap", terms(1, 48))], &view, &datasets);
    let rows: Vec<_> = changes
        .iter()
        .map(|change| (change.difference.what.as_str(), change.difference.actual.as_deref().unwrap()))
        .collect();
    assert_eq!(rows, [("licenses.dear.price", "50 wei"), ("licenses.cheap.price", "5 wei")]);
}

/// Two names for the same terms are one set of terms on chain.
#[test]
fn equal_licenses_are_added_once() {
    let changes =
        compare(vec![license("a", terms(1, 5)), license("b", terms(1, 5))], &view(Vec::new(), Vec::new()), &[]);
    assert_eq!(calls(&changes).len(), 1, "{changes:?}");
}

/// A dataset whose offers nobody decided on is for its owner to offer, not for a vote.
#[test]
fn the_first_offer_is_the_owners() {
    let record = record(1, terms(1, 5));
    let own = B256::repeat_byte(9);
    let changes =
        compare(vec![license("a", record.terms.clone())], &view(vec![record], Vec::new()), &[dataset("own", "a", own)]);
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((change.difference.remedy, change.calls.len()), (Remedy::Offer, 0));
}

/// The calls by name, with the terms and, for offers, the first byte of the dataset.
fn steps(changes: &[Change]) -> Vec<(&'static str, B256, u8)> {
    let step = |call: &ProposalCall| {
        if let Ok(call) = ILicenseRegistry::setOfferCall::abi_decode(&call.data) {
            return (if call.offered { "offer" } else { "withdraw" }, call.termsId, call.datasetId[0]);
        }
        if let Ok(call) = ILicenseRegistry::addTermsCall::abi_decode(&call.data) {
            return ("add", ids::terms_id(&call.terms), 0);
        }
        if let Ok(call) = ILicenseRegistry::reinstateTermsCall::abi_decode(&call.data) {
            return ("reinstate", call.termsId, 0);
        }
        ("retire", ILicenseRegistry::retireTermsCall::abi_decode(&call.data).unwrap().termsId, 0)
    };
    calls(changes).iter().map(step).collect()
}

fn retired(number: u32, terms: Terms) -> TermsRecord {
    TermsRecord { active: false, ..record(number, terms) }
}

/// Back to an old price: the old terms return in the place of the new ones.
#[test]
fn an_old_price_returns_with_its_old_terms() {
    let (old, new) = (retired(1, terms(1, 5)), record(2, terms(1, 6)));
    let own = B256::repeat_byte(9);
    let view = view(vec![old.clone(), new.clone()], vec![(own, new.id)]);
    let changes = compare(vec![license("a", terms(1, 5))], &view, &[dataset("own", "a", own)]);
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    let Difference { what, desired, actual, remedy, detail } = &change.difference;
    assert_eq!((what.as_str(), *remedy), ("licenses.a.price", Remedy::Propose));
    assert_eq!((desired.as_deref(), actual.as_deref()), (Some("5 wei"), Some("6 wei")));
    assert!(detail.as_ref().unwrap().contains("retired and come back;"), "{detail:?}");
    assert_eq!(
        steps(&changes),
        [("reinstate", old.id, 0), ("withdraw", new.id, 9), ("offer", old.id, 9), ("retire", new.id, 0)]
    );
}

/// Where everything was retired and withdrawn, the license comes back with the offer of its dataset.
#[test]
fn retired_terms_without_a_successor_return() {
    let (old, new) = (retired(1, terms(1, 5)), retired(2, terms(1, 6)));
    let own = B256::repeat_byte(9);
    let mut view = view(vec![old.clone(), new], Vec::new());
    view.decided.insert(own);
    // Two names for the same terms bring them back once.
    let licenses = || vec![license("a", terms(1, 5)), license("b", terms(1, 5))];
    let changes = compare(licenses(), &view, &[dataset("own", "b", own)]);
    assert_eq!(steps(&changes), [("reinstate", old.id, 0), ("offer", old.id, 9)]);
    assert_eq!(changes[0].difference.actual.as_deref(), Some("retired"));
}

/// A retirement lets offers rest. With the terms they return, wanted or not: only what belongs to the license may.
#[test]
fn resting_offers_of_other_licenses_are_withdrawn_first() {
    let (old, new) = (retired(1, terms(1, 5)), record(2, terms(2, 6)));
    let (stays, moved, foreign) = (B256::repeat_byte(1), B256::repeat_byte(2), B256::repeat_byte(3));
    let offers = vec![(stays, old.id), (moved, old.id), (moved, new.id), (foreign, old.id)];
    let view = view(vec![old.clone(), new], offers);
    let licenses = vec![license("old", terms(1, 5)), license("new", terms(2, 6))];
    let changes = compare(licenses, &view, &[dataset("stays", "old", stays), dataset("moved", "new", moved)]);
    assert_eq!(steps(&changes), [("withdraw", old.id, 2), ("reinstate", old.id, 0)]);
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert!(change.difference.detail.as_ref().unwrap().contains("never withdrawn: 1"), "{change:?}");
}
