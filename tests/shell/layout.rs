//! Every screen at every size: large enough, and nothing cut off.

use bevy_egui::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use livedance::app::game::shell::{SMALLEST_TEXT, samples, unit};

use crate::fixture::{Scene, harness, texts};

const SIZES: [(f32, f32); 5] = [(1280.0, 720.0), (1920.0, 1080.0), (480.0, 800.0), (640.0, 480.0), (1024.0, 768.0)];

#[test]
fn no_text_is_smaller_than_can_be_read_across_a_room() {
    for (width, height) in SIZES {
        for name in samples::NAMES {
            let harness = harness(width, height, Scene::sample(name));
            let least = SMALLEST_TEXT * unit(harness.ctx.content_rect());
            let texts = texts(&harness);
            assert!(!texts.is_empty(), "{name} at {width} says nothing");
            for text in texts {
                assert!(
                    text.size >= least - 0.01,
                    "{name} at {width}×{height}: {} of {least}: {}",
                    text.size,
                    text.words
                );
            }
        }
    }
}

#[test]
fn nothing_is_cut_off() {
    for (width, height) in SIZES {
        let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height)).expand(0.5);
        for name in samples::NAMES {
            let harness = harness(width, height, Scene::sample(name));
            for text in texts(&harness) {
                let (rect, clip) = (text.rect, text.clip);
                let place = format!("{name} at {width}×{height}: {} at {rect:?} in {clip:?}", text.words);
                let sides = clip.expand(0.5).intersect(window);
                assert!(rect.left() >= sides.left() && rect.right() <= sides.right(), "sideways: {place}");
                // Where something scrolls, what is above or below can be reached; the arrows say so.
                let scrolls = clip.height() < height - 1.0 && has_arrows(&harness);
                let is_within = rect.top() >= sides.top() && rect.bottom() <= sides.bottom();
                assert!(is_within || scrolls, "upwards or downwards: {place}");
            }
        }
    }
}

#[test]
fn what_most_people_see_needs_no_scrolling() {
    for (width, height) in [(1280.0, 720.0), (1920.0, 1080.0)] {
        for name in samples::NAMES.into_iter().filter(|name| *name != "advice") {
            let harness = harness(width, height, Scene::sample(name));
            assert!(!has_arrows(&harness), "{name} at {width}×{height}");
        }
    }
}

fn has_arrows(harness: &Harness<'_, Scene>) -> bool {
    harness.query_all_by_label_contains("Scroll down").next().is_some()
}
