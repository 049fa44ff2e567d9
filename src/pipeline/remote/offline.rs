//! Every frame of a file through a server, in order, none lost: what is not answered is sent again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::address::{Dialect, RemoteTarget};
use super::courier::{Sent, scaled};
use super::ids::{Ids, Origin};
use super::link::{Link, News};
use super::talk::{Outgoing, ServerInfo, Wishes};
use super::{RemoteError, in_words, jpeg};
use crate::frame::{Frame, TrackedFrame};
use crate::inference::InferenceError;
use crate::pipeline::scale::Downscaler;
use crate::pipeline::{PipelineOptions, milliseconds_since};
use crate::settings::HandsMode;

/// JPEG quality, where time does not count.
const QUALITY: u8 = 95;
/// Below that a picture that is too large for the server is not made smaller.
const LEAST_QUALITY: u8 = 50;
/// Frames on their way at once: while one is tracked the next one travels. An original backend keeps only the newest.
const WINDOW: usize = 2;
/// A server that never answered is given up after this, one that did after this longer time.
const FIRST_PATIENCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(30);
/// A frame without an answer is sent again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(8);
/// Refusals of one frame that are believed.
const MOST_REFUSALS: u32 = 3;
/// The pause after a server has said that frames come too fast.
const TOO_FAST: Duration = Duration::from_millis(120);

/// A frame that has no answer yet, or whose turn it is not.
struct Pending {
    sent: Sent,
    jpeg: Vec<u8>,
    captured_at_us: u64,
    refusals: u32,
    /// Not before then; `None` while it is on its way.
    due: Option<Instant>,
    answer: Option<TrackedFrame>,
}

/// A server as a pipeline: frames in, tracked people out, in order.
pub struct RemotePipeline {
    url: String,
    link: Link,
    dialect: Dialect,
    window: usize,
    static_image: bool,
    downscaler: Downscaler,
    pending: VecDeque<Pending>,
    next_sequence: u64,
    last_time_us: u64,
    session: Option<u64>,
    server: ServerInfo,
    last_sent: Option<Instant>,
    /// Since when nothing has gone on.
    stuck_since: Option<Instant>,
    has_answered: bool,
    last_failure: String,
    ids: Ids,
}

impl RemotePipeline {
    /// Connects to a server.
    ///
    /// # Errors
    /// [`InferenceError::Remote`] when it cannot be reached or refuses.
    pub fn open(target: &RemoteTarget, options: PipelineOptions) -> Result<Self, InferenceError> {
        if options.hands == HandsMode::Only {
            let reason = "hands without bodies are tracked on this machine alone; leave --remote or --hands-only away";
            return Err(InferenceError::Remote { reason: reason.to_owned() });
        }
        let wishes = Wishes { hands: options.hands == HandsMode::On, people: options.people as u32, in_order: true };
        let dialect = target.address.dialect;
        let window = if dialect == Dialect::Stream { WINDOW } else { 1 };
        let link = Link::open(target.clone(), wishes, Box::new(|| {})).map_err(in_words)?;
        let mut pipeline = Self {
            url: target.address.to_string(),
            link,
            dialect,
            window,
            static_image: options.static_image,
            downscaler: Downscaler::new(options.short_side),
            pending: VecDeque::new(),
            next_sequence: 0,
            last_time_us: 0,
            session: None,
            server: ServerInfo::default(),
            last_sent: None,
            stuck_since: Some(Instant::now()),
            has_answered: false,
            last_failure: "nobody answers".to_owned(),
            ids: Ids::default(),
        };
        while pipeline.session.is_none() {
            pipeline.listen(Duration::from_millis(50)).map_err(in_words)?;
        }
        Ok(pipeline)
    }

    /// Sends one frame and returns the oldest one that is done; `None` while there is room for more.
    ///
    /// # Errors
    /// [`InferenceError::Remote`] when the server is gone for good or does not take the picture.
    pub fn push(&mut self, frame: Frame) -> Result<Option<TrackedFrame>, InferenceError> {
        if !frame.continuity.follows() {
            // Everybody in later frames is somebody else.
            self.ids.forget();
        }
        let done = if self.pending.len() >= self.window { self.wait()? } else { None };
        self.add(frame)?;
        Ok(done)
    }

    /// Waits for the oldest frame that is on its way; `None` when there is none.
    ///
    /// # Errors
    /// As [`RemotePipeline::push`].
    pub fn wait(&mut self) -> Result<Option<TrackedFrame>, InferenceError> {
        while self.pending.front().is_some_and(|front| front.answer.is_none()) {
            self.send_due();
            self.listen(Duration::from_millis(20)).map_err(in_words)?;
        }
        Ok(self.pending.pop_front().and_then(|front| front.answer))
    }

    fn add(&mut self, frame: Frame) -> Result<(), InferenceError> {
        let side = self.server.side_px;
        let longer = frame.image.width.max(frame.image.height);
        let mut sent = if side > 0 && longer > side {
            // As large as the server takes it.
            let short = u64::from(frame.image.width.min(frame.image.height)) * u64::from(side) / u64::from(longer);
            scaled(frame, &mut Downscaler::new((short as u32).max(1)), 0)?
        } else {
            scaled(frame, &mut self.downscaler, 0)?
        };
        let start = Instant::now();
        let mut quality = QUALITY;
        let mut jpeg = jpeg::encode(&sent.picture, quality).map_err(in_words)?;
        while self.server.message_bytes > 0
            && jpeg.len() + 64 > self.server.message_bytes as usize
            && quality > LEAST_QUALITY
        {
            quality -= 15;
            jpeg = jpeg::encode(&sent.picture, quality).map_err(in_words)?;
        }
        sent.timings.encode = milliseconds_since(start);
        sent.timings.total += sent.timings.encode;
        let micros = (sent.time_s.max(0.0) * 1e6) as u64;
        self.last_time_us = micros.max(self.last_time_us + 1);
        let (captured_at_us, due) = (self.last_time_us, Some(start));
        self.stuck_since.get_or_insert(start);
        self.pending.push_back(Pending { sent, jpeg, captured_at_us, refusals: 0, due, answer: None });
        self.send_due();
        Ok(())
    }

    /// Sends what is due, the oldest first, no faster than the server takes it.
    fn send_due(&mut self) {
        let Some(session) = self.session else { return };
        let now = Instant::now();
        for pending in self.pending.iter_mut().filter(|pending| pending.answer.is_none()) {
            if pending.due.is_none() && now.saturating_duration_since(pending.sent.left_at) > AGAIN_AFTER {
                pending.due = Some(now);
            }
            let Some(due) = pending.due else { continue };
            let fps = self.server.frames_per_second;
            let is_too_soon = |at: Instant| fps > 0.0 && now.saturating_duration_since(at).as_secs_f64() < 1.05 / fps;
            if due > now || self.last_sent.is_some_and(is_too_soon) {
                // Those behind it wait, too: the order counts.
                return;
            }
            pending.sent.sequence = self.next_sequence;
            pending.sent.left_at = now;
            let jpeg = pending.jpeg.clone().into();
            let frame =
                Outgoing { session, sequence: self.next_sequence, captured_at_us: pending.captured_at_us, jpeg };
            if !self.link.send(frame) {
                return;
            }
            self.next_sequence += 1;
            self.last_sent = Some(now);
            pending.due = None;
        }
    }

    /// Takes in what has come, waiting for it so long at most.
    fn listen(&mut self, patience: Duration) -> Result<(), RemoteError> {
        let mut next = self.link.wait_for_news(patience);
        while let Some((came, news)) = next {
            self.hear(came, news)?;
            next = self.link.next_news();
        }
        let patience = if self.has_answered || self.session.is_some() { PATIENCE } else { FIRST_PATIENCE };
        if self.stuck_since.is_some_and(|since| since.elapsed() > patience) {
            let seconds = patience.as_secs();
            let reason = format!("given up after {seconds} seconds without an answer; {}", self.last_failure);
            return Err(RemoteError::Lost { url: self.url.clone(), reason });
        }
        Ok(())
    }

    fn hear(&mut self, came: Instant, news: News) -> Result<(), RemoteError> {
        match news {
            News::Ready(session, server) => {
                (self.session, self.server, self.last_sent) = (Some(session), server, None);
                // This connection knows of none of them.
                for pending in self.pending.iter_mut().filter(|pending| pending.answer.is_none()) {
                    pending.due = Some(came);
                }
            }
            News::Answer(answered) => {
                let mut waiting =
                    self.pending.iter_mut().filter(|pending| pending.answer.is_none() && pending.due.is_none());
                let pending = match answered.sequence {
                    Some(sequence) => waiting.find(|pending| pending.sent.sequence == sequence),
                    None => waiting.next(),
                };
                let Some(pending) = pending else { return Ok(()) };
                let (mut frame, _) = pending.sent.clone().with(*answered, came);
                if self.static_image {
                    self.ids.forget();
                }
                let session = self.session.unwrap_or_default();
                self.ids.rename(Origin::Remote(session), frame.time_s, &mut frame.people);
                pending.answer = Some(frame);
                (self.has_answered, self.stuck_since) = (true, None);
                if self.pending.iter().any(|pending| pending.answer.is_none()) {
                    self.stuck_since = Some(came);
                }
            }
            News::Complaint { code, message, sequence } => return self.refuse(came, &code, message, sequence),
            News::Junk(reason) => self.last_failure = format!("an answer could not be read: {reason}"),
            News::Lost(reason) => (self.session, self.last_failure) = (None, reason),
            News::Refused(reason) if self.has_answered => (self.session, self.last_failure) = (None, reason),
            News::Refused(reason) => return Err(RemoteError::Refused { url: self.url.clone(), reason }),
            News::Ping(_) => {}
        }
        Ok(())
    }

    /// The server does not take a frame: it is sent again, unless that was said too often.
    fn refuse(&mut self, came: Instant, code: &str, reason: String, sequence: Option<u64>) -> Result<(), RemoteError> {
        let mut waiting = self.pending.iter_mut().filter(|pending| pending.answer.is_none() && pending.due.is_none());
        let pending = match sequence {
            Some(sequence) => waiting.find(|pending| pending.sent.sequence == sequence),
            // Original backends may name none, and have one frame at a time; LiveDance's name the frame they speak of.
            None => waiting.next().filter(|_| self.dialect == Dialect::Original),
        };
        let Some(pending) = pending else { return Ok(()) };
        pending.due = Some(came + TOO_FAST);
        if code == "rate_limit" {
            // One at a time from now on, so that no frame overtakes the one that is sent again.
            self.window = 1;
            return Ok(());
        }
        pending.refusals += 1;
        if pending.refusals < MOST_REFUSALS {
            return Ok(());
        }
        Err(RemoteError::Frame { url: self.url.clone(), frame: pending.sent.frame_id, code: code.to_owned(), reason })
    }
}
