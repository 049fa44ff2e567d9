//! Every way in, on one port.

mod pages;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::access::{check_origin, check_token, is_allowed};
use super::error::Farewell;
use super::hub::Hub;
use crate::wire::STREAM_PATH;

/// All routes.
pub(super) fn router(hub: Arc<Hub>) -> Router {
    let guarded = Router::new().route("/metrics", get(pages::metrics));
    let open = Router::new().route("/health", get(pages::health)).route(STREAM_PATH, get(stream::upgrade));
    Router::new()
        .merge(guarded.route_layer(from_fn_with_state(Arc::clone(&hub), token)))
        .merge(open)
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
    let status = if farewell == Farewell::BadToken { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
    let mut response = (status, farewell.to_string()).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn cors(hub: &Arc<Hub>) -> CorsLayer {
    let allowed = hub.options.allow_origins.clone();
    let is_allowed = AllowOrigin::predicate(move |origin: &HeaderValue, request| {
        let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        origin.to_str().is_ok_and(|origin| is_allowed(origin, host, &allowed))
    });
    CorsLayer::new().allow_origin(is_allowed).allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
}

/// The peer's address, as the listener knows it.
pub(super) type Peer = ConnectInfo<SocketAddr>;
