//! Expressions from another program, and expressions for one.

use super::avatars::figure::{Figure, Style};
use super::*;
use livedance::app::avatar::Expressions;
use livedance::app::vmc::ReceivedPoses;
use livedance::formats::vmc::VmcFrame;
use livedance::net::{Address, ReceivedFrame, VmcReceiver};
use livedance::slot::LatestSlot;

/// An app whose avatar has the expressions `blink` and `happy`.
fn with_face(style: Style, vmc_out: String) -> App {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("figure.vrm");
    std::fs::write(&path, Figure::new(style).glb()).expect("writes");
    studio(Settings { avatar: path.to_string_lossy().into_owned(), vmc_out, ..unsmoothed() })
}

fn face(app: &mut App, name: &str) -> f32 {
    let world = app.world_mut();
    let shown = world.query::<&Expressions>().single(world).expect("one avatar").shown();
    shown.on_avatar(name, |_| true)
}

fn set(app: &mut App, name: &str, weight: f32) {
    let world = app.world_mut();
    assert!(world.query::<&mut Expressions>().single_mut(world).expect("one avatar").set(name, weight));
}

/// How often the eyes were closed in these seconds.
fn closed_frames(app: &mut App, seconds: f64, mut before: impl FnMut(u32)) -> usize {
    let frames = 0..(seconds * 60.0) as u32;
    frames
        .filter(|frame| {
            before(*frame);
            app.update();
            face(app, "blink") > 0.5
        })
        .count()
}

#[test]
fn a_face_goes_out_of_one_app_and_into_another() {
    for (from, to) in [(Style::Vrm0, Style::Vrm1), (Style::Vrm1, Style::Vrm0)] {
        let receiver = VmcReceiver::listen(&Address::localhost(0)).expect("a free port");
        let mut sending = with_face(from, format!("127.0.0.1:{}", receiver.address().port()));
        let mut showing = with_face(to, String::new());
        showing.world_mut().resource_mut::<ReceivedPoses>().listen_to(Some(receiver.frames().clone()));
        for (happy, blink) in [(0.6, 0.25), (0.0, 1.0)] {
            set(&mut sending, "happy", happy);
            set(&mut sending, "blink", blink);
            let began = Instant::now();
            loop {
                sending.update();
                showing.update();
                let (got_happy, got_blink) = (face(&mut showing, "happy"), face(&mut showing, "blink"));
                if (got_happy - happy).abs() < 0.01 && (got_blink - blink).abs() < 0.01 {
                    break;
                }
                assert!(began.elapsed() < Duration::from_secs(20), "{happy} {blink}, shown {got_happy} {got_blink}");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

#[test]
fn our_own_blinking_is_sent_too() {
    let receiver = VmcReceiver::listen(&Address::localhost(0)).expect("a free port");
    let mut app = with_face(Style::Vrm1, format!("127.0.0.1:{}", receiver.address().port()));
    let began = Instant::now();
    let blink =
        |frame: &VmcFrame| frame.expressions.iter().find(|(name, _)| name == "blink").map(|(_, weight)| *weight);
    loop {
        app.update();
        let closed = face(&mut app, "blink") > 0.9;
        std::thread::sleep(Duration::from_millis(if closed { 60 } else { 0 }));
        if receiver.frames().try_take().and_then(|received| blink(&received.frame)).is_some_and(|weight| weight > 0.9) {
            assert!(closed, "only what is shown");
            break;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "no blink came");
    }
}

#[test]
fn our_own_blinking_rests_while_another_program_sends_a_face() {
    let mut app = with_face(Style::Vrm1, String::new());
    let (slot, start) = (LatestSlot::new(), Instant::now());
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(Some(slot.clone()));
    let mut elapsed_s = 0.0;
    let mut send = |names: &[&str], weight: f32| {
        let expressions = names.iter().map(|name| ((*name).to_owned(), weight)).collect();
        elapsed_s += 1.0 / 60.0;
        let arrived = start + Duration::from_secs_f64(elapsed_s);
        slot.publish(ReceivedFrame { frame: VmcFrame { expressions, ..VmcFrame::default() }, arrived });
    };
    assert!(closed_frames(&mut app, 8.0, |_| send(&[], 0.0)) > 0, "a sender without a face leaves ours alone");
    closed_frames(&mut app, 1.0, |_| send(&["happy"], 1.0));
    assert!(face(&mut app, "happy") > 0.99);
    assert_eq!(closed_frames(&mut app, 20.0, |_| send(&["happy"], 1.0)), 0, "it does not blink, so we do not");
    let half = closed_frames(&mut app, 1.0, |frame| send(&["happy", "blink"], frame as f32 / 60.0));
    assert!((20..=40).contains(&half), "eyes close evenly: {half}");
    assert!(closed_frames(&mut app, 10.0, |_| ()) > 0, "once it is silent, ours goes on");
    assert!(face(&mut app, "happy") <= 0.0);
}

#[test]
fn between_two_faces_it_moves_evenly() {
    let mut app = with_face(Style::Vrm0, String::new());
    let (slot, start) = (LatestSlot::new(), Instant::now());
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(Some(slot.clone()));
    let mut shown = Vec::new();
    for tick in 0..180_u32 {
        // Fifteen faces a second on sixty frames.
        if tick % 4 == 0 {
            let expressions = vec![("happy".to_owned(), tick as f32 / 180.0)];
            let arrived = start + Duration::from_secs_f64(f64::from(tick) / 60.0);
            slot.publish(ReceivedFrame { frame: VmcFrame { expressions, ..VmcFrame::default() }, arrived });
        }
        app.update();
        shown.push(face(&mut app, "happy"));
    }
    let steps: Vec<f32> = shown[90..].windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.iter().all(|step| (0.003..0.008).contains(step)), "{steps:?}");
}
