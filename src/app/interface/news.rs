//! What others have to tell: it is made a message, and every message is shown.

use bevy::prelude::*;

use super::Interface;
use super::choices::Choices;
use crate::app::avatar::{AvatarRefused, AvatarShown, AvatarState};
use crate::app::notify::Notify;
use crate::app::player::Player;
use crate::app::preferences::Preferences;
use crate::app::vmc::VmcOutput;
use crate::avatar_library as library;

/// Avatar files that are remembered.
const RECENT_AVATARS: usize = 6;

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Notify>().add_systems(
        Update,
        (tell_cut_take, tell_avatar_failure, tell_stream_failure, follow_avatar, show_news).chain(),
    );
}

/// Messages go to the screen. Here and not where it is drawn, so that none is lost while there is no window to draw in.
fn show_news(mut news: MessageReader<Notify>, mut interface: ResMut<Interface>) {
    for Notify { kind, text } in news.read() {
        interface.state.notify(*kind, text.as_str());
    }
}

fn tell_avatar_failure(avatar: Res<AvatarState>, mut news: MessageWriter<Notify>) {
    if let (true, AvatarState::Failed { message }) = (avatar.is_changed(), &*avatar) {
        news.write(Notify::error(message.as_str()));
    }
}

/// Once for each thing that goes wrong; the settings go on saying it.
fn tell_stream_failure(output: Res<VmcOutput>, mut told: Local<Option<String>>, mut news: MessageWriter<Notify>) {
    let failure = output.status().err();
    if *told != failure {
        if let Some(message) = &failure {
            news.write(Notify::error(message.as_str()));
        }
        *told = failure;
    }
}

/// A take that was cut off plays; that it is not whole is told once.
fn tell_cut_take(mut player: ResMut<Player>, mut news: MessageWriter<Notify>) {
    let player = player.bypass_change_detection();
    if let Some(warning) = player.get_mut().and_then(crate::pipeline::take_player::TakePlayer::take_warning) {
        news.write(Notify::info(warning));
    }
}

/// Says why an avatar was refused, remembers one that was shown, and lists those that can be chosen.
fn follow_avatar(
    mut refused: MessageReader<AvatarRefused>,
    mut shown: MessageReader<AvatarShown>,
    mut choices: ResMut<Choices>,
    mut preferences: ResMut<Preferences>,
    mut news: MessageWriter<Notify>,
    mut has_chosen: Local<bool>,
) {
    let mut is_new = choices.avatars.is_empty();
    for AvatarRefused { kept, message } in refused.read() {
        news.write(Notify::error(message.as_str()));
        preferences.fall_back_to(kept);
        is_new = true;
    }
    for AvatarShown { spec } in shown.read() {
        // What the app began with was named elsewhere: it is listed, not remembered, until it is chosen after another.
        *has_chosen |= spec != preferences.first_avatar();
        if library::is_bundled(spec) {
            continue;
        }
        if *has_chosen && preferences.settings.recent_avatars.first() != Some(spec) {
            let recent = &mut preferences.settings.recent_avatars;
            recent.retain(|known| known != spec);
            recent.insert(0, spec.clone());
            recent.truncate(RECENT_AVATARS);
        }
        is_new = true;
    }
    if is_new {
        choices.list_avatars(preferences.first_avatar(), &preferences.settings.recent_avatars);
    }
}
