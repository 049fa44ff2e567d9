//! The settings while the app runs: changed live, saved a moment after the last change and when the app ends. Only what was
//! changed in the app is written: what came from the command line or the environment counts for this run alone.

use std::path::PathBuf;
use std::time::Duration;

use bevy::prelude::*;

use super::schedule::MeasureSystems;
use crate::settings::{Settings, SettingsError};

/// How long a change rests before it is written, so that dragging a slider writes once.
const SAVE_AFTER: Duration = Duration::from_millis(800);

/// Saves [`Preferences`].
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Preferences>().add_systems(Last, save_when_rested.in_set(MeasureSystems::Save));
}

/// The settings in force and where they are kept.
#[derive(Resource, Debug, Clone, Default)]
pub struct Preferences {
    /// What every part reads, each frame. Whatever changes it changes what is kept.
    pub settings: Settings,
    /// The file, unless nothing shall be saved.
    pub path: Option<PathBuf>,
    /// The avatar of the start: nobody chose it in the app.
    first_avatar: String,
    /// The settings in force when they were last written, or at the start: what differs from them is to be written.
    saved: Settings,
}

impl Preferences {
    /// The app begins with these settings, whatever layers they came from; nothing of them is written until it is changed.
    #[must_use]
    pub fn new(settings: Settings, path: Option<PathBuf>) -> Self {
        Self { first_avatar: settings.avatar.clone(), saved: settings.clone(), settings, path }
    }

    /// The avatar that the app began with, as the settings name it; empty for the usual one.
    #[must_use]
    pub fn first_avatar(&self) -> &str {
        &self.first_avatar
    }

    /// Another avatar is shown, because the one that is wanted was refused. One that was chosen in the app is forgotten; one
    /// that the app began with, whose file may only be away for now, is kept.
    pub fn fall_back_to(&mut self, avatar: &str) {
        if self.settings.avatar == self.first_avatar {
            avatar.clone_into(&mut self.saved.avatar);
        }
        avatar.clone_into(&mut self.settings.avatar);
    }

    fn is_unsaved(&self) -> bool {
        self.settings != self.saved
    }

    /// Writes what was changed. What could not be written still counts as changed.
    fn save(&mut self) -> Result<(), SettingsError> {
        if let Some(path) = &self.path {
            self.settings.save_changes(&self.saved, path)?;
        }
        self.settings.clone_into(&mut self.saved);
        Ok(())
    }
}

fn save_when_rested(
    mut preferences: ResMut<Preferences>,
    time: Res<Time<Real>>,
    mut exits: MessageReader<AppExit>,
    mut changed_at: Local<Option<Duration>>,
) {
    let now = time.elapsed();
    let is_exiting = exits.read().next().is_some();
    if preferences.is_changed() {
        *changed_at = preferences.is_unsaved().then_some(now);
    }
    let has_rested = changed_at.is_some_and(|at| now.saturating_sub(at) >= SAVE_AFTER);
    if has_rested || (is_exiting && preferences.is_unsaved()) {
        *changed_at = None;
        // What is in force stays the same: nobody else need look.
        if let Err(error) = preferences.bypass_change_detection().save() {
            warn!("{error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bevy::time::TimeUpdateStrategy;

    use super::*;
    use crate::motion::Difficulty;
    use crate::settings::{ModelVariant, declared};

    /// The app's settings in a folder of their own, begun with a file, variables and options of the command line.
    fn begun(path: &Path, file: &str, variables: &[(&str, &str)], options: &[(&str, &str)]) -> App {
        std::fs::write(path, file).expect("writes");
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).into());
        let mut settings = Settings::load_with(Some(path), variable).expect("loads");
        for (key, text) in options {
            let setting = declared().find(|setting| setting.key == *key).expect("a setting");
            settings.lay_over(setting, text).expect("in range");
        }
        let mut app = App::new();
        app.add_plugins(MinimalPlugins)
            .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(500)))
            .insert_resource(Preferences::new(settings, Some(path.to_owned())))
            .add_plugins(plugin);
        app.update();
        app
    }

    /// What the file holds after a change has rested.
    fn after(app: &mut App, path: &Path, change: impl FnOnce(&mut Preferences)) -> String {
        change(&mut app.world_mut().resource_mut::<Preferences>());
        for _ in 0..3 {
            app.update();
        }
        std::fs::read_to_string(path).expect("a file")
    }

    #[test]
    fn what_was_given_for_one_run_never_reaches_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("settings.toml");
        let variables = [("LIVEDANCE_MODEL", "lite"), ("LIVEDANCE_REMOTE", "ws://127.0.0.1:9")];
        let options = [
            ("people", "3"),
            ("height_cm", "150"),
            ("vmc_out", "10.0.0.5"),
            ("games.players", "4"),
            ("games.difficulty", "hard"),
        ];
        let mut app = begun(&path, "", &variables, &options);
        let settings = app.world().resource::<Preferences>().settings.clone();
        assert_eq!(
            (settings.model, settings.people, settings.remote.as_str()),
            (ModelVariant::Lite, 3, "ws://127.0.0.1:9")
        );
        assert_eq!((settings.games.players, settings.games.difficulty), (4, Difficulty::Hard));
        assert_eq!(after(&mut app, &path, |_| {}), "", "nothing was changed");

        assert_eq!(after(&mut app, &path, |held| held.settings.mirror = false), "mirror = false\n");
        // The games' set-up screen hands all of theirs back.
        let game = after(&mut app, &path, |held| {
            held.settings.games = crate::settings::GameSettings { captions: false, ..held.settings.games };
        });
        assert_eq!(game, "mirror = false\n\n[games]\ncaptions = false\n");
        // What is changed here is written, though the command line gave it, too.
        let text = after(&mut app, &path, |held| held.settings.people = 2);
        assert_eq!(text, "mirror = false\npeople = 2\n\n[games]\ncaptions = false\n");
        app.world_mut().resource_mut::<Preferences>().settings.alpha = 0.5;
        app.world_mut().write_message(AppExit::Success);
        app.update();
        let text = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(text, "mirror = false\npeople = 2\nalpha = 0.5\n\n[games]\ncaptions = false\n", "on exit, too");
    }

    #[test]
    fn a_change_that_is_taken_back_in_time_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("settings.toml");
        let mut app = begun(&path, "", &[], &[]);
        app.world_mut().resource_mut::<Preferences>().settings.mirror = false;
        app.update();
        assert_eq!(after(&mut app, &path, |held| held.settings.mirror = true), "");
    }

    #[test]
    fn what_could_not_be_written_is_written_with_the_next_change() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("settings.toml");
        let mut app = begun(&path, "", &[], &[]);
        std::fs::write(&path, "alpha = = 2").expect("writes");
        assert_eq!(after(&mut app, &path, |held| held.settings.mirror = false), "alpha = = 2", "left alone");
        std::fs::write(&path, "alpha = 0.2\n").expect("writes");
        let text = after(&mut app, &path, |held| held.settings.people = 2);
        assert_eq!(text, "alpha = 0.2\nmirror = false\npeople = 2\n");
    }

    #[test]
    fn a_refused_avatar_of_the_start_stays_in_the_file_and_a_refused_choice_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("settings.toml");
        let file = "avatar = \"/stick/Ann.vrm\"\n";
        let mut app = begun(&path, file, &[], &[]);
        assert_eq!(after(&mut app, &path, |held| held.fall_back_to("")), file, "the stick may be plugged in again");
        assert_eq!(app.world().resource::<Preferences>().settings.avatar, "");

        let mut app = begun(&path, file, &[], &[("avatar", "child")]);
        let text = after(&mut app, &path, |held| {
            held.settings.avatar = "/broken.vrm".to_owned();
            held.fall_back_to("child");
        });
        assert_eq!(text, file, "what the command line named is not written because of it");
    }
}
