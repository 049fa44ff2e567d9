//! What all connections share: who is there, whose turn it is, what was counted.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use tokio::sync::{Semaphore, oneshot};

use super::client::{Client, Transport, lock};
use super::connection::Place;
use super::crowd::Crowd;
use super::error::{Farewell, Fault};
use super::inbox::FrameIn;
use super::metrics::Metrics;
use super::options::{ClientConfig, ServerOptions};
use super::outbox::Outgoing;
use super::schedule::Schedule;
use super::stats::WorkerStats;
use super::still::{StillAnswer, StillJob};
use crate::capture::picture_size;
use crate::motion::skeleton::RestSkeleton;
use crate::settings::MAX_PEOPLE;
use crate::wire::answer::Answer;
use crate::wire::choices::Ordering;
use crate::wire::schema;

/// Largest short side that a client may ask for; 0 asks for full size.
const MAX_SHORT_SIDE: u32 = 4096;
/// Requests whose bodies may be in memory at once, of all addresses and of one.
const MOST_BODIES: usize = 128;
const MOST_BODIES_OF_ADDRESS: usize = 32;

/// What all connections share.
pub(super) struct Hub {
    pub(super) options: ServerOptions,
    pub(super) schedule: Schedule,
    pub(super) metrics: Metrics,
    pub(super) workers: Vec<WorkerStats>,
    /// The avatar that poses of bones are made for.
    pub(super) skeleton: Arc<RestSkeleton>,
    pub(super) started: Instant,
    /// Room for the bodies of requests, and whose they are.
    body_room: Arc<Semaphore>,
    body_crowd: Arc<Mutex<Crowd>>,
    /// Single pictures a second of each address.
    still_rates: DefaultKeyedRateLimiter<IpAddr>,
    register: Mutex<Register>,
    next_id: AtomicU64,
    /// Set once the server ends.
    pub(super) leaving: Arc<AtomicBool>,
}

#[derive(Default)]
struct Register {
    clients: BTreeMap<u64, Arc<Client>>,
    by_address: Crowd,
}

impl Hub {
    pub(super) fn new(options: ServerOptions, skeleton: RestSkeleton, workers: usize) -> Self {
        let still_rates = RateLimiter::keyed(options.limits.frame_quota());
        Self {
            options,
            schedule: Schedule::default(),
            metrics: Metrics::new(),
            workers: std::iter::repeat_with(WorkerStats::default).take(workers).collect(),
            skeleton: Arc::new(skeleton),
            started: Instant::now(),
            body_room: Arc::new(Semaphore::new(MOST_BODIES)),
            body_crowd: Arc::default(),
            still_rates,
            register: Mutex::default(),
            next_id: AtomicU64::new(1),
            leaving: Arc::default(),
        }
    }

    /// Lets a client in, if there is room.
    pub(super) fn join(self: &Arc<Self>, address: IpAddr, transport: Transport) -> Result<Session, Farewell> {
        let joined = self.try_join(address, transport);
        if let Err(farewell) = &joined {
            self.metrics.closed(*farewell);
        }
        joined
    }

    fn try_join(self: &Arc<Self>, address: IpAddr, transport: Transport) -> Result<Session, Farewell> {
        let limits = &self.options.limits;
        let mut register = lock(&self.register);
        // Under the lock, so that nobody slips in after all were told to go.
        if self.is_leaving() {
            return Err(Farewell::GoingAway);
        }
        if register.clients.len() >= limits.clients {
            return Err(Farewell::TooManyClients(limits.clients));
        }
        if !register.by_address.enter(address, limits.clients_per_address) {
            return Err(Farewell::TooManyFromAddress(limits.clients_per_address));
        }
        let id = self.next_id.fetch_add(1, Relaxed);
        let client = Arc::new(Client::new(id, address, transport, &self.options, Instant::now()));
        register.clients.insert(id, Arc::clone(&client));
        drop(register);
        self.metrics.joined(transport);
        tracing::info!("client {id} ({}, {address}) connected", transport.name());
        Ok(Session { hub: Arc::clone(self), client })
    }

    fn leave(&self, client: &Client) {
        let mut register = lock(&self.register);
        register.clients.remove(&client.id);
        register.by_address.leave(client.address);
        drop(register);
        client.forget();
        self.metrics.left(client.transport, client.dropped());
        tracing::info!("client {} left", client.id);
    }

    /// Everybody who is there.
    pub(super) fn clients(&self) -> Vec<Arc<Client>> {
        lock(&self.register).clients.values().cloned().collect()
    }

    /// How many there ever were.
    pub(super) fn client_count(&self) -> u64 {
        self.next_id.load(Relaxed) - 1
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Relaxed)
    }

    /// Lets nobody in any more and asks everybody to go.
    pub(super) fn leave_soon(&self) {
        let register = lock(&self.register);
        self.leaving.store(true, Relaxed);
        for client in register.clients.values() {
            client.outbox.farewell(Farewell::GoingAway);
        }
    }

    /// Whether every worker is there.
    pub(super) fn has_all_workers(&self) -> bool {
        self.workers.iter().all(|worker| !worker.is_gone.load(Relaxed))
    }

    /// Lets an address hand in a single picture, if it sends no more of them than a client may send frames. What is
    /// returned has room for the request's body.
    pub(super) fn expect_still(&self, address: IpAddr) -> Result<Place, Fault> {
        let limit = self.options.limits.frame_quota().burst_size().get();
        self.still_rates.check_key(&address).map_err(|_| Fault::RateLimit { limit })?;
        let room = Arc::clone(&self.body_room).try_acquire_owned().map_err(|_| Fault::Busy)?;
        Place::take(&self.body_crowd, address, MOST_BODIES_OF_ADDRESS, room).ok_or(Fault::Busy)
    }

    /// Tracks a picture that belongs to nobody's stream. Whoever drops this need not wait: it is not looked at then.
    pub(super) async fn track_still(&self, address: IpAddr, image: Bytes) -> Result<StillAnswer, Fault> {
        let result = self.try_still(address, image).await;
        match &result {
            Ok(_) => self.metrics.still(),
            Err(fault) => self.metrics.refused(fault),
        }
        result
    }

    async fn try_still(&self, address: IpAddr, image: Bytes) -> Result<StillAnswer, Fault> {
        picture_size(&image, self.options.limits.image_side).map_err(Fault::BadImage)?;
        let (reply, answer) = oneshot::channel();
        if !self.schedule.still_waits(address, StillJob { image, arrived: Instant::now(), reply }) {
            return Err(Fault::Busy);
        }
        // Nobody answers where the server ends, or where the picture had to make room.
        answer.await.unwrap_or(Err(Fault::Busy))
    }

    /// Forgets addresses that have sent no single picture for a while. Called once a second.
    pub(super) fn forget_rates(&self) {
        self.still_rates.retain_recent();
    }

    /// A worker has an answer to the client's frame of this number.
    pub(super) fn answer(&self, client: &Client, number: u64, answer: Answer, ordering: Ordering) {
        let Answer { sequence, wait_ms, total_ms, .. } = answer;
        tracing::debug!(
            "client {} frame {}: {} person(s), waited {wait_ms:.1} ms, decode {:.1}, detect {:.1}, pose {:.1}, hands {:.1}, \
             total {total_ms:.1} ms",
            client.id,
            sequence.map_or_else(|| "-".to_owned(), |sequence| sequence.to_string()),
            answer.frame.people.len(),
            answer.frame.timings.decode,
            answer.frame.timings.detect,
            answer.frame.timings.pose,
            answer.frame.timings.hands,
        );
        self.metrics.answered(&answer);
        if let Some(table) = client.stats.answered(&answer) {
            self.log_table(client, &table);
        }
        client.outbox.answer(number, answer, ordering);
    }

    /// At most one table a second, however many clients there are.
    fn log_table(&self, client: &Client, table: &str) {
        let second = self.started.elapsed().as_secs().max(1);
        if self.metrics.table_second.swap(second, Relaxed) != second {
            tracing::info!("client {}, the last 30 frames\n{table}", client.id);
        }
    }

    /// A frame or message of a client cannot be used.
    pub(super) fn refuse(&self, client: &Client, fault: Fault, sequence: Option<u64>) {
        self.note(client, &fault);
        client.outbox.fault(fault, sequence);
    }

    /// Something went wrong of which the client need not hear.
    pub(super) fn note(&self, client: &Client, fault: &Fault) {
        tracing::debug!("client {}: {fault}", client.id);
        self.metrics.refused(fault);
    }
}

/// A client's place. Dropping it leaves.
pub(super) struct Session {
    hub: Arc<Hub>,
    client: Arc<Client>,
}

impl Session {
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Hands a frame in. Never waits. What is wrong with it is told to the client, and returned.
    pub(super) fn submit(&self, sequence: Option<u64>, captured_at_us: u64, image: Bytes) -> Result<(), Fault> {
        self.client.stats.frames.fetch_add(1, Relaxed);
        self.hub.metrics.frame();
        let frame = FrameIn { sequence, captured_at_us, image, arrived: Instant::now() };
        let accepted = picture_size(&frame.image, self.hub.options.limits.image_side)
            .map_err(Fault::BadImage)
            .and_then(|_| self.client.accept(frame));
        match accepted {
            Ok(()) => {
                self.hub.schedule.frame_waits(&self.client);
                Ok(())
            }
            Err(fault) => {
                self.hub.refuse(&self.client, fault.clone(), sequence);
                Err(fault)
            }
        }
    }

    /// A message cannot be read; the client hears of it.
    pub(super) fn refuse(&self, fault: Fault) {
        self.hub.refuse(&self.client, fault, None);
    }

    /// A frame cannot be used; the client hears of it.
    pub(super) fn refuse_frame(&self, fault: Fault, sequence: Option<u64>) {
        self.client.stats.frames.fetch_add(1, Relaxed);
        self.hub.metrics.frame();
        self.hub.refuse(&self.client, fault, sequence);
    }

    /// Takes up what a client asks for, as far as the server allows it, and says what holds.
    pub(super) fn configure(&self, asked: &schema::Configure) -> schema::Configured {
        let limits = &self.hub.options.limits;
        let mut config = self.client.config();
        config.hands = asked.hands.unwrap_or(config.hands) && self.hub.options.has_hands();
        config.people = asked.people.unwrap_or(config.people).clamp(1, limits.people.clamp(1, MAX_PEOPLE));
        config.short_side = asked.short_side.unwrap_or(config.short_side).min(MAX_SHORT_SIDE);
        config.rig = asked.rig.unwrap_or(config.rig);
        config.smoothing = Option::from(asked.smoothing()).unwrap_or(config.smoothing);
        config.ordering = Option::from(asked.ordering()).unwrap_or(config.ordering);
        self.client.configure(config);
        self.configured(config)
    }

    fn configured(&self, config: ClientConfig) -> schema::Configured {
        let limits = &self.hub.options.limits;
        schema::Configured {
            hands: config.hands,
            people: config.people,
            short_side: config.short_side,
            smoothing: schema::Smoothing::from(config.smoothing).into(),
            ordering: schema::Ordering::from(config.ordering).into(),
            rig: config.rig,
            server: server_name(),
            model: self.hub.options.model_name().to_owned(),
            max_message_bytes: u32::try_from(limits.message_bytes).unwrap_or(u32::MAX),
            max_side_px: limits.image_side,
            max_frames_per_second: limits.frames_per_second.into(),
        }
    }

    /// Waits for the next thing to tell the client. May be cancelled.
    pub(super) async fn next(&self) -> Outgoing {
        self.client.outbox.next().await
    }

    /// Notes why the connection is ended.
    pub(super) fn closed(&self, farewell: Farewell) {
        self.hub.metrics.closed(farewell);
        tracing::info!("client {}: {farewell}", self.client.id);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.hub.leave(&self.client);
    }
}

/// Name and version, as clients and operators see them.
pub(super) fn server_name() -> String {
    concat!("livedance ", env!("CARGO_PKG_VERSION")).to_owned()
}
