//! The embedded development chain: an Ethereum Virtual Machine inside the process, with its state in one directory.
//!
//! One block per transaction, no pool, no keys. The same dispatcher ([`rpc`]) answers alloy through a
//! [`transport::EmbeddedTransport`] and other programs through [`server`]. Several processes may use one directory at a
//! time: a writer holds a file lock for one cycle of read, execute, append, and everybody follows the file.

pub mod clock;
mod executor;
pub mod genesis;
mod history;
mod journal;
mod lock;
mod record;
pub mod rpc;
pub mod server;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
pub(in crate::chain) mod tests;
pub mod transport;
mod world;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};

pub use clock::Clock;
pub use genesis::{CHAIN_ID, DETERMINISTIC_DEPLOYER, DEV_MNEMONIC, TRANSACTION_GAS_CAP, dev_addresses};
pub use server::serve;
pub use transport::{EmbeddedTransport, state_error};

use history::History;
use journal::{Journal, Replica};
use lock::Lock;
use record::{ClockState, Entry, FORMAT};

/// 100 years of 365.25 days: no rule of a project is longer, and a typing error is not followed.
const LONGEST_STEP: Duration = Duration::from_secs(36_525 * 86_400);
/// 2500-12-31T23:59:59Z: times in reports end with the year 9999, and offsets of contracts are added to this one.
const LATEST: u64 = 16_756_761_599;

/// A handle on the chain of one directory.
#[derive(Debug)]
pub struct EmbeddedChain {
    directory: Utf8PathBuf,
    journal: Journal,
    clock: Clock,
    lock_timeout: Duration,
    replica: Mutex<Replica>,
}

impl EmbeddedChain {
    /// Opens the chain in `directory`, which is made with an empty chain when there is none. The clock is that of
    /// [`Clock::from_environment`].
    ///
    /// # Errors
    /// `chain.corrupt` (integrity) when the state is damaged, `io.lock_held` when another process keeps the lock, `io.*`.
    pub fn open(directory: &Utf8Path) -> Result<Arc<Self>> {
        Self::open_with(directory, Clock::from_environment()?)
    }

    /// [`EmbeddedChain::open`] with a clock of the caller's choice.
    ///
    /// # Errors
    /// As [`EmbeddedChain::open`].
    pub fn open_with(directory: &Utf8Path, clock: Clock) -> Result<Arc<Self>> {
        Self::open_timed(directory, clock, lock::TIMEOUT)
    }

    fn open_timed(directory: &Utf8Path, clock: Clock, lock_timeout: Duration) -> Result<Arc<Self>> {
        let chain = Self {
            directory: directory.to_owned(),
            journal: Journal::new(directory),
            clock,
            lock_timeout,
            replica: Mutex::default(),
        };
        chain.read(|_| ())?;
        Ok(Arc::new(chain))
    }

    /// A transport for alloy's `RpcClient::new(chain.transport(), true)`.
    pub fn transport(self: &Arc<Self>) -> EmbeddedTransport {
        EmbeddedTransport::new(Arc::clone(self))
    }

    /// Moves the clock forward by whole seconds from what views see now, and mines an empty block at that time.
    ///
    /// Several blocks within one second are ahead of the machine's clock; counting from the clock alone would move by
    /// less than was asked for.
    ///
    /// # Errors
    /// As [`EmbeddedChain::open`]; `chain.time_overflow` (usage) for more than 100 years, or beyond the year 2500.
    pub fn advance(&self, by: Duration) -> Result<()> {
        let too_far = |limit: &str| {
            Error::usage("chain.time_overflow", format!("{} s is too far: the clock moves by {limit}", by.as_secs()))
                .hint("advance by less; `dgov chain reset` starts the clock anew")
        };
        if by > LONGEST_STEP {
            return Err(too_far("at most 100 years at a time"));
        }
        self.write(|history| {
            let ahead = self.clock.view_time(history);
            if ahead.saturating_add(by.as_secs()) > LATEST {
                return Err(too_far("no further than the year 2500"));
            }
            let behind = self.clock.base(history.head().number + 1).saturating_add_signed(history.clock.offset);
            let seconds = by.as_secs().saturating_add(ahead.saturating_sub(behind));
            let clock = shifted(history.clock, seconds).ok_or_else(|| too_far("less than that"))?;
            // A time that was wished for the next block would undo the move. The block's record carries the new offset.
            history.clock = ClockState { next: None, ..clock };
            Ok(((), self.mine_empty(history)?))
        })
    }

    /// Replaces the chain by an empty one. Also repairs a damaged file, because nothing of it is read.
    ///
    /// # Errors
    /// `io.*`.
    pub fn reset(&self) -> Result<()> {
        let mut replica = self.replica.lock().unwrap_or_else(PoisonError::into_inner);
        *replica = Replica::default();
        let _lock = self.lock()?;
        self.journal.create(&self.genesis()?)
    }

    /// [`EmbeddedChain::reset`] for a directory whose chain can't be opened.
    ///
    /// # Errors
    /// `io.*`.
    pub fn reset_at(directory: &Utf8Path) -> Result<()> {
        let chain = Self {
            directory: directory.to_owned(),
            journal: Journal::new(directory),
            clock: Clock::from_environment()?,
            lock_timeout: lock::TIMEOUT,
            replica: Mutex::default(),
        };
        chain.reset()
    }

    /// Runs `question` on the current state.
    fn read<T>(&self, question: impl FnOnce(&History) -> T) -> Result<T> {
        let mut guard = self.replica.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, so that an error or a panic on the way leaves nothing half-read behind.
        let mut replica = std::mem::take(&mut *guard);
        if !self.journal.refresh(&mut replica)? {
            match self.lock() {
                Ok(_lock) => self.refresh_or_create(&mut replica)?,
                // Where nothing can be written there is no chain yet: an empty one, in memory, answers the question.
                Err(error) if error.is_unwritable() => {
                    replica = Replica::default();
                    replica.history.apply(self.genesis()?).map_err(Error::bug)?;
                }
                Err(error) => return Err(error),
            }
        }
        let answer = question(&replica.history);
        *guard = replica;
        Ok(answer)
    }

    /// Runs `change` on the current state and appends the entry that it returns: one, so that a kill can't leave half a
    /// change. `change` has applied it already; when it fails, or the disk does, the memory is read anew next time.
    fn write<T, E: From<Error>>(
        &self,
        change: impl FnOnce(&mut History) -> std::result::Result<(T, Entry), E>,
    ) -> std::result::Result<T, E> {
        let mut guard = self.replica.lock().unwrap_or_else(PoisonError::into_inner);
        let mut replica = std::mem::take(&mut *guard);
        let _lock = self.lock()?;
        self.refresh_or_create(&mut replica)?;
        let (answer, entry) = change(&mut replica.history)?;
        self.journal.append(&mut replica, &entry)?;
        *guard = replica;
        Ok(answer)
    }

    fn refresh_or_create(&self, replica: &mut Replica) -> Result<()> {
        if self.journal.refresh(replica)? {
            return Ok(());
        }
        self.journal.create(&self.genesis()?)?;
        *replica = Replica::default();
        if self.journal.refresh(replica)? { Ok(()) } else { Err(Error::bug("the new chain file vanished")) }
    }

    fn lock(&self) -> Result<Lock> {
        fs_err::create_dir_all(&self.directory)?;
        Lock::acquire(&self.directory, self.lock_timeout)
    }

    fn genesis(&self) -> Result<Entry> {
        let mut block = genesis::block(self.clock.base(0));
        History::default().mine(&mut block).map_err(Error::bug)?;
        Ok(Entry::Genesis { format: FORMAT, chain_id: CHAIN_ID, block })
    }

    /// Mines an empty block on `history`.
    fn mine_empty(&self, history: &mut History) -> Result<Entry> {
        let (time, offset) = self.clock.next_block(history);
        let mut block = executor::empty_block(history, time, offset);
        history.mine(&mut block).map_err(Error::bug)?;
        Ok(Entry::Block(block))
    }
}

fn shifted(clock: ClockState, seconds: u64) -> Option<ClockState> {
    // Keeps every later `time + offset` inside u64 and i64.
    let offset = clock.offset.checked_add_unsigned(seconds).filter(|offset| *offset < i64::MAX / 4)?;
    Some(ClockState { offset, ..clock })
}
