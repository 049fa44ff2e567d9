//! Who goes out of view: the game waits for them.

use bevy::prelude::*;

use super::PlayerInputs;
use crate::app::game::cue::{Cue, Sound};
use crate::app::game::phase::GamePhase;
use crate::app::game::round::{COUNTDOWN_S, Match};

/// Seconds without a player after which the game pauses.
pub const LOST_PAUSE_S: f32 = 1.0;
/// Seconds that everybody has to be in view again before it goes on.
const BACK_S: f32 = 1.0;

/// Who is missed.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct Loss {
    /// Seconds that anybody who plays has been out of view.
    pub missing_s: f32,
    /// Seconds that everybody has been in view.
    pub present_s: f32,
    /// Whether the pause is because of it, so that it ends by itself.
    pub is_pause: bool,
    /// The first player who is missed, from 0.
    pub player: usize,
}

/// Pauses when somebody is gone for a second, and goes on, after a countdown, when everybody is back.
pub(super) fn watch(
    inputs: Res<PlayerInputs>,
    time: Res<Time<Virtual>>,
    current: Option<ResMut<Match>>,
    phase: Res<State<GamePhase>>,
    mut next: ResMut<NextState<GamePhase>>,
    mut loss: ResMut<Loss>,
    mut cues: MessageWriter<Cue>,
) {
    let Some(mut current) = current.filter(|_| phase.get().is_match()) else {
        loss.set_if_neq(Loss::default());
        return;
    };
    let step_s = time.delta_secs();
    let missing = inputs.players.iter().take(current.players).position(Option::is_none);
    if let Some(player) = missing {
        *loss = Loss { missing_s: loss.missing_s + step_s, present_s: 0.0, player, ..loss.clone() };
    } else {
        *loss = Loss { missing_s: 0.0, present_s: loss.present_s + step_s, ..loss.clone() };
    }
    match phase.get() {
        GamePhase::Playing if loss.missing_s >= LOST_PAUSE_S => {
            loss.is_pause = true;
            next.set(GamePhase::Paused);
            cues.write(Cue::of(Sound::Lost));
        }
        GamePhase::Paused if loss.is_pause && loss.present_s >= BACK_S => {
            loss.is_pause = false;
            current.wait_s = COUNTDOWN_S;
            next.set(GamePhase::Playing);
            cues.write(Cue::of(Sound::Resume));
        }
        GamePhase::Playing => loss.is_pause = false,
        _ => {}
    }
}
