//! Sends poses to a program that shows avatars.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::pace::Pace;
use super::{Address, NetError};
use crate::formats::vmc::{self, VmcFrame};
use crate::slot::LatestSlot;

/// Poses sent a second, however many are drawn.
pub const FRAMES_PER_SECOND: u32 = 60;

/// How the sending goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderStatus {
    /// Poses sent since the start.
    pub frames: u64,
    /// Why nothing is sent; it stays so until another sender is started.
    pub failure: Option<NetError>,
}

/// A thread that sends the newest pose [`FRAMES_PER_SECOND`] times a second, again where there is no newer one, so that
/// a slow renderer is no slow sender. Nothing is sent before the first pose. Dropping it ends the thread.
#[derive(Debug)]
pub struct VmcSender {
    address: Address,
    frames: LatestSlot<VmcFrame>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    sent: AtomicU64,
    failure: Mutex<Option<NetError>>,
}

impl VmcSender {
    /// Starts the thread. What goes wrong from there on is told by [`VmcSender::status`].
    ///
    /// # Errors
    /// [`NetError::Send`] when there is no thread to be had.
    pub fn start(address: Address) -> Result<Self, NetError> {
        let (frames, shared) = (LatestSlot::new(), Arc::new(Shared::default()));
        let (theirs, status, to) = (frames.clone(), Arc::clone(&shared), address.clone());
        // Not joined: it ends by itself a sixtieth of a second after the slot was closed, or once the system has given
        // up looking for a host.
        std::thread::Builder::new()
            .name("vmc-out".to_owned())
            .spawn(move || {
                if let Err(error) = run(&to, &theirs, &status.sent) {
                    *status.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            })
            .map_err(|error| NetError::Send { address: address.to_string(), reason: error.to_string() })?;
        Ok(Self { address, frames, shared })
    }

    /// Where the poses go.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The pose to send from now on.
    pub fn set_frame(&self, frame: VmcFrame) {
        self.frames.publish(frame);
    }

    /// How it goes.
    #[must_use]
    pub fn status(&self) -> SenderStatus {
        let failure = self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).clone();
        SenderStatus { frames: self.shared.sent.load(Ordering::Relaxed), failure }
    }
}

impl Drop for VmcSender {
    fn drop(&mut self) {
        self.frames.close();
    }
}

fn run(address: &Address, frames: &LatestSlot<VmcFrame>, sent: &AtomicU64) -> Result<(), NetError> {
    let to = address.resolve()?;
    let failed = |error: std::io::Error| NetError::Send { address: address.to_string(), reason: error.to_string() };
    let any: SocketAddr = if to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).map_err(failed)?;
    // A house-wide address such as 192.168.0.255 reaches every program there.
    socket.set_broadcast(true).map_err(failed)?;
    let mut frame = loop {
        match frames.take(std::time::Duration::from_secs(1)) {
            crate::slot::Taken::Value(frame) => break frame,
            crate::slot::Taken::Timeout => {}
            crate::slot::Taken::Closed => return Ok(()),
        }
    };
    let (start, mut pace) = (Instant::now(), Pace::new(FRAMES_PER_SECOND));
    while !frames.is_closed() {
        std::thread::sleep(pace.due().saturating_sub(start.elapsed()));
        frame = frames.try_take().unwrap_or(frame);
        pace.ticked(start.elapsed());
        for datagram in vmc::encode(&frame, start.elapsed().as_secs_f32()) {
            // Nobody may be listening yet, and cables are pulled: the next pose is tried all the same.
            let _ = socket.send_to(&datagram, to);
        }
        sent.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
