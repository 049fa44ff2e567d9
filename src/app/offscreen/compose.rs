//! One picture out of the source, the skeleton over it, and the avatar.

use glam::Vec2;

use crate::app::error::AppError;
use crate::app::picture::{self, Region};
use crate::frame::{PosedFrame, RgbImage};

/// Colour around a letterboxed source.
const MATTE: [u8; 3] = [20, 21, 28];

/// Where the halves lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    size: (u32, u32),
    /// The source's picture with its bars; `None` to leave it out.
    source: Option<Region>,
    /// The avatar's picture.
    pub(super) avatar: Region,
}

impl Layout {
    /// The source gets as much width as its proportions need, between three and five tenths.
    pub(super) fn new(size: (u32, u32), source: (u32, u32), avatar_only: bool) -> Self {
        let (width, height) = size;
        if avatar_only {
            return Self { size, source: None, avatar: Region { x: 0, y: 0, width, height } };
        }
        let wished = f64::from(height) * f64::from(source.0) / f64::from(source.1.max(1));
        let left = (wished.clamp(0.3 * f64::from(width), 0.5 * f64::from(width)) / 2.0).round() as u32 * 2;
        Self {
            size,
            source: Some(Region { x: 0, y: 0, width: left, height }),
            avatar: Region { x: left, y: 0, width: width - left, height },
        }
    }

    /// The canvas with the source and its skeleton; the avatar's part is still empty.
    pub(super) fn compose(&self, frame: &PosedFrame, mirror: bool) -> Result<RgbImage, AppError> {
        let (width, height) = self.size;
        let mut canvas = RgbImage { width, height, data: MATTE.repeat((width * height) as usize) };
        let Some(pane) = self.source else { return Ok(canvas) };
        let PosedFrame { tracked, motion } = frame;
        let region = pane.letterbox(tracked.picture.width, tracked.picture.height);
        let mut shown = picture::resize(&tracked.picture, region.width, region.height)
            .map_err(|reason| AppError::Usage { reason: format!("the source's picture cannot be scaled: {reason}") })?;
        if mirror {
            picture::mirror(&mut shown);
        }
        let scale = Vec2::new(region.width as f32 / tracked.width as f32, region.height as f32 / tracked.height as f32);
        picture::draw_people(&mut shown, &motion.people, &motion.loose_hands, |point| {
            let at = point * scale;
            if mirror { Vec2::new(region.width as f32 - at.x, at.y) } else { at }
        });
        picture::paste(&mut canvas, &shown, region.x, region.y);
        Ok(canvas)
    }

    /// Puts the avatar's picture in.
    pub(super) fn place_avatar(&self, canvas: &mut RgbImage, avatar: &RgbImage) {
        picture::paste(canvas, avatar, self.avatar.x, self.avatar.y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_halves_fill_the_canvas() {
        for source in [(640, 480), (720, 1280), (4000, 100), (1, 1)] {
            let layout = Layout::new((1280, 720), source, false);
            let left = layout.source.expect("a source");
            assert_eq!(left.width + layout.avatar.width, 1280);
            assert_eq!(layout.avatar.x, left.width);
            assert!(
                left.width.is_multiple_of(2) && left.width >= 384 && left.width <= 640,
                "{source:?}: {}",
                left.width
            );
        }
        assert_eq!(Layout::new((640, 360), (4, 3), true).avatar.width, 640);
    }
}
