//! The player against made-up takes: frames in their order, exact places, errors that are told.

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::motion::clip::MotionClip;
use crate::motion::retarget::AvatarPose;

const STEP_S: f64 = 1.0 / 60.0;
/// Long enough for a busy machine; nothing waits this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);

struct Bench {
    player: TakePlayer,
    /// Numbers of the frames handed over, and whether they came after a jump.
    seen: Vec<(u64, bool)>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(frames: u64) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("take.ldt");
        fixture::write(&path, (0..frames).map(fixture::swaying));
        let mut bench = Self { player: TakePlayer::open(&path).expect("a thread"), seen: Vec::new(), _folder: folder };
        bench.settle();
        bench
    }

    fn tick(&mut self, elapsed_s: f64) {
        self.player.tick(elapsed_s);
        if let Some(frame) = self.player.frames().try_take() {
            self.seen.push((frame.tracked.frame_id, !frame.motion.continuity.follows()));
        }
    }

    /// Whether the reader has nothing more to do: it is as far ahead as it goes, or at the end.
    fn has_read_ahead(&self) -> bool {
        let player = &self.player;
        if player.info.is_none() || player.clip.is_some() || player.failure.is_some() {
            return player.info.is_some() || player.failure.is_some();
        }
        let state = player.shared.lock();
        let newest = state.queue.back().map(|read| read.index).or(player.fed.back().map(|(index, _)| *index));
        let is_at_end = newest.is_some_and(|newest| newest + 1 == player.frame_count());
        is_at_end || state.queue.len() >= reader::AHEAD || state.failure.is_some()
    }

    fn wait_for_reader(&self) {
        let began = Instant::now();
        while !self.has_read_ahead() {
            assert!(began.elapsed() < PATIENCE, "the reader hangs");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Lets the reader catch up while no time passes for whoever watches.
    fn settle(&mut self) {
        let began = Instant::now();
        loop {
            let (before, is_idle) = (self.seen.len(), self.has_read_ahead());
            self.tick(0.0);
            let is_awaited = self.player.waiting.is_some() || self.player.awaited.is_some();
            if is_idle && !is_awaited && self.seen.len() == before {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "it never settles");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Plays so many sixtieths of a second; the reader always has time enough.
    fn play(&mut self, steps: usize) -> Vec<f64> {
        (0..steps)
            .map(|_| {
                self.tick(STEP_S);
                self.wait_for_reader();
                self.player.shown_s().expect("a frame was shown")
            })
            .collect()
    }

    fn numbers(&self) -> Vec<u64> {
        self.seen.iter().map(|(number, _)| *number).collect()
    }
}

#[test]
fn every_frame_is_handed_over_once_and_ahead_of_its_moment() {
    let mut bench = Bench::new(90);
    assert_eq!(bench.player.state(), PlayerState::Playing);
    assert_eq!(bench.player.info().map(|info| info.frame_count), Some(Some(90)));
    let shown = bench.play(120);
    assert!((shown[119] - 12.0).abs() < 1e-9, "on the take's own clock: {}", shown[119]);
    let numbers = bench.numbers();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    assert!(numbers.last().is_some_and(|newest| (60..=61).contains(newest)), "as far as the moment shown: {numbers:?}");
    assert_eq!(bench.seen.iter().filter(|(_, jumped)| *jumped).count(), 1, "the first one");
    assert_eq!(bench.player.frame(), 60);
}

#[test]
fn seeking_shows_the_very_frame_also_while_held() {
    let mut bench = Bench::new(400);
    bench.player.set_playing(false);
    for (time_s, frame) in [(5.0, 150), (0.0, 0), (12.34, 370), (13.3, 399), (99.0, 399), (3.3333, 99), (3.3334, 100)] {
        bench.seen.clear();
        bench.player.seek(time_s);
        bench.settle();
        assert_eq!(bench.seen, [(frame, true)], "at {time_s}");
        assert_eq!((bench.player.frame(), bench.player.state()), (frame as usize, PlayerState::Paused));
    }
}

#[test]
fn steps_go_to_the_next_frame_and_the_one_before() {
    let mut bench = Bench::new(60);
    bench.player.seek(1.0);
    bench.settle();
    let at = |bench: &Bench| (bench.player.frame(), bench.player.transport().position_s());
    bench.seen.clear();
    bench.player.step(1);
    bench.settle();
    assert_eq!(at(&bench).0, 31);
    assert!((at(&bench).1 - 31.0 / 30.0).abs() < 1e-6);
    bench.player.step(1);
    bench.settle();
    assert_eq!(bench.player.frame(), 32);
    assert!(bench.seen.iter().all(|(_, jumped)| !jumped), "filters go on: {:?}", bench.seen);
    bench.seen.clear();
    bench.player.step(-1);
    bench.player.step(-1);
    bench.settle();
    assert_eq!(at(&bench).0, 30, "two quick steps are two");
    assert_eq!(bench.seen.last(), Some(&(30, true)));
    bench.player.seek(0.0);
    bench.settle();
    bench.player.step(-1);
    bench.settle();
    assert_eq!(at(&bench), (0, 0.0));
    bench.player.step(1000);
    bench.settle();
    assert_eq!(bench.player.frame(), 59);
    assert!(!bench.player.transport().is_playing());
}

#[test]
fn whoever_drags_faster_than_a_disk_answers_sees_pictures_all_the_same() {
    let mut bench = Bench::new(600);
    bench.player.set_playing(false);
    bench.seen.clear();
    for drag in 0..150 {
        bench.player.seek(f64::from(drag) * 0.1);
        // Another place is asked for before the last one can have come.
        bench.player.seek(f64::from(drag) * 0.1 + 0.05);
        bench.tick(STEP_S);
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(bench.seen.len() > 10, "{:?}", bench.seen);
    bench.player.seek(7.0);
    bench.settle();
    assert_eq!((bench.player.frame(), bench.seen.last()), (210, Some(&(210, true))));
}

#[test]
fn slow_motion_is_slow_and_even() {
    let mut bench = Bench::new(90);
    bench.player.set_speed(0.1);
    bench.seen.clear();
    let shown = bench.play(120);
    assert!((shown[119] - shown[0] - 119.0 * STEP_S * 0.1).abs() < 1e-9);
    assert!(shown.windows(2).all(|pair| (pair[1] - pair[0] - STEP_S * 0.1).abs() < 1e-9));
    // The first and the second were there before it was slow.
    assert_eq!(bench.numbers(), [2, 3, 4, 5, 6, 7][..bench.seen.len()], "{:?}", bench.seen);
    assert!(bench.seen.len() >= 5);
}

#[test]
fn a_range_is_played_round_and_each_round_is_announced() {
    let mut bench = Bench::new(90);
    bench.player.set_range(1.0, 1.5);
    bench.player.seek(1.0);
    bench.settle();
    bench.seen.clear();
    let shown = bench.play(100);
    assert!(shown.iter().all(|at| (11.0 - 1e-6..=11.5 + 1e-6).contains(at)), "{shown:?}");
    assert!(bench.seen.iter().filter(|(_, jumped)| *jumped).count() >= 2, "{:?}", bench.seen);
    bench.player.set_looping(false);
    bench.play(60);
    assert_eq!(bench.player.state(), PlayerState::Paused);
    assert!((bench.player.transport().position_s() - 1.5).abs() < 1e-9);
}

#[test]
fn what_is_shown_can_be_handed_over_again() {
    let mut bench = Bench::new(30);
    bench.player.set_playing(false);
    bench.player.seek(0.5);
    bench.settle();
    bench.seen.clear();
    bench.player.refresh();
    bench.settle();
    assert_eq!(bench.seen, [(15, true)]);
}

fn message(path: &Path) -> String {
    let mut player = TakePlayer::open(path).expect("a thread");
    for _ in 0..500 {
        player.tick(STEP_S);
        if let PlayerState::Failed { message } = player.state() {
            return message;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("{} was opened: {:?}", path.display(), player.info());
}

#[test]
fn what_cannot_be_played_is_named_with_its_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str, content: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("writes");
        path
    };
    for (path, word) in [
        (folder.path().join("missing.ldt"), "missing.ldt"),
        (path("text.ldt", b"hello"), "text.ldt"),
        (path("empty.jsonl", b""), "empty.jsonl"),
        (path("later.ldt", b"{\"livedance_take\":99}\n"), "99"),
        (path("nothing.ldt", b"{\"livedance_take\":1}\n"), "no frame"),
        (path("wrong.bvh", b"HIERARCHY\nROOT"), "wrong.bvh"),
        (path("wrong.vrma", b"glTF but not really"), "wrong.vrma"),
        (folder.path().join("missing.bvh"), "missing.bvh"),
    ] {
        let message = message(&path);
        assert!(message.contains(word) && !message.contains('\n'), "{message}");
    }
}

#[test]
fn a_cut_take_plays_and_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("cut.ldt");
    fixture::write(&path, (0..60).map(fixture::swaying));
    let bytes = std::fs::read(&path).expect("reads");
    std::fs::write(&path, &bytes[..bytes.len() * 3 / 4]).expect("writes");
    let mut bench = Bench { player: TakePlayer::open(&path).expect("a thread"), seen: Vec::new(), _folder: folder };
    bench.settle();
    assert_eq!(bench.player.state(), PlayerState::Playing);
    assert!(bench.player.take_warning().is_some_and(|warning| warning.contains("cut off")));
    assert_eq!(bench.player.take_warning(), None, "once");
}

#[test]
fn a_clip_has_the_same_transport() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("dance.bvh");
    let avatar = crate::paths::shipped_folder("assets").join("avatar/livedance.glb");
    let bytes = std::fs::read(avatar).expect("the bundled avatar");
    let skeleton = crate::formats::avatar::parse(&bytes, None, None).expect("an avatar").humanoid.rest;
    let poses = vec![AvatarPose::t_pose(&skeleton); 61];
    let clip = MotionClip { name: "dance".into(), fps: 60.0, skeleton, poses };
    let mut file = std::fs::File::create(&path).expect("a file");
    crate::formats::bvh::write(&clip, &crate::formats::bvh::WriteOptions::default(), &mut file).expect("writes");
    let mut bench = Bench { player: TakePlayer::open(&path).expect("a thread"), seen: Vec::new(), _folder: folder };
    bench.settle();
    assert_eq!(bench.player.clip().map(|clip| clip.motion.poses.len()), Some(61));
    bench.play(30);
    assert!((bench.player.transport().position_s() - 0.5).abs() < 1e-9);
    assert_eq!(bench.player.frame(), 30);
    bench.player.step(-3);
    assert_eq!((bench.player.frame(), bench.player.state()), (27, PlayerState::Paused));
    bench.player.seek(9.0);
    assert_eq!(bench.player.frame(), 60);
    assert!(bench.seen.is_empty(), "bones are nobody tracked");
}
