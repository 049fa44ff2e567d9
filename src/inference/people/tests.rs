//! The whole tracker on models that see people where a test puts them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use glam::{Vec2, Vec3};

use super::models::BodyModels;
use super::{DETECT_INTERVAL_S, PeopleTracker};
use crate::frame::{RgbImage, Timings};
use crate::inference::InferenceError;
use crate::inference::landmarks::DecodedBody;
use crate::inference::region::Region;
use crate::motion::{BodyPose, Landmark, POSE_LANDMARK_COUNT};

/// From the hips to the point above the head, pixels.
const HALF: f32 = 60.0;

/// What a model was run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Find,
    Look,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Error,
    Panic,
}

#[derive(Default)]
struct FakeBodies {
    /// Middles of everybody in view.
    people: Vec<Vec2>,
    /// Whose auxiliary points make no region.
    shapeless: Option<usize>,
    runs: Vec<Run>,
    /// How the run with this index in a picture fails.
    failure: Option<(usize, Failure)>,
}

impl FakeBodies {
    fn run(&mut self, run: Run) -> Result<(), InferenceError> {
        let failure = self.failure.filter(|(index, _)| *index == self.runs.len());
        self.runs.push(run);
        match failure {
            None => Ok(()),
            Some((_, Failure::Panic)) => panic!("a model panics"),
            Some((_, Failure::Error)) => {
                Err(InferenceError::Run { name: "fake".to_owned(), reason: "planned".to_owned() })
            }
        }
    }

    fn body(&self, index: usize) -> DecodedBody {
        let center = self.people[index].extend(0.0);
        let mut image = [Landmark { visibility: 1.0, presence: 1.0, ..Landmark::default() }; POSE_LANDMARK_COUNT];
        for (index, landmark) in image.iter_mut().enumerate() {
            landmark.position =
                center + Vec3::new((index % 4) as f32 * 10.0 - 15.0, (index / 4) as f32 * 10.0 - 40.0, 0.0);
        }
        let above = if self.shapeless == Some(index) { 0.0 } else { HALF };
        DecodedBody { score: 1.0, image, world: image, auxiliary: [center, center - Vec3::Y * above] }
    }
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<FakeBodies>>);

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut FakeBodies) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl BodyModels for Shared {
    fn find(&mut self, _: &RgbImage, _: &mut Timings) -> Result<Vec<Region>, InferenceError> {
        self.with(|bodies| {
            bodies.run(Run::Find)?;
            Ok((0..bodies.people.len()).filter_map(|index| bodies.body(index).region()).collect())
        })
    }

    fn look(&mut self, _: &RgbImage, region: Region, _: &mut Timings) -> Result<Option<DecodedBody>, InferenceError> {
        self.with(|bodies| {
            bodies.run(Run::Look)?;
            let near = |center: &Vec2| center.distance(region.center) < 0.3 * region.size;
            Ok(bodies.people.iter().position(near).map(|index| bodies.body(index)))
        })
    }
}

struct Scene {
    tracker: PeopleTracker,
    models: Shared,
    picture: RgbImage,
}

impl Scene {
    /// Room for `limit` people, `there` in view.
    fn new(limit: usize, there: usize) -> Self {
        let models = Shared::default();
        let tracker = PeopleTracker::with_models(models.clone(), limit, false);
        let picture = RgbImage::new(1600, 300, vec![90; 1600 * 300 * 3]).expect("a picture");
        let scene = Self { tracker, models, picture };
        scene.show(there);
        scene
    }

    fn show(&self, there: usize) {
        let place = |index: usize| Vec2::new(200.0 + 300.0 * index as f32, 150.0);
        self.models.with(|bodies| bodies.people = (0..there).map(place).collect());
    }

    fn fail(&self, failure: Option<(usize, Failure)>) {
        self.models.with(|bodies| bodies.failure = failure);
    }

    fn track(&mut self, time_s: f64) -> Result<Vec<BodyPose>, InferenceError> {
        self.models.with(|bodies| bodies.runs.clear());
        self.tracker.track(&self.picture, time_s, &mut Timings::default())
    }

    /// Who is where, from left to right.
    fn ids(&mut self, time_s: f64) -> Vec<u32> {
        let mut people = self.track(time_s).expect("runs");
        people.sort_by(|a, b| a.image[0].position.x.total_cmp(&b.image[0].position.x));
        people.iter().map(|person| person.id).collect()
    }

    fn runs(&self) -> Vec<Run> {
        self.models.with(|bodies| bodies.runs.clone())
    }
}

#[test]
fn a_first_picture_is_searched_at_once() {
    let mut scene = Scene::new(3, 3);
    assert_eq!(scene.ids(7.0), [0, 1, 2]);
    assert_eq!(scene.runs(), [Run::Find, Run::Look, Run::Look, Run::Look]);
    assert_eq!(scene.ids(7.033), [0, 1, 2]);
    assert_eq!(scene.runs(), [Run::Look; 3], "and the detector rests");
}

/// Two are followed and there is room for a third: whichever run fails, of following, of the detector, of looking at whom
/// it found, everybody keeps their id.
#[test]
fn a_failed_run_costs_one_picture() {
    for failure in [Failure::Error, Failure::Panic] {
        for index in 0..4 {
            // Slow pictures, in which the detector and the look come together.
            let mut scene = Scene::new(3, 2);
            let mut times = (0..20).map(|picture| f64::from(picture) * 0.2);
            let mut next = || times.next().expect("there are enough");
            assert_eq!(scene.ids(next()), [0, 1]);
            scene.show(3);
            scene.fail(Some((index, failure)));
            let failed = (0..10).any(|_| {
                let result = catch_unwind(AssertUnwindSafe(|| scene.track(next())));
                assert!(failure == Failure::Panic || result.is_ok(), "no panic is planned");
                !matches!(result, Ok(Ok(_)))
            });
            assert!(failed, "{failure:?} of run {index} has come");
            scene.fail(None);
            let ids = scene.ids(next());
            assert_eq!(ids[..2], [0, 1], "{failure:?} of run {index}");
            assert_eq!(scene.runs()[..2], [Run::Look; 2], "they are followed on");
            let all = (0..10).map(|_| scene.ids(next())).find(|ids| ids.len() == 3);
            assert_eq!(
                all.as_deref(),
                Some(&[0, 1, 2][..]),
                "{failure:?} of run {index}: the third comes in all the same"
            );
        }
    }
}

#[test]
fn a_failing_detector_does_not_keep_followed_people_away() {
    let mut scene = Scene::new(2, 1);
    scene.track(0.0).expect("runs");
    scene.fail(Some((1, Failure::Error)));
    let failed = (1..90).filter(|picture| scene.track(f64::from(*picture) / 30.0).is_err()).count();
    assert_eq!(failed, 2, "once a second");
}

#[test]
fn who_has_no_region_for_a_moment_is_remembered() {
    let mut scene = Scene::new(2, 2);
    assert_eq!(scene.ids(0.0), [0, 1]);
    scene.models.with(|bodies| bodies.shapeless = Some(1));
    assert_eq!(scene.ids(0.033), [0]);
    scene.models.with(|bodies| bodies.shapeless = None);
    let again = (2..30).map(|picture| scene.ids(f64::from(picture) / 30.0)).find(|ids| ids.len() == 2);
    assert_eq!(again.as_deref(), Some(&[0, 1][..]));
}

/// One is followed and three more come in: no picture costs more than a run beyond following but where pictures are rare,
/// and all are there 0.3 seconds after the detector's turn.
#[test]
fn new_people_are_looked_at_one_by_one() {
    for rate in [5_u32, 10, 15, 30, 60, 120] {
        let mut scene = Scene::new(5, 1);
        scene.track(0.0).expect("runs");
        scene.show(4);
        let (mut followed, mut all_s) = (1, None);
        for picture in 1..2 * rate {
            let time_s = f64::from(picture) / f64::from(rate);
            let people = scene.track(time_s).expect("runs").len();
            let beyond = scene.runs().len() - followed;
            let allowed = (33.0 / f64::from(rate)).max(1.0) as usize;
            assert!(beyond <= allowed, "{beyond} beyond {followed} at {rate}");
            followed = people;
            if people == 4 && all_s.is_none() {
                all_s = Some(time_s);
            }
        }
        let all_s = all_s.expect("all are found");
        let turn_s = DETECT_INTERVAL_S + 1.0 / f64::from(rate);
        assert!(all_s <= turn_s + 0.3, "all are there after {all_s} s at {rate}");
    }
}
