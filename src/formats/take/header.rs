//! The first line of a take: where it comes from, and what it takes to solve it again.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::TakeError;
use super::line::Steps;
use crate::settings::{HandsMode, ModelVariant};

/// The version of takes that this program writes and reads.
pub const TAKE_VERSION: u32 = 1;

/// What is known of a take as a whole. Everything may be missing, as it is for a file of `track`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TakeHeader {
    /// The format's version.
    #[serde(rename = "livedance_take")]
    pub version: u32,
    /// What the user calls it.
    pub name: String,
    /// What the user wrote about it.
    pub notes: String,
    /// When it was begun, in seconds since 1970 began (UTC).
    pub created_unix_s: Option<u64>,
    /// Where the pictures came from, as a user would type it: `camera`, `demo`, a file.
    pub source: String,
    /// Pixels a row of the source pictures; 0 where it is not known.
    pub width: u32,
    /// Rows of the source pictures; 0 where it is not known.
    pub height: u32,
    /// Pictures a second as the source names them, where it does.
    pub fps: Option<f64>,
    /// The landmark model.
    pub model: Option<ModelVariant>,
    /// Whether hands were tracked.
    pub hands: Option<HandsMode>,
    /// The settings it was recorded with, as they stand in the settings file.
    pub settings: Value,
    /// What recorded it.
    pub versions: Versions,
    /// How finely the numbers are rounded; set when a take is written, so leave it empty in a new header.
    pub precision: Option<Precision>,
    /// What later versions add; kept when a take is renamed.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Default for TakeHeader {
    fn default() -> Self {
        Self {
            version: TAKE_VERSION,
            name: String::new(),
            notes: String::new(),
            created_unix_s: None,
            source: String::new(),
            width: 0,
            height: 0,
            fps: None,
            model: None,
            hands: None,
            settings: Value::Null,
            versions: Versions::default(),
            precision: None,
            more: Map::new(),
        }
    }
}

/// The programs and models that made a take.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Versions {
    /// LiveDance's.
    pub app: String,
    /// ONNX Runtime's.
    pub onnxruntime: String,
    /// SHA-256 of each model file by its name.
    pub models: BTreeMap<String, String>,
}

/// What the numbers of a take are multiples of.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Precision {
    /// Pixels, x and y of landmarks in the picture, and `size_px`.
    pub image_px: f64,
    /// Pixels, z of body landmarks in the picture.
    pub body_depth_px: f64,
    /// Pixels, z of hand landmarks in the picture.
    pub hand_depth_px: f64,
    /// Metres, world landmarks of bodies.
    pub body_m: f64,
    /// Metres, world landmarks of hands.
    pub hand_m: f64,
    /// Visibility and presence; nothing is rounded across one half.
    pub confidence: f64,
    /// Scores of people and hands; likewise.
    pub score: f64,
}

impl Precision {
    /// How finely a take of pictures of this size is rounded: coarser in pixels for large pictures, where a pixel
    /// of the model's own picture is several of the source's.
    #[must_use]
    pub fn for_picture(width: u32, height: u32) -> Self {
        Steps::for_picture(width, height).precision()
    }
}

impl TakeHeader {
    /// The header as its line, newline included.
    pub(super) fn to_line(&self) -> Vec<u8> {
        // A header is strings, numbers and JSON values: it can always be written.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }

    /// Reads a first line; `None` where it is no header, which may still be a record.
    pub(super) fn from_line(path: &Path, line: &[u8]) -> Result<Option<Self>, TakeError> {
        #[derive(Deserialize)]
        struct Probe {
            livedance_take: Option<Value>,
        }
        let probe: Probe = serde_json::from_slice(line)
            .map_err(|error| TakeError::not_a_take(path, format!("its first line is not a JSON object ({error})")))?;
        let Some(version) = probe.livedance_take else { return Ok(None) };
        if version != TAKE_VERSION {
            return Err(TakeError::Version {
                path: path.to_owned(),
                found: version.to_string(),
                supported: TAKE_VERSION,
            });
        }
        serde_json::from_slice(line)
            .map(Some)
            .map_err(|error| TakeError::not_a_take(path, format!("its header cannot be used ({error})")))
    }
}
