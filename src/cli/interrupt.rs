//! Ctrl-C and a polite kill: the work in hand is ended, not cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Context as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Hears of signals that ask the program to end.
#[derive(Debug)]
pub(super) struct Interrupts {
    is_asked: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Interrupts {
    /// Hears of them from now on. A second signal ends the program at once, whatever it is doing.
    pub(super) fn watch() -> anyhow::Result<Self> {
        let interrupts = Self { is_asked: Arc::default(), signal: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            // In this order, so that the first signal does not count as the second.
            flag::register_conditional_shutdown(signal, exit_code(signal), Arc::clone(&interrupts.is_asked))
                .and_then(|_| flag::register_usize(signal, Arc::clone(&interrupts.signal), signal as usize))
                .and_then(|_| flag::register(signal, Arc::clone(&interrupts.is_asked)))
                .context("signals cannot be heard of")?;
        }
        Ok(interrupts)
    }

    /// Set once the program is asked to end.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.is_asked
    }

    /// Whether the program is asked to end.
    pub(super) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Relaxed)
    }

    /// The error that says so, and what is left of the work.
    pub(super) fn error(&self, left: String) -> anyhow::Error {
        let code = exit_code(self.signal.load(Ordering::Relaxed) as i32);
        Interrupted { code: code as u8, left }.into()
    }
}

/// As shells report a program that a signal ended.
const fn exit_code(signal: i32) -> i32 {
    128 + signal
}

/// The program was asked to end before its work was done.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; {left}")]
pub(super) struct Interrupted {
    /// The program's exit code.
    pub(super) code: u8,
    left: String,
}
