//! A server on a free port, clients that connect to it, and pictures for them to send.
#![allow(dead_code, reason = "each group of tests takes what it needs")]

use std::io::Cursor;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use image::codecs::jpeg::JpegEncoder;
use livedance::capture::{self, SourceSpec};
use livedance::server::{Limits, RunningServer, ServerOptions};
use livedance::settings::{HandsMode, ModelVariant, Settings};
use livedance::wire::schema::{self, client_message, server_message};
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Whatever takes longer than this never comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A file of the package.
pub(crate) fn packaged(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The smallest server: a free port, the lite model, no hands, one worker.
pub(crate) fn options() -> ServerOptions {
    let settings = Settings { model: ModelVariant::Lite, hands: HandsMode::Off, ..Settings::default() };
    ServerOptions { workers: 1, ..ServerOptions::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), settings) }
}

/// The same with hands.
pub(crate) fn options_with_hands() -> ServerOptions {
    let mut options = options();
    options.settings.hands = HandsMode::On;
    options
}

/// A server that runs until it is dropped.
pub(crate) struct Server(Option<RunningServer>);

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        self.0.as_ref().unwrap().address()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(server) = self.0.take() {
            let ending = std::thread::Builder::new().spawn(|| server.stop());
            let _ = ending.map(std::thread::JoinHandle::join);
        }
    }
}

pub(crate) fn start(options: ServerOptions) -> Server {
    // A runtime must not wait for another one: the server starts and ends on threads of its own.
    let starting = std::thread::Builder::new().spawn(|| RunningServer::start(options)).unwrap();
    Server(Some(starting.join().unwrap().unwrap()))
}

/// The smallest server with other limits.
pub(crate) fn start_with(change: impl FnOnce(&mut Limits)) -> Server {
    let mut options = options();
    change(&mut options.limits);
    start(options)
}

/// Ends a server without holding up the clients that live on this thread's runtime.
pub(crate) async fn stop(mut server: Server) {
    let server = server.0.take().unwrap();
    tokio::task::spawn_blocking(|| server.stop()).await.unwrap();
}

/// The first pictures of the bundled demo, 640x480, as JPEG files; a person walks and waves.
pub(crate) fn demo(count: usize) -> &'static [Vec<u8>] {
    const MOST: usize = 90;
    static PICTURES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let pictures = PICTURES.get_or_init(|| {
        let mut source = capture::open(&SourceSpec::Path(packaged("assets/demo/demo.mp4"))).unwrap();
        let frames = std::iter::from_fn(|| source.next_frame().unwrap());
        frames.take(MOST).map(|frame| jpeg(frame.image.width, frame.image.height, &frame.image.data)).collect()
    });
    &pictures[..count]
}

/// A JPEG file of these pixels.
pub(crate) fn jpeg(width: u32, height: u32, rgb: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(Cursor::new(&mut file), 90);
    encoder.encode(rgb, width, height, image::ExtendedColorType::Rgb8).unwrap();
    file
}

/// A JPEG file of one grey.
pub(crate) fn blank(width: u32, height: u32) -> Vec<u8> {
    jpeg(width, height, &vec![127; (width * height * 3) as usize])
}

/// A picture as a message.
pub(crate) fn frame(sequence: u64, jpeg: &[u8]) -> client_message::Kind {
    frame_at(sequence, sequence * 33_333 + 1, jpeg)
}

/// The same with the client's own time.
pub(crate) fn frame_at(sequence: u64, captured_at_us: u64, jpeg: &[u8]) -> client_message::Kind {
    client_message::Kind::Frame(schema::Frame { sequence, captured_at_us, jpeg: jpeg.to_vec().into() })
}

/// A message's bytes.
pub(crate) fn encode(kind: client_message::Kind) -> Vec<u8> {
    schema::ClientMessage { kind: Some(kind) }.encode_to_vec()
}

/// What the server said last.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A whole message of the binary stream.
    Message(server_message::Kind),
    /// A text, as the JSON stream has them.
    Text(serde_json::Value),
    /// A close frame's code and reason.
    Closed(u16, String),
    /// The connection ended without a close frame.
    Lost(String),
}

/// A websocket client of the stream.
pub(crate) struct Client(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// The binary stream.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::with(address, "/v1/stream", &[]).await.unwrap()
    }

    /// The stream's form in JSON.
    pub(crate) async fn connect_json(address: SocketAddr) -> Self {
        Self::with(address, "/v1/stream?format=json", &[]).await.unwrap()
    }

    /// Any path, with more headers.
    pub(crate) async fn with(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
        }
        let (socket, _) = timeout(PATIENCE, connect_async(request)).await.expect("the server answers")?;
        Ok(Self(socket))
    }

    pub(crate) async fn send(&mut self, kind: client_message::Kind) {
        self.raw(Message::Binary(encode(kind).into())).await;
    }

    pub(crate) async fn text(&mut self, value: &serde_json::Value) {
        self.raw(Message::Text(value.to_string().into())).await;
    }

    pub(crate) async fn raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// The next thing that the server says, pings aside.
    pub(crate) async fn hear(&mut self) -> Heard {
        self.hear_within(PATIENCE).await.expect("the server says something")
    }

    /// `None` where it says nothing for so long.
    pub(crate) async fn hear_within(&mut self, time: Duration) -> Option<Heard> {
        let next = async {
            loop {
                return match self.0.next().await {
                    None => Heard::Lost("it ended".to_owned()),
                    Some(Err(error)) => Heard::Lost(error.to_string()),
                    Some(Ok(Message::Binary(bytes))) => {
                        let message = schema::ServerMessage::decode(bytes).expect("a whole message");
                        Heard::Message(message.kind.expect("a kind that is known"))
                    }
                    Some(Ok(Message::Text(text))) => Heard::Text(serde_json::from_str(&text).expect("whole JSON")),
                    Some(Ok(Message::Close(Some(frame)))) => Heard::Closed(frame.code.into(), frame.reason.to_string()),
                    Some(Ok(Message::Close(None))) => Heard::Closed(1005, String::new()),
                    Some(Ok(_)) => continue,
                };
            }
        };
        timeout(time, next).await.ok()
    }

    pub(crate) async fn message(&mut self) -> server_message::Kind {
        match self.hear().await {
            Heard::Message(kind) => kind,
            heard => panic!("{heard:?} in the place of a message"),
        }
    }

    pub(crate) async fn pose(&mut self) -> schema::Pose {
        match self.message().await {
            server_message::Kind::Pose(pose) => pose,
            other => panic!("{other:?} in the place of a pose"),
        }
    }

    pub(crate) async fn error(&mut self) -> schema::Error {
        match self.message().await {
            server_message::Kind::Error(error) => error,
            other => panic!("{other:?} in the place of an error"),
        }
    }

    pub(crate) async fn json(&mut self) -> serde_json::Value {
        match self.hear().await {
            Heard::Text(value) => value,
            heard => panic!("{heard:?} in the place of a text"),
        }
    }

    /// The close frame's code; whatever comes before it is left aside.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            match self.hear().await {
                Heard::Closed(code, _) => return code,
                Heard::Lost(error) => panic!("no close frame: {error}"),
                Heard::Message(_) | Heard::Text(_) => {}
            }
        }
    }

    pub(crate) async fn configure(&mut self, asked: schema::Configure) -> schema::Configured {
        self.send(client_message::Kind::Configure(asked)).await;
        match self.message().await {
            server_message::Kind::Configured(configured) => configured,
            other => panic!("{other:?} in the place of what holds"),
        }
    }

    /// Sends a picture and waits for what was seen in it.
    pub(crate) async fn track(&mut self, sequence: u64, jpeg: &[u8]) -> schema::Pose {
        self.send(frame(sequence, jpeg)).await;
        self.pose().await
    }

    /// Whether the connection still answers.
    pub(crate) async fn assert_alive(&mut self) {
        self.send(client_message::Kind::Ping(schema::Ping { token: 77 })).await;
        loop {
            if let server_message::Kind::Pong(pong) = self.message().await {
                assert_eq!(pong.token, 77);
                return;
            }
        }
    }
}

/// A connection that has asked for the stream by hand, and was let in.
pub(crate) async fn upgraded(mut socket: TcpStream, path: &str) -> TcpStream {
    let host = socket.peer_addr().unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, socket.read_u8()).await.expect("the server answers").unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    socket
}

/// The next frame of a websocket, unmasked as servers send them: opcode and payload.
pub(crate) async fn raw_frame(socket: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let read = async {
        let opcode = socket.read_u8().await? & 0x0f;
        let length = match socket.read_u8().await? {
            126 => usize::from(socket.read_u16().await?),
            127 => socket.read_u64().await? as usize,
            length => usize::from(length),
        };
        let mut payload = vec![0; length];
        socket.read_exact(&mut payload).await?;
        Ok((opcode, payload))
    };
    timeout(PATIENCE, read).await.expect("the server says something")
}

/// The code of the close frame that comes, whatever comes before.
pub(crate) async fn raw_close_code(socket: &mut TcpStream) -> u16 {
    loop {
        let (opcode, payload) = raw_frame(socket).await.expect("a close frame before the end");
        if opcode == 8 {
            return u16::from_be_bytes([payload[0], payload[1]]);
        }
    }
}

/// One request over a connection of its own: status and body.
pub(crate) async fn get(address: SocketAddr, path: &str, headers: &str) -> std::io::Result<(u16, String)> {
    let mut socket = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    timeout(PATIENCE, socket.read_to_string(&mut answer)).await.expect("the server answers")?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}

/// A counter's value in `GET /metrics`; 0 where it was never counted.
pub(crate) async fn metric(address: SocketAddr, line: &str) -> f64 {
    let (status, text) = get(address, "/metrics", "").await.unwrap();
    assert_eq!(status, 200, "{text}");
    let value = text.lines().find_map(|found| found.strip_prefix(line)?.trim().parse().ok());
    value.unwrap_or(0.0)
}

/// Waits until this is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}: never"));
}

/// The program itself as a server, for what can only be seen from outside: signals, memory, open files.
pub(crate) struct Program {
    pub(crate) child: std::process::Child,
    pub(crate) address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Program {
    /// Runs it on a free port with the lite model and no hands, and what else is asked for.
    pub(crate) fn start(more: &[&str]) -> Self {
        use std::io::{BufRead as _, BufReader};
        let folder = tempfile::tempdir().unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_livedance"));
        for (name, _) in std::env::vars_os() {
            let ours = name.to_string_lossy().starts_with("LIVEDANCE_") && name != "LIVEDANCE_RUNTIME";
            if ours || name == "RUST_LOG" {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(["serve", "--addr", "127.0.0.1:0", "--model", "lite", "--no-hands"])
            .args(more)
            .env("LIVEDANCE_CONFIG", folder.path().join("settings.toml"))
            .env("RUST_LOG", "error")
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended: {said}");
            if let Some(rest) = line.strip_prefix("listening on http://") {
                break rest.split([' ', '/']).next().unwrap().parse().unwrap();
            }
            said.push_str(&line);
        };
        // What it says later must not fill the pipe.
        let read_on = move || drop(std::io::copy(&mut stderr, &mut std::io::sink()));
        std::thread::Builder::new().spawn(read_on).unwrap();
        Self { child, address, _folder: folder }
    }

    /// Resident memory, bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Open files.
    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        let _ = std::process::Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
