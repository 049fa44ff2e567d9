//! Recordings of made-up people, solved as a whole.

use std::f32::consts::PI;

use glam::{Quat, Vec3};
use livedance::motion::avatar_solver::{AvatarSolver, SolverOptions};
use livedance::motion::filter::{PeopleSmoother, SmoothingParams};
use livedance::motion::fit::SkeletonFit;
use livedance::motion::landmark::PoseLandmark as L;
use livedance::motion::offline::{Known, OfflineMotion, OfflineOptions, frame_rate, solve};
use livedance::motion::pose::BodyPose;
use livedance::motion::random::Random;
use livedance::motion::retarget::{AvatarPose, sole_heights};
use livedance::motion::skeleton::HumanoidBone as B;

use crate::body::{SKELETON, degrees_between, posed, turns};
use crate::locomotion::{FPS, HOME, OPTIONS, seen, standing};

fn recorded(seconds: f64, noise_m: f32, person_at: impl Fn(f64) -> (AvatarPose, Vec3)) -> Vec<(f64, BodyPose)> {
    let mut noise = Random::new(7);
    let frame = |frame: u32| {
        let time_s = 5.0 + f64::from(frame) / FPS;
        let (pose, hips) = person_at(time_s - 5.0);
        (time_s, seen(&pose, hips, noise_m, &mut noise))
    };
    (0..(seconds * FPS) as u32).map(frame).collect()
}

fn solved(frames: &[(f64, BodyPose)], options: &OfflineOptions) -> OfflineMotion {
    let frames: Vec<(f64, &BodyPose)> = frames.iter().map(|(time_s, body)| (*time_s, body)).collect();
    solve("test", &frames, &SKELETON, options).expect("there is something to solve")
}

/// The left arm goes up and down once in two seconds.
fn waving(time_s: f64) -> (AvatarPose, Vec3) {
    let angle = -0.6 + 0.6 * (time_s as f32 * PI).sin();
    (posed(&[(B::LeftUpperArm, Quat::from_rotation_z(angle))], false), HOME)
}

fn elevation(pose: &AvatarPose) -> f32 {
    degrees_between(turns(pose)[B::LeftUpperArm as usize] * Vec3::X, Vec3::NEG_Y) - 90.0
}

/// Seconds by which the arm's swing is late, from its phase.
fn lag_s(poses: &[AvatarPose]) -> f64 {
    let (mut sine, mut cosine) = (0.0, 0.0);
    let mean = poses.iter().map(elevation).sum::<f32>() / poses.len() as f32;
    for (frame, pose) in poses.iter().enumerate() {
        let phase = PI * frame as f32 / FPS as f32;
        sine += (elevation(pose) - mean) * phase.sin();
        cosine += (elevation(pose) - mean) * phase.cos();
    }
    f64::from((-cosine).atan2(sine) / PI)
}

#[test]
fn nothing_is_late() {
    let frames = recorded(8.0, 0.003, waving);
    let offline = solved(&frames, &OfflineOptions::new(OPTIONS));
    let mut solver = AvatarSolver::new(SKELETON.clone());
    let mut smoother = PeopleSmoother::new(SmoothingParams::Ema { alpha: 0.5 });
    let live: Vec<_> = frames
        .iter()
        .map(|(time_s, body)| {
            let smoothed = smoother.smooth(*time_s, std::slice::from_ref(body)).remove(0);
            solver.solve(*time_s, &smoothed, &OPTIONS)
        })
        .collect();
    let (offline, live) = (lag_s(&offline.clip.poses), lag_s(&live));
    assert!(live > 0.015, "the live filter is late by {live} s");
    assert!(offline.abs() < 0.004, "{offline} s");
}

#[test]
fn any_frame_rate_has_its_frames_at_their_times() {
    let frames = recorded(4.0, 0.0, waving);
    let usual = solved(&frames, &OfflineOptions::new(OPTIONS));
    assert_eq!((usual.clip.fps, usual.clip.poses.len()), (30.0, 120));
    assert!((usual.start_s - 5.0).abs() < 1e-9);
    for fps in [10.0, 24.0, 29.97, 60.0, 120.0] {
        let other = solved(&frames, &OfflineOptions { fps: Some(fps), ..OfflineOptions::new(OPTIONS) });
        let count = (119.0 / 30.0 * fps + 1e-6).floor() as usize + 1;
        assert_eq!(other.clip.poses.len(), count, "{fps}");
        assert!(other.known.len() == count && other.bodies.len() == count && other.contacts.len() == count);
        for (frame, pose) in other.clip.poses.iter().enumerate() {
            let there = usual.clip.sample(frame as f64 / fps).expect("has frames");
            let off = (elevation(pose) - elevation(&there)).abs();
            assert!(off < 1.5, "{fps} frames a second, frame {frame}: {off}°");
        }
    }
}

#[test]
fn short_gaps_are_filled_and_long_ones_are_bridged_and_marked() {
    let all = recorded(6.0, 0.003, waving);
    let gone = |time_s: f64| (6.0..6.4).contains(&time_s) || (8.0..9.5).contains(&time_s);
    let seen: Vec<_> = all.iter().filter(|(time_s, _)| !gone(*time_s)).cloned().collect();
    let (whole, holed) = (solved(&all, &OfflineOptions::new(OPTIONS)), solved(&seen, &OfflineOptions::new(OPTIONS)));
    assert_eq!(whole.clip.poses.len(), holed.clip.poses.len());
    assert!(whole.known.iter().all(|known| *known == Known::Seen));
    for (frame, known) in holed.known.iter().enumerate() {
        let time_s = 5.0 + frame as f64 / FPS;
        let inside = |from: f64, to: f64| (from + 0.05..to - 0.05).contains(&time_s);
        if inside(6.0, 6.4) {
            assert_eq!(*known, Known::Filled, "{time_s}");
            let off = (elevation(&whole.clip.poses[frame]) - elevation(&holed.clip.poses[frame])).abs();
            assert!(off < 12.0, "{time_s}: {off}°");
        } else if inside(8.0, 9.5) {
            assert_eq!(*known, Known::Missing, "{time_s}");
            assert!(holed.bodies[frame].is_none());
        }
    }
    for (frame, pair) in holed.clip.poses.windows(2).enumerate() {
        for bone in B::ALL {
            let turn = pair[0].rotation(bone).angle_between(pair[1].rotation(bone)).to_degrees();
            assert!(turn < 15.0, "{bone:?} turns {turn}° after frame {frame}");
            assert!(pair[0].rotation(bone).dot(pair[1].rotation(bone)) > 0.0, "one hemisphere");
        }
    }
}

#[test]
fn feet_that_stand_do_not_move_at_all() {
    // Stands, goes a step to the side within half a second, stands.
    let way = |time_s: f64| 0.4 * ((time_s - 2.0) / 0.5).clamp(0.0, 1.0) as f32;
    let frames = recorded(5.0, 0.008, |time_s| (standing(), HOME + Vec3::X * way(time_s)));
    let motion = solved(&frames, &OfflineOptions::new(OPTIONS));
    let stands = motion.contacts.iter().flatten().filter(|contact| **contact).count();
    assert!(stands > 220, "{stands} of 300");
    let (mut slide, mut height) = (0.0_f32, 0.0_f32);
    for (pair, contacts) in motion.clip.poses.windows(2).zip(motion.contacts.windows(2)) {
        let [before, after] = [0, 1].map(|index| sole_heights(&SKELETON, &pair[index]));
        for side in [0, 1] {
            let (before, after) = (before[side].expect("a foot"), after[side].expect("a foot"));
            if contacts[0][side] && contacts[1][side] {
                slide = slide.max((after.ankle - before.ankle).with_y(0.0).length() * FPS as f32);
                height = height.max(after.height.abs());
            }
        }
    }
    assert!(slide < 0.02, "{slide} m/s");
    assert!(height < 0.012, "{height} m");
    let moved = motion.clip.poses.last().unwrap().hips_position.x - motion.clip.poses[0].hips_position.x;
    assert!((0.3..0.5).contains(&moved), "{moved} m");
}

#[test]
fn a_jump_is_no_stand() {
    let height_at = |time_s: f64| {
        let (speed, since) = ((2.0_f64 * 9.81 * 0.25).sqrt(), time_s - 2.0);
        if since > 0.0 { (speed * since - 4.905 * since * since).max(0.0) as f32 } else { 0.0 }
    };
    let frames = recorded(4.0, 0.004, |time_s| (standing(), HOME - Vec3::Y * height_at(time_s)));
    let motion = solved(&frames, &OfflineOptions::new(OPTIONS));
    let apex = (2.0 + 0.226) * FPS;
    assert_eq!(motion.contacts[apex as usize], [false; 2]);
    assert_eq!(motion.contacts[30], [true; 2]);
    let heights: Vec<f32> = motion
        .clip
        .poses
        .iter()
        .map(|pose| {
            sole_heights(&SKELETON, pose).map(|sole| sole.expect("a foot").height).into_iter().fold(9.0, f32::min)
        })
        .collect();
    let highest = heights.iter().copied().fold(0.0, f32::max);
    assert!((0.15..=0.3).contains(&highest), "{highest} m");
}

#[test]
fn bones_have_one_length_and_twice_is_the_same() {
    let frames = recorded(3.0, 0.01, waving);
    let options = OfflineOptions::new(OPTIONS);
    let motion = solved(&frames, &options);
    assert_eq!(motion, solved(&frames, &options));
    let length =
        |body: &BodyPose, a: L, b: L| body.world[a as usize].position.distance(body.world[b as usize].position);
    for (a, b) in [(L::LeftShoulder, L::LeftElbow), (L::RightKnee, L::RightAnkle)] {
        let lengths: Vec<f32> = motion.bodies.iter().flatten().map(|body| length(body, a, b)).collect();
        let (low, high) = lengths.iter().fold((9.0_f32, 0.0_f32), |(low, high), l| (low.min(*l), high.max(*l)));
        assert!(high - low < 0.02 * high, "{low} to {high} m");
    }
    // What is known of the bones beforehand is kept.
    let mut fit = SkeletonFit::new();
    fit.set_height(Some(1.9));
    let tall = OfflineOptions::new(SolverOptions { bones: Some(*fit.lengths()), ..OPTIONS });
    let motion = solved(&frames, &tall);
    let body = motion.bodies[40].as_ref().expect("seen");
    let expected = fit.lengths().main()[0];
    assert!((length(body, L::LeftShoulder, L::LeftElbow) / expected - 1.0).abs() < 0.05);
}

#[test]
fn what_cannot_be_solved_is_nothing() {
    fn solve(frames: &[(f64, &BodyPose)], options: &OfflineOptions) -> Option<OfflineMotion> {
        livedance::motion::offline::solve("test", frames, &SKELETON, options)
    }
    let frames = recorded(1.0, 0.0, waving);
    let options = OfflineOptions::new(OPTIONS);
    let body = &frames[0].1;
    assert!(solve(&[], &options).is_none());
    assert!(solve(&[(0.0, body)], &options).is_none());
    assert!(solve(&[(0.0, body), (f64::NAN, body)], &options).is_none());
    assert!(solve(&[(1.0, body), (0.5, body)], &options).is_none());
    assert!(solve(&[(0.0, body), (1e12, body)], &options).is_none());
    for fps in [0.0, -1.0, f64::NAN, 1e9] {
        assert!(solve(&[(0.0, body), (0.1, body)], &OfflineOptions { fps: Some(fps), ..options }).is_none());
    }
    let mut broken = frames.clone();
    broken[3].1.world[5].position = Vec3::NAN;
    broken[7].1.image[11].position = Vec3::INFINITY;
    let motion = solved(&broken, &options);
    assert!(motion.clip.poses.iter().all(|pose| pose.rotations.iter().all(|rotation| rotation.is_normalized())));
    assert!((frame_rate(&[(0.0, body), (0.0333, body), (0.0667, body)]).unwrap() - 30.0).abs() < 1e-9);
}
