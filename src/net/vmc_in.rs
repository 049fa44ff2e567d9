//! Receives poses from a program that tracks or plays them.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Address, NetError};
use crate::formats::vmc::{FrameAssembler, VmcFrame, decode};
use crate::slot::LatestSlot;

/// How long a pose that came in part waits for the rest.
const REST_OF_POSE: Duration = Duration::from_millis(3);
/// How often the thread looks whether it is to end.
const IDLE: Duration = Duration::from_millis(100);
/// How far back the rate is counted.
const RATE_WINDOW: Duration = Duration::from_secs(2);
/// Without a pose for so long the sender counts as gone.
const GONE_AFTER: Duration = Duration::from_secs(1);

/// A pose and when it came.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedFrame {
    /// The pose.
    pub frame: VmcFrame,
    /// When its first datagram arrived.
    pub arrived: Instant,
}

/// How the receiving goes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ReceiverStatus {
    /// Poses a second, over the last two seconds; 0 while nothing comes.
    pub frames_per_second: f32,
    /// Poses since the start.
    pub frames: u64,
    /// Datagrams that were no OSC.
    pub refused: u64,
}

/// A thread that listens on a port; the newest pose wins. Dropping it ends and joins the thread, within a tenth of a second.
#[derive(Debug)]
pub struct VmcReceiver {
    address: SocketAddr,
    frames: LatestSlot<ReceivedFrame>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    is_closed: AtomicBool,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    arrivals: VecDeque<Instant>,
    frames: u64,
    refused: u64,
}

impl VmcReceiver {
    /// Listens. Port 0 is any that is free.
    ///
    /// # Errors
    /// [`NetError::NotFound`] for a host that is none, [`NetError::Listen`] when the port is taken or is not ours to use.
    pub fn listen(address: &Address) -> Result<Self, NetError> {
        let failed =
            |error: std::io::Error| NetError::Listen { address: address.to_string(), reason: error.to_string() };
        let socket = UdpSocket::bind(address.resolve()?).map_err(failed)?;
        let bound = socket.local_addr().map_err(failed)?;
        let (frames, shared) = (LatestSlot::new(), Arc::new(Shared::default()));
        let (theirs, status) = (frames.clone(), Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("vmc-in".to_owned())
            .spawn(move || run(&socket, &theirs, &status))
            .map_err(failed)?;
        Ok(Self { address: bound, frames, shared, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where poses arrive, newest wins.
    #[must_use]
    pub fn frames(&self) -> &LatestSlot<ReceivedFrame> {
        &self.frames
    }

    /// How it goes.
    #[must_use]
    pub fn status(&self) -> ReceiverStatus {
        self.shared.counted().status(Instant::now())
    }
}

impl Drop for VmcReceiver {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It cannot panic on what it reads; if it did, nobody is left to tell.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn counted(&self) -> std::sync::MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    fn arrived(&mut self, now: Instant) {
        self.frames += 1;
        self.arrivals.push_back(now);
        while self.arrivals.front().is_some_and(|at| now - *at > RATE_WINDOW) {
            self.arrivals.pop_front();
        }
    }

    fn status(&self, now: Instant) -> ReceiverStatus {
        let (frames, refused) = (self.frames, self.refused);
        let ends = self.arrivals.front().zip(self.arrivals.back());
        let elapsed = ends.filter(|(_, last)| now.saturating_duration_since(**last) < GONE_AFTER);
        let elapsed_s = elapsed.map_or(0.0, |(first, last)| (*last - *first).as_secs_f32());
        let intervals = self.arrivals.len().saturating_sub(1) as f32;
        let frames_per_second = if elapsed_s > 0.0 { intervals / elapsed_s } else { 0.0 };
        ReceiverStatus { frames_per_second, frames, refused }
    }
}

fn run(socket: &UdpSocket, frames: &LatestSlot<ReceivedFrame>, shared: &Shared) {
    let mut assembler = FrameAssembler::new();
    // The largest datagram there is: a cut one would be refused as a whole.
    let mut buffer = vec![0; 65_536];
    let mut began = Instant::now();
    let publish = |frame: VmcFrame, arrived: Instant| {
        shared.counted().arrived(arrived);
        frames.publish(ReceivedFrame { frame, arrived });
    };
    while !shared.is_closed.load(Ordering::Relaxed) {
        let patience = if assembler.is_waiting() { REST_OF_POSE } else { IDLE };
        // Only a zero is refused, which these are not.
        let _ = socket.set_read_timeout(Some(patience));
        match socket.recv_from(&mut buffer) {
            Ok((length, _)) => {
                let now = Instant::now();
                let Ok(messages) = decode(buffer.get(..length).unwrap_or_default()) else {
                    shared.counted().refused += 1;
                    continue;
                };
                for message in messages {
                    let was_waiting = assembler.is_waiting();
                    if let Some(frame) = assembler.take(message) {
                        publish(frame, began);
                        began = now;
                    } else if !was_waiting {
                        began = now;
                    }
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if let Some(frame) = assembler.flush() {
                    publish(frame, began);
                }
            }
            // Windows tells a receiver of errors that concern nobody; a real one must not spin.
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let (start, mut counted) = (Instant::now(), Counted::default());
        assert_eq!(counted.status(start).frames_per_second, 0.0);
        for tick in 0..600_u32 {
            counted.arrived(start + Duration::from_secs(1) * tick / 60);
        }
        let last = start + Duration::from_secs_f64(599.0 / 60.0);
        assert!((counted.status(last).frames_per_second - 60.0).abs() < 0.1);
        assert!(counted.arrivals.len() < 125, "old ones are forgotten");
        assert_eq!(counted.status(last + Duration::from_secs(2)).frames_per_second, 0.0, "the sender is gone");
        assert_eq!(counted.status(last).frames, 600);
    }

    #[test]
    fn a_port_in_use_is_named() {
        let first = VmcReceiver::listen(&Address::localhost(0)).expect("a free port");
        let address = Address::localhost(first.address().port());
        let message = VmcReceiver::listen(&address).expect_err("taken").to_string();
        assert!(message.contains(&address.to_string()) && message.contains("another"), "{message}");
        drop(first);
        VmcReceiver::listen(&address).expect("free again");
    }
}
