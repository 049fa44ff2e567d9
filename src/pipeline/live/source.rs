//! The source thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::playback::Playback;
use super::{OpenSource, Shared, SourceState, panic_text, publish_frame};
use crate::capture::{CaptureError, FrameSource, SourceKind};
use crate::frame::Frame;
use crate::motion::session::Continuity;

/// How long after a failure a camera is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often a single picture is published, so that a change of options shows.
const PICTURE_INTERVAL: Duration = Duration::from_millis(250);
/// How long before the end of a file that is played in a loop it is opened again: a decoder takes a moment to start.
const OPEN_AHEAD_S: f64 = 2.0;
/// Frame rate assumed where a file says none.
const FALLBACK_FPS: f64 = 30.0;

/// Why playing stopped.
enum Stop {
    /// Another source is wanted, or none at all.
    Changed,
    /// The file came to its end.
    Ended,
    Failed(CaptureError),
}

/// Works until the pipeline is closed. A panic ends the source, not the thread.
pub(super) fn run(shared: &Shared, open: &OpenSource) {
    let mut reader = Reader { shared, playback: Playback::default(), next_id: 0, version: 0, is_loop: false };
    loop {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| reader.work(open))) {
            let message = format!("the source failed inside ({}); choose it again", panic_text(&*payload));
            shared.set_source_state(SourceState::Failed { message });
            reader.wait_for_change(None);
        }
        if shared.control().closed {
            return;
        }
    }
}

/// What a frame's own moment of capture means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Camera,
    File,
    Picture,
}

struct Reader<'a> {
    shared: &'a Shared,
    playback: Playback,
    next_id: u64,
    version: u64,
    /// Whether what is played next is the same file from its start.
    is_loop: bool,
}

/// A source that is opened beside the one that plays.
type Coming<'scope> = ScopedJoinHandle<'scope, Result<Box<dyn FrameSource>, CaptureError>>;

impl Reader<'_> {
    /// Opens and plays one source after the other until the pipeline is closed.
    fn work(&mut self, open: &OpenSource) {
        std::thread::scope(|scope| self.play_sources(open, scope));
    }

    fn play_sources<'scope, 'env: 'scope>(&mut self, open: &'env OpenSource, scope: &'scope Scope<'scope, 'env>) {
        let mut again = false;
        let mut coming: Option<Coming<'scope>> = None;
        loop {
            let mut control = self.shared.control();
            if control.closed {
                return;
            }
            let (spec, changed) = (control.spec.clone(), control.source_version != self.version);
            self.version = control.source_version;
            if changed || control.first_frame.is_none() {
                control.first_frame = Some(self.next_id);
            }
            drop(control);
            // Between two loops, and while a lost camera is tried again, the state stays what it was.
            if changed || !again {
                let mut status = self.shared.status();
                status.source = SourceState::Opening;
                status.warning = None;
            }
            let prepared = coming.take().filter(|_| self.is_loop && !changed);
            let source = prepared.and_then(|coming| coming.join().ok()).unwrap_or_else(|| open(&spec));
            let mut open_ahead = || {
                let spec = spec.clone();
                let opening = std::thread::Builder::new().name("source-ahead".to_owned());
                // Without a thread it is opened when the time comes.
                coming = coming.take().or_else(|| opening.spawn_scoped(scope, move || open(&spec)).ok());
            };
            let stop = match source {
                Ok(mut source) => self.play(&mut *source, &mut open_ahead),
                Err(error) => Stop::Failed(error),
            };
            self.is_loop = false;
            again = self.after(stop);
        }
    }

    /// Decides what follows. Returns whether the same source is to be played again.
    fn after(&mut self, stop: Stop) -> bool {
        match stop {
            Stop::Changed => false,
            Stop::Ended => {
                let (version, looping) = (self.version, self.shared.control().options.looping);
                if looping {
                    self.is_loop = true;
                    return true;
                }
                self.shared.set_source_state(SourceState::Ended);
                self.shared.wait_for(None, |c| c.closed || c.source_version != version || c.options.looping);
                false
            }
            Stop::Failed(error) if error.may_recover() => {
                self.shared.set_source_state(SourceState::Waiting { message: error.to_string() });
                self.wait_for_change(Some(Instant::now() + RETRY_AFTER));
                true
            }
            Stop::Failed(error) => {
                self.shared.set_source_state(SourceState::Failed { message: error.to_string() });
                self.wait_for_change(None);
                false
            }
        }
    }

    fn wait_for_change(&self, deadline: Option<Instant>) -> bool {
        let version = self.version;
        self.shared.wait_for(deadline, |control| control.closed || control.source_version != version)
    }

    fn play(&mut self, source: &mut dyn FrameSource, open_ahead: &mut dyn FnMut()) -> Stop {
        let frame_s = source.info().fps.filter(|fps| *fps >= 1.0).unwrap_or(FALLBACK_FPS).recip();
        // Another run of a file shows the same people.
        self.playback.start_epoch(if self.is_loop { Continuity::Seek } else { Continuity::NewSource });
        if self.is_loop {
            self.playback.follow_after(Duration::from_secs_f64(frame_s));
        }
        {
            let mut status = self.shared.status();
            status.info = Some(source.info().clone());
            status.source = SourceState::Running;
            status.skipped = 0;
        }
        match source.info().kind {
            SourceKind::Image => self.play_picture(source),
            SourceKind::Camera => self.play_camera(source),
            SourceKind::Video | SourceKind::Folder | SourceKind::Take | SourceKind::Clip => {
                self.play_file(source, open_ahead)
            }
        }
    }

    fn play_file(&mut self, source: &mut dyn FrameSource, open_ahead: &mut dyn FnMut()) -> Stop {
        let (mut begin_s, duration_s) = (None, source.info().duration_s);
        loop {
            let frame = match source.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return Stop::Ended,
                Err(error) if error.is_warning() => {
                    self.shared.status().warning = Some(error.to_string());
                    return Stop::Ended;
                }
                Err(error) => return Stop::Failed(error),
            };
            let played_s = frame.time_s - *begin_s.get_or_insert(frame.time_s);
            let is_near_end = duration_s.is_none_or(|duration_s| played_s + OPEN_AHEAD_S >= duration_s);
            if is_near_end && self.shared.control().options.looping {
                open_ahead();
            }
            loop {
                let due = self.playback.due(frame.time_s, Instant::now());
                let version = self.version;
                self.shared.wait_for(Some(due), |c| c.closed || c.paused || c.source_version != version);
                if self.is_stale() {
                    return Stop::Changed;
                }
                if !self.hold_while_paused() {
                    break;
                }
                self.playback.rebase(frame.time_s, Instant::now());
            }
            self.publish(frame, Origin::File);
        }
    }

    fn play_camera(&mut self, source: &mut dyn FrameSource) -> Stop {
        let mut paused = false;
        loop {
            let frame = match source.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return Stop::Ended,
                Err(error) => return Stop::Failed(error),
            };
            if self.is_stale() {
                return Stop::Changed;
            }
            // A held camera stays open, so that it goes on at once and nobody else takes it; what it sees is thrown away.
            if self.shared.control().paused != paused {
                paused = !paused;
                self.shared.set_source_state(if paused { SourceState::Paused } else { SourceState::Running });
                self.playback.start_epoch(Continuity::Seek);
            }
            self.shared.status().skipped = source.skipped();
            if !paused {
                self.publish(frame, Origin::Camera);
            }
        }
    }

    fn play_picture(&mut self, source: &mut dyn FrameSource) -> Stop {
        let picture = match source.next_frame() {
            Ok(Some(frame)) => frame,
            Ok(None) => return Stop::Ended,
            Err(error) => return Stop::Failed(error),
        };
        let start = Instant::now();
        loop {
            self.publish(Frame { time_s: start.elapsed().as_secs_f64(), ..picture.clone() }, Origin::Picture);
            if self.wait_for_change(Some(Instant::now() + PICTURE_INTERVAL)) {
                return Stop::Changed;
            }
            self.hold_while_paused();
        }
    }

    fn is_stale(&self) -> bool {
        let control = self.shared.control();
        control.closed || control.source_version != self.version
    }

    /// Waits as long as the user holds the source. Returns whether they did.
    fn hold_while_paused(&self) -> bool {
        if !self.shared.control().paused {
            return false;
        }
        self.shared.set_source_state(SourceState::Paused);
        let version = self.version;
        self.shared.wait_for(None, |control| control.closed || !control.paused || control.source_version != version);
        self.shared.set_source_state(SourceState::Running);
        true
    }

    fn publish(&mut self, frame: Frame, origin: Origin) {
        let now = Instant::now();
        // A camera's frame was captured when it arrived; a file's was read ahead and is captured when its moment comes.
        let captured_at = if origin == Origin::Camera { frame.captured_at } else { now };
        let (time_s, continuity) = self.playback.stamp(frame.time_s, now);
        let is_still = origin == Origin::Picture;
        let frame = Frame { frame_id: self.next_id, captured_at, time_s, continuity, is_still, ..frame };
        self.next_id += 1;
        publish_frame(&self.shared.frames, frame);
    }
}
