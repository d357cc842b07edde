//! Reverts on their way to the user: found in whatever form a node gives them, named by the suite's ABIs.

use alloy::transports::{RpcError, TransportError};
use dgov_contracts::errors::{RevertReason, decode};

use crate::{Error, ErrorKind, chain::provider::Connection};

/// The revert inside a node's answer, if it is one.
pub fn reason_of(error: &TransportError) -> Option<RevertReason> {
    let RpcError::ErrorResp(payload) = error else { return None };
    if let Some(data) = payload.as_revert_data() {
        return Some(decode(&data));
    }
    // Some nodes give no data; EIP-1474 code 3 and the word are then all there is.
    let text = payload.message.to_lowercase();
    (payload.code == 3 || text.contains("execution reverted")).then_some(RevertReason::Empty)
}

/// Exit 5: what would revert, why, and what to do. `contract.would_revert` before anything was signed,
/// `contract.reverted` for a transaction that was mined and failed.
pub fn revert_error(code: &'static str, description: &str, reason: &RevertReason) -> Error {
    let verb = if code == "contract.reverted" { "failed on chain" } else { "would fail" };
    let error = Error::new(ErrorKind::Reverted, code, format!("{description} {verb}: {reason}"));
    match reason.hint() {
        Some(hint) => error.hint(hint),
        None => error
            .hint("nothing changed on chain; `dgov doctor` checks the project, `dgov status` shows where it stands"),
    }
}

/// The error of a read or a simulation: a decoded revert (exit 5), else the connection's (exit 4).
pub fn call_error(connection: &Connection, description: &str, error: TransportError) -> Error {
    match reason_of(&error) {
        Some(reason) => revert_error("contract.would_revert", description, &reason),
        None => connection.error(error),
    }
}

/// The error of a contract call made through the bindings.
pub fn contract_error(connection: &Connection, description: &str, error: alloy::contract::Error) -> Error {
    match error {
        alloy::contract::Error::TransportError(error) => call_error(connection, description, error),
        alloy::contract::Error::ZeroData(function, _) => {
            Error::chain("contract.missing", format!("{description}: nothing answers to `{function}` at this address"))
                .hint("check the addresses in dgov.lock and --network; `dgov sync` rebuilds them from the chain")
        }
        other => Error::chain("contract.malformed_answer", description.to_owned()).caused_by(&other),
    }
}
