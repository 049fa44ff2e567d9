//! Frames to a server and answers back, as fast as they stay young: what the live pipeline drives.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::address::RemoteTarget;
use super::jpeg;
use super::link::{Link, News};
use super::pace::{Measured, Pace};
use super::status::{Jpeg, RemoteStatus, TrackedBy, Trips};
use super::talk::{Answered, Outgoing, ServerInfo, Wishes};
use super::{MOST_AGE, RemoteError};
use crate::frame::{Frame, RgbImage, Timings, TrackedFrame};
use crate::inference::InferenceError;
use crate::motion::Hands;
use crate::motion::session::Continuity;
use crate::pipeline::scale::Downscaler;
use crate::pipeline::{milliseconds_since, stage};

/// A complaint is shown for so long.
const COMPLAINT: Duration = Duration::from_secs(5);

/// A frame on its way.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) sequence: u64,
    pub(super) frame_id: u64,
    pub(super) captured_at: Instant,
    pub(super) time_s: f64,
    pub(super) continuity: Continuity,
    /// Size of the source picture.
    pub(super) size: (u32, u32),
    /// What was sent.
    pub(super) picture: Arc<RgbImage>,
    /// What it has cost so far.
    pub(super) timings: Timings,
    pub(super) left_at: Instant,
}

impl Sent {
    /// The frame with its answer, which came at a moment.
    pub(super) fn with(self, answered: Answered, came: Instant) -> (TrackedFrame, Measured) {
        let round_trip_ms = came.saturating_duration_since(self.left_at).as_secs_f32() * 1e3;
        let within = |ms: f32| if ms.is_finite() { ms.clamp(0.0, round_trip_ms) } else { 0.0 };
        let server_ms = within(answered.total_ms);
        let [detect, pose, hands] = [answered.detect_ms, answered.pose_ms, answered.hands_ms].map(within);
        let mut timings = self.timings;
        (timings.detect, timings.pose, timings.hands) = (detect, pose, hands);
        timings.network = round_trip_ms - server_ms;
        timings.remote = (server_ms - detect - pose - hands).max(0.0);
        timings.total += round_trip_ms;
        let measured = Measured { round_trip_ms, server_ms, wait_ms: within(answered.wait_ms), overtaken: 0 };
        let people = answered.seen.into_people(self.picture.width, self.picture.height);
        let mut frame = TrackedFrame {
            frame_id: self.frame_id,
            captured_at: self.captured_at,
            time_s: self.time_s,
            width: self.size.0,
            height: self.size.1,
            people,
            loose_hands: Hands::default(),
            timings,
            picture: self.picture,
            continuity: self.continuity,
            measured_hands: None,
        };
        stage::enlarge_people(&mut frame);
        (frame, measured)
    }
}

/// A picture scaled down, and what that took.
pub(super) fn scaled(frame: Frame, downscaler: &mut Downscaler, sequence: u64) -> Result<Sent, InferenceError> {
    let start = Instant::now();
    let Frame { frame_id, captured_at, time_s, image, decode_ms, continuity, is_still: _ } = frame;
    let size = (image.width, image.height);
    let picture = downscaler.scale(image)?;
    let downscale = milliseconds_since(start);
    let timings = Timings { decode: decode_ms, downscale, total: decode_ms + downscale, ..Timings::default() };
    Ok(Sent { sequence, frame_id, captured_at, time_s, continuity, size, picture, timings, left_at: start })
}

/// A tracked frame, and from which connection.
pub(in crate::pipeline) struct Delivery {
    pub(in crate::pipeline) frame: TrackedFrame,
    pub(in crate::pipeline) session: u64,
}

/// Sends frames and matches answers to them.
pub(in crate::pipeline) struct Courier {
    address: String,
    link: Link,
    pace: Pace,
    downscaler: (u32, Downscaler),
    flight: VecDeque<Sent>,
    /// The sequence of the newest frame that was answered. Those before it are done with.
    last_answered: Option<u64>,
    next_sequence: u64,
    last_time_us: u64,
    session: Option<u64>,
    server: ServerInfo,
    last_sent: Option<Instant>,
    /// Whether frames had no room since the last answer.
    has_waited: bool,
    trips: Trips,
    counts: (u64, u64, u64),
    jpeg: Jpeg,
    problem: Option<(Instant, String)>,
    /// Whether a connection was lost or refused since the link was opened.
    pub(in crate::pipeline) has_failed: bool,
}

impl Courier {
    /// Starts to connect. `bell` is rung whenever there is something to look at.
    ///
    /// # Errors
    /// [`RemoteError::Thread`].
    pub(in crate::pipeline) fn open(
        target: RemoteTarget,
        hands: bool,
        people: u32,
        bell: Box<dyn Fn() + Send + Sync>,
    ) -> Result<Self, RemoteError> {
        let address = target.address.to_string();
        let link = Link::open(target, Wishes { hands, people, in_order: false }, bell)?;
        Ok(Self {
            address,
            link,
            pace: Pace::default(),
            downscaler: (0, Downscaler::new(0)),
            flight: VecDeque::new(),
            last_answered: None,
            next_sequence: 0,
            last_time_us: 0,
            session: None,
            server: ServerInfo::default(),
            last_sent: None,
            has_waited: false,
            trips: Trips::default(),
            counts: (0, 0, 0),
            jpeg: Jpeg::default(),
            problem: None,
            has_failed: false,
        })
    }

    /// Whether frames are welcome at all.
    pub(in crate::pipeline) const fn is_connected(&self) -> bool {
        self.session.is_some()
    }

    /// Whether a frame can go now.
    pub(in crate::pipeline) fn has_room(&mut self, now: Instant) -> bool {
        if self.session.is_none() {
            return false;
        }
        let is_full = self.flight.len() >= self.pace.window();
        self.has_waited |= is_full;
        // A little less than the server's limit: neither clock is exact.
        let fps = self.server.frames_per_second;
        let is_due = |at: Instant| fps <= 0.0 || now.saturating_duration_since(at).as_secs_f64() >= 0.92 / fps;
        !is_full && self.last_sent.is_none_or(is_due)
    }

    /// Sends a frame, scaled down to this short side or less.
    ///
    /// # Errors
    /// A picture that cannot be scaled or encoded.
    pub(in crate::pipeline) fn send(&mut self, frame: Frame, short_side: u32) -> Result<(), InferenceError> {
        let Some(session) = self.session else { return Ok(()) };
        let side = self.pace.short_side(short_side, frame.image.width, frame.image.height);
        if self.downscaler.0 != side {
            self.downscaler = (side, Downscaler::new(side));
        }
        let sequence = self.next_sequence;
        let mut sent = scaled(frame, &mut self.downscaler.1, sequence)?;
        let start = Instant::now();
        let quality = self.pace.quality();
        let jpeg = jpeg::encode(&sent.picture, quality).map_err(super::in_words)?;
        sent.timings.encode = milliseconds_since(start);
        sent.timings.total += sent.timings.encode;
        sent.left_at = Instant::now();
        self.jpeg = Jpeg { bytes: jpeg.len(), quality, width: sent.picture.width, height: sent.picture.height };
        let captured_at_us = self.rising_us(sent.time_s);
        self.next_sequence += 1;
        self.last_sent = Some(sent.left_at);
        if self.link.send(Outgoing { session, sequence, captured_at_us, jpeg: jpeg.into() }) {
            self.counts.0 += 1;
            self.flight.push_back(sent);
        } else {
            self.give_up(1);
        }
        Ok(())
    }

    /// Whole microseconds that rise strictly.
    fn rising_us(&mut self, time_s: f64) -> u64 {
        let micros = (time_s.max(0.0) * 1e6) as u64;
        self.last_time_us = micros.max(self.last_time_us + 1);
        self.last_time_us
    }

    /// What has come since, in order. Frames that are too old are given up.
    pub(in crate::pipeline) fn collect(&mut self) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while let Some((came, news)) = self.link.next_news() {
            match news {
                News::Ready(session, server) => {
                    (self.session, self.server) = (Some(session), server);
                    self.pace.reconnected();
                    (self.last_sent, self.has_waited) = (None, false);
                }
                News::Answer(answered) => deliveries.extend(self.take_in(*answered, came)),
                News::Complaint { code, message, sequence } => self.hear_complaint(came, &code, message, sequence),
                News::Junk(reason) => self.complain(came, format!("an answer could not be read: {reason}")),
                News::Ping(ms) => self.pace.ping(came, ms),
                News::Lost(_) | News::Refused(_) => {
                    (self.session, self.has_failed) = (None, true);
                    self.counts.2 += self.flight.len() as u64;
                    self.flight.clear();
                }
            }
        }
        self.expire(Instant::now());
        deliveries
    }

    /// The server refuses something: the frame of this sequence, or, without one, nothing that could be named. Such a
    /// complaint says of no frame that its answer will not come.
    fn hear_complaint(&mut self, came: Instant, code: &str, message: String, sequence: Option<u64>) {
        if sequence.is_some() && sequence <= self.last_answered {
            tracing::debug!("{}: after the answer: {message}", self.address);
            return;
        }
        let place = sequence.and_then(|sequence| self.flight.iter().position(|sent| sent.sequence == sequence));
        if place.is_some_and(|place| self.flight.remove(place).is_some()) {
            self.counts.2 += 1;
        }
        if code != "rate_limit" {
            self.complain(came, message);
        }
    }

    fn take_in(&mut self, answered: Answered, came: Instant) -> Option<Delivery> {
        let session = self.session?;
        let place = match answered.sequence {
            Some(sequence) => self.flight.iter().position(|sent| sent.sequence == sequence)?,
            None => 0,
        };
        // Those before have been overtaken; should they be answered yet, nobody knows them any more.
        let overtaken = self.flight.drain(..place).count();
        let sent = self.flight.pop_front()?;
        self.last_answered = Some(sent.sequence);
        self.counts.1 += 1;
        self.counts.2 += overtaken as u64;
        let (frame, measured) = sent.with(answered, came);
        self.trips.push(came, measured.round_trip_ms, measured.server_ms);
        self.pace.answered(came, Measured { overtaken, ..measured }, std::mem::take(&mut self.has_waited));
        if came.saturating_duration_since(frame.captured_at) > MOST_AGE {
            return None;
        }
        Some(Delivery { frame, session })
    }

    fn expire(&mut self, now: Instant) {
        let before = self.flight.len();
        self.flight.retain(|sent| now.saturating_duration_since(sent.captured_at) <= MOST_AGE);
        let expired = before - self.flight.len();
        if expired > 0 {
            self.give_up(expired);
        }
    }

    fn give_up(&mut self, count: usize) {
        self.counts.2 += count as u64;
        self.pace.gave_up(Instant::now());
    }

    fn complain(&mut self, now: Instant, message: String) {
        tracing::debug!("{}: {message}", self.address);
        self.problem = Some((now, message));
    }

    /// Forgets what is on its way: it belongs to another source.
    pub(in crate::pipeline) fn forget(&mut self) {
        self.counts.2 += self.flight.len() as u64;
        self.flight.clear();
    }

    /// Frames on their way.
    pub(in crate::pipeline) fn in_flight(&self) -> usize {
        self.flight.len()
    }

    /// How things stand.
    pub(in crate::pipeline) fn status(&mut self, tracked_by: TrackedBy, is_held: bool) -> RemoteStatus {
        let now = Instant::now();
        let problem = self.problem.as_ref().filter(|(at, _)| now.saturating_duration_since(*at) < COMPLAINT);
        RemoteStatus {
            address: self.address.clone(),
            server: self.server.name.clone(),
            link: self.link.state(),
            tracked_by,
            is_held,
            trip: self.trips.medians(now),
            sent: self.counts.0,
            answered: self.counts.1,
            dropped: self.counts.2,
            in_flight: self.flight.len(),
            window: self.pace.window(),
            jpeg: self.jpeg,
            problem: problem.map(|(_, message)| message.clone()).unwrap_or_default(),
        }
    }
}
