//! Many clients at once, idle ones, and ones that come and go, against the program itself, so that its memory and open
//! files can be read from outside. The full sizes run with `scripts/check_server_load.sh`.
#![expect(clippy::print_stdout, reason = "figures of a load are there to be read")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use livedance::wire::schema::{self, server_message};
use prost::Message as _;
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, PATIENCE, Program, demo, encode, frame, upgraded};

const MIB: u64 = 1 << 20;
/// All clients of a test have one address.
const CROWD: &[&str] = &["--max-clients-per-address", "100000", "--max-clients", "100000"];

/// What one client saw.
#[derive(Debug, Default)]
struct Report {
    sent: u64,
    answered: u64,
    latencies: Vec<Duration>,
    lost: Option<String>,
}

/// Sends the demo's pictures at `fps` for so long, and takes what comes.
async fn play(address: SocketAddr, fps: u64, time: Duration, offset: usize) -> Report {
    let pictures = demo(30);
    let mut report = Report::default();
    let mut client = Client::connect(address).await;
    let mut clock = interval(Duration::from_micros(1_000_000 / fps));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let began = Instant::now();
    let mut at = HashMap::new();
    while began.elapsed() < time {
        tokio::select! {
            _ = clock.tick() => {
                let sequence = report.sent;
                let picture = &pictures[(sequence as usize + offset) % pictures.len()];
                at.insert(sequence, Instant::now());
                let message = Message::Binary(encode(frame(sequence, picture)).into());
                if let Err(error) = client.0.send(message).await {
                    report.lost = Some(error.to_string());
                    break;
                }
                report.sent += 1;
            }
            heard = client.0.next() => match heard {
                Some(Ok(Message::Binary(bytes))) => {
                    let message = schema::ServerMessage::decode(bytes).expect("a whole message");
                    if let Some(server_message::Kind::Pose(pose)) = message.kind {
                        report.answered += 1;
                        report.latencies.push(at[&pose.sequence].elapsed());
                        at.retain(|sequence, _| *sequence > pose.sequence);
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => {
                    report.lost = Some(format!("{other:?}"));
                    break;
                }
            },
        }
    }
    report
}

async fn crowd(address: SocketAddr, clients: usize, fps: u64, time: Duration) -> Vec<Report> {
    demo(1);
    let tasks: Vec<_> = (0..clients).map(|index| tokio::spawn(play(address, fps, time, index))).collect();
    let mut reports = Vec::new();
    for task in tasks {
        reports.push(task.await.expect("no client fails"));
    }
    reports
}

/// Prints the figures; returns the slowest client's rate as a share of the mean, and the 95th percentile of the latency.
fn figures(reports: &[Report], time: Duration, memory: u64) -> (f64, Duration) {
    let seconds = time.as_secs_f64();
    let mut latencies: Vec<_> = reports.iter().flat_map(|report| report.latencies.iter().copied()).collect();
    latencies.sort();
    let at = |share: f64| latencies.get((latencies.len() as f64 * share) as usize).copied().unwrap_or(Duration::MAX);
    let sent: u64 = reports.iter().map(|report| report.sent).sum();
    let answered: u64 = reports.iter().map(|report| report.answered).sum();
    let mean = answered as f64 / reports.len() as f64;
    let least = reports.iter().map(|report| report.answered).min().unwrap_or(0) as f64;
    let lost = reports.iter().filter(|report| report.lost.is_some()).count();
    println!(
        "{} clients, {seconds:.0} s: sent {:.1}/s, answered {:.1}/s, {:.2} a client, the slowest {:.2}; latency p50 {:.0} ms, \
         p95 {:.0} ms, most {:.0} ms; {lost} lost; {:.0} MiB",
        reports.len(),
        sent as f64 / seconds,
        answered as f64 / seconds,
        mean / seconds,
        least / seconds,
        at(0.5).as_secs_f64() * 1e3,
        at(0.95).as_secs_f64() * 1e3,
        latencies.last().copied().unwrap_or_default().as_secs_f64() * 1e3,
        memory as f64 / MIB as f64,
    );
    (least / mean, at(0.95))
}

async fn program(more: &[&str]) -> Program {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let arguments: Vec<String> = CROWD.iter().chain(more).map(ToString::to_string).collect();
    let start = move || Program::start(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(start).await.unwrap()
}

async fn idle(clients: usize) -> f64 {
    let program = program(&["--idle-timeout", "600", "--handshake-timeout", "60"]).await;
    let mut client = Client::connect(program.address).await;
    client.track(0, &demo(1)[0]).await;
    let connect = async |count: usize| {
        let mut sockets = Vec::new();
        for _ in 0..count {
            sockets.push(upgraded(TcpStream::connect(program.address).await.unwrap(), "/v1/stream").await);
        }
        sleep(Duration::from_secs(1)).await;
        sockets
    };
    let few = connect(50).await;
    let before = program.memory();
    let many = connect(clients).await;
    let each = program.memory().saturating_sub(before) as f64 / clients as f64 / 1024.0;
    println!("{clients} idle clients: {each:.1} KiB each");
    client.assert_alive().await;
    drop((few, many));
    each
}

async fn come_and_go(clients: usize) {
    let program = program(&[]).await;
    let visit = async || {
        let mut client = Client::connect(program.address).await;
        client.track(0, &demo(1)[0]).await;
    };
    for _ in 0..(clients / 5).max(20) {
        visit().await;
    }
    sleep(Duration::from_secs(2)).await;
    let (memory, files) = (program.memory(), program.files());
    for _ in 0..clients {
        visit().await;
    }
    let settled = async {
        while program.files() > files {
            sleep(Duration::from_millis(100)).await;
        }
    };
    let is_settled = timeout(PATIENCE, settled).await.is_ok();
    let (memory_after, files_after) = (program.memory(), program.files());
    println!(
        "{clients} came and went: memory {:.1} MiB to {:.1} MiB, files {files} to {files_after}",
        memory as f64 / MIB as f64,
        memory_after as f64 / MIB as f64
    );
    assert!(is_settled, "{files} files, then {files_after}");
    assert!(memory_after < memory + 16 * MIB, "{memory} bytes, then {memory_after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_are_all_served() {
    let time = Duration::from_secs(5);
    let program = program(&[]).await;
    let reports = crowd(program.address, 20, 15, time).await;
    figures(&reports, time, program.memory());
    for report in &reports {
        assert!(report.answered > 0 && report.lost.is_none(), "{report:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_idle_ones_cost_little() {
    let each = idle(200).await;
    assert!(each < 64.0, "{each} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_come_and_go_and_leave_nothing() {
    come_and_go(100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute of the whole machine: scripts/check_server_load.sh"]
async fn full_a_hundred_at_thirty_frames_a_second() {
    const CLIENTS: usize = 100;
    let time = Duration::from_mins(1);
    let program = program(&[]).await;
    let reports = crowd(program.address, CLIENTS, 30, time).await;
    let memory = program.memory();
    let (slowest, p95) = figures(&reports, time, memory);
    assert!(reports.iter().all(|report| report.lost.is_none() && report.answered > 0), "somebody was not served");
    assert!(slowest >= 0.5, "the slowest got {slowest:.2} of the mean");
    assert!(p95 <= Duration::from_secs(1), "{p95:?}");
    assert!(memory <= (300 + CLIENTS as u64) * MIB, "{memory} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "many connections: scripts/check_server_load.sh"]
async fn full_two_thousand_idle() {
    let each = idle(2000).await;
    assert!(each <= 32.0, "{each} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a while: scripts/check_server_load.sh"]
async fn full_a_thousand_come_and_go() {
    come_and_go(1000).await;
}
