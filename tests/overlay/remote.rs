//! The server that tracks: typed, connected, watched, left.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use livedance::app::overlay::{Action, RemoteStateView, RemoteView};
use livedance::settings::Settings;

use crate::fixture::{Scene, harness_of, model};

fn opened(settings: Settings, remote: Option<RemoteView>) -> Harness<'static, Scene> {
    let mut scene = Scene::new(model());
    (scene.model.settings, scene.model.remote) = (settings, remote);
    scene.state.settings.open = true;
    let mut harness = harness_of(1280.0, 2400.0, scene);
    harness.run();
    harness
}

fn connected() -> RemoteView {
    RemoteView {
        server: "livedance 0.1 full".to_owned(),
        state: RemoteStateView::Connected,
        trip_ms: Some([48.2, 30.1, 18.1]),
        counts: [120, 117, 3],
        in_flight: [1, 2],
        picture: [24_300, 85, 683, 384],
        ..RemoteView::default()
    }
}

fn in_use() -> Settings {
    Settings { remote: "ws://studio:8000".to_owned(), ..Settings::default() }
}

#[test]
fn an_address_is_typed_and_connected_with_a_token() {
    let mut harness = opened(Settings::default(), None);
    harness.get_by_label("Address of the server").focus();
    harness.get_by_label("Address of the server").type_text("ws://studio:8000/");
    harness.run();
    harness.get_by_label("Token for the server").focus();
    harness.get_by_label("Token for the server").type_text("secret");
    harness.run();
    harness.get_by_label("Connect").click();
    harness.run();
    let wanted = Action::Connect { url: "ws://studio:8000".to_owned(), token: Some("secret".to_owned()) };
    assert_eq!(harness.state().actions, [wanted]);
}

#[test]
fn what_is_no_address_is_told_and_not_used() {
    let mut harness = opened(Settings::default(), None);
    harness.get_by_label("Address of the server").focus();
    harness.get_by_label("Address of the server").type_text("http://studio");
    harness.run();
    harness.get_by_label("Connect").click();
    // The message fades in and out.
    harness.run_steps(3);
    assert!(harness.state().actions.is_empty());
    assert!(harness.query_by_label_contains("socketio+http://").is_some(), "it says what to write");
}

#[test]
fn a_connection_is_told_in_words_and_figures_and_can_be_left() {
    let mut harness = opened(in_use(), Some(connected()));
    for text in [
        "Connected to livedance 0.1 full",
        "Tracked by the server",
        "48 ms",
        "30 + 18 ms",
        "120, 117, 3",
        "1 of 2",
        "683 × 384, 24 kB, quality 85",
    ] {
        assert!(harness.query_by_label(text).is_some(), "{text}");
    }
    harness.get_by_label("Disconnect").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::Disconnect]);
}

#[test]
fn trouble_is_told_with_what_happens_next() {
    let lost = RemoteStateView::Reconnecting { in_s: 3.2, message: "nobody answers".to_owned() };
    let harness = opened(in_use(), Some(RemoteView { state: lost, is_local: true, ..connected() }));
    for text in ["Lost. Trying again in 4 s", "nobody answers", "Tracked on this machine: until the server is back"] {
        assert!(harness.query_by_label(text).is_some(), "{text}");
    }
    let refused = RemoteStateView::Refused { message: "the token is wrong".to_owned() };
    let harness = opened(in_use(), Some(RemoteView { state: refused, ..connected() }));
    for text in ["The server refuses", "the token is wrong"] {
        assert!(harness.query_by_label(text).is_some(), "{text}");
    }
}

#[test]
fn broken_figures_are_dashes() {
    let broken = RemoteView { trip_ms: Some([f32::NAN, f32::INFINITY, -1.0]), ..connected() };
    opened(in_use(), Some(broken));
    opened(in_use(), Some(RemoteView::default()));
}
