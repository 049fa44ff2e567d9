//! Options that all tracking commands share, laid over the settings.

use anyhow::{Context as _, bail};
use clap::Args;

use crate::settings::{HandsMode, MAX_PEOPLE, ModelVariant, Provider, Settings, SmoothingMode, settings_path};

/// Options of every command that tracks. What is not given comes from `LIVEDANCE_*`, the settings file or the defaults.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Tracking")]
pub struct TrackingArgs {
    /// Landmark model [default: full]
    #[arg(long, value_enum)]
    pub model: Option<ModelVariant>,
    /// Scale pictures down to this shorter side in pixels; 0 never scales [default: 384 live, 0 for files written by `track`]
    #[arg(long, value_name = "PX")]
    pub short_side: Option<u32>,
    /// Landmark filter [default: ema]
    #[arg(long, value_enum)]
    pub smoothing: Option<SmoothingMode>,
    /// Weight of the new value in `ema`, above 0, at most 1
    #[arg(long)]
    pub alpha: Option<f32>,
    /// Cutoff at rest in `one-euro`, hertz
    #[arg(long, value_name = "HZ")]
    pub min_cutoff: Option<f32>,
    /// Rise of the cutoff with speed in `one-euro`
    #[arg(long)]
    pub beta: Option<f32>,
    /// Show the person as in a mirror (the default)
    #[arg(long, overrides_with = "no_mirror")]
    pub mirror: bool,
    /// Show the person as others see them
    #[arg(long)]
    pub no_mirror: bool,
    /// Move the avatar by the landmarks as they are, without a skeleton of constant bone lengths
    #[arg(long)]
    pub no_fit: bool,
    /// Keep the avatar over one spot: no steps, no jumps
    #[arg(long)]
    pub no_root_motion: bool,
    /// Let the avatar's feet slide as the landmarks do
    #[arg(long)]
    pub no_foot_lock: bool,
    /// Field of view of the camera along the picture's longer side, degrees [default: 40]
    #[arg(long, value_name = "DEGREES")]
    pub field_of_view: Option<f32>,
    /// Height of the person, centimetres: makes the size of everything exact [default: estimated]
    #[arg(long, value_name = "CM")]
    pub height_cm: Option<f32>,
    /// Threads of each inference session, 0 for as many as suit the machine [default: 0]
    #[arg(long, value_name = "N")]
    pub threads: Option<u32>,
    /// Hardware that runs the models, where the ONNX Runtime library has it [default: cpu]
    #[arg(long, value_enum)]
    pub provider: Option<Provider>,
    /// Never give up quality when the machine cannot keep up with a live source
    #[arg(long)]
    pub fixed_quality: bool,
    /// Frames per second of the clock given to the filters, instead of the source's own times
    #[arg(long, value_name = "F")]
    pub fps: Option<f64>,
    /// Track both hands of everybody (the default)
    #[arg(long, overrides_with_all = ["no_hands", "hands_only"])]
    pub hands: bool,
    /// Track bodies alone
    #[arg(long, overrides_with_all = ["hands", "hands_only"])]
    pub no_hands: bool,
    /// Track one left and one right hand without a body, for a camera over a desk
    #[arg(long, overrides_with_all = ["hands", "no_hands"])]
    pub hands_only: bool,
    /// People to track at most, 1 to 8 [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_PEOPLE)))]
    pub people: Option<u32>,
}

impl TrackingArgs {
    /// Settings in their four layers: defaults, file, environment, these arguments.
    ///
    /// # Errors
    /// An unreadable settings file or a value out of its range, in words.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = match settings_path() {
            Some(path) => Settings::load(&path)?,
            None => Settings::default(),
        };
        let Self {
            model,
            short_side,
            smoothing,
            alpha,
            min_cutoff,
            beta,
            mirror,
            no_mirror,
            no_fit,
            no_root_motion,
            no_foot_lock,
            field_of_view,
            height_cm,
            threads,
            fps,
            hands,
            no_hands,
            hands_only,
            people,
            provider,
            fixed_quality,
        } = self;
        settings.model = model.unwrap_or(settings.model);
        settings.short_side = short_side.unwrap_or(settings.short_side);
        settings.smoothing = smoothing.unwrap_or(settings.smoothing);
        settings.alpha = alpha.unwrap_or(settings.alpha);
        settings.min_cutoff = min_cutoff.unwrap_or(settings.min_cutoff);
        settings.beta = beta.unwrap_or(settings.beta);
        settings.threads = threads.unwrap_or(settings.threads);
        settings.provider = provider.unwrap_or(settings.provider);
        settings.fixed_quality |= *fixed_quality;
        settings.fit &= !no_fit;
        settings.root_motion &= !no_root_motion;
        settings.foot_lock &= !no_foot_lock;
        settings.field_of_view = field_of_view.unwrap_or(settings.field_of_view);
        settings.height_cm = height_cm.unwrap_or(settings.height_cm);
        settings.people = people.unwrap_or(settings.people);
        for (asked, mode) in [(hands, HandsMode::On), (no_hands, HandsMode::Off), (hands_only, HandsMode::Only)] {
            if *asked {
                settings.hands = mode;
            }
        }
        settings.mirror = (settings.mirror || *mirror) && !no_mirror;
        settings.check().map_err(anyhow::Error::msg).context("these options cannot be used")?;
        if let Some(fps) = fps
            && !(*fps > 0.0 && *fps <= 1000.0)
        {
            bail!("--fps must be above 0 and at most 1000, not {fps}");
        }
        Ok(settings)
    }
}
