mod mirror;

use glam::{Quat, Vec3};

use super::*;
use crate::formats::take::made_up::{body, write_take};
use crate::formats::{bvh, vrma};
use crate::motion::landmark::PoseLandmark as L;

fn options(formats: &[Format]) -> ExportOptions {
    ExportOptions::new(formats.to_vec(), &Settings::default())
}

#[test]
fn a_take_becomes_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let (take, out) = (folder.path().join("arm swing.ldt"), folder.path().join("out"));
    write_take(&take, 60, |time_s| vec![body(0, time_s, true)]);
    let avatar = ExportAvatar::load("").expect("the usual avatar");
    let mut heard = Vec::new();
    let exported = export(&take, &out, &avatar, &options(&Format::ALL), &mut |share| {
        heard.push(share);
        true
    })
    .expect("writes");
    let mut names: Vec<String> =
        std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = [
        "arm swing.angles.csv",
        "arm swing.bvh",
        "arm swing.c3d",
        "arm swing.glb",
        "arm swing.hands.csv",
        "arm swing.json",
        "arm swing.landmarks.csv",
        "arm swing.trc",
        "arm swing.vrma",
    ];
    assert_eq!(names, expected);
    assert_eq!((exported.files.len(), exported.people, exported.frames, exported.fps), (9, 1, 60, 30.0));
    assert!(!exported.is_cut && exported.filled_s == 0.0 && exported.missing_s == 0.0);
    assert!(heard.windows(2).all(|pair| pair[0] <= pair[1]) && heard.last() == Some(&1.0), "{heard:?}");

    // BVH and VRMA are read back as the same motion; JSON holds it too.
    let text = std::fs::read_to_string(out.join("arm swing.bvh")).unwrap();
    let from_bvh = bvh::read(&text, &bvh::ReadOptions::default()).expect("reads");
    let from_vrma = vrma::read(&std::fs::read(out.join("arm swing.vrma")).unwrap(), Some(30.0)).expect("reads").clip;
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("arm swing.json")).unwrap()).expect("JSON");
    let order: Vec<&str> = json["bone_order"].as_array().unwrap().iter().map(|bone| bone.as_str().unwrap()).collect();
    assert_eq!(json["frames"].as_array().map(Vec::len), Some(60));
    let mut turns = 0.0_f32;
    for frame in 0..60 {
        for (place, name) in order.iter().enumerate() {
            let bone = crate::motion::skeleton::HumanoidBone::from_vrm_name(name).expect("a bone");
            let own: [f32; 4] =
                serde_json::from_value(json["frames"][frame]["rotations"][place].clone()).expect("four numbers");
            let own = Quat::from_array(own);
            if name.contains("Eye") {
                continue;
            }
            for other in [&from_bvh, &from_vrma] {
                // The sine, as single precision says nothing of small angles by their cosine.
                let off = 2.0 * (own.inverse() * other.poses[frame].rotation(bone)).xyz().length().asin().to_degrees();
                assert!(off < 0.05, "{name} in frame {frame}: {off}°");
            }
            turns = turns.max(own.to_scaled_axis().length());
        }
    }
    assert!(turns > 0.5, "it moves");
}

#[test]
fn each_person_has_a_file_and_who_passes_by_has_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = folder.path().join("two.ldt");
    write_take(&take, 60, |time_s| {
        let mut people = vec![body(0, time_s, false)];
        if time_s > 0.5 {
            people.push(body(4, time_s, false));
        }
        if (1.0..1.2).contains(&time_s) {
            people.push(body(9, time_s, false));
        }
        people
    });
    let avatar = ExportAvatar::load("child").expect("a bundled avatar");
    let exported = export(&take, folder.path(), &avatar, &options(&[Format::Trc]), &mut |_| true).expect("writes");
    assert_eq!(exported.people, 2);
    let names: Vec<_> = exported.files.iter().map(|file| file.file_name().unwrap().to_string_lossy()).collect();
    assert_eq!(names, ["two-person1.trc", "two-person2.trc"]);
}

#[test]
fn rate_and_range_are_those_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = folder.path().join("take.ldt");
    write_take(&take, 90, |time_s| vec![body(0, time_s, false)]);
    let avatar = ExportAvatar::load("").expect("the usual avatar");
    let part = ExportOptions { fps: Some(60.0), range_s: (1.0, 2.0), t_pose_first: true, ..options(&[Format::Bvh]) };
    let exported = export(&take, folder.path(), &avatar, &part, &mut |_| true).expect("writes");
    assert_eq!((exported.frames, exported.fps), (61, 60.0));
    let text = std::fs::read_to_string(&exported.files[0]).unwrap();
    assert!(text.contains("Frames: 62\n"), "the T-pose comes first");
}

#[test]
fn the_markers_are_the_persons_own_and_stand_on_the_floor() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = folder.path().join("take.ldt");
    write_take(&take, 30, |time_s| vec![body(0, time_s, false)]);
    let avatar = ExportAvatar::load("child").expect("a bundled avatar");
    let exported = export(&take, folder.path(), &avatar, &options(&[Format::Trc]), &mut |_| true).expect("writes");
    let text = std::fs::read_to_string(&exported.files[0]).unwrap();
    let row: Vec<f32> = text.lines().last().unwrap().split('\t').filter_map(|cell| cell.parse().ok()).collect();
    let point = |landmark: L| Vec3::from_slice(&row[2 + 3 * landmark as usize..]);
    let height = point(L::Nose).y - point(L::LeftAnkle).y;
    assert!((1.2..1.7).contains(&height), "as tall as the person, not as the child: {height}");
    assert!((0.02..0.2).contains(&point(L::LeftAnkle).y), "{}", point(L::LeftAnkle));
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let avatar = ExportAvatar::load("").expect("the usual avatar");
    let empty = folder.path().join("empty.ldt");
    write_take(&empty, 10, |_| Vec::new());
    let error = |take: &Path, options: &ExportOptions| {
        export(take, &folder.path().join("out"), &avatar, options, &mut |_| true).expect_err("refused").to_string()
    };
    assert!(error(&empty, &options(&[Format::Bvh])).contains("nobody is seen"));
    assert!(error(&folder.path().join("none.ldt"), &options(&[Format::Bvh])).contains("none.ldt"));
    let take = folder.path().join("take.ldt");
    write_take(&take, 10, |time_s| vec![body(0, time_s, false)]);
    let wild = ExportOptions { fps: Some(1e9), ..options(&[Format::Bvh]) };
    assert!(error(&take, &wild).contains("frame rate"));
    std::fs::write(folder.path().join("file"), "in the way").unwrap();
    let blocked = export(&take, &folder.path().join("file"), &avatar, &options(&[Format::Bvh]), &mut |_| true);
    assert!(blocked.expect_err("refused").to_string().contains("file"));
    assert!(ExportAvatar::load("nowhere.vrm").is_err());
    assert!("mp3".parse::<Format>().expect_err("no such format").contains("bvh, glb"));
    assert_eq!(".BVH".parse::<Format>(), Ok(Format::Bvh));
}

#[test]
fn an_export_can_be_stopped_anywhere_and_leaves_only_whole_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = folder.path().join("take.ldt");
    write_take(&take, 30, |time_s| vec![body(0, time_s, true), body(1, time_s, false)]);
    let avatar = ExportAvatar::load("child").expect("a bundled avatar");
    let options = options(&[Format::Bvh, Format::Csv, Format::Trc]);
    let whole = export(&take, &folder.path().join("whole"), &avatar, &options, &mut |_| true).expect("writes");
    let mut asked_in_all = 0;
    export(&take, &folder.path().join("whole"), &avatar, &options, &mut |_| {
        asked_in_all += 1;
        true
    })
    .expect("writes");
    assert!(asked_in_all > 10, "{asked_in_all}");
    let mut kept = Vec::new();
    for stop_at in 1..asked_in_all {
        let out = folder.path().join(format!("stopped at {stop_at}"));
        let mut asked = 0;
        let error = export(&take, &out, &avatar, &options, &mut |_| {
            asked += 1;
            asked < stop_at
        });
        assert!(matches!(error, Err(ExportError::Stopped { .. })), "{stop_at}: {error:?}");
        assert_eq!(asked, stop_at, "it is not asked again");
        let files = std::fs::read_dir(&out).map_or(0, |files| {
            files
                .map(|file| {
                    let name = file.expect("an entry").file_name();
                    let (own, complete) = (out.join(&name), folder.path().join("whole").join(&name));
                    assert!(std::fs::read(own).expect("reads") == std::fs::read(complete).expect("reads"), "{name:?}");
                })
                .count()
        });
        kept.push(files);
    }
    assert!(kept.is_sorted() && kept.last().is_some_and(|last| *last < whole.files.len()), "{kept:?}");
}

#[test]
fn another_file_under_the_same_name_is_another_avatar() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("Ann.glb");
    let load = |bundled: &str| {
        std::fs::copy(crate::avatar_library::path_of(bundled), &path).expect("copies");
        ExportAvatar::load(&path.to_string_lossy()).expect("an avatar").fingerprint
    };
    let first = load("child");
    assert_eq!(load("child"), first);
    assert_ne!(load(""), first);
}
