//! What is to be told to the user: one message for everybody who has something to say.

use bevy::prelude::*;

use super::overlay::ToastKind;

/// Something to tell the user, for some seconds. Where no overlay is shown nobody hears it.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub(super) struct Notify {
    pub(super) kind: ToastKind,
    pub(super) text: String,
}

impl Notify {
    /// For information.
    pub(super) fn info(text: impl Into<String>) -> Self {
        Self { kind: ToastKind::Info, text: text.into() }
    }

    /// Something failed.
    pub(super) fn error(text: impl Into<String>) -> Self {
        Self { kind: ToastKind::Error, text: text.into() }
    }

    /// What became of something: what worked, or what went wrong.
    pub(super) fn outcome(outcome: Result<String, String>) -> Self {
        match outcome {
            Ok(text) => Self { kind: ToastKind::Success, text },
            Err(text) => Self::error(text),
        }
    }
}
