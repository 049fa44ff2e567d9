//! A camera's bytes to RGB.

use yuv::{YuvBiPlanarImage, YuvConversionMode, YuvPackedImage, YuvRange, YuvStandardMatrix};

use super::mode::{PixelFormat, VideoMode};
use crate::capture::jpeg::decode_quickly;
use crate::frame::RgbImage;

/// Decodes the frames of one camera.
#[derive(Debug)]
pub(super) struct FrameDecoder {
    mode: VideoMode,
    /// Whether this camera was seen to write JPEGs without fault.
    strict: bool,
}

impl FrameDecoder {
    pub(super) fn new(mode: VideoMode) -> Self {
        Self { mode, strict: false }
    }

    /// Decodes one frame. Bytes after its end are ignored: the buffers of drivers are longer than the frames in them.
    ///
    /// # Errors
    /// What is wrong with the bytes; the next frame may well be sound.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> Result<RgbImage, String> {
        let VideoMode { format, width, height, .. } = self.mode;
        let pixels = width as usize * height as usize;
        let (stride, row) = (width * 3, width * 2);
        if format == PixelFormat::Mjpeg {
            return self.decode_jpeg(bytes);
        }
        let mut rgb = RgbImage::buffer(pixels * 3);
        match format {
            PixelFormat::Mjpeg => {}
            PixelFormat::Yuyv => {
                let image = YuvPackedImage { yuy: take(bytes, pixels * 2)?, yuy_stride: row, width, height };
                yuv::yuyv422_to_rgb(&image, &mut rgb, stride, YuvRange::Limited, YuvStandardMatrix::Bt601)
                    .map_err(|error| error.to_string())?;
            }
            PixelFormat::Nv12 => {
                let chroma_row = width.next_multiple_of(2);
                let chroma = chroma_row as usize * height.div_ceil(2) as usize;
                let (y_plane, uv_plane) = take(bytes, pixels + chroma)?.split_at(pixels);
                let image =
                    YuvBiPlanarImage { y_plane, y_stride: width, uv_plane, uv_stride: chroma_row, width, height };
                let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt601);
                yuv::yuv_nv12_to_rgb(&image, &mut rgb, stride, range, matrix, YuvConversionMode::Balanced)
                    .map_err(|error| error.to_string())?;
            }
            PixelFormat::Gray => {
                for (pixel, &luma) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(take(bytes, pixels)?) {
                    *pixel = [luma; 3];
                }
            }
            PixelFormat::Rgb => rgb.copy_from_slice(take(bytes, pixels * 3)?),
            PixelFormat::Bgr => {
                rgb.copy_from_slice(take(bytes, pixels * 3)?);
                rgb.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| pixel.reverse());
            }
        }
        RgbImage::new(width, height, rgb).ok_or_else(|| "no pixels".to_owned())
    }

    /// A frame that lost bytes on the wire still decodes when one is lenient, into half a picture with grey blocks. But
    /// some cameras never write a faultless JPEG. So faults are let pass only until a frame without any was seen.
    fn decode_jpeg(&mut self, bytes: &[u8]) -> Result<RgbImage, String> {
        match whole(bytes).and_then(|bytes| decode_quickly(bytes, true)) {
            Ok(image) => {
                self.strict = true;
                Ok(image)
            }
            Err(error) if self.strict => Err(error),
            Err(_) => decode_quickly(bytes, false),
        }
    }
}

fn take(bytes: &[u8], length: usize) -> Result<&[u8], String> {
    bytes.get(..length).ok_or_else(|| format!("{} bytes instead of {length}", bytes.len()))
}

/// A JPEG up to its end of image marker, which cannot stand inside the pixels' code.
fn whole(bytes: &[u8]) -> Result<&[u8], String> {
    let end = bytes.windows(2).position(|marker| marker == [0xFF, 0xD9]).ok_or("no end of image")?;
    Ok(&bytes[..end + 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoder(format: PixelFormat, width: u32, height: u32) -> FrameDecoder {
        FrameDecoder::new(VideoMode { format, width, height, fps: 30 })
    }

    fn near(image: &RgbImage, wanted: [u8; 3]) -> bool {
        image.data.chunks(3).all(|pixel| pixel.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 3))
    }

    /// Pure red in limited-range BT.601 is Y 81, U 90, V 240.
    #[test]
    fn red_is_red_in_every_packing() {
        let red = [255, 0, 0];
        let yuyv: Vec<u8> = [81, 90, 81, 240].repeat(8);
        assert!(near(&decoder(PixelFormat::Yuyv, 4, 4).decode(&yuyv).expect("decodes"), red));
        let nv12 = [vec![81; 16], [90, 240].repeat(4)].concat();
        assert!(near(&decoder(PixelFormat::Nv12, 4, 4).decode(&nv12).expect("decodes"), red));
        assert!(near(&decoder(PixelFormat::Rgb, 4, 4).decode(&red.repeat(16)).expect("decodes"), red));
        assert!(near(&decoder(PixelFormat::Bgr, 4, 4).decode(&[0, 0, 255].repeat(16)).expect("decodes"), red));
        assert!(near(&decoder(PixelFormat::Gray, 4, 4).decode(&[77; 16]).expect("decodes"), [77; 3]));
    }

    fn jpeg_bytes() -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, (x * y) as u8]));
        image::codecs::jpeg::JpegEncoder::new(&mut bytes).encode_image(&picture).expect("encodes");
        bytes
    }

    #[test]
    fn what_an_older_frame_left_in_the_buffer_is_ignored() {
        let bytes = jpeg_bytes();
        let plain = decoder(PixelFormat::Mjpeg, 64, 48).decode(&bytes).expect("decodes");
        assert_eq!((plain.width, plain.height), (64, 48));
        let longer = [&bytes[..], &bytes[100..], &[0; 500]].concat();
        assert_eq!(decoder(PixelFormat::Mjpeg, 64, 48).decode(&longer), Ok(plain));
        assert!(decoder(PixelFormat::Gray, 2, 2).decode(&[9; 100]).is_ok());
    }

    #[test]
    fn damaged_frames_are_refused_without_a_panic() {
        let bytes = jpeg_bytes();
        let mut camera = decoder(PixelFormat::Mjpeg, 64, 48);
        camera.decode(&bytes).expect("decodes");
        let half = &bytes[..bytes.len() / 2];
        assert!(camera.decode(half).is_err(), "half a frame");
        assert!(camera.decode(&[half, &[0; 4000]].concat()).is_err(), "half a frame in a longer buffer");
        assert!(camera.decode(&[0xAB; 4000]).is_err(), "noise");
        assert!(camera.decode(&[]).is_err(), "nothing");
        for format in [PixelFormat::Yuyv, PixelFormat::Nv12, PixelFormat::Rgb, PixelFormat::Bgr, PixelFormat::Gray] {
            assert!(decoder(format, 64, 48).decode(&[0; 100]).is_err(), "{format}");
        }
        assert!(camera.decode(&bytes).is_ok(), "and the next one is well again");
    }
}
