//! What all screens are drawn with: cards, text and buttons that a mouse, a key, a gamepad and a resting hand can press.

use std::sync::Arc;

use bevy_egui::egui::text::{LayoutJob, TextWrapping};
use bevy_egui::egui::{
    self, Align, Align2, Area, Color32, Galley, Id, Label, Layout, Memory, Order, Pos2, Rect, RichText, ScrollArea,
    Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

use super::super::{GamePhase, Sound, Tint};
use super::model::{ShellAction, ShellModel, ShellState};
use super::style;
use super::target::Target;
use crate::settings::Palette;

/// From this width in units on, things stand side by side.
const WIDE: f32 = 1000.0;
/// Room for the arrows beside what scrolls, units.
const ARROWS: f32 = 92.0;

/// One frame of the shell.
pub(super) struct Desk<'a> {
    pub(super) ctx: &'a egui::Context,
    pub(super) model: &'a ShellModel,
    pub(super) state: &'a mut ShellState,
    pub(super) actions: Vec<ShellAction>,
    /// The whole window, points.
    pub(super) window: Rect,
    /// Points of one unit: see [`style::unit`].
    pub(super) unit: f32,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Weight {
    /// What most people want.
    Main,
    /// Everything else.
    #[default]
    Usual,
}

/// A button to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Button<'a> {
    /// What stands on it.
    pub(super) label: &'a str,
    /// Explains it, in a second line; empty for nothing.
    pub(super) note: &'a str,
    /// What it is called by those who cannot see it; empty for its label.
    pub(super) name: &'a str,
    /// Points; 0 for what the label needs.
    pub(super) width: f32,
    /// Units.
    pub(super) height: f32,
    pub(super) weight: Weight,
    /// For one out of several: whether it is the one.
    pub(super) selected: Option<bool>,
    /// Whether the focus begins here.
    pub(super) is_first: bool,
    /// Whether it is only seen.
    pub(super) is_enabled: bool,
    pub(super) sound: Sound,
}

impl<'a> Button<'a> {
    pub(super) const fn new(label: &'a str) -> Self {
        Self {
            label,
            note: "",
            name: "",
            width: 0.0,
            height: 76.0,
            weight: Weight::Usual,
            selected: None,
            is_first: false,
            is_enabled: true,
            sound: Sound::UiSelect,
        }
    }

    pub(super) const fn main(label: &'a str) -> Self {
        Self { weight: Weight::Main, is_first: true, ..Self::new(label) }
    }

    pub(super) const fn back(label: &'a str) -> Self {
        Self { sound: Sound::UiBack, ..Self::new(label) }
    }

    pub(super) const fn wide(self, width: f32) -> Self {
        Self { width, ..self }
    }

    pub(super) const fn note(self, note: &'a str) -> Self {
        Self { note, ..self }
    }

    pub(super) const fn named(self, name: &'a str) -> Self {
        Self { name, ..self }
    }

    pub(super) const fn selected(self, selected: bool) -> Self {
        Self { selected: Some(selected), ..self }
    }
}

impl Desk<'_> {
    /// So many units in points.
    pub(super) const fn px(&self, units: f32) -> f32 {
        units * self.unit
    }

    pub(super) const fn palette(&self) -> Palette {
        self.model.settings.palette
    }

    pub(super) const fn tint(&self, tint: Tint) -> Color32 {
        style::tint(tint, self.palette())
    }

    /// Whether the window has room for things side by side.
    pub(super) fn is_wide(&self) -> bool {
        self.window.width() >= self.px(WIDE)
    }

    pub(super) fn go(&mut self, phase: GamePhase) {
        self.actions.push(ShellAction::Go(phase));
    }

    /// The window without its margin, and without what is told of a problem.
    pub(super) fn page(&self) -> Rect {
        let mut page = self.window.shrink(self.px(32.0));
        page.max.y = (page.max.y - self.state.told_px).max(page.center().y);
        page
    }

    /// A veil over the scene, so that what lies over it is read.
    pub(super) fn veil(&self, strength: u8) {
        let painter = self.ctx.layer_painter(egui::LayerId::background());
        painter.rect_filled(self.window, 0.0, Color32::from_rgba_unmultiplied(8, 9, 15, strength));
    }

    /// A place without a card, over the scene.
    pub(super) fn place<R>(&mut self, name: &str, rect: Rect, contents: impl FnOnce(&mut Ui, &mut Self) -> R) -> R {
        let area = Area::new(Id::new(("shell", name))).order(Order::Middle).fixed_pos(rect.min);
        area.constrain(false)
            .movable(false)
            .fade_in(false)
            .show(self.ctx, |ui| {
                ui.set_clip_rect(self.window);
                ui.allocate_rect(rect, Sense::hover());
                let layout = Layout::top_down(Align::Min);
                let mut inside = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
                inside.spacing_mut().item_spacing = Vec2::splat(self.px(14.0));
                contents(&mut inside, self)
            })
            .inner
    }

    /// A card; what does not fit scrolls, with arrows that a hand can rest on.
    pub(super) fn card<R>(&mut self, name: &str, rect: Rect, contents: impl FnOnce(&mut Ui, &mut Self) -> R) -> R {
        self.place(name, rect, |ui, desk| {
            style::card(ui.painter(), rect, desk.palette(), desk.unit);
            let inside = rect.shrink2(vec2(desk.px(28.0), desk.px(24.0)));
            desk.scrolled(ui, name, inside, contents)
        })
    }

    /// Contents that scroll where they are higher than `room`.
    pub(super) fn scrolled<R>(
        &mut self,
        ui: &mut Ui,
        name: &str,
        room: Rect,
        contents: impl FnOnce(&mut Ui, &mut Self) -> R,
    ) -> R {
        let memory = Id::new(("shell_overflows", name));
        let wish = Id::new(("shell_scroll", name));
        let overflowed = self.ctx.data(|data| data.get_temp::<bool>(memory)).unwrap_or(false);
        let scroll = self.ctx.data_mut(|data| data.remove_temp::<f32>(wish)).unwrap_or(0.0);
        let mut inner = room;
        if overflowed {
            inner.max.x -= self.px(ARROWS);
        }
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
        child.spacing_mut().scroll.bar_width = self.px(8.0);
        let shown = ScrollArea::vertical()
            .id_salt(name)
            .auto_shrink([false, false])
            .scroll_bar_visibility(egui::containers::scroll_area::ScrollBarVisibility::AlwaysHidden)
            .max_height(inner.height())
            .show(&mut child, |ui| {
                // The ring around what is in focus lies outside of it.
                let ring = self.px(8.0);
                ui.set_width(inner.width());
                if scroll != 0.0 {
                    ui.scroll_with_delta(vec2(0.0, -scroll));
                }
                let room = ui.available_rect_before_wrap().shrink2(vec2(ring, 0.0));
                let scope = ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
                    ui.add_space(ring);
                    let result = contents(ui, self);
                    ui.add_space(ring);
                    result
                });
                scope.inner
            });
        let overflows = shown.content_size.y > inner.height() + 2.0;
        self.ctx.data_mut(|data| data.insert_temp(memory, overflows));
        if overflows {
            let hidden = shown.content_size.y - inner.height();
            let by = inner.height() * 0.6;
            for (label, quarters, at, moves, can) in [
                ("Scroll up", 0_u8, room.top() + self.px(44.0), -by, shown.state.offset.y > 1.0),
                ("Scroll down", 2, room.bottom() - self.px(44.0), by, shown.state.offset.y < hidden - 1.0),
            ] {
                let rect = Rect::from_center_size(pos2(room.right() - self.px(38.0), at), Vec2::splat(self.px(76.0)));
                let label = format!("{label}: {}", name.replace('_', " "));
                if self.symbol(ui, rect, &label, can, |painter, at, unit, colour| {
                    style::arrow(painter, at, 18.0 * unit, quarters, colour);
                }) {
                    self.ctx.data_mut(|data| data.insert_temp(wish, moves));
                }
            }
        }
        shown.inner
    }

    /// Text that goes on in the next line where it is too long.
    pub(super) fn text(&self, ui: &mut Ui, text: &str, units: f32, colour: Color32) {
        ui.add(Label::new(RichText::new(text).size(self.px(units)).color(colour)).wrap().selectable(false));
    }

    /// One line over the scene or a card, cut where it would be wider than `room`; returns its width.
    pub(super) fn line(&self, ui: &Ui, at: Pos2, align: Align2, text: &str, units: f32, colour: Color32) -> f32 {
        let galley = ui.painter().layout_no_wrap(text.to_owned(), style::font(self.px(units)), colour);
        let rect = align.anchor_size(at, galley.size());
        ui.painter().galley(rect.min, galley, colour);
        rect.width()
    }

    /// The title of a screen with a button that goes back; returns what is left below.
    pub(super) fn head(&mut self, title: &str, back: Option<(&str, GamePhase)>) -> Rect {
        let page = self.page();
        let high = self.px(84.0);
        let bar = page.with_max_y(page.top() + high);
        self.place("head", bar, |ui, desk| {
            let mut left = bar.left();
            if let Some((label, phase)) = back {
                let size = vec2(desk.px(if desk.is_wide() { 190.0 } else { 150.0 }), desk.px(72.0));
                let rect = Rect::from_min_size(bar.min, size);
                if desk.button_at(ui, rect, &Button { width: size.x, ..Button::back(label) }) {
                    desk.go(phase);
                }
                left = rect.right() + desk.px(28.0);
            }
            let room = bar.right() - left;
            let mut units = style::TITLE;
            // A title is one line: it shrinks, though never below what can be read.
            while units > style::HEADING && desk.width_of(ui, title, units) > room {
                units -= 2.0;
            }
            let at = pos2(left, bar.center().y);
            let galley = ui.painter().layout(title.to_owned(), style::font(desk.px(units)), style::TEXT, room);
            let rect = Align2::LEFT_CENTER.anchor_size(at, galley.size());
            let response = ui.interact(rect, Id::new("shell_title"), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, title));
            ui.painter().galley(rect.min, galley, style::TEXT);
        });
        page.with_min_y(bar.bottom() + self.px(20.0))
    }

    fn width_of(&self, ui: &Ui, text: &str, units: f32) -> f32 {
        ui.painter().layout_no_wrap(text.to_owned(), style::font(self.px(units)), style::TEXT).size().x
    }

    /// A button in the flow of the layout; whether it was pressed.
    pub(super) fn button(&mut self, ui: &mut Ui, button: &Button<'_>) -> bool {
        let width = if button.width > 0.0 {
            button.width.min(ui.available_width())
        } else {
            let text = self.width_of(ui, button.label, style::BUTTON) + self.px(64.0);
            (text + if button.selected.is_some() { self.px(40.0) } else { 0.0 }).min(ui.available_width())
        };
        let high = self.button_height(ui, button, width);
        let (rect, _) = ui.allocate_exact_size(vec2(width, high), Sense::hover());
        self.button_at(ui, rect, button)
    }

    fn room_of(&self, button: &Button<'_>, width: f32) -> f32 {
        let mark = if button.selected.is_some() { self.px(40.0) } else { 0.0 };
        (width - self.px(22.0) - mark).max(1.0)
    }

    /// What stands on a button: the label smaller where it is too long, then in several lines; the note cut.
    fn label_of(
        &self,
        ui: &Ui,
        button: &Button<'_>,
        width: f32,
        colours: [Color32; 2],
    ) -> (Arc<Galley>, Option<Arc<Galley>>) {
        let room = self.room_of(button, width);
        let mut units = style::BUTTON;
        while units > style::SMALL && self.width_of(ui, button.label, units) > room {
            units -= 1.0;
        }
        let label = ui.painter().layout(button.label.to_owned(), style::font(self.px(units)), colours[0], room);
        let note = (!button.note.is_empty()).then(|| self.cut(ui, button.note, style::SMALL, colours[1], room));
        (label, note)
    }

    /// One line that ends with three dots where there is no more room.
    pub(super) fn cut(&self, ui: &Ui, text: &str, units: f32, colour: Color32, room: f32) -> Arc<Galley> {
        let mut job = LayoutJob::simple_singleline(text.to_owned(), style::font(self.px(units)), colour);
        job.wrap = TextWrapping::truncate_at_width(room.max(1.0));
        ui.painter().layout_job(job)
    }

    fn button_height(&self, ui: &Ui, button: &Button<'_>, width: f32) -> f32 {
        let (label, note) = self.label_of(ui, button, width, [style::TEXT; 2]);
        let text = label.size().y + note.map_or(0.0, |note| note.size().y);
        (text + self.px(22.0)).max(self.px(button.height))
    }

    /// A button at a place; whether it was pressed.
    pub(super) fn button_at(&mut self, ui: &mut Ui, rect: Rect, button: &Button<'_>) -> bool {
        let name = if button.name.is_empty() { button.label } else { button.name };
        let (pressed, is_focused) = self.pressable(ui, rect, name, button.is_enabled, 1.0, button);
        let palette = self.palette();
        let accent = self.tint(Tint::Kind(0));
        let is_main = button.weight == Weight::Main;
        let (fill, text) = match (button.is_enabled, is_main, button.selected == Some(true)) {
            (false, ..) => (Color32::from_rgba_unmultiplied(30, 33, 44, 200), Color32::from_rgb(150, 156, 170)),
            (_, true, _) => (accent, style::DARK),
            (_, _, true) => (mix(Color32::from_rgb(34, 39, 54), accent, 0.28), style::TEXT),
            _ if is_focused => (Color32::from_rgb(62, 70, 94), style::TEXT),
            _ => (Color32::from_rgba_unmultiplied(38, 43, 58, 240), style::TEXT),
        };
        let line = match palette {
            Palette::HighContrast => Stroke::new(self.px(2.0), Color32::WHITE),
            _ if button.selected == Some(true) => Stroke::new(self.px(2.0), accent),
            _ => Stroke::new(self.px(1.5), Color32::from_rgba_unmultiplied(255, 255, 255, 40)),
        };
        let fill = if palette == Palette::HighContrast && !is_main { Color32::BLACK } else { fill };
        let round = style::corner(self.px(16.0));
        ui.painter().rect(rect, round, fill, line, StrokeKind::Inside);
        self.ring(ui, rect, is_focused);
        let weak = if is_main { style::DARK } else { style::WEAK };
        let (label, note) = self.label_of(ui, button, rect.width(), [text, weak]);
        let mut left = rect.left() + self.px(15.0);
        if let Some(selected) = button.selected {
            let at = pos2(left + self.px(18.0), rect.center().y);
            ui.painter().circle_stroke(at, self.px(15.0), Stroke::new(self.px(2.0), text));
            if selected {
                style::tick(ui.painter(), at, self.px(12.0), text);
            }
            left += self.px(42.0);
        }
        let is_list = button.selected.is_some() || !button.note.is_empty();
        let x = |width: f32| if is_list { left } else { rect.center().x - width / 2.0 };
        let high = label.size().y + note.as_ref().map_or(0.0, |note| note.size().y);
        let top = rect.center().y - high / 2.0;
        let below = top + label.size().y;
        ui.painter().galley(pos2(x(label.size().x), top), label, text);
        if let Some(note) = note {
            ui.painter().galley(pos2(left, below), note, weak);
        }
        pressed
    }

    /// A square button with a painted sign instead of words.
    pub(super) fn symbol(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        name: &str,
        is_enabled: bool,
        paint: impl FnOnce(&egui::Painter, Pos2, f32, Color32),
    ) -> bool {
        let button = Button { is_enabled, ..Button::new("") };
        let (pressed, is_focused) = self.pressable(ui, rect, name, is_enabled, 1.0, &button);
        self.paint_symbol(ui, rect, is_enabled, is_focused);
        let colour = if is_enabled { style::TEXT } else { Color32::from_rgb(120, 126, 140) };
        paint(ui.painter(), rect.center(), self.unit, colour);
        pressed
    }

    pub(super) fn paint_symbol(&self, ui: &Ui, rect: Rect, is_enabled: bool, is_focused: bool) {
        let fill = match (self.palette(), is_enabled, is_focused) {
            (Palette::HighContrast, ..) => Color32::BLACK,
            (_, true, true) => Color32::from_rgb(62, 70, 94),
            (_, true, false) => Color32::from_rgba_unmultiplied(38, 43, 58, 235),
            _ => Color32::from_rgba_unmultiplied(30, 33, 44, 150),
        };
        let line = style::card_line(self.palette(), self.unit);
        ui.painter().rect(rect, style::corner(self.px(16.0)), fill, line, StrokeKind::Inside);
        self.ring(ui, rect, is_focused);
    }

    /// The ring around what is in focus.
    pub(super) fn ring(&self, ui: &Ui, rect: Rect, is_focused: bool) {
        if is_focused {
            let line = Stroke::new(self.px(4.0), self.tint(Tint::Gold));
            let around = rect.expand(self.px(3.0));
            ui.painter().rect_stroke(around, style::corner(self.px(19.0)), line, StrokeKind::Outside);
        }
    }

    /// Makes a place pressable; whether it was pressed, and whether it is in focus.
    pub(super) fn pressable(
        &mut self,
        ui: &Ui,
        rect: Rect,
        name: &str,
        is_enabled: bool,
        patience: f32,
        button: &Button<'_>,
    ) -> (bool, bool) {
        let id = Id::new(("shell_button", self.model.phase, name));
        let sense = if is_enabled { Sense::click() } else { Sense::hover() };
        let response = ui.interact(rect, id, sense);
        response.widget_info(|| match button.selected {
            Some(selected) => WidgetInfo::selected(WidgetType::RadioButton, is_enabled, selected, name),
            None => WidgetInfo::labeled(WidgetType::Button, is_enabled, name),
        });
        if !is_enabled {
            return (false, false);
        }
        let seen = rect.intersect(ui.clip_rect());
        self.state.next_targets.push(Target { id, rect: seen, patience, is_first: button.is_first });
        if response.hovered() && ui.input(|input| input.pointer.delta() != Vec2::ZERO) {
            response.request_focus();
        }
        if response.gained_focus() {
            ui.scroll_to_rect(rect.expand(self.px(12.0)), None);
        }
        let is_pressed = response.clicked() || self.state.pressed == Some(id);
        if is_pressed {
            self.state.pressed = None;
            self.actions.push(ShellAction::Hear(button.sound));
        }
        // Also while another program's window has the keyboard: a hand and a gamepad go on pointing here.
        let is_focused = self.ctx.memory(Memory::focused) == Some(id);
        (is_pressed, is_focused || self.state.dwell.on == Some(id))
    }
}

fn mix(a: Color32, b: Color32, share: f32) -> Color32 {
    let at = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share) as u8;
    Color32::from_rgb(at(a.r(), b.r()), at(a.g(), b.g()), at(a.b(), b.b()))
}
