//! One avatar of a session: whom it follows, and the pose that is solved for it in each frame.

use std::sync::Arc;

use glam::Vec3;

use super::placement::{ImageAnchor, PLACE_S, Placement};
use super::{ActorFrame, Continuity, SessionOptions};
use crate::motion::BodyPose;
use crate::motion::avatar_solver::AvatarSolver;
use crate::motion::ease::gain;
use crate::motion::fit::BoneLengths;
use crate::motion::interpolation::LEAVING_S;
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::RestSkeleton;

/// Where an avatar's person is among the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Group {
    /// Whether it is the first avatar, which is never hidden.
    pub is_first: bool,
    /// Whether there are others: it then rests where its person was, not in the middle of the scene.
    pub is_crowd: bool,
    /// The place before the camera that lies in the middle of the scene, metres; `None` for its person's own.
    pub home: Option<Vec3>,
    /// The same in the picture, for an avatar that goes nowhere by itself; `None` for one that stands there.
    pub origin: Option<ImageAnchor>,
}

impl Group {
    /// Nobody else is there.
    pub(super) const ALONE: Self = Self { is_first: true, is_crowd: false, home: None, origin: None };
}

/// Solves for one avatar.
#[derive(Debug)]
pub(super) struct Actor {
    skeleton: Arc<RestSkeleton>,
    solver: AvatarSolver,
    pose: AvatarPose,
    following: Option<u32>,
    is_seen: bool,
    anchor: Option<ImageAnchor>,
    place: Placement,
    across_m: f32,
    /// When and whom it solved last.
    solved: Option<(f64, u32)>,
    /// What is left of the way from where the person before was.
    shift: Vec3,
    rests_in_place: bool,
}

impl Actor {
    /// It rests until somebody is seen.
    pub(super) fn new(skeleton: Arc<RestSkeleton>) -> Self {
        Self {
            solver: AvatarSolver::new(RestSkeleton::clone(&skeleton)),
            pose: AvatarPose::rest(&skeleton),
            skeleton,
            following: None,
            is_seen: false,
            anchor: None,
            place: Placement::default(),
            across_m: 0.0,
            solved: None,
            shift: Vec3::ZERO,
            rests_in_place: false,
        }
    }

    pub(super) fn has_skeleton(&self, skeleton: &Arc<RestSkeleton>) -> bool {
        Arc::ptr_eq(&self.skeleton, skeleton) || self.skeleton == *skeleton
    }

    /// The id of the person that it follows.
    pub(super) const fn following(&self) -> Option<u32> {
        self.following
    }

    pub(super) fn calibrate(&mut self) {
        self.solver.calibrate();
    }

    pub(super) fn take_calibrated(&mut self) -> Option<BoneLengths> {
        self.solver.take_calibrated()
    }

    /// The place before the camera that lies in the middle of the scene for it, metres; `None` where it has seen nobody
    /// for a while before `time_s`.
    pub(super) fn home(&self, time_s: f64) -> Option<Vec3> {
        self.solver.home(time_s)
    }

    /// Where in the picture its person was when last seen.
    pub(super) const fn anchor(&self) -> Option<ImageAnchor> {
        self.anchor
    }

    /// Follows this person from now on, or nobody.
    pub(super) fn follow(&mut self, time_s: f64, person: Option<&BodyPose>) {
        let Some(person) = person else {
            self.following = None;
            return;
        };
        let before = self.anchor.filter(|_| self.following == Some(person.id));
        self.anchor = ImageAnchor::of(time_s, person, before).or(self.anchor);
        self.following = Some(person.id);
    }

    /// The next frame does not follow the last one. After a seek the person stays who they are and stands where they stood
    /// then; of another source nothing is known.
    pub(super) fn interrupt(&mut self, continuity: Continuity) {
        match continuity {
            Continuity::Follows => return,
            Continuity::Seek => self.solver.jump(),
            Continuity::NewSource => {
                self.solver.reset();
                (self.following, self.anchor) = (None, None);
            }
        }
        self.place = Placement::at(self.across_m);
        (self.solved, self.shift, self.is_seen) = (None, Vec3::ZERO, false);
    }

    /// Takes one frame in. `time_s` is the capture time and rises from call to call; `people` are searched for the person
    /// that is followed.
    pub(super) fn push(&mut self, time_s: f64, people: &[BodyPose], options: &SessionOptions, group: Group) {
        let person = people.iter().find(|person| Some(person.id) == self.following);
        self.rests_in_place = group.is_crowd;
        let is_shown = self.is_shown(time_s, options);
        if let Some(person) = person {
            self.solver.set_home(group.home);
            self.solve(time_s, person, options, group, is_shown);
        }
        if !is_shown && !self.is_seen {
            // Nobody sees it yet: it comes into view where its person is, without a walk from where the last one was.
            self.place = Placement::default();
        }
        let solver = &options.solver;
        match (person.and(self.anchor), group.origin) {
            (Some(anchor), Some(origin)) => {
                self.place.approach(time_s, anchor.across_m(origin, solver.mirror), solver.mirror);
            }
            // The way there is in the pose.
            _ if solver.locomotion.root_motion => self.place = Placement::default(),
            _ => self.place.stay(time_s),
        }
        self.across_m = self.place.across_m();
        self.is_seen = person.is_some();
    }

    /// Whether anything of a pose of before is still to be seen at `time_s`.
    fn is_shown(&self, time_s: f64, options: &SessionOptions) -> bool {
        self.solved.is_some_and(|(last_s, _)| options.hold_lost || time_s - last_s < LEAVING_S)
    }

    /// Solves the person's pose. Who comes in the place of somebody else is approached, not jumped to.
    fn solve(&mut self, time_s: f64, person: &BodyPose, options: &SessionOptions, group: Group, is_shown: bool) {
        let before = self.pose.hips_position;
        self.pose = self.solver.solve(time_s, person, &options.solver);
        let is_other = self.solved.is_some_and(|(_, id)| id != person.id);
        let was_at_rest = !is_shown && group.is_crowd && group.is_first;
        self.shift = if (is_shown && is_other) || was_at_rest {
            (before - self.pose.hips_position).with_y(0.0)
        } else {
            self.shift * (1.0 - gain(self.solved.map_or(0.0, |(last_s, _)| time_s - last_s), PLACE_S))
        };
        self.pose.hips_position += self.shift;
        self.solved = Some((time_s, person.id));
    }

    /// What there is to show of the frame that was pushed last.
    pub(super) fn frame(&self) -> ActorFrame {
        ActorFrame {
            skeleton: Arc::clone(&self.skeleton),
            following: self.following,
            is_seen: self.is_seen,
            pose: self.pose,
            across_m: self.across_m,
            rests_in_place: self.rests_in_place,
            fitted: self.solver.fitted().filter(|_| self.is_seen).cloned(),
            lengths: *self.solver.fit().lengths(),
            calibration: self.solver.fit().calibration(),
        }
    }
}
