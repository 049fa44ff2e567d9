//! From an address to an open websocket.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_with_config};

use super::RemoteError;
use super::address::{Dialect, RemoteTarget};

/// An open connection.
pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An answer is never larger, bytes; what is, is an attack or a mistake.
const MOST_MESSAGE: usize = 4 << 20;
/// The system keeps so many bytes of what was sent at most: frames wait here, where newer ones can take their place.
const SEND_BUFFER: u32 = 64 << 10;

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// Another try may fare better.
    Lost(String),
    /// The server does not want this client.
    Refused(String),
}

fn lost(reason: impl Into<String>) -> Failure {
    Failure::Lost(reason.into())
}

/// The system's certificates, and those of a file.
///
/// # Errors
/// [`RemoteError::Certificate`].
pub(super) fn encryption(ca: Option<&Path>) -> Result<Arc<ClientConfig>, RemoteError> {
    let mut roots = RootCertStore::empty();
    // Those that cannot be used are left out: what is missing shows itself when a server is not trusted.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let mut failure = String::from("the system's certificates cannot be used");
    if let Some(path) = ca {
        let wrong = |reason: String| RemoteError::Certificate { path: path.to_owned(), reason };
        let found: Result<Vec<_>, _> =
            CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?.collect();
        let found = found.map_err(|error| wrong(error.to_string()))?;
        if found.is_empty() {
            return Err(wrong("there is none in it".to_owned()));
        }
        for certificate in found {
            roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
        }
        failure = path.display().to_string();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| RemoteError::Certificate { path: failure.into(), reason: error.to_string() })?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Opens a connection. Takes as long as the network does; the caller knows how long that may be.
pub(super) async fn connect(target: &RemoteTarget) -> Result<Socket, Failure> {
    let address = &target.address;
    let stream = open_tcp(&address.host, address.port).await?;
    let stream = if address.tls {
        let config = encryption(target.ca.as_deref()).map_err(|error| Failure::Refused(error.to_string()))?;
        let name = ServerName::try_from(address.host.clone())
            .map_err(|_| Failure::Refused(format!("{} is no name that a certificate can bear", address.host)))?;
        let tls = TlsConnector::from(config).connect(name, stream).await.map_err(|error| untrusted(&error))?;
        MaybeTlsStream::Rustls(tls)
    } else {
        MaybeTlsStream::Plain(stream)
    };
    let mut request = address.handshake().into_client_request().map_err(|error| Failure::Refused(error.to_string()))?;
    if let Some(token) = target.token.as_deref().filter(|token| !token.is_empty()) {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Failure::Refused("there is a letter in the token that belongs into none".to_owned()))?;
        value.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    let config = WebSocketConfig::default().max_message_size(Some(MOST_MESSAGE)).max_frame_size(Some(MOST_MESSAGE));
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(error) => Err(no_websocket(&error, address.dialect)),
    }
}

async fn open_tcp(host: &str, port: u16) -> Result<TcpStream, Failure> {
    let found = lookup_host((host, port)).await;
    let found = found.map_err(|error| lost(format!("no machine is called {host} ({error}); check the spelling")))?;
    let mut failure = format!("no machine is called {host}; check the spelling");
    for address in found {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let opened = match socket {
            Ok(socket) => {
                // Where the system does not allow it, more lies in its buffer.
                let _ = socket.set_send_buffer_size(SEND_BUFFER);
                socket.connect(address).await
            }
            Err(error) => Err(error),
        };
        match opened {
            Ok(stream) => {
                // A small message must not wait for a larger one.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => failure = format!("nobody answers at {address} ({error}); is the server running?"),
        }
    }
    Err(lost(failure))
}

fn untrusted(error: &std::io::Error) -> Failure {
    let text = error.to_string();
    if text.contains("certificate") {
        return Failure::Refused(format!("its certificate is not trusted ({text}); name it with --remote-ca FILE"));
    }
    lost(format!("no encrypted connection ({text}); does the server speak TLS on this port?"))
}

fn no_websocket(error: &tungstenite::Error, dialect: Dialect) -> Failure {
    let tungstenite::Error::Http(response) = error else {
        return lost(format!("no websocket can be opened ({error}); does an inference server listen there?"));
    };
    match response.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Failure::Refused("the token is wrong or missing; give it with --remote-token".to_owned())
        }
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Failure::Refused(
            "it has as many clients as it takes; wait until one leaves, or raise the server's limit".to_owned(),
        ),
        StatusCode::NOT_FOUND if dialect == Dialect::Stream => {
            lost("there is no LiveDance stream at this path; for an original backend write socketio+http://")
        }
        status => lost(format!("the server answers {status}; does an inference server listen there?")),
    }
}
