//! Clients that take their time, or all the time there is.

use std::time::{Duration, Instant};

use livedance::wire::schema;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::{Client, blank, encode, metric, raw_frame, start_with, stop, until, upgraded};

const SHORT: Duration = Duration::from_millis(600);
/// Well within this, on a machine that has other work.
const SOON: Duration = Duration::from_secs(10);

/// Sends one byte after the other until the server has enough of it; returns how long that took.
async fn dribble(socket: &mut TcpStream, mut bytes: impl Iterator<Item = u8>) -> Duration {
    let began = Instant::now();
    while began.elapsed() < SOON {
        if socket.write_all(&[bytes.next().unwrap_or(b'a')]).await.is_err() {
            break;
        }
        if let Ok(read) = timeout(Duration::from_millis(50), socket.read(&mut [0; 512])).await
            && read.is_ok_and(|bytes| bytes == 0)
        {
            break;
        }
    }
    began.elapsed()
}

#[tokio::test]
async fn who_never_says_what_it_wants_is_closed() {
    let server = start_with(|limits| limits.handshake = SHORT);
    let began = Instant::now();
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    let read = timeout(SOON, silent.read(&mut [0; 64])).await.expect("it is closed");
    assert!(read.is_ok_and(|bytes| bytes == 0) && began.elapsed() >= SHORT, "{:?}", began.elapsed());
    stop(server).await;
}

#[tokio::test]
async fn headers_that_come_byte_by_byte_are_cut_off() {
    let server = start_with(|limits| limits.handshake = SHORT);
    for head in ["GET /v1/stream HTTP/1.1\r\nUpgrade: websocket\r\nX: ", "GET /", "\r\n\r\n\r\n"] {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        let took = dribble(&mut socket, head.bytes()).await;
        assert!(took < SOON, "{head:?}: {took:?}");
    }
    // Too many of them at once are no request either.
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(64 << 10)).as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = timeout(SOON, socket.read_to_string(&mut answer)).await.expect("it is closed");
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    stop(server).await;
}

#[tokio::test]
async fn a_request_that_ended_leaves_no_idle_connection() {
    let server = start_with(|limits| limits.handshake = SHORT);
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(SOON, socket.read_to_string(&mut answer)).await.expect("it is closed").unwrap();
    assert!(answer.ends_with("ok\n"), "{answer}");
    stop(server).await;
}

#[tokio::test]
async fn who_does_not_answer_pings_is_closed() {
    let server = start_with(|limits| limits.idle = SHORT);
    let address = server.address();
    // It is there for longer than the other one, and says as little of its own accord.
    let mut alive = Client::connect(address).await;
    // A client that is not polled answers nothing, like one whose cable was pulled.
    let mut silent = Client::connect(address).await;
    until("the silent one is closed", async || {
        assert!(alive.hear_within(Duration::from_millis(50)).await.is_none(), "pings are answered unseen");
        metric(address, "livedance_closed_total{code=\"idle\"}").await >= 1.0
    })
    .await;
    alive.assert_alive().await;
    assert_eq!(silent.close_code().await, 1008);
    until("it has left", async || metric(address, "livedance_clients{transport=\"binary\"}").await < 2.0).await;
    stop(server).await;
}

#[tokio::test]
async fn a_frame_that_comes_byte_by_byte_is_silence() {
    let server = start_with(|limits| limits.idle = SHORT);
    let mut socket = upgraded(TcpStream::connect(server.address()).await.unwrap(), "/v1/stream").await;
    // A masked binary frame of 60,000 bytes.
    socket.write_all(&[0x82, 0xfe, 0xea, 0x60, 1, 2, 3, 4]).await.unwrap();
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < SOON, "it goes on");
        let _ = socket.write_all(&[7]).await;
        let mut byte = [0; 1];
        if let Ok(peeked) = timeout(Duration::from_millis(50), socket.peek(&mut byte)).await {
            assert_eq!(peeked.unwrap(), 1, "closed without a word");
            let (opcode, payload) = raw_frame(&mut socket).await.unwrap();
            if opcode == 8 {
                assert_eq!(payload[..2], 1008_u16.to_be_bytes());
                break;
            }
        }
    }
    stop(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_reads_is_told_and_closed() {
    let server = start_with(|limits| limits.slow_reader = SHORT);
    let address = server.address();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8 << 10).unwrap();
    let socket = upgraded(socket.connect(address).await.unwrap(), "/v1/stream").await;
    let (mut read, mut write) = socket.into_split();
    // Questions without end, whose answers are left unread.
    let ping = encode(schema::client_message::Kind::Ping(schema::Ping { token: u64::MAX }));
    let mut asked = vec![0x82, 0x80 | ping.len() as u8, 0, 0, 0, 0];
    asked.extend(ping);
    let asked = asked.repeat(1000);
    let asking = tokio::spawn(async move { while write.write_all(&asked).await.is_ok() {} });

    let mut other = Client::connect(address).await;
    let began = Instant::now();
    let mut tracked = 0;
    while metric(address, "livedance_closed_total{code=\"slow_reader\"}").await < 1.0 {
        assert!(began.elapsed() < SOON * 2, "it is never noticed");
        assert_eq!(other.track(tracked, &blank(64, 64)).await.sequence, tracked, "nobody else is held up");
        tracked += 1;
    }
    assert!(tracked > 0);
    let mut heard = Vec::new();
    let _ = timeout(SOON, read.read_to_end(&mut heard)).await.expect("it is closed");
    let at = heard.windows(4).rposition(|part| part[0] == 0x88 && part[2..] == 3008_u16.to_be_bytes());
    assert!(at.is_some(), "the last thing that is heard is why: {:02x?}", &heard[heard.len().saturating_sub(80)..]);
    asking.abort();
    other.assert_alive().await;
    stop(server).await;
}
