//! Host and port as a user writes them.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs as _};

use super::NetError;

/// This machine, and nobody else.
const LOCALHOST: &str = "127.0.0.1";

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// A name or an address in numbers; IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// This machine.
    #[must_use]
    pub fn localhost(port: u16) -> Self {
        Self { host: LOCALHOST.to_owned(), port }
    }

    /// Reads `HOST`, `HOST:PORT`, `PORT` (on this machine), or IPv6 as in `[::1]:PORT`.
    ///
    /// # Errors
    /// [`NetError::BadAddress`] for anything else.
    pub fn parse(text: &str, default_port: u16) -> Result<Self, NetError> {
        let text = text.trim();
        let bad = || NetError::BadAddress { text: text.to_owned() };
        let port = |digits: &str| digits.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(bad);
        let (host, port) = if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            match rest.strip_prefix(':') {
                Some(digits) => (host, port(digits)?),
                None if rest.is_empty() => (host, default_port),
                None => return Err(bad()),
            }
        } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
            (LOCALHOST, port(text)?)
        } else {
            match text.split_once(':') {
                Some((_, rest)) if rest.contains(':') => (text, default_port),
                Some((host, digits)) => (host, port(digits)?),
                None => (text, default_port),
            }
        };
        let is_host = !host.is_empty() && host.len() <= 253;
        let allowed = |character: char| character.is_alphanumeric() || ".-_:%".contains(character);
        if is_host && host.chars().all(allowed) { Ok(Self { host: host.to_owned(), port }) } else { Err(bad()) }
    }

    /// Whether only this machine is meant, as is usual.
    #[must_use]
    pub fn is_usual_host(&self) -> bool {
        self.host == LOCALHOST
    }

    /// Looks the host up, which may take as long as the network does.
    ///
    /// # Errors
    /// [`NetError::NotFound`] when nobody knows it.
    pub fn resolve(&self) -> Result<SocketAddr, NetError> {
        let not_found = |reason: String| NetError::NotFound { address: self.to_string(), reason };
        let mut found =
            (self.host.as_str(), self.port).to_socket_addrs().map_err(|error| not_found(error.to_string()))?;
        found.next().ok_or_else(|| not_found("it has no address".to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read() {
        for (text, expected) in [
            ("127.0.0.1", "127.0.0.1:39539"),
            ("192.168.0.7:5000", "192.168.0.7:5000"),
            (" studio.local ", "studio.local:39539"),
            ("4000", "127.0.0.1:4000"),
            ("::1", "[::1]:39539"),
            ("[::1]", "[::1]:39539"),
            ("[fe80::1%eth0]:7", "[fe80::1%eth0]:7"),
        ] {
            assert_eq!(Address::parse(text, 39_539).expect(text).to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_by_name() {
        for text in ["", ":5", "host:", "host:0", "host:70000", "host:x", "0", "70000", "[::1", "[::1]x", "a b", "a/b"]
        {
            let message = Address::parse(text, 39_539).expect_err(text).to_string();
            assert!(message.contains(text) && message.contains("HOST:PORT"), "{message}");
        }
    }

    #[test]
    fn this_machine_is_found() {
        let found = Address::localhost(9).resolve().expect("this machine");
        assert!(found.ip().is_loopback() && found.port() == 9);
    }
}
