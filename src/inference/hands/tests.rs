//! The whole tracker on models that see hands where a test puts them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use glam::Vec2;

use super::HandTracker;
use super::fake::{FakeModels, LENGTH, Run, SharedModels};
use crate::frame::{RgbImage, Timings};
use crate::inference::InferenceError;
use crate::motion::Side;
use crate::motion::hand::{Hands, Provenance};
use crate::motion::{BodyPose, Landmark, POSE_LANDMARK_COUNT, PoseLandmark as P};

/// Pictures a second; 15 is every second picture of 30.
const RATES: [u32; 6] = [5, 10, 15, 30, 60, 120];
/// Pixels between two people.
const PLACE: f32 = 1000.0;

/// A person who holds both forearms up, far apart.
fn body(person: u32) -> BodyPose {
    let mut image = [Landmark { visibility: 1.0, presence: 1.0, ..Landmark::default() }; POSE_LANDMARK_COUNT];
    let mut put = |landmark: P, at: Vec2| image[landmark as usize].position = at.extend(0.0);
    let middle = PLACE * (person as f32 + 0.5);
    for (side, shoulder, hip, elbow, wrist, little, index) in [
        (1.0, P::LeftShoulder, P::LeftHip, P::LeftElbow, P::LeftWrist, P::LeftPinky, P::LeftIndex),
        (-1.0, P::RightShoulder, P::RightHip, P::RightElbow, P::RightWrist, P::RightPinky, P::RightIndex),
    ] {
        let x = middle + side * 50.0;
        put(shoulder, Vec2::new(x, 200.0));
        put(hip, Vec2::new(x, 340.0));
        let wrist_at = Vec2::new(middle + side * 200.0, 160.0);
        put(elbow, wrist_at + Vec2::new(0.0, 60.0));
        put(wrist, wrist_at);
        put(little, wrist_at - Vec2::new(5.0, 25.0));
        put(index, wrist_at - Vec2::new(-5.0, 25.0));
    }
    BodyPose { id: person, is_new: false, score: 1.0, image, world: image, size_px: 400.0, hands: Hands::default() }
}

/// Where that person's hand is, `aside` pixels from where the wrist says.
fn hand(person: u32, side: Side, aside: f32) -> (Vec2, f32) {
    let (sign, rightness) = if side == Side::Left { (1.0, 0.03) } else { (-1.0, 0.97) };
    (Vec2::new(PLACE * (person as f32 + 0.5) + sign * 200.0 + aside, 160.0 - LENGTH / 2.0), rightness)
}

/// So far from where its wrist says that only the palm detector finds it.
const ASIDE: f32 = 28.0;

struct Scene {
    tracker: HandTracker,
    models: SharedModels,
    people: Vec<BodyPose>,
}

impl Scene {
    fn new(people: u32) -> Self {
        let models = SharedModels::default();
        let tracker = HandTracker::with_models(models.clone());
        Self { tracker, models, people: (0..people).map(body).collect() }
    }

    /// Puts everybody's hands where they belong, or `aside`.
    fn show(&self, aside: f32) {
        let people = self.people.iter().map(|person| person.id);
        let hands = people.flat_map(|person| Side::BOTH.map(|side| hand(person, side, aside))).collect();
        self.models.with(|models| models.hands = hands);
    }

    fn hide(&self) {
        self.models.with(|models| models.hands.clear());
    }

    fn track(&mut self, time_s: f64) -> Result<Vec<Hands>, InferenceError> {
        self.models.with(|models| models.runs.clear());
        let image = Arc::new(RgbImage::default());
        self.tracker.track_people(&image, &self.people, Vec2::ONE, time_s, &mut Timings::default())
    }

    fn runs(&self) -> Vec<Run> {
        self.models.with(|models: &mut FakeModels| models.runs.clone())
    }
}

fn times(rate: u32, from_s: u32, to_s: u32) -> impl Iterator<Item = f64> {
    (from_s * rate..to_s * rate).map(move |picture| f64::from(picture) / f64::from(rate))
}

#[test]
fn both_hands_are_found_at_once_in_a_first_picture() {
    for aside in [0.0, ASIDE] {
        let mut scene = Scene::new(3);
        scene.show(aside);
        let found = scene.track(10.0).expect("runs");
        assert!(found.iter().all(|hands| hands.iter().count() == 2), "{aside}");
        for (person, hands) in found.iter().enumerate() {
            for (side, found) in hands.iter() {
                let wrist = hand(person as u32, side, aside).0 + Vec2::new(0.0, LENGTH / 2.0);
                assert!(found.image[0].truncate().abs_diff_eq(wrist, 1e-3), "{side:?} of {person}");
            }
        }
    }
}

#[test]
fn following_costs_one_look_a_hand() {
    let mut scene = Scene::new(2);
    scene.show(0.0);
    scene.track(0.0).expect("runs");
    for time_s in times(30, 1, 2) {
        scene.track(time_s).expect("runs");
        assert_eq!(scene.runs(), [Run::Look; 4]);
    }
}

/// Everybody's hands jump to where only the palm detector finds them: no picture costs more than the budget beyond
/// following, and all are found within 0.3 seconds.
#[test]
fn a_search_is_spread_and_still_quick() {
    for rate in [10, 30, 60, 120] {
        for people in 1..=4 {
            let mut scene = Scene::new(people);
            scene.show(0.0);
            times(rate, 0, 1).for_each(|time_s| drop(scene.track(time_s).expect("runs")));
            scene.show(ASIDE);
            let at_thirty = people.max(2) as usize;
            let allowed = (at_thirty * 30 / rate as usize * 11 / 10).max(at_thirty);
            let mut found_s = None;
            for time_s in times(rate, 1, 2) {
                let found = scene.track(time_s).expect("runs");
                let runs = scene.runs().len();
                assert!(runs <= 2 * people as usize + allowed, "{runs} runs for {people} at {rate}");
                let measured =
                    |hands: &Hands| hands.iter().filter(|hand| hand.1.provenance == Provenance::Measured).count();
                if found_s.is_none() && found.iter().map(measured).sum::<usize>() == 2 * people as usize {
                    found_s = Some(time_s - 1.0);
                }
            }
            let found_s = found_s.expect("all are found");
            assert!(found_s <= 0.3, "{people} people's hands after {found_s} s at {rate}");
        }
    }
}

#[test]
fn whoever_waits_longest_is_searched_first() {
    let mut scene = Scene::new(4);
    scene.show(0.0);
    times(120, 0, 1).for_each(|time_s| drop(scene.track(time_s).expect("runs")));
    scene.hide();
    let mut served = std::collections::BTreeMap::new();
    for time_s in times(120, 1, 3) {
        scene.track(time_s).expect("runs");
        for hands in &scene.tracker.memory.people {
            let since = hands.search_waits_since_s();
            assert!(since.is_none_or(|since| time_s - since < 0.15), "{} waits since {since:?} at {time_s}", hands.id);
            *served.entry(hands.id).or_insert(0) += u32::from(since == Some(time_s));
        }
    }
    assert!(served.len() == 4 && served.values().all(|turns| *turns > 10), "{served:?}");
}

/// A hand is carried on, given up, searched for and found again after as many seconds at every rate.
#[test]
fn seconds_decide_not_pictures() {
    for rate in RATES {
        let picture = 1.0 / f64::from(rate);
        let mut scene = Scene::new(1);
        scene.show(0.0);
        times(rate, 0, 1).for_each(|time_s| drop(scene.track(time_s).expect("runs")));
        scene.hide();
        let seen_s = 1.0 - picture;
        let (mut carried_s, mut searches) = (0.0_f64, 0);
        for time_s in times(rate, 1, 4) {
            let hands = scene.track(time_s).expect("runs")[0];
            for (_, hand) in hands.iter() {
                carried_s = carried_s.max(time_s - seen_s);
                let Provenance::Carried { age_s } = hand.provenance else { panic!("nobody saw it at {time_s}") };
                assert!((f64::from(age_s) - (time_s - seen_s)).abs() < 1e-4 && hand.score < 0.5, "{age_s} at {time_s}");
            }
            searches += scene.runs().iter().filter(|run| **run == Run::Palms).count();
        }
        assert!(carried_s <= 0.085 + 1e-6 && carried_s > 0.085 - picture, "carried for {carried_s} s at {rate}");
        // Two views in each search.
        let a_second = searches as f64 / 2.0 / 3.0;
        assert!((3.0..=9.0).contains(&a_second), "{a_second} searches a second at {rate}");
        scene.show(0.0);
        let found_s = times(rate, 4, 5).find(|time_s| {
            let hands = scene.track(*time_s).expect("runs")[0];
            hands.iter().all(|hand| hand.1.provenance == Provenance::Measured) && hands.iter().count() == 2
        });
        let found_s = found_s.expect("is found again") - 4.0;
        assert!(found_s <= 0.4 + 0.1, "after {found_s} s at {rate}");
    }
}

/// What a failed picture does not change: who is followed, and how little that costs.
#[test]
fn an_error_or_a_panic_costs_one_picture() {
    let mut scene = Scene::new(2);
    scene.show(0.0);
    scene.track(0.0).expect("runs");
    scene.models.with(|models| models.fails = true);
    assert!(scene.track(0.033).is_err());
    scene.models.with(|models| (models.fails, models.panics) = (false, true));
    assert!(catch_unwind(AssertUnwindSafe(|| scene.track(0.067))).is_err());
    scene.models.with(|models| models.panics = false);
    let found = scene.track(0.1).expect("runs");
    assert!(found.iter().all(|hands| hands.iter().count() == 2));
    assert_eq!(scene.runs(), [Run::Look; 4], "they are followed on");
}

#[test]
fn a_search_outlives_an_error() {
    let mut scene = Scene::new(1);
    scene.show(0.0);
    times(30, 0, 1).for_each(|time_s| drop(scene.track(time_s).expect("runs")));
    scene.show(ASIDE);
    for (picture, time_s) in times(30, 1, 2).enumerate() {
        let is_broken = picture % 3 == 2;
        scene.models.with(|models| models.fails = is_broken);
        assert_eq!(scene.track(time_s).is_err(), is_broken, "{picture}");
    }
    scene.models.with(|models| models.fails = false);
    let hands = scene.track(2.0).expect("runs")[0];
    assert!(hands.iter().all(|hand| hand.1.provenance == Provenance::Measured) && hands.iter().count() == 2);
}
