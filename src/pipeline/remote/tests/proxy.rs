//! A network between client and server that can be cut, stopped, delayed and slowed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, sleep_until};

use super::{runtime, spawn};

/// What the network is like now.
#[derive(Debug, Default)]
pub(super) struct Weather {
    /// Connections are closed, and new ones at once.
    pub(super) is_cut: AtomicBool,
    /// Connections stay open and nothing gets through.
    pub(super) is_stopped: AtomicBool,
    /// Each way takes so many milliseconds longer.
    pub(super) delay_ms: AtomicU64,
    /// Bytes a second each way; 0 is as many as there are.
    pub(super) bytes_a_second: AtomicU64,
}

/// Starts a network to a port; returns its own.
pub(super) fn start(to: u16) -> (u16, Arc<Weather>) {
    let weather = Arc::new(Weather::default());
    let (seen, (tell, told)) = (Arc::clone(&weather), mpsc::channel());
    spawn("fake-network", move || {
        runtime().block_on(async move {
            let socket = TcpSocket::new_v4().expect("a socket");
            // As little as a narrow way holds.
            socket.set_recv_buffer_size(16 << 10).expect("a smaller buffer");
            socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port is free");
            let listener: TcpListener = socket.listen(16).expect("listens");
            tell.send(listener.local_addr().expect("an address").port()).expect("the test waits");
            while let Ok((client, _)) = listener.accept().await {
                if seen.is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)).await else { continue };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(carry(from_client, to_server, Arc::clone(&seen)));
                tokio::spawn(carry(from_server, to_client, Arc::clone(&seen)));
            }
        });
    });
    (told.recv().expect("the network starts"), weather)
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, weather: Arc<Weather>) {
    let (late, mut due) = tokio::sync::mpsc::channel::<(Instant, Vec<u8>)>(4096);
    let (writing, seen) = (Arc::clone(&weather), Arc::clone(&weather));
    let writer = tokio::spawn(async move {
        while let Some((at, bytes)) = due.recv().await {
            sleep_until(at).await;
            while writing.is_stopped.load(Ordering::SeqCst) {
                sleep(Duration::from_millis(5)).await;
            }
            if writing.is_cut.load(Ordering::SeqCst) || to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 2048];
    let read = async {
        while let Ok(length) = from.read(&mut buffer).await {
            if length == 0 {
                return;
            }
            let rate = seen.bytes_a_second.load(Ordering::SeqCst);
            if rate > 0 {
                sleep(Duration::from_secs_f64(length as f64 / rate as f64)).await;
            }
            let at = Instant::now() + Duration::from_millis(seen.delay_ms.load(Ordering::SeqCst));
            if late.send((at, buffer[..length].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let cut = async {
        while !weather.is_cut.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = read => {}
        () = cut => writer.abort(),
    }
}
