//! What the manifest asks of the chain, in the contracts' own types.

use alloy::primitives::aliases::{U40, U48, U96};
use alloy::primitives::{Address, B256, U256};
use dgov_contracts::ids;
use dgov_contracts::suite::{Allocation, DaoConfig, ModuleConfig, ProjectConfig, RoyaltyPolicy, Split, Terms};

use crate::error::{Error, Result};
use crate::manifest::values::{CoinAmount, Currency, Duration};
use crate::manifest::{CardApproval, Dataset, License, Loaded};
use crate::ops::{documents, license_text, prices};
use crate::session::Session;

/// The manifest in the contracts' types.
pub struct Desired {
    /// Governance half.
    pub dao: DaoConfig,
    /// Data half.
    pub project: ProjectConfig,
    /// Licenses in the order of the manifest.
    pub licenses: Vec<DesiredLicense>,
}

/// A license of the manifest.
pub struct DesiredLicense {
    /// Name in the manifest.
    pub name: String,
    /// SPDX expression, or a reference to the text.
    pub spdx: String,
    /// Full text.
    pub text: String,
    /// Terms on chain.
    pub terms: Terms,
    /// Id of the terms.
    pub id: B256,
}

impl Desired {
    /// Reads the manifest of a session; `deployer` gets the tokens when the manifest names no holders, and `now` (unix
    /// seconds) starts a guardian's span.
    pub fn of(session: &Session<'_>, deployer: Address, now: u64) -> Result<Self> {
        let loaded = &session.loaded;
        let manifest = &loaded.manifest;
        let governance = &manifest.governance;
        let token = &governance.token;
        let mut allocations = Vec::new();
        for (account, amount) in token.holdings() {
            allocations.push(Allocation { to: session.resolve(account)?, amount });
        }
        if allocations.is_empty() {
            allocations.push(Allocation { to: deployer, amount: token.supply.0 });
        }
        let guardian = governance.guardian.as_ref().map(|account| session.resolve(account)).transpose()?;
        let sunset = governance.guardian_sunset.and_then(|sunset| sunset.unix(now)).unwrap_or_default();
        let threshold = token.supply.0 * U256::from(governance.proposal_threshold.bps()) / U256::from(10_000);
        let dao = DaoConfig {
            name: token.name.clone(),
            symbol: token.symbol.clone(),
            allocations,
            votingDelay: seconds48(governance.voting_delay.as_secs(), "voting-delay")?,
            votingPeriod: u32::try_from(governance.voting_period.as_secs()).map_err(|_| too_long("voting-period"))?,
            lateQuorumExtension: seconds48(governance.late_quorum_extension.as_secs(), "late-quorum-extension")?,
            timelockDelay: seconds48(governance.timelock_delay.as_secs(), "timelock-delay")?,
            proposalThreshold: threshold,
            quorumBps: governance.quorum.bps(),
            guardian: guardian.unwrap_or_default(),
            guardianSunset: if guardian.is_some() { seconds48(sunset, "guardian-sunset")? } else { U48::ZERO },
        };
        let licenses = licenses(session)?;
        let mut currencies = Vec::new();
        for (symbol, _) in manifest.tokens.iter() {
            currencies.push(session.token_address(symbol)?);
        }
        let project = ProjectConfig {
            daoApprovesCards: governance.card_approval == CardApproval::Dao,
            policy: policy(loaded),
            terms: licenses.iter().map(|license| license.terms.clone()).collect(),
            currencies,
            modules: modules(loaded)?,
        };
        Ok(Self { dao, project, licenses })
    }

    /// A license by its name in the manifest.
    pub fn license(&self, name: &str) -> Option<&DesiredLicense> {
        self.licenses.iter().find(|license| license.name == name)
    }
}

/// The manifest's licenses in the contracts' types.
pub fn licenses(session: &Session<'_>) -> Result<Vec<DesiredLicense>> {
    session.loaded.manifest.licenses.iter().map(|(name, license)| desired_license(session, name, license)).collect()
}

/// What the manifest sets the modules up with.
fn modules(loaded: &Loaded) -> Result<ModuleConfig> {
    let manifest = &loaded.manifest;
    let (validators, disputes, rewards) = (&manifest.validators, &manifest.disputes, &manifest.rewards);
    Ok(ModuleConfig {
        attestationLock: coin(validators.lock, "validators.lock")?,
        minBond: coin(disputes.bond, "disputes.bond")?,
        bondBps: disputes.bond_share.bps(),
        challengeWindow: seconds32(validators.challenge_window, "challenge-window")?,
        answerWindow: seconds32(disputes.answer_window, "answer-window")?,
        rulingWindow: seconds32(disputes.ruling_window, "ruling-window")?,
        appealWindow: seconds32(disputes.appeal_window, "appeal-window")?,
        unbonding: seconds32(validators.unbonding, "unbonding")?,
        cancelWindow: seconds32(rewards.cancel_window, "cancel-window")?,
        roundBond: coin(rewards.bond, "rewards.bond")?,
        arbitrator: disputes.arbitrator.address(),
        arbitratorExtraData: disputes.arbitrator_data.as_ref().map(|data| data.0.clone()).unwrap_or_default(),
    })
}

/// The manifest's royalty policy.
pub fn policy(loaded: &Loaded) -> RoyaltyPolicy {
    let royalties = &loaded.manifest.royalties;
    RoyaltyPolicy {
        contributors: royalties.contributors.bps(),
        curators: royalties.curators.bps(),
        validators: royalties.validators.bps(),
        treasury: royalties.treasury.bps(),
    }
}

/// A license of the manifest's form in the contracts' types.
///
/// # Errors
/// Those of its text, its price and its duration.
pub fn desired_license(session: &Session<'_>, name: &str, license: &License) -> Result<DesiredLicense> {
    let text = match &license.text {
        Some(path) => fs_err::read_to_string(session.loaded.resolve(path))?,
        None => license_text::of_expression(license.spdx.as_ref().map_or("", |spdx| spdx.as_str()))?,
    };
    let currency = match &license.price.currency {
        Currency::Native => Address::ZERO,
        Currency::Token(symbol) => session.token_address(symbol)?,
    };
    let (price_module, price_step) = match &license.price_step {
        Some(step) => {
            let value = u128::try_from(step.value).ok().and_then(|value| U96::try_from(value).ok());
            let value = value.ok_or_else(|| {
                Error::input("license.price_step", format!("the price step of license `{name}` is too large"))
                    .hint("steps are below 2^96 of the smallest unit")
            })?;
            (prices::linear_curve()?, value)
        }
        None => (Address::ZERO, U96::ZERO),
    };
    let terms = Terms {
        licenseDigest: documents::digest(text.as_bytes()),
        allow: license.allow.mask(),
        deny: license.deny.mask(),
        price: license.price.value.try_into().map_err(|_| {
            Error::input("license.price", format!("the price of license `{name}` is too large"))
                .hint("prices are below 2^128 of the smallest unit")
        })?,
        currency,
        duration: U40::try_from(license.duration.as_secs()).map_err(|_| too_long("duration"))?,
        revocable: license.revocable,
        royaltyBps: license.royalty.bps(),
        priceModule: price_module,
        priceStep: price_step,
    };
    let spdx = license.spdx.as_ref().map_or_else(|| format!("LicenseRef-{name}"), |spdx| spdx.as_str().to_owned());
    Ok(DesiredLicense { name: name.to_owned(), spdx, text, id: ids::terms_id(&terms), terms })
}

/// The fixed splits of a dataset under a policy, ascending by account, equal accounts added: curators (the publisher
/// unless the manifest names others), treasury, and validators (until stakes exist, their part goes to the treasury).
pub fn splits(
    session: &Session<'_>,
    dataset: &Dataset,
    policy: &RoyaltyPolicy,
    publisher: Address,
    treasury: Address,
) -> Result<Vec<Split>> {
    let mut rows: std::collections::BTreeMap<Address, u16> = std::collections::BTreeMap::new();
    let mut add = |to: Address, bps: u16| {
        if bps > 0 {
            *rows.entry(to).or_default() += bps;
        }
    };
    add(treasury, policy.treasury + policy.validators);
    if dataset.curators.is_empty() {
        add(publisher, policy.curators);
    } else {
        // Whole basis points; what rounding leaves goes to the first curator.
        let mut left = policy.curators;
        let mut parts = Vec::new();
        for curator in &dataset.curators {
            let part = u32::from(policy.curators) * u32::from(curator.share.bps()) / 10_000;
            let part = u16::try_from(part).unwrap_or(policy.curators);
            left -= part;
            parts.push((session.resolve(&curator.account)?, part));
        }
        for (index, (account, part)) in parts.into_iter().enumerate() {
            add(account, if index == 0 { part + left } else { part });
        }
    }
    Ok(rows.into_iter().map(|(to, bps)| Split { to, bps }).collect())
}

fn coin(amount: CoinAmount, what: &str) -> Result<U96> {
    let value = u128::try_from(amount.0).ok().and_then(|value| U96::try_from(value).ok());
    value.ok_or_else(|| {
        Error::input("manifest.too_much", format!("`{what}` is more than the contracts can store"))
            .hint("amounts are below 2^96 of the smallest unit")
    })
}

fn seconds32(span: Duration, what: &str) -> Result<u32> {
    u32::try_from(span.as_secs()).map_err(|_| too_long(what))
}

fn seconds48(seconds: u64, what: &str) -> Result<U48> {
    U48::try_from(seconds).map_err(|_| too_long(what))
}

fn too_long(what: &str) -> Error {
    Error::input("manifest.too_long", format!("`{what}` is too long for the contracts")).hint("use a shorter duration")
}
