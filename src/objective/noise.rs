//! The noise of noise-contrastive estimation: laws that can be drawn from and whose density is known.
//!
//! - `fitted`: N(mean, covariance of the data), and `gaussian`: N(0, 4I).
//! - `uniform`: the square over which the page integrates. Points beyond it are told from noise as if it were there.
//! - `kernel`: the kernel density of other data (Parzen 1962): one half of the batch makes the noise for the other half, so
//!   that no point is told from noise around itself. Each half is a noise of its own, and the optimum does not depend on it.
//! - `mixture`: a mixture of Gaussians with diagonal covariances in the coordinates in which the data have the covariance I,
//!   fitted by maximum likelihood while the energy learns (a flow in its place: Gao et al. 2020).

use super::{Moments, Scope};
use crate::data::QUADRATURE_HALF;
use crate::graph::Tensor;
use crate::model::{Start, Weight};
use crate::schema::{Group, Param, Section};
use std::f64::consts::PI;
use std::ops::Range;

pub(super) const LAW: Param =
    Param::choice("noiseLaw", Group::Training, "fitted", &["fitted", "gaussian", "uniform", "kernel", "mixture"])
        .primary();
/// Standard deviation of a kernel.
pub(super) const BANDWIDTH: Param = Param::number("bandwidth", Group::Training, 0.5, 0.02, 4.0).log();
/// Gaussians of the mixture.
pub(super) const COMPONENTS: Param = Param::integer("components", Group::Training, 8, 2, 64);

/// The Gaussian, as the lower triangle of its covariance's Cholesky factor. A flat direction is kept a little wide, so
/// that the density exists.
fn cholesky(data: &Moments) -> [f64; 3] {
    const NARROWEST: f64 = 1e-2;
    let [xx, xy, yy] = data.covariance;
    let a = xx.max(0.0).sqrt().max(NARROWEST);
    let b = xy / a;
    [a, b, (yy - b * b).max(0.0).sqrt().max(NARROWEST)]
}

/// What [`draw`] and [`log_density`] read as dials.
pub(super) fn dials(section: &Section, data: &Moments) -> Vec<(&'static str, f64)> {
    let [a, b, c] = cholesky(data);
    let names = ["noiseMeanX", "noiseMeanY", "noiseXx", "noiseYx", "noiseYy", BANDWIDTH.name];
    let fixed = section.choice(LAW.name) == "gaussian";
    let [x, y, a, b, c] = if fixed { [0.0, 0.0, 2.0, 0.0, 2.0] } else { [data.mean[0], data.mean[1], a, b, c] };
    names.into_iter().zip([x, y, a, b, c, section.number(BANDWIDTH.name)]).collect()
}

/// What the noise learns: of the mixture its logits [k], centres [k, 2] and logarithms of standard deviations [k, 2].
pub(super) fn weights(section: &Section) -> Vec<Weight> {
    if section.choice(LAW.name) != "mixture" {
        return vec![];
    }
    let k = section.count(COMPONENTS.name);
    // Centres begin where the data may be, within the square of half side √3, of variance 1.
    let apart = Start::Layer { rule: "torch", fan_in: 1, fan_out: 1, bias: true };
    [
        ("logits", vec![k], Start::Constant(0.0)),
        ("centres", vec![k, 2], apart),
        ("widths", vec![k, 2], Start::Constant(-0.5)),
    ]
    .map(|(name, shape, start)| Weight { name: format!("noise.{name}"), shape, start })
    .into()
}

/// The learned mixture, in whitened coordinates.
struct Mixture<'g> {
    log_weights: Tensor<'g>,
    centres: Tensor<'g>,
    log_widths: Tensor<'g>,
}

impl<'g> Mixture<'g> {
    /// Of the rule's own weights those behind its learned log Z.
    fn of(scope: &Scope<'g, '_>) -> Self {
        let [logits, centres, log_widths] = scope.weights[1..] else { unreachable!("declared above") };
        Self { log_weights: logits - logits.logsumexp(0), centres: 3f64.sqrt() * centres, log_widths }
    }

    fn draw(&self, u: Tensor<'g>, z: Tensor<'g>) -> Tensor<'g> {
        let (graph, k) = (u.graph(), self.log_weights.len());
        let upto = (graph.iota(1, &[k, k]) - graph.iota(0, &[k, k]) + 0.5).step();
        let cumulative = self.log_weights.exp().reshape(&[1, k]).matmul(upto).narrow(1, 0..k - 1);
        let component = (u.reshape(&[u.len(), 1]) - cumulative).step().sum(1);
        self.centres.gather(component) + self.log_widths.gather(component).exp() * z
    }

    /// [n, 2] → [n].
    fn log_density(&self, v: Tensor<'g>) -> Tensor<'g> {
        let (n, k) = (v.shape()[0], self.log_weights.len());
        let [v, centres, log_widths] =
            [(v, [n, 1, 2]), (self.centres, [1, k, 2]), (self.log_widths, [1, k, 2])].map(|(t, s)| t.reshape(&s));
        let each = 0.5 * ((v - centres) / log_widths.exp()).square() + log_widths;
        (self.log_weights - each.sum(2)).logsumexp(1) - (2.0 * PI).ln()
    }
}

/// From the coordinates in which the data have the mean 0 and the covariance I, [n, 2].
fn spread<'g>(scope: &Scope<'g, '_>, v: Tensor<'g>) -> Tensor<'g> {
    let dial = scope.dial;
    let (u, v) = (v.column(0), v.column(1));
    let x = dial("noiseMeanX") + dial("noiseXx") * u;
    let y = dial("noiseMeanY") + dial("noiseYx") * u + dial("noiseYy") * v;
    scope.graph.columns(&[x, y])
}

/// Into these coordinates, [n, 2], and the logarithm of what they shrink areas by [].
fn whitened<'g>(scope: &Scope<'g, '_>, x: Tensor<'g>) -> (Tensor<'g>, Tensor<'g>) {
    let dial = scope.dial;
    let u = (x.column(0) - dial("noiseMeanX")) / dial("noiseXx");
    let v = (x.column(1) - dial("noiseMeanY") - dial("noiseYx") * u) / dial("noiseYy");
    (scope.graph.columns(&[u, v]), -(dial("noiseXx") * dial("noiseYy")).ln())
}

/// Which points of a batch of `b` are the centres of which of `n` points: the second half of the batch for a part as large as
/// its first half, and the first half for the rest. (Points of the part, centres); a batch of one point has no other half.
fn halves(n: usize, b: usize) -> Vec<(Range<usize>, Range<usize>)> {
    if b == 1 {
        return vec![(0..n, 0..1)];
    }
    let half = b.div_ceil(2);
    let part = n / b * half;
    vec![(0..part, half..b), (part..n, 0..half)]
}

/// `count` draws [count, 2] beside a batch [b, 2] of data. Streams 10 and 13.
pub(super) fn draw<'g>(section: &Section, scope: &Scope<'g, '_>, batch: Tensor<'g>, count: usize) -> Tensor<'g> {
    let graph = scope.graph;
    let z = || graph.normal(10, &[count, 2]);
    let u = || graph.uniform(13, &[count]);
    match section.choice(LAW.name) {
        "uniform" => (graph.uniform(10, &[count, 2]) * 2.0 - 1.0) * QUADRATURE_HALF,
        "kernel" => {
            let u = u();
            let choose = |(part, centres): (Range<usize>, Range<usize>)| {
                let (first, n) = (centres.start as f64, centres.len() as f64);
                first + (u.narrow(0, part) * n).floor().minimum(graph.scalar(n - 1.0))
            };
            let centres: Vec<_> = halves(count, batch.shape()[0]).into_iter().map(choose).collect();
            batch.gather(graph.concat(&centres, 0)) + (scope.dial)(BANDWIDTH.name) * z()
        }
        "mixture" => spread(scope, Mixture::of(scope).draw(u(), z())),
        _ => spread(scope, z()),
    }
}

/// ln p_n(x) of the batch itself, or of the noise that was drawn beside it: [n, 2] → [n], or [] where it is the same everywhere.
pub(super) fn log_density<'g>(
    section: &Section,
    scope: &Scope<'g, '_>,
    batch: Tensor<'g>,
    x: Tensor<'g>,
) -> Tensor<'g> {
    match section.choice(LAW.name) {
        "uniform" => scope.graph.scalar(-2.0 * (2.0 * QUADRATURE_HALF).ln()),
        "kernel" => {
            let width = (scope.dial)(BANDWIDTH.name);
            let of_part = |(part, centres): (Range<usize>, Range<usize>)| {
                let (x, centres) = (x.narrow(0, part), batch.narrow(0, centres));
                let c = centres.shape()[0];
                // One coordinate after the other: half the room that both together would take.
                let apart = |i: usize| (x.narrow(1, i..i + 1) - centres.column(i).reshape(&[1, c])) / width;
                let squares = apart(0).square() + apart(1).square();
                (-0.5 * squares).logsumexp(1) - 2.0 * width.ln() - (2.0 * PI * c as f64).ln()
            };
            let parts: Vec<_> = halves(x.shape()[0], batch.shape()[0]).into_iter().map(of_part).collect();
            scope.graph.concat(&parts, 0)
        }
        law => {
            let (v, log_area) = whitened(scope, x);
            match law {
                "mixture" => Mixture::of(scope).log_density(v) + log_area,
                _ => -(0.5 * v.square().sum(1)) + log_area - (2.0 * PI).ln(),
            }
        }
    }
}
