//! Settings of a project as its contracts hold them.

use std::collections::BTreeSet;

use alloy::primitives::Address;
use alloy::sol_types::SolEvent;
use dgov_contracts::governance::{IDataGovernor, IDataTimelock, IErc20};
use dgov_contracts::suite::{
    ICourtSettings, IDatasetRegistry, IRoundSettings, IRoyaltyVault, IStakeSettings, ModuleConfig, Suite,
};

use crate::chain::reverts::contract_error;
use crate::error::Result;
use crate::governance::diff::Settings;
use crate::ops::view::{decode, logs};
use crate::session::Session;

/// Reads them.
pub async fn read(session: &Session<'_>) -> Result<Settings> {
    let suite = session.suite()?;
    let provider = &session.connection.provider;
    let governor = IDataGovernor::new(suite.governor, provider);
    let timelock = IDataTimelock::new(suite.timelock, provider);
    let token = IErc20::new(suite.token, provider);
    let registry = IDatasetRegistry::new(suite.registry, provider);
    let failed = |error| contract_error(&session.connection, "reading the settings of the project", error);
    Ok(Settings {
        voting_delay: governor.votingDelay().call().await.map_err(failed)?.saturating_to(),
        voting_period: governor.votingPeriod().call().await.map_err(failed)?.saturating_to(),
        late_quorum_extension: governor.lateQuorumVoteExtension().call().await.map_err(failed)?.to(),
        timelock_delay: timelock.getMinDelay().call().await.map_err(failed)?.saturating_to(),
        proposal_threshold: governor.proposalThreshold().call().await.map_err(failed)?,
        quorum_bps: governor.quorumNumerator().call().await.map_err(failed)?,
        guardian: governor.proposalGuardian().call().await.map_err(failed)?,
        guardian_sunset: governor.guardianSunset().call().await.map_err(failed)?.to(),
        token_name: token.name().call().await.map_err(failed)?,
        token_symbol: token.symbol().call().await.map_err(failed)?,
        supply: token.totalSupply().call().await.map_err(failed)?,
        dao_approves_cards: registry.daoApprovesCards().call().await.map_err(failed)?,
        currencies: currencies(session, suite.vault).await?,
        modules: modules(session, &suite).await?,
        now: governor.clock().call().await.map_err(failed)?.to(),
    })
}

/// What the modules were set up with, from their own words.
async fn modules(session: &Session<'_>, suite: &Suite) -> Result<ModuleConfig> {
    let provider = &session.connection.provider;
    let failed = |error| contract_error(&session.connection, "reading the settings of the modules", error);
    let stake = IStakeSettings::new(suite.stake, provider).settings().call().await.map_err(failed)?;
    let court = ICourtSettings::new(suite.court, provider);
    let rules = court.settings().call().await.map_err(failed)?;
    let arbitrator = court.arbitrator().call().await.map_err(failed)?;
    let rounds = IRoundSettings::new(suite.rounds, provider).settings().call().await.map_err(failed)?;
    Ok(ModuleConfig {
        attestationLock: stake.attestationLock,
        minBond: rules.minBond,
        bondBps: rules.bondBps,
        challengeWindow: stake.challengeWindow,
        answerWindow: rules.answerWindow,
        rulingWindow: rules.rulingWindow,
        appealWindow: rules.appealWindow,
        unbonding: stake.unbonding,
        cancelWindow: rounds.cancelWindow,
        roundBond: rounds.bond,
        arbitrator: arbitrator.arbitrator_,
        arbitratorExtraData: arbitrator.extraData,
    })
}

/// The ERC-20 tokens that the vault takes, from its events.
async fn currencies(session: &Session<'_>, vault: Address) -> Result<Vec<Address>> {
    let mut allowed = BTreeSet::new();
    for log in logs(&session.connection.provider, vec![vault], session.network_lock()?.block).await? {
        if log.topic0() != Some(&IRoyaltyVault::CurrencyAllowed::SIGNATURE_HASH) {
            continue;
        }
        let event = decode::<IRoyaltyVault::CurrencyAllowed>(&log)?;
        if event.allowed {
            allowed.insert(event.currency);
        } else {
            allowed.remove(&event.currency);
        }
    }
    Ok(allowed.into_iter().collect())
}
