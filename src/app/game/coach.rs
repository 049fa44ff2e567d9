//! The coach of a dance in the scene, and in a replay the player beside them: figures of their own, that nobody tracks.
//!
//! Needs the engine's assets; without them the rules run alone.

use bevy::asset::io::embedded::EmbeddedAssetRegistry;
use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::world_serialization::WorldInstanceReady;

use super::dance::{BeatPhase, BeatRing, Dancing, Performance, ReplayControl, SongClock};
use super::{GamePhase, Look, Match, Shape, Tint};
use crate::app::avatar::{Avatar, AvatarChoice, HumanoidRig, Standing, apply_pose};
use crate::app::figure::{FigureModel, Parts, Reading};
use crate::app::preferences::Preferences;
use crate::app::schedule::AvatarSystems;
use crate::avatar_library as library;
use crate::motion::retarget::AvatarPose;

/// Where the coach stands for one player: to their left, a little behind.
const COACH_AT: Vec3 = Vec3::new(-1.15, 0.0, -0.35);
/// How far behind several players, and how high, so that they are seen over them, metres.
const BEHIND_M: f32 = 1.9;
const PODIUM_M: f32 = 0.5;
/// How far from the middle where somebody stands there, metres.
const ASIDE_M: f32 = 0.6;
/// Bundled avatars that make a coach, the best first.
const COACHES: [&str; 2] = ["stylised", "livedance"];
/// Where coach and player stand in a replay.
const REPLAYED_AT: [Vec3; 2] = [Vec3::new(-0.65, 0.0, 0.0), Vec3::new(0.65, 0.0, 0.0)];
/// The coach's disc on the floor, metres.
const DISC_M: f32 = 0.44;
/// How much rings grow on a beat.
const PULSE: f32 = 0.12;

pub(super) fn plugin(app: &mut App) {
    let has_assets = resource_exists::<AssetServer>.and_then(resource_exists::<EmbeddedAssetRegistry>);
    app.init_resource::<Wardrobe>()
        .add_systems(Update, (call, dress).chain().run_if(has_assets))
        .add_systems(Update, pulse)
        .add_systems(
            PostUpdate,
            (
                hide_players.run_if(resource_exists::<ReplayControl>).before(apply_pose),
                (place, pose).chain().after(apply_pose),
            )
                .in_set(AvatarSystems::ApplyPose),
        );
}

/// The figure that shows the dance.
#[derive(Component, Debug, Clone, Copy, Default)]
pub struct Coach;

/// A figure that dances by itself.
#[derive(Component, Debug, Clone, PartialEq, Eq)]
struct Figure {
    role: Role,
    /// The avatar, as settings name it.
    spec: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    Coach,
    /// The player, in a replay.
    Player,
}

/// Of what lies under the coach.
#[derive(Component, Debug, Clone, Copy)]
struct Mark;

/// The avatars that figures wear, by name: only those that are worn, or wanted.
#[derive(Resource, Default)]
struct Wardrobe {
    reading: Option<Reading>,
    /// `None` for one that was refused.
    costumes: HashMap<String, Option<FigureModel>>,
}

impl Wardrobe {
    /// Lets go of what nobody wears any more, meshes and pictures included.
    fn tidy(&mut self, is_worn: impl Fn(&str) -> bool, memory: &EmbeddedAssetRegistry) {
        self.costumes.retain(|spec, costume| {
            let is_kept = is_worn(spec);
            if let (false, Some(costume)) = (is_kept, costume) {
                // The engine may not have come to it.
                costume.free_bytes(memory);
            }
            is_kept
        });
        self.reading = self.reading.take().filter(|reading| is_worn(&reading.spec));
    }
}

/// The avatar of the coach: a bundled one that the player is not.
fn coach_spec(player: &str) -> String {
    let usual = library::bundled();
    let own = if player.is_empty() { usual.first().map_or("", String::as_str) } else { player };
    let best = COACHES.into_iter().find(|name| *name != own && library::is_bundled(name));
    best.map_or_else(|| usual.iter().find(|name| *name != own).cloned().unwrap_or_default(), str::to_owned)
}

/// Where a figure stands.
fn standing_place(role: Role, is_replay: bool, players: usize) -> Vec3 {
    match (role, is_replay) {
        (Role::Coach, false) if players <= 1 => COACH_AT,
        (Role::Coach, false) => {
            let across_m = if players.is_multiple_of(2) { 0.0 } else { -ASIDE_M };
            Vec3::new(across_m, PODIUM_M, -BEHIND_M)
        }
        (role, _) => REPLAYED_AT[role as usize],
    }
}

/// What lies under the coach: a disc, or with several players a podium.
const fn mark_look(is_raised: bool) -> Look {
    let shape = if is_raised { Shape::Block(Vec3::new(0.5, PODIUM_M / 2.0, 0.5)) } else { Shape::Disc(DISC_M) };
    Look { shape, tint: Tint::Kind(2), glows: false }
}

/// Figures come when they are needed, and go when they are not.
fn call(
    mut commands: Commands,
    dancing: Option<Res<Dancing>>,
    replay: Option<Res<ReplayControl>>,
    choice: Option<Res<AvatarChoice>>,
    figures: Query<(Entity, &Figure)>,
    marks: Query<Entity, With<Mark>>,
) {
    let player = choice.map(|choice| choice.0.clone()).unwrap_or_default();
    let mut wanted = Vec::new();
    if dancing.is_some() || replay.is_some() {
        wanted.push(Figure { role: Role::Coach, spec: coach_spec(&player) });
    }
    if replay.is_some() {
        wanted.push(Figure { role: Role::Player, spec: player });
    }
    for (entity, figure) in &figures {
        if !wanted.contains(figure) {
            commands.entity(entity).despawn();
        }
    }
    if wanted.is_empty() {
        for mark in &marks {
            commands.entity(mark).despawn();
        }
        return;
    }
    for figure in wanted.iter().filter(|wanted| figures.iter().all(|(_, there)| there != *wanted)) {
        let name = if figure.role == Role::Coach { "Coach" } else { "Replayed player" };
        let mut entity = commands.spawn((Name::new(name), figure.clone(), Transform::default(), Visibility::Hidden));
        if figure.role == Role::Coach {
            entity.insert(Coach);
        }
    }
    if marks.is_empty() {
        let at = Transform::default();
        commands.spawn((Name::new("Under the coach"), Mark, mark_look(false), at, Visibility::default()));
    }
}

/// Figures get their bodies: a file is read aside, checked, handed to the engine and spawned.
fn dress(
    mut commands: Commands,
    mut wardrobe: ResMut<Wardrobe>,
    assets: Res<AssetServer>,
    memory: Res<EmbeddedAssetRegistry>,
    figures: Query<&Figure>,
    bare: Query<(Entity, &Figure), Without<Children>>,
) {
    let wardrobe = wardrobe.bypass_change_detection();
    wardrobe.tidy(|spec| figures.iter().any(|figure| figure.spec == spec), &memory);
    if let Some(read) = wardrobe.reading.as_mut().and_then(Reading::poll)
        && let Some(Reading { spec, .. }) = wardrobe.reading.take()
    {
        let costume = match read {
            Ok(file) => Some(FigureModel::new(file, &assets, &memory)),
            Err(message) => {
                // The dance goes on without.
                warn!("{message}");
                None
            }
        };
        wardrobe.costumes.insert(spec, costume);
    }
    for (entity, figure) in &bare {
        match wardrobe.costumes.get(&figure.spec) {
            Some(Some(costume)) => {
                costume.spawn(&mut commands, entity).observe(on_body_ready);
            }
            None if wardrobe.reading.is_none() => wardrobe.reading = Some(Reading::begin(figure.spec.clone())),
            Some(None) | None => {}
        }
    }
}

fn on_body_ready(
    ready: On<WorldInstanceReady>,
    mut commands: Commands,
    wardrobe: Res<Wardrobe>,
    memory: Res<EmbeddedAssetRegistry>,
    parents: Query<&ChildOf>,
    figures: Query<&Figure>,
    parts: Parts,
) {
    let Some(entity) = parents.get(ready.entity).ok().map(ChildOf::parent) else { return };
    let Some(Some(costume)) = figures.get(entity).ok().and_then(|figure| wardrobe.costumes.get(&figure.spec)) else {
        return;
    };
    costume.free_bytes(&memory);
    match costume.rig(&parts.nodes(&mut commands, ready.entity)) {
        Ok(rig) => {
            commands.entity(entity).insert(rig);
        }
        // It stays hidden.
        Err(message) => warn!("{message}"),
    }
}

/// In a replay the players themselves are not shown.
fn hide_players(mut avatars: Query<&mut Standing, With<Avatar>>) {
    for mut standing in &mut avatars {
        standing.is_visible = false;
    }
}

/// Puts figures and what lies under them where they belong.
fn place(
    dancing: Option<Res<Dancing>>,
    replay: Option<Res<ReplayControl>>,
    performance: Option<Res<Performance>>,
    mut figures: Query<(&Figure, &mut Transform, &mut Visibility, Has<HumanoidRig>), Without<Mark>>,
    mut marks: Query<(&mut Look, &mut Transform), (With<Mark>, Without<Figure>)>,
) {
    let players = dancing.as_ref().map_or(1, |dancing| dancing.players());
    let at = |role: Role| standing_place(role, replay.is_some(), players);
    let track = dancing.as_ref().map(|dancing| &dancing.track);
    let track = track.or_else(|| performance.as_ref().map(|performance| &performance.track));
    let front_rad = track.map_or(0.0, crate::motion::dance::DanceTrack::front_rad);
    for (figure, mut transform, mut visibility, is_dressed) in &mut figures {
        // The dance's own front is turned to the viewer.
        let turn_rad = if figure.role == Role::Coach { -front_rad } else { 0.0 };
        *transform = Transform::from_translation(at(figure.role)).with_rotation(Quat::from_rotation_y(turn_rad));
        visibility.set_if_neq(if is_dressed { Visibility::Inherited } else { Visibility::Hidden });
    }
    for (mut look, mut transform) in &mut marks {
        let place = at(Role::Coach);
        let is_raised = place.y > 0.0;
        look.set_if_neq(mark_look(is_raised));
        *transform = if is_raised {
            Transform::from_translation(place - Vec3::Y * (PODIUM_M / 2.0))
        } else {
            // A disc lies flat, as thin as paint.
            let flat = Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2);
            let scale = Vec3::new(1.0, 1.0, 0.3);
            Transform::from_translation(place + Vec3::Y * 0.004).with_rotation(flat).with_scale(scale)
        };
    }
}

/// Writes the bones of all figures for the moment that this frame shows.
fn pose(
    dancing: Option<Res<Dancing>>,
    replay: Option<Res<ReplayControl>>,
    performance: Option<Res<Performance>>,
    current: Option<Res<Match>>,
    clock: Res<SongClock>,
    phase: Res<State<GamePhase>>,
    fixed: Res<Time<Fixed>>,
    figures: Query<(&Figure, &HumanoidRig)>,
    mut transforms: Query<&mut Transform>,
) {
    for (figure, rig) in &figures {
        let pose = match (&replay, &performance, &dancing, &current) {
            (Some(replay), Some(performance), ..) => match figure.role {
                Role::Coach => performance.coach_pose(replay.time_s, &rig.rest).map(|pose| {
                    let begin = performance.coach_pose(0.0, &rig.rest);
                    begun_here(pose, begin.as_ref())
                }),
                Role::Player => performance.pose(replay.player, replay.time_s).map(|pose| {
                    let begin = performance.pose(replay.player, 0.0);
                    begun_here(pose, begin.as_ref())
                }),
            },
            (None, _, Some(dancing), Some(current)) => {
                // Between two steps, so that the coach moves as smoothly as the picture is drawn.
                let is_running = *phase.get() == GamePhase::Playing;
                let ahead_s = if is_running { fixed.overstep().as_secs_f64() } else { 0.0 };
                let song_s = clock.now_s(current, ahead_s);
                let shown =
                    |song_s: f64| dancing.dance.clip.sample_onto(dancing.track.motion_time_s(song_s), &rig.rest);
                shown(song_s).map(|pose| begun_here(pose, shown(0.0).as_ref()))
            }
            _ => None,
        };
        let Some(pose) = pose else { continue };
        rig.write(&pose, &mut transforms);
    }
}

/// A pose of a dance that begins over its own place, wherever it was danced.
fn begun_here(mut pose: AvatarPose, begin: Option<&AvatarPose>) -> AvatarPose {
    if let Some(begin) = begin {
        pose.hips_position -= begin.hips_position.with_y(0.0);
    }
    pose
}

/// Rings on the floor grow on each beat and shrink until the next, unless little is to move.
fn pulse(
    beat: Res<BeatPhase>,
    preferences: Option<Res<Preferences>>,
    mut rings: Query<&mut Transform, With<BeatRing>>,
) {
    let is_still = preferences.is_some_and(|preferences| preferences.settings.games.reduced_motion);
    let grown = if is_still { 1.0 } else { 1.0 + PULSE * (1.0 - beat.0).powi(2) };
    for mut ring in &mut rings {
        ring.scale = Vec3::new(grown, grown, ring.scale.z);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coach_is_not_the_players_twin() {
        let usual = library::bundled().into_iter().next().expect("an avatar");
        for player in ["", usual.as_str(), "/somewhere/Ann.vrm"] {
            let coach = coach_spec(player);
            assert!(library::is_bundled(&coach));
            assert!(
                coach != player && !(player.is_empty() && (coach.is_empty() || coach == usual)),
                "{player}: {coach}"
            );
        }
    }
}
