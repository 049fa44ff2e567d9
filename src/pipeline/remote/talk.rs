//! What is said to a server and what it says, in either dialect: messages in, messages out, no sockets and no clock.

use prost::Message as _;
use prost::bytes::Bytes;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message};

use super::address::Dialect;
use crate::motion::BodyPose;
use crate::settings::MAX_PEOPLE;
use crate::wire::original::PoseResult;
use crate::wire::schema::{self, client_message, server_message};
use crate::wire::socketio::{self, Packet};
use crate::wire::{binary, close_code, coco, data_url};

/// Coordinates beyond these are errors: pixels, metres.
const MOST_PIXELS: f32 = 1e6;
const MOST_METRES: f32 = 100.0;
/// Frames without any answer after which pictures are sent as text to an original backend.
const UNANSWERED: u32 = 6;
/// Answers without anybody after which whoever comes is somebody else.
const GONE_AFTER: u32 = 45;

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Whether hands are looked at.
    pub(super) hands: bool,
    /// People followed at most.
    pub(super) people: u32,
    /// Every frame in order, rather than the newest one.
    pub(super) in_order: bool,
}

/// One picture on its way.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    /// The connection that it is meant for.
    pub(super) session: u64,
    /// Rises from frame to frame.
    pub(super) sequence: u64,
    /// The source's time; filters there run on it.
    pub(super) captured_at_us: u64,
    /// A JPEG file.
    pub(super) jpeg: Bytes,
}

/// What the server says about itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ServerInfo {
    /// Its name and version, and its model; empty where it does not say.
    pub(super) name: String,
    /// Frames a second that it takes from one client; 0 where it does not say.
    pub(super) frames_per_second: f64,
    /// Bytes of one message, and pixels of one side, that it takes at most; 0 where it does not say.
    pub(super) message_bytes: u32,
    /// See above.
    pub(super) side_px: u32,
}

/// The people of one answer.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// In pixels of the picture that was sent.
    Bodies(Vec<BodyPose>),
    /// In shares of it, with how many people came and went before, and whether this one has just come.
    Original(Box<PoseResult>, u32, bool),
}

impl Seen {
    /// The people in pixels of the picture that was sent.
    pub(super) fn into_people(self, width: u32, height: u32) -> Vec<BodyPose> {
        match self {
            Self::Bodies(people) => people,
            Self::Original(result, id, is_new) => {
                coco::body(&result, width, height).map(|body| BodyPose { id, is_new, ..body }).into_iter().collect()
            }
        }
    }
}

/// An answer to a frame.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    /// The frame's; `None` where the server numbers nothing.
    pub(super) sequence: Option<u64>,
    pub(super) seen: Seen,
    /// Milliseconds there.
    pub(super) wait_ms: f32,
    pub(super) detect_ms: f32,
    pub(super) pose_ms: f32,
    pub(super) hands_ms: f32,
    pub(super) total_ms: f32,
}

/// What came of a message.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// Frames are welcome.
    Ready(ServerInfo),
    Answer(Box<Answered>),
    /// The server refuses something; the connection lives on.
    Complaint {
        code: String,
        message: String,
        sequence: Option<u64>,
    },
    /// What came is no message of the protocol.
    Junk(String),
    /// To be sent back now.
    Reply(Message),
    /// The server has gone.
    Over(String),
    /// The server does not want this client.
    Refused(String),
}

/// One connection's conversation.
#[derive(Debug)]
pub(super) struct Talk {
    wishes: Wishes,
    token: Option<String>,
    dialect: State,
}

#[derive(Debug)]
enum State {
    Stream,
    Original { reader: socketio::Reader, as_text: bool, sent: u32, has_answered: bool, person: u32, absent: u32 },
}

impl Talk {
    pub(super) fn new(dialect: Dialect, wishes: Wishes, token: Option<String>) -> Self {
        let dialect = match dialect {
            Dialect::Stream => State::Stream,
            Dialect::Original => State::Original {
                reader: socketio::Reader::default(),
                as_text: false,
                sent: 0,
                has_answered: false,
                person: 0,
                absent: 0,
            },
        };
        Self { wishes, token, dialect }
    }

    /// Whether every frame is sent, in order.
    pub(super) const fn is_in_order(&self) -> bool {
        self.wishes.in_order
    }

    /// What the client says first.
    pub(super) fn opening(&self) -> Vec<Message> {
        match self.dialect {
            State::Stream => vec![self.configure()],
            State::Original { .. } => Vec::new(),
        }
    }

    fn configure(&self) -> Message {
        let Wishes { hands, people, in_order } = self.wishes;
        let ordering = if in_order { schema::Ordering::Sequence } else { schema::Ordering::Latest };
        stream_message(client_message::Kind::Configure(schema::Configure {
            hands: Some(hands),
            people: Some(people),
            // What is sent has been scaled down, and is smoothed here with the other frames.
            short_side: Some(0),
            smoothing: Some(schema::Smoothing::None.into()),
            ordering: Some(ordering.into()),
            rig: Some(false),
        }))
    }

    /// A frame as messages, to be sent one after another.
    pub(super) fn frame(&mut self, frame: &Outgoing) -> Vec<Message> {
        let Outgoing { sequence, captured_at_us, jpeg, .. } = frame;
        let (sequence, captured_at_us) = (*sequence, *captured_at_us);
        match &mut self.dialect {
            State::Stream => {
                let jpeg = jpeg.clone();
                vec![stream_message(client_message::Kind::Frame(schema::Frame { sequence, captured_at_us, jpeg }))]
            }
            State::Original { as_text, sent, has_answered, .. } => {
                *sent += 1;
                *as_text |= !*has_answered && *sent > UNANSWERED;
                let timestamp = captured_at_us as f64 / 1e3;
                let data = |image: Value| json!({ "image": image, "sequence": sequence, "timestamp": timestamp });
                if *as_text {
                    let image = Value::String(data_url::encode_jpeg(jpeg));
                    return vec![Message::text(socketio::event("frame", &data(image)))];
                }
                let head = socketio::binary_event("frame", &data(socketio::placeholder(0)), 1);
                vec![Message::text(head), Message::Binary(jpeg.clone())]
            }
        }
    }

    /// What a message of the server's means.
    pub(super) fn read(&mut self, message: &Message) -> Vec<Said> {
        if let Message::Close(frame) = message {
            return vec![farewell(frame.as_ref())];
        }
        match (&mut self.dialect, message) {
            (State::Stream, Message::Binary(bytes)) => vec![read_stream(bytes)],
            (State::Stream, Message::Text(_)) => vec![Said::Junk("text, where messages are binary".to_owned())],
            (State::Original { reader, .. }, Message::Text(text)) => {
                let packet = reader.text(text.as_str());
                self.read_packet(packet)
            }
            (State::Original { reader, .. }, Message::Binary(_)) => {
                let packet = reader.binary();
                self.read_packet(Ok(packet))
            }
            _ => Vec::new(),
        }
    }

    fn read_packet(&mut self, packet: Result<Packet, String>) -> Vec<Said> {
        let State::Original { as_text, has_answered, person, absent, .. } = &mut self.dialect else {
            return Vec::new();
        };
        let said = match packet {
            Err(reason) => Said::Junk(reason),
            Ok(Packet::Open { .. }) => Said::Reply(Message::text(socketio::join(self.token.as_deref()))),
            Ok(Packet::Ping) => Said::Reply(Message::text(socketio::PONG)),
            Ok(Packet::Joined) => Said::Ready(ServerInfo::default()),
            Ok(Packet::Refused { message }) => Said::Refused(format!("{message}; look at the token and the address")),
            Ok(Packet::Closed) => Said::Over("the server has closed the connection".to_owned()),
            Ok(Packet::Event { name, data }) => match name.as_str() {
                "pose_result" | "pose_data" => match serde_json::from_value::<PoseResult>(data) {
                    Err(error) => Said::Junk(error.to_string()),
                    Ok(result) => {
                        *has_answered = true;
                        let was_absent =
                            std::mem::replace(absent, if result.body.is_empty() { *absent + 1 } else { 0 });
                        let is_new = !result.body.is_empty() && was_absent > 0;
                        *person += u32::from(is_new && was_absent > GONE_AFTER);
                        Said::Answer(Box::new(original_answer(result, *person, is_new)))
                    }
                },
                "error" => {
                    // Some backends only take pictures as text.
                    *as_text |= !*has_answered;
                    complaint(&data)
                }
                _ => return Vec::new(),
            },
            Ok(Packet::Nothing) => return Vec::new(),
        };
        vec![said]
    }
}

fn stream_message(kind: client_message::Kind) -> Message {
    Message::Binary(schema::ClientMessage { kind: Some(kind) }.encode_to_vec().into())
}

fn read_stream(bytes: &[u8]) -> Said {
    let message = match schema::ServerMessage::decode(bytes) {
        Ok(schema::ServerMessage { kind: Some(kind) }) => kind,
        Ok(_) => return Said::Junk("a message of an unknown kind".to_owned()),
        Err(error) => return Said::Junk(error.to_string()),
    };
    match message {
        server_message::Kind::Configured(configured) => Said::Ready(ServerInfo {
            name: [configured.server, configured.model].join(" ").trim().to_owned(),
            frames_per_second: configured.max_frames_per_second,
            message_bytes: configured.max_message_bytes,
            side_px: configured.max_side_px,
        }),
        server_message::Kind::Pose(pose) => {
            let mut people = binary::people(&pose);
            people.retain(is_sane);
            people.truncate(MAX_PEOPLE as usize);
            let timings = pose.timings.unwrap_or_default();
            Said::Answer(Box::new(Answered {
                sequence: Some(pose.sequence),
                seen: Seen::Bodies(people),
                wait_ms: timings.wait,
                detect_ms: timings.detect,
                pose_ms: timings.pose,
                hands_ms: timings.hands,
                total_ms: timings.total,
            }))
        }
        server_message::Kind::Error(error) => {
            Said::Complaint { code: error.code, message: error.message, sequence: error.sequence }
        }
        server_message::Kind::Pong(_) => Said::Junk(String::new()),
    }
}

/// Whether nobody's numbers are larger than any picture or room.
fn is_sane(body: &BodyPose) -> bool {
    let within = |landmarks: &[crate::motion::Landmark], most: f32| {
        landmarks
            .iter()
            .all(|landmark| landmark.position.abs().max_element() <= most && landmark.visibility.abs() <= 2.0)
    };
    let hand = |points: &[glam::Vec3], most: f32| points.iter().all(|point| point.abs().max_element() <= most);
    within(&body.image, MOST_PIXELS)
        && within(&body.world, MOST_METRES)
        && body.size_px <= MOST_PIXELS
        && body.hands.iter().all(|(_, seen)| hand(&seen.image, MOST_PIXELS) && hand(&seen.world, MOST_METRES))
}

fn original_answer(result: PoseResult, person: u32, is_new: bool) -> Answered {
    let timings = result.timings;
    Answered {
        sequence: result.sequence,
        wait_ms: 0.0,
        detect_ms: 0.0,
        pose_ms: timings.pose_detection,
        hands_ms: timings.hand_detection,
        total_ms: timings.total_backend,
        seen: Seen::Original(Box::new(result), person, is_new),
    }
}

fn complaint(data: &Value) -> Said {
    let text = |key: &str| data.get(key).and_then(Value::as_str).map(str::to_owned);
    Said::Complaint {
        code: text("code").unwrap_or_else(|| "error".to_owned()),
        message: text("message")
            .or_else(|| data.as_str().map(str::to_owned))
            .unwrap_or_else(|| "no reason given".to_owned()),
        sequence: data.get("sequence").and_then(Value::as_u64),
    }
}

/// What the end of a connection means.
fn farewell(frame: Option<&tungstenite::protocol::CloseFrame>) -> Said {
    let Some(frame) = frame else { return Said::Over("the server has closed the connection".to_owned()) };
    let (code, reason) = (u16::from(frame.code), frame.reason.as_str());
    let said = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    match code {
        close_code::BAD_TOKEN => {
            Said::Refused(format!("the token is wrong or missing{said}; give it with --remote-token"))
        }
        close_code::TOO_MANY_CLIENTS => Said::Refused(format!(
            "it has as many clients as it takes{said}; wait until one leaves, or raise the server's limit"
        )),
        close_code::GOING_AWAY => Said::Over(format!("the server is being shut down{said}")),
        close_code::TOO_BIG => Said::Over(format!("a picture was larger than the server takes{said}")),
        close_code::SLOW_READER => Said::Over(format!("this machine read too slowly for the server{said}")),
        1000 => Said::Over(format!("the server has closed the connection{said}")),
        other => Said::Over(format!("the server has closed the connection with code {other}{said}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes() -> Wishes {
        Wishes { hands: true, people: 2, in_order: false }
    }

    fn outgoing(sequence: u64) -> Outgoing {
        Outgoing { session: 1, sequence, captured_at_us: 2_000, jpeg: Bytes::from_static(b"\xff\xd8") }
    }

    #[test]
    fn the_stream_begins_with_what_is_wanted() {
        let talk = Talk::new(Dialect::Stream, wishes(), None);
        let [Message::Binary(bytes)] = &talk.opening()[..] else { panic!("one message") };
        let message = schema::ClientMessage::decode(&bytes[..]).expect("decodes");
        let Some(client_message::Kind::Configure(configure)) = message.kind else { panic!("{message:?}") };
        assert_eq!((configure.people, configure.hands, configure.short_side), (Some(2), Some(true), Some(0)));
        assert_eq!(configure.smoothing(), schema::Smoothing::None);
    }

    #[test]
    fn a_backend_that_wants_text_gets_it() {
        let mut talk = Talk::new(Dialect::Original, wishes(), Some("word".to_owned()));
        let said = talk.read(&Message::text("0{}"));
        assert!(matches!(&said[..], [Said::Reply(Message::Text(text))] if text.as_str() == r#"40{"token":"word"}"#));
        assert!(matches!(&talk.read(&Message::text("40{}"))[..], [Said::Ready(_)]));
        assert_eq!(talk.frame(&outgoing(0)).len(), 2, "a picture as it is");
        let said = talk.read(&Message::text(r#"42["error",{"message":"not a picture"}]"#));
        assert!(matches!(&said[..], [Said::Complaint { message, .. }] if message == "not a picture"));
        let [Message::Text(text)] = &talk.frame(&outgoing(1))[..] else { panic!("one message") };
        assert!(text.as_str().contains("data:image/jpeg;base64,/9g=") && text.as_str().contains("\"timestamp\":2.0"));
        assert!(
            matches!(&talk.read(&Message::text("2"))[..], [Said::Reply(Message::Text(pong))] if pong.as_str() == "3")
        );
    }

    #[test]
    fn a_backend_that_says_nothing_gets_text_after_a_while() {
        let mut talk = Talk::new(Dialect::Original, wishes(), None);
        let counts: Vec<usize> = (0..8).map(|sequence| talk.frame(&outgoing(sequence)).len()).collect();
        assert_eq!(counts, [2, 2, 2, 2, 2, 2, 1, 1]);
    }

    #[test]
    fn whoever_comes_back_is_new_and_somebody_else_after_long() {
        let mut talk = Talk::new(Dialect::Original, wishes(), None);
        let mut read = |body: &str| {
            let said = talk.read(&Message::text(format!(r#"42["pose_data",{{"body":[{body}]}}]"#)));
            let [Said::Answer(answer)] = &said[..] else { panic!("{said:?}") };
            let Seen::Original(_, person, is_new) = answer.seen else { panic!("{answer:?}") };
            (person, is_new)
        };
        let point = r#"{"name":"nose","x":0.5,"y":0.5,"z":0.0}"#;
        assert_eq!(read(point), (0, false));
        read("");
        assert_eq!(read(point), (0, true));
        for _ in 0..50 {
            read("");
        }
        assert_eq!(read(point), (1, true));
    }

    #[test]
    fn closing_says_what_to_do() {
        let close = |code: u16, reason: &'static str| {
            let frame = tungstenite::protocol::CloseFrame { code: code.into(), reason: reason.into() };
            Talk::new(Dialect::Stream, wishes(), None).read(&Message::Close(Some(frame))).remove(0)
        };
        assert!(matches!(close(3500, ""), Said::Refused(text) if text.contains("--remote-token")));
        assert!(matches!(close(3504, "16 of 16"), Said::Refused(text) if text.contains("16 of 16")));
        assert!(matches!(close(1001, ""), Said::Over(text) if text.contains("shut down")));
        assert!(matches!(close(4321, ""), Said::Over(text) if text.contains("4321")));
    }

    #[test]
    fn junk_is_junk_and_nothing_panics() {
        let mut stream = Talk::new(Dialect::Stream, wishes(), None);
        let mut original = Talk::new(Dialect::Original, wishes(), None);
        for length in 0..200_usize {
            let bytes: Vec<u8> = (0..length).map(|index| (index * 37 + length * 11) as u8).collect();
            let text: String = bytes.iter().map(|byte| char::from(byte % 128)).collect();
            for message in
                [Message::Binary(bytes.into()), Message::text(text.clone()), Message::text(format!("42{text}"))]
            {
                for said in stream.read(&message).into_iter().chain(original.read(&message)) {
                    assert!(!matches!(said, Said::Answer(_)), "{message:?}");
                }
            }
        }
    }

    #[test]
    fn numbers_of_no_body_are_left_out() {
        let pose = |value: f32, count: usize| {
            let person = schema::Person {
                landmarks: vec![value; count],
                world: vec![0.5; 165],
                size_px: 100.0,
                ..schema::Person::default()
            };
            let pose = schema::Pose { sequence: 3, people: vec![person; 12], ..schema::Pose::default() };
            match read_stream(&binary::encode(server_message::Kind::Pose(pose))) {
                Said::Answer(answer) => answer.seen.into_people(10, 10).len(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(pose(1.0, 165), MAX_PEOPLE as usize, "and no more than can be shown");
        assert_eq!([pose(f32::NAN, 165), pose(1e30, 165), pose(1.0, 164), pose(1.0, 0)], [0; 4]);
    }
}
