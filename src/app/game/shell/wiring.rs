//! The shell in the app: from screen to screen, and what the studio has to do for each.

use bevy::input::gamepad::GamepadConnectionEvent;
use bevy::prelude::*;
use bevy_egui::EguiPrimaryContextPass;

use super::super::high_scores::{HighScore, HighScores};
use super::super::round::Refusal;
use super::super::{
    Cue, GamePhase, GameView, Games, Match, MatchResult, PlayerInputs, PrepareMatch, Sound, SoundsReady, StartMatch,
};
use super::memory::{GamesPlan, Shell, loading, start};
use super::model::{PLAYERS, PlayerView, ResultsView};
use super::warm::{Warm, WarmPlugin};
use super::{pad, samples, screen};
use crate::app::avatar::AvatarState;
use crate::app::capture::Live;
use crate::app::notify::Notify;
use crate::app::preferences::Preferences;
use crate::app::schedule::ScreenSystems;
use crate::app::tracking::{HoldLost, MirrorView, PeopleWanted};
use crate::app::view::{GameSight, Sight};
use crate::motion::player::{BodyPart, SURE};

/// Seconds that a caption is seen.
const CAPTION_S: f64 = 1.5;
/// Seconds that a whole body has to be seen before a match.
const CALIBRATED_S: f32 = 2.0;

/// Shows the games' screens over the scene. Needs [`super::super::GamesPlugin`] and the studio's own plugins.
pub struct ShellPlugin {
    /// How to begin; `None` for the studio.
    pub plan: Option<GamesPlan>,
}

/// Somebody in the studio wants to play.
#[derive(Message, Debug, Clone, Copy)]
pub struct GamesWanted;

impl Plugin for ShellPlugin {
    fn build(&self, app: &mut App) {
        let mut shell = Shell { plan: self.plan.clone(), ..Shell::default() };
        shell.state.difficulty = self.plan.as_ref().and_then(|plan| plan.difficulty);
        if let Some(preferences) = app.world().get_resource::<Preferences>() {
            shell.load_scores(preferences);
        }
        app.add_plugins(WarmPlugin)
            .insert_resource(shell)
            .add_message::<GamesWanted>()
            .add_systems(
                Update,
                (
                    open,
                    finish_loading.run_if(in_state(GamePhase::Loading)),
                    tell_refusal,
                    hear,
                    point,
                    announce,
                    calibrate,
                    keep_results.run_if(resource_exists_and_changed::<MatchResult>),
                    follow_phase,
                )
                    .chain(),
            )
            .add_systems(EguiPrimaryContextPass, screen::show_shell.in_set(ScreenSystems::Games));
    }
}

/// The games open, at the start or later.
fn open(
    mut wanted: MessageReader<GamesWanted>,
    mut shell: ResMut<Shell>,
    mut news: MessageWriter<Notify>,
    phase: Res<State<GamePhase>>,
    mut next: ResMut<NextState<GamePhase>>,
) {
    let is_planned = !std::mem::replace(&mut shell.has_begun, true) && shell.plan.is_some();
    if let Some(text) = shell.told.take() {
        news.write(Notify::error(text));
    }
    let is_asked = wanted.read().count() > 0;
    if (is_asked || is_planned) && *phase.get() == GamePhase::Off {
        next.set(GamePhase::Loading);
    }
}

fn finish_loading(
    avatar: Res<AvatarState>,
    live: Res<Live>,
    warm: Res<Warm>,
    sounds: Option<Res<SoundsReady>>,
    games: Res<Games>,
    mut shell: ResMut<Shell>,
    mut next: ResMut<NextState<GamePhase>>,
) {
    let plan = shell.plan.clone().unwrap_or_default();
    if !loading(&avatar, &live, &warm, sounds.as_deref()).1 || plan.screen.as_deref() == Some("loading") {
        return;
    }
    // Whoever comes back later begins at the title.
    shell.plan = shell.plan.take().filter(|plan| plan.screen.is_some());
    if let Some(place) = plan.game.and_then(|id| games.0.iter().position(|game| game.id == id)) {
        shell.state.game = place;
        let choices = &games.0[place].choices;
        shell.state.choice =
            plan.choice.and_then(|id| choices.iter().position(|choice| choice.id == id)).unwrap_or_default();
        next.set(GamePhase::Setup);
    } else {
        next.set(GamePhase::Title);
    }
    if let Some(phase) = plan.screen.as_deref().and_then(samples::phase) {
        next.set(phase);
    }
}

fn tell_refusal(refusal: Option<Res<Refusal>>, time: Res<Time<Real>>, mut shell: ResMut<Shell>) {
    if let Some(refusal) = refusal.filter(DetectChanges::is_added) {
        shell.notify(time.elapsed_secs_f64(), refusal.0.clone());
    }
}

/// What is heard is told in words, and what happens to gamepads.
fn hear(
    mut cues: MessageReader<Cue>,
    mut pads: MessageReader<GamepadConnectionEvent>,
    time: Res<Time<Real>>,
    mut shell: ResMut<Shell>,
) {
    let now_s = time.elapsed_secs_f64();
    shell.captions.retain(|(_, until_s)| *until_s > now_s);
    for cue in cues.read().filter(|cue| cue.sound.caption().is_some()) {
        shell.captions.retain(|(known, _)| *known != cue.sound);
        shell.captions.push((cue.sound, now_s + CAPTION_S));
    }
    // The newest ones: a line has an end.
    let surplus = shell.captions.len().saturating_sub(3);
    shell.captions.drain(..surplus);
    for event in pads.read() {
        let text = pad::told(event);
        shell.notify(now_s, text);
    }
    if shell.notice.as_ref().is_some_and(|(_, until_s)| *until_s <= now_s) {
        shell.notice = None;
    }
}

/// From where the players are seen on a screen.
fn view_of(phase: GamePhase, current: Option<&Match>, shell: &Shell, games: &Games) -> GameView {
    let chosen = match (current, phase) {
        (Some(current), _) => games.get(current.game),
        (None, GamePhase::Calibrate | GamePhase::Playing | GamePhase::Paused | GamePhase::Results) => {
            games.0.get(shell.state.game)
        }
        _ => None,
    };
    chosen.map_or(GameView::Mirror, |game| game.view)
}

/// Where the first player's hand points.
fn point(
    inputs: Res<PlayerInputs>,
    phase: Res<State<GamePhase>>,
    current: Option<Res<Match>>,
    games: Res<Games>,
    time: Res<Time<Real>>,
    mut shell: ResMut<Shell>,
) {
    if *phase.get() == GamePhase::Off {
        shell.hand = None;
        return;
    }
    let view = view_of(*phase.get(), current.as_deref(), &shell, &games);
    let right = if view == GameView::Behind { -1.0 } else { 1.0 };
    let body = inputs.players[0].as_ref().map(|input| &input.sample);
    shell.hand = shell.pointer.point(time.elapsed_secs_f64(), body, right);
}

/// What is chosen is read while players look at it and step into view.
fn announce(
    phase: Res<State<GamePhase>>,
    games: Res<Games>,
    mut shell: ResMut<Shell>,
    mut announced: MessageWriter<PrepareMatch>,
) {
    let chosen = match phase.get() {
        GamePhase::Setup | GamePhase::Calibrate => games.0.get(shell.state.game),
        // What is being played is in hand, and can be played again.
        GamePhase::Playing | GamePhase::Paused | GamePhase::Results => return,
        _ => None,
    };
    let chosen = chosen.map(|game| PrepareMatch { game: game.id, choice: shell.state.choice_id(game) });
    if shell.announced != chosen {
        announced.write_batch(chosen.clone());
        shell.announced = chosen;
    }
}

/// Who is in view, and for how long as a whole. When all of them are, the match begins.
fn calibrate(
    inputs: Res<PlayerInputs>,
    phase: Res<State<GamePhase>>,
    time: Res<Time<Real>>,
    preferences: Res<Preferences>,
    games: Res<Games>,
    cameras: Query<(&Camera, &GlobalTransform), With<Camera3d>>,
    mut shell: ResMut<Shell>,
    mut starts: MessageWriter<StartMatch>,
    mut cues: MessageWriter<Cue>,
) {
    if *phase.get() == GamePhase::Off {
        return;
    }
    let is_calibrating = *phase.get() == GamePhase::Calibrate;
    let camera = cameras.iter().next();
    let across = |at: Vec3| {
        let (camera, transform) = camera?;
        let size = camera.logical_viewport_size()?;
        Some(camera.world_to_viewport(transform, at).ok()?.x / size.x).filter(|share| share.is_finite())
    };
    for (player, input) in inputs.players.iter().enumerate() {
        let before = shell.players[player];
        let seen = input.as_ref().map_or([false; 5], |input| {
            use BodyPart as P;
            [P::Head, P::LeftHand, P::RightHand, P::LeftFoot, P::RightFoot]
                .map(|part| input.sample.confidences[part as usize] >= SURE)
        });
        let is_whole = seen == [true; 5];
        let step_s = time.delta_secs().min(0.1);
        let held_s = &mut shell.held_s[player];
        // A flickering foot costs a little, not everything.
        *held_s = if !is_calibrating {
            0.0
        } else if is_whole {
            (*held_s + step_s).min(CALIBRATED_S)
        } else {
            (*held_s - 2.0 * step_s).max(0.0)
        };
        let held = *held_s / CALIBRATED_S;
        if held >= 1.0 && before.held < 1.0 {
            cues.write(Cue::of(Sound::Good));
        }
        let across = input.as_ref().and_then(|input| across(input.sample.at(BodyPart::Hips)));
        shell.players[player] = PlayerView { seen, held, across };
    }
    let Some(game) = games.0.get(shell.state.game) else { return };
    let settings = &preferences.settings.games;
    let count = (settings.players as usize).clamp(1, game.max_players.clamp(1, PLAYERS));
    let is_sample = shell.plan.as_ref().is_some_and(|plan| plan.screen.is_some());
    if is_calibrating && !is_sample && shell.players[..count].iter().all(|player| player.held >= 1.0) {
        let choice = shell.state.choice_id(game);
        starts.write(start(game.id, choice, shell.state.difficulty(game, settings), count));
    }
}

/// A match that was played to its end goes into the table of the best.
fn keep_results(
    result: Res<MatchResult>,
    preferences: Res<Preferences>,
    time: Res<Time<Real>>,
    mut shell: ResMut<Shell>,
    mut cues: MessageWriter<Cue>,
) {
    let (game, choice, difficulty) = (result.game, result.choice.as_str(), result.difficulty);
    let date = chrono::Local::now().format("%Y-%m-%d").to_string();
    let best = shell.scores.of(game, choice, difficulty).first().map(|score| score.points);
    let names: Vec<HighScore> = (result.players.iter().enumerate())
        .map(|(player, one)| HighScore {
            name: format!("Player {}", player + 1),
            points: one.points,
            stars: one.stars.min(5),
            date: date.clone(),
        })
        .collect();
    let mut is_kept = false;
    for score in &names {
        is_kept |= shell.scores.add(game, choice, difficulty, score.clone()).is_some();
    }
    // A later one may have moved an earlier one down.
    let table = shell.scores.of(game, choice, difficulty).to_vec();
    let mut new = Vec::new();
    for score in &names {
        let found = table.iter().enumerate().rev().find(|(place, known)| *known == score && !new.contains(place));
        new.extend(found.map(|(place, _)| place));
    }
    if new.contains(&0) && best.is_some() {
        cues.write(Cue::of(Sound::HighScore));
    }
    if let (true, Some(path)) = (is_kept, &preferences.path)
        && let Err(error) = shell.scores.save(&HighScores::path_beside(path))
    {
        warn!("{error}");
        shell.notify(time.elapsed_secs_f64(), error.to_string());
    }
    shell.results = Some(ResultsView { result: result.clone(), table, new });
}

/// Camera, mirror, number of people: as the screen needs them, and as they were when the games are left.
fn follow_phase(
    phase: Res<State<GamePhase>>,
    current: Option<Res<Match>>,
    games: Res<Games>,
    shell: Res<Shell>,
    preferences: Res<Preferences>,
    mut sight: ResMut<GameSight>,
    mut mirror: ResMut<MirrorView>,
    mut hold: ResMut<HoldLost>,
    mut people: ResMut<PeopleWanted>,
) {
    let phase = *phase.get();
    if phase == GamePhase::Off {
        sight.set_if_neq(GameSight(None));
        mirror.set_if_neq(MirrorView(None));
        hold.set_if_neq(HoldLost(false));
        people.set_if_neq(PeopleWanted(None));
        return;
    }
    let settings = &preferences.settings.games;
    let view = view_of(phase, current.as_deref(), &shell, &games);
    let players = current.as_ref().map_or(settings.players as usize, |current| current.players);
    sight.set_if_neq(GameSight(Some(Sight { view, cuts: settings.reduced_motion })));
    mirror.set_if_neq(MirrorView(Some(view == GameView::Mirror)));
    hold.set_if_neq(HoldLost(current.is_some()));
    people.set_if_neq(PeopleWanted(Some(players.clamp(1, PLAYERS))));
}
