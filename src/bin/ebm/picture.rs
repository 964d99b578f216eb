//! Pictures of images side by side.

use crate::Failure;
use ebm::data::idx::SIDE;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Images that a picture of chains shows.
pub const SHOWN: usize = 100;
/// Images of a row.
const COLUMNS: usize = 10;
/// Pixels between two images.
const GAP: usize = 2;

/// Writes images [n, 784] in [−1, 1] as a grid, row by row, to a PNG file.
pub fn write(path: &Path, images: &[f32]) -> Result<(), Failure> {
    let images: Vec<_> = images.chunks_exact(SIDE * SIDE).collect();
    let (columns, rows) = (COLUMNS.min(images.len()), images.len().div_ceil(COLUMNS));
    let length = |n: usize| n * (SIDE + GAP) + GAP;
    let (width, height) = (length(columns), length(rows));
    let mut pixels = vec![96u8; width * height];
    for (i, image) in images.iter().enumerate() {
        let corner = length(i / COLUMNS) * width + length(i % COLUMNS);
        for (y, row) in image.chunks_exact(SIDE).enumerate() {
            let from = corner + y * width;
            let shade = |x: &f32| (127.5 * (x.clamp(-1.0, 1.0) + 1.0)).round() as u8;
            pixels[from..from + SIDE].iter_mut().zip(row).for_each(|(to, x)| *to = shade(x));
        }
    }
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    Ok(encoder.write_header()?.write_image_data(&pixels)?)
}
