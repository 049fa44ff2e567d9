//! Counters for Prometheus. Each server has its own.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::client::Transport;
use super::error::{Farewell, Fault};
use super::stats::{STAGES, stages};
use crate::wire::answer::Answer;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByTransport {
    transport: Transport,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByStage {
    stage: &'static str,
}

/// Everything that is counted.
pub(super) struct Metrics {
    registry: Registry,
    clients: Family<ByTransport, Gauge>,
    connections: Family<ByTransport, Counter>,
    pub(super) frames: Counter,
    pub(super) answers: Counter,
    stills: Counter,
    /// Of clients that have left.
    dropped: Counter,
    faults: Family<ByCode, Counter>,
    closed: Family<ByCode, Counter>,
    stages: Family<ByStage, Histogram>,
    /// Over all codes.
    pub(super) fault_count: AtomicU64,
    pub(super) closed_count: AtomicU64,
    /// The second in which the log last got a table.
    pub(super) table_second: AtomicU64,
}

/// Upper bounds in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("livedance");
        let metrics = Self {
            clients: Family::default(),
            connections: Family::default(),
            frames: Counter::default(),
            answers: Counter::default(),
            stills: Counter::default(),
            dropped: Counter::default(),
            faults: Family::default(),
            closed: Family::default(),
            stages: Family::new_with_constructor(histogram),
            registry: Registry::default(),
            fault_count: AtomicU64::new(0),
            closed_count: AtomicU64::new(0),
            table_second: AtomicU64::new(0),
        };
        registry.register("clients", "Connections now", metrics.clients.clone());
        registry.register("connections", "Connections ever", metrics.connections.clone());
        registry.register("frames", "Frames that arrived", metrics.frames.clone());
        registry.register("answers", "Frames that were answered", metrics.answers.clone());
        registry.register("stills", "Single pictures that were answered", metrics.stills.clone());
        registry.register("dropped", "Frames given up, of clients that have left", metrics.dropped.clone());
        registry.register("faults", "Frames and messages refused", metrics.faults.clone());
        registry.register("closed", "Connections refused or ended by the server", metrics.closed.clone());
        registry.register("stage_seconds", "Time of each stage of an answered frame", metrics.stages.clone());
        Self { registry, ..metrics }
    }

    pub(super) fn joined(&self, transport: Transport) {
        self.clients.get_or_create(&ByTransport { transport }).inc();
        self.connections.get_or_create(&ByTransport { transport }).inc();
    }

    pub(super) fn left(&self, transport: Transport, dropped: u64) {
        self.clients.get_or_create(&ByTransport { transport }).dec();
        self.dropped.inc_by(dropped);
    }

    pub(super) fn frame(&self) {
        self.frames.inc();
    }

    pub(super) fn answered(&self, answer: &Answer) {
        self.answers.inc();
        for (stage, milliseconds) in STAGES.into_iter().zip(stages(answer)) {
            self.stages.get_or_create(&ByStage { stage }).observe(f64::from(milliseconds) * 1e-3);
        }
    }

    pub(super) fn still(&self) {
        self.stills.inc();
    }

    pub(super) fn refused(&self, fault: &Fault) {
        self.refused_as(fault.code());
    }

    /// A request that never came to a picture.
    pub(super) fn refused_as(&self, code: &'static str) {
        self.fault_count.fetch_add(1, Relaxed);
        self.faults.get_or_create(&ByCode { code }).inc();
    }

    pub(super) fn closed(&self, farewell: Farewell) {
        self.closed_count.fetch_add(1, Relaxed);
        self.closed.get_or_create(&ByCode { code: farewell.name() }).inc();
    }

    /// Frames given up by clients that have left.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    /// The text that Prometheus reads, but for its last line.
    pub(super) fn encode(&self, text: &mut String) -> std::fmt::Result {
        encode_registry(text, &self.registry)
    }
}
