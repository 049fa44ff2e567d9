//! Takes posed again: the landmarks as they were tracked, with the filter and the avatars that are asked for now. No model runs.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::poser::posed;
use crate::capture::{SourceInfo, SourceKind};
use crate::formats::take::{TakeError, TakeReader};
use crate::frame::{RgbImage, TrackedFrame};
use crate::motion::angle::joint_angles;
use crate::motion::angle_series::AngleSeries;
use crate::motion::filter::SmoothingParams;
use crate::motion::session::{ActorFrame, Cast, MotionSession, SessionOptions};

/// Longer side of the plain picture that stands for one that was not kept, pixels.
const PLAIN_SIDE: u32 = 256;
/// Its colour.
const PLAIN: [u8; 3] = [24, 27, 38];
/// What a take that does not say so was filmed in, pixels.
const USUAL_SIZE: (u32, u32) = (640, 480);

/// The frames of a take in order, filtered, with the poses of avatars. The same take and options give the same numbers, bit
/// for bit.
pub struct TakeFrames<R = File> {
    take: TakeReader<R>,
    session: MotionSession,
    fps: Option<f64>,
    next: usize,
    plain: Arc<RgbImage>,
}

impl TakeFrames<File> {
    /// Opens a take or a file of `track`. With `fps` the filters' clock is the frame's number divided by it.
    ///
    /// # Errors
    /// As [`TakeReader::open`].
    pub fn open(path: &Path, smoothing: SmoothingParams, fps: Option<f64>) -> Result<Self, TakeError> {
        Ok(Self::new(TakeReader::open(path)?, smoothing, fps))
    }
}

impl<R: Read + Seek> TakeFrames<R> {
    /// As [`TakeFrames::open`], for a take that is open.
    #[must_use]
    pub fn new(take: TakeReader<R>, smoothing: SmoothingParams, fps: Option<f64>) -> Self {
        Self { take, session: MotionSession::filter(smoothing), fps, next: 0, plain: Arc::default() }
    }

    /// What the take is.
    pub const fn take(&self) -> &TakeReader<R> {
        &self.take
    }

    /// What is known of the take as of any source.
    ///
    /// # Errors
    /// As [`TakeReader::frame`], for the first frame says how large the pictures were.
    pub fn info(&mut self) -> Result<SourceInfo, TakeError> {
        source_info(&mut self.take)
    }

    /// Poses these avatars, too. The filter stays what it is.
    pub fn set_cast(&mut self, options: SessionOptions, cast: Cast) {
        let smoothing = self.session.options().smoothing;
        self.session.set_options(SessionOptions { smoothing, ..options });
        self.session.set_cast(cast);
    }

    /// The next frame and the avatars of the cast, `None` after the last. Its picture is a plain one of the right
    /// proportions.
    ///
    /// # Errors
    /// As [`TakeReader::frame`].
    pub fn next_frame(&mut self) -> Result<Option<(TrackedFrame, Vec<ActorFrame>)>, TakeError> {
        Ok(self.next_raw()?.map(|frame| posed(&mut self.session, frame).filtered()))
    }

    /// The next frame as it was tracked, `None` after the last; for whoever has a session of their own.
    ///
    /// # Errors
    /// As [`TakeReader::frame`].
    pub fn next_raw(&mut self) -> Result<Option<TrackedFrame>, TakeError> {
        if self.next >= self.take.len() {
            return Ok(None);
        }
        let mut frame = self.take.tracked(self.next, Instant::now())?;
        if let Some(fps) = self.fps {
            frame.time_s = self.next as f64 / fps;
        }
        self.next += 1;
        dress(&mut frame, &mut self.plain);
        Ok(Some(frame))
    }
}

/// The joint angles of the first person in every frame of a take, smoothed. `go_on` hears how much is done, 0 to 1, now
/// and then; where it says no, what there is so far comes back.
///
/// # Errors
/// As [`TakeReader::open`] and [`TakeReader::frame`].
pub fn angle_series(
    path: &Path,
    smoothing: SmoothingParams,
    mut go_on: impl FnMut(f32) -> bool,
) -> Result<AngleSeries, TakeError> {
    let mut take = TakeFrames::open(path, smoothing, None)?;
    let (frames, mut series) = (take.take.len(), AngleSeries::new());
    while let Some((frame, _)) = take.next_frame()? {
        series.push(frame.time_s, frame.people.first().map(|person| joint_angles(&person.world)).as_ref());
        if take.next.is_multiple_of(64) && !go_on(take.next as f32 / frames as f32) {
            break;
        }
    }
    Ok(series)
}

/// What is known of a take as of any source.
///
/// # Errors
/// As [`TakeReader::frame`].
pub(super) fn source_info<R: Read + Seek>(take: &mut TakeReader<R>) -> Result<SourceInfo, TakeError> {
    let name = take.path().file_name().unwrap_or(take.path().as_os_str()).to_string_lossy().into_owned();
    let (duration_s, frames) = (take.duration_s(), take.len());
    let measured = (frames > 1 && duration_s > 0.0).then(|| (frames - 1) as f64 / duration_s);
    let fps = take.header().fps.filter(|fps| fps.is_finite() && *fps > 0.0).or(measured);
    let (width, height) = if frames == 0 {
        USUAL_SIZE
    } else {
        let first = take.frame(0)?;
        size_of(first.width, first.height)
    };
    Ok(SourceInfo {
        name,
        kind: SourceKind::Take,
        width,
        height,
        fps,
        frame_count: Some(frames as u64),
        duration_s: Some(duration_s),
    })
}

/// Gives a frame out of a take the plain picture that stands for the one that was not kept.
pub(super) fn dress(frame: &mut TrackedFrame, plain: &mut Arc<RgbImage>) {
    (frame.width, frame.height) = size_of(frame.width, frame.height);
    let (width, height) = plain_size(frame.width, frame.height);
    if (plain.width, plain.height) != (width, height) {
        *plain = Arc::new(plain_picture(frame.width, frame.height));
    }
    frame.picture = Arc::clone(plain);
}

/// A picture of one colour with these proportions, in the place of one that was not kept.
#[must_use]
pub fn plain_picture(width: u32, height: u32) -> RgbImage {
    let (width, height) = plain_size(width, height);
    RgbImage { width, height, data: PLAIN.repeat((width * height) as usize) }
}

fn size_of(width: u32, height: u32) -> (u32, u32) {
    if width == 0 || height == 0 { USUAL_SIZE } else { (width, height) }
}

fn plain_size(width: u32, height: u32) -> (u32, u32) {
    let longer = f64::from(width.max(height).max(1));
    let fit = |side: u32| ((f64::from(side) / longer * f64::from(PLAIN_SIDE)).round() as u32).clamp(1, PLAIN_SIDE);
    (fit(width), fit(height))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::motion::filter::PeopleSmoother;
    use crate::motion::retarget::AvatarPose;
    use crate::motion::skeleton::RestSkeleton;
    use crate::pipeline::take_player::fixture;
    use crate::settings::Settings;

    const EMA: SmoothingParams = SmoothingParams::Ema { alpha: 0.3 };
    const ONE_EURO: SmoothingParams = SmoothingParams::OneEuro { min_cutoff: 1.0, beta: 25.0 };

    fn take(folder: &Path) -> PathBuf {
        let path = folder.join("take.ldt");
        fixture::write(&path, (0..90).map(fixture::swaying));
        path
    }

    fn poses(path: &Path, smoothing: SmoothingParams) -> Vec<AvatarPose> {
        let mut take = TakeFrames::open(path, smoothing, None).expect("opens");
        let cast = Cast::Avatars { skeletons: vec![Arc::new(RestSkeleton::default())], followed: 1 };
        take.set_cast(Settings::default().session_options(), cast);
        let mut poses = Vec::new();
        while let Some((_, actors)) = take.next_frame().expect("reads") {
            poses.push(actors[0].pose);
        }
        poses
    }

    #[test]
    fn the_same_take_gives_the_same_poses_bit_for_bit() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = take(folder.path());
        let first = poses(&path, EMA);
        assert_eq!(first.len(), 90);
        assert_eq!(first, poses(&path, EMA));
        assert_ne!(first, poses(&path, ONE_EURO), "another filter, another motion");
    }

    #[test]
    fn another_filter_gives_what_tracking_with_it_would_have_given() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = take(folder.path());
        for smoothing in [SmoothingParams::None, EMA, ONE_EURO] {
            let mut take = TakeFrames::open(&path, smoothing, None).expect("opens");
            let mut smoother = PeopleSmoother::new(smoothing);
            let mut farthest = 0.0_f32;
            for index in 0..90 {
                let tracked = fixture::swaying(index);
                let expected = smoother.smooth(tracked.time_s, &tracked.people);
                let (frame, _) = take.next_frame().expect("reads").expect("a frame");
                assert_eq!(frame.people.len(), expected.len());
                for (point, expected) in frame.people[0].world.iter().zip(&expected[0].world) {
                    farthest = farthest.max(point.position.distance(expected.position));
                }
            }
            // A take is rounded to the millimetre: half of one on each of three axes.
            assert!(farthest < 1e-3, "{smoothing:?}: {farthest} m");
        }
    }

    #[test]
    fn angles_of_a_whole_take_are_told_as_they_come_and_can_be_stopped() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = take(folder.path());
        let mut heard = Vec::new();
        let series = angle_series(&path, EMA, |share| {
            heard.push(share);
            true
        });
        assert_eq!(series.expect("reads").len(), 90);
        assert_eq!(heard, [64.0 / 90.0]);
        assert_eq!(angle_series(&path, EMA, |_| false).expect("reads").len(), 64);
    }

    #[test]
    fn a_frame_without_its_picture_gets_a_plain_one_of_its_proportions() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut take = TakeFrames::open(&take(folder.path()), EMA, Some(10.0)).expect("opens");
        let info = take.info().expect("reads");
        assert_eq!((info.kind, info.width, info.height), (SourceKind::Take, 640, 480));
        assert_eq!(info.frame_count, Some(90));
        let times: Vec<f64> = (0..3).map(|_| take.next_frame().expect("reads").expect("a frame").0.time_s).collect();
        assert_eq!(times, [0.0, 0.1, 0.2], "a clock of its own");
        for (size, plain) in [((640, 480), (256, 192)), ((0, 0), (1, 1)), ((100_000, 1), (256, 1))] {
            let picture = plain_picture(size.0, size.1);
            assert_eq!((picture.width, picture.height), plain);
        }
    }
}
