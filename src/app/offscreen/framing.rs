//! Where the camera stands so that every avatar is in the picture.

use bevy::math::Vec3;

use super::stage::Figure;
use crate::app::scene::{CAMERA_AT, FIELD_OF_VIEW, LOOK_AT};

/// Half the room that one avatar takes with its arms spread, metres.
const REACH_M: f32 = 0.85;
/// Who goes no farther than this from the middle is not followed, metres.
const STILL_M: f32 = 0.3;
/// Time constant of the camera, seconds: slower than people come and go.
const CAMERA_S: f64 = 0.5;
/// The camera goes back no farther than so many times its usual distance: the floor ends somewhere.
const FARTHEST: f32 = 3.5;

/// A camera that goes sideways and back with the avatars that are seen. With only the first of them it stands where it
/// stands for one avatar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framing {
    /// Metres to either side of the middle of the picture, for each metre of distance.
    widening: f32,
    /// When and how it stood last: metres across, share of the usual distance.
    last: Option<(f64, f32, f32)>,
}

impl Framing {
    /// For a picture of this size.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let aspect = width as f32 / height.max(1) as f32;
        Self { widening: (FIELD_OF_VIEW / 2.0).tan() * aspect, last: None }
    }

    /// Where the camera stands and where it looks at a moment; moments rise from call to call.
    pub(super) fn follow(&mut self, time_s: f64, figures: &[Figure]) -> (Vec3, Vec3) {
        let across = figures.iter().filter(|figure| figure.standing.is_visible).map(|figure| {
            let at = figure.standing.across_m + figure.pose.hips_position.x;
            // A step to the side is seen as one.
            if at.abs() > STILL_M { at } else { 0.0 }
        });
        let (least, most) = across.fold((0.0_f32, 0.0_f32), |(least, most), at| (least.min(at), most.max(at)));
        let usual_m = CAMERA_AT.distance(LOOK_AT);
        let needed_m = ((most - least) / 2.0 + REACH_M) / self.widening;
        let (mut middle_m, mut share) = (f32::midpoint(least, most), (needed_m / usual_m).clamp(1.0, FARTHEST));
        if let Some((last_s, last_middle_m, last_share)) = self.last {
            let gain = (1.0 - (-(time_s - last_s).max(0.0) / CAMERA_S).exp()) as f32;
            middle_m = last_middle_m + gain * (middle_m - last_middle_m);
            share = last_share + gain * (share - last_share);
        }
        self.last = Some((time_s, middle_m, share));
        let at = LOOK_AT + Vec3::X * middle_m;
        (at + (CAMERA_AT - LOOK_AT) * share, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::avatar::Standing;
    use crate::motion::retarget::AvatarPose;
    use crate::motion::skeleton::RestSkeleton;

    fn figure(across_m: f32, is_visible: bool) -> Figure {
        let pose = AvatarPose::rest(&RestSkeleton::default());
        Figure { pose, standing: Standing { across_m, is_visible } }
    }

    #[test]
    fn alone_it_stands_as_usual() {
        let mut framing = Framing::new(640, 720);
        let (from, at) = framing.follow(0.0, &[figure(0.0, true), figure(3.0, false)]);
        assert!(from.distance(CAMERA_AT) < 1e-5 && at.distance(LOOK_AT) < 1e-5, "{from} {at}");
    }

    #[test]
    fn everybody_is_in_the_picture_after_a_while() {
        let mut framing = Framing::new(640, 720);
        framing.follow(0.0, &[figure(0.0, true)]);
        let people = [figure(0.0, true), figure(-1.2, true), figure(2.0, true)];
        let (soon, _) = framing.follow(1.0 / 30.0, &people);
        assert!(soon.distance(CAMERA_AT) < 0.5, "no jump: {soon}");
        let (from, at) = framing.follow(10.0, &people);
        let half_m = from.distance(at) * framing.widening;
        assert!(at.x - half_m < -1.8 && at.x + half_m > 2.6, "{at} {half_m}");
    }
}
