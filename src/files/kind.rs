//! What kind of file something is: the one table of endings, and of the first bytes of motion under other names.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A kind of file that the program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Moving pictures.
    Video,
    /// One picture.
    Picture,
    /// Music.
    Sound,
    /// People who were tracked before: a take, or the lines of `track`.
    Take,
    /// Motion of an avatar's bones: BVH or a VRM animation.
    Bones,
    /// A figure with bones.
    Avatar,
}

/// How takes, lines of `track` and BVH begin.
const BEGINNINGS: [(&[u8], FileKind); 4] = [
    // A zstd frame.
    (&[0x28, 0xB5, 0x2F, 0xFD], FileKind::Take),
    (b"{\"livedance_take\"", FileKind::Take),
    (b"{\"frame\":", FileKind::Take),
    (b"HIERARCHY", FileKind::Bones),
];
/// Bytes that are enough to see that.
const ENOUGH: u64 = 64;

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Video, Self::Picture, Self::Sound, Self::Take, Self::Bones, Self::Avatar];

    /// How the names of such files end, in small letters without the dot.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Video => &["mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "mts", "wmv", "3gp"],
            Self::Picture => &["jpg", "jpeg", "png", "bmp", "webp"],
            Self::Sound => &["ogg", "mp3", "flac", "wav"],
            Self::Take => &["ldt", "jsonl"],
            Self::Bones => &["bvh", "vrma"],
            Self::Avatar => &["vrm", "glb", "gltf"],
        }
    }

    /// The kind of a file by the ending of its name, whatever its case; `None` for other endings. Nothing need be there.
    #[must_use]
    pub fn by_name(path: &Path) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.has_name(path))
    }

    /// Whether the ending of a file's name is one of this kind's.
    #[must_use]
    pub fn has_name(self, path: &Path) -> bool {
        path.extension().is_some_and(|own| self.endings().iter().any(|ending| own.eq_ignore_ascii_case(ending)))
    }

    /// [`Self::Take`] or [`Self::Bones`] for a file of motion, told by its name, and by its first bytes where the name is
    /// of no kind; `None` for everything else. Looks at the disk, so it is not for every frame.
    #[must_use]
    pub fn of_motion(path: &Path) -> Option<Self> {
        match Self::by_name(path) {
            Some(kind) => matches!(kind, Self::Take | Self::Bones).then_some(kind),
            None => Self::by_content(path),
        }
    }

    fn by_content(path: &Path) -> Option<Self> {
        // Opening a pipe would wait for its other end.
        let is_file = std::fs::metadata(path).ok()?.is_file();
        let mut first = Vec::new();
        File::open(path).ok().filter(|_| is_file)?.take(ENOUGH).read_to_end(&mut first).ok()?;
        let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&first).trim_ascii_start();
        BEGINNINGS.into_iter().find(|(beginning, _)| text.starts_with(beginning)).map(|(_, kind)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_is_of_one_kind() {
        let endings: Vec<_> = FileKind::ALL.iter().flat_map(|kind| kind.endings()).collect();
        let mut once = endings.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), endings.len());
        for kind in FileKind::ALL {
            for ending in kind.endings() {
                for name in [format!("a.b.{ending}"), format!("a.{}", ending.to_uppercase())] {
                    assert_eq!(FileKind::by_name(Path::new(&name)), Some(kind), "{name}");
                }
            }
        }
        for name in ["ldt", ".ldt", "notes.txt", "a.ldt.bak", "a."] {
            assert_eq!(FileKind::by_name(Path::new(name)), None, "{name}");
        }
    }

    #[test]
    fn motion_is_known_by_its_name_or_by_what_is_in_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        for (name, content, kind) in [
            ("dance.LDT", &b""[..], Some(FileKind::Take)),
            ("dance.jsonl", b"", Some(FileKind::Take)),
            ("dance.bvh", b"", Some(FileKind::Bones)),
            ("dance.vrma", b"", Some(FileKind::Bones)),
            ("take", b"{\"livedance_take\":1}", Some(FileKind::Take)),
            ("lines.txt", b"{\"frame\":0}", Some(FileKind::Take)),
            ("motion.txt", b"\xEF\xBB\xBF\nHIERARCHY\nROOT Hips", Some(FileKind::Bones)),
            ("packed", &[0x28, 0xB5, 0x2F, 0xFD], Some(FileKind::Take)),
            ("video.mp4", b"HIERARCHY", None),
            ("empty", b"", None),
        ] {
            std::fs::write(path(name), content).expect("writes");
            assert_eq!(FileKind::of_motion(&path(name)), kind, "{name}");
        }
        assert_eq!(FileKind::of_motion(&path("missing.ldt")), Some(FileKind::Take), "whoever opens it says so");
        assert_eq!(FileKind::of_motion(&path("missing")), None);
    }
}
