//! Poses over the network, each socket on a named thread of its own. What the bytes mean is the business of
//! [`crate::formats`].
//!
//! Architecture invariant: no call here waits for the network, and nothing that arrives can end a thread.

mod address;
#[cfg(test)]
mod loopback;
mod pace;
mod vmc_in;
mod vmc_out;

pub use crate::formats::vmc::{RECEIVE_PORT, SEND_PORT};
pub use address::Address;
pub use vmc_in::{ReceivedFrame, ReceiverStatus, VmcReceiver};
pub use vmc_out::{FRAMES_PER_SECOND, SenderStatus, VmcSender};

/// Why poses cannot be sent or received. Every message says what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// Neither an address nor a port.
    #[error("'{text}' is no address: write HOST, HOST:PORT or a port from 1 to 65535")]
    BadAddress {
        /// What was written.
        text: String,
    },
    /// The host has no address.
    #[error("{address} cannot be found ({reason}); check the name, or write the address in numbers")]
    NotFound {
        /// As asked for.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// The port cannot be listened on.
    #[error("{address} cannot be listened on ({reason}); close the program that uses the port, or choose another one")]
    Listen {
        /// As asked for.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// No socket or no thread to send from.
    #[error("nothing can be sent to {address} ({reason}); check the network")]
    Send {
        /// As asked for.
        address: String,
        /// What the system said.
        reason: String,
    },
}
