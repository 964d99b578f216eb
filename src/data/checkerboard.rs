//! Eight squares of a four-by-four board: a density with edges.

use super::walls::{inside_box, wall};
use super::{COUNT, Density, Extent, LogDensity};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};

/// x₁ = 2(4u − 2), x₂ = 2(u' − 2b + ⌊x₁/2⌋ mod 2), u and u' uniform on [0, 1), b a fair bit (FFJORD, Grathwohl et al.
/// 2019): uniform on the 2×2 cells of [−4, 4]² whose indices ⌊x₁/2⌋ + ⌊x₂/2⌋ sum to an even number; p = 1/32 there
/// and 0 elsewhere.
pub struct Checkerboard;

const PARAMS: &[Param] = &[COUNT];

impl Density for Checkerboard {
    fn id(&self) -> &'static str {
        "checkerboard"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, _section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let x = rng.random_range(-2.0..2.0f64);
        let low = if rng.random() { 0.0 } else { -2.0 };
        Some([2.0 * x, 2.0 * (rng.random::<f64>() + low + x.floor().rem_euclid(2.0))])
    }

    fn log_density(&self, _section: &Section) -> Option<LogDensity> {
        Some(Box::new(|x| {
            let dark = ((x[0] / 2.0).floor() + (x[1] / 2.0).floor()).rem_euclid(2.0) == 0.0;
            let inside = x.iter().all(|c| (-4.0..4.0).contains(c));
            if dark && inside { -32f64.ln() } else { f64::NEG_INFINITY }
        }))
    }

    /// ln 32 on the cells, a wall around each: gradients know nothing of it, acceptance rules do.
    fn energy<'g>(&self, _section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let cells = (0.5 * x).floor().sum(1);
        // ½ − 2·(fraction of cells/2): positive for even sums, negative for odd ones.
        let dark = 0.5 - 2.0 * (0.5 * cells - (0.5 * cells).floor());
        Some(wall(x.graph().constant(32f64.ln(), &[x.shape()[0]]), dark.minimum(inside_box(x)), x))
    }

    /// The width is half a cell: midpoint rules whose steps divide 2 are exact.
    fn extent(&self, _section: &Section) -> Option<Extent> {
        Some(Extent { bounds: [-4.0, 4.0, -4.0, 4.0], width: 1.0 })
    }

    /// ln 32.
    fn entropy(&self, _section: &Section) -> Option<f64> {
        Some(32f64.ln())
    }
}
