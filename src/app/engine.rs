//! The engine's own plugins, set up once for the window and for the offscreen renderer.

use bevy::app::PluginGroupBuilder;
use bevy::app::{TaskPoolOptions, TaskPoolPlugin};
use bevy::log::LogPlugin;
use bevy::prelude::*;

/// Bevy's plugins with our folders and thread counts. Logging is set up by the command line.
pub(super) fn plugins() -> PluginGroupBuilder {
    let assets = crate::paths::shipped_folder("assets");
    let assets = std::path::absolute(&assets).unwrap_or(assets);
    DefaultPlugins
        .build()
        .disable::<LogPlugin>()
        .set(AssetPlugin { file_path: assets.to_string_lossy().into_owned(), ..default() })
        .set(TaskPoolPlugin { task_pool_options: task_pools() })
}

/// One core stays free for the models, which would otherwise wait for the renderer's threads.
fn task_pools() -> TaskPoolOptions {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    TaskPoolOptions { max_total_threads: cores.saturating_sub(1).max(1), ..TaskPoolOptions::default() }
}
