//! What the overlay is given, and what it asks for: data alone, of which no panel's own memory is a part.

use bevy_egui::egui;

use crate::frame::Timings;
use crate::motion::{BodyPose, Hands};
use crate::pipeline::live::InferenceState;
use crate::settings::{Framing, Settings};

use super::recorded_model::{PlotsView, TimelineAction, TimelineView};
use super::takes_model::{LibraryView, RecordingView, TakeRequest};

/// Everything the overlay shows in one frame, filled by the application.
#[derive(Debug, Clone)]
pub struct OverlayModel {
    /// Where the frames come from and how it goes.
    pub source: SourceView,
    /// Where the source is, if it is a recording in which one can go to any moment.
    pub timeline: Option<TimelineView>,
    /// Joint angles over time; only filled while the panel is open.
    pub plots: PlotsView,
    /// The models.
    pub inference: InferenceState,
    /// The server that tracks, and the way to it; `None` while everything is tracked on this machine.
    pub remote: Option<RemoteView>,
    /// Rates, latency and losses.
    pub performance: PerformanceView,
    /// Everybody in view, smoothed. The first one's world landmarks stand in the data panel, all are drawn over the picture.
    pub people: Vec<BodyPose>,
    /// Hands tracked without bodies, smoothed; they are drawn over the picture too.
    pub loose_hands: Hands,
    /// The first person's joint angles in the order in which they are listed; empty when nobody is in view.
    pub angles: Vec<AngleView>,
    /// The picture under the skeleton; `None` until the first frame.
    pub picture: Option<PictureView>,
    /// The settings now in force.
    pub settings: Settings,
    /// Cameras found by the last search.
    pub cameras: Vec<CameraView>,
    /// What is sent to other programs, in a line; empty for nothing. `Err` says why it cannot be sent.
    pub stream: Result<String, String>,
    /// Whether the window can be seen through as far as the system allows it. Chosen when the app starts.
    pub transparent_window: bool,
    /// Avatars that can be chosen: the bundled ones, then files that were shown before.
    pub avatars: Vec<AvatarView>,
    /// How far the calibration of the first person's bones is, 0 to 1; `None` while there is none.
    pub calibration: Option<f32>,
    /// The first person's height as known or estimated, metres; `None` while nobody was seen.
    pub height_m: Option<f32>,
    /// What is being recorded.
    pub recording: RecordingView,
    /// The takes that are there.
    pub library: LibraryView,
    /// Most threads that can be chosen: the machine's cores. At least 1.
    pub max_threads: u32,
}

impl Default for OverlayModel {
    fn default() -> Self {
        Self {
            source: SourceView::default(),
            timeline: None,
            plots: PlotsView::default(),
            inference: InferenceState::Loading,
            remote: None,
            performance: PerformanceView::default(),
            people: Vec::new(),
            loose_hands: Hands::default(),
            angles: Vec::new(),
            picture: None,
            settings: Settings::default(),
            cameras: Vec::new(),
            avatars: Vec::new(),
            calibration: None,
            height_m: None,
            stream: Ok(String::new()),
            transparent_window: false,
            recording: RecordingView::default(),
            library: LibraryView::default(),
            max_threads: 0,
        }
    }
}

/// The source of frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceView {
    /// As a user types it: `camera`, `camera:N`, `demo` or a path; empty or `auto` means a camera if there is one,
    /// else the demo.
    pub spec: String,
    /// For people: the camera's name, the file's name.
    pub name: String,
    /// Whether frames come as they happen (a camera) rather than from a file.
    pub live: bool,
    /// Pixels; 0 while unknown.
    pub width: u32,
    /// Pixels; 0 while unknown.
    pub height: u32,
    /// Frames a second that the source promises.
    pub fps: Option<f64>,
    /// Time of the newest frame on the source's clock, in seconds. A file that plays in a loop counts on past its
    /// length; the overlay shows the place within the file.
    pub position_s: f64,
    /// Length in seconds, where there is one.
    pub duration_s: Option<f64>,
    /// What it does.
    pub state: SourceStateView,
}

/// What the source does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SourceStateView {
    /// Being opened.
    #[default]
    Opening,
    /// Open, and nothing has come yet, which is nobody's fault: the other program sends when it likes.
    Listening,
    /// Frames come.
    Running,
    /// Held by the user.
    Paused,
    /// A file at its end.
    Ended,
    /// Lost for now and tried again by itself: an unplugged camera.
    Waiting {
        /// What happened and what to do.
        message: String,
    },
    /// Cannot be used.
    Failed {
        /// What happened and what to do.
        message: String,
    },
}

/// A server that tracks, and the way to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RemoteView {
    /// What it calls itself; empty where it does not say.
    pub server: String,
    /// How the connection is doing.
    pub state: RemoteStateView,
    /// Whether this machine tracks in the server's place.
    pub is_local: bool,
    /// Medians of the last seconds, milliseconds: there and back, at the server, on the way. `None` without answers.
    pub trip_ms: Option<[f32; 3]>,
    /// Frames sent, answered, given up.
    pub counts: [u64; 3],
    /// Frames on their way now, and at most.
    pub in_flight: [usize; 2],
    /// Bytes of a picture, its quality (1 to 100), its width and height; zeros before the first.
    pub picture: [u32; 4],
    /// What the server, or its answers, gave reason to complain about; empty for nothing.
    pub problem: String,
}

/// How a connection is doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum RemoteStateView {
    /// Being opened.
    #[default]
    Connecting,
    /// Open.
    Connected,
    /// Lost; tried again.
    Reconnecting {
        /// In so many seconds.
        in_s: f32,
        /// What happened and what to do.
        message: String,
    },
    /// The server does not want this client.
    Refused {
        /// Why and what to do.
        message: String,
    },
}

/// How fast and how late. `None` where nothing was measured yet.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PerformanceView {
    /// Frames a second from the source.
    pub capture_fps: Option<f32>,
    /// Tracked frames a second.
    pub inference_fps: Option<f32>,
    /// Pictures a second on the screen.
    pub render_fps: Option<f32>,
    /// Milliseconds from a frame's capture to its pose on the screen, median.
    pub latency_p50_ms: Option<f32>,
    /// The same, 95th percentile.
    pub latency_p95_ms: Option<f32>,
    /// Milliseconds of each stage, medians over the last seconds.
    pub stages: Timings,
    /// Frames captured since the source was opened.
    pub captured: u64,
    /// Frames among them that were overwritten before they could be tracked.
    pub dropped: u64,
    /// What was given up so that tracking keeps up; empty for nothing.
    pub given_up: &'static str,
}

/// One joint angle.
#[derive(Debug, Clone, PartialEq)]
pub struct AngleView {
    /// As in files: `left_elbow`.
    pub name: &'static str,
    /// Degrees, 180 is straight; `None` while the joint is hidden.
    pub degrees: Option<f32>,
}

/// The picture that lies under the skeleton.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureView {
    /// The picture, not mirrored.
    pub texture: egui::TextureId,
    /// Width in the pixels that the image landmarks are given in, that is of the source.
    pub width: f32,
    /// Height in the same pixels.
    pub height: f32,
}

/// A camera that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraView {
    /// What [`Action::SetSource`] gives back: `camera:N`.
    pub spec: String,
    /// The name that the system gives it.
    pub name: String,
}

/// An avatar that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvatarView {
    /// What [`Action::SetAvatar`] gives back: a path, a bundled one's name, or empty for the usual one.
    pub spec: String,
    /// For people: a name, or a file's.
    pub name: String,
}

/// What a person asked for and the application has to carry out.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Use these settings from now on and keep them. They passed [`Settings::check`].
    /// Comes in every frame while a slider is dragged.
    SetSettings(Box<Settings>),
    /// Take frames from here: `camera`, `camera:N`, `demo`, a path, or empty for whatever is there.
    SetSource(String),
    /// Let this server track, with a token if one was typed, and remember it.
    Connect {
        /// An address that was checked.
        url: String,
        /// `None` keeps the one that is known.
        token: Option<String>,
    },
    /// Track on this machine.
    Disconnect,
    /// Hold or go on.
    SetPaused(bool),
    /// Do this with the recording that is the source.
    Timeline(TimelineAction),
    /// Open the same source (and the models, where those failed) once more, from the start.
    Reopen,
    /// Look for cameras.
    RefreshCameras,
    /// Let the user pick a file to track.
    OpenFile,
    /// Show this avatar: a path, a bundled one's name, or empty for the usual one.
    SetAvatar(String),
    /// Let the user pick an avatar's file.
    OpenAvatar,
    /// Write the names of the avatar's bones into a file that can be edited, then say where.
    WriteBoneMap,
    /// Learn the first person's bones anew while they stand with the arms out.
    Calibrate,
    /// Write the newest landmarks and angles to a JSON file, then say where with [`super::OverlayState::notify`].
    SaveData,
    /// Record after the countdown; during it or while recording, end that.
    ToggleRecording,
    /// Do something with the takes.
    Takes(TakeRequest),
    /// Put the orbit camera back to the framing chosen.
    ResetView,
    /// Move the orbit camera there.
    Frame(Framing),
    /// Leave the studio for the games.
    OpenGames,
}

/// What kind of message passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastKind {
    /// For information.
    Info,
    /// Something worked.
    Success,
    /// Something to know about.
    Warning,
    /// Something failed.
    Error,
}
