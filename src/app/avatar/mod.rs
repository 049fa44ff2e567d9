//! The avatars: their file, their rigs, and the writing of their bones. One for each person who is followed.

mod face;
mod load;
mod springs;

use bevy::math::Affine3A;
use bevy::prelude::*;

use super::preferences::Preferences;
use super::schedule::{AvatarSystems, PoseSystems};
use crate::motion::retarget::{AvatarPose, bone_local_rotation};
use crate::motion::session::PoseSampler;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

pub use face::Expressions;
pub use load::{AvatarChoice, AvatarRefused, AvatarReopened, AvatarShown};

/// Loads the avatars and writes their bones each frame.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<AvatarState>()
        .init_resource::<AvatarCount>()
        .init_resource::<AvatarChoice>()
        .init_resource::<load::Loading>()
        .add_message::<AvatarRefused>()
        .add_message::<AvatarReopened>()
        .add_message::<AvatarShown>()
        .add_systems(
            Update,
            (
                follow_preferences.run_if(resource_exists_and_changed::<Preferences>),
                load::read_wanted,
                load::take_read_file,
                load::watch_load,
                load::promote,
                load::spawn_missing,
            )
                .chain(),
        )
        .add_systems(RunFixedMainLoop, face::decide_expressions.in_set(PoseSystems::Express))
        .add_systems(
            PostUpdate,
            (apply_pose, springs::swing, face::show_expressions).chain().in_set(AvatarSystems::ApplyPose),
        );
}

/// How many avatars there are to be at least. Those that are too many stay, hidden once they have eased to rest.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvatarCount(pub usize);

impl Default for AvatarCount {
    fn default() -> Self {
        Self(1)
    }
}

/// How far the avatar is.
#[derive(Resource, Debug, Clone, PartialEq, Eq, Default)]
pub enum AvatarState {
    /// Its file is being read.
    #[default]
    Loading,
    /// It stands in the scene.
    Ready,
    /// It cannot be shown.
    Failed {
        /// Why, and what to do.
        message: String,
    },
}

/// An avatar in the scene.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Avatar {
    /// Its place in the order in which people are taken. Number 0 stands in the middle and is never hidden.
    pub number: usize,
}

/// The bones of an avatar in the scene.
#[derive(Component, Debug, Clone)]
pub struct HumanoidRig {
    /// Its T-pose.
    pub rest: RestSkeleton,
    /// By [`HumanoidBone`]: the entity that carries it.
    pub bones: [Option<Entity>; BONE_COUNT],
    /// From the avatar's space to that of the node above the hips, whose unit need not be the metre.
    pub hips_parent_from_avatar: Affine3A,
}

/// From the file's space to the avatar's: VRM 0.x faces the other way, others count in centimetres.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Figure(pub(super) Affine3A);

/// Interpolates for this avatar.
#[derive(Component, Debug)]
pub struct Animator(pub PoseSampler);

/// The pose that the avatar shows this frame.
#[derive(Component, Debug, Clone, Copy)]
pub struct ShownPose(pub AvatarPose);

/// Where an avatar stands, and whether it is to be seen.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Metres to the right of the middle of the scene.
    pub across_m: f32,
    /// Whether it is shown.
    pub is_visible: bool,
}

impl Standing {
    /// Where the avatar of this number stands after its sampler was asked for at `display_time_s`. The first is always
    /// shown, the others while somebody is there to be followed and until they have eased to rest.
    #[must_use]
    pub fn of(number: usize, sampler: &PoseSampler, display_time_s: f64) -> Self {
        Self { across_m: sampler.across_m(display_time_s), is_visible: number == 0 || sampler.is_present() }
    }
}

fn follow_preferences(preferences: Res<Preferences>, mut choice: ResMut<AvatarChoice>) {
    if choice.0 != preferences.settings.avatar {
        preferences.settings.avatar.clone_into(&mut choice.0);
    }
}

/// Writes the bones of every avatar, its place and whether it is seen.
pub fn apply_pose(
    mut avatars: Query<(Entity, &HumanoidRig, &ShownPose, &Standing, &mut Visibility), With<Avatar>>,
    mut transforms: Query<&mut Transform>,
) {
    for (entity, rig, pose, standing, mut visibility) in &mut avatars {
        visibility.set_if_neq(if standing.is_visible { Visibility::Inherited } else { Visibility::Hidden });
        if let Ok(mut transform) = transforms.get_mut(entity) {
            transform.translation.x = standing.across_m;
        }
        rig.write(&pose.0, &mut transforms);
    }
}

impl HumanoidRig {
    /// Writes a pose to the bones.
    pub(super) fn write(&self, pose: &AvatarPose, transforms: &mut Query<&mut Transform>) {
        for bone in HumanoidBone::ALL {
            let Some(mut transform) = self.bones[bone as usize].and_then(|entity| transforms.get_mut(entity).ok())
            else {
                continue;
            };
            transform.rotation = bone_local_rotation(&self.rest, bone, pose);
            if bone == HumanoidBone::Hips {
                transform.translation = self.hips_parent_from_avatar.transform_point3(pose.hips_position);
            }
        }
    }
}
