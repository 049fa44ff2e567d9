//! Every avatar in the package is a whole humanoid that stands on the floor.

use std::path::Path;

use livedance::formats::avatar;
use livedance::motion::skeleton::{HumanoidBone, RestSkeleton};

/// The T-pose of one of the package's avatars.
fn rest(name: &str) -> RestSkeleton {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/avatar").join(name);
    avatar::read(&path, None).unwrap_or_else(|error| panic!("{name}: {error}")).humanoid.rest
}

#[test]
fn every_bundled_avatar_has_every_bone_in_a_t_pose() {
    for (name, head, height) in [("livedance.glb", 1.53, 1.72), ("child.glb", 0.93, 1.15), ("stylised.glb", 1.2, 1.6)] {
        let rest = rest(name);
        let at = |bone: HumanoidBone| rest.get(bone).unwrap_or_else(|| panic!("{name} lacks {bone:?}")).position;
        for bone in HumanoidBone::ALL {
            let (here, opposite) = (at(bone), at(bone.opposite()));
            assert!((0.0..height).contains(&here.y), "{name}: {bone:?} at {here}");
            let mirrored = here * glam::Vec3::new(-1.0, 1.0, 1.0);
            assert!(opposite.distance(mirrored) < 0.002, "{name}: {bone:?} at {here}, its opposite at {opposite}");
        }
        assert!((at(HumanoidBone::Head).y - head).abs() < 0.03, "{name}: head at {}", at(HumanoidBone::Head));
        assert!(at(HumanoidBone::LeftHand).x > at(HumanoidBone::LeftUpperArm).x + 0.2, "{name}: the left is +x");
        let arm = at(HumanoidBone::LeftHand) - at(HumanoidBone::LeftUpperArm);
        assert!(arm.y.abs() < 0.05 * arm.x, "{name}: arms are level");
        assert!(at(HumanoidBone::LeftToes).z > at(HumanoidBone::LeftFoot).z + 0.05, "{name} faces +z");
    }
}
