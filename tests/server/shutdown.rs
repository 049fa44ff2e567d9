//! How a server ends: everybody is told, what is ready is sent whole, and it takes no longer than it may.

use std::time::{Duration, Instant};

use livedance::server::ServerOptions;
use livedance::wire::schema;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{
    Client, Heard, PATIENCE, Program, demo, encode, frame, get, metric, options, raw_close_code, start, start_with,
    stop, until, upgraded,
};

/// Sends frames until the server says goodbye; returns how many were answered and the close code.
async fn stream(address: std::net::SocketAddr) -> (u64, u16) {
    let mut client = Client::connect(address).await;
    let picture = &demo(1)[0];
    let mut answered = 0;
    for sequence in 0.. {
        // The last one may go to a connection that is closing.
        let message = tokio_tungstenite::tungstenite::Message::Binary(encode(frame(sequence, picture)).into());
        let _ = futures_util::SinkExt::send(&mut client.0, message).await;
        match client.hear_within(Duration::from_millis(33)).await {
            None => {}
            Some(Heard::Message(schema::server_message::Kind::Pose(_))) => answered += 1,
            Some(Heard::Closed(code, _)) => return (answered, code),
            Some(other) => panic!("{other:?}"),
        }
    }
    unreachable!("sequences do not end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_everybody_is_told() {
    let server = start(ServerOptions { workers: 2, ..options() });
    let address = server.address();
    let clients: Vec<_> = (0..8).map(|_| tokio::spawn(stream(address))).collect();
    until("all of them are served", async || metric(address, "livedance_answers_total").await >= 24.0).await;
    let began = Instant::now();
    stop(server).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut answered = 0;
    for client in clients {
        let (answers, code) = client.await.expect("every message was whole");
        assert_eq!(code, 1001);
        answered += answers;
    }
    assert!(answered > 0);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newcomers_hear_that_it_ends() {
    let server = start_with(|limits| (limits.handshake, limits.drain) = (PATIENCE, PATIENCE));
    let address = server.address();
    let mut silent = Client::connect(address).await;
    silent.assert_alive().await;
    assert_eq!(get(address, "/health", "").await.unwrap().0, 200);
    // A request whose body is on its way keeps the server for as long as the test needs it.
    let mut under_way = TcpStream::connect(address).await.unwrap();
    let head = "POST /estimate_pose HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\
                Expect: 100-continue\r\n\r\n";
    under_way.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    timeout(PATIENCE, under_way.read_exact(&mut answer)).await.expect("the server answers").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100", "it waits for the body");
    let ending = tokio::spawn(stop(server));
    until("it says so", async || get(address, "/health", "").await.is_ok_and(|(status, _)| status == 503)).await;
    let mut late = Client::connect(address).await;
    assert_eq!(late.close_code().await, 1001);
    drop(under_way);
    ending.await.unwrap();
    assert_eq!(silent.close_code().await, 1001);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_hold_it_up() {
    let server = start_with(|limits| limits.drain = Duration::from_secs(1));
    let address = server.address();
    let mut sockets = Vec::new();
    for index in 0..20 {
        let socket = TcpStream::connect(address).await.unwrap();
        sockets.push(if index % 2 == 0 { upgraded(socket, "/v1/stream").await } else { socket });
    }
    let began = Instant::now();
    stop(server).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    for mut socket in sockets.into_iter().step_by(2) {
        assert_eq!(raw_close_code(&mut socket).await, 1001);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_ends_the_program_politely() {
    let mut program = tokio::task::spawn_blocking(|| Program::start(&[])).await.unwrap();
    let clients: Vec<_> = (0..4).map(|_| tokio::spawn(stream(program.address))).collect();
    until("all of them are served", async || metric(program.address, "livedance_answers_total").await >= 12.0).await;
    let began = Instant::now();
    program.terminate();
    let status = tokio::task::spawn_blocking(move || program.child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    for client in clients {
        assert_eq!(client.await.expect("every message was whole").1, 1001);
    }
}
