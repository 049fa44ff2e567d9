//! What the user names as the source of frames.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::CaptureError;
use crate::net::{Address, NetError, RECEIVE_PORT};

/// Where frames come from.
///
/// Written as `camera`, `camera:N`, `demo`, `vmc`, `vmc:PORT`, `vmc:HOST:PORT`, or a path; empty or `auto` is [`SourceSpec::Auto`]. A file that is
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
    /// Poses instead of pictures, from a program that sends VMC to this address of ours.
    Vmc(Address),
    /// A video, a picture, a folder of pictures; or recorded motion: a take, a BVH file, a VRM animation.
    Path(PathBuf),
}

impl FromStr for SourceSpec {
    type Err = CaptureError;

    fn from_str(text: &str) -> Result<Self, CaptureError> {
        match text.trim() {
            "" | "auto" => Ok(Self::Auto),
            "camera" => Ok(Self::Camera(None)),
            "demo" => Ok(Self::Demo),
            "vmc" => Ok(Self::Vmc(Address::localhost(RECEIVE_PORT))),
            other => {
                if let Some(number) = other.strip_prefix("camera:") {
                    let bad = |_| CaptureError::BadCameraNumber { text: other.to_owned() };
                    return number.parse().map(|index| Self::Camera(Some(index))).map_err(bad);
                }
                if let Some(address) = other.strip_prefix("vmc:") {
                    let bad = |error: NetError| CaptureError::BadVmcAddress {
                        text: other.to_owned(),
                        reason: error.to_string(),
                    };
                    return Address::parse(address, RECEIVE_PORT).map(Self::Vmc).map_err(bad);
                }
                Ok(Self::Path(PathBuf::from(text)))
            }
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
            Self::Vmc(address) if address.is_usual_host() => write!(formatter, "vmc:{}", address.port),
            Self::Vmc(address) => write!(formatter, "vmc:{address}"),
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
            ("vmc:39540", SourceSpec::Vmc(Address::localhost(39_540))),
            ("vmc:0.0.0.0:5000", SourceSpec::Vmc(Address { host: "0.0.0.0".to_owned(), port: 5000 })),
            ("clips/dance.mp4", SourceSpec::Path("clips/dance.mp4".into())),
            ("./demo", SourceSpec::Path("./demo".into())),
        ] {
            assert_eq!(text.parse(), Ok(spec.clone()));
            assert_eq!(spec.to_string(), text);
        }
        assert_eq!("".parse(), Ok(SourceSpec::Auto));
        assert_eq!("vmc".parse(), Ok(SourceSpec::Vmc(Address::localhost(39_540))));
    }

    #[test]
    fn a_wrong_port_is_refused_with_the_way_to_write_it() {
        for text in ["vmc:", "vmc:0", "vmc:99999", "vmc:host:x"] {
            let message = text.parse::<SourceSpec>().expect_err("refused").to_string();
            assert!(message.contains(text) && message.contains("vmc:PORT"), "{message}");
        }
    }

    #[test]
    fn a_camera_without_a_number_is_refused_with_the_way_to_find_one() {
        for text in ["camera:", "camera:front", "camera:-1"] {
            let message = text.parse::<SourceSpec>().expect_err("refused").to_string();
            assert!(message.contains(text) && message.contains("livedance devices"), "{message}");
        }
    }
}
