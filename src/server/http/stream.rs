//! The binary websocket, and its form in JSON.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use prost::Message as _;
use tokio::time::{Instant, timeout};

use super::Peer;
use crate::server::access::{check_token, client_address, query};
use crate::server::client::Transport;
use crate::server::error::{Farewell, Fault};
use crate::server::hub::{Hub, Session};
use crate::server::outbox::Outgoing;
use crate::wire::schema::{self, client_message, server_message};
use crate::wire::{binary, json};

/// Small, since every connection holds both for as long as it lives; larger messages get what they need.
const READ_BUFFER: usize = 4 << 10;
/// Answers are written at once.
const WRITE_BUFFER: usize = 0;
/// How long a client has to answer a close frame, and how long sending one may take.
const CLOSING: Duration = Duration::from_secs(1);
/// Largest message that is sent back: the suites' largest.
const ECHO_LIMIT: usize = 32 << 20;
/// The subprotocol's name.
const PROTOCOL: &str = "livedance.v1";

/// `GET /v1/stream`.
pub(super) async fn upgrade(
    State(hub): State<Arc<Hub>>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let as_json = query(&uri, "format").is_some_and(|format| format == "json");
    let transport = if as_json { Transport::json } else { Transport::binary };
    let address = client_address(peer.0, &headers, &hub.options);
    let admitted = check_token(&headers, &uri, &hub.options)
        .inspect_err(|farewell| hub.metrics.closed(*farewell))
        .and_then(|()| hub.join(address, transport));
    let limit = hub.options.limits.message_bytes;
    with_limit(upgrade, limit).on_upgrade(move |socket| async move {
        match admitted {
            Ok(session) => Connection { hub, session, transport }.serve(socket).await,
            Err(farewell) => {
                let (mut sink, mut stream) = socket.split();
                close(&mut sink, &mut stream, farewell).await;
            }
        }
    })
}

/// `GET /v1/echo`, for suites that test how websockets are spoken: what is sent comes back.
pub(super) async fn echo(upgrade: WebSocketUpgrade) -> Response {
    with_limit(upgrade, ECHO_LIMIT).on_upgrade(|socket| async move {
        let (mut sink, mut stream) = socket.split();
        while let Some(message) = stream.next().await {
            let sent = match message {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => sink.send(message).await,
                Ok(_) => Ok(()),
                Err(error) => match why(&error, ECHO_LIMIT) {
                    Some(farewell) => return close(&mut sink, &mut stream, farewell).await,
                    None => Err(error),
                },
            };
            if sent.is_err() {
                return;
            }
        }
    })
}

fn with_limit(upgrade: WebSocketUpgrade, limit: usize) -> WebSocketUpgrade {
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(limit)
        .max_frame_size(limit)
}

struct Connection {
    hub: Arc<Hub>,
    session: Session,
    transport: Transport,
}

impl Connection {
    async fn serve(self, socket: WebSocket) {
        let (mut sink, mut stream) = socket.split();
        let ended = {
            // Replies of the reading half go out through the writing one.
            let (replies, mut inbox) = tokio::sync::mpsc::channel(4);
            let reading = pin!(self.read(&mut stream, replies));
            let writing = pin!(self.write(&mut sink, &mut inbox));
            tokio::select! {
                ended = reading => ended,
                ended = writing => ended,
            }
        };
        if let Some(farewell) = ended {
            self.session.closed(farewell);
            close(&mut sink, &mut stream, farewell).await;
        } else {
            // A client that closed waits for the answer to that; one that is gone does not hear it.
            let _ = timeout(CLOSING, sink.close()).await;
        }
    }

    /// Takes in what the client sends, always. `None` where it has left.
    async fn read(
        &self,
        stream: &mut SplitStream<WebSocket>,
        replies: tokio::sync::mpsc::Sender<server_message::Kind>,
    ) -> Option<Farewell> {
        let limits = &self.hub.options.limits;
        loop {
            let message = match timeout(limits.idle, stream.next()).await {
                Err(_) => return Some(Farewell::Idle(limits.idle)),
                Ok(None) => return None,
                Ok(Some(Err(error))) => return why(&error, limits.message_bytes),
                Ok(Some(Ok(message))) => message,
            };
            let decoded = match (message, self.transport) {
                (Message::Binary(bytes), Transport::binary) => decode(bytes),
                (Message::Text(text), Transport::json) => json::decode(&text).map_err(Fault::BadMessage),
                (Message::Ping(_) | Message::Pong(_), _) => continue,
                (Message::Close(_), _) => return None,
                _ => return Some(Farewell::Unsupported),
            };
            let taken = decoded.map_err(|fault| self.session.refuse(fault)).and_then(|message| match message {
                client_message::Kind::Frame(schema::Frame { sequence, captured_at_us, jpeg }) => {
                    // The session has told the client.
                    self.session.submit(Some(sequence), captured_at_us, jpeg).map(|()| None).map_err(drop)
                }
                client_message::Kind::Configure(asked) => {
                    Ok(Some(server_message::Kind::Configured(self.session.configure(&asked))))
                }
                client_message::Kind::Ping(schema::Ping { token }) => {
                    Ok(Some(server_message::Kind::Pong(schema::Pong { token })))
                }
            });
            match taken {
                // Waiting here slows a client down that asks and does not read, nobody else.
                Ok(Some(reply)) => drop(replies.send(reply).await),
                Ok(None) => {}
                // Whoever breaks the rules is read no faster than the rules allow.
                Err(()) => tokio::time::sleep(Duration::from_secs(1) / limits.frames_per_second.max(1)).await,
            }
        }
    }

    /// Sends what there is to send, and now and then a ping, so that a client that is gone shows.
    async fn write(
        &self,
        sink: &mut SplitSink<WebSocket, Message>,
        replies: &mut tokio::sync::mpsc::Receiver<server_message::Kind>,
    ) -> Option<Farewell> {
        let limits = &self.hub.options.limits;
        let mut next_ping = Instant::now() + limits.idle / 3;
        loop {
            let message = tokio::select! {
                Some(reply) = replies.recv() => self.message(reply),
                outgoing = self.session.next() => match outgoing {
                    Outgoing::Farewell(farewell) => return Some(farewell),
                    Outgoing::Answer(answer) => match self.transport {
                        Transport::json => Message::Text(json::pose(&answer).into()),
                        _ => self.message(server_message::Kind::Pose(binary::pose(&answer))),
                    },
                    Outgoing::Fault { fault, sequence } => self.message(server_message::Kind::Error(schema::Error {
                        code: fault.code().to_owned(),
                        message: fault.to_string(),
                        sequence,
                    })),
                },
                () = tokio::time::sleep_until(next_ping) => {
                    next_ping = Instant::now() + limits.idle / 3;
                    Message::Ping(Bytes::new())
                }
            };
            match timeout(limits.slow_reader, sink.send(message)).await {
                Err(_) => return Some(Farewell::SlowReader(limits.slow_reader)),
                Ok(Err(_)) => return None,
                Ok(Ok(())) => {}
            }
        }
    }

    fn message(&self, kind: server_message::Kind) -> Message {
        match self.transport {
            Transport::json => Message::Text(json::encode(&kind).unwrap_or_default().into()),
            _ => Message::Binary(binary::encode(kind).into()),
        }
    }
}

fn decode(bytes: Bytes) -> Result<client_message::Kind, Fault> {
    let message = schema::ClientMessage::decode(bytes).map_err(|error| Fault::BadMessage(error.to_string()))?;
    message.kind.ok_or_else(|| Fault::BadMessage("it holds neither configure, frame nor ping".to_owned()))
}

/// What a client is to hear after this; `None` where it has left.
fn why(error: &axum::Error, limit: usize) -> Option<Farewell> {
    use tokio_tungstenite::tungstenite::Error;
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match std::error::Error::source(error).and_then(|source| source.downcast_ref::<Error>())? {
        Error::Capacity(_) => Some(Farewell::TooBig(limit)),
        Error::Utf8(_) => Some(Farewell::BadText),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(Farewell::Protocol),
        _ => None,
    }
}

/// Says why, and lets the client answer. What it still sends is read by the connection itself.
async fn close(sink: &mut SplitSink<WebSocket, Message>, stream: &mut SplitStream<WebSocket>, farewell: Farewell) {
    let reason = Utf8Bytes::from(farewell.to_string());
    let frame = CloseFrame { code: farewell.close_code(), reason };
    if timeout(CLOSING, sink.send(Message::Close(Some(frame)))).await.is_ok_and(|sent| sent.is_ok()) {
        let _ = timeout(CLOSING, async { while stream.next().await.is_some_and(|message| message.is_ok()) {} }).await;
    }
}
