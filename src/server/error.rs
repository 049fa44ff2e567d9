//! What can go wrong: for whoever starts a server, and for its clients.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::capture::PictureError;
use crate::inference::InferenceError;
use crate::wire::{MAX_SEQUENCE, close_code};

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken or not one of this machine's.
    #[error("cannot listen on {address}: {reason}; choose another one with --addr")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        reason: String,
    },
    /// Certificate or key cannot be used.
    #[error("{path}: {reason}; TLS needs a certificate chain and its private key as PEM files")]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The avatar that poses are made for cannot be read.
    #[error("the avatar cannot be read: {0}")]
    Avatar(String),
    /// The models cannot be used.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The system refused a thread or a runtime.
    #[error("the system refused {what} ({reason}); close other programs")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What the system said.
        reason: String,
    },
}

/// Why a frame or a message was refused. The connection lives on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum Fault {
    #[error("the message cannot be read: {0}")]
    BadMessage(String),
    #[error("the picture cannot be used: {0}")]
    BadImage(PictureError),
    #[error("sequence {got} does not lie after {last}, which was the last one")]
    StaleSequence { got: u64, last: u64 },
    #[error("a sequence is a whole number from 0 to {MAX_SEQUENCE}")]
    BadSequence,
    #[error("more than {limit} frames a second; send fewer")]
    RateLimit { limit: u32 },
    #[error("the server is busy; try again in a second")]
    Busy,
    #[error("the frame could not be tracked: {0}")]
    Tracking(String),
}

impl Fault {
    /// The name for programs.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::BadMessage(_) => "bad_message",
            Self::BadImage(PictureError::Bad { .. }) => "bad_image",
            Self::BadImage(PictureError::TooLarge { .. }) => "image_too_large",
            Self::StaleSequence { .. } => "stale_sequence",
            Self::BadSequence => "bad_sequence",
            Self::RateLimit { .. } => "rate_limit",
            Self::Busy => "busy",
            Self::Tracking(_) => "tracking",
        }
    }
}

/// Why a connection is ended, or not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Farewell {
    #[error("the server is going away; connect again")]
    GoingAway,
    #[error("nothing was heard for {0:?}")]
    Idle(Duration),
    #[error("an answer was left unread for {0:?}")]
    SlowReader(Duration),
    #[error("a message is larger than {0} bytes")]
    TooBig(usize),
    #[error("this kind of message is not taken here")]
    Unsupported,
    #[error("this is not how websockets speak")]
    Protocol,
    #[error("a text is not UTF-8")]
    BadText,
    #[error("a token is needed, and this is not it; ask whoever runs the server")]
    BadToken,
    #[error("the server takes {0} clients at most and is full; try again later")]
    TooManyClients(usize),
    #[error("{0} connections from one address are the most; close some")]
    TooManyFromAddress(usize),
    #[error("pages of this origin may not connect; the server's operator can allow it with --allow-origin")]
    Origin,
}

impl Farewell {
    /// The close frame's code.
    pub(super) const fn close_code(self) -> u16 {
        match self {
            Self::GoingAway => close_code::GOING_AWAY,
            Self::Idle(_) | Self::Origin => close_code::POLICY,
            Self::SlowReader(_) => close_code::SLOW_READER,
            Self::TooBig(_) => close_code::TOO_BIG,
            Self::Unsupported => close_code::UNSUPPORTED,
            Self::Protocol => close_code::PROTOCOL,
            Self::BadText => close_code::BAD_TEXT,
            Self::BadToken => close_code::BAD_TOKEN,
            Self::TooManyClients(_) | Self::TooManyFromAddress(_) => close_code::TOO_MANY_CLIENTS,
        }
    }

    /// The name for programs and for counters.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::GoingAway => "going_away",
            Self::Idle(_) => "idle",
            Self::SlowReader(_) => "slow_reader",
            Self::TooBig(_) => "too_big",
            Self::Unsupported => "unsupported",
            Self::Protocol => "protocol",
            Self::BadText => "bad_text",
            Self::BadToken => "bad_token",
            Self::TooManyClients(_) => "too_many_clients",
            Self::TooManyFromAddress(_) => "too_many_from_address",
            Self::Origin => "origin",
        }
    }
}
