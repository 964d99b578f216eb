//! Sets of images: the digits that come with the page and the visitor's own, in grey or in black and white. What is in a set is handed
//! to the session ([`crate::session::Session::give_images`]); every tenth image is held out.

use super::idx::{CLASSES, Images};
use super::mnist::{BINARY_MNIST, MNIST};
use super::{Density, Space};
use crate::error::{Error, Result};
use crate::schema::{Group, Param, Section};

/// Of so many neighbours the last one is held out.
const HELD_OUT: usize = 10;

/// The classes that an experiment is of, where the images are labelled.
const ONLY: Param = Param::set("classes", Group::Data, CLASSES as i64 - 1).primary();

/// A set: images that are handed over under a name, read as points of a space.
pub struct Set {
    id: &'static str,
    name: &'static str,
    space: Space,
}

impl Set {
    /// The set of this id, of the images that have this name.
    pub const fn new(id: &'static str, name: &'static str, space: Space) -> Self {
        Self { id, name, space }
    }
}

/// The visitor's own.
pub static OWN: Set = Set::new("images", "images", Space::Images);
/// The same in black and white.
pub static BINARY_OWN: Set = Set::new("binary-images", "images", Space::Binary(28));

const SETS: [&Set; 4] = [&OWN, &BINARY_OWN, &MNIST, &BINARY_MNIST];
/// Names under which images are handed over.
pub const NAMES: [&str; 2] = ["mnist", "images"];

/// The set of this id.
fn set(id: &str) -> Option<&'static Set> {
    SETS.into_iter().find(|set| set.id == id)
}

/// The name of the images that the set of this id is of.
pub fn name_of(id: &str) -> Option<&'static str> {
    set(id).map(|set| set.name)
}

impl Density for Set {
    fn id(&self) -> &'static str {
        self.id
    }

    fn params(&self) -> &'static [Param] {
        &[ONLY]
    }

    fn space(&self, _section: &Section) -> Space {
        self.space
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
    /// [n, d] in [−1, 1].
    pub pixels: Vec<f32>,
    /// [n], where they are known.
    pub labels: Option<Vec<u8>>,
}

/// The first images of a file, no more than `most`, as an energy of this space reads them, [n · 784].
pub fn first(images: &Images, most: usize, space: Space) -> Vec<f32> {
    let mut values: Vec<f32> = images.pixels.iter().take(most * space.dimension()).map(|&byte| value(byte)).collect();
    space.settle(&mut values);
    values
}

/// The images that an experiment is of: those of a set, or the patterns of a law that is known in full.
pub struct Chosen<'a> {
    images: &'a Images,
    /// Where labels say something.
    classes: Vec<usize>,
    space: Space,
    /// Whether they are a whole law, of which nothing is held out: the one that is learned is also the one that is judged by.
    whole: bool,
}

impl<'a> Chosen<'a> {
    /// Those of the classes that a section names, as points of a space.
    pub fn of(images: &'a Images, section: &Section, space: Space) -> Self {
        let whole = set(section.id).is_none();
        Self { images, classes: if whole { vec![] } else { section.list(ONLY.name) }, space, whole }
    }

    /// How many there are of every class and part.
    fn len(&self) -> usize {
        self.images.pixels.len() / self.space.dimension()
    }

    /// The bytes of one image, [d].
    fn bytes(&self, i: usize) -> &[u8] {
        let d = self.space.dimension();
        &self.images.pixels[i * d..(i + 1) * d]
    }

    /// Refuses classes where nobody knows them, or of which there is no image to learn.
    pub fn check(&self) -> Result<()> {
        let refuse = |expected: &str| {
            let classes = self.classes.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
            Err(Error::value("data.classes", format!("[{classes}]"), expected))
        };
        match &self.images.labels {
            None if !self.whole && self.classes.len() < CLASSES.into() => {
                refuse("all ten, because nobody says the classes of these images")
            }
            Some(_) if self.count(Part::Training) == 0 => refuse("a class of which there are images to learn"),
            _ => Ok(()),
        }
    }

    /// Numbers of the images of a part.
    fn numbers(&self, part: Part) -> impl Iterator<Item = usize> + Clone {
        let of_class = |i: usize| {
            let class = self.images.labels.as_ref().map(|labels| usize::from(labels[i]));
            class.is_none_or(|class| self.classes.contains(&class))
        };
        let whole = self.whole;
        let of_part = move |i: usize| whole || (i % HELD_OUT == HELD_OUT - 1) == (part == Part::HeldOut);
        (0..self.len()).filter(move |&i| of_part(i) && of_class(i))
    }

    /// How many images a part has.
    pub fn count(&self, part: Part) -> usize {
        self.numbers(part).count()
    }

    /// One image as the energy reads it, [d].
    pub fn values(&self, i: usize) -> Vec<f32> {
        let mut values: Vec<f32> = self.bytes(i).iter().map(|&byte| value(byte)).collect();
        self.space.settle(&mut values);
        values
    }

    /// The image of this number in a part [d], counting on from the first behind the last; `None` where the part is empty.
    pub fn numbered(&self, part: Part, number: usize) -> Option<Vec<f32>> {
        let numbers = self.numbers(part);
        let i = numbers.clone().nth(number % numbers.count().max(1))?;
        Some(self.values(i))
    }

    /// A part.
    pub fn select(&self, part: Part) -> Selected {
        let numbers = self.numbers(part);
        let labels = self.images.labels.as_ref().map(|labels| numbers.clone().map(|i| labels[i]).collect());
        Selected { pixels: numbers.flat_map(|i| self.values(i)).collect(), labels }
    }

    /// The image of a part that is nearest to x [d], as a search for what was memorised; `None` where the part is empty.
    pub fn nearest(&self, part: Part, x: &[f32]) -> Option<Nearest> {
        let wanted: Vec<i32> = x.iter().map(|&x| (127.5 * (x + 1.0)).round() as i32).collect();
        // A settled byte is all or nothing.
        let read = |byte: u8| match self.space {
            Space::Binary(_) => 255 * i32::from(byte >= 128),
            _ => i32::from(byte),
        };
        let squared =
            |i: usize| -> i32 { self.bytes(i).iter().zip(&wanted).map(|(&byte, x)| (read(byte) - x).pow(2)).sum() };
        let (squared, index) = self.numbers(part).map(|i| (squared(i), i)).min()?;
        Some(Nearest { index, distance: f64::from(squared).sqrt() / 127.5 })
    }
}

/// The image of a part that is nearest to some x.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// Its number in the set.
    pub index: usize,
    /// Euclidean distance over pixels from −1 to 1; x is rounded to bytes.
    pub distance: f64,
}

/// −1 for 0, 1 for 255.
fn value(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: Space = Space::Images;

    #[test]
    fn every_tenth_image_is_held_out() {
        let d = Space::Images.dimension();
        let pixels = (0..25).flat_map(|i| vec![10 * i as u8; d]).collect();
        let images = Images { pixels, labels: Some((0..25).map(|i| i % 10).collect()) };
        let section = Section::defaults("images", OWN.params());
        let chosen = Chosen::of(&images, &section, SPACE);
        assert_eq!(first(&images, 2, Space::Images), [vec![-1.0; d], vec![10.0 / 127.5 - 1.0; d]].concat());
        assert_eq!(first(&images, 99, Space::Images).len(), 25 * d);
        let held_out = chosen.select(Part::HeldOut);
        assert_eq!(held_out.labels, Some(vec![9, 9]));
        assert_eq!(chosen.numbered(Part::HeldOut, 3), Some(held_out.pixels[d..].to_vec()));
        assert_eq!([held_out.pixels[0], held_out.pixels[d]], [90.0 / 127.5 - 1.0, 190.0 / 127.5 - 1.0]);
        assert_eq!([Part::Training, Part::HeldOut].map(|part| chosen.count(part)), [23, 2]);
        let training = chosen.select(Part::Training);
        assert_eq!((training.pixels.len(), training.labels.map(|l| l.len())), (23 * d, Some(23)));
        assert_eq!([value(0), value(255)], [-1.0, 1.0]);
        // Of images that are 0, 10, 20 … all over, 95 is nearest to number 9, which is held out, then to number 10.
        let x = vec![94.0 / 127.5 - 1.0; d];
        let near = |part| chosen.nearest(part, &x).unwrap();
        assert_eq!(near(Part::HeldOut), Nearest { index: 9, distance: 28.0 * 4.0 / 127.5 });
        assert_eq!(near(Part::Training).index, 10);
        let empty = Images { pixels: vec![], labels: None };
        assert_eq!(Chosen::of(&empty, &section, SPACE).numbered(Part::HeldOut, 0), None);
        assert_eq!(Chosen::of(&empty, &section, SPACE).nearest(Part::Training, &x), None);
    }

    #[test]
    fn black_and_white_images_are_the_same_ones_cut_at_half() {
        let d = Space::Binary(28).dimension();
        let bytes = [0, 127, 128, 255];
        let images = Images { pixels: bytes.iter().flat_map(|&b| vec![b; d]).collect(), labels: None };
        let section = Section::defaults("binary-images", BINARY_OWN.params());
        let chosen = Chosen::of(&images, &section, Space::Binary(28));
        let pixels = chosen.select(Part::Training).pixels;
        assert_eq!(pixels.iter().step_by(d).copied().collect::<Vec<_>>(), [-1.0, -1.0, 1.0, 1.0]);
        assert_eq!(first(&images, 4, Space::Binary(28)), pixels);
        assert_eq!(chosen.nearest(Part::Training, &vec![1.0; d]), Some(Nearest { index: 2, distance: 0.0 }));
        assert_eq!(BINARY_OWN.space(&section), Space::Binary(28));
        assert_eq!(["mnist", "binary-images", "drawn"].map(name_of), [Some("mnist"), Some("images"), None]);
    }
}
