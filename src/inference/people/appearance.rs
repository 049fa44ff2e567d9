//! What a person looks like: the colours of their clothes, by which they are known again.

use glam::{Vec2, Vec3};

use crate::frame::RgbImage;
use crate::inference::landmarks::DecodedBody;
use crate::motion::PoseLandmark as P;

/// Cells of a colour channel.
const LEVELS: usize = 4;
const CELLS: usize = LEVELS * LEVELS * LEVELS;
/// Samples along each side of a part of the body.
const GRID: usize = 7;

/// Shares of colours on torso and thighs, red by green by blue, each pixel spread over its neighbouring cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Appearance {
    shares: [f32; CELLS],
}

impl Appearance {
    /// How the body looks in this picture; `None` when none of it lies inside.
    pub(super) fn of(image: &RgbImage, body: &DecodedBody) -> Option<Self> {
        let at = |landmark: P| body.image[landmark as usize].position.truncate();
        // The arms of the quadrilaterals are crossed out by drawing them in: clothes, not what is beside them.
        let torso = [at(P::LeftShoulder), at(P::RightShoulder), at(P::LeftHip), at(P::RightHip)];
        let thighs = [at(P::LeftHip), at(P::RightHip), at(P::LeftKnee), at(P::RightKnee)];
        let mut shares = [0.0; CELLS];
        let mut count = 0;
        for quadrilateral in [torso, thighs] {
            for v in 0..GRID {
                for u in 0..GRID {
                    let [u, v] = [u, v].map(|step| (step as f32 + 0.5) / GRID as f32 * 0.8 + 0.1);
                    let [a, b, c, d] = quadrilateral;
                    if let Some(colour) = pixel(image, a.lerp(b, u).lerp(c.lerp(d, u), v)) {
                        spread(&mut shares, colour);
                        count += 1;
                    }
                }
            }
        }
        if count == 0 {
            return None;
        }
        for share in &mut shares {
            *share /= count as f32;
        }
        Some(Self { shares })
    }

    /// 0 for the same colours, 1 for none in common.
    pub(super) fn distance(&self, other: &Self) -> f32 {
        self.shares.iter().zip(&other.shares).map(|(a, b)| (a - b).abs()).sum::<f32>() / 2.0
    }

    /// Moves towards `newer` by `weight`, 0 to 1.
    pub(super) fn learn(&mut self, newer: &Self, weight: f32) {
        for (share, new) in self.shares.iter_mut().zip(&newer.shares) {
            *share += weight * (new - *share);
        }
    }
}

fn pixel(image: &RgbImage, point: Vec2) -> Option<Vec3> {
    let inside = point.min_element() >= 0.0 && point.x < image.width as f32 && point.y < image.height as f32;
    let at = 3 * (point.y as usize * image.width as usize + point.x as usize);
    let colour = image.data.get(at..at + 3).filter(|_| inside)?;
    Some(Vec3::new(colour[0].into(), colour[1].into(), colour[2].into()) / 255.0)
}

fn spread(shares: &mut [f32; CELLS], colour: Vec3) {
    let place = colour * (LEVELS - 1) as f32;
    let low = place.floor();
    let part = place - low;
    for corner in 0..8 {
        let pick = |axis: usize| (corner >> axis) & 1 == 1;
        let (mut weight, mut cell) = (1.0, 0);
        for axis in 0..3 {
            weight *= if pick(axis) { part[axis] } else { 1.0 - part[axis] };
            let level = (low[axis] as usize + usize::from(pick(axis))).min(LEVELS - 1);
            cell = cell * LEVELS + level;
        }
        shares[cell] += weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::{Landmark, POSE_LANDMARK_COUNT};

    fn body() -> DecodedBody {
        let mut image = [Landmark::default(); POSE_LANDMARK_COUNT];
        for (landmark, x, y) in [
            (P::LeftShoulder, 30.0, 10.0),
            (P::RightShoulder, 10.0, 10.0),
            (P::LeftHip, 28.0, 40.0),
            (P::RightHip, 12.0, 40.0),
            (P::LeftKnee, 28.0, 70.0),
            (P::RightKnee, 12.0, 70.0),
        ] {
            image[landmark as usize].position = Vec3::new(x, y, 0.0);
        }
        DecodedBody { score: 1.0, image, world: image, auxiliary: [Vec3::ZERO; 2] }
    }

    fn plain(colour: [u8; 3]) -> RgbImage {
        RgbImage::new(40, 80, colour.repeat(40 * 80)).expect("a picture")
    }

    #[test]
    fn other_clothes_are_far_and_a_little_light_is_near() {
        let look = |colour| Appearance::of(&plain(colour), &body()).expect("an appearance");
        let red = look([200, 30, 30]);
        assert!(red.distance(&red) < 1e-6);
        assert!(red.distance(&look([30, 30, 200])) > 0.6);
        assert!(red.distance(&look([190, 35, 32])) < 0.2, "{}", red.distance(&look([190, 35, 32])));
    }

    #[test]
    fn a_body_outside_the_picture_has_no_looks() {
        let mut away = body();
        away.image.iter_mut().for_each(|landmark| landmark.position.x += 1e4);
        assert_eq!(Appearance::of(&plain([1, 2, 3]), &away), None);
        away.image.iter_mut().for_each(|landmark| landmark.position = Vec3::NAN);
        assert_eq!(Appearance::of(&plain([1, 2, 3]), &away), None);
    }

    #[test]
    fn looks_are_learnt() {
        let (mut mine, other) = (
            Appearance::of(&plain([200, 30, 30]), &body()).expect("an appearance"),
            Appearance::of(&plain([30, 30, 200]), &body()).expect("an appearance"),
        );
        let before = mine.distance(&other);
        mine.learn(&other, 0.5);
        assert!((mine.distance(&other) - before / 2.0).abs() < 1e-5);
    }
}
