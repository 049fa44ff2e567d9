//! When things happen: the only place that orders systems.
//!
//! Results arrive with their motion; every rendered frame lies between two of them:
//!
//! ```text
//! RunFixedMainLoop/BeforeFixedMainLoop   Poll -> Play -> Collect -> Interpolate -> Perform -> Receive
//!                                        -> Cover -> Express -> Send -> Players -> Watch (games)
//! FixedUpdate, 60 a second (games)       Bodies -> physics -> Sane -> Strikes -> Rules
//! PostUpdate                             AnimationSystems -> ApplyPose -> Propagate -> Ground
//! EguiPrimaryContextPass                 Studio -> Actions -> Games
//! Last                                   Measure -> Save
//! ```

use bevy::app::{AnimationSystems, RunFixedMainLoopSystems};
use bevy::camera::visibility::VisibilitySystems;
use bevy::ecs::schedule::{LogLevel, ScheduleBuildSettings, ScheduleLabel};
use bevy::prelude::*;
use bevy::transform::TransformSystems;
use bevy_egui::EguiPrimaryContextPass;

/// From a tracked result to the pose shown this frame.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PoseSystems {
    /// Reads what the live pipeline says about itself, and hands changed settings to it and to the motion of all sources.
    Poll,
    /// Moves a recording on, and hands over the frame that is due.
    Play,
    /// Takes the newest result out of the slot.
    Collect,
    /// Samples the pose for this frame's time.
    Interpolate,
    /// Takes the pose of a recorded clip.
    Perform,
    /// Takes a pose from another program.
    Receive,
    /// Puts what was taken over the tracked pose.
    Cover,
    /// Decides what the face shows.
    Express,
    /// Hands the pose and the face that are shown to other programs.
    Send,
}

/// What games do.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GameSystems {
    /// Once a frame: makes players of the avatars.
    Players,
    /// Once a frame: takes the players' poses in.
    Watch,
    /// Each step: moves the players' limbs, before the physics.
    Bodies,
    /// After the physics: bounds what it did.
    Sane,
    /// Reckons blows and tells of them.
    Strikes,
    /// The rules of the game that is played.
    Rules,
}

/// What the avatar does with a pose.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AvatarSystems {
    /// Writes the bones' transforms. Every frame, so that nothing downstream sees a stale tree.
    ApplyPose,
    /// Lays the contact shadows under where the feet are now.
    Ground,
}

/// What is drawn over the scene, in a window.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScreenSystems {
    /// The studio's overlay is shown.
    Studio,
    /// What was asked for in it is carried out.
    Actions,
    /// The screen of the games is shown.
    Games,
}

/// Book-keeping at the end of a frame.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MeasureSystems {
    /// Rates and latencies.
    Measure,
    /// Settings to their file.
    Save,
}

pub(super) fn plugin(app: &mut App) {
    app.configure_sets(
        RunFixedMainLoop,
        (
            PoseSystems::Poll,
            PoseSystems::Play,
            PoseSystems::Collect,
            PoseSystems::Interpolate,
            PoseSystems::Perform,
            PoseSystems::Receive,
            PoseSystems::Cover,
            PoseSystems::Express,
            PoseSystems::Send,
            GameSystems::Players,
            GameSystems::Watch,
        )
            .chain()
            .in_set(RunFixedMainLoopSystems::BeforeFixedMainLoop),
    )
    .configure_sets(
        PostUpdate,
        (
            AvatarSystems::ApplyPose.after(AnimationSystems).before(TransformSystems::Propagate),
            // A spot that is hidden or shown is so in this very frame.
            AvatarSystems::Ground.after(TransformSystems::Propagate).before(VisibilitySystems::VisibilityPropagate),
        ),
    )
    .configure_sets(
        FixedUpdate,
        (GameSystems::Bodies, GameSystems::Sane, GameSystems::Strikes, GameSystems::Rules).chain(),
    )
    .configure_sets(
        EguiPrimaryContextPass,
        (ScreenSystems::Studio, ScreenSystems::Actions, ScreenSystems::Games).chain(),
    )
    .configure_sets(Last, (MeasureSystems::Measure, MeasureSystems::Save).chain());
}

/// Makes systems that touch the same data without an order an error in the schedules that only hold our systems.
/// For tests: Bevy's own schedules have ambiguities of their own.
pub fn forbid_ambiguities(app: &mut App) {
    for schedule in [RunFixedMainLoop.intern(), Last.intern()] {
        app.edit_schedule(schedule, |schedule| {
            schedule.set_build_settings(ScheduleBuildSettings {
                ambiguity_detection: LogLevel::Error,
                ..ScheduleBuildSettings::default()
            });
        });
    }
}
