//! Dance: copy a coach who dances to music, and be scored on every beat.
//!
//! Dances come from [`crate::dance_library`], scores from [`crate::motion::dance`]. Here the song keeps the time, players' poses go
//! to their scorers with the time at which they were danced, and what the scorers say is shown.
//!
//! - `play`: the rules. [`song`]: what plays and where it is; what makes sound reads [`Song`] and writes [`SongClock`].
//! - `shelf`: the dance that comes next, read aside. [`preview`]: pictures of the next moves, as [`stick_figure`]s.
//! - [`replay`]: what was danced, for afterwards. Who shows the dance in the scene is the business of `coach`, beside this.

mod play;
pub mod preview;
pub mod replay;
mod shelf;
pub mod song;
pub mod stick_figure;
mod words;

use bevy::prelude::*;

use super::{
    Choice, GameApp, GameEnd, GameInfo, GamePhase, GamePrepare, GameStart, GameStep, GameView, Games, game_is, round,
};
use crate::dance_library::{self, DanceList};

pub use play::{BeatRing, Dancing};
pub use preview::{Preview, UpcomingFigure};
pub use replay::{HideReplay, Performance, Performed, ReplayControl, ShowReplay};
pub use song::{BeatPhase, Song, SongClock};
pub use stick_figure::StickFigure;

/// The game's name in code.
pub const ID: &str = "dance";

/// The dances that can be chosen, and what is wrong with the others.
#[derive(Resource, Debug, Clone, Default)]
pub struct Dances(pub DanceList);

/// A dance was made or removed: the list is read again.
#[derive(Message, Debug, Clone, Copy, Default)]
pub struct DancesChanged;

/// Adds the game.
pub(super) fn plugin(app: &mut App) {
    let dances = Dances(dance_library::list());
    for problem in &dances.0.problems {
        warn!("{problem}");
    }
    app.add_game(GameInfo {
        id: ID,
        title: "Dance",
        tagline: "Follow the coach, hit every beat.",
        how_to: &[
            "Copy the coach as in a mirror.",
            "Be in the pose on the beat: the floor pulses with it.",
            "Moving counts: standing still scores nothing.",
        ],
        max_players: 4,
        view: GameView::Mirror,
        music: None,
        choices: choices(&dances.0),
    })
    .insert_resource(dances)
    .init_resource::<SongClock>()
    .init_resource::<BeatPhase>()
    .init_resource::<Preview>()
    .init_resource::<shelf::Shelf>()
    .add_message::<DancesChanged>()
    .add_systems(PreUpdate, shelf::fetch.before(round::begin))
    .add_systems(GamePrepare, shelf::fetch_at_once.run_if(game_is(ID)))
    .add_systems(GameStart, play::begin.run_if(game_is(ID)))
    .add_systems(
        GameStep,
        (play::keep_time, play::follow, play::tell, preview::look_ahead, play::finish).chain().run_if(game_is(ID)),
    )
    .add_systems(GameEnd, (play::end, preview::forget).run_if(game_is(ID)))
    .add_systems(Update, (play::keep_song.run_if(resource_exists::<Song>), read_again))
    .add_plugins(replay::plugin);
}

fn choices(list: &DanceList) -> Vec<Choice> {
    let choice = |dance: &dance_library::DanceEntry| Choice {
        id: dance.id.clone(),
        title: dance.file.title.clone(),
        note: dance.note(),
        difficulty: Some(dance.file.difficulty),
    };
    list.dances.iter().map(choice).collect()
}

/// Reads the list again when it is asked for, and whenever somebody is about to choose.
fn read_again(
    mut changed: MessageReader<DancesChanged>,
    phase: Res<State<GamePhase>>,
    mut dances: ResMut<Dances>,
    mut games: ResMut<Games>,
) {
    let is_entered = phase.is_changed() && *phase.get() == GamePhase::Choose;
    if changed.read().last().is_none() && !is_entered {
        return;
    }
    let list = dance_library::list();
    if list == dances.0 {
        return;
    }
    for problem in list.problems.iter().filter(|problem| !dances.0.problems.contains(problem)) {
        warn!("{problem}");
    }
    if let Some(game) = games.0.iter_mut().find(|game| game.id == ID) {
        game.choices = choices(&list);
    }
    dances.0 = list;
}
