//! Addresses of inference servers.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::RemoteError;
use crate::wire::{STREAM_PATH, socketio};

/// Who tracks in the place of this machine, and how to get there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteTarget {
    /// The server.
    pub address: RemoteAddress,
    /// For servers that ask for one.
    pub token: Option<String>,
    /// Certificates to trust beside the system's, a PEM file.
    pub ca: Option<PathBuf>,
    /// Without an answer for so long this machine tracks; `None` for never.
    pub fallback: Option<Duration>,
}

impl RemoteTarget {
    /// This server without a token, with the system's certificates, and a fallback after two seconds.
    #[must_use]
    pub fn new(address: RemoteAddress) -> Self {
        Self { address, token: None, ca: None, fallback: Some(Duration::from_secs(2)) }
    }
}

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The binary websocket of LiveDance's own server.
    Stream,
    /// Socket.IO, as the original backend speaks it.
    Original,
}

/// Address of an inference server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteAddress {
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// Name or number, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path with its query, from `/` on.
    pub path: String,
}

impl RemoteAddress {
    /// Where the websocket is opened, as the handshake names it.
    #[must_use]
    pub(super) fn handshake(&self) -> String {
        let scheme = if self.tls { "wss" } else { "ws" };
        let query = match self.dialect {
            Dialect::Stream => "",
            Dialect::Original if self.path.contains('?') => "&",
            Dialect::Original => "?",
        };
        let rest = if self.dialect == Dialect::Original { socketio::QUERY } else { "" };
        format!("{scheme}://{}{}{query}{rest}", self.authority(), self.path)
    }

    fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{host}:{}", self.port)
    }
}

impl fmt::Display for RemoteAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = match (self.dialect, self.tls) {
            (Dialect::Stream, false) => ("ws", STREAM_PATH),
            (Dialect::Stream, true) => ("wss", STREAM_PATH),
            (Dialect::Original, false) => ("socketio+http", socketio::PATH),
            (Dialect::Original, true) => ("socketio+https", socketio::PATH),
        };
        let path = if self.path == usual { "" } else { self.path.as_str() };
        write!(f, "{scheme}://{}{path}", self.authority())
    }
}

impl FromStr for RemoteAddress {
    type Err = RemoteError;

    fn from_str(text: &str) -> Result<Self, RemoteError> {
        let text = text.trim();
        let wrong = |reason: &str| RemoteError::Address { url: text.to_owned(), reason: reason.to_owned() };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("it does not begin with ws://"))?;
        let (dialect, tls, usual) = match scheme.to_ascii_lowercase().as_str() {
            "ws" => (Dialect::Stream, false, STREAM_PATH),
            "wss" => (Dialect::Stream, true, STREAM_PATH),
            "socketio+http" | "socketio+ws" => (Dialect::Original, false, socketio::PATH),
            "socketio+https" | "socketio+wss" => (Dialect::Original, true, socketio::PATH),
            "http" => return Err(wrong("http:// does not say which: ws:// or socketio+http://")),
            "https" => return Err(wrong("https:// does not say which: wss:// or socketio+https://")),
            _ => return Err(wrong("it does not begin with ws://, wss://, socketio+http:// or socketio+https://")),
        };
        if rest.chars().any(|letter| letter.is_whitespace() || letter.is_control() || !letter.is_ascii()) {
            return Err(wrong("there is a letter in it that belongs into no address"));
        }
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(wrong("a name before @ is of no use; a token goes into --remote-token"));
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or_else(|| wrong("the bracket is not closed"))?;
                (host, after.strip_prefix(':').or(after.is_empty().then_some("")))
            }
            None => authority.split_once(':').map_or((authority, Some("")), |(host, port)| (host, Some(port))),
        };
        let port = match port.ok_or_else(|| wrong("nothing but a port may follow the host"))? {
            "" => {
                if tls {
                    443
                } else {
                    80
                }
            }
            number => number
                .parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or_else(|| wrong("the port is no number from 1 to 65535"))?,
        };
        if host.is_empty() {
            return Err(wrong("the host is missing"));
        }
        let path = match path {
            "" | "/" => usual.to_owned(),
            query if query.starts_with('?') => format!("{usual}{query}"),
            named => named.to_owned(),
        };
        Ok(Self { dialect, tls, host: host.to_owned(), port, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> RemoteAddress {
        text.parse().expect("an address")
    }

    #[test]
    fn addresses_are_read_and_completed() {
        for (text, handshake, shown) in [
            ("ws://localhost:8000", "ws://localhost:8000/v1/stream", "ws://localhost:8000"),
            ("WSS://studio.example/", "wss://studio.example:443/v1/stream", "wss://studio.example:443"),
            ("ws://[::1]:9/other?a=b#c", "ws://[::1]:9/other?a=b", "ws://[::1]:9/other?a=b"),
            (
                "socketio+http://127.0.0.1:8000",
                "ws://127.0.0.1:8000/socket.io/?EIO=4&transport=websocket",
                "socketio+http://127.0.0.1:8000",
            ),
            (
                " socketio+https://a.b/x/?room=1 ",
                "wss://a.b:443/x/?room=1&EIO=4&transport=websocket",
                "socketio+https://a.b:443/x/?room=1",
            ),
        ] {
            let address = parse(text);
            assert_eq!((address.handshake(), address.to_string()), (handshake.to_owned(), shown.to_owned()));
            assert_eq!(parse(shown), address, "what is shown can be typed");
        }
    }

    #[test]
    fn what_is_no_address_says_what_to_write() {
        for (text, word) in [
            ("", "ws://"),
            ("localhost:8000", "begin with ws://"),
            ("http://localhost:8000", "socketio+http://"),
            ("https://localhost", "wss://"),
            ("ftp://localhost", "begin with"),
            ("ws://", "host is missing"),
            ("ws://:80", "host is missing"),
            ("ws://a:0", "port"),
            ("ws://a:70000", "port"),
            ("ws://a:b", "port"),
            ("ws://[::1", "bracket"),
            ("ws://[::1]x", "port"),
            ("ws://me:secret@a", "token"),
            ("ws://a b", "letter"),
            ("ws://ä", "letter"),
        ] {
            let error = text.parse::<RemoteAddress>().expect_err(text).to_string();
            assert!(error.contains(word) && error.contains("write ws://"), "{text}: {error}");
        }
    }
}
