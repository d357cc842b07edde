//! `evm_*`: time travel.

use serde_json::Value;

use super::error::RpcError;
use super::params::Params;
use super::to_json;
use crate::chain::embedded::history::History;
use crate::chain::embedded::record::Entry;
use crate::chain::embedded::{EmbeddedChain, shifted};

impl EmbeddedChain {
    /// Moves the clock; answers the whole offset in seconds, as development nodes do.
    pub(super) fn increase_time(&self, params: &Params) -> Result<Value, RpcError> {
        let seconds = params
            .seconds(0, "seconds")?
            .ok_or_else(|| RpcError::invalid_params("missing value for required argument 0 (seconds)"))?;
        let offset = self.write(|history| {
            let clock = shifted(history.clock, seconds)
                .ok_or_else(|| RpcError::invalid_params(format!("{seconds} s is too far")))?;
            history.clock = clock;
            Ok::<_, RpcError>((clock.offset, Entry::Clock(clock)))
        })?;
        to_json(offset)
    }

    /// Sets the exact time of the next block; later ones go on from there.
    pub(super) fn set_next_block_timestamp(&self, params: &Params) -> Result<Value, RpcError> {
        let time = params
            .seconds(0, "timestamp")?
            .ok_or_else(|| RpcError::invalid_params("missing value for required argument 0 (timestamp)"))?;
        self.write(|history| {
            wish(history, time)?;
            Ok::<_, RpcError>((Value::Null, Entry::Clock(history.clock)))
        })
    }

    /// Mines an empty block, at the time given or the next one.
    pub(super) fn mine(&self, params: &Params) -> Result<Value, RpcError> {
        let time = params.seconds(0, "timestamp")?;
        self.write(|history| {
            if let Some(time) = time {
                wish(history, time)?;
            }
            Ok::<_, RpcError>((Value::String("0x0".to_owned()), self.mine_empty(history)?))
        })
    }
}

fn wish(history: &mut History, time: u64) -> Result<(), RpcError> {
    let latest = history.head().timestamp;
    if time <= latest || time > u64::MAX / 4 {
        return Err(RpcError::invalid_params(format!(
            "timestamp {time} must be after that of the latest block, {latest}"
        )));
    }
    history.clock.next = Some(time);
    Ok(())
}
