use super::*;

/// A chain of joints, each a quarter of a metre, that lies along +x from a node at the root.
fn chain(joints: usize, stiffness: f32, drag: f32, colliders: Vec<Collider>) -> (SpringSimulation, Vec<Local>) {
    let nodes: Vec<SpringNode> = (0..=joints).map(|node| SpringNode { node, parent: node.checked_sub(1) }).collect();
    let joint = |node| SpringJoint {
        node,
        rest_rotation: Quat::IDENTITY,
        tail: Vec3::X * 0.25,
        stiffness,
        gravity: Vec3::NEG_Y,
        drag,
        radius: 0.02,
        colliders: (0..colliders.len()).collect(),
        center: None,
    };
    let joints: Vec<SpringJoint> = (1..=joints).map(joint).collect();
    let locals = nodes
        .iter()
        .map(|node| Local {
            translation: if node.node < 2 { Vec3::ZERO } else { Vec3::X * 0.25 },
            rotation: Quat::IDENTITY,
            scale: Vec3::ONE,
        })
        .collect();
    (SpringSimulation::new(SpringRig { nodes, joints, colliders }), locals)
}

/// Where the joints are and where the last one ends.
fn points(root: Affine3A, locals: &[Local]) -> Vec<Vec3> {
    let mut at = root;
    let mut points = Vec::new();
    for local in locals {
        at *= local.affine();
        points.push(at.translation.into());
    }
    points.push(at.transform_point3(Vec3::X * 0.25));
    points.split_off(1)
}

#[test]
fn it_hangs_under_gravity_and_keeps_its_length() {
    let (mut springs, mut locals) = chain(4, 0.0, 0.4, Vec::new());
    for _ in 0..600 {
        springs.advance(1.0 / 60.0, Affine3A::IDENTITY, &mut locals);
        for pair in points(Affine3A::IDENTITY, &locals).windows(2) {
            assert!((pair[0].distance(pair[1]) - 0.25).abs() < 1e-4);
        }
    }
    let tip = *points(Affine3A::IDENTITY, &locals).last().expect("a tip");
    assert!(tip.distance(Vec3::NEG_Y) < 0.03, "{tip}");
}

#[test]
fn stiffness_holds_it_up() {
    let (mut springs, mut locals) = chain(3, 8.0, 0.4, Vec::new());
    for _ in 0..300 {
        springs.advance(1.0 / 60.0, Affine3A::IDENTITY, &mut locals);
    }
    let tip = *points(Affine3A::IDENTITY, &locals).last().expect("a tip");
    assert!(tip.x > 0.6 && tip.y > -0.35, "{tip}");
}

#[test]
fn it_stays_out_of_colliders() {
    let shapes = [
        ColliderShape::Sphere { offset: Vec3::new(0.1, -0.5, 0.0), radius: 0.2 },
        ColliderShape::Capsule { offset: Vec3::new(0.1, -0.5, -1.0), tail: Vec3::new(0.1, -0.5, 1.0), radius: 0.2 },
    ];
    for shape in shapes {
        let collider = Collider { node: 0, shape };
        let (mut springs, mut locals) = chain(4, 0.0, 0.4, vec![collider]);
        for _ in 0..900 {
            springs.advance(1.0 / 60.0, Affine3A::IDENTITY, &mut locals);
        }
        for point in points(Affine3A::IDENTITY, &locals).into_iter().skip(1) {
            let gap = point.distance(Vec3::new(0.1, -0.5, 0.0)) - 0.2;
            // A bone's length outweighs the collider by a little.
            assert!(gap > -0.01, "{shape:?}: {point} is {gap} inside");
        }
    }
}

#[test]
fn it_is_stable_and_much_the_same_at_any_frame_rate() {
    let swung = |fps: f32| {
        let (mut springs, mut locals) = chain(4, 1.0, 0.3, Vec::new());
        let mut root = Affine3A::IDENTITY;
        let frames = (3.0 * fps) as u32;
        for frame in 1..=frames {
            let time_s = frame as f32 / fps;
            root = Affine3A::from_translation(Vec3::X * 0.2 * (time_s * 3.0).sin().max(0.0));
            springs.advance(1.0 / fps, root, &mut locals);
            let tip = *points(root, &locals).last().expect("a tip");
            assert!(tip.is_finite() && tip.length() < 1.5, "{fps} fps: {tip}");
        }
        *points(root, &locals).last().expect("a tip")
    };
    let reference = swung(60.0);
    for fps in [10.0, 24.0, 30.0, 90.0, 144.0, 240.0] {
        let tip = swung(fps);
        assert!(tip.distance(reference) < 0.12, "{fps} fps: {tip}, 60 fps: {reference}");
    }
}

#[test]
fn a_teleport_and_a_pause_do_not_swing_it() {
    let (mut springs, mut locals) = chain(3, 4.0, 0.2, Vec::new());
    for _ in 0..300 {
        springs.advance(1.0 / 60.0, Affine3A::IDENTITY, &mut locals);
    }
    let far = Affine3A::from_translation(Vec3::new(100.0, 0.0, 0.0));
    springs.advance(1.0 / 240.0, far, &mut locals);
    let tip = *points(far, &locals).last().expect("a tip") - Vec3::X * 100.0;
    assert!(tip.distance(Vec3::X * 0.75) < 1e-3, "it rests where it was put: {tip}");
    springs.advance(30.0, far, &mut locals);
    assert!(points(far, &locals).iter().all(|point| point.is_finite()));
}

#[test]
fn nonsense_does_not_stay() {
    let (mut springs, mut locals) = chain(3, f32::MAX, 5.0, Vec::new());
    for (elapsed_s, x) in
        [(f32::NAN, 0.0), (-1.0, 0.0), (0.01, f32::NAN), (0.01, f32::INFINITY), (0.01, 0.0), (0.1, 0.0)]
    {
        springs.advance(elapsed_s, Affine3A::from_translation(Vec3::X * x), &mut locals);
        assert!(locals.iter().all(|local| local.rotation.is_finite() && local.rotation.is_normalized()), "{x}");
    }
    springs.advance(0.02, Affine3A::IDENTITY, &mut []);
}

#[test]
fn a_center_carries_it_along() {
    let (mut still, mut locals) = chain(3, 0.0, 0.1, Vec::new());
    let mut rig = still.rig().clone();
    for joint in &mut rig.joints {
        joint.center = Some(0);
    }
    let mut carried = SpringSimulation::new(rig);
    let mut also = locals.clone();
    for frame in 0..120 {
        let root = Affine3A::from_translation(Vec3::X * 0.05 * frame as f32);
        still.advance(1.0 / 60.0, Affine3A::IDENTITY, &mut locals);
        carried.advance(1.0 / 60.0, root, &mut also);
        for (a, b) in locals.iter().zip(&also) {
            assert!(a.rotation.angle_between(b.rotation) < 1e-2, "frame {frame}");
        }
    }
}
