//! The newest picture as a texture of the overlay.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bevy_egui::{EguiTextureHandle, EguiUserTextures};

use crate::app::tracking::LatestTracked;
use crate::frame::RgbImage;

/// The texture; `None` until the first frame.
#[derive(Resource, Default)]
pub(super) struct PictureTexture(pub(super) Option<Handle<Image>>);

pub(super) fn upload(
    latest: Res<LatestTracked>,
    mut texture: ResMut<PictureTexture>,
    mut images: ResMut<Assets<Image>>,
    mut textures: ResMut<EguiUserTextures>,
) {
    let (true, Some(frame)) = (latest.is_fresh, &latest.frame) else { return };
    let picture = &frame.picture;
    if let Some(handle) = &texture.0 {
        // A picture of the same size goes into the memory, and into the texture on the adapter, that are there already.
        if let Some(mut shown) = images.get_mut(handle) {
            let is_same_size = (shown.width(), shown.height()) == (picture.width, picture.height);
            match &mut shown.data {
                Some(pixels) if is_same_size => to_rgba(picture, pixels),
                _ => *shown = to_texture(picture),
            }
        }
    } else {
        let handle = images.add(to_texture(picture));
        textures.add_image(EguiTextureHandle::Strong(handle.clone()));
        texture.0 = Some(handle);
    }
}

fn to_texture(picture: &RgbImage) -> Image {
    let mut data = vec![255; picture.data.len() / 3 * 4];
    to_rgba(picture, &mut data);
    let size = Extent3d { width: picture.width, height: picture.height, depth_or_array_layers: 1 };
    Image::new(size, TextureDimension::D2, data, TextureFormat::Rgba8UnormSrgb, RenderAssetUsages::all())
}

/// Writes four bytes a pixel into `pixels`, which has room for exactly those.
fn to_rgba(picture: &RgbImage, pixels: &mut [u8]) {
    for (to, from) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(picture.data.as_chunks::<3>().0) {
        *to = [from[0], from[1], from[2], 255];
    }
}
