//! Poses of a humanoid's bones, for clients that move an avatar and have no solver of their own.

use std::collections::HashMap;

use crate::frame::TrackedFrame;
use crate::motion::avatar_solver::{AvatarSolver, SolverOptions};
use crate::motion::retarget::rotation_from_parent;
use crate::motion::skeleton::{HumanoidBone, RestSkeleton};
use crate::settings::Settings;
use crate::wire::answer::RigPose;

/// One solver for each person of one client.
#[derive(Default)]
pub(super) struct Rigs(HashMap<u32, AvatarSolver>);

impl Rigs {
    /// The pose of each person, in their order; those who are gone are forgotten.
    pub(super) fn solve(&mut self, frame: &TrackedFrame, skeleton: &RestSkeleton, settings: &Settings) -> Vec<RigPose> {
        // Mirroring is the viewer's affair.
        let options = SolverOptions { mirror: false, ..settings.solver_options(frame.width, frame.height) };
        self.0.retain(|id, _| frame.people.iter().any(|person| person.id == *id));
        let solve = |body: &crate::motion::BodyPose| {
            let solver = self.0.entry(body.id).or_insert_with(|| AvatarSolver::new(skeleton.clone()));
            let pose = solver.solve(frame.time_s, body, &options);
            RigPose {
                hips: pose.hips_position,
                rotations: HumanoidBone::ALL.map(|bone| rotation_from_parent(skeleton, bone, &pose)).to_vec(),
            }
        };
        frame.people.iter().map(solve).collect()
    }
}
