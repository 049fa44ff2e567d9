//! Avatars of other programs in the app: they load, move as the bundled one does, and are changed while it runs.

#[path = "../motion/figure.rs"]
#[expect(dead_code, reason = "some figures are for the tests of files alone")]
pub(crate) mod figure;

use super::*;
use figure::{Figure, Style, all_kinds};
use livedance::app::avatar::{Avatar, AvatarRefused, AvatarShown, Expressions};

/// Bones whose ends are joints too.
const SEGMENTS: [(HumanoidBone, HumanoidBone); 8] = [
    (HumanoidBone::Neck, HumanoidBone::Head),
    (HumanoidBone::LeftUpperArm, HumanoidBone::LeftLowerArm),
    (HumanoidBone::LeftLowerArm, HumanoidBone::LeftHand),
    (HumanoidBone::RightUpperArm, HumanoidBone::RightLowerArm),
    (HumanoidBone::RightLowerArm, HumanoidBone::RightHand),
    (HumanoidBone::LeftUpperLeg, HumanoidBone::LeftLowerLeg),
    (HumanoidBone::LeftLowerLeg, HumanoidBone::LeftFoot),
    (HumanoidBone::RightUpperLeg, HumanoidBone::RightLowerLeg),
];

fn with_avatar(path: &std::path::Path) -> Settings {
    Settings { avatar: path.to_string_lossy().into_owned(), ..unsmoothed() }
}

/// The directions of the bones when every bone is turned by the same angles.
fn directions(app: &mut App) -> Vec<Vec3> {
    let mut pose = shown(app);
    for (index, rotation) in pose.rotations.iter_mut().enumerate() {
        let angle = |salt: usize| (index * salt % 13) as f32 / 13.0 - 0.5;
        *rotation = Quat::from_euler(EulerRot::YXZ, angle(3), angle(5), angle(7));
    }
    let world = app.world_mut();
    world.query::<&mut ShownPose>().single_mut(world).expect("one avatar").0 = pose;
    app.update();
    SEGMENTS.iter().map(|(from, to)| (bone_at(app, *to) - bone_at(app, *from)).normalize_or_zero()).collect()
}

#[test]
fn avatars_of_every_kind_point_their_bones_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut reference: Option<Vec<Vec3>> = None;
    let mut worst = 0.0_f32;
    for (index, figure) in all_kinds().into_iter().enumerate() {
        let ending = if matches!(figure.style, Style::Vrm0 | Style::Vrm1) { "vrm" } else { "glb" };
        let path = folder.path().join(format!("figure{index}.{ending}"));
        std::fs::write(&path, figure.glb()).expect("writes");
        let mut app = studio(with_avatar(&path));
        let found = directions(&mut app);
        let expected = reference.get_or_insert_with(|| found.clone());
        for ((a, b), segment) in expected.iter().zip(&found).zip(SEGMENTS) {
            let angle = a.angle_between(*b).to_degrees();
            worst = worst.max(angle);
            assert!(angle < 1.0, "{figure:?}: {segment:?} is {angle} degrees off");
        }
        let toes = bone_at(&mut app, HumanoidBone::LeftToes);
        assert!(toes.is_finite() && toes.length() < 2.0, "{figure:?}: {toes}");
    }
    println!("loaded avatars of all kinds differ by at most {worst:.4} degrees");
}

#[test]
fn tracked_people_move_a_foreign_avatar() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("figure.glb");
    let figure = Figure { units: 100.0, yaw: 2.0, droop: 0.7, twist: 5, ..Figure::new(Style::Mixamo) };
    std::fs::write(&path, figure.glb()).expect("writes");
    let mut app = studio(Settings { mirror: false, ..with_avatar(&path) });
    play(&mut app, 0.0, 2.0, |_| vec![person([true, false])]);
    let (left, right) = (bone_at(&mut app, HumanoidBone::LeftHand), bone_at(&mut app, HumanoidBone::RightHand));
    let head = bone_at(&mut app, HumanoidBone::Head);
    assert!(left.y > head.y && right.y < 1.1, "the left hand is up, the right one hangs: {left} {right}");
    assert!(left.x > 0.0 && right.x < 0.0, "hands stay on their sides: {left} {right}");
    let foot = bone_at(&mut app, HumanoidBone::LeftFoot);
    assert!(foot.y > 0.0 && foot.y < 0.25, "it stands on the floor: {foot}");
}

/// What was told about avatars since it was last asked.
fn told(app: &mut App) -> (Vec<AvatarRefused>, Vec<AvatarShown>) {
    let world = app.world_mut();
    (
        world.resource_mut::<Messages<AvatarRefused>>().drain().collect(),
        world.resource_mut::<Messages<AvatarShown>>().drain().collect(),
    )
}

fn wait(
    app: &mut App,
    done: impl Fn(&(Vec<AvatarRefused>, Vec<AvatarShown>)) -> bool,
) -> (Vec<AvatarRefused>, Vec<AvatarShown>) {
    let began = Instant::now();
    loop {
        app.update();
        let told = told(app);
        if done(&told) {
            return told;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "nothing happened");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn avatars_are_changed_while_running_and_bad_ones_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (good, bad) = (folder.path().join("good.vrm"), folder.path().join("bad.vrm"));
    std::fs::write(&good, Figure::new(Style::Vrm0).glb()).expect("writes");
    std::fs::write(&bad, b"glTF, but not really").expect("writes");
    let mut app = studio(Settings { people: 2, ..unsmoothed() });
    told(&mut app);
    let entities = |app: &mut App| -> Vec<Entity> {
        let world = app.world_mut();
        world.query_filtered::<Entity, (With<Avatar>, With<HumanoidRig>)>().iter(world).collect()
    };
    app.world_mut().resource_mut::<Preferences>().settings.avatar = good.to_string_lossy().into_owned();
    let before = entities(&mut app);
    assert_eq!(before.len(), 2);
    let (refused, _) = wait(&mut app, |(_, shown)| !shown.is_empty());
    assert_eq!(refused, []);
    app.update();
    let after = entities(&mut app);
    assert_eq!(after.len(), 2, "both avatars are new");
    assert!(after.iter().all(|entity| !before.contains(entity)));

    app.world_mut().resource_mut::<Preferences>().settings.avatar = bad.to_string_lossy().into_owned();
    let (refused, shown) = wait(&mut app, |(refused, _)| !refused.is_empty());
    assert!(refused[0].message.contains("bad.vrm") && shown.is_empty(), "{refused:?}");
    assert_eq!(refused[0].kept, good.to_string_lossy(), "the last one stays");
    app.update();
    assert_eq!(entities(&mut app), after);
    assert_eq!(*app.world().resource::<AvatarState>(), AvatarState::Ready);
}

#[test]
fn a_setting_that_names_a_bad_file_falls_back_to_the_usual_avatar() {
    let mut app = studio(Settings { avatar: "/nowhere/Ann.vrm".to_owned(), ..unsmoothed() });
    let (refused, shown) = told(&mut app);
    assert!(shown.len() <= 1 && refused.iter().all(|refused| refused.message.contains("Ann.vrm")), "{refused:?}");
    assert!(bone_at(&mut app, HumanoidBone::Head).y > 1.4);
}

#[test]
fn it_blinks_and_its_hair_swings() {
    for style in [Style::Vrm1, Style::Vrm0] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("figure.vrm");
        std::fs::write(&path, Figure::new(style).glb()).expect("writes");
        let mut app = studio(with_avatar(&path));
        let named = |app: &mut App, wanted: &str| {
            let world = app.world_mut();
            let mut names = world.query::<(Entity, &Name)>();
            names.iter(world).find(|(_, name)| name.as_str() == wanted).expect("the node").0
        };
        // Nodes have the numbers of the file: 25 bones, the armature, the body, three of hair.
        let (body, tip) = (named(&mut app, "node26"), named(&mut app, "node29"));
        let weight = |app: &App| app.world().get::<bevy::mesh::morph::MorphWeights>(body).expect("shapes").weights()[0];
        let height = |app: &App| app.world().get::<GlobalTransform>(tip).expect("a place").translation().y;
        let before = height(&app);
        let (mut closed, mut open) = (0, 0);
        for _ in 0..600 {
            app.update();
            if weight(&app) > 0.9 {
                closed += 1;
            } else if weight(&app) < 0.1 {
                open += 1;
            }
            assert!(height(&app).is_finite());
        }
        assert!(closed > 0 && open > 500, "{style:?}: closed in {closed} frames, open in {open}");
        assert!(height(&app) < before - 0.05, "{style:?}: hair hangs: {} from {before}", height(&app));

        let world = app.world_mut();
        let mut faces = world.query::<&mut Expressions>();
        let mut face = faces.single_mut(world).expect("one avatar");
        assert!(face.set("blink", 0.4) && !face.set("aa", 1.0));
        app.update();
        assert!((weight(&app) - 0.4).abs() < 1e-5);
    }
}
