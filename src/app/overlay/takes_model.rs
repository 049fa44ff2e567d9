//! What the overlay is given of recordings and takes, and what it asks for.

use std::path::PathBuf;
use std::sync::Arc;

use bevy_egui::egui::Pos2;

use crate::export::Format;

/// What is being recorded.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum RecordingView {
    /// Nothing, and nothing can be: says why.
    Unavailable {
        /// In a few words.
        why: &'static str,
    },
    /// Nothing.
    #[default]
    Idle,
    /// The recording begins in a moment.
    Countdown {
        /// Seconds until then.
        left_s: f64,
    },
    /// A take.
    Recording {
        /// Its length so far.
        seconds: f64,
        /// Its size so far.
        bytes: u64,
        /// Frames that are missing in it, because the disk was too slow.
        lost: u64,
    },
    /// A take that has ended is on its way to the disk.
    Finishing,
}

/// The takes that are there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LibraryView {
    /// Where they lie.
    pub folder: PathBuf,
    /// Whether the folder is being read.
    pub is_reading: bool,
    /// Why the folder cannot be read.
    pub error: Option<String>,
    /// The newest first.
    pub takes: Arc<[TakeView]>,
    /// The take that is being recorded.
    pub recording: Option<PathBuf>,
    /// What is being exported, or was last.
    pub export: Option<ExportView>,
}

/// An export that runs, or has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportView {
    /// The take.
    pub take: PathBuf,
    /// Where the files go.
    pub folder: PathBuf,
    /// How far it is, 0 to 1; `None` once it has ended.
    pub progress: Option<f32>,
    /// What came of it, when it has ended: a sentence, or what went wrong.
    pub outcome: Result<String, String>,
}

/// What a take is to be exported to.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportForm {
    /// Formats, each once.
    pub formats: Vec<Format>,
    /// Frames a second; `None` for the take's own.
    pub fps: Option<f64>,
    /// Whether trembling is smoothed away.
    pub smooth: bool,
}

impl Default for ExportForm {
    fn default() -> Self {
        Self { formats: vec![Format::Bvh, Format::Glb], fps: None, smooth: true }
    }
}

/// A take in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeView {
    /// Its file.
    pub path: PathBuf,
    /// What the user calls it.
    pub name: String,
    /// What the user wrote about it.
    pub notes: String,
    /// When it was recorded, as people write it.
    pub recorded: String,
    /// Length in seconds.
    pub duration_s: f64,
    /// Frames in it.
    pub frames: usize,
    /// Most people in view at the same time.
    pub people: usize,
    /// Size of the file.
    pub bytes: u64,
    /// How it ended.
    pub state: TakeStateView,
    /// Somebody in it.
    pub figure: Option<TakeFigure>,
}

/// How a take ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TakeStateView {
    /// As it should.
    #[default]
    Whole,
    /// In the middle, by a crash or a full disk; what came before is there.
    Recovered,
    /// It cannot be opened.
    Broken {
        /// Why, and what to do.
        reason: String,
    },
}

/// The skeletons of a frame, in a unit square: origin top left.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TakeFigure {
    /// Lines of everybody, and how opaque each is drawn.
    pub lines: Vec<([Pos2; 2], f32)>,
}

/// What a person wants done with the takes.
#[derive(Debug, Clone, PartialEq)]
pub enum TakeRequest {
    /// Call it something else.
    Rename {
        /// The take.
        path: PathBuf,
        /// Its new name.
        name: String,
    },
    /// Keep this about it.
    Annotate {
        /// The take.
        path: PathBuf,
        /// What is written about it.
        notes: String,
    },
    /// Move it to the bin. Was confirmed.
    Delete(PathBuf),
    /// Write it in the formats that others read.
    Export {
        /// The take.
        path: PathBuf,
        /// How.
        form: ExportForm,
    },
    /// Show it in the system's own file manager.
    Reveal(PathBuf),
    /// Read the folder again.
    Refresh,
}
