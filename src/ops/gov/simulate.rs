//! The calls of a proposal, tried as the timelock before anything is sent.

use alloy::primitives::{Address, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use dgov_contracts::errors::RevertReason;
use dgov_contracts::governance::IDataGovernor;
use dgov_contracts::ids;
use dgov_contracts::suite::ILicenseRegistry;
use serde::Serialize;

use crate::chain::reverts::{call_error, contract_error, reason_of, revert_error};
use crate::error::{Error, ErrorKind, Result};
use crate::governance::calls::{DecodedCall, ProposalCall};
use crate::ops::view::unreachable;
use crate::session::Session;

/// How a call was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tried {
    /// It runs on the chain as it is.
    Passed,
    /// It needs terms that a call before it adds or reinstates.
    AfterEarlierCall,
    /// The governor changes its settings only while it executes a proposal; the value was checked against its limits.
    OnlyInExecution,
}

/// Panic code of a pop from an empty queue: the governor looks up every call to itself in the proposal that is being
/// executed, after it has found that the timelock is the caller.
const EMPTY_QUEUE: u64 = 0x31;

/// Tries each call on the chain as it is.
///
/// # Errors
/// Reverted: `contract.would_revert` with the decoded reason, `gov.treasury_short`, `gov.bad_setting`.
pub async fn simulate(session: &Session<'_>, calls: &[ProposalCall], decoded: &[DecodedCall]) -> Result<Vec<Tried>> {
    let suite = session.suite()?;
    treasury_pays(session, suite.timelock, calls).await?;
    let mut tried = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let request = TransactionRequest::default()
            .from(suite.timelock)
            .to(call.target)
            .value(call.value)
            .input(call.data.clone().into());
        let text = decoded.get(index).map_or("", |decoded| decoded.text.as_str());
        let description = format!("call {} of the proposal, {text},", index + 1);
        let Err(error) = session.connection.provider.call(request).await else {
            require_target(session, call, &description).await?;
            tried.push(Tried::Passed);
            continue;
        };
        let earlier = calls.get(..index).unwrap_or_default();
        tried.push(match reason_of(&error) {
            Some(RevertReason::Panic { code: EMPTY_QUEUE, .. }) if call.target == suite.governor => {
                check_setting(session, call).await?;
                Tried::OnlyInExecution
            }
            Some(reason)
                if matches!(reason.name(), "TermsUnknown" | "TermsInactive") && brings_terms(earlier, call) =>
            {
                Tried::AfterEarlierCall
            }
            Some(reason) => return Err(revert_error("contract.would_revert", &description, &reason)),
            None => return Err(call_error(&session.connection, &description, error)),
        });
    }
    Ok(tried)
}

/// Calldata for an address without code does nothing and succeeds, which is never what was meant.
async fn require_target(session: &Session<'_>, call: &ProposalCall, description: &str) -> Result<()> {
    if call.data.is_empty() || session.has_code(call.target).await? {
        return Ok(());
    }
    let message = format!("{description} would do nothing: there is no contract at {}", call.target);
    Err(Error::new(ErrorKind::Reverted, "gov.no_contract", message)
        .hint("check the address and --network; leave the signature out for a plain payment"))
}

/// Whether one of the calls adds or reinstates the terms that an offer needs.
fn brings_terms(earlier: &[ProposalCall], call: &ProposalCall) -> bool {
    let Ok(offer) = ILicenseRegistry::setOfferCall::abi_decode(&call.data) else { return false };
    let brings = |before: &ProposalCall| {
        let added = ILicenseRegistry::addTermsCall::abi_decode(&before.data).map(|add| ids::terms_id(&add.terms));
        let reinstated = || ILicenseRegistry::reinstateTermsCall::abi_decode(&before.data).map(|call| call.termsId);
        before.target == call.target && added.or_else(|_| reinstated()).is_ok_and(|terms| terms == offer.termsId)
    };
    earlier.iter().any(brings)
}

async fn treasury_pays(session: &Session<'_>, timelock: Address, calls: &[ProposalCall]) -> Result<()> {
    let total = calls.iter().fold(U256::ZERO, |sum, call| sum.saturating_add(call.value));
    if total.is_zero() {
        return Ok(());
    }
    let balance = session.connection.provider.get_balance(timelock).await.map_err(unreachable)?;
    if balance >= total {
        return Ok(());
    }
    let show = |amount| session.show_amount(amount, Address::ZERO);
    let message = format!("the calls pay {}, but the treasury holds {}", show(total), show(balance));
    Err(Error::new(ErrorKind::Reverted, "gov.treasury_short", message)
        .hint(format!("the treasury is the timelock, {timelock}; fund it first")))
}

/// The governor's own limits, and one that it lacks: a threshold above the supply would end all proposing.
async fn check_setting(session: &Session<'_>, call: &ProposalCall) -> Result<()> {
    let wrong =
        |message: String| Err(Error::new(ErrorKind::Reverted, "gov.bad_setting", message).hint("choose another value"));
    let governor = IDataGovernor::new(call.target, &session.connection.provider);
    let failed = |error| contract_error(&session.connection, "reading the governor", error);
    if let Ok(period) = IDataGovernor::setVotingPeriodCall::abi_decode(&call.data)
        && period.newVotingPeriod == 0
    {
        return wrong("a vote needs a period longer than 0 s".to_owned());
    }
    if let Ok(quorum) = IDataGovernor::updateQuorumNumeratorCall::abi_decode(&call.data) {
        let whole = governor.quorumDenominator().call().await.map_err(failed)?;
        if quorum.newQuorumNumerator > whole {
            return wrong(format!("a quorum of {} basis points is above {whole}", quorum.newQuorumNumerator));
        }
    }
    if let Ok(threshold) = IDataGovernor::setProposalThresholdCall::abi_decode(&call.data) {
        let token = dgov_contracts::governance::IErc20::new(session.suite()?.token, &session.connection.provider);
        let supply = token.totalSupply().call().await.map_err(failed)?;
        if threshold.newProposalThreshold > supply {
            return wrong("a threshold above the supply would end all proposing".to_owned());
        }
    }
    Ok(())
}
