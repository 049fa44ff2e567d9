//! How the avatar's feet stand: whether they slide, sink or float.
//!
//! When a foot stands is read from the source alone, so that a solver is not judged by its own opinion. Heel and tip of
//! the foot each stand where their *image* landmark rests: world landmarks are relative to the hips and move with them,
//! but the floor rests in the picture of a camera that stands still. Pixels become metres by the body's own size in both.
//! A foot that is held still in the air is told apart by its height in the world landmarks.

use glam::Vec3;

use super::AvatarStretch;
use super::part::{MIN_VISIBILITY, SEGMENTS};
use super::posed::{Posed, Sole, SolePoint};
use super::shown::{SHOWN_HZ, Shown};
use crate::motion::landmark::PoseLandmark as L;
use crate::motion::quality::{DVec3, zero_phase};
use crate::motion::skeleton::RestSkeleton;
use crate::motion::statistics::{percentile, sorted};

/// A heel or tip that moves slower than this in the picture stands, metres a second.
pub const PLANTED_M_S: f64 = 0.15;
/// Image landmarks are smoothed without delay below this frequency before their speed is taken.
const STANCE_HZ: f64 = 3.0;
/// A heel or tip this far above the lowest one of both feet is in the air, metres.
const RAISED_M: f32 = 0.10;
/// A point of the avatar's sole this near the floor touches it, metres.
const TOUCHES_M: f32 = 0.02;
/// Heel and tip of the left foot, then of the right.
const CONTACTS: [L; 4] = [L::LeftHeel, L::LeftFootIndex, L::RightHeel, L::RightFootIndex];

/// How the avatar's feet stand, over all pictures at 60 a second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FootFigures {
    /// Share of the foot's pictures in which the source's foot stands, 0 to 1.
    pub planted: Option<f64>,
    /// Horizontal speed of the avatar's heel or ball while the same one of the source stands and the avatar's touches the
    /// floor, metres a second: the median.
    pub slide_median_m_s: Option<f64>,
    /// 95 % of those speeds are below this.
    pub slide_p95_m_s: Option<f64>,
    /// How far the lowest point of the soles is below the floor, metres: the most, 0 if it never is.
    pub penetration_max_m: Option<f64>,
    /// 95 % of the pictures are below this.
    pub penetration_p95_m: Option<f64>,
    /// Distance of a sole's lowest point from the floor, up or down, while the source's foot stands, metres: the median.
    pub height_median_m: Option<f64>,
    /// 95 % of those distances are below this.
    pub height_p95_m: Option<f64>,
}

/// Measures the feet. `shown` are the pictures of each stretch, `fps` frames a second of the source.
pub(super) fn foot_figures(
    skeleton: &RestSkeleton,
    stretches: &[AvatarStretch],
    shown: &[Vec<Shown>],
    fps: f64,
) -> FootFigures {
    let Some(soles) = Sole::of_both(skeleton) else { return FootFigures::default() };
    let mut found = Found::default();
    for (stretch, pictures) in stretches.iter().zip(shown) {
        let standing = standing(stretch, fps);
        // Both frames around a picture must agree.
        let stands = |picture: &Shown, contact: usize| {
            picture.between.iter().all(|frame| standing.get(*frame).is_some_and(|standing| standing[contact]))
        };
        for (index, picture) in pictures.iter().enumerate() {
            let heights = soles.each_ref().map(|sole| sole.lowest(&picture.posed));
            let lowest = heights.into_iter().flatten().reduce(f32::min);
            found.penetration.extend(lowest.map(|height| f64::from((-height).max(0.0))));
            for (side, height) in heights.into_iter().enumerate() {
                let planted = stands(picture, 2 * side) || stands(picture, 2 * side + 1);
                found.pictures += 1;
                found.planted += usize::from(planted);
                found.height.extend(height.filter(|_| planted).map(|height| f64::from(height.abs())));
            }
            let Some(before) = index.checked_sub(1).and_then(|before| pictures.get(before)) else { continue };
            for (side, sole) in soles.iter().enumerate() {
                for (end, point) in [sole.heel, sole.ball].into_iter().enumerate() {
                    let contact = 2 * side + end;
                    if stands(before, contact) && stands(picture, contact) {
                        found.slide.extend(slide(&point, &before.posed, &picture.posed));
                    }
                }
            }
        }
    }
    let [slide, penetration, height] = [found.slide, found.penetration, found.height].map(sorted);
    FootFigures {
        planted: (found.pictures > 0).then(|| found.planted as f64 / found.pictures as f64),
        slide_median_m_s: percentile(&slide, 0.5),
        slide_p95_m_s: percentile(&slide, 0.95),
        penetration_max_m: percentile(&penetration, 1.0),
        penetration_p95_m: percentile(&penetration, 0.95),
        height_median_m: percentile(&height, 0.5),
        height_p95_m: percentile(&height, 0.95),
    }
}

#[derive(Debug, Default)]
struct Found {
    pictures: usize,
    planted: usize,
    slide: Vec<f64>,
    penetration: Vec<f64>,
    height: Vec<f64>,
}

/// Horizontal speed of a point that touches the floor in both pictures, metres a second.
fn slide(point: &SolePoint, before: &Posed, after: &Posed) -> Option<f64> {
    let (before, after) = (point.place(before)?, point.place(after)?);
    let touches = before.y <= TOUCHES_M && after.y <= TOUCHES_M;
    touches.then(|| f64::from((after - before).with_y(0.0).length()) * SHOWN_HZ)
}

/// For every frame, which of the [`CONTACTS`] stand.
fn standing(stretch: &AvatarStretch, fps: f64) -> Vec<[bool; 4]> {
    let Some(metres) = metres_for_a_pixel(stretch) else { return Vec::new() };
    let speeds = CONTACTS.map(|contact| {
        let path: Vec<DVec3> = stretch
            .raw
            .iter()
            .map(|body| body.image[contact as usize].position.with_z(0.0).as_dvec3() * metres)
            .collect();
        let path = zero_phase(&path, fps, STANCE_HZ);
        let speed = |frame: usize| {
            let (from, to) = (frame.saturating_sub(1), (frame + 1).min(path.len() - 1));
            path[from].distance(path[to]) * fps / (to - from).max(1) as f64
        };
        (0..path.len()).map(speed).collect::<Vec<f64>>()
    });
    let frame = |(frame, body): (usize, &crate::motion::pose::BodyPose)| {
        let height = |contact: L| -body.world[contact as usize].position.y;
        let floor = CONTACTS.into_iter().map(height).fold(f32::INFINITY, f32::min);
        std::array::from_fn(|index| {
            let contact = CONTACTS[index];
            body.world[contact as usize].visibility >= MIN_VISIBILITY
                && height(contact) < floor + RAISED_M
                && speeds[index].get(frame).is_some_and(|speed| *speed < PLANTED_M_S)
        })
    };
    stretch.raw.iter().enumerate().map(frame).collect()
}

/// Metres in the world for a pixel of the picture at the body's distance: the median over the frames of what all segments
/// together measure in both, across the line of sight.
fn metres_for_a_pixel(stretch: &AvatarStretch) -> Option<f64> {
    let across = |from: Vec3| f64::from(from.with_z(0.0).length());
    let ratios = stretch.raw.iter().map(|body| {
        let visible = || SEGMENTS.iter().filter(|segment| segment.is_visible(&body.world));
        let world: f64 = visible().map(|segment| across(segment.source(&body.world))).sum();
        let image: f64 = visible().map(|segment| across(segment.source(&body.image))).sum();
        if image > 0.0 { world / image } else { f64::NAN }
    });
    percentile(&sorted(ratios), 0.5).filter(|metres| *metres > 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, FPS};
    use super::super::shown::shown;
    use super::*;

    fn figures(stretch: AvatarStretch) -> FootFigures {
        let skeleton = fixture::skeleton();
        let pictures = [shown(&skeleton, &stretch)];
        foot_figures(&skeleton, &[stretch], &pictures, FPS)
    }

    #[test]
    fn feet_that_stand_stand() {
        let found = figures(fixture::standing(40));
        assert_eq!(found.planted, Some(1.0));
        for figure in [found.slide_p95_m_s, found.penetration_max_m, found.height_p95_m] {
            assert!(figure.expect("measured") < 1e-5, "{found:?}");
        }
    }

    #[test]
    fn an_avatar_that_glides_slides_at_its_speed() {
        let mut stretch = fixture::standing(40);
        for (pose, time) in stretch.poses.iter_mut().zip(&stretch.times) {
            pose.hips_position.x += 0.3 * *time as f32;
        }
        let found = figures(stretch);
        assert!((found.slide_median_m_s.expect("measured") - 0.3).abs() < 1e-3, "{found:?}");
        assert!((found.slide_p95_m_s.expect("measured") - 0.3).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn feet_that_move_in_the_picture_are_not_planted() {
        let mut stretch = fixture::standing(40);
        for (body, time) in stretch.raw.iter_mut().zip(&stretch.times) {
            for landmark in &mut body.image {
                // Half a metre a second at the fixture's scale.
                landmark.position.x += (0.5 * fixture::PIXELS_A_METRE * time) as f32;
            }
        }
        let found = figures(stretch);
        assert_eq!((found.planted, found.slide_median_m_s, found.height_median_m), (Some(0.0), None, None));
    }

    #[test]
    fn a_foot_held_in_the_air_is_not_planted() {
        let mut stretch = fixture::standing(40);
        for body in &mut stretch.raw {
            for point in [L::LeftHeel, L::LeftFootIndex] {
                body.world[point as usize].position.y -= 0.3;
            }
        }
        assert_eq!(figures(stretch).planted, Some(0.5));
    }

    #[test]
    fn sinking_and_floating_are_measured() {
        for offset in [-0.05_f32, 0.07] {
            let mut stretch = fixture::standing(40);
            for pose in &mut stretch.poses {
                pose.hips_position.y += offset;
            }
            let found = figures(stretch);
            let sunk = f64::from((-offset).max(0.0));
            assert!((found.penetration_max_m.expect("measured") - sunk).abs() < 1e-4, "{found:?}");
            assert!((found.height_median_m.expect("measured") - f64::from(offset.abs())).abs() < 1e-4, "{found:?}");
            assert_eq!(found.slide_median_m_s.is_none(), offset > 0.0, "in the air nothing slides");
        }
    }
}
