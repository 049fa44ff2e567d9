//! Several people, an avatar for each.

use super::*;
use livedance::app::avatar::Avatar;

/// An avatar as it is shown.
#[derive(Debug, Clone, Copy)]
struct Seen {
    is_visible: bool,
    across_m: f32,
    /// Heights of the hands over the head, metres: the avatar's left, right.
    hands: [f32; 2],
}

/// Every avatar by its number.
fn avatars(app: &mut App) -> Vec<Seen> {
    let world = app.world_mut();
    let mut found: Vec<(Avatar, Visibility, GlobalTransform, [Entity; 3])> = world
        .query::<(&Avatar, &Visibility, &GlobalTransform, &HumanoidRig)>()
        .iter(world)
        .map(|(avatar, visibility, at, rig)| {
            let bones = [HumanoidBone::Head, HumanoidBone::LeftHand, HumanoidBone::RightHand];
            (*avatar, *visibility, *at, bones.map(|bone| rig.bones[bone as usize].expect("bone")))
        })
        .collect();
    found.sort_by_key(|(avatar, ..)| *avatar);
    let height = |bone: Entity| world.get::<GlobalTransform>(bone).expect("a transform").translation().y;
    found
        .into_iter()
        .map(|(_, visibility, at, [head, left, right])| Seen {
            is_visible: visibility != Visibility::Hidden,
            across_m: at.translation().x,
            hands: [left, right].map(|hand| height(hand) - height(head)),
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
        assert!(seen[0].across_m.abs() < 1e-6, "the first stands in the middle");
        // The square around the first has 400 pixels and stands for two metres.
        let expected = if mirror { -1.0 } else { 1.0 };
        assert!((seen[1].across_m - expected).abs() < 0.01, "mirror {mirror}: {seen:?}");
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
        assert!((seen[1].across_m - 1.0).abs() < 0.01, "{seen:?}");
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
    assert!(leaving[1].is_visible && (leaving[1].across_m - 1.0).abs() < 0.01, "it eases where it stands: {leaving:?}");
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
            assert!((seen.across_m + 0.5).abs() < 0.01, "{seen:?}");
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
    assert!((across[1] + 1.0).abs() < 0.01 && (across[2] - 1.0).abs() < 0.01, "{across:?}");
    app.world_mut().resource_mut::<Preferences>().settings.people = 1;
    play(&mut app, now, 2.0, three);
    let visible: Vec<bool> = avatars(&mut app).iter().map(|avatar| avatar.is_visible).collect();
    assert_eq!(visible, [true, false, false]);
}
