//! What is wrong, in words, with what can be done about it.

use bevy_egui::egui::{self, Color32, Id, Rect, RichText, Stroke};

use super::asks::Asks;
use super::model::{Action, OverlayModel, SourceStateView};
use super::style;
use crate::pipeline::live::InferenceState;

/// What is remembered of the banners.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BannerState {
    /// Their height in the last frame, points, which the panels below leave free.
    pub(super) height: f32,
}

/// One thing that is wrong.
struct Problem<'a> {
    colour: Color32,
    title: &'static str,
    message: &'a str,
    /// Whether another source would help.
    of_source: bool,
}

fn problems(model: &OverlayModel) -> impl Iterator<Item = Problem<'_>> {
    let source = match &model.source.state {
        SourceStateView::Failed { message } => {
            Some(Problem { colour: style::BAD, title: "This source cannot be used", message, of_source: true })
        }
        SourceStateView::Waiting { message } => {
            Some(Problem { colour: style::WARNING, title: "Waiting for the source", message, of_source: true })
        }
        _ => None,
    };
    let inference = match &model.inference {
        InferenceState::Failed { message } => {
            Some(Problem { colour: style::BAD, title: "Tracking cannot run", message, of_source: false })
        }
        _ => None,
    };
    inference.into_iter().chain(source)
}

/// Shows every problem at the top of `room` and notes how much height they take.
pub(super) fn show(
    ctx: &egui::Context,
    room: Rect,
    model: &OverlayModel,
    is_hidden: bool,
    state: &mut BannerState,
    asks: &mut Asks,
) {
    // A hidden interface shows what went wrong for good and nothing else: it may be on the air.
    let is_shown = |problem: &Problem<'_>| !is_hidden || problem.colour == style::BAD;
    let mut problems = problems(model).filter(is_shown).peekable();
    if problems.peek().is_none() {
        state.height = 0.0;
        return;
    }
    let shown = egui::Area::new(Id::new("overlay_banner"))
        .fixed_pos(room.min)
        .constrain(false)
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            ui.set_width(room.width());
            for problem in problems {
                show_problem(ui, &problem, asks);
            }
        });
    state.height = shown.response.rect.height();
}

fn show_problem(ui: &mut egui::Ui, problem: &Problem<'_>, asks: &mut Asks) {
    style::solid_card().stroke(Stroke::new(1.5, problem.colour)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            style::dot(ui, problem.colour);
            ui.label(RichText::new(problem.title).strong().color(problem.colour));
        });
        ui.add(egui::Label::new(RichText::new(problem.message).color(style::TEXT)).wrap());
        ui.horizontal_wrapped(|ui| {
            if ui.button("Try again").clicked() {
                asks.act(Action::Reopen);
            }
            if problem.of_source {
                if ui.button("Open a file…").clicked() {
                    asks.act(Action::OpenFile);
                }
                if ui.button("Play the demo").clicked() {
                    asks.act(Action::SetSource("demo".to_owned()));
                }
            }
        });
    });
}
