//! The poses that a recorded first person gives an avatar.

use std::sync::Arc;

use crate::motion::avatar_solver::SolverOptions;
use crate::motion::hand::Hands;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::pose::BodyPose;
use crate::motion::retarget::AvatarPose;
use crate::motion::session::{Cast, Continuity, MotionInput, MotionSession, SessionOptions};
use crate::motion::skeleton::RestSkeleton;

/// One frame of somebody.
#[derive(Debug, Clone)]
pub struct PosedPerson {
    /// World landmarks as they were filtered, metres.
    pub smoothed: [Landmark; POSE_LANDMARK_COUNT],
    /// The body that the pose was made from: at constant bone lengths where `fit` is on.
    pub fed: BodyPose,
    /// The avatar's pose, not mirrored.
    pub pose: AvatarPose,
}

/// Filters and solves somebody in the order of the frames, breaks included, as it would happen live: `people` as tracked at
/// `times` (seconds, rising), in pictures of `size_px` pixels.
#[must_use]
pub fn pose_first(
    skeleton: &RestSkeleton,
    times: &[f64],
    people: &[Option<BodyPose>],
    size_px: (u32, u32),
    options: SessionOptions,
) -> Vec<Option<PosedPerson>> {
    let options = SessionOptions { solver: SolverOptions { mirror: false, ..options.solver }, ..options };
    let cast = Cast::Avatars { skeletons: vec![Arc::new(skeleton.clone())], followed: 1 };
    let mut session = MotionSession::new(options, cast);
    let mut pose = |(&time_s, person): (&f64, &Option<BodyPose>)| {
        let (people, loose_hands) = (person.as_slice(), &Hands::default());
        let input = MotionInput { time_s, continuity: Continuity::Follows, size_px, people, loose_hands };
        let frame = session.push(&input);
        let (smoothed, actor) = (frame.people.into_iter().next()?, frame.actors.into_iter().next()?);
        let mut fed = smoothed.clone();
        if let Some(fitted) = actor.fitted.filter(|_| options.solver.fit) {
            fed.world = fitted.world;
        }
        Some(PosedPerson { smoothed: smoothed.world, fed, pose: actor.pose })
    };
    times.iter().zip(people).map(&mut pose).collect()
}
