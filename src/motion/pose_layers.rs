//! Poses of other sources over the tracked one: each eases in while its source is there, and out when it is gone.

use super::expressions::ExpressionWeights;
use super::interpolation::{Interpolate, Presence};
use super::retarget::AvatarPose;

/// What a source gives for one frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Given {
    /// Whether the source is there: its layer eases in while it is, and out while it is not.
    pub is_there: bool,
    /// The pose of this moment; `None` keeps the last one.
    pub pose: Option<AvatarPose>,
    /// The face of this moment; `None` for a source that shows none: a face from before is eased out as it was.
    pub face: Option<ExpressionWeights>,
}

/// The pose of one source, and how much of it is shown.
#[derive(Debug, Clone, Default)]
pub struct PoseLayer {
    presence: Presence,
    held: Option<AvatarPose>,
    face_presence: Presence,
    face: ExpressionWeights,
}

impl PoseLayer {
    /// Takes in what the source gives at `now_s` (any steady clock, seconds). To be called for every frame that is shown,
    /// also while there is no source.
    pub fn update(&mut self, now_s: f64, given: Given) {
        // What was eased out wholly was shown so once, in the frame before.
        let is_over = !given.is_there && self.presence.weight() <= 0.0;
        self.presence.update(now_s, given.is_there);
        self.face_presence.update(now_s, given.is_there && given.face.is_some());
        if is_over {
            (self.held, self.face) = (None, ExpressionWeights::default());
            return;
        }
        self.held = given.pose.or(self.held);
        if let Some(face) = given.face {
            self.face = face;
        }
    }

    /// Whether nothing of it is shown: what lies below need not be touched.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.held.is_none()
    }

    /// This layer over what lies below.
    fn over(&self, below: &AvatarPose) -> AvatarPose {
        match (self.held, self.presence.weight()) {
            (Some(held), weight) if weight >= 1.0 => held,
            (Some(held), weight) => below.interpolate(&held, weight),
            (None, _) => *below,
        }
    }
}

/// A pose with layers over it, the lowest first.
#[must_use]
pub fn lay_over<'a>(below: AvatarPose, layers: impl IntoIterator<Item = &'a PoseLayer>) -> AvatarPose {
    layers.into_iter().fold(below, |below, layer| layer.over(&below))
}

/// The face of layers, the lowest first, and how much of it is shown in the place of the avatar's own, 0 to 1.
#[must_use]
pub fn layered_face<'a>(layers: impl IntoIterator<Item = &'a PoseLayer>) -> (ExpressionWeights, f32) {
    let none = (ExpressionWeights::default(), 0.0);
    layers.into_iter().fold(none, |(below, below_share), layer| {
        let share = layer.face_presence.weight();
        let both = share + below_share * (1.0 - share);
        if below_share <= 0.0 || share >= 1.0 {
            return (layer.face.clone(), both);
        }
        if share <= 0.0 {
            return (below, below_share);
        }
        (below.interpolate(&layer.face, share / both), both)
    })
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::*;
    use crate::motion::player::test_body;

    fn pose(x_m: f32) -> AvatarPose {
        AvatarPose { hips_position: Vec3::X * x_m, ..AvatarPose::t_pose(&test_body::rest()) }
    }

    fn face(happy: f32) -> ExpressionWeights {
        ExpressionWeights(vec![("happy".to_owned(), happy)])
    }

    fn there(x_m: f32) -> Given {
        Given { is_there: true, pose: Some(pose(x_m)), face: None }
    }

    /// Updates a layer 60 times a second from one moment to another.
    fn run(layer: &mut PoseLayer, from_s: f64, to_s: f64, given: &Given) {
        let frames = ((to_s - from_s) * 60.0).round() as u32;
        for frame in 1..=frames {
            layer.update(from_s + f64::from(frame) / 60.0, given.clone());
        }
    }

    fn across_m(layers: &[&PoseLayer]) -> f32 {
        lay_over(pose(0.0), layers.iter().copied()).hips_position.x
    }

    #[test]
    fn a_layer_comes_covers_and_goes() {
        let mut layer = PoseLayer::default();
        assert!(layer.is_empty());
        run(&mut layer, 0.0, 0.1, &there(1.0));
        let coming = across_m(&[&layer]);
        assert!(coming > 0.05 && coming < 0.95, "{coming}");
        run(&mut layer, 0.1, 1.0, &there(2.0));
        assert_eq!(across_m(&[&layer]), 2.0, "all of the newest");
        run(&mut layer, 1.0, 1.25, &Given::default());
        let going = across_m(&[&layer]);
        assert!(going > 0.2 && going < 1.8, "what was shown last is eased out: {going}");
        run(&mut layer, 1.25, 3.0, &Given::default());
        assert!(layer.is_empty());
        assert_eq!(across_m(&[&layer]), 0.0);
    }

    #[test]
    fn what_is_gone_is_shown_as_gone_once_before_it_is_forgotten() {
        let mut layer = PoseLayer::default();
        run(&mut layer, 0.0, 1.0, &there(1.0));
        let mut last = (1.0, false);
        for frame in 1..60 {
            layer.update(1.0 + f64::from(frame) / 60.0, Given::default());
            if layer.is_empty() {
                break;
            }
            last = (across_m(&[&layer]), true);
        }
        assert_eq!(last, (0.0, true), "nothing of it stays behind");
    }

    #[test]
    fn a_source_that_comes_back_after_long_is_eased_in_again() {
        let mut layer = PoseLayer::default();
        run(&mut layer, 0.0, 1.0, &there(1.0));
        run(&mut layer, 1.0, 60.0, &Given::default());
        layer.update(60.0 + 1.0 / 60.0, there(1.0));
        assert!(across_m(&[&layer]) < 0.1, "{}", across_m(&[&layer]));
    }

    #[test]
    fn later_layers_cover_earlier_ones() {
        let (mut low, mut high) = (PoseLayer::default(), PoseLayer::default());
        run(&mut low, 0.0, 1.0, &there(1.0));
        run(&mut high, 0.0, 1.0, &there(2.0));
        assert_eq!(across_m(&[&low, &high]), 2.0);
        run(&mut high, 1.0, 1.25, &Given::default());
        let between = across_m(&[&low, &high]);
        assert!(between > 1.1 && between < 1.9, "from the one to the other, not by the tracked pose: {between}");
    }

    #[test]
    fn faces_come_with_whoever_shows_one() {
        let with = |happy: f32| Given { face: Some(face(happy)), ..there(1.0) };
        let happy = |layers: &[&PoseLayer]| {
            let (face, share) = layered_face(layers.iter().copied());
            (face.on_avatar("happy", |_| true), share)
        };
        let (mut low, mut high) = (PoseLayer::default(), PoseLayer::default());
        run(&mut low, 0.0, 1.0, &with(0.5));
        run(&mut high, 0.0, 1.0, &there(2.0));
        assert_eq!(happy(&[&low, &high]), (0.5, 1.0), "the upper one has no face");
        run(&mut high, 1.0, 2.0, &with(0.9));
        assert_eq!(happy(&[&low, &high]), (0.9, 1.0));
        run(&mut high, 2.0, 2.25, &there(2.0));
        let (between, share) = happy(&[&low, &high]);
        assert!(between > 0.55 && between < 0.85 && share > 0.999, "{between} {share}");
        run(&mut low, 1.0, 1.25, &there(1.0));
        let (held, share) = happy(&[&low]);
        assert_eq!(held, 0.5, "a face is eased out as it was");
        assert!(share > 0.2 && share < 0.8, "{share}");
    }
}
