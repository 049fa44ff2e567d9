//! The source thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::playback::Playback;
use super::{Captured, OpenSource, Shared, SourceState, panic_text};
use crate::capture::{CaptureError, FrameSource, SourceKind};
use crate::frame::Frame;

/// How long after a failure a camera is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often a single picture is published, so that a change of options shows.
const PICTURE_INTERVAL: Duration = Duration::from_millis(250);

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
    let mut reader = Reader { shared, playback: Playback::default(), next_id: 0, version: 0 };
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
}

impl Reader<'_> {
    /// Opens and plays one source after the other until the pipeline is closed.
    fn work(&mut self, open: &OpenSource) {
        let mut again = false;
        loop {
            let control = self.shared.control();
            if control.closed {
                return;
            }
            let (spec, changed) = (control.spec.clone(), control.source_version != self.version);
            self.version = control.source_version;
            drop(control);
            // Between two loops, and while a lost camera is tried again, the state stays what it was.
            if changed || !again {
                let mut status = self.shared.status();
                status.source = SourceState::Opening;
                status.warning = None;
            }
            let stop = match open(&spec) {
                Ok(mut source) => self.play(&mut *source),
                Err(error) => Stop::Failed(error),
            };
            again = self.after(stop);
        }
    }

    /// Decides what follows. Returns whether the same source is to be played again.
    fn after(&self, stop: Stop) -> bool {
        match stop {
            Stop::Changed => false,
            Stop::Ended => {
                let (version, looping) = (self.version, self.shared.control().options.looping);
                if looping {
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

    fn play(&mut self, source: &mut dyn FrameSource) -> Stop {
        self.playback.start_epoch();
        {
            let mut status = self.shared.status();
            status.info = Some(source.info().clone());
            status.source = SourceState::Running;
            status.skipped = 0;
        }
        match source.info().kind {
            SourceKind::Image => self.play_picture(source),
            SourceKind::Camera => self.play_camera(source),
            SourceKind::Video | SourceKind::Folder => self.play_file(source),
        }
    }

    fn play_file(&mut self, source: &mut dyn FrameSource) -> Stop {
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
                self.playback.start_epoch();
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
        let static_image = origin == Origin::Picture;
        let time_s = self.playback.stamp(frame.time_s, now);
        let frame = Frame { frame_id: self.next_id, captured_at, time_s, ..frame };
        self.next_id += 1;
        self.shared.frames.publish(Captured { frame, epoch: self.playback.epoch(), static_image });
    }
}
