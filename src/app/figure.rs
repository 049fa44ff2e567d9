//! Figures out of avatar files: read aside, handed to the engine from memory, spawned, their bones found. The avatars of
//! players and those who dance by themselves are made alike.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bevy::asset::LoadState;
use bevy::asset::io::embedded::EmbeddedAssetRegistry;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::ecs::system::SystemParam;
use bevy::gltf::GltfAssetLabel;
use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};

use super::avatar::HumanoidRig;
use crate::avatar_library as library;
use crate::formats::avatar::{AvatarFile, node_name};

/// Figures that were made since the program began: each has a name of its own in the engine's memory.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// An avatar's file that is being read and checked, away from the picture.
pub(super) struct Reading {
    /// The avatar, as settings name it.
    pub(super) spec: String,
    task: Task<Result<AvatarFile, String>>,
}

impl Reading {
    /// Begins to read.
    pub(super) fn begin(spec: String) -> Self {
        let own = spec.clone();
        Self { spec, task: AsyncComputeTaskPool::get().spawn(async move { library::load(&own) }) }
    }

    /// What came of it, told once; `None` while it goes on. `Err` says which file, why, and what to do.
    pub(super) fn poll(&mut self) -> Option<Result<AvatarFile, String>> {
        block_on(poll_once(&mut self.task))
    }
}

/// A figure that the engine was given, of which any number can stand in the scene. Its meshes and pictures are let go with
/// it and with the last one that stands there.
pub(super) struct FigureModel {
    /// What stands in the file but for the meshes, which are the engine's now.
    pub(super) file: AvatarFile,
    scene: Handle<WorldAsset>,
    path: PathBuf,
}

impl FigureModel {
    /// Hands a file that was read and checked to the engine.
    pub(super) fn new(mut file: AvatarFile, assets: &AssetServer, memory: &EmbeddedAssetRegistry) -> Self {
        let path = PathBuf::from(format!("figure/{}.glb", COUNT.fetch_add(1, Ordering::Relaxed)));
        memory.insert_asset(path.clone(), &path, std::mem::take(&mut file.glb));
        let label = GltfAssetLabel::Scene(0).from_asset(format!("embedded://{}", path.display()));
        Self { file, scene: assets.load(label), path }
    }

    /// How far the engine is with it; `None` before it has begun.
    pub(super) fn load_state(&self, assets: &AssetServer) -> Option<LoadState> {
        assets.get_load_state(&self.scene)
    }

    /// Frees the file's bytes: to be called once the engine has loaded them, or is no longer to do so.
    pub(super) fn free_bytes(&self, memory: &EmbeddedAssetRegistry) {
        memory.remove_asset(Path::new(&self.path));
    }

    /// Puts one of them under an entity, turned and scaled into the avatar's space. When its nodes are there, the one that
    /// is returned hears of it.
    pub(super) fn spawn<'a>(&self, commands: &'a mut Commands, parent: Entity) -> EntityCommands<'a> {
        let placement = self.file.humanoid.avatar_from_file;
        let transform = Transform {
            translation: placement.translation,
            rotation: placement.rotation,
            scale: Vec3::splat(placement.scale),
        };
        let root = WorldAssetRoot(self.scene.clone());
        let mut entity = commands.spawn((Name::new("Figure"), root, transform, Visibility::default()));
        entity.insert(ChildOf(parent));
        entity
    }

    /// The bones among the nodes of one that was spawned.
    ///
    /// # Errors
    /// Which node the engine has not loaded, as a sentence.
    pub(super) fn rig(&self, nodes: &HashMap<usize, Entity>) -> Result<HumanoidRig, String> {
        let humanoid = &self.file.humanoid;
        let bones = humanoid.nodes.map(|node| nodes.get(&node?).copied());
        let lost = humanoid.nodes.iter().zip(&bones).find_map(|(node, bone)| node.filter(|_| bone.is_none()));
        match lost {
            Some(node) => Err(format!("the avatar was loaded without its {}", node_name(node))),
            None => Ok(HumanoidRig {
                rest: humanoid.rest.clone(),
                bones,
                hips_parent_from_avatar: humanoid.avatar_from_hips_parent.inverse(),
            }),
        }
    }
}

/// What a figure is made of, once the engine has spawned it.
#[derive(SystemParam)]
pub(super) struct Parts<'w, 's> {
    children: Query<'w, 's, &'static Children>,
    names: Query<'w, 's, &'static Name>,
    meshes: Query<'w, 's, (), With<Mesh3d>>,
}

impl Parts<'_, '_> {
    /// By number in the file: the nodes below `root`. Meshes among them are drawn wherever their bones go.
    pub(super) fn nodes(&self, commands: &mut Commands, root: Entity) -> HashMap<usize, Entity> {
        let mut nodes = HashMap::default();
        for entity in self.children.iter_descendants(root) {
            let name = self.names.get(entity).ok();
            if let Some(number) = name.and_then(|name| name.strip_prefix("node")?.parse::<usize>().ok()) {
                nodes.insert(number, entity);
            }
            if self.meshes.contains(entity) {
                // The bounds in the file are those of the T-pose; a raised arm leaves them.
                commands.entity(entity).insert(NoFrustumCulling);
            }
        }
        nodes
    }
}
