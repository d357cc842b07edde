//! One writer at a time, across processes.

use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

use camino::Utf8Path;
use fs_err as fs;

use crate::error::{Error, Result};

/// Longest wait for another process; every cycle takes milliseconds.
pub const TIMEOUT: Duration = Duration::from_secs(10);

const PAUSE: Duration = Duration::from_millis(5);

/// Held while this value lives; the system releases it when the process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits up to `timeout` for the lock of `directory`, which must exist.
    ///
    /// # Errors
    /// `io.lock_held` when another process keeps it longer, `io.*` when the lock file can't be opened.
    pub fn acquire(directory: &Utf8Path, timeout: Duration) -> Result<Self> {
        let path = directory.join("lock");
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path)?.into_parts().0;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if start.elapsed() < timeout => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let seconds = timeout.as_secs_f32();
                    return Err(Error::local_io("io.lock_held", format!("{path} has been locked for {seconds} s"))
                        .hint("another dgov process is using this chain; wait for it or stop it, then run again"));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(Error::local_io("io.lock", format!("{path} can't be locked")).caused_by(&error));
                }
            }
        }
    }
}
