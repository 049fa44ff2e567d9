//! What comes out of a source: pictures to be tracked, or motion that is there already.

use std::path::Path;

use super::SourceSpec;
use crate::files::FileKind;

/// What comes out of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceMatter {
    /// Pictures, to be tracked.
    Pictures,
    /// Poses of another program, as they are sent.
    Poses,
    /// People who were tracked before: a take, or the lines of `track`.
    Take,
    /// Motion of an avatar's bones: BVH or a VRM animation.
    Clip,
}

impl SourceMatter {
    /// Whether it is a file of motion, in which one can go to any moment.
    #[must_use]
    pub const fn is_recorded(self) -> bool {
        matches!(self, Self::Take | Self::Clip)
    }
}

impl SourceSpec {
    /// Finds out what comes out of it. A file is told by its name, and by its first bytes where the name says nothing: this
    /// opens and reads it, which takes seconds on a drive that sleeps. It is to be asked once for each source that is
    /// opened, and the answer kept; never in a system that runs in every frame.
    #[must_use]
    pub fn read_matter(&self) -> SourceMatter {
        match self {
            Self::Vmc(_) => SourceMatter::Poses,
            Self::Path(path) => matter_of(path),
            Self::Auto | Self::Camera(_) | Self::Demo => SourceMatter::Pictures,
        }
    }
}

fn matter_of(path: &Path) -> SourceMatter {
    // A folder of pictures may be called anything.
    match FileKind::of_motion(path).filter(|_| !path.is_dir()) {
        // Also where nothing is there: whoever opens it says so.
        Some(FileKind::Take) => SourceMatter::Take,
        Some(FileKind::Bones) => SourceMatter::Clip,
        _ => SourceMatter::Pictures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn motion_is_known_by_its_name_or_by_what_is_in_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        for (name, content, matter) in [
            ("dance.LDT", "", SourceMatter::Take),
            ("dance.jsonl", "", SourceMatter::Take),
            ("dance.bvh", "", SourceMatter::Clip),
            ("dance.vrma", "", SourceMatter::Clip),
            ("take", "{\"livedance_take\":1}", SourceMatter::Take),
            ("motion.txt", "\u{FEFF}\nHIERARCHY\nROOT Hips", SourceMatter::Clip),
            ("video.mp4", "ftyp", SourceMatter::Pictures),
            ("empty", "", SourceMatter::Pictures),
        ] {
            std::fs::write(path(name), content).expect("writes");
            assert_eq!(SourceSpec::Path(path(name)).read_matter(), matter, "{name}");
        }
        std::fs::create_dir(path("folder.ldt")).expect("a folder");
        assert_eq!(SourceSpec::Path(path("folder.ldt")).read_matter(), SourceMatter::Pictures);
        assert_eq!(SourceSpec::Path(path("missing.ldt")).read_matter(), SourceMatter::Take);
        assert_eq!(SourceSpec::Demo.read_matter(), SourceMatter::Pictures);
    }
}
