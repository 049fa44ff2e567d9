//! Every way in, on one port.

mod answer;
mod estimate;
mod files;
mod openapi;
mod pages;
mod schemas;
mod socketio;
mod status;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tower_http::cors::{AllowOrigin, CorsLayer};

use answer::Refusal;

use super::access::{check_origin, check_token, is_allowed};
use super::error::Farewell;
use super::hub::Hub;
use crate::wire::STREAM_PATH;

/// All routes.
pub(super) fn router(hub: Arc<Hub>) -> Router {
    let guarded = Router::new()
        // It counts its body itself.
        .route("/estimate_pose", post(estimate::estimate).layer(DefaultBodyLimit::disable()))
        .route("/api/status", get(status::status))
        .route("/metrics", get(pages::metrics));
    let mut open = Router::new()
        .route("/health", get(pages::health))
        .route("/openapi.json", get(openapi::document))
        .merge(openapi::page())
        .route(STREAM_PATH, get(stream::upgrade));
    if hub.options.test_mode {
        open = open.route("/v1/echo", get(stream::echo));
    }
    Router::new()
        .merge(guarded.route_layer(from_fn_with_state(Arc::clone(&hub), token)))
        .merge(open)
        .merge(socketio::routes(&hub))
        .fallback(get(pages::web))
        .layer(cors(&hub))
        .layer(from_fn_with_state(Arc::clone(&hub), origin))
        .with_state(hub)
}

/// Pages of other hosts stay out.
async fn origin(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    match check_origin(request.headers(), &hub.options) {
        Ok(()) => next.run(request).await,
        Err(farewell) => refused(&hub, farewell),
    }
}

/// Requests without the token stay out. Websockets look at it themselves, since their clients see close codes only.
async fn token(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    match check_token(request.headers(), request.uri(), &hub.options) {
        Ok(()) => next.run(request).await,
        Err(farewell) => refused(&hub, farewell),
    }
}

fn refused(hub: &Hub, farewell: Farewell) -> Response {
    hub.metrics.closed(farewell);
    Refusal::from(farewell).into_response()
}

fn cors(hub: &Arc<Hub>) -> CorsLayer {
    let allowed = hub.options.allow_origins.clone();
    let is_allowed = AllowOrigin::predicate(move |origin: &HeaderValue, request| {
        let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        origin.to_str().is_ok_and(|origin| is_allowed(origin, host, &allowed))
    });
    CorsLayer::new()
        .allow_origin(is_allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
}

/// The peer's address, as the listener knows it.
pub(super) type Peer = ConnectInfo<SocketAddr>;
