//! What surrounds the avatar, and how much of it is shown.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::declare::choices;

/// What is seen behind the avatar. Written as `studio`, `green`, `transparent` or a colour, `#RRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Background {
    /// Floor, haze and shadows.
    #[default]
    Studio,
    /// Nothing but the green that other programs cut out, `#00FF00`.
    Green,
    /// Nothing: what lies behind the window is seen, where the system can do that.
    Transparent,
    /// Nothing but this colour: red, green, blue, as on a screen.
    Colour([u8; 3]),
}

impl Background {
    /// The flat colour; `None` for those that are none.
    #[must_use]
    pub const fn colour(self) -> Option<[u8; 3]> {
        match self {
            Self::Green => Some([0, 255, 0]),
            Self::Colour(colour) => Some(colour),
            Self::Studio | Self::Transparent => None,
        }
    }

    /// Whether a text is one, or what it must be.
    pub(super) fn check_text(text: &str) -> Result<(), String> {
        text.parse::<Self>().map(|_| ())
    }

    /// The next of those that need no colour to be named.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Studio => Self::Green,
            Self::Green => Self::Transparent,
            Self::Transparent | Self::Colour(_) => Self::Studio,
        }
    }
}

impl FromStr for Background {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let colour = |digits: &str| -> Option<[u8; 3]> {
            let is_hex = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?.to_be_bytes();
            Some([red, green, blue])
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "studio" => Ok(Self::Studio),
            "green" => Ok(Self::Green),
            "transparent" => Ok(Self::Transparent),
            other => other
                .strip_prefix('#')
                .and_then(colour)
                .map(Self::Colour)
                .ok_or_else(|| format!("must be studio, green, transparent or #RRGGBB, not {text}")),
        }
    }
}

impl TryFrom<String> for Background {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Background> for String {
    fn from(background: Background) -> Self {
        background.to_string()
    }
}

impl fmt::Display for Background {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Studio => formatter.write_str("studio"),
            Self::Green => formatter.write_str("green"),
            Self::Transparent => formatter.write_str("transparent"),
            Self::Colour([red, green, blue]) => write!(formatter, "#{red:02X}{green:02X}{blue:02X}"),
        }
    }
}

choices! {
    /// What the camera shows when it starts, when it is chosen, and when the view is reset.
    pub enum Framing: Full {
        /// From head to foot.
        Full = "full",
        /// From the waist up.
        Upper = "upper",
        /// Head and shoulders.
        Face = "face",
        /// Wherever the mouse has taken it.
        Free = "free",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backgrounds_are_written_as_they_are_read() {
        for text in ["studio", "green", "transparent", "#FF8000"] {
            assert_eq!(text.parse::<Background>().expect(text).to_string(), text);
        }
        assert_eq!(" #ff8000 ".parse(), Ok(Background::Colour([255, 128, 0])));
        assert_eq!(Background::Green.colour(), Some([0, 255, 0]));
    }

    #[test]
    fn what_is_no_background_is_refused_by_name() {
        for text in ["", "blue", "#12345", "#1234567", "#GGGGGG", "#+12345", "#äöü"] {
            let message = text.parse::<Background>().expect_err(text);
            assert!(message.contains(text) && message.contains("#RRGGBB"), "{message}");
        }
    }
}
