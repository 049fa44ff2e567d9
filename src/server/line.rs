//! A connection's bytes, watched: whether its client still reads, and a way to end it from outside.
//!
//! Every connection has its patience. The ways in whose library keeps the socket to itself ask for less of it, by
//! [`Line::expect_reading`]: they have no other means to notice a client that does not read.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Sleep;

use super::error::Farewell;

/// A ping of Engine.IO as a server's websocket frame, and its answer as a client's.
const PING: [u8; 3] = [0x81, 0x01, b'2'];
const PONG: [u8; 7] = [0x81, 0x81, 0, 0, 0, 0, b'3'];
/// A close frame of a server that says no reason, as the library writes it, and the same with code 1001.
const CLOSE: [u8; 2] = [0x88, 0x00];
const GOING_AWAY: [u8; 4] = [0x88, 0x02, 0x03, 0xe9];
/// What is to happen to the first such ping: nothing, it is waited for, its answer is due.
const PASS: u8 = 0;
const AWAITED: u8 = 1;
const DUE: u8 = 2;

/// What is known about one connection.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// How long the client may leave bytes unread.
    patience: Duration,
    /// The same where somebody asked for less.
    strict_patience: OnceLock<Duration>,
    cut: OnceLock<Option<Farewell>>,
    stuck: AtomicBool,
    freed: Notify,
    reader: AtomicWaker,
    writer: AtomicWaker,
    first_ping: AtomicU8,
    /// Set once the server ends: close frames without a reason get that one.
    is_leaving: Arc<AtomicBool>,
}

impl Line {
    /// The connection ends when its client leaves bytes unread for longer than `patience`.
    pub(super) fn new(is_leaving: Arc<AtomicBool>, patience: Duration) -> Self {
        Self { patience, is_leaving, ..Self::default() }
    }

    /// From now on it ends after so long already. The first who asks is heard.
    pub(super) fn expect_reading(&self, patience: Duration) {
        let _ = self.strict_patience.set(patience.min(self.patience));
    }

    fn patience(&self) -> Duration {
        self.strict_patience.get().copied().unwrap_or(self.patience)
    }

    /// Answers the first ping here, on behalf of a client that expects it one interval later.
    pub(super) fn answer_first_ping(&self) {
        self.first_ping.store(AWAITED, SeqCst);
    }

    /// Ends the connection at once. What was not sent yet is lost.
    pub(super) fn cut(&self) {
        self.end(None);
    }

    fn end(&self, reason: Option<Farewell>) {
        let _ = self.cut.set(reason);
        self.freed.notify_waiters();
        self.reader.wake();
        self.writer.wake();
    }

    /// Why it was ended here, if it was for a reason.
    pub(super) fn farewell(&self) -> Option<Farewell> {
        self.cut.get().copied().flatten()
    }

    fn is_cut(&self) -> bool {
        self.cut.get().is_some()
    }

    /// Waits until what was written has left for the client, or never will. May be cancelled.
    pub(super) async fn until_free(&self) {
        loop {
            let freed = self.freed.notified();
            if !self.stuck.load(SeqCst) || self.is_cut() {
                return;
            }
            freed.await;
        }
    }
}

/// A connection whose [`Line`] others may hold.
pub(super) struct WatchedIo<S> {
    inner: S,
    line: Arc<Line>,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WatchedIo<S> {
    pub(super) fn new(inner: S, line: Arc<Line>) -> Self {
        Self { inner, line, deadline: None }
    }

    /// Runs one step of writing, and notes whether it got on.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        step: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        self.line.writer.register(cx.waker());
        if self.line.is_cut() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if let Poll::Ready(result) = step(Pin::new(&mut self.inner), cx) {
            self.deadline = None;
            if self.line.stuck.swap(false, SeqCst) {
                self.line.freed.notify_waiters();
            }
            return Poll::Ready(result);
        }
        self.line.stuck.store(true, SeqCst);
        let patience = self.line.patience();
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(deadline.as_mut().poll(cx));
        self.line.end(Some(Farewell::SlowReader(patience)));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for WatchedIo<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.line.reader.register(cx.waker());
        if self.line.is_cut() {
            return Poll::Ready(Ok(()));
        }
        if self.line.first_ping.compare_exchange(DUE, PASS, SeqCst, SeqCst).is_ok() {
            buffer.put_slice(&PONG);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WatchedIo<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let is_ping = bytes.starts_with(&PING);
        if is_ping && self.line.first_ping.compare_exchange(AWAITED, DUE, SeqCst, SeqCst).is_ok() {
            self.line.reader.wake();
            return Poll::Ready(Ok(PING.len()));
        }
        if bytes == CLOSE && self.line.is_leaving.load(SeqCst) {
            // Four bytes go at once, or the connection has no room left for a farewell.
            return self
                .watch(cx, |inner, cx| inner.poll_write(cx, &GOING_AWAY))
                .map_ok(|written| written.min(bytes.len()));
        }
        self.watch(cx, |inner, cx| inner.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.watch(cx, |inner, cx| inner.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch(cx, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch(cx, AsyncWrite::poll_shutdown)
    }
}
