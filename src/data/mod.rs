//! Where points come from: toy densities with exact samplers and exact log-densities, and given energies.
//!
//! A density lives in the plane, in the page's world [−4, 4]²; a set of images has no density, only what is in it ([`images`]).
//! One file each, one line in [`ALL`].
//! The truth that the page shows beside a model's belief (entropy, exact likelihood, Kullback–Leibler) is computed
//! from [`Density::log_density`], which is exact up to the quadrature error that each file states.
//!
//! A *sampled set* is known by its generator; its energy is −log p, so its log Z is 0. A *given energy* is known by its
//! formula; its log Z is [`Density::log_partition`].

pub use ebm_metric::Mode;
#[cfg(feature = "whole")]
pub use mixture::Mixture;

use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};
use rand::Rng;

#[cfg(feature = "whole")]
mod ackley;
#[cfg(feature = "whole")]
mod annuli;
#[cfg(feature = "whole")]
mod banana;
mod bent;
mod checkerboard;
#[cfg(feature = "whole")]
mod circles;
mod curve;
#[cfg(feature = "whole")]
mod double_well;
mod drawn;
mod eight_gaussians;
#[cfg(feature = "whole")]
mod funnel;
mod gaussian;
#[cfg(feature = "whole")]
pub mod idx;
#[cfg(feature = "whole")]
pub mod images;
mod mixture;
#[cfg(feature = "whole")]
pub mod mnist;
#[cfg(feature = "whole")]
mod muller_brown;
#[cfg(feature = "whole")]
mod patterns;
mod pinwheel;
mod quadrature;
#[cfg(feature = "whole")]
mod rastrigin;
#[cfg(feature = "whole")]
mod rings;
#[cfg(feature = "whole")]
mod rosenbrock;
#[cfg(feature = "whole")]
mod swiss_roll;
#[cfg(feature = "whole")]
mod twenty_five_gaussians;
mod two_gaussians;
mod two_moons;
mod two_spirals;
mod walls;

#[cfg(test)]
mod graph_tests;
#[cfg(test)]
mod tests;

/// Exact figures are integrals over the box [−6, 6]²; the world is [−4, 4]².
pub const QUADRATURE_HALF: f64 = 6.0;

/// A normalised log-density whose constants are worked out: x in the world → ln p(x), in nats.
pub type LogDensity = Box<dyn Fn([f64; 2]) -> f64>;

/// What a point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// A place in the plane; the page shows the square [−4, 4]².
    Plane,
    /// An image of 28 × 28 pixels from −1 (background) to 1.
    Images,
    /// An image of so many rows and columns of pixels that are either −1 (background) or 1.
    Binary(usize),
}

impl Space {
    /// The plane alone.
    pub const PLANE: &'static [Self] = &[Self::Plane];
    /// Where there are slopes to follow.
    pub const CONTINUOUS: &'static [Self] = &[Self::Plane, Self::Images];
    /// Where a coordinate is one of two numbers.
    pub const BINARY: &'static [Self] = &[Self::Binary(28), Self::Binary(4)];
    /// Where every state can be counted.
    pub const PATTERNS: &'static [Self] = &[Self::Binary(4)];
    /// Everywhere but on small patterns, of which all states are counted.
    #[cfg(feature = "whole")]
    pub const UNCOUNTED: &'static [Self] = &[Self::Plane, Self::Images, Self::Binary(28)];
    /// Everywhere.
    pub const ALL: &'static [Self] = &[Self::Plane, Self::Images, Self::Binary(28), Self::Binary(4)];

    /// Whether spaces are of one kind: all small patterns are.
    pub fn is_like(self, other: Self) -> bool {
        self.name() == other.name()
    }

    /// Whether one of these is of its kind.
    pub fn is_among(self, all: &[Self]) -> bool {
        all.iter().any(|space| space.is_like(self))
    }

    /// Numbers of a point.
    pub fn dimension(self) -> usize {
        match self {
            Self::Plane => 2,
            Self::Images => 28 * 28,
            Self::Binary(side) => side * side,
        }
    }

    /// Where a coordinate lies.
    pub fn bounds(self) -> [f64; 2] {
        match self {
            Self::Plane => [-4.0, 4.0],
            Self::Images | Self::Binary(_) => [-1.0, 1.0],
        }
    }

    /// As the manifest writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plane => "plane",
            Self::Images => "images",
            Self::Binary(28) => "binary",
            Self::Binary(_) => "patterns",
        }
    }

    /// Puts numbers where points of this space can be: of two numbers that a coordinate may be, to the nearer one.
    pub fn settle(self, values: &mut [f32]) {
        if cfg!(feature = "whole") && matches!(self, Self::Binary(_)) {
            values.iter_mut().for_each(|v| *v = if *v < 0.0 { -1.0 } else { 1.0 });
        }
    }
}

/// Where exp(−E) is a density.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Domain {
    /// Normalisable on the whole plane.
    Plane,
    /// Only on the box [x0, x1, y0, y1]: the energy is bounded, so its integral over the plane diverges.
    Box([f64; 4]),
}

/// Where the mass lies and how fine its detail is: what a quadrature or a view needs to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// A box [x0, x1, y0, y1] that leaves out less than 10⁻⁶ of the mass.
    pub bounds: [f64; 4],
    /// The smallest standard deviation across any feature, in world units; a midpoint rule needs a step below a third
    /// of it.
    pub width: f64,
}

/// A density of the registry.
pub trait Density: Sync {
    /// Registry id, kebab case.
    fn id(&self) -> &'static str;

    /// Its parameters. Whatever can be sampled has `count`, the number of points in the set.
    fn params(&self) -> &'static [Param];

    /// What its points are.
    fn space(&self, _section: &Section) -> Space {
        Space::Plane
    }

    /// The images that it is, each as likely as any other, where those are known by a rule and few.
    #[cfg(feature = "whole")]
    fn patterns(&self, _section: &Section) -> Option<idx::Images> {
        None
    }

    /// One exact draw. `None` when the points are the visitor's own, or images that are in the set.
    fn sample(&self, _section: &Section, _rng: &mut dyn Rng) -> Option<[f64; 2]> {
        None
    }

    /// ln p, normalised on [`Density::domain`]; −∞ where p is 0. `None` when no density is behind the points.
    fn log_density(&self, _section: &Section) -> Option<LogDensity> {
        None
    }

    /// E as a graph, for the model `exact`: −ln p of a sampled set, the formula of a given energy. x: [n, 2] → [n].
    /// Files say where it is an approximation. `None` when no density is behind the points.
    fn energy<'g>(&self, _section: &Section, _x: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    /// Where the mass lies. `None` when no density is behind the points.
    fn extent(&self, _section: &Section) -> Option<Extent> {
        None
    }

    /// Where exp(−E) is normalised.
    fn domain(&self) -> Domain {
        Domain::Plane
    }

    /// log Z = ln ∫ exp(−E) over the domain, of the energy as the formula gives it: 0 for a sampled set, whose energy
    /// is −ln p.
    fn log_partition(&self, _section: &Section) -> f64 {
        0.0
    }

    /// The modes, where their places, weights and widths are known exactly.
    fn modes(&self, _section: &Section) -> Option<Vec<Mode>> {
        None
    }

    /// Places on each of its parts, with the part's number from 0 on: the class of a point is the part of the nearest place.
    /// Empty where nothing divides it.
    #[cfg(feature = "whole")]
    fn skeleton(&self, section: &Section) -> Vec<([f64; 2], usize)> {
        let modes = self.modes(section).filter(|modes| modes.len() > 1).unwrap_or_default();
        modes.iter().enumerate().map(|(class, mode)| (mode.centre, class)).collect()
    }

    /// The density as a mixture of Gaussians of one width, where it is one or, to a millionth of its mass, like one.
    #[cfg(feature = "whole")]
    fn mixture(&self, _section: &Section) -> Option<mixture::Mixture> {
        None
    }

    /// The differential entropy −∫ p ln p, in nats: the smallest negative log-likelihood that any model can reach. In
    /// closed form where there is one, else by a midpoint rule with a step of a third of the width, which is exact to
    /// about 10⁻⁶ for densities that are Gaussian at that scale.
    fn entropy(&self, section: &Section) -> Option<f64> {
        let extent = self.extent(section)?;
        Some(quadrature::entropy(&self.log_density(section)?, extent.bounds, extent.width / 3.0))
    }
}

/// The densities of the whole core alone, sorted by id; and what their points are; those of the plane have an energy.
pub const FURTHER: &[(&str, Space)] = &[
    ("ackley", Space::Plane),
    ("banana", Space::Plane),
    ("bars-and-stripes", Space::Binary(4)),
    ("binary-images", Space::Binary(28)),
    ("binary-mnist", Space::Binary(28)),
    ("circles", Space::Plane),
    ("double-well", Space::Plane),
    ("funnel", Space::Plane),
    ("images", Space::Images),
    ("mnist", Space::Images),
    ("muller-brown", Space::Plane),
    ("rastrigin", Space::Plane),
    ("rings", Space::Plane),
    ("rosenbrock", Space::Plane),
    ("swiss-roll", Space::Plane),
    ("twenty-five-gaussians", Space::Plane),
];

/// Every density of this build, sorted by id.
pub static ALL: &[&dyn Density] = &[
    #[cfg(feature = "whole")]
    &ackley::Ackley,
    #[cfg(feature = "whole")]
    &banana::Banana,
    #[cfg(feature = "whole")]
    &patterns::BarsAndStripes,
    #[cfg(feature = "whole")]
    &images::BINARY_OWN,
    #[cfg(feature = "whole")]
    &mnist::BINARY_MNIST,
    &checkerboard::Checkerboard,
    #[cfg(feature = "whole")]
    &circles::Circles,
    #[cfg(feature = "whole")]
    &double_well::DoubleWell,
    &drawn::Drawn,
    &eight_gaussians::EightGaussians,
    #[cfg(feature = "whole")]
    &funnel::Funnel,
    &gaussian::Gaussian,
    #[cfg(feature = "whole")]
    &images::OWN,
    #[cfg(feature = "whole")]
    &mnist::MNIST,
    #[cfg(feature = "whole")]
    &muller_brown::MullerBrown,
    &pinwheel::Pinwheel,
    #[cfg(feature = "whole")]
    &rastrigin::Rastrigin,
    #[cfg(feature = "whole")]
    &rings::Rings,
    #[cfg(feature = "whole")]
    &rosenbrock::Rosenbrock,
    #[cfg(feature = "whole")]
    &swiss_roll::SwissRoll,
    #[cfg(feature = "whole")]
    &twenty_five_gaussians::TwentyFiveGaussians,
    &two_gaussians::TwoGaussians,
    &two_moons::TwoMoons,
    &two_spirals::TwoSpirals,
];

/// The density of that id.
pub fn by_id(id: &str) -> Option<&'static dyn Density> {
    ALL.iter().copied().find(|density| density.id() == id)
}

/// Classes of a density with this skeleton.
#[cfg(feature = "whole")]
pub fn classes(skeleton: &[([f64; 2], usize)]) -> usize {
    skeleton.iter().map(|(_, class)| class + 1).max().unwrap_or(0)
}

/// The class of a point: that of the nearest place.
#[cfg(feature = "whole")]
pub fn class_of(skeleton: &[([f64; 2], usize)], x: [f64; 2]) -> usize {
    let squared = |place: [f64; 2]| (place[0] - x[0]).powi(2) + (place[1] - x[1]).powi(2);
    let nearer = |a: &&([f64; 2], usize), b: &&([f64; 2], usize)| squared(a.0).total_cmp(&squared(b.0));
    skeleton.iter().min_by(nearer).map_or(0, |(_, class)| *class)
}

/// How many points the set holds.
const COUNT: Param = Param::integer("count", Group::Data, 2048, 1, 65536).log();

/// A parameter that reshapes the density; the points are drawn anew when it changes.
const fn shape(name: &'static str, default: f64, min: f64, max: f64) -> Param {
    Param::number(name, Group::Data, default, min, max).structural().primary()
}

/// The density's own standard deviation, in world units unless its file says otherwise.
const fn noise(default: f64, min: f64, max: f64) -> Param {
    shape("noise", default, min, max).log()
}
