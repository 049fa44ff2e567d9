//! From tracked people to the pose of one avatar at any moment: whom to follow, solving, interpolation, easing to rest.
//!
//! Knows neither the engine nor a clock of its own: the live app samples it on the playout clock, the offscreen
//! renderer exactly at the source's times.

use std::collections::VecDeque;

use glam::Vec3;

use super::cast::{Among, PLACE_S, Place, Spot, gain};
use crate::motion::BodyPose;
use crate::motion::avatar_solver::{AvatarSolver, SolverOptions};
use crate::motion::fit::{BoneLengths, SkeletonFit};
use crate::motion::interpolation::{Presence, Timeline};
use crate::motion::locomotion::keep_above_floor;
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::RestSkeleton;

/// Sightings remembered; far more than lie between the newest result and the moment shown.
const SIGHTINGS: usize = 64;

/// Turns results into the pose of one avatar.
#[derive(Debug)]
pub struct PoseAnimator {
    skeleton: RestSkeleton,
    solver: AvatarSolver,
    rest: AvatarPose,
    timeline: Timeline<AvatarPose>,
    held: AvatarPose,
    sightings: VecDeque<(f64, bool)>,
    following: Option<u32>,
    presence: Presence,
    spot: Option<Spot>,
    place: Place,
    places: Timeline<f32>,
    /// When and whom it solved last.
    solved: Option<(f64, u32)>,
    /// What is left of the way from where the person before was.
    shift: Vec3,
    rests_in_place: bool,
    is_held: bool,
}

impl PoseAnimator {
    /// An animator for an avatar with this T-pose; it rests until somebody is seen.
    #[must_use]
    pub fn new(skeleton: RestSkeleton) -> Self {
        let rest = AvatarPose::rest(&skeleton);
        Self {
            solver: AvatarSolver::new(skeleton.clone()),
            skeleton,
            rest,
            timeline: Timeline::new(),
            held: rest,
            sightings: VecDeque::with_capacity(SIGHTINGS),
            following: None,
            presence: Presence::new(),
            spot: None,
            place: Place::default(),
            places: Timeline::new(),
            solved: None,
            shift: Vec3::ZERO,
            rests_in_place: false,
            is_held: false,
        }
    }

    /// The id of the person that it follows.
    #[must_use]
    pub const fn following(&self) -> Option<u32> {
        self.following
    }

    /// What is known of its person's bones.
    #[must_use]
    pub const fn fit(&self) -> &SkeletonFit {
        self.solver.fit()
    }

    /// Learns its person's bones anew while they stand with the arms out to the sides.
    pub fn calibrate(&mut self) {
        self.solver.calibrate();
    }

    /// The bone lengths that a calibration has found, once.
    pub fn take_calibrated(&mut self) -> Option<BoneLengths> {
        self.solver.take_calibrated()
    }

    /// The place before the camera that lies in the middle of the scene for it, metres; `None` where it has seen nobody
    /// for a while before `time_s`.
    pub(super) fn home(&self, time_s: f64) -> Option<Vec3> {
        self.solver.home(time_s)
    }

    /// Where in the picture its person was when last seen.
    #[must_use]
    pub(super) const fn spot(&self) -> Option<Spot> {
        self.spot
    }

    /// Follows this person from now on, or nobody.
    pub(super) fn cast(&mut self, time_s: f64, person: Option<&BodyPose>) {
        let Some(person) = person else {
            self.following = None;
            return;
        };
        let before = self.spot.filter(|_| self.following == Some(person.id));
        self.spot = Spot::of(time_s, person, before).or(self.spot);
        self.following = Some(person.id);
    }

    /// Forgets every result; the avatar eases to rest from where it stands. For a new source, whose clock starts anew.
    pub fn forget(&mut self) {
        self.solver.reset();
        self.timeline = Timeline::new();
        self.sightings.clear();
        self.following = None;
        self.spot = None;
        self.place = Place::at(self.across_m(f64::INFINITY));
        self.places = Timeline::new();
        (self.solved, self.shift) = (None, Vec3::ZERO);
    }

    /// The next result is one of another moment of the same recording: the person stays who they are and stands where
    /// they stood then.
    pub fn jump(&mut self) {
        self.solver.jump();
        self.timeline = Timeline::new();
        self.sightings.clear();
        self.place = Place::at(self.across_m(f64::INFINITY));
        self.places = Timeline::new();
        (self.solved, self.shift) = (None, Vec3::ZERO);
    }

    /// The T-pose that it moves.
    #[must_use]
    pub const fn skeleton(&self) -> &RestSkeleton {
        &self.skeleton
    }

    /// Takes one tracked result in. `time_s` is the capture time and rises from call to call; `people` are searched for
    /// the person that is followed.
    pub(super) fn ingest(&mut self, time_s: f64, people: &[BodyPose], options: &SolverOptions, among: Among) {
        let person = people.iter().find(|person| Some(person.id) == self.following);
        self.rests_in_place = among.is_crowd;
        if let Some(person) = person {
            self.solver.set_home(among.home);
            self.solve(time_s, person, options, among);
        }
        if self.presence.weight() <= 0.0 && !self.is_seen(time_s) {
            // Nobody sees it yet: it comes into view where its person is, without a walk from where the last one was.
            self.place = Place::default();
            self.places.clear();
        }
        let across_m = match (person.and(self.spot), among.origin) {
            (Some(spot), Some(origin)) => {
                self.place.approach(time_s, spot.across_m(origin, options.mirror), options.mirror)
            }
            _ if options.locomotion.root_motion => {
                // The way there is in the pose.
                self.place = Place::default();
                0.0
            }
            _ => self.place.stay(time_s),
        };
        self.places.push(time_s, across_m);
        // Pushed also while nobody is in view: the next sighting is then interpolated from just before it.
        self.timeline.push(time_s, self.held);
        if self.sightings.len() == SIGHTINGS {
            self.sightings.pop_front();
        }
        self.sightings.push_back((time_s, person.is_some()));
    }

    /// Solves the person's pose. Who comes in the place of somebody else is approached, not jumped to.
    fn solve(&mut self, time_s: f64, person: &BodyPose, options: &SolverOptions, among: Among) {
        let before = self.held.hips_position;
        self.held = self.solver.solve(time_s, person, options);
        let is_other = self.solved.is_some_and(|(_, id)| id != person.id);
        let is_in_view = self.presence.weight() > 0.0;
        let was_at_rest = !is_in_view && among.is_crowd && among.is_first;
        self.shift = if (is_in_view && is_other) || was_at_rest {
            (before - self.held.hips_position).with_y(0.0)
        } else {
            self.shift * (1.0 - gain(self.solved.map_or(0.0, |(last_s, _)| time_s - last_s), PLACE_S))
        };
        self.held.hips_position += self.shift;
        self.solved = Some((time_s, person.id));
    }

    /// Whether who has been seen and is lost keeps the last pose, instead of easing to rest.
    pub(in crate::app) const fn set_held(&mut self, is_held: bool) {
        self.is_held = is_held;
    }

    /// The pose at `display_time_s` on the capture clock. `now_s` is any steady clock, on which the avatar eases between
    /// rest and tracked; without `has_results` (they stopped coming) it eases to rest, whoever was seen last.
    pub fn sample(&mut self, display_time_s: f64, now_s: f64, has_results: bool) -> AvatarPose {
        let is_seen = has_results && self.is_seen(display_time_s);
        let weight = self.presence.update(now_s, is_seen || (self.is_held && self.solved.is_some()));
        let tracked = self.timeline.sample(display_time_s).unwrap_or(self.held);
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
        self.places.sample(display_time_s).unwrap_or_else(|| self.place.across_m())
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
