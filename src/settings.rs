//! What a user can set. Layers, the later wins: defaults, the settings file, `LIVEDANCE_*`, the command line.

mod calibration;
mod games;
mod scene;

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::motion::avatar_solver::SolverOptions;
use crate::motion::filter::SmoothingParams;
use crate::motion::fit::View;
use crate::motion::locomotion::LocomotionOptions;
use crate::motion::session::SessionOptions;

pub use calibration::Calibration;
pub use games::{Difficulty, GameSettings, MAX_PLAYERS, Palette};
pub use scene::{Background, Framing};

/// Most people that can be followed.
pub const MAX_PEOPLE: u32 = 8;

/// Longest time without an answer from a server before this machine tracks, seconds.
pub const MAX_FALLBACK_S: f32 = 60.0;

/// Longest countdown before a recording, seconds.
pub const MAX_COUNTDOWN_S: u32 = 10;

/// Size of the landmark model: the larger, the steadier and the slower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "inference", derive(clap::ValueEnum))]
pub enum ModelVariant {
    /// Fastest.
    Lite,
    /// The usual choice.
    #[default]
    Full,
    /// Most exact, about four times the cost of `Full`.
    Heavy,
}

/// Whether hands are tracked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HandsMode {
    /// Bodies alone.
    Off,
    /// Both hands of everybody whose body is tracked.
    #[default]
    On,
    /// Hands without bodies, for a camera over a desk.
    Only,
}

/// Which hardware runs the models. What the loaded ONNX Runtime library does not have becomes the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "inference", derive(clap::ValueEnum))]
pub enum Provider {
    /// The best of the library's own, but not `TensorRT`.
    Auto,
    /// The processor, which leaves the graphics card to the picture.
    #[default]
    Cpu,
    /// NVIDIA's.
    Cuda,
    /// NVIDIA's, with engines that are built for minutes at the first start.
    Tensorrt,
    /// Apple's.
    Coreml,
    /// Windows'.
    Directml,
    /// Intel's.
    Openvino,
}

/// How landmarks are smoothed over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "inference", derive(clap::ValueEnum))]
pub enum SmoothingMode {
    /// Landmarks as the model gives them.
    None,
    /// Exponential moving average with weight `alpha` for the new value.
    #[default]
    Ema,
    /// One Euro filter: still when the person is still, quick when they are quick.
    OneEuro,
    /// MediaPipe's own filters, with its constants.
    Mediapipe,
}

/// All settings, as they stand in the settings file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where frames come from when the command line names nothing: `camera`, `camera:N`, `demo`, a path;
    /// empty means a camera if there is one, else the demo.
    pub source: String,
    /// Landmark model.
    pub model: ModelVariant,
    /// Pictures are scaled down so that their shorter side has at most this many pixels; 0 never scales.
    /// For live sources; offline tracking uses full size unless told otherwise.
    pub short_side: u32,
    /// Landmark filter.
    pub smoothing: SmoothingMode,
    /// Weight of the new value in the exponential filter, above 0 and at most 1 (1 is no smoothing).
    pub alpha: f32,
    /// One Euro: cutoff frequency at rest in hertz, above 0. Lower is steadier and later.
    pub min_cutoff: f32,
    /// One Euro: how fast the cutoff rises with speed, in hertz per (metre per second) for world landmarks, at least 0.
    pub beta: f32,
    /// Show the person as in a mirror.
    pub mirror: bool,
    /// Fit landmarks to a skeleton of constant bone lengths before the avatar is moved.
    pub fit: bool,
    /// The avatar goes where the person goes, and jumps.
    pub root_motion: bool,
    /// The avatar's feet stay where they stand.
    pub foot_lock: bool,
    /// Field of view of the camera along the picture's longer side, degrees.
    pub field_of_view: f32,
    /// Height of the person in centimetres; 0 where it is not known.
    pub height_cm: f32,
    /// Threads of each inference session; 0 for as many as suit the machine.
    pub threads: u32,
    /// People followed at most, 1 to 8.
    pub people: u32,
    /// Whether hands are tracked.
    pub hands: HandsMode,
    /// Which hardware runs the models.
    pub provider: Provider,
    /// Never give up quality when the machine cannot keep up with a live source.
    pub fixed_quality: bool,
    /// What is seen behind the avatar. Transparency begins when the app is started with it.
    pub background: Background,
    /// How much of the avatar is shown.
    pub framing: Framing,
    /// Where the avatar's pose is sent as VMC: `HOST` or `HOST:PORT`; empty for nowhere.
    pub vmc_out: String,
    /// The inference server that tracks in the app, as `ws://HOST:PORT`; empty for this machine.
    pub remote: String,
    /// A PEM file of certificates to trust beside the system's; empty for none.
    pub remote_ca: String,
    /// Without an answer from the server for so many seconds this machine tracks; 0 for never.
    pub remote_fallback_s: f32,
    /// Servers that were used before, the newest first.
    pub recent_remotes: Vec<String>,
    /// Where takes are kept; empty for the user's data folder.
    pub takes_folder: String,
    /// Seconds between the key and the first frame of a take, 0 to 10.
    pub countdown_s: u32,
    /// Keep the pictures of the source beside a take, as a video.
    pub record_video: bool,
    /// The avatar: a VRM, GLB or glTF file, or the name of a bundled one; empty means the usual one.
    pub avatar: String,
    /// Avatar files that were shown before, the newest first.
    pub recent_avatars: Vec<String>,
    /// The bones of the person before the camera, where they were calibrated; used while `fit` is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// The games.
    pub games: GameSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            source: String::new(),
            model: ModelVariant::Full,
            short_side: 384,
            smoothing: SmoothingMode::Ema,
            alpha: 0.7,
            // By `bench demo --quality`, as late as an `alpha` of 0.7 (11.0 ms, 10.3 ms) with less than half of its
            // trembling at rest (0.28 mm, 0.64 mm). Why it is not the default stands in ARCHITECTURE.md.
            min_cutoff: 1.0,
            beta: 25.0,
            mirror: true,
            fit: true,
            root_motion: true,
            foot_lock: true,
            field_of_view: View::USUAL_FIELD_OF_VIEW,
            height_cm: 0.0,
            threads: 0,
            people: 1,
            hands: HandsMode::On,
            provider: Provider::Cpu,
            fixed_quality: false,
            background: Background::Studio,
            framing: Framing::Full,
            vmc_out: String::new(),
            remote: String::new(),
            remote_ca: String::new(),
            remote_fallback_s: 2.0,
            recent_remotes: Vec::new(),
            takes_folder: String::new(),
            countdown_s: 3,
            record_video: false,
            avatar: String::new(),
            recent_avatars: Vec::new(),
            calibration: None,
            games: GameSettings::default(),
        }
    }
}

/// Why settings could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file or a variable holds something that cannot be used.
    #[error("settings in {path} or in a LIVEDANCE_* variable cannot be used: {reason}; correct or delete them")]
    Invalid {
        /// The settings file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The settings file could not be written.
    #[error("settings could not be saved to {path}: {reason}")]
    Write {
        /// The settings file.
        path: PathBuf,
        /// What the system said.
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

    /// Defaults, then `path` if it is there, then `LIVEDANCE_*` variables named like the fields.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] when a layer cannot be read or a value is out of its range.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let invalid = |reason: String| SettingsError::Invalid { path: path.to_owned(), reason };
        let fields = [
            "source",
            "model",
            "short_side",
            "smoothing",
            "alpha",
            "min_cutoff",
            "beta",
            "mirror",
            "fit",
            "root_motion",
            "foot_lock",
            "field_of_view",
            "height_cm",
            "threads",
            "people",
            "hands",
            "provider",
            "fixed_quality",
            "background",
            "framing",
            "vmc_out",
            "remote",
            "remote_ca",
            "remote_fallback_s",
            "takes_folder",
            "countdown_s",
            "record_video",
            "avatar",
        ];
        let mut layers = Figment::from(Serialized::defaults(Self::default()));
        // A file that is named exactly but is not there would be an error.
        if path.exists() {
            layers = layers.merge(Toml::file_exact(path));
        }
        let settings: Self = layers
            .merge(Env::prefixed("LIVEDANCE_").only(&fields))
            .extract()
            .map_err(|error| invalid(error.to_string()))?;
        settings.check().map_err(invalid)?;
        Ok(settings)
    }

    /// Says which value is out of its range, if any.
    ///
    /// # Errors
    /// The field, its range and its value, as one sentence.
    pub fn check(&self) -> Result<(), String> {
        if !(self.alpha > 0.0 && self.alpha <= 1.0) {
            return Err(format!("alpha must be above 0 and at most 1, not {}", self.alpha));
        }
        if !(self.min_cutoff > 0.0 && self.min_cutoff.is_finite()) {
            return Err(format!("min_cutoff must be above 0 Hz, not {}", self.min_cutoff));
        }
        if !(self.beta >= 0.0 && self.beta.is_finite()) {
            return Err(format!("beta must be at least 0, not {}", self.beta));
        }
        if !(10.0..=120.0).contains(&self.field_of_view) {
            return Err(format!("field_of_view must lie between 10 and 120 degrees, not {}", self.field_of_view));
        }
        if self.height_cm != 0.0 && !(50.0..=250.0).contains(&self.height_cm) {
            return Err(format!(
                "height_cm must be 0 (not known) or between 50 and 250 centimetres, not {}",
                self.height_cm
            ));
        }
        if self.threads > 64 {
            return Err(format!("threads must lie between 0 (automatic) and 64, not {}", self.threads));
        }
        if !(1..=MAX_PEOPLE).contains(&self.people) {
            return Err(format!("people must lie between 1 and {MAX_PEOPLE}, not {}", self.people));
        }
        if !(0.0..=MAX_FALLBACK_S).contains(&self.remote_fallback_s) {
            return Err(format!(
                "remote_fallback_s must lie between 0 (never) and {MAX_FALLBACK_S} seconds, not {}",
                self.remote_fallback_s
            ));
        }
        if self.countdown_s > MAX_COUNTDOWN_S {
            return Err(format!(
                "countdown_s must lie between 0 and {MAX_COUNTDOWN_S} seconds, not {}",
                self.countdown_s
            ));
        }
        if self.short_side != 0 && !(64..=4320).contains(&self.short_side) {
            return Err(format!("short_side must be 0 or between 64 and 4320 pixels, not {}", self.short_side));
        }
        self.games.check()?;
        self.calibration.map_or(Ok(()), |calibration| calibration.check())
    }

    /// Writes the settings, whole or not at all.
    ///
    /// # Errors
    /// [`SettingsError::Write`] with what the system said.
    pub fn save(&self, path: &Path) -> Result<(), SettingsError> {
        let failed = |reason: String| SettingsError::Write { path: path.to_owned(), reason };
        let text = toml::to_string_pretty(self).map_err(|error| failed(error.to_string()))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        let draft = path.with_extension("toml.new");
        std::fs::write(&draft, text).map_err(|error| failed(error.to_string()))?;
        std::fs::rename(&draft, path).map_err(|error| failed(error.to_string()))
    }
}

impl From<&Settings> for SmoothingParams {
    fn from(settings: &Settings) -> Self {
        settings.filter(settings.smoothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::fit::BoneLengths;

    #[test]
    fn saved_settings_are_read_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("deeper/settings.toml");
        let calibration = Some(Calibration::from(&BoneLengths::average(1.62)));
        let settings =
            Settings { model: ModelVariant::Heavy, alpha: 0.25, mirror: false, calibration, ..Settings::default() };
        settings.save(&path).expect("saves");
        assert_eq!(Settings::load(&path).expect("loads"), settings);
    }

    #[test]
    fn a_missing_file_means_defaults() {
        assert_eq!(Settings::load(Path::new("/nowhere/settings.toml")).expect("defaults"), Settings::default());
    }

    #[test]
    fn wrong_values_are_refused_by_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("settings.toml");
        let calibration = Some(Calibration::from(&BoneLengths::average(1.62)));
        let bones = toml::to_string(&Settings { calibration, ..Settings::default() }).expect("writes");
        for (text, word) in [
            ("alpha = 2.0", "alpha"),
            ("model = \"huge\"", "model"),
            ("threads = 65", "threads"),
            ("countdown_s = 11", "countdown_s"),
            ("remote_fallback_s = -1.0", "remote_fallback_s"),
            ("colour = 1", "colour"),
            ("background = \"blue\"", "#RRGGBB"),
            ("framing = \"feet\"", "framing"),
            (&bones.replace("thigh = ", "thigh = 9"), "calibration"),
            (&bones.replace("thigh = ", "tail = "), "tail"),
        ] {
            std::fs::write(&path, text).expect("writes");
            let message = Settings::load(&path).expect_err("refused").to_string();
            assert!(message.contains(word) && message.contains("settings.toml"), "{message}");
        }
    }
}
