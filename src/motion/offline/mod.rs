//! Solving a recording as a whole, with all the time there is.
//!
//! Live, each moment must do with what came before it. A recording is known to its end, so that everything can look both
//! ways:
//!
//! 1. The person's frames are laid on a steady clock; gaps of up to half a second are filled (`series`).
//! 2. Landmarks are smoothed forwards and backwards, which makes nothing late.
//! 3. The bone lengths are learnt from the whole recording before any pose is solved.
//! 4. Poses are solved once forwards and once backwards and meet in the middle, so that what a solver follows late comes
//!    out in time (`both_ways`).
//! 5. Feet are held from the moment they stand to the moment they leave, known from both sides (`contacts`).
//!
//! Where it is weak: gaps longer than half a second are only bridged from pose to pose, and marked.

mod both_ways;
mod contacts;
mod series;

use super::avatar_solver::SolverOptions;
use super::clip::MotionClip;
use super::fit::{BoneLengths, SkeletonFit};
use super::pose::BodyPose;
use super::retarget::{AvatarPose, smoothstep};
use super::skeleton::RestSkeleton;
pub use series::Known;
use series::{Span, lay_out};

/// Highest frame rate that is written.
pub const MAX_FPS: f64 = 240.0;
/// Longest recording that is solved as a whole, frames on the steady clock: five hours at 60 a second.
const MAX_FRAMES: f64 = 5.0 * 3600.0 * 60.0;

/// Frames that bone lengths are learnt from.
const LEARNT_FROM: usize = 300;

/// How a recording is solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfflineOptions {
    /// Frames a second of the result, above 0 and at most [`MAX_FPS`]; `None` for the recording's own.
    pub fps: Option<f64>,
    /// Above so many hertz, movement of the body counts as trembling; `None` leaves the landmarks as they are.
    pub cutoff_hz: Option<f64>,
    /// Gaps of up to so many seconds are filled.
    pub fill_s: f64,
    /// Fit, locomotion, mirror, camera.
    pub solver: SolverOptions,
}

impl OfflineOptions {
    /// The usual ones for this solver.
    #[must_use]
    pub const fn new(solver: SolverOptions) -> Self {
        Self { fps: None, cutoff_hz: Some(6.0), fill_s: 0.5, solver }
    }
}

/// A person's motion, solved as a whole. All lists are as long as the clip's.
#[derive(Debug, Clone, PartialEq)]
pub struct OfflineMotion {
    /// Poses at a constant rate.
    pub clip: MotionClip,
    /// Seconds of the recording's clock at the first frame.
    pub start_s: f64,
    /// What each frame rests on.
    pub known: Vec<Known>,
    /// The landmarks that each pose was solved from, smoothed and, with the fit, of constant bone lengths, mirrored as the
    /// poses are; `None` where the person was not seen for too long.
    pub bodies: Vec<Option<BodyPose>>,
    /// Whether the left and the right foot carry weight.
    pub contacts: Vec<[bool; 2]>,
    /// Whether all of this is as a mirror shows it: left and right exchanged.
    pub is_mirrored: bool,
}

/// Solves the motion of one person for the avatar with this T-pose. `frames` are their raw landmarks with the
/// recording's own times in seconds, rising. `None` when there is nothing to solve: fewer than two frames, times that do
/// not rise, a length beyond reason.
#[must_use]
pub fn solve(
    name: &str,
    frames: &[(f64, &BodyPose)],
    skeleton: &RestSkeleton,
    options: &OfflineOptions,
) -> Option<OfflineMotion> {
    solve_while(name, frames, skeleton, options, &mut || true)
}

/// As [`solve`], for as long as `goes_on` says so, which is asked again and again; `None` when it does not.
#[must_use]
pub fn solve_while(
    name: &str,
    frames: &[(f64, &BodyPose)],
    skeleton: &RestSkeleton,
    options: &OfflineOptions,
    goes_on: &mut dyn FnMut() -> bool,
) -> Option<OfflineMotion> {
    let source_fps = frame_rate(frames)?;
    let fps = options.fps.unwrap_or(source_fps);
    if !(fps > 0.0 && fps <= MAX_FPS) {
        return None;
    }
    // Solved at least as finely as it was recorded; only every n-th pose is kept.
    let steps = (source_fps / fps - 1e-6).ceil().max(1.0) as usize;
    let rate = fps * steps as f64;
    let start_s = frames.first()?.0;
    if (frames.last()?.0 - start_s) * rate > MAX_FRAMES {
        return None;
    }
    let mut spans = lay_out(frames, rate, source_fps, options);
    let length = spans.last()?.end();
    let mut solver = options.solver;
    solver.bones = solver.bones.or_else(|| Some(learn_bones(&spans, rate, &solver)));
    let mut solved = Vec::new();
    for span in &mut spans {
        solved.push(both_ways::solve(span, rate, skeleton, &solver, goes_on)?);
    }

    let mut motion = OfflineMotion {
        clip: MotionClip { name: name.to_owned(), fps, skeleton: skeleton.clone(), poses: Vec::new() },
        start_s,
        known: Vec::new(),
        bodies: Vec::new(),
        contacts: Vec::new(),
        is_mirrored: solver.mirror,
    };
    for frame in (0..length).step_by(steps) {
        let (pose, body, known, contact) = at(&spans, &solved, frame)?;
        motion.clip.poses.push(pose);
        motion
            .bodies
            .push(body.map(|body| if solver.mirror { body.mirrored(solver.view.width) } else { body.clone() }));
        motion.known.push(known);
        motion.contacts.push(contact);
    }
    Some(motion)
}

type Moment<'a> = (AvatarPose, Option<&'a BodyPose>, Known, [bool; 2]);

/// The person's bone lengths, from frames spread over the whole recording.
fn learn_bones(spans: &[Span], rate: f64, options: &SolverOptions) -> BoneLengths {
    let count: usize = spans.iter().map(|span| span.bodies.len()).sum();
    let mut fit = SkeletonFit::new();
    fit.set_height(options.height_m);
    let bodies = spans.iter().flat_map(|span| (span.first..).zip(&span.bodies));
    for (frame, body) in bodies.step_by((count / LEARNT_FROM).max(1)) {
        fit.fit(frame as f64 / rate, body, options.view);
    }
    *fit.lengths()
}

/// What is shown at one frame of the steady clock: of the span that it lies in, or on the way between two spans.
fn at<'a>(spans: &'a [Span], solved: &[both_ways::Solved], frame: usize) -> Option<Moment<'a>> {
    let next = spans.partition_point(|span| span.end() <= frame);
    let span = spans.get(next)?;
    if let Some(index) = frame.checked_sub(span.first) {
        let solved = &solved[next];
        return Some((solved.poses[index], Some(&span.bodies[index]), span.known[index], solved.contacts[index]));
    }
    let before = next.checked_sub(1)?;
    let (from, to) = (solved[before].poses.last()?, solved[next].poses.first()?);
    let left = spans[before].end() - 1;
    let share = (frame - left) as f32 / (span.first - left) as f32;
    Some((from.interpolate(to, smoothstep(0.0, 1.0, share)), None, Known::Missing, [false; 2]))
}

/// Frames a second of a recording: the median of the intervals between its frames, as a round number where it is nearly
/// one.
#[must_use]
pub fn frame_rate(frames: &[(f64, &BodyPose)]) -> Option<f64> {
    let mut intervals: Vec<f64> = frames.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    if intervals.is_empty() || !intervals.iter().all(|interval| interval.is_finite() && *interval > 0.0) {
        return None;
    }
    let middle = intervals.len() / 2;
    let (_, median, _) = intervals.select_nth_unstable_by(middle, f64::total_cmp);
    let fps = (1.0 / *median).clamp(0.1, MAX_FPS);
    let round = fps.round();
    Some(if round > 0.0 && (fps / round - 1.0).abs() < 0.01 { round } else { fps })
}
