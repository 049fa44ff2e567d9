//! Connections: accepted, secured, handed to the routes, ended in time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::hub::Hub;

/// The smallest that the HTTP library takes: websockets keep theirs for as long as they live.
const HTTP_BUFFER: usize = 8 << 10;
/// Connections that are no clients: pages, health checks, metrics.
const SPARE_CONNECTIONS: usize = 256;
/// Pause after the system refused a connection, as for want of file descriptors.
const REFUSED: Duration = Duration::from_millis(50);

/// Accepts connections until `ending` is set, then waits until the last one has ended.
pub(super) async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    hub: Arc<Hub>,
    mut ending: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(hub.options.limits.clients + SPARE_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        // Those that wait for room wait in the system's own line.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
        let accepted = tokio::select! {
            () = is_set(&mut ending) => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                let (tls, router, hub, ending) = (tls.clone(), router.clone(), Arc::clone(&hub), ending.clone());
                connections.spawn(async move {
                    secure(stream, peer, tls, router, &hub, ending).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(REFUSED).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn secure(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    hub: &Hub,
    ending: watch::Receiver<bool>,
) {
    // Answers are small and must not wait for more.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return serve(stream, peer, router, hub, ending).await;
    };
    match tokio::time::timeout(hub.options.limits.handshake, tls.accept(stream)).await {
        Ok(Ok(stream)) => serve(stream, peer, router, hub, ending).await,
        Ok(Err(error)) => tracing::debug!("{peer}: no TLS: {error}"),
        Err(_) => tracing::debug!("{peer}: TLS took too long"),
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    router: Router,
    hub: &Hub,
    mut ending: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(hub.options.limits.handshake)
        .max_buf_size(HTTP_BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // Whatever went wrong with it, the client knows as much.
        _ = connection.as_mut() => {}
        () = is_set(&mut ending) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Waits until the server ends.
async fn is_set(ending: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which is an end too.
    drop(ending.wait_for(|ending| *ending).await);
}
