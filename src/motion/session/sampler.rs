//! From the frames of a session to the pose of one avatar at any moment: interpolation, easing to rest.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{ActorFrame, Continuity};
use crate::motion::interpolation::{Presence, Timeline};
use crate::motion::locomotion::keep_above_floor;
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::RestSkeleton;

/// Sightings remembered; far more than lie between the newest result and the moment shown.
const SIGHTINGS: usize = 64;

/// Shows one avatar between the frames of a session. Knows no clock of its own: a window samples it on its playout clock,
/// an offscreen renderer exactly at the source's times.
#[derive(Debug)]
pub struct PoseSampler {
    skeleton: Arc<RestSkeleton>,
    rest: AvatarPose,
    timeline: Timeline<AvatarPose>,
    pose: AvatarPose,
    sightings: VecDeque<(f64, bool)>,
    following: Option<u32>,
    presence: Presence,
    places: Timeline<f32>,
    across_m: f32,
    /// Whether anybody was seen since the last interruption.
    was_seen: bool,
    rests_in_place: bool,
    is_held: bool,
}

impl PoseSampler {
    /// For an avatar with this T-pose; it rests until somebody is seen.
    #[must_use]
    pub fn new(skeleton: Arc<RestSkeleton>) -> Self {
        let rest = AvatarPose::rest(&skeleton);
        Self {
            skeleton,
            rest,
            timeline: Timeline::new(),
            pose: rest,
            sightings: VecDeque::with_capacity(SIGHTINGS),
            following: None,
            presence: Presence::new(),
            places: Timeline::new(),
            across_m: 0.0,
            was_seen: false,
            rests_in_place: false,
            is_held: false,
        }
    }

    /// The T-pose that it moves.
    #[must_use]
    pub const fn skeleton(&self) -> &Arc<RestSkeleton> {
        &self.skeleton
    }

    /// The id of the person that it follows.
    #[must_use]
    pub const fn following(&self) -> Option<u32> {
        self.following
    }

    /// Takes the avatar's part of a frame in. `time_s` is the frame's capture time, `continuity` what it is to the frame that
    /// was pushed before. A pose of another T-pose, as after a change of the avatar, is left out.
    pub fn push(&mut self, time_s: f64, continuity: Continuity, actor: &ActorFrame) {
        if !continuity.follows() {
            // It goes on from where it stands.
            self.across_m = self.across_m(f64::INFINITY);
            self.timeline.clear();
            self.places.clear();
            self.sightings.clear();
            self.was_seen = false;
        }
        if !Arc::ptr_eq(&self.skeleton, &actor.skeleton) && self.skeleton != actor.skeleton {
            return;
        }
        if self.presence.weight() <= 0.0 && !self.is_seen(time_s) {
            // Nobody sees it yet: it comes into view where its person is.
            self.places.clear();
        }
        (self.following, self.rests_in_place) = (actor.following, actor.rests_in_place);
        (self.pose, self.across_m) = (actor.pose, actor.across_m);
        self.was_seen |= actor.is_seen;
        self.places.push(time_s, actor.across_m);
        // Pushed also while nobody is in view: the next sighting is then interpolated from just before it.
        self.timeline.push(time_s, actor.pose);
        if self.sightings.len() == SIGHTINGS {
            self.sightings.pop_front();
        }
        self.sightings.push_back((time_s, actor.is_seen));
    }

    /// Whether who has been seen and is lost keeps the last pose, instead of easing to rest.
    pub const fn set_held(&mut self, is_held: bool) {
        self.is_held = is_held;
    }

    /// The pose at `display_time_s` on the capture clock. `now_s` is any steady clock, on which the avatar eases between
    /// rest and tracked; without `has_results` (they stopped coming) it eases to rest, whoever was seen last.
    pub fn sample(&mut self, display_time_s: f64, now_s: f64, has_results: bool) -> AvatarPose {
        let is_seen = has_results && self.is_seen(display_time_s);
        let weight = self.presence.update(now_s, is_seen || (self.is_held && self.was_seen));
        let tracked = self.timeline.sample(display_time_s).unwrap_or(self.pose);
        let mut rest = self.rest;
        if self.rests_in_place {
            rest.hips_position = tracked.hips_position.with_y(rest.hips_position.y);
        }
        let mut pose = if weight >= 1.0 { tracked } else { rest.interpolate(&tracked, weight) };
        keep_above_floor(&self.skeleton, &mut pose);
        pose
    }

    /// Where it stands at `display_time_s`: metres to the right of the middle of the scene.
    #[must_use]
    pub fn across_m(&self, display_time_s: f64) -> f32 {
        self.places.sample(display_time_s).unwrap_or(self.across_m)
    }

    /// Whether anything of a tracked pose was in the last sample: not before a person comes, not after the avatar has
    /// eased to rest.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.presence.weight() > 0.0
    }

    /// Begins with the tracked pose instead of easing into it: for stills and the first frame of a recording.
    pub fn skip_easing(&mut self, now_s: f64) {
        // Seen for longer than any easing takes.
        self.presence.update(now_s - 60.0, true);
        self.presence.update(now_s, true);
    }

    fn is_seen(&self, display_time_s: f64) -> bool {
        let until = |(time_s, _): &&(f64, bool)| *time_s <= display_time_s;
        self.sightings.iter().rev().find(until).or(self.sightings.front()).is_some_and(|(_, seen)| *seen)
    }
}
