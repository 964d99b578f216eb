//! Experiments on images: the sets that were handed over, and what of them lies on the device.

use super::config::Config;
use super::program::{Parts, Role, slot};
use super::{Purpose, Session};
use crate::data::Space;
use crate::data::idx::Images;
use crate::data::images::{self, Chosen, Part, Selected};
use crate::error::{Error, Result};
use crate::model::Ability;
use crate::number;
use std::rc::Rc;

/// Images of a set that are used, at the most: with 784 numbers each, more come near what one buffer holds in a browser.
pub const MOST: usize = 20_000;

/// Largest power of an energy in what the samples follow, either way.
const MOST_WEIGHT: f32 = 10.0;

/// The images that were handed over, by the name of their set.
#[derive(Default)]
pub(super) struct Library(Vec<(&'static str, Rc<Images>)>);

impl Library {
    fn get(&self, id: &str) -> Option<&Rc<Images>> {
        self.0.iter().find(|(known, _)| *known == id).map(|(_, images)| images)
    }
}

/// Refuses images without the labels, or of other classes, than a config needs.
fn check_labels(images: &Images, config: &Config) -> Result<()> {
    if images.labels.is_none() && Parts::of(config).objective.needs() == Some(Ability::Classes) {
        let expected = format!("labels as well, because {} learns classes", config.objective.id);
        return Err(Error::format("images", "no labels", expected));
    }
    Chosen::of(images, &config.data, config.space()).check()
}

/// Refuses what is not one number a pixel, d in all, or the first one that does not fit.
fn check_pixels(d: usize, field: &str, values: &[f32], expected: &str, fits: impl Fn(f32) -> bool) -> Result<()> {
    if values.len() != d {
        return Err(Error::value(field, format!("{} numbers", values.len()), format!("{d} numbers")));
    }
    match values.iter().position(|&v| !fits(v)) {
        Some(i) => Err(Error::value(format!("{field}[{i}]"), number::print(values[i].into()), expected)),
        None => Ok(()),
    }
}

impl Session {
    /// Hands over the images of a set, in place of those that it had; of more than [`MOST`] the first ones are used. A run on it
    /// goes on with the new ones. Returns how many are used.
    pub async fn give_images(&mut self, id: &str, mut images: Images) -> Result<usize> {
        let Some(id) = images::NAMES.into_iter().find(|known| *known == id) else {
            return Err(Error::value("data.id", id, images::NAMES.join(" or ")));
        };
        let in_use = images::name_of(self.config.data.id) == Some(id);
        images.truncate(MOST);
        let used = images.len();
        if in_use {
            check_labels(&images, &self.config)?;
        }
        self.images.0.retain(|(known, _)| *known != id);
        self.images.0.push((id, Rc::new(images)));
        if in_use {
            self.data_changed().await?;
        }
        Ok(used)
    }

    /// Refuses a config whose images nobody has handed over: by the name that they have.
    pub(super) fn check_images(&self, config: &Config) -> Result<()> {
        let Some(name) = images::name_of(config.data.id) else { return Ok(()) };
        match self.images.get(name) {
            None => Err(Error::Absent { id: name.to_string() }),
            Some(images) => check_labels(images, config),
        }
    }

    /// The run's images: those of a set, or patterns.
    fn images(&self) -> Result<Rc<Images>> {
        let handed_over = || images::name_of(self.config.data.id).and_then(|name| self.images.get(name)).cloned();
        let images = self.parts.density.patterns(&self.config.data).map(Rc::new).or_else(handed_over);
        images.ok_or_else(|| Error::value("data.id", self.config.data.id, "a set of images"))
    }

    /// Those of them that the config chooses.
    fn chosen<'a>(&self, images: &'a Images) -> Chosen<'a> {
        Chosen::of(images, &self.config.data, self.space())
    }

    /// A part of what the run is of.
    pub fn selected(&self, part: Part) -> Result<Selected> {
        Ok(self.chosen(&*self.images()?).select(part))
    }

    /// The held-out image of this number, of those that are learned where none is held out, counting on from the first behind the last.
    pub(super) fn numbered_image(&self, number: usize) -> Result<Vec<f32>> {
        let images = self.images()?;
        let chosen = self.chosen(&images);
        let found = [Part::HeldOut, Part::Training].into_iter().find_map(|part| chosen.numbered(part, number));
        found.ok_or_else(|| Error::value("images", images.len(), "at least one"))
    }

    /// How many images are learned, and how many are held out: of patterns none are, and all of them are both.
    pub fn image_counts(&self) -> Result<[usize; 2]> {
        let images = self.images()?;
        let chosen = self.chosen(&images);
        Ok([Part::Training, Part::HeldOut].map(|part| chosen.count(part)))
    }

    /// The training image that is nearest to x [d]: its pixels, its distance, and its label where it is known.
    pub fn nearest_image(&self, x: &[f32]) -> Result<(Vec<f32>, f64, Option<u8>)> {
        let d = self.space().dimension();
        if x.len() != d || x.iter().any(|v| !v.is_finite()) {
            return Err(Error::value("x", format!("{} numbers", x.len()), format!("{d} finite numbers")));
        }
        let images = self.images()?;
        let chosen = self.chosen(&images);
        let found = chosen.nearest(Part::Training, x);
        let found = found.ok_or_else(|| Error::value("images", images.len(), "at least one to learn"))?;
        let label = images.labels.as_ref().map(|labels| labels[found.index]);
        Ok((chosen.values(found.index), found.distance, label))
    }

    /// Holds pixels of all samples: where `free` [d] is 0 they keep the values of `image` [d] from here on, and the kernels
    /// draw the others from the conditional density. Nothing changes on an error.
    pub fn hold_pixels(&mut self, image: &[f32], free: &[f32]) -> Result<()> {
        self.images()?;
        let d = self.space().dimension();
        let [low, high] = Space::Images.bounds().map(|bound| bound as f32);
        check_pixels(d, "image", image, "a number from -1 to 1", |v| (low..=high).contains(&v))?;
        check_pixels(d, "free", free, "1 (free) or 0 (held)", |v| v == 0.0 || v == 1.0)?;
        if self.find_range(slot::FREE).is_none() {
            if self.parts.sampler.conditions() || free.iter().all(|&v| v == 1.0) {
                return Ok(());
            }
            let expected = "a kernel that draws from the conditional density, such as metropolis-within-gibbs";
            return Err(Error::value("sampler.id", self.config.sampler.id, expected));
        }
        let mut kept = image.to_vec();
        self.space().settle(&mut kept);
        self.rewind.barrier();
        self.write(slot::FREE, free)?;
        self.write(slot::KEPT, &kept)?;
        self.pin_pixels()?;
        self.begin_carried()
    }

    /// Wherever the samples have been put, they keep what they hold.
    pub(super) fn pin_pixels(&mut self) -> Result<()> {
        if self.has(Role::Pin) { self.run(Role::Pin, Purpose::Walk, u64::MAX, 0, 1) } else { Ok(()) }
    }

    /// How many pixels of the samples are held.
    pub async fn held_pixels(&mut self) -> Result<usize> {
        let Some(range) = self.find_range(slot::FREE) else { return Ok(0) };
        let free = self.backend.read(&[range]).await?.remove(0);
        Ok(free.iter().filter(|&&v| v == 0.0).count())
    }

    /// All pixels of the samples are free.
    pub(super) fn free_pixels(&mut self) -> Result<()> {
        let Some(range) = self.find_range(slot::FREE) else { return Ok(()) };
        self.write(slot::FREE, &vec![1.0; range.len()])
    }

    /// Has the samples follow w₀ E(x) + Σ_y w_y E(x, y) from here on, with `weights` [1 + classes]: those of a class alone,
    /// of several at once (a product of experts, Hinton 2002), or of one and not of another. Nothing changes on an error.
    pub fn mix_classes(&mut self, weights: &[f32]) -> Result<()> {
        let Some(range) = self.find_range(slot::MIX) else {
            let expected = "joint-cnn with a rule that learns classes and at least one sample";
            return Err(Error::value("model.id", self.config.model.id, expected));
        };
        if weights.len() != range.len() {
            return Err(Error::value(
                "weights",
                format!("{} numbers", weights.len()),
                format!("{} numbers", range.len()),
            ));
        }
        if let Some(i) = weights.iter().position(|w| !(-MOST_WEIGHT..=MOST_WEIGHT).contains(w)) {
            let expected = format!("a number from -{MOST_WEIGHT} to {MOST_WEIGHT}");
            return Err(Error::value(format!("weights[{i}]"), number::print(weights[i].into()), expected));
        }
        self.rewind.barrier();
        self.write(slot::MIX, weights)
    }

    /// The samples follow E(x).
    pub(super) fn unmix(&mut self) -> Result<()> {
        let Some(range) = self.find_range(slot::MIX) else { return Ok(()) };
        let mut weights = vec![0.0; range.len()];
        weights[0] = 1.0;
        self.write(slot::MIX, &weights)
    }

    /// The weights of [`Self::mix_classes`]; empty where there are no classes.
    pub async fn mix(&mut self) -> Result<Vec<f32>> {
        match self.find_range(slot::MIX) {
            Some(range) => Ok(self.backend.read(&[range]).await?.remove(0)),
            None => Ok(vec![]),
        }
    }

    /// How many images the run learns.
    pub(super) fn training_images(&self) -> usize {
        self.image_counts().map_or(0, |[training, _]| training)
    }

    /// Writes the images that are learned to the device.
    pub(super) fn write_images(&mut self) -> Result<()> {
        let Selected { pixels, labels } = self.selected(Part::Training)?;
        self.write(slot::DATA, &pixels)?;
        let labels: Vec<f32> = labels.unwrap_or_default().into_iter().map(f32::from).collect();
        if self.find_range(slot::DATA_CLASSES).is_some() { self.write(slot::DATA_CLASSES, &labels) } else { Ok(()) }
    }
}
