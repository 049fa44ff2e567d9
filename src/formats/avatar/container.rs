//! From bytes to the document and the buffers that it refers to: GLB, or glTF with buffers beside it or within.

use std::borrow::Cow;
use std::path::{Component, Path};

use super::document::Document;
use super::error::{AvatarError, damaged, too_large};

/// Largest file, in bytes, of the avatar and of each file that it refers to.
pub(in crate::formats) const MAX_FILE: u64 = 512 << 20;
/// Most nodes, and nodes from the root to a leaf: the engine's loader calls itself for each level.
const MAX_NODES: usize = 20_000;
/// Most buffers; files have one.
const MAX_BUFFERS: usize = 64;

/// A document with its data.
#[derive(Debug)]
pub(in crate::formats) struct Container<'a> {
    pub document: Document,
    buffers: Vec<Cow<'a, [u8]>>,
    folder: Option<&'a Path>,
}

impl<'a> Container<'a> {
    /// Reads the container. `folder` holds the files that it may refer to; without one it must be whole in itself.
    ///
    /// # Errors
    /// [`AvatarError`] when it is no glTF, is cut short, or refers to what is not there or lies elsewhere.
    pub(in crate::formats) fn read(bytes: &'a [u8], folder: Option<&'a Path>) -> Result<Self, AvatarError> {
        let (json, mut binary) = if bytes.starts_with(b"glTF") { chunks(bytes)? } else { (bytes, None) };
        let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            return Err(AvatarError::NotGltf { reason: "it begins neither with \"glTF\" nor with \"{\"".to_owned() });
        }
        let document: Document = serde_json::from_slice(json).map_err(|error| damaged(error.to_string()))?;
        if !document.asset.version.starts_with("2.") {
            return Err(AvatarError::NotGltf { reason: "its version is not 2".to_owned() });
        }
        if document.nodes.len() > MAX_NODES {
            return Err(too_large(format!("{} nodes; at most {MAX_NODES} are shown", document.nodes.len())));
        }
        if document.buffers.len() > MAX_BUFFERS {
            return Err(too_large(format!("{} buffers; at most {MAX_BUFFERS} are read", document.buffers.len())));
        }
        let mut buffers = Vec::new();
        for buffer in &document.buffers {
            let data = match &buffer.uri {
                Some(uri) => Cow::Owned(fetch(uri, folder)?),
                // Only the first buffer may lie in the container.
                None => Cow::Borrowed(binary.take().ok_or_else(|| damaged("a buffer has no data"))?),
            };
            if data.len() < buffer.byte_length {
                return Err(damaged(format!(
                    "a buffer has {} bytes instead of {}; the file is cut short",
                    data.len(),
                    buffer.byte_length
                )));
            }
            buffers.push(data);
        }
        Ok(Self { document, buffers, folder })
    }

    /// The bytes of a buffer view.
    pub(in crate::formats) fn view(&self, index: usize) -> Result<&[u8], AvatarError> {
        let view = self.document.buffer_views.get(index).ok_or_else(|| damaged("a buffer view is not there"))?;
        let buffer = self.buffers.get(view.buffer).ok_or_else(|| damaged("a buffer is not there"))?;
        view.byte_offset
            .checked_add(view.byte_length)
            .and_then(|end| buffer.get(view.byte_offset..end))
            .ok_or_else(|| damaged("a buffer view reaches beyond its buffer"))
    }

    /// The bytes of every buffer, each at least as long as the document says.
    pub(in crate::formats) fn buffers(&self) -> impl Iterator<Item = &[u8]> {
        self.buffers.iter().map(AsRef::as_ref)
    }

    /// The bytes of an image.
    pub(in crate::formats) fn image(&self, index: usize) -> Result<Cow<'_, [u8]>, AvatarError> {
        let image = self.document.images.get(index).ok_or_else(|| damaged("an image is not there"))?;
        match (&image.uri, image.buffer_view) {
            (_, Some(view)) => Ok(Cow::Borrowed(self.view(view)?)),
            (Some(uri), None) => Ok(Cow::Owned(fetch(uri, self.folder)?)),
            (None, None) => Err(damaged("an image has no data")),
        }
    }
}

/// The JSON of a glTF file or GLB container.
///
/// # Errors
/// [`AvatarError`] when it is neither.
pub(in crate::formats) fn json_of(bytes: &[u8]) -> Result<&[u8], AvatarError> {
    if bytes.starts_with(b"glTF") { chunks(bytes).map(|(json, _)| json) } else { Ok(bytes) }
}

/// The JSON chunk of a GLB container and the binary one, if there is one. Source: glTF 2.0, section 4.4.
fn chunks(bytes: &[u8]) -> Result<(&[u8], Option<&[u8]>), AvatarError> {
    let not_gltf = |reason: &str| AvatarError::NotGltf { reason: reason.to_owned() };
    let word =
        |at: usize| -> Option<u32> { Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?)) };
    let chunk = |at: usize| -> Option<(&[u8], &[u8], usize)> {
        let begin = at.checked_add(8)?;
        let end = begin.checked_add(word(at)? as usize)?;
        Some((bytes.get(at + 4..begin)?, bytes.get(begin..end)?, end))
    };
    if word(4) != Some(2) {
        return Err(not_gltf("its version is not 2"));
    }
    if bytes.get(16..20) != Some(b"JSON") {
        return Err(not_gltf("its first chunk is not JSON"));
    }
    let (_, json, end) = chunk(12).ok_or_else(|| not_gltf("it is cut short"))?;
    if bytes.len() <= end.saturating_add(8) {
        return Ok((json, None));
    }
    let (kind, binary, _) = chunk(end).ok_or_else(|| not_gltf("it is cut short"))?;
    Ok((json, (kind == b"BIN\0").then_some(binary)))
}

/// What a URI stands for: data within it, or a file in or below `folder`. Nothing is fetched from a network.
fn fetch(uri: &str, folder: Option<&Path>) -> Result<Vec<u8>, AvatarError> {
    if let Some(data) = uri.strip_prefix("data:") {
        let (kind, data) = data.split_once(',').ok_or_else(|| damaged("a data URI has no data"))?;
        if !kind.ends_with(";base64") {
            return Err(damaged("a data URI is not base64"));
        }
        return base64(data).ok_or_else(|| damaged("a data URI is not base64"));
    }
    let refused = || AvatarError::Unsupported {
        reason: format!("it refers to {:?}, which does not lie in its own folder", shortened(uri)),
    };
    let folder = folder.ok_or_else(refused)?;
    let name = percent_decoded(uri).ok_or_else(refused)?;
    let path = Path::new(&name);
    let stays_inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !stays_inside || name.contains([':', '\\', '\0']) {
        return Err(refused());
    }
    read_file(&folder.join(path)).map_err(|error| match error {
        AvatarError::Unreadable { reason } => {
            AvatarError::Unreadable { reason: format!("{}: {reason}", shortened(uri)) }
        }
        other => other,
    })
}

/// A file's bytes, unless it is larger than any avatar.
pub(in crate::formats) fn read_file(path: &Path) -> Result<Vec<u8>, AvatarError> {
    let unreadable = |error: std::io::Error| AvatarError::Unreadable { reason: error.to_string() };
    let found = std::fs::metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(AvatarError::Unreadable { reason: "it is not a file".to_owned() });
    }
    if found.len() > MAX_FILE {
        return Err(too_large(format!("{} MiB; at most {} are read", found.len() >> 20, MAX_FILE >> 20)));
    }
    std::fs::read(path).map_err(unreadable)
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            bytes.push((digit(rest.next()?)? * 16 + digit(rest.next()?)?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_uris_are_decoded() {
        assert_eq!(fetch("data:application/octet-stream;base64,SGVsbG8=", None).expect("data"), b"Hello");
        assert!(fetch("data:text/plain,Hello", None).is_err());
        assert!(fetch("data:;base64,%%%", None).is_err());
    }

    #[test]
    fn files_outside_the_folder_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a b.bin"), b"data").expect("writes");
        assert_eq!(fetch("a%20b.bin", Some(folder.path())).expect("the file"), b"data");
        for uri in
            ["http://example.org/a.bin", "../a.bin", "/etc/passwd", "%2e%2e/a.bin", "file:///etc/passwd", "c:\\a"]
        {
            let message = fetch(uri, Some(folder.path())).expect_err("refused").to_string();
            assert!(message.contains("its own folder"), "{uri}: {message}");
        }
    }
}
