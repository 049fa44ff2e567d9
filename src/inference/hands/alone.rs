//! Hands without a body, as a camera over a desk sees them: up to one left and one right.

use super::Region;
use super::assign::coincide;
use super::person::Tools;
use crate::inference::InferenceError;
use crate::inference::hand::SeenHand;
use crate::motion::Side;
use crate::motion::hand::{HandPose, Hands};

/// A hand is there from this presence on.
const MIN_PRESENCE: f32 = 0.5;
/// Regions that overlap more are the same hand.
const MAX_IOU: f32 = 0.5;
/// Frames between two searches while only one hand is followed.
const SEARCH_INTERVAL: u32 = 6;
/// Weight of a new handedness.
const SIDE_ALPHA: f32 = 0.1;
/// Two hands are one when their points lie nearer than this share of their size.
const SAME_HAND: f32 = 0.25;

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
/// followed, and that a hand keeps its side for as long as both are in view.
#[derive(Debug, Clone, Default)]
pub(super) struct HandsAlone {
    tracks: Vec<Track>,
    wait: u32,
}

impl HandsAlone {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(super) fn track(&mut self, view: Region, tools: &mut Tools<'_>) -> Result<Hands, InferenceError> {
        let mut regions: Vec<Region> = self.tracks.iter().map(|track| track.region).collect();
        let followed = regions.len();
        if followed < 2 && self.is_due(followed) {
            let found = tools.palms.find(tools.image, view, 2, tools.timings)?;
            for region in found {
                if regions.len() < 2 && regions.iter().all(|other| region.iou(*other) <= MAX_IOU) {
                    regions.push(region);
                }
            }
        }
        let seen = tools.crew.look(tools.image, &regions, tools.timings)?;
        let tracks = std::mem::take(&mut self.tracks);
        let mut poses: Vec<HandPose> = Vec::with_capacity(2);
        for (index, hand) in seen.into_iter().enumerate() {
            let Some(hand) = hand.filter(|hand| hand.pose.score > MIN_PRESENCE) else { continue };
            let Some(region) = Region::around_hand(&hand.pose.image) else { continue };
            if poses.iter().any(|other| coincide(other, &hand.pose, SAME_HAND)) {
                continue;
            }
            self.tracks.push(next_track(tracks.get(index), region, &hand));
            poses.push(hand.pose);
        }
        self.part_sides();
        let mut hands = Hands::default();
        for (track, pose) in self.tracks.iter().zip(poses) {
            *hands.get_mut(track.side) = Some(pose);
        }
        Ok(hands)
    }

    /// Whether to search in this frame: in each while no hand is followed, else now and then.
    fn is_due(&mut self, followed: usize) -> bool {
        if followed == 0 || self.wait == 0 {
            self.wait = SEARCH_INTERVAL;
            return true;
        }
        self.wait -= 1;
        false
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

fn next_track(before: Option<&Track>, region: Region, hand: &SeenHand) -> Track {
    if let Some(before) = before {
        let rightness = before.rightness + SIDE_ALPHA * (hand.rightness - before.rightness);
        return Track { region, rightness, side: before.side };
    }
    let side = if hand.rightness > 0.5 { Side::Right } else { Side::Left };
    Track { region, rightness: hand.rightness, side }
}

#[cfg(test)]
mod tests {
    use glam::Vec2;

    use super::*;

    fn track(side: Side, rightness: f32) -> Track {
        Track { region: Region { center: Vec2::ZERO, size: 1.0, rotation: 0.0 }, side, rightness }
    }

    #[test]
    fn the_second_of_two_hands_of_one_side_takes_the_other() {
        let tracks = vec![track(Side::Right, 0.9), track(Side::Right, 0.99)];
        let mut alone = HandsAlone { tracks, wait: 0 };
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
    fn the_detector_rests_while_a_hand_is_followed() {
        let mut alone = HandsAlone::default();
        assert!(alone.is_due(0) && alone.is_due(0), "each frame while none is");
        let searches = (0..14).filter(|_| alone.is_due(1)).count();
        assert_eq!(searches, 2);
    }
}
