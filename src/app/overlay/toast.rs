//! Messages that pass: a file saved, a camera lost, a camera back.

use bevy_egui::egui::{self, Align2, Id, Order, RichText};

use super::model::{SourceStateView, SourceView, ToastKind};
use super::style;

/// A message on the screen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Toast {
    kind: ToastKind,
    text: String,
    /// Whether it is seen although the interface is hidden, as an error is.
    stays_when_hidden: bool,
    /// When it was first shown, on egui's clock in seconds.
    shown_at_s: Option<f64>,
}

/// At most this many stand on the screen; older ones go first.
const TOAST_LIMIT: usize = 4;

/// The messages that are on the screen, and what is watched for them.
#[derive(Debug, Clone, Default)]
pub(super) struct ToastsState {
    toasts: Vec<Toast>,
    /// Whether the source is lost and its return is to be told.
    source_lost: bool,
}

impl ToastsState {
    /// Shows a message for some seconds.
    pub(super) fn add(&mut self, kind: ToastKind, text: String) {
        self.toasts.push(Toast { kind, text, stays_when_hidden: false, shown_at_s: None });
    }

    /// As [`ToastsState::add`], of one that is seen although the interface is hidden, as an error is.
    pub(super) fn add_lasting(&mut self, kind: ToastKind, text: String) {
        self.toasts.push(Toast { kind, text, stays_when_hidden: true, shown_at_s: None });
    }
}

impl Toast {
    /// Seconds that it stays: failures longer, since they are read twice.
    const fn duration_s(&self) -> f64 {
        match self.kind {
            ToastKind::Info | ToastKind::Success => 5.0,
            ToastKind::Warning | ToastKind::Error => 8.0,
        }
    }
}

/// Tells of a source that was lost or came back since the last frame.
pub(super) fn watch_source(source: &SourceView, state: &mut ToastsState) {
    match &source.state {
        SourceStateView::Waiting { .. } if !state.source_lost => {
            state.source_lost = true;
            state.add(ToastKind::Warning, format!("{} was lost", lost_name(source)));
        }
        SourceStateView::Running if state.source_lost => {
            state.source_lost = false;
            state.add(ToastKind::Success, format!("{} is back", lost_name(source)));
        }
        // Another source was chosen meanwhile, or this one is given up: the banner tells that.
        SourceStateView::Failed { .. } | SourceStateView::Ended => state.source_lost = false,
        _ => {}
    }
}

fn lost_name(source: &SourceView) -> &str {
    if source.name.is_empty() { "The camera" } else { &source.name }
}

/// Shows what there is to tell above `lower_edge` in the middle of the scene, and forgets what was long enough.
pub(super) fn show(ctx: &egui::Context, scene: egui::Rect, lower_edge: f32, is_hidden: bool, state: &mut ToastsState) {
    let now_s = ctx.input(|input| input.time);
    let surplus = state.toasts.len().saturating_sub(TOAST_LIMIT);
    state.toasts.drain(..surplus);
    state.toasts.retain_mut(|toast| now_s - *toast.shown_at_s.get_or_insert(now_s) < toast.duration_s());
    // A hidden interface may be on the air: what went wrong is told there, nothing else.
    let is_shown = |toast: &&Toast| !is_hidden || toast.kind == ToastKind::Error || toast.stays_when_hidden;
    if !state.toasts.iter().any(|toast| is_shown(&toast)) {
        return;
    }
    ctx.request_repaint_after_secs(0.25);

    let window = ctx.content_rect();
    let width = scene.width().clamp(260.0, 420.0).min(window.width() - 2.0 * style::GAP).max(1.0);
    let middle = scene.center().x.min(window.right() - width / 2.0).max(window.left() + width / 2.0);
    egui::Area::new(Id::new("overlay_toasts"))
        .order(Order::Foreground)
        .pivot(Align2::CENTER_BOTTOM)
        .fixed_pos(egui::pos2(middle, lower_edge - style::GAP))
        .interactable(false)
        .show(ctx, |ui| {
            ui.set_max_width(width);
            for toast in state.toasts.iter().filter(is_shown) {
                let colour = match toast.kind {
                    ToastKind::Info => style::TEXT,
                    ToastKind::Success => style::GOOD,
                    ToastKind::Warning => style::WARNING,
                    ToastKind::Error => style::BAD,
                };
                style::solid_card().stroke((1.0, colour.gamma_multiply(0.7))).show(ui, |ui| {
                    ui.horizontal(|ui| {
                        style::dot(ui, colour);
                        ui.add(egui::Label::new(RichText::new(&toast.text).color(style::TEXT)).wrap());
                    });
                });
            }
        });
}
