//! Pictures on the CPU: letterboxing, mirroring, the skeleton drawn over a person.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use glam::Vec2;

use crate::frame::RgbImage;
use crate::motion::hand::{HAND_CONNECTIONS, HandPose};
use crate::motion::landmark::POSE_CONNECTIONS;
use crate::motion::{BodyPose, Hands};

/// Body pink: the bones.
pub const BONE_COLOUR: [u8; 3] = [255, 79, 163];
/// Teal: the bones of hands.
pub const HAND_COLOUR: [u8; 3] = [38, 198, 190];
/// The joints.
pub const JOINT_COLOUR: [u8; 3] = [255, 255, 255];
/// Landmarks with less visibility are left out.
const MIN_VISIBILITY: f32 = 0.5;
/// Hands of a lower score are guessed rather than seen.
const MIN_HAND_SCORE: f32 = 0.5;
/// How opaque a guessed hand is drawn.
const FAINT: f32 = 0.35;

/// A region of a picture, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Region {
    /// The largest region in the middle of this one with the proportions of `width` to `height`.
    #[must_use]
    pub fn letterbox(self, width: u32, height: u32) -> Self {
        let scale = (f64::from(self.width) / f64::from(width)).min(f64::from(self.height) / f64::from(height));
        let fit = |side: u32, most: u32| ((f64::from(side) * scale).round() as u32).clamp(1, most);
        let (w, h) = (fit(width, self.width), fit(height, self.height));
        Self { x: self.x + (self.width - w) / 2, y: self.y + (self.height - h) / 2, width: w, height: h }
    }
}

/// Scales a picture to `width` by `height`.
///
/// # Errors
/// What the resizer says about sizes that it cannot handle.
pub fn resize(picture: &RgbImage, width: u32, height: u32) -> Result<RgbImage, String> {
    let source = ImageRef::new(picture.width, picture.height, &picture.data, PixelType::U8x3)
        .map_err(|error| error.to_string())?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&source, &mut target, &options).map_err(|error| error.to_string())?;
    RgbImage::new(width, height, target.into_vec()).ok_or_else(|| "the picture has no pixels".to_owned())
}

/// Swaps left and right.
pub fn mirror(picture: &mut RgbImage) {
    for row in picture.data.chunks_exact_mut(picture.width as usize * 3) {
        let (mut left, mut right) = (0, row.len() - 3);
        while left < right {
            for channel in 0..3 {
                row.swap(left + channel, right + channel);
            }
            left += 3;
            right -= 3;
        }
    }
}

/// Copies `part` into `canvas` with its upper left corner at `x`, `y`; what lies outside is cut off.
pub fn paste(canvas: &mut RgbImage, part: &RgbImage, x: u32, y: u32) {
    let columns = part.width.min(canvas.width.saturating_sub(x)) as usize * 3;
    for row in 0..part.height.min(canvas.height.saturating_sub(y)) {
        let from = (row * part.width) as usize * 3;
        let to = ((y + row) * canvas.width + x) as usize * 3;
        canvas.data[to..to + columns].copy_from_slice(&part.data[from..from + columns]);
    }
}

/// Draws everybody's skeleton and hands, and the hands that belong to nobody. `place` takes a point in pixels of the
/// source to pixels of `canvas`.
pub fn draw_people(canvas: &mut RgbImage, people: &[BodyPose], loose_hands: &Hands, place: impl Fn(Vec2) -> Vec2) {
    let unit = canvas.width.min(canvas.height) as f32 / 480.0;
    for person in people {
        let points: Vec<Option<Vec2>> = person
            .image
            .iter()
            .map(|landmark| (landmark.visibility >= MIN_VISIBILITY).then(|| place(landmark.position.truncate())))
            .collect();
        for (a, b) in POSE_CONNECTIONS {
            if let (Some(a), Some(b)) = (points[a], points[b]) {
                stroke(canvas, a, b, (1.7 * unit).max(1.0), BONE_COLOUR, 1.0);
            }
        }
        for (index, point) in points.iter().enumerate() {
            let Some(point) = *point else { continue };
            // The face's points lie close together.
            let radius = if index <= 10 { 1.4 } else { 2.9 } * unit;
            stroke(canvas, point, point, (radius + 0.9 * unit).max(1.5), BONE_COLOUR, 1.0);
            stroke(canvas, point, point, radius.max(0.9), JOINT_COLOUR, 1.0);
        }
    }
    // After every body, so that no trunk lies over a hand held in front of it.
    for hands in people.iter().map(|person| &person.hands).chain([loose_hands]) {
        for (_, hand) in hands.iter() {
            draw_hand(canvas, hand, &place);
        }
    }
}

fn draw_hand(canvas: &mut RgbImage, hand: &HandPose, place: impl Fn(Vec2) -> Vec2) {
    let opacity = if hand.score >= MIN_HAND_SCORE { 1.0 } else { FAINT };
    let points = hand.image.map(|point| place(point.truncate()));
    // As fine as the hand is small: the fingers of one far from the camera would run together.
    let palm = points[0].distance(points[9]);
    let unit = (palm / 24.0).min(canvas.width.min(canvas.height) as f32 / 320.0).max(0.5);
    for (a, b) in HAND_CONNECTIONS {
        stroke(canvas, points[a], points[b], (1.2 * unit).max(0.8), HAND_COLOUR, opacity);
    }
    for point in points {
        stroke(canvas, point, point, (1.4 * unit).max(0.6), JOINT_COLOUR, opacity);
    }
}

/// An anti-aliased line with round ends; a dot when both ends are one.
fn stroke(canvas: &mut RgbImage, from: Vec2, to: Vec2, radius: f32, colour: [u8; 3], opacity: f32) {
    if !(from.is_finite() && to.is_finite()) {
        return;
    }
    let reach = Vec2::splat(radius + 1.0);
    let limit = Vec2::new(canvas.width as f32, canvas.height as f32) - 1.0;
    let low = (from.min(to) - reach).floor().clamp(Vec2::ZERO, limit);
    let high = (from.max(to) + reach).ceil().clamp(Vec2::ZERO, limit);
    let along = to - from;
    let length_squared = along.length_squared().max(1e-9);
    for y in low.y as u32..=high.y as u32 {
        for x in low.x as u32..=high.x as u32 {
            let point = Vec2::new(x as f32, y as f32) + 0.5 - from;
            let nearest = along * (point.dot(along) / length_squared).clamp(0.0, 1.0);
            let cover = (radius + 0.5 - point.distance(nearest)).clamp(0.0, 1.0) * opacity;
            if cover > 0.0 {
                let at = (y * canvas.width + x) as usize * 3;
                for (channel, new) in canvas.data[at..at + 3].iter_mut().zip(colour) {
                    let old = f32::from(*channel);
                    *channel = (old + (f32::from(new) - old) * cover).round() as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::hand::Provenance;

    #[test]
    fn letterboxing_keeps_proportions_and_the_middle() {
        let pane = Region { x: 10, y: 0, width: 640, height: 720 };
        assert_eq!(pane.letterbox(640, 480), Region { x: 10, y: 120, width: 640, height: 480 });
        assert_eq!(pane.letterbox(720, 1280), Region { x: 10 + 117, y: 0, width: 405, height: 720 });
        assert_eq!(pane.letterbox(100_000, 1).height, 1);
    }

    #[test]
    fn mirroring_twice_changes_nothing() {
        let picture = RgbImage::new(3, 2, (0..18).collect()).expect("a picture");
        let mut twice = picture.clone();
        mirror(&mut twice);
        assert_eq!(&twice.data[..9], &[6, 7, 8, 3, 4, 5, 0, 1, 2]);
        mirror(&mut twice);
        assert_eq!(twice, picture);
    }

    #[test]
    fn a_stroke_colours_its_line_and_nothing_far_off() {
        let mut canvas = RgbImage::new(40, 20, vec![0; 40 * 20 * 3]).expect("a picture");
        stroke(&mut canvas, Vec2::new(-5.0, 10.0), Vec2::new(60.0, 10.0), 2.0, BONE_COLOUR, 1.0);
        let at = |x: usize, y: usize| canvas.data[(y * 40 + x) * 3];
        assert_eq!((at(0, 10), at(39, 9), at(20, 3)), (255, 255, 0));
        stroke(&mut canvas, Vec2::new(f32::NAN, 0.0), Vec2::ZERO, 2.0, BONE_COLOUR, 1.0);
        stroke(&mut canvas, Vec2::splat(-1e9), Vec2::splat(-1e9), 2.0, BONE_COLOUR, 1.0);
    }

    #[test]
    fn hands_are_teal_with_white_joints_and_fainter_when_guessed() {
        let hand = |score: f32, y: f32| HandPose {
            provenance: Provenance::Measured,
            score,
            image: std::array::from_fn(|i| glam::Vec3::new(20.0 + 8.0 * i as f32, y, 0.0)),
            world: [glam::Vec3::ZERO; 21],
        };
        let mut canvas = RgbImage::new(200, 100, vec![0; 200 * 100 * 3]).expect("a picture");
        let loose = Hands { left: Some(hand(0.9, 30.5)), right: Some(hand(0.2, 70.5)) };
        draw_people(&mut canvas, &[], &loose, |point| point);
        let at = |x: usize, y: usize| {
            let from = (y * 200 + x) * 3;
            [canvas.data[from], canvas.data[from + 1], canvas.data[from + 2]]
        };
        assert_eq!(at(24, 30), HAND_COLOUR, "between two joints");
        assert!(at(28, 30)[0] > 150, "a joint: {:?}", at(28, 30));
        let (seen, guessed) = (at(24, 30)[1], at(24, 70)[1]);
        assert!(guessed > 20 && guessed < seen, "{guessed} {seen}");
        let broken = HandPose { image: [glam::Vec3::NAN; 21], ..hand(f32::NAN, 0.0) };
        draw_people(&mut canvas, &[], &Hands { left: Some(broken), right: None }, |point| point);
    }

    #[test]
    fn pasting_is_cut_off_at_the_edge() {
        let mut canvas = RgbImage::new(4, 4, vec![0; 48]).expect("a picture");
        let part = RgbImage::new(3, 3, vec![9; 27]).expect("a picture");
        paste(&mut canvas, &part, 2, 3);
        assert_eq!(canvas.data.iter().map(|&value| u32::from(value == 9)).sum::<u32>(), 6);
        paste(&mut canvas, &part, 7, 9);
    }
}
