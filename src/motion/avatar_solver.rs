//! From a tracked person to the pose of one avatar: skeleton fit, retargeting, locomotion.

use glam::Vec3;

use super::fit::{BoneLengths, FittedBody, SkeletonFit, View};
use super::locomotion::{Locomotion, LocomotionOptions};
use super::pose::BodyPose;
use super::retarget::{AvatarPose, Retargeter};
use super::skeleton::RestSkeleton;

/// How an [`AvatarSolver`] works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolverOptions {
    /// The avatar moves as the person's mirror image.
    pub mirror: bool,
    /// Landmarks are fitted to a skeleton of constant bone lengths first.
    pub fit: bool,
    /// Steps, jumps, held feet.
    pub locomotion: LocomotionOptions,
    /// The camera.
    pub view: View,
    /// The person's height in metres, where it is known.
    pub height_m: Option<f32>,
    /// The person's bones, where they are known.
    pub bones: Option<BoneLengths>,
}

impl Default for SolverOptions {
    /// Nothing is known of the person, and the avatar does all that it can.
    fn default() -> Self {
        Self {
            mirror: false,
            fit: true,
            locomotion: LocomotionOptions::default(),
            view: View { width: 0, height: 0, field_of_view: View::USUAL_FIELD_OF_VIEW },
            height_m: None,
            bones: None,
        }
    }
}

/// Turns tracked bodies into poses of one avatar; one for each person.
#[derive(Debug, Clone)]
pub struct AvatarSolver {
    fit: SkeletonFit,
    retargeter: Retargeter,
    locomotion: Locomotion,
    fitted: Option<FittedBody>,
}

impl AvatarSolver {
    /// A solver for the avatar with this T-pose.
    #[must_use]
    pub fn new(skeleton: RestSkeleton) -> Self {
        Self {
            fit: SkeletonFit::new(),
            locomotion: Locomotion::new(skeleton.clone()),
            retargeter: Retargeter::new(skeleton),
            fitted: None,
        }
    }

    /// Forgets the past, as after a change of source.
    pub fn reset(&mut self) {
        self.fit.reset();
        self.retargeter.reset();
        self.locomotion.reset();
    }

    /// The next body is one of another moment of the same recording: what is known of the person stays known, and the
    /// scene's middle stays where it was.
    pub fn jump(&mut self) {
        self.fit.jump();
        self.retargeter.reset();
        self.locomotion.jump();
    }

    /// See [`Locomotion::home`].
    #[must_use]
    pub fn home(&self, time_s: f64) -> Option<Vec3> {
        self.locomotion.home(time_s)
    }

    /// See [`Locomotion::set_home`].
    pub const fn set_home(&mut self, home: Option<Vec3>) {
        self.locomotion.set_home(home);
    }

    /// The skeleton fit, and with it what is known of the person's bones.
    #[must_use]
    pub const fn fit(&self) -> &SkeletonFit {
        &self.fit
    }

    /// Learns the person's bone lengths anew while they stand with the arms out to the sides.
    pub fn calibrate(&mut self) {
        self.fit.calibrate();
    }

    /// The bone lengths that a calibration has found, once.
    pub fn take_calibrated(&mut self) -> Option<BoneLengths> {
        self.fit.take_calibrated()
    }

    /// The skeleton that the last pose was made from; `None` where none could be fitted.
    #[must_use]
    pub const fn fitted(&self) -> Option<&FittedBody> {
        self.fitted.as_ref()
    }

    /// The avatar's pose for a body seen at `time_s` (capture time, seconds). Always returns unit quaternions, whatever the
    /// landmarks hold.
    pub fn solve(&mut self, time_s: f64, body: &BodyPose, options: &SolverOptions) -> AvatarPose {
        self.fit.set_height(options.height_m);
        self.fit.set_bones(options.bones);
        self.fitted = self.fit.fit(time_s, body, options.view);
        let mut pose = match &self.fitted {
            Some(fitted) if options.fit => {
                let body = BodyPose { world: fitted.world, ..body.clone() };
                self.retargeter.solve(time_s, &body, options.mirror)
            }
            _ => self.retargeter.solve(time_s, body, options.mirror),
        };
        if let Some(fitted) = &self.fitted {
            self.locomotion.apply(time_s, body.id, fitted, options.mirror, options.locomotion, &mut pose);
        }
        pose
    }
}
