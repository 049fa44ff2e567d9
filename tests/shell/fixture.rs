//! A shell with games, and a harness that shows it.

use bevy_egui::egui::{self, Shape};
use egui_kittest::Harness;
use livedance::app::game::shell::{HandView, ShellAction, ShellModel, ShellState, samples, show};
use livedance::app::game::{Choice, GameInfo, GamePhase, GameView, Sound};

/// What the shell reads and writes, and what it asked for.
pub(crate) struct Scene {
    pub(crate) model: ShellModel,
    pub(crate) state: ShellState,
    pub(crate) actions: Vec<ShellAction>,
}

impl Scene {
    /// A screen with what it may hold.
    pub(crate) fn sample(name: &str) -> Self {
        let mut scene = Self::of(samples::phase(name).expect("a screen"));
        samples::fill(name, &mut scene.model, &mut scene.state);
        scene.model.hand = scene.model.hand.filter(|_| name == "hand");
        scene
    }

    pub(crate) fn of(phase: GamePhase) -> Self {
        let model = ShellModel { phase, games: games(), ..ShellModel::default() };
        Self { model, state: ShellState::default(), actions: Vec::new() }
    }

    /// What was asked for but for sounds.
    pub(crate) fn asked(&self) -> Vec<&ShellAction> {
        self.actions.iter().filter(|action| !matches!(action, ShellAction::Hear(_))).collect()
    }

    pub(crate) fn heard(&self, sound: Sound) -> usize {
        self.actions.iter().filter(|action| **action == ShellAction::Hear(sound)).count()
    }
}

fn games() -> Vec<GameInfo> {
    let game = |id, title, tagline, choices| GameInfo {
        id,
        title,
        tagline,
        how_to: &[
            "Round balls: punch. Banded balls: kick. Diamonds: head.",
            "Golden balls: catch with both hands. Spiked balls: get out of the way!",
            "The harder you strike, the more it counts. Hit the discs, break the crates.",
        ],
        max_players: 4,
        view: GameView::Behind,
        music: None,
        choices,
    };
    let choices = (1..=9)
        .map(|number| Choice {
            id: format!("exercise_{number}"),
            title: format!("Exercise {number}, against the clock"),
            note: "Stand sideways to the camera, with your whole body in view, and bend your knees.".to_owned(),
            difficulty: None,
        })
        .collect();
    vec![
        game("ball_storm", "Ball Storm", "Punch, kick, head and catch what comes. Dodge what has spikes.", Vec::new()),
        game("repetitions", "Repetitions", "Squats, push-ups, lunges: counted, with a word on your form.", choices),
        game("dance", "Dance", "Follow the dancer.", Vec::new()),
        game("balloons", "Balloons", "Pop as many balloons as you can.", Vec::new()),
    ]
}

/// A harness of a size in points. Settings and screens that were asked for take effect, as in the application.
pub(crate) fn harness(width: f32, height: f32, scene: Scene) -> Harness<'static, Scene> {
    let mut harness = Harness::builder().with_size(egui::vec2(width, height)).with_step_dt(1.0 / 60.0).build_ui_state(
        |ui, scene: &mut Scene| {
            let context = ui.ctx().clone();
            let actions = show(&context, &scene.model, &mut scene.state);
            for action in &actions {
                match action {
                    ShellAction::Set(settings) => scene.model.settings = *settings,
                    ShellAction::Go(phase) => scene.model.phase = *phase,
                    _ => {}
                }
            }
            scene.actions.extend(actions);
        },
        scene,
    );
    // What scrolls and what is in focus settles.
    harness.run_steps(4);
    harness
}

/// Holds a hand over a place for so many seconds.
pub(crate) fn hold(harness: &mut Harness<'static, Scene>, at: egui::Pos2, seconds: f32) {
    let window = harness.ctx.content_rect();
    let at = [at.x / window.width(), at.y / window.height()];
    harness.state_mut().model.hand = Some(HandView { at, is_right: true });
    harness.run_steps((seconds * 60.0).round() as usize);
}

/// A text on the screen.
pub(crate) struct Text {
    pub(crate) words: String,
    /// How high its smallest letters are.
    pub(crate) size: f32,
    pub(crate) rect: egui::Rect,
    /// What is outside of this is cut off.
    pub(crate) clip: egui::Rect,
}

/// Every text on the screen.
pub(crate) fn texts(harness: &Harness<'_, Scene>) -> Vec<Text> {
    fn collect(shape: &Shape, clip: egui::Rect, into: &mut Vec<Text>) {
        match shape {
            Shape::Vec(inner) => inner.iter().for_each(|shape| collect(shape, clip, into)),
            Shape::Text(text) => into.push(Text {
                words: text.galley.text().to_owned(),
                size: text.galley.job.sections.iter().map(|part| part.format.font_id.size).fold(f32::MAX, f32::min),
                rect: text.galley.rect.translate(text.pos.to_vec2()),
                clip,
            }),
            _ => {}
        }
    }
    let mut all = Vec::new();
    harness.output().shapes.iter().for_each(|clipped| collect(&clipped.shape, clipped.clip_rect, &mut all));
    all
}
