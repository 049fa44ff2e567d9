//! Measures of figures whose form is known.

use livedance::motion::Side;
use livedance::motion::exercise::{Measure, Quantity, Sides};
use livedance::motion::landmark::PoseLandmark as L;

use super::stick::{Fault, Kind, figure, turned};

#[test]
fn measures_of_a_known_figure() {
    let standing = figure(Kind::Squat, 0.0, Side::Left, Fault::None);
    let low = figure(Kind::Squat, 1.0, Side::Left, Fault::None);
    let plank = figure(Kind::PushUp, 0.0, Side::Left, Fault::None);
    let sagging = figure(Kind::PushUp, 0.0, Side::Left, Fault::Sag);
    let lunge = figure(Kind::Lunge, 1.0, Side::Right, Fault::None);
    let open = figure(Kind::JumpingJack, 1.0, Side::Left, Fault::None);
    for (world, name, range) in [
        (&standing, "knee.min", 165.0..180.0),
        (&standing, "trunk_lean", 0.0..1.0),
        (&standing, "hips_height", 0.95..1.0),
        (&standing, "thigh.mean", 0.0..15.0),
        (&low, "knee.left", 85.0..95.0),
        (&low, "thigh.max", 55.0..110.0),
        (&low, "hips_height", 0.4..0.75),
        (&low, "knees_apart", 1.0..1.6),
        (&low, "knee_inwards", -0.3..0.0),
        (&plank, "trunk_lean", 60.0..90.0),
        (&plank, "body_line.mean", 172.0..180.0),
        (&plank, "hip_sag.left", -0.02..0.02),
        (&plank, "hips_height", 0.0..0.5),
        (&sagging, "hip_sag.mean", 0.1..0.3),
        (&lunge, "feet_split", 0.8..1.2),
        (&lunge, "ankle_forward.right", 0.4..0.7),
        (&lunge, "ankle_forward.left", -0.7..-0.3),
        (&open, "wrist_height.min", 0.5..1.5),
        (&open, "ankles_apart", 1.8..3.0),
        (&open, "shoulder.max", 140.0..180.0),
    ] {
        let measure = Measure::from_name(name).expect("known");
        for yaw in [0.0, 1.0, -2.5] {
            let value = measure.of(&turned(world, yaw)).expect("visible");
            assert!(range.contains(&value), "{name} is {value}, not in {range:?}, turned by {yaw}");
        }
    }
    let mut hidden = standing;
    hidden[L::LeftKnee as usize].visibility = 0.4;
    let of = |name: &str| Measure::from_name(name).expect("known").of(&hidden);
    assert_eq!((of("knee.left"), of("knees_apart"), of("hips_height")), (None, None, None));
    assert_eq!(of("knee.mean"), of("knee.right"), "the other side stands in");
    assert!(of("knee.min").is_some() && of("trunk_lean").is_some());
    for wrong in ["", ".", "knee.", "knee.both", "trunk_lean.left", "Knee", "left_knee"] {
        assert_eq!(Measure::from_name(wrong), None, "{wrong}");
    }
}

#[test]
fn every_measure_is_found_by_its_name() {
    for quantity in Quantity::ALL {
        for sides in Sides::ALL.into_iter().take(if quantity.is_two_sided() { 5 } else { 1 }) {
            let measure = Measure { quantity, sides };
            assert_eq!(Measure::from_name(&measure.name()), Some(measure));
            let standing = figure(Kind::Lunge, 0.5, Side::Left, Fault::None);
            assert!(measure.of(&standing).is_some_and(f32::is_finite), "{}", measure.name());
        }
    }
}
