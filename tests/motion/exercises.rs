//! Repetitions of stick figures whose movement is known, and of a real person.

mod measures;
mod people;
mod sets;
mod stick;

use std::f32::consts::TAU;
use std::path::Path;

use glam::{Quat, Vec3};
use livedance::formats::exercise::{parse_exercises, read_exercises};
use livedance::motion::Side;
use livedance::motion::exercise::{
    Exercise, Incompleteness, Phase, Posture, RepetitionCounter, RepetitionEvent as Event,
};
use livedance::motion::hand::Hands;
use livedance::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use livedance::motion::pose::BodyPose;

use stick::{Fault, Kind, figure, mirrored, noisy, turned};

const KINDS: [Kind; 4] = [Kind::Squat, Kind::PushUp, Kind::JumpingJack, Kind::Lunge];

fn exercise(kind: Kind) -> Exercise {
    let id = match kind {
        Kind::Squat => "squat",
        Kind::PushUp => "push_up",
        Kind::JumpingJack => "jumping_jack",
        Kind::Lunge => "lunge",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/exercises/exercises.toml");
    read_exercises(&path).expect("reads").into_iter().find(|exercise| exercise.id == id).expect("shipped")
}

fn pose(world: &[Landmark; POSE_LANDMARK_COUNT]) -> BodyPose {
    let world = *world;
    BodyPose { id: 0, is_new: false, score: 1.0, image: world, world, size_px: 800.0, hands: Hands::default() }
}

/// How deep the figure is: a second at rest, then repetitions of `period_s` with `pause_s` of rest after each.
fn depth_at(time_s: f32, period_s: f32, pause_s: f32) -> f32 {
    let within = (time_s - 1.0).rem_euclid(period_s + pause_s);
    if time_s < 1.0 || within > period_s { 0.0 } else { 0.5 - 0.5 * (TAU * within / period_s).cos() }
}

const fn period_s(kind: Kind) -> f32 {
    match kind {
        Kind::JumpingJack => 1.1,
        Kind::PushUp => 1.8,
        _ => 2.4,
    }
}

/// Feeds a figure for each frame of `seconds` and returns the counter with all that happened.
fn run(
    exercise: Exercise,
    fps: f64,
    seconds: f64,
    mut world: impl FnMut(f32) -> Option<[Landmark; POSE_LANDMARK_COUNT]>,
) -> (RepetitionCounter, Vec<Event>) {
    let mut counter = RepetitionCounter::new(exercise);
    let mut events = Vec::new();
    for frame in 0..(seconds * fps) as u32 {
        let time_s = f64::from(frame) / fps;
        let body = world(time_s as f32).as_ref().map(pose);
        events.extend(counter.update(time_s, body.as_ref()));
        let state = counter.state();
        assert!((0.0..=1.0).contains(&state.progress) && (0.0..=1.0).contains(&state.depth), "{state:?}");
    }
    (counter, events)
}

/// Five repetitions at the kind's own pace, lunges with left and right in turn, of a given deepest depth.
fn five(kind: Kind, fps: f64, noise_m: f32, seed: u64, deepest: f32, fault: Fault) -> (RepetitionCounter, Vec<Event>) {
    let (period, pause) = (period_s(kind), if kind == Kind::JumpingJack { 0.0 } else { 0.4 });
    let mut frame = seed * 100_000;
    run(exercise(kind), fps, f64::from(2.0 + 5.0 * (period + pause)), |time| {
        frame += 1;
        let number = ((time - 1.0) / (period + pause)).floor();
        let depth = if number > 4.5 { 0.0 } else { depth_at(time, period, pause) };
        let side = if number.rem_euclid(2.0) < 0.5 { Side::Left } else { Side::Right };
        Some(noisy(&figure(kind, depth * deepest, side, fault), noise_m, frame))
    })
}

fn counted(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Counted { .. })).count()
}

fn reasons(events: &[Event]) -> Vec<Incompleteness> {
    let reason = |event: &Event| if let Event::Incomplete { reason, .. } = event { Some(*reason) } else { None };
    events.iter().filter_map(reason).collect()
}

/// The texts of the hints of all counted repetitions.
fn texts(exercise: &Exercise, events: &[Event]) -> Vec<String> {
    let hints =
        events.iter().filter_map(|event| if let Event::Counted { hints, .. } = event { Some(hints) } else { None });
    hints.flatten().map(|index| exercise.hints[*index].text.clone()).collect()
}

#[test]
fn clean_repetitions_are_counted_exactly_at_every_rate() {
    for kind in KINDS {
        for fps in [10.0, 15.0, 30.0, 60.0] {
            let (counter, events) = five(kind, fps, 0.0, 0, 1.0, Fault::None);
            assert_eq!(counted(&events), 5, "{kind:?} at {fps}: {events:?}");
            assert!(reasons(&events).is_empty(), "{kind:?} at {fps}: {events:?}");
            assert!(texts(counter.exercise(), &events).is_empty(), "{kind:?} at {fps}: {events:?}");
            let started = events.iter().filter(|event| **event == Event::Started).count();
            assert_eq!(started, 5, "{kind:?} at {fps}");
            for event in &events {
                if let Event::Counted { duration_s, deepest, .. } = event {
                    let share = duration_s / f64::from(period_s(kind));
                    assert!((0.4..1.0).contains(&share), "{kind:?} at {fps}: {duration_s} s");
                    assert!(counter.exercise().depth_of(*deepest) > 1.0, "{kind:?} at {fps}: {deepest}");
                }
            }
            let sides = if kind == Kind::Lunge { [3, 2] } else { [0, 0] };
            assert_eq!(counter.state().by_side, sides, "{kind:?} at {fps}");
        }
    }
}

#[test]
fn noise_of_a_tracker_neither_adds_nor_takes_repetitions() {
    for kind in KINDS {
        for (fps, noise_m) in [(10.0, 0.01), (30.0, 0.01), (60.0, 0.01), (10.0, 0.02), (30.0, 0.02), (60.0, 0.02)] {
            for seed in 0..8 {
                let (counter, events) = five(kind, fps, noise_m, seed, 1.0, Fault::None);
                assert_eq!(counted(&events), 5, "{kind:?} at {fps}, {noise_m} m, seed {seed}: {events:?}");
                if kind == Kind::Lunge {
                    assert_eq!(counter.state().by_side, [3, 2], "at {fps}, {noise_m} m, seed {seed}");
                }
            }
        }
    }
}

#[test]
fn form_hints_come_for_bad_form_and_not_for_good_form() {
    for fps in [10.0, 30.0, 60.0] {
        for kind in KINDS {
            for seed in 0..4 {
                let (counter, events) = five(kind, fps, 0.01, seed, 1.0, Fault::None);
                let wrong = texts(counter.exercise(), &events);
                assert!(wrong.is_empty(), "{kind:?} at {fps}, seed {seed}: {wrong:?}");
            }
        }
        for (kind, fault, text) in [
            (Kind::Squat, Fault::KneesIn, "Knees out"),
            (Kind::Squat, Fault::Lean, "Chest up"),
            (Kind::PushUp, Fault::Sag, "Straight back"),
            (Kind::PushUp, Fault::Sag, "Hips up"),
            (Kind::PushUp, Fault::Pike, "Straight back"),
            (Kind::PushUp, Fault::Pike, "Hips down"),
            (Kind::JumpingJack, Fault::FeetTogether, "Feet wider"),
            (Kind::JumpingJack, Fault::BentArms, "Straighten your arms"),
            (Kind::Lunge, Fault::Lean, "Chest up"),
        ] {
            for seed in 0..4 {
                let (counter, events) = five(kind, fps, 0.01, seed, 1.0, fault);
                let given = texts(counter.exercise(), &events).iter().filter(|given| *given == text).count();
                assert_eq!(given, 5, "{kind:?} with {fault:?} at {fps}, seed {seed}: {events:?}");
                let live = events.iter().filter(
                    |event| matches!(event, Event::Hint(index) if counter.exercise().hints[*index].text == text),
                );
                assert_eq!(live.count(), 5, "{kind:?} with {fault:?} at {fps}, seed {seed}: each is told once");
            }
        }
    }
}

#[test]
fn shallow_squats_are_told_to_go_deeper_and_half_ones_are_not_counted() {
    for fps in [10.0, 30.0, 60.0] {
        // Knees at 107°: counted, not deep.
        let (counter, events) = five(Kind::Squat, fps, 0.0, 0, 0.82, Fault::None);
        assert_eq!(texts(counter.exercise(), &events), ["Go deeper"; 5], "at {fps}: {events:?}");
        // Knees at 130°.
        for (kind, deepest) in
            [(Kind::Squat, 0.55), (Kind::PushUp, 0.5), (Kind::JumpingJack, 0.55), (Kind::Lunge, 0.25)]
        {
            let (counter, events) = five(kind, fps, 0.0, 0, deepest, Fault::None);
            assert_eq!(reasons(&events), [Incompleteness::TooShallow; 5], "{kind:?} at {fps}: {events:?}");
            assert_eq!((counted(&events), counter.state().count), (0, 0));
        }
    }
}

#[test]
fn mirrored_bodies_do_the_same_with_the_other_side() {
    for kind in KINDS {
        let go = |mirror: bool| {
            let mut frame = 0;
            let reflected = run(exercise(kind), 30.0, 15.0, |time| {
                frame += 1;
                let number = ((time - 1.0) / period_s(kind)).floor();
                let side = if number.rem_euclid(2.0) < 0.5 { Side::Left } else { Side::Right };
                let world = figure(kind, depth_at(time, period_s(kind), 0.0), side, Fault::None);
                let world = noisy(&world, 0.01, frame);
                Some(if mirror { mirrored(&world) } else { world })
            });
            reflected.1
        };
        let (straight, mut reflected) = (go(false), go(true));
        for event in &mut reflected {
            if let Event::Counted { side, .. } = event {
                *side = side.map(Side::other);
            }
        }
        assert!(counted(&straight) > 3, "{kind:?}");
        assert_eq!(straight.len(), reflected.len(), "{kind:?}");
        for (one, other) in straight.iter().zip(&reflected) {
            match (one, other) {
                (
                    Event::Counted { number, side, hints, duration_s, deepest },
                    Event::Counted { number: n, side: s, hints: h, duration_s: d, deepest: v },
                ) => {
                    assert_eq!((number, side, hints), (n, s, h), "{kind:?}");
                    assert!((duration_s - d).abs() < 1e-3 && (deepest - v).abs() < 1e-2, "{one:?} {other:?}");
                }
                _ => assert_eq!(one, other, "{kind:?}"),
            }
        }
    }
}

#[test]
fn it_does_not_matter_how_the_body_is_turned_to_the_camera() {
    for kind in KINDS {
        for yaw_deg in [-80.0_f32, -30.0, 45.0, 120.0, 180.0] {
            let (_, events) = run(exercise(kind), 30.0, 12.0, |time| {
                let world = figure(kind, depth_at(time, period_s(kind), 0.0), Side::Right, Fault::None);
                Some(turned(&world, yaw_deg.to_radians()))
            });
            let (counter, straight) = run(exercise(kind), 30.0, 12.0, |time| {
                Some(figure(kind, depth_at(time, period_s(kind), 0.0), Side::Right, Fault::None))
            });
            assert_eq!(counted(&events), counted(&straight), "{kind:?} at {yaw_deg}°");
            assert!(texts(counter.exercise(), &events).is_empty(), "{kind:?} at {yaw_deg}°: {events:?}");
        }
    }
}

/// A squat that follows its depth through time as given.
fn squat_along(fps: f64, seconds: f64, depth: impl Fn(f32) -> f32) -> (RepetitionCounter, Vec<Event>) {
    run(exercise(Kind::Squat), fps, seconds, |time| Some(figure(Kind::Squat, depth(time), Side::Left, Fault::None)))
}

#[test]
fn pauses_and_jitter_never_count_twice() {
    for fps in [10.0, 30.0, 60.0] {
        // Down within a second, there for four, with a tremble over every threshold on the way, and up.
        let trapeze = |time: f32| ((time - 1.0).min(7.0 - time)).clamp(0.0, 1.0);
        let (_, events) = squat_along(fps, 9.0, trapeze);
        assert_eq!((counted(&events), reasons(&events).len()), (1, 0), "at {fps}: {events:?}");
        for level in [0.1_f32, 0.25, 0.3, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9] {
            let (down, up) = (2.0, 6.0);
            let tremble = |time: f32| {
                let shaking = level + 0.06 * (time * 37.0).sin();
                let stay = |from: f32| (from..from + 1.5).contains(&time);
                if stay(down) || stay(up) { shaking } else { trapeze_with(time, level) }
            };
            let (_, events) = squat_along(fps, 10.0, tremble);
            assert_eq!((counted(&events), reasons(&events).len()), (1, 0), "{level} at {fps}: {events:?}");
        }
        // Trembling alone is no repetition.
        for level in [0.1_f32, 0.3, 0.5] {
            let (_, events) =
                squat_along(fps, 10.0, |time| if time < 1.0 { 0.0 } else { level + 0.05 * (time * 37.0).sin() });
            assert_eq!(counted(&events), 0, "{level} at {fps}: {events:?}");
        }
    }
}

/// Down through `level` at 2 s, at the bottom from 4.5 s to 5.5 s, back through `level` at 7.5 s.
fn trapeze_with(time: f32, level: f32) -> f32 {
    let line = |from: (f32, f32), to: (f32, f32)| from.1 + (to.1 - from.1) * (time - from.0) / (to.0 - from.0);
    match time {
        ..1.0 => 0.0,
        ..2.0 => line((1.0, 0.0), (2.0, level)),
        ..4.5 => line((3.5, level), (4.5, 1.0)),
        ..5.0 => 1.0,
        ..6.0 => line((5.0, 1.0), (6.0, level)),
        ..8.5 => line((7.5, level), (8.5, 0.0)),
        _ => 0.0,
    }
}

#[test]
fn who_bounces_at_the_bottom_did_one_and_who_never_rises_did_none() {
    let bounce = |time: f32| depth_at(time, 4.0, 2.0).min(1.0) - if (2.7..3.3).contains(&time) { 0.45 } else { 0.0 };
    let (_, events) = squat_along(30.0, 7.0, bounce);
    assert_eq!((counted(&events), reasons(&events).len()), (1, 0), "{events:?}");
    let (counter, events) = squat_along(30.0, 20.0, |time| if time < 1.0 { 0.0 } else { 1.0 });
    assert_eq!(reasons(&events), [Incompleteness::TooSlow]);
    assert_eq!((counter.state().count, counter.state().is_ready, counter.state().phase), (0, false, Phase::Rest));
    // Found in the middle of a squat: what was not seen from the start is not counted.
    let (_, events) = squat_along(30.0, 3.0, |time| (1.0 - time).max(0.0));
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn a_single_wild_frame_changes_nothing() {
    for kind in KINDS {
        for wild in 0..90_u32 {
            let mut frame = 0;
            let period = period_s(kind) + 1.0;
            let (_, events) = run(exercise(kind), 30.0, 5.0, |time| {
                frame += 1;
                let depth = if time > 1.0 + period { 0.0 } else { depth_at(time, period, 1.0) };
                let depth = if frame == 30 + wild { 1.0 - depth } else { depth };
                Some(figure(kind, depth, Side::Left, Fault::None))
            });
            assert_eq!((counted(&events), reasons(&events).len()), (1, 0), "{kind:?}, frame {wild}: {events:?}");
        }
    }
}

#[test]
fn a_lost_body_pauses_and_one_lost_for_long_starts_afresh() {
    let squatting = |lost: std::ops::Range<f32>| {
        run(exercise(Kind::Squat), 30.0, 14.0, move |time| {
            let world = figure(Kind::Squat, depth_at(time, 3.0, 1.0), Side::Left, Fault::None);
            (!lost.contains(&time)).then_some(world)
        })
    };
    let (_, events) = squatting(2.0..3.0);
    assert_eq!((counted(&events), reasons(&events).len()), (3, 0), "{events:?}");
    let (_, events) = squatting(2.0..6.3);
    assert_eq!((counted(&events), reasons(&events)), (1, vec![Incompleteness::Lost]), "{events:?}");

    let mut counter = RepetitionCounter::new(exercise(Kind::Squat));
    counter.update(0.0, Some(&pose(&figure(Kind::Squat, 0.0, Side::Left, Fault::None))));
    assert!(counter.state().is_ready && counter.state().value.is_some());
    counter.update(0.1, None);
    assert_eq!((counter.state().value, counter.state().posture), (None, Posture::Unknown));
}

#[test]
fn broken_input_neither_panics_nor_counts() {
    let wild = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, 0.0, -1e20];
    for kind in KINDS {
        let mut counter = RepetitionCounter::new(exercise(kind));
        for step in 0..2000_u32 {
            let mut world = figure(kind, 0.0, Side::Left, Fault::None);
            let value = wild[step as usize % wild.len()];
            for (index, landmark) in world.iter_mut().enumerate() {
                if !(step as usize + index).is_multiple_of(3) {
                    landmark.position = Vec3::new(value, landmark.position.y, value);
                    landmark.visibility = if step % 5 == 0 { f32::NAN } else { 1.0 };
                }
            }
            counter.update(f64::from(step) / 30.0, Some(&pose(&world)));
        }
        for time in [f64::NAN, f64::INFINITY, -1.0, f64::MAX, 0.0, 1e300] {
            counter.update(time, Some(&pose(&[Landmark::default(); POSE_LANDMARK_COUNT])));
        }
        assert_eq!(counter.state().count, 0, "{kind:?}");
    }
    // Frames without a body's numbers among good ones are as if they were not there.
    let mut frame = 0;
    let (_, events) = run(exercise(Kind::Squat), 30.0, 9.0, |time| {
        frame += 1;
        let mut world = figure(Kind::Squat, depth_at(time, 3.0, 1.0), Side::Left, Fault::None);
        if frame % 4 == 0 {
            for landmark in &mut world {
                landmark.position = Vec3::NAN;
            }
        }
        Some(world)
    });
    assert_eq!((counted(&events), reasons(&events).len()), (2, 0), "{events:?}");
}

#[test]
fn a_clock_that_starts_again_keeps_the_count() {
    let mut counter = RepetitionCounter::new(exercise(Kind::Squat));
    for _ in 0..2 {
        for frame in 0..150_u32 {
            let time = frame as f32 / 30.0;
            let body = pose(&figure(Kind::Squat, depth_at(time, 3.0, 9.0), Side::Left, Fault::None));
            counter.update(f64::from(time), Some(&body));
            assert!(counter.update(f64::from(time), Some(&body)).is_empty(), "no time has passed");
        }
    }
    assert_eq!(counter.state().count, 2);
    counter.reset();
    assert_eq!(counter.state().count, 0);
}

#[test]
fn posture_decides_what_counts() {
    // Arms that bend while standing are no push-ups.
    let (counter, events) = run(exercise(Kind::PushUp), 30.0, 8.0, |time| {
        let mut world = figure(Kind::PushUp, depth_at(time, 1.8, 0.2), Side::Left, Fault::None);
        let upright = Quat::from_rotation_z(-80.0_f32.to_radians());
        for landmark in &mut world {
            landmark.position = upright * landmark.position;
        }
        Some(world)
    });
    assert!(events.is_empty(), "{events:?}");
    assert_eq!((counter.state().posture, counter.state().is_ready), (Posture::Wrong(0), false));
    // Squats are no lunges.
    let (_, events) = run(exercise(Kind::Lunge), 30.0, 8.0, |time| {
        Some(figure(Kind::Squat, depth_at(time, 2.4, 0.2), Side::Left, Fault::None))
    });
    assert_eq!((counted(&events), reasons(&events)), (0, vec![Incompleteness::Void(0); 2]), "{events:?}");
    // Who stands up in the middle of a push-up gave it up.
    let (_, events) = run(exercise(Kind::PushUp), 30.0, 5.0, |time| {
        let mut world = figure(
            Kind::PushUp,
            depth_at(time, 2.0, 9.0).max(if time > 2.0 { 1.0 } else { 0.0 }),
            Side::Left,
            Fault::None,
        );
        if time > 2.5 {
            let upright = Quat::from_rotation_z(-80.0_f32.to_radians());
            for landmark in &mut world {
                landmark.position = upright * landmark.position;
            }
        }
        Some(world)
    });
    assert_eq!(reasons(&events), [Incompleteness::Posture(0)], "{events:?}");
}

#[test]
fn an_exercise_of_the_users_own_is_counted() {
    let text = "[[exercise]]\nid='raise'\ntitle='Lateral raise'\nsignal='shoulder.mean'\nrest=40\neffort=120\n";
    let [raise] = &parse_exercises(text).expect("reads")[..] else { panic!("one") };
    let (_, events) = run(raise.clone(), 30.0, 7.0, |time| {
        Some(figure(Kind::JumpingJack, depth_at(time, 2.0, 0.5), Side::Left, Fault::None))
    });
    assert_eq!(counted(&events), 2, "{events:?}");
}
