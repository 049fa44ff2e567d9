//! Poses from another program, and poses for one.

use super::*;
use livedance::app::vmc::ReceivedPoses;
use livedance::formats::vmc::VmcFrame;
use livedance::net::{Address, ReceivedFrame, VmcReceiver};
use livedance::slot::{LatestSlot, Taken};

/// Runs `seconds` at 60 frames a second; as many poses come as frames are drawn.
fn receive(app: &mut App, slot: &LatestSlot<ReceivedFrame>, start: Instant, seconds: f64, frame: Option<&VmcFrame>) {
    let began_s = app.world().resource::<Time<Real>>().elapsed_secs_f64();
    for tick in 0..(seconds * 60.0) as u32 {
        if let Some(frame) = frame {
            let arrived = start + Duration::from_secs_f64(began_s + f64::from(tick) / 60.0);
            slot.publish(ReceivedFrame { frame: frame.clone(), arrived });
        }
        app.update();
    }
}

/// Every bone turned in its own way.
fn posed(app: &mut App) -> (AvatarPose, VmcFrame) {
    let world = app.world_mut();
    let rest = world.query::<&HumanoidRig>().single(world).expect("one avatar").rest.clone();
    let mut pose = AvatarPose::rest(&rest);
    pose.hips_position += Vec3::new(0.2, -0.1, 0.1);
    for (index, rotation) in pose.rotations.iter_mut().enumerate() {
        *rotation *= Quat::from_euler(EulerRot::XYZ, 0.3 * (index as f32).sin(), 0.2, -0.1);
    }
    (pose, VmcFrame::new(&rest, &pose))
}

#[test]
fn received_poses_move_the_avatar_until_they_stop() {
    let mut app = studio(unsmoothed());
    let (pose, frame) = posed(&mut app);
    let (slot, start) = (LatestSlot::new(), Instant::now());
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(Some(slot.clone()));
    receive(&mut app, &slot, start, 0.5, None);
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-3, "nothing came yet");

    receive(&mut app, &slot, start, 0.1, Some(&frame));
    let off = distance(&shown(&mut app), &pose);
    assert!(off > 0.05, "it eases into the first pose: {off}");
    receive(&mut app, &slot, start, 1.0, Some(&frame));
    let off = distance(&shown(&mut app), &pose).to_degrees();
    assert!(off < 0.1, "{off} degrees off");
    assert!(shown(&mut app).hips_position.distance(pose.hips_position) < 1e-3);

    receive(&mut app, &slot, start, 0.8, None);
    assert!(distance(&shown(&mut app), &pose) < 0.01, "a short silence changes nothing");
    receive(&mut app, &slot, start, 1.2, None);
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-3, "after a second it goes to rest");
    receive(&mut app, &slot, start, 0.6, Some(&frame));
    assert!(distance(&shown(&mut app), &pose) < 0.01, "the sender is back");
}

#[test]
fn between_two_received_poses_the_avatar_moves_evenly() {
    let mut app = studio(unsmoothed());
    let (_, frame) = posed(&mut app);
    let (slot, start) = (LatestSlot::new(), Instant::now());
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(Some(slot.clone()));
    // Twenty poses a second, each a little further, on sixty frames a second.
    let mut angles = Vec::new();
    for tick in 0..180_u32 {
        if tick % 3 == 0 {
            let mut frame = frame.clone();
            let head = frame.bones[HumanoidBone::Head as usize].as_mut().expect("a head");
            head.rotation = Quat::from_rotation_y(tick as f32 * 0.005);
            slot.publish(ReceivedFrame { frame, arrived: start + Duration::from_secs_f64(f64::from(tick) / 60.0) });
        }
        app.update();
        angles.push(shown(&mut app).rotation(HumanoidBone::Head).to_euler(EulerRot::YXZ).0);
    }
    let steps: Vec<f32> = angles[90..].windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.iter().all(|step| (0.003..0.007).contains(step)), "{steps:?}");
}

#[test]
fn tracked_people_come_back_when_nobody_sends_any_more() {
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    let (pose, frame) = posed(&mut app);
    let (slot, start) = (LatestSlot::new(), Instant::now());
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(Some(slot.clone()));
    receive(&mut app, &slot, start, 1.0, Some(&frame));
    assert!(distance(&shown(&mut app), &pose) < 0.01);
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(None);
    play(&mut app, 0.0, 2.0, |_| vec![person([true, false])]);
    let (left, head) = (bone_at(&mut app, HumanoidBone::LeftHand), bone_at(&mut app, HumanoidBone::Head));
    assert!(left.y > head.y, "the tracked person's arm is up: {left} {head}");
}

#[test]
fn whoever_sends_again_after_a_while_is_eased_in_again() {
    let mut app = studio(unsmoothed());
    let (pose, frame) = posed(&mut app);
    let (slot, start) = (LatestSlot::new(), Instant::now());
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(Some(slot.clone()));
    receive(&mut app, &slot, start, 1.0, Some(&frame));
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(None);
    receive(&mut app, &slot, start, 3.0, None);
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-3, "gone");
    app.world_mut().resource_mut::<ReceivedPoses>().listen_to(Some(slot.clone()));
    receive(&mut app, &slot, start, 0.05, Some(&frame));
    assert!(distance(&shown(&mut app), &pose) > 0.05, "it does not jump into the pose");
    receive(&mut app, &slot, start, 0.5, Some(&frame));
    assert!(distance(&shown(&mut app), &pose) < 0.01);
}

#[test]
fn the_pose_that_is_shown_arrives_elsewhere() {
    let receiver = VmcReceiver::listen(&Address::localhost(0)).expect("a free port");
    let mut app = studio(Settings { vmc_out: format!("127.0.0.1:{}", receiver.address().port()), ..unsmoothed() });
    play(&mut app, 0.0, 2.0, |_| vec![person([true, false])]);
    let pose = shown(&mut app);
    let world = app.world_mut();
    let rest = world.query::<&HumanoidRig>().single(world).expect("one avatar").rest.clone();
    let began = Instant::now();
    loop {
        let Taken::Value(received) = receiver.frames().take(Duration::from_secs(5)) else { panic!("nothing came") };
        let got = received.frame.pose(&rest);
        if distance(&got, &pose).to_degrees() < 0.5 && got.hips_position.distance(pose.hips_position) < 1e-3 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{} degrees off", distance(&got, &pose).to_degrees());
    }
    assert!(rest.bones.iter().flatten().count() >= 22);
}

#[test]
fn an_address_that_is_none_is_told_and_can_be_corrected() {
    use livedance::app::vmc::VmcOutput;
    let mut app = studio(Settings { vmc_out: "host:0".to_owned(), ..unsmoothed() });
    app.update();
    let failure = app.world().resource::<VmcOutput>().status().expect_err("refused");
    assert!(failure.contains("host:0"), "{failure}");
    app.world_mut().resource_mut::<Preferences>().settings.vmc_out = "127.0.0.1".to_owned();
    app.update();
    let status = app.world().resource::<VmcOutput>().status().expect("sends");
    assert_eq!(status, "Sending to 127.0.0.1:39539");
    app.world_mut().resource_mut::<Preferences>().settings.vmc_out.clear();
    app.update();
    assert_eq!(app.world().resource::<VmcOutput>().status(), Ok(String::new()));
}
