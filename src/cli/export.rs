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
use super::memory_share::MemoryShare;
use crate::export::{ExportAvatar, ExportOptions, Exported, Format, export};
use crate::files::FileKind;
use crate::formats::take::TakeSummary;
use crate::motion::BodyPose;
use crate::settings::Settings;

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
    let settings = Settings::load_usual()?;
    let options = args.options(&settings)?;
    let avatar = ExportAvatar::load(args.avatar.as_ref().unwrap_or(&settings.avatar))?;
    let takes = args.takes()?;
    let interrupts = Interrupts::watch()?;
    let described = described(&options, &avatar);
    let memory = MemoryShare::of_this_machine();
    let work = |take: &Path, bar: &indicatif::ProgressBar| {
        let stamp = Stamp::new(take, &args.output, &described)?;
        if !args.force && stamp.is_fresh() {
            return Ok(None);
        }
        let _held = memory.hold(memory_for(take));
        if interrupts.is_asked() {
            return Err(interrupts.error("it was not begun".to_owned()));
        }
        let done = export(take, &args.output, &avatar, &options, &mut |share| {
            bar.set_position((share * 1000.0) as u64);
            true
        })?;
        stamp.write(&done)?;
        Ok(Some(done))
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = args.jobs.map_or(cores, usize::from);
    let outcomes = batch::run(&takes, workers, &|| interrupts.is_asked(), &work);
    print(&takes, &outcomes).context("the table cannot be printed")?;
    let count = |is: fn(&Outcome<Exported>) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
    let left = count(|outcome| match outcome {
        Outcome::NotReached => true,
        Outcome::Failed(reason) => is_interrupted(reason),
        Outcome::Done(_) | Outcome::Before => false,
    });
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
    /// What is asked for here, and by the settings where nothing is.
    fn options(&self, settings: &Settings) -> anyhow::Result<ExportOptions> {
        let asked = Settings {
            fit: settings.fit && !self.no_fit,
            root_motion: settings.root_motion && !self.no_root_motion,
            foot_lock: settings.foot_lock && !self.no_foot_lock,
            field_of_view: self.field_of_view.unwrap_or(settings.field_of_view),
            height_cm: self.height_cm.unwrap_or(0.0),
            ..settings.clone()
        };
        asked.check().map_err(anyhow::Error::msg).context("these options cannot be used")?;
        let all = self.to.iter().any(|name| name.trim().eq_ignore_ascii_case("all"));
        let named = || self.to.iter().map(|name| name.parse::<Format>().map_err(anyhow::Error::msg));
        let formats: BTreeSet<Format> = if all { Format::ALL.into() } else { named().collect::<Result<_, _>>()? };
        let until = self.until.unwrap_or(f64::INFINITY);
        ensure!(self.from >= 0.0 && until > self.from, "--until must come after --from, and --from from 0 on");
        ensure!(self.cutoff >= 0.0 && self.cutoff.is_finite(), "--cutoff must be 0 or more, not {}", self.cutoff);
        let mut options = ExportOptions {
            fps: self.fps,
            range_s: (self.from, until),
            cutoff_hz: (self.cutoff > 0.0).then_some(self.cutoff),
            t_pose_first: self.t_pose_first,
            ..ExportOptions::new(formats.into_iter().collect(), &asked)
        };
        options.solver.mirror = self.mirror;
        options.solver.height_m = (asked.height_cm > 0.0).then_some(asked.height_cm * 0.01);
        Ok(options)
    }

    /// Every take that was named or lies in a folder that was, none twice.
    fn takes(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut takes = Vec::new();
        for path in &self.takes {
            takes.extend(batch::files_of(path, FileKind::Take)?);
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

/// What a take is written with, as it is remembered: all that the files depend on.
fn described(options: &ExportOptions, avatar: &ExportAvatar) -> Value {
    json!({
        "formats": options.formats.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fps": options.fps,
        "from_s": options.range_s.0,
        "until_s": options.range_s.1,
        "cutoff_hz": options.cutoff_hz,
        "t_pose_first": options.t_pose_first,
        "solver": format!("{:?}", options.solver),
        "avatar": avatar.fingerprint,
        "version": env!("CARGO_PKG_VERSION"),
    })
}

/// About so many bytes a take needs while it is solved: its people's landmarks, and of the one who is solved some copies more.
/// Nothing for one that cannot be read, which is said soon enough.
fn memory_for(take: &Path) -> u64 {
    const COPIES: usize = 4;
    let Ok(take) = TakeSummary::read(take) else { return 0 };
    (take.frames * (take.people + COPIES) * size_of::<BodyPose>()) as u64
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

/// Whether a take was left because the program was asked to end.
fn is_interrupted(reason: &str) -> bool {
    reason.starts_with("interrupted")
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
            Outcome::Failed(reason) if is_interrupted(reason) => writeln!(out, "{reason}")?,
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

#[cfg(test)]
mod tests {
    use clap::FromArgMatches as _;

    use super::*;
    #[cfg(feature = "app")]
    use crate::formats::take::made_up::{body, write_take};
    use crate::motion::fit::BoneLengths;
    use crate::settings::Calibration;

    fn args(more: &[&str]) -> ExportArgs {
        let matches = ExportArgs::augment_args(clap::Command::new("export"))
            .get_matches_from(["export", "take.ldt", "-o", "out"].iter().chain(more));
        ExportArgs::from_arg_matches(&matches).expect("arguments")
    }

    /// Settings of somebody who was measured, and looks into a mirror.
    fn measured() -> Settings {
        let calibration = Some(Calibration::from(&BoneLengths::average(1.95)));
        Settings { mirror: true, height_cm: 195.0, calibration, ..Settings::default() }
    }

    /// Everything in a folder, by name.
    #[cfg(feature = "app")]
    fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<_> = entries
            .map(|file| {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (name, std::fs::read(&file).expect("reads"))
            })
            .collect();
        files.sort();
        files
    }

    #[cfg(feature = "app")]
    #[test]
    fn a_take_is_exported_alike_here_and_in_the_app_whoever_was_measured() {
        use crate::app::overlay::ExportForm;
        use crate::app::recording::export_as_asked;

        let folder = tempfile::tempdir().expect("a folder");
        let take = folder.path().join("take.ldt");
        write_take(&take, 60, |time_s| vec![body(0, time_s, true), body(1, time_s + 0.4, false)]);
        let avatar = ExportAvatar::load("").expect("the usual avatar");
        let out = |name: &str| folder.path().join(name);
        for (name, settings) in [("plain", Settings::default()), ("measured", measured())] {
            let options = args(&["--to", "all"]).options(&settings).expect("options");
            export(&take, &out(name), &avatar, &options, &mut |_| true).expect("exports");
        }
        let form = ExportForm { formats: Format::ALL.into(), ..ExportForm::default() };
        export_as_asked(&take, &out("app"), &form, &measured(), &mut |_| true).expect("exports");
        let files = contents(&out("plain"));
        assert_eq!(files.len(), 17, "{:?}", files.iter().map(|(name, _)| name).collect::<Vec<_>>());
        for other in ["measured", "app"] {
            for ((name, bytes), (_, others)) in files.iter().zip(contents(&out(other))) {
                assert!(*bytes == others, "{other}: {name}");
            }
        }
    }

    #[test]
    fn what_is_asked_for_is_what_the_files_are_made_with() {
        let solver = |more: &[&str]| args(more).options(&measured()).expect("options").solver;
        assert_eq!((solver(&[]).mirror, solver(&[]).height_m, solver(&[]).bones), (false, None, None));
        let asked = solver(&["--mirror", "--height-cm", "150", "--no-fit", "--no-root-motion", "--no-foot-lock"]);
        assert!(asked.mirror && !asked.fit && !asked.locomotion.root_motion && !asked.locomotion.foot_lock);
        assert!(asked.height_m.is_some_and(|height_m| (height_m - 1.5).abs() < 1e-6));
        assert!(args(&["--height-cm", "5000"]).options(&measured()).is_err());
    }

    #[test]
    fn every_option_and_every_change_of_the_avatar_is_another_stamp() {
        let avatar = ExportAvatar::load("").expect("the usual avatar");
        let of = |more: &[&str]| described(&args(more).options(&Settings::default()).expect("options"), &avatar);
        let plain = of(&[]);
        assert_eq!(of(&[]), plain);
        for more in [
            &["--to", "trc"][..],
            &["--fps", "60"],
            &["--from", "1"],
            &["--until", "9"],
            &["--cutoff", "0"],
            &["--mirror"],
            &["--t-pose-first"],
            &["--no-fit"],
            &["--no-root-motion"],
            &["--no-foot-lock"],
            &["--field-of-view", "60"],
            &["--height-cm", "170"],
        ] {
            assert_ne!(of(more), plain, "{more:?}");
        }
        let changed = ExportAvatar { fingerprint: "another one".to_owned(), ..avatar.clone() };
        assert_ne!(described(&args(&[]).options(&Settings::default()).expect("options"), &changed), plain);
    }
}
