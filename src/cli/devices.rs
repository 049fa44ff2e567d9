//! `livedance devices`: the cameras and what they offer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use crate::capture::{CameraDevice, CaptureError, VideoMode, list_cameras};

/// Arguments of `devices`.
#[derive(Debug, Clone, Args)]
pub(super) struct DevicesArgs {
    /// Print JSON instead of the table
    #[arg(long)]
    pub(super) json: bool,
}

/// Lists cameras. Having none is an answer, not a failure.
pub(super) fn run(args: &DevicesArgs) -> anyhow::Result<()> {
    let cameras = list_cameras()?;
    let text = if args.json { format!("{:#}\n", to_json(&cameras)) } else { to_table(&cameras) };
    #[expect(clippy::print_stdout, reason = "the list is what the command is for")]
    {
        print!("{text}");
    }
    Ok(())
}

fn to_json(cameras: &[CameraDevice]) -> serde_json::Value {
    let mode = |mode: &VideoMode| json!({"format": mode.format.to_string(), "width": mode.width, "height": mode.height, "fps": mode.fps});
    let camera = |camera: &CameraDevice| {
        let (modes, error) = match &camera.modes {
            Ok(modes) => (modes.iter().map(mode).collect(), None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        json!({"index": camera.index, "source": format!("camera:{}", camera.index), "name": camera.name,
            "modes": modes, "error": error})
    };
    json!({"cameras": cameras.iter().map(camera).collect::<Vec<_>>()})
}

fn to_table(cameras: &[CameraDevice]) -> String {
    if cameras.is_empty() {
        return "no camera found: connect one and run this again, or use a video file or `livedance demo`\n".to_owned();
    }
    let mut text = format!("{:<10} {:<32} {:<6} {:>11}  {}\n", "SOURCE", "NAME", "FORMAT", "SIZE", "FRAMES/S");
    for camera in cameras {
        let (mut source, mut name) = (format!("camera:{}", camera.index), camera.name.as_str());
        let rows = match &camera.modes {
            Ok(modes) => rows(modes),
            // Many webcams have a second node that carries data about the pictures.
            Err(CaptureError::CameraFormat { .. }) => vec!["no pictures, data only".to_owned()],
            Err(error) => vec![error.to_string()],
        };
        for row in rows {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{source:<10} {name:<32} {row}");
            (source, name) = (String::new(), "");
        }
    }
    text
}

/// One row for each format and size, with all its rates.
fn rows(modes: &[VideoMode]) -> Vec<String> {
    let mut rates: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for mode in modes {
        rates.entry((mode.format, mode.width, mode.height)).or_default().push(mode.fps);
    }
    let row = |((format, width, height), mut rates): ((_, u32, u32), Vec<u32>)| {
        rates.sort_unstable_by(|a, b| b.cmp(a));
        let rates: Vec<_> = rates.iter().map(u32::to_string).collect();
        format!("{format:<6} {:>11}  {}", format!("{width}x{height}"), rates.join(", "))
    };
    rates.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::PixelFormat;

    fn cameras() -> Vec<CameraDevice> {
        let mode = |width, height, fps| VideoMode { format: PixelFormat::Mjpeg, width, height, fps };
        vec![
            CameraDevice {
                index: 0,
                name: "HD Webcam".into(),
                modes: Ok(vec![mode(640, 480, 15), mode(640, 480, 30), mode(1280, 720, 30)]),
            },
            CameraDevice {
                index: 1,
                name: "HD Webcam".into(),
                modes: Err(CaptureError::CameraFormat { index: 1, offered: "no video".into() }),
            },
            CameraDevice { index: 2, name: "Other".into(), modes: Err(CaptureError::CameraBusy { index: 2 }) },
        ]
    }

    #[test]
    fn the_table_names_every_camera_once_with_its_modes() {
        let table = to_table(&cameras());
        for part in ["camera:0", "640x480  30, 15", "1280x720  30", "data only", "camera 2 is in use"] {
            assert!(table.contains(part), "{part} in\n{table}");
        }
        assert_eq!(table.matches("camera:0").count(), 1);
    }

    #[test]
    fn json_holds_the_same() {
        let value = to_json(&cameras());
        assert_eq!(value["cameras"][0]["modes"][1]["fps"], 30);
        assert_eq!(value["cameras"][0]["modes"][0]["format"], "MJPG");
        assert_eq!(value["cameras"][0]["error"], serde_json::Value::Null);
        assert!(value["cameras"][2]["error"].as_str().is_some_and(|text| text.contains("in use")));
    }

    #[test]
    fn none_is_said_with_advice() {
        assert!(to_table(&[]).contains("no camera found"));
        assert_eq!(to_json(&[])["cameras"], json!([]));
    }
}
