//! A server from its start to its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::error::ServerError;
use super::hub::Hub;
use super::options::ServerOptions;
use super::worker::Worker;
use super::{http, listener, tls};
use crate::avatar_library;
use crate::inference::ModelStore;
use crate::pipeline::PipelineOptions;
use crate::settings::HandsMode;

/// Threads that move bytes; tracking has its own.
const IO_THREADS: usize = 2;
/// Cores from which on each worker looks at two hands at once.
const MANY_CORES: usize = 2;
/// Between two looks at the rates.
const TICK: Duration = Duration::from_secs(1);

/// A server that runs. Dropping it ends it as [`RunningServer::stop`] does.
pub struct RunningServer {
    address: SocketAddr,
    hub: Arc<Hub>,
    ending: watch::Sender<bool>,
    runtime: Option<Runtime>,
    accepting: Option<tokio::task::JoinHandle<()>>,
    workers: Vec<JoinHandle<()>>,
}

impl RunningServer {
    /// Opens the models, listens, and returns once clients may come.
    ///
    /// # Errors
    /// [`ServerError`]: what is wrong and what to do.
    pub fn start(options: ServerOptions) -> Result<Self, ServerError> {
        Self::with_store(options, Arc::new(ModelStore::shipped()?))
    }

    /// [`RunningServer::start`] with the models of `store`.
    ///
    /// # Errors
    /// As [`RunningServer::start`].
    pub fn with_store(options: ServerOptions, store: Arc<ModelStore>) -> Result<Self, ServerError> {
        let refused = |what| move |error: std::io::Error| ServerError::System { what, reason: error.to_string() };
        let tls = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(IO_THREADS)
            .thread_name("server-io")
            .enable_all()
            .build()
            .map_err(refused("a runtime"))?;
        // Before the models, which take their time: an address that is taken shows at once.
        let listen =
            |error: std::io::Error| ServerError::Listen { address: options.address, reason: error.to_string() };
        let listener = {
            let _on_it = runtime.enter();
            listener::listen(options.address).map_err(listen)?
        };
        let address = listener.local_addr().map_err(listen)?;

        let skeleton = avatar_library::load("").map_err(ServerError::Avatar)?.humanoid.rest;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let count = if options.workers == 0 { cores } else { options.workers };
        let models = pipeline_options(&options);
        let opened: Result<Vec<_>, _> =
            (0..count).map(|_| Worker::open(Arc::clone(&store), models, cores >= MANY_CORES * count)).collect();
        let hub = Arc::new(Hub::new(options, skeleton, count));
        let mut server = Self {
            address,
            hub: Arc::clone(&hub),
            ending: watch::Sender::new(false),
            runtime: None,
            accepting: None,
            workers: Vec::new(),
        };
        for (index, worker) in opened?.into_iter().enumerate() {
            let hub = Arc::clone(&hub);
            let work = move || worker.run(&hub, &hub.workers[index]);
            let thread = std::thread::Builder::new().name(format!("worker-{index}")).spawn(work);
            server.workers.push(thread.map_err(refused("a thread"))?);
        }
        let router = http::router(Arc::clone(&hub));
        let ending = server.ending.subscribe();
        server.accepting = Some(runtime.spawn(listener::accept(listener, tls, router, Arc::clone(&hub), ending)));
        runtime.spawn(tick(hub));
        server.runtime = Some(runtime);
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nobody in any more, tells everybody to go (close code 1001), lets them have what is ready, and ends: within
    /// [`super::Limits::drain`], whatever the clients do.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // What is left of the time is for the runtime and for the frames that workers are at.
        let deadline = Instant::now() + self.hub.options.limits.drain.mul_f32(0.9);
        self.hub.leave_soon();
        self.ending.send_replace(true);
        if let (Some(runtime), Some(accepting)) = (self.runtime.take(), self.accepting.take()) {
            let left = deadline.saturating_duration_since(Instant::now());
            let _ = runtime.block_on(async { tokio::time::timeout(left, accepting).await });
            runtime.shutdown_timeout(Duration::from_millis(100));
        }
        self.hub.schedule.close();
        for worker in self.workers.drain(..) {
            // A worker that panicked has said so.
            let _ = worker.join();
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.end();
    }
}

fn pipeline_options(options: &ServerOptions) -> PipelineOptions {
    PipelineOptions {
        model: options.settings.model,
        // One worker a core: more threads would only take each other's turns.
        threads: (options.settings.threads as usize).max(1),
        short_side: options.settings.short_side,
        static_image: false,
        people: options.limits.people as usize,
        hands: if options.has_hands() { HandsMode::On } else { HandsMode::Off },
        provider: options.settings.provider,
    }
}

/// Works out everybody's rates once a second, and forgets those of who has gone.
async fn tick(hub: Arc<Hub>) {
    let mut before = Instant::now();
    loop {
        tokio::time::sleep(TICK).await;
        let seconds = before.elapsed().as_secs_f64();
        before = Instant::now();
        for client in hub.clients() {
            client.stats.tick(seconds);
        }
        for worker in &hub.workers {
            worker.tick(seconds);
        }
        hub.forget_rates();
    }
}
