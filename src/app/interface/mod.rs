//! The overlay's wiring: what it shows is gathered here, what it asks for is carried out here.
//!
//! - `gather`: the model. `choices`: cameras and avatars in it. `texture`: the picture.
//! - `actions`: a system for each family of actions. `news`: what others have to tell.

mod actions;
mod choices;
mod gather;
mod news;
mod texture;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use bevy_panorbit_camera::PanOrbitCamera;

use super::game::GamePhase;
use super::overlay::{self, OverlayState};
use super::recording::ListShown;
use super::schedule::ScreenSystems;
use super::view::FreeView;
use super::{dialogs, plots};
use actions::Asked;
use gather::Studio;
use texture::PictureTexture;

/// Shows the overlay and carries out what it asks for.
pub(super) struct InterfacePlugin {
    /// Whether to begin without anything but the avatar in the window.
    pub(super) is_hidden: bool,
}

impl Plugin for InterfacePlugin {
    fn build(&self, app: &mut App) {
        let mut state = OverlayState::default();
        state.visible = !self.is_hidden;
        app.add_plugins((plots::plugin, dialogs::plugin, news::plugin, actions::plugin))
            .insert_resource(Interface { state, was_visible: false })
            .init_resource::<choices::Choices>()
            .init_resource::<PictureTexture>()
            .init_resource::<FreeView>()
            .init_resource::<ListShown>()
            .add_systems(Startup, choices::find_cameras)
            .add_systems(Update, texture::upload)
            .add_systems(EguiPrimaryContextPass, show_overlay.in_set(ScreenSystems::Studio));
    }
}

/// What the overlay remembers.
#[derive(Resource)]
struct Interface {
    state: OverlayState,
    /// Whether panels were shown when the games took the window.
    was_visible: bool,
}

impl Interface {
    /// Gives the window away, or takes it back as it was.
    fn set_away(&mut self, away: bool) {
        if away && !self.state.away {
            self.was_visible = std::mem::replace(&mut self.state.visible, false);
            (self.state.help.open, self.state.library.open) = (false, false);
        } else if !away && self.state.away {
            self.state.visible = self.was_visible;
        }
        self.state.away = away;
    }
}

fn show_overlay(
    mut contexts: EguiContexts,
    mut interface: ResMut<Interface>,
    mut studio: Studio,
    texture: Res<PictureTexture>,
    games: Option<Res<State<GamePhase>>>,
    mut cameras: Query<&mut PanOrbitCamera>,
    (mut free, mut list): (ResMut<FreeView>, ResMut<ListShown>),
    mut asked: MessageWriter<Asked>,
) -> Result {
    let is_away = games.is_some_and(|phase| *phase.get() != GamePhase::Off);
    interface.set_away(is_away);
    let state = &mut interface.state;
    let picture = texture.0.as_ref().and_then(|handle| contexts.image_id(handle));
    let model = if state.visible { studio.model(picture, state.plots.open) } else { studio.hidden_model() };
    let ctx = contexts.ctx_mut()?;
    asked.write_batch(overlay::show(ctx, &model, state).into_iter().map(Asked));
    let is_busy = ctx.egui_wants_pointer_input() || ctx.egui_wants_keyboard_input();
    for mut camera in &mut cameras {
        camera.enabled = !is_busy && !is_away;
    }
    list.set_if_neq(ListShown(state.library.open));
    if !is_away {
        free.set_if_neq(FreeView::from_egui(state.scene_rect));
    }
    Ok(())
}
