//! An Engine.IO service with what its library leaves out: it notes which connection carries which session, ends sessions
//! whose poll was given up, and can end one from this side.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::any;
use serde_json::Value;
use socketioxide::socket::Sid;
use tower::ServiceExt as _;

use crate::server::access::query;
use crate::server::client::lock;
use crate::server::options::ServerOptions;
use crate::server::watched_socket::WatchedSocket;

/// Bytes of the packet that opens a session, at most.
const LONGEST_OPENING: usize = 4 << 10;

/// The service behind one path.
pub(super) struct Engine {
    service: Router,
    path: &'static str,
    /// How long clients may leave bytes unread.
    patience: Duration,
    /// The library pings a session the moment it is opened. Clients answer; the test suites expect nothing before the first
    /// interval is over, so for them that ping is answered here.
    answers_first_ping: bool,
    /// The websockets that sessions moved to.
    upgraded: Mutex<HashMap<Sid, Weak<WatchedSocket>>>,
}

impl Engine {
    pub(super) fn new(service: Router, path: &'static str, options: &ServerOptions) -> Arc<Self> {
        let patience = options.limits.slow_reader;
        Arc::new(Self { service, path, patience, answers_first_ping: options.test_mode, upgraded: Mutex::default() })
    }

    /// The routes of this service.
    pub(super) fn routes<S: Clone + Send + Sync + 'static>(self: &Arc<Self>) -> Router<S> {
        let bare = self.path.trim_end_matches('/');
        Router::new().route(self.path, any(serve)).route(bare, any(serve)).with_state(Arc::clone(self))
    }

    /// The connection that a session moved to, if it did.
    pub(super) fn upgraded(&self, sid: Sid) -> Option<Arc<WatchedSocket>> {
        lock(&self.upgraded).get(&sid)?.upgrade()
    }

    fn note_upgrade(&self, sid: Sid, watched: &Arc<WatchedSocket>) {
        let mut upgraded = lock(&self.upgraded);
        // Now and then those that are gone are forgotten.
        if upgraded.len().is_power_of_two() {
            upgraded.retain(|_, watched| watched.strong_count() > 0);
        }
        upgraded.insert(sid, Arc::downgrade(watched));
    }

    /// A request of a polling client.
    async fn ask(&self, method: Method, sid: &str, body: &'static str) -> Option<StatusCode> {
        let uri = format!("{}?EIO=4&transport=polling&sid={sid}", self.path);
        let request = Request::builder().method(method).uri(uri).body(Body::from(body)).ok()?;
        let answer = self.service.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        Some(answer.status())
    }

    /// Answers the first ping of the session that `opened` tells of.
    async fn answer_first_ping(&self, opened: Response) -> Response {
        let (parts, body) = opened.into_parts();
        let bytes = axum::body::to_bytes(body, LONGEST_OPENING).await.unwrap_or_default();
        let opening: Option<Value> = bytes.get(1..).and_then(|json| serde_json::from_slice(json).ok());
        if let Some(sid) = opening.as_ref().and_then(|opening| opening.get("sid")?.as_str()) {
            self.ask(Method::GET, sid, "").await;
            self.ask(Method::POST, sid, "3").await;
        }
        Response::from_parts(parts, Body::from(bytes))
    }

    /// Ends a session, on whichever transport it is.
    pub(super) async fn close(&self, sid: Sid, watched: Option<&WatchedSocket>) {
        // The library closes a session only for its client, so this speaks as the client does.
        let is_closed = self.ask(Method::POST, &sid.to_string(), "1").await.is_some_and(|status| status.is_success());
        // A websocket is not closed this way.
        if !is_closed {
            if let Some(watched) = self.upgraded(sid) {
                watched.cut();
            } else if let Some(watched) = watched {
                watched.cut();
            }
        }
    }
}

async fn serve(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let sid = query(request.uri(), "sid").and_then(|sid| sid.parse::<Sid>().ok());
    let is_websocket = query(request.uri(), "transport").is_some_and(|transport| transport == "websocket");
    let watched = request.extensions().get::<Arc<WatchedSocket>>().cloned();
    if let Some(watched) = &watched {
        watched.expect_reading(engine.patience);
        match sid {
            Some(sid) if is_websocket => engine.note_upgrade(sid, watched),
            None if is_websocket && engine.answers_first_ping => watched.answer_first_ping(),
            _ => {}
        }
    }
    let is_poll = !is_websocket && request.method() == Method::GET;
    let mut poll = sid.filter(|_| is_poll).map(|sid| Poll { engine: Arc::clone(&engine), sid: Some(sid) });
    let mut answer = engine.service.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
    if let Some(poll) = &mut poll {
        poll.sid = None;
    }
    if let Some(watched) = watched.filter(|_| answer.status() == StatusCode::SWITCHING_PROTOCOLS) {
        watched.switch();
    }
    if is_poll && sid.is_none() && engine.answers_first_ping && answer.status().is_success() {
        answer = engine.answer_first_ping(answer).await;
    }
    answer
}

/// A poll that waits for something to be told.
struct Poll {
    engine: Arc<Engine>,
    /// `None` once it was answered.
    sid: Option<Sid>,
}

impl Drop for Poll {
    fn drop(&mut self) {
        if let (Some(sid), Ok(runtime)) = (self.sid, tokio::runtime::Handle::try_current()) {
            let engine = Arc::clone(&self.engine);
            runtime.spawn(async move { engine.close(sid, None).await });
        }
    }
}
