//! Names for revert data. A call passes through several contracts of the suite, so that it is looked up in the ABIs of
//! all of them, then among the errors of the tokens and libraries that they call.

use std::{collections::HashMap, fmt, sync::LazyLock};

use alloy::{
    dyn_abi::{DynSolValue, ErrorExt},
    json_abi::{Error as AbiError, JsonAbi},
    primitives::{FixedBytes, Selector, hex},
    sol_types::{PanicKind, Revert, SolError},
};

use crate::artifacts::Contract;

/// A revert that was understood as far as its data allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevertReason {
    /// A custom error of the suite, or of a token it calls.
    Custom {
        /// Name of the error.
        name: String,
        /// Names (may be empty) and values of the arguments, as text.
        arguments: Vec<(String, String)>,
        /// What the user can do, for the common ones.
        hint: Option<&'static str>,
    },
    /// `require(condition, "text")` of an older contract.
    Message(String),
    /// A Solidity panic.
    Panic {
        /// Panic code.
        code: u64,
        /// What the code means.
        meaning: &'static str,
    },
    /// The call reverted without data.
    Empty,
    /// Data that no ABI knows.
    Unknown {
        /// First four bytes, if there are as many.
        selector: Option<Selector>,
        /// All of it.
        data: Vec<u8>,
    },
}

impl RevertReason {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Custom { hint, .. } => *hint,
            Self::Panic { .. } => Some("this is a fault in the contract; please report it"),
            _ => None,
        }
    }

    /// Name of the error, for programs: the custom error's, else `Error`, `Panic`, or empty.
    pub fn name(&self) -> &str {
        match self {
            Self::Custom { name, .. } => name,
            Self::Message(_) => "Error",
            Self::Panic { .. } => "Panic",
            Self::Empty | Self::Unknown { .. } => "",
        }
    }
}

impl fmt::Display for RevertReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Custom { name, arguments, .. } => {
                write!(f, "{name}(")?;
                for (i, (argument, value)) in arguments.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    let colon = if argument.is_empty() { "" } else { ": " };
                    write!(f, "{comma}{argument}{colon}{value}")?;
                }
                f.write_str(")")
            }
            Self::Message(text) => f.write_str(text),
            Self::Panic { code, meaning } => write!(f, "panic 0x{code:02x}: {meaning}"),
            Self::Empty => f.write_str("reverted without a reason"),
            Self::Unknown { data, .. } => write!(f, "unknown error {}", hex::encode_prefixed(data)),
        }
    }
}

/// Decodes the data of a revert.
pub fn decode(data: &[u8]) -> RevertReason {
    if data.is_empty() {
        return RevertReason::Empty;
    }
    let unknown = |selector| RevertReason::Unknown { selector, data: data.to_vec() };
    let Some((selector, body)) = data.split_first_chunk::<4>() else { return unknown(None) };
    if let Ok(revert) = Revert::abi_decode(data) {
        return RevertReason::Message(revert.reason);
    }
    if let Ok(panic) = alloy::sol_types::Panic::abi_decode(data) {
        let code = panic.code.saturating_to();
        return RevertReason::Panic { code, meaning: panic.kind().map_or("unknown code", PanicKind::as_str) };
    }
    let selector = FixedBytes(*selector);
    KNOWN.get(&selector).and_then(|error| custom(error, body)).unwrap_or_else(|| unknown(Some(selector)))
}

fn custom(error: &AbiError, body: &[u8]) -> Option<RevertReason> {
    // The decoder wants the selector in front.
    let data = [error.selector().as_slice(), body].concat();
    let values = error.decode_error(&data).ok()?.body;
    let names = error.inputs.iter().map(|input| input.name.clone());
    let arguments = names.zip(values.iter().map(show)).collect();
    Some(RevertReason::Custom { name: error.name.clone(), arguments, hint: hint(&error.name) })
}

/// Addresses checksummed, numbers decimal, bytes 0x-hex.
fn show(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Bool(b) => b.to_string(),
        DynSolValue::Int(i, _) => i.to_string(),
        DynSolValue::Uint(u, _) => u.to_string(),
        DynSolValue::FixedBytes(word, size) => hex::encode_prefixed(word.get(..*size).unwrap_or_default()),
        DynSolValue::Address(a) => a.to_string(),
        DynSolValue::Function(f) => hex::encode_prefixed(f),
        DynSolValue::Bytes(b) => hex::encode_prefixed(b),
        DynSolValue::String(s) => format!("{s:?}"),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) | DynSolValue::Tuple(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
    }
}

static KNOWN: LazyLock<HashMap<Selector, AbiError>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    let mut add = |abi: &JsonAbi| known.extend(abi.errors().map(|error| (error.selector(), error.clone())));
    if let Ok(abi) = JsonAbi::parse(OTHERS) {
        add(&abi);
    }
    // The suite's own come last: their argument names win.
    for contract in Contract::ALL {
        if let Ok(artifact) = contract.artifact() {
            add(&artifact.abi);
        }
    }
    known
});

/// Errors of what the suite calls or is built from: libraries, whose errors the compiler leaves out of some ABIs, and
/// foreign tokens (ERC-6093), which may be a license's currency.
const OTHERS: [&str; 23] = [
    "error SiblingsLength(uint256 expected, uint256 actual)",
    "error SiblingEmpty(uint256 offset)",
    "error TerminalInvalid(bytes32 key, uint64 weight, bytes32 data)",
    "error TerminalOffPath(bytes32 key, bytes32 terminalKey, uint256 depth)",
    "error SumOverflow()",
    "error RootMismatch(bytes32 expected, bytes32 actual)",
    "error TreeEmpty(uint8 kind)",
    "error KeyPresent(bytes32 key)",
    "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
    "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
    "error ERC20InvalidSender(address sender)",
    "error ERC20InvalidReceiver(address receiver)",
    "error ERC20InvalidApprover(address approver)",
    "error ERC20InvalidSpender(address spender)",
    "error ERC721NonexistentToken(uint256 tokenId)",
    "error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner)",
    "error ERC721InvalidReceiver(address receiver)",
    "error SafeERC20FailedOperation(address token)",
    "error FailedCall()",
    "error FailedDeployment()",
    "error InsufficientBalance(uint256 balance, uint256 needed)",
    "error ECDSAInvalidSignature()",
    "error Unauthorized(address caller)",
];

fn hint(name: &str) -> Option<&'static str> {
    Some(match name {
        "Unauthorized"
        | "AccessManagerUnauthorizedCall"
        | "AccessManagerUnauthorizedAccount"
        | "AccessControlUnauthorizedAccount" => "only the DAO may do this: draft a proposal with `dgov gov propose`",
        "GovernorOnlyExecutor" | "TimelockUnauthorizedCaller" => "only a proposal that was executed may do this",
        "GovernorUnexpectedProposalState" => "see the proposal's state and what comes next with `dgov gov show`",
        "GovernorInsufficientProposerVotes" => {
            "proposing needs more delegated votes: delegate with `dgov gov delegate`, then wait one second"
        }
        "GovernorAlreadyCastVote" => "this account has voted; a vote can't be changed",
        "GovernorNonexistentProposal" => "no such proposal here: check its id and --network with `dgov gov list`",
        "GovernorRestrictedProposer" => "the proposal's text names another account as its proposer",
        "GovernorUnableToCancel" => "a proposal is canceled by its proposer before the vote starts, or by the guardian",
        "TimelockUnexpectedOperationState" => "the timelock's delay is not over, or the proposal was executed already",
        "ERC20InsufficientBalance" | "InsufficientBalance" => "the paying account does not hold enough of the currency",
        "ERC20InsufficientAllowance" => "allow the contract to take the price from your account first",
        "ERC721NonexistentToken" | "ERC721IncorrectOwner" => {
            "the dataset or pass does not exist here, or belongs to another account: check --network and --from"
        }
        "DatasetExists" | "NumberTaken" | "PreviousMismatch" => {
            "the registry has moved on: rebuild the lock with `dgov sync`, then look at `dgov plan`"
        }
        "NotOwner" | "NotDatasetOwner" => "only the owner of the dataset's token may do this: choose it with --from",
        "VersionUnknown" | "NumberUnknown" | "DatasetUnknown" | "VersionMismatch" => {
            "no such version here: check --network, and rebuild the lock with `dgov sync`"
        }
        "NotActive" => "only active versions are for sale; see `dgov data show`",
        "CardNotApproved" => "the DAO approves cards first: draft the proposal with `dgov gov propose`",
        "TermsUnknown" | "TermsInactive" => "see the terms that can be had with `dgov license list`",
        "TermsExist" | "TermsActive" => {
            "these terms are on chain already: `dgov gov propose` without --call drafts what is missing"
        }
        "NotOffered" => "the owner offers the dataset under these terms with `dgov license offer`",
        "OfferDecided" => "later offers are the DAO's to make: draft a proposal with `dgov gov propose`",
        "LicenseMismatch" => "these terms are for another license than the version has; see `dgov license list`",
        "PriceAboveMaximum" => "the price was raised: look at `dgov license list`, then agree to the new one",
        "PassEndless" => "nothing needs to be bought: the pass has no end",
        "PassWouldShrink" => "wait until the pass has expired, or buy terms that allow at least as much",
        "Soulbound" => "access passes can't be transferred or approved",
        "RevokeForbidden" => "see who may end the pass, and until when it counts, with `dgov license list`",
        "NoCredit" => "there is nothing to withdraw",
        "ValueInsufficient" => "the price changed meanwhile: look at `dgov license list` and run again",
        "PaymentRefused" => {
            "the account is a contract that takes no coin; it can be paid elsewhere: `dgov royalties claim --to`"
        }
        "PriceModuleInvalid" => "the terms name a price module that is not on this chain",
        "PriceStepInvalid" => "a price step needs a price module",
        "PoolsMismatch" | "PoolsNotAscending" | "CurrencyMismatch" => "the order is for other pools than those claimed",
        "RequestExpired" => "the signature's deadline has passed: sign again",
        "NothingOwed" => "nothing is owed now; see `dgov royalties show` and `dgov dispute show`",
        "CaseExists" | "CaseUnknown" | "CaseStateInvalid" | "DeadlinePassed" | "DeadlineAhead" | "DisputeUnknown" => {
            "see where the case stands, and what comes next, with `dgov dispute show`"
        }
        "BondInsufficient" => "the bond is too small: `dgov dispute` brings the least one when --bond is left out",
        "EvidenceInvalid" => "this evidence opened a case on the same subject before: bring what is new",
        "VersionNotChallengeable" => "the version is disputed, or recalled by a ruling: there is nothing to challenge",
        "ArbitratorRules" | "NotArbitrator" => "see who rules with `dgov dispute show`",
        "CurrencyNotAllowed" => "the DAO has to allow this token first: draft a proposal with `dgov gov propose`",
        "BalanceMismatch" => "the token takes a fee on transfer, which the vault refuses",
        "StakeInsufficient" => "add stake with `dgov validator stake`; what is locked or on its way out does not count",
        "NotReady" => "stake leaves when its time is over; see `dgov validator show`",
        "UnbondingUnknown" | "LocksUncovered" => "nothing of it can leave now; see `dgov validator show`",
        "AlreadyAttested" => "a validator attests a version once; see `dgov validator show`",
        "ChallengeOpen" => "wait until the time to challenge this is over",
        "NotClaimable" | "NotExpired" => "wait until its time has come; see `dgov reward show`",
        "AlreadyClaimed" | "BondGone" => "it was paid before; see `dgov reward show`",
        "CancelForbidden" => "only the guardian and the DAO cancel rounds, before claims start",
        "ExpiryInvalid" => "give payees 90 days at least, or let the round never run out",
        "AlreadyDeployed" => "this very project is deployed already: `dgov sync` finds it",
        "UnbondingTooShort" => "lengthen validators.unbonding: stake waits as long as the longest case",
        "SettingZero" => "no window, lock or bond can be nothing: see [validators], [disputes] and [rewards]",
        "BondShareInvalid" => "disputes.bond-share is more than 0% and at most 100%",
        "ArbitratorMissing" => "there is no contract at disputes.arbitrator on this network; `dao` needs none",
        "JobExists" => "this nonce opened a job before: choose another",
        "JobStateInvalid" => "look at the job: it has moved on",
        "ReportLate" => "the deadline is over: the payer can be refunded",
        "SignersInsufficient" => "collect more signatures of the job's signer set",
        "CancelOver" => "claims have started: what was published stands",
        "RecordExists" => "this record is a token already",
        "SupplyMissing" => "the governance token needs a supply above zero",
        "ThresholdAboveSupply" => "nobody could ever propose: lower governance.proposal-threshold",
        "ERC5805FutureLookup" | "ERC20ExceededSafeSupply" => "wait for the next second and try again",
        "SiblingsLength" | "SiblingEmpty" | "TerminalInvalid" | "TerminalOffPath" | "RootMismatch" | "TreeEmpty"
        | "SumOverflow" => "the proof does not belong to this version: make a new one with `dgov data prove`",
        "KeyPresent" => "the record is in this version",
        "ERC2612ExpiredSignature" | "VotesExpiredSignature" => "the signature's deadline has passed: sign again",
        "SignatureInvalid" | "ECDSAInvalidSignature" | "ERC2612InvalidSigner" | "GovernorInvalidSignature" => {
            "the signature does not belong to this message or account"
        }
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use alloy::{
        primitives::{Address, B256, U256, address},
        sol_types::{GenericContractError, SolInterface, SolValue},
    };

    fn selector(signature: &str) -> Vec<u8> {
        alloy::primitives::keccak256(signature)[..4].to_vec()
    }

    #[test]
    fn every_foreign_error_parses() {
        assert_eq!(JsonAbi::parse(OTHERS).unwrap().errors().count(), OTHERS.len());
    }

    #[test]
    fn custom_errors_of_every_layer() {
        let account = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
        let mut data = selector("GovernorAlreadyCastVote(address)");
        data.extend(account.abi_encode());
        let reason = decode(&data);
        assert_eq!(reason.to_string(), format!("GovernorAlreadyCastVote(voter: {account})"));
        assert!(reason.hint().unwrap().contains("voted"));

        // A timelock error inside a governor call: found in the timelock's ABI.
        let mut data = selector("TimelockUnexpectedOperationState(bytes32,bytes32)");
        data.extend((B256::repeat_byte(1), B256::repeat_byte(2)).abi_encode());
        assert_eq!(decode(&data).name(), "TimelockUnexpectedOperationState");

        let mut data = selector("ERC20InsufficientBalance(address,uint256,uint256)");
        data.extend((Address::ZERO, U256::from(5), U256::from(7)).abi_encode());
        assert!(decode(&data).to_string().ends_with("balance: 5, needed: 7)"));
    }

    /// A hint for an error that no contract has is a typing mistake.
    #[test]
    fn hints_belong_to_errors_that_exist() {
        let source = include_str!("errors.rs");
        let table = source.split_once("fn hint(name").unwrap().1.split_once("_ => return None").unwrap().0;
        let patterns =
            table.lines().filter_map(|line| line.split_once("=>").map_or(Some(line), |(left, _)| Some(left)));
        let known: Vec<&str> = KNOWN.values().map(|error| error.name.as_str()).collect();
        let mut seen = 0;
        for pattern in patterns.filter(|text| text.trim_start().starts_with(['"', '|'])) {
            for name in pattern.split('"').skip(1).step_by(2).filter(|name| !name.contains(' ')) {
                assert!(known.contains(&name), "no contract has an error {name}");
                seen += 1;
            }
        }
        assert!(seen > 40, "only {seen} names found");
    }

    #[test]
    fn messages_and_panics() {
        let text = GenericContractError::Revert("too late".to_owned().into()).abi_encode();
        assert_eq!(decode(&text), RevertReason::Message("too late".into()));
        let overflow = GenericContractError::Panic(0x11_u64.into()).abi_encode();
        assert!(matches!(decode(&overflow), RevertReason::Panic { code: 0x11, .. }));
    }

    #[test]
    fn what_is_not_understood_is_shown_whole() {
        assert_eq!(decode(&[]), RevertReason::Empty);
        assert!(matches!(decode(&[1, 2]), RevertReason::Unknown { selector: None, .. }));
        assert_eq!(decode(&[1, 2, 3, 4, 5]).to_string(), "unknown error 0x0102030405");
        // A known selector with a truncated body must not be shown with invented arguments.
        let mut data = selector("GovernorAlreadyCastVote(address)");
        data.extend([0; 31]);
        assert!(matches!(decode(&data), RevertReason::Unknown { selector: Some(_), .. }));
    }
}
