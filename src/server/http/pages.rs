//! What operators and load balancers read.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::server::hub::Hub;

/// `GET /health`: 200 while the server takes clients, 503 once it is ending.
pub(super) async fn health(State(hub): State<Arc<Hub>>) -> impl IntoResponse {
    if hub.is_leaving() { (StatusCode::SERVICE_UNAVAILABLE, "ending\n") } else { (StatusCode::OK, "ok\n") }
}

/// `GET /metrics`: counters for Prometheus.
pub(super) async fn metrics(State(hub): State<Arc<Hub>>) -> impl IntoResponse {
    const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], hub.metrics.text())
}
