//! Two servers behind HAProxy with the very file of `deploy`. `scripts/check_balancer.sh` installs what this needs.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::net::TcpSocket;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::program::{Program, daemon, serve};
use crate::support::*;

struct Setup {
    balancer: SocketAddr,
    servers: [(Program, SocketAddr); 2],
    _haproxy: Program,
}

/// `None`, said aloud, where this machine has no HAProxy.
async fn setup() -> Option<Setup> {
    let haproxy = daemon("haproxy")?;
    let servers = [(); 2].map(|()| serve(&["--trusted-proxy", "127.0.0.1"]));
    let balancer = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let mut command = Command::new(haproxy);
    command.args(["-db", "-f"]).arg(packaged("deploy/haproxy.cfg")).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("LIVEDANCE_BIND", balancer.to_string());
    command.env("LIVEDANCE_FIRST", servers[0].1.to_string()).env("LIVEDANCE_SECOND", servers[1].1.to_string());
    let haproxy = Program::start(&mut command);
    until("the balancer", async || matches!(get(balancer, "/health", "").await, Ok((200, _)))).await;
    Some(Setup { balancer, servers, _haproxy: haproxy })
}

/// What `/api/status` says about clients that are there.
async fn clients(server: SocketAddr) -> Vec<Value> {
    let (status, text) = get(server, "/api/status", "").await.unwrap();
    assert_eq!(status, 200, "{text}");
    let mut status: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(status["clients"].take()).unwrap()
}

/// Connects until that works, as clients do.
async fn connect(address: SocketAddr) -> Client {
    let mut client = None;
    until("a connection", async || {
        client = Client::with(address, "/v1/stream", &[]).await.ok();
        client.is_some()
    })
    .await;
    client.unwrap()
}

#[tokio::test]
async fn clients_are_spread_and_counted_by_their_own_addresses() {
    let Some(setup) = setup().await else { return };
    let mut held = Vec::new();
    for _ in 0..6 {
        let mut client = connect(setup.balancer).await;
        client.assert_alive().await;
        held.push(client);
    }
    for (_, server) in &setup.servers {
        assert_eq!(clients(*server).await.len(), 3, "each has half of them");
    }
    drop(held);
    if cfg!(target_os = "linux") {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::new(127, 0, 0, 7), 0).into()).unwrap();
        let socket = socket.connect(setup.balancer).await.unwrap();
        let mut request = format!("ws://{}/v1/stream", setup.balancer).into_client_request().unwrap();
        // What clients claim themselves is not believed.
        request.headers_mut().insert("x-forwarded-for", "9.9.9.9".parse().unwrap());
        let (_socket, _) = client_async(request, socket).await.unwrap();
        until("the client's own address", async || {
            let mut all = clients(setup.servers[0].1).await;
            all.extend(clients(setup.servers[1].1).await);
            assert!(all.iter().all(|client| client["address"] != "9.9.9.9"));
            all.iter().any(|client| client["address"] == "127.0.0.7")
        })
        .await;
    }
}

#[tokio::test]
async fn a_server_that_ends_hands_its_clients_over() {
    let Some(mut setup) = setup().await else { return };
    let pictures = demo(20);
    let mut client = connect(setup.balancer).await;
    for (sequence, jpeg) in pictures.iter().take(5).enumerate() {
        client.track(sequence as u64, jpeg).await;
    }
    let mine = usize::from(clients(setup.servers[0].1).await.is_empty());
    let other = setup.servers[1 - mine].1;
    setup.servers[mine].0.signal("-TERM");
    assert_eq!(client.close_code().await, 1001);
    let began = Instant::now();
    drop(client);
    let mut client = connect(setup.balancer).await;
    assert_eq!(client.track(5, &pictures[5]).await.people.len(), 1);
    println!("answers from the other server {} ms after the close frame", began.elapsed().as_millis());
    assert_eq!(clients(other).await.len(), 1);
    until("the server's end", async || setup.servers[mine].0.has_ended()).await;
    for (sequence, jpeg) in (6..).zip(&pictures[6..]) {
        client.track(sequence, jpeg).await;
    }
    // Whoever comes now meets the server that is there.
    for _ in 0..5 {
        assert!(Client::with(setup.balancer, "/v1/stream", &[]).await.is_ok());
        assert_eq!(get(setup.balancer, "/health", "").await.unwrap().0, 200);
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_out() {
    let Some(setup) = setup().await else { return };
    setup.servers[0].0.signal("-STOP");
    let mut in_a_row = 0;
    until("answers of the other one alone", async || {
        let asked = tokio::time::timeout(Duration::from_millis(900), get(setup.balancer, "/health", "")).await;
        in_a_row = if matches!(asked, Ok(Ok((200, _)))) { in_a_row + 1 } else { 0 };
        in_a_row >= 10
    })
    .await;
    let mut client = connect(setup.balancer).await;
    assert_eq!(client.track(0, &demo(1)[0]).await.people.len(), 1);
    assert_eq!(clients(setup.servers[1].1).await.len(), 1);
    setup.servers[0].0.signal("-CONT");
}
