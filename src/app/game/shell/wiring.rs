//! The shell in the app: its model is filled here, and what it asks for is carried out here.

use std::time::{SystemTime, UNIX_EPOCH};

use bevy::input::gamepad::GamepadConnectionEvent;
use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};

use super::super::body::Loss;
use super::super::dance::{self, HideReplay, Performance, Preview, ReplayControl, ShowReplay};
use super::super::high_scores::{HighScore, HighScores};
use super::super::round::{COUNTDOWN_S, FinishMatch, LeaveMatch, Refusal};
use super::super::{
    Cue, GamePhase, GameView, Games, Hud, Match, MatchResult, PlayerInputs, Scoreboard, Sound, SoundsReady, StartMatch,
};
use super::model::{
    HandView, LoadingView, Missing, PLAYERS, PlayerView, ReplayChange, ReplayView, ResultsView, ShellAction,
    ShellModel, ShellState,
};
use super::pad::{self, Stick};
use super::pointer::Pointer;
use super::warm::{Warm, WarmPlugin};
use super::{samples, scene_rect, show};
use crate::app::avatar::AvatarState;
use crate::app::capture::Live;
use crate::app::interface::{self, Interface};
use crate::app::overlay::ToastKind;
use crate::app::preferences::Preferences;
use crate::app::tracking::{HoldLost, MirrorView, PeopleWanted};
use crate::app::view::{GameSight, Sight};
use crate::motion::player::{BodyPart, SURE};
use crate::pipeline::live::{InferenceState, SourceState};
use crate::settings::GameSettings;

/// Seconds that a caption is seen.
const CAPTION_S: f64 = 1.5;
/// Seconds that a notice is seen.
const NOTICE_S: f64 = 4.0;
/// Seconds that a whole body has to be seen before a match.
const CALIBRATED_S: f32 = 2.0;

/// Shows the games' screens over the scene. Needs [`super::super::GamesPlugin`] and the studio's own plugins.
pub struct ShellPlugin {
    /// How to begin; `None` for the studio.
    pub plan: Option<GamesPlan>,
}

/// How the games begin where the app is started with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GamesPlan {
    /// The game that is set up at once, by its name in code; `None` for the title.
    pub game: Option<String>,
    /// What is chosen of what it offers.
    pub choice: Option<String>,
    /// A screen with made-up contents, to look at: see [`samples::NAMES`].
    pub screen: Option<String>,
}

/// Somebody in the studio wants to play.
#[derive(Message, Debug, Clone, Copy)]
pub struct GamesWanted;

impl Plugin for ShellPlugin {
    fn build(&self, app: &mut App) {
        let mut shell = Shell { plan: self.plan.clone(), ..Shell::default() };
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
                    calibrate,
                    keep_results.run_if(resource_exists_and_changed::<MatchResult>),
                    follow_phase,
                )
                    .chain(),
            )
            .add_systems(EguiPrimaryContextPass, show_shell.after(interface::show_overlay));
    }
}

/// What the shell remembers beside its screens.
#[derive(Resource, Default)]
struct Shell {
    plan: Option<GamesPlan>,
    has_begun: bool,
    state: ShellState,
    pointer: Pointer,
    hand: Option<HandView>,
    stick: Stick,
    captions: Vec<(Sound, f64)>,
    notice: Option<(String, f64)>,
    /// Seconds that each player has been in view as a whole.
    held_s: [f32; PLAYERS],
    players: [PlayerView; PLAYERS],
    scores: HighScores,
    results: Option<ResultsView>,
    told: Option<String>,
}

impl Shell {
    fn load_scores(&mut self, preferences: &Preferences) {
        let Some(path) = &preferences.path else { return };
        match HighScores::load(&HighScores::path_beside(path)) {
            Ok(scores) => self.scores = scores,
            Err(error) => {
                warn!("{error}");
                self.told = Some(error.to_string());
            }
        }
    }

    fn notify(&mut self, now_s: f64, text: impl Into<String>) {
        self.notice = Some((text.into(), now_s + NOTICE_S));
    }
}

/// The games open, at the start or later.
fn open(
    mut wanted: MessageReader<GamesWanted>,
    mut shell: ResMut<Shell>,
    mut interface: ResMut<Interface>,
    phase: Res<State<GamePhase>>,
    mut next: ResMut<NextState<GamePhase>>,
) {
    let is_planned = !std::mem::replace(&mut shell.has_begun, true) && shell.plan.is_some();
    if let Some(text) = shell.told.take() {
        interface.state.notify(ToastKind::Error, text);
    }
    let is_asked = wanted.read().count() > 0;
    if (is_asked || is_planned) && *phase.get() == GamePhase::Off {
        next.set(GamePhase::Loading);
    }
}

/// What is waited for, in the order in which it is told, and how far it is.
fn loading(avatar: &AvatarState, live: &Live, warm: &Warm, sounds: Option<&SoundsReady>) -> (LoadingView, bool) {
    let parts = [
        ("the avatar", if *avatar == AvatarState::Loading { 0.0 } else { 1.0 }),
        ("the tracking", if live.status.inference == InferenceState::Loading { 0.0 } else { 1.0 }),
        // An app without sounds waits for none.
        ("the sounds", if sounds.is_some_and(|sounds| !sounds.0) { 0.0 } else { 1.0 }),
        ("the pictures", warm.share()),
    ];
    let share = parts.iter().map(|(_, share)| share).sum::<f32>() / parts.len() as f32;
    let missing = parts.iter().find(|(_, share)| *share < 1.0);
    let what = missing.map_or_else(String::new, |(what, _)| format!("Loading {what}"));
    (LoadingView { share, what }, missing.is_none())
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
        starts.write(start(game.id, choice, settings, count));
    }
}

fn start(game: &'static str, choice: String, settings: &GameSettings, players: usize) -> StartMatch {
    // Every match is another one.
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
    StartMatch { game, choice, difficulty: settings.difficulty, players, seed }
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
            let saved = danced.save(control.player).map(|path| format!("Saved {}", path.display()));
            return Some(saved.unwrap_or_else(|message| message));
        }
        ReplayChange::Open(_) | ReplayChange::Close => {}
    }
    None
}

fn show_shell(
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
    (mut leaves, mut finishes): (MessageWriter<LeaveMatch>, MessageWriter<FinishMatch>),
    (mut cues, mut interface): (MessageWriter<Cue>, ResMut<Interface>),
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
        notice: shell.notice.as_ref().map(|(text, _)| text.clone()).unwrap_or_default(),
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
    interface.state.scene_rect = scene_rect(ctx.content_rect(), phase);
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
                starts.write(start(game, choice, &model.settings, players));
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
                    starts.write(start(current.game, choice, &model.settings, current.players));
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
