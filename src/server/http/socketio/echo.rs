//! What the test suites of Engine.IO and Socket.IO talk to: everything that is sent comes back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use engineioxide::config::EngineIoConfig;
use engineioxide::handler::EngineIoHandler;
use engineioxide::service::EngineIoService;
use engineioxide::{DisconnectReason, Socket, Str};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeTuple as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef, TryData};

use super::engine::Engine;
use crate::server::options::ServerOptions;

/// The namespace beside the main one.
pub(super) const NAMESPACE: &str = "/custom";
/// Where the bare engine is.
const ENGINE_PATH: &str = "/engine.io/";
/// The settings that the suites expect.
pub(super) const PING_INTERVAL: Duration = Duration::from_millis(300);
pub(super) const PING_TIMEOUT: Duration = Duration::from_millis(200);
pub(super) const MAX_PAYLOAD: u64 = 1_000_000;
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Between the answer to a connection and what it was connected with.
const AFTER_CONNECT: Duration = Duration::from_millis(20);

/// Everything beside the main namespace.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(io: &SocketIo, options: &ServerOptions) -> Router<S> {
    io.ns(NAMESPACE, async |socket: SocketRef, TryData(auth): TryData<Value>| {
        answer(&socket, auth.ok()).await;
    });
    let config = EngineIoConfig::builder()
        .req_path(ENGINE_PATH.trim_end_matches('/'))
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .max_payload(MAX_PAYLOAD)
        .build();
    let service = EngineIoService::with_config(Arc::new(Echo), config);
    let service = Router::new().route_service(ENGINE_PATH, service);
    Engine::new(service, ENGINE_PATH, options).routes()
}

/// Says what a client connected with, and sends back what it sends.
pub(super) async fn answer(socket: &SocketRef, auth: Option<Value>) {
    let auth = auth.filter(|auth| !auth.is_null()).unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    socket.on("message", async |socket: SocketRef, Data(arguments): Data<Arguments>| {
        let _ = socket.emit("message-back", &arguments);
    });
    socket.on("message-with-ack", async |Data(arguments): Data<Arguments>, ack: AckSender| {
        let _ = ack.send(&arguments);
    });
    // The suite listens for one message at a time.
    tokio::time::sleep(AFTER_CONNECT).await;
    let _ = socket.emit("auth", &auth);
}

#[derive(Debug)]
struct Echo;

impl EngineIoHandler for Echo {
    type Data = ();

    fn on_connect(self: Arc<Self>, _: Arc<Socket<()>>) {}

    fn on_disconnect(&self, _: Arc<Socket<()>>, _: DisconnectReason) {}

    fn on_message(self: &Arc<Self>, message: Str, socket: Arc<Socket<()>>) {
        let _ = socket.emit(message);
    }

    fn on_binary(self: &Arc<Self>, message: Bytes, socket: Arc<Socket<()>>) {
        let _ = socket.emit_binary(message);
    }
}

/// All arguments of an event.
struct Arguments(Vec<Argument>);

enum Argument {
    Json(Value),
    Binary(Vec<u8>),
}

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for argument in &self.0 {
            tuple.serialize_element(argument)?;
        }
        tuple.end()
    }
}

impl Serialize for Argument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(value) => value.serialize(serializer),
            Self::Binary(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As many as there are.
        deserializer.deserialize_tuple(usize::MAX, ArgumentsVisitor)
    }
}

struct ArgumentsVisitor;

impl<'de> Visitor<'de> for ArgumentsVisitor {
    type Value = Arguments;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Arguments, A::Error> {
        std::iter::from_fn(|| seq.next_element().transpose()).collect::<Result<_, _>>().map(Arguments)
    }
}

impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArgumentVisitor)
    }
}

struct ArgumentVisitor;

impl<'de> Visitor<'de> for ArgumentVisitor {
    type Value = Argument;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an argument")
    }

    fn visit_unit<E>(self) -> Result<Argument, E> {
        Ok(Argument::Json(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Argument, E> {
        Ok(Argument::Json(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Argument, E> {
        Ok(Argument::Json(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Argument, E> {
        Ok(Argument::Json(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Argument, E> {
        Ok(Argument::Json(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Argument, E> {
        Ok(Argument::Json(value.into()))
    }

    fn visit_byte_buf<E>(self, value: Vec<u8>) -> Result<Argument, E> {
        Ok(Argument::Binary(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Argument, A::Error> {
        let items: Result<Vec<Value>, _> = std::iter::from_fn(|| seq.next_element().transpose()).collect();
        Ok(Argument::Json(items?.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Argument, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(Argument::Json)
    }
}
