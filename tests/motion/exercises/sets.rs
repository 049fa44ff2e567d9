//! Sets of repetitions, led and summed up.

use livedance::motion::Side;
use livedance::motion::exercise::{
    Goal, RepetitionCounter, RepetitionEvent as Event, SetEvent, SetPlan, SetState, SetTimer,
};

use super::stick::{Fault, Kind, figure};
use super::{depth_at, exercise, pose};

#[test]
fn sets_of_repetitions_with_rests_are_led_and_summed_up() {
    let squat = exercise(Kind::Squat);
    let mut counter = RepetitionCounter::new(squat.clone());
    let plan = SetPlan { sets: 2, goal: Goal::Repetitions(2), rest_s: 5.0, lead_in_s: 3.0 };
    let mut timer = SetTimer::new(plan);
    assert_eq!(timer.state(), SetState::Waiting);
    timer.start();
    let mut told = Vec::new();
    let mut resting = 0;
    for frame in 0..30 * 40 {
        let time = frame as f32 / 30.0;
        // Shallow ones from the second set on: counted, with a hint.
        let deepest = if time > 9.8 { 0.82 } else { 1.0 };
        let body = pose(&figure(Kind::Squat, deepest * depth_at(time, 2.4, 0.6), Side::Left, Fault::None));
        let events = counter.update(f64::from(time), Some(&body));
        told.extend(timer.update(f64::from(time), &squat, &events));
        if let SetState::Rest { next_set, left_s } = timer.state() {
            assert!(next_set == 2 && (0.0..=5.0).contains(&left_s));
            resting += 1;
        }
    }
    assert_eq!(
        told,
        [
            SetEvent::SetStarted(1),
            SetEvent::SetDone(1),
            SetEvent::SetStarted(2),
            SetEvent::SetDone(2),
            SetEvent::Finished
        ]
    );
    assert!((145..=152).contains(&resting), "five seconds: {resting} frames");
    assert_eq!(timer.state(), SetState::Done);
    let total = timer.summary().total(&squat);
    assert_eq!((total.repetitions, total.good, total.incomplete), (4, 2, 0), "{total:?}");
    assert_eq!(total.good_share(), Some(0.5));
    assert_eq!(total.most_frequent_hint(), Some((0, 2)));
    assert!(total.best.is_some_and(|best| best < 95.0) && total.mean_deepest().is_some_and(|mean| mean > 95.0));
    assert!(total.mean_duration_s().is_some_and(|mean| (1.0..2.4).contains(&mean)), "{:?}", total.mean_duration_s());
    assert_eq!(timer.summary().sets.iter().map(|set| set.good).collect::<Vec<_>>(), [2, 0]);
}

#[test]
fn sets_of_seconds_end_on_time_and_pauses_stop_it() {
    let squat = exercise(Kind::Squat);
    let rep = Event::Counted { number: 1, duration_s: 1.0, deepest: 90.0, side: None, hints: vec![] };
    let mut timer = SetTimer::new(SetPlan { sets: 1, goal: Goal::Seconds(10.0), rest_s: f64::NAN, lead_in_s: -4.0 });
    assert_eq!(timer.update(0.0, &squat, std::slice::from_ref(&rep)), [], "not started");
    timer.start();
    assert_eq!(timer.update(1.0, &squat, &[]), [SetEvent::SetStarted(1)]);
    assert_eq!(timer.update(6.0, &squat, std::slice::from_ref(&rep)), []);
    timer.set_paused(true);
    assert_eq!(timer.update(60.0, &squat, std::slice::from_ref(&rep)), []);
    timer.set_paused(false);
    assert_eq!(timer.update(f64::NAN, &squat, &[]), []);
    assert_eq!(timer.update(3.0, &squat, &[]), [], "a clock that goes back takes nothing away");
    let SetState::Work { set: 1, done: 1, elapsed_s, progress } = timer.state() else { panic!("{:?}", timer.state()) };
    assert!((elapsed_s - 5.0).abs() < 1e-9 && (progress - 0.5).abs() < 1e-6);
    assert_eq!(timer.update(8.0, &squat, &[rep]), [SetEvent::SetDone(1), SetEvent::Finished]);
    let total = timer.summary().total(&squat);
    assert_eq!((total.repetitions, total.work_s), (2, 10.0));
    assert_eq!(
        SetTimer::new(SetPlan { sets: 0, goal: Goal::Repetitions(0), rest_s: 0.0, lead_in_s: 0.0 }).plan().sets,
        1
    );
}
