//! The avatar: its file, its rig, and the writing of its bones.

pub mod animator;
pub mod rig;

use std::path::PathBuf;

use bevy::asset::LoadState;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::gltf::GltfAssetLabel;
use bevy::prelude::*;
use bevy::world_serialization::WorldInstanceReady;

use super::schedule::AvatarSystems;
use crate::motion::retarget::{AvatarPose, bone_local_rotation, hips_local_position};
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};
use animator::PoseAnimator;
use rig::RigDefinition;

/// The bundled avatar, in the assets folder.
const BUNDLED: &str = "avatar/livedance.glb";

/// Loads the avatar and writes its bones each frame.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<AvatarState>()
        .add_systems(Startup, spawn_avatar)
        .add_systems(Update, report_failed_load.run_if(resource_equals(AvatarState::Loading)))
        .add_systems(PostUpdate, apply_pose.in_set(AvatarSystems::ApplyPose));
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

/// An avatar in the scene, before and after its bones are known.
#[derive(Component, Debug)]
pub struct Avatar {
    definition: RigDefinition,
    scene: Handle<WorldAsset>,
}

/// The bones of an avatar in the scene.
#[derive(Component, Debug)]
pub struct HumanoidRig {
    /// Its T-pose.
    pub rest: RestSkeleton,
    /// By [`HumanoidBone`]: the entity that carries it.
    pub bones: [Option<Entity>; BONE_COUNT],
}

/// Solves and interpolates for this avatar.
#[derive(Component, Debug)]
pub struct Animator(pub PoseAnimator);

/// The pose that the avatar shows this frame.
#[derive(Component, Debug, Clone, Copy)]
pub struct ShownPose(pub AvatarPose);

fn spawn_avatar(mut commands: Commands, assets: Res<AssetServer>, mut state: ResMut<AvatarState>) {
    let path = crate::paths::shipped_folder("assets").join(BUNDLED);
    match read_rig(&path) {
        Ok(definition) => {
            let scene: Handle<WorldAsset> = assets.load(GltfAssetLabel::Scene(0).from_asset(BUNDLED));
            commands
                .spawn((
                    Name::new("Avatar"),
                    WorldAssetRoot(scene.clone()),
                    Avatar { definition, scene },
                    Transform::default(),
                    Visibility::default(),
                ))
                .observe(on_avatar_ready);
        }
        Err(message) => *state = AvatarState::Failed { message },
    }
}

fn read_rig(path: &PathBuf) -> Result<RigDefinition, String> {
    let bytes = std::fs::read(path).map_err(|error| {
        format!("the avatar {} cannot be read ({error}); set LIVEDANCE_ASSETS to the assets folder", path.display())
    })?;
    RigDefinition::from_glb(&bytes).map_err(|error| format!("the avatar {}: {error}", path.display()))
}

fn on_avatar_ready(
    ready: On<WorldInstanceReady>,
    mut commands: Commands,
    mut state: ResMut<AvatarState>,
    avatars: Query<&Avatar>,
    children: Query<&Children>,
    names: Query<&Name>,
    meshes: Query<(), With<Mesh3d>>,
) {
    let Ok(avatar) = avatars.get(ready.entity) else { return };
    let mut found: [Option<(usize, Entity)>; BONE_COUNT] = [None; BONE_COUNT];
    let mut open: Vec<(Entity, Vec<&str>)> = vec![(ready.entity, Vec::new())];
    while let Some((entity, path)) = open.pop() {
        for (found, wanted) in found.iter_mut().zip(&avatar.definition.node_paths) {
            let Some(wanted) = wanted else { continue };
            // The scene's own entities above the first node may bear names too; the shortest path is the node itself.
            if path.ends_with(&wanted.iter().map(String::as_str).collect::<Vec<_>>())
                && found.is_none_or(|(length, _)| path.len() < length)
            {
                *found = Some((path.len(), entity));
            }
        }
        if meshes.contains(entity) {
            // The bounds in the file are those of the T-pose; a raised arm leaves them.
            commands.entity(entity).insert(NoFrustumCulling);
        }
        for child in children.get(entity).into_iter().flatten().copied() {
            let mut below = path.clone();
            below.extend(names.get(child).ok().map(Name::as_str));
            open.push((child, below));
        }
    }
    let bones = found.map(|found| found.map(|(_, entity)| entity));
    let lost = HumanoidBone::ALL
        .into_iter()
        .find(|bone| avatar.definition.rest.get(*bone).is_some() && bones[*bone as usize].is_none());
    if let Some(bone) = lost {
        let message = format!("the avatar was loaded without its bone {}; its node names repeat", bone.vrm_name());
        *state = AvatarState::Failed { message };
        return;
    }
    let rest = avatar.definition.rest.clone();
    commands.entity(ready.entity).insert((
        ShownPose(AvatarPose::rest(&rest)),
        Animator(PoseAnimator::new(rest.clone())),
        HumanoidRig { rest, bones },
    ));
    *state = AvatarState::Ready;
}

fn report_failed_load(assets: Res<AssetServer>, avatars: Query<&Avatar>, mut state: ResMut<AvatarState>) {
    for avatar in &avatars {
        if let Some(LoadState::Failed(error)) = assets.get_load_state(&avatar.scene) {
            *state = AvatarState::Failed { message: format!("the avatar cannot be loaded: {error}") };
        }
    }
}

/// Writes the bones of every avatar.
pub fn apply_pose(avatars: Query<(&HumanoidRig, &ShownPose)>, mut transforms: Query<&mut Transform>) {
    for (rig, pose) in &avatars {
        for bone in HumanoidBone::ALL {
            let Some(mut transform) = rig.bones[bone as usize].and_then(|entity| transforms.get_mut(entity).ok())
            else {
                continue;
            };
            transform.rotation = bone_local_rotation(&rig.rest, bone, &pose.0);
            if bone == HumanoidBone::Hips {
                transform.translation = hips_local_position(&rig.rest, &pose.0);
            }
        }
    }
}
