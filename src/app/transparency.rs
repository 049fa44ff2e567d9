//! A window that can be seen through, where graphics and window system can do that.

use bevy::ecs::system::NonSendMarker;
use bevy::prelude::*;
use bevy::tasks::block_on;
use bevy::window::{CompositeAlphaMode, PrimaryWindow};
use bevy::winit::WINIT_WINDOWS;

/// Asks the window's surface before the engine sets it up: a mode that it does not offer would end the program.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(PreStartup, choose_alpha_mode);
}

fn choose_alpha_mode(_main_thread: NonSendMarker, mut windows: Query<(Entity, &mut Window), With<PrimaryWindow>>) {
    for (entity, mut window) in windows.iter_mut().filter(|(_, window)| window.transparent) {
        let offered = WINIT_WINDOWS.with_borrow(|windows| {
            let window = windows.get_window(entity)?;
            offered_modes(window)
        });
        let offered = offered.unwrap_or_default();
        debug!("the window's surface offers {offered:?}");
        if let Some(mode) = best_mode(&offered) {
            window.composite_alpha_mode = mode;
        } else {
            warn!("this system shows no window that can be seen through; use the background green and a colour key");
            window.transparent = false;
        }
    }
}

/// What the surface offers; `None` when it cannot be asked.
fn offered_modes(window: &winit::window::Window) -> Option<Vec<wgpu::CompositeAlphaMode>> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::from_env().unwrap_or(wgpu::Backends::PRIMARY);
    let instance = wgpu::Instance::new(descriptor);
    let surface = instance.create_surface(window).ok()?;
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        compatible_surface: Some(&surface),
        ..wgpu::RequestAdapterOptions::default()
    };
    let adapter = block_on(instance.request_adapter(&options)).ok()?;
    Some(surface.get_capabilities(&adapter).alpha_modes)
}

/// The avatar is drawn over nothing, so that its smooth edges are premultiplied.
fn best_mode(offered: &[wgpu::CompositeAlphaMode]) -> Option<CompositeAlphaMode> {
    [
        (wgpu::CompositeAlphaMode::PreMultiplied, CompositeAlphaMode::PreMultiplied),
        (wgpu::CompositeAlphaMode::PostMultiplied, CompositeAlphaMode::PostMultiplied),
        (wgpu::CompositeAlphaMode::Inherit, CompositeAlphaMode::Inherit),
    ]
    .into_iter()
    .find_map(|(mode, ours)| offered.contains(&mode).then_some(ours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgpu::CompositeAlphaMode as Offered;

    #[test]
    fn an_opaque_surface_is_not_seen_through() {
        assert_eq!(best_mode(&[Offered::Opaque]), None);
        assert_eq!(best_mode(&[]), None);
        assert_eq!(best_mode(&[Offered::Inherit, Offered::PreMultiplied]), Some(CompositeAlphaMode::PreMultiplied));
        assert_eq!(best_mode(&[Offered::Opaque, Offered::Inherit]), Some(CompositeAlphaMode::Inherit));
    }
}
