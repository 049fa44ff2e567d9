//! What a reference dance asks of a player: its moments.

use super::limb::{DANCE_LIMB_COUNT, DanceLimb, LimbConfidence};
use super::shape::{Shape, heading_rad};
use super::window::Window;
use crate::motion::clip::MotionClip;
use crate::motion::retarget::{AvatarPose, smoothstep, wrap};
use crate::motion::skeleton::RestSkeleton;

/// Most beats of one dance: an hour of the fastest.
const MAX_BEATS: usize = 20_000;
/// Slowest and fastest play.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.25..=4.0;
/// A beat's window is at least and at most this long, seconds of song time.
const MIN_SPAN_S: f64 = 0.3;
const MAX_SPAN_S: f64 = 0.8;
/// What a lone beat is taken to last, seconds.
const LONE_BEAT_S: f64 = 0.5;
/// Motion (root mean square, radians) up to which a limb holds still, and from which on it moves in full.
const STILL_RAD: f32 = 0.08;
const MOVING_RAD: f32 = 0.28;
/// Angle to a person at ease from which on a held limb begins to matter, and matters in full, radians.
const POSED_FROM_RAD: f32 = 0.25;
const POSED_RAD: f32 = 0.9;
/// Weight of a limb that is held in a pose, and of one that hangs, against one that moves.
const HELD_WEIGHT: f32 = 0.35;
const LEAST_WEIGHT: f32 = 0.05;
/// Sum of the importance of moving limbs from which on a moment begins to count, and counts in full.
const QUIET: f32 = 0.1;
const LIVELY: f32 = 0.5;
/// A moment with less weight is none.
const MIN_MOMENT_WEIGHT: f32 = 0.05;
/// Steps in which the way of limbs between two beats is measured.
const WAY_STEPS: u32 = 8;
/// A way between two beats of this length, radians, that is this much longer than the straight one has a half-beat in it...
const FAST_WAY_RAD: f32 = 1.2;
const DETOUR: f32 = 1.6;
/// ...unless beats are as near to one another as this, seconds.
const MIN_HALVED_BEAT_S: f64 = 0.4;

/// Why a dance cannot be scored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrackError {
    /// There is no motion.
    #[error("the motion has no frames or no rate; choose another one")]
    NoMotion,
    /// The beats are not finite or do not rise.
    #[error("beat {index} is not later than the one before; give the beats in rising seconds")]
    Beats {
        /// Counted from 0.
        index: usize,
    },
    /// There are too many beats.
    #[error("there are {count} beats; a dance has at most {MAX_BEATS}")]
    TooManyBeats {
        /// How many there are.
        count: usize,
    },
    /// The speed is not one.
    #[error("the speed is {speed}; give one between 0.25 and 4")]
    Speed {
        /// The speed.
        speed: f64,
    },
    /// The start is not a number.
    #[error("the start of the motion is not a finite number of seconds")]
    Start,
    /// No beat falls into the motion.
    #[error("no beat falls into the motion; check the beats and where the motion starts")]
    NoBeats,
    /// Nobody moves at any beat.
    #[error("nothing moves at any beat; choose another motion or another start")]
    Still,
}

/// How a dance is played and read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackOptions {
    /// How fast it is played: 1 is the motion's own speed, 0.5 half of it. 0.25 to 4.
    pub speed: f64,
    /// Motion time at dance time 0, seconds; below zero where the motion begins after the music.
    pub motion_start_s: f64,
    /// The motion's heading that counts as the front: radians about the vertical from +z towards +x. `None` takes the
    /// heading that the dance has most.
    pub front_rad: Option<f32>,
    /// Whether fast moves are judged at half-beats, too.
    pub half_beats: bool,
}

impl Default for TrackOptions {
    fn default() -> Self {
        Self { speed: 1.0, motion_start_s: 0.0, front_rad: None, half_beats: true }
    }
}

/// One moment at which a player is scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When it is, seconds of song time.
    pub time_s: f64,
    /// How much it counts against others, above 0, up to 1: little where hardly anything moves.
    pub weight: f32,
    /// Whether it lies between two beats.
    pub half_beat: bool,
    /// How much each limb matters, by [`DanceLimb`]: zero and above.
    pub limb_weights: [f32; DANCE_LIMB_COUNT],
    /// How much of a limb's part is motion (1) and how much is holding still (0).
    pub(super) moving: [f32; DANCE_LIMB_COUNT],
    /// Length of its window, seconds of song time.
    pub(super) span_s: f64,
    pub(super) window: Window,
}

/// A reference dance, ready to be scored against.
#[derive(Debug, Clone, PartialEq)]
pub struct DanceTrack {
    moments: Vec<Moment>,
    front_rad: f32,
    options: TrackOptions,
}

impl DanceTrack {
    /// Reads a motion at `beats_s`, seconds of dance time, rising. Beats outside the motion and beats at which nothing moves
    /// make no moment.
    ///
    /// # Errors
    /// [`TrackError`] when there is no motion, a number is out of its range, or no moment is left.
    pub fn new(clip: &MotionClip, beats_s: &[f64], options: TrackOptions) -> Result<Self, TrackError> {
        if clip.poses.is_empty() || !(clip.fps.is_finite() && clip.fps > 0.0) {
            return Err(TrackError::NoMotion);
        }
        if !SPEEDS.contains(&options.speed) {
            return Err(TrackError::Speed { speed: options.speed });
        }
        if !options.motion_start_s.is_finite() {
            return Err(TrackError::Start);
        }
        if beats_s.len() > MAX_BEATS {
            return Err(TrackError::TooManyBeats { count: beats_s.len() });
        }
        let rises =
            |index: &usize| beats_s[*index].is_finite() && (*index == 0 || beats_s[*index] > beats_s[index - 1]);
        if let Some(index) = (0..beats_s.len()).find(|index| !rises(index)) {
            return Err(TrackError::Beats { index });
        }
        let inside = |beat_s: &f64| (-1e-6..=clip.duration_s() + 1e-6).contains(&(options.motion_start_s + beat_s));
        let beats_s: Vec<f64> = beats_s.iter().copied().filter(inside).map(|beat_s| beat_s / options.speed).collect();
        if beats_s.is_empty() {
            return Err(TrackError::NoBeats);
        }
        let mut track = Self { moments: Vec::new(), front_rad: 0.0, options };
        let given = options.front_rad.filter(|front| front.is_finite());
        track.front_rad = given.unwrap_or_else(|| track.usual_heading(clip, &beats_s));
        track.find_moments(clip, &beats_s);
        if track.moments.is_empty() { Err(TrackError::Still) } else { Ok(track) }
    }

    /// The moments in rising time; at least one.
    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// The motion's heading that counts as the front: radians about the vertical from +z towards +x. A coach that is to face
    /// +z is turned by its opposite.
    #[must_use]
    pub fn front_rad(&self) -> f32 {
        self.front_rad
    }

    /// How it is played.
    #[must_use]
    pub fn options(&self) -> TrackOptions {
        self.options
    }

    /// The motion time that the coach shows at a song time, seconds.
    #[must_use]
    pub fn motion_time_s(&self, song_time_s: f64) -> f64 {
        self.options.motion_start_s + song_time_s * self.options.speed
    }

    /// The song time at which the music is at `dance_time_s` of its own time, seconds.
    #[must_use]
    pub fn song_time_s(&self, dance_time_s: f64) -> f64 {
        dance_time_s / self.options.speed
    }

    /// The last moment, seconds of song time.
    #[must_use]
    pub fn end_s(&self) -> f64 {
        self.moments.last().map_or(0.0, |moment| moment.time_s)
    }

    fn shape(&self, clip: &MotionClip, song_time_s: f64) -> Option<Shape> {
        let pose = clip.sample(self.motion_time_s(song_time_s))?;
        Some(Shape::new(&pose, self.front_rad, LimbConfidence::default()))
    }

    /// The heading at a beat that is nearest to those at all beats: no turn to the side draws it away, as it would a mean.
    fn usual_heading(&self, clip: &MotionClip, beats_s: &[f64]) -> f32 {
        let every = beats_s.len().div_ceil(512);
        let poses = beats_s.iter().step_by(every).filter_map(|beat_s| clip.sample(self.motion_time_s(*beat_s)));
        let headings: Vec<f32> = poses.map(|pose| heading_rad(&pose)).filter(|heading| heading.is_finite()).collect();
        let mut best = (f32::INFINITY, 0.0);
        for own in &headings {
            let away: f32 = headings.iter().map(|other| wrap(other - own).abs()).sum();
            // Somebody who turns on and on faces everywhere alike; then the front is where they began.
            if away < best.0 * 0.95 {
                best = (away, *own);
            }
        }
        best.1
    }

    fn find_moments(&mut self, clip: &MotionClip, beats_s: &[f64]) {
        let neutral = AvatarPose::rest(&RestSkeleton::default());
        let neutral = Shape::new(&neutral, 0.0, LimbConfidence::default());
        for (index, &beat_s) in beats_s.iter().enumerate() {
            let before = index.checked_sub(1).map(|before| beat_s - beats_s[before]);
            let next = beats_s.get(index + 1).map(|next| next - beat_s);
            let length_s = before.unwrap_or(f64::INFINITY).min(next.unwrap_or(f64::INFINITY));
            let length_s = if length_s.is_finite() { length_s } else { LONE_BEAT_S };
            let span_s = length_s.clamp(MIN_SPAN_S, MAX_SPAN_S);
            self.moments.extend(self.moment(clip, &neutral, beat_s, span_s, false));
            if let Some(next_s) = next.filter(|next_s| self.options.half_beats && self.is_fast(clip, beat_s, *next_s)) {
                self.moments.extend(self.moment(clip, &neutral, beat_s + next_s / 2.0, span_s, true));
            }
        }
    }

    /// Whether somewhere between two beats a limb goes far and does not go straight.
    fn is_fast(&self, clip: &MotionClip, beat_s: f64, length_s: f64) -> bool {
        if !(MIN_HALVED_BEAT_S..=2.0 * MAX_SPAN_S).contains(&length_s) {
            return false;
        }
        let at = |step: u32| self.shape(clip, beat_s + length_s * f64::from(step) / f64::from(WAY_STEPS));
        let shapes: Vec<Shape> = (0..=WAY_STEPS).filter_map(at).collect();
        DanceLimb::ALL.into_iter().any(|limb| {
            let place = |shape: &Shape| shape.directions[limb as usize];
            let way: f32 = shapes.windows(2).map(|pair| place(&pair[0]).distance(place(&pair[1]))).sum();
            let straight = shapes.first().zip(shapes.last()).map_or(0.0, |(a, b)| place(a).distance(place(b)));
            limb.importance() > 0.5 && way > FAST_WAY_RAD && way > DETOUR * straight
        })
    }

    fn moment(&self, clip: &MotionClip, neutral: &Shape, time_s: f64, span_s: f64, half_beat: bool) -> Option<Moment> {
        let window = Window::gather(|time_s| self.shape(clip, time_s), time_s, span_s);
        let mut moving = [0.0; DANCE_LIMB_COUNT];
        let mut limb_weights = [0.0; DANCE_LIMB_COUNT];
        let mut lively = 0.0;
        for limb in DanceLimb::ALL {
            let Some((mean, motion)) = window.mean_and_motion(limb) else { continue };
            let moves = smoothstep(STILL_RAD, MOVING_RAD, motion);
            let apart = 2.0 * (mean.distance(neutral.directions[limb as usize]) / 2.0).min(1.0).asin();
            let held = HELD_WEIGHT * smoothstep(POSED_FROM_RAD, POSED_RAD, apart);
            moving[limb as usize] = moves;
            limb_weights[limb as usize] = limb.importance() * moves.max(held).max(LEAST_WEIGHT);
            lively += limb.importance() * moves;
        }
        let weight = smoothstep(QUIET, LIVELY, lively);
        let moment = Moment { time_s, weight, half_beat, limb_weights, moving, span_s, window };
        (weight >= MIN_MOMENT_WEIGHT).then_some(moment)
    }
}
