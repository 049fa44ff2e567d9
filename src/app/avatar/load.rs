//! From the avatar that is wanted to the one that stands in the scene: read aside, checked, loaded, and only then put in
//! the place of the one before.

use std::sync::Arc;

use bevy::asset::LoadState;
use bevy::asset::io::embedded::EmbeddedAssetRegistry;
use bevy::prelude::*;
use bevy::world_serialization::WorldInstanceReady;

use super::face::{Expressions, Face};
use super::springs::Springs;
use super::{Animator, Avatar, AvatarCount, AvatarState, Figure, HumanoidRig, ShownPose, Standing};
use crate::app::figure::{FigureModel, Parts, Reading};
use crate::avatar_library as library;
use crate::motion::retarget::AvatarPose;
use crate::motion::session::PoseSampler;

/// The avatar that shall be shown, as the settings name it: empty for the usual one, a bundled one's name, or a path.
#[derive(Resource, Debug, Clone, PartialEq, Eq, Default)]
pub struct AvatarChoice(pub String);

/// The chosen avatar shall be read once more: its file or its bone map may have been changed.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvatarReopened;

/// An avatar was refused; the one before stays.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub struct AvatarRefused {
    /// The avatar that stays, as the settings name it.
    pub kept: String,
    /// Which file, why, and what to do.
    pub message: String,
}

/// Another avatar stands in the scene.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub struct AvatarShown {
    /// As the settings name it.
    pub spec: String,
}

/// An avatar file on its way, and the one that is shown.
#[derive(Resource, Default)]
pub(super) struct Loading {
    asked: Option<String>,
    reading: Option<Reading>,
    coming: Option<Generation>,
    shown: Option<Generation>,
    count: u64,
}

/// One file and all avatars that are made from it.
struct Generation {
    id: u64,
    spec: String,
    model: FigureModel,
}

impl Loading {
    fn generation(&self, id: u64) -> Option<&Generation> {
        self.coming.iter().chain(&self.shown).find(|generation| generation.id == id)
    }

    /// What is shown, if anything.
    fn shown_spec(&self) -> Option<&str> {
        self.shown.as_ref().map(|shown| shown.spec.as_str())
    }
}

/// An avatar that waits for its nodes, or for the others of its kind.
#[derive(Component, Debug)]
pub(super) struct Pending {
    number: usize,
    generation: u64,
    is_ready: bool,
}

/// Which file an avatar was made from.
#[derive(Component, Debug)]
pub(super) struct MadeFrom(u64);

/// Begins to read what is wanted and is neither there nor on its way.
pub(super) fn read_wanted(
    choice: Res<AvatarChoice>,
    mut reopened: MessageReader<AvatarReopened>,
    mut loading: ResMut<Loading>,
) {
    if reopened.read().last().is_some() && loading.reading.is_none() {
        loading.asked = None;
    }
    if loading.reading.is_some() || loading.asked.as_ref() == Some(&choice.0) {
        return;
    }
    let spec = choice.0.clone();
    loading.asked = Some(spec.clone());
    loading.reading = Some(Reading::begin(spec));
}

/// Hands a file that was read and checked to the engine.
pub(super) fn take_read_file(
    mut commands: Commands,
    mut loading: ResMut<Loading>,
    assets: Res<AssetServer>,
    memory: Res<EmbeddedAssetRegistry>,
    pending: Query<(Entity, &Pending)>,
    mut fate: Fate,
) {
    let Some(read) = loading.reading.as_mut().and_then(Reading::poll) else { return };
    loading.reading = None;
    let spec = loading.asked.clone().unwrap_or_default();
    match read {
        Ok(file) => {
            abandon(&mut loading, &mut commands, &memory, &pending);
            loading.count += 1;
            let model = FigureModel::new(file, &assets, &memory);
            loading.coming = Some(Generation { id: loading.count, spec, model });
        }
        Err(message) => fate.refuse(&mut loading, message),
    }
}

/// Spawns the avatars that are missing of the newest file.
pub(super) fn spawn_missing(
    mut commands: Commands,
    loading: Res<Loading>,
    count: Res<AvatarCount>,
    avatars: Query<&MadeFrom, With<Avatar>>,
    pending: Query<&Pending>,
) {
    for generation in loading.coming.iter().chain(&loading.shown) {
        let is_coming = loading.coming.as_ref().is_some_and(|coming| coming.id == generation.id);
        let there = avatars.iter().filter(|from| from.0 == generation.id).count();
        let awaited = pending.iter().filter(|pending| pending.generation == generation.id).count();
        // Those that are too many stay, hidden; a new file begins with as many as there are.
        let wanted = if is_coming { count.0.max(avatars.iter().count()) } else { count.0 };
        for number in there + awaited..wanted.max(1) {
            let avatar = commands
                .spawn((
                    Name::new("Avatar"),
                    Pending { number, generation: generation.id, is_ready: false },
                    Transform::default(),
                    Visibility::Hidden,
                ))
                .id();
            generation.model.spawn(&mut commands, avatar).observe(on_figure_ready);
        }
    }
}

fn on_figure_ready(
    ready: On<WorldInstanceReady>,
    mut commands: Commands,
    mut loading: ResMut<Loading>,
    parents: Query<&ChildOf>,
    mut pending: Query<&mut Pending>,
    parts: Parts,
    mut fate: Fate,
) {
    let Some(avatar) = parents.get(ready.entity).ok().map(ChildOf::parent) else { return };
    let Ok(mut pending) = pending.get_mut(avatar) else { return };
    let nodes = parts.nodes(&mut commands, ready.entity);
    let Some(generation) = loading.generation(pending.generation) else { return };
    let rig = match generation.model.rig(&nodes) {
        Ok(rig) => rig,
        Err(message) => {
            fate.refuse(&mut loading, message);
            return;
        }
    };
    let file = &generation.model.file;
    let springs = Springs::new(&file.springs, &nodes);
    let mut entity = commands.entity(avatar);
    entity.insert((
        MadeFrom(generation.id),
        Figure(file.humanoid.avatar_from_file.affine()),
        ShownPose(AvatarPose::rest(&rig.rest)),
        Standing { across_m: 0.0, is_visible: pending.number == 0 },
        Expressions::new(&file.expressions),
        Face::new(&file.expressions, &nodes, pending.number as u64),
    ));
    entity.insert(PreparedRig(rig));
    if let Some(springs) = springs {
        entity.insert(springs);
    }
    pending.is_ready = true;
}

/// A rig that waits with its avatar.
#[derive(Component, Debug, Clone)]
pub(super) struct PreparedRig(HumanoidRig);

/// Puts avatars that are ready into the scene; those of a new file all at once, in the place of the ones before.
pub(super) fn promote(
    mut commands: Commands,
    mut loading: ResMut<Loading>,
    pending: Query<(Entity, &Pending, Option<&PreparedRig>)>,
    old: Query<(Entity, &MadeFrom), With<Avatar>>,
    mut fate: Fate,
) {
    let coming = loading.coming.as_ref().map(|coming| coming.id);
    let mut of_coming = pending.iter().filter(|(_, pending, _)| Some(pending.generation) == coming).peekable();
    let is_complete =
        of_coming.peek().is_some() && of_coming.all(|(_, pending, rig)| pending.is_ready && rig.is_some());
    if is_complete && let Some(coming) = loading.coming.take() {
        for (entity, _) in old.iter().filter(|(_, from)| from.0 != coming.id) {
            commands.entity(entity).despawn();
        }
        for (entity, ..) in pending.iter().filter(|(_, pending, _)| pending.generation != coming.id) {
            commands.entity(entity).despawn();
        }
        fate.show(&coming.spec);
        loading.shown = Some(coming);
    }
    let shown = loading.shown.as_ref().map(|shown| shown.id);
    for (entity, pending, rig) in &pending {
        let Some(rig) = rig.filter(|_| pending.is_ready && Some(pending.generation) == shown) else { continue };
        commands.entity(entity).remove::<(Pending, PreparedRig)>().insert((
            Avatar { number: pending.number },
            Animator(PoseSampler::new(Arc::new(rig.0.rest.clone()))),
            rig.0.clone(),
            // Those for further people wait unseen until somebody comes.
            if pending.number == 0 { Visibility::Inherited } else { Visibility::Hidden },
        ));
    }
}

/// Tells of a file that the engine could not load, and frees the memory of one that it has.
pub(super) fn watch_load(
    mut commands: Commands,
    mut loading: ResMut<Loading>,
    assets: Res<AssetServer>,
    memory: Res<EmbeddedAssetRegistry>,
    pending: Query<(Entity, &Pending)>,
    mut fate: Fate,
) {
    let Some(coming) = &loading.coming else { return };
    match coming.model.load_state(&assets) {
        Some(LoadState::Failed(error)) => {
            let message = format!("the avatar {} cannot be loaded: {error}", library::display_name(&coming.spec));
            abandon(&mut loading, &mut commands, &memory, &pending);
            fate.refuse(&mut loading, message);
        }
        Some(LoadState::Loaded) => coming.model.free_bytes(&memory),
        _ => {}
    }
}

/// Gives up what was on its way.
fn abandon(
    loading: &mut Loading,
    commands: &mut Commands,
    memory: &EmbeddedAssetRegistry,
    pending: &Query<(Entity, &Pending)>,
) {
    let Some(given_up) = loading.coming.take() else { return };
    given_up.model.free_bytes(memory);
    for (entity, _) in pending.iter().filter(|(_, pending)| pending.generation == given_up.id) {
        commands.entity(entity).despawn();
    }
}

/// Tells the others what became of an avatar.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct Fate<'w> {
    state: ResMut<'w, AvatarState>,
    choice: ResMut<'w, AvatarChoice>,
    refused: MessageWriter<'w, AvatarRefused>,
    shown: MessageWriter<'w, AvatarShown>,
    preferences: Option<Res<'w, crate::app::preferences::Preferences>>,
}

impl Fate<'_> {
    /// The one before stays; with none before, the app begins with the usual one.
    fn refuse(&mut self, loading: &mut Loading, message: String) {
        let asked = loading.asked.clone().unwrap_or_default();
        // Offscreen nobody would see the message: there it is an error.
        let usual = (self.preferences.is_some() && !asked.is_empty()).then(String::new);
        match loading.shown_spec().map(str::to_owned).or(usual) {
            Some(kept) => {
                if loading.shown_spec() == Some(kept.as_str()) {
                    loading.asked = Some(kept.clone());
                }
                kept.clone_into(&mut self.choice.0);
                self.refused.write(AvatarRefused { kept, message });
            }
            None => *self.state = AvatarState::Failed { message },
        }
    }

    fn show(&mut self, spec: &str) {
        *self.state = AvatarState::Ready;
        self.shown.write(AvatarShown { spec: spec.to_owned() });
    }
}
