//! What clients send under `frame`.

use std::fmt;

use bytes::Bytes;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::capture::PictureError;
use crate::server::error::Fault;
use crate::wire::{MAX_SEQUENCE, data_url};

/// A frame, whatever its fields hold, so that a complaint can name the frame that it is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FrameMessage {
    image: Field,
    sequence: Field,
    timestamp: Field,
}

/// A frame that can be handed in.
#[derive(Debug, PartialEq)]
pub(super) struct CheckedFrame {
    pub(super) sequence: Option<u64>,
    /// Microseconds; 0 where the client did not say.
    pub(super) captured_at_us: u64,
    pub(super) image: Bytes,
}

/// A value as it came. Text is decoded at once, without a copy in between.
#[derive(Debug, Default, PartialEq)]
enum Field {
    #[default]
    Absent,
    Whole(u64),
    Number(f64),
    /// What a data URL or bare base64 held; `None` for any other text.
    Text(Option<Vec<u8>>),
    Bytes(Vec<u8>),
    Other,
}

impl FrameMessage {
    /// The frame, or what is wrong with it and its number if it has one.
    pub(super) fn check(self) -> Result<CheckedFrame, (Fault, Option<u64>)> {
        let sequence = match self.sequence {
            Field::Absent => None,
            Field::Whole(sequence) if sequence <= MAX_SEQUENCE => Some(sequence),
            _ => return Err((Fault::BadSequence, None)),
        };
        let named = |fault| (fault, sequence);
        let captured_at_us = microseconds(&self.timestamp).map_err(named)?;
        let image = picture(self.image).map_err(named)?;
        Ok(CheckedFrame { sequence, captured_at_us, image })
    }
}

/// Milliseconds, perhaps with a fraction, to whole microseconds.
fn microseconds(timestamp: &Field) -> Result<u64, Fault> {
    let milliseconds = match timestamp {
        Field::Absent => return Ok(0),
        Field::Whole(whole) => *whole as f64,
        Field::Number(number) => *number,
        _ => f64::NAN,
    };
    // Far beyond any date, and still a whole number in double precision.
    let most = MAX_SEQUENCE as f64 / 1e3;
    if (0.0..=most).contains(&milliseconds) {
        Ok((milliseconds * 1e3).round() as u64)
    } else {
        Err(Fault::BadMessage("timestamp is a number of milliseconds from 0 on".to_owned()))
    }
}

fn picture(image: Field) -> Result<Bytes, Fault> {
    match image {
        Field::Text(Some(bytes)) | Field::Bytes(bytes) => Ok(bytes.into()),
        Field::Text(None) => {
            let reason = "it is neither a data URL nor base64".to_owned();
            Err(Fault::BadImage(PictureError::Bad { reason }))
        }
        Field::Absent => Err(Fault::BadMessage("image is missing".to_owned())),
        _ => Err(Fault::BadMessage("image is a data URL, base64 or binary".to_owned())),
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Field, E> {
        Ok(Field::Whole(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Field, E> {
        Ok(u64::try_from(value).map_or(Field::Number(value as f64), Field::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Field, E> {
        Ok(Field::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Field, E> {
        Ok(Field::Text(data_url::decode(value)))
    }

    fn visit_byte_buf<E>(self, value: Vec<u8>) -> Result<Field, E> {
        Ok(Field::Bytes(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Field, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<CheckedFrame, (&'static str, Option<u64>)> {
        let message: FrameMessage = serde_json::from_str(json).expect("an object");
        message.check().map_err(|(fault, sequence)| (fault.code(), sequence))
    }

    #[test]
    fn frames_of_old_and_new_clients_are_read() {
        let image = Bytes::from_static(b"\xff\xd8");
        for (json, sequence, captured_at_us) in [
            (r#"{"image":"data:image/jpeg;base64,/9g="}"#, None, 0),
            (r#"{"image":"/9g","sequence":0,"timestamp":12}"#, Some(0), 12_000),
            (
                r#"{"timestamp":1700000000000.25,"image":"/9g=","sequence":9007199254740991,"more":[1,{}]}"#,
                Some(MAX_SEQUENCE),
                1_700_000_000_000_250,
            ),
            (r#"{"image":"/9g=","sequence":null,"timestamp":null}"#, None, 0),
        ] {
            let frame = CheckedFrame { sequence, captured_at_us, image: image.clone() };
            assert_eq!(check(json), Ok(frame), "{json}");
        }
    }

    #[test]
    fn bad_frames_are_named() {
        for (json, code, sequence) in [
            (r#"{"sequence":4}"#, "bad_message", Some(4)),
            (r#"{"image":5,"sequence":4}"#, "bad_message", Some(4)),
            (r#"{"image":{"a":[1]},"sequence":4}"#, "bad_message", Some(4)),
            (r#"{"image":"***","sequence":4}"#, "bad_image", Some(4)),
            (r#"{"image":"/9g=","sequence":"4"}"#, "bad_sequence", None),
            (r#"{"image":"/9g=","sequence":4.5}"#, "bad_sequence", None),
            (r#"{"image":"/9g=","sequence":-1}"#, "bad_sequence", None),
            (r#"{"image":"/9g=","sequence":true}"#, "bad_sequence", None),
            (r#"{"image":"/9g=","sequence":9007199254740992}"#, "bad_sequence", None),
            (r#"{"image":"/9g=","sequence":4,"timestamp":-1}"#, "bad_message", Some(4)),
            (r#"{"image":"/9g=","sequence":4,"timestamp":1e300}"#, "bad_message", Some(4)),
            (r#"{"image":"/9g=","sequence":4,"timestamp":"now"}"#, "bad_message", Some(4)),
        ] {
            assert_eq!(check(json), Err((code, sequence)), "{json}");
        }
    }
}
