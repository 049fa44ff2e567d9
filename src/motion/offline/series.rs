//! A person's frames on a steady clock.

use glam::{DVec3, Vec3};

use super::OfflineOptions;
use crate::motion::filter::zero_phase;
use crate::motion::hand::{HandPose, Side};
use crate::motion::landmark::Landmark;
use crate::motion::pose::BodyPose;

/// Fingers move faster than limbs: their cutoff is so many times the body's.
const HANDS_CUTOFF: f64 = 1.5;
/// Two frames so many of the source's intervals apart have a gap between them.
const GAP: f64 = 1.6;

/// What a frame of the result rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The person was seen then.
    Seen,
    /// They were not, but shortly before and after.
    Filled,
    /// They were not seen for too long: the way from one pose to the next is made up.
    Missing,
}

/// Frames on end, gaps filled.
#[derive(Debug, Clone)]
pub(super) struct Span {
    /// Number of the first one on the steady clock.
    pub(super) first: usize,
    pub(super) bodies: Vec<BodyPose>,
    pub(super) known: Vec<Known>,
}

impl Span {
    /// Number of the first frame that is not in it.
    pub(super) fn end(&self) -> usize {
        self.first + self.bodies.len()
    }
}

/// Lays frames on a clock of `rate` frames a second that begins with the first of them, and smooths them. Gaps that are
/// too long to be filled lie between two spans.
pub(super) fn lay_out(frames: &[(f64, &BodyPose)], rate: f64, source_fps: f64, options: &OfflineOptions) -> Vec<Span> {
    let Some((start_s, _)) = frames.first() else { return Vec::new() };
    let mut spans: Vec<Span> = Vec::new();
    let longest = options.fill_s.max(GAP / source_fps);
    for stretch in frames.chunk_by(|a, b| b.0 - a.0 <= longest) {
        let [(from_s, _), ..] = stretch else { continue };
        let end_s = stretch.last().map_or(*from_s, |(time_s, _)| *time_s);
        // A hair's breadth of a frame is rounding.
        let first = ((from_s - start_s) * rate - 1e-6).ceil() as usize;
        let last = ((end_s - start_s) * rate + 1e-6).floor() as usize;
        let (mut bodies, mut known, mut next) = (Vec::new(), Vec::new(), 1);
        for frame in first..=last {
            let time_s = start_s + frame as f64 / rate;
            while next + 1 < stretch.len() && stretch[next].0 < time_s {
                next += 1;
            }
            let (before, after) = (stretch[next.min(stretch.len()) - 1], stretch[next.min(stretch.len() - 1)]);
            let between = after.0 - before.0;
            let share = if between > 0.0 { ((time_s - before.0) / between).clamp(0.0, 1.0) } else { 0.0 };
            bodies.push(mix(before.1, after.1, share as f32));
            // Beside a frame that was seen, the gap is not felt.
            let near = (share * between).min((1.0 - share) * between) < 0.5 / source_fps;
            known.push(if between <= GAP / source_fps || near { Known::Seen } else { Known::Filled });
        }
        if bodies.is_empty() {
            continue;
        }
        fill_hands(&mut bodies, rate, options.fill_s);
        if let Some(cutoff_hz) = options.cutoff_hz {
            smooth(&mut bodies, rate, cutoff_hz);
        }
        spans.push(Span { first, bodies, known });
    }
    spans
}

/// The body between two others; hands only where both have them, or at one of the two itself.
fn mix(a: &BodyPose, b: &BodyPose, share: f32) -> BodyPose {
    let mut body = if share < 0.5 { a.clone() } else { b.clone() };
    // Nothing here depends on filters of other frames.
    body.is_new = false;
    let landmark = |a: &Landmark, b: &Landmark| Landmark {
        position: a.position.lerp(b.position, share),
        visibility: a.visibility + share * (b.visibility - a.visibility),
        presence: a.presence + share * (b.presence - a.presence),
    };
    body.image = std::array::from_fn(|index| landmark(&a.image[index], &b.image[index]));
    body.world = std::array::from_fn(|index| landmark(&a.world[index], &b.world[index]));
    body.score = a.score + share * (b.score - a.score);
    body.size_px = a.size_px + share * (b.size_px - a.size_px);
    for side in Side::BOTH {
        *body.hands.get_mut(side) = match (a.hands.get(side), b.hands.get(side)) {
            (Some(a), Some(b)) => Some(mix_hands(a, b, share)),
            (hand, _) if share < 0.5 => hand.copied(),
            (_, hand) => hand.copied(),
        };
    }
    body
}

fn mix_hands(a: &HandPose, b: &HandPose, share: f32) -> HandPose {
    HandPose {
        provenance: if share < 0.5 { a.provenance } else { b.provenance },
        score: a.score + share * (b.score - a.score),
        image: std::array::from_fn(|index| a.image[index].lerp(b.image[index], share)),
        world: std::array::from_fn(|index| a.world[index].lerp(b.world[index], share)),
    }
}

/// Hands that are lost for a moment.
fn fill_hands(bodies: &mut [BodyPose], rate: f64, fill_s: f64) {
    for side in Side::BOTH {
        let mut last: Option<usize> = None;
        for frame in 0..bodies.len() {
            let Some(after) = bodies[frame].hands.get(side).copied() else { continue };
            if let Some(before) = last
                && frame - before > 1
                && (frame - before) as f64 <= fill_s * rate
                && let Some(first) = bodies[before].hands.get(side).copied()
            {
                for (place, body) in bodies[before..frame].iter_mut().enumerate().skip(1) {
                    let share = place as f32 / (frame - before) as f32;
                    *body.hands.get_mut(side) = Some(mix_hands(&first, &after, share));
                }
            }
            last = Some(frame);
        }
    }
}

/// Smooths every landmark of a span, nothing late.
fn smooth(bodies: &mut [BodyPose], rate: f64, cutoff_hz: f64) {
    let count = bodies.first().map_or(0, |body| body.world.len());
    for index in 0..count {
        run(bodies, rate, cutoff_hz, |body| Some(&mut body.world[index].position));
        run(bodies, rate, cutoff_hz, |body| Some(&mut body.image[index].position));
    }
    for side in Side::BOTH {
        // Each stretch in which the hand is seen by itself.
        for stretch in bodies.chunk_by_mut(|a, b| a.hands.get(side).is_some() == b.hands.get(side).is_some()) {
            let points = stretch.first().and_then(|body| body.hands.get(side)).map_or(0, |hand| hand.world.len());
            for index in 0..points {
                let cutoff_hz = cutoff_hz * HANDS_CUTOFF;
                run(stretch, rate, cutoff_hz, |body| Some(&mut body.hands.get_mut(side).as_mut()?.world[index]));
                run(stretch, rate, cutoff_hz, |body| Some(&mut body.hands.get_mut(side).as_mut()?.image[index]));
            }
        }
    }
}

fn run(bodies: &mut [BodyPose], rate: f64, cutoff_hz: f64, mut point: impl FnMut(&mut BodyPose) -> Option<&mut Vec3>) {
    let signal: Vec<DVec3> =
        bodies.iter_mut().map(|body| point(body).map_or(DVec3::ZERO, |point| point.as_dvec3())).collect();
    // One number that is none would spoil all after it.
    if !signal.iter().all(|value| value.is_finite()) {
        return;
    }
    for (body, smoothed) in bodies.iter_mut().zip(zero_phase(&signal, rate, cutoff_hz)) {
        if let Some(point) = point(body) {
            *point = smoothed.as_vec3();
        }
    }
}
