//! Packets of Engine.IO 4 and Socket.IO 5 over a websocket, as a client writes and reads them.
//!
//! Only what LiveDance needs: the default namespace, events with one argument, binary attachments.
//!
//! Source: the Engine.IO protocol, version 4, and the Socket.IO protocol, version 5.

use serde::Deserialize;
use serde_json::Value;

/// Query of the address at which a websocket is opened, no polling before it.
pub const QUERY: &str = "EIO=4&transport=websocket";
/// Path of the address, unless another one is named.
pub const PATH: &str = "/socket.io/";
/// Attachments of one event at most; more are no event of LiveDance's.
const MOST_ATTACHMENTS: usize = 4;

/// What the server sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Packet {
    /// The transport is open; the namespace has to be joined now, with [`join`].
    Open {
        /// Milliseconds between two pings of the server.
        ping_interval: u64,
        /// Milliseconds that it waits for an answer.
        ping_timeout: u64,
    },
    /// The server asks whether the client is there: answer with [`PONG`].
    Ping,
    /// The namespace is joined.
    Joined,
    /// The namespace, or the client, is refused.
    Refused {
        /// Why.
        message: String,
    },
    /// The server has closed the transport or the namespace.
    Closed,
    /// An event with its first argument, `null` where it has none.
    Event {
        /// Its name.
        name: String,
        /// Attachments stay placeholders: no answer holds any.
        data: Value,
    },
    /// More of this packet follows, or it means nothing to a client.
    Nothing,
}

/// What answers a ping.
pub const PONG: &str = "3";

/// Joins the default namespace, with a token for servers that ask for one.
#[must_use]
pub fn join(token: Option<&str>) -> String {
    token.map_or_else(|| "40".to_owned(), |token| format!("40{}", serde_json::json!({ "token": token })))
}

/// An event with one argument.
#[must_use]
pub fn event(name: &str, data: &Value) -> String {
    format!("42{}", serde_json::json!([name, data]))
}

/// The text of an event whose argument holds [`placeholder`]s; the attachments follow it as binary messages, in order.
#[must_use]
pub fn binary_event(name: &str, data: &Value, attachments: usize) -> String {
    format!("45{attachments}-{}", serde_json::json!([name, data]))
}

/// Stands in an event's argument for an attachment.
#[must_use]
pub fn placeholder(number: usize) -> Value {
    serde_json::json!({ "_placeholder": true, "num": number })
}

/// Reads what a server sends.
#[derive(Debug, Default)]
pub struct Reader {
    /// An event that waits for its attachments, and for how many.
    waiting: Option<(Packet, usize)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handshake {
    #[serde(default = "usual_interval")]
    ping_interval: u64,
    #[serde(default = "usual_timeout")]
    ping_timeout: u64,
}

fn usual_interval() -> u64 {
    25_000
}

fn usual_timeout() -> u64 {
    20_000
}

impl Reader {
    /// A text message as a packet.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn text(&mut self, text: &str) -> Result<Packet, String> {
        let mut letters = text.chars();
        match letters.next() {
            Some('0') => {
                let handshake: Handshake = serde_json::from_str(letters.as_str()).map_err(|error| error.to_string())?;
                Ok(Packet::Open { ping_interval: handshake.ping_interval, ping_timeout: handshake.ping_timeout })
            }
            Some('1') => Ok(Packet::Closed),
            Some('2') => Ok(Packet::Ping),
            Some('3' | '5' | '6') => Ok(Packet::Nothing),
            Some('4') => self.message(letters.as_str()),
            _ => Err("no packet of Engine.IO".to_owned()),
        }
    }

    /// A binary message, which is an attachment, as the event that it completes.
    pub fn binary(&mut self) -> Packet {
        match self.waiting.take() {
            Some((event, 1)) => event,
            Some((event, more)) => {
                self.waiting = Some((event, more - 1));
                Packet::Nothing
            }
            None => Packet::Nothing,
        }
    }

    fn message(&mut self, text: &str) -> Result<Packet, String> {
        let mut letters = text.chars();
        let kind = letters.next();
        let rest = letters.as_str();
        match kind {
            Some('0') => Ok(Packet::Joined),
            Some('1') => Ok(Packet::Closed),
            Some('2') => event_of(rest),
            Some('4') => {
                let value: Value = serde_json::from_str(without_namespace(rest)).unwrap_or_default();
                let message = value.get("message").and_then(Value::as_str).unwrap_or("no reason given");
                Ok(Packet::Refused { message: message.to_owned() })
            }
            Some('5') => {
                let (count, rest) = rest.split_once('-').ok_or("a binary event without its count")?;
                let count: usize = count.parse().map_err(|_| "a binary event without its count")?;
                if count > MOST_ATTACHMENTS {
                    return Err(format!("an event with {count} attachments"));
                }
                let event = event_of(rest)?;
                if count == 0 {
                    return Ok(event);
                }
                self.waiting = Some((event, count));
                Ok(Packet::Nothing)
            }
            Some('3' | '6') => Ok(Packet::Nothing),
            _ => Err("no packet of Socket.IO".to_owned()),
        }
    }
}

/// What follows `/namespace,`.
fn without_namespace(text: &str) -> &str {
    match text.strip_prefix('/') {
        Some(named) => named.split_once(',').map_or("", |(_, rest)| rest),
        None => text,
    }
}

fn event_of(text: &str) -> Result<Packet, String> {
    // An acknowledgement's number may stand before the array; nothing is acknowledged here.
    let array = without_namespace(text).trim_start_matches(|letter: char| letter.is_ascii_digit());
    let mut values: Vec<Value> = serde_json::from_str(array).map_err(|error| error.to_string())?;
    if values.is_empty() {
        return Err("an event without a name".to_owned());
    }
    let data = if values.len() > 1 { values.swap_remove(1) } else { Value::Null };
    match values.swap_remove(0) {
        Value::String(name) => Ok(Packet::Event { name, data }),
        _ => Err("an event without a name".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Packet, String> {
        Reader::default().text(text)
    }

    #[test]
    fn a_conversation_is_read() {
        let open = r#"0{"sid":"x","upgrades":[],"pingTimeout":20000,"pingInterval":25000,"maxPayload":1000000}"#;
        assert_eq!(read(open), Ok(Packet::Open { ping_interval: 25_000, ping_timeout: 20_000 }));
        assert_eq!(read(r#"40{"sid":"y"}"#), Ok(Packet::Joined));
        assert_eq!(read("2"), Ok(Packet::Ping));
        let refused = Packet::Refused { message: "bad token".to_owned() };
        assert_eq!(read(r#"44{"message":"bad token"}"#), Ok(refused));
        let event = |name: &str, data| Ok(Packet::Event { name: name.to_owned(), data });
        assert_eq!(read(r#"42["pose_result",{"body":[]}]"#), event("pose_result", json!({"body": []})));
        assert_eq!(read(r#"42/other,17["error",{"code":1},2]"#), event("error", json!({"code": 1})));
        assert_eq!(read(r#"42["bare"]"#), event("bare", Value::Null));
        assert_eq!(read("41"), Ok(Packet::Closed));
        assert_eq!(read("1"), Ok(Packet::Closed));
    }

    #[test]
    fn attachments_are_waited_for() {
        let mut reader = Reader::default();
        assert_eq!(reader.text(r#"452-["picture",{"a":{"_placeholder":true,"num":0}}]"#), Ok(Packet::Nothing));
        assert_eq!(reader.binary(), Packet::Nothing);
        assert!(matches!(reader.binary(), Packet::Event { name, .. } if name == "picture"));
        assert_eq!(reader.binary(), Packet::Nothing, "nobody asked for more");
    }

    #[test]
    fn what_is_written_can_be_read() {
        let data = json!({"image": placeholder(0), "sequence": 3});
        assert_eq!(
            binary_event("frame", &data, 1).strip_prefix("451-"),
            Some(json!(["frame", data]).to_string().as_str())
        );
        assert_eq!(read(&event("frame", &data)), Ok(Packet::Event { name: "frame".to_owned(), data }));
        assert_eq!(join(None), "40");
        assert_eq!(join(Some("a\"b")), r#"40{"token":"a\"b"}"#);
    }

    #[test]
    fn junk_is_refused_and_nothing_panics() {
        for text in
            ["", "x", "4", "42", "42[]", "42[1]", "42{", "45", "45x-[]", "459-[\"a\"]", "0", "0{", "49", "4é", "é"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
