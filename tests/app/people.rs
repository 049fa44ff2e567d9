//! Several people, an avatar for each.

use super::*;
use livedance::app::avatar::Avatar;

/// Two people who are 200 pixels apart in the picture are so far apart, and their avatars so near to that, metres.
const APART_M: f32 = 1.0;
const NEAR_M: f32 = 0.1;

/// An avatar as it is shown.
#[derive(Debug, Clone, Copy)]
struct Seen {
    is_visible: bool,
    /// Where the hips are.
    across_m: f32,
    in_front_m: f32,
    /// Heights of the hands over the head, metres: the avatar's left, right.
    hands: [f32; 2],
}

/// Every avatar by its number.
fn avatars(app: &mut App) -> Vec<Seen> {
    let world = app.world_mut();
    let mut found: Vec<(Avatar, Visibility, [Entity; 4])> = world
        .query::<(&Avatar, &Visibility, &HumanoidRig)>()
        .iter(world)
        .map(|(avatar, visibility, rig)| {
            let bones = [HumanoidBone::Hips, HumanoidBone::Head, HumanoidBone::LeftHand, HumanoidBone::RightHand];
            (*avatar, *visibility, bones.map(|bone| rig.bones[bone as usize].expect("bone")))
        })
        .collect();
    found.sort_by_key(|(avatar, ..)| *avatar);
    let at = |bone: Entity| world.get::<GlobalTransform>(bone).expect("a transform").translation();
    found
        .into_iter()
        .map(|(_, visibility, [hips, head, left, right])| Seen {
            is_visible: visibility != Visibility::Hidden,
            across_m: at(hips).x,
            in_front_m: at(hips).z,
            hands: [left, right].map(|hand| at(hand).y - at(head).y),
        })
        .collect()
}

/// A person whose hips are at `x_px` in the picture.
fn person_at(id: u32, x_px: f32, raised: [bool; 2]) -> BodyPose {
    let mut body = BodyPose { id, ..person(raised) };
    for landmark in &mut body.image {
        landmark.position.x += x_px - 320.0;
    }
    body
}

/// The same as seen by a camera that is `nearer` times nearer.
fn nearer(mut body: BodyPose, nearer: f32) -> BodyPose {
    let middle = Vec3::new(320.0, 240.0, 0.0);
    for landmark in &mut body.image {
        landmark.position = middle + (landmark.position - middle) * nearer;
    }
    body.size_px *= nearer;
    body
}

fn for_two(mirror: bool) -> Settings {
    Settings { people: 2, mirror, ..unsmoothed() }
}

#[test]
fn each_of_two_people_has_an_avatar_that_stands_as_they_stand() {
    for mirror in [false, true] {
        let mut app = studio(for_two(mirror));
        assert_eq!(avatars(&mut app).len(), 2);
        // The first to the left in the picture with the left arm up, the second 200 pixels to the right with the right.
        let both = |_| vec![person_at(4, 200.0, [true, false]), person_at(9, 400.0, [false, true])];
        play(&mut app, 0.0, 2.0, both);
        let seen = avatars(&mut app);
        assert!(seen.iter().all(|avatar| avatar.is_visible), "{seen:?}");
        assert!(seen[0].across_m.abs() < 0.02, "the first stands in the middle: {seen:?}");
        let expected = if mirror { -APART_M } else { APART_M };
        assert!((seen[1].across_m - expected).abs() < NEAR_M, "mirror {mirror}: {seen:?}");
        assert!((seen[1].in_front_m - seen[0].in_front_m).abs() < NEAR_M, "mirror {mirror}: {seen:?}");
        let up = |avatar: &Seen| avatar.hands.map(|height| height > 0.0);
        assert_eq!([up(&seen[0]), up(&seen[1])], [[!mirror, mirror], [mirror, !mirror]], "mirror {mirror}: {seen:?}");
    }
}

#[test]
fn people_keep_their_avatars_when_their_order_changes() {
    let mut app = studio(for_two(false));
    let both = |time_s: f64| {
        let mut people = vec![person_at(4, 200.0, [true, false]), person_at(9, 400.0, [false, true])];
        if (time_s * 5.0) as u32 % 2 == 1 {
            people.reverse();
        }
        people
    };
    let mut now = play(&mut app, 0.0, 1.0, both);
    for _ in 0..40 {
        now = play(&mut app, now, 1.0 / 30.0, both);
        let seen = avatars(&mut app);
        assert!(seen[0].hands[0] > 0.0 && seen[0].hands[1] < 0.0, "{seen:?}");
        assert!(seen[1].hands[0] < 0.0 && seen[1].hands[1] > 0.0, "{seen:?}");
        assert!((seen[1].across_m - APART_M).abs() < NEAR_M, "{seen:?}");
    }
}

#[test]
fn an_avatar_is_hidden_once_its_person_has_left_and_comes_back_where_the_next_one_stands() {
    let mut app = studio(for_two(false));
    assert!(!avatars(&mut app)[1].is_visible, "nobody has come yet");
    let both = |_| vec![person_at(4, 200.0, [true, true]), person_at(9, 400.0, [true, true])];
    let alone = |_| vec![person_at(4, 200.0, [true, true])];
    let now = play(&mut app, 0.0, 2.0, both);
    let now = play(&mut app, now, 0.3, alone);
    let leaving = avatars(&mut app);
    assert!(
        leaving[1].is_visible && (leaving[1].across_m - APART_M).abs() < NEAR_M,
        "it eases where it stands: {leaving:?}"
    );
    let now = play(&mut app, now, 1.0, alone);
    let left = avatars(&mut app);
    assert!(left[0].is_visible && !left[1].is_visible, "{left:?}");
    assert!(left[0].hands[0] > 0.0, "the other dances on: {left:?}");

    // From the first moment in which it is seen, it stands where its new person does.
    let next = |_| vec![person_at(4, 200.0, [true, true]), person_at(12, 100.0, [true, true])];
    let mut now = now;
    let mut moments = 0;
    for _ in 0..30 {
        now = play(&mut app, now, 1.0 / 30.0, next);
        let seen = avatars(&mut app)[1];
        if seen.is_visible {
            moments += 1;
            assert!((seen.across_m + 0.5 * APART_M).abs() < NEAR_M, "{seen:?}");
        }
    }
    assert!(moments > 15, "it is seen again: {moments}");
    let now = play(&mut app, now, 2.0, |_| vec![person_at(12, 100.0, [true, true])]);
    let seen = avatars(&mut app);
    assert!(seen[0].is_visible && seen[0].hands[0] < 0.0, "the first avatar stays, at rest: {seen:?}");
    assert!(seen[1].is_visible && seen[1].hands[0] > 0.0, "the second keeps its person: {seen:?}");
    play(&mut app, now, 2.0, |_| Vec::new());
    let seen = avatars(&mut app);
    assert!(seen[0].is_visible && !seen[1].is_visible, "{seen:?}");
}

#[test]
fn the_number_of_people_is_changed_while_running() {
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    let three = |_| {
        vec![person_at(1, 300.0, [true, true]), person_at(2, 100.0, [true, true]), person_at(3, 500.0, [true, true])]
    };
    let now = play(&mut app, 0.0, 1.0, three);
    assert_eq!(avatars(&mut app).len(), 1);
    app.world_mut().resource_mut::<Preferences>().settings.people = 3;
    let mut now = play(&mut app, now, 0.5, three);
    let began = Instant::now();
    while avatars(&mut app).len() < 3 {
        assert!(began.elapsed() < Duration::from_mins(1), "the further avatars never became ready");
        now = play(&mut app, now, 0.1, three);
    }
    let now = play(&mut app, now, 2.0, three);
    let across: Vec<f32> = avatars(&mut app).iter().map(|avatar| avatar.across_m).collect();
    assert!((across[1] + APART_M).abs() < NEAR_M && (across[2] - APART_M).abs() < NEAR_M, "{across:?}");
    app.world_mut().resource_mut::<Preferences>().settings.people = 1;
    play(&mut app, now, 2.0, three);
    let visible: Vec<bool> = avatars(&mut app).iter().map(|avatar| avatar.is_visible).collect();
    assert_eq!(visible, [true, false, false]);
}

#[test]
fn who_walks_towards_another_comes_to_them() {
    for mirror in [false, true] {
        let mut app = studio(for_two(mirror));
        let sign = if mirror { -1.0 } else { 1.0 };
        let apart = |seen: &[Seen]| sign * (seen[1].across_m - seen[0].across_m);
        let begin = |_| vec![person_at(4, 200.0, [false, false]), person_at(9, 500.0, [false, false])];
        let now = play(&mut app, 0.0, 2.0, begin);
        let seen = avatars(&mut app);
        assert!((apart(&seen) - 1.5 * APART_M).abs() < 1.5 * NEAR_M, "{seen:?}");
        // The first goes 100 pixels to the second, then the second 100 to the first.
        let way = move |time_s: f64| 100.0 * (time_s - now).clamp(0.0, 1.0) as f32;
        let first = move |time_s: f64| {
            vec![person_at(4, 200.0 + way(time_s), [false, false]), person_at(9, 500.0, [false, false])]
        };
        let now = play(&mut app, now, 2.5, first);
        let seen = avatars(&mut app);
        assert!((sign * seen[0].across_m - 0.5 * APART_M).abs() < NEAR_M, "the first has gone: {seen:?}");
        assert!((sign * seen[1].across_m - 1.5 * APART_M).abs() < 1.5 * NEAR_M, "the second has not: {seen:?}");
        let way = move |time_s: f64| 100.0 * (time_s - now).clamp(0.0, 1.0) as f32;
        let second = move |time_s: f64| {
            vec![person_at(4, 300.0, [false, false]), person_at(9, 500.0 - way(time_s), [false, false])]
        };
        let now = play(&mut app, now, 2.5, second);
        let seen = avatars(&mut app);
        assert!((apart(&seen) - 0.5 * APART_M).abs() < NEAR_M, "they are near each other: {seen:?}");
        // From about 4.4 m to 3.5 m before the camera.
        let ratio = move |time_s: f64| 1.0 + 0.25 * (time_s - now).clamp(0.0, 1.0) as f32;
        let third = move |time_s: f64| {
            vec![person_at(4, 300.0, [false, false]), nearer(person_at(9, 400.0, [false, false]), ratio(time_s))]
        };
        play(&mut app, now, 5.0, third);
        let seen = avatars(&mut app);
        assert!((0.6..1.1).contains(&(seen[1].in_front_m - seen[0].in_front_m)), "it came nearer: {seen:?}");
    }
}

#[test]
fn nobody_jumps_when_others_come_and_go() {
    let mut app = studio(for_two(false));
    let walk = |time_s: f64| person_at(4, 200.0 + 60.0 * (time_s as f32), [false, false]);
    let with = move |other: Option<BodyPose>| {
        move |time_s: f64| [Some(walk(time_s)), other.clone()].into_iter().flatten().collect()
    };
    let mut last: Option<Vec<Seen>> = None;
    let mut watch = |app: &mut App, now: f64, seconds: f64, people: &dyn Fn(f64) -> Vec<BodyPose>| {
        let frames = (seconds * 30.0) as u32;
        (0..frames).fold(now, |now, _| {
            let now = play(app, now, 1.0 / 30.0, people);
            let seen = avatars(app);
            for (number, (a, b)) in last.iter().flatten().zip(&seen).enumerate() {
                let step = (a.across_m - b.across_m).hypot(a.in_front_m - b.in_front_m);
                let is_seen = a.is_visible && b.is_visible;
                assert!(!is_seen || step < 0.12, "avatar {number} went {step} m at {now} s: {a:?} {b:?}");
            }
            last = Some(seen);
            now
        })
    };
    let other = |id, x_px| Some(person_at(id, x_px, [false, false]));
    let now = watch(&mut app, 0.0, 1.0, &with(None));
    let now = watch(&mut app, now, 1.0, &with(other(9, 500.0)));
    let now = watch(&mut app, now, 1.0, &with(None));
    let now = watch(&mut app, now, 1.0, &with(other(11, 100.0)));
    // The first is lost; another comes elsewhere and is shown by the first avatar, which has not left.
    let alone = |_| vec![person_at(11, 100.0, [false, false])];
    let now = watch(&mut app, now, 1.5, &alone);
    let both = |_| vec![person_at(11, 100.0, [false, false]), person_at(12, 520.0, [false, false])];
    watch(&mut app, now, 2.0, &both);
    let seen = avatars(&mut app);
    assert!((seen[0].across_m - seen[1].across_m - 2.1 * APART_M).abs() < 2.1 * NEAR_M, "{seen:?}");
}
