//! Players as the avatars show them.

use std::sync::Arc;
use std::time::Instant;

use bevy::prelude::*;

use super::{PlayerInput, PlayerInputs};
use crate::app::avatar::{Animator, Avatar, HumanoidRig, ShownPose, Standing};
use crate::app::preferences::Preferences;
use crate::app::tracking::{LatestTracked, MirrorView};
use crate::motion::player::{BodySample, confidences};
use crate::motion::skeleton::RestSkeleton;

/// Fills this frame's players from the avatars, if there are any: the avatar of number n is player n.
pub(super) fn read_avatars(
    avatars: Query<(&Avatar, &Animator, &HumanoidRig, &ShownPose, &Standing)>,
    latest: Option<Res<LatestTracked>>,
    preferences: Option<Res<Preferences>>,
    view: Option<Res<MirrorView>>,
    mut inputs: ResMut<PlayerInputs>,
    mut rests: Local<[Option<Arc<RestSkeleton>>; crate::settings::MAX_PLAYERS as usize]>,
) {
    let Some(latest) = latest.filter(|_| !avatars.is_empty()) else { return };
    let mirror = preferences.is_some_and(|preferences| preferences.settings.mirror);
    let mirror = view.and_then(|view| view.0).unwrap_or(mirror);
    inputs.players = std::array::from_fn(|_| None);
    let age_s = latest
        .frame
        .as_ref()
        .map_or(0.0, |frame| Instant::now().saturating_duration_since(frame.captured_at).as_secs_f32());
    let person_s = latest.frame.as_ref().map_or(0.0, |frame| frame.time_s);
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
            person_s,
            latency_s: age_s,
        });
    }
}
