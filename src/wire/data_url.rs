//! Pictures as text: `data:image/jpeg;base64,…`.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes of a data URL, or of bare base64; `None` where it is neither.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let body = match text.split_once(',') {
        Some((head, body)) => {
            let is_base64 = head.starts_with("data:") && head.ends_with(";base64");
            is_base64.then_some(body)?
        }
        None => text,
    };
    BASE64.decode(body.trim_ascii()).ok()
}

/// A data URL of a JPEG file.
#[must_use]
pub fn encode_jpeg(jpeg: &[u8]) -> String {
    let mut text = String::from("data:image/jpeg;base64,");
    BASE64.encode_string(jpeg, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for bytes in [&b""[..], b"\xff", b"\xff\xd8", b"\xff\xd8\xff and more"] {
            assert_eq!(decode(&encode_jpeg(bytes)).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn bare_base64_and_missing_padding_are_read() {
        assert_eq!(decode("/9g=").as_deref(), Some(&b"\xff\xd8"[..]));
        assert_eq!(decode("data:image/png;base64,/9g").as_deref(), Some(&b"\xff\xd8"[..]));
    }

    #[test]
    fn what_is_no_base64_is_none() {
        for text in
            ["data:image/jpeg;base64,*", "data:image/jpeg,abcd", "nothing;base64,abcd", "blob:http://x/y,abcd", "äöü"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
