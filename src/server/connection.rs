//! The socket of one connection: how many of them there may be, and how it ends.

use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::client::lock;
use super::crowd::Crowd;

/// What a peer still sends is read for so long after the last byte of ours.
const LINGER: Duration = Duration::from_secs(10);
/// It is over sooner where nothing comes for so long.
const LINGER_SILENCE: Duration = Duration::from_secs(1);
const WASTE: usize = 16 << 10;

/// A place among all, as of connections, and among those of one address. Dropping it gives both back.
pub(super) struct Place {
    crowd: Arc<Mutex<Crowd>>,
    address: IpAddr,
    _room: OwnedSemaphorePermit,
}

impl Place {
    /// `None` where `address` has `most` already.
    pub(super) fn take(
        crowd: &Arc<Mutex<Crowd>>,
        address: IpAddr,
        most: usize,
        room: OwnedSemaphorePermit,
    ) -> Option<Self> {
        lock(crowd).enter(address, most).then(|| Self { crowd: Arc::clone(crowd), address, _room: room })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.crowd).leave(self.address);
    }
}

/// An accepted connection. Dropping it ends it so that the peer gets the last bytes: a socket that is closed while it
/// holds bytes that nobody read is reset, and then the peer never sees why.
pub(super) struct Connection {
    /// Taken when it is dropped.
    stream: Option<(TcpStream, Place)>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, place: Place) -> Self {
        // Answers are small and must not wait for more.
        let _ = stream.set_nodelay(true);
        Self { stream: Some((stream, place)) }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let stream = self.stream.as_mut().map(|(stream, _)| Pin::new(stream));
        stream.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let (Some((stream, place)), Ok(runtime)) = (self.stream.take(), Handle::try_current()) {
            runtime.spawn(linger(stream, place));
        }
    }
}

/// Says that nothing more will come, and reads what still does.
async fn linger(mut stream: TcpStream, _place: Place) {
    let read_on = async {
        stream.shutdown().await?;
        let mut waste = vec![0; WASTE];
        while timeout(LINGER_SILENCE, stream.read(&mut waste)).await.is_ok_and(|read| read.is_ok_and(|bytes| bytes > 0))
        {
        }
        Ok::<(), io::Error>(())
    };
    // However it ends, it has ended.
    let _ = timeout(LINGER, read_on).await;
}
