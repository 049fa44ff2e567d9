//! The binary websocket's conversation in JSON, for clients that ask for `?format=json`: text frames, one object each,
//! told apart by `type`. Poses are the record of `livedance track` with the stream's own fields beside.

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::choices::Ordering;
use super::schema::{client_message, server_message};
use super::{data_url, schema};
use crate::formats::record::FrameRecord;
use crate::settings::SmoothingMode;

/// What a client sends.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum ClientText {
    Configure {
        hands: Option<bool>,
        people: Option<u32>,
        short_side: Option<u32>,
        smoothing: Option<SmoothingMode>,
        ordering: Option<Ordering>,
        rig: Option<bool>,
    },
    Frame {
        sequence: u64,
        #[serde(default)]
        captured_at_us: u64,
        /// A data URL, or bare base64.
        image: String,
    },
    Ping {
        #[serde(default)]
        token: u64,
    },
}

/// What the server sends.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerText<'a> {
    Configured {
        hands: bool,
        people: u32,
        short_side: u32,
        smoothing: SmoothingMode,
        ordering: Ordering,
        rig: bool,
        server: &'a str,
        model: &'a str,
        max_message_bytes: u32,
        max_side_px: u32,
        max_frames_per_second: f64,
    },
    Error {
        code: &'a str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        sequence: Option<u64>,
    },
    Pong {
        token: u64,
    },
}

#[derive(Debug, Serialize)]
struct PoseText {
    r#type: &'static str,
    sequence: u64,
    captured_at_us: u64,
    dropped: u64,
    wait_ms: f32,
    total_ms: f32,
    #[serde(flatten)]
    frame: FrameRecord,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rigs: Vec<RigText>,
}

#[derive(Debug, Serialize)]
struct RigText {
    hips: [f32; 3],
    rotations: Vec<[f32; 4]>,
}

/// A client's text as the message that it stands for.
///
/// # Errors
/// What is wrong with it, in words.
pub fn decode(text: &str) -> Result<client_message::Kind, String> {
    let message: ClientText = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(match message {
        ClientText::Configure { hands, people, short_side, smoothing, ordering, rig } => {
            client_message::Kind::Configure(schema::Configure {
                hands,
                people,
                short_side,
                smoothing: smoothing.map(|smoothing| schema::Smoothing::from(smoothing).into()),
                ordering: ordering.map(|ordering| schema::Ordering::from(ordering).into()),
                rig,
            })
        }
        ClientText::Frame { sequence, captured_at_us, image } => {
            let jpeg = data_url::decode(&image).ok_or("`image` is neither a data URL in base64 nor base64")?;
            client_message::Kind::Frame(schema::Frame { sequence, captured_at_us, jpeg: jpeg.into() })
        }
        ClientText::Ping { token } => client_message::Kind::Ping(schema::Ping { token }),
    })
}

/// The text of an answer.
#[must_use]
pub fn pose(answer: &Answer) -> String {
    let rig = |rig: &super::answer::RigPose| RigText {
        hips: rig.hips.to_array(),
        rotations: rig.rotations.iter().map(|rotation| rotation.to_array()).collect(),
    };
    text(&PoseText {
        r#type: "pose",
        sequence: answer.sequence.unwrap_or_default(),
        captured_at_us: answer.captured_at_us,
        dropped: answer.dropped,
        wait_ms: answer.wait_ms,
        total_ms: answer.total_ms,
        frame: FrameRecord::with_angles(&answer.frame, &answer.angles),
        rigs: answer.rigs.iter().map(rig).collect(),
    })
}

/// The text of any other message; `None` for poses, which [`pose`] writes.
#[must_use]
pub fn encode(message: &server_message::Kind) -> Option<String> {
    Some(match message {
        server_message::Kind::Configured(configured) => text(&ServerText::Configured {
            hands: configured.hands,
            people: configured.people,
            short_side: configured.short_side,
            // A server that says neither does neither.
            smoothing: Option::from(configured.smoothing()).unwrap_or(SmoothingMode::None),
            ordering: Option::from(configured.ordering()).unwrap_or_default(),
            rig: configured.rig,
            server: &configured.server,
            model: &configured.model,
            max_message_bytes: configured.max_message_bytes,
            max_side_px: configured.max_side_px,
            max_frames_per_second: configured.max_frames_per_second,
        }),
        server_message::Kind::Error(error) => {
            text(&ServerText::Error { code: &error.code, message: &error.message, sequence: error.sequence })
        }
        server_message::Kind::Pong(pong) => text(&ServerText::Pong { token: pong.token }),
        server_message::Kind::Pose(_) => return None,
    })
}

fn text(value: &impl Serialize) -> String {
    // Nothing here can fail to be written: no maps with keys that are no strings.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart_by_their_type() {
        let configure = decode(r#"{"type":"configure","people":2,"smoothing":"one-euro","ordering":"sequence"}"#);
        let Ok(client_message::Kind::Configure(configure)) = configure else { panic!("{configure:?}") };
        assert_eq!((configure.people, configure.hands), (Some(2), None));
        assert_eq!(configure.smoothing(), schema::Smoothing::OneEuro);
        assert_eq!(configure.ordering(), schema::Ordering::Sequence);
        let frame = decode(r#"{"type":"frame","sequence":3,"image":"data:image/jpeg;base64,/9g="}"#);
        let Ok(client_message::Kind::Frame(frame)) = frame else { panic!("{frame:?}") };
        assert_eq!((frame.sequence, frame.jpeg.as_ref()), (3, &[0xff, 0xd8][..]));
    }

    #[test]
    fn what_is_no_message_says_why() {
        for (text, word) in [
            ("", "EOF"),
            ("[]", "missing field"),
            (r#"{"type":"dance"}"#, "unknown variant"),
            (r#"{"type":"frame","image":"x"}"#, "sequence"),
            (r#"{"type":"frame","sequence":1,"image":"*"}"#, "base64"),
            (r#"{"type":"frame","sequence":-1,"image":""}"#, "invalid value"),
            (r#"{"type":"frame","sequence":1,"image":7}"#, "string"),
        ] {
            let error = decode(text).expect_err(text);
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
