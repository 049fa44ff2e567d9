//! The models that ship with the program: where they lie, and that they are the right ones.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::InferenceError;
use crate::paths::shipped_folder;

/// The manifest is part of the program, so that an exchanged model cannot bring its own hash.
const MANIFEST: &str = include_str!("../../models/manifest.toml");

/// One tensor that goes into or comes out of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TensorSpec {
    /// The tensor's name in the ONNX graph.
    pub name: String,
    /// Its size in each dimension, batch first.
    pub shape: Vec<i64>,
    /// Order of the dimensions, for pictures.
    #[serde(default)]
    pub layout: Option<String>,
    /// Smallest and largest value, for pictures.
    #[serde(default)]
    pub range: Option<[f32; 2]>,
    /// What the values mean, for outputs.
    #[serde(default)]
    pub holds: Option<String>,
}

/// The published file that a model was converted from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelSource {
    /// Language whose package registry holds the package.
    pub registry: String,
    /// Package name.
    pub package: String,
    /// Package version.
    pub version: String,
    /// The file inside the package.
    pub file: String,
}

/// What the manifest says of one model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ModelSpec {
    /// Name, the file's without its extension.
    pub name: String,
    /// File name inside the models folder.
    pub file: String,
    /// File size.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// SPDX identifier of the licence.
    pub licence: String,
    /// Where it comes from.
    pub source: ModelSource,
    /// The picture it takes.
    pub input: TensorSpec,
    /// What it yields.
    pub outputs: Vec<TensorSpec>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "model")]
    models: Vec<ModelSpec>,
}

/// The models folder together with the manifest that its files must match.
#[derive(Debug, Clone)]
pub struct ModelStore {
    folder: PathBuf,
    models: Vec<ModelSpec>,
}

impl ModelStore {
    /// The models that ship with the program, or those in the folder that `LIVEDANCE_MODELS` names.
    /// No file is read before [`ModelStore::read`].
    ///
    /// # Errors
    /// [`InferenceError::Manifest`] when the built-in manifest cannot be parsed.
    pub fn shipped() -> Result<Self, InferenceError> {
        Self::in_folder(shipped_folder("models"))
    }

    /// The models in `folder`.
    ///
    /// # Errors
    /// [`InferenceError::Manifest`] when the built-in manifest cannot be parsed.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Result<Self, InferenceError> {
        let manifest: Manifest =
            toml::from_str(MANIFEST).map_err(|error| InferenceError::Manifest { reason: error.to_string() })?;
        Ok(Self { folder: folder.into(), models: manifest.models })
    }

    /// The folder that holds the files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every model of the manifest, in its order.
    #[must_use]
    pub fn models(&self) -> &[ModelSpec] {
        &self.models
    }

    /// What the manifest says of the model `name`.
    ///
    /// # Errors
    /// [`InferenceError::Manifest`] when it names no such model.
    pub fn spec(&self, name: &str) -> Result<&ModelSpec, InferenceError> {
        self.models
            .iter()
            .find(|model| model.name == name)
            .ok_or_else(|| InferenceError::Manifest { reason: format!("it names no model {name}") })
    }

    /// The checked bytes of the model `name`: what was hashed is what is returned.
    ///
    /// # Errors
    /// [`InferenceError::ModelMissing`] or [`InferenceError::ModelAltered`], each naming the model and its file.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, InferenceError> {
        let spec = self.spec(name)?;
        let path = self.folder.join(&spec.file);
        let bytes = std::fs::read(&path).map_err(|error| InferenceError::ModelMissing {
            name: name.to_owned(),
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let found = hexadecimal(&Sha256::digest(&bytes));
        if found != spec.sha256 {
            let expected = spec.sha256.clone();
            return Err(InferenceError::ModelAltered { name: name.to_owned(), path, expected, found });
        }
        Ok(bytes)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_as_sha256sum_does() {
        let digest = hexadecimal(&Sha256::digest(b"abc"));
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn the_manifest_describes_eight_models_wholly() {
        let store = ModelStore::shipped().expect("the manifest parses");
        assert_eq!(store.models().len(), 8);
        for model in store.models() {
            assert_eq!(model.sha256.len(), 64, "{}", model.name);
            assert_eq!(model.licence, "Apache-2.0", "{}", model.name);
            assert_eq!(model.input.shape.len(), 4, "{}", model.name);
            assert!(model.input.range.is_some() && model.input.layout.is_some(), "{}", model.name);
            assert!(model.outputs.iter().all(|output| output.holds.is_some()), "{}", model.name);
        }
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let store = ModelStore::shipped().expect("the manifest parses");
        assert!(matches!(store.read("face"), Err(InferenceError::Manifest { .. })));
    }
}
