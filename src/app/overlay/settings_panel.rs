//! What can be set, each with a line on what it does.

use bevy_egui::egui::{self, Slider, SliderClamping, Ui};

use crate::settings::{HandsMode, MAX_PEOPLE, ModelVariant, Settings, SmoothingMode};

use super::asks::Asks;
use super::avatar_panel;
use super::keys::{self, Command};
use super::model::{Action, OverlayModel, ToastKind};
use super::recording_section;
use super::remote_section::{self, RemoteState};
use super::scene_section::{self, StreamState};
use super::style;
use super::words::{model_name, smoothing_name};

/// Short sides that are offered, in pixels; 0 is full size.
const SHORT_SIDES: [u32; 5] = [0, 256, 384, 512, 720];

/// What the panel remembers.
#[derive(Debug, Clone, Default)]
pub struct SettingsState {
    /// Whether it is shown.
    pub open: bool,
    /// What is typed in the source's text field.
    pub(super) source_text: String,
    pub(super) stream: StreamState,
    pub(super) remote: RemoteState,
}

/// Shows the panel.
pub(super) fn show(ui: &mut Ui, model: &OverlayModel, state: &mut SettingsState, asks: &mut Asks) {
    let mut settings = model.settings.clone();
    let mut changed = false;
    style::header(ui, "Settings", &mut state.open, |ui| {
        if ui
            .button("Reset")
            .on_hover_text(
                "Everything but source, server, avatar, calibration and the folder of takes back to the defaults",
            )
            .clicked()
        {
            let Settings { source, takes_folder, avatar, recent_avatars, calibration, .. } = settings.clone();
            let Settings { remote, remote_ca, recent_remotes, .. } = settings.clone();
            settings = Settings { source, takes_folder, avatar, recent_avatars, calibration, ..Settings::default() };
            (settings.remote, settings.remote_ca, settings.recent_remotes) = (remote, remote_ca, recent_remotes);
            changed = true;
        }
    });
    egui::ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
        show_source(ui, model, &mut state.source_text, asks);
        avatar_panel::show(ui, model, asks);
        changed |= show_model(ui, model, &mut settings);
        changed |= remote_section::show(ui, model, &mut state.remote, &mut settings, asks);
        changed |= show_people(ui, &mut settings);
        changed |= show_smoothing(ui, &mut settings);
        changed |= show_motion(ui, model, &mut settings, asks);
        changed |= scene_section::show(ui, model, &mut state.stream, &mut settings, asks);
        changed |= recording_section::show(ui, &mut settings);
        style::section(ui, "View");
        let key = keys::key_of(Command::ToggleMirror);
        changed |= ui
            .checkbox(&mut settings.mirror, "Mirror")
            .on_hover_text(format!("The avatar and the picture move as your mirror image ({key})"))
            .changed();
        changed |= ui
            .checkbox(&mut settings.fixed_quality, "Always full quality")
            .on_hover_text("Otherwise a machine that cannot keep up tracks hands less often, then uses the lite model, then a smaller picture")
            .changed();
    });
    if changed {
        match settings.check() {
            Ok(()) => asks.set(settings),
            Err(reason) => asks.notify(ToastKind::Error, format!("Not changed: {reason}")),
        }
    }
}

/// Returns whether something was changed.
fn show_motion(ui: &mut Ui, model: &OverlayModel, settings: &mut Settings, asks: &mut Asks) -> bool {
    style::section(ui, "Motion");
    let mut changed = false;
    for (value, name, help) in [
        (&mut settings.fit, "Steady bones", "Fits a skeleton to the landmarks whose bones keep their length"),
        (&mut settings.root_motion, "Walk and jump", "The avatar goes where you go; off, it stays over one spot"),
        (&mut settings.foot_lock, "Hold feet", "A foot that stands does not slide"),
    ] {
        changed |= ui.checkbox(value, name).on_hover_text(help).changed();
    }
    changed |= ui
        .add(Slider::new(&mut settings.field_of_view, 10.0..=120.0).text("field of view").suffix("°").step_by(1.0))
        .on_hover_text("Of the camera, along the picture's longer side. Matters for arms that reach towards it.")
        .changed();
    let mut is_known = settings.height_cm > 0.0;
    if ui.checkbox(&mut is_known, "My height").on_hover_text("Otherwise it is estimated").changed() {
        settings.height_cm = if is_known { 170.0 } else { 0.0 };
        changed = true;
    }
    if is_known {
        changed |= ui
            .add(Slider::new(&mut settings.height_cm, 50.0..=250.0).text("height").suffix(" cm").step_by(1.0))
            .changed();
    }
    ui.horizontal_wrapped(|ui| {
        let help = "Stand upright with your whole body in view and both arms straight out, for two seconds";
        if ui.button("Calibrate").on_hover_text(help).clicked() {
            asks.act(Action::Calibrate);
        }
        match (model.calibration, model.height_m) {
            (Some(done), _) => ui.label(format!("Stand with your arms out: {:.0} %", done * 100.0)),
            (None, Some(height_m)) => ui.label(format!("about {:.0} cm tall", height_m * 100.0)),
            (None, None) => ui.label("nobody in view"),
        };
        let help = "Your bones are kept for the next time; forget them before somebody else dances";
        if settings.calibration.is_some() && ui.button("Forget calibration").on_hover_text(help).clicked() {
            settings.calibration = None;
            changed = true;
        }
    });
    changed
}

fn show_source(ui: &mut Ui, model: &OverlayModel, typed: &mut String, asks: &mut Asks) {
    style::section(ui, "Source");
    let current = if model.source.spec == "auto" { "" } else { model.source.spec.as_str() };
    let mut choices = vec![(String::new(), "Camera, else the demo".to_owned())];
    choices.extend(model.cameras.iter().map(|camera| (camera.spec.clone(), camera.name.clone())));
    choices.push(("demo".to_owned(), "Demo clip".to_owned()));
    let listed = choices.iter().find(|(spec, _)| spec == current).map(|(_, name)| name.as_str());
    let named = (!model.source.name.is_empty()).then_some(model.source.name.as_str());
    let selected = listed.or(named).unwrap_or(current);
    let chosen = egui::ComboBox::from_id_salt("overlay_source")
        .width(ui.available_width())
        .selected_text(selected)
        .truncate()
        .show_ui(ui, |ui| {
            let mut chosen = None;
            for (spec, name) in &choices {
                if ui.selectable_label(spec == current, name.as_str()).clicked() {
                    chosen = Some(spec.clone());
                }
            }
            chosen
        });
    chosen.response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, "Source"));
    if let Some(spec) = chosen.inner.flatten() {
        asks.act(Action::SetSource(spec));
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button("Find cameras").clicked() {
            asks.act(Action::RefreshCameras);
        }
        let key = keys::key_of(Command::OpenFile);
        if ui.button("Open a file…").on_hover_text(format!("A video, an image or a folder of images ({key})")).clicked()
        {
            asks.act(Action::OpenFile);
        }
    });
    if model.cameras.is_empty() {
        ui.label(style::weak("No camera found yet."));
    }
    ui.horizontal(|ui| {
        let button = 52.0 + ui.spacing().item_spacing.x;
        let field = egui::TextEdit::singleline(typed)
            .hint_text("Path of a video, image or folder")
            .desired_width((ui.available_width() - button).max(40.0));
        let field = ui.add(field);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Path of the source"));
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if (ui.button("Open").clicked() || entered) && !typed.trim().is_empty() {
            asks.act(Action::SetSource(typed.trim().to_owned()));
        }
    });
}

/// Returns whether something was changed.
fn show_model(ui: &mut Ui, model: &OverlayModel, settings: &mut Settings) -> bool {
    style::section(ui, "Model");
    let mut changed = false;
    ui.horizontal_wrapped(|ui| {
        for variant in [ModelVariant::Lite, ModelVariant::Full, ModelVariant::Heavy] {
            let key = keys::key_of(Command::UseModel(variant));
            let option = ui.selectable_label(settings.model == variant, model_name(variant));
            if option.on_hover_text(format!("Key {key}")).clicked() && settings.model != variant {
                settings.model = variant;
                changed = true;
            }
        }
    });
    ui.label(style::weak(match settings.model {
        ModelVariant::Lite => "Fastest, for slow machines. Hands and feet waver more.",
        ModelVariant::Full => "The usual choice: exact enough for dance at live speed.",
        ModelVariant::Heavy => "Most exact, about four times the work of Full.",
    }));
    ui.horizontal(|ui| {
        ui.label("Short side");
        egui::ComboBox::from_id_salt("overlay_short_side")
            .selected_text(short_side_name(settings.short_side))
            .show_ui(ui, |ui| {
                for short_side in SHORT_SIDES {
                    changed |= ui
                        .selectable_value(&mut settings.short_side, short_side, short_side_name(short_side))
                        .changed();
                }
            })
            .response
            .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, "Short side"));
    })
    .response
    .on_hover_text("Pictures are scaled down to this before tracking. Smaller is faster; people far away need more.");
    changed |= ui
        .add(
            Slider::new(&mut settings.threads, 0..=model.max_threads.clamp(1, 64))
                .text("threads")
                .custom_formatter(|threads, _| if threads < 1.0 { "automatic".to_owned() } else { threads.to_string() })
                .custom_parser(|text| if text == "automatic" { Some(0.0) } else { text.parse().ok() })
                .clamping(SliderClamping::Edits),
        )
        .on_hover_text("Processor threads of each model. Automatic leaves a core to the picture; try more with Heavy.")
        .changed();
    changed
}

/// Returns whether something was changed.
fn show_people(ui: &mut Ui, settings: &mut Settings) -> bool {
    style::section(ui, "People and hands");
    let mut changed = false;
    ui.add_enabled_ui(settings.hands != HandsMode::Only, |ui| {
        changed |= ui
            .add(Slider::new(&mut settings.people, 1..=MAX_PEOPLE).text("people").clamping(SliderClamping::Edits))
            .on_hover_text("People followed at most, an avatar for each. Every further one costs as much as the first.")
            .changed();
    });
    ui.horizontal_wrapped(|ui| {
        ui.label("Hands");
        for (mode, name) in [(HandsMode::Off, "Off"), (HandsMode::On, "On"), (HandsMode::Only, "Hands only")] {
            let option = ui.selectable_label(settings.hands == mode, name);
            option.widget_info(|| {
                let label = format!("Hands: {}", name.to_lowercase());
                egui::WidgetInfo::selected(egui::WidgetType::RadioButton, true, settings.hands == mode, label)
            });
            if option.clicked() && settings.hands != mode {
                settings.hands = mode;
                changed = true;
            }
        }
    });
    ui.label(style::weak(match settings.hands {
        HandsMode::Off => "Bodies alone: the least work.",
        HandsMode::On => "Fingers of everybody whose body is followed.",
        HandsMode::Only => "One left and one right hand without a body, as over a desk.",
    }));
    changed
}

fn short_side_name(short_side: u32) -> String {
    if short_side == 0 { "full size".to_owned() } else { format!("{short_side} px") }
}

/// Returns whether something was changed.
fn show_smoothing(ui: &mut Ui, settings: &mut Settings) -> bool {
    style::section(ui, "Smoothing");
    let mut changed = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding.x = 7.0;
        for mode in [SmoothingMode::None, SmoothingMode::Ema, SmoothingMode::OneEuro, SmoothingMode::Mediapipe] {
            if ui.selectable_label(settings.smoothing == mode, smoothing_name(mode)).clicked()
                && settings.smoothing != mode
            {
                settings.smoothing = mode;
                changed = true;
            }
        }
    });
    ui.label(style::weak(match settings.smoothing {
        SmoothingMode::None => "Landmarks as the model gives them: no delay, some trembling.",
        SmoothingMode::Ema => "A moving average: simple, with a short even delay.",
        SmoothingMode::OneEuro => "Calm while you are still, quick while you are quick.",
        SmoothingMode::Mediapipe => "The filters and constants of MediaPipe, to compare with it.",
    }));
    match settings.smoothing {
        SmoothingMode::Ema => {
            changed |= ui
                .add(
                    Slider::new(&mut settings.alpha, 0.05..=1.0)
                        .text("alpha")
                        .fixed_decimals(2)
                        .clamping(SliderClamping::Edits),
                )
                .on_hover_text("Weight of the newest frame. 1 is no smoothing; lower is calmer and later.")
                .changed();
        }
        SmoothingMode::OneEuro => {
            changed |= ui
                .add(
                    Slider::new(&mut settings.min_cutoff, 0.05..=10.0)
                        .logarithmic(true)
                        .text("min cutoff")
                        .suffix(" Hz")
                        .fixed_decimals(2)
                        .clamping(SliderClamping::Edits),
                )
                .on_hover_text("How calm it is at rest: lower trembles less and lags more in slow movement.")
                .changed();
            changed |= ui
                .add(
                    Slider::new(&mut settings.beta, 0.0..=40.0)
                        .text("beta")
                        .suffix(" Hz per m/s")
                        .fixed_decimals(1)
                        .clamping(SliderClamping::Edits),
                )
                .on_hover_text("How much speed opens the filter: higher follows quick movement with less delay.")
                .changed();
        }
        SmoothingMode::None | SmoothingMode::Mediapipe => {}
    }
    changed
}
