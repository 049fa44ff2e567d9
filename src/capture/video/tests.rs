//! Against real files: the bundled demo, and clips that ffmpeg itself makes.

use std::path::Path;

use super::*;
use crate::capture::demo_path;
use crate::requirement::need;

/// Whether this machine has ffmpeg; says so where it has not.
fn have_ffmpeg() -> bool {
    need("ffmpeg", Programs::find().ok(), "there is no ffmpeg on this machine").is_some()
}

fn make(arguments: &[&str], path: &Path) {
    let output = Programs::find()
        .expect("ffmpeg is there")
        .ffmpeg()
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments)
        .arg(path)
        .output()
        .expect("ffmpeg runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn read_all(path: &Path) -> (Vec<Frame>, Option<CaptureError>) {
    let mut source = VideoSource::open(path).expect("opens");
    let mut frames = Vec::new();
    loop {
        match source.next_frame() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return (frames, None),
            Err(error) => {
                assert!(source.next_frame().expect("ends").is_none(), "nothing follows an error");
                return (frames, Some(error));
            }
        }
    }
}

#[test]
fn the_demo_decodes_whole_with_its_own_times() {
    if !have_ffmpeg() {
        return;
    }
    let info = VideoSource::open(&demo_path()).expect("opens").info().clone();
    assert_eq!((info.width, info.height, info.fps), (640, 480, Some(30.0)));
    assert_eq!((info.frame_count, info.duration_s), (Some(300), Some(10.0)));
    let (frames, error) = read_all(&demo_path());
    assert_eq!((frames.len(), error), (300, None));
    for (index, frame) in frames.iter().enumerate() {
        assert_eq!(frame.frame_id, index as u64);
        assert!((frame.time_s - index as f64 / 30.0).abs() < 1e-9, "frame {index} at {}", frame.time_s);
    }
}

#[test]
fn a_video_cut_in_half_gives_what_decodes_then_says_so() {
    if !have_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("half.mp4");
    let bytes = std::fs::read(demo_path()).expect("reads the demo");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("writes");
    let (frames, error) = read_all(&path);
    let error = error.expect("the cut is reported");
    assert!(error.is_warning(), "{error}");
    assert!(frames.len() > 100 && frames.len() < 200, "{} frames", frames.len());
    assert!(
        matches!(&error, CaptureError::Truncated { delivered, expected: Some(300), .. } if *delivered == frames.len() as u64)
    );
    assert!(error.to_string().contains("half.mp4"), "{error}");

    // What did decode equals the whole file's frames.
    let (whole, _) = read_all(&demo_path());
    assert!(frames.iter().zip(&whole).all(|(a, b)| a.image == b.image), "no torn picture");
}

#[test]
fn text_named_mp4_is_refused_with_a_reason() {
    if !have_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["text.mp4", "text.txt"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "I am no video, whatever my name says.\n".repeat(50)).expect("writes");
        let error = VideoSource::open(&path).err().expect("refused");
        assert!(matches!(error, CaptureError::BadVideo { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

/// Gives an MP4's track the matrix that a phone writes when it is held upright.
///
/// Source: ISO/IEC 14496-12, 8.3.2: the matrix lies 40 bytes into a version 0 track header, as 16.16 numbers.
fn with_quarter_turn(mut file: Vec<u8>) -> Vec<u8> {
    let name = file.windows(4).position(|word| word == b"tkhd").expect("a track header");
    let matrix: [i32; 9] = [0, 1 << 16, 0, -(1 << 16), 0, 0, 64 << 16, 0, 1 << 30];
    let bytes: Vec<u8> = matrix.iter().flat_map(|value| value.to_be_bytes()).collect();
    file[name + 44..name + 44 + 36].copy_from_slice(&bytes);
    file
}

#[test]
fn a_phone_clips_rotation_and_uneven_times_are_kept() {
    if !have_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (plain, turned) = (folder.path().join("plain.mp4"), folder.path().join("turned.mp4"));
    // Bright left half; every frame twice as late as a parabola wants, so no two intervals are alike; B-frames.
    let filter = "color=white:s=64x64:r=25:d=0.4,pad=128:64:0:0:black,setpts=(N*N+N)/(25*TB),settb=1/1000";
    make(&["-f", "lavfi", "-i", filter, "-vsync", "passthrough", "-c:v", "libx264", "-bf", "2"], &plain);
    std::fs::write(&turned, with_quarter_turn(std::fs::read(&plain).expect("reads"))).expect("writes");

    let (frames, error) = read_all(&plain);
    assert_eq!((frames.len(), error), (10, None));
    for (n, frame) in frames.iter().enumerate() {
        let expected = (n * n + n) as f64 / 25.0;
        assert!((frame.time_s - expected).abs() < 2e-3, "frame {n} at {} instead of {expected}", frame.time_s);
    }

    let info = VideoSource::open(&turned).expect("opens").info().clone();
    assert_eq!((info.width, info.height), (64, 128));
    let (frames, _) = read_all(&turned);
    assert_eq!((frames[0].image.width, frames[0].image.height), (64, 128));
    let (top, bottom) = (frames[0].image.data[0], frames[0].image.data[64 * 127 * 3]);
    assert!(top.abs_diff(bottom) > 200, "the halves lie above each other: {top} {bottom}");
}

#[test]
fn colours_follow_the_files_matrix_and_range() {
    if !have_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (matrix, range) in [("bt709", "tv"), ("smpte170m", "tv"), ("bt709", "pc"), ("smpte170m", "pc")] {
        let path = folder.path().join(format!("{matrix}-{range}.mp4"));
        let name = if matrix == "bt709" { "bt709" } else { "bt601" };
        let convert = format!("scale=out_color_matrix={name}:out_range={range},format=yuv444p");
        let source = "color=0xC04020:s=64x64:r=25:d=0.2,format=rgb24";
        make(
            &[
                "-f",
                "lavfi",
                "-i",
                source,
                "-vf",
                &convert,
                "-c:v",
                "libx264",
                "-qp",
                "0",
                "-colorspace",
                matrix,
                "-color_range",
                range,
            ],
            &path,
        );
        let (frames, _) = read_all(&path);
        let pixel = &frames[0].image.data[..3];
        for (seen, wanted) in pixel.iter().zip([0xC0_u8, 0x40, 0x20]) {
            assert!(seen.abs_diff(wanted) <= 3, "{matrix} {range}: {pixel:?}");
        }
    }
}

#[test]
fn leaving_early_ends_the_program() {
    if !have_ffmpeg() {
        return;
    }
    let mut source = VideoSource::open(&demo_path()).expect("opens");
    source.next_frame().expect("decodes").expect("a frame");
    let process = source.decoder.as_ref().expect("decodes").process.0.id();
    drop(source);
    if cfg!(target_os = "linux") {
        assert!(!Path::new(&format!("/proc/{process}")).exists(), "the child was killed and reaped");
    }
}
