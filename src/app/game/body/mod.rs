//! Players' bodies: what games read, and what strikes in the physics.
//!
//! - [`PlayerBody`]: one player as games see them. Filled from [`PlayerInputs`], which `player_body` fills from the avatars,
//!   or a script, or a test.
//! - `limbs`: kinematic bodies that go where the limbs go, with the limbs' own speed.
//! - [`Struck`]: a limb has met a thing. `loss`: who goes out of view.

mod limbs;
mod loss;
mod strike;

use std::sync::Arc;

use bevy::prelude::*;

use super::phase::GamePhase;
use crate::app::schedule::GameSystems;
use crate::motion::BodyPose;
use crate::motion::player::{BodyPart, BodySample, BodyTrack, Gestures, PART_COUNT, PartMotion, SURE};
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::{HumanoidBone, RestSkeleton};
use crate::settings::MAX_PLAYERS;

pub use limbs::LimbOf;
pub use loss::{LOST_PAUSE_S, Loss};
pub use strike::Struck;

/// A player without a sample for so many seconds is not seen: a frame may come late.
const LOST_AFTER_S: f64 = 0.15;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<PlayerInputs>()
        .init_resource::<loss::Loss>()
        .add_message::<Struck>()
        .add_systems(RunFixedMainLoop, (take_inputs, loss::watch).chain().in_set(GameSystems::Watch))
        .add_systems(
            FixedUpdate,
            (
                (move_players, limbs::spawn, limbs::follow).chain().in_set(GameSystems::Bodies),
                strike::strike.in_set(GameSystems::Strikes),
            ),
        )
        .add_systems(OnEnter(GamePhase::Off), remove_players);
}

/// What is known of one player in this frame.
#[derive(Debug, Clone)]
pub struct PlayerInput {
    /// Where the parts are, in the scene.
    pub sample: BodySample,
    /// The pose that is shown.
    pub pose: AvatarPose,
    /// The T-pose of the avatar that shows it.
    pub rest: Arc<RestSkeleton>,
    /// The person as tracked, smoothed, unmirrored; `None` for poses that come from elsewhere.
    pub person: Option<Arc<BodyPose>>,
    /// When the camera saw that person, on the capture clock, seconds.
    pub person_s: f64,
    /// How old the pose is that is shown: seconds from the moment that the camera saw it.
    pub latency_s: f32,
}

/// This frame's players; `None` for who is not seen. What fills it comes before [`GameSystems::Watch`] takes it.
#[derive(Resource, Debug, Clone)]
pub struct PlayerInputs {
    /// By player.
    pub players: [Option<PlayerInput>; MAX_PLAYERS as usize],
    /// Whether poses show their players as in a mirror, so that a pose's left is the player's right.
    pub is_mirrored: bool,
}

impl Default for PlayerInputs {
    /// Nobody, as in a mirror.
    fn default() -> Self {
        Self { players: std::array::from_fn(|_| None), is_mirrored: true }
    }
}

/// One player's body as games see it: metres, metres a second, in the scene. It is moved once a step, before the physics.
#[derive(Component, Debug, Clone)]
pub struct PlayerBody {
    /// The player's number, from 0.
    pub player: usize,
    /// By [`BodyPart`].
    pub parts: [PartMotion; PART_COUNT],
    /// What the posture says.
    pub gestures: Gestures,
    /// The newest pose that is shown, and the T-pose that it turns.
    pub pose: AvatarPose,
    /// The T-pose of the avatar.
    pub rest: Arc<RestSkeleton>,
    /// The person as tracked, of the newest frame.
    pub person: Option<Arc<BodyPose>>,
    /// When the camera saw that person, on the capture clock, seconds. It rises with each new frame.
    pub person_s: f64,
    /// How old the newest pose is, seconds.
    pub latency_s: f32,
    /// Whether the pose shows the player as in a mirror, so that its left is the player's right.
    pub is_mirrored: bool,
    /// Since when nobody is seen in this player's place, seconds; 0 while somebody is.
    pub lost_s: f32,
}

impl PlayerBody {
    /// Where a part is.
    #[must_use]
    pub const fn position(&self, part: BodyPart) -> Vec3 {
        self.parts[part as usize].position
    }

    /// How it moves.
    #[must_use]
    pub const fn velocity(&self, part: BodyPart) -> Vec3 {
        self.parts[part as usize].velocity
    }

    /// Whether it is surely there.
    #[must_use]
    pub fn is_sure(&self, part: BodyPart) -> bool {
        self.lost_s <= 0.0 && self.parts[part as usize].confidence >= SURE
    }

    /// Height of the hips when the body stands, metres.
    #[must_use]
    pub fn hips_at_rest_m(&self) -> f32 {
        rest_height(&self.rest, HumanoidBone::Hips, 0.95)
    }

    /// How far above the floor the hands reach, metres: the height of the shoulders and the length of an arm.
    #[must_use]
    pub fn reach_m(&self) -> f32 {
        let arm = self.position(BodyPart::LeftShoulder).distance(self.position(BodyPart::LeftElbow))
            + self.position(BodyPart::LeftElbow).distance(self.position(BodyPart::LeftHand));
        rest_height(&self.rest, HumanoidBone::LeftUpperArm, 1.4) + arm
    }
}

fn rest_height(rest: &RestSkeleton, bone: HumanoidBone, usual: f32) -> f32 {
    rest.get(bone).map_or(usual, |bone| bone.position.y)
}

/// The samples of one player, on the virtual clock.
#[derive(Component, Debug)]
struct Track {
    samples: BodyTrack,
    newest: PlayerInput,
    seen_s: f64,
}

impl PlayerBody {
    fn new(player: usize, input: &PlayerInput, is_mirrored: bool) -> Self {
        Self {
            player,
            parts: std::array::from_fn(|part| PartMotion {
                position: input.sample.positions[part],
                velocity: Vec3::ZERO,
                confidence: input.sample.confidences[part],
            }),
            gestures: Gestures::default(),
            pose: input.pose,
            rest: input.rest.clone(),
            person: input.person.clone(),
            person_s: input.person_s,
            latency_s: input.latency_s,
            is_mirrored,
            lost_s: 0.0,
        }
    }
}

/// Puts this frame's samples on their tracks; who is new gets a body.
fn take_inputs(
    mut commands: Commands,
    inputs: Res<PlayerInputs>,
    time: Res<Time<Virtual>>,
    mut players: Query<(Entity, &PlayerBody, &mut Track)>,
) {
    let now_s = time.elapsed_secs_f64();
    for (player, input) in inputs.players.iter().enumerate() {
        let Some(input) = input else { continue };
        let own = players.iter_mut().find(|(_, body, _)| body.player == player);
        match own {
            Some((_, body, mut track)) if Arc::ptr_eq(&body.rest, &input.rest) || body.rest == input.rest => {
                track.samples.push(now_s, input.sample);
                (track.newest, track.seen_s) = (input.clone(), now_s);
            }
            other => {
                // Another avatar has other limbs.
                if let Some((entity, ..)) = other {
                    commands.entity(entity).despawn();
                }
                let mut samples = BodyTrack::default();
                samples.push(now_s, input.sample);
                let track = Track { samples, newest: input.clone(), seen_s: now_s };
                commands.spawn((Name::new("Player"), PlayerBody::new(player, input, inputs.is_mirrored), track));
            }
        }
    }
}

/// Bodies as they are at this step: between the frames around it, so that several steps in one frame see no jump.
fn move_players(time: Res<Time<Fixed>>, inputs: Res<PlayerInputs>, mut players: Query<(&mut PlayerBody, &Track)>) {
    let now_s = time.elapsed_secs_f64();
    for (mut body, track) in &mut players {
        if let Some(parts) = track.samples.at(now_s) {
            body.parts = parts;
        }
        let newest = &track.newest;
        (body.pose, body.latency_s, body.person_s) = (newest.pose, newest.latency_s, newest.person_s);
        body.person.clone_from(&newest.person);
        body.is_mirrored = inputs.is_mirrored;
        body.lost_s = if now_s - track.seen_s > LOST_AFTER_S { (now_s - track.seen_s) as f32 } else { 0.0 };
        let foot = rest_height(&body.rest, HumanoidBone::LeftFoot, 0.1);
        body.gestures = Gestures::read(&body.parts, body.hips_at_rest_m(), foot);
    }
}

fn remove_players(mut commands: Commands, players: Query<Entity, With<PlayerBody>>) {
    for player in &players {
        commands.entity(player).despawn();
    }
}
