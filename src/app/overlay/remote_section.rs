//! The server that tracks in the place of this machine: which one, how it goes, what the way there costs.

use bevy_egui::egui::{self, Color32, RichText, Slider, SliderClamping, Ui};

use crate::pipeline::remote::RemoteAddress;
use crate::settings::{HandsMode, MAX_FALLBACK_S, Settings};

use super::asks::Asks;
use super::model::{Action, OverlayModel, RemoteStateView, RemoteView, ToastKind};
use super::style::{self, figure};

/// What is typed in the fields, until it is entered.
#[derive(Debug, Clone, Default)]
pub(super) struct RemoteState {
    /// The address; `None` shows the one in force.
    text: Option<String>,
    /// Never shown.
    token: String,
}

/// Shows the section; returns whether something was changed.
pub(super) fn show(
    ui: &mut Ui,
    model: &OverlayModel,
    state: &mut RemoteState,
    settings: &mut Settings,
    asks: &mut Asks,
) -> bool {
    style::section(ui, "Remote");
    show_address(ui, model, state, asks);
    let in_use = !model.settings.remote.is_empty();
    if in_use && model.settings.hands == HandsMode::Only {
        ui.label(style::weak("Hands without bodies are tracked on this machine."));
    } else if let Some(remote) = model.remote.as_ref().filter(|_| in_use) {
        show_state(ui, remote);
        show_figures(ui, remote);
    } else if !in_use {
        ui.label(style::weak("Tracked on this machine. A server can do it instead: `livedance serve` there."));
    }
    ui.add(
        Slider::new(&mut settings.remote_fallback_s, 0.0..=MAX_FALLBACK_S)
            .text("fallback")
            .step_by(0.5)
            .logarithmic(true)
            .smallest_positive(0.5)
            .custom_formatter(|seconds, _| if seconds <= 0.0 { "never".to_owned() } else { format!("{seconds:.1} s") })
            .custom_parser(|text| if text == "never" { Some(0.0) } else { text.trim_end_matches(" s").parse().ok() })
            .clamping(SliderClamping::Edits),
    )
    .on_hover_text("Without an answer for so long this machine tracks, until the server answers again")
    .changed()
}

fn show_address(ui: &mut Ui, model: &OverlayModel, state: &mut RemoteState, asks: &mut Asks) {
    let in_force = model.settings.remote.clone();
    let mut chosen = None;
    ui.horizontal(|ui| {
        let recent = &model.settings.recent_remotes;
        let history = 30.0 + ui.spacing().item_spacing.x;
        let room = ui.available_width() - if recent.is_empty() { 0.0 } else { history };
        let text = state.text.get_or_insert_with(|| in_force.clone());
        let field = egui::TextEdit::singleline(text).hint_text("ws://HOST:PORT").desired_width(room.max(40.0));
        let field =
            ui.add(field).on_hover_text("wss:// for an encrypted way, socketio+http:// for an original backend");
        field.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Address of the server"));
        if field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
            chosen = Some(text.clone());
        }
        if !recent.is_empty() {
            let list =
                egui::ComboBox::from_id_salt("overlay_remotes").width(20.0).selected_text("").show_ui(ui, |ui| {
                    for url in recent {
                        if ui.selectable_label(*url == in_force, url.as_str()).clicked() {
                            chosen = Some(url.clone());
                        }
                    }
                });
            list.response
                .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, "Servers used before"));
        }
    });
    ui.horizontal(|ui| {
        let button = 86.0 + ui.spacing().item_spacing.x;
        let field = egui::TextEdit::singleline(&mut state.token).password(true).hint_text("Token, if it asks for one");
        let field = ui.add(field.desired_width((ui.available_width() - button).max(40.0)));
        field.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Token for the server"));
        let field = field.on_hover_text("Kept until LiveDance is closed; LIVEDANCE_REMOTE_TOKEN gives it every time");
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let text = state.text.clone().unwrap_or_default();
        let is_same = text.trim() == in_force && state.token.is_empty();
        if !in_force.is_empty() && is_same {
            if ui.button("Disconnect").clicked() {
                asks.act(Action::Disconnect);
                state.text = None;
            }
        } else if (ui.button("Connect").clicked() || entered) && !text.trim().is_empty() {
            chosen = Some(text);
        }
    });
    if let Some(text) = chosen {
        match text.parse::<RemoteAddress>() {
            Ok(address) => {
                let token = std::mem::take(&mut state.token);
                let token = (!token.is_empty()).then_some(token);
                asks.act(Action::Connect { url: address.to_string(), token });
                state.text = None;
            }
            Err(error) => asks.notify(ToastKind::Error, error.to_string()),
        }
    }
}

/// How it goes, in words.
fn show_state(ui: &mut Ui, remote: &RemoteView) {
    let (colour, words, more): (Color32, String, &str) = match &remote.state {
        RemoteStateView::Connecting => (style::WARNING, "Connecting…".to_owned(), ""),
        RemoteStateView::Connected => {
            let name = if remote.server.is_empty() { String::new() } else { format!(" to {}", remote.server) };
            (style::GOOD, format!("Connected{name}"), "")
        }
        RemoteStateView::Reconnecting { in_s, message } => {
            (style::WARNING, format!("Lost. Trying again in {:.0} s", in_s.max(0.0).ceil()), message)
        }
        RemoteStateView::Refused { message } => (style::BAD, "The server refuses".to_owned(), message),
    };
    ui.horizontal_wrapped(|ui| {
        style::dot(ui, colour);
        ui.label(RichText::new(words).color(colour));
    });
    if !more.is_empty() {
        ui.add(egui::Label::new(style::weak(more)).wrap());
    }
    let is_connected = remote.state == RemoteStateView::Connected;
    if remote.is_local {
        let why = if is_connected { "the server gives no answers yet" } else { "until the server is back" };
        ui.label(RichText::new(format!("Tracked on this machine: {why}")).color(style::WARNING));
    } else if is_connected {
        ui.label("Tracked by the server");
    }
    if !remote.problem.is_empty() {
        ui.add(egui::Label::new(RichText::new(&remote.problem).small().color(style::WARNING)).wrap());
    }
}

fn show_figures(ui: &mut Ui, remote: &RemoteView) {
    let [trip, server, network] = remote.trip_ms.map_or([None; 3], |times| times.map(Some));
    let [sent, answered, dropped] = remote.counts;
    let [in_flight, window] = remote.in_flight;
    let [bytes, quality, width, height] = remote.picture;
    let lines = [
        ("round trip", format!("{} ms", figure(trip, 0)), "From a frame's leaving to its answer: half are faster"),
        ("server, network", format!("{} + {} ms", figure(server, 0), figure(network, 0)), "Its two parts"),
        (
            "sent, answered, dropped",
            format!("{sent}, {answered}, {dropped}"),
            "Dropped: overtaken by a newer frame, or late",
        ),
        ("on their way", format!("{in_flight} of {window}"), "As many as keep answers young"),
        (
            "picture",
            format!("{width} × {height}, {:.0} kB, quality {quality}", bytes as f32 / 1e3),
            "Made smaller where the way there is narrow",
        ),
    ];
    for (name, value, help) in lines {
        ui.horizontal(|ui| {
            ui.label(style::weak(name)).on_hover_text(help);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(RichText::new(value).monospace().small());
            });
        });
    }
}
