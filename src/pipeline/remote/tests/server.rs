//! A LiveDance server and an original backend that do what a test wants.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use prost::Message as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::{runtime, spawn};
use crate::wire::schema::{self, client_message, server_message};
use crate::wire::{binary, original};

/// What a server does with frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mood {
    /// Answers each.
    #[default]
    Good,
    /// Answers none.
    Silent,
    /// Answers the newest first, and each twice, and others that nobody sent.
    Confused,
    /// Numbers that are none, too few of them, other messages, bytes without meaning.
    Mad,
    /// A message larger than any answer, and it is over.
    Huge,
    /// Closes the connection.
    Gone,
    /// Says that every third frame came too fast.
    Strict,
    /// Complains of nothing in particular before each answer, and of the frame after it.
    Grumbling,
}

/// What a server was told and has seen.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) mood: Mood,
    /// A token that is asked for.
    pub(super) token: Option<&'static str>,
    /// Answers with a close frame at once.
    pub(super) closes_with: Option<u16>,
    /// Without it the original backend numbers nothing, and it only takes text.
    pub(super) is_old: bool,
    /// Connections, and those now open.
    pub(super) connections: u32,
    /// Sequences and times as they came, of all connections.
    pub(super) frames: Vec<(u32, u64, u64)>,
    /// Sizes of the pictures.
    pub(super) sizes: Vec<(u32, u32)>,
    pub(super) ids: u32,
}

pub(super) type Shared = Arc<Mutex<Book>>;

/// Starts a server; returns its port.
pub(super) fn start(is_original: bool) -> (u16, Shared) {
    let shared = Shared::default();
    let (book, (tell, told)) = (Arc::clone(&shared), std::sync::mpsc::channel());
    spawn("fake-server", move || {
        runtime().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
            tell.send(listener.local_addr().expect("an address").port()).expect("the test waits");
            while let Ok((stream, _)) = listener.accept().await {
                let book = Arc::clone(&book);
                tokio::spawn(async move {
                    if is_original { original_backend(stream, book).await } else { stream_server(stream, book).await }
                });
            }
        });
    });
    (told.recv().expect("the server starts"), shared)
}

pub(super) fn set(shared: &Shared, mood: Mood) {
    shared.lock().expect("no panic").mood = mood;
}

fn size_of(jpeg: &[u8]) -> (u32, u32) {
    let decoder = image::ImageReader::new(std::io::Cursor::new(jpeg)).with_guessed_format().expect("a picture");
    decoder.into_dimensions().expect("a picture")
}

/// Somebody in the middle of a picture.
fn person(id: u32, (width, height): (u32, u32)) -> schema::Person {
    let at = |index: usize| [width as f32 / 2.0 + index as f32, height as f32 / 2.0, 0.0, 0.9, 0.9];
    schema::Person {
        id,
        score: 0.9,
        landmarks: (0..33).flat_map(at).collect(),
        world: (0..33).flat_map(|index| [index as f32 / 33.0, 0.1, 0.2, 0.9, 0.9]).collect(),
        size_px: 40.0,
        is_new: false,
        ..schema::Person::default()
    }
}

fn answer(sequence: u64, captured_at_us: u64, id: u32, size: (u32, u32)) -> schema::Pose {
    schema::Pose {
        sequence,
        captured_at_us,
        width: size.0,
        height: size.1,
        people: vec![person(id, size)],
        timings: Some(schema::Timings { pose: 1.0, total: 2.0, ..schema::Timings::default() }),
        dropped: 0,
    }
}

fn binary_message(kind: server_message::Kind) -> Message {
    Message::Binary(binary::encode(kind).into())
}

async fn stream_server(stream: TcpStream, shared: Shared) {
    let token = shared.lock().expect("no panic").token;
    #[expect(clippy::result_large_err, reason = "the library's own type")]
    let check = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let is_right = token.is_none_or(|token| {
            request.headers().get("authorization").is_some_and(|given| given == &format!("Bearer {token}"))
        });
        if is_right {
            return Ok(response);
        }
        let mut refused = ErrorResponse::new(None);
        *refused.status_mut() = tokio_tungstenite::tungstenite::http::StatusCode::UNAUTHORIZED;
        Err(refused)
    };
    let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(stream, check).await else { return };
    let (number, id, closes_with) = {
        let mut book = shared.lock().expect("no panic");
        book.connections += 1;
        // Each connection counts its people for itself.
        book.ids += 10;
        (book.connections, book.ids, book.closes_with)
    };
    if let Some(code) = closes_with {
        let _ = socket.send(Message::Close(Some(CloseFrame { code: code.into(), reason: "".into() }))).await;
        let _ = socket.next().await;
        return;
    }
    let mut kept = Vec::new();
    while let Some(Ok(message)) = socket.next().await {
        let Message::Binary(bytes) = message else { continue };
        let replies = match schema::ClientMessage::decode(&bytes[..]).ok().and_then(|message| message.kind) {
            Some(client_message::Kind::Configure(_)) => {
                vec![binary_message(server_message::Kind::Configured(schema::Configured::default()))]
            }
            Some(client_message::Kind::Frame(frame)) => {
                let size = size_of(&frame.jpeg);
                let mood = {
                    let mut book = shared.lock().expect("no panic");
                    book.frames.push((number, frame.sequence, frame.captured_at_us));
                    book.sizes.push(size);
                    book.mood
                };
                let good = |frame: &schema::Frame| {
                    server_message::Kind::Pose(answer(frame.sequence, frame.captured_at_us, id, size))
                };
                let replies = behave(mood, &frame, size, &good, &mut kept);
                if mood == Mood::Gone {
                    return;
                }
                replies
            }
            _ => Vec::new(),
        };
        for reply in replies {
            if socket.send(reply).await.is_err() {
                return;
            }
        }
    }
}

fn behave(
    mood: Mood,
    frame: &schema::Frame,
    size: (u32, u32),
    good: &dyn Fn(&schema::Frame) -> server_message::Kind,
    kept: &mut Vec<schema::Frame>,
) -> Vec<Message> {
    let error = |code: &str, message: &str, sequence: Option<u64>| {
        let (code, message) = (code.to_owned(), message.to_owned());
        binary_message(server_message::Kind::Error(schema::Error { code, message, sequence }))
    };
    match mood {
        Mood::Silent | Mood::Gone => Vec::new(),
        Mood::Strict if frame.sequence % 3 == 2 => vec![error("rate_limit", "too fast", Some(frame.sequence))],
        Mood::Grumbling => vec![
            error("rate_limit", "something", None),
            binary_message(good(frame)),
            error("tracking", "too late", Some(frame.sequence)),
        ],
        Mood::Good | Mood::Strict => vec![binary_message(good(frame))],
        Mood::Confused => {
            let mut all = vec![
                binary_message(good(&schema::Frame { sequence: frame.sequence + 1_000_000, ..frame.clone() })),
                binary_message(good(frame)),
                binary_message(good(frame)),
            ];
            // Those before come after.
            all.extend(kept.iter().rev().take(3).map(|frame| binary_message(good(frame))));
            kept.push(frame.clone());
            all
        }
        Mood::Mad => {
            let mut wrong = answer(frame.sequence, frame.captured_at_us, 1, size);
            match frame.sequence % 5 {
                0 => wrong.people[0].landmarks[7] = f32::NAN,
                1 => wrong.people[0].world.truncate(99),
                2 => wrong.people[0].size_px = -1.0,
                3 => wrong.people = vec![wrong.people[0].clone(); 500],
                _ => {
                    wrong.timings =
                        Some(schema::Timings { total: f32::NAN, wait: -1e30, ..schema::Timings::default() });
                }
            }
            vec![
                Message::Binary(vec![0xff; 50].into()),
                Message::text("{\"sequence\": NaN}"),
                Message::Binary(Vec::new().into()),
                binary_message(server_message::Kind::Pose(wrong)),
            ]
        }
        Mood::Huge => vec![Message::Binary(vec![0; 6 << 20].into())],
    }
}

async fn original_backend(stream: TcpStream, shared: Shared) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    let (is_old, number) = {
        let mut book = shared.lock().expect("no panic");
        book.connections += 1;
        (book.is_old, book.connections)
    };
    let open = r#"0{"sid":"a","upgrades":[],"pingTimeout":20000,"pingInterval":25000,"maxPayload":1000000}"#;
    let _ = socket.send(Message::text(open)).await;
    let mut head = None;
    while let Some(Ok(message)) = socket.next().await {
        let (data, jpeg) = match message {
            Message::Text(text) if text.as_str().starts_with("40") => {
                let _ = socket.send(Message::text(r#"40{"sid":"b"}"#)).await;
                let _ = socket.send(Message::text("2")).await;
                continue;
            }
            Message::Text(text) if text.as_str().starts_with("451-") => {
                head = serde_json::from_str::<serde_json::Value>(&text.as_str()[4..]).ok();
                continue;
            }
            Message::Text(text) if text.as_str().starts_with("42") => {
                let event: serde_json::Value = serde_json::from_str(&text.as_str()[2..]).expect("an event");
                let url = event[1]["image"].as_str().expect("a picture").to_owned();
                (event, crate::wire::data_url::decode(&url).expect("a data URL"))
            }
            Message::Binary(bytes) => {
                let Some(event) = head.take() else { continue };
                if is_old {
                    let _ = socket.send(Message::text(r#"42["error",{"message":"image must be text"}]"#)).await;
                    continue;
                }
                (event, bytes.to_vec())
            }
            _ => continue,
        };
        let size = size_of(&jpeg);
        let mood = {
            let mut book = shared.lock().expect("no panic");
            let time_us = data[1]["timestamp"].as_f64().unwrap_or_default() * 1e3;
            book.frames.push((number, data[1]["sequence"].as_u64().unwrap_or_default(), time_us as u64));
            book.sizes.push(size);
            book.mood
        };
        let name = if is_old { "pose_data" } else { "pose_result" };
        let text = match mood {
            Mood::Good => {
                let mut result = whole_result();
                result.sequence = data[1]["sequence"].as_u64().filter(|_| !is_old);
                format!("42{}", serde_json::json!([name, result]))
            }
            Mood::Mad => {
                format!(r#"42["{name}",{{"body":[{{"name":"nose","x":NaN,"y":"up","z":null}}],"sequence":-7}}]"#)
            }
            _ => continue,
        };
        if socket.send(Message::text(text)).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Somebody whose 17 points lie about the middle of the picture.
fn whole_result() -> original::PoseResult {
    let body = original::COCO_POINTS
        .iter()
        .enumerate()
        .map(|(place, index)| original::Keypoint {
            name: crate::motion::landmark::POSE_LANDMARK_NAMES[*index].into(),
            x: 0.4 + 0.01 * place as f32,
            y: 0.3 + 0.02 * place as f32,
            z: 0.0,
            visibility: 0.9,
        })
        .collect();
    original::PoseResult { body, ..original::PoseResult::default() }
}
