//! Sets of images: the digits that come with the page and the visitor's own. What is in a set is handed to the session
//! ([`crate::session::Session::give_images`]); every tenth image is held out.

use super::idx::Images;
use super::{Density, Extent, LogDensity, Space};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::Rng;

/// Of so many neighbours the last one is held out.
const HELD_OUT: usize = 10;

/// A set, by its id.
pub struct Set(&'static str);

impl Set {
    /// The set of this id.
    pub const fn new(id: &'static str) -> Self {
        Self(id)
    }
}

/// The visitor's own.
pub static OWN: Set = Set::new("images");

impl Density for Set {
    fn id(&self) -> &'static str {
        self.0
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }

    fn space(&self) -> Space {
        Space::Images
    }

    fn sample(&self, _section: &Section, _rng: &mut dyn Rng) -> Option<[f64; 2]> {
        None
    }

    fn log_density(&self, _section: &Section) -> Option<LogDensity> {
        None
    }

    fn energy<'g>(&self, _section: &Section, _x: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    fn extent(&self, _section: &Section) -> Option<Extent> {
        None
    }
}

/// One of the two parts of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What is learned.
    Training,
    /// What is not.
    HeldOut,
}

impl Part {
    /// By name.
    pub fn parse(name: &str) -> crate::error::Result<Self> {
        match name {
            "training" => Ok(Self::Training),
            "held-out" => Ok(Self::HeldOut),
            _ => Err(crate::error::Error::value("part", name, "training or held-out")),
        }
    }
}

/// Some images of a set as the energy reads them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selected {
    /// [n, 784] in [−1, 1].
    pub pixels: Vec<f32>,
    /// [n], where they are known.
    pub labels: Option<Vec<u8>>,
}

/// Whether image i is of a part.
fn belongs(i: usize, part: Part) -> bool {
    (i % HELD_OUT == HELD_OUT - 1) == (part == Part::HeldOut)
}

/// One image as the energy reads it, [784].
pub fn values(images: &Images, i: usize) -> impl Iterator<Item = f32> {
    let d = Space::Images.dimension();
    images.pixels[i * d..(i + 1) * d].iter().map(|&byte| value(byte))
}

/// How many images a part of a set has.
pub fn count(images: &Images, part: Part) -> usize {
    let held_out = images.len() / HELD_OUT;
    if part == Part::HeldOut { held_out } else { images.len() - held_out }
}

/// A part of a set.
pub fn select(images: &Images, part: Part) -> Selected {
    let pixels = |i: usize| values(images, i);
    let chosen = (0..images.len()).filter(|&i| belongs(i, part));
    let labels = images.labels.as_ref().map(|labels| chosen.clone().map(|i| labels[i]).collect());
    Selected { pixels: chosen.flat_map(pixels).collect(), labels }
}

/// The image of a part that is nearest to x.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// Its number in the set.
    pub index: usize,
    /// Euclidean distance over pixels from −1 to 1; x is rounded to bytes.
    pub distance: f64,
}

/// The nearest image of a part to x [784], as a search for what was memorised; `None` where the part is empty.
pub fn nearest(images: &Images, part: Part, x: &[f32]) -> Option<Nearest> {
    let wanted: Vec<i32> = x.iter().map(|&x| (127.5 * (x + 1.0)).round() as i32).collect();
    let squared = |i: usize| -> i32 {
        let image = &images.pixels[i * wanted.len()..][..wanted.len()];
        image.iter().zip(&wanted).map(|(&byte, x)| (i32::from(byte) - x).pow(2)).sum()
    };
    let numbered = (0..images.len()).filter(|&i| belongs(i, part)).map(|i| (squared(i), i));
    let (squared, index) = numbered.min()?;
    Some(Nearest { index, distance: f64::from(squared).sqrt() / 127.5 })
}

/// −1 for 0, 1 for 255.
fn value(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tenth_image_is_held_out() {
        let d = Space::Images.dimension();
        let pixels = (0..25).flat_map(|i| vec![10 * i as u8; d]).collect();
        let images = Images { pixels, labels: Some((0..25).map(|i| i % 10).collect()) };
        let held_out = select(&images, Part::HeldOut);
        assert_eq!(held_out.labels, Some(vec![9, 9]));
        assert_eq!([held_out.pixels[0], held_out.pixels[d]], [90.0 / 127.5 - 1.0, 190.0 / 127.5 - 1.0]);
        assert_eq!([Part::Training, Part::HeldOut].map(|part| count(&images, part)), [23, 2]);
        let training = select(&images, Part::Training);
        assert_eq!((training.pixels.len(), training.labels.map(|l| l.len())), (23 * d, Some(23)));
        assert_eq!([value(0), value(255)], [-1.0, 1.0]);
        // Of images that are 0, 10, 20 … all over, 95 is nearest to number 9, which is held out, then to number 10.
        let x = vec![94.0 / 127.5 - 1.0; d];
        let near = |part| nearest(&images, part, &x).unwrap();
        assert_eq!(near(Part::HeldOut), Nearest { index: 9, distance: 28.0 * 4.0 / 127.5 });
        assert_eq!(near(Part::Training).index, 10);
        let empty = Images { pixels: vec![], labels: None };
        assert_eq!(nearest(&empty, Part::Training, &x), None);
    }
}
