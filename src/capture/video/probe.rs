//! What a video file's header says.

use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;

use super::CaptureError;
use crate::capture::ffmpeg::{Programs, file_argument};

/// What is known before a frame is decoded. The true size comes with the first frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Probe {
    pub(super) fps: Option<f64>,
    pub(super) frame_count: Option<u64>,
    pub(super) duration_s: Option<f64>,
}

#[derive(Deserialize, Default)]
struct Document {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize, Default)]
struct Format {
    duration: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    codec_name: Option<String>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    nb_frames: Option<String>,
    duration: Option<String>,
}

/// Text files count as videos of a terminal for FFmpeg; nobody dances there.
const TEXT_CODECS: [&str; 4] = ["ansi", "bintext", "xbin", "idf"];

pub(super) fn probe(programs: &Programs, path: &Path) -> Result<Probe, CaptureError> {
    let output = programs
        .ffprobe()
        .args(["-v", "error", "-protocol_whitelist", "file", "-select_streams", "V:0"])
        .args(["-show_entries", "stream=codec_name,avg_frame_rate,r_frame_rate,nb_frames,duration:format=duration"])
        .args(["-of", "json", "-i"])
        .arg(file_argument(path))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| programs.ffprobe_error(&error))?;
    let bad = |reason: String| CaptureError::BadVideo { path: path.to_owned(), reason };
    if !output.status.success() {
        return Err(bad(reason(&String::from_utf8_lossy(&output.stderr))));
    }
    parse(&output.stdout).map_err(bad)
}

/// The most telling line of what ffprobe or ffmpeg complained about.
pub(super) fn reason(stderr: &str) -> String {
    if stderr.contains("moov atom not found") {
        return "its index is missing, so it was cut off while it was copied or recorded".to_owned();
    }
    let last = stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no reason given");
    // The file's name is said already.
    last.rsplit_once(": ").map_or(last, |(_, reason)| reason).trim_end_matches('.').to_owned()
}

fn parse(json: &[u8]) -> Result<Probe, String> {
    let document: Document = serde_json::from_slice(json).map_err(|error| format!("ffprobe answered {error}"))?;
    let stream = document.streams.first().ok_or("it holds no video, perhaps only sound")?;
    if stream.codec_name.as_deref().is_some_and(|codec| TEXT_CODECS.contains(&codec)) {
        return Err("it is a text file".to_owned());
    }
    let seconds = |text: &Option<String>| text.as_ref()?.parse::<f64>().ok().filter(|value| *value > 0.0);
    Ok(Probe {
        fps: stream.avg_frame_rate.as_deref().and_then(rate).or(stream.r_frame_rate.as_deref().and_then(rate)),
        frame_count: stream.nb_frames.as_ref().and_then(|count| count.parse().ok()).filter(|count| *count > 0),
        duration_s: seconds(&stream.duration).or_else(|| seconds(&document.format.duration)),
    })
}

/// `30000/1001` as a number; `None` for `0/0` and for rates that no clip has (a time base mistaken for a rate).
fn rate(text: &str) -> Option<f64> {
    let (numerator, denominator) = text.split_once('/')?;
    let rate = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
    (rate > 0.0 && rate <= 1000.0).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_clip_is_understood() {
        let json = br#"{"streams":[{"codec_name":"hevc","avg_frame_rate":"2997/100","r_frame_rate":"90000/1",
            "nb_frames":"217"}],"format":{"duration":"7.25"}}"#;
        let expected = Probe { fps: Some(29.97), frame_count: Some(217), duration_s: Some(7.25) };
        assert_eq!(parse(json), Ok(expected));
    }

    #[test]
    fn unknown_stays_unknown() {
        let json = br#"{"streams":[{"codec_name":"vp9","avg_frame_rate":"0/0","r_frame_rate":"90000/1"}]}"#;
        assert_eq!(parse(json), Ok(Probe { fps: None, frame_count: None, duration_s: None }));
    }

    #[test]
    fn sound_and_text_are_no_videos() {
        assert!(parse(br#"{"streams":[],"format":{}}"#).expect_err("refused").contains("sound"));
        assert!(parse(br#"{"streams":[{"codec_name":"ansi"}]}"#).expect_err("refused").contains("text"));
    }
}
