//! Looking at several hands at once: one landmark session here and, where there is a core for it, one on a thread beside.

use std::sync::Arc;
use std::time::Instant;

use super::Region;
use crate::frame::{RgbImage, Timings};
use crate::helper_thread::{HelperError, HelperThread};
use crate::inference::InferenceError;
use crate::inference::hand::{HandLandmarker, SeenHand};

type Seen = Result<Vec<Option<SeenHand>>, InferenceError>;

/// Looks at one region at a time.
pub(super) trait Landmarker {
    /// The hand in `region`, if any.
    fn look(
        &mut self,
        image: &RgbImage,
        region: Region,
        timings: &mut Timings,
    ) -> Result<Option<SeenHand>, InferenceError>;
}

impl Landmarker for HandLandmarker {
    fn look(
        &mut self,
        image: &RgbImage,
        region: Region,
        timings: &mut Timings,
    ) -> Result<Option<SeenHand>, InferenceError> {
        Self::look(self, image, region, timings)
    }
}

struct Job {
    image: Arc<RgbImage>,
    regions: Vec<Region>,
}

/// The hand landmark model, once or twice.
pub(super) struct Crew<L> {
    own: L,
    helper: Option<HelperThread<Job, Vec<Option<SeenHand>>, InferenceError>>,
}

impl<L: Landmarker + 'static> Crew<L> {
    /// Opens one landmarker with `open`, and another one on a thread beside if asked to; that one is opened again should it
    /// panic.
    pub(super) fn open(
        open: impl Fn() -> Result<L, InferenceError> + Send + Sync + 'static,
        side_by_side: bool,
    ) -> Result<Self, InferenceError> {
        let own = open()?;
        let make = move || {
            let mut landmarker = open()?;
            Ok(move |job: Job| {
                // The other side measures how long it waits.
                let mut timings = Timings::default();
                job.regions.iter().map(|region| landmarker.look(&job.image, *region, &mut timings)).collect::<Seen>()
            })
        };
        let helper = if side_by_side { Some(HelperThread::start("hands-beside", make).map_err(lost)?) } else { None };
        Ok(Self { own, helper })
    }

    /// What is seen in each of the regions, in their order. Where the helper fails, its share is looked at here.
    pub(super) fn look(&mut self, image: &Arc<RgbImage>, regions: &[Region], timings: &mut Timings) -> Seen {
        // The second half goes to the helper; a single region is not worth the way there.
        let here = if self.helper.is_some() { regions.len().div_ceil(2) } else { regions.len() };
        let (own, theirs) = regions.split_at(here);
        let helper = self.helper.as_mut().filter(|_| !theirs.is_empty());
        let job = helper.map(|helper| {
            let number = helper.submit(Job { image: Arc::clone(image), regions: theirs.to_vec() });
            (helper, number)
        });
        let mut seen = own.iter().map(|region| self.own.look(image, *region, timings)).collect::<Seen>()?;
        let Some((helper, number)) = job else { return Ok(seen) };
        // Waiting for a model is time in a model.
        let start = Instant::now();
        let answer = helper.wait(number);
        timings.model += start.elapsed().as_secs_f32() * 1e3;
        match answer {
            Ok(answer) => seen.extend(answer),
            Err(error) => {
                tracing::warn!("looking at hands on the thread beside failed: {error}");
                for region in theirs {
                    seen.push(self.own.look(image, *region, timings)?);
                }
            }
        }
        Ok(seen)
    }
}

fn lost(error: HelperError<InferenceError>) -> InferenceError {
    match error {
        HelperError::Failed(error) => error,
        other => InferenceError::Run { name: "hand_landmark".to_owned(), reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use glam::Vec2;

    use super::*;
    use crate::inference::hands::fake::hand_at;

    /// What happens when a landmarker looks at a region of this size.
    const PANICS: f32 = 1.0;
    const DIES: f32 = 2.0;
    const FAILS: f32 = 3.0;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the thread is to end");
        }
    }

    /// Sees a hand in every region, or fails as often as `failures` says for a region's size.
    struct Fake {
        failures: Arc<Mutex<Vec<f32>>>,
    }

    impl Landmarker for Fake {
        fn look(&mut self, _: &RgbImage, region: Region, _: &mut Timings) -> Result<Option<SeenHand>, InferenceError> {
            let mut failures = self.failures.lock().expect("no panic holds it");
            let planned =
                failures.iter().position(|size| *size == region.size).map(|index| failures.swap_remove(index));
            drop(failures);
            match planned {
                Some(PANICS) => panic!("a broken picture"),
                Some(DIES) => std::panic::panic_any(Bomb),
                Some(_) => Err(InferenceError::Run { name: "fake".to_owned(), reason: "planned".to_owned() }),
                None => Ok(Some(hand_at(region.center, 40.0, 0.9))),
            }
        }
    }

    struct Scene {
        crew: Crew<Fake>,
        failures: Arc<Mutex<Vec<f32>>>,
        opened: Arc<AtomicU32>,
    }

    impl Scene {
        fn new() -> Self {
            let (failures, opened) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU32::new(0)));
            let (plan, count) = (Arc::clone(&failures), Arc::clone(&opened));
            let open = move || {
                count.fetch_add(1, Ordering::Relaxed);
                Ok(Fake { failures: Arc::clone(&plan) })
            };
            Self { crew: Crew::open(open, true).expect("opens"), failures, opened }
        }

        /// Plans one failure at regions of this size.
        fn plan(&self, size: f32) {
            self.failures.lock().expect("no panic holds it").push(size);
        }

        /// Where the hands are that are seen in two regions, the second of which is the helper's.
        fn look(&mut self, own: (f32, f32), theirs: (f32, f32)) -> Result<Vec<f32>, InferenceError> {
            let regions = [own, theirs].map(|(x, size)| Region { center: Vec2::new(x, 100.0), size, rotation: 0.0 });
            let image = Arc::new(RgbImage::default());
            let seen = self.crew.look(&image, &regions, &mut Timings::default())?;
            Ok(seen.into_iter().flatten().map(|hand| hand.pose.image[0].x.round()).collect())
        }
    }

    #[test]
    fn a_panic_of_the_own_look_leaves_no_answer_for_the_next_picture() {
        let mut scene = Scene::new();
        scene.plan(PANICS);
        let caught = catch_unwind(AssertUnwindSafe(|| scene.look((100.0, PANICS), (200.0, 50.0))));
        assert!(caught.is_err());
        for x in [300.0, 500.0] {
            assert_eq!(scene.look((x, 50.0), (x + 100.0, 50.0)), Ok(vec![x, x + 100.0]), "its own hands");
        }
    }

    #[test]
    fn an_error_of_the_own_look_leaves_no_answer_for_the_next_picture() {
        let mut scene = Scene::new();
        scene.plan(FAILS);
        assert!(scene.look((100.0, FAILS), (200.0, 50.0)).is_err());
        assert_eq!(scene.look((300.0, 50.0), (400.0, 50.0)), Ok(vec![300.0, 400.0]));
    }

    #[test]
    fn what_the_helper_fails_at_is_looked_at_here() {
        for failure in [PANICS, DIES, FAILS] {
            let mut scene = Scene::new();
            for round in 0..3 {
                scene.plan(failure);
                assert_eq!(scene.look((100.0, 50.0), (200.0, failure)), Ok(vec![100.0, 200.0]), "{failure}, {round}");
                assert_eq!(scene.look((300.0, 50.0), (400.0, 50.0)), Ok(vec![300.0, 400.0]), "{failure}, {round}");
            }
            let opened = scene.opened.load(Ordering::Relaxed);
            let again = if failure == FAILS { 0 } else { 3 };
            assert_eq!(opened, 2 + again, "opened again after each panic, not after an error");
        }
    }

    #[test]
    fn what_both_fail_at_is_an_error_of_this_picture_only() {
        let mut scene = Scene::new();
        scene.plan(FAILS);
        scene.plan(FAILS);
        assert!(scene.look((100.0, 50.0), (200.0, FAILS)).is_err());
        assert_eq!(scene.look((300.0, 50.0), (400.0, 50.0)), Ok(vec![300.0, 400.0]));
    }
}
