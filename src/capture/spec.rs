//! What the user names as the source of frames.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::CaptureError;

/// Where frames come from.
///
/// Written as `camera`, `camera:N`, `demo`, or a path; empty or `auto` is [`SourceSpec::Auto`]. A file that is
/// called like one of these words is written with its folder, as in `./demo`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum SourceSpec {
    /// A camera if there is one, else the bundled demo.
    #[default]
    Auto,
    /// The camera with this number, or the first that can be used.
    Camera(Option<u32>),
    /// The bundled demo clip.
    Demo,
    /// A video, a picture, or a folder of pictures.
    Path(PathBuf),
}

impl FromStr for SourceSpec {
    type Err = CaptureError;

    fn from_str(text: &str) -> Result<Self, CaptureError> {
        match text.trim() {
            "" | "auto" => Ok(Self::Auto),
            "camera" => Ok(Self::Camera(None)),
            "demo" => Ok(Self::Demo),
            other => match other.strip_prefix("camera:") {
                Some(number) => number
                    .parse()
                    .map(|index| Self::Camera(Some(index)))
                    .map_err(|_| CaptureError::BadCameraNumber { text: other.to_owned() }),
                None => Ok(Self::Path(PathBuf::from(text))),
            },
        }
    }
}

impl fmt::Display for SourceSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Camera(None) => formatter.write_str("camera"),
            Self::Camera(Some(index)) => write!(formatter, "camera:{index}"),
            Self::Demo => formatter.write_str("demo"),
            Self::Path(path) => write!(formatter, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_written_back() {
        for (text, spec) in [
            ("auto", SourceSpec::Auto),
            ("camera", SourceSpec::Camera(None)),
            ("camera:2", SourceSpec::Camera(Some(2))),
            ("demo", SourceSpec::Demo),
            ("clips/dance.mp4", SourceSpec::Path("clips/dance.mp4".into())),
            ("./demo", SourceSpec::Path("./demo".into())),
        ] {
            assert_eq!(text.parse(), Ok(spec.clone()));
            assert_eq!(spec.to_string(), text);
        }
        assert_eq!("".parse(), Ok(SourceSpec::Auto));
    }

    #[test]
    fn a_camera_without_a_number_is_refused_with_the_way_to_find_one() {
        for text in ["camera:", "camera:front", "camera:-1"] {
            let message = text.parse::<SourceSpec>().expect_err("refused").to_string();
            assert!(message.contains(text) && message.contains("livedance devices"), "{message}");
        }
    }
}
