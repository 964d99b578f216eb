//! The points: drawn from the density, then the visitor's to move, add and remove while training runs.

use super::program::{Parts, slot};
use super::{Purpose, Session, config::Config};
use crate::data::{Density, Space};
use crate::error::{Error, Result};
use crate::number;
use crate::objective::Moments;
use crate::rng;

/// Most points that a set may hold.
pub const MOST: usize = 65_536;
/// Points lie in the square of this half side: far outside the world, but where numbers still behave.
pub const FARTHEST: f32 = 100.0;
/// Densities with wide tails draw some from beyond that; farther out than here lies none.
pub(super) const FARTHEST_DRAWN: f32 = 1e6;

/// Draws the points of a config.
pub(super) fn sample(config: &Config, density: &dyn Density) -> Vec<[f32; 2]> {
    draw(config, density, Purpose::Points, count(config))
}

/// Draws held-out points of a config.
pub(super) fn sample_test(config: &Config, density: &dyn Density, n: usize) -> Vec<[f32; 2]> {
    draw(config, density, Purpose::Test, n)
}

fn count(config: &Config) -> usize {
    let counted = config.data.values().any(|(name, _)| name == "count");
    if counted { config.data.count("count") } else { 0 }
}

fn draw(config: &Config, density: &dyn Density, purpose: Purpose, n: usize) -> Vec<[f32; 2]> {
    let mut rng = rng::host(u64::from(config.seed) << 8 | purpose as u64);
    (0..n).map_while(|_| density.sample(&config.data, &mut rng)).map(|p| p.map(|c| c as f32)).collect()
}

/// Rows of the data tensor for so many points.
pub(super) fn capacity(points: usize) -> usize {
    points.max(256).next_power_of_two()
}

/// Mean and covariance; of a standard normal where there are too few points to tell.
pub(super) fn moments(points: &[[f32; 2]]) -> Moments {
    if points.len() < 3 {
        return Moments { mean: [0.0; 2], covariance: [1.0, 0.0, 1.0] };
    }
    let n = points.len() as f64;
    let at = |p: &[f32; 2], i: usize| f64::from(p[i]);
    let mean = [0, 1].map(|i| points.iter().map(|p| at(p, i)).sum::<f64>() / n);
    let product =
        |i: usize, j: usize| points.iter().map(|p| (at(p, i) - mean[i]) * (at(p, j) - mean[j])).sum::<f64>() / n;
    Moments { mean, covariance: [product(0, 0), product(0, 1), product(1, 1)] }
}

fn check(field: &str, x: [f32; 2], farthest: f32) -> Result<()> {
    let fits = x.iter().all(|c| c.is_finite() && c.abs() <= farthest);
    if fits {
        return Ok(());
    }
    let [a, b, farthest] = [x[0], x[1], farthest].map(|c| number::print(number::meant(c)));
    Err(Error::value(field, format!("[{a}, {b}]"), format!("two numbers from -{farthest} to {farthest}")))
}

/// Refuses too many points, and the first that lies farther out than this.
pub(super) fn check_all(points: &[[f32; 2]], farthest: f32) -> Result<()> {
    if points.len() > MOST {
        return Err(Error::value("data", points.len(), format!("at most {MOST} points")));
    }
    points.iter().enumerate().try_for_each(|(i, &p)| check(&format!("data[{i}]"), p, farthest))
}

impl Session {
    /// The points under another config. Those that a density drew are drawn anew, as whoever opens that config's link sees
    /// them; the visitor's own survive everything but the choice of another density.
    pub(super) fn points_under(&self, config: &Config) -> Vec<[f32; 2]> {
        let drawn = sample(config, Parts::of(config).density);
        let own = self.data != sample(&self.config, self.parts.density);
        let keep = drawn.is_empty() || (own && config.data == self.config.data);
        if keep { self.data.clone() } else { drawn }
    }

    /// Refuses what only makes sense of points in the plane.
    pub(super) fn in_the_plane(&self) -> Result<()> {
        match self.space() {
            Space::Plane => Ok(()),
            Space::Images | Space::Binary(_) => {
                Err(Error::value("data.id", self.config.data.id, "points in the plane, not images"))
            }
        }
    }

    /// Replaces all points.
    pub async fn set_data(&mut self, points: Vec<[f32; 2]>) -> Result<()> {
        self.in_the_plane()?;
        check_all(&points, FARTHEST)?;
        self.data = points;
        self.data_changed().await
    }

    /// Adds points behind the others.
    pub async fn add_points(&mut self, points: &[[f32; 2]]) -> Result<()> {
        self.set_data([&self.data, points].concat()).await
    }

    /// Moves one point.
    pub fn move_point(&mut self, index: usize, to: [f32; 2]) -> Result<()> {
        check("x", to, FARTHEST)?;
        let n = self.data.len();
        let point = self.data.get_mut(index);
        *point.ok_or_else(|| Error::value("i", index, format!("the number of a point below {n}")))? = to;
        let offset = self.range(slot::DATA).start + 2 * index;
        self.backend.write(offset, &to)?;
        // Dragging comes here with every move of the pointer: the other points keep their classes.
        #[cfg(feature = "whole")]
        if let Some(classes) = self.find_range(slot::DATA_CLASSES) {
            let class = crate::data::class_of(&self.parts.density.skeleton(&self.config.data), to.map(f64::from));
            self.backend.write(classes.start + index, &[class as f32])?;
        }
        self.after_edit()
    }

    /// Removes points by number.
    pub async fn remove_points(&mut self, numbers: &[usize]) -> Result<()> {
        let n = self.data.len();
        if let Some(i) = numbers.iter().find(|&&i| i >= n) {
            return Err(Error::value("ids", i, format!("numbers of points below {n}")));
        }
        let mut doomed = vec![false; n];
        numbers.iter().for_each(|&i| doomed[i] = true);
        let mut doomed = doomed.into_iter();
        self.data.retain(|_| doomed.next() != Some(true));
        self.data_changed().await
    }

    /// Hands the points to the device, in a larger tensor where they no longer fit.
    pub(super) async fn data_changed(&mut self) -> Result<()> {
        if self.points() > self.sizes.capacity {
            self.sizes.capacity = self.rows_needed();
            self.rebuild().await?;
        }
        self.write_data()?;
        self.after_edit()
    }

    /// Rows of the data tensor: as many as its points need, and never fewer than there are while the points
    /// come and go one by one.
    pub(super) fn rows_needed(&self) -> usize {
        #[cfg(feature = "whole")]
        if self.space() != Space::Plane {
            return self.training_images();
        }
        self.sizes.capacity.max(capacity(self.data.len()))
    }

    /// Writes the points to the device, and has the next frame show them: also those that a run begins with.
    pub(super) fn write_data(&mut self) -> Result<()> {
        self.history.data_changed = true;
        #[cfg(feature = "whole")]
        if self.space() != Space::Plane {
            return self.write_images();
        }
        let flat: Vec<f32> = if self.data.is_empty() { vec![0.0; 2] } else { self.data.as_flattened().to_vec() };
        self.write(slot::DATA, &flat)?;
        self.write_classes()
    }

    /// Writes the class of every point, where the rule learns classes.
    fn write_classes(&mut self) -> Result<()> {
        #[cfg(feature = "whole")]
        if self.find_range(slot::DATA_CLASSES).is_some() {
            let classes = self.labels();
            return self.write(slot::DATA_CLASSES, if classes.is_empty() { &[0.0] } else { &classes });
        }
        Ok(())
    }

    /// The class of every point: that of the part of the density that is nearest to where it lies now. None where nothing
    /// divides it.
    #[cfg(feature = "whole")]
    pub fn labels(&self) -> Vec<f32> {
        let skeleton = self.parts.density.skeleton(&self.config.data);
        let points = if skeleton.is_empty() { &[] } else { self.data.as_slice() };
        points.iter().map(|p| crate::data::class_of(&skeleton, p.map(f64::from)) as f32).collect()
    }

    fn after_edit(&mut self) -> Result<()> {
        self.moments = moments(&self.data);
        self.write_dials()?;
        self.rewind.barrier();
        self.history.data_changed = true;
        if self.space() == Space::Plane && self.chores.known.is_none() {
            self.write_test()?;
        }
        self.chores.data_changed();
        Ok(())
    }
}
