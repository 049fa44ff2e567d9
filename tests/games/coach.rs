//! Figures in the scene: whom avatars show is who plays, and coaches come and go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use livedance::app::avatar::{Avatar, AvatarState, HumanoidRig};
use livedance::app::game::coach::Coach;
use livedance::app::game::dance::{Performance, Performed, ShowReplay};
use livedance::app::game::{GamePhase, GamesPlugin, Match, PlayerInputs};
use livedance::app::player_body::PlayersPlugin;
use livedance::app::preferences::Preferences;
use livedance::app::tracking::{Motion, Playout, TrackedSlot};
use livedance::motion::Difficulty;
use livedance::motion::retarget::{AvatarPose, joint_positions};
use livedance::motion::skeleton::HumanoidBone as B;
use livedance::pipeline::poser::Poser;

use crate::dance::{assets, loaded, seen, start};
use crate::rest;

/// An app with everything but a renderer, in which figures can be loaded.
fn app_with_assets() -> App {
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        bevy::state::app::StatesPlugin,
        TransformPlugin,
        AssetPlugin { file_path: assets("").to_string_lossy().into_owned(), ..default() },
        bevy::world_serialization::WorldSerializationPlugin,
        ImagePlugin::default(),
        bevy::mesh::MeshPlugin,
        AnimationPlugin,
        bevy::gltf::GltfPlugin::default(),
    ))
    .init_asset::<StandardMaterial>()
    .register_type::<Visibility>()
    .register_type::<InheritedVisibility>()
    .register_type::<ViewVisibility>()
    .register_type::<bevy::camera::primitives::Aabb>()
    .register_type::<MeshMaterial3d<StandardMaterial>>()
    .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_nanos(16_666_667)))
    .insert_resource(Preferences::default())
    .add_plugins((livedance::app::StudioPlugin, GamesPlugin, PlayersPlugin));
    app.finish();
    app.cleanup();
    app
}

/// As [`app_with_assets`], once its avatar stands there.
fn app_with_avatar() -> App {
    let mut app = app_with_assets();
    let began = Instant::now();
    while *app.world().resource::<AvatarState>() != AvatarState::Ready {
        assert!(began.elapsed() < Duration::from_mins(1), "the avatar never became ready");
        app.update();
        std::thread::sleep(Duration::from_millis(1));
    }
    app
}

#[test]
fn a_player_is_who_the_avatar_shows() {
    let mut app = app_with_avatar();
    let rest = rest();
    let mut poser = Poser::new(app.world().resource::<Motion>().0.clone());
    let mut watch = |app: &mut App, mirror: bool| {
        app.world_mut().resource_mut::<Preferences>().settings.mirror = mirror;
        for frame in 0..60_u64 {
            if frame % 2 == 0 {
                let mut seen = seen(
                    &rest,
                    &AvatarPose::rest(&rest),
                    app.world().resource::<Time<Real>>().elapsed_secs_f64(),
                    frame,
                );
                // It was on its way for a quarter of a second.
                seen.captured_at = Instant::now().checked_sub(Duration::from_millis(250)).expect("a moment");
                seen.people[0].is_new = false;
                app.world().resource::<TrackedSlot>().0.publish(poser.pose(seen));
            }
            app.update();
        }
        app.world().resource::<PlayerInputs>().clone()
    };
    let inputs = watch(&mut app, true);
    let input = inputs.players[0].as_ref().expect("a player");
    assert!(inputs.is_mirrored && inputs.players[1].is_none());
    assert!(input.person.as_ref().is_some_and(|person| person.id == 7));
    // The age of the newest frame, and how far what is shown lies behind that frame.
    let shown_s = app.world().resource::<Playout>().display_time_s.expect("shown");
    let behind_s = (input.person_s - shown_s) as f32;
    assert!(behind_s > 0.0 && input.latency_s >= 0.25 + behind_s, "{} {behind_s}", input.latency_s);
    assert!(!watch(&mut app, false).is_mirrored);
}

#[test]
fn the_coach_shows_what_is_danced() {
    let dance = loaded("groove");
    let mut app = app_with_avatar();
    let began = Instant::now();
    let meshes = |app: &App| app.world().resource::<Assets<Mesh>>().len();
    let before = meshes(&app);
    app.world_mut().write_message(start("groove", Difficulty::Normal, 1));
    let coach = |app: &mut App| {
        let world = app.world_mut();
        world
            .query_filtered::<(Entity, &HumanoidRig), With<Coach>>()
            .single(world)
            .ok()
            .map(|(e, rig)| (e, rig.clone()))
    };
    while coach(&mut app).is_none() {
        assert!(began.elapsed() < Duration::from_mins(1), "the coach never came");
        app.update();
        std::thread::sleep(Duration::from_millis(1));
    }
    // To the middle of the dance. Nobody is in view, so that the match soon pauses; the coach waits where it stopped.
    let mut current = app.world_mut().resource_mut::<Match>();
    (current.clock_s, current.wait_s) = (20.0, 0.0);
    for _ in 0..5 {
        app.update();
    }
    let (entity, rig) = coach(&mut app).expect("there");
    let root = *app.world().get::<Transform>(entity).expect("placed");
    assert!(root.translation.x < -0.8, "beside the player: {root:?}");
    // Between two steps nobody knows the very moment: the best of those around has to be very near.
    let clock_s = app.world().resource::<Match>().clock_s;
    let hand = rig.bones[B::LeftHand as usize].expect("a hand");
    let hips = rig.bones[B::Hips as usize].expect("hips");
    let at = |entity: Entity| app.world().get::<GlobalTransform>(entity).expect("a place").translation();
    let found = root.rotation.inverse() * (at(hand) - at(hips));
    let off_m = |time_s: f64| {
        let pose = dance.clip.sample_onto(time_s, &rig.rest).expect("a pose");
        let joints = joint_positions(&rig.rest, &pose);
        let joint = |bone: B| joints[bone as usize].expect("the avatar has it");
        (joint(B::LeftHand) - joint(B::Hips)).distance(found)
    };
    let nearest = (-3..=3).map(|step| off_m(clock_s + f64::from(step) / 120.0)).fold(f32::MAX, f32::min);
    assert!(nearest < 0.02, "{nearest} m");
    assert!(off_m(clock_s + 0.8) > 0.05, "the dance moves on");

    app.world_mut().write_message(livedance::app::game::round::LeaveMatch);
    for _ in 0..5 {
        app.update();
    }
    assert!(coach(&mut app).is_none(), "the coach goes with the match");
    while meshes(&app) > before {
        assert!(began.elapsed() < Duration::from_mins(1), "{} meshes more than before", meshes(&app) - before);
        app.update();
        std::thread::sleep(Duration::from_millis(1));
    }

    // Afterwards player and coach stand side by side, and the player's own avatar is out of the way.
    let usual = rest();
    let poses = (0..60).map(|frame| (f64::from(frame) / 30.0, AvatarPose::t_pose(&usual))).collect();
    let performed = Performed { rest: Some(usual), poses, judgements: Vec::new() };
    let track = dance.track(1.0).expect("a track");
    app.insert_resource(Performance { dance: Arc::new(dance), track, players: vec![performed] });
    app.world_mut().resource_mut::<NextState<GamePhase>>().set(GamePhase::Results);
    app.update();
    app.world_mut().write_message(ShowReplay { player: 0 });
    let figures = |app: &mut App| {
        let world = app.world_mut();
        let mut rigs = world.query_filtered::<(&Transform, &HumanoidRig), Without<Avatar>>();
        rigs.iter(world).map(|(at, rig)| (at.translation.x, rig.clone())).collect::<Vec<_>>()
    };
    while figures(&mut app).len() < 2 {
        assert!(began.elapsed() < Duration::from_mins(1), "the figures never came");
        app.update();
        std::thread::sleep(Duration::from_millis(1));
    }
    app.update();
    let figures = figures(&mut app);
    let (across_m, rig) = figures.iter().find(|(across_m, _)| *across_m > 0.0).expect("the player is on the right");
    assert!(figures.iter().any(|(across_m, _)| *across_m < 0.0), "the coach is on the left");
    let hand = app.world().get::<GlobalTransform>(rig.bones[B::LeftHand as usize].expect("a hand")).expect("a place");
    let shoulder_m = rig.rest.get(B::LeftHand).expect("a hand").position;
    assert!((hand.translation() - shoulder_m - Vec3::X * *across_m).length() < 0.02, "in the T-pose: {hand:?}");
    let world = app.world_mut();
    let mut avatars = world.query_filtered::<&Visibility, With<Avatar>>();
    assert!(avatars.iter(world).all(|shown| *shown == Visibility::Hidden));
}
