//! Connections: accepted, secured, handed to the routes, ended in time.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::connection::{Connection, Place};
use super::crowd::Crowd;
use super::hub::Hub;
use super::watched_socket::{WatchedIo, WatchedSocket};

/// The smallest that the HTTP library takes: websockets keep theirs for as long as they live.
const HTTP_BUFFER: usize = 8 << 10;
/// What the system keeps for a peer that does not read. Answers that wait there are old when they arrive, and cannot be
/// overtaken by newer ones; several megabytes, as systems would keep, are half a minute of them.
const SEND_BUFFER: u32 = 128 << 10;
/// Connections that wait for their turn to be accepted.
const BACKLOG: u32 = 1024;
/// Connections that are no clients: pages, health checks, metrics; for all and for one address.
const SPARE_CONNECTIONS: usize = 256;
const SPARE_OF_ADDRESS: usize = 64;
/// Most connections whatever the limits say.
const MOST_CONNECTIONS: usize = 1 << 20;
/// Pause after the system refused a connection, as for want of file descriptors.
const REFUSED: Duration = Duration::from_millis(50);

/// Listens. To be called on a runtime.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Elsewhere this would let two programs listen at once.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Accepted connections take it over.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// What every connection gets.
struct Door {
    tls: Option<TlsAcceptor>,
    router: Router,
    hub: Arc<Hub>,
    ending: watch::Receiver<bool>,
    crowd: Arc<Mutex<Crowd>>,
}

/// Accepts connections until `ending` is set, then waits until the last one of them has ended. Those that come meanwhile
/// hear that the server ends.
pub(super) async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    hub: Arc<Hub>,
    mut ending: watch::Receiver<bool>,
) {
    let most = hub.options.limits.clients.min(MOST_CONNECTIONS) + SPARE_CONNECTIONS;
    let room = Arc::new(Semaphore::new(most));
    let door = Door { tls, router, hub, ending: ending.clone(), crowd: Arc::default() };
    tokio::select! {
        () = door.keep(&listener, &room) => {}
        () = is_set(&mut ending) => {}
    }
    let spare = Arc::new(Semaphore::new(SPARE_CONNECTIONS));
    tokio::select! {
        () = door.keep(&listener, &spare) => {}
        _ = room.acquire_many(most as u32) => {}
    }
}

impl Door {
    /// Lets connections in, for as long as it is polled.
    async fn keep(&self, listener: &TcpListener, room: &Arc<Semaphore>) {
        let limits = &self.hub.options.limits;
        let mut is_refused = false;
        loop {
            // Those that wait for room wait in the system's own line.
            let Ok(permit) = Arc::clone(room).acquire_owned().await else { return };
            let accepted = listener.accept().await;
            if let Err(error) = &accepted {
                if !is_refused {
                    tracing::warn!("connections cannot be accepted: {error}");
                }
                is_refused = true;
                tokio::time::sleep(REFUSED).await;
            }
            let Ok((stream, peer)) = accepted else { continue };
            is_refused = false;
            let address = peer.ip().to_canonical();
            let is_proxy = self.hub.options.trusted_proxies.contains(&address);
            let share = if is_proxy { usize::MAX } else { limits.clients_per_address.saturating_add(SPARE_OF_ADDRESS) };
            let Some(place) = Place::take(&self.crowd, address, share, permit) else {
                tracing::debug!("{peer}: too many connections of this address");
                continue;
            };
            let connection = Connection::new(stream, place);
            let (tls, router, hub) = (self.tls.clone(), self.router.clone(), Arc::clone(&self.hub));
            let ending = self.ending.clone();
            tokio::spawn(async move { secure(connection, peer, tls, router, &hub, ending).await });
        }
    }
}

async fn secure(
    stream: Connection,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    hub: &Hub,
    ending: watch::Receiver<bool>,
) {
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
    let is_late = *ending.borrow();
    let limits = &hub.options.limits;
    let handshake = limits.handshake;
    // What is said to a client that reads too slowly comes first.
    let patience = limits.slow_reader * 2;
    let watched = Arc::new(WatchedSocket::new(Arc::clone(&hub.leaving), patience));
    let stream = WatchedIo::new(stream, Arc::clone(&watched));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(Arc::clone(&watched));
        let request = request.map(|body| TimedBody::new(body, handshake));
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(handshake)
        .max_buf_size(HTTP_BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // Whatever went wrong with it, the client knows as much.
        _ = connection.as_mut() => {}
        () = is_set(&mut ending), if !is_late => {
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

/// A request's body that must be there in time.
struct TimedBody {
    body: Incoming,
    /// `None` where there is no body.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl TimedBody {
    fn new(body: Incoming, time: Duration) -> Self {
        let deadline = (!body.is_end_stream()).then(|| Box::pin(tokio::time::sleep(time)));
        Self { body, deadline }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err("the request took too long".into())));
        }
        Pin::new(&mut self.body).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
