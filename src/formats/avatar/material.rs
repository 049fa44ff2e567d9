//! Materials, textures and images: what the renderer knows of them, with every picture's size looked at first.

use std::collections::BTreeMap;
use std::io::Cursor;

use image::{ImageFormat, ImageReader};
use serde_json::{Map, Value, json};

use super::container::Container;
use super::error::{AvatarError, damaged, too_large};
use super::glb::GlbWriter;

/// Largest side of a picture, pixels.
const MAX_SIDE: u32 = 8192;
/// Most pixels of all pictures; each takes four bytes on the graphics adapter.
const MAX_PIXELS: u64 = 256 << 20;

/// Copies materials and what they need into the new file.
#[derive(Debug)]
pub(super) struct Materials<'a, 'b> {
    container: &'a Container<'b>,
    textures: BTreeMap<usize, usize>,
    images: BTreeMap<usize, usize>,
    pixels: u64,
}

impl<'a, 'b> Materials<'a, 'b> {
    pub(super) const fn new(container: &'a Container<'b>) -> Self {
        Self { container, textures: BTreeMap::new(), images: BTreeMap::new(), pixels: 0 }
    }

    /// Copies every material, so that their numbers stay.
    ///
    /// # Errors
    /// [`AvatarError`] for a picture that is too large or none at all.
    pub(super) fn copy_all(&mut self, out: &mut GlbWriter) -> Result<(), AvatarError> {
        for (index, material) in self.container.document.materials.iter().enumerate() {
            let copied = self.copy(index, material, out)?;
            out.materials.push(copied);
        }
        Ok(())
    }

    fn copy(&mut self, index: usize, from: &Value, out: &mut GlbWriter) -> Result<Value, AvatarError> {
        let mut to = Map::new();
        let is_toon = from.pointer("/extensions/VRMC_materials_mtoon").is_some();
        to.insert("name".to_owned(), json!(format!("material{index}")));
        if let Some(from) = from.get("pbrMetallicRoughness") {
            let mut pbr = Map::new();
            insert(&mut pbr, "baseColorFactor", numbers(from.get("baseColorFactor"), 4));
            insert(&mut pbr, "metallicFactor", number(from.get("metallicFactor"), 0.0, 1.0));
            insert(&mut pbr, "roughnessFactor", number(from.get("roughnessFactor"), 0.0, 1.0));
            // MToon knows no metal; where its glTF says nothing, glTF itself would mean a mirror.
            if is_toon {
                pbr.insert("metallicFactor".to_owned(), json!(0.0));
                pbr.insert("roughnessFactor".to_owned(), json!(1.0));
            }
            for name in ["baseColorTexture", "metallicRoughnessTexture"] {
                insert(&mut pbr, name, self.texture_info(from.get(name), None, out)?);
            }
            to.insert("pbrMetallicRoughness".to_owned(), Value::Object(pbr));
        }
        for (name, factor) in
            [("normalTexture", Some("scale")), ("occlusionTexture", Some("strength")), ("emissiveTexture", None)]
        {
            insert(&mut to, name, self.texture_info(from.get(name), factor, out)?);
        }
        insert(&mut to, "emissiveFactor", numbers(from.get("emissiveFactor"), 3));
        insert(&mut to, "alphaCutoff", number(from.get("alphaCutoff"), 0.0, 1.0));
        insert(&mut to, "doubleSided", from.get("doubleSided").filter(|value| value.is_boolean()).cloned());
        let mode = from.get("alphaMode").filter(|mode| ["OPAQUE", "MASK", "BLEND"].map(Value::from).contains(mode));
        // Without MASK a cutoff is an error.
        if mode != Some(&Value::from("MASK")) {
            to.remove("alphaCutoff");
        }
        insert(&mut to, "alphaMode", mode.cloned());
        if from.pointer("/extensions/KHR_materials_unlit").is_some() {
            to.insert("extensions".to_owned(), json!({ "KHR_materials_unlit": {} }));
            out.use_extension("KHR_materials_unlit");
        }
        Ok(Value::Object(to))
    }

    fn texture_info(
        &mut self,
        from: Option<&Value>,
        factor: Option<&str>,
        out: &mut GlbWriter,
    ) -> Result<Option<Value>, AvatarError> {
        let Some(from) = from else { return Ok(None) };
        let index = from.get("index").and_then(Value::as_u64).ok_or_else(|| damaged("a texture has no number"))?;
        let mut to = Map::new();
        to.insert("index".to_owned(), json!(self.texture(index as usize, out)?));
        if from.get("texCoord").and_then(Value::as_u64) == Some(1) {
            to.insert("texCoord".to_owned(), json!(1));
        }
        if let Some(name) = factor {
            insert(&mut to, name, number(from.get(name), -100.0, 100.0));
        }
        if let Some(from) = from.pointer("/extensions/KHR_texture_transform") {
            let mut transform = Map::new();
            insert(&mut transform, "offset", numbers(from.get("offset"), 2));
            insert(&mut transform, "scale", numbers(from.get("scale"), 2));
            insert(&mut transform, "rotation", number(from.get("rotation"), -100.0, 100.0));
            to.insert("extensions".to_owned(), json!({ "KHR_texture_transform": transform }));
            out.use_extension("KHR_texture_transform");
        }
        Ok(Some(Value::Object(to)))
    }

    fn texture(&mut self, index: usize, out: &mut GlbWriter) -> Result<usize, AvatarError> {
        if let Some(known) = self.textures.get(&index) {
            return Ok(*known);
        }
        let document = &self.container.document;
        let texture = document.textures.get(index).ok_or_else(|| damaged("a texture is not there"))?;
        let webp = || Some(texture.extensions.get("EXT_texture_webp")?.get("source")?.as_u64()? as usize);
        let source = texture
            .source
            .or_else(webp)
            .ok_or_else(|| AvatarError::Unsupported { reason: "a texture is neither PNG, JPEG nor WebP".to_owned() })?;
        let mut to = Map::new();
        to.insert("source".to_owned(), json!(self.image(source, out)?));
        if let Some(sampler) = texture.sampler.and_then(|sampler| document.samplers.get(sampler)) {
            let mut copied = Map::new();
            let known =
                |value: Option<u32>, known: &[u32]| value.filter(|value| known.contains(value)).map(Value::from);
            insert(&mut copied, "magFilter", known(sampler.mag_filter, &[9728, 9729]));
            insert(&mut copied, "minFilter", known(sampler.min_filter, &[9728, 9729, 9984, 9985, 9986, 9987]));
            insert(&mut copied, "wrapS", known(sampler.wrap_s, &[33_071, 33_648, 10_497]));
            insert(&mut copied, "wrapT", known(sampler.wrap_t, &[33_071, 33_648, 10_497]));
            to.insert("sampler".to_owned(), json!(out.samplers.len()));
            out.samplers.push(Value::Object(copied));
        }
        let known = out.textures.len();
        out.textures.push(Value::Object(to));
        self.textures.insert(index, known);
        Ok(known)
    }

    fn image(&mut self, index: usize, out: &mut GlbWriter) -> Result<usize, AvatarError> {
        if let Some(known) = self.images.get(&index) {
            return Ok(*known);
        }
        let bytes = self.container.image(index)?;
        let broken = |reason: String| damaged(format!("picture {index} cannot be read: {reason}"));
        let reader = || ImageReader::new(Cursor::new(bytes.as_ref())).with_guessed_format();
        let opened = reader().map_err(|error| broken(error.to_string()))?;
        let format = opened.format();
        let (width, height) = opened.into_dimensions().map_err(|error| broken(error.to_string()))?;
        if width.max(height) > MAX_SIDE {
            return Err(too_large(format!("picture {index} has {width}x{height} pixels; {MAX_SIDE} a side are shown")));
        }
        self.pixels += u64::from(width) * u64::from(height);
        if self.pixels > MAX_PIXELS {
            return Err(too_large(format!("pictures of more than {} million pixels", MAX_PIXELS / 1_000_000)));
        }
        let view = match format {
            Some(ImageFormat::Png) => (out.append(&bytes)?, "image/png"),
            Some(ImageFormat::Jpeg) => (out.append(&bytes)?, "image/jpeg"),
            // What else can be decoded is handed on in a format that the renderer knows.
            _ => {
                let decoded = reader().map_err(|error| broken(error.to_string()))?.decode();
                let mut png = Cursor::new(Vec::new());
                decoded
                    .and_then(|picture| picture.to_rgba8().write_to(&mut png, ImageFormat::Png))
                    .map_err(|error| broken(error.to_string()))?;
                (out.append(png.get_ref())?, "image/png")
            }
        };
        let known = out.images.len();
        out.images.push(json!({ "bufferView": view.0, "mimeType": view.1 }));
        self.images.insert(index, known);
        Ok(known)
    }
}

fn insert(into: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        into.insert(name.to_owned(), value);
    }
}

/// A number within bounds.
fn number(from: Option<&Value>, least: f64, most: f64) -> Option<Value> {
    Some(json!(from?.as_f64()?.clamp(least, most)))
}

/// So many numbers, each held to what a colour or a place in a texture can be.
fn numbers(from: Option<&Value>, count: usize) -> Option<Value> {
    let from = from?.as_array().filter(|list| list.len() == count)?;
    let numbers: Option<Vec<f64>> = from.iter().map(Value::as_f64).collect();
    let limit = if count == 2 { -1e6..=1e6 } else { 0.0..=1.0 };
    Some(json!(numbers?.iter().map(|number| number.clamp(*limit.start(), *limit.end())).collect::<Vec<_>>()))
}
