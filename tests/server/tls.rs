//! TLS by certificate files. The certificate of `certificate/` is for these tests alone: its key is known to all.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use livedance::server::{Limits, RunningServer, ServerError, ServerOptions, TlsFiles};
use livedance::wire::schema;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

use crate::support::*;

fn certificate() -> PathBuf {
    packaged("tests/server/certificate/test-cert.pem")
}

fn key() -> PathBuf {
    packaged("tests/server/certificate/test-key.pem")
}

fn secured() -> ServerOptions {
    let limits = Limits { handshake: Duration::from_millis(600), ..Limits::default() };
    ServerOptions { tls: Some(TlsFiles { certificate: certificate(), key: key() }), limits, ..options() }
}

/// A client that trusts the test's certificate and no other.
fn trusting() -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

async fn secure_get(address: SocketAddr, path: &str) -> String {
    let socket = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut socket = TlsConnector::from(trusting()).connect(name, socket).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("the server answers").unwrap();
    String::from_utf8(answer).unwrap()
}

async fn secure_client(address: SocketAddr) -> Client {
    let url = format!("wss://localhost:{}/v1/stream", address.port());
    let connector = Some(Connector::Rustls(trusting()));
    let (socket, _) = connect_async_tls_with_config(url, None, true, connector).await.unwrap();
    Client(socket)
}

#[tokio::test]
async fn https_and_wss_work() {
    let server = start(secured());
    let address = server.address();
    let answer = secure_get(address, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
    let mut client = secure_client(address).await;
    assert_eq!(client.configure(schema::Configure::default()).await.model, "lite");
    assert_eq!(client.track(0, &demo(1)[0]).await.people.len(), 1);
    drop(client);
    stop(server).await;
}

#[tokio::test]
async fn whoever_is_connected_hears_that_the_server_ends() {
    let server = start(secured());
    let mut client = secure_client(server.address()).await;
    client.assert_alive().await;
    let leave = async {
        let code = client.close_code().await;
        drop(client);
        code
    };
    assert_eq!(tokio::join!(leave, stop(server)).0, 1001);
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_let_go_in_time() {
    let server = start(secured());
    let address = server.address();
    // The first bytes of a handshake, whose length is never reached.
    let half: &[u8] = &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];
    for (what, bytes) in
        [("plain text", &b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"[..]), ("half", half), ("nothing", b"")]
    {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let ended = timeout(PATIENCE, socket.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "{what}: the connection stays");
        assert!(!answer.starts_with(b"HTTP"), "{what}: {answer:?}");
    }
    // A handshake that is whole, and then no request.
    let socket = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut socket = TlsConnector::from(trusting()).connect(name, socket).await.unwrap();
    let mut answer = Vec::new();
    assert!(timeout(PATIENCE, socket.read_to_end(&mut answer)).await.is_ok(), "the connection stays");
    assert!(secure_get(address, "/health").await.ends_with("ok\n"), "others are served");
    stop(server).await;
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let garbled = folder.path().join("garbled.pem");
    let text = std::fs::read_to_string(key()).unwrap();
    let middle = text.lines().nth(1).unwrap().to_owned();
    std::fs::write(&garbled, text.replace(&middle, "????")).unwrap();
    let missing = folder.path().join("missing.pem");
    for (certificate, key, bad, word) in [
        (missing.clone(), key(), "missing.pem", "No such file"),
        (certificate(), missing.clone(), "missing.pem", "No such file"),
        (empty.clone(), key(), "empty.pem", "no certificate"),
        (certificate(), empty.clone(), "empty.pem", "no private key"),
        (key(), certificate(), "test-key.pem", "no certificate"),
        (certificate(), certificate(), "test-cert.pem", "no private key"),
        (certificate(), garbled.clone(), "garbled.pem", ""),
    ] {
        let tls = Some(TlsFiles { certificate, key });
        let Err(error) = RunningServer::start(ServerOptions { tls, ..options() }) else { panic!("{bad}: it starts") };
        assert!(matches!(error, ServerError::Tls { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(bad) && text.contains("PEM"), "{text}");
        assert!(word.is_empty() || cfg!(windows) || text.contains(word), "{word} in: {text}");
    }
}
