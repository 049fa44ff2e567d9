//! What operators and load balancers read, and the pages for browsers.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::files::{File, hand_out};
use crate::server::gauges;
use crate::server::hub::Hub;
use crate::server::web::{self, CONTENT_SECURITY_POLICY};

/// Whether the server takes clients.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operation",
    responses(
        (status = 200, description = "It takes clients.", body = String, content_type = "text/plain", example = "ok\n"),
        (status = 403, description = "`origin`: pages of this origin may not ask.", body = super::answer::RefusalBody, content_type = "application/json"),
        (status = 503, description = "It is ending, or has lost a worker.", body = String, content_type = "text/plain", example = "ending\n"),
    ),
    security(()),
)]
pub(super) async fn health(State(hub): State<Arc<Hub>>) -> impl IntoResponse {
    if hub.is_leaving() {
        (StatusCode::SERVICE_UNAVAILABLE, "ending\n")
    } else if !hub.has_all_workers() {
        (StatusCode::SERVICE_UNAVAILABLE, "a worker has ended; start the server again\n")
    } else {
        (StatusCode::OK, "ok\n")
    }
}

/// Counters and gauges for Prometheus, in OpenMetrics' text format.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses(
        (status = 200, description = "Names begin with `livedance_` and `process_`.", body = String, content_type = "application/openmetrics-text"),
        (status = 401, description = "`bad_token`: the server asks for a token.", body = super::answer::RefusalBody, content_type = "application/json"),
        (status = 403, description = "`origin`: pages of this origin may not ask.", body = super::answer::RefusalBody, content_type = "application/json"),
    ),
    security((), ("bearer" = []), ("token" = [])),
)]
pub(super) async fn metrics(State(hub): State<Arc<Hub>>) -> impl IntoResponse {
    const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], gauges::text(&hub))
}

/// `GET /`, `/status` and their parts under `/assets`; nobody needs a token for these.
pub(super) async fn web(uri: Uri, headers: HeaderMap) -> Response {
    let file = web::find(uri.path()).map(|file| File {
        content_type: file.content_type,
        etag: &file.etag,
        policy: CONTENT_SECURITY_POLICY,
        bytes: Cow::Borrowed(file.bytes),
    });
    hand_out(file, &headers)
}
