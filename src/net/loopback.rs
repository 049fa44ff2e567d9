//! Out and in again over this machine's own network.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use super::*;
use crate::formats::vmc::VmcFrame;
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::{HumanoidBone, RestBone, RestSkeleton};
use crate::slot::Taken;
use glam::{Quat, Vec3};

fn skeleton() -> RestSkeleton {
    let bone = |bone: HumanoidBone| {
        let position = Vec3::new(0.01 * bone as usize as f32, 1.0, 0.0);
        Some(RestBone { position, rotation: Quat::IDENTITY, local_rotation: Quat::IDENTITY, local_position: position })
    };
    RestSkeleton { bones: HumanoidBone::ALL.map(bone) }
}

fn posed(rest: &RestSkeleton, phase: f32) -> AvatarPose {
    let mut pose = AvatarPose::t_pose(rest);
    for (index, rotation) in pose.rotations.iter_mut().enumerate() {
        *rotation = Quat::from_euler(glam::EulerRot::XYZ, (phase + index as f32).sin(), 0.4, phase.cos());
    }
    pose.hips_position += Vec3::new(phase.sin(), 0.1, phase.cos()) * 0.3;
    pose
}

#[test]
fn a_pose_survives_the_way_over_the_network() {
    let rest = skeleton();
    let receiver = VmcReceiver::listen(&Address::localhost(0)).expect("a free port");
    let sender = VmcSender::start(Address::localhost(receiver.address().port())).expect("a thread");
    for step in 0_u8..20 {
        let pose = posed(&rest, f32::from(step) * 0.3);
        sender.set_frame(VmcFrame::new(&rest, &pose));
        let began = Instant::now();
        loop {
            let received = match receiver.frames().take(Duration::from_secs(5)) {
                Taken::Value(received) => received.frame.pose(&rest),
                other => panic!("nothing came: {other:?}"),
            };
            let off = HumanoidBone::ALL
                .into_iter()
                .map(|bone| received.rotation(bone).angle_between(pose.rotation(bone)).to_degrees())
                .fold(0.0, f32::max);
            if off < 0.5 && received.hips_position.distance(pose.hips_position) < 1e-3 {
                break;
            }
            // The pose before may still have been under way.
            assert!(began.elapsed() < Duration::from_secs(5), "still {off} degrees off");
        }
    }
    assert!(sender.status().frames >= 20 && sender.status().failure.is_none());
    assert_eq!(receiver.status().refused, 0);
}

#[test]
fn what_is_no_osc_is_counted_and_changes_nothing() {
    let receiver = VmcReceiver::listen(&Address::localhost(0)).expect("a free port");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for length in 0..500 {
        socket.send_to(&vec![0x5b; length], receiver.address()).expect("sends");
    }
    let began = Instant::now();
    while receiver.status().refused == 0 {
        assert!(began.elapsed() < Duration::from_secs(5), "nothing was refused");
        std::thread::sleep(Duration::from_millis(5));
    }
    let sender = VmcSender::start(Address::localhost(receiver.address().port())).expect("a thread");
    sender.set_frame(VmcFrame::new(&skeleton(), &posed(&skeleton(), 0.0)));
    assert!(matches!(receiver.frames().take(Duration::from_secs(5)), Taken::Value(_)), "it still listens");
}

#[test]
fn a_host_that_is_none_is_told() {
    let sender = VmcSender::start(Address { host: "nobody.invalid".to_owned(), port: 9 }).expect("a thread");
    let began = Instant::now();
    let failure = loop {
        if let Some(failure) = sender.status().failure {
            break failure.to_string();
        }
        assert!(began.elapsed() < Duration::from_mins(1), "no answer");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(failure.contains("nobody.invalid:9"), "{failure}");
}
