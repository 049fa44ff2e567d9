//! `livedance export`: takes in the formats that others read.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::batch::{self, Outcome};
use super::interrupt::Interrupts;
use crate::export::{ExportAvatar, ExportOptions, Exported, Format, export};
use crate::settings::{Settings, settings_path};

/// Endings of files that are takes.
const TAKES: [&str; 2] = ["ldt", "jsonl"];

/// Arguments of `export`.
#[derive(Debug, Clone, Args)]
pub(super) struct ExportArgs {
    /// Takes (`.ldt`, or records that `track` wrote), or folders of them
    #[arg(value_name = "TAKE", required = true)]
    takes: Vec<PathBuf>,
    /// Formats: bvh, glb, vrma, csv, trc, c3d, json, or all
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "bvh,glb")]
    to: Vec<String>,
    /// The folder to write to
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Frames per second of the files [default: the take's own]
    #[arg(long, value_name = "F")]
    fps: Option<f64>,
    /// Where to begin, seconds from the take's start
    #[arg(long, value_name = "S", default_value_t = 0.0)]
    from: f64,
    /// Where to end, seconds from the take's start [default: its end]
    #[arg(long, value_name = "S")]
    until: Option<f64>,
    /// Smooth away what is faster than this, hertz; 0 leaves the landmarks as they were recorded
    #[arg(long, value_name = "HZ", default_value_t = 6.0)]
    cutoff: f64,
    /// The avatar to move: a VRM, GLB or glTF file, or the name of a bundled one
    #[arg(long, value_name = "FILE")]
    avatar: Option<String>,
    /// Write the motion as a mirror shows it
    #[arg(long)]
    mirror: bool,
    /// Begin BVH files with one frame in the T-pose
    #[arg(long)]
    t_pose_first: bool,
    /// Solve from the landmarks as they are, without a skeleton of constant bone lengths
    #[arg(long)]
    no_fit: bool,
    /// Stay over one spot: no steps, no jumps
    #[arg(long)]
    no_root_motion: bool,
    /// Let feet slide as the landmarks do
    #[arg(long)]
    no_foot_lock: bool,
    /// Field of view of the camera along the picture's longer side, degrees [default: 40]
    #[arg(long, value_name = "DEGREES")]
    field_of_view: Option<f32>,
    /// Height of the person, centimetres [default: estimated]
    #[arg(long, value_name = "CM")]
    height_cm: Option<f32>,
    /// Takes worked on at once [default: as many as there are cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Write again what was written before
    #[arg(long)]
    force: bool,
}

/// Writes every take in every format.
pub(super) fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let options = args.options()?;
    let spec = args.avatar.clone().unwrap_or_else(|| options.settings.avatar.clone());
    let avatar = ExportAvatar::load(&spec)?;
    let takes = args.takes()?;
    let interrupts = Interrupts::watch()?;
    let described = described(&options, &spec);
    let work = |take: &Path, bar: &indicatif::ProgressBar| {
        let stamp = Stamp::new(take, &args.output, &described)?;
        if !args.force && stamp.is_fresh() {
            return Ok(None);
        }
        let done = export(take, &args.output, &avatar, &options, &mut |share| {
            bar.set_position((share * 1000.0) as u64);
        })?;
        stamp.write(&done)?;
        Ok(Some(done))
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = args.jobs.map_or(cores, usize::from);
    let outcomes = batch::run(&takes, workers, &|| interrupts.is_asked(), &work);
    print(&takes, &outcomes).context("the table cannot be printed")?;
    let count = |is: fn(&Outcome<Exported>) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
    let left = count(|outcome| matches!(outcome, Outcome::NotReached));
    if interrupts.is_asked() && left > 0 {
        return Err(interrupts.error(format!("{left} of {} takes are left; run it again to go on", takes.len())));
    }
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    match outcomes.as_slice() {
        [Outcome::Failed(reason)] => bail!("{reason}"),
        _ => ensure!(failed == 0, "{failed} of {} takes could not be exported, see above", takes.len()),
    }
    Ok(())
}

impl ExportArgs {
    fn options(&self) -> anyhow::Result<ExportOptions> {
        let settings = match settings_path() {
            Some(path) => Settings::load(&path)?,
            None => Settings::default(),
        };
        let settings = Settings {
            mirror: self.mirror,
            fit: settings.fit && !self.no_fit,
            root_motion: settings.root_motion && !self.no_root_motion,
            foot_lock: settings.foot_lock && !self.no_foot_lock,
            field_of_view: self.field_of_view.unwrap_or(settings.field_of_view),
            height_cm: self.height_cm.unwrap_or(0.0),
            // Who is in a take need not be who was calibrated.
            calibration: None,
            ..settings
        };
        settings.check().map_err(anyhow::Error::msg).context("these options cannot be used")?;
        let all = self.to.iter().any(|name| name.trim().eq_ignore_ascii_case("all"));
        let named = || self.to.iter().map(|name| name.parse::<Format>().map_err(anyhow::Error::msg));
        let formats: BTreeSet<Format> = if all { Format::ALL.into() } else { named().collect::<Result<_, _>>()? };
        let until = self.until.unwrap_or(f64::INFINITY);
        ensure!(self.from >= 0.0 && until > self.from, "--until must come after --from, and --from from 0 on");
        ensure!(self.cutoff >= 0.0 && self.cutoff.is_finite(), "--cutoff must be 0 or more, not {}", self.cutoff);
        Ok(ExportOptions {
            fps: self.fps,
            range_s: (self.from, until),
            cutoff_hz: (self.cutoff > 0.0).then_some(self.cutoff),
            t_pose_first: self.t_pose_first,
            ..ExportOptions::new(formats.into_iter().collect(), settings)
        })
    }

    /// Every take that was named or lies in a folder that was, none twice.
    fn takes(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut takes = Vec::new();
        for path in &self.takes {
            takes.extend(batch::files_of(path, |file| batch::has_ending(file, &TAKES))?);
        }
        let mut names = BTreeSet::new();
        takes.retain(|take| names.insert(take.canonicalize().unwrap_or_else(|_| take.clone())));
        let mut stems: BTreeSet<OsString> = BTreeSet::new();
        if let Some(twice) = takes.iter().find(|take| !stems.insert(take.file_stem().unwrap_or_default().to_owned())) {
            bail!(
                "two takes are called {}: their files would overwrite each other; export them apart",
                twice.display()
            );
        }
        Ok(takes)
    }
}

/// What a take is written with, as it is remembered.
fn described(options: &ExportOptions, avatar: &str) -> Value {
    let settings = &options.settings;
    json!({
        "formats": options.formats.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fps": options.fps,
        "from_s": options.range_s.0,
        "until_s": options.range_s.1,
        "cutoff_hz": options.cutoff_hz,
        "t_pose_first": options.t_pose_first,
        "avatar": avatar,
        "mirror": settings.mirror,
        "fit": settings.fit,
        "root_motion": settings.root_motion,
        "foot_lock": settings.foot_lock,
        "field_of_view": settings.field_of_view,
        "height_cm": settings.height_cm,
        "version": env!("CARGO_PKG_VERSION"),
    })
}

/// Remembers beside the files what they were made of, so that a run that was stopped does nothing twice.
struct Stamp {
    path: PathBuf,
    folder: PathBuf,
    content: Value,
}

impl Stamp {
    fn new(take: &Path, folder: &Path, described: &Value) -> anyhow::Result<Self> {
        let metadata = std::fs::metadata(take).with_context(|| format!("{}: cannot be read", take.display()))?;
        let changed = metadata.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let content = json!({
            "bytes": metadata.len(),
            "changed_ns": changed.unwrap_or(Duration::ZERO).as_nanos().to_string(),
            "options": described,
        });
        let name = take.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self { path: folder.join(format!(".{name}.export.json")), folder: folder.to_owned(), content })
    }

    /// Whether the very same was written before and still lies there.
    fn is_fresh(&self) -> bool {
        let Some(Value::Object(mut stored)) =
            std::fs::read(&self.path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
        else {
            return false;
        };
        let Some(Value::Array(files)) = stored.remove("files") else { return false };
        let there = |file: &Value| file.as_str().is_some_and(|name| self.folder.join(name).is_file());
        Value::Object(stored) == self.content && files.iter().all(there)
    }

    fn write(&self, done: &Exported) -> anyhow::Result<()> {
        let mut content = self.content.clone();
        let name = |file: &PathBuf| Some(Value::from(file.file_name()?.to_string_lossy()));
        content["files"] = done.files.iter().filter_map(name).collect();
        std::fs::write(&self.path, content.to_string())
            .with_context(|| format!("{}: cannot be written", self.path.display()))
    }
}

/// One line a take.
fn print(takes: &[PathBuf], outcomes: &[Outcome<Exported>]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let names: Vec<String> =
        takes.iter().map(|take| take.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(4);
    writeln!(out, "{:width$}  people  frames     fps  seconds  filled  missing  files", "take")?;
    for (name, outcome) in names.iter().zip(outcomes) {
        write!(out, "{name:width$}  ")?;
        match outcome {
            Outcome::Done(done) => writeln!(
                out,
                "{:6}  {:6}  {:6.2}  {:7.2}  {:6.2}  {:7.2}  {}{}",
                done.people,
                done.frames,
                done.fps,
                done.duration_s,
                done.filled_s,
                done.missing_s,
                done.files.len(),
                if done.is_cut { ", the take was cut off: written up to there" } else { "" }
            )?,
            Outcome::Before => writeln!(out, "was there already (--force writes it again)")?,
            Outcome::Failed(reason) => writeln!(out, "failed: {reason}")?,
            Outcome::NotReached => writeln!(out, "not reached")?,
        }
    }
    let done = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Done(done) => Some(done.files.len()),
        _ => None,
    });
    let (takes, files) = done.fold((0, 0), |(takes, files), own| (takes + 1, files + own));
    writeln!(out, "{files} files from {takes} takes")
}
