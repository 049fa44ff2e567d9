//! The pages that the server hands out: files of `assets/web`, as they are, inside the program.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const GLB: &str = "model/gltf-binary";
const TEXT: &str = "text/plain; charset=utf-8";

/// What the pages need and nothing more: no other host, nothing inline.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
     connect-src 'self' ws: wss:; worker-src 'self' blob:; style-src 'self'; object-src 'none'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// A file that browsers ask for.
#[derive(Debug)]
pub(super) struct WebFile {
    /// Path in the address, from `/` on.
    pub(super) path: &'static str,
    /// Value of `Content-Type`.
    pub(super) content_type: &'static str,
    /// What is in it.
    pub(super) bytes: &'static [u8],
    /// Value of `ETag`, quotes included: other content has another one.
    pub(super) etag: String,
}

impl WebFile {
    fn new(path: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        Self { path, content_type, bytes, etag: etag(bytes) }
    }
}

/// Value of `ETag` for these bytes, quotes included: other bytes have another one.
pub(super) fn etag(bytes: &[u8]) -> String {
    let mut etag = String::from("\"");
    for byte in &Sha256::digest(bytes)[..12] {
        // Writing to a string cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    etag
}

/// The file at this path of the address, without its query.
pub(super) fn find(path: &str) -> Option<&'static WebFile> {
    FILES.iter().find(|file| file.path == path)
}

macro_rules! page {
    ($path:literal, $file:literal) => {
        WebFile::new($path, HTML, include_bytes!(concat!("../../assets/web/", $file)))
    };
}

macro_rules! asset {
    ($file:literal, $content_type:expr) => {
        WebFile::new(concat!("/assets/", $file), $content_type, include_bytes!(concat!("../../assets/web/", $file)))
    };
}

#[rustfmt::skip]
static FILES: LazyLock<Vec<WebFile>> = LazyLock::new(|| vec![
    page!("/", "index.html"),
    page!("/status", "status.html"),
    WebFile::new("/assets/avatar.glb", GLB, include_bytes!("../../assets/avatar/livedance.glb")),
    asset!("icon.svg", SVG),
    asset!("css/client.css", STYLE),
    asset!("css/status.css", STYLE),
    asset!("css/theme.css", STYLE),
    asset!("icons/download.svg", SVG),
    asset!("icons/help.svg", SVG),
    asset!("icons/mirror.svg", SVG),
    asset!("icons/panel.svg", SVG),
    asset!("icons/pause.svg", SVG),
    asset!("icons/play.svg", SVG),
    asset!("icons/stop.svg", SVG),
    asset!("js/app.js", SCRIPT),
    asset!("js/status.js", SCRIPT),
    asset!("js/capture/encode_worker.js", SCRIPT),
    asset!("js/capture/encoder.js", SCRIPT),
    asset!("js/capture/source.js", SCRIPT),
    asset!("js/motion/quaternion.js", SCRIPT),
    asset!("js/motion/timeline.js", SCRIPT),
    asset!("js/protocol/anatomy.js", SCRIPT),
    asset!("js/protocol/messages.js", SCRIPT),
    asset!("js/protocol/protobuf.js", SCRIPT),
    asset!("js/status/sparkline.js", SCRIPT),
    asset!("js/status/table.js", SCRIPT),
    asset!("js/status/words.js", SCRIPT),
    asset!("js/stream/connection.js", SCRIPT),
    asset!("js/stream/flow.js", SCRIPT),
    asset!("js/stream/sender.js", SCRIPT),
    asset!("js/stream/stats.js", SCRIPT),
    asset!("js/ui/notices.js", SCRIPT),
    asset!("js/ui/save.js", SCRIPT),
    asset!("js/ui/settings.js", SCRIPT),
    asset!("js/ui/shortcuts.js", SCRIPT),
    asset!("js/ui/tabs.js", SCRIPT),
    asset!("js/view/avatar.js", SCRIPT),
    asset!("js/view/data_panel.js", SCRIPT),
    asset!("js/view/figures.js", SCRIPT),
    asset!("js/view/picture.js", SCRIPT),
    asset!("js/view/record.js", SCRIPT),
    asset!("js/view/skeleton.js", SCRIPT),
    asset!("js/view/vrm.js", SCRIPT),
    asset!("vendor/three/BufferGeometryUtils.js", SCRIPT),
    asset!("vendor/three/GLTFLoader.js", SCRIPT),
    asset!("vendor/three/LICENSE", TEXT),
    asset!("vendor/three/OrbitControls.js", SCRIPT),
    asset!("vendor/three/SkeletonUtils.js", SCRIPT),
    asset!("vendor/three/three.core.min.js", SCRIPT),
    asset!("vendor/three/three.module.min.js", SCRIPT),
]);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    /// Paths of all files in the folder, from it on.
    fn files_of(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(&next).expect("the folder is readable") {
                let path = entry.expect("the entry is readable").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(folder).expect("it lies in the folder").to_path_buf());
                }
            }
        }
        found
    }

    /// The path in the address that `reference` means in the file at `from`.
    fn resolved(from: &str, reference: &str) -> String {
        let mut parts: Vec<&str> = if reference.starts_with('/') { Vec::new() } else { from.split('/').collect() };
        parts.pop();
        for part in reference.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        format!("/{}", parts.join("/").trim_start_matches('/'))
    }

    /// What stands between `before` and the next of the quote that ends `before`.
    fn quoted<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
        let quote = before.chars().last().unwrap_or('"');
        text.match_indices(before)
            .filter_map(|(at, _)| text[at + before.len()..].split(quote).next())
            .filter(|reference| !reference.contains(['\n', ' ']))
            .collect()
    }

    #[test]
    fn pages_and_parts_are_found() {
        for (path, content_type, word) in [
            ("/", HTML, "<title>LiveDance</title>"),
            ("/status", HTML, "Status"),
            ("/assets/js/app.js", SCRIPT, "import"),
            ("/assets/css/theme.css", STYLE, ":root"),
            ("/assets/vendor/three/LICENSE", TEXT, "MIT"),
        ] {
            let file = find(path).expect(path);
            assert_eq!(file.content_type, content_type, "{path}");
            assert!(std::str::from_utf8(file.bytes).expect(path).contains(word), "{path}");
        }
        assert!(find("/assets/avatar.glb").is_some_and(|file| file.bytes.starts_with(b"glTF")));
        for path in ["", "/assets/", "/assets/../Cargo.toml", "/index.html", "/assets/js/none.js"] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn etags_tell_contents_apart() {
        let tags: BTreeSet<&str> = FILES.iter().map(|file| file.etag.as_str()).collect();
        assert_eq!(tags.len(), FILES.len());
        let file = find("/").expect("the page is there");
        assert!(file.etag.starts_with('"') && file.etag.ends_with('"') && file.etag.len() == 26, "{}", file.etag);
    }

    #[test]
    fn every_file_of_the_folder_is_served_and_no_other() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/web");
        let there: BTreeSet<String> = files_of(&folder)
            .iter()
            .map(|path| path.to_string_lossy().replace('\\', "/"))
            .filter(|path| !["README.md", "package.json"].contains(&path.as_str()))
            .map(|path| match path.as_str() {
                "index.html" => "/".to_owned(),
                "status.html" => "/status".to_owned(),
                path => format!("/assets/{path}"),
            })
            .collect();
        let mut served: BTreeSet<String> = FILES.iter().map(|file| file.path.to_owned()).collect();
        assert!(served.remove("/assets/avatar.glb"));
        assert_eq!(served, there);
    }

    #[test]
    fn what_files_refer_to_is_served() {
        let mut seen = 0;
        for file in FILES.iter().filter(|file| !file.path.starts_with("/assets/vendor/three/three.")) {
            let Ok(text) = std::str::from_utf8(file.bytes) else { continue };
            let references: Vec<&str> = match file.content_type {
                SCRIPT => ["from \"", "from '", "import(\"", "new URL(\""]
                    .into_iter()
                    .flat_map(|before| quoted(text, before))
                    .filter(|reference| reference.starts_with('.'))
                    .collect(),
                HTML => ["src=\"", "href=\"/assets"]
                    .into_iter()
                    .flat_map(|before| quoted(text, before))
                    .filter(|reference| reference.starts_with("/assets"))
                    .collect(),
                STYLE => quoted(text, "url(\""),
                _ => Vec::new(),
            };
            for reference in references {
                let path = resolved(file.path, reference);
                assert!(find(&path).is_some(), "{} refers to {reference}, which is not served", file.path);
                seen += 1;
            }
        }
        assert!(seen > 40, "only {seen} references were found");
    }

    #[test]
    fn pages_need_nothing_inline_and_no_other_host() {
        for file in FILES.iter().filter(|file| file.content_type == HTML) {
            let text = std::str::from_utf8(file.bytes).expect(file.path);
            for word in [" style=", "<style", "javascript:", " onclick=", " onload=", "://"] {
                assert!(!text.contains(word), "{} has {word}", file.path);
            }
            assert_eq!(text.matches("<script").count(), text.matches("<script type=\"module\" src=\"/assets/").count());
        }
        assert!(!CONTENT_SECURITY_POLICY.contains("unsafe") && !CONTENT_SECURITY_POLICY.contains("  "));
    }
}
