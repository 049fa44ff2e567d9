//! A writer of plain binary glTF: numbers packed without gaps, nothing sparse, nothing quantised.

use serde_json::{Map, Value, json};

use super::error::{AvatarError, too_large};

/// Most bytes of everything written.
const MAX_BYTES: usize = 1 << 30;

/// A GLB in the making.
#[derive(Debug, Default)]
pub(in crate::formats) struct GlbWriter {
    binary: Vec<u8>,
    views: Vec<Value>,
    accessors: Vec<Value>,
    extensions: Vec<&'static str>,
    pub materials: Vec<Value>,
    pub textures: Vec<Value>,
    pub images: Vec<Value>,
    pub samplers: Vec<Value>,
    pub meshes: Vec<Value>,
    pub skins: Vec<Value>,
    pub nodes: Vec<Value>,
}

impl GlbWriter {
    /// Names an extension that the file makes use of.
    pub(in crate::formats) fn use_extension(&mut self, name: &'static str) {
        if !self.extensions.contains(&name) {
            self.extensions.push(name);
        }
    }

    /// Appends bytes and returns their buffer view.
    ///
    /// # Errors
    /// [`AvatarError::TooLarge`].
    pub(in crate::formats) fn append(&mut self, bytes: &[u8]) -> Result<usize, AvatarError> {
        if self.binary.len() + bytes.len() > MAX_BYTES {
            return Err(too_large(format!("more than {} MiB of vertices and pictures", MAX_BYTES >> 20)));
        }
        self.views.push(json!({ "buffer": 0, "byteOffset": self.binary.len(), "byteLength": bytes.len() }));
        self.binary.extend_from_slice(bytes);
        self.binary.resize(self.binary.len().next_multiple_of(4), 0);
        Ok(self.views.len() - 1)
    }

    /// Appends vectors of numbers and returns their accessor.
    ///
    /// # Errors
    /// [`AvatarError::TooLarge`].
    pub(in crate::formats) fn floats<const N: usize>(
        &mut self,
        kind: &str,
        elements: &[[f32; N]],
    ) -> Result<usize, AvatarError> {
        let bytes: Vec<u8> = elements.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
        let view = self.append(&bytes)?;
        let mut accessor = json!({ "bufferView": view, "componentType": 5126, "count": elements.len(), "type": kind });
        if let (3, Some(first), Some(object)) = (N, elements.first(), accessor.as_object_mut()) {
            let bound = |pick: fn(f32, f32) -> f32| {
                elements.iter().fold(*first, |bound, element| std::array::from_fn(|i| pick(bound[i], element[i])))
            };
            object.insert("min".to_owned(), json!(bound(f32::min).to_vec()));
            object.insert("max".to_owned(), json!(bound(f32::max).to_vec()));
        }
        self.accessors.push(accessor);
        Ok(self.accessors.len() - 1)
    }

    /// Appends the joints of vertices and returns their accessor.
    ///
    /// # Errors
    /// [`AvatarError::TooLarge`].
    pub(in crate::formats) fn joints(&mut self, elements: &[[u16; 4]]) -> Result<usize, AvatarError> {
        let bytes: Vec<u8> = elements.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
        let view = self.append(&bytes)?;
        self.accessors
            .push(json!({ "bufferView": view, "componentType": 5123, "count": elements.len(), "type": "VEC4" }));
        Ok(self.accessors.len() - 1)
    }

    /// Appends the corners of triangles and returns their accessor.
    ///
    /// # Errors
    /// [`AvatarError::TooLarge`].
    pub(in crate::formats) fn indices(&mut self, elements: &[u32]) -> Result<usize, AvatarError> {
        let bytes: Vec<u8> = elements.iter().flat_map(|number| number.to_le_bytes()).collect();
        let view = self.append(&bytes)?;
        self.accessors
            .push(json!({ "bufferView": view, "componentType": 5125, "count": elements.len(), "type": "SCALAR" }));
        Ok(self.accessors.len() - 1)
    }

    /// The whole file, with one scene of these nodes.
    pub(in crate::formats) fn finish(self, roots: &[usize]) -> Vec<u8> {
        let mut document = Map::new();
        document.insert("asset".to_owned(), json!({ "version": "2.0", "generator": "LiveDance" }));
        document.insert("scene".to_owned(), json!(0));
        document.insert("scenes".to_owned(), json!([{ "nodes": roots }]));
        if !self.binary.is_empty() {
            document.insert("buffers".to_owned(), json!([{ "byteLength": self.binary.len() }]));
        }
        for (name, list) in [
            ("nodes", self.nodes),
            ("meshes", self.meshes),
            ("skins", self.skins),
            ("materials", self.materials),
            ("textures", self.textures),
            ("images", self.images),
            ("samplers", self.samplers),
            ("accessors", self.accessors),
            ("bufferViews", self.views),
            ("extensionsUsed", self.extensions.into_iter().map(Value::from).collect()),
        ] {
            // An empty list is an error in glTF.
            if !list.is_empty() {
                document.insert(name.to_owned(), Value::Array(list));
            }
        }
        pack(&Value::Object(document).to_string(), &self.binary)
    }
}

/// A GLB container around JSON and binary data; without data there is no binary chunk.
pub(in crate::formats) fn pack(json: &str, binary: &[u8]) -> Vec<u8> {
    let json_length = json.len().next_multiple_of(4);
    let binary_length = binary.len().next_multiple_of(4);
    let total = 20 + json_length + if binary.is_empty() { 0 } else { 8 + binary_length };
    let mut bytes = Vec::with_capacity(total);
    bytes.extend(b"glTF");
    bytes.extend(2_u32.to_le_bytes());
    bytes.extend((total as u32).to_le_bytes());
    bytes.extend((json_length as u32).to_le_bytes());
    bytes.extend(b"JSON");
    bytes.extend(json.as_bytes());
    bytes.resize(20 + json_length, b' ');
    if !binary.is_empty() {
        bytes.extend((binary_length as u32).to_le_bytes());
        bytes.extend(b"BIN\0");
        bytes.extend(binary);
        bytes.resize(total, 0);
    }
    bytes
}
