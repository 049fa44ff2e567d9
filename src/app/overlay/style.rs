//! Colours, sizes and the few shapes that give all panels one look: dark, translucent, rounded.

use bevy_egui::egui::{
    self, Color32, CornerRadius, FontFamily, FontId, Frame, Margin, RichText, Stroke, TextStyle, Ui,
};

/// Space between panels and around them, in points.
pub(super) const GAP: f32 = 10.0;

/// Text that is read.
pub(super) const TEXT: Color32 = Color32::from_rgb(232, 235, 244);
/// Text that explains.
pub(super) const WEAK: Color32 = Color32::from_rgb(160, 168, 188);
/// Selections and the skeleton: body pink.
pub(super) const PINK: Color32 = Color32::from_rgb(255, 95, 162);
/// Hands.
pub(super) const TEAL: Color32 = Color32::from_rgb(38, 198, 190);
/// All is well.
pub(super) const GOOD: Color32 = Color32::from_rgb(98, 214, 146);
/// To be noticed.
pub(super) const WARNING: Color32 = Color32::from_rgb(244, 184, 76);
/// Failed.
pub(super) const BAD: Color32 = Color32::from_rgb(246, 104, 108);
/// Behind bars and gauges.
pub(super) const GROOVE: Color32 = Color32::from_rgb(46, 51, 66);

const CARD: (u8, u8, u8) = (17, 19, 28);
const CONTROL: Color32 = Color32::from_rgb(40, 45, 60);
const CONTROL_HOVERED: Color32 = Color32::from_rgb(54, 60, 80);
const OUTLINE: Color32 = Color32::from_rgb(62, 68, 88);

/// Landmarks that are less visible than this are drawn and written faintly, and have no angle.
pub(super) const VISIBLE: f32 = 0.5;

/// Hands the look to egui, once for each context.
pub(super) fn install_once(ctx: &egui::Context) {
    let id = egui::Id::new("overlay_style_installed");
    if !ctx.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default::<bool>(id), true)) {
        install(ctx);
    }
}

fn install(ctx: &egui::Context) {
    ctx.set_theme(egui::Theme::Dark);
    ctx.all_styles_mut(|style| {
        style.text_styles = [
            (TextStyle::Small, FontId::new(11.5, FontFamily::Proportional)),
            (TextStyle::Body, FontId::new(13.5, FontFamily::Proportional)),
            (TextStyle::Button, FontId::new(13.5, FontFamily::Proportional)),
            (TextStyle::Heading, FontId::new(16.0, FontFamily::Proportional)),
            (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
        ]
        .into();
        style.spacing.item_spacing = egui::vec2(8.0, 6.0);
        style.spacing.button_padding = egui::vec2(9.0, 4.0);
        style.spacing.interact_size.y = 24.0;
        style.spacing.window_margin = Margin::same(14);
        style.spacing.slider_rail_height = 6.0;
        style.spacing.tooltip_width = 320.0;

        let visuals = &mut style.visuals;
        visuals.override_text_color = Some(TEXT);
        visuals.weak_text_color = Some(WEAK);
        visuals.panel_fill = card_fill(228);
        visuals.window_fill = card_fill(246);
        visuals.window_stroke = Stroke::new(1.0, OUTLINE);
        visuals.window_corner_radius = CornerRadius::same(10);
        visuals.menu_corner_radius = CornerRadius::same(8);
        visuals.extreme_bg_color = Color32::from_rgb(10, 11, 17);
        visuals.faint_bg_color = Color32::from_rgba_unmultiplied(255, 255, 255, 6);
        visuals.selection.bg_fill = Color32::from_rgb(158, 42, 96);
        visuals.selection.stroke = Stroke::new(1.0, Color32::WHITE);
        visuals.hyperlink_color = PINK;
        visuals.warn_fg_color = WARNING;
        visuals.error_fg_color = BAD;
        visuals.slider_trailing_fill = true;
        visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, Color32::from_rgb(48, 53, 70));
        for (widget, fill) in [
            (&mut visuals.widgets.inactive, CONTROL),
            (&mut visuals.widgets.hovered, CONTROL_HOVERED),
            (&mut visuals.widgets.active, CONTROL_HOVERED),
            (&mut visuals.widgets.open, CONTROL_HOVERED),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.corner_radius = CornerRadius::same(5);
            widget.expansion = 0.0;
        }
        visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, Color32::from_rgb(52, 57, 74));
        visuals.widgets.hovered.bg_stroke = Stroke::new(1.0, OUTLINE);
        visuals.widgets.active.bg_stroke = Stroke::new(1.0, PINK);
    });
}

fn card_fill(alpha: u8) -> Color32 {
    Color32::from_rgba_unmultiplied(CARD.0, CARD.1, CARD.2, alpha)
}

/// A panel over the scene.
pub(super) fn card() -> Frame {
    Frame::new()
        .fill(card_fill(228))
        .stroke(Stroke::new(1.0, Color32::from_rgba_unmultiplied(255, 255, 255, 18)))
        .corner_radius(CornerRadius::same(10))
        .inner_margin(Margin::symmetric(12, 10))
}

/// A card that nothing shines through, for what must be read.
pub(super) fn solid_card() -> Frame {
    card().fill(card_fill(250)).inner_margin(Margin::symmetric(12, 8))
}

/// A panel's title, what belongs to it at the right, and a button that closes it.
pub(super) fn header(ui: &mut Ui, title: &str, open: &mut bool, extras: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).heading().strong());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = ui
                .add(egui::Button::new(RichText::new("×").size(18.0)).frame(false))
                .on_hover_text(format!("Close {}", title.to_lowercase()));
            close.widget_info(|| {
                egui::WidgetInfo::labeled(egui::WidgetType::Button, true, format!("Close {}", title.to_lowercase()))
            });
            if close.clicked() {
                *open = false;
            }
            extras(ui);
        });
    });
}

/// A small filled circle in the text line.
pub(super) fn dot(ui: &mut Ui, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, ui.spacing().interact_size.y), egui::Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.5, colour);
}

/// Text that explains.
pub(super) fn weak(text: impl Into<String>) -> RichText {
    RichText::new(text).small().color(WEAK)
}

/// The heading of a part of a panel.
pub(super) fn section(ui: &mut Ui, title: &str) {
    ui.add_space(4.0);
    ui.label(RichText::new(title.to_uppercase()).small().strong().color(WEAK));
}

/// A number with its decimals, or a dash where there is none or it is not a number.
pub(super) fn figure(value: Option<f32>, decimals: usize) -> String {
    match value {
        Some(value) if value.is_finite() => format!("{value:.decimals$}"),
        _ => "–".to_owned(),
    }
}

/// `left_foot_index` as people write it: `left foot index`.
pub(super) fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

/// How opaque a point of this visibility is drawn: hidden ones stay as a trace.
pub(super) fn opacity(visibility: f32) -> f32 {
    if visibility.is_finite() { (0.12 + 0.88 * visibility.clamp(0.0, 1.0).powf(1.5)).min(1.0) } else { 0.0 }
}

/// A horizontal bar, filled from the left by `share` (0 to 1); not a number leaves it empty.
pub(super) fn gauge(ui: &mut Ui, size: egui::Vec2, share: Option<f32>, colour: Color32) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let groove = egui::Rect::from_center_size(rect.center(), egui::vec2(rect.width(), 5.0_f32.min(rect.height())));
    ui.painter().rect_filled(groove, 2.5, GROOVE);
    if let Some(share) = share.filter(|share| share.is_finite()) {
        let mut filled = groove;
        filled.set_width(groove.width() * share.clamp(0.0, 1.0));
        ui.painter().rect_filled(filled, 2.5, colour);
    }
    response
}
