//! The screen that is shown: its model is filled here, and what is asked for on it is carried out here.

use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;
use bevy_egui::EguiContexts;

use super::super::body::Loss;
use super::super::dance::{self, HideReplay, Performance, Preview, ReplayControl, ShowReplay};
use super::super::round::{COUNTDOWN_S, FinishMatch, LeaveMatch, Waiting};
use super::super::{Cue, GamePhase, Games, Hud, Match, Scoreboard, SoundsReady, StartMatch};
use super::memory::{Shell, loading, start};
use super::model::{Missing, ReplayChange, ReplayView, ShellAction, ShellModel};
use super::warm::Warm;
use super::{pad, samples, scene_rect, show};
use crate::app::avatar::AvatarState;
use crate::app::capture::Live;
use crate::app::preferences::Preferences;
use crate::app::view::FreeView;
use crate::formats::take::file_stem;
use crate::paths::data_folder;
use crate::pipeline::live::{InferenceState, SourceState};

/// What is wrong with where pictures come from; empty for nothing.
fn problem(live: &Live) -> String {
    match (&live.status.source, &live.status.inference) {
        (SourceState::Failed { message } | SourceState::Waiting { message }, _)
        | (_, InferenceState::Failed { message }) => message.clone(),
        _ => String::new(),
    }
}

fn replay_view(control: &ReplayControl, danced: &Performance) -> ReplayView {
    ReplayView {
        player: control.player,
        is_playing: control.is_playing,
        time_s: control.time_s,
        duration_s: control.duration_s,
        speed: control.speed,
        verdict: danced.judgement(control.player, control.time_s).map(|(words, _)| words.to_owned()),
        misses_s: danced.misses_s(control.player),
    }
}

/// Changes a replay; gives what is to be told of it.
fn change_replay(control: &mut ReplayControl, danced: &Performance, change: ReplayChange) -> Option<String> {
    match change {
        ReplayChange::Play(is_playing) => {
            // From its end it plays again.
            if is_playing && control.time_s >= control.duration_s {
                control.time_s = 0.0;
            }
            control.is_playing = is_playing;
        }
        ReplayChange::Seek(time_s) => control.time_s = time_s.clamp(0.0, control.duration_s),
        ReplayChange::Speed(speed) => control.speed = speed,
        ReplayChange::Save => {
            let unix_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let saved = danced.save_in(&data_folder("performances"), control.player, &file_stem(unix_s));
            let saved = saved.map(|path| format!("Saved {}", path.display()));
            return Some(saved.unwrap_or_else(|message| message));
        }
        ReplayChange::Open(_) | ReplayChange::Close => {}
    }
    None
}

/// Shows the screen of the phase and carries out what is asked for on it.
pub(super) fn show_shell(
    mut contexts: EguiContexts,
    mut shell: ResMut<Shell>,
    mut preferences: ResMut<Preferences>,
    phase: Res<State<GamePhase>>,
    mut next: ResMut<NextState<GamePhase>>,
    games: Res<Games>,
    mut current: Option<ResMut<Match>>,
    (hud, board, loss): (Res<Hud>, Res<Scoreboard>, Res<Loss>),
    (avatar, live, warm, sounds): (Res<AvatarState>, Res<Live>, Res<Warm>, Option<Res<SoundsReady>>),
    time: Res<Time<Real>>,
    pads: Query<&Gamepad>,
    mut starts: MessageWriter<StartMatch>,
    (mut leaves, mut finishes, waiting): (MessageWriter<LeaveMatch>, MessageWriter<FinishMatch>, Res<Waiting>),
    (mut cues, mut free): (MessageWriter<Cue>, ResMut<FreeView>),
    (preview, performance, mut replay): (Option<Res<Preview>>, Option<Res<Performance>>, Option<ResMut<ReplayControl>>),
    (mut opens, mut closes): (MessageWriter<ShowReplay>, MessageWriter<HideReplay>),
) -> Result {
    let phase = *phase.get();
    let Shell { state, stick, .. } = &mut *shell;
    if phase == GamePhase::Off {
        state.leave();
        return Ok(());
    }
    let pad = pad::read(&pads, stick, time.delta_secs());
    let (is_missing, waits) = (loss.missing_s > 0.3, loss.is_pause);
    let mut model = ShellModel {
        phase,
        settings: preferences.settings.games,
        games: games.0.clone(),
        scores: shell.scores.clone(),
        loading: loading(&avatar, &live, &warm, sounds.as_deref()).0,
        players: shell.players,
        hand: shell.hand,
        pad,
        current: current.as_deref().cloned(),
        hud: hud.clone(),
        board: board.clone(),
        missing: (is_missing || waits).then_some(Missing { player: loss.player, waits }),
        results: shell.results.clone(),
        can_replay: performance.as_ref().is_some_and(|danced| {
            shell.results.as_ref().is_some_and(|view| view.result.game == dance::ID && !danced.players.is_empty())
        }),
        replay: replay.as_deref().zip(performance.as_deref()).map(|(control, danced)| replay_view(control, danced)),
        preview: preview.map(|preview| preview.clone()).unwrap_or_default(),
        captions: shell.captions.iter().filter_map(|(sound, _)| sound.caption()).collect(),
        notice: match &shell.notice {
            _ if waiting.is_some() => "Loading what is played".to_owned(),
            Some((text, _)) => text.clone(),
            None => String::new(),
        },
        problem: problem(&live),
        creates: "",
    };
    let sample = shell.plan.as_ref().and_then(|plan| plan.screen.clone());
    if let Some(name) = &sample {
        samples::fill(name, &mut model, &mut shell.state);
    }
    let ctx = contexts.ctx_mut()?;
    let actions = show(ctx, &model, &mut shell.state);
    // The avatar stands in the middle of this.
    free.set_if_neq(FreeView::from_egui(scene_rect(ctx.content_rect(), phase)));
    for action in actions {
        if sample.is_some() && !matches!(action, ShellAction::Hear(_) | ShellAction::Set(_)) {
            // A screen to look at becomes an ordinary one as soon as somebody uses it.
            shell.plan = None;
        }
        match action {
            ShellAction::Go(phase) => next.set(phase),
            ShellAction::Replay(ReplayChange::Open(player)) => {
                opens.write(ShowReplay { player });
            }
            ShellAction::Replay(ReplayChange::Close) => {
                closes.write(HideReplay);
            }
            ShellAction::Replay(change) => {
                let Some((control, danced)) = replay.as_deref_mut().zip(performance.as_deref()) else { continue };
                if let Some(words) = change_replay(control, danced, change) {
                    shell.notify(time.elapsed_secs_f64(), words);
                }
            }
            ShellAction::Start { game, choice } => {
                let players = model.players(&shell.state);
                let of_game = model.games.iter().find(|known| known.id == game);
                let difficulty = of_game.map(|of_game| shell.state.difficulty(of_game, &model.settings));
                starts.write(start(game, choice, difficulty.unwrap_or_default(), players));
            }
            ShellAction::Set(settings) => preferences.settings.games = settings,
            ShellAction::Pause => next.set(GamePhase::Paused),
            ShellAction::Resume => {
                if let Some(current) = &mut current {
                    current.wait_s = COUNTDOWN_S;
                    next.set(GamePhase::Playing);
                } else {
                    next.set(GamePhase::Choose);
                }
            }
            ShellAction::Restart => {
                if let Some(current) = &current {
                    let choice = current.choice.clone();
                    starts.write(start(current.game, choice, current.difficulty, current.players));
                }
            }
            ShellAction::Finish => {
                finishes.write(FinishMatch);
            }
            ShellAction::Leave => {
                leaves.write(LeaveMatch);
            }
            ShellAction::Hear(sound) => {
                cues.write(Cue::of(sound));
            }
        }
    }
    Ok(())
}
