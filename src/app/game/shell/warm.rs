//! Shaders are compiled before anybody plays: one thing of each look stands before the camera while the loading card hides
//! it, until the renderer waits for no pipeline any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bevy::prelude::*;
use bevy::render::render_resource::PipelineCache;
use bevy::render::{Render, RenderApp, RenderSystems};

use super::super::{GamePhase, Look, Shape, Tint};

/// Frames after which the loading card itself is drawn, if nothing is waited for.
const CARD_FRAMES: u32 = 4;
/// Seconds after which it is not waited for any longer.
const CARD_S: f32 = 4.0;
/// Frames after which the renderer has asked for all it needs.
const FRAMES: u32 = 8;
/// Frames in which it must have waited for nothing.
const QUIET: u32 = 4;
/// Seconds after which the games begin nevertheless.
const LIMIT_S: f32 = 25.0;

/// Watches the renderer.
pub(super) struct WarmPlugin;

impl Plugin for WarmPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Warm>()
            .init_resource::<Waiting>()
            .add_systems(OnEnter(GamePhase::Loading), begin)
            .add_systems(OnExit(GamePhase::Loading), remove)
            .add_systems(Update, (watch, spawn).chain().run_if(in_state(GamePhase::Loading)));
    }

    fn finish(&self, app: &mut App) {
        let waiting = app.world().resource::<Waiting>().clone();
        if let Some(renderer) = app.get_sub_app_mut(RenderApp) {
            renderer.insert_resource(waiting).add_systems(Render, count.in_set(RenderSystems::Cleanup));
        }
    }
}

/// How many pipelines the renderer waits for, shared with it.
#[derive(Resource, Debug, Clone, Default)]
struct Waiting(Arc<AtomicUsize>);

/// How far it is.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub(super) struct Warm {
    /// Frames and seconds before anything was put up, while the loading card gets its own shaders.
    before: (u32, f32),
    is_up: bool,
    frames: u32,
    quiet: u32,
    since_s: f32,
    most: usize,
    left: usize,
    /// Once is enough.
    pub(super) is_done: bool,
}

impl Warm {
    /// 0 to 1.
    pub(super) fn share(&self) -> f32 {
        if self.is_done {
            return 1.0;
        }
        let frames = self.frames.min(FRAMES) as f32 / FRAMES as f32;
        0.3 * frames + 0.7 * frames * (1.0 - self.left as f32 / self.most.max(1) as f32)
    }
}

/// Of what is only there for its shaders.
#[derive(Component)]
struct Sample;

fn count(cache: Res<PipelineCache>, waiting: Res<Waiting>) {
    waiting.0.store(cache.waiting_pipelines().count(), Ordering::Relaxed);
}

fn begin(mut warm: ResMut<Warm>) {
    *warm = Warm { is_done: warm.is_done, ..Warm::default() };
}

fn spawn(
    mut commands: Commands,
    time: Res<Time<Real>>,
    waiting: Res<Waiting>,
    mut warm: ResMut<Warm>,
    cameras: Query<&GlobalTransform, With<Camera3d>>,
) {
    if warm.is_done || warm.is_up {
        return;
    }
    // Without the card they would be seen.
    let (frames, seconds) = (warm.before.0 + 1, warm.before.1 + time.delta_secs());
    warm.before = (frames, seconds);
    let is_quiet = waiting.0.load(Ordering::Relaxed) == 0;
    if frames < CARD_FRAMES || (!is_quiet && seconds < CARD_S) {
        return;
    }
    warm.is_up = true;
    let Some(camera) = cameras.iter().next() else { return };
    let shapes = [
        Shape::Ball(0.04),
        Shape::Spikes(0.04),
        Shape::Banded(0.04),
        Shape::Diamond(0.04),
        Shape::Block(Vec3::splat(0.04)),
        Shape::Ring(0.04),
        Shape::Disc(0.04),
    ];
    let tints = [0, 1, 2, 3].map(Tint::Kind).into_iter().chain([Tint::Good, Tint::Bad, Tint::Gold, Tint::Plain]);
    for (row, tint) in tints.enumerate() {
        for (column, shape) in shapes.into_iter().enumerate() {
            let aside = camera.right() * (column as f32 - 3.0) * 0.1 + camera.up() * (row as f32 - 3.5) * 0.1;
            let at = camera.translation() + camera.forward() * 2.0 + aside;
            let look = Look { shape, tint, glows: (row + column) % 2 == 0 };
            commands.spawn((Sample, look, Transform::from_translation(at), Visibility::default()));
        }
    }
}

fn watch(time: Res<Time<Real>>, waiting: Res<Waiting>, mut warm: ResMut<Warm>) {
    if warm.is_done || !warm.is_up {
        return;
    }
    let left = waiting.0.load(Ordering::Relaxed);
    warm.frames += 1;
    warm.since_s += time.delta_secs();
    (warm.left, warm.most) = (left, warm.most.max(left));
    warm.quiet = if left == 0 && warm.frames > FRAMES { warm.quiet + 1 } else { 0 };
    if warm.quiet >= QUIET {
        warm.is_done = true;
    } else if warm.since_s > LIMIT_S {
        warn!("{left} shaders are not compiled after {LIMIT_S} s; the games begin without them");
        warm.is_done = true;
    }
}

fn remove(mut commands: Commands, samples: Query<Entity, With<Sample>>) {
    for sample in &samples {
        commands.entity(sample).despawn();
    }
}
