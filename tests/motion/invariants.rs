//! What holds for every input.

use glam::{Quat, Vec3};
use livedance::motion::angle::joint_angles;
use livedance::motion::filter::{PeopleSmoother, SmoothingParams};
use livedance::motion::hand::Hands;
use livedance::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use livedance::motion::pose::BodyPose;
use livedance::motion::retarget::{AvatarPose, Retargeter};
use livedance::motion::skeleton::HumanoidBone as B;
use proptest::prelude::*;

use crate::body::{SKELETON, person, posed};

/// Numbers of every kind, broken ones among them.
fn wild_number() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -1.5_f32..1.5,
        1 => prop_oneof![Just(0.0), Just(-0.0), Just(1e-30), Just(1e30), Just(19.9), Just(f32::MAX)],
        1 => prop_oneof![Just(f32::NAN), Just(f32::INFINITY), Just(f32::NEG_INFINITY)],
    ]
}

fn wild_body() -> impl Strategy<Value = BodyPose> {
    let landmark = (wild_number(), wild_number(), wild_number(), wild_number())
        .prop_map(|(x, y, z, visibility)| Landmark { position: Vec3::new(x, y, z), visibility, presence: 1.0 });
    proptest::collection::vec(landmark, POSE_LANDMARK_COUNT).prop_map(|landmarks| {
        let world: [Landmark; POSE_LANDMARK_COUNT] = landmarks.try_into().expect("as many as landmarks");
        BodyPose { id: 0, is_new: false, score: 1.0, image: world, world, size_px: 300.0, hands: Hands::default() }
    })
}

/// Poses that a person could take, more or less.
fn plausible_pose() -> impl Strategy<Value = AvatarPose> {
    let turn = |range: f32| {
        (-range..range, -range..range, -range..range).prop_map(|(x, y, z)| Quat::from_scaled_axis(Vec3::new(x, y, z)))
    };
    (
        (turn(0.3), turn(0.3), turn(0.3), turn(0.4)),
        (turn(0.9), turn(0.9), 0.1_f32..2.2, 0.1_f32..2.2),
        (turn(0.5), turn(0.5), 0.1_f32..1.8, 0.1_f32..1.8),
    )
        .prop_map(
            |((hips, spine, chest, head), (left, right, left_elbow, right_elbow), (lleg, rleg, lknee, rknee))| {
                posed(
                    &[
                        (B::Hips, hips),
                        (B::Spine, spine),
                        (B::Chest, chest),
                        (B::Head, head),
                        (B::LeftUpperArm, left),
                        (B::RightUpperArm, right),
                        (B::LeftLowerArm, Quat::from_rotation_y(-left_elbow)),
                        (B::RightLowerArm, Quat::from_rotation_y(right_elbow)),
                        (B::LeftUpperLeg, lleg),
                        (B::RightUpperLeg, rleg),
                        (B::LeftLowerLeg, Quat::from_rotation_x(lknee)),
                        (B::RightLowerLeg, Quat::from_rotation_x(rknee)),
                    ],
                    false,
                )
            },
        )
}

fn moved(body: &BodyPose, change: impl Fn(Vec3) -> Vec3) -> BodyPose {
    let mut body = body.clone();
    for landmark in &mut body.world {
        landmark.position = change(landmark.position);
    }
    body
}

fn solve(body: &BodyPose, mirror: bool) -> AvatarPose {
    Retargeter::new(SKELETON.clone()).solve(0.0, body, mirror)
}

fn largest_difference_deg(a: &AvatarPose, b: &AvatarPose) -> (f32, B) {
    B::ALL
        .into_iter()
        .map(|bone| (a.rotations[bone as usize].angle_between(b.rotations[bone as usize]).to_degrees(), bone))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .expect("there are bones")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rotations_are_unit_quaternions_whatever_comes_in(
        bodies in proptest::collection::vec((wild_body(), -0.1_f64..0.2), 1..6),
        mirror: bool,
    ) {
        let mut retargeter = Retargeter::new(SKELETON.clone());
        let mut time = 0.0;
        let mut last: Option<AvatarPose> = None;
        for (body, step) in bodies {
            time += step;
            let pose = retargeter.solve(time, &body, mirror);
            prop_assert!(pose.hips_position.is_finite());
            for rotation in pose.rotations {
                prop_assert!((rotation.length() - 1.0).abs() < 1e-3, "{rotation}");
            }
            if let Some(last) = last {
                let between = last.interpolate(&pose, 0.3);
                prop_assert!(between.rotations.iter().all(|rotation| (rotation.length() - 1.0).abs() < 1e-3));
            }
            last = Some(pose);
        }
    }

    #[test]
    fn a_mirrored_body_gives_the_mirrored_pose(pose in plausible_pose()) {
        let body = person(&pose);
        let (difference, bone) = largest_difference_deg(&solve(&body, true), &solve(&body, false).mirrored());
        // The avatar itself is symmetric to a fraction of a millimetre.
        prop_assert!(difference < 0.2, "{bone:?}: {difference}°");
    }

    #[test]
    fn where_a_body_stands_and_faces_changes_nothing_but_the_hips(
        pose in plausible_pose(),
        yaw in -3.0_f32..3.0,
        shift in (-2.0_f32..2.0, -2.0_f32..2.0, -2.0_f32..2.0),
    ) {
        let body = person(&pose);
        let here = solve(&body, false);
        let shifted = solve(&moved(&body, |point| point + Vec3::from(shift)), false);
        prop_assert!(largest_difference_deg(&here, &shifted).0 < 0.2);

        // World landmarks have y down, so this is a turn by -yaw in the scene.
        let turn = Quat::from_rotation_y(yaw);
        let mut turned = solve(&moved(&body, |point| turn * point), false);
        turned.rotations[B::Hips as usize] = turn * turned.rotations[B::Hips as usize];
        let (difference, bone) = largest_difference_deg(&here, &turned);
        prop_assert!(difference < 0.3, "{bone:?}: {difference}°");
        prop_assert!((turned.hips_position.y - here.hips_position.y).abs() < 1e-3);
    }

    #[test]
    fn angles_do_not_depend_on_place_turn_or_size(
        pose in plausible_pose(),
        turn in (-3.0_f32..3.0, -3.0_f32..3.0, -3.0_f32..3.0),
        scale in 0.6_f32..2.0,
    ) {
        let body = person(&pose);
        let rotation = Quat::from_scaled_axis(turn.into());
        let other = moved(&body, |point| rotation * point * scale + Vec3::new(1.0, 2.0, 3.0));
        for ((joint, here), (_, there)) in joint_angles(&body.world).iter().zip(joint_angles(&other.world).iter()) {
            let (here, there) = (here.expect("visible"), there.expect("visible"));
            prop_assert!((here - there).abs() < 1e-3, "{}: {here} {there}", joint.name());
        }
    }

    #[test]
    fn a_constant_stays_constant_through_every_filter(
        body in wild_body(),
        steps in proptest::collection::vec(0.001_f64..0.3, 1..12),
        alpha in 0.05_f32..1.0,
        min_cutoff in 0.01_f32..5.0,
        beta in 0.0_f32..50.0,
    ) {
        let body = BodyPose { world: body.world.map(|mut landmark| {
            landmark.position = landmark.position.clamp(Vec3::splat(-100.0), Vec3::splat(100.0));
            landmark
        }), ..body };
        for params in [
            SmoothingParams::None,
            SmoothingParams::Ema { alpha },
            SmoothingParams::OneEuro { min_cutoff, beta },
            SmoothingParams::Mediapipe,
        ] {
            let mut smoother = PeopleSmoother::new(params);
            let mut time = 0.0;
            for step in &steps {
                time += step;
                let smoothed = &smoother.smooth(time, std::slice::from_ref(&body))[0];
                for (before, after) in body.world.iter().zip(&smoothed.world) {
                    for axis in 0..3 {
                        let (before, after) = (before.position[axis], after.position[axis]);
                        let same = (before - after).abs() <= 1e-5 * before.abs().max(1.0);
                        prop_assert!(same || before.is_nan(), "{params:?}: {before} became {after}");
                    }
                }
            }
        }
    }

    #[test]
    fn one_broken_value_never_poisons_a_filter(at in 0_usize..POSE_LANDMARK_COUNT, bad in prop_oneof![Just(f32::NAN), Just(f32::INFINITY)]) {
        let good = person(&AvatarPose::rest(&SKELETON));
        let mut broken = good.clone();
        broken.world[at].position.y = bad;
        broken.world[at].visibility = bad;
        for params in [
            SmoothingParams::Ema { alpha: 0.5 },
            SmoothingParams::OneEuro { min_cutoff: 1.0, beta: 4.0 },
            SmoothingParams::Mediapipe,
        ] {
            let mut smoother = PeopleSmoother::new(params);
            for (step, body) in [&good, &broken, &good].into_iter().enumerate() {
                let smoothed = &smoother.smooth(step as f64 / 30.0, std::slice::from_ref(body))[0].world[at];
                prop_assert!(smoothed.position.distance(good.world[at].position) < 1e-5);
                prop_assert!((smoothed.visibility - 1.0).abs() < 1e-5);
            }
        }
    }
}
