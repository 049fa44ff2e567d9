//! The engine's own plugins, set up once for the window and for the offscreen renderer.

use bevy::app::PluginGroupBuilder;
use bevy::app::{TaskPoolOptions, TaskPoolPlugin};
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::WgpuSettings;

use super::adapter::Adapter;

/// Bevy's plugins with our folders, thread counts and graphics interfaces. Logging is set up by the command line.
/// `waits_for_pipelines`: whether a frame waits for its shaders, instead of leaving out what is not ready.
pub(super) fn plugins(adapter: &Adapter, waits_for_pipelines: bool) -> PluginGroupBuilder {
    let assets = crate::paths::shipped_folder("assets");
    let assets = std::path::absolute(&assets).unwrap_or(assets);
    DefaultPlugins
        .build()
        .disable::<LogPlugin>()
        .set(AssetPlugin { file_path: assets.to_string_lossy().into_owned(), ..default() })
        .set(TaskPoolPlugin { task_pool_options: task_pools() })
        .set(RenderPlugin {
            render_creation: WgpuSettings { backends: Some(adapter.backends), ..default() }.into(),
            synchronous_pipeline_compilation: waits_for_pipelines,
            ..default()
        })
}

/// One core stays free for the models, which would otherwise wait for the renderer's threads.
fn task_pools() -> TaskPoolOptions {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    TaskPoolOptions { max_total_threads: cores.saturating_sub(1).max(1), ..TaskPoolOptions::default() }
}
