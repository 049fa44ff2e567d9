//! A view model of a person in front of a camera, and a harness that shows it.

use bevy_egui::egui::{self, Color32, Shape};
use egui_kittest::Harness;
use livedance::app::overlay::{
    Action, AngleView, AvatarView, CameraView, LibraryView, OverlayModel, OverlayState, PerformanceView, PictureView,
    PlotsView, RecordingView, SourceStateView, SourceView, TimelineView, show,
};
use livedance::frame::Timings;
use livedance::motion::hand::{HandPose, Provenance};
use livedance::motion::{BodyPose, Hands, Landmark, POSE_LANDMARK_COUNT};
use livedance::pipeline::live::InferenceState;
use livedance::settings::Settings;

/// What the overlay reads and writes, and what it asked for.
pub(crate) struct Scene {
    pub(crate) model: OverlayModel,
    pub(crate) state: OverlayState,
    pub(crate) actions: Vec<Action>,
}

impl Scene {
    pub(crate) fn new(model: OverlayModel) -> Self {
        Self { model, state: OverlayState::default(), actions: Vec::new() }
    }

    /// The newest settings asked for.
    pub(crate) fn settings_asked(&self) -> Option<&Settings> {
        self.actions.iter().rev().find_map(|action| match action {
            Action::SetSettings(settings) => Some(&**settings),
            _ => None,
        })
    }
}

/// A harness of a size in points. Settings that were asked for take effect, as in the application.
pub(crate) fn harness_of(width: f32, height: f32, scene: Scene) -> Harness<'static, Scene> {
    Harness::builder().with_size(egui::vec2(width, height)).with_max_steps(30).build_ui_state(
        |ui, scene: &mut Scene| {
            let context = ui.ctx().clone();
            let actions = show(&context, &scene.model, &mut scene.state);
            for action in &actions {
                if let Action::SetSettings(settings) = action {
                    scene.model.settings = (**settings).clone();
                }
            }
            scene.actions.extend(actions);
        },
        scene,
    )
}

/// The usual harness.
pub(crate) fn harness(scene: Scene) -> Harness<'static, Scene> {
    harness_of(1280.0, 720.0, scene)
}

/// A standing person: each landmark elsewhere, all in view.
pub(crate) fn person() -> BodyPose {
    let mut pose = BodyPose {
        id: 7,
        is_new: false,
        score: 0.93,
        image: [Landmark { visibility: 1.0, presence: 1.0, ..Landmark::default() }; POSE_LANDMARK_COUNT],
        world: [Landmark { visibility: 1.0, presence: 1.0, ..Landmark::default() }; POSE_LANDMARK_COUNT],
        size_px: 600.0,
        hands: Hands::default(),
    };
    for index in 0..POSE_LANDMARK_COUNT {
        let step = index as f32;
        pose.image[index].position = glam::vec3(300.0 + 7.0 * step, 80.0 + 17.0 * step, 0.0);
        pose.world[index].position = glam::vec3(0.01 * step, -0.8 + 0.05 * step, -0.005 * step);
    }
    pose
}

/// A hand whose points lie on a line that begins at `x`.
pub(crate) fn hand(score: f32, x: f32) -> HandPose {
    let image = std::array::from_fn(|i| glam::vec3(x + 5.0 * i as f32, 300.0, 0.0));
    HandPose { provenance: Provenance::Measured, score, image, world: [glam::Vec3::ZERO; 21] }
}

/// A camera that runs, a person in view, all figures measured.
pub(crate) fn model() -> OverlayModel {
    OverlayModel {
        source: SourceView {
            spec: "camera:0".to_owned(),
            name: "Desk camera".to_owned(),
            live: true,
            width: 1280,
            height: 720,
            fps: Some(30.0),
            position_s: 12.5,
            duration_s: None,
            state: SourceStateView::Running,
        },
        inference: InferenceState::Running,
        remote: None,
        performance: PerformanceView {
            capture_fps: Some(30.04),
            inference_fps: Some(28.71),
            render_fps: Some(59.93),
            latency_p50_ms: Some(41.6),
            latency_p95_ms: Some(63.2),
            stages: Timings {
                decode: 1.25,
                downscale: 0.81,
                detect: 2.37,
                pose: 17.42,
                hands: 0.0,
                angles: 0.05,
                smoothing: 0.11,
                total: 22.3,
                model: 16.9,
                ..Timings::default()
            },
            captured: 400,
            dropped: 12,
            given_up: "",
        },
        people: vec![person()],
        loose_hands: Hands::default(),
        angles: vec![
            AngleView { name: "left_elbow", degrees: Some(171.23) },
            AngleView { name: "right_elbow", degrees: None },
            AngleView { name: "spine", degrees: Some(92.0) },
        ],
        timeline: None,
        plots: PlotsView::default(),
        picture: Some(PictureView { texture: egui::TextureId::Managed(0), width: 1280.0, height: 720.0 }),
        settings: Settings::default(),
        cameras: vec![
            CameraView { spec: "camera:0".to_owned(), name: "Desk camera".to_owned() },
            CameraView { spec: "camera:1".to_owned(), name: "Ceiling camera".to_owned() },
        ],
        calibration: None,
        height_m: None,
        avatars: vec![
            AvatarView { spec: String::new(), name: "Livedance".to_owned() },
            AvatarView { spec: "/avatars/Ann.vrm".to_owned(), name: "Ann.vrm".to_owned() },
        ],
        max_threads: 8,
        recording: RecordingView::Idle,
        library: LibraryView::default(),
        stream: Ok(String::new()),
        transparent_window: false,
    }
}

/// A file that plays.
pub(crate) fn file_model() -> OverlayModel {
    let mut model = model();
    model.source = SourceView {
        spec: "/videos/waltz.mp4".to_owned(),
        name: "waltz.mp4".to_owned(),
        live: false,
        duration_s: Some(75.0),
        ..model.source
    };
    model
}

/// A take that plays: 240 frames in 8 seconds, 2 seconds in.
pub(crate) fn take_model() -> OverlayModel {
    let mut model = model();
    model.source = SourceView {
        spec: "/takes/waltz.ldt".to_owned(),
        name: "waltz.ldt".to_owned(),
        live: false,
        position_s: 2.0,
        duration_s: Some(8.0),
        ..model.source
    };
    model.timeline = Some(TimelineView {
        position_s: 2.0,
        duration_s: 8.0,
        frame: 60,
        frames: 240,
        range_s: (0.0, 8.0),
        is_looping: true,
        speed: 1.0,
        can_trim: true,
    });
    model
}

/// Every shape on the screen, containers opened.
pub(crate) fn shapes(harness: &Harness<'_, Scene>) -> Vec<Shape> {
    fn collect(shape: &Shape, into: &mut Vec<Shape>) {
        match shape {
            Shape::Vec(inner) => inner.iter().for_each(|shape| collect(shape, into)),
            Shape::Noop => {}
            other => into.push(other.clone()),
        }
    }
    let mut all = Vec::new();
    harness.output().shapes.iter().for_each(|clipped| collect(&clipped.shape, &mut all));
    all
}

/// Lines whose colour, whatever its opacity, is asked for.
fn lines(harness: &Harness<'_, Scene>, wanted: impl Fn([u8; 4]) -> bool) -> Vec<([egui::Pos2; 2], Color32)> {
    shapes(harness)
        .into_iter()
        .filter_map(|shape| match shape {
            Shape::LineSegment { points, stroke } if wanted(stroke.color.to_srgba_unmultiplied()) => {
                Some((points, stroke.color))
            }
            _ => None,
        })
        .collect()
}

/// The skeleton's lines: pink.
pub(crate) fn bones(harness: &Harness<'_, Scene>) -> Vec<([egui::Pos2; 2], Color32)> {
    lines(harness, |[red, green, blue, _]| red > 240 && (70..120).contains(&green) && (140..185).contains(&blue))
}

/// The lines of hands: teal.
pub(crate) fn hand_bones(harness: &Harness<'_, Scene>) -> Vec<([egui::Pos2; 2], Color32)> {
    lines(harness, |[red, green, blue, _]| red < 60 && (185..210).contains(&green) && (180..205).contains(&blue))
}
