//! Players as the avatars show them: the one place where what the studio tracks and shows becomes what games read.

use std::sync::Arc;
use std::time::Instant;

use bevy::prelude::*;

use super::avatar::{Animator, Avatar, HumanoidRig, ShownPose, Standing};
use super::game::{PlayerInput, PlayerInputs};
use super::preferences::Preferences;
use super::schedule::GameSystems;
use super::tracking::{LatestTracked, MirrorView, Playout};
use crate::motion::player::{BodySample, confidences};
use crate::motion::skeleton::RestSkeleton;
use crate::settings::MAX_PLAYERS;

/// Makes players of the avatars. Needs the studio and the games; without it, whoever plays fills [`PlayerInputs`].
pub struct PlayersPlugin;

impl Plugin for PlayersPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(RunFixedMainLoop, read_avatars.in_set(GameSystems::Players));
    }
}

/// Fills this frame's players from the avatars, if there are any: the avatar of number n is player n.
fn read_avatars(
    avatars: Query<(&Avatar, &Animator, &HumanoidRig, &ShownPose, &Standing)>,
    latest: Res<LatestTracked>,
    playout: Res<Playout>,
    preferences: Res<Preferences>,
    view: Res<MirrorView>,
    mut inputs: ResMut<PlayerInputs>,
    mut rests: Local<[Option<Arc<RestSkeleton>>; MAX_PLAYERS as usize]>,
) {
    if avatars.is_empty() {
        return;
    }
    let mirror = view.0.unwrap_or(preferences.settings.mirror);
    *inputs = PlayerInputs { is_mirrored: mirror, ..PlayerInputs::default() };
    let Some(frame) = &latest.frame else { return };
    // What is shown lies a little behind the newest frame, which itself was seen a while ago.
    let age_s = Instant::now().saturating_duration_since(frame.captured_at).as_secs_f64();
    let behind_s = playout.display_time_s.map_or(0.0, |shown_s| frame.time_s - shown_s);
    for (avatar, animator, rig, shown, standing) in &avatars {
        let (Some(place), Some(rest)) = (inputs.players.get_mut(avatar.number), rests.get_mut(avatar.number)) else {
            continue;
        };
        let person = animator.0.following().and_then(|id| latest.people.iter().find(|person| person.id == id));
        let Some(person) = person else { continue };
        let rest = match rest {
            Some(known) if **known == rig.rest => known.clone(),
            other => other.insert(Arc::new(rig.rest.clone())).clone(),
        };
        let sure = confidences(&person.world, mirror);
        let Some(sample) = BodySample::of_pose(&rest, &shown.0, standing.across_m, sure) else { continue };
        *place = Some(PlayerInput {
            sample,
            pose: shown.0,
            rest,
            person: Some(Arc::new(person.clone())),
            person_s: frame.time_s,
            latency_s: (age_s + behind_s).max(0.0) as f32,
        });
    }
}
