//! One person from picture to picture, and what is remembered of one who is out of view.

use glam::{Vec2, Vec3};

use super::appearance::Appearance;
use crate::inference::body::AuxiliaryFilter;
use crate::inference::landmarks::DecodedBody;
use crate::inference::region::{Region, body_size};
use crate::motion::ease;
use crate::motion::landmark::MAIN_JOINTS;
use crate::motion::{BodyPose, Hands, PoseLandmark as P};

/// Seconds after which a person who was lost is forgotten.
const REMEMBERED_S: f64 = 2.0;
/// Seconds for which somebody out of view is thought to go on as they went.
const COASTING_S: f64 = 0.5;
/// Seconds over which a new velocity and new looks are believed.
const VELOCITY_TIME_S: f32 = 0.0935;
const LOOKS_TIME_S: f32 = 0.316;
/// Looks further apart than this are another person's.
const OTHER_LOOKS: f32 = 0.55;
/// Nobody turns up further away than so many body sizes from where they were expected.
const REACH: f32 = 1.5;

/// Mean distance of the main joints of two bodies, in pixels.
pub(super) fn apart(a: &DecodedBody, b: &DecodedBody) -> f32 {
    let distance = |joint: P| {
        let at = |body: &DecodedBody| body.image[joint as usize].position.truncate();
        at(a).distance(at(b))
    };
    MAIN_JOINTS.into_iter().map(distance).sum::<f32>() / MAIN_JOINTS.len() as f32
}

/// Who somebody is: what stays with them when they are out of view.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) id: u32,
    pub(super) looks: Option<Appearance>,
    center: Vec2,
    velocity: Vec2,
    size: f32,
    seen_s: f64,
}

impl Identity {
    pub(super) fn new(id: u32, region: Region, time_s: f64) -> Self {
        Self { id, looks: None, center: region.center, velocity: Vec2::ZERO, size: region.size, seen_s: time_s }
    }

    pub(super) fn is_remembered(&self, time_s: f64) -> bool {
        time_s - self.seen_s <= REMEMBERED_S
    }

    /// Where the person should be at `time_s`, pixels.
    fn expected(&self, time_s: f64) -> Vec2 {
        self.center + self.velocity * (time_s - self.seen_s).clamp(0.0, COASTING_S) as f32
    }

    /// How unlike this person somebody with these looks in this place is; `None` for out of the question.
    pub(super) fn unlikeness(&self, looks: Option<&Appearance>, region: Region, time_s: f64) -> Option<f32> {
        let size = self.size.max(region.size).max(1.0);
        let away = self.expected(time_s).distance(region.center) / size;
        let other = match (&self.looks, looks) {
            (Some(mine), Some(theirs)) => mine.distance(theirs),
            _ => 0.0,
        };
        (away < REACH && other < OTHER_LOOKS).then_some(away + 2.0 * other)
    }

    /// Moves to where the person is now. Their looks are learnt where `learns` says so.
    fn update(&mut self, region: Region, looks: Option<Appearance>, learns: bool, time_s: f64) {
        let elapsed = (time_s - self.seen_s) as f32;
        if elapsed > 0.0 {
            let velocity = (region.center - self.center) / elapsed;
            self.velocity += ease::gain_f32(elapsed, VELOCITY_TIME_S) * (velocity - self.velocity);
        }
        (self.center, self.size, self.seen_s) = (region.center, region.size, time_s);
        match (&mut self.looks, looks) {
            (Some(known), Some(new)) if learns => known.learn(&new, ease::gain_f32(elapsed, LOOKS_TIME_S)),
            (known @ None, new) => *known = new,
            _ => {}
        }
    }
}

/// Somebody in view.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) identity: Identity,
    /// Where the person will be in the next picture.
    pub(super) region: Region,
    filter: AuxiliaryFilter,
    is_new: bool,
}

impl Track {
    pub(super) fn new(identity: Identity, region: Region) -> Self {
        Self { identity, region, filter: AuxiliaryFilter::new(), is_new: true }
    }

    /// Takes the next region from the body's auxiliary points and makes the pose; `None` for a body whose points make no
    /// region: it is not one. Looks are learnt only while `alone`, with nobody before them, and not from the picture in
    /// which somebody is found again: those after it will tell.
    pub(super) fn follow(
        &mut self,
        body: &DecodedBody,
        looks: Option<Appearance>,
        alone: bool,
        time_s: f64,
    ) -> Option<BodyPose> {
        let [center, scale] = body.auxiliary.map(Vec3::truncate);
        let size_px = body_size(center, scale)?;
        let [center, scale] = self.filter.filter(time_s, body.auxiliary, size_px).map(Vec3::truncate);
        self.region = Region::around_body(center, scale)?;
        self.identity.update(self.region, looks, alone && !self.is_new, time_s);
        Some(BodyPose {
            id: self.identity.id,
            is_new: std::mem::take(&mut self.is_new),
            score: body.score,
            image: body.image,
            world: body.world,
            size_px,
            hands: Hands::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_velocity_is_believed_over_seconds_not_pictures() {
        for rate in [10_u32, 30, 120] {
            let at = |x: f32| Region { center: Vec2::new(x, 0.0), size: 100.0, rotation: 0.0 };
            let mut identity = Identity::new(0, at(0.0), 0.0);
            for picture in 1..=rate / 5 {
                let time_s = f64::from(picture) / f64::from(rate);
                identity.update(at(150.0 * time_s as f32), None, true, time_s);
            }
            let wanted = 150.0 * (1.0 - (-0.2 / VELOCITY_TIME_S).exp());
            assert!((identity.velocity.x - wanted).abs() < 1e-2, "{} at {rate}", identity.velocity.x);
        }
    }
}
