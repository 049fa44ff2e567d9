//! Why a server cannot be used.

use std::path::PathBuf;

/// Why a server cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// What was named is no address.
    #[error(
        "{url:?} is no address of an inference server ({reason}); write ws://HOST:PORT or wss://HOST:PORT for a LiveDance \
         server, socketio+http://HOST:PORT for an original backend"
    )]
    Address {
        /// What was named.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A certificate that was named cannot be used.
    #[error("{}: no certificate can be read ({reason}); name a PEM file of the server's certificate or of whoever signed it", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The server does not answer.
    #[error("{url}: {reason}")]
    Lost {
        /// The server.
        url: String,
        /// What happened and what to do.
        reason: String,
    },
    /// The server does not want this client.
    #[error("{url} refuses: {reason}")]
    Refused {
        /// The server.
        url: String,
        /// Why and what to do.
        reason: String,
    },
    /// The server does not take a picture.
    #[error("{url} does not take frame {frame} ({code}: {reason})")]
    Frame {
        /// The server.
        url: String,
        /// The frame.
        frame: u64,
        /// The server's word for it.
        code: String,
        /// The server's sentence.
        reason: String,
    },
    /// The picture cannot be made a JPEG file.
    #[error("a picture of {width}x{height} cannot be made a JPEG file ({reason}); choose a smaller --short-side")]
    Encode {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// What is wrong.
        reason: String,
    },
    /// The system gives no thread.
    #[error("the thread for {url} could not be started ({reason}); close other programs")]
    Thread {
        /// The server.
        url: String,
        /// What the system said.
        reason: String,
    },
}
