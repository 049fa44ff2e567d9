//! Synthetic poses with known answers.

use std::f32::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use glam::{Quat, Vec3};
use livedance::motion::angle::{JointAngle, joint_angles};
use livedance::motion::landmark::PoseLandmark as L;
use livedance::motion::pose::BodyPose;
use livedance::motion::retarget::{AvatarPose, Retargeter, bone_local_rotation, joint_positions};
use livedance::motion::skeleton::{HumanoidBone as B, RestBone, RestSkeleton};

use crate::body::{SKELETON, centred, degrees_between, person, posed, turns};

/// Limb segments whose direction is asked for.
const SEGMENTS: [(B, B); 8] = [
    (B::LeftUpperArm, B::LeftLowerArm),
    (B::LeftLowerArm, B::LeftHand),
    (B::RightUpperArm, B::RightLowerArm),
    (B::RightLowerArm, B::RightHand),
    (B::LeftUpperLeg, B::LeftLowerLeg),
    (B::LeftLowerLeg, B::LeftFoot),
    (B::RightUpperLeg, B::RightLowerLeg),
    (B::RightLowerLeg, B::RightFoot),
];

fn solve(pose: &AvatarPose) -> AvatarPose {
    Retargeter::new(SKELETON.clone()).solve(0.0, &person(pose), false)
}

fn assert_segments_follow(name: &str, expected: &AvatarPose, solved: &AvatarPose) {
    let (expected, solved) = (centred(expected), centred(solved));
    for (from, to) in SEGMENTS {
        let segment = |joints: &[Vec3]| joints[to as usize] - joints[from as usize];
        let error = degrees_between(segment(&expected), segment(&solved));
        assert!(error < 1.0, "{name}: {from:?} is {error}° off");
    }
}

fn assert_turn(name: &str, expected: &AvatarPose, solved: &AvatarPose, bone: B, max_deg: f32) {
    let error = turns(expected)[bone as usize].angle_between(turns(solved)[bone as usize]).to_degrees();
    assert!(error < max_deg, "{name}: {bone:?} is turned {error}° off");
}

#[test]
fn a_t_pose_gives_a_t_pose() {
    let expected = AvatarPose::t_pose(&SKELETON);
    let solved = solve(&expected);
    assert_segments_follow("T-pose", &expected, &solved);
    for bone in [B::Hips, B::Spine, B::UpperChest, B::LeftUpperLeg, B::RightLowerLeg, B::LeftFoot, B::RightToes] {
        assert_turn("T-pose", &expected, &solved, bone, 2.0);
    }
    for bone in [B::Head, B::LeftShoulder, B::LeftHand, B::RightHand] {
        assert_turn("T-pose", &expected, &solved, bone, 6.0);
    }
    assert!(solved.hips_position.distance(expected.hips_position) < 0.01);
}

#[test]
fn arms_follow_wherever_they_point() {
    let poses = [
        ("arms up", vec![(B::LeftUpperArm, Quat::from_rotation_z(1.5))]),
        ("arms down", vec![(B::LeftUpperArm, Quat::from_rotation_z(-1.3))]),
        ("arms forward", vec![(B::LeftUpperArm, Quat::from_rotation_y(-1.5))]),
        ("elbows at a right angle", vec![(B::LeftLowerArm, Quat::from_rotation_y(-FRAC_PI_2))]),
        (
            "hands up",
            vec![
                (B::LeftUpperArm, Quat::from_rotation_x(-FRAC_PI_2)),
                (B::LeftLowerArm, Quat::from_rotation_y(-FRAC_PI_2)),
            ],
        ),
        (
            "hands on the hips",
            vec![
                (B::LeftUpperArm, Quat::from_rotation_z(-0.8) * Quat::from_rotation_x(1.3)),
                (B::LeftLowerArm, Quat::from_rotation_y(-1.7)),
            ],
        ),
    ];
    for (name, rotations) in poses {
        let expected = posed(&rotations, true);
        assert_segments_follow(name, &expected, &solve(&expected));
    }
}

/// The elbow is a hinge: what the forearm does, the upper arm's twist must explain.
#[test]
fn a_bent_elbow_shows_the_twist_of_the_upper_arm() {
    for twist in [-1.2, -0.6, 0.0, 0.6] {
        let rotations =
            [(B::LeftUpperArm, Quat::from_rotation_x(twist)), (B::LeftLowerArm, Quat::from_rotation_y(-FRAC_PI_2))];
        let expected = posed(&rotations, true);
        let solved = solve(&expected);
        for bone in [B::LeftUpperArm, B::RightUpperArm, B::LeftLowerArm, B::LeftHand] {
            assert_turn("bent elbow", &expected, &solved, bone, 3.0);
        }
    }
}

#[test]
fn a_squat_bends_the_knees_and_keeps_the_feet_on_the_floor() {
    for knee in [0.5_f32, 1.0, 1.6] {
        let expected = posed(
            &[
                // Leaning forward keeps the balance.
                (B::Hips, Quat::from_rotation_x(0.25 * knee)),
                (B::LeftUpperLeg, Quat::from_rotation_x(-0.8 * knee)),
                (B::LeftLowerLeg, Quat::from_rotation_x(knee)),
                (B::LeftFoot, Quat::from_rotation_x(-0.45 * knee)),
            ],
            true,
        );
        let body = person(&expected);
        let solved = Retargeter::new(SKELETON.clone()).solve(0.0, &body, false);
        assert_segments_follow("squat", &expected, &solved);

        let measured = joint_angles(&body.world).get(JointAngle::LeftKnee).expect("visible");
        assert!((measured - (PI - knee)).abs() < 0.1, "the legs are nearly straight at rest: {measured}");
        let joints = joint_positions(&SKELETON, &solved);
        let ankle = joints[B::LeftFoot as usize].expect("a foot").y;
        let rest_ankle = SKELETON.get(B::LeftFoot).expect("a foot").position.y;
        assert!((ankle - rest_ankle).abs() < 0.02, "the ankle stays where it stands: {ankle}");
        assert!(solved.hips_position.y < AvatarPose::t_pose(&SKELETON).hips_position.y - 0.04 * knee);
    }
}

/// Broader shoulders than the avatar's must not push its hands apart, or through each other.
#[test]
fn hands_that_meet_on_the_person_meet_on_the_avatar() {
    let mut body = person(&posed(
        &[
            (B::LeftUpperArm, Quat::from_rotation_y(-0.9) * Quat::from_rotation_z(-0.9)),
            (B::LeftLowerArm, Quat::from_rotation_y(-1.6)),
        ],
        true,
    ));
    let wrists =
        |body: &BodyPose| body.world[L::LeftWrist as usize].position - body.world[L::RightWrist as usize].position;
    assert!(wrists(&body).length() < 0.15, "the hands are together: {}", wrists(&body).length());
    for (landmark, outwards) in
        [(L::LeftShoulder, 0.04), (L::LeftElbow, 0.02), (L::RightShoulder, -0.04), (L::RightElbow, -0.02)]
    {
        body.world[landmark as usize].position.x += outwards;
    }
    let joints = joint_positions(&SKELETON, &Retargeter::new(SKELETON.clone()).solve(0.0, &body, false));
    let gap = joints[B::LeftHand as usize].expect("a hand") - joints[B::RightHand as usize].expect("a hand");
    assert!((gap.length() - wrists(&body).length()).abs() < 0.02, "{} for {}", gap.length(), wrists(&body).length());
}

/// Depth noise lifts one foot of a person who stands on both.
#[test]
fn both_feet_of_a_standing_person_touch_the_floor() {
    let uneven = posed(
        &[
            (B::LeftUpperLeg, Quat::from_rotation_x(-0.5)),
            (B::LeftLowerLeg, Quat::from_rotation_x(0.9)),
            (B::LeftFoot, Quat::from_rotation_x(-0.4)),
            (B::RightUpperLeg, Quat::from_rotation_x(-0.3)),
            (B::RightLowerLeg, Quat::from_rotation_x(0.6)),
            (B::RightFoot, Quat::from_rotation_x(-0.3)),
        ],
        false,
    );
    let true_heights = [B::LeftFoot, B::RightFoot].map(|foot| centred(&uneven)[foot as usize].y);
    assert!(true_heights[0] - true_heights[1] > 0.03, "the landmarks are uneven");
    let joints = joint_positions(&SKELETON, &solve(&uneven));
    for foot in [B::LeftFoot, B::RightFoot] {
        let lift = joints[foot as usize].expect("a foot").y - SKELETON.get(foot).expect("a foot").position.y;
        assert!(lift.abs() < 0.01, "{foot:?} is {lift} m off the floor");
    }
}

#[test]
fn a_body_that_turns_turns_the_hips_alone() {
    let expected = posed(&[(B::Hips, Quat::from_rotation_y(FRAC_PI_4))], false);
    let solved = solve(&expected);
    assert_turn("turned", &expected, &solved, B::Hips, 1.0);
    assert_turn("turned", &expected, &solved, B::UpperChest, 1.0);
    assert_segments_follow("turned", &expected, &solved);
}

#[test]
fn the_trunk_and_the_head_follow() {
    let expected = posed(
        &[
            (B::Spine, Quat::from_rotation_y(0.2)),
            (B::Chest, Quat::from_rotation_y(0.2)),
            (B::UpperChest, Quat::from_rotation_y(0.2)),
            (B::Head, Quat::from_rotation_y(-0.7)),
        ],
        false,
    );
    let solved = solve(&expected);
    assert_turn("twisted", &expected, &solved, B::Hips, 1.0);
    assert_turn("twisted", &expected, &solved, B::UpperChest, 2.0);
    assert_turn("twisted", &expected, &solved, B::Head, 6.0);
}

#[test]
fn a_mirror_shows_the_other_hand() {
    let raised = posed(&[(B::LeftUpperArm, Quat::from_rotation_z(1.0))], false);
    let mirrored = Retargeter::new(SKELETON.clone()).solve(0.0, &person(&raised), true);
    assert_segments_follow("mirror", &raised.mirrored(), &mirrored);
}

/// Backwards is where depth noise bends straight limbs to; joints do not go there.
#[test]
fn hinges_never_bend_backwards() {
    let broken = posed(
        &[
            (B::LeftUpperArm, Quat::from_rotation_z(-1.2)),
            (B::LeftLowerArm, Quat::from_rotation_y(0.3)),
            (B::LeftLowerLeg, Quat::from_rotation_x(-0.3)),
        ],
        true,
    );
    let mut retargeter = Retargeter::new(SKELETON.clone());
    retargeter.solve(0.0, &person(&AvatarPose::rest(&SKELETON)), false);
    for step in 1..30 {
        let solved = retargeter.solve(f64::from(step) / 30.0, &person(&broken), false);
        let joints = centred(&solved);
        let turn = turns(&solved);
        for (hip, knee, ankle) in
            [(B::LeftUpperLeg, B::LeftLowerLeg, B::LeftFoot), (B::RightUpperLeg, B::RightLowerLeg, B::RightFoot)]
        {
            let thigh = joints[knee as usize] - joints[hip as usize];
            let shin = joints[ankle as usize] - joints[knee as usize];
            let bend = thigh.cross(shin).dot(turn[hip as usize] * Vec3::X);
            assert!(bend > -2e-3, "a knee bends backwards at step {step}: {bend}");
        }
    }
}

#[test]
fn a_limb_out_of_sight_eases_to_rest() {
    let raised = posed(&[(B::LeftUpperArm, Quat::from_rotation_z(1.0))], false);
    let mut retargeter = Retargeter::new(SKELETON.clone());
    retargeter.solve(0.0, &person(&raised), false);
    let mut hidden = person(&raised);
    for landmark in [L::LeftElbow, L::LeftWrist, L::LeftIndex, L::LeftPinky] {
        hidden.world[landmark as usize].visibility = 0.02;
        hidden.world[landmark as usize].position = Vec3::new(3.0, -2.0, 5.0);
    }
    let rest = AvatarPose::rest(&SKELETON).rotations[B::LeftUpperArm as usize];
    let mut before = f32::INFINITY;
    for step in 1..=45 {
        let solved = retargeter.solve(f64::from(step) / 30.0, &hidden, false);
        let away = solved.rotations[B::LeftUpperArm as usize].angle_between(rest);
        assert!(away <= before + 1e-3, "it goes to rest and nowhere else");
        before = away;
    }
    assert!(before < 0.02, "{before}");
}

#[test]
fn desk_camera_stands_upright_on_its_own_legs() {
    let mut desk = person(&AvatarPose::rest(&SKELETON));
    for index in L::LeftHip as usize..=L::RightFootIndex as usize {
        desk.world[index].visibility = 0.01;
        desk.world[index].position = Vec3::new(0.3, -0.2 * index as f32, 0.5);
    }
    let solved = Retargeter::new(SKELETON.clone()).solve(0.0, &desk, false);
    assert_turn("desk", &AvatarPose::rest(&SKELETON), &solved, B::UpperChest, 3.0);
    for bone in [B::LeftUpperLeg, B::RightUpperLeg, B::LeftLowerLeg, B::RightFoot] {
        assert!(solved.rotations[bone as usize].angle_between(Quat::IDENTITY) < 0.01, "{bone:?} is at rest");
    }
    assert!((solved.hips_position - AvatarPose::rest(&SKELETON).hips_position).length() < 0.01);
}

/// A bone chain in which every node is turned and the root is in centimetres: the file-local values must put the joints
/// where the normalised pose puts them.
#[test]
fn local_rotations_rebuild_the_pose_in_any_file() {
    let twisted = |bone: usize| Quat::from_rotation_z(0.3 * bone as f32) * Quat::from_rotation_x(1.0 + bone as f32);
    let (root, scale) = (Quat::from_rotation_x(-FRAC_PI_2), 0.01);
    let mut rest = RestSkeleton::default();
    for bone in B::ALL {
        let own = SKELETON.get(bone).expect("the shipped avatar has every bone");
        let (parent_rotation, parent_position) = rest
            .parent(bone)
            .and_then(|parent| rest.get(parent))
            .map_or((root, Vec3::ZERO), |parent| (parent.rotation, parent.position));
        let rotation = twisted(bone as usize);
        rest.bones[bone as usize] = Some(RestBone {
            position: own.position,
            rotation,
            local_rotation: parent_rotation.inverse() * rotation,
            local_position: parent_rotation.inverse() * (own.position - parent_position) / scale,
        });
    }
    let mut pose = posed(
        &[
            (B::Hips, Quat::from_rotation_y(0.4)),
            (B::Chest, Quat::from_rotation_x(0.3)),
            (B::LeftUpperArm, Quat::from_rotation_z(-0.9)),
            (B::LeftLowerArm, Quat::from_rotation_y(-1.1)),
            (B::RightUpperLeg, Quat::from_rotation_x(-0.7)),
        ],
        false,
    );
    pose.hips_position += Vec3::new(0.1, -0.2, 0.05);

    let expected = joint_positions(&rest, &pose);
    let mut globals = [(Quat::IDENTITY, Vec3::ZERO); B::ALL.len()];
    for bone in B::ALL {
        let (parent_rotation, parent_position) =
            bone.parent().map_or((root, Vec3::ZERO), |parent| globals[parent as usize]);
        let local = rest.get(bone).expect("every bone").local_position;
        let local = if bone == B::Hips { root.inverse() * pose.hips_position / scale } else { local };
        let position = parent_position + parent_rotation * local * scale;
        globals[bone as usize] = (parent_rotation * bone_local_rotation(&rest, bone, &pose), position);
        let expected = expected[bone as usize].expect("every bone");
        assert!(position.distance(expected) < 1e-3, "{bone:?}: {position} instead of {expected}");
    }
}

/// Optional bones may be missing: what they would have turned, their neighbours turn.
#[test]
fn an_avatar_with_few_bones_moves_its_limbs_alike() {
    let mut sparse = SKELETON.clone();
    for bone in B::ALL {
        if !bone.is_required() {
            sparse.bones[bone as usize] = None;
        }
    }
    let expected =
        posed(&[(B::Spine, Quat::from_rotation_y(0.5)), (B::LeftUpperArm, Quat::from_rotation_z(0.7))], false);
    let solved = Retargeter::new(sparse.clone()).solve(0.0, &person(&expected), false);
    let joints = joint_positions(&sparse, &solved);
    let along = |from: B, to: B| joints[to as usize].expect("required") - joints[from as usize].expect("required");
    let truth = centred(&expected);
    for (from, to) in SEGMENTS {
        let error = degrees_between(along(from, to), truth[to as usize] - truth[from as usize]);
        assert!(error < 1.0, "{from:?} is {error}° off");
    }
    assert!(joints[B::Chest as usize].is_none() && solved.rotations[B::Chest as usize] == Quat::IDENTITY);
}
