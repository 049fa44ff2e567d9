//! `GET /api/status`: what the operator's page shows.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::client::Client;
use crate::server::hub::{Hub, server_name};
use crate::server::options::Limits;
use crate::server::stats::WorkerStats;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    /// Name and version.
    #[schema(example = "livedance 0.1.0")]
    server: String,
    /// Seconds since it started.
    uptime_s: f64,
    /// Landmark model: `lite`, `full` or `heavy`.
    model: &'static str,
    workers: Vec<WorkerStatus>,
    clients: Vec<ClientStatus>,
    totals: Totals,
    limits: LimitsStatus,
}

/// One inference worker.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkerStatus {
    id: usize,
    /// `busy` or `idle`, at this moment.
    state: &'static str,
    /// Frames and pictures that it has finished.
    frames: u64,
    /// Share of the last second at work, 0 to 1.
    busy_share: f64,
}

/// One connection.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClientStatus {
    id: u64,
    /// As the limits count it: behind trusted proxies the one that they forward for.
    address: String,
    /// `binary`, `json` or `socketio`.
    transport: &'static str,
    /// Seconds since it connected.
    connected_s: f64,
    frames_in_per_s: f64,
    results_per_s: f64,
    /// From a frame's arrival to its answer: half of the last 120 took no longer; null where there was none.
    #[schema(required = true)]
    latency_ms_p50: Option<f32>,
    /// 95 of 100 took no longer.
    #[schema(required = true)]
    latency_ms_p95: Option<f32>,
    /// Frames that were given up.
    dropped: u64,
    /// Frames that wait.
    queued: usize,
    config: ConfigStatus,
}

/// What holds for one connection.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConfigStatus {
    hands: bool,
    people: u32,
}

/// Counted since the start.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Totals {
    /// Connections.
    clients: u64,
    frames: u64,
    results: u64,
    /// Frames that were given up.
    dropped: u64,
    /// Connections and requests that were not let in, or were ended by the server.
    refused: u64,
    /// Frames and messages that could not be used.
    errors: u64,
}

/// What clients may do at most.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LimitsStatus {
    message_bytes: usize,
    image_side_px: u32,
    clients: usize,
    clients_per_address: usize,
    frames_per_second: u32,
    people: u32,
    idle_s: f64,
    handshake_s: f64,
    slow_reader_s: f64,
}

/// How the server is: workers, clients, totals, limits.
#[utoipa::path(
    get,
    path = "/api/status",
    tag = "operation",
    responses(
        (status = 200, description = "How it is now.", body = Status),
        (status = 401, description = "`bad_token`: the server asks for a token.", body = super::answer::RefusalBody),
        (status = 403, description = "`origin`: pages of this origin may not ask.", body = super::answer::RefusalBody),
    ),
    security((), ("bearer" = []), ("token" = [])),
)]
pub(super) async fn status(State(hub): State<Arc<Hub>>) -> Json<Status> {
    let clients = hub.clients();
    let dropped: u64 = clients.iter().map(|client| client.dropped()).sum();
    let metrics = &hub.metrics;
    Json(Status {
        server: server_name(),
        uptime_s: rounded(hub.started.elapsed().as_secs_f64()),
        model: hub.options.model_name(),
        workers: hub.workers.iter().enumerate().map(worker).collect(),
        clients: clients.iter().map(|client| client_status(client)).collect(),
        totals: Totals {
            clients: hub.client_count(),
            frames: metrics.frames.get(),
            results: metrics.answers.get(),
            dropped: metrics.dropped() + dropped,
            refused: metrics.closed_count.load(Relaxed),
            errors: metrics.fault_count.load(Relaxed),
        },
        limits: limits(&hub.options.limits),
    })
}

fn worker((id, stats): (usize, &WorkerStats)) -> WorkerStatus {
    WorkerStatus {
        id,
        state: if stats.busy.load(Relaxed) { "busy" } else { "idle" },
        frames: stats.frames.load(Relaxed),
        busy_share: rounded(stats.busy_share()),
    }
}

fn client_status(client: &Client) -> ClientStatus {
    let rates = client.stats.rates();
    let (p50, p95) = client.stats.latency_ms().unzip();
    let config = client.config();
    ClientStatus {
        id: client.id,
        address: client.address.to_string(),
        transport: client.transport.name(),
        connected_s: rounded(client.connected.elapsed().as_secs_f64()),
        frames_in_per_s: rounded(rates.frames),
        results_per_s: rounded(rates.results),
        latency_ms_p50: p50,
        latency_ms_p95: p95,
        dropped: client.dropped(),
        queued: client.waiting(),
        config: ConfigStatus { hands: config.hands, people: config.people },
    }
}

fn limits(limits: &Limits) -> LimitsStatus {
    LimitsStatus {
        message_bytes: limits.message_bytes,
        image_side_px: limits.image_side,
        clients: limits.clients,
        clients_per_address: limits.clients_per_address,
        frames_per_second: limits.frames_per_second,
        people: limits.people,
        idle_s: limits.idle.as_secs_f64(),
        handshake_s: limits.handshake.as_secs_f64(),
        slow_reader_s: limits.slow_reader.as_secs_f64(),
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
