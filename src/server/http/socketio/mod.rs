//! Socket.IO, as the first LiveDance clients speak it: frames as JSON with base64 or as binary, answers as
//! [`PoseResult`].
//!
//! Answers are volatile packets: of those that the transport has not taken up yet it keeps the newest alone. Where the
//! client's connection is full, the next answer is not even made until there is room again.

mod echo;
mod engine;
mod message;

use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use serde::Serialize;
use serde_json::Value;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler as _;
use socketioxide::socket::{DisconnectReason, Sid};
use socketioxide::{ParserConfig, SocketIo, TransportType};
use tokio::sync::{Notify, OnceCell};
use tokio::time::timeout;

use self::engine::Engine;
use self::message::FrameMessage;
use crate::server::access::{check_token, client_address, is_token};
use crate::server::client::Transport;
use crate::server::error::Fault;
use crate::server::hub::{Hub, Session};
use crate::server::options::ServerOptions;
use crate::server::outbox::Outgoing;
use crate::server::watched_socket::WatchedSocket;
use crate::wire::answer::Answer;
use crate::wire::choices::Ordering;
use crate::wire::original::PoseResult;

/// Where clients look for it.
const PATH: &str = "/socket.io/";
/// Small, since every connection holds one for as long as it lives; larger messages get what they need.
const READ_BUFFER: usize = 4 << 10;
/// Packets of any kind that wait for one client; answers are not among them.
const WAITING_PACKETS: usize = 32;
/// How long all clients together have to hear that the server ends.
const CLOSING: Duration = Duration::from_secs(1);
/// Binary attachments of one event; a frame has one.
const ATTACHMENTS: usize = 8;

/// What all clients of this kind share.
struct SocketIoServer {
    hub: Arc<Hub>,
    io: SocketIo,
    engine: Arc<Engine>,
    /// Set once all sessions were told to go.
    closed: OnceCell<()>,
}

/// One client.
struct Place {
    session: Session,
    sid: Sid,
    /// The connection that the session was opened on.
    first_socket: Option<Arc<WatchedSocket>>,
    left: Notify,
}

/// `error`.
#[derive(Serialize)]
struct Complaint<'a> {
    code: &'a str,
    message: &'a str,
    sequence: Option<u64>,
}

/// The routes of Socket.IO.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(hub: &Arc<Hub>) -> Router<S> {
    let options = &hub.options;
    let (service, io) = configured(options);
    let engine = Engine::new(service, PATH, options);
    let mut routes = engine.routes();
    if options.test_mode {
        routes = routes.merge(echo::routes(&io, options));
    }
    let server = Arc::new(SocketIoServer { hub: Arc::clone(hub), io, engine, closed: OnceCell::new() });
    let (entering, serving) = (Arc::clone(&server), Arc::clone(&server));
    let enter = async move |socket: SocketRef, TryData(auth): TryData<Value>| entering.admit(&socket, auth.ok());
    let serve = async move |socket: SocketRef, TryData(auth): TryData<Value>| serving.serve(socket, auth.ok()).await;
    server.io.ns("/", serve.with(enter));
    routes
}

fn configured(options: &ServerOptions) -> (Router, SocketIo) {
    let limits = &options.limits;
    // A client that is gone shows within the idle time: a ping, and as long again for its answer.
    let ping = limits.idle / 2;
    let builder = SocketIo::builder()
        .req_path(PATH.trim_end_matches('/'))
        .max_buffer_size(WAITING_PACKETS)
        .ws_read_buffer_size(READ_BUFFER)
        .upgrade_timeout(limits.handshake)
        .ws_max_message_size(limits.message_bytes)
        .ws_max_frame_size(limits.message_bytes)
        .with_parser(
            ParserConfig::common()
                .max_incoming_binaries(ATTACHMENTS)
                .max_incoming_binary_buf_size(limits.message_bytes)
                .packet_completion_timeout(limits.idle),
        );
    let builder = if options.test_mode {
        builder
            .ping_interval(echo::PING_INTERVAL)
            .ping_timeout(echo::PING_TIMEOUT)
            .max_payload(echo::MAX_PAYLOAD)
            .connect_timeout(echo::CONNECT_TIMEOUT)
    } else {
        builder
            .ping_interval(ping)
            .ping_timeout(ping)
            .max_payload(limits.message_bytes as u64)
            .connect_timeout(limits.handshake)
    };
    let (service, io) = builder.build_svc();
    (Router::new().route_service(PATH, service), io)
}

impl SocketIoServer {
    /// Lets a client in, or says why not: the text begins with the reason's name for programs.
    fn admit(self: &Arc<Self>, socket: &SocketRef, auth: Option<Value>) -> Result<(), String> {
        let options = &self.hub.options;
        let request = socket.req_parts();
        let told = auth.as_ref().and_then(|auth| auth.get("token")?.as_str());
        let shown = match check_token(&request.headers, &request.uri, options) {
            Err(_) if told.is_some_and(|token| is_token(token, options)) => Ok(()),
            shown => shown.inspect_err(|farewell| self.hub.metrics.closed(*farewell)),
        };
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)), |peer| peer.0);
        let address = client_address(peer, &request.headers, options);
        let session = shown
            .and_then(|()| self.hub.join(address, Transport::socketio))
            .map_err(|farewell| format!("{}: {farewell}", farewell.name()))?;
        let first_socket = request.extensions.get::<Arc<WatchedSocket>>().cloned();
        let place = Arc::new(Place { session, sid: socket.id, first_socket, left: Notify::new() });
        // Before the client hears that it was let in, and may send its first frame.
        self.listen(socket, &place);
        socket.extensions.insert(place);
        Ok(())
    }

    /// Takes in what the client sends.
    fn listen(self: &Arc<Self>, socket: &SocketRef, place: &Arc<Place>) {
        let frames = Arc::clone(place);
        socket.on("frame", move |TryData(message): TryData<FrameMessage>| {
            frames.take_in(message.map_err(|error| error.to_string()));
            ready(())
        });
        let leaving = Arc::clone(place);
        let server = Arc::clone(self);
        socket.on_disconnect(move |_: SocketRef, reason: DisconnectReason| {
            leaving.left.notify_one();
            if reason == DisconnectReason::ClientNSDisconnect {
                let (sid, first_socket) = (leaving.sid, leaving.first_socket.clone());
                let server = Arc::clone(&server);
                tokio::spawn(async move { server.expect_return(sid, first_socket).await });
            }
            ready(())
        });
    }

    /// Serves a client that was let in, until it has left.
    async fn serve(self: Arc<Self>, socket: SocketRef, auth: Option<Value>) {
        let Some(place) = socket.extensions.remove::<Arc<Place>>() else { return };
        if self.hub.options.test_mode {
            echo::answer(&socket, auth).await;
        }
        if socket.connected() {
            self.write(&place, &socket).await;
        }
    }

    /// Sends what there is to send.
    async fn write(&self, place: &Place, socket: &SocketRef) {
        let limits = &self.hub.options.limits;
        let mut next_look = tokio::time::interval(limits.idle);
        loop {
            let outgoing = tokio::select! {
                biased;
                () = place.left.notified() => break,
                _ = next_look.tick() => {
                    // In case the notice went astray.
                    if self.is_here(place.sid) {
                        continue;
                    }
                    break;
                }
                outgoing = self.next(place, socket) => outgoing,
            };
            match outgoing {
                Outgoing::Answer(answer) => send(socket, &answer, place.session.client().config().ordering),
                Outgoing::Fault { fault, sequence } => {
                    let complaint = Complaint { code: fault.code(), message: &fault.to_string(), sequence };
                    // There is no room for more where the client reads nothing.
                    let _ = socket.emit("error", &complaint);
                }
                Outgoing::Farewell(farewell) => {
                    place.session.closed(farewell);
                    self.close_all().await;
                    break;
                }
            }
        }
        let cut = self.watched(place, socket).and_then(|watched| watched.farewell());
        if let Some(farewell) = cut {
            place.session.closed(farewell);
        }
    }

    /// Waits until the client can be told something and there is something to tell.
    async fn next(&self, place: &Place, socket: &SocketRef) -> Outgoing {
        if let Some(watched) = self.watched(place, socket) {
            watched.until_free().await;
        }
        place.session.next().await
    }

    /// The websocket that a client is on; `None` while it polls.
    fn watched(&self, place: &Place, socket: &SocketRef) -> Option<Arc<WatchedSocket>> {
        let is_websocket = socket.transport_type() == TransportType::Websocket;
        is_websocket.then(|| self.engine.upgraded(place.sid).or_else(|| place.first_socket.clone())).flatten()
    }

    /// Tells every client that the server goes; the reason for a farewell is no other.
    async fn close_all(&self) {
        let close = || async {
            let _ = timeout(CLOSING, self.io.close()).await;
        };
        self.closed.get_or_init(close).await;
    }

    /// A client that left the namespace may come back to it, but not stay outside.
    async fn expect_return(&self, sid: Sid, first_socket: Option<Arc<WatchedSocket>>) {
        tokio::time::sleep(self.hub.options.limits.handshake).await;
        if !self.is_here(sid) {
            self.engine.close(sid, first_socket.as_deref()).await;
        }
    }

    fn is_here(&self, sid: Sid) -> bool {
        self.io.of("/").is_some_and(|main| main.get_socket(sid).is_some())
    }
}

impl Place {
    /// Hands a frame in.
    fn take_in(&self, message: Result<FrameMessage, String>) {
        let checked = message.map_err(|error| (Fault::BadMessage(error), None)).and_then(FrameMessage::check);
        match checked {
            // The session tells the client what is wrong.
            Ok(frame) => drop(self.session.submit(frame.sequence, frame.captured_at_us, frame.image)),
            Err((fault, sequence)) => self.session.refuse_frame(fault, sequence),
        }
    }
}

fn send(socket: &SocketRef, answer: &Answer, ordering: Ordering) {
    let event = if answer.sequence.is_some() { "pose_result" } else { "pose_data" };
    let result = PoseResult::new(answer);
    // Whether it is gone shows elsewhere.
    let _ = match ordering {
        Ordering::Latest => socket.volatile().emit(event, &result).is_ok(),
        Ordering::Sequence => socket.emit(event, &result).is_ok(),
    };
}
