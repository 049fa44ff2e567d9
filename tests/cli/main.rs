//! Each command's good and bad use, with the built program: exit codes, one clear line, never a panic.

#![cfg(feature = "inference")]
#![expect(clippy::disallowed_methods, reason = "tests start programs of every kind")]

#[cfg(unix)]
mod music;
#[path = "../support/program.rs"]
mod program;
#[cfg(all(target_os = "linux", feature = "app"))]
mod quiet;
#[path = "../support/requirement.rs"]
mod requirement;
mod settings;
#[cfg(unix)]
mod signals;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use program::has_program;
use requirement::need;

/// A folder for one test's files, and the program run with settings of its own.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.path(name), bytes).expect("writes");
        self.named(name)
    }

    fn named(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    fn picture(&self, name: &str, width: u32, height: u32) -> String {
        image::RgbImage::from_pixel(width, height, image::Rgb([40, 90, 160])).save(self.path(name)).expect("writes");
        self.named(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_livedance"));
        for (name, _) in std::env::vars_os() {
            let ours = name.to_string_lossy().starts_with("LIVEDANCE_") && name != "LIVEDANCE_RUNTIME";
            if ours || name == "RUST_LOG" {
                command.env_remove(name);
            }
        }
        // Without a display, whatever the machine has; the graphics libraries complain when the last one is not set.
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env("XDG_RUNTIME_DIR", self.folder.path());
        command.env("LIVEDANCE_CONFIG", self.path("settings.toml")).current_dir(self.folder.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("livedance runs")
    }

    /// Runs `track` into a file of its own.
    fn track(&self, source: &str, more: &[&str]) -> Command {
        let mut command = self.command(&["track", source, "--model", "lite", "-o", &self.named("out.jsonl")]);
        command.args(more);
        command
    }

    fn lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("out.jsonl")).expect("was written");
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }
}

fn stderr(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// Exit code 1 and exactly one error line that holds all of `words`.
fn assert_fails(output: &Output, words: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {text}");
    let errors: Vec<_> = text.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(errors.len(), 1, "one line: {text}");
    for word in words {
        assert!(errors[0].contains(word), "{word} in: {text}");
    }
}

fn assert_succeeds(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/demo.mp4")
}

/// Whether this machine has what tracking needs; says so where it has not.
fn can_track() -> bool {
    let bench = Bench::new();
    let output = bench.track(&bench.picture("dot.png", 1, 1), &[]).output().expect("livedance runs");
    let found = (!stderr(&output).contains("no usable ONNX Runtime library")).then_some(());
    need("runtime", found, "there is no ONNX Runtime library on this machine").is_some()
}

fn have_ffmpeg() -> bool {
    has_program("ffmpeg", "ffmpeg", "-version")
}

/// Whether this machine can draw, by what a command that was to draw has said; says so where it cannot.
#[cfg(feature = "app")]
fn can_draw(said: &str) -> bool {
    let found = (!said.contains("no graphics adapter")).then_some(());
    need("graphics", found, "there is no graphics adapter on this machine").is_some()
}

#[test]
fn files_that_cannot_be_used_are_named_with_what_is_wrong() {
    let bench = Bench::new();
    let folder = bench.path("nothing");
    std::fs::create_dir(&folder).expect("makes a folder");
    let bomb = [0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xFF, 0xFF, 0xFF, 0xFF, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11];
    for (source, words) in [
        (bench.named("missing.mp4"), ["missing.mp4", "no such file"]),
        (bench.write("empty.mp4", b""), ["empty.mp4", "empty"]),
        (folder.to_string_lossy().into_owned(), ["nothing", "no pictures"]),
        (bench.write("bomb.jpg", &bomb), ["bomb.jpg", "picture"]),
        (bench.write("text.png", b"no picture at all"), ["text.png", "not a picture"]),
        (bench.picture("wide.png", 16_385, 1), ["wide.png", "16385x1"]),
        ("camera:front".to_owned(), ["camera:front", "livedance devices"]),
    ] {
        for command in ["track", "bench"] {
            let mut command = bench.command(&[command, &source]);
            if command.get_args().next().is_some_and(|name| name == "track") {
                command.arg("-o").arg(bench.path("out.jsonl"));
            }
            assert_fails(&command.output().expect("livedance runs"), &words);
        }
        assert!(!bench.path("out.jsonl").exists(), "{source}: nothing is written");
    }
}

#[test]
fn text_named_mp4_is_refused() {
    if !have_ffmpeg() {
        return;
    }
    let bench = Bench::new();
    let source = bench.write("text.mp4", "I am no video, whatever my name says.\n".repeat(40).as_bytes());
    assert_fails(&bench.run(&["track", &source, "-o", "-"]), &["text.mp4", "not a video"]);
}

#[test]
fn without_ffmpeg_a_video_says_how_to_install_it() {
    let bench = Bench::new();
    let demo = demo().to_string_lossy().into_owned();
    let mut command = bench.track(&demo, &[]);
    assert_fails(&command.env("PATH", "").output().expect("livedance runs"), &["ffmpeg", "install"]);
    let mut command = bench.track(&demo, &[]);
    command.env("LIVEDANCE_FFMPEG", bench.path("nowhere"));
    assert_fails(&command.output().expect("livedance runs"), &["nowhere", "LIVEDANCE_FFMPEG"]);
}

#[test]
fn without_the_runtime_library_it_says_how_to_get_it() {
    let bench = Bench::new();
    let mut command = bench.track(&bench.picture("grey.png", 64, 64), &[]);
    command.env("ORT_DYLIB_PATH", bench.path("libonnxruntime.so"));
    assert_fails(&command.output().expect("livedance runs"), &["ONNX Runtime", "ORT_DYLIB_PATH"]);
}

#[test]
fn an_altered_model_is_refused_by_name_before_it_runs() {
    let bench = Bench::new();
    let models = bench.path("models");
    std::fs::create_dir(&models).expect("makes a folder");
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("models")).expect("reads") {
        let file = entry.expect("reads").path();
        if file.is_file() {
            std::fs::copy(&file, models.join(file.file_name().expect("a name"))).expect("copies");
        }
    }
    let picture = bench.picture("grey.png", 64, 64);
    let model = models.join("pose_landmark_lite.onnx");
    let mut bytes = std::fs::read(&model).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&model, bytes).expect("writes");
    let mut command = bench.track(&picture, &[]);
    let output = command.env("LIVEDANCE_MODELS", &models).output().expect("livedance runs");
    assert_fails(&output, &["pose_landmark_lite", "SHA-256"]);

    std::fs::remove_file(&model).expect("removes");
    let output = command.output().expect("livedance runs");
    assert_fails(&output, &["pose_landmark_lite", "cannot be read"]);
    let mut command = bench.command(&["models"]);
    let output = command.env("LIVEDANCE_MODELS", &models).output().expect("livedance runs");
    assert_fails(&output, &["pose_landmark_lite"]);
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let bench = Bench::new();
    for arguments in [
        &["track"][..],
        &["track", "demo"],
        &["track", "demo", "-o", "out.jsonl", "--model", "huge"],
        &["track", "demo", "-o", "out.jsonl", "--people", "9"],
        &["bench", "demo", "--frames", "0"],
        &["bench", "demo", "--avatar"],
        &["devices", "--loud"],
        &["dance", "--wildly"],
    ] {
        let output = bench.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    }
    for arguments in [&["track", "demo", "-o", "-", "--alpha", "2"][..], &["track", "demo", "-o", "-", "--fps", "0"]] {
        assert_fails(&bench.run(arguments), &[&arguments[4][2..]]);
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let bench = Bench::new();
    bench.write("settings.toml", b"alpha = 2.0\n");
    let output = bench.track(&bench.picture("grey.png", 64, 64), &[]).output().expect("livedance runs");
    assert_fails(&output, &["settings.toml", "alpha"]);
    bench.write("settings.toml", b"");
    let mut command = bench.track(&bench.picture("grey.png", 64, 64), &[]);
    let output = command.env("LIVEDANCE_PEOPLE", "many").output().expect("livedance runs");
    assert_fails(&output, &["LIVEDANCE_PEOPLE", "many"]);
}

#[test]
fn help_and_version_are_given() {
    let bench = Bench::new();
    let help = bench.run(&["--help"]);
    assert_succeeds(&help);
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for command in ["track", "takes", "bench", "devices", "models"] {
        assert!(text.contains(command), "{command} in {text}");
        assert_succeeds(&bench.run(&[command, "--help"]));
    }
    assert!(String::from_utf8_lossy(&bench.run(&["--version"]).stdout).contains(env!("CARGO_PKG_VERSION")));
}

#[cfg(feature = "camera")]
#[test]
fn devices_answers_with_or_without_cameras() {
    let bench = Bench::new();
    let table = bench.run(&["devices"]);
    assert_succeeds(&table);
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(text.contains("no camera found") || text.contains("camera:"), "{text}");
    let json = bench.run(&["devices", "--json"]);
    assert_succeeds(&json);
    let list: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(list["cameras"].as_array().expect("a list").is_empty(), text.contains("no camera found"));
}

/// The app and its offscreen renderer fail like every other command where there is no window to show it in.
#[cfg(all(feature = "app", target_os = "linux"))]
#[test]
fn run_and_render_name_what_is_wrong() {
    let bench = Bench::new();
    if !can_draw(&stderr(&bench.run(&["render", &bench.named("missing.mp4"), "-o", "out.mp4"]))) {
        return;
    }
    let (missing, empty) = (bench.named("missing.mp4"), bench.write("empty.mp4", b""));
    let (out, blocked) = (bench.named("out.mp4"), format!("{}/out.mp4", bench.write("file", b"in the way")));
    assert_fails(&bench.run(&["run", &missing]), &["missing.mp4", "no such file"]);
    assert_fails(&bench.run(&["run", "camera:front"]), &["camera:front", "livedance devices"]);
    assert_fails(&bench.run(&["render", &missing, "-o", &out]), &["missing.mp4", "no such file"]);
    assert_fails(&bench.run(&["render", &empty, "-o", &out]), &["empty.mp4", "empty"]);
    assert_fails(&bench.run(&["render", "demo", "-o", &blocked]), &["could not be written"]);
    assert_eq!(bench.run(&["render", "demo"]).status.code(), Some(2), "nowhere to write to");
    assert!(!bench.path("out.mp4").exists(), "nothing is written");
}

/// Poses have no pictures: what needs pictures says so before anything else.
#[test]
fn a_source_of_poses_is_refused_where_pictures_are_needed() {
    let bench = Bench::new();
    let out = bench.named("out");
    assert_fails(&bench.run(&["track", "vmc:39540", "-o", &out]), &["vmc:39540", "livedance run"]);
    assert_fails(&bench.run(&["bench", "vmc"]), &["vmc:39540", "livedance run"]);
    assert_fails(&bench.run(&["track", "vmc:nowhere:x", "-o", &out]), &["vmc:nowhere:x", "vmc:PORT"]);
    if cfg!(feature = "app") {
        assert_fails(&bench.run(&["render", "vmc:39540", "-o", "out.mp4"]), &["vmc:39540", "livedance run"]);
        let transparent = ["render", "demo", "-o", "out.mp4", "--background", "transparent"];
        assert_fails(&bench.run(&transparent), &["transparent", ".webm"]);
        assert_fails(&bench.run(&["run", "demo", "--vmc-out", "host:0"]), &["vmc_out", "host:0"]);
        let wrong = bench.run(&["render", "demo", "-o", "out.mp4", "--background", "blue"]);
        assert_eq!(wrong.status.code(), Some(2), "{}", stderr(&wrong));
        assert!(stderr(&wrong).contains("#RRGGBB"), "{}", stderr(&wrong));
    }
    assert!(!bench.path("out").exists(), "nothing is written");
}

/// Lines of somebody whose wrist trembles, as `track` writes them.
fn lines_of_track(frames: usize) -> String {
    let zeros = "\"decode\":0,\"downscale\":0,\"detect\":0,\"pose\":0,\"hands\":0,\"angles\":0,\"smoothing\":0,\"total\":0,\"model\":0";
    let line = |frame: usize| {
        let tremble = if frame.is_multiple_of(2) { 0.02 } else { 0.0 };
        let point = |index: usize| {
            let (x, y) = (0.05 * (index % 5) as f64 + tremble, 0.05 * index as f64 - 0.8);
            (format!("[{},{},0,1,1]", 320.0 + 200.0 * x, 240.0 + 200.0 * y), format!("[{x},{y},0,1,1]"))
        };
        let (image, world): (Vec<String>, Vec<String>) = (0..33).map(point).unzip();
        format!(
            "{{\"frame\":{frame},\"time_s\":{},\"width\":640,\"height\":480,\"people\":[{{\"id\":0,\"score\":0.9,\"landmarks\":[{}],\
             \"world\":[{}],\"angles\":{{}},\"hands\":{{\"left\":null,\"right\":null}}}}],\"timings_ms\":{{{zeros}}}}}\n",
            frame as f64 / 30.0,
            image.join(","),
            world.join(","),
        )
    };
    (0..frames).map(line).collect()
}

#[test]
fn a_take_is_smoothed_anew_without_any_model() {
    let bench = Bench::new();
    let take = bench.write("take.jsonl", lines_of_track(30).as_bytes());
    let smoothed = |name: &str, smoothing: &str| -> Vec<Value> {
        let output = bench.named(name);
        let mut command = bench.command(&["track", &take, "--smoothing", smoothing, "-o", &output]);
        command.env("ORT_DYLIB_PATH", "/nowhere/libonnxruntime.so");
        assert_succeeds(&command.output().expect("livedance runs"));
        let text = std::fs::read_to_string(output).expect("reads");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let wrist = |record: &Value| record["people"][0]["world"][15][0].as_f64().expect("a number");
    let travel =
        |records: &[Value]| records.windows(2).map(|pair| (wrist(&pair[1]) - wrist(&pair[0])).abs()).sum::<f64>();
    let (raw, ema) = (smoothed("raw.jsonl", "none"), smoothed("ema.jsonl", "ema"));
    assert_eq!((raw.len(), ema.len()), (30, 30));
    assert!(travel(&ema) < 0.9 * travel(&raw), "{} {}", travel(&ema), travel(&raw));
    let world =
        |records: &[Value]| records.iter().map(|record| record["people"][0]["world"].clone()).collect::<Vec<_>>();
    assert_eq!(world(&ema), world(&smoothed("again.jsonl", "ema")), "the same every time");
    assert_fails(&bench.run(&["track", &take, "-o", &take]), &["take.jsonl", "source itself"]);
}

#[test]
fn recordings_are_refused_where_pictures_are_needed() {
    let bench = Bench::new();
    let take = bench.write("take.jsonl", lines_of_track(3).as_bytes());
    assert_fails(&bench.run(&["bench", &take]), &["take.jsonl", "no pictures", "livedance render"]);
    let clip = bench.write("walk.bvh", b"HIERARCHY\n");
    assert_fails(&bench.run(&["track", &clip, "-o", &bench.named("out.jsonl")]), &["walk.bvh", "no pictures"]);
    let broken = bench.write("broken.ldt", b"hello");
    assert_fails(&bench.run(&["track", &broken, "-o", &bench.named("out.jsonl")]), &["broken.ldt"]);
    assert!(!bench.path("out.jsonl").exists());
}

#[cfg(feature = "app")]
#[test]
fn recordings_that_cannot_be_rendered_are_named() {
    let bench = Bench::new();
    for (name, bytes) in [("broken.ldt", &b"hello"[..]), ("empty.ldt", b""), ("wrong.bvh", b"HIERARCHY\nROOT")] {
        let source = bench.write(name, bytes);
        assert_fails(&bench.run(&["render", &source, "-o", &bench.named("out.mp4")]), &[name]);
    }
}

#[test]
fn models_lists_all_eight() {
    let bench = Bench::new();
    let output = bench.run(&["models", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let models = report["models"].as_array().expect("a list");
    assert_eq!(models.len(), 8);
    assert!(models.iter().all(|model| model["state"] == "ok"), "{report:#}");
    assert_eq!(output.status.success(), report["runtime"]["error"].is_null(), "{}", stderr(&output));
}

#[test]
fn one_pixel_holds_nobody() {
    if !can_track() {
        return;
    }
    let bench = Bench::new();
    let output = bench.track(&bench.picture("dot.png", 1, 1), &[]).output().expect("livedance runs");
    assert_succeeds(&output);
    let lines = bench.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["width"], &lines[0]["people"]), (&1.into(), &Value::Array(Vec::new())));
}

#[test]
fn a_video_cut_in_half_is_tracked_as_far_as_it_goes() {
    if !can_track() || !have_ffmpeg() {
        return;
    }
    let bench = Bench::new();
    let whole = std::fs::read(demo()).expect("reads the demo");
    let half = bench.write("half.mp4", &whole[..whole.len() / 2]);
    let output = bench.track(&half, &[]).output().expect("livedance runs");
    assert_succeeds(&output);
    let text = stderr(&output);
    assert!(text.contains("half.mp4") && text.contains("cut off"), "it is said: {text}");
    let lines = bench.lines();
    assert!(lines.len() > 100 && lines.len() < 200, "{} frames", lines.len());
    for (index, line) in lines.iter().enumerate() {
        assert_eq!(line["frame"], index);
        assert_eq!(line["people"].as_array().map(Vec::len), Some(1), "frame {index}");
    }
}

#[test]
fn the_demo_is_tracked_whole_in_order_with_the_contracts_fields() {
    if !can_track() || !have_ffmpeg() {
        return;
    }
    let bench = Bench::new();
    assert_succeeds(&bench.track("demo", &["--smoothing", "none"]).output().expect("livedance runs"));
    let lines = bench.lines();
    assert_eq!(lines.len(), 300);
    for (index, line) in lines.iter().enumerate() {
        assert_eq!((&line["frame"], &line["width"], &line["height"]), (&index.into(), &640.into(), &480.into()));
        assert!((line["time_s"].as_f64().expect("a time") - index as f64 / 30.0).abs() < 1e-6);
        let person = &line["people"][0];
        for (field, length) in [("landmarks", 33), ("world", 33)] {
            assert_eq!(person[field].as_array().map(Vec::len), Some(length), "{field} of frame {index}");
        }
        assert!(person["angles"]["left_elbow"].is_number() || person["angles"]["left_elbow"].is_null());
        assert!(line["timings_ms"]["total"].as_f64().is_some_and(|total| total > 0.0));
    }
}

#[test]
fn bench_reports_its_figures_as_json() {
    if !can_track() || !have_ffmpeg() {
        return;
    }
    let bench = Bench::new();
    let output = bench.run(&["bench", "demo", "--model", "lite", "--frames", "40", "--json"]);
    assert_succeeds(&output);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["frames"], 40);
}

#[test]
fn bench_compares_the_smoothing_modes_with_the_truth() {
    if !can_track() || !have_ffmpeg() {
        return;
    }
    let bench = Bench::new();
    let truth = demo().with_file_name("demo.groundtruth.json").display().to_string();
    let quality = ["bench", "demo", "--model", "lite", "--quality", "--json", "--truth"];
    let output = bench.run(&[&quality[..], &[&truth]].concat());
    assert_succeeds(&output);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&report["frames"], &report["reference"]), (&300.into(), &"truth".into()));
    let figure = |mode: usize, name: &str| report["modes"][mode][name].as_f64().expect("a number");
    for mode in 1..4 {
        assert!(figure(mode, "jitter_mm") < figure(0, "jitter_mm"), "{report}");
        assert!(figure(mode, "lag_ms") > figure(0, "lag_ms"), "{report}");
    }
    let short = [&quality[..], &[&truth, "--frames", "40"]].concat();
    assert_fails(&bench.run(&short), &["demo.groundtruth.json", "300", "40"]);
}

/// The landmarks' figures are those that MediaPipe has on the same clip, by the same definitions: 9.9 cm, 6.5 cm, 12.6°.
#[cfg(feature = "app")]
#[test]
fn quality_measures_the_avatar() {
    if !have_ffmpeg() || !can_track() {
        return;
    }
    let bench = Bench::new();
    let truth = demo().with_file_name("demo.groundtruth.json").to_string_lossy().into_owned();
    let output =
        bench.run(&["bench", "demo", "--quality", "--avatar", "--json", "--short-side", "0", "--truth", &truth]);
    assert_succeeds(&output);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["directions"].as_array().map(Vec::len), Some(9), "{report}");
    let tracked = &report["truth"][0];
    for (name, range) in [("mpjpe_cm", 9.0..11.0), ("pa_mpjpe_cm", 6.0..7.0), ("angle_median_deg", 11.5..14.0)] {
        let figure = tracked[name].as_f64().expect("a number");
        assert!(range.contains(&figure), "{name}: {figure} in {tracked}");
    }
    // Generous: what the solver reaches is for its own tests, that the figures make sense for this one.
    for direction in report["directions"].as_array().expect("a list") {
        let median = direction["median_deg"].as_f64().expect("a number");
        assert!(median < if direction["part"] == "neck" { 30.0 } else { 15.0 }, "{direction}");
    }
    assert!(report["feet"]["planted_share"].as_f64().is_some_and(|share| (0.5..1.0).contains(&share)), "{report}");
    assert!(report["lag_ms"].as_f64().is_some_and(|lag| (-20.0..60.0).contains(&lag)), "{report}");
}

#[test]
fn a_truth_that_cannot_be_used_is_named() {
    let bench = Bench::new();
    let truth = bench.write("truth.json", b"{}");
    assert_fails(&bench.run(&["bench", "demo", "--quality", "--truth", &truth]), &["truth.json", "camera"]);
    assert_fails(&bench.run(&["bench", "demo", "--quality", "--truth", "none.json"]), &["none.json"]);
}

#[cfg(feature = "app")]
#[test]
fn an_avatar_that_is_none_is_refused_before_anything_is_drawn() {
    let bench = Bench::new();
    let garbage = bench.write("garbage.vrm", b"not an avatar");
    let stranger = r#"{"asset":{"version":"2.0"},"scenes":[{"nodes":[0]}],"nodes":[{"name":"Wurzel"}]}"#;
    let stranger = bench.write("stranger.gltf", stranger.as_bytes());
    for (avatar, words) in [
        (garbage.as_str(), &["garbage.vrm", "not a glTF"][..]),
        ("/nowhere/Ann.vrm", &["Ann.vrm", "cannot be read"]),
        (stranger.as_str(), &["bones missing: hips", "bone-maps", "stranger.gltf.toml"]),
    ] {
        for command in [&["render", "demo", "-o", "out.mp4"][..], &["run", "demo"]] {
            assert_fails(&bench.run(&[command, &["--avatar", avatar]].concat()), words);
        }
    }
    let map = std::fs::read_to_string(bench.path("bone-maps/stranger.gltf.toml")).expect("a map to fill in");
    assert!(map.contains("Wurzel") && map.contains("leftUpperArm"), "{map}");
    assert!(!bench.path("out.mp4").exists());
}

#[test]
fn a_broken_video_gives_a_whole_take_that_is_listed_and_not_replaced() {
    if !can_track() || !have_ffmpeg() {
        return;
    }
    let bench = Bench::new();
    let whole = std::fs::read(demo()).expect("reads the demo");
    let half = bench.write("half.mp4", &whole[..whole.len() / 4]);
    let take = bench.named("half.ldt");
    let record = ["track", &half, "--model", "lite", "--no-hands", "--short-side", "256", "-o", &take];
    let output = bench.run(&record);
    assert_succeeds(&output);
    assert!(stderr(&output).contains("warning: "), "{}", stderr(&output));
    assert_fails(&bench.run(&record), &["half.ldt", "--force"]);
    let output = bench.run(&["takes", "--json", &take]);
    assert_succeeds(&output);
    let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&list[0]["state"], &list[0]["people"]), (&"whole".into(), &1.into()), "{list}");
    assert!(list[0]["frames"].as_u64().expect("a number") > 10, "{list}");
    bench.write("bad.ldt", b"no take");
    let output = bench.run(&["takes", &bench.folder.path().to_string_lossy()]);
    assert_fails(&output, &["bad.ldt", "not a take"]);
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("half.mp4") && table.contains("whole") && table.contains("broken"), "{table}");
}

#[cfg(feature = "app")]
#[test]
fn a_recording_that_cannot_begin_says_why() {
    let bench = Bench::new();
    let there = bench.write("there.ldt", b"older");
    assert_fails(&bench.run(&["run", "demo", "--record", &there]), &["there.ldt", "--force"]);
    assert_fails(&bench.run(&["run", "demo", "--record", &bench.named("a.mp4")]), &["a.mp4", ".ldt"]);
    assert_fails(&bench.run(&["run", "vmc", "--record", &bench.named("a.ldt")]), &["vmc", "pictures"]);
    if cfg!(target_os = "linux") {
        assert_fails(
            &bench.run(&["run", "demo", "--record", &bench.named("a.ldt")]),
            &["no display", "livedance track"],
        );
    }
    assert_eq!(bench.run(&["run", "demo", "--force"]).status.code(), Some(2), "nothing to replace");
    assert!(!bench.path("a.ldt").exists());
    bench.write("settings.toml", b"takes_folder = \"nowhere\"\n");
    let output = bench.run(&["takes"]);
    assert_succeeds(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("no takes in nowhere"));
}
