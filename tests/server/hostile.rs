//! Clients that break the rules, by accident or on purpose: each is told so, and nobody else notices.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::SinkExt as _;
use livedance::motion::random::Random;
use livedance::wire::schema;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::support::{
    Client, Heard, blank, demo, encode, frame, frame_at, get, options, raw_close_code, start, start_with, stop, until,
    upgraded,
};

/// A JPEG's header that claims 65,535 pixels a side, and nothing after it.
const JPEG_BOMB: [u8; 23] =
    [0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0xff, 0xff, 0xff, 0xff, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda];

#[tokio::test]
async fn a_message_over_the_limit_ends_the_connection() {
    let server = start_with(|limits| limits.message_bytes = 64 << 10);
    let mut client = Client::connect(server.address()).await;
    client.raw(Message::Binary(vec![0xff; 64 << 10].into())).await;
    assert_eq!(client.error().await.code, "bad_message", "as large as may be");
    client.raw(Message::Binary(vec![0; (64 << 10) + 1].into())).await;
    assert_eq!(client.close_code().await, 1009);
    let mut json = Client::connect_json(server.address()).await;
    json.raw(Message::Text("x".repeat(100 << 10).into())).await;
    assert_eq!(json.close_code().await, 1009);
    stop(server).await;
}

#[tokio::test]
async fn the_reason_arrives_though_the_client_still_sends() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    // Far more than fits into both systems' buffers: it goes on long after the server has said no.
    let _ = client.0.send(Message::Binary(vec![1; 64 << 20].into())).await;
    assert_eq!(client.close_code().await, 1009);
    stop(server).await;
}

#[tokio::test]
async fn pictures_are_measured_before_they_are_decoded() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    let mut png = Vec::new();
    image::GrayImage::new(5000, 5000).write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    for (sequence, bomb) in [&JPEG_BOMB[..], &png, &blank(4104, 8)].into_iter().enumerate() {
        let began = Instant::now();
        client.send(frame(sequence as u64, bomb)).await;
        let error = client.error().await;
        assert!(matches!(error.code.as_str(), "image_too_large" | "bad_image"), "{error:?}");
        assert_eq!(error.sequence, Some(sequence as u64));
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    assert!(client.track(9, &demo(1)[0]).await.people.len() == 1, "it lives on");
    stop(server).await;
}

#[tokio::test]
async fn what_is_no_picture_is_refused() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    let whole = &demo(1)[0];
    let mut damaged = whole.clone();
    damaged.truncate(whole.len() / 3);
    let mut passes = whole[..whole.len() - 2].to_vec();
    passes.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0].repeat(2000));
    passes.extend([0xff, 0xd9]);
    let bad = [&b""[..], b"GIF89a and so on", b"no picture", &whole[2..], &damaged, &passes];
    for (sequence, bytes) in bad.into_iter().enumerate() {
        client.send(frame(sequence as u64, bytes)).await;
        let error = client.error().await;
        assert_eq!((error.code.as_str(), error.sequence), ("bad_image", Some(sequence as u64)), "{error:?}");
    }
    assert_eq!(client.track(9, whole).await.people.len(), 1);
    stop(server).await;
}

#[tokio::test]
async fn json_that_says_nothing_sensible_is_refused() {
    let server = start_with(|_| {});
    let mut client = Client::connect_json(server.address()).await;
    for text in [
        "",
        "[]",
        "null",
        "{}",
        r#"{"type":"frame","sequence":1,"image":"data:image/jpeg;base64,****"}"#,
        r#"{"type":"frame","sequence":"1","image":""}"#,
        r#"{"type":"frame","sequence":1.5,"image":""}"#,
        r#"{"type":"frame","sequence":-1,"image":""}"#,
        r#"{"type":"frame","sequence":NaN,"image":""}"#,
        r#"{"type":"frame","sequence":1e400,"image":""}"#,
        r#"{"type":"frame","sequence":1,"image":["a"]}"#,
        r#"{"type":"configure","people":"two"}"#,
        r#"{"type":"configure","short_side":-3}"#,
        r#"{"type":"configure","smoothing":"strong"}"#,
        r#"{"type":"configure","nothing":1}"#,
        &"[".repeat(50_000),
    ] {
        client.raw(Message::Text(text.into())).await;
        let error = client.json().await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("bad_message")), "{text:.60}: {error}");
    }
    client.text(&json!({"type": "ping", "token": 5})).await;
    assert_eq!(client.json().await, json!({"type": "pong", "token": 5}));
    stop(server).await;
}

#[tokio::test]
async fn sequences_must_rise() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    let picture = blank(64, 64);
    assert_eq!(client.track(7, &picture).await.sequence, 7);
    for (sequence, code) in
        [(7, "stale_sequence"), (0, "stale_sequence"), (1 << 53, "bad_sequence"), (u64::MAX, "bad_sequence")]
    {
        client.send(frame_at(sequence, 1, &picture)).await;
        let error = client.error().await;
        assert_eq!((error.code.as_str(), error.sequence), (code, Some(sequence)));
    }
    for sequence in [8, (1 << 53) - 1] {
        client.send(frame_at(sequence, 1, &picture)).await;
        assert_eq!(client.pose().await.sequence, sequence);
    }
    stop(server).await;
}

#[tokio::test]
async fn too_many_frames_are_refused() {
    let server = start_with(|limits| limits.frames_per_second = 5);
    let mut client = Client::connect(server.address()).await;
    let picture = blank(64, 64);
    for sequence in 0..20 {
        client.send(frame(sequence, &picture)).await;
    }
    let mut refused = 0;
    while let Some(heard) = client.hear_within(Duration::from_millis(1500)).await {
        if let Heard::Message(schema::server_message::Kind::Error(error)) = heard {
            assert_eq!(error.code, "rate_limit");
            refused += 1;
        }
    }
    assert!(refused >= 5, "{refused}");
    client.assert_alive().await;
    stop(server).await;
}

#[tokio::test]
async fn pages_of_other_hosts_stay_out() {
    let mut options = options();
    options.allow_origins = vec!["https://friend.example".to_owned()];
    let server = start(options);
    let address = server.address();
    let connect = async |origin: &str| Client::with(address, "/v1/stream", &[("origin", origin)]).await;
    for origin in ["https://evil.example", "null", "https://friend.example.evil.example", "http://127.0.0.1.evil"] {
        match connect(origin).await.err() {
            Some(tungstenite::Error::Http(response)) => assert_eq!(response.status(), 403, "{origin}"),
            other => panic!("{origin}: {other:?}"),
        }
    }
    for origin in ["https://friend.example", "http://localhost:5173"] {
        connect(origin).await.expect(origin).assert_alive().await;
    }
    let (status, _) = get(server.address(), "/metrics", "Origin: https://evil.example\r\n").await.unwrap();
    assert_eq!(status, 403);
    stop(server).await;
}

#[tokio::test]
async fn without_the_token_nobody_comes_in() {
    let server = start(livedance::server::ServerOptions { token: Some("s3cret".to_owned()), ..options() });
    let address = server.address();
    for (path, headers) in [
        ("/v1/stream", &[][..]),
        ("/v1/stream?token=S3cret", &[][..]),
        ("/v1/stream", &[("authorization", "Bearer s3cre")][..]),
        ("/v1/stream?format=json", &[][..]),
    ] {
        let mut client = Client::with(address, path, headers).await.expect("upgraded, to be told why");
        assert_eq!(client.close_code().await, 3500, "{path}");
    }
    Client::with(address, "/v1/stream?token=s3cret", &[]).await.unwrap().assert_alive().await;
    Client::with(address, "/v1/stream", &[("authorization", "Bearer s3cret")]).await.unwrap().assert_alive().await;
    assert_eq!(get(address, "/metrics", "").await.unwrap().0, 401);
    assert_eq!(get(address, "/metrics", "Authorization: Bearer s3cret\r\n").await.unwrap().0, 200);
    assert_eq!(get(address, "/health", "").await.unwrap().0, 200, "whoever watches over it needs no token");
    stop(server).await;
}

#[tokio::test]
async fn a_full_server_says_so() {
    for limits in [(2, 9), (9, 2)] {
        let server = start_with(|all| (all.clients, all.clients_per_address) = limits);
        let address = server.address();
        let mut first = Client::connect(address).await;
        let mut second = Client::connect(address).await;
        first.assert_alive().await;
        second.assert_alive().await;
        assert_eq!(Client::connect(address).await.close_code().await, 3504, "{limits:?}");
        drop(first);
        until("there is room again", async || {
            let mut third = Client::connect(address).await;
            third.send(schema::client_message::Kind::Ping(schema::Ping { token: 1 })).await;
            matches!(third.hear().await, Heard::Message(_))
        })
        .await;
        second.assert_alive().await;
        stop(server).await;
    }
}

#[tokio::test]
async fn connections_that_are_no_clients_are_bounded_too() {
    let server = start_with(|limits| limits.clients_per_address = 1);
    let mut sockets = Vec::new();
    for _ in 0..200 {
        sockets.push(tokio::net::TcpStream::connect(server.address()).await.unwrap());
    }
    // Those over the bound are closed; once the others are gone, there is room.
    until("some are closed", async || {
        let is_closed = |socket: &tokio::net::TcpStream| matches!(socket.try_read(&mut [0; 1]), Ok(0));
        sockets.iter().filter(|socket| is_closed(socket)).count() > 100
    })
    .await;
    drop(sockets);
    until("there is room", async || get(server.address(), "/health", "").await.is_ok_and(|(status, _)| status == 200))
        .await;
    stop(server).await;
}

#[tokio::test]
async fn the_wrong_kind_of_message_ends_the_connection() {
    let server = start_with(|_| {});
    let mut binary = Client::connect(server.address()).await;
    binary.raw(Message::Text("{}".into())).await;
    assert_eq!(binary.close_code().await, 1003);
    let mut json = Client::connect_json(server.address()).await;
    json.raw(Message::Binary(vec![1, 2].into())).await;
    assert_eq!(json.close_code().await, 1003);
    stop(server).await;
}

#[tokio::test]
async fn what_is_no_websocket_is_told_so() {
    use tokio::io::AsyncWriteExt as _;
    let server = start_with(|_| {});
    for (bytes, code) in [
        // Not masked; a reserved bit; an opcode that there is none of; a ping in pieces.
        (&[0x82, 0x01, 0x00][..], 1002),
        (&[0xf2, 0x80, 0, 0, 0, 0][..], 1002),
        (&[0x83, 0x80, 0, 0, 0, 0][..], 1002),
        (&[0x09, 0x80, 0, 0, 0, 0][..], 1002),
        // A text that is none.
        (&[0x81, 0x81, 0, 0, 0, 0, 0xff][..], 1007),
    ] {
        let socket = tokio::net::TcpStream::connect(server.address()).await.unwrap();
        let mut socket = upgraded(socket, "/v1/stream?format=json").await;
        socket.write_all(bytes).await.unwrap();
        assert_eq!(raw_close_code(&mut socket).await, code, "{bytes:02x?}");
    }
    stop(server).await;
}

#[tokio::test]
async fn messages_may_come_in_pieces() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    let message = encode(frame(1, &demo(1)[0]));
    let (first, rest) = message.split_at(10);
    let (second, third) = rest.split_at(rest.len() / 2);
    let piece =
        |bytes: &[u8], data, is_last| Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(data), is_last));
    client.raw(piece(first, Data::Binary, false)).await;
    client.raw(Message::Ping(vec![1].into())).await;
    client.raw(piece(second, Data::Continue, false)).await;
    client.raw(piece(third, Data::Continue, true)).await;
    assert_eq!(client.pose().await.people.len(), 1);
    stop(server).await;
}

#[tokio::test]
async fn pieces_count_together() {
    let server = start_with(|limits| limits.message_bytes = 64 << 10);
    let mut client = Client::connect(server.address()).await;
    for index in 0..5 {
        let data = if index == 0 { Data::Binary } else { Data::Continue };
        let piece = Frame::message(vec![0; 20 << 10], OpCode::Data(data), false);
        // It may have ended before the last one.
        let _ = client.0.send(Message::Frame(piece)).await;
    }
    assert_eq!(client.close_code().await, 1009);
    stop(server).await;
}

#[tokio::test]
async fn junk_harms_nobody() {
    let server = start_with(|limits| limits.frames_per_second = 10_000);
    let mut client = Client::connect(server.address()).await;
    let mut random = Random::new(1);
    for _ in 0..500 {
        let length = random.below(200);
        let junk: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        client.raw(Message::Binary(junk.into())).await;
    }
    client.assert_alive().await;
    // Pictures and messages of which a few bytes are wrong.
    let mut sequence = 0;
    for index in 0..60 {
        let mut bytes = demo(4)[index % 4].clone();
        for _ in 0..=random.below(20) {
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
        }
        sequence += 1;
        client.send(frame(sequence, &bytes)).await;
        let heard = client.hear().await;
        assert!(matches!(heard, Heard::Message(_)), "{heard:?}");
    }
    for _ in 0..200 {
        let mut message = encode(frame(sequence, &blank(16, 16)));
        let at = random.below(message.len());
        message[at] = random.below(256) as u8;
        client.raw(Message::Binary(message.into())).await;
    }
    client.assert_alive().await;
    let mut fresh = Client::connect(server.address()).await;
    assert_eq!(fresh.track(0, &demo(1)[0]).await.people.len(), 1, "and the worker is there");
    assert_eq!(get(server.address(), "/health", "").await.unwrap().0, 200);
    stop(server).await;
}

#[tokio::test]
async fn asking_again_and_again_holds_nobody_up() {
    let server = start_with(|_| {});
    let address = server.address();
    let asking = tokio::spawn(async move {
        let mut client = Client::connect(address).await;
        let mut asked = 0_u32;
        loop {
            client.send(frame(asked.into(), &demo(1)[0])).await;
            let configure = schema::Configure { people: Some(asked % 3), ..Default::default() };
            client.send(schema::client_message::Kind::Configure(configure)).await;
            client.hear().await;
            asked += 1;
        }
    });
    let mut client = Client::connect(address).await;
    for _ in 0..100 {
        client.assert_alive().await;
    }
    assert!(!asking.is_finished());
    asking.abort();
    stop(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_costs_only_itself() {
    const FPS: u64 = 10;
    const FRAMES: u64 = 30;
    let server = start(livedance::server::ServerOptions { workers: 2, ..options() });
    let address = server.address();
    let flooded = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&flooded);
    let flood = tokio::spawn(async move {
        let mut client = Client::connect(address).await;
        let picture = &demo(1)[0];
        for sequence in 0.. {
            if client.0.send(Message::Binary(encode(frame(sequence, picture)).into())).await.is_err() {
                return;
            }
            // What comes is read, or the flood would end as a slow reader.
            while let Some(heard) = client.hear_within(Duration::ZERO).await {
                if matches!(heard, Heard::Lost(_) | Heard::Closed(..)) {
                    return;
                }
                let is_answer = matches!(heard, Heard::Message(schema::server_message::Kind::Pose(_)));
                counted.fetch_add(is_answer.into(), Ordering::Relaxed);
            }
        }
    });
    let mut client = Client::connect(address).await;
    let picture = blank(64, 64);
    client.track(0, &picture).await;
    let before = flooded.load(Ordering::Relaxed);
    let mut answered = 0;
    let mut last = 0;
    let mut clock = tokio::time::interval(Duration::from_millis(1000 / FPS));
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    for sequence in 1..=FRAMES {
        clock.tick().await;
        client.send(frame(sequence, &picture)).await;
        while let Some(Heard::Message(schema::server_message::Kind::Pose(pose))) =
            client.hear_within(Duration::from_millis(1)).await
        {
            (answered, last) = (answered + 1, pose.sequence);
        }
    }
    let meanwhile = flooded.load(Ordering::Relaxed) - before;
    while last < FRAMES {
        (answered, last) = (answered + 1, client.pose().await.sequence);
    }
    assert!(!flood.is_finished());
    flood.abort();
    // On a machine that is too slow for both, it gets as much as the flood.
    let fair = meanwhile.min(FRAMES);
    assert!(answered * 5 >= fair * 4, "{answered} of {FRAMES}, and the flood {fair}");
    stop(server).await;
}
