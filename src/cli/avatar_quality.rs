//! `livedance bench --quality --avatar`: what a viewer sees of the avatar.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use serde::Serialize;

use super::bench::{BenchArgs, write_report};
use super::quality::{self, Raw};
use crate::capture::SourceSpec;
use crate::formats::avatar;
use crate::formats::truth::read_truth;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::pose::BodyPose;
use crate::motion::quality::avatar::{
    ANGLE_JOINTS, AvatarFigures, AvatarStretch, DirectionError, FootFigures, LengthVariation, MainJoints, POP_DEG,
    Pops as BonePops, PosedPerson, SHOWN_HZ, accuracy, avatar_main_joints, main_joints, measure_avatar, pose_first,
};
use crate::motion::quality::{SHORTEST_SPAN, unbroken};
use crate::motion::retarget::{AvatarPose, scene_from_world};
use crate::motion::session::SessionOptions;
use crate::motion::skeleton::RestSkeleton;
use crate::settings::{ModelVariant, Settings, SmoothingMode};

/// The avatar that is measured, in the folder of the shipped ones.
const AVATAR: &str = "livedance.glb";

/// Everything that was measured; `null` where the source shows nothing to measure.
#[derive(Debug, Serialize)]
struct Report {
    source: String,
    avatar: &'static str,
    frames: usize,
    fps: f64,
    model: ModelVariant,
    smoothing: SmoothingMode,
    /// Share of the frames without a person, 0 to 1.
    dropped_rate: f64,
    directions: Vec<Direction>,
    pops: Pops,
    feet: Feet,
    bone_lengths: Vec<Length>,
    lag_ms: Option<f64>,
    /// Against the ground truth, where one was given: the landmarks as tracked, as smoothed, and the avatar's joints.
    #[serde(skip_serializing_if = "Option::is_none")]
    truth: Option<Vec<Truth>>,
}

/// Angles between the avatar's bones and the landmarks they were solved from.
#[derive(Debug, Serialize)]
struct Direction {
    part: &'static str,
    count: usize,
    median_deg: f64,
    p95_deg: f64,
    turned_median_deg: f64,
}

#[derive(Debug, Serialize)]
struct Pops {
    above_deg: f64,
    pictures_per_s: f64,
    count: usize,
    in_source: usize,
    farthest_deg: f64,
    steps: usize,
    bones: Vec<(&'static str, usize)>,
}

#[derive(Debug, Serialize)]
struct Feet {
    planted_share: Option<f64>,
    slide_median_cm_s: Option<f64>,
    slide_p95_cm_s: Option<f64>,
    penetration_max_cm: Option<f64>,
    penetration_p95_cm: Option<f64>,
    planted_height_median_cm: Option<f64>,
    planted_height_p95_cm: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Length {
    part: &'static str,
    mean_cm: f64,
    variation_percent: f64,
}

#[derive(Debug, Serialize)]
struct Truth {
    of: &'static str,
    frames: usize,
    mpjpe_cm: Option<f64>,
    pa_mpjpe_cm: Option<f64>,
    angle_median_deg: Option<f64>,
    angle_mean_deg: Option<f64>,
    angles_deg: Vec<(&'static str, Option<f64>)>,
}

/// Tracks once, solves the bundled avatar and measures it.
pub(super) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    // Who is filmed need not be who was calibrated.
    let settings = Settings { calibration: None, ..args.tracking.settings()? };
    let truth = args.truth.as_deref().map(read_truth).transpose()?;
    let skeleton = read_skeleton(&crate::paths::shipped_folder("assets").join("avatar").join(AVATAR))?;
    let spec: SourceSpec = args.source.parse()?;
    let (info, raw) = quality::track(args, &settings, &spec)?;
    let frames = raw.times.len();
    ensure!(frames > 0, "{} holds no picture", info.name);
    if let (Some(truth), Some(path)) = (&truth, &args.truth)
        && truth.len() != frames
    {
        bail!("{} has {} frames, {} has {frames}", path.display(), truth.len(), info.name);
    }
    let Some(fps) = quality::frame_rate(&raw.times) else {
        bail!("{}: quality is a matter of several frames", info.name)
    };
    let solved = Solved::new(&skeleton, raw, (info.width, info.height), settings.session_options());
    let stretches = solved.stretches();
    if stretches.is_empty() {
        bail!("{}: nobody is seen in {SHORTEST_SPAN} frames on end, which is the least to measure", info.name);
    }
    let AvatarFigures { directions, pops, feet, lengths, lag_s } = measure_avatar(&skeleton, &stretches, fps);
    let report = Report {
        source: info.name,
        avatar: AVATAR,
        frames,
        fps,
        model: settings.model,
        smoothing: settings.smoothing,
        dropped_rate: solved.dropped_rate(),
        directions: directions.into_iter().map(Direction::from).collect(),
        pops: pops.into(),
        feet: feet.into(),
        bone_lengths: lengths.into_iter().map(Length::from).collect(),
        lag_ms: lag_s.map(|seconds| seconds * 1e3),
        truth: truth.map(|truth| solved.against(&skeleton, &truth)),
    };
    write_report(args.json, &report, print)
}

/// The T-pose of an avatar file.
fn read_skeleton(path: &Path) -> anyhow::Result<RestSkeleton> {
    Ok(avatar::read(path, None).with_context(|| path.display().to_string())?.humanoid.rest)
}

/// Every frame with the first person's landmarks and the pose that they give the avatar.
struct Solved {
    times: Vec<f64>,
    people: Vec<Option<Person>>,
}

struct Person {
    raw: BodyPose,
    smoothed: [Landmark; POSE_LANDMARK_COUNT],
    fed: BodyPose,
    pose: AvatarPose,
}

impl Solved {
    /// Filters and solves in the order of the frames, breaks included, as it would happen live.
    fn new(skeleton: &RestSkeleton, raw: Raw, size_px: (u32, u32), options: SessionOptions) -> Self {
        let posed = pose_first(skeleton, &raw.times, &raw.people, size_px, options);
        let person = |(raw, posed): (Option<BodyPose>, Option<PosedPerson>)| {
            let PosedPerson { smoothed, fed, pose } = posed?;
            Some(Person { raw: raw?, smoothed, fed, pose })
        };
        Self { times: raw.times, people: raw.people.into_iter().zip(posed).map(person).collect() }
    }

    fn dropped_rate(&self) -> f64 {
        self.people.iter().filter(|person| person.is_none()).count() as f64 / self.people.len().max(1) as f64
    }

    fn stretches(&self) -> Vec<AvatarStretch> {
        let seen: Vec<_> = self.people.iter().map(|person| person.as_ref().map(|p| (p.raw.id, p.raw.is_new))).collect();
        let stretch = |span: std::ops::Range<usize>| {
            let mut stretch = AvatarStretch { times: self.times[span.clone()].to_vec(), ..AvatarStretch::default() };
            for person in self.people[span].iter().flatten() {
                stretch.raw.push(person.raw.clone());
                stretch.fed.push(person.fed.clone());
                stretch.poses.push(person.pose);
            }
            stretch
        };
        unbroken(&seen).into_iter().map(stretch).collect()
    }

    /// Landmarks and avatar against the truth, in the scene's axes.
    fn against(&self, skeleton: &RestSkeleton, truth: &[[Landmark; POSE_LANDMARK_COUNT]]) -> Vec<Truth> {
        let joints = |world: &[Landmark; POSE_LANDMARK_COUNT]| -> MainJoints {
            main_joints(&world.map(|landmark| scene_from_world(landmark.position)))
        };
        let truth: Vec<MainJoints> = truth.iter().map(joints).collect();
        let of = |name: &'static str, joints: &dyn Fn(&Person) -> Option<MainJoints>| {
            let estimates: Vec<_> = self.people.iter().map(|person| joints(person.as_ref()?)).collect();
            Truth::new(name, &estimates, &truth)
        };
        vec![
            of("landmarks as tracked", &|person| Some(joints(&person.raw.world))),
            of("landmarks as smoothed", &|person| Some(joints(&person.smoothed))),
            of("landmarks as fitted", &|person| Some(joints(&person.fed.world))),
            of("avatar", &|person| avatar_main_joints(skeleton, &person.pose)),
        ]
    }
}

impl From<DirectionError> for Direction {
    fn from(error: DirectionError) -> Self {
        let DirectionError { part, count, median_deg, p95_deg, turned_median_deg } = error;
        Self { part: part.name(), count, median_deg, p95_deg, turned_median_deg }
    }
}

impl From<BonePops> for Pops {
    fn from(pops: BonePops) -> Self {
        let BonePops { count, in_source, farthest_deg, steps, bones } = pops;
        let bones = bones.into_iter().map(|(bone, count)| (bone.vrm_name(), count)).collect();
        Self { above_deg: POP_DEG, pictures_per_s: SHOWN_HZ, count, in_source, farthest_deg, steps, bones }
    }
}

impl From<FootFigures> for Feet {
    fn from(feet: FootFigures) -> Self {
        let cm = |metres: Option<f64>| metres.map(|metres| metres * 100.0);
        Self {
            planted_share: feet.planted,
            slide_median_cm_s: cm(feet.slide_median_m_s),
            slide_p95_cm_s: cm(feet.slide_p95_m_s),
            penetration_max_cm: cm(feet.penetration_max_m),
            penetration_p95_cm: cm(feet.penetration_p95_m),
            planted_height_median_cm: cm(feet.height_median_m),
            planted_height_p95_cm: cm(feet.height_p95_m),
        }
    }
}

impl From<LengthVariation> for Length {
    fn from(length: LengthVariation) -> Self {
        let LengthVariation { part, mean_m, variation } = length;
        Self { part: part.name(), mean_cm: mean_m * 100.0, variation_percent: variation * 100.0 }
    }
}

impl Truth {
    fn new(of: &'static str, estimates: &[Option<MainJoints>], truth: &[MainJoints]) -> Self {
        let found = accuracy(estimates, truth);
        let cm = |metres: Option<f64>| metres.map(|metres| metres * 100.0);
        Self {
            of,
            frames: found.frames,
            mpjpe_cm: cm(found.mpjpe_m),
            pa_mpjpe_cm: cm(found.pa_mpjpe_m),
            angle_median_deg: found.angle_median_deg,
            angle_mean_deg: found.angle_mean_deg,
            angles_deg: ANGLE_JOINTS.into_iter().map(|(name, _)| name).zip(found.angles_deg).collect(),
        }
    }
}

fn number(value: Option<f64>) -> String {
    // Adding 0 turns a rounded -0 into 0.
    value.map_or_else(|| "-".to_owned(), |value| format!("{:.1}", (value * 10.0).round() / 10.0 + 0.0))
}

fn print(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let Report { source, avatar, frames, fps, model, smoothing, dropped_rate, .. } = report;
    let nobody = dropped_rate * 100.0;
    writeln!(
        out,
        "{source}: {frames} frames at {fps:.2} a second, model {model:?}, smoothing {smoothing:?}; \
         nobody in {nobody:.1} % of them; avatar {avatar}\n"
    )?;
    let heads = ["median", "p95", "turned", "length cm", "varies %"];
    write!(out, "{:<12}", "degrees off")?;
    for head in heads {
        write!(out, " {head:>10}")?;
    }
    writeln!(out)?;
    for direction in &report.directions {
        let length = report.bone_lengths.iter().find(|length| length.part == direction.part);
        write!(out, "{:<12}", direction.part)?;
        for figure in [
            Some(direction.median_deg),
            Some(direction.p95_deg),
            Some(direction.turned_median_deg),
            length.map(|length| length.mean_cm),
            length.map(|length| length.variation_percent),
        ] {
            write!(out, " {:>10}", number(figure))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "turned: the median with the whole avatar turned to fit best; varies: of the landmarks' bones\n")?;

    let Pops { count, in_source, farthest_deg, steps, bones, .. } = &report.pops;
    let bones: Vec<_> = bones.iter().map(|(bone, count)| format!("{bone} {count}")).collect();
    writeln!(
        out,
        "pops: {count} turns above {POP_DEG} degrees in {steps} pictures at {SHOWN_HZ} a second, {in_source} of them in \
         the landmarks too, {farthest_deg:.1} at most{}{}",
        if bones.is_empty() { "" } else { ": " },
        bones.join(", ")
    )?;
    let Feet {
        planted_share,
        slide_median_cm_s,
        slide_p95_cm_s,
        penetration_max_cm,
        penetration_p95_cm,
        planted_height_median_cm,
        planted_height_p95_cm,
    } = &report.feet;
    writeln!(out, "feet: planted {} % of the time", number(planted_share.map(|share| share * 100.0)))?;
    for (name, first, second) in [
        ("slide while planted, cm/s", ("median", slide_median_cm_s), ("p95", slide_p95_cm_s)),
        ("off the floor while planted, cm", ("median", planted_height_median_cm), ("p95", planted_height_p95_cm)),
        ("below the floor, cm", ("p95", penetration_p95_cm), ("most", penetration_max_cm)),
    ] {
        writeln!(out, "  {name}: {} {}, {} {}", first.0, number(*first.1), second.0, number(*second.1))?;
    }
    writeln!(out, "lag against the unfiltered landmarks: {} ms", number(report.lag_ms))?;
    let Some(truth) = &report.truth else { return Ok(()) };
    let heads = ["MPJPE cm", "PA-MPJPE cm", "angle median", "angle mean"];
    write!(out, "\n{:<22}", "against the truth")?;
    for head in heads {
        write!(out, " {head:>12}")?;
    }
    writeln!(out)?;
    for row in truth {
        write!(out, "{:<22}", row.of)?;
        for figure in [row.mpjpe_cm, row.pa_mpjpe_cm, row.angle_median_deg, row.angle_mean_deg] {
            write!(out, " {:>12}", number(figure))?;
        }
        writeln!(out)?;
    }
    Ok(())
}
