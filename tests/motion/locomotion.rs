//! The whole way from a person in front of a camera to an avatar that stands, walks and jumps: bodies are those of the
//! shipped avatar, seen by an ideal camera, with noise.

use std::f32::consts::{FRAC_PI_2, PI};

use glam::{Quat, Vec2, Vec3};
use livedance::formats::record::{FrameRecord, PersonRecord, TimingsRecord};
use livedance::motion::angle::joint_angles;
use livedance::motion::avatar_solver::{AvatarSolver, SolverOptions};
use livedance::motion::filter::{PeopleSmoother, SmoothingParams};
use livedance::motion::fit::{SkeletonFit, View};
use livedance::motion::locomotion::LocomotionOptions;
use livedance::motion::pose::BodyPose;
use livedance::motion::quality::avatar::{AvatarStretch, BodyPart, measure_avatar};
use livedance::motion::random::Random;
use livedance::motion::retarget::{AvatarPose, Sole, sole_heights};
use livedance::motion::skeleton::HumanoidBone as B;
use livedance::motion::statistics::{percentile, sorted};

use crate::body::{SKELETON, degrees_between, person, posed, turns};

pub(crate) const FPS: f64 = 30.0;
const VIEW: View = View { width: 640, height: 480, field_of_view: 40.0 };
pub(crate) const OPTIONS: SolverOptions = SolverOptions {
    mirror: false,
    fit: true,
    locomotion: LocomotionOptions { root_motion: true, foot_lock: true },
    view: VIEW,
    height_m: None,
    bones: None,
};
/// The middle of the hips of somebody who stands in the middle of the picture, metres from the camera.
pub(crate) const HOME: Vec3 = Vec3::new(0.0, 0.0, 4.0);

/// What the camera sees of this pose with the hips there; `noise_m` on every landmark.
pub(crate) fn seen(pose: &AvatarPose, hips: Vec3, noise_m: f32, noise: &mut Random) -> BodyPose {
    let mut body = person(pose);
    let focal_length = 320.0 / 20.0_f32.to_radians().tan();
    for (world, image) in body.world.iter_mut().zip(&mut body.image) {
        let at = hips + world.position + Vec3::new(noise.normal(), noise.normal(), noise.normal()) * noise_m;
        image.position = (at.truncate() * (focal_length / at.z) + Vec2::new(320.0, 240.0)).extend(0.0);
        world.position += Vec3::new(noise.normal(), noise.normal(), noise.normal()) * noise_m;
    }
    body
}

/// Smooths as the app does by default and solves frame by frame what `person_at` says of each moment.
fn play(
    options: SolverOptions,
    seconds: f64,
    noise_m: f32,
    person_at: impl Fn(f64) -> (AvatarPose, Vec3),
) -> Vec<AvatarPose> {
    let (mut solver, mut noise) = (AvatarSolver::new(SKELETON.clone()), Random::new(7));
    let mut smoother = PeopleSmoother::new(SmoothingParams::Ema { alpha: 0.7 });
    let frames = (seconds * FPS) as usize;
    (0..frames)
        .map(|frame| {
            let time_s = frame as f64 / FPS;
            let (pose, hips) = person_at(time_s);
            let smoothed = smoother.smooth(time_s, &[seen(&pose, hips, noise_m, &mut noise)]);
            solver.solve(time_s, &smoothed[0], &options)
        })
        .collect()
}

pub(crate) fn standing() -> AvatarPose {
    AvatarPose::rest(&SKELETON)
}

fn feet(pose: &AvatarPose) -> [Sole; 2] {
    sole_heights(&SKELETON, pose).map(|sole| sole.expect("the shipped avatar has feet"))
}

#[test]
fn feet_that_stand_do_not_slide_or_sink() {
    let poses = play(OPTIONS, 6.0, 0.01, |_| (standing(), HOME));
    let settled: Vec<[Sole; 2]> = poses[60..].iter().map(feet).collect();
    let slides = settled.windows(2).flat_map(|pair| {
        [0, 1].map(|side| (pair[1][side].ankle - pair[0][side].ankle).with_y(0.0).length() * FPS as f32)
    });
    let slide = percentile(&sorted(slides.map(f64::from)), 0.5).expect("frames");
    assert!(slide < 0.01, "{slide} m/s");
    let lowest = settled.iter().flatten().map(|sole| sole.height).fold(f32::INFINITY, f32::min);
    assert!(lowest > -0.01, "{lowest} m");
}

#[test]
fn a_jump_leaves_the_floor_with_both_feet() {
    let height_at = |time_s: f64| {
        let (speed, since) = ((2.0_f64 * 9.81 * 0.25).sqrt(), time_s - 2.0);
        if since > 0.0 { (speed * since - 4.905 * since * since).max(0.0) as f32 } else { 0.0 }
    };
    // Jumping sideways: a foot that were held in the air would be left behind.
    let aside = |time_s: f64| 0.8 * (time_s - 2.0).clamp(0.0, 0.45) as f32;
    let poses =
        play(OPTIONS, 4.0, 0.004, |time_s| (standing(), HOME + Vec3::new(aside(time_s), -height_at(time_s), 0.0)));
    let heights: Vec<f32> = poses.iter().map(|pose| feet(pose)[0].height.min(feet(pose)[1].height)).collect();
    let (apex, highest) = heights.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).expect("frames");
    assert!((0.2..=0.3).contains(&highest), "{highest} m at {apex}");
    assert!((61..73).contains(&apex), "{apex}");
    let apart = |pose: &AvatarPose| feet(pose).map(|foot| foot.ankle.x - pose.hips_position.x);
    for (flying, standing) in apart(&poses[apex]).into_iter().zip(apart(&poses[50])) {
        assert!((flying - standing).abs() < 0.03, "{flying} {standing}");
    }
    assert!(heights[90..].iter().all(|height| *height < 0.02), "back on the floor");
    let still = play(
        SolverOptions { locomotion: LocomotionOptions { root_motion: false, foot_lock: true }, ..OPTIONS },
        4.0,
        0.0,
        |time_s| (standing(), HOME - Vec3::Y * height_at(time_s)),
    );
    assert!(still.iter().all(|pose| feet(pose)[0].height < 0.02), "root motion is off");
}

#[test]
fn the_avatar_goes_where_the_person_goes() {
    let way = |time_s: f64| 0.5 * (time_s - 1.0).clamp(0.0, 2.0) as f32;
    for mirror in [false, true] {
        let poses =
            play(SolverOptions { mirror, ..OPTIONS }, 5.0, 0.004, |time_s| (standing(), HOME + Vec3::X * way(time_s)));
        let last = poses.last().expect("frames").hips_position;
        let expected = if mirror { -1.0 } else { 1.0 };
        assert!((last.x - expected).abs() < 0.15, "{last}");
        assert!(last.z.abs() < 0.3, "{last}");
    }
    let nearer = play(OPTIONS, 8.0, 0.004, |time_s| (standing(), HOME - Vec3::Z * way(time_s)));
    let last = nearer.last().expect("frames").hips_position;
    assert!((last.z - 1.0).abs() < 0.3, "towards the camera is towards the viewer: {last}");
}

#[test]
fn a_calibration_takes_arms_out_and_gives_the_bones() {
    let (mut fit, mut noise) = (SkeletonFit::new(), Random::new(7));
    fit.set_height(Some(1.72));
    fit.calibrate();
    let mut frame = 0;
    let mut stand = |fit: &mut SkeletonFit, pose: &AvatarPose, frames: u32| {
        for _ in 0..frames {
            frame += 1;
            let body = seen(pose, HOME, 0.01, &mut noise);
            fit.fit(f64::from(frame) / FPS, &body, VIEW).expect("a body");
        }
    };
    stand(&mut fit, &standing(), 60);
    assert_eq!(fit.calibration(), Some(0.0), "the arms hang");
    stand(&mut fit, &AvatarPose::t_pose(&SKELETON), 30);
    assert!(fit.calibration().is_some_and(|done| (0.3..1.0).contains(&done)));
    stand(&mut fit, &AvatarPose::t_pose(&SKELETON), 60);
    assert_eq!(fit.calibration(), None);
    let at = |bone: B| SKELETON.get(bone).expect("every bone").position;
    let limbs = [
        (B::LeftUpperArm, B::LeftLowerArm),
        (B::LeftLowerArm, B::LeftHand),
        (B::LeftUpperLeg, B::LeftLowerLeg),
        (B::LeftLowerLeg, B::LeftFoot),
        (B::LeftUpperArm, B::RightUpperArm),
        (B::LeftUpperLeg, B::RightUpperLeg),
    ];
    for (own, (from, to)) in fit.lengths().main().into_iter().zip(limbs) {
        let truth = at(from).distance(at(to));
        assert!((own / truth - 1.0).abs() < 0.05, "{from:?} {own} instead of {truth}");
    }
}

/// Depths are skewed, as a tracker's guesses are: in them the whole body leans, in the picture it does not.
#[test]
fn a_standing_body_that_leans_off_its_feet_is_set_upright() {
    for tilt in [-0.2, 0.2] {
        let mut body = seen(&standing(), HOME, 0.0, &mut Random::new(7));
        for landmark in &mut body.world {
            landmark.position = Quat::from_rotation_x(tilt) * landmark.position;
        }
        let lean = |fit: bool| {
            let mut solver = AvatarSolver::new(SKELETON.clone());
            let solved = solver.solve(0.0, &body, &SolverOptions { fit, ..OPTIONS });
            degrees_between(turns(&solved)[B::UpperChest as usize] * Vec3::Y, Vec3::Y)
        };
        let (with, without) = (lean(true), lean(false));
        assert!(with < 0.6 * without, "{with}° of {without}° are left");
    }
}

/// Poses that solvers get wrong.
fn hard_poses() -> [(&'static str, AvatarPose); 7] {
    let arm = |turn: Quat| vec![(B::LeftUpperArm, turn)];
    let mirrored = |turn: Quat| Quat::from_xyzw(turn.x, -turn.y, -turn.z, turn.w);
    let both = |upper: Quat, lower: Quat| {
        vec![
            (B::LeftUpperArm, upper),
            (B::RightUpperArm, mirrored(upper)),
            (B::LeftLowerArm, lower),
            (B::RightLowerArm, mirrored(lower)),
        ]
    };
    let down = Quat::from_rotation_z(-1.2);
    let sitting = vec![
        (B::LeftUpperLeg, Quat::from_rotation_x(-FRAC_PI_2)),
        (B::RightUpperLeg, Quat::from_rotation_x(-FRAC_PI_2)),
        (B::LeftLowerLeg, Quat::from_rotation_x(FRAC_PI_2)),
        (B::RightLowerLeg, Quat::from_rotation_x(FRAC_PI_2)),
    ];
    [
        ("straight arm", arm(Quat::from_rotation_z(0.2))),
        ("arms crossed", both(Quat::from_rotation_y(-1.0) * down, Quat::from_rotation_y(-2.0))),
        ("hands on hips", both(Quat::from_rotation_z(-0.9), Quat::from_rotation_z(-1.5))),
        ("back turned", vec![(B::Hips, Quat::from_rotation_y(PI))]),
        ("sitting", sitting),
        ("one arm behind", arm(Quat::from_rotation_y(0.7) * down)),
        ("lying", vec![(B::Hips, Quat::from_rotation_z(FRAC_PI_2))]),
    ]
    .map(|(name, bones)| (name, posed(&bones, false)))
}

#[test]
fn no_pose_makes_a_bone_flip_or_pop() {
    for (name, pose) in hard_poses() {
        let shown = play(OPTIONS, 4.0, 0.01, |_| (pose, HOME));
        for (frame, pair) in shown.windows(2).enumerate() {
            for bone in B::ALL {
                let turn =
                    pair[0].rotations[bone as usize].angle_between(pair[1].rotations[bone as usize]).to_degrees();
                // Shown at 60 pictures a second it is half of this a picture.
                assert!(turn < 30.0, "{name}: {bone:?} turns {turn}° after frame {frame}");
            }
        }
    }
}

/// The solver alone, without fit and locomotion, on poses that hold still with noise and on one that comes and goes.
#[test]
fn bones_point_where_the_landmarks_do() {
    let options =
        SolverOptions { fit: false, locomotion: LocomotionOptions { root_motion: false, foot_lock: false }, ..OPTIONS };
    for (name, pose) in hard_poses() {
        let (mut solver, mut noise) = (AvatarSolver::new(SKELETON.clone()), Random::new(7));
        let mut smoother = PeopleSmoother::new(SmoothingParams::Ema { alpha: 0.7 });
        let mut stretch = AvatarStretch::default();
        for frame in 0..120 {
            let time_s = f64::from(frame) / FPS;
            let there = 0.5 - 0.5 * (time_s as f32 * PI).cos();
            let raw = seen(&standing().interpolate(&pose, there), HOME, 0.01, &mut noise);
            let fed = smoother.smooth(time_s, std::slice::from_ref(&raw)).remove(0);
            stretch.poses.push(solver.solve(time_s, &fed, &options));
            stretch.times.push(time_s);
            stretch.raw.push(raw);
            stretch.fed.push(fed);
        }
        for error in measure_avatar(&SKELETON, &[stretch], FPS).directions {
            println!("{name}: {error:?}");
            // Hands of 7 cm are noise.
            let limits = if error.part == BodyPart::Hands { (12.0, 30.0) } else { (4.0, 12.0) };
            assert!(error.median_deg <= limits.0 && error.p95_deg <= limits.1, "{name}: {error:?}");
        }
    }
}

/// Writes the poses as records, for eyes to see what `livedance render` makes of them.
#[test]
#[ignore = "writes files to the folder LIVEDANCE_POSES, for looking at"]
fn poses_to_look_at() {
    let folder = std::path::PathBuf::from(std::env::var_os("LIVEDANCE_POSES").expect("LIVEDANCE_POSES is a folder"));
    for (name, pose) in hard_poses() {
        let mut noise = Random::new(7);
        let lines = (0..90u32).map(|frame| {
            let body = seen(&pose, HOME, 0.01, &mut noise);
            let record = FrameRecord {
                frame: u64::from(frame),
                time_s: f64::from(frame) / FPS,
                width: VIEW.width,
                height: VIEW.height,
                people: vec![PersonRecord::new(&body, &joint_angles(&body.world))],
                timings_ms: TimingsRecord::default(),
            };
            serde_json::to_string(&record).expect("a record") + "\n"
        });
        let file = folder.join(name.replace(' ', "_")).with_extension("jsonl");
        std::fs::write(file, lines.collect::<String>()).expect("writes");
    }
}
