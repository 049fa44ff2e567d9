//! The avatars: their file, their rigs, and the writing of their bones. One for each person who is followed.

pub mod animator;
pub mod cast;
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

/// Loads the avatars and writes their bones each frame.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<AvatarState>()
        .init_resource::<AvatarCount>()
        .add_systems(Startup, read_avatar_file)
        .add_systems(
            Update,
            (
                spawn_missing_avatars.run_if(resource_exists::<AvatarFile>),
                report_failed_load.run_if(resource_equals(AvatarState::Loading)),
            )
                .chain(),
        )
        .add_systems(PostUpdate, apply_pose.in_set(AvatarSystems::ApplyPose));
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

/// The avatar's file, from which every avatar is made.
#[derive(Resource, Debug)]
struct AvatarFile {
    definition: RigDefinition,
    scene: Handle<WorldAsset>,
}

/// An avatar in the scene, before and after its bones are known.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Avatar {
    /// Its place in the order in which people are taken. Number 0 stands in the middle and is never hidden.
    pub number: usize,
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

/// Where an avatar stands, and whether it is to be seen.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Metres to the right of the middle of the scene.
    pub across_m: f32,
    /// Whether it is shown.
    pub is_visible: bool,
}

impl Standing {
    /// Where the avatar of this number stands after its animator was sampled at `display_time_s`. The first is always
    /// shown, the others while somebody is there to be followed and until they have eased to rest.
    #[must_use]
    pub fn of(number: usize, animator: &PoseAnimator, display_time_s: f64) -> Self {
        Self { across_m: animator.across_m(display_time_s), is_visible: number == 0 || animator.is_present() }
    }
}

fn read_avatar_file(mut commands: Commands, assets: Res<AssetServer>, mut state: ResMut<AvatarState>) {
    let path = crate::paths::shipped_folder("assets").join(BUNDLED);
    match read_rig(&path) {
        Ok(definition) => {
            let scene = assets.load(GltfAssetLabel::Scene(0).from_asset(BUNDLED));
            commands.insert_resource(AvatarFile { definition, scene });
        }
        Err(message) => *state = AvatarState::Failed { message },
    }
}

fn spawn_missing_avatars(
    mut commands: Commands,
    file: Res<AvatarFile>,
    count: Res<AvatarCount>,
    avatars: Query<(), With<Avatar>>,
) {
    for number in avatars.iter().count()..count.0 {
        commands
            .spawn((
                Name::new("Avatar"),
                WorldAssetRoot(file.scene.clone()),
                Avatar { number },
                Transform::default(),
                // Those for further people wait unseen until somebody comes.
                if number == 0 { Visibility::Inherited } else { Visibility::Hidden },
            ))
            .observe(on_avatar_ready);
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
    file: Res<AvatarFile>,
    avatars: Query<&Avatar>,
    unready: Query<Entity, (With<Avatar>, Without<HumanoidRig>)>,
    children: Query<&Children>,
    names: Query<&Name>,
    meshes: Query<(), With<Mesh3d>>,
) {
    let Ok(avatar) = avatars.get(ready.entity) else { return };
    let mut found: [Option<(usize, Entity)>; BONE_COUNT] = [None; BONE_COUNT];
    let mut open: Vec<(Entity, Vec<&str>)> = vec![(ready.entity, Vec::new())];
    while let Some((entity, path)) = open.pop() {
        for (found, wanted) in found.iter_mut().zip(&file.definition.node_paths) {
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
        .find(|bone| file.definition.rest.get(*bone).is_some() && bones[*bone as usize].is_none());
    if let Some(bone) = lost {
        let message = format!("the avatar was loaded without its bone {}; its node names repeat", bone.vrm_name());
        *state = AvatarState::Failed { message };
        return;
    }
    let rest = file.definition.rest.clone();
    commands.entity(ready.entity).insert((
        ShownPose(AvatarPose::rest(&rest)),
        Standing { across_m: 0.0, is_visible: avatar.number == 0 },
        Animator(PoseAnimator::new(rest.clone())),
        HumanoidRig { rest, bones },
    ));
    // The rig of this one is inserted after this.
    if unready.iter().all(|entity| entity == ready.entity) {
        *state = AvatarState::Ready;
    }
}

fn report_failed_load(assets: Res<AssetServer>, file: Option<Res<AvatarFile>>, mut state: ResMut<AvatarState>) {
    let load = file.and_then(|file| assets.get_load_state(&file.scene));
    if let Some(LoadState::Failed(error)) = load {
        *state = AvatarState::Failed { message: format!("the avatar cannot be loaded: {error}") };
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
