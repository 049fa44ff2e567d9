//! A glTF document that is added to, and otherwise left as it stands.

use glam::Quat;
use serde_json::{Map, Value, json};

use super::error::{GltfAnimationError, unwritable};
use crate::formats::animation::one_hemisphere;
use crate::formats::avatar::AvatarError;
use crate::formats::avatar::container::{Container, json_of};
use crate::formats::avatar::document::Node;
use crate::formats::avatar::glb::pack;

/// Most bytes of everything written. A GLB can hold four times as many, but no program likes to open it.
const MAX_BYTES: usize = 1 << 30;

/// What an animation moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::formats) enum Path {
    Translation,
    Rotation,
    Scale,
}

impl Path {
    const fn name(self) -> &'static str {
        match self {
            Self::Translation => "translation",
            Self::Rotation => "rotation",
            Self::Scale => "scale",
        }
    }

    /// The path with this name; `None` for weights of shapes and what extensions add.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Translation, Self::Rotation, Self::Scale].into_iter().find(|path| path.name() == name)
    }
}

/// A document with one buffer.
#[derive(Debug)]
pub(in crate::formats) struct GltfFile {
    document: Map<String, Value>,
    binary: Vec<u8>,
}

impl GltfFile {
    /// One with nothing in it.
    pub(in crate::formats) fn new() -> Self {
        let mut document = Map::new();
        document.insert("asset".to_owned(), json!({ "version": "2.0", "generator": "LiveDance" }));
        Self { document, binary: Vec::new() }
    }

    /// A file with all buffers joined into one and all pictures within it.
    ///
    /// # Errors
    /// [`GltfAnimationError::File`].
    pub(super) fn open(bytes: &[u8], folder: Option<&std::path::Path>) -> Result<Self, GltfAnimationError> {
        let damaged = |reason: &str| AvatarError::Damaged { reason: reason.to_owned() };
        let container = Container::read(bytes, folder)?;
        let parsed = serde_json::from_slice(json_of(bytes)?).map_err(|error| damaged(&error.to_string()))?;
        let Value::Object(document) = parsed else { return Err(damaged("it is no object").into()) };
        let mut file = Self { document, binary: Vec::new() };
        let mut begins = Vec::new();
        for (data, stated) in container.buffers().zip(&container.document.buffers) {
            begins.push(file.append(data.get(..stated.byte_length).unwrap_or(data))?);
        }
        for view in file.list("bufferViews") {
            let extensions = view.get("extensions").and_then(Value::as_object).cloned().unwrap_or_default();
            move_view(view, &begins);
            for name in extensions.keys() {
                // Compressed data is told about twice, here once more.
                if let Some(inner) = view.pointer_mut(&format!("/extensions/{name}"))
                    && inner.get("buffer").is_some()
                {
                    move_view(inner, &begins);
                }
            }
        }
        for index in 0..container.document.images.len() {
            let is_outside = |image: &Value| image.get("uri").is_some() && image.get("bufferView").is_none();
            if !file.list("images").get(index).is_some_and(is_outside) {
                continue;
            }
            let data = container.image(index)?;
            let view = file.view(&data)?;
            let Some(image) = file.list("images").get_mut(index).and_then(Value::as_object_mut) else { continue };
            let kind = picture_kind(&data).map(Value::from).or_else(|| image.get("mimeType").cloned());
            let kind = kind.ok_or_else(|| AvatarError::Unsupported {
                reason: format!("picture {index} is neither PNG, JPEG, WebP nor KTX2"),
            })?;
            image.remove("uri");
            image.insert("mimeType".to_owned(), kind);
            image.insert("bufferView".to_owned(), json!(view));
        }
        Ok(file)
    }

    /// Leaves a part of the document out.
    pub(in crate::formats) fn remove(&mut self, name: &str) {
        self.document.remove(name);
    }

    /// Sets a part of the document.
    pub(in crate::formats) fn set(&mut self, name: &str, value: Value) {
        self.document.insert(name.to_owned(), value);
    }

    /// Adds to one of the document's lists and returns the number of what was added.
    pub(in crate::formats) fn push(&mut self, list: &str, value: Value) -> usize {
        let entry = self.document.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        if !entry.is_array() {
            *entry = Value::Array(Vec::new());
        }
        entry.as_array_mut().map_or(0, |list| {
            list.push(value);
            list.len() - 1
        })
    }

    /// Gives a node its transform in parts, as an animation needs it.
    ///
    /// # Errors
    /// [`GltfAnimationError::File`] when the node is not there.
    pub(super) fn make_animatable(&mut self, node: usize) -> Result<(), GltfAnimationError> {
        let gone = || AvatarError::Damaged { reason: format!("node {node} is not there or stands nowhere") };
        let node = self.list("nodes").get_mut(node).ok_or_else(gone)?;
        if node.get("matrix").is_none() {
            return Ok(());
        }
        let typed: Node = serde_json::from_value(node.clone()).map_err(|_| gone())?;
        let (translation, rotation, scale) = typed.parts().ok_or_else(gone)?;
        let object = node.as_object_mut().ok_or_else(gone)?;
        object.remove("matrix");
        object.insert("translation".to_owned(), json!(translation.to_array()));
        object.insert("rotation".to_owned(), json!(rotation.to_array()));
        object.insert("scale".to_owned(), json!(scale.to_array()));
        Ok(())
    }

    /// Adds unit quaternions, brought into one hemisphere, and returns their accessor.
    ///
    /// # Errors
    /// [`GltfAnimationError::Clip`] when there is too much of everything.
    pub(in crate::formats) fn rotations(&mut self, mut turns: Vec<Quat>) -> Result<usize, GltfAnimationError> {
        one_hemisphere(&mut turns);
        let turns: Vec<_> = turns.into_iter().map(|turn| turn.normalize().to_array()).collect();
        self.floats("VEC4", &turns, false)
    }

    /// Adds vectors of numbers and returns their accessor.
    ///
    /// # Errors
    /// [`GltfAnimationError::Clip`] when there is too much of everything.
    pub(in crate::formats) fn floats<const N: usize>(
        &mut self,
        kind: &str,
        elements: &[[f32; N]],
        with_bounds: bool,
    ) -> Result<usize, GltfAnimationError> {
        let bytes: Vec<u8> = elements.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
        let view = self.view(&bytes)?;
        let mut accessor = json!({ "bufferView": view, "componentType": 5126, "count": elements.len(), "type": kind });
        if let (true, Some(first), Some(object)) = (with_bounds, elements.first(), accessor.as_object_mut()) {
            let bound = |pick: fn(f32, f32) -> f32| {
                elements.iter().fold(*first, |bound, element| std::array::from_fn(|i| pick(bound[i], element[i])))
            };
            object.insert("min".to_owned(), json!(bound(f32::min).to_vec()));
            object.insert("max".to_owned(), json!(bound(f32::max).to_vec()));
        }
        Ok(self.push("accessors", accessor))
    }

    /// Adds an animation: node, what of it, and the accessor with one element for each of the times.
    ///
    /// # Errors
    /// [`GltfAnimationError::Clip`] when there is too much of everything.
    pub(in crate::formats) fn animate(
        &mut self,
        name: &str,
        times: &[[f32; 1]],
        channels: &[(usize, Path, usize)],
    ) -> Result<(), GltfAnimationError> {
        let input = self.floats("SCALAR", times, true)?;
        let sampler = |(_, _, output): &(usize, Path, usize)| -> Value {
            json!({ "input": input, "output": output, "interpolation": "LINEAR" })
        };
        let channel = |(sampler, (node, path, _)): (usize, &(usize, Path, usize))| -> Value {
            json!({ "sampler": sampler, "target": { "node": node, "path": path.name() } })
        };
        let mut animation = json!({
            "samplers": channels.iter().map(sampler).collect::<Vec<_>>(),
            "channels": channels.iter().enumerate().map(channel).collect::<Vec<_>>(),
        });
        if let (false, Some(animation)) = (name.is_empty(), animation.as_object_mut()) {
            animation.insert("name".to_owned(), json!(name));
        }
        self.push("animations", animation);
        Ok(())
    }

    /// The whole as a GLB.
    ///
    /// # Errors
    /// [`GltfAnimationError::Clip`] when there is too much of everything.
    pub(in crate::formats) fn finish(mut self) -> Result<Vec<u8>, GltfAnimationError> {
        if !self.binary.is_empty() {
            self.set("buffers", json!([{ "byteLength": self.binary.len() }]));
        }
        let text = Value::Object(self.document).to_string();
        if text.len() > MAX_BYTES {
            return Err(too_large());
        }
        Ok(pack(&text, &self.binary))
    }

    fn list(&mut self, name: &str) -> &mut [Value] {
        self.document.get_mut(name).and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
    }

    fn view(&mut self, bytes: &[u8]) -> Result<usize, GltfAnimationError> {
        let begin = self.append(bytes)?;
        Ok(self.push("bufferViews", json!({ "buffer": 0, "byteOffset": begin, "byteLength": bytes.len() })))
    }

    /// Adds bytes where numbers of any kind may begin, and returns that place.
    fn append(&mut self, bytes: &[u8]) -> Result<usize, GltfAnimationError> {
        self.binary.resize(self.binary.len().next_multiple_of(4), 0);
        if self.binary.len().saturating_add(bytes.len()) > MAX_BYTES {
            return Err(too_large());
        }
        let begin = self.binary.len();
        self.binary.extend_from_slice(bytes);
        Ok(begin)
    }
}

fn too_large() -> GltfAnimationError {
    unwritable(format!("avatar and motion together are larger than {} MiB", MAX_BYTES >> 20))
}

/// Makes what refers to a place in one of the buffers refer to it in the one that they were joined into.
fn move_view(view: &mut Value, begins: &[usize]) {
    let whole = |name: &str| view.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let begin = whole("buffer").and_then(|buffer| begins.get(buffer)).copied().unwrap_or(0);
    let offset = begin.saturating_add(whole("byteOffset").unwrap_or(0));
    if let Some(view) = view.as_object_mut() {
        view.insert("buffer".to_owned(), json!(0));
        view.insert("byteOffset".to_owned(), json!(offset));
    }
}

fn picture_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [0xAB, b'K', b'T', b'X', b' ', b'2', b'0', ..] => Some("image/ktx2"),
        _ => None,
    }
}
