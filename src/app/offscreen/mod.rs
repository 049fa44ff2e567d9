//! Source and avatar side by side, rendered without a window, the same pixels on every run.

mod beside;
mod compose;
pub mod course;
pub mod cutout;
mod producer;
mod sheet;
mod sink;
pub mod stage;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use bevy::math::Vec3;

use super::adapter::{Adapter, find_adapter};
use super::crowd::{Crowd, place};
use super::error::AppError;
use super::metrics::Spread;
use super::scene::{CAMERA_AT, LOOK_AT};
use crate::capture::{SourceInfo, SourceKind, SourceSpec};
use crate::frame::RgbImage;
use crate::pipeline::remote::RemoteTarget;
use crate::pipeline::video_file::TRANSPARENT;
use crate::settings::{Background, Settings};
use compose::Layout;
use course::{Course, IMAGE_SECONDS};
use sink::{Finished, Sink, is_sequence};
use stage::Stage;

/// Stills made when no times are given.
const STILL_COUNT: usize = 8;

/// What to render.
#[derive(Debug, Clone)]
pub struct RenderJob {
    /// Where the frames come from.
    pub source: SourceSpec,
    /// The video to write; without an ending, a folder for one PNG picture a frame.
    pub output: Option<PathBuf>,
    /// The folder for stills.
    pub stills: Option<PathBuf>,
    /// Times of the stills in seconds from the source's start; empty for eight spread over its length.
    pub still_times_s: Vec<f64>,
    /// Pixels of the whole picture; both even.
    pub size: (u32, u32),
    /// Frames a second of the video.
    pub fps: f64,
    /// Frames a second of the clock that tracker and filters see; `None` for the source's own times.
    pub clock_fps: Option<f64>,
    /// Whether to leave the source's picture out.
    pub avatar_only: bool,
    /// What is seen behind the avatar.
    pub background: Background,
    /// The server that tracks; `None` for this machine.
    pub remote: Option<RemoteTarget>,
    /// Model, smoothing, mirror, threads, short side.
    pub settings: Settings,
}

impl RenderJob {
    fn check(&self) -> Result<(), AppError> {
        let usage = |reason: String| Err(AppError::Usage { reason });
        let (width, height) = self.size;
        if !(64..=7680).contains(&width) || !(64..=4320).contains(&height) || width % 2 == 1 || height % 2 == 1 {
            return usage(format!("the size must be even and between 64x64 and 7680x4320, not {width}x{height}"));
        }
        if !(self.fps >= 1.0 && self.fps <= 240.0) {
            return usage(format!("the frame rate must lie between 1 and 240, not {}", self.fps));
        }
        if self.still_times_s.iter().any(|time_s| !(*time_s >= 0.0 && time_s.is_finite())) {
            return usage("the times of stills must be seconds from 0 on".to_owned());
        }
        let transparent = self.background == Background::Transparent;
        let is_fit = |output: &Path| {
            let ending = output.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
            is_sequence(output) || ending.is_some_and(|ending| TRANSPARENT.contains(&ending.as_str()))
        };
        if let Some(output) = self.output.as_deref().filter(|output| transparent && !is_fit(output)) {
            let name = output.display();
            let reason =
                "a transparent background needs a name that ends in .webm or .mov, or a folder for PNG pictures";
            return usage(format!("{name}: {reason}"));
        }
        if self.output.is_none() && self.stills.is_none() {
            return usage("neither a video nor a folder for stills was asked for".to_owned());
        }
        Ok(())
    }
}

/// What was rendered and measured.
#[derive(Debug, Clone)]
pub struct RenderReport {
    /// Frames in the video.
    pub frames: u64,
    /// Stills written.
    pub stills: Vec<PathBuf>,
    /// Seconds that it all took.
    pub elapsed_s: f64,
    /// Pictures drawn a second, reading back and encoding included.
    pub render_fps: f64,
    /// Frames that the source gave.
    pub source_frames: u64,
    /// Those with at least one person.
    pub source_frames_with_people: u64,
    /// Milliseconds by stage, in the order of [`Stage::ALL`](crate::frame::Stage::ALL).
    pub stages_ms: [Spread; crate::frame::Stage::ALL.len()],
    /// The graphics adapter.
    pub adapter: String,
    /// What is known about the source.
    pub source: SourceInfo,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pictures drawn.
    pub done: u64,
    /// Pictures in all, where the source's length is known.
    pub total: Option<u64>,
}

/// Renders a job. `progress` hears of every picture. Soon after `stop` is set the work ends and no video is left.
///
/// # Errors
/// [`AppError::Interrupted`] when it was stopped; others: no adapter, no avatar, no source, no models, no encoder, or a job that makes no sense.
pub fn render(
    job: &RenderJob,
    progress: &mut dyn FnMut(Progress),
    stop: &AtomicBool,
) -> Result<RenderReport, AppError> {
    job.check()?;
    // A source that cannot be used is told before the seconds that a graphics driver takes.
    let mut course = Course::open(job, stop)?;
    let adapter = find_adapter()?;
    let transparent = job.background == Background::Transparent;
    // Bones have no picture, and nobody whose skeleton could be drawn. Nothing is seen through a picture.
    let avatar_only = job.avatar_only || course.is_clip() || transparent;
    let layout = Layout::new(job.size, course.size(), avatar_only);
    let (width, height) = (layout.avatar.width, layout.avatar.height);
    let step = Duration::from_secs_f64(1.0 / job.fps);
    let mut stage = Stage::new(&adapter, width, height, step, job.settings.people as usize, &job.settings.avatar)?;
    stage.set_background(job.background);
    let mut samplers = stage.samplers()?;
    let (mut crowd, aspect) = (Crowd::default(), width as f32 / height.max(1) as f32);
    course.begin(&mut samplers);
    let mut sink = Sink::open(job)?;
    let mut moments = Moments::new(job, course.info());
    let total = moments.total();

    // Pictures come back an update later than they were asked for; until then the left half waits here.
    let mut waiting: VecDeque<(Moment, RgbImage)> = VecDeque::new();
    let mut deliver = |stage: &mut Stage, waiting: &mut VecDeque<(Moment, RgbImage)>| -> Result<(), AppError> {
        while let Some((moment, mut canvas)) = waiting.pop_front() {
            let finished = if transparent {
                stage.next_cutout().map(Finished::Transparent)
            } else {
                stage.next_picture().map(|avatar| {
                    layout.place_avatar(&mut canvas, &avatar);
                    Finished::Opaque(std::mem::take(&mut canvas))
                })
            };
            let Some(finished) = finished else {
                waiting.push_front((moment, canvas));
                break;
            };
            sink.take(moment, &finished)?;
        }
        Ok(())
    };
    let began = Instant::now();
    let (mut done, mut figures) = (0, course.sample(0.0, &mut samplers));
    while let Some(moment) = moments.next() {
        course.check_stop()?;
        if !course.advance(moment.time_s, &mut samplers)? && moment.still.is_none() {
            break;
        }
        figures = course.sample(moment.time_s, &mut samplers);
        let places = figures.iter().filter_map(|figure| place(figure.standing, &figure.pose));
        let stand = crowd.follow(moment.time_s, aspect, places);
        let at = LOOK_AT + Vec3::X * stand.across_m;
        stage.look(at + (CAMERA_AT - LOOK_AT) * stand.share, at);
        let canvas = layout.compose(course.current()?, job.settings.mirror)?;
        waiting.push_back((moment, canvas));
        stage.draw(&figures)?;
        deliver(&mut stage, &mut waiting)?;
        done += 1;
        progress(Progress { done, total });
    }
    stage.flush(&figures)?;
    deliver(&mut stage, &mut waiting)?;
    course.check_stop()?;
    let (frames, stills) = sink.finish()?;
    course.drain(&mut samplers)?;
    let elapsed_s = began.elapsed().as_secs_f64();
    Ok(RenderReport {
        frames,
        stills,
        elapsed_s,
        render_fps: done as f64 / elapsed_s.max(1e-9),
        source_frames: course.timings().len() as u64,
        source_frames_with_people: course.with_people(),
        stages_ms: crate::frame::Stage::ALL
            .map(|stage| Spread::of(course.timings().iter().map(|timings| timings[stage])).unwrap_or_default()),
        adapter: adapter.name,
        source: course.info().clone(),
    })
}

/// A moment to draw, seconds from the source's start.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moment {
    time_s: f64,
    is_video: bool,
    still: Option<usize>,
}

/// The moments of the video and of the stills, merged in order.
struct Moments {
    fps: Option<f64>,
    next_frame: u64,
    frame_count: Option<u64>,
    stills: VecDeque<(usize, f64)>,
}

impl Moments {
    fn new(job: &RenderJob, info: &SourceInfo) -> Self {
        let length_s = if info.kind == SourceKind::Image { Some(IMAGE_SECONDS) } else { info.duration_s };
        let fps = job.output.is_some().then_some(job.fps);
        let mut times = job.still_times_s.clone();
        if times.is_empty() {
            let length_s = length_s.unwrap_or(STILL_COUNT as f64);
            times = (0..STILL_COUNT).map(|i| length_s * (i as f64 + 0.5) / STILL_COUNT as f64).collect();
        }
        times.sort_by(f64::total_cmp);
        Self {
            fps,
            next_frame: 0,
            frame_count: fps.and_then(|fps| Some((length_s? * fps).round() as u64)),
            stills: if job.stills.is_some() { times.into_iter().enumerate().collect() } else { VecDeque::new() },
        }
    }

    fn total(&self) -> Option<u64> {
        let stills = self.stills.len() as u64;
        if self.fps.is_some() { self.frame_count.map(|frames| frames + stills) } else { Some(stills) }
    }

    fn next(&mut self) -> Option<Moment> {
        let frame_s = self.fps.map(|fps| self.next_frame as f64 / fps);
        let still = self.stills.front().copied();
        match (frame_s, still) {
            (frame_s, Some((index, time_s))) if frame_s.is_none_or(|frame_s| time_s < frame_s) => {
                self.stills.pop_front();
                Some(Moment { time_s, is_video: false, still: Some(index) })
            }
            (Some(time_s), _) => {
                self.next_frame += 1;
                Some(Moment { time_s, is_video: true, still: None })
            }
            (None, _) => None,
        }
    }
}

/// The adapter that [`render`] will use.
///
/// # Errors
/// [`AppError::NoAdapter`] when there is none.
pub fn adapter() -> Result<Adapter, AppError> {
    find_adapter()
}
