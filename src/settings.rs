//! What a user can set. Layers, the later wins: defaults, the settings file, `LIVEDANCE_*`, the command line, changes in
//! the app. Only the last are written to the file.

mod calibration;
mod declare;
mod file;
mod games;
mod layers;
mod scene;
mod tracking;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::motion::avatar_solver::SolverOptions;
use crate::motion::filter::SmoothingParams;
use crate::motion::fit::View;
use crate::motion::locomotion::LocomotionOptions;
use crate::motion::session::SessionOptions;

use declare::{settings, stands_for, value};

pub use calibration::Calibration;
pub use declare::{Choice, Flag, Group, Kind, Range, Setting, Takes};
pub use games::{GameSettings, MAX_PLAYERS, Palette, difficulty_name};
pub use scene::{Background, Framing};
pub use tracking::{HandsMode, ModelVariant, Provider, SmoothingMode};

/// Most people that can be followed.
pub const MAX_PEOPLE: u32 = 8;

/// Longest time without an answer from a server before this machine tracks, seconds.
pub const MAX_FALLBACK_S: f32 = 60.0;

/// Longest countdown before a recording, seconds.
pub const MAX_COUNTDOWN_S: u32 = 10;

settings! {
    /// All settings, as they stand in the settings file.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct Settings in "" {
        /// what to open when the command line names nothing: `camera`, `camera:N`, `demo`, a path; empty is a camera if there is one, else the demo
        source: String = String::new() => Kind::Text;
        /// `lite` is faster, `heavy` more exact and about four times as slow
        model: ModelVariant = ModelVariant::Full => Kind::Choice(ModelVariant::CHOICES),
            value("model", "MODEL", "Landmark model", Group::Tracking);
        /// pictures are scaled down to this shorter side, in pixels, before tracking; 0 never scales. `track` and `render` do not scale unless told to
        short_side: u32 = 384 => Kind::Whole(Range::between(64.0, 4320.0, "pixels").or_zero("full size")),
            value(
                "short-side",
                "PX",
                "Scale pictures down to this shorter side in pixels; 0 never scales \
                 [default: {default} live, 0 for files written by `track`]",
                Group::Tracking
            );
        /// `none`, `ema` (exponential), `one-euro`, `mediapipe` (its filters and constants)
        smoothing: SmoothingMode = SmoothingMode::Ema => Kind::Choice(SmoothingMode::CHOICES),
            value("smoothing", "SMOOTHING", "Landmark filter", Group::Tracking);
        /// `ema`: weight of the new value, above 0, at most 1 (1 is no smoothing)
        alpha: f32 = 0.7 => Kind::Number(Range::between(0.0, 1.0, "").above()),
            value("alpha", "ALPHA", "Weight of the new value in `ema`, above 0, at most 1", Group::Tracking);
        // By `bench demo --quality`, these constants are as late as an `alpha` of 0.7 (11.0 ms, 10.3 ms) with less than
        // half of its trembling at rest (0.28 mm, 0.64 mm). Why it is not the default stands in ARCHITECTURE.md.
        /// `one-euro`: cutoff at rest in hertz, above 0; lower is steadier and later
        min_cutoff: f32 = 1.0 => Kind::Number(Range::at_least(0.0, "Hz").above()),
            value("min-cutoff", "HZ", "Cutoff at rest in `one-euro`, hertz", Group::Tracking);
        /// `one-euro`: how fast the cutoff rises with speed, hertz per metre a second, at least 0
        beta: f32 = 25.0 => Kind::Number(Range::at_least(0.0, "")),
            value("beta", "BETA", "Rise of the cutoff with speed in `one-euro`", Group::Tracking);
        /// left and right as in a mirror
        mirror: bool = true => Kind::Switch,
            stands_for("true", "mirror", "Show the person as in a mirror (the default)", Group::Tracking),
            stands_for("false", "no-mirror", "Show the person as others see them", Group::Tracking);
        /// fit a skeleton whose bones keep their length before the avatar is moved: less trembling, truer depth
        fit: bool = true => Kind::Switch,
            stands_for(
                "false",
                "no-fit",
                "Move the avatar by the landmarks as they are, without a skeleton of constant bone lengths",
                Group::Tracking
            );
        /// the avatar goes where you go, and jumps; `false` keeps it over one spot (several then stand where their people are in the picture)
        root_motion: bool = true => Kind::Switch,
            stands_for("false", "no-root-motion", "Keep the avatar over one spot: no steps, no jumps", Group::Tracking);
        /// feet that stand do not slide
        foot_lock: bool = true => Kind::Switch,
            stands_for("false", "no-foot-lock", "Let the avatar's feet slide as the landmarks do", Group::Tracking);
        /// of the camera, degrees along the picture's longer side; webcams have 50 to 70, phones about 60
        field_of_view: f32 = View::USUAL_FIELD_OF_VIEW => Kind::Number(Range::between(10.0, 120.0, "degrees")),
            value(
                "field-of-view",
                "DEGREES",
                "Field of view of the camera along the picture's longer side, degrees",
                Group::Tracking
            );
        /// your height in centimetres; 0 lets it be estimated. *Calibrate* in the settings panel learns your bones while you stand with your arms out for two seconds
        height_cm: f32 = 0.0 => Kind::Number(Range::between(50.0, 250.0, "centimetres").or_zero("not known")),
            value(
                "height-cm",
                "CM",
                "Height of the person, centimetres: makes the size of everything exact [default: estimated]",
                Group::Tracking
            );
        /// threads of each inference session, 0 for as many as suit the machine
        threads: u32 = 0 => Kind::Whole(Range::between(0.0, 64.0, "")),
            value(
                "threads",
                "N",
                "Threads of each inference session, 0 for as many as suit the machine",
                Group::Tracking
            );
        /// people followed at most, 1 to 8
        people: u32 = 1 => Kind::Whole(Range::between(1.0, MAX_PEOPLE as f64, "")),
            value("people", "N", "People to track at most, 1 to 8", Group::Tracking);
        /// `off`, `on` (of everybody whose body is tracked), `only` (without bodies)
        hands: HandsMode = HandsMode::On => Kind::Choice(HandsMode::CHOICES),
            stands_for("on", "hands", "Track both hands of everybody (the default)", Group::Tracking),
            stands_for("off", "no-hands", "Track bodies alone", Group::Tracking),
            stands_for(
                "only",
                "hands-only",
                "Track one left and one right hand without a body, for a camera over a desk",
                Group::Tracking
            );
        /// hardware that runs the models: `cpu`, `cuda`, `tensorrt`, `coreml`, `directml`, `openvino`, or `auto` for the best that the ONNX Runtime library has; what it does not have becomes the CPU, with one line that says so
        provider: Provider = Provider::Cpu => Kind::Choice(Provider::CHOICES),
            value(
                "provider",
                "PROVIDER",
                "Hardware that runs the models, where the ONNX Runtime library has it",
                Group::Tracking
            );
        /// with a live source that the machine cannot keep up with, hands are looked at in every second frame, then the lite model is used, then a smaller picture, and all is taken back when there is time again; `true` forbids it
        fixed_quality: bool = false => Kind::Switch,
            stands_for(
                "true",
                "fixed-quality",
                "Never give up quality when the machine cannot keep up with a live source",
                Group::Tracking
            );
        /// `studio`, `green`, `transparent` (from the next start on), or a colour such as `#204060`
        background: Background = Background::Studio => Kind::TextLike(Background::check_text),
            value(
                "background",
                "BACKGROUND",
                "Behind the avatar: `studio`, `green`, `transparent` or a colour as `#RRGGBB`",
                Group::Scene
            );
        /// what the camera shows: `full`, `upper`, `face`, or `free`
        framing: Framing = Framing::Full => Kind::Choice(Framing::CHOICES),
            value("framing", "FRAMING", "How much of the avatar is shown", Group::Scene);
        /// where the pose is sent as VMC, `HOST` or `HOST:PORT`; empty for nowhere
        vmc_out: String = String::new() => Kind::Text,
            value(
                "vmc-out",
                "ADDR",
                "Send the avatar's pose as VMC, 60 a second, to `HOST` or `HOST:PORT` [default port: 39539]",
                Group::Scene
            );
        /// the server that tracks in the window, see above; empty is this machine
        remote: String = String::new() => Kind::Text,
            value(
                "remote",
                "URL",
                "Let an inference server track: `ws://HOST:PORT` or `wss://HOST` (livedance serve), \
                 `socketio+http://HOST:PORT` (an original backend); empty for this machine",
                Group::Remote
            );
        /// a PEM file of certificates to trust beside the system's
        remote_ca: String = String::new() => Kind::Text,
            value("remote-ca", "FILE", "Trust the certificates in this PEM file, too", Group::Remote);
        /// without an answer for so many seconds this machine tracks; 0 is never
        remote_fallback_s: f32 = 2.0 => Kind::Number(Range::between(0.0, MAX_FALLBACK_S as f64, "seconds")),
            value(
                "remote-fallback-s",
                "SECONDS",
                "Track on this machine after so many seconds without an answer, 0 for never; live sources only",
                Group::Remote
            );
        /// servers that were used before, the newest first
        recent_remotes: Vec<String> = Vec::new() => Kind::List;
        /// where takes are kept; empty is `livedance/takes` in your data folder
        takes_folder: String = String::new() => Kind::Text;
        /// seconds between the key and the first frame of a take, 0 to 10
        countdown_s: u32 = 3 => Kind::Whole(Range::between(0.0, MAX_COUNTDOWN_S as f64, "seconds"));
        /// keep the pictures of the source beside a take, as a video
        record_video: bool = false => Kind::Switch;
        /// the avatar: a VRM, GLB or glTF file, or the name of a bundled one; empty is the usual one
        avatar: String = String::new() => Kind::Text,
            value(
                "avatar",
                "FILE",
                "The avatar: a VRM, GLB or glTF file, or the name of a bundled one",
                Group::Avatar
            );
        /// avatar files that were chosen before, the newest first
        recent_avatars: Vec<String> = Vec::new() => Kind::List;
        /// your bones in centimetres, as *Calibrate* has found them: used in the app for whoever the first avatar follows, while `fit` is on, until *Forget calibration*
        #[serde(skip_serializing_if = "Option::is_none")]
        calibration: Option<Calibration> = None => Kind::Table;
        /// the games
        games: GameSettings = GameSettings::default();
    }
}

/// Why settings could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file or a variable holds something that cannot be used.
    #[error("{origin} cannot be used: {reason}; correct or delete it")]
    Invalid {
        /// The settings file or the variable.
        origin: String,
        /// What is wrong.
        reason: String,
    },
    /// The settings file could not be written, and is as it was.
    #[error("settings could not be saved to {path}: {reason}")]
    Write {
        /// The settings file.
        path: PathBuf,
        /// What the system said, or what is wrong with the file that is there.
        reason: String,
    },
}

/// Where the settings file lies: `LIVEDANCE_CONFIG`, else the user's configuration folder; `None` for a user without a home.
#[must_use]
pub fn settings_path() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("LIVEDANCE_CONFIG") {
        return Some(PathBuf::from(path));
    }
    directories::ProjectDirs::from("", "", "livedance").map(|dirs| dirs.config_dir().join("settings.toml"))
}

/// Every setting, in the order of README's table: first those of [`Settings`], then the games'.
pub fn declared() -> impl Iterator<Item = &'static Setting> {
    Settings::DECLARED.iter().chain(GameSettings::DECLARED)
}

impl Settings {
    /// A filter with the constants set for it.
    #[must_use]
    pub const fn filter(&self, mode: SmoothingMode) -> SmoothingParams {
        match mode {
            SmoothingMode::None => SmoothingParams::None,
            SmoothingMode::Ema => SmoothingParams::Ema { alpha: self.alpha },
            SmoothingMode::OneEuro => SmoothingParams::OneEuro { min_cutoff: self.min_cutoff, beta: self.beta },
            SmoothingMode::Mediapipe => SmoothingParams::Mediapipe,
        }
    }

    /// How people in pictures of this size are turned into poses of an avatar.
    #[must_use]
    pub fn solver_options(&self, width: u32, height: u32) -> SolverOptions {
        SolverOptions {
            mirror: self.mirror,
            fit: self.fit,
            locomotion: LocomotionOptions { root_motion: self.root_motion, foot_lock: self.foot_lock },
            view: View { width, height, field_of_view: self.field_of_view },
            height_m: (self.height_cm > 0.0).then_some(self.height_cm * 0.01),
            bones: self.calibration.as_ref().filter(|_| self.fit).map(Into::into),
        }
    }

    /// What these settings mean for a session of motion.
    #[must_use]
    pub fn session_options(&self) -> SessionOptions {
        SessionOptions { smoothing: self.into(), solver: self.solver_options(0, 0), hold_lost: false }
    }
}

impl From<&Settings> for SmoothingParams {
    fn from(settings: &Settings) -> Self {
        settings.filter(settings.smoothing)
    }
}

#[cfg(test)]
mod tests;
