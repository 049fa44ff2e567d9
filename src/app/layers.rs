//! What lies over the tracked pose of the first avatar: recorded clips, poses of another program.

use bevy::prelude::*;

use super::avatar::{Avatar, Expressions, HumanoidRig, ShownPose};
use super::schedule::PoseSystems;
use super::tracking::Playout;
use crate::motion::pose_layers::{PoseLayer, lay_over, layered_face};
use crate::motion::retarget::AvatarPose;

/// Puts the layers over the tracked pose.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<PoseLayers>().add_systems(RunFixedMainLoop, cover.in_set(PoseSystems::Cover));
}

/// The layers. Whoever has a source fills its own in every frame.
#[derive(Resource, Debug, Default)]
pub(super) struct PoseLayers {
    /// A recorded clip of bones.
    pub(super) clip: PoseLayer,
    /// Poses of another program.
    pub(super) received: PoseLayer,
}

impl PoseLayers {
    /// The lowest first.
    const fn in_order(&self) -> [&PoseLayer; 2] {
        [&self.clip, &self.received]
    }
}

fn cover(
    playout: Res<Playout>,
    layers: Res<PoseLayers>,
    mut avatars: Query<(&Avatar, &HumanoidRig, &mut ShownPose, Option<&mut Expressions>)>,
) {
    let layers = layers.in_order();
    if layers.iter().all(|layer| layer.is_empty()) {
        return;
    }
    for (_, rig, mut shown, expressions) in avatars.iter_mut().filter(|(avatar, ..)| avatar.number == 0) {
        // Where nothing was ever tracked, nobody has written a pose since the last frame of ours.
        let tracked = playout.display_time_s.map(|_| shown.0);
        shown.0 = lay_over(tracked.unwrap_or_else(|| AvatarPose::rest(&rig.rest)), layers);
        if let Some(mut expressions) = expressions {
            let (face, share) = layered_face(layers);
            expressions.follow(&face, share);
        }
    }
}
