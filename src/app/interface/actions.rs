//! What the overlay asks for is carried out here: one system for each family of actions.

use std::path::PathBuf;

use bevy::prelude::*;
use bevy_egui::EguiPrimaryContextPass;

use super::choices::Choices;
use crate::app::avatar::AvatarReopened;
use crate::app::capture::Live;
use crate::app::dialogs::{self, Dialogs};
use crate::app::game::shell::GamesWanted;
use crate::app::notify::Notify;
use crate::app::overlay::{Action, TimelineAction};
use crate::app::player::{self, Player};
use crate::app::preferences::Preferences;
use crate::app::recording::Recording;
use crate::app::schedule::ScreenSystems;
use crate::app::source::SetSource;
use crate::app::tracking::{LatestTracked, Motion};
use crate::app::view::FramingWanted;
use crate::avatar_library as library;
use crate::settings::Framing;

/// Servers that are remembered.
const RECENT_REMOTES: usize = 6;

/// Somebody asked for this in the overlay.
#[derive(Message, Debug, Clone, PartialEq)]
pub(super) struct Asked(pub(super) Action);

/// Carries out what is asked for in the frame in which it is asked. Settings come first: what others write into them is
/// newer.
pub(super) fn plugin(app: &mut App) {
    app.add_message::<Asked>().add_systems(
        EguiPrimaryContextPass,
        (
            change_settings,
            choose_server,
            choose_avatar,
            steer_source,
            steer_recording,
            open_dialogs,
            find_cameras,
            save_data,
            record,
            move_view,
            open_games,
        )
            .chain()
            .in_set(ScreenSystems::Actions)
            .run_if(on_message::<Asked>),
    );
}

/// Which of the systems here carries an action out. Every action has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Settings,
    Server,
    Avatar,
    Source,
    Recording,
    Dialogs,
    Cameras,
    Data,
    Takes,
    View,
    Games,
}

const fn family(action: &Action) -> Family {
    match action {
        Action::SetSettings(_) => Family::Settings,
        Action::Connect { .. } | Action::Disconnect => Family::Server,
        Action::SetAvatar(_) | Action::WriteBoneMap | Action::Calibrate => Family::Avatar,
        Action::SetSource(_) | Action::SetPaused(_) | Action::Reopen => Family::Source,
        Action::OpenFile | Action::OpenAvatar | Action::Timeline(TimelineAction::Trim) => Family::Dialogs,
        Action::Timeline(_) => Family::Recording,
        Action::RefreshCameras => Family::Cameras,
        Action::SaveData => Family::Data,
        Action::ToggleRecording | Action::Takes(_) => Family::Takes,
        Action::ResetView | Action::Frame(_) => Family::View,
        Action::OpenGames => Family::Games,
    }
}

/// The actions of one family, in the order in which they were asked for.
fn of<'a>(asked: &'a mut MessageReader<'_, '_, Asked>, wanted: Family) -> impl Iterator<Item = &'a Action> {
    asked.read().map(|Asked(action)| action).filter(move |action| family(action) == wanted)
}

fn change_settings(mut asked: MessageReader<Asked>, mut preferences: ResMut<Preferences>) {
    for action in of(&mut asked, Family::Settings) {
        if let Action::SetSettings(settings) = action {
            preferences.settings.clone_from(settings);
        }
    }
}

/// Lets a server track, and remembers it; or this machine.
fn choose_server(mut asked: MessageReader<Asked>, mut live: ResMut<Live>, mut preferences: ResMut<Preferences>) {
    for action in of(&mut asked, Family::Server) {
        if let Action::Connect { url, token } = action {
            if let Some(token) = token {
                live.set_token(token);
            }
            let recent = &mut preferences.settings.recent_remotes;
            recent.retain(|known| known != url);
            recent.insert(0, url.clone());
            recent.truncate(RECENT_REMOTES);
            url.clone_into(&mut preferences.settings.remote);
        } else {
            preferences.settings.remote.clear();
        }
    }
}

fn choose_avatar(
    mut asked: MessageReader<Asked>,
    mut preferences: ResMut<Preferences>,
    motion: Res<Motion>,
    mut reopened: MessageWriter<AvatarReopened>,
    mut news: MessageWriter<Notify>,
) {
    for action in of(&mut asked, Family::Avatar) {
        match action {
            Action::SetAvatar(spec) => {
                spec.clone_into(&mut preferences.settings.avatar);
                reopened.write(AvatarReopened);
            }
            Action::WriteBoneMap => {
                let written = library::write_bone_map(&preferences.settings.avatar);
                let edit = |path: PathBuf| format!("Edit {}, then open the avatar again", path.display());
                news.write(Notify::outcome(written.map(edit)));
            }
            _ => motion.0.calibrate(),
        }
    }
}

fn steer_source(
    mut asked: MessageReader<Asked>,
    mut live: ResMut<Live>,
    mut player: ResMut<Player>,
    mut sources: MessageWriter<SetSource>,
) {
    for action in of(&mut asked, Family::Source) {
        match action {
            Action::SetSource(text) => {
                sources.write(SetSource(text.clone()));
            }
            Action::SetPaused(paused) => match player.get_mut() {
                Some(recording) => recording.set_playing(!paused),
                None => live.set_paused(*paused),
            },
            _ => live.reopen(),
        }
    }
}

fn steer_recording(mut asked: MessageReader<Asked>, mut player: ResMut<Player>, mut news: MessageWriter<Notify>) {
    for action in of(&mut asked, Family::Recording) {
        if let Action::Timeline(action) = action
            && let Err(text) = player::act(&mut player, *action)
        {
            news.write(Notify::info(text));
        }
    }
}

fn open_dialogs(mut asked: MessageReader<Asked>, mut dialogs: ResMut<Dialogs>, player: Res<Player>) {
    for action in of(&mut asked, Family::Dialogs) {
        match action {
            Action::OpenFile => dialogs.pick_file(),
            Action::OpenAvatar => dialogs.pick_avatar(),
            _ => dialogs.pick_trimmed(player.get()),
        }
    }
}

fn find_cameras(mut asked: MessageReader<Asked>, mut choices: ResMut<Choices>) {
    if of(&mut asked, Family::Cameras).count() > 0 {
        choices.find_cameras();
    }
}

fn save_data(mut asked: MessageReader<Asked>, latest: Res<LatestTracked>, mut news: MessageWriter<Notify>) {
    for _ in of(&mut asked, Family::Data) {
        let saved = dialogs::save_data(&latest).map(|path| format!("Saved {}", path.display()));
        news.write(Notify::outcome(saved));
    }
}

fn record(mut asked: MessageReader<Asked>, mut recording: ResMut<Recording>, preferences: Res<Preferences>) {
    for action in of(&mut asked, Family::Takes) {
        match action {
            Action::Takes(request) => recording.ask(request.clone(), &preferences),
            _ => recording.toggle(),
        }
    }
}

fn move_view(
    mut asked: MessageReader<Asked>,
    preferences: Res<Preferences>,
    mut framings: MessageWriter<FramingWanted>,
) {
    for action in of(&mut asked, Family::View) {
        framings.write(FramingWanted(match (action, preferences.settings.framing) {
            (Action::Frame(framing), _) => *framing,
            // From a view of the user's own there is a way back, too.
            (_, Framing::Free) => Framing::Full,
            (_, chosen) => chosen,
        }));
    }
}

fn open_games(mut asked: MessageReader<Asked>, mut games: MessageWriter<GamesWanted>) {
    for _ in of(&mut asked, Family::Games) {
        games.write(GamesWanted);
    }
}
