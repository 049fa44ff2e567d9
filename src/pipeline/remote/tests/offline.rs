//! Every frame of a file through a server.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::proxy;
use super::server::{self, Mood, set};
use crate::frame::{Frame, RgbImage};
use crate::inference::InferenceError;
use crate::pipeline::PipelineOptions;
use crate::pipeline::remote::RemoteTarget;
use crate::pipeline::remote::offline::RemotePipeline;

fn frame(number: u64) -> Frame {
    let image = RgbImage { width: 96, height: 64, data: vec![number as u8; 96 * 64 * 3] };
    Frame::new(number, Instant::now(), number as f64 / 30.0, image)
}

fn open(url: &str) -> Result<RemotePipeline, InferenceError> {
    RemotePipeline::open(&RemoteTarget::new(url.parse().expect("an address")), PipelineOptions::default())
}

/// Tracks so many frames; `each` hears of every one that was sent. Returns their numbers and people.
fn track(pipeline: &mut RemotePipeline, count: u64, mut each: impl FnMut(u64)) -> Vec<(u64, u32)> {
    let mut done = Vec::new();
    let mut take = |tracked: crate::frame::TrackedFrame| done.push((tracked.frame_id, tracked.people[0].id));
    for number in 0..count {
        each(number);
        pipeline.push(frame(number)).expect("tracks").into_iter().for_each(&mut take);
    }
    while let Some(tracked) = pipeline.wait().expect("tracks") {
        take(tracked);
    }
    done
}

fn all(count: u64) -> Vec<(u64, u32)> {
    (0..count).map(|number| (number, 0)).collect()
}

#[test]
fn every_frame_comes_back_in_order() {
    let (port, book) = server::start(false);
    let mut pipeline = open(&format!("ws://127.0.0.1:{port}")).expect("connects");
    assert_eq!(track(&mut pipeline, 50, |_| {}), all(50));
    let book = book.lock().expect("no panic");
    assert_eq!(book.frames.len(), 50, "each was sent once");
    assert!(book.frames.windows(2).all(|pair| pair[1].1 > pair[0].1 && pair[1].2 > pair[0].2));
    assert_eq!(book.sizes[0], (96, 64), "at its full size");
}

#[test]
fn complaints_about_nothing_in_particular_send_no_frame_again() {
    let (port, book) = server::start(false);
    set(&book, Mood::Grumbling);
    let mut pipeline = open(&format!("ws://127.0.0.1:{port}")).expect("connects");
    assert_eq!(track(&mut pipeline, 20, |_| {}), all(20));
    assert_eq!(book.lock().expect("no panic").frames.len(), 20, "each was sent once");
}

#[test]
fn what_was_not_answered_is_sent_again_after_the_line_was_cut() {
    let (port, _book) = server::start(false);
    let (front, weather) = proxy::start(port);
    let mut pipeline = open(&format!("ws://127.0.0.1:{front}")).expect("connects");
    let done = track(&mut pipeline, 40, |number| {
        if number == 10 || number == 30 {
            weather.is_cut.store(true, Ordering::SeqCst);
            let weather = Arc::clone(&weather);
            super::spawn("mends-the-line", move || {
                std::thread::sleep(Duration::from_millis(300));
                weather.is_cut.store(false, Ordering::SeqCst);
            });
        }
    });
    assert_eq!(done, all(40), "the same person, too");
}

#[test]
fn frames_that_came_too_fast_are_sent_again() {
    let (port, book) = server::start(false);
    set(&book, Mood::Strict);
    let mut pipeline = open(&format!("ws://127.0.0.1:{port}")).expect("connects");
    assert_eq!(track(&mut pipeline, 20, |_| {}), all(20));
}

#[test]
fn original_backends_get_one_frame_at_a_time() {
    for is_old in [false, true] {
        let (port, book) = server::start(true);
        book.lock().expect("no panic").is_old = is_old;
        let mut pipeline = open(&format!("socketio+http://127.0.0.1:{port}")).expect("connects");
        assert_eq!(track(&mut pipeline, 20, |_| {}), all(20));
    }
}

#[test]
fn a_server_that_is_not_there_or_refuses_is_told_in_words() {
    let error = open("ws://127.0.0.1:9").err().expect("nobody there").to_string();
    assert!(error.contains("ws://127.0.0.1:9") && error.contains("is the server running?"), "{error}");
    let (port, book) = server::start(false);
    book.lock().expect("no panic").token = Some("word");
    let error = open(&format!("ws://127.0.0.1:{port}")).err().expect("refused").to_string();
    assert!(error.contains("--remote-token"), "{error}");
}
