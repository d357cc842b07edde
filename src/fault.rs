//! Fault points: where a debug build can be made to die, so that tests can show that a killed command loses nothing and
//! pays nothing twice.

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    };

    use crate::env_vars::DGOV_FAULT_AT;

    /// Which point, counted from 1, ends the process; unset means none.
    static FATAL: LazyLock<Option<u64>> = LazyLock::new(|| std::env::var(DGOV_FAULT_AT).ok()?.parse().ok());
    static REACHED: AtomicU64 = AtomicU64::new(0);

    pub(super) fn reach(name: &'static str) {
        let Some(fatal) = *FATAL else { return };
        if REACHED.fetch_add(1, Ordering::SeqCst) + 1 == fatal {
            tracing::warn!(point = name, "{DGOV_FAULT_AT} ends the process here");
            // Not `exit`: no destructor may run, as in a power cut.
            std::process::abort();
        }
    }
}

/// Marks a place before or after an effect. In debug builds the process aborts at the point whose number
/// `DGOV_FAULT_AT` holds; in release builds nothing is compiled.
#[cfg_attr(not(debug_assertions), allow(unused_variables))]
pub fn point(name: &'static str) {
    #[cfg(debug_assertions)]
    armed::reach(name);
}
