//! Colours, sizes and shapes of the shell: dark, translucent, large enough to be read across a room.

use bevy_egui::egui::{
    Color32, CornerRadius, FontFamily, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2,
};

use super::super::Tint;
use crate::settings::Palette;

/// Text that is read.
pub(super) const TEXT: Color32 = Color32::from_rgb(240, 243, 250);
/// Text that explains.
pub(super) const WEAK: Color32 = Color32::from_rgb(190, 198, 214);
/// Text on a filled button.
pub(super) const DARK: Color32 = Color32::from_rgb(10, 12, 18);
/// Behind gauges.
pub(super) const GROOVE: Color32 = Color32::from_rgb(58, 64, 82);

/// Sizes of text in units, of which the lesser side of the window has at least 720.
pub(super) const BODY: f32 = 28.0;
/// The smallest text there is.
pub(super) const SMALL: f32 = 26.0;
/// Buttons.
pub(super) const BUTTON: f32 = 34.0;
/// Headings of cards.
pub(super) const HEADING: f32 = 42.0;
/// Titles of screens.
pub(super) const TITLE: f32 = 66.0;

/// Pixels of one unit in a window of this size.
pub(super) fn unit(window: Rect) -> f32 {
    let least = window.width().min(window.height());
    if least.is_finite() { (least / 720.0).clamp(0.3, 6.0) } else { 1.0 }
}

/// The only font, at a size in pixels.
pub(super) fn font(px: f32) -> FontId {
    FontId::new(px, FontFamily::Proportional)
}

/// A colour of things in the user's palette.
pub(super) const fn tint(tint: Tint, palette: Palette) -> Color32 {
    let [red, green, blue] = tint.colour(palette);
    Color32::from_rgb(red, green, blue)
}

/// The colour of a player.
pub(super) const fn player(number: usize, palette: Palette) -> Color32 {
    tint(Tint::Kind(number as u8), palette)
}

/// What a card is filled with.
pub(super) fn card_fill(palette: Palette) -> Color32 {
    match palette {
        Palette::HighContrast => Color32::BLACK,
        _ => Color32::from_rgba_unmultiplied(15, 17, 26, 236),
    }
}

/// The line around a card.
pub(super) fn card_line(palette: Palette, unit: f32) -> Stroke {
    match palette {
        Palette::HighContrast => Stroke::new(2.0 * unit, Color32::WHITE),
        _ => Stroke::new(1.5 * unit, Color32::from_rgba_unmultiplied(255, 255, 255, 34)),
    }
}

/// Paints a card.
pub(super) fn card(painter: &Painter, rect: Rect, palette: Palette, unit: f32) {
    let round = corner(22.0 * unit);
    painter.rect(rect, round, card_fill(palette), card_line(palette, unit), StrokeKind::Inside);
}

/// A radius of corners, pixels.
pub(super) fn corner(px: f32) -> CornerRadius {
    CornerRadius::same(px.clamp(0.0, 250.0) as u8)
}

/// A bar that is filled from the left by `share`; not a number leaves it empty.
pub(super) fn gauge(painter: &Painter, rect: Rect, share: f32, colour: Color32) {
    let round = corner(rect.height() / 2.0);
    painter.rect_filled(rect, round, GROOVE);
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    if share > 0.0 {
        let filled = rect.with_max_x(rect.left() + (rect.width() * share).max(rect.height()));
        painter.rect_filled(filled, round, colour);
    }
}

/// A star with five points, filled or hollow.
pub(super) fn star(painter: &Painter, at: Pos2, radius: f32, colour: Color32, is_filled: bool) {
    let points: Vec<Pos2> = (0..10)
        .map(|index| {
            let reach = if index % 2 == 0 { radius } else { radius * 0.42 };
            let (sin, cos) = (index as f32 * std::f32::consts::PI / 5.0).sin_cos();
            at + vec2(sin, -cos) * reach
        })
        .collect();
    if is_filled {
        let mut mesh = Mesh::default();
        mesh.colored_vertex(at, colour);
        for point in &points {
            mesh.colored_vertex(*point, colour);
        }
        for index in 0..10 {
            mesh.add_triangle(0, 1 + index, 1 + (index + 1) % 10);
        }
        painter.add(mesh);
    }
    painter.add(Shape::closed_line(points, Stroke::new((radius * 0.1).max(1.5), colour)));
}

/// Five stars side by side from `at`, the left end of the row's middle line; returns where they end.
pub(super) fn stars(painter: &Painter, at: Pos2, radius: f32, count: u32, colour: Color32) -> f32 {
    for index in 0..5 {
        let middle = pos2(at.x + radius * (1.0 + 2.4 * index as f32), at.y);
        star(painter, middle, radius, if index < count { colour } else { GROOVE.gamma_multiply(2.0) }, index < count);
    }
    at.x + radius * 11.6
}

/// A heart, filled or hollow.
pub(super) fn heart(painter: &Painter, at: Pos2, radius: f32, colour: Color32, is_filled: bool) {
    let points: Vec<Pos2> = (0..40)
        .map(|index| {
            let (sin, cos) = (index as f32 * std::f32::consts::TAU / 40.0).sin_cos();
            let (c2, c3, c4) = (2.0 * cos * cos - 1.0, 4.0 * cos.powi(3) - 3.0 * cos, {
                let c2 = 2.0 * cos * cos - 1.0;
                2.0 * c2 * c2 - 1.0
            });
            let (x, y) = (16.0 * sin.powi(3), 13.0 * cos - 5.0 * c2 - 2.0 * c3 - c4);
            at + vec2(x, -y) * (radius / 17.0)
        })
        .collect();
    if is_filled {
        let mut mesh = Mesh::default();
        mesh.colored_vertex(at, colour);
        for point in &points {
            mesh.colored_vertex(*point, colour);
        }
        for index in 0..40 {
            mesh.add_triangle(0, 1 + index, 1 + (index + 1) % 40);
        }
        painter.add(mesh);
    }
    painter.add(Shape::closed_line(points, Stroke::new((radius * 0.12).max(1.5), colour)));
}

/// A triangle that points up, down, left or right (0 to 3 quarter turns from up, clockwise).
pub(super) fn arrow(painter: &Painter, at: Pos2, radius: f32, quarters: u8, colour: Color32) {
    let turn = f32::from(quarters) * std::f32::consts::FRAC_PI_2;
    let points = [0.0_f32, 2.2, -2.2].map(|angle| {
        let (sin, cos) = (turn + angle).sin_cos();
        at + vec2(sin, -cos) * radius
    });
    painter.add(Shape::convex_polygon(points.to_vec(), colour, Stroke::NONE));
}

/// A tick.
pub(super) fn tick(painter: &Painter, at: Pos2, radius: f32, colour: Color32) {
    let points = vec![at + vec2(-0.8, 0.05) * radius, at + vec2(-0.2, 0.65) * radius, at + vec2(0.85, -0.6) * radius];
    painter.add(Shape::line(points, Stroke::new(radius * 0.3, colour)));
}

/// A number of points as people write it: `12 480`; a dash for what is no number.
pub(super) fn points(points: f64) -> String {
    if !points.is_finite() {
        return "–".to_owned();
    }
    let whole = format!("{:.0}", points.clamp(-1e15, 1e15).abs());
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    if points <= -0.5 { format!("−{text}") } else { text }
}

/// Minutes and seconds: `1:05`; a dash for what is no number.
pub(super) fn clock(seconds: f32) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    let seconds = seconds.clamp(0.0, 36_000.0).ceil() as u32;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// The relative luminance of a colour. Source: WCAG 2.2.
#[cfg(test)]
fn luminance(colour: Color32) -> f32 {
    let linear = |c: u8| {
        let c = f32::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_stands_out_from_what_lies_behind_it() {
        for palette in [Palette::ColourSafe, Palette::Vivid, Palette::HighContrast] {
            // The card over the brightest part of the studio, which is no brighter than this.
            let [r, g, b, a] = card_fill(palette).to_srgba_unmultiplied();
            let over = |c: u8| (f32::from(c) * f32::from(a) + 150.0 * (255.0 - f32::from(a))) / 255.0;
            let behind = Color32::from_rgb(over(r) as u8, over(g) as u8, over(b) as u8);
            for text in [TEXT, WEAK, player(0, palette), player(1, palette), player(2, palette), player(3, palette)] {
                assert!(contrast(text, behind) >= 4.5, "{palette:?}: {text:?} on {behind:?}");
            }
            for fill in [Tint::Kind(0), Tint::Gold].map(|it| tint(it, palette)) {
                assert!(contrast(DARK, fill) >= 4.5, "{palette:?}: dark on {fill:?}");
            }
        }
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(points(1_234_567.4), "1\u{a0}234\u{a0}567");
        assert_eq!((points(0.0), points(999.0), points(-1500.0)), ("0".into(), "999".into(), "−1\u{a0}500".into()));
        assert_eq!((points(f64::NAN), clock(f32::INFINITY)), ("–".into(), "–".into()));
        assert_eq!((clock(64.2), clock(-3.0)), ("1:05".into(), "0:00".into()));
    }
}
