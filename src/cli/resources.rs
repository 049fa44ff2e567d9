//! What the process held at several moments, as `bench` reports it.

use serde::Serialize;

/// Resident memory in MiB at several moments; none on systems without `/proc`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct MemoryReport {
    /// Before the source and the models were opened.
    pub(super) start: Option<f64>,
    /// After 200 frames; none when there were fewer.
    pub(super) after_200: Option<f64>,
    /// After the last frame.
    pub(super) end: Option<f64>,
    /// The most there ever was.
    pub(super) peak: Option<f64>,
}

/// Open file descriptors; none on systems without `/proc`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct OpenFiles {
    /// After the first frame.
    pub(super) start: Option<usize>,
    /// After the last frame.
    pub(super) end: Option<usize>,
}
