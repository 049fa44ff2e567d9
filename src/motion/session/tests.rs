//! What every driver relies on: the same frames give the same poses, whoever looks and how often.

use std::sync::Arc;

use glam::Vec3;

use super::*;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark as L};

const PICTURE: (u32, u32) = (640, 480);
const FPS: f64 = 30.0;

fn options() -> SessionOptions {
    SessionOptions { smoothing: SmoothingParams::Ema { alpha: 0.7 }, ..SessionOptions::default() }
}

fn avatars(count: usize) -> Cast {
    let skeletons = (0..count).map(|_| Arc::new(RestSkeleton::default())).collect();
    Cast::Avatars { skeletons, followed: count }
}

/// Somebody who stands `x_px` to the right of the picture's left edge and sways.
fn person(id: u32, x_px: f32, time_s: f64) -> BodyPose {
    let mut world = [Landmark { visibility: 1.0, presence: 1.0, ..Landmark::default() }; POSE_LANDMARK_COUNT];
    let sway = 0.1 * (time_s as f32 * 2.0).sin();
    let mut put = |landmark: L, x: f32, y: f32, z: f32| world[landmark as usize].position = Vec3::new(x, y, z);
    put(L::Nose, sway, -0.65, -0.1);
    for (side, arm, leg) in [
        (
            1.0,
            [L::LeftShoulder, L::LeftElbow, L::LeftWrist, L::LeftIndex],
            [L::LeftHip, L::LeftKnee, L::LeftAnkle, L::LeftHeel, L::LeftFootIndex],
        ),
        (
            -1.0,
            [L::RightShoulder, L::RightElbow, L::RightWrist, L::RightIndex],
            [L::RightHip, L::RightKnee, L::RightAnkle, L::RightHeel, L::RightFootIndex],
        ),
    ] {
        put(arm[0], side * 0.18 + sway, -0.5, 0.0);
        put(arm[1], side * 0.2 + sway, -0.22, 0.02);
        put(arm[2], side * 0.22 + sway * 2.0, 0.03, -0.02);
        put(arm[3], side * 0.22 + sway * 2.0, 0.1, -0.02);
        put(leg[0], side * 0.09, 0.0, 0.0);
        put(leg[1], side * 0.1, 0.42, 0.0);
        put(leg[2], side * 0.1, 0.83, 0.02);
        put(leg[3], side * 0.1, 0.88, 0.05);
        put(leg[4], side * 0.12, 0.9, -0.12);
    }
    let pictured =
        |landmark: Landmark| Landmark { position: Vec3::new(x_px, 240.0, 0.0) + landmark.position * 180.0, ..landmark };
    BodyPose {
        id,
        is_new: false,
        score: 0.9,
        image: world.map(pictured),
        world,
        size_px: 360.0,
        hands: Hands::default(),
    }
}

fn push(session: &mut MotionSession, number: u64, continuity: Continuity, people: &[BodyPose]) -> MotionFrame {
    let time_s = number as f64 / FPS;
    session.push(&MotionInput { time_s, continuity, size_px: PICTURE, people, loose_hands: &Hands::default() })
}

fn play(
    session: &mut MotionSession,
    numbers: std::ops::Range<u64>,
    people: impl Fn(f64) -> Vec<BodyPose>,
) -> Vec<MotionFrame> {
    numbers.map(|number| push(session, number, Continuity::Follows, &people(number as f64 / FPS))).collect()
}

#[test]
fn what_comes_out_does_not_depend_on_who_looks() {
    let people = |time_s: f64| vec![person(1, 200.0, time_s), person(2, 450.0, time_s)];
    let (mut seen, mut unseen) = (MotionSession::new(options(), avatars(2)), MotionSession::new(options(), avatars(2)));
    let mut samplers: Vec<_> = (0..2).map(|_| PoseSampler::new(Arc::new(RestSkeleton::default()))).collect();
    for number in 0..60 {
        let frames = [&mut seen, &mut unseen].map(|session| {
            let time_s = number as f64 / FPS;
            push(session, number, Continuity::Follows, &people(time_s))
        });
        assert_eq!(frames[0], frames[1]);
        for (sampler, actor) in samplers.iter_mut().zip(&frames[0].actors) {
            sampler.push(frames[0].time_s, frames[0].continuity, actor);
            for step in 0..number % 7 {
                sampler.sample(frames[0].time_s - 0.01 * step as f64, frames[0].time_s, true);
            }
        }
    }
}

#[test]
fn a_frame_that_is_sampled_at_its_own_time_shows_its_own_pose() {
    let mut session = MotionSession::new(options(), avatars(1));
    let mut sampler = PoseSampler::new(Arc::new(RestSkeleton::default()));
    sampler.skip_easing(0.0);
    for frame in play(&mut session, 0..30, |time_s| vec![person(1, 320.0, time_s)]) {
        sampler.push(frame.time_s, frame.continuity, &frame.actors[0]);
        let mut expected = frame.actors[0].pose;
        crate::motion::locomotion::keep_above_floor(&RestSkeleton::default(), &mut expected);
        assert_eq!(sampler.sample(frame.time_s, frame.time_s, true), expected);
    }
}

#[test]
fn one_person_alone_is_posed_alike_for_an_avatar_and_for_everybody() {
    let skeleton = Arc::new(RestSkeleton::default());
    let mut one = MotionSession::new(options(), avatars(1));
    let mut each = MotionSession::new(options(), Cast::EachPerson(skeleton));
    let alone = |time_s: f64| vec![person(4, 320.0, time_s)];
    for (one, each) in play(&mut one, 0..60, alone).iter().zip(play(&mut each, 0..60, alone)) {
        assert_eq!(one.actors[0].pose, each.actors[0].pose);
        assert_eq!(one.people, each.people);
    }
}

#[test]
fn everybody_gets_a_pose_in_their_order_and_keeps_it() {
    let mut session = MotionSession::new(options(), Cast::EachPerson(Arc::new(RestSkeleton::default())));
    let both = |time_s: f64| vec![person(1, 200.0, time_s), person(2, 450.0, time_s + 0.4)];
    let before = play(&mut session, 0..20, both).pop().expect("frames");
    let mut turned = both(20.0 / FPS);
    turned.reverse();
    let after = push(&mut session, 20, Continuity::Follows, &turned);
    assert_eq!(after.actors.iter().map(|actor| actor.following).collect::<Vec<_>>(), [Some(2), Some(1)]);
    let far = |a: &ActorFrame, b: &ActorFrame| (a.pose.hips_position - b.pose.hips_position).length();
    assert!(far(&after.actors[0], &before.actors[1]) < 0.05 && far(&after.actors[1], &before.actors[0]) < 0.05);
    let one = push(&mut session, 21, Continuity::Follows, &turned[..1]);
    assert_eq!(one.actors.len(), 1);
}

#[test]
fn an_avatar_keeps_its_person_and_a_free_one_takes_the_next() {
    let mut session = MotionSession::new(options(), avatars(2));
    let following = |frame: &MotionFrame| frame.actors.iter().map(|actor| actor.following).collect::<Vec<_>>();
    let first = push(&mut session, 0, Continuity::Follows, &[person(5, 300.0, 0.0)]);
    assert_eq!(following(&first), [Some(5), None]);
    let both = [person(9, 100.0, 0.0), person(5, 300.0, 0.0)];
    assert_eq!(following(&push(&mut session, 1, Continuity::Follows, &both)), [Some(5), Some(9)]);
    assert_eq!(following(&push(&mut session, 2, Continuity::Follows, &both[..1])), [None, Some(9)]);
}

#[test]
fn time_that_runs_back_unannounced_is_another_source() {
    let mut session = MotionSession::new(options(), avatars(1));
    let alone = |time_s: f64| vec![person(1, 320.0, time_s)];
    play(&mut session, 10..20, alone);
    let frame = push(&mut session, 3, Continuity::Follows, &alone(0.1));
    assert_eq!(frame.continuity, Continuity::NewSource);
    assert_eq!(frame.people, alone(0.1), "filters begin anew");
    let frame = push(&mut session, 1, Continuity::Seek, &alone(0.0));
    assert_eq!(frame.continuity, Continuity::Seek);
}

#[test]
fn another_t_pose_begins_anew_and_the_same_one_goes_on() {
    let mut session = MotionSession::new(options(), avatars(1));
    let alone = |time_s: f64| vec![person(1, 320.0, time_s)];
    let mut kept = MotionSession::new(options(), avatars(1));
    play(&mut session, 0..30, alone);
    play(&mut kept, 0..30, alone);
    kept.set_cast(avatars(2));
    let next = alone(1.0);
    let [expected, same] = [&mut session, &mut kept].map(|session| push(session, 30, Continuity::Follows, &next));
    assert_eq!(expected.actors[0].pose, same.actors[0].pose);
}

#[test]
fn a_calibration_is_told_with_its_number_until_the_next() {
    let mut session = MotionSession::new(options(), avatars(1));
    session.calibrate(7);
    // A T-pose, arms out to the sides.
    let t_pose = |time_s: f64| {
        let mut body = person(1, 320.0, time_s);
        for (side, arm) in
            [(1.0, [L::LeftElbow, L::LeftWrist, L::LeftIndex]), (-1.0, [L::RightElbow, L::RightWrist, L::RightIndex])]
        {
            for (joint, reach) in arm.into_iter().zip([0.46, 0.71, 0.79]) {
                body.world[joint as usize].position = Vec3::new(side * reach, -0.5, 0.0);
                body.image[joint as usize].position = Vec3::new(320.0 + side * reach * 180.0, 150.0, 0.0);
            }
        }
        vec![body]
    };
    let frames = play(&mut session, 0..300, t_pose);
    let found = frames.iter().position(|frame| frame.calibrated.is_some()).expect("it is found within ten seconds");
    assert!(frames[found..].iter().all(|frame| frame.calibrated.is_some_and(|(number, _)| number == 7)));
    assert!(frames[..found].iter().any(|frame| frame.actors[0].calibration.is_some()), "its progress is told");
}
