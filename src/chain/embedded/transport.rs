//! The chain as an alloy transport: no socket, no text, the same dispatcher.

use std::sync::Arc;
use std::task::{Context, Poll};

use alloy::rpc::json_rpc::{ErrorPayload, RequestPacket, Response, ResponsePacket, ResponsePayload, SerializedRequest};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use serde_json::value::{RawValue, to_raw_value};
use tower::Service;

use super::EmbeddedChain;
use super::rpc::error::RpcError;
use crate::error::Error;

/// Give it to `RpcClient::new(transport, true)`. Needs a tokio runtime. Trouble with the state itself arrives as a
/// transport error, out of which [`state_error`] takes the error with its kind and hints.
#[derive(Debug, Clone)]
pub struct EmbeddedTransport {
    chain: Arc<EmbeddedChain>,
}

impl EmbeddedTransport {
    pub(super) fn new(chain: Arc<EmbeddedChain>) -> Self {
        Self { chain }
    }
}

impl Service<RequestPacket> for EmbeddedTransport {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        let chain = Arc::clone(&self.chain);
        Box::pin(async move {
            // Execution and fsync block; the lock of another process may block for seconds.
            tokio::task::spawn_blocking(move || match request {
                RequestPacket::Single(request) => answer(&chain, request).map(ResponsePacket::Single),
                RequestPacket::Batch(requests) => {
                    let answers: Result<Vec<_>, _> =
                        requests.into_iter().map(|request| answer(&chain, request)).collect();
                    answers.map(ResponsePacket::Batch)
                }
            })
            .await
            .map_err(TransportErrorKind::custom)?
        })
    }
}

/// The error of the embedded chain inside a transport error: a damaged file, a lock that is held.
pub fn state_error(error: &TransportError) -> Option<&Error> {
    match error {
        TransportError::Transport(TransportErrorKind::NonRetryable(source)) => source.downcast_ref(),
        _ => None,
    }
}

fn answer(chain: &EmbeddedChain, request: SerializedRequest) -> Result<Response, TransportError> {
    let params = request.params().map(|raw| serde_json::from_str(raw.get())).transpose();
    let params = params.map_err(TransportError::ser_err)?;
    let payload = match chain.answer(request.method(), params) {
        Ok(value) => ResponsePayload::Success(raw(&value)?),
        Err(RpcError::Answer { code, message, data }) => {
            let data = data.map(|data| raw(&data)).transpose()?;
            ResponsePayload::Failure(ErrorPayload { code, message: message.into(), data })
        }
        Err(RpcError::Chain(error)) => return Err(TransportErrorKind::non_retryable(error)),
    };
    Ok(Response { id: request.id().clone(), payload })
}

fn raw(value: &impl serde::Serialize) -> Result<Box<RawValue>, TransportError> {
    to_raw_value(value).map_err(TransportError::ser_err)
}
