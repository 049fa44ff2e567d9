//! One recording after the other: countdown, take, end.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::RecordPlan;
use crate::app::capture::Live;
use crate::app::overlay::{RecordingView, ToastKind};
use crate::capture::{SourceMatter, SourceSpec};
use crate::formats::take::{clock, file_stem};
use crate::paths::takes_folder;
use crate::pipeline::live::{InferenceState, SourceState};
use crate::pipeline::recorder::{self, Recorder, RecorderError, RecorderOptions};
use crate::settings::Settings;

/// What the user asked for and how far it is.
#[derive(Default)]
pub(super) struct Session {
    phase: Phase,
    /// A recording that begins as soon as frames come.
    pub(super) plan: Option<RecordPlan>,
    /// Whether the key was pressed since the last frame.
    pub(super) is_toggled: bool,
}

#[derive(Default)]
enum Phase {
    #[default]
    Idle,
    Countdown {
        until_s: f64,
    },
    Recording(Take),
    Finishing(Take),
}

/// The take that is recorded.
struct Take {
    recorder: Recorder,
    /// Where its frames come from: another source is another take.
    source: SourceSpec,
    /// Whether lost frames, and a video that failed, were told already.
    is_loss_told: bool,
    is_video_told: bool,
}

impl Session {
    /// Does what is due. Returns whether a file was made or completed.
    pub(super) fn drive(
        &mut self,
        live: &mut Live,
        settings: &Settings,
        now_s: f64,
        tell: &mut dyn FnMut(ToastKind, String),
    ) -> bool {
        let is_toggled = std::mem::take(&mut self.is_toggled);
        let obstacle = obstacle(live);
        match std::mem::take(&mut self.phase) {
            Phase::Idle => {
                if let (Some(plan), true) = (&self.plan, can_begin(live)) {
                    let plan = plan.clone();
                    self.plan = None;
                    return self.begin(live, settings, Some(&plan), tell);
                }
                match obstacle {
                    Some(why) if is_toggled => tell(ToastKind::Warning, format!("Nothing is recorded: {why}")),
                    None if is_toggled => {
                        self.phase = Phase::Countdown { until_s: now_s + f64::from(settings.countdown_s) }
                    }
                    _ => {}
                }
                false
            }
            Phase::Countdown { .. } if is_toggled => false,
            Phase::Countdown { until_s } if now_s < until_s => {
                self.phase = Phase::Countdown { until_s };
                false
            }
            Phase::Countdown { .. } => match obstacle {
                Some(why) => {
                    tell(ToastKind::Error, format!("Nothing is recorded: {why}"));
                    false
                }
                None => self.begin(live, settings, None, tell),
            },
            Phase::Recording(mut take) => {
                take.tell_troubles(tell);
                let has_ended = take.recorder.status().is_finished;
                if is_toggled || has_ended || *live.source() != take.source {
                    live.set_tap(None);
                    take.recorder.end();
                    self.phase = Phase::Finishing(take);
                } else {
                    self.phase = Phase::Recording(take);
                }
                false
            }
            Phase::Finishing(mut take) => {
                take.tell_troubles(tell);
                if take.recorder.status().is_finished {
                    take.tell_end(tell);
                    return true;
                }
                self.phase = Phase::Finishing(take);
                false
            }
        }
    }

    fn begin(
        &mut self,
        live: &mut Live,
        settings: &Settings,
        plan: Option<&RecordPlan>,
        tell: &mut dyn FnMut(ToastKind, String),
    ) -> bool {
        let info = live.status.info.as_ref();
        let header = recorder::header(&live.source().to_string(), info, settings);
        let options = RecorderOptions {
            video: plan.map_or(settings.record_video, |plan| plan.video),
            fps: info.and_then(|info| info.fps).unwrap_or(30.0),
            ..RecorderOptions::default()
        };
        let started = if let Some(plan) = plan {
            replace_old(plan).and_then(|()| Recorder::start(&plan.path, header, options))
        } else {
            let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let folder = takes_folder(&settings.takes_folder);
            Recorder::start_in(&folder, &file_stem(now_s), header, options)
        };
        match started {
            Ok(recorder) => {
                tracing::info!("recording {}", recorder.path().display());
                live.set_tap(Some(recorder.tap()));
                let source = live.source().clone();
                let take = Take { recorder, source, is_loss_told: false, is_video_told: false };
                self.phase = Phase::Recording(take);
                true
            }
            Err(error) => {
                tracing::error!("{error}");
                tell(ToastKind::Error, error.to_string());
                false
            }
        }
    }

    /// Completes the take that is being recorded, and waits until it is on the disk.
    pub(super) fn finish(&mut self) {
        if let Phase::Recording(take) | Phase::Finishing(take) = std::mem::take(&mut self.phase) {
            let path = take.recorder.path().to_owned();
            let status = take.recorder.stop();
            match status.error {
                None => tracing::info!("recorded {}, {}", path.display(), clock(status.seconds)),
                Some(error) => tracing::error!("{error}"),
            }
        }
    }

    /// The file that is being recorded.
    pub(super) fn path(&self) -> Option<PathBuf> {
        match &self.phase {
            Phase::Recording(take) | Phase::Finishing(take) => Some(take.recorder.path().to_owned()),
            Phase::Idle | Phase::Countdown { .. } => None,
        }
    }

    pub(super) fn view(&self, live: &Live, now_s: f64) -> RecordingView {
        match &self.phase {
            Phase::Idle => obstacle(live).map_or(RecordingView::Idle, |why| RecordingView::Unavailable { why }),
            Phase::Countdown { until_s } => RecordingView::Countdown { left_s: (until_s - now_s).max(0.0) },
            Phase::Recording(take) => {
                let status = take.recorder.status();
                RecordingView::Recording { seconds: status.seconds, bytes: status.bytes, lost: status.lost }
            }
            Phase::Finishing(_) => RecordingView::Finishing,
        }
    }
}

impl Take {
    fn tell_troubles(&mut self, tell: &mut dyn FnMut(ToastKind, String)) {
        let status = self.recorder.status();
        if status.lost > 0 && !self.is_loss_told {
            self.is_loss_told = true;
            tell(ToastKind::Warning, "The disk is too slow: frames are missing in the take".to_owned());
        }
        if let (Some(error), false) = (&status.video_error, self.is_video_told) {
            self.is_video_told = true;
            tell(ToastKind::Warning, format!("The take goes on without its video: {error}"));
        }
    }

    fn tell_end(&self, tell: &mut dyn FnMut(ToastKind, String)) {
        let status = self.recorder.status();
        let name = self.recorder.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(error) = status.error {
            tracing::error!("{error}");
            tell(ToastKind::Error, error);
        } else {
            let (length, frames) = (clock(status.seconds), status.frames);
            tracing::info!("recorded {}, {length}, {frames} frames", self.recorder.path().display());
            tell(ToastKind::Success, format!("Recorded {name}: {length}, {frames} frames"));
        }
    }
}

/// Why nothing can be recorded now.
fn obstacle(live: &Live) -> Option<&'static str> {
    if live.matter() != SourceMatter::Pictures {
        return Some("these poses come from another program");
    }
    match (&live.status.source, &live.status.inference) {
        (_, InferenceState::Failed { .. }) => Some("tracking does not run"),
        (SourceState::Failed { .. } | SourceState::Waiting { .. }, _) => Some("there is no source"),
        (SourceState::Opening, _) => Some("the source is being opened"),
        (SourceState::Ended, _) => Some("the source has ended"),
        (SourceState::Running | SourceState::Paused, _) if live.status.info.is_none() => Some("there is no source"),
        (SourceState::Running | SourceState::Paused, _) => None,
    }
}

/// Whether the first frame is about to come.
fn can_begin(live: &Live) -> bool {
    live.status.source == SourceState::Running && live.status.info.is_some()
}

fn replace_old(plan: &RecordPlan) -> Result<(), RecorderError> {
    if plan.force && plan.path.is_file() {
        let failed = |reason| crate::formats::take::TakeError::Create { path: plan.path.clone(), reason };
        std::fs::remove_file(&plan.path).map_err(failed)?;
        if plan.video {
            // The video of the take that was replaced.
            let _ = std::fs::remove_file(plan.path.with_extension("mp4"));
        }
    }
    Ok(())
}
