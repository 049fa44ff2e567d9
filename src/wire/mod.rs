//! What travels between a client and an inference server, whichever of the two this program is.
//!
//! - [`answer`]: what a server says about one frame, before it is put into any form.
//! - [`choices`]: what a client may choose by name.
//! - [`schema`]: the messages of the binary websocket, generated from `proto/livedance.proto`.
//! - [`binary`]: answers to those messages and back.
//! - [`json`]: the same conversation in JSON, for clients that ask for it.
//! - [`original`]: the JSON that the first LiveDance clients and backends speak over Socket.IO.
//! - [`coco`]: whole bodies out of that JSON's 17 points.
//! - [`socketio`]: packets of Engine.IO and Socket.IO, as a client writes and reads them.

pub mod answer;
pub mod binary;
pub mod choices;
pub mod coco;
pub mod data_url;
pub mod json;
pub mod original;
pub mod socketio;

/// The messages of `proto/livedance.proto`, package `livedance.v1`.
#[allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated; the schema documents every field")]
pub mod schema {
    include!(concat!(env!("OUT_DIR"), "/livedance.v1.rs"));
}

/// Numbers above this are not whole in JSON's double precision; sequences stay below.
pub const MAX_SEQUENCE: u64 = (1 << 53) - 1;
/// Path of the binary websocket.
pub const STREAM_PATH: &str = "/v1/stream";

/// Why a connection was closed, as the close frame's code.
pub mod close_code {
    /// The server goes away; connect again, perhaps to another one.
    pub const GOING_AWAY: u16 = 1001;
    /// What was sent breaks the rules of websockets.
    pub const PROTOCOL: u16 = 1002;
    /// What was sent is no message of the protocol.
    pub const UNSUPPORTED: u16 = 1003;
    /// A text was sent that is none.
    pub const BAD_TEXT: u16 = 1007;
    /// A rule was broken, such as being silent for too long.
    pub const POLICY: u16 = 1008;
    /// A message was larger than the server takes.
    pub const TOO_BIG: u16 = 1009;
    /// The client reads too slowly.
    pub const SLOW_READER: u16 = 3008;
    /// No token, or a wrong one.
    pub const BAD_TOKEN: u16 = 3500;
    /// The server, or its share for this address, is full.
    pub const TOO_MANY_CLIENTS: u16 = 3504;
}
