//! Errors as Ethereum nodes give them.

use alloy::primitives::Bytes;
use alloy::sol_types::decode_revert_reason;
use revm::context::result::{ExecutionResult, HaltReason};
use serde_json::{Value, json};

use crate::error::Error;

/// Why a request has no result.
#[derive(Debug)]
pub enum RpcError {
    /// The chain works, and says no.
    Answer {
        /// JSON-RPC code.
        code: i64,
        /// One sentence.
        message: String,
        /// Revert data, for code 3.
        data: Option<Bytes>,
    },
    /// The state can't be read or written.
    Chain(Error),
}

impl RpcError {
    fn answer(code: i64, message: impl Into<String>) -> Self {
        Self::Answer { code, message: message.into(), data: None }
    }

    /// -32600: not a JSON-RPC request.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::answer(-32600, message)
    }

    /// -32601: no such method.
    pub fn unknown_method(method: &str) -> Self {
        Self::answer(-32601, format!("the method {method} does not exist/is not available"))
    }

    /// -32602: parameters of the wrong number or type.
    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::answer(-32602, message)
    }

    /// -32603: should not happen.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::answer(-32603, message)
    }

    /// -32000: a request that is understood and refused.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::answer(-32000, message)
    }

    /// 3 with the revert data, or -32000 for runs that ended without any.
    pub fn failed_run(result: &ExecutionResult<HaltReason>) -> Self {
        match result {
            ExecutionResult::Revert { output, .. } => {
                let reason = decode_revert_reason(output).map(|reason| format!(": {reason}")).unwrap_or_default();
                let message = format!("execution reverted{reason}");
                Self::Answer { code: 3, message, data: Some(output.clone()) }
            }
            ExecutionResult::Halt { reason: HaltReason::OutOfGas(_), .. } => Self::refused("out of gas"),
            ExecutionResult::Halt { reason, .. } => Self::refused(format!("execution halted: {reason:?}")),
            ExecutionResult::Success { .. } => Self::internal("a successful run was taken for a failed one"),
        }
    }

    /// The `error` member of a response.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Answer { code, message, data: None } => json!({"code": code, "message": message}),
            Self::Answer { code, message, data: Some(data) } => json!({"code": code, "message": message, "data": data}),
            Self::Chain(error) => json!({"code": -32603, "message": error.to_string()}),
        }
    }
}

impl From<Error> for RpcError {
    fn from(error: Error) -> Self {
        Self::Chain(error)
    }
}
