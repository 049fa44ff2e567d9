//! One line of a take: a frame's record, rounded and written as short as JSON allows.

use std::io::Write as _;

use serde::Deserialize;

use super::header::Precision;
use crate::formats::record::{FrameRecord, HandRecord, LandmarkRecord, PersonRecord, PointRecord};
use crate::motion::hand::HAND_LANDMARK_COUNT;
use crate::motion::landmark::POSE_LANDMARK_COUNT;

/// Longest line that is read or written, bytes: a hundred people with hands.
pub(super) const MAX_LINE: usize = 1 << 20;
/// Beyond this no coordinate means anything.
const MAX_VALUE: f64 = 1e7;

/// A multiple of a power of ten that numbers are rounded to: `units` times ten to the minus `places`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    units: i64,
    places: u32,
}

impl Step {
    const fn new(units: i64, places: u32) -> Self {
        Self { units, places }
    }

    fn size(self) -> f64 {
        self.units as f64 / 10_f64.powi(self.places as i32)
    }

    /// `value` as a multiple of ten to the minus `places`. What is not finite becomes zero: a record must be JSON, and one
    /// wild number must not end a recording.
    fn round(self, value: f64) -> i64 {
        let value = if value.is_finite() { value.clamp(-MAX_VALUE, MAX_VALUE) } else { 0.0 };
        (value / self.size()).round() as i64 * self.units
    }

    /// As [`Step::round`] for a probability, which stays on its side of one half: that decides whether a joint is seen.
    fn round_confidence(self, value: f64) -> i64 {
        let half = 10_i64.pow(self.places) / 2;
        let rounded = self.round(value.clamp(0.0, 1.0));
        if value < 0.5 && rounded >= half { half - self.units } else { rounded }
    }
}

/// What the numbers of a take are rounded to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Steps {
    image: Step,
    body_depth: Step,
    hand_depth: Step,
    body: Step,
    hand: Step,
    confidence: Step,
    score: Step,
}

impl Steps {
    /// A tenth of a pixel for pictures up to 800 pixels, and in proportion for larger ones; one millimetre for bodies,
    /// half a millimetre for hands, whose bones are short. A resting landmark trembles by more, and its depth in the
    /// picture, which is a guess, by far more.
    pub(super) fn for_picture(width: u32, height: u32) -> Self {
        // Tenths of a pixel.
        let tenths = [1, 2, 5, 10, 20, 50]
            .into_iter()
            .find(|tenths| i64::from(width.max(height)) <= 800 * tenths)
            .unwrap_or(100);
        Self {
            image: Step::new(tenths, 1),
            body_depth: Step::new(20 * tenths, 1),
            hand_depth: Step::new(10 * tenths, 1),
            body: Step::new(1, 3),
            hand: Step::new(5, 4),
            confidence: Step::new(1, 2),
            score: Step::new(1, 3),
        }
    }

    pub(super) fn precision(&self) -> Precision {
        Precision {
            image_px: self.image.size(),
            body_depth_px: self.body_depth.size(),
            hand_depth_px: self.hand_depth.size(),
            body_m: self.body.size(),
            hand_m: self.hand.size(),
            confidence: self.confidence.size(),
            score: self.score.size(),
        }
    }
}

/// Appends `record` as one line, newline included.
pub(super) fn write_line(out: &mut Vec<u8>, record: &FrameRecord, steps: &Steps) {
    let mut line = Line { out, steps };
    line.text("{\"frame\":");
    line.integer(record.frame);
    line.text(",\"time_s\":");
    line.number((record.time_s.clamp(-1e12, 1e12) * 1e6).round() as i64, 6);
    line.text(",\"width\":");
    line.integer(record.width.into());
    line.text(",\"height\":");
    line.integer(record.height.into());
    line.text(",\"people\":");
    line.list(&record.people, Line::person);
    line.text(",\"timings_ms\":{\"total\":");
    line.rounded(record.timings_ms.total, Step::new(1, 1));
    line.text("}}\n");
}

/// Writes the parts of one line.
struct Line<'a> {
    out: &'a mut Vec<u8>,
    steps: &'a Steps,
}

impl Line<'_> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn integer(&mut self, value: u64) {
        // Writing to memory cannot fail.
        let _ = write!(self.out, "{value}");
    }

    /// `value` times ten to the minus `places`, without zeros at the end.
    fn number(&mut self, value: i64, places: u32) {
        let scale = 10_u64.pow(places);
        let (whole, mut part) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
        if value < 0 {
            self.out.push(b'-');
        }
        self.integer(whole);
        if part > 0 {
            self.out.push(b'.');
            let mut digit = scale / 10;
            while part > 0 {
                self.out.push(b'0' + (part / digit) as u8);
                part %= digit;
                digit /= 10;
            }
        }
    }

    fn rounded(&mut self, value: f32, step: Step) {
        self.number(step.round(value.into()), step.places);
    }

    fn confidence(&mut self, value: f32, step: Step) {
        self.number(step.round_confidence(value.into()), step.places);
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(self, item);
        }
        self.out.push(b']');
    }

    fn person(&mut self, person: &PersonRecord) {
        let steps = self.steps;
        self.text("{\"id\":");
        self.integer(person.id.into());
        if person.is_new == Some(true) {
            self.text(",\"is_new\":true");
        }
        self.text(",\"score\":");
        self.confidence(person.score, steps.score);
        if let Some(size_px) = person.size_px {
            self.text(",\"size_px\":");
            self.rounded(size_px, steps.image);
        }
        self.text(",\"landmarks\":");
        self.list(&person.landmarks, |line, landmark| {
            line.landmark(landmark, [steps.image, steps.image, steps.body_depth]);
        });
        self.text(",\"world\":");
        self.list(&person.world, |line, landmark| line.landmark(landmark, [steps.body; 3]));
        self.text(",\"angles\":{},\"hands\":{\"left\":");
        self.hand(person.hands.left.as_ref());
        self.text(",\"right\":");
        self.hand(person.hands.right.as_ref());
        self.text("}}");
    }

    fn landmark(&mut self, landmark: &LandmarkRecord, steps: [Step; 3]) {
        let [x, y, z, visibility, presence] = *landmark;
        self.out.push(b'[');
        for (value, step) in [x, y, z].into_iter().zip(steps) {
            self.rounded(value, step);
            self.out.push(b',');
        }
        self.confidence(visibility, self.steps.confidence);
        self.out.push(b',');
        self.confidence(presence, self.steps.confidence);
        self.out.push(b']');
    }

    fn hand(&mut self, hand: Option<&HandRecord>) {
        let Some(hand) = hand else { return self.text("null") };
        let steps = self.steps;
        self.text("{\"score\":");
        self.confidence(hand.score, steps.score);
        self.text(",\"landmarks\":");
        self.list(&hand.landmarks, |line, point| line.point(point, [steps.image, steps.image, steps.hand_depth]));
        self.text(",\"world\":");
        self.list(&hand.world, |line, point| line.point(point, [steps.hand; 3]));
        self.text("}");
    }

    fn point(&mut self, point: &PointRecord, steps: [Step; 3]) {
        let mut separator = b'[';
        for (value, step) in point.iter().zip(steps) {
            self.out.push(separator);
            separator = b',';
            self.rounded(*value, step);
        }
        self.out.push(b']');
    }
}

/// Reads a line of a take or of `track`, without angles that it does not have, and checks that it is a record of a frame.
///
/// # Errors
/// What is wrong with it, as part of a sentence.
pub(super) fn read_line(line: &[u8]) -> Result<FrameRecord, String> {
    let record: FrameRecord =
        serde_json::from_slice(line).map_err(|error| format!("a line is no record of a frame ({error})"))?;
    if !record.time_s.is_finite() {
        return Err("a time is not a number".into());
    }
    for person in &record.people {
        check_person(person)?;
    }
    Ok(record)
}

/// The time of a record, without reading the rest of it.
pub(super) fn time_of_line(line: &[u8]) -> Option<f64> {
    #[derive(Deserialize)]
    struct Time {
        time_s: f64,
    }
    serde_json::from_slice::<Time>(line).ok().map(|time| time.time_s).filter(|time_s| time_s.is_finite())
}

fn check_person(person: &PersonRecord) -> Result<(), String> {
    let counts = (person.landmarks.len(), person.world.len());
    // A person without landmarks stands for hands that were tracked without a body.
    if counts != (POSE_LANDMARK_COUNT, POSE_LANDMARK_COUNT) && counts != (0, 0) {
        return Err(format!(
            "a person has {} landmarks and {} world landmarks instead of {POSE_LANDMARK_COUNT} each",
            counts.0, counts.1
        ));
    }
    let size_is_sound = person.size_px.is_none_or(|size_px| size_px.is_finite() && size_px >= 0.0);
    let hands = [&person.hands.left, &person.hands.right].into_iter().flatten();
    let mut finite = person.score.is_finite()
        && size_is_sound
        && person.landmarks.iter().chain(&person.world).flatten().all(|value| value.is_finite());
    for hand in hands {
        let counts = (hand.landmarks.len(), hand.world.len());
        if counts != (HAND_LANDMARK_COUNT, HAND_LANDMARK_COUNT) {
            return Err(format!(
                "a hand has {} landmarks and {} world landmarks instead of {HAND_LANDMARK_COUNT} each",
                counts.0, counts.1
            ));
        }
        finite &=
            hand.score.is_finite() && hand.landmarks.iter().chain(&hand.world).flatten().all(|value| value.is_finite());
    }
    if finite { Ok(()) } else { Err("a number is out of its range".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_json_allows() {
        let steps = Steps::for_picture(640, 480);
        let written = |value: f32, step: Step| {
            let mut out = Vec::new();
            Line { out: &mut out, steps: &steps }.rounded(value, step);
            String::from_utf8(out).expect("text")
        };
        let (tenth, millimetre, half) = (Step::new(1, 1), Step::new(1, 3), Step::new(5, 4));
        for (value, step, text) in [
            (320.397, tenth, "320.4"),
            (320.0, tenth, "320"),
            (-0.04, tenth, "0"),
            (-0.06, tenth, "-0.1"),
            (0.0301, millimetre, "0.03"),
            (-1.2345, millimetre, "-1.235"),
            (0.0006, half, "0.0005"),
            (0.0008, half, "0.001"),
            (f32::NAN, tenth, "0"),
            (f32::INFINITY, tenth, "0"),
            (f32::MAX, tenth, "10000000"),
        ] {
            assert_eq!(written(value, step), text, "{value}");
            assert!(serde_json::from_str::<f32>(text).is_ok());
        }
    }

    #[test]
    fn confidences_keep_their_side_of_one_half() {
        let step = Step::new(1, 2);
        for (value, rounded) in [(0.4999, 49), (0.5, 50), (0.504, 50), (0.494, 49), (1.3, 100), (-1.0, 0), (0.999, 100)]
        {
            assert_eq!(step.round_confidence(value), rounded, "{value}");
        }
    }

    #[test]
    fn larger_pictures_are_rounded_to_larger_steps() {
        for (width, height, step) in
            [(0, 0, 0.1), (640, 480, 0.1), (720, 1280, 0.2), (1920, 1080, 0.5), (3840, 2160, 0.5), (u32::MAX, 1, 10.0)]
        {
            let precision = Precision::for_picture(width, height);
            assert!((precision.image_px - step).abs() < 1e-12, "{width}: {precision:?}");
        }
    }
}
