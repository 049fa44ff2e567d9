//! What is asked for in one frame: of the application, and of the overlay itself.

use super::keys::Command;
use super::model::{Action, OverlayModel, SourceStateView, ToastKind};
use super::recorded_model::TimelineAction;
use super::words::{RESTART, model_name, smoothing_name};
use crate::settings::{Background, Settings, SmoothingMode};

/// What panels ask for. A panel changes nothing but its own state; what it wants beyond that stands here.
#[derive(Debug, Default)]
pub(super) struct Asks {
    /// What the application has to carry out, in order.
    pub(super) actions: Vec<Action>,
    /// What is done as if its key had been pressed, once every panel was shown.
    pub(super) commands: Vec<Command>,
    /// What is to be told.
    pub(super) news: Vec<(ToastKind, String)>,
}

impl Asks {
    /// Asks the application.
    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Asks the application to use these settings.
    pub(super) fn set(&mut self, settings: Settings) {
        self.act(Action::SetSettings(Box::new(settings)));
    }

    /// Does what a key stands for.
    pub(super) fn run(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Tells the user.
    pub(super) fn notify(&mut self, kind: ToastKind, text: impl Into<String>) {
        self.news.push((kind, text.into()));
    }

    /// Adds what a command asks of the application, with the words that go with it; nothing for one that only changes
    /// what the overlay shows.
    pub(super) fn command(&mut self, command: Command, model: &OverlayModel) {
        let settings = || model.settings.clone();
        match command {
            Command::TogglePause => self.act(Action::SetPaused(model.source.state != SourceStateView::Paused)),
            Command::Reopen => self.act(Action::Reopen),
            Command::StepBack => self.act(Action::Timeline(TimelineAction::Step(-1))),
            Command::StepOn => self.act(Action::Timeline(TimelineAction::Step(1))),
            Command::OpenFile => self.act(Action::OpenFile),
            Command::SaveData => self.act(Action::SaveData),
            Command::ResetView => self.act(Action::ResetView),
            Command::ToggleRecording => self.act(Action::ToggleRecording),
            Command::OpenGames => self.act(Action::OpenGames),
            Command::Frame(framing) => {
                if model.settings.framing != framing {
                    self.set(Settings { framing, ..settings() });
                }
                self.act(Action::Frame(framing));
            }
            Command::NextBackground => {
                let background = model.settings.background.next();
                self.set(Settings { background, ..settings() });
                let text = match background {
                    Background::Transparent if !model.transparent_window => {
                        format!("Background {background}: {RESTART}")
                    }
                    _ => format!("Background {background}"),
                };
                self.notify(ToastKind::Info, text);
            }
            Command::ToggleMirror => self.set(Settings { mirror: !model.settings.mirror, ..settings() }),
            Command::UseModel(variant) => {
                self.set(Settings { model: variant, ..settings() });
                self.notify(ToastKind::Info, format!("Model {}", model_name(variant).to_lowercase()));
            }
            Command::NextSmoothing => {
                let smoothing = match model.settings.smoothing {
                    SmoothingMode::None => SmoothingMode::Ema,
                    SmoothingMode::Ema => SmoothingMode::OneEuro,
                    SmoothingMode::OneEuro => SmoothingMode::Mediapipe,
                    SmoothingMode::Mediapipe => SmoothingMode::None,
                };
                self.set(Settings { smoothing, ..settings() });
                self.notify(ToastKind::Info, format!("Smoothing: {}", smoothing_name(smoothing)));
            }
            Command::TogglePicture
            | Command::TogglePerformance
            | Command::ToggleCompact
            | Command::ToggleData
            | Command::TogglePlots
            | Command::ToggleSettings
            | Command::ToggleLibrary
            | Command::ToggleInterface
            | Command::ToggleHelp
            | Command::CloseHelp => {}
        }
    }
}
