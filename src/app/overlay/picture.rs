//! The picture with the skeleton over it.

use bevy_egui::egui::{self, Color32, Pos2, Rect, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

use glam::Vec3;

use crate::motion::BodyPose;
use crate::motion::hand::{HAND_CONNECTIONS, HandPose};
use crate::motion::landmark::POSE_CONNECTIONS;

use super::model::{OverlayModel, PictureView, SourceStateView};
use super::style;
use crate::pipeline::live::InferenceState;

/// Height of the panel, in points, that the one below it always leaves.
pub(super) const LEAST_HEIGHT: f32 = 150.0;
/// Lowest picture that is still shown, in points.
const MIN_HEIGHT: f32 = 60.0;

/// What the panel remembers.
#[derive(Debug, Clone)]
pub struct PictureState {
    /// Whether it is shown.
    pub open: bool,
    /// Width of its column that the user dragged, points; `None` follows the window.
    pub(super) column_width: Option<f32>,
}

impl Default for PictureState {
    fn default() -> Self {
        Self { open: true, column_width: None }
    }
}

/// Shows the panel in the room that `ui` has.
pub(super) fn show(ui: &mut Ui, model: &OverlayModel, state: &mut PictureState) {
    style::header(ui, "Picture", &mut state.open, |ui| {
        ui.label(style::weak(if model.settings.mirror { "mirrored" } else { "not mirrored" }));
    });
    let width = ui.available_width();
    let aspect = model.picture.map_or(16.0 / 9.0, |picture| picture.height / picture.width);
    let aspect = if aspect.is_finite() && aspect > 0.0 { aspect } else { 9.0 / 16.0 };
    let highest = ui.available_height().max(MIN_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(vec2(width, (width * aspect).min(highest)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, "Camera picture with skeleton"));

    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 6.0, Color32::from_rgb(8, 9, 14));
    if let Some(picture) = usable(model.picture) {
        let rect = fit(rect, picture);
        let mirror = model.settings.mirror;
        let uv = if mirror { [pos2(1.0, 0.0), pos2(0.0, 1.0)] } else { [pos2(0.0, 0.0), pos2(1.0, 1.0)] };
        painter.image(picture.texture, rect, Rect::from_min_max(uv[0], uv[1]), Color32::WHITE);
        let painter = painter.with_clip_rect(rect.intersect(ui.clip_rect()));
        let place = Place { rect, picture, mirror };
        for person in &model.people {
            paint_skeleton(&painter, place, person);
        }
        // After every body, so that no trunk lies over a hand held in front of it.
        for hands in model.people.iter().map(|person| &person.hands).chain([&model.loose_hands]) {
            for (_, hand) in hands.iter() {
                paint_hand(&painter, place, hand);
            }
        }
    }
    if let Some(text) = remark(model) {
        show_remark(ui, rect, text);
    }
    show_handle(ui, rect, state);
}

/// The picture, unless its size cannot be drawn.
fn usable(picture: Option<PictureView>) -> Option<PictureView> {
    picture.filter(|picture| {
        let sides = [picture.width, picture.height];
        sides.iter().all(|side| side.is_finite() && *side > 0.0)
    })
}

/// The largest rectangle of the picture's shape within `room`, centred.
fn fit(room: Rect, picture: PictureView) -> Rect {
    let scale = (room.width() / picture.width).min(room.height() / picture.height);
    Rect::from_center_size(room.center(), vec2(picture.width, picture.height) * scale)
}

/// What to say instead of a skeleton, if there is none.
fn remark(model: &OverlayModel) -> Option<&'static str> {
    match (&model.inference, &model.source.state) {
        (InferenceState::Failed { .. }, _) => None,
        (InferenceState::Loading, _) => Some("Loading the model"),
        (_, SourceStateView::Opening) => Some("Opening the source"),
        (_, SourceStateView::Failed { .. } | SourceStateView::Waiting { .. }) => None,
        _ if model.picture.is_none() => Some("No picture yet"),
        _ if model.people.is_empty() && model.loose_hands.is_empty() => Some("Nobody in view"),
        _ => None,
    }
}

fn show_remark(ui: &mut Ui, rect: Rect, text: &str) {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let width = ui.painter().layout_no_wrap(text.to_owned(), font, style::TEXT).size().x + 20.0;
    let pill = Rect::from_center_size(rect.center(), vec2(width.min(rect.width()), 26.0_f32.min(rect.height())));
    ui.painter().rect_filled(pill, 13.0, Color32::from_black_alpha(190));
    ui.put(pill, egui::Label::new(text).truncate());
}

/// From pixels of the source to points of the screen.
#[derive(Clone, Copy)]
struct Place {
    rect: Rect,
    picture: PictureView,
    mirror: bool,
}

impl Place {
    fn of(self, position: Vec3) -> Option<Pos2> {
        let Self { rect, picture, mirror } = self;
        let across = position.x / picture.width;
        let across = if mirror { 1.0 - across } else { across };
        let point = pos2(rect.left() + across * rect.width(), rect.top() + position.y / picture.height * rect.height());
        // A point far outside would stretch a line over the whole picture.
        (point.is_finite() && rect.expand(rect.height()).contains(point)).then_some(point)
    }

    /// Width of the skeleton's lines, in points.
    fn thickness(self) -> f32 {
        (self.rect.height() / 130.0).clamp(1.5, 5.0)
    }
}

/// Draws one person's lines and points.
fn paint_skeleton(painter: &egui::Painter, place: Place, person: &BodyPose) {
    let thickness = place.thickness();
    for (from, to) in POSE_CONNECTIONS {
        let (a, b) = (&person.image[from], &person.image[to]);
        if let (Some(start), Some(end)) = (place.of(a.position), place.of(b.position)) {
            let colour = style::PINK.gamma_multiply(style::opacity(a.visibility.min(b.visibility)));
            painter.line_segment([start, end], Stroke::new(thickness, colour));
        }
    }
    for landmark in &person.image {
        if let Some(point) = place.of(landmark.position) {
            let opacity = style::opacity(landmark.visibility);
            painter.circle_filled(point, thickness * 1.15, Color32::WHITE.gamma_multiply(opacity));
            painter.circle_filled(point, thickness * 0.7, style::PINK.gamma_multiply(opacity));
        }
    }
}

/// Draws one hand, fainter where it is guessed rather than seen.
fn paint_hand(painter: &egui::Painter, place: Place, hand: &HandPose) {
    let opacity = if hand.score >= style::VISIBLE { 1.0 } else { 0.35 };
    let thickness = place.thickness() * 0.7;
    let points = hand.image.map(|point| place.of(point));
    for (from, to) in HAND_CONNECTIONS {
        if let (Some(start), Some(end)) = (points[from], points[to]) {
            painter.line_segment([start, end], Stroke::new(thickness, style::TEAL.gamma_multiply(opacity)));
        }
    }
    for point in points.into_iter().flatten() {
        painter.circle_filled(point, thickness * 0.75, Color32::WHITE.gamma_multiply(opacity));
    }
}

/// The grip at the panel's lower right corner that makes the column wider or narrower.
fn show_handle(ui: &mut Ui, rect: Rect, state: &mut PictureState) {
    let grip = Rect::from_min_max(rect.max - vec2(18.0, 18.0), rect.max);
    let response = ui.interact(grip, ui.id().with("resize"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::ResizeHandle, true, "Resize picture"));
    let colour = if response.hovered() || response.dragged() { style::PINK } else { Color32::from_white_alpha(150) };
    let corner = rect.max - vec2(3.0, 3.0);
    ui.painter().circle_filled(corner - vec2(5.0, 5.0), 10.0, Color32::from_black_alpha(120));
    for inset in [4.0, 8.0, 12.0] {
        ui.painter().line_segment([corner - vec2(inset, 0.0), corner - vec2(0.0, inset)], Stroke::new(1.2, colour));
    }
    if response.dragged() {
        let margin = style::card().total_margin().sum().x;
        state.column_width = Some(rect.width() + margin + response.drag_delta().x);
    }
    if response.double_clicked() {
        state.column_width = None;
    }
    response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal).on_hover_text("Drag to resize, double-click to reset");
}
