//! Which avatar is shown: the bundled ones, files that were shown before, or another file.

use std::path::Path;

use bevy_egui::egui::{self, Ui};

use super::asks::Asks;
use super::model::{Action, OverlayModel};
use super::style;

/// Endings of files that are avatars when they are dropped on the window.
const ENDINGS: [&str; 3] = ["vrm", "glb", "gltf"];

/// Whether a file's name says that it is an avatar.
pub(super) fn is_avatar(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    ENDINGS.contains(&ending.as_str())
}

/// Shows the chooser.
pub(super) fn show(ui: &mut Ui, model: &OverlayModel, asks: &mut Asks) {
    style::section(ui, "Avatar");
    let current = model.settings.avatar.as_str();
    let listed = model.avatars.iter().find(|avatar| avatar.spec == current).map(|avatar| avatar.name.as_str());
    let file = Path::new(current).file_name().and_then(|name| name.to_str());
    let chosen = egui::ComboBox::from_id_salt("overlay_avatar")
        .width(ui.available_width())
        .selected_text(listed.or(file).unwrap_or(current))
        .truncate()
        .show_ui(ui, |ui| {
            for avatar in &model.avatars {
                let option = ui.selectable_label(avatar.spec == current, avatar.name.as_str());
                // Also the one that is shown: its file or its bone map may have been changed.
                if option.clicked() {
                    asks.act(Action::SetAvatar(avatar.spec.clone()));
                }
            }
        });
    chosen.response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, "Avatar"));
    ui.horizontal_wrapped(|ui| {
        let open = ui.button("Open an avatar…");
        if open.on_hover_text("VRM 0 or 1, or a humanoid as GLB or glTF; or drop one on the window").clicked() {
            asks.act(Action::OpenAvatar);
        }
        let edit = ui.button("Bone map");
        if edit.on_hover_text("Writes which node is which bone into a file that you can correct").clicked() {
            asks.act(Action::WriteBoneMap);
        }
    });
}
