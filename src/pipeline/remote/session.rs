//! One open connection: frames go out, answers come in, until it ends.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::{self, Message};

use super::connect::{Failure, Socket};
use super::link::{Board, LinkState, News};
use super::talk::{Outgoing, Said, Talk};

/// The server has to say what holds within so long.
const READY_WITHIN: Duration = Duration::from_secs(5);
/// How often the way is measured.
const PING_EVERY: Duration = Duration::from_secs(1);
/// A server that answers pings is lost when it has said nothing for so long; one that never does, after longer.
const SILENT: Duration = Duration::from_secs(6);
const SILENT_WITHOUT_PONGS: Duration = Duration::from_mins(1);
/// Replies that wait to be sent.
const REPLIES: usize = 16;

/// How a session ended.
pub(super) enum Ended {
    /// Nobody needs it any more.
    Closed,
    /// See there. `was_useful`: frames were welcome.
    Failed { failure: Failure, was_useful: bool },
}

/// What both directions know.
struct Both<'a> {
    talk: RefCell<Talk>,
    board: &'a Board,
    number: u64,
    began: Instant,
    is_ready: Cell<bool>,
    answers_pings: Cell<bool>,
}

/// Talks until the connection or the link ends.
pub(super) async fn session(
    socket: Socket,
    talk: Talk,
    number: u64,
    board: &Board,
    inbox: &mut mpsc::Receiver<Outgoing>,
    closed: &mut watch::Receiver<bool>,
) -> Ended {
    let (mut sink, stream) = socket.split();
    let both = Both {
        talk: RefCell::new(talk),
        board,
        number,
        began: Instant::now(),
        is_ready: Cell::new(false),
        answers_pings: Cell::new(false),
    };
    let (replies, outgoing) = mpsc::channel(REPLIES);
    let failure = tokio::select! {
        failure = write(&both, &mut sink, outgoing, inbox) => Some(failure),
        failure = read(&both, stream, replies) => Some(failure),
        _ = closed.changed() => None,
    };
    if let Some(failure) = failure {
        return Ended::Failed { failure, was_useful: both.is_ready.get() };
    }
    // As a courtesy; who is stuck is left.
    let _ = timeout(Duration::from_millis(200), sink.close()).await;
    Ended::Closed
}

async fn write(
    both: &Both<'_>,
    sink: &mut SplitSink<Socket, Message>,
    mut replies: mpsc::Receiver<Message>,
    inbox: &mut mpsc::Receiver<Outgoing>,
) -> Failure {
    let opening = both.talk.borrow().opening();
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut messages = opening;
    loop {
        for message in messages {
            if let Err(error) = sink.send(message).await {
                return broken(&error);
            }
        }
        messages = tokio::select! {
            biased;
            Some(reply) = replies.recv() => vec![reply],
            _ = ping.tick() => {
                let micros = both.began.elapsed().as_micros() as u64;
                vec![Message::Ping(micros.to_be_bytes().to_vec().into())]
            }
            // Whoever hands frames over lives longer than this.
            Some(frame) = inbox.recv() => next_frame(both, frame, inbox),
        };
    }
}

/// The frame to send now: in order where that is asked for, else the newest that waits.
fn next_frame(both: &Both<'_>, mut frame: Outgoing, inbox: &mut mpsc::Receiver<Outgoing>) -> Vec<Message> {
    let mut talk = both.talk.borrow_mut();
    while !talk.is_in_order() || frame.session != both.number {
        let Ok(newer) = inbox.try_recv() else { break };
        frame = newer;
    }
    // Frames of the connection before have been given up by whoever made them.
    if frame.session == both.number { talk.frame(&frame) } else { Vec::new() }
}

async fn read(both: &Both<'_>, mut stream: SplitStream<Socket>, replies: mpsc::Sender<Message>) -> Failure {
    loop {
        let patience = match (both.is_ready.get(), both.answers_pings.get()) {
            (false, _) => READY_WITHIN.saturating_sub(both.began.elapsed()),
            (true, true) => SILENT,
            (true, false) => SILENT_WITHOUT_PONGS,
        };
        let message = match timeout(patience, stream.next()).await {
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(error))) => return broken(&error),
            Ok(None) => return Failure::Lost("the server has closed the connection".to_owned()),
            Err(_) if both.is_ready.get() => {
                return Failure::Lost("the server has fallen silent; check the network".to_owned());
            }
            Err(_) => {
                return Failure::Lost("it is open, but speaks no LiveDance; check the address".to_owned());
            }
        };
        if let Message::Pong(payload) = &message
            && let Ok(sent) = <[u8; 8]>::try_from(&payload[..])
        {
            both.answers_pings.set(true);
            let micros = (both.began.elapsed().as_micros() as u64).saturating_sub(u64::from_be_bytes(sent));
            both.board.tell(News::Ping(micros as f32 / 1e3));
        }
        let said = both.talk.borrow_mut().read(&message);
        for said in said {
            match said {
                Said::Ready(server) => {
                    // Said again after each change of what is wanted; the first time opens the way.
                    if !both.is_ready.replace(true) {
                        both.board.set_state(LinkState::Open);
                        both.board.tell(News::Ready(both.number, server));
                    }
                }
                Said::Answer(answer) => both.board.tell(News::Answer(answer)),
                Said::Complaint { code, message, sequence } => {
                    both.board.tell(News::Complaint { code, message, sequence });
                }
                Said::Junk(reason) => {
                    if !reason.is_empty() {
                        both.board.tell(News::Junk(reason));
                    }
                }
                // A server that asks faster than it reads gets no reply.
                Said::Reply(reply) => drop(replies.try_send(reply)),
                Said::Over(message) => return Failure::Lost(message),
                Said::Refused(message) => return Failure::Refused(message),
            }
        }
    }
}

fn broken(error: &tungstenite::Error) -> Failure {
    Failure::Lost(match error {
        tungstenite::Error::Capacity(_) => "the server sent more than any answer holds".to_owned(),
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
            "the server has closed the connection".to_owned()
        }
        error => format!("the connection is lost ({error}); check the network"),
    })
}
