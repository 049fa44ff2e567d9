//! The video that was recorded beside a take, shown along with it.

use std::path::Path;
use std::sync::Arc;

use crate::capture::{self, FrameSource, SourceSpec};
use crate::frame::{Frame, RgbImage};

/// A picture that is due within so many seconds is shown: the video has a steady rate, the take the tracker's moments.
const EARLY_S: f64 = 0.02;

/// A video that is read as far as the take has come.
pub(super) struct Beside {
    source: Box<dyn FrameSource>,
    first_s: Option<f64>,
    shown: Option<Arc<RgbImage>>,
    next: Option<Frame>,
    is_over: bool,
}

impl Beside {
    /// The video of a take, if one lies beside it and can be read.
    pub(super) fn of(take: &Path) -> Option<Self> {
        let video = take.with_extension("mp4");
        if video == take || !video.is_file() {
            return None;
        }
        match capture::open(&SourceSpec::Path(video)) {
            Ok(source) => Some(Self { source, first_s: None, shown: None, next: None, is_over: false }),
            Err(error) => {
                tracing::warn!("{error}; the skeleton is drawn on a plain ground instead");
                None
            }
        }
    }

    /// What was filmed so many seconds from the take's start; `None` where that cannot be read.
    pub(super) fn picture_at(&mut self, seconds: f64) -> Option<Arc<RgbImage>> {
        loop {
            if self.next.is_none() && !self.is_over {
                self.next = self.source.next_frame().unwrap_or_else(|error| {
                    tracing::warn!("{error}");
                    None
                });
                self.is_over = self.next.is_none();
            }
            let first_s = self.first_s;
            let is_due = |frame: &mut Frame| first_s.is_none_or(|first_s| frame.time_s - first_s <= seconds + EARLY_S);
            let Some(frame) = self.next.take_if(is_due) else { return self.shown.clone() };
            self.first_s.get_or_insert(frame.time_s);
            self.shown = Some(Arc::new(frame.image));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::video_file::{Pixels, VideoWriter};

    #[test]
    fn the_picture_is_the_one_of_its_moment() {
        let folder = tempfile::tempdir().expect("a folder");
        let take = folder.path().join("take.ldt");
        assert!(Beside::of(&take).is_none(), "there is none");
        let mut writer = VideoWriter::create(&take.with_extension("mp4"), 64, 64, 10.0, Pixels::Rgb).expect("writes");
        for frame in 0..20_u8 {
            let picture = RgbImage::new(64, 64, vec![frame * 12; 64 * 64 * 3]).expect("a picture");
            writer.write(&picture).expect("writes");
        }
        writer.finish().expect("ends");
        let mut beside = Beside::of(&take).expect("it lies there");
        for (seconds, frame) in [(0.0, 0), (0.05, 0), (0.1, 1), (0.55, 5), (0.55, 5), (1.2, 12), (9.0, 19)] {
            let picture = beside.picture_at(seconds).expect("a picture");
            let grey = f64::from(picture.data[64 * 64 * 3 / 2]);
            assert!((grey - f64::from(frame) * 12.0).abs() < 5.0, "{seconds} s: {grey}");
        }
        std::fs::write(take.with_extension("mp4"), "no video").expect("writes");
        assert!(Beside::of(&take).is_none_or(|mut beside| beside.picture_at(0.0).is_none()));
    }
}
