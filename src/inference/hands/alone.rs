//! Hands without a body, as a camera over a desk sees them: up to one left and one right.

use super::Region;
use super::assign::coincide;
use super::models::Tools;
use crate::inference::InferenceError;
use crate::inference::budget::Budget;
use crate::inference::hand::SeenHand;
use crate::motion::Side;
use crate::motion::ease;
use crate::motion::hand::{HandPose, Hands};

/// A hand is there from this presence on.
const MIN_PRESENCE: f32 = 0.5;
/// Regions that overlap more are the same hand.
const MAX_IOU: f32 = 0.5;
/// Seconds between two searches while only one hand is followed.
const SEARCH_INTERVAL_S: f64 = 0.22;
/// Seconds over which a new handedness is believed.
const SIDE_TIME_S: f64 = 0.316;
/// Two hands are one when their points lie nearer than this share of their size.
const SAME_HAND: f32 = 0.25;
/// Model runs that a thirtieth of a second may cost beyond following one hand.
const SEARCH_RUNS: usize = 1;

#[derive(Debug, Clone, Copy)]
struct Track {
    region: Region,
    side: Side,
    /// Smoothed probability that it is a right hand.
    rightness: f32,
}

/// Follows hands by their own landmarks; the palm detector looks while one is missing.
///
/// Regions as in `MediaPipe`'s hands graph; what differs is that the detector rests between searches while one hand is
/// followed, that what it finds then is looked at in the next picture, and that a hand keeps its side for as long as both
/// are in view.
#[derive(Debug, Clone, Default)]
pub(super) struct HandsAlone {
    tracks: Vec<Track>,
    /// What the detector found and nobody has looked at yet.
    candidates: Vec<Region>,
    /// Times of the last search and of the picture before.
    searched_s: Option<f64>,
    before_s: Option<f64>,
    budget: Budget,
}

impl HandsAlone {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(super) fn track(&mut self, view: Region, time_s: f64, tools: &mut Tools<'_>) -> Result<Hands, InferenceError> {
        let elapsed_s = self.before_s.replace(time_s).map_or(0.0, |before| time_s - before);
        self.budget.begin(time_s, SEARCH_RUNS);
        if self.tracks.is_empty() {
            // There is nothing that a search could delay.
            self.budget.lift();
        }
        let mut regions: Vec<Region> = self.tracks.iter().map(|track| track.region).collect();
        if self.candidates.is_empty() && self.is_due(time_s) && self.budget.affords() > 0 {
            self.searched_s = Some(time_s);
            self.budget.spend(1);
            self.candidates = tools.find_palms(view, 2)?;
        }
        for region in std::mem::take(&mut self.candidates) {
            if regions.len() >= 2 || regions.iter().any(|other| region.iou(*other) > MAX_IOU) {
                continue;
            }
            if self.budget.affords() == 0 {
                self.candidates.push(region);
                continue;
            }
            self.budget.spend(1);
            regions.push(region);
        }
        let seen = tools.look(&regions)?;
        let tracks = std::mem::take(&mut self.tracks);
        let mut poses: Vec<HandPose> = Vec::with_capacity(2);
        for (index, hand) in seen.into_iter().enumerate() {
            let Some(hand) = hand.filter(|hand| hand.pose.score > MIN_PRESENCE) else { continue };
            let Some(region) = Region::around_hand(&hand.pose.image) else { continue };
            if poses.iter().any(|other| coincide(other, &hand.pose, SAME_HAND)) {
                continue;
            }
            self.tracks.push(next_track(tracks.get(index), region, &hand, elapsed_s));
            poses.push(hand.pose);
        }
        self.part_sides();
        let mut hands = Hands::default();
        for (track, pose) in self.tracks.iter().zip(poses) {
            *hands.get_mut(track.side) = Some(pose);
        }
        Ok(hands)
    }

    /// Whether to search in this picture: in each while no hand is followed, else now and then while one is missing.
    fn is_due(&self, time_s: f64) -> bool {
        match self.tracks.len() {
            0 => true,
            1 => self.searched_s.is_none_or(|before| time_s - before >= SEARCH_INTERVAL_S),
            _ => false,
        }
    }

    /// A lone hand has the side that the model says; of two hands that both claim one, the older keeps it.
    fn part_sides(&mut self) {
        let said = |track: &Track| if track.rightness > 0.5 { Side::Right } else { Side::Left };
        match &mut self.tracks[..] {
            [only] => only.side = said(only),
            [first, second] if first.side == second.side => second.side = first.side.other(),
            _ => {}
        }
    }
}

fn next_track(before: Option<&Track>, region: Region, hand: &SeenHand, elapsed_s: f64) -> Track {
    if let Some(before) = before {
        let weight = ease::gain(elapsed_s, SIDE_TIME_S);
        let rightness = before.rightness + weight * (hand.rightness - before.rightness);
        return Track { region, rightness, side: before.side };
    }
    let side = if hand.rightness > 0.5 { Side::Right } else { Side::Left };
    Track { region, rightness: hand.rightness, side }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use glam::Vec2;

    use super::*;
    use crate::frame::{RgbImage, Timings};
    use crate::inference::hands::fake::{FakeModels, Run};

    const VIEW: Region = Region { center: Vec2::new(320.0, 240.0), size: 640.0, rotation: 0.0 };

    fn track(side: Side, rightness: f32) -> Track {
        Track { region: Region { center: Vec2::ZERO, size: 1.0, rotation: 0.0 }, side, rightness }
    }

    fn follow(alone: &mut HandsAlone, models: &mut FakeModels, time_s: f64) -> Result<Hands, InferenceError> {
        let (image, mut timings) = (Arc::new(RgbImage::default()), Timings::default());
        models.runs.clear();
        alone.track(VIEW, time_s, &mut Tools { models, image: &image, timings: &mut timings })
    }

    #[test]
    fn the_second_of_two_hands_of_one_side_takes_the_other() {
        let tracks = vec![track(Side::Right, 0.9), track(Side::Right, 0.99)];
        let mut alone = HandsAlone { tracks, ..HandsAlone::default() };
        alone.part_sides();
        assert_eq!((alone.tracks[0].side, alone.tracks[1].side), (Side::Right, Side::Left));
        // While both are in view nothing swaps them, whatever the model says.
        alone.tracks[0].rightness = 0.1;
        alone.part_sides();
        assert_eq!((alone.tracks[0].side, alone.tracks[1].side), (Side::Right, Side::Left));
        alone.tracks.truncate(1);
        alone.part_sides();
        assert_eq!(alone.tracks[0].side, Side::Left, "alone it is what the model says by now");
    }

    #[test]
    fn the_first_picture_is_searched_at_once_and_so_is_each_without_a_hand() {
        let mut models = FakeModels { hands: vec![(Vec2::new(200.0, 200.0), 0.1)], ..FakeModels::default() };
        let mut alone = HandsAlone::default();
        let hands = follow(&mut alone, &mut models, 5.0).expect("runs");
        assert!(hands.left.is_some() && models.runs == [Run::Palms, Run::Look], "{:?}", models.runs);
        models.hands.clear();
        for picture in 1..4 {
            let hands = follow(&mut alone, &mut models, 5.0 + f64::from(picture) / 30.0).expect("runs");
            assert!(hands.is_empty());
            assert_eq!(models.runs.contains(&Run::Palms), picture > 1, "in each once nothing is followed");
        }
    }

    /// One hand is followed; another one comes in after two seconds: it is found as soon at every rate, and no picture costs
    /// more than twice the usual but where pictures are rare.
    #[test]
    fn a_second_hand_is_searched_for_as_often_at_every_rate() {
        for rate in [5_u32, 10, 15, 30, 60, 120] {
            let mut models = FakeModels { hands: vec![(Vec2::new(200.0, 200.0), 0.1)], ..FakeModels::default() };
            let (mut alone, mut searched, mut found_s) = (HandsAlone::default(), Vec::new(), None);
            for picture in 0..3 * rate {
                let time_s = f64::from(picture) / f64::from(rate);
                if picture == 2 * rate {
                    models.hands.push((Vec2::new(450.0, 200.0), 0.9));
                }
                let hands = follow(&mut alone, &mut models, time_s).expect("runs");
                if models.runs.contains(&Run::Palms) {
                    searched.push(time_s);
                }
                assert!(picture == 0 || rate < 30 || models.runs.len() <= 2, "{:?} at {rate}", models.runs);
                if hands.right.is_some() && found_s.is_none() {
                    found_s = Some(time_s - 2.0);
                }
            }
            let picture = 1.0 / f64::from(rate);
            for pause in searched.windows(2).map(|pair| pair[1] - pair[0] - SEARCH_INTERVAL_S) {
                assert!((-1e-6..picture + 1e-6).contains(&pause), "{pause} too long at {rate}: {searched:?}");
            }
            let found_s = found_s.expect("the second hand is found");
            assert!(found_s <= SEARCH_INTERVAL_S + picture + 0.04, "after {found_s} s at {rate}");
        }
    }

    #[test]
    fn an_error_costs_one_picture() {
        let mut models = FakeModels { hands: vec![(Vec2::new(200.0, 200.0), 0.1)], ..FakeModels::default() };
        let mut alone = HandsAlone::default();
        follow(&mut alone, &mut models, 0.0).expect("runs");
        models.fails = true;
        assert!(follow(&mut alone, &mut models, 0.1).is_err());
        models.fails = false;
        let hands = follow(&mut alone, &mut models, 0.13).expect("runs");
        assert!(hands.left.is_some() && models.runs == [Run::Look], "it was followed on: {:?}", models.runs);
    }

    #[test]
    fn a_side_is_believed_over_seconds_not_pictures() {
        let believed = |rate: u32| {
            let mut models = FakeModels { hands: vec![(Vec2::new(200.0, 200.0), 0.0)], ..FakeModels::default() };
            let mut alone = HandsAlone::default();
            follow(&mut alone, &mut models, 0.0).expect("runs");
            models.hands[0].1 = 1.0;
            let side = |picture: u32, alone: &mut HandsAlone, models: &mut FakeModels| {
                let hands = follow(alone, models, f64::from(picture) / f64::from(rate)).expect("runs");
                hands.right.is_some().then(|| f64::from(picture) / f64::from(rate))
            };
            (1..2 * rate).find_map(|picture| side(picture, &mut alone, &mut models)).expect("in the end")
        };
        for rate in [10, 30, 120] {
            let wanted = SIDE_TIME_S * std::f64::consts::LN_2;
            let late = believed(rate) - wanted;
            assert!((-1e-6..=1.0 / f64::from(rate) + 1e-6).contains(&late), "{late} at {rate}");
        }
    }
}
