//! Cameras for real: through nokhwa and the V4L2 system calls, with `tests/fake_camera` answering them.
//!
//! The fake has to be there before a program starts, so each test starts one: the built `livedance`, or this very test
//! binary again, whose only ignored test runs the live pipeline and writes down what it sees.

#![cfg(all(target_os = "linux", feature = "camera"))]
#![expect(clippy::disallowed_methods, reason = "tests start programs of every kind")]
#![expect(clippy::print_stdout, reason = "a test says what it saw")]

#[path = "../support/requirement.rs"]
mod requirement;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use livedance::capture::SourceSpec;
use livedance::motion::statistics::{percentile, sorted};
use livedance::pipeline::live::{InferenceState, LiveOptions, LivePipeline, LiveStatus, SourceState};
use livedance::settings::{HandsMode, ModelVariant, Provider};
use livedance::slot::Taken;
use serde_json::{Value, json};
use tempfile::TempDir;

use requirement::need;

/// Long enough for a busy machine; nothing takes this long unless it is broken.
const PATIENCE: Duration = Duration::from_mins(2);
const MARK: &str = "HARNESS ";

/// The fake camera, built, with the demo clip to show.
struct FakeCamera {
    folder: TempDir,
}

impl FakeCamera {
    /// `None`, said aloud, on a machine without a C compiler or ffmpeg.
    fn build() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut compile = Command::new("cc");
        compile.args(["-Wall", "-Wextra", "-shared", "-fPIC", "-O2", "-o"]).arg(folder.path().join("fake.so"));
        compile.arg(package.join("tests/fake_camera/fakev4l2.c")).args(["-ldl", "-lpthread"]);
        let mut film = Command::new("ffmpeg");
        film.args(["-nostdin", "-v", "error", "-i"]).arg(package.join("assets/demo/demo.mp4"));
        film.args(["-q:v", "3", "-f", "mjpeg"]).arg(folder.path().join("film.mjpeg"));
        for (name, mut command) in [("cc", compile), ("ffmpeg", film)] {
            let output = need(name, command.output().ok(), &format!("there is no {name} on this machine"))?;
            assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
        }
        std::fs::create_dir_all(folder.path().join("empty")).expect("makes a folder");
        std::fs::create_dir_all(folder.path().join("dev")).expect("makes a folder");
        std::fs::write(folder.path().join("dev/video0"), "").expect("writes");
        Some(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command that sees the camera behave as told.
    fn command(&self, program: &Path, behaviour: &[(&str, &str)]) -> Command {
        let mut command = Command::new(program);
        command
            .env("LD_PRELOAD", self.path("fake.so"))
            .env("FAKECAM_MJPEG", self.path("film.mjpeg"))
            .env("FAKECAM_DEV", self.path("dev"))
            .env("FAKECAM_EMPTY", self.path("empty"))
            .envs(behaviour.iter().copied());
        command
    }

    fn livedance(&self, arguments: &[&str], behaviour: &[(&str, &str)]) -> Output {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_livedance")), behaviour);
        command.args(arguments).output().expect("livedance runs")
    }

    /// Runs the live pipeline until `goal` and returns what was seen.
    fn watch(&self, goal: &str, behaviour: &[(&str, &str)]) -> Value {
        let program = std::env::current_exe().expect("this program");
        let output = self
            .command(&program, behaviour)
            .env("LIVEDANCE_HARNESS_GOAL", goal)
            .args(["--exact", "harness", "--ignored", "--nocapture"])
            .output()
            .expect("the harness runs");
        let stdout = text(&output.stdout);
        // The test runner's own words may stand on the same line.
        let line = stdout.lines().find_map(|line| line.split_once(MARK)).map(|(_, json)| json);
        let line = line.unwrap_or_else(|| panic!("no report:\n{stdout}\n{}", text(&output.stderr)));
        println!("{goal}: {line}");
        serde_json::from_str(line).expect("the report is JSON")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Not a test: what the tests start under the fake camera. Its goal comes from the environment.
#[test]
#[ignore = "started by the other tests, with a camera"]
fn harness() {
    let goal = std::env::var("LIVEDANCE_HARNESS_GOAL").expect("started by the other tests, with a camera");
    let options = LiveOptions {
        model: ModelVariant::Lite,
        threads: 1,
        short_side: 384,
        people: 1,
        hands: HandsMode::Off,
        provider: Provider::Cpu,
        fixed_quality: true,
        looping: false,
    };
    let pipeline = LivePipeline::start(SourceSpec::Camera(Some(0)), options);
    let (start, mut seen, mut report) = (Instant::now(), Vec::<(String, f64)>::new(), Report::default());
    while start.elapsed() < PATIENCE {
        let status = pipeline.status();
        let state = describe(&status.source);
        if seen.last().is_none_or(|(last, _)| *last != state) {
            seen.push((state, start.elapsed().as_secs_f64()));
            report.tracked_in_state = 0;
        }
        if let Taken::Value(result) = pipeline.results().take(Duration::from_millis(2)) {
            report.tracked_in_state += 1;
            report.with_person += u64::from(!result.motion.people.is_empty());
            report.falling_times += u64::from(report.last_time_s.is_some_and(|last| result.tracked.time_s <= last));
            report.last_time_s = Some(result.tracked.time_s);
            report.size = (result.tracked.width, result.tracked.height);
            report.latency_ms.push(result.tracked.captured_at.elapsed().as_secs_f64() * 1e3);
        }
        if reached(&goal, &status, seen.len(), report.tracked_in_state) {
            break;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{MARK}{}", report.to_json(&pipeline.status(), &seen, seconds));
}

/// What the harness counts.
#[derive(Default)]
struct Report {
    tracked_in_state: u64,
    with_person: u64,
    falling_times: u64,
    last_time_s: Option<f64>,
    size: (u32, u32),
    latency_ms: Vec<f64>,
}

impl Report {
    fn to_json(&self, status: &LiveStatus, seen: &[(String, f64)], seconds: f64) -> Value {
        let states: Vec<_> = seen.iter().map(|(state, _)| state).collect();
        let times: Vec<_> = seen.iter().map(|(_, seconds)| (seconds * 1e3).round() / 1e3).collect();
        json!({
            "states": states, "state_times_s": times, "inference": format!("{:?}", status.inference),
            "captured": status.captured, "dropped": status.dropped, "tracked": status.tracked,
            "skipped": status.skipped, "with_person": self.with_person, "falling_times": self.falling_times,
            "size": [self.size.0, self.size.1], "seconds": seconds,
            "latency_p50_ms": percentile(&sorted(self.latency_ms.iter().copied()), 0.5),
        })
    }
}

fn describe(state: &SourceState) -> String {
    match state {
        SourceState::Waiting { message } => format!("Waiting: {message}"),
        other => format!("{other:?}"),
    }
}

fn reached(goal: &str, status: &LiveStatus, states: usize, tracked_in_state: u64) -> bool {
    let no_tracker = matches!(status.inference, InferenceState::Failed { .. });
    let running = status.source == SourceState::Running && (tracked_in_state >= 20 || no_tracker);
    match goal {
        "first-frames" => running && status.captured > 60,
        "return" => running && states >= 4,
        "waiting" => matches!(status.source, SourceState::Waiting { .. }),
        other => panic!("no such goal: {other}"),
    }
}

/// The states in order, each with the words that its message must hold.
fn assert_states(report: &Value, wanted: &[&str]) {
    let states: Vec<_> = report["states"].as_array().expect("states").iter().filter_map(Value::as_str).collect();
    let mut rest = states.iter();
    for word in wanted {
        assert!(rest.any(|state| state.contains(word)), "{word} in this order in {states:#?}");
    }
}

/// Whether people were tracked; without ONNX Runtime on the machine only frames can be looked at.
fn assert_tracked(report: &Value) {
    assert_eq!(report["falling_times"], 0, "times rise, also across the loss");
    let has_none = report["inference"].as_str().is_some_and(|state| state.contains("ONNX Runtime"));
    let found = (!has_none).then_some(());
    if need("runtime", found, "there is no ONNX Runtime library on this machine: nobody is tracked").is_none() {
        return;
    }
    assert_eq!(report["inference"], "Running");
    assert_eq!(report["size"], json!([640, 480]), "the mode that suits tracking, not the first one offered");
    let (tracked, with_person) = (report["tracked"].as_u64().expect("a count"), report["with_person"].as_u64());
    assert!(tracked >= 20 && with_person.is_some_and(|count| count * 10 >= tracked * 8), "{report}");
}

#[test]
fn devices_lists_the_camera_and_its_modes() {
    let Some(camera) = FakeCamera::build() else { return };
    let output = camera.livedance(&["devices", "--json"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let modes = list["cameras"][0]["modes"].as_array().expect("modes").clone();
    assert!(modes.contains(&json!({"format": "MJPG", "width": 640, "height": 480, "fps": 30})), "{list:#}");
    assert!(modes.contains(&json!({"format": "YUYV", "width": 320, "height": 240, "fps": 30})), "{list:#}");
    assert!(!list.to_string().contains("H264"), "only what can be decoded");

    let table = text(&camera.livedance(&["devices"], &[]).stdout);
    assert!(table.contains("camera:0") && table.contains("640x480  30, 15"), "{table}");
}

#[test]
fn a_camera_that_cannot_be_used_says_why() {
    let Some(camera) = FakeCamera::build() else { return };
    let out = camera.path("out.jsonl").to_string_lossy().into_owned();
    let empty = camera.path("empty").to_string_lossy().into_owned();
    for (behaviour, source, words) in [
        (("FAKECAM_BUSY", "1"), "camera:0", "camera 0 is in use by another program"),
        (("FAKECAM_DENIED", "1"), "camera", "usermod -aG video"),
        (("FAKECAM_NOTHING", "1"), "camera:7", "camera 7 was not found"),
        (("FAKECAM_DEV", &*empty), "camera", "no camera found"),
    ] {
        let output = camera.livedance(&["track", source, "-o", &out], &[behaviour]);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(words) && !stderr.contains("panicked"), "{words} in {stderr}");
        assert_eq!(stderr.lines().filter(|line| line.starts_with("error")).count(), 1, "one line: {stderr}");
    }
    let table = text(&camera.livedance(&["devices"], &[("FAKECAM_BUSY", "1")]).stdout);
    assert!(table.contains("in use"), "{table}");
    let none = camera.livedance(&["devices"], &[("FAKECAM_DEV", &*empty)]);
    assert_eq!(none.status.code(), Some(0));
    assert!(text(&none.stdout).contains("no camera found"));
}

#[test]
fn a_person_before_the_camera_is_tracked() {
    let Some(camera) = FakeCamera::build() else { return };
    let report = camera.watch("first-frames", &[]);
    assert_states(&report, &["Running"]);
    assert_tracked(&report);
    assert_eq!(report["skipped"], 0, "every picture decodes");
}

#[test]
fn an_unplugged_camera_is_reported_and_reopened_when_it_returns() {
    let Some(camera) = FakeCamera::build() else { return };
    let behaviour = [("FAKECAM_FAIL_AFTER", "60"), ("FAKECAM_RETURN_AFTER", "3000")];
    let report = camera.watch("return", &behaviour);
    assert_states(&report, &["Running", "Waiting: camera 0 was lost", "Running"]);
    assert_tracked(&report);
}

#[test]
fn a_camera_that_falls_silent_is_given_up_on_and_reopened_when_it_wakes() {
    let Some(camera) = FakeCamera::build() else { return };
    let behaviour = [("FAKECAM_STALL_AFTER", "60"), ("FAKECAM_STALL_FOR", "5000")];
    let report = camera.watch("return", &behaviour);
    assert_states(&report, &["Running", "Waiting: camera 0 was lost (no picture for 2 seconds)", "Running"]);
    assert_tracked(&report);
}

#[test]
fn damaged_pictures_are_left_out_and_counted() {
    let Some(camera) = FakeCamera::build() else { return };
    let report = camera.watch("first-frames", &[("FAKECAM_CORRUPT_EVERY", "10")]);
    assert_tracked(&report);
    assert!(report["skipped"].as_u64().is_some_and(|count| count >= 3), "{report}");
}

#[test]
fn a_camera_that_never_was_there_is_waited_for() {
    let Some(camera) = FakeCamera::build() else { return };
    let empty = camera.path("empty").to_string_lossy().into_owned();
    let report = camera.watch("waiting", &[("FAKECAM_DEV", &*empty)]);
    assert_states(&report, &["Waiting: no camera found"]);
    assert_eq!(report["captured"], 0);
}
