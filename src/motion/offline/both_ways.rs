//! Solving a span forwards and backwards.

use std::array;

use glam::Vec3;

use super::contacts;
use super::series::Span;
use crate::motion::avatar_solver::{AvatarSolver, SolverOptions};
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::locomotion::{Feet, LocomotionOptions, keep_above_floor};
use crate::motion::pose::BodyPose;
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::RestSkeleton;

/// Frames between two questions whether to go on.
const ASK_EVERY: usize = 64;

/// The poses of a span; all lists are as long as its own.
#[derive(Debug, Clone)]
pub(super) struct Solved {
    pub(super) poses: Vec<AvatarPose>,
    pub(super) contacts: Vec<[bool; 2]>,
}

/// Solves every frame of a span of `rate` frames a second, whose world landmarks become those that the poses were solved
/// from. `None` as soon as `goes_on` says no.
pub(super) fn solve(
    span: &mut Span,
    rate: f64,
    skeleton: &RestSkeleton,
    options: &SolverOptions,
    goes_on: &mut dyn FnMut() -> bool,
) -> Option<Solved> {
    // Feet are held afterwards, known from both sides.
    let locomotion = LocomotionOptions { foot_lock: false, ..options.locomotion };
    let solve = SolverOptions { locomotion, ..*options };
    let forwards = run(span.bodies.iter(), rate, skeleton, &solve, goes_on)?;
    let mut backwards = run(span.bodies.iter().rev(), rate, skeleton, &solve, goes_on)?;
    backwards.poses.reverse();
    let mut poses = meet(forwards.poses, &backwards.poses);
    let contacts = contacts::find(&poses, &forwards.stands, rate, skeleton);
    for (body, fed) in span.bodies.iter_mut().zip(forwards.fed) {
        if let Some(world) = fed {
            body.world = world;
        }
    }
    if options.locomotion.foot_lock {
        contacts::hold(&mut poses, &contacts, rate, skeleton);
    }
    for pose in &mut poses {
        keep_above_floor(skeleton, pose);
    }
    Some(Solved { poses, contacts })
}

#[derive(Default)]
struct Run {
    poses: Vec<AvatarPose>,
    /// The fitted landmarks that took the place of the body's.
    fed: Vec<Option<[Landmark; POSE_LANDMARK_COUNT]>>,
    stands: Vec<Option<Feet>>,
}

fn run<'a>(
    bodies: impl Iterator<Item = &'a BodyPose>,
    rate: f64,
    skeleton: &RestSkeleton,
    options: &SolverOptions,
    goes_on: &mut dyn FnMut() -> bool,
) -> Option<Run> {
    let mut solver = AvatarSolver::new(skeleton.clone());
    let mut run = Run::default();
    for (frame, body) in bodies.enumerate() {
        if frame.is_multiple_of(ASK_EVERY) && !goes_on() {
            return None;
        }
        run.poses.push(solver.solve(frame as f64 / rate, body, options));
        let fitted = solver.fitted();
        run.stands.push(fitted.map(|fitted| Feet::of(fitted, options.mirror)));
        run.fed.push(fitted.filter(|_| options.fit).map(|fitted| fitted.world));
    }
    Some(run)
}

/// Half way between what was solved forwards and what was solved backwards: what one follows late, the other has early.
fn meet(mut forwards: Vec<AvatarPose>, backwards: &[AvatarPose]) -> Vec<AvatarPose> {
    // Each way begins in the middle of the scene.
    let apart: Vec3 = forwards.iter().zip(backwards).map(|(a, b)| a.hips_position - b.hips_position).sum();
    let apart = (apart / forwards.len().max(1) as f32).with_y(0.0);
    let mut last: Option<AvatarPose> = None;
    for (pose, other) in forwards.iter_mut().zip(backwards) {
        pose.hips_position = (pose.hips_position + other.hips_position + apart) * 0.5;
        pose.rotations = array::from_fn(|bone| {
            let half = pose.rotations[bone].slerp(other.rotations[bone], 0.5).normalize();
            // In one hemisphere, for those who look at single components.
            let turned = last.as_ref().is_some_and(|last| last.rotations[bone].dot(half) < 0.0);
            if turned { -half } else { half }
        });
        last = Some(*pose);
    }
    forwards
}
