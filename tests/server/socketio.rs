//! Socket.IO by hand, as the original clients speak it: Engine.IO 4 over websockets and over polling.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use livedance::server::ServerOptions;
use livedance::wire::data_url;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::support::{Client, PATIENCE, blank, demo, options, start, stop};

const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

/// Opening the models takes a while, and must not hold up a runtime.
macro_rules! started {
    ($options:expr) => {{
        let options = $options;
        tokio::task::spawn_blocking(|| start(options)).await.unwrap()
    }};
}

/// A client on a websocket.
struct SocketIo(Client);

impl SocketIo {
    /// Up to the server's answer to the connection, which is returned.
    async fn connect(address: SocketAddr, path: &str, auth: &Value) -> (Self, String) {
        let mut client = Self(Client::with(address, path, &[]).await.unwrap());
        assert!(client.hear().await.unwrap().starts_with("0{"));
        client.say(&format!("40{auth}")).await;
        let answer = client.hear().await.unwrap();
        (client, answer)
    }

    async fn welcome(address: SocketAddr) -> Self {
        let (client, answer) = Self::connect(address, WEBSOCKET, &json!({})).await;
        assert!(answer.starts_with("40{\"sid\":"), "{answer}");
        client
    }

    async fn say(&mut self, text: &str) {
        self.0.0.send(Message::Text(text.into())).await.unwrap();
    }

    async fn emit(&mut self, frame: &Value) {
        self.say(&format!("42{}", json!(["frame", frame]))).await;
    }

    async fn emit_binary(&mut self, frame: &Value, picture: &[u8]) {
        self.say(&format!("451-{}", json!(["frame", frame]))).await;
        self.0.0.send(Message::Binary(picture.to_vec().into())).await.unwrap();
    }

    /// The next packet, pings aside; `None` where the connection has ended.
    async fn hear(&mut self) -> Option<String> {
        loop {
            match timeout(PATIENCE, self.0.0.next()).await.expect("the server says something") {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => self.say("3").await,
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next event's name and argument.
    async fn event(&mut self) -> (String, Value) {
        let packet = self.hear().await.unwrap();
        event(&packet)
    }
}

fn event(packet: &str) -> (String, Value) {
    let body: Value = serde_json::from_str(packet.strip_prefix("42").expect(packet)).unwrap();
    (body[0].as_str().unwrap().to_owned(), body[1].clone())
}

/// A request of a polling client: status and body.
async fn request(address: SocketAddr, method: &str, query: &str, more: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{method} /socket.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nHost: {address}\r\n{more}");
    let rest = format!("Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

async fn poll(address: SocketAddr, sid: &str) -> String {
    let (status, body) = request(address, "GET", &format!("&sid={sid}"), "", "").await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn post(address: SocketAddr, sid: &str, body: &str) {
    let answer = request(address, "POST", &format!("&sid={sid}"), "", body).await;
    assert_eq!(answer, (200, "ok".to_owned()));
}

async fn open_polling(address: SocketAddr) -> String {
    let (_, body) = request(address, "GET", "", "", "").await;
    let opening: Value = serde_json::from_str(&body[1..]).unwrap();
    assert_eq!(opening["maxPayload"], 4 << 20);
    opening["sid"].as_str().unwrap().to_owned()
}

/// Polls until there is an event.
async fn polled_event(address: SocketAddr, sid: &str) -> (String, Value) {
    loop {
        let payload = poll(address, sid).await;
        for packet in payload.split('\x1e') {
            if packet == "2" {
                post(address, sid, "3").await;
            } else if packet.starts_with("42") {
                return event(packet);
            }
        }
    }
}

#[tokio::test]
async fn old_and_new_clients_get_their_answers() {
    // Before anybody is kept waiting.
    let picture = &demo(1)[0];
    let server = started!(options());
    let mut client = SocketIo::welcome(server.address()).await;
    client.emit(&json!({"image": data_url::encode_jpeg(picture), "sequence": 7, "timestamp": 12.5})).await;
    let (name, result) = client.event().await;
    assert_eq!((name.as_str(), &result["sequence"], &result["dropped"]), ("pose_result", &json!(7), &json!(0)));
    assert_eq!(result["body"].as_array().unwrap().len(), 17);
    assert!(result["timings"]["total_backend"].as_f64().unwrap() > 0.0);
    client.emit_binary(&json!({"image": {"_placeholder": true, "num": 0}, "sequence": 8}), picture).await;
    assert_eq!(client.event().await.1["sequence"], 8);

    let mut old = SocketIo::welcome(server.address()).await;
    old.emit(&json!({"image": data_url::encode_jpeg(picture)})).await;
    let (name, result) = old.event().await;
    assert_eq!((name.as_str(), result.get("sequence")), ("pose_data", None));
    drop((client, old));
    stop(server).await;
}

#[tokio::test]
async fn polling_clients_get_the_same_and_may_change_over() {
    let picture = data_url::encode_jpeg(&demo(1)[0]);
    let server = started!(options());
    let address = server.address();
    let sid = open_polling(address).await;
    post(address, &sid, "40").await;
    let frame = |sequence: u64| {
        let frame = json!({"image": picture, "sequence": sequence});
        format!("42{}", json!(["frame", frame]))
    };
    post(address, &sid, &frame(1)).await;
    assert_eq!(polled_event(address, &sid).await.1["sequence"], 1);

    let mut socket = SocketIo(Client::with(address, &format!("{WEBSOCKET}&sid={sid}"), &[]).await.unwrap());
    socket.say("2probe").await;
    assert_eq!(socket.hear().await.as_deref(), Some("3probe"));
    socket.say("5").await;
    socket.say(&frame(2)).await;
    assert_eq!(socket.event().await.1["sequence"], 2);
    let (status, _) = request(address, "GET", &format!("&sid={sid}"), "", "").await;
    assert_eq!(status, 400, "the session is on the websocket now");
    drop(socket);
    stop(server).await;
}

#[tokio::test]
async fn bad_frames_are_answered_and_the_connection_lives_on() {
    let server = started!(options());
    let mut client = SocketIo::welcome(server.address()).await;
    let good = data_url::encode_jpeg(&blank(64, 64));
    let cut_off = data_url::encode_jpeg(&blank(64, 64)[..300]);
    let huge = data_url::encode_jpeg(&blank(5000, 8));
    for (frame, code, sequence) in [
        (json!({"sequence": 1}), "bad_message", json!(1)),
        (json!({"image": 5, "sequence": 2}), "bad_message", json!(2)),
        (json!({"image": "***", "sequence": 3}), "bad_image", json!(3)),
        (json!({"image": "aGVsbG8=", "sequence": 4}), "bad_image", json!(4)),
        (json!({"image": cut_off, "sequence": 5}), "bad_image", json!(5)),
        (json!({"image": huge, "sequence": 6}), "image_too_large", json!(6)),
        (json!({"image": good, "sequence": "7"}), "bad_sequence", json!(null)),
        (json!({"image": good, "sequence": 7.5}), "bad_sequence", json!(null)),
        (json!({"image": good, "sequence": -7}), "bad_sequence", json!(null)),
        (json!({"image": good, "sequence": 1_u64 << 53}), "bad_sequence", json!(null)),
        (json!({"image": good, "sequence": 8, "timestamp": 1e300}), "bad_message", json!(8)),
        (json!({"image": good, "sequence": 9, "timestamp": "noon"}), "bad_message", json!(9)),
        (json!("frame"), "bad_message", json!(null)),
    ] {
        client.emit(&frame).await;
        let (name, error) = client.event().await;
        assert_eq!((name.as_str(), &error["code"], &error["sequence"]), ("error", &json!(code), &sequence), "{error}");
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    client.emit(&json!({"image": good, "sequence": 100})).await;
    assert_eq!(client.event().await.1["sequence"], 100);
    drop(client);
    stop(server).await;
}

#[tokio::test]
async fn a_token_may_come_with_the_connection() {
    let server = started!(ServerOptions { token: Some("s3cret".to_owned()), ..options() });
    let address = server.address();
    for (path, auth, welcome) in [
        (WEBSOCKET.to_owned(), json!({"token": "s3cret"}), true),
        (format!("{WEBSOCKET}&token=s3cret"), json!({}), true),
        (WEBSOCKET.to_owned(), json!({"token": "wrong"}), false),
        (WEBSOCKET.to_owned(), json!({"token": 5}), false),
        (WEBSOCKET.to_owned(), json!({}), false),
    ] {
        let (_client, answer) = SocketIo::connect(address, &path, &auth).await;
        let expected = if welcome { "40{\"sid\":" } else { "44{\"message\":\"bad_token: " };
        assert!(answer.starts_with(expected), "{auth}: {answer}");
    }
    stop(server).await;
}

#[tokio::test]
async fn whoever_is_one_too_many_hears_so_and_is_let_go() {
    let mut options = options();
    options.limits.clients = 1;
    options.limits.handshake = Duration::from_millis(300);
    let server = started!(options);
    let first = SocketIo::welcome(server.address()).await;
    let (mut second, answer) = SocketIo::connect(server.address(), WEBSOCKET, &json!({})).await;
    assert!(answer.starts_with("44{\"message\":\"too_many_clients: "), "{answer}");
    while second.hear().await.is_some() {}
    drop(first);
    // Whoever leaves makes room.
    let deadline = Instant::now() + PATIENCE;
    while !SocketIo::connect(server.address(), WEBSOCKET, &json!({})).await.1.starts_with("40") {
        assert!(Instant::now() < deadline, "there is no room yet");
    }
    stop(server).await;
}

#[tokio::test]
async fn pages_of_other_hosts_stay_out() {
    let server = started!(options());
    let address = server.address();
    let (status, _) = request(address, "GET", "", "Origin: https://elsewhere.example\r\n", "").await;
    assert_eq!(status, 403);
    let origin = [("origin", "https://elsewhere.example")];
    assert!(Client::with(address, WEBSOCKET, &origin).await.is_err());
    let sid = open_polling(address).await;
    assert!(Client::with(address, &format!("{WEBSOCKET}&sid={sid}"), &origin).await.is_err());
    stop(server).await;
}

#[tokio::test]
async fn clients_are_told_when_the_server_ends() {
    let server = started!(options());
    let address = server.address();
    let mut socket = SocketIo::welcome(address).await;
    let sid = open_polling(address).await;
    post(address, &sid, "40").await;
    // The answer to the connection, and the first ping.
    poll(address, &sid).await;
    let told = tokio::spawn(async move {
        let mut heard = String::new();
        while !heard.contains('1') {
            heard = request(address, "GET", &format!("&sid={sid}"), "", "").await.1;
        }
        heard
    });
    // Its poll waits by then; between two polls there is no way to tell it.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let start = Instant::now();
    let ended = tokio::spawn(stop(server));
    assert_eq!(socket.hear().await.as_deref(), Some("1"));
    assert_eq!(socket.0.close_code().await, 1001);
    assert!(told.await.unwrap().contains('1'));
    drop(socket);
    ended.await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(6));
}
