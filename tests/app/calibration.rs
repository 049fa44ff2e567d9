//! Bones that are measured once and kept.

use super::*;
use livedance::settings::Calibration;

/// A person of these proportions who stands with the arms out to the sides.
fn arms_out(upper_arm_m: f32) -> BodyPose {
    let mut body = person([false, false]);
    for (side, arm) in [
        (1.0, [L::LeftElbow, L::LeftWrist, L::LeftPinky, L::LeftIndex, L::LeftThumb]),
        (-1.0, [L::RightElbow, L::RightWrist, L::RightPinky, L::RightIndex, L::RightThumb]),
    ] {
        for (landmark, along_m) in arm.into_iter().zip([0.0, 0.25, 0.32, 0.33, 0.29]) {
            body.world[landmark as usize].position = Vec3::new(side * (0.17 + upper_arm_m + along_m), -0.5, 0.0);
        }
    }
    body.image = pictured(&body.world);
    body
}

fn upper_arm(app: &App) -> f32 {
    app.world().resource::<LatestTracked>().actors[0].lengths.main()[0]
}

fn kept(app: &App) -> Option<Calibration> {
    app.world().resource::<Preferences>().settings.calibration
}

#[test]
fn a_calibration_outlives_the_person_and_the_app() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("settings.toml");
    let mut app = studio(unsmoothed());
    app.world_mut().resource_mut::<Preferences>().path = Some(path.clone());
    let now = play(&mut app, 0.0, 0.5, |_| vec![arms_out(0.34)]);
    assert_eq!(kept(&app), None);
    app.world().resource::<Motion>().0.calibrate();
    let now = play(&mut app, now, 2.0, |_| vec![arms_out(0.34)]);
    let calibration = kept(&app).expect("it is done");
    assert!((calibration.upper_arm - 100.0 * upper_arm(&app)).abs() < 0.1, "{calibration:?}");

    // Somebody else comes, whose arms are short: they count as the one who was calibrated.
    let now = play(&mut app, now, 3.0, |_| Vec::new());
    let now = play(&mut app, now, 2.0, |_| vec![BodyPose { id: 7, ..arms_out(0.24) }]);
    assert!((calibration.upper_arm - 100.0 * upper_arm(&app)).abs() < 0.1, "still used");
    let settings = Settings::load(&path).expect("they were saved");
    assert_eq!(settings, Settings { calibration: Some(calibration), ..Settings::default() }, "and nothing else");

    let settings = Settings { calibration: Some(calibration), ..unsmoothed() };
    let mut next = studio(settings.clone());
    play(&mut next, 0.0, 0.1, |_| vec![arms_out(0.24)]);
    assert!((calibration.upper_arm - 100.0 * upper_arm(&next)).abs() < 0.1, "used from the start");
    let mut without = studio(Settings { fit: false, ..settings });
    play(&mut without, 0.0, 2.0, |_| vec![arms_out(0.24)]);
    assert!((calibration.upper_arm - 100.0 * upper_arm(&without)).abs() > 1.0, "not without the fit");

    app.world_mut().resource_mut::<Preferences>().settings.calibration = None;
    play(&mut app, now, 2.0, |_| vec![BodyPose { id: 7, ..arms_out(0.24) }]);
    assert!((calibration.upper_arm - 100.0 * upper_arm(&app)).abs() > 1.0, "forgotten");
    assert_eq!(kept(&app), None);
}
