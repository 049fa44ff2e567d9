//! What the plots show: a whole take, measured beside everything else, or the last seconds of a live source.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;

use super::overlay::{LIVE_SECONDS, PlotsView};
use super::player::Player;
use super::tracking::LatestTracked;
use crate::capture::SourceKind;
use crate::motion::angle::joint_angles;
use crate::motion::angle_series::AngleSeries;
use crate::motion::filter::SmoothingParams;
use crate::pipeline::take_frames;
use crate::pipeline::take_player::PlayerState;

const THREAD: &str = "livedance-plots";

/// Keeps the last seconds of whatever is tracked.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Plots>().add_systems(Update, follow_live);
}

/// Joint angles over time.
#[derive(Resource, Debug, Default)]
pub(super) struct Plots {
    live: AngleSeries,
    work: Option<Work>,
}

/// What is computed, or was: once for each take and filter.
#[derive(Debug)]
struct Work {
    path: PathBuf,
    smoothing: SmoothingParams,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Thousandths.
    progress: AtomicU32,
    is_cancelled: AtomicBool,
    result: Mutex<Option<Result<Arc<AngleSeries>, String>>>,
}

impl Drop for Work {
    fn drop(&mut self) {
        self.shared.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Work {
    fn start(path: PathBuf, smoothing: SmoothingParams) -> Self {
        let shared = Arc::new(Shared::default());
        let (theirs, file) = (Arc::clone(&shared), path.clone());
        let finish = |shared: &Shared, result| {
            *shared.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        };
        let measure = move || {
            let series = take_frames::angle_series(&file, smoothing, |share| {
                theirs.progress.store((share * 1e3) as u32, Ordering::Relaxed);
                !theirs.is_cancelled.load(Ordering::Relaxed)
            });
            finish(&theirs, series.map(Arc::new).map_err(|error| error.to_string()));
        };
        if let Err(error) = std::thread::Builder::new().name(THREAD.into()).spawn(measure) {
            finish(&shared, Err(format!("the plots cannot be computed ({error}); close other programs")));
        }
        Self { path, smoothing, shared }
    }
}

impl Plots {
    /// What is to be shown now. Starts computing where that was not done; to be called while the plots are open.
    pub(super) fn view(&mut self, player: &Player, smoothing: SmoothingParams, live_s: Option<f64>) -> PlotsView {
        let Some(recording) = player.get() else {
            self.work = None;
            let series = (!self.live.is_empty()).then(|| Arc::new(self.live.clone()));
            return PlotsView { series, cursor_s: live_s, ..PlotsView::default() };
        };
        if recording.clip().is_some() {
            let message = "This motion has bones and no landmarks: there is no joint angle to measure.".to_owned();
            return PlotsView { message: Some(message), ..PlotsView::default() };
        }
        if recording.info().is_none_or(|info| info.kind != SourceKind::Take) {
            let message = match recording.state() {
                PlayerState::Failed { .. } => "This take cannot be read.".to_owned(),
                _ => "The take is being opened.".to_owned(),
            };
            return PlotsView { message: Some(message), ..PlotsView::default() };
        }
        let is_current = |work: &Work| work.path == recording.path() && work.smoothing == smoothing;
        if !self.work.as_ref().is_some_and(is_current) {
            self.work = Some(Work::start(recording.path().to_owned(), smoothing));
        }
        let view =
            PlotsView { cursor_s: recording.shown_s(), start_s: Some(recording.first_s()), ..PlotsView::default() };
        let Some(work) = &self.work else { return view };
        match &*work.shared.result.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Ok(series)) => PlotsView { series: Some(Arc::clone(series)), ..view },
            Some(Err(message)) => PlotsView { message: Some(message.clone()), ..view },
            None => {
                let share = work.shared.progress.load(Ordering::Relaxed) as f32 / 1e3;
                PlotsView { progress: Some(share), ..view }
            }
        }
    }
}

fn follow_live(latest: Res<LatestTracked>, player: Res<Player>, mut plots: ResMut<Plots>) {
    let (true, Some(frame)) = (latest.is_fresh && player.get().is_none(), &latest.frame) else { return };
    if latest.is_restart {
        plots.live = AngleSeries::new();
    }
    plots.live.push(frame.time_s, latest.people.first().map(|person| joint_angles(&person.world)).as_ref());
    plots.live.keep_last(LIVE_SECONDS);
}
