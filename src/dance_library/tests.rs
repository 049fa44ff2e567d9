use super::*;
use crate::formats::take::made_up::{body, write_take};
use crate::motion::dance::BeatGrid;

fn bundled() -> PathBuf {
    shipped_folder("assets").join("dances")
}

fn even() -> DraftBeats {
    DraftBeats::Even(BeatGrid { bpm: 112.0, first_beat_s: 0.25 })
}

#[test]
fn the_bundled_dances_can_be_danced() {
    let empty = tempfile::tempdir().expect("a folder");
    let list = list_in(&bundled(), empty.path());
    assert_eq!(list.problems, [] as [String; 0]);
    assert_eq!(list.dances.iter().map(|dance| dance.id.as_str()).collect::<Vec<_>>(), ["sunrise", "groove", "rush"]);
    for entry in &list.dances {
        let dance = load(entry, skeleton().expect("the usual avatar")).expect("loads");
        assert!(dance.music.as_ref().is_some_and(|music| music.is_file()), "{}", entry.id);
        assert!(dance.file.duration_s <= dance.clip.duration_s() - dance.motion_start_s, "{}", entry.id);
        assert!(dance.track(0.85).expect("a track").moments().len() > 60, "{}", entry.id);
        assert!(entry.note().contains("bpm"), "{}", entry.note());
    }
}

#[test]
fn broken_dances_are_named_and_the_others_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("writes");
    let head = "title = \"A\"\nbpm = 120\nduration_s = 5\n";
    write("broken.dance.toml", "title = ");
    write("lost.dance.toml", &format!("{head}motion = \"none.bvh\"\n"));
    write("silent.dance.toml", &format!("{head}motion = \"a.bvh\"\nmusic = \"none.ogg\"\n"));
    write("groove.dance.toml", &format!("{head}motion = \"a.bvh\"\n"));
    write("good.dance.toml", &format!("{head}motion = \"a.bvh\"\n"));
    write("a.bvh", "nonsense");
    write("notes.txt", "nonsense");
    let list = list_in(&bundled(), folder.path());
    assert_eq!(list.dances.len(), 4, "{list:?}");
    assert_eq!(list.problems.len(), 4, "{:?}", list.problems);
    for (name, words) in [("broken", "understood"), ("lost", "none.bvh"), ("silent", "none.ogg"), ("groove", "rename")]
    {
        let told = list.problems.iter().find(|problem| problem.contains(&format!("{name}.dance.toml")));
        assert!(told.is_some_and(|told| told.contains(words)), "{name}: {told:?}");
    }
    let error = load(list.get("good").expect("listed"), skeleton().expect("the usual avatar")).expect_err("no motion");
    assert!(error.to_string().contains("a.bvh"), "{error}");
}

#[test]
fn a_dance_is_made_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("dances");
    let music = folder.path().join("Song.OGG");
    std::fs::write(&music, "music").expect("writes");
    let motion = bundled().join("groove.bvh");
    let draft = DanceDraft { music: Some(music.clone()), ..DanceDraft::new(" My  First Dance! ", &motion, even()) };
    let path = create_in(&own, &draft).expect("made");
    assert!(path.ends_with("my-first-dance.dance.toml"), "{}", path.display());
    let list = list_in(&bundled(), &own);
    assert_eq!(list.problems, [] as [String; 0]);
    let dance =
        load(list.get("my-first-dance").expect("listed"), skeleton().expect("the usual avatar")).expect("loads");
    assert_eq!((dance.file.title.as_str(), dance.file.bpm), ("My  First Dance!", Some(112.0)));
    assert!(dance.music.is_some_and(|music| music.starts_with(&own)));
    assert!((dance.file.duration_s - dance.clip.duration_s()).abs() < 2e-3);

    let files = || std::fs::read_dir(&own).expect("a folder").count();
    assert_eq!(files(), 3);
    let again = create_in(&own, &draft).expect_err("taken").to_string();
    assert!(again.contains("already a dance called my-first-dance"), "{again}");
    let other = |title: &str| DanceDraft { title: title.to_owned(), ..draft.clone() };
    for (draft, words) in [
        (DanceDraft { music: Some(folder.path().join("none.ogg")), ..other("b") }, "none.ogg"),
        (DanceDraft { motion: music.clone(), ..other("c") }, "neither a BVH"),
        (DanceDraft { motion_start_s: 500.0, ..other("d") }, "duration_s"),
        (DanceDraft { beats: DraftBeats::Taps(vec![0.0, 0.5, 1.0, 1.5]), ..other("e") }, "at least 8"),
        (other("!?"), "no letter"),
        (other("Groove"), "already a dance"),
    ] {
        let message = create_in(&own, &draft).expect_err(words).to_string();
        assert!(message.contains(words), "{message}");
        assert_eq!(files(), 3, "{words}: nothing is left behind");
    }
}

#[test]
fn taps_become_an_even_beat_from_the_beginning() {
    let folder = tempfile::tempdir().expect("a folder");
    let taps = (0..10).map(|tap| 5.0 + f64::from(tap) * 0.5 + if tap % 2 == 0 { 0.01 } else { -0.01 }).collect();
    let draft = DanceDraft::new("Tapped", bundled().join("rush.bvh"), DraftBeats::Taps(taps));
    let file = DanceFile::read(&create_in(folder.path(), &draft).expect("made")).expect("reads");
    assert!((file.bpm.expect("a beat") - 120.0).abs() < 1.0, "{file:?}");
    assert!(file.first_beat_s.is_some_and(|first| first < 0.51), "{file:?}");
}

#[test]
fn people_of_a_take_are_numbered_as_exports_number_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("take.ldt");
    // The second stays for a second, in the middle somebody passes by.
    write_take(&path, 120, |time_s| {
        let mut people = vec![body(0, time_s, false)];
        people.extend((1.0..2.0).contains(&time_s).then(|| body(5, time_s, false)));
        people.extend((0.5..0.7).contains(&time_s).then(|| body(3, time_s, false)));
        people
    });
    let starts_s =
        |person| read_motion(&path, person, skeleton().expect("the usual avatar")).map(|motion| motion.starts_s);
    assert!(starts_s(0).expect("the first").abs() < 1e-6);
    assert!((starts_s(1).expect("the second") - 1.0).abs() < 0.05);
    assert!(matches!(starts_s(2), Err(DanceError::Nobody { found: 2, .. })));
}

#[test]
fn a_take_is_known_whatever_it_is_called() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("take.ldt");
    write_take(&path, 30, |time_s| vec![body(0, time_s, false)]);
    let other = folder.path().join("a take without an ending");
    std::fs::rename(&path, &other).expect("renames");
    assert_eq!(read_motion(&other, 0, skeleton().expect("the usual avatar")).expect("reads").clip.poses.len(), 30);
}
