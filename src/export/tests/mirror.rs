//! A mirrored export is the mirror image of the one that is not, in every format.

use glam::{Quat, Vec3};
use serde_json::Value;

use super::*;
use crate::motion::clip::MotionClip;
use crate::motion::hand::HAND_LANDMARK_COUNT;
use crate::motion::landmark::{POSE_LANDMARK_COUNT, POSE_LANDMARK_NAMES};

const FRAMES: usize = 45;
const WIDTH: f32 = 640.0;

/// Somebody who swings the left arm, shows the left hand and walks to the side: plain and mirrored, each in a folder.
struct Pair {
    folder: tempfile::TempDir,
}

impl Pair {
    fn new(fit: bool) -> Self {
        let pair = Self { folder: tempfile::tempdir().expect("a folder") };
        let take = pair.folder.path().join("walk.ldt");
        write_take(&take, FRAMES as u32, |time_s| {
            let mut body = body(0, time_s, true);
            body.image.iter_mut().for_each(|landmark| landmark.position.x += 90.0 * time_s as f32);
            // One leg is seen longer than the other.
            body.world[L::RightAnkle as usize].position.y += 0.02;
            vec![body]
        });
        let avatar = ExportAvatar::load("").expect("the usual avatar");
        for (name, mirror) in [("plain", false), ("mirrored", true)] {
            let mut options = options(&Format::ALL);
            (options.solver.mirror, options.solver.fit) = (mirror, fit);
            export(&take, &pair.folder.path().join(name), &avatar, &options, &mut |_| true).expect("writes");
        }
        pair
    }

    /// The same file of both.
    fn both<T>(&self, ending: &str, read: impl Fn(Vec<u8>) -> T) -> [T; 2] {
        ["plain", "mirrored"].map(|folder| {
            read(std::fs::read(self.folder.path().join(folder).join(format!("walk.{ending}"))).expect("was written"))
        })
    }

    fn text<T>(&self, ending: &str, read: impl Fn(&str) -> T) -> [T; 2] {
        self.both(ending, |bytes| read(&String::from_utf8(bytes).expect("text")))
    }
}

fn across(name: &str) -> String {
    name.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")
}

fn reflected(point: Vec3) -> Vec3 {
    point.with_x(-point.x)
}

/// The rows of a table by the names of its columns.
fn table(text: &str) -> Vec<Vec<(String, String)>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("names").split(',').collect();
    lines
        .map(|line| names.iter().map(|name| (*name).to_owned()).zip(line.split(',').map(str::to_owned)).collect())
        .collect()
}

fn cell<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    row.iter().find(|(column, _)| column == name).map(|(_, value)| value.as_str()).expect("a column")
}

fn number(row: &[(String, String)], name: &str) -> f32 {
    cell(row, name).parse().expect("a number")
}

#[test]
fn tables() {
    for fit in [true, false] {
        let pair = Pair::new(fit);
        let [plain, mirrored] = pair.text("landmarks.csv", table);
        assert_eq!((plain.len(), mirrored.len()), (FRAMES, FRAMES));
        for (plain, mirrored) in plain.iter().zip(&mirrored) {
            for name in POSE_LANDMARK_NAMES {
                let other = across(name);
                assert_eq!(number(mirrored, &format!("{name}_x")), -number(plain, &format!("{other}_x")), "{name}");
                for part in ["y", "z", "visibility"] {
                    assert_eq!(cell(mirrored, &format!("{name}_{part}")), cell(plain, &format!("{other}_{part}")));
                }
            }
        }
        let [plain, mirrored] = pair.text("angles.csv", table);
        let mut apart = 0.0_f32;
        for (plain, mirrored) in plain.iter().zip(&mirrored) {
            for (name, value) in plain.iter().skip(3).filter(|(_, value)| !value.is_empty()) {
                let value: f32 = value.parse().expect("a number");
                assert!((number(mirrored, &across(name)) - value).abs() < 0.05, "{name}");
            }
            apart = apart.max((number(plain, "left_shoulder") - number(plain, "right_shoulder")).abs());
        }
        assert!(apart > 10.0, "one arm swings: {apart}");
        let [plain, mirrored] = pair.text("hands.csv", table);
        for (plain, mirrored) in plain.iter().zip(&mirrored) {
            assert_eq!((cell(plain, "hand"), cell(mirrored, "hand")), ("left", "right"));
            assert_eq!(number(mirrored, "thumb_tip_x"), -number(plain, "thumb_tip_x"));
            assert_eq!(cell(mirrored, "thumb_tip_y"), cell(plain, "thumb_tip_y"));
        }
    }
}

/// Compares marker by marker, those of the body and then those of both hands, metres.
fn assert_markers_are_mirrored(plain: &[Vec<Vec3>], mirrored: &[Vec<Vec3>]) {
    assert_eq!((plain.len(), mirrored.len()), (FRAMES, FRAMES));
    for (plain, mirrored) in plain.iter().zip(mirrored) {
        assert_eq!(plain.len(), POSE_LANDMARK_COUNT + 2 * HAND_LANDMARK_COUNT);
        for (index, name) in POSE_LANDMARK_NAMES.iter().enumerate() {
            let other = POSE_LANDMARK_NAMES.iter().position(|other| *other == across(name)).expect("a landmark");
            let off = mirrored[index].distance(reflected(plain[other]));
            assert!(off < 2e-3, "{name}: {} is not the image of {}", mirrored[index], plain[other]);
        }
        for point in 0..HAND_LANDMARK_COUNT {
            let (left, right) = (POSE_LANDMARK_COUNT + point, POSE_LANDMARK_COUNT + HAND_LANDMARK_COUNT + point);
            assert!(mirrored[right].distance(reflected(plain[left])) < 2e-3, "point {point} of the hand");
            assert!(mirrored[left].is_nan() && plain[right].is_nan(), "the other hand is not seen");
        }
    }
    let way = |frames: &[Vec<Vec3>]| frames[FRAMES - 1][L::Nose as usize].x - frames[0][L::Nose as usize].x;
    assert!(way(plain) > 0.2 && (way(plain) + way(mirrored)).abs() < 5e-3, "{} {}", way(plain), way(mirrored));
}

#[test]
fn markers() {
    for fit in [true, false] {
        let pair = Pair::new(fit);
        let [plain, mirrored] = pair.text("trc", |text| {
            let row = |line: &str| -> Vec<Vec3> {
                let cells: Vec<f32> = line.split('\t').skip(2).map(|cell| cell.parse().unwrap_or(f32::NAN)).collect();
                cells.chunks_exact(3).map(Vec3::from_slice).collect()
            };
            text.lines().skip(6).map(row).collect::<Vec<_>>()
        });
        assert_markers_are_mirrored(&plain, &mirrored);
        let [plain, mirrored] = pair.both("c3d", |bytes| {
            let points = POSE_LANDMARK_COUNT + 2 * HAND_LANDMARK_COUNT;
            let data_at = usize::from(u16::from_le_bytes([bytes[16], bytes[17]]));
            let value = |at: usize| f32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
            let point = |index: usize| {
                let at = (data_at - 1) * 512 + index * 16;
                let is_known = value(at + 12) >= 0.0;
                if is_known { Vec3::new(value(at), value(at + 4), value(at + 8)) * 1e-3 } else { Vec3::NAN }
            };
            (0..FRAMES)
                .map(|frame| (0..points).map(|index| point(frame * points + index)).collect())
                .collect::<Vec<_>>()
        });
        assert_markers_are_mirrored(&plain, &mirrored);
    }
}

fn assert_clips_are_mirrored(plain: &MotionClip, mirrored: &MotionClip) {
    assert_eq!((plain.poses.len(), mirrored.poses.len()), (FRAMES, FRAMES));
    for (plain, mirrored) in plain.poses.iter().zip(&mirrored.poses) {
        let expected = plain.mirrored();
        assert!(mirrored.hips_position.distance(expected.hips_position) < 2e-3);
        for (own, expected) in mirrored.rotations.iter().zip(expected.rotations) {
            let off = 2.0 * (own.inverse() * expected).xyz().length().min(1.0).asin().to_degrees();
            assert!(off < 1.0, "{off} degrees");
        }
    }
}

#[test]
fn bones() {
    let pair = Pair::new(true);
    let [plain, mirrored] = pair.text("bvh", |text| bvh::read(text, &bvh::ReadOptions::default()).expect("reads"));
    assert_clips_are_mirrored(&plain, &mirrored);
    let [plain, mirrored] = pair.both("vrma", |bytes| vrma::read(&bytes, Some(30.0)).expect("reads").clip);
    assert_clips_are_mirrored(&plain, &mirrored);
}

#[test]
fn everything() {
    let pair = Pair::new(true);
    let [plain, mirrored]: [Value; 2] = pair.both("json", |bytes| serde_json::from_slice(&bytes).expect("JSON"));
    let vector = |value: &Value| -> Vec<f32> { serde_json::from_value(value.clone()).expect("numbers") };
    let order = plain["bone_order"].as_array().expect("bones");
    let bone = |name: &str| order.iter().position(|bone| bone == name).expect("a bone");
    for frame in 0..FRAMES {
        let (plain, mirrored) = (&plain["frames"][frame], &mirrored["frames"][frame]);
        assert_eq!(
            (&plain["contacts"][0], &plain["contacts"][1]),
            (&mirrored["contacts"][1], &mirrored["contacts"][0])
        );
        let hips = |frame: &Value| Vec3::from_slice(&vector(&frame["hips_position"]));
        assert!(hips(mirrored).distance(reflected(hips(plain))) < 2e-3);
        let arm = |frame: &Value, name: &str| Quat::from_slice(&vector(&frame["rotations"][bone(name)]));
        let (own, other) = (arm(mirrored, "rightUpperArm"), arm(plain, "leftUpperArm"));
        assert!(own.angle_between(Quat::from_xyzw(other.x, -other.y, -other.z, other.w)) < 0.02);
        let (plain, mirrored) = (&plain["body"], &mirrored["body"]);
        for (index, name) in POSE_LANDMARK_NAMES.iter().enumerate() {
            let other = POSE_LANDMARK_NAMES.iter().position(|other| *other == across(name)).expect("a landmark");
            let (own, other) = (vector(&mirrored["landmarks"][index]), vector(&plain["landmarks"][other]));
            assert!((own[0] - (WIDTH - other[0])).abs() < 2e-3 && own[1..] == other[1..], "{name}");
        }
        assert!(mirrored["hands"]["left"].is_null() && plain["hands"]["right"].is_null());
        let thumb = |body: &Value, side: &str| vector(&body["hands"][side]["landmarks"][4]);
        assert!((thumb(mirrored, "right")[0] - (WIDTH - thumb(plain, "left")[0])).abs() < 2e-3);
    }
}
