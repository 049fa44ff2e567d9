//! A connection's bytes, watched: whether its client still reads, and a way to end it from outside.
//!
//! Every connection has its patience. The ways in whose library keeps the socket to itself ask for less of it, by
//! [`WatchedSocket::expect_reading`]: they have no other means to notice a client that does not read.

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
use super::websocket_frames::{FrameEdges, FrameEdits, Step, SwitchingHead};

/// A ping of Engine.IO as a server's websocket frame, and its answer as a client's.
const PING: [u8; 3] = [0x81, 0x01, b'2'];
const PONG: [u8; 7] = [0x81, 0x81, 0, 0, 0, 0, b'3'];
/// A server's close frame that says no reason, and the same with code 1001.
const CLOSE: [u8; 2] = [0x88, 0x00];
const GOING_AWAY: [u8; 4] = [0x88, 0x02, 0x03, 0xe9];
/// What is to happen to the first such ping: nothing, it is waited for, its answer is due.
const PASS: u8 = 0;
const AWAITED: u8 = 1;
const DUE: u8 = 2;

/// What is known about one connection.
#[derive(Debug, Default)]
pub(super) struct WatchedSocket {
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
    /// The next answer but those that are under way is the last one in HTTP.
    is_switching: AtomicBool,
    /// Set once the server ends: close frames without a reason get that one.
    is_leaving: Arc<AtomicBool>,
}

impl WatchedSocket {
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

    /// From the end of the answer that is about to be given, the connection speaks websocket.
    pub(super) fn switch(&self) {
        self.is_switching.store(true, SeqCst);
    }

    /// What goes out in the place of a short frame; `None` for the frame itself.
    fn edit(&self, frame: &[u8]) -> Option<&'static [u8]> {
        if frame == PING && self.first_ping.compare_exchange(AWAITED, DUE, SeqCst, SeqCst).is_ok() {
            self.reader.wake();
            return Some(&[]);
        }
        (frame == CLOSE && self.is_leaving.load(SeqCst)).then_some(&GOING_AWAY)
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

/// A connection whose [`WatchedSocket`] others may hold.
pub(super) struct WatchedIo<S> {
    inner: S,
    socket: Arc<WatchedSocket>,
    deadline: Option<Pin<Box<Sleep>>>,
    speech: Speech,
    /// Frames that came in, for as long as the answer to the first ping may have to go between them.
    heard: FrameEdges,
}

/// What the bytes are that go out.
enum Speech {
    Http,
    /// Answers up to the one that switches.
    Switching(SwitchingHead),
    Websocket(FrameEdits),
}

impl<S: AsyncRead + AsyncWrite + Unpin> WatchedIo<S> {
    pub(super) fn new(inner: S, socket: Arc<WatchedSocket>) -> Self {
        Self { inner, socket, deadline: None, speech: Speech::Http, heard: FrameEdges::default() }
    }

    /// Writes what goes out in the place of other bytes.
    fn write_waiting(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let Speech::Websocket(frames) = &mut self.speech else { return Poll::Ready(Ok(())) };
            if frames.waiting().is_empty() {
                return Poll::Ready(Ok(()));
            }
            let waiting = std::mem::take(frames.waiting());
            let written = self.watch(cx, |inner, cx| inner.poll_write(cx, &waiting));
            if let Speech::Websocket(frames) = &mut self.speech {
                let gone = if let Poll::Ready(Ok(written)) = &written { *written } else { 0 };
                *frames.waiting() = waiting[gone..].to_vec();
            }
            if ready!(written)? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
    }

    /// Runs one step of writing, and notes whether it got on.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        step: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        self.socket.writer.register(cx.waker());
        if self.socket.is_cut() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if let Poll::Ready(result) = step(Pin::new(&mut self.inner), cx) {
            self.deadline = None;
            if self.socket.stuck.swap(false, SeqCst) {
                self.socket.freed.notify_waiters();
            }
            return Poll::Ready(result);
        }
        self.socket.stuck.store(true, SeqCst);
        let patience = self.socket.patience();
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(deadline.as_mut().poll(cx));
        self.socket.end(Some(Farewell::SlowReader(patience)));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for WatchedIo<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.socket.reader.register(cx.waker());
        if self.socket.is_cut() {
            return Poll::Ready(Ok(()));
        }
        let awaits_pong = self.socket.first_ping.load(SeqCst);
        if awaits_pong == DUE && self.heard.is_between_frames() && buffer.remaining() >= PONG.len() {
            self.socket.first_ping.store(PASS, SeqCst);
            buffer.put_slice(&PONG);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        if awaits_pong != PASS && matches!(self.speech, Speech::Websocket(_)) {
            self.heard.pass(&buffer.filled()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WatchedIo<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if matches!(this.speech, Speech::Http) && this.socket.is_switching.load(SeqCst) {
            this.speech = Speech::Switching(SwitchingHead::default());
        }
        ready!(this.write_waiting(cx))?;
        match &mut this.speech {
            Speech::Switching(head) => {
                let (mut ahead, mut head) = (*head, *head);
                let (length, _) = ahead.look(bytes);
                let written = ready!(this.watch(cx, |inner, cx| inner.poll_write(cx, &bytes[..length])))?;
                let (_, is_over) = head.look(&bytes[..written]);
                this.speech = if is_over { Speech::Websocket(FrameEdits::default()) } else { Speech::Switching(head) };
                Poll::Ready(Ok(written))
            }
            Speech::Websocket(frames) if !bytes.is_empty() => {
                let length = match frames.step(bytes, |frame| this.socket.edit(frame)) {
                    Step::Taken(count) => return Poll::Ready(Ok(count)),
                    Step::Send(length) => length,
                };
                let written = ready!(this.watch(cx, |inner, cx| inner.poll_write(cx, &bytes[..length])))?;
                let Speech::Websocket(frames) = &mut this.speech else { return Poll::Ready(Ok(written)) };
                Poll::Ready(Ok(frames.sent(bytes, written)))
            }
            _ => this.watch(cx, |inner, cx| inner.poll_write(cx, bytes)),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if matches!(self.speech, Speech::Http) && !self.socket.is_switching.load(SeqCst) {
            return self.watch(cx, |inner, cx| inner.poll_write_vectored(cx, slices));
        }
        let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| &**slice);
        self.poll_write(cx, first)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_waiting(cx))?;
        self.watch(cx, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Speech::Websocket(frames) = &mut self.speech {
            frames.end();
        }
        ready!(self.write_waiting(cx))?;
        self.watch(cx, AsyncWrite::poll_shutdown)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    /// Answers that end with the one that switches.
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\r\nokHTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n";

    fn watched(bytes: usize, is_leaving: bool) -> (WatchedIo<DuplexStream>, DuplexStream) {
        let (here, there) = duplex(bytes);
        let socket = WatchedSocket::new(Arc::new(AtomicBool::new(is_leaving)), Duration::from_mins(1));
        socket.answer_first_ping();
        socket.switch();
        (WatchedIo::new(here, Arc::new(socket)), there)
    }

    fn run<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(work)
    }

    /// What arrives of these writes where the way takes so many bytes at once.
    fn sent(writes: &[&[u8]], bytes: usize, is_leaving: bool) -> Vec<u8> {
        let (mut io, mut there) = watched(bytes, is_leaving);
        let write = async {
            for bytes in writes {
                io.write_all(bytes).await.expect("it takes them");
                io.flush().await.expect("it is open");
            }
            io.shutdown().await.expect("it is open");
        };
        let mut arrived = Vec::new();
        let read = async { there.read_to_end(&mut arrived).await.expect("it is open") };
        run(async { tokio::join!(write, read) });
        arrived
    }

    #[test]
    fn frames_are_replaced_whatever_parts_they_are_written_in() {
        let long = [&[0x82, 126, 0, 200][..], &[b'2'; 200]].concat();
        let longer = [&[0x82, 127, 0, 0, 0, 0, 0, 0, 0, 130][..], &PING.repeat(43), b"2"].concat();
        let look_alike = [&[0x81, 0x05][..], &PING, &CLOSE].concat();
        let before: [&[u8]; 4] = [HEAD, b"\x81\x040{\"\"", &look_alike, &long];
        let between: [&[u8]; 3] = [&longer, &PING, &[0x89, 0x00]];
        let frames = [&before.concat()[..], &PING, &between.concat(), &CLOSE].concat();
        let expected = [&before.concat()[..], &between.concat(), &GOING_AWAY].concat();
        for bytes in [1, 2, 7, 4096] {
            assert_eq!(sent(&[&frames], bytes, true), expected, "all at once");
            for at in 0..frames.len() {
                let (first, second) = frames.split_at(at);
                assert_eq!(sent(&[first, second], bytes, true), expected, "in two, at {at}, {bytes} bytes at once");
            }
            let one_by_one: Vec<&[u8]> = frames.chunks(1).collect();
            assert_eq!(sent(&one_by_one, bytes, true), expected, "byte by byte");
        }
        let staying = [&before.concat()[..], &between.concat(), &CLOSE].concat();
        assert_eq!(sent(&[&frames], 64, false), staying, "a server that stays has no reason to give");
    }

    #[test]
    fn a_frame_that_is_cut_off_arrives_as_far_as_it_was_written() {
        let cut = [HEAD, &[0x82, 126, 1]].concat();
        assert_eq!(sent(&[&cut], 16, true), cut);
    }

    #[test]
    fn bytes_that_look_like_frames_in_an_answer_are_left_alone() {
        let (mut io, mut there) = {
            let (here, there) = duplex(64);
            let socket = WatchedSocket::new(Arc::new(AtomicBool::new(true)), Duration::from_mins(1));
            socket.answer_first_ping();
            (WatchedIo::new(here, Arc::new(socket)), there)
        };
        let arrived = run(async {
            for bytes in [&PING[..], &CLOSE] {
                io.write_all(bytes).await.expect("it takes them");
            }
            drop(io);
            let mut arrived = Vec::new();
            there.read_to_end(&mut arrived).await.expect("it is open");
            arrived
        });
        assert_eq!(arrived, [&PING[..], &CLOSE].concat());
    }

    #[test]
    fn the_answer_to_the_first_ping_comes_between_two_frames() {
        let frames = [&[0x82, 0xfe, 0, 200, 1, 2, 3, 4][..], &[7; 200], &[0x81, 0x81, 0, 0, 0, 0, b'9']].concat();
        for at in 1..208 {
            let (mut io, mut there) = watched(4096, false);
            let heard = run(async {
                io.write_all(HEAD).await.expect("it takes them");
                there.write_all(&frames[..at]).await.expect("it takes them");
                let mut heard = vec![0; 1024];
                let mut count = io.read(&mut heard).await.expect("it is open");
                io.write_all(&PING).await.expect("it takes them");
                there.write_all(&frames[at..]).await.expect("it takes them");
                while count < frames.len() + PONG.len() {
                    count += io.read(&mut heard[count..]).await.expect("it is open");
                }
                heard.truncate(count);
                heard
            });
            assert_eq!(heard, [&frames[..], &PONG].concat(), "after {at} bytes of a frame");
        }
    }
}
