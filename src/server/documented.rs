//! Whether `docs/protocol.md` names everything that clients may meet.

use std::collections::BTreeSet;
use std::time::Duration;

use super::error::{Farewell, Fault};
use crate::capture::PictureError;
use crate::motion::angle::JointAngle;
use crate::motion::skeleton::HumanoidBone;
use crate::wire::{self, close_code};

const PROTOCOL: &str = include_str!("../../docs/protocol.md");
const SERVER: &str = include_str!("../../docs/server.md");

/// One of each; a new one does not compile here until it has its place in the list.
fn faults() -> Vec<Fault> {
    let bad = Fault::BadImage(PictureError::Bad { reason: String::new() });
    let large = Fault::BadImage(PictureError::TooLarge { width: 1, height: 1, max_side: 0 });
    let stale = Fault::StaleSequence { got: 0, last: 0 };
    let tracking = Fault::Tracking(String::new());
    let all = vec![
        Fault::BadMessage(String::new()),
        bad,
        large,
        stale,
        Fault::BadSequence,
        Fault::RateLimit { limit: 1 },
        Fault::Busy,
        tracking,
    ];
    for fault in &all {
        match fault {
            Fault::BadMessage(_)
            | Fault::BadImage(PictureError::Bad { .. } | PictureError::TooLarge { .. })
            | Fault::StaleSequence { .. }
            | Fault::BadSequence
            | Fault::RateLimit { .. }
            | Fault::Busy
            | Fault::Tracking(_) => {}
        }
    }
    all
}

fn farewells() -> [Farewell; 11] {
    let time = Duration::from_secs(1);
    let all = [
        Farewell::GoingAway,
        Farewell::Idle(time),
        Farewell::SlowReader(time),
        Farewell::TooBig(1),
        Farewell::Unsupported,
        Farewell::Protocol,
        Farewell::BadText,
        Farewell::BadToken,
        Farewell::TooManyClients(1),
        Farewell::TooManyFromAddress(1),
        Farewell::Origin,
    ];
    for farewell in all {
        match farewell {
            Farewell::GoingAway
            | Farewell::Idle(_)
            | Farewell::SlowReader(_)
            | Farewell::TooBig(_)
            | Farewell::Unsupported
            | Farewell::Protocol
            | Farewell::BadText
            | Farewell::BadToken
            | Farewell::TooManyClients(_)
            | Farewell::TooManyFromAddress(_)
            | Farewell::Origin => {}
        }
    }
    all
}

/// The lines of one section, from its heading to the next of the same rank.
fn section(heading: &str) -> &'static str {
    let rank = heading.split(' ').next().unwrap_or_default();
    let rest = PROTOCOL.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no section `{heading}`")).1;
    rest.split(&format!("\n{rank} ")).next().unwrap_or(rest)
}

#[test]
fn every_error_and_close_code_is_explained() {
    let errors = section("## Errors");
    for fault in faults() {
        assert!(errors.contains(&format!("\n| `{}` | ", fault.code())), "{}", fault.code());
    }
    let closes = section("## Close codes");
    for farewell in farewells() {
        let (name, code) = (format!("`{}`", farewell.name()), format!("| {} | ", farewell.close_code()));
        let explained = closes.lines().any(|line| line.contains(&name) && line.starts_with(&code));
        assert!(explained || farewell == Farewell::Origin, "{name} {code}");
        assert!(closes.contains(&name), "{name}");
    }
    let named: BTreeSet<u16> = closes.lines().filter_map(|line| line.split(' ').nth(1)?.parse().ok()).collect();
    let used = [
        close_code::GOING_AWAY,
        close_code::PROTOCOL,
        close_code::UNSUPPORTED,
        close_code::BAD_TEXT,
        close_code::POLICY,
        close_code::TOO_BIG,
        close_code::SLOW_READER,
        close_code::BAD_TOKEN,
        close_code::TOO_MANY_CLIENTS,
    ];
    assert_eq!(named, BTreeSet::from(used));
}

#[test]
fn bones_and_angles_have_their_places() {
    let bones = section("### Order of the rig's bones");
    for (index, bone) in HumanoidBone::ALL.iter().enumerate() {
        assert!(bones.contains(&format!("| {index} | `{}` |", bone.vrm_name())), "{index} {}", bone.vrm_name());
    }
    assert!(PROTOCOL.contains(&format!("each of {} bones", HumanoidBone::ALL.len())));
    let angles = section("### Order of the 14 angles");
    for (index, angle) in JointAngle::ALL.iter().enumerate() {
        assert!(angles.contains(&format!("| {index} | `{}` |", angle.name())), "{index} {}", angle.name());
    }
}

#[test]
fn landmarks_have_their_places() {
    let landmarks = section("### Order of the 33 landmarks").replace('\n', " ");
    for (index, name) in crate::motion::landmark::POSE_LANDMARK_NAMES.iter().enumerate() {
        assert!(landmarks.contains(&format!("{index} {}", name.replace('_', " "))), "{index} {name}");
    }
}

#[test]
fn every_field_of_the_schema_is_explained() {
    const SCHEMA: &str = include_str!("../wire/proto/livedance.proto");
    let fields = SCHEMA.lines().map(str::trim).filter_map(|line| line.split_once(" = "));
    let fields = fields.filter(|(_, number)| number.starts_with(|digit: char| digit.is_ascii_digit()));
    let names = fields.filter_map(|(field, _)| field.split(' ').next_back());
    let mut seen = 0;
    for name in names.filter(|name| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')) {
        assert!(PROTOCOL.contains(&format!("`{name}`")), "`{name}` stands in the schema alone");
        seen += 1;
    }
    assert!(seen > 40, "only {seen} fields were found");
    assert!(PROTOCOL.contains(wire::STREAM_PATH) && PROTOCOL.contains("2^53 - 1"));
}

#[test]
fn every_metric_is_explained() {
    let source = [include_str!("metrics.rs"), include_str!("gauges.rs")].concat();
    let names = source.split(".register").skip(1).filter_map(|call| call.split('"').nth(1));
    let mut seen = 0;
    for name in names.filter(|name| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')) {
        assert!(SERVER.contains(&format!("_{name}")), "{name}");
        seen += 1;
    }
    assert!(seen > 15, "only {seen} metrics were found");
}
