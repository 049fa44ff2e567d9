//! How far to the side and back a camera has to go so that every avatar is in the picture.

use glam::Vec2;

use super::avatar::{ShownPose, Standing};
use super::scene::{CAMERA_AT, FIELD_OF_VIEW, LOOK_AT};
use crate::motion::ease;
use crate::motion::retarget::AvatarPose;

/// Half the room that one avatar takes with its arms spread, metres.
const REACH_M: f32 = 0.85;
/// Who goes no farther than this from the middle is not followed, metres.
const STILL_M: f32 = 0.3;
/// Time constant of the camera, seconds: slower than people come and go.
const CAMERA_S: f64 = 0.5;
/// The camera goes back no farther than so many times its usual distance: the floor ends somewhere.
const FARTHEST: f32 = 3.5;

/// How a camera stands for those who are seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stand {
    /// Metres to the right of where it stands for one avatar in the middle.
    pub(super) across_m: f32,
    /// Times as far away.
    pub(super) share: f32,
}

impl Default for Stand {
    fn default() -> Self {
        Self { across_m: 0.0, share: 1.0 }
    }
}

/// A camera that goes sideways and back with the avatars that are seen. With only one in the middle it stands as usual.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Crowd {
    last: Option<(f64, Stand)>,
}

impl Crowd {
    /// How the camera stands at a moment in a picture of this width for each metre of its height; moments rise from call
    /// to call. `places` are metres to the right of the middle of the scene and in front of it, of all that are seen.
    pub(super) fn follow(&mut self, time_s: f64, aspect: f32, places: impl Iterator<Item = Vec2>) -> Stand {
        // A step is seen as one.
        let still = |at: f32| if at.abs() > STILL_M { at } else { 0.0 };
        let ends = places.map(|at| Vec2::new(still(at.x), still(at.y))).fold(None, |ends: Option<(Vec2, Vec2)>, at| {
            let (least, most) = ends.unwrap_or((at, at));
            Some((least.min(at), most.max(at)))
        });
        let (Vec2 { x: least, .. }, Vec2 { x: most, y: front }) = ends.unwrap_or_default();
        let widening = (FIELD_OF_VIEW / 2.0).tan() * aspect.max(0.1);
        let needed_m = ((most - least) / 2.0 + REACH_M) / widening + front.max(0.0);
        let usual_m = CAMERA_AT.distance(LOOK_AT);
        let alone = least >= most;
        let share = if alone { 1.0 } else { (needed_m / usual_m).clamp(1.0, FARTHEST) };
        let mut stand = Stand { across_m: f32::midpoint(least, most), share };
        if let Some((last_s, last)) = self.last {
            let gain = ease::gain(time_s - last_s, CAMERA_S);
            stand.across_m = last.across_m + gain * (stand.across_m - last.across_m);
            stand.share = last.share + gain * (stand.share - last.share);
        }
        self.last = Some((time_s, stand));
        stand
    }
}

/// Where an avatar is to the right of the middle of the scene and in front of it, metres; `None` for one that is hidden.
pub(super) fn place(standing: Standing, pose: &AvatarPose) -> Option<Vec2> {
    let at = Vec2::new(standing.across_m + pose.hips_position.x, pose.hips_position.z);
    standing.is_visible.then_some(at)
}

/// The same of an avatar in the scene.
pub(super) fn place_of((standing, shown): (&Standing, &ShownPose)) -> Option<Vec2> {
    place(*standing, &shown.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alone_it_stands_as_usual() {
        let mut crowd = Crowd::default();
        assert_eq!(crowd.follow(0.0, 0.9, [Vec2::X * 0.1].into_iter()), Stand::default());
        assert_eq!(crowd.follow(1.0, 0.9, std::iter::empty()), Stand::default());
    }

    #[test]
    fn somebody_who_goes_away_is_followed() {
        let mut crowd = Crowd::default();
        crowd.follow(0.0, 0.9, [Vec2::ZERO].into_iter());
        let stand = crowd.follow(10.0, 0.9, [Vec2::X * 1.5].into_iter());
        assert!((stand.across_m - 1.5).abs() < 1e-3 && stand.share == 1.0, "{stand:?}");
    }

    #[test]
    fn everybody_is_in_the_picture_after_a_while() {
        let mut crowd = Crowd::default();
        crowd.follow(0.0, 0.9, [Vec2::ZERO].into_iter());
        let people = [0.0, -1.2, 2.0].map(|across_m| Vec2::X * across_m);
        let soon = crowd.follow(1.0 / 30.0, 0.9, people.into_iter());
        assert!(soon.share < 1.2 && soon.across_m < 0.1, "no jump: {soon:?}");
        let stand = crowd.follow(10.0, 0.9, people.into_iter());
        let half_m = CAMERA_AT.distance(LOOK_AT) * stand.share * (FIELD_OF_VIEW / 2.0).tan() * 0.9;
        assert!(stand.across_m - half_m < -1.8 && stand.across_m + half_m > 2.6, "{stand:?} {half_m}");
        let nearer = crowd.follow(20.0, 0.9, [Vec2::new(-1.2, 2.0), Vec2::new(2.0, -1.0)].into_iter());
        let back_m = (nearer.share - stand.share) * CAMERA_AT.distance(LOOK_AT);
        assert!((back_m - 2.0).abs() < 1e-3, "it goes back from who comes nearer: {back_m}");
    }
}
