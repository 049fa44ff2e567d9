//! Following people from picture to picture.
//!
//! Everybody in view costs one look of the landmark model a picture. The detector looks while nobody is followed, and else
//! only now and then while there is room for more. Whoever is lost is remembered for two seconds by clothes and place, so
//! that an id survives another person passing in front. Weak where it is: people in the same clothes who pass close
//! before each other may come out with each other's ids.

mod appearance;
mod track;

use super::body::{BodyLandmarker, PersonDetector};
use super::landmarks::DecodedBody;
use super::region::Region;
use super::{Compute, InferenceError, ModelStore};
use crate::frame::{RgbImage, Timings};
use crate::motion::BodyPose;
use crate::settings::ModelVariant;
use appearance::Appearance;
use track::{Identity, Track, apart};

/// How a [`PeopleTracker`] works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeopleTrackerOptions {
    /// Size of the landmark model.
    pub variant: ModelVariant,
    /// What runs the models.
    pub compute: Compute,
    /// People followed at most, at least 1.
    pub people: usize,
    /// Every picture stands alone: the detector looks at each, and each person found gets a new id.
    pub static_image: bool,
}

impl Default for PeopleTrackerOptions {
    fn default() -> Self {
        Self { variant: ModelVariant::default(), compute: Compute::default(), people: 1, static_image: false }
    }
}

/// Seconds between two looks of the detector while somebody is followed and there is room for more.
const DETECT_INTERVAL_S: f64 = 1.0;
/// The same while somebody is missed.
const DETECT_LOST_INTERVAL_S: f64 = 0.15;
/// Bodies whose joints lie nearer than this share of their size are one person's.
const SAME_BODY: f32 = 0.12;
/// A detection this near to somebody who is followed, in shares of the size, is that person.
const SAME_PLACE: f32 = 0.2;
/// Regions that overlap more than this may hide one person behind the other.
const CROSSING_IOU: f32 = 0.1;
/// Two people who cross swap ids when that makes their clothes fit better by this much.
const SWAP_GAIN: f32 = 0.25;
/// How much being at the edge of the picture counts against being near, and the bonus of whoever was first before.
const EDGE_WEIGHT: f32 = 0.5;
const FIRST_BONUS: f32 = 1.15;

/// Finds people and follows them.
///
/// For one person this is `MediaPipe`'s pose graph, with one difference: when the person is lost, the detector looks at
/// that same picture, so that a cut in a video costs no frame.
pub struct PeopleTracker {
    detector: PersonDetector,
    landmarker: BodyLandmarker,
    static_image: bool,
    memory: PeopleMemory,
}

/// What a [`PeopleTracker`] knows of the pictures before: whoever follows several streams with one tracker has one for
/// each, and puts it in before each picture.
pub struct PeopleMemory {
    limit: usize,
    tracks: Vec<Track>,
    lost: Vec<Identity>,
    detected_s: Option<f64>,
    first: Option<u32>,
    next_id: u32,
}

impl PeopleMemory {
    /// Nobody yet, and room for `people`, at least 1.
    #[must_use]
    pub fn new(people: usize) -> Self {
        let limit = people.max(1);
        Self { limit, tracks: Vec::new(), lost: Vec::new(), detected_s: None, first: None, next_id: 0 }
    }

    /// Follows at most so many people from now on, at least 1.
    pub fn set_limit(&mut self, people: usize) {
        self.limit = people.max(1);
        self.tracks.truncate(self.limit);
    }

    /// Forgets everybody: the detector looks at the next picture, and whoever it finds gets a new id.
    pub fn reset(&mut self) {
        self.tracks.clear();
        self.lost.clear();
        self.detected_s = None;
        self.first = None;
    }
}

/// Somebody whom the landmark model has seen in this picture.
struct Sighting {
    track: Track,
    body: DecodedBody,
    looks: Option<Appearance>,
}

impl PeopleTracker {
    /// Checks and opens the two models.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(store: &ModelStore, options: PeopleTrackerOptions) -> Result<Self, InferenceError> {
        Ok(Self {
            detector: PersonDetector::open(store, options.compute)?,
            landmarker: BodyLandmarker::open(store, options.variant, options.compute)?,
            static_image: options.static_image,
            memory: PeopleMemory::new(options.people),
        })
    }

    /// Everybody in `image`, the nearest and most central first; empty when nobody is in view or the picture has no pixels.
    /// `time_s` must rise from call to call. Image landmarks are in pixels of `image`, unsmoothed. Adds to
    /// `timings.detect`, `.pose` and `.model`.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the runtime fails.
    pub fn track(
        &mut self,
        image: &RgbImage,
        time_s: f64,
        timings: &mut Timings,
    ) -> Result<Vec<BodyPose>, InferenceError> {
        if image.data.is_empty() || self.static_image {
            self.reset();
        }
        if image.data.is_empty() {
            return Ok(Vec::new());
        }
        self.memory.lost.retain(|identity| identity.is_remembered(time_s));
        let mut sightings = self.follow(image, timings)?;
        self.part(&mut sightings, time_s);
        if sightings.len() < self.memory.limit && self.is_detection_due(!sightings.is_empty(), time_s) {
            self.memory.detected_s = Some(time_s);
            self.find_more(image, time_s, &mut sightings, timings)?;
        }
        Ok(self.finish(sightings, image, time_s))
    }

    /// Forgets everybody: the detector looks at the next picture, and whoever it finds gets a new id.
    pub fn reset(&mut self) {
        self.memory.reset();
    }

    /// Puts another stream's memory in, and takes the one that was there out.
    pub const fn swap_memory(&mut self, memory: &mut PeopleMemory) {
        std::mem::swap(&mut self.memory, memory);
    }

    /// Looks at everybody where they should be; whoever is not there is lost.
    fn follow(&mut self, image: &RgbImage, timings: &mut Timings) -> Result<Vec<Sighting>, InferenceError> {
        let mut sightings = Vec::with_capacity(self.memory.limit);
        for track in std::mem::take(&mut self.memory.tracks) {
            match self.landmarker.look(image, track.region, timings)? {
                Some(body) => {
                    let looks = Appearance::of(image, &body);
                    sightings.push(Sighting { track, body, looks });
                }
                None => self.memory.lost.push(track.identity),
            }
        }
        Ok(sightings)
    }

    /// Two tracks never sit on one person, and people who cross keep who they are.
    fn part(&mut self, sightings: &mut Vec<Sighting>, time_s: f64) {
        let mut index = 0;
        while index < sightings.len() {
            let twin = (0..index).find(|other| is_same(&sightings[*other].body, &sightings[index].body));
            let Some(twin) = twin else {
                index += 1;
                continue;
            };
            let unlike = |sighting: &Sighting| {
                let identity = &sighting.track.identity;
                identity.unlikeness(sighting.looks.as_ref(), sighting.track.region, time_s).unwrap_or(f32::INFINITY)
            };
            let false_one = if unlike(&sightings[index]) < unlike(&sightings[twin]) { twin } else { index };
            self.memory.lost.push(sightings.remove(false_one).track.identity);
        }
        for a in 0..sightings.len() {
            for b in a + 1..sightings.len() {
                if should_swap(&sightings[a], &sightings[b]) {
                    let identity = sightings[a].track.identity.clone();
                    sightings[a].track.identity = std::mem::replace(&mut sightings[b].track.identity, identity);
                }
            }
        }
    }

    fn is_detection_due(&self, somebody: bool, time_s: f64) -> bool {
        let interval = match (somebody, self.memory.lost.is_empty()) {
            (false, _) => return true,
            (true, true) => DETECT_INTERVAL_S,
            (true, false) => DETECT_LOST_INTERVAL_S,
        };
        self.memory.detected_s.is_none_or(|before| time_s - before >= interval)
    }

    fn find_more(
        &mut self,
        image: &RgbImage,
        time_s: f64,
        sightings: &mut Vec<Sighting>,
        timings: &mut Timings,
    ) -> Result<(), InferenceError> {
        for region in self.detector.find(image, timings)? {
            if sightings.len() >= self.memory.limit {
                break;
            }
            let is_followed = |sighting: &Sighting| {
                let other = sighting.track.region;
                other.center.distance(region.center) < SAME_PLACE * other.size.min(region.size)
            };
            if sightings.iter().any(is_followed) {
                continue;
            }
            let Some(body) = self.landmarker.look(image, region, timings)? else { continue };
            if sightings.iter().any(|sighting| is_same(&sighting.body, &body)) {
                continue;
            }
            let looks = Appearance::of(image, &body);
            let identity = self.recognise(looks.as_ref(), region, time_s);
            sightings.push(Sighting { track: Track::new(identity, region), body, looks });
        }
        Ok(())
    }

    /// Whoever of the lost this is, else somebody new.
    fn recognise(&mut self, looks: Option<&Appearance>, region: Region, time_s: f64) -> Identity {
        let unlikeness = |identity: &Identity| identity.unlikeness(looks, region, time_s);
        let candidates =
            self.memory.lost.iter().enumerate().filter_map(|(index, lost)| Some((index, unlikeness(lost)?)));
        if let Some((index, _)) = candidates.min_by(|a, b| a.1.total_cmp(&b.1)) {
            return self.memory.lost.swap_remove(index);
        }
        let id = self.memory.next_id;
        self.memory.next_id = self.memory.next_id.wrapping_add(1);
        Identity::new(id, region, time_s)
    }

    /// Makes the poses, in order, and the regions of the next picture.
    fn finish(&mut self, sightings: Vec<Sighting>, image: &RgbImage, time_s: f64) -> Vec<BodyPose> {
        let regions: Vec<Region> = sightings.iter().map(|sighting| sighting.track.region).collect();
        let mut people = Vec::with_capacity(sightings.len());
        for (index, Sighting { mut track, body, looks }) in sightings.into_iter().enumerate() {
            let others = regions.iter().enumerate().filter(|(other, _)| *other != index);
            let alone = others.map(|(_, region)| region.iou(regions[index])).all(|iou| iou < CROSSING_IOU);
            if let Some(pose) = track.follow(&body, looks, alone, time_s) {
                people.push(pose);
                self.memory.tracks.push(track);
            }
        }
        self.sort(&mut people, image.width as f32);
        people
    }

    fn sort(&mut self, people: &mut [BodyPose], width: f32) {
        let rank = |person: &BodyPose| {
            let center = person.image[23].position.x.midpoint(person.image[24].position.x);
            let off_center = (2.0 * center / width.max(1.0) - 1.0).abs().min(1.0);
            let bonus = if self.memory.first == Some(person.id) { FIRST_BONUS } else { 1.0 };
            person.size_px * (1.0 - EDGE_WEIGHT * off_center) * bonus
        };
        people.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
        self.memory.first = people.first().map(|person| person.id);
    }
}

fn is_same(a: &DecodedBody, b: &DecodedBody) -> bool {
    let size = |body: &DecodedBody| 2.0 * body.auxiliary[0].truncate().distance(body.auxiliary[1].truncate());
    apart(a, b) < SAME_BODY * size(a).min(size(b))
}

/// Whether two people who cross look more like each other than like themselves.
fn should_swap(a: &Sighting, b: &Sighting) -> bool {
    if a.track.region.iou(b.track.region) < CROSSING_IOU {
        return false;
    }
    let (Some(a_looks), Some(b_looks)) = (&a.looks, &b.looks) else { return false };
    let (Some(a_known), Some(b_known)) = (&a.track.identity.looks, &b.track.identity.looks) else { return false };
    let as_it_is = a_looks.distance(a_known) + b_looks.distance(b_known);
    let swapped = a_looks.distance(b_known) + b_looks.distance(a_known);
    swapped + SWAP_GAIN < as_it_is
}
