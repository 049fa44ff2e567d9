//! The connection's thread: opens it, opens it anew when it is lost, and lets frames and answers through.
//!
//! One thread with a runtime of its own, so that nobody else waits for the network. Frames come through a short queue and
//! leave it newest first: what a newer frame has overtaken before it could be sent is never sent.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::RemoteError;
use super::address::RemoteTarget;
use super::connect::{Failure, connect};
use super::session::{Ended, session};
use super::talk::{Answered, Outgoing, ServerInfo, Talk, Wishes};

/// Frames between whoever makes them and the connection.
const QUEUE: usize = 6;
/// A connection has to be open after so long.
const OPEN_WITHIN: Duration = Duration::from_secs(5);
/// Pauses before the next try: doubled each time, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// News that nobody has read; older ones are lost.
const MOST_NEWS: usize = 256;

/// How the connection is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// Being opened.
    Connecting,
    /// Frames may be sent.
    Open,
    /// Lost; it is tried again.
    Waiting {
        /// When.
        until: Instant,
        /// What happened and what to do.
        message: String,
    },
    /// The server does not want this client. It is tried again, if at all, after a long pause.
    Refused {
        /// Why and what to do.
        message: String,
    },
}

/// What happened, in order.
#[derive(Debug)]
pub(super) enum News {
    /// A connection with this number is open, and frames are welcome.
    Ready(u64, ServerInfo),
    /// An answer came.
    Answer(Box<Answered>),
    /// The server refuses something.
    Complaint { code: String, message: String, sequence: Option<u64> },
    /// An answer could not be read.
    Junk(String),
    /// An empty message took so many milliseconds there and back.
    Ping(f32),
    /// The connection is lost.
    Lost(String),
    /// The server does not want this client.
    Refused(String),
}

/// Where the connection's thread leaves what happened.
pub(super) struct Board {
    news: Mutex<VecDeque<(Instant, News)>>,
    changed: Condvar,
    state: Mutex<LinkState>,
    /// Rung with each piece of news, for those who wait for other things too.
    bell: Box<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Board {
    fn new(bell: Box<dyn Fn() + Send + Sync>) -> Self {
        let state = Mutex::new(LinkState::Connecting);
        Self { news: Mutex::default(), changed: Condvar::new(), state, bell }
    }

    fn news(&self) -> MutexGuard<'_, VecDeque<(Instant, News)>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, piece: News) {
        let mut news = self.news();
        if news.len() >= MOST_NEWS {
            news.pop_front();
        }
        news.push_back((Instant::now(), piece));
        drop(news);
        self.changed.notify_all();
        (self.bell)();
    }

    pub(super) fn set_state(&self, state: LinkState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        (self.bell)();
    }
}

/// A server, connected or about to be. Dropping it ends the thread.
#[derive(Debug)]
pub(super) struct Link {
    board: Arc<Board>,
    outbox: mpsc::Sender<Outgoing>,
    closing: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Link {
    /// Starts to connect. `bell` is rung whenever there is news, on the connection's thread; it must not wait.
    ///
    /// # Errors
    /// [`RemoteError::Thread`].
    pub(super) fn open(
        target: RemoteTarget,
        wishes: Wishes,
        bell: Box<dyn Fn() + Send + Sync>,
    ) -> Result<Self, RemoteError> {
        let board = Arc::new(Board::new(bell));
        let (outbox, inbox) = mpsc::channel(QUEUE);
        let (closing, closed) = watch::channel(false);
        let url = target.address.to_string();
        let failed = |reason: std::io::Error| RemoteError::Thread { url: url.clone(), reason: reason.to_string() };
        let runtime = Builder::new_current_thread().enable_io().enable_time().build().map_err(failed)?;
        let told = Arc::clone(&board);
        let thread = std::thread::Builder::new()
            .name("remote".to_owned())
            .spawn(move || {
                runtime.block_on(Keeper { target, wishes, board: told, inbox, closed }.run());
                // A name that is being looked up may take long, and nobody waits for it any more.
                runtime.shutdown_background();
            })
            .map_err(failed)?;
        Ok(Self { board, outbox, closing, thread: Some(thread) })
    }

    /// Hands a frame over. Returns false when the queue is full: the link is stuck.
    pub(super) fn send(&self, frame: Outgoing) -> bool {
        !matches!(self.outbox.try_send(frame), Err(TrySendError::Full(_)))
    }

    /// The oldest piece of news that was not read, with when it came.
    pub(super) fn next_news(&self) -> Option<(Instant, News)> {
        self.board.news().pop_front()
    }

    /// The same, waiting for it.
    pub(super) fn wait_for_news(&self, patience: Duration) -> Option<(Instant, News)> {
        let deadline = Instant::now() + patience;
        let mut news = self.board.news();
        loop {
            if let Some(piece) = news.pop_front() {
                return Some(piece);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            news = self.board.changed.wait_timeout(news, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How the connection is doing.
    pub(super) fn state(&self) -> LinkState {
        self.board.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.closing.send(true);
        if let Some(thread) = self.thread.take() {
            // A panic there has shown itself as a connection that is lost.
            let _ = thread.join();
        }
    }
}

/// The thread's work.
struct Keeper {
    target: RemoteTarget,
    wishes: Wishes,
    board: Arc<Board>,
    inbox: mpsc::Receiver<Outgoing>,
    closed: watch::Receiver<bool>,
}

impl Keeper {
    async fn run(mut self) {
        let (mut tries, mut number) = (0_u32, 0_u64);
        loop {
            self.board.set_state(LinkState::Connecting);
            number += 1;
            let Some((failure, was_useful)) = self.try_once(number).await else { return };
            tries = if was_useful { 0 } else { tries + 1 };
            let wait = pause(tries);
            match failure {
                Failure::Lost(message) => {
                    tracing::debug!("{}: {message}", self.target.address);
                    self.board.set_state(LinkState::Waiting { until: Instant::now() + wait, message: message.clone() });
                    self.board.tell(News::Lost(message));
                    if !self.rest(wait).await {
                        return;
                    }
                }
                Failure::Refused(message) => {
                    self.board.set_state(LinkState::Refused { message: message.clone() });
                    self.board.tell(News::Refused(message));
                    // Seats become free, and servers are given other tokens: now and then it is tried again.
                    if !self.rest(LONGEST_PAUSE).await {
                        return;
                    }
                }
            }
        }
    }

    /// Connects, and talks until that ends; `None` when the link is closed. Says whether anything came of it.
    async fn try_once(&mut self, number: u64) -> Option<(Failure, bool)> {
        let opened = tokio::select! {
            opened = timeout(OPEN_WITHIN, connect(&self.target)) => opened,
            _ = self.closed.changed() => return None,
        };
        let socket = match opened {
            Ok(Ok(socket)) => socket,
            Ok(Err(failure)) => return Some((failure, false)),
            Err(_) => {
                let seconds = OPEN_WITHIN.as_secs();
                let message = format!("nobody answered within {seconds} seconds; check the address and the firewall");
                return Some((Failure::Lost(message), false));
            }
        };
        let talk = Talk::new(self.target.address.dialect, self.wishes, self.target.token.clone());
        match session(socket, talk, number, &self.board, &mut self.inbox, &mut self.closed).await {
            Ended::Closed => None,
            Ended::Failed { failure, was_useful } => Some((failure, was_useful)),
        }
    }

    /// Waits; returns false when the link is closed.
    async fn rest(&mut self, wait: Duration) -> bool {
        tokio::select! {
            () = sleep(wait) => true,
            _ = self.closed.changed() => false,
        }
    }
}

/// The pause before a try, with chance in it, so that many clients of one server do not come back at once.
fn pause(tries: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(8)).min(LONGEST_PAUSE);
    let chance = std::collections::hash_map::RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    longest.mul_f64(0.7 + 0.3 * chance).max(FIRST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_differ() {
        for tries in 0..60 {
            assert!((FIRST_PAUSE..=LONGEST_PAUSE).contains(&pause(tries)), "{tries}");
        }
        assert!(pause(1) < pause(4) && pause(40) > Duration::from_secs(6));
        let some: std::collections::BTreeSet<_> = (0..8).map(|_| pause(5)).collect();
        assert!(some.len() > 1, "{some:?}");
    }
}
