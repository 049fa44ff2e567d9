//! What operators read: figures that are counted as they happen, and those that are looked up when somebody asks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::hub::Hub;
use crate::resources;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByWorker {
    worker: u64,
}

/// Everything that Prometheus reads, in OpenMetrics' text format.
pub(super) fn text(hub: &Hub) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = hub
        .metrics
        .encode(&mut text)
        .and_then(|()| encode_registry(&mut text, &server(hub)))
        .and_then(|()| encode_registry(&mut text, &process()))
        .and_then(|()| encode_eof(&mut text));
    text
}

/// The server's own.
fn server(hub: &Hub) -> Registry {
    let frames = Family::<ByWorker, Counter>::default();
    let busy = Family::<ByWorker, Counter<f64, AtomicU64>>::default();
    for (worker, stats) in (0..).zip(&hub.workers) {
        frames.get_or_create(&ByWorker { worker }).inc_by(stats.frames.load(Relaxed));
        busy.get_or_create(&ByWorker { worker }).inc_by(stats.busy_s());
    }
    let at_work = hub.workers.iter().filter(|stats| stats.busy.load(Relaxed)).count();
    let dropped: u64 = hub.clients().iter().map(|client| client.dropped()).sum();
    let build = vec![("version", env!("CARGO_PKG_VERSION")), ("model", hub.options.model_name())];
    let mut registry = Registry::with_prefix("livedance");
    registry.register("build", "Version and model", Info::new(build));
    registry.register("workers", "Inference workers", ConstGauge::new(hub.workers.len() as i64));
    registry.register("workers_busy", "Inference workers that are at work now", ConstGauge::new(at_work as i64));
    registry.register("worker_frames", "Frames and pictures that a worker has finished", frames);
    registry.register_with_unit("worker_busy", "Time that a worker was at work", Unit::Seconds, busy);
    let waiting = ConstGauge::new(hub.schedule.waiting() as i64);
    registry.register("queue_length", "Frames and pictures that wait for a worker", waiting);
    registry.register("dropped_now", "Frames given up, of clients that are there", ConstGauge::new(dropped as i64));
    let uptime = ConstGauge::new(hub.started.elapsed().as_secs_f64());
    registry.register_with_unit("uptime", "Time since the server started", Unit::Seconds, uptime);
    registry
}

/// The process', under the names that Prometheus' own libraries use. What the system does not tell is left out.
fn process() -> Registry {
    let mut registry = Registry::with_prefix("process");
    if let Some(mib) = resources::resident_mib() {
        let bytes = ConstGauge::new((mib * 1024.0 * 1024.0) as i64);
        registry.register_with_unit("resident_memory", "Resident memory", Unit::Bytes, bytes);
    }
    if let Some(files) = resources::open_files() {
        registry.register("open_fds", "Open file descriptors", ConstGauge::new(files as i64));
    }
    if let Some(seconds) = resources::cpu_seconds() {
        let seconds = ConstCounter::new(seconds);
        registry.register_with_unit("cpu", "Time of all cores that was used", Unit::Seconds, seconds);
    }
    registry
}
