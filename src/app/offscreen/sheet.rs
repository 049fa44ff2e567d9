//! Stills as PNG files, and all of them on one sheet.

use std::path::{Path, PathBuf};

use super::cutout::Cutout;
use crate::app::error::AppError;
use crate::app::picture;
use crate::frame::RgbImage;

/// Pixels a row of a picture on the sheet.
const THUMBNAIL_WIDTH: u32 = 640;
/// Pictures side by side on the sheet.
const COLUMNS: u32 = 2;
/// Pixels between them.
const GAP: u32 = 6;

/// Writes stills into a folder.
#[derive(Debug)]
pub(super) struct Stills {
    folder: Option<PathBuf>,
    written: Vec<PathBuf>,
    thumbnails: Vec<RgbImage>,
}

impl Stills {
    /// Makes the folder, if one is given.
    pub(super) fn new(folder: Option<PathBuf>) -> Result<Self, AppError> {
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)
                .map_err(|error| AppError::Write { path: folder.clone(), reason: error.to_string() })?;
        }
        Ok(Self { folder, written: Vec::new(), thumbnails: Vec::new() })
    }

    /// Writes one still, named by its place in the order and its time.
    pub(super) fn write(&mut self, index: usize, time_s: f64, picture: &RgbImage) -> Result<(), AppError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let path = still_path(folder, index, time_s);
        save(&path, picture)?;
        self.written.push(path);
        self.keep(picture)
    }

    /// The same for one that something else is seen through.
    pub(super) fn write_cutout(&mut self, index: usize, time_s: f64, cutout: &Cutout) -> Result<(), AppError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let path = still_path(folder, index, time_s);
        save_cutout(&path, cutout)?;
        self.written.push(path);
        self.keep(&cutout.flattened())
    }

    /// Keeps a small one for the sheet.
    fn keep(&mut self, picture: &RgbImage) -> Result<(), AppError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let height = (u64::from(picture.height) * u64::from(THUMBNAIL_WIDTH) / u64::from(picture.width)).max(1) as u32;
        let thumbnail = picture::resize(picture, THUMBNAIL_WIDTH, height)
            .map_err(|reason| AppError::Write { path: folder.clone(), reason })?;
        self.thumbnails.push(thumbnail);
        Ok(())
    }

    /// Writes the sheet and returns every file written, the sheet last.
    pub(super) fn finish(mut self) -> Result<Vec<PathBuf>, AppError> {
        if let (Some(folder), Some(first)) = (&self.folder, self.thumbnails.first()) {
            let rows = (self.thumbnails.len() as u32).div_ceil(COLUMNS);
            let width = COLUMNS * first.width + (COLUMNS + 1) * GAP;
            let height = rows * first.height + (rows + 1) * GAP;
            let mut sheet = RgbImage { width, height, data: vec![255; (width * height * 3) as usize] };
            for (index, thumbnail) in self.thumbnails.iter().enumerate() {
                let (column, row) = (index as u32 % COLUMNS, index as u32 / COLUMNS);
                let (x, y) = (GAP + column * (first.width + GAP), GAP + row * (first.height + GAP));
                picture::paste(&mut sheet, thumbnail, x, y);
            }
            let path = folder.join("sheet.png");
            save(&path, &sheet)?;
            self.written.push(path);
        }
        Ok(self.written)
    }
}

fn still_path(folder: &Path, index: usize, time_s: f64) -> PathBuf {
    folder.join(format!("{index:02}_{time_s:06.2}s.png"))
}

/// Writes a PNG that something else is seen through.
pub(super) fn save_cutout(path: &Path, cutout: &Cutout) -> Result<(), AppError> {
    image::save_buffer(path, &cutout.data, cutout.width, cutout.height, image::ExtendedColorType::Rgba8)
        .map_err(|error| AppError::Write { path: path.to_owned(), reason: error.to_string() })
}

/// Writes a PNG.
pub(super) fn save(path: &Path, picture: &RgbImage) -> Result<(), AppError> {
    image::save_buffer(path, &picture.data, picture.width, picture.height, image::ExtendedColorType::Rgb8)
        .map_err(|error| AppError::Write { path: path.to_owned(), reason: error.to_string() })
}
