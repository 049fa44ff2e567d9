//! The stream as it is meant to be used.

use futures_util::SinkExt as _;
use livedance::capture::{JpegCare, PictureLimits, decode_picture};
use livedance::frame::Frame;
use livedance::motion::BodyPose;
use livedance::pipeline::PipelineOptions;
use livedance::pipeline::stack::{HandsPolicy, TrackingStack};
use livedance::settings::{HandsMode, ModelVariant, Settings};
use livedance::wire::schema::{self, client_message, server_message};
use livedance::wire::{binary, data_url};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    Client, blank, demo, encode, frame, frame_at, jpeg, options, options_with_hands, start, start_with, stop,
};

/// As the filters would hide differences, and differ in what they have seen before.
fn unfiltered() -> schema::Configure {
    schema::Configure { smoothing: Some(schema::Smoothing::None.into()), ..schema::Configure::default() }
}

/// Many frames at once, as a network delivers them after a pause.
async fn burst(client: &mut Client, frames: impl IntoIterator<Item = client_message::Kind>) {
    for frame in frames {
        client.0.feed(Message::Binary(encode(frame).into())).await.unwrap();
    }
    client.0.flush().await.unwrap();
}

/// The people of each picture, without a server.
fn offline(jpegs: &[Vec<u8>]) -> Vec<Vec<BodyPose>> {
    let settings = Settings::default();
    let options = PipelineOptions {
        model: ModelVariant::Lite,
        threads: 1,
        short_side: settings.short_side,
        static_image: false,
        people: 1,
        hands: HandsMode::Off,
        provider: settings.provider,
    };
    let mut pipeline = TrackingStack::open(options, HandsPolicy::After).unwrap();
    let limits = PictureLimits { max_side: 4096, jpeg: JpegCare::Quick };
    let frame = |(index, jpeg): (usize, &Vec<u8>)| {
        let image = decode_picture(jpeg, limits).unwrap();
        Frame::new(index as u64, std::time::Instant::now(), index as f64 * STEP_US as f64 * 1e-6, image)
    };
    jpegs.iter().enumerate().map(frame).map(|frame| pipeline.track(frame).unwrap().people).collect()
}

/// Microseconds between two frames: fewer than three pictures take to be tracked, since a server slows the clock of frames that
/// come faster than they were filmed.
const STEP_US: u64 = 5_000;

fn assert_same(what: &str, found: &[BodyPose], expected: &[BodyPose]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        for (a, b) in found.image.iter().zip(&expected.image) {
            assert!(a.position.distance(b.position) < 1e-3, "{what}: {a:?} in the place of {b:?}");
        }
        for (a, b) in found.world.iter().zip(&expected.world) {
            assert!(a.position.distance(b.position) < 1e-5, "{what}: {a:?} in the place of {b:?}");
        }
    }
}

#[tokio::test]
async fn what_is_asked_for_is_cut_down_to_what_there_is() {
    let server = start_with(|limits| limits.people = 2);
    let mut client = Client::connect(server.address()).await;
    let configured = client.configure(schema::Configure::default()).await;
    assert_eq!((configured.hands, configured.people, configured.model.as_str()), (false, 1, "lite"));
    assert_eq!((configured.max_message_bytes, configured.max_side_px), (4 << 20, 4096));
    let much = schema::Configure {
        hands: Some(true),
        people: Some(99),
        short_side: Some(1_000_000),
        smoothing: Some(schema::Smoothing::Ema.into()),
        ordering: Some(schema::Ordering::Sequence.into()),
        rig: Some(true),
    };
    let configured = client.configure(much).await;
    assert_eq!((configured.hands, configured.people, configured.short_side), (false, 2, 4096));
    assert_eq!(configured.smoothing(), schema::Smoothing::Ema);
    assert_eq!((configured.ordering(), configured.rig), (schema::Ordering::Sequence, true));
    let little = schema::Configure { people: Some(0), smoothing: Some(77), ..schema::Configure::default() };
    let configured = client.configure(little).await;
    assert_eq!(
        (configured.people, configured.smoothing()),
        (1, schema::Smoothing::Ema),
        "what is unknown changes nothing"
    );
    assert_eq!((configured.short_side, configured.rig), (4096, true), "what was left out stays");
    client.assert_alive().await;
    stop(server).await;
}

#[tokio::test]
async fn frames_are_answered_in_order() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    for (sequence, jpeg) in demo(5).iter().enumerate() {
        let pose = client.track(sequence as u64, jpeg).await;
        assert_eq!((pose.sequence, pose.width, pose.height, pose.dropped), (sequence as u64, 640, 480, 0));
        assert_eq!(pose.captured_at_us, sequence as u64 * 33_333 + 1);
        let timings = pose.timings.unwrap();
        assert!(timings.pose > 0.0 && timings.total >= timings.pose, "{timings:?}");
        let [person] = &pose.people[..] else { panic!("{} people", pose.people.len()) };
        assert_eq!((person.landmarks.len(), person.world.len(), person.angles_deg.len()), (165, 165, 14));
        assert!(person.rig.is_none() && person.left_hand.is_none());
        assert_eq!((person.id, person.is_new), (0, sequence == 0));
    }
    stop(server).await;
}

#[tokio::test]
async fn the_json_form_says_the_same() {
    let server = start_with(|_| {});
    let mut client = Client::connect_json(server.address()).await;
    client.text(&json!({"type": "configure", "people": 3, "ordering": "sequence", "rig": true})).await;
    let configured = client.json().await;
    assert_eq!((&configured["type"], &configured["people"]), (&json!("configured"), &json!(3)));
    let jpeg = &demo(1)[0];
    client
        .text(&json!({"type": "frame", "sequence": 4, "captured_at_us": 9, "image": data_url::encode_jpeg(jpeg)}))
        .await;
    let pose = client.json().await;
    assert_eq!((&pose["type"], &pose["sequence"], &pose["captured_at_us"]), (&json!("pose"), &json!(4), &json!(9)));
    assert_eq!((&pose["width"], &pose["dropped"]), (&json!(640), &json!(0)));
    let person = &pose["people"][0];
    assert_eq!(person["landmarks"].as_array().map(Vec::len), Some(33), "{pose}");
    assert!(person["angles"]["left_elbow"].is_number() || person["angles"]["left_elbow"].is_null());
    assert_eq!(pose["rigs"][0]["hips"].as_array().map(Vec::len), Some(3));
    client.text(&json!({"type": "ping"})).await;
    assert_eq!(client.json().await, json!({"type": "pong", "token": 0}));
    stop(server).await;
}

#[tokio::test]
async fn bones_come_where_they_are_asked_for() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    client.configure(schema::Configure { rig: Some(true), ..schema::Configure::default() }).await;
    let pose = client.track(0, &demo(1)[0]).await;
    let rig = pose.people[0].rig.as_ref().expect("a rig");
    assert_eq!((rig.hips.len(), rig.rotations.len() % 4), (3, 0));
    assert!(rig.rotations.len() > 4 * 15);
    for rotation in rig.rotations.chunks(4) {
        let length = rotation.iter().map(|part| part * part).sum::<f32>();
        assert!((length - 1.0).abs() < 1e-3, "{rotation:?}");
    }
    stop(server).await;
}

#[tokio::test]
async fn the_newest_wins_and_losses_are_counted() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    let big = blank(1600, 1600);
    burst(&mut client, (0..20).map(|sequence| frame(sequence, &big))).await;
    let mut answered = Vec::new();
    let mut dropped = 0;
    while answered.last() != Some(&19) {
        let pose = client.pose().await;
        answered.push(pose.sequence);
        dropped = pose.dropped;
    }
    assert!(answered.is_sorted_by(|a, b| a < b), "{answered:?}");
    assert_eq!(answered.len() as u64 + dropped, 20, "{answered:?}");
    assert!(dropped > 0);
    stop(server).await;
}

#[tokio::test]
async fn in_order_means_all_of_them_up_to_ten() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    let in_order = schema::Configure { ordering: Some(schema::Ordering::Sequence.into()), ..Default::default() };
    client.configure(in_order).await;
    // While this one is looked at, the others arrive.
    let big = blank(3000, 3000);
    let small = blank(64, 64);
    burst(&mut client, [(0, &big), (4, &small), (2, &small), (1, &small), (3, &small)].map(|(n, file)| frame(n, file)))
        .await;
    for sequence in 0..5 {
        let pose = client.pose().await;
        assert_eq!((pose.sequence, pose.dropped), (sequence, 0));
    }
    let late = std::iter::once(frame(5, &big)).chain((6..21).map(|sequence| frame(sequence, &small)));
    burst(&mut client, late).await;
    let mut answered = Vec::new();
    let mut dropped = 0;
    while answered.last() != Some(&20) {
        let pose = client.pose().await;
        answered.push(pose.sequence);
        dropped = pose.dropped;
    }
    assert!(answered.is_sorted_by(|a, b| a < b), "{answered:?}");
    assert_eq!(answered.len() as u64 + dropped, 16, "{answered:?}");
    assert!(answered[answered.len().saturating_sub(10)..].iter().eq(&(11..21).collect::<Vec<_>>()), "{answered:?}");
    assert!(dropped > 0, "the buffer holds ten");
    client.send(frame(3, &small)).await;
    assert_eq!(client.error().await.code, "stale_sequence");
    drop(client);
    let mut again = Client::connect(server.address()).await;
    assert_eq!(again.track(0, &small).await.dropped, 0, "a connection begins anew");
    stop(server).await;
}

#[tokio::test]
async fn clients_see_what_they_would_see_alone() {
    const FRAMES: usize = 12;
    let server = start(livedance::server::ServerOptions { workers: 2, ..options() });
    let (first, second) = (demo(FRAMES), &demo(60 + FRAMES)[60..]);
    let (first_alone, second_alone) = (offline(first), offline(second));
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = Client::connect(server.address()).await;
        client.configure(unfiltered()).await;
        clients.push(client);
    }
    let nobody = blank(640, 480);
    for index in 0..FRAMES {
        let pictures = [&first[index], &nobody, &second[index]];
        for (client, picture) in clients.iter_mut().zip(pictures) {
            client.send(frame_at(index as u64, index as u64 * STEP_US + 1, picture)).await;
        }
        let mut poses = Vec::new();
        for client in &mut clients {
            poses.push(client.pose().await);
        }
        assert_same(&format!("frame {index} of the first"), &binary::people(&poses[0]), &first_alone[index]);
        assert!(poses[1].people.is_empty(), "nobody is there");
        assert_same(&format!("frame {index} of the second"), &binary::people(&poses[2]), &second_alone[index]);
    }
    stop(server).await;
}

#[tokio::test]
async fn hands_are_looked_at_for_those_who_want_them() {
    let server = start(options_with_hands());
    let mut with = Client::connect(server.address()).await;
    let mut without = Client::connect(server.address()).await;
    assert!(with.configure(schema::Configure { hands: Some(true), ..Default::default() }).await.hands);
    assert!(!without.configure(schema::Configure { hands: Some(false), ..Default::default() }).await.hands);
    let mut hands = 0;
    for (sequence, jpeg) in demo(90).iter().step_by(9).enumerate() {
        for person in without.track(sequence as u64, jpeg).await.people {
            assert!(person.left_hand.is_none() && person.right_hand.is_none());
        }
        for person in with.track(sequence as u64, jpeg).await.people {
            hands += usize::from(person.left_hand.is_some()) + usize::from(person.right_hand.is_some());
        }
    }
    assert!(hands > 0, "the demo shows hands");
    stop(server).await;
}

#[tokio::test]
async fn so_many_people_and_no_more() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    // The same person twice, side by side.
    let limits = PictureLimits { max_side: 4096, jpeg: JpegCare::Quick };
    let picture = decode_picture(&demo(1)[0], limits).unwrap();
    let row = picture.width as usize * 3;
    let pixels: Vec<u8> = picture.data.chunks(row).flat_map(|line| [line, line].concat()).collect();
    let two = jpeg(picture.width * 2, picture.height, &pixels);
    let mut sequence = 0;
    for people in [1, 2, 1] {
        client.configure(schema::Configure { people: Some(people), ..unfiltered() }).await;
        let mut most = 0;
        for _ in 0..8 {
            most = most.max(client.track(sequence, &two).await.people.len());
            sequence += 1;
        }
        assert!(most <= 2 && (people == 2 || sequence > 16 || most == 1), "{most} of at most {people}");
        if sequence > 16 {
            assert_eq!(client.track(sequence, &two).await.people.len(), 1);
            sequence += 1;
        }
    }
    stop(server).await;
}

#[tokio::test]
async fn questions_are_answered_beside_frames() {
    let server = start_with(|_| {});
    let mut client = Client::connect(server.address()).await;
    client.send(frame(0, &demo(1)[0])).await;
    client.send(client_message::Kind::Ping(schema::Ping { token: u64::MAX })).await;
    let (mut pong, mut pose) = (false, false);
    while !(pong && pose) {
        match client.message().await {
            server_message::Kind::Pong(schema::Pong { token }) => pong = token == u64::MAX,
            server_message::Kind::Pose(_) => pose = true,
            other => panic!("{other:?}"),
        }
    }
    stop(server).await;
}
