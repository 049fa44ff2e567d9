//! Looks for a graphics adapter before the engine does: the engine can only panic when there is none.

use bevy::tasks::block_on;

use super::error::AppError;
use super::scene::Quality;

/// The graphics adapter that will be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// Its name and interface, for people.
    pub name: String,
    /// What it can bear.
    pub quality: Quality,
    /// The interfaces among which it was found: the engine asks no others.
    pub backends: wgpu::Backends,
}

/// Finds the adapter that the engine is going to choose.
///
/// # Errors
/// [`AppError::NoAdapter`] when there is none.
pub fn find_adapter() -> Result<Adapter, AppError> {
    if let Some(backends) = wgpu::Backends::from_env() {
        return find_among(backends);
    }
    // OpenGL only where nothing better is there: without a display its libraries complain on stderr.
    find_among(wgpu::Backends::PRIMARY).or_else(|_| find_among(wgpu::Backends::SECONDARY))
}

fn find_among(backends: wgpu::Backends) -> Result<Adapter, AppError> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    let instance = wgpu::Instance::new(descriptor);
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..wgpu::RequestAdapterOptions::default()
    };
    let adapter = block_on(instance.request_adapter(&options))
        .map_err(|error| AppError::NoAdapter { reason: error.to_string() })?;
    let info = adapter.get_info();
    let quality = if info.device_type == wgpu::DeviceType::Cpu { Quality::Plain } else { Quality::Full };
    Ok(Adapter { name: format!("{} ({})", info.name, info.backend), quality, backends })
}
