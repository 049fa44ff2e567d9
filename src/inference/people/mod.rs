//! Following people from picture to picture.
//!
//! Everybody in view costs one look of the landmark model a picture. The detector looks while nobody is followed, and else
//! only now and then while there is room for more; whom it finds then is looked at in the pictures after, so that none of
//! them costs more than one model run beyond following. Whoever is lost is remembered for two seconds by clothes and place, so
//! that an id survives another person passing in front. Weak where it is: people in the same clothes who pass close
//! before each other may come out with each other's ids.

mod appearance;
mod models;
#[cfg(test)]
mod tests;
mod track;

use std::collections::VecDeque;

use super::budget::Budget;
use super::landmarks::DecodedBody;
use super::region::Region;
use super::{Compute, InferenceError, ModelStore};
use crate::frame::{RgbImage, Timings};
use crate::motion::BodyPose;
use crate::settings::ModelVariant;
use appearance::Appearance;
use models::{BodyModels, Sessions};
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
/// Model runs that a thirtieth of a second may cost beyond following while somebody is followed.
const SEARCH_RUNS: usize = 1;
/// How much being at the edge of the picture counts against being near, and the bonus of whoever was first before.
const EDGE_WEIGHT: f32 = 0.5;
const FIRST_BONUS: f32 = 1.15;

/// Finds people and follows them.
///
/// For one person this is `MediaPipe`'s pose graph, with one difference: when the person is lost, the detector looks at
/// that same picture, so that a cut in a video costs no frame.
pub struct PeopleTracker {
    models: Box<dyn BodyModels>,
    static_image: bool,
    memory: PeopleMemory,
}

/// What a [`PeopleTracker`] knows of the pictures before: whoever follows several streams with one tracker has one for
/// each, and puts it in before each picture.
pub struct PeopleMemory {
    limit: usize,
    tracks: Vec<Track>,
    lost: Vec<Identity>,
    /// Where the detector found somebody at whom nobody has looked yet.
    candidates: VecDeque<Region>,
    detected_s: Option<f64>,
    budget: Budget,
    first: Option<u32>,
    next_id: u32,
}

impl PeopleMemory {
    /// Nobody yet, and room for `people`, at least 1.
    #[must_use]
    pub fn new(people: usize) -> Self {
        Self {
            limit: people.max(1),
            tracks: Vec::new(),
            lost: Vec::new(),
            candidates: VecDeque::new(),
            detected_s: None,
            budget: Budget::default(),
            first: None,
            next_id: 0,
        }
    }

    /// Follows at most so many people from now on, at least 1.
    pub fn set_limit(&mut self, people: usize) {
        self.limit = people.max(1);
        self.tracks.truncate(self.limit);
    }

    /// Forgets everybody: the detector looks at the next picture, and whoever it finds gets a new id.
    pub fn reset(&mut self) {
        *self = Self { next_id: self.next_id, ..Self::new(self.limit) };
    }

    fn is_detection_due(&self, somebody: bool, missed: bool, time_s: f64) -> bool {
        let interval = match (somebody, missed) {
            (false, _) => return true,
            (true, false) => DETECT_INTERVAL_S,
            (true, true) => DETECT_LOST_INTERVAL_S,
        };
        self.detected_s.is_none_or(|before| time_s - before >= interval)
    }

    /// Whoever of the lost this is, else somebody new.
    fn recognise(&mut self, looks: Option<&Appearance>, region: Region, time_s: f64) -> Identity {
        let unlikeness = |identity: &Identity| identity.unlikeness(looks, region, time_s);
        let candidates = self.lost.iter().enumerate().filter_map(|(index, lost)| Some((index, unlikeness(lost)?)));
        if let Some((index, _)) = candidates.min_by(|a, b| a.1.total_cmp(&b.1)) {
            return self.lost.swap_remove(index);
        }
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        Identity::new(id, region, time_s)
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
        let models = Sessions::open(store, options.variant, options.compute)?;
        Ok(Self::with_models(models, options.people, options.static_image))
    }

    fn with_models(models: impl BodyModels + 'static, people: usize, static_image: bool) -> Self {
        Self { models: Box::new(models), static_image, memory: PeopleMemory::new(people) }
    }

    /// Everybody in `image`, the nearest and most central first; empty when nobody is in view or the picture has no pixels.
    /// `time_s` must rise from call to call. Image landmarks are in pixels of `image`, unsmoothed. Adds to
    /// `timings.detect`, `.pose` and `.model`.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the runtime fails. Whoever was followed, or is remembered, still is.
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
        self.memory.budget.begin(time_s, SEARCH_RUNS);
        self.memory.lost.retain(|identity| identity.is_remembered(time_s));
        // All models are run before what is known of people changes: an error or a panic leaves it as it was.
        let (mut sightings, mut lost) = self.follow(image, timings)?;
        part(&mut sightings, &mut lost, time_s);
        let found = self.find_more(image, time_s, &sightings, !lost.is_empty(), timings)?;

        self.memory.lost.append(&mut lost);
        for (region, body) in found {
            let looks = Appearance::of(image, &body);
            let identity = self.memory.recognise(looks.as_ref(), region, time_s);
            sightings.push(Sighting { track: Track::new(identity, region), body, looks });
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

    /// Looks at everybody where they should be: who is there, and who is lost.
    fn follow(
        &mut self,
        image: &RgbImage,
        timings: &mut Timings,
    ) -> Result<(Vec<Sighting>, Vec<Identity>), InferenceError> {
        let (mut sightings, mut lost) = (Vec::with_capacity(self.memory.limit), Vec::new());
        for track in &self.memory.tracks {
            match self.models.look(image, track.region, timings)? {
                Some(body) => {
                    let looks = Appearance::of(image, &body);
                    sightings.push(Sighting { track: track.clone(), body, looks });
                }
                None => lost.push(track.identity.clone()),
            }
        }
        Ok((sightings, lost))
    }

    /// Bodies of people who are not followed yet, and where they were found.
    fn find_more(
        &mut self,
        image: &RgbImage,
        time_s: f64,
        sightings: &[Sighting],
        is_missed: bool,
        timings: &mut Timings,
    ) -> Result<Vec<(Region, DecodedBody)>, InferenceError> {
        let memory = &mut self.memory;
        let room = memory.limit.saturating_sub(sightings.len());
        if sightings.is_empty() {
            // There is nobody whom it could delay, and the picture may be another scene's.
            memory.candidates.clear();
            memory.budget.lift();
        }
        let is_due = memory.is_detection_due(!sightings.is_empty(), is_missed || !memory.lost.is_empty(), time_s);
        if room > 0 && memory.candidates.is_empty() && is_due && memory.budget.affords() > 0 {
            memory.budget.spend(1);
            memory.detected_s = Some(time_s);
            memory.candidates = self.models.find(image, timings)?.into();
        }
        let mut found: Vec<(Region, DecodedBody)> = Vec::new();
        while found.len() < room
            && let Some(region) = memory.candidates.front().copied()
        {
            let mut followed =
                sightings.iter().map(|other| other.track.region).chain(found.iter().map(|other| other.0));
            if followed.any(|other| other.center.distance(region.center) < SAME_PLACE * other.size.min(region.size)) {
                memory.candidates.pop_front();
                continue;
            }
            if memory.budget.affords() == 0 {
                return Ok(found);
            }
            memory.budget.spend(1);
            memory.candidates.pop_front();
            let Some(body) = self.models.look(image, region, timings)? else { continue };
            let mut bodies = sightings.iter().map(|other| &other.body).chain(found.iter().map(|other| &other.1));
            if !bodies.any(|other| is_same(other, &body)) && body.region().is_some() {
                found.push((region, body));
            }
        }
        memory.candidates.clear();
        Ok(found)
    }

    /// Makes the poses, in order, and the regions of the next picture.
    fn finish(&mut self, sightings: Vec<Sighting>, image: &RgbImage, time_s: f64) -> Vec<BodyPose> {
        let regions: Vec<Region> = sightings.iter().map(|sighting| sighting.track.region).collect();
        let mut people = Vec::with_capacity(sightings.len());
        let mut tracks = Vec::with_capacity(sightings.len());
        for (index, Sighting { mut track, body, looks }) in sightings.into_iter().enumerate() {
            let others = regions.iter().enumerate().filter(|(other, _)| *other != index);
            let alone = others.map(|(_, region)| region.iou(regions[index])).all(|iou| iou < CROSSING_IOU);
            if let Some(pose) = track.follow(&body, looks, alone, time_s) {
                people.push(pose);
                tracks.push(track);
            } else {
                self.memory.lost.push(track.identity);
            }
        }
        self.memory.tracks = tracks;
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

/// Two tracks never sit on one person, and people who cross keep who they are.
fn part(sightings: &mut Vec<Sighting>, lost: &mut Vec<Identity>, time_s: f64) {
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
        lost.push(sightings.remove(false_one).track.identity);
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
