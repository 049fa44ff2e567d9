//! The memory that jobs which run at once have together.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::resources;

/// What is used on systems that do not say how much memory is free, bytes.
const ASSUMED: u64 = 4 << 30;

/// So much memory, of which jobs hold parts. It is counted, not measured.
pub(super) struct MemoryShare {
    all: u64,
    held: Mutex<u64>,
    returned: Condvar,
}

/// A part of it, given back when dropped.
pub(super) struct Held<'a> {
    of: &'a MemoryShare,
    bytes: u64,
}

impl MemoryShare {
    /// Half of what is free now.
    pub(super) fn of_this_machine() -> Self {
        Self::new(resources::available_bytes().map_or(ASSUMED, |available| available / 2))
    }

    fn new(all: u64) -> Self {
        Self { all, held: Mutex::new(0), returned: Condvar::new() }
    }

    /// Waits until so many bytes are free, or nobody holds any: a job that needs more than there is runs alone.
    pub(super) fn hold(&self, bytes: u64) -> Held<'_> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while *held > 0 && held.saturating_add(bytes) > self.all {
            held = self.returned.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        *held = held.saturating_add(bytes);
        Held { of: self, bytes }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut held = self.of.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_sub(self.bytes);
        self.of.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn jobs_never_hold_more_than_there_is_together() {
        let (share, now) = (MemoryShare::new(100), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for job in 0..8_u64 {
                let (share, now) = (&share, &now);
                scope.spawn(move || {
                    for round in 0..50 {
                        let bytes = 20 + (job * 7 + round * 13) % 40;
                        let held = share.hold(bytes);
                        assert!(now.fetch_add(bytes, Ordering::SeqCst) + bytes <= 100);
                        std::thread::yield_now();
                        now.fetch_sub(bytes, Ordering::SeqCst);
                        drop(held);
                    }
                });
            }
        });
        assert_eq!(*share.held.lock().expect("sound"), 0);
    }

    #[test]
    fn a_job_that_needs_more_than_there_is_runs_alone() {
        let share = MemoryShare::new(100);
        let large = share.hold(500);
        assert_eq!(*share.held.lock().expect("sound"), 500);
        drop(large);
        let (_small, _other) = (share.hold(60), share.hold(40));
        assert_eq!(*share.held.lock().expect("sound"), 100);
    }
}
