//! Noise-contrastive estimation with a learned log-partition (Gutmann & Hyvärinen 2010, eqs. 2–4): the energy learns to
//! tell data from noise p_n, ν noise points a data point: N(mean, covariance of the data), N(0, 4I) or uniform noise. With
//! G(x) = −E(x) − c − ln p_n(x) − ln ν the loss is mean₊ softplus(−G) + ν mean₋ softplus(G), and c learns ln Z.

use super::{Loss, Moments, Negatives, Objective, Scope, Term, energies};
use crate::data::QUADRATURE_HALF;
use crate::graph::Tensor;
use crate::model::{Start, Weight};
use crate::schema::{Group, Param, Section};
use std::f64::consts::PI;

/// NCE.
pub(super) struct NoiseContrastiveEstimation;

const PARAMS: &[Param] = &[
    Param::integer("noiseRatio", Group::Training, 1, 1, 8).primary(),
    Param::choice("noiseLaw", Group::Training, "fitted", &["fitted", "gaussian", "uniform"]).primary(),
];

/// Uniform noise fills the square over which the page integrates. Points beyond it are told from noise as if it were there.
fn is_uniform(section: &Section) -> bool {
    section.choice("noiseLaw") == "uniform"
}

/// The noise, as the lower triangle of its covariance's Cholesky factor. A flat direction is kept a little wide, so
/// that the density exists.
fn cholesky(data: &Moments) -> [f64; 3] {
    const NARROWEST: f64 = 1e-2;
    let [xx, xy, yy] = data.covariance;
    let a = xx.max(0.0).sqrt().max(NARROWEST);
    let b = xy / a;
    [a, b, (yy - b * b).max(0.0).sqrt().max(NARROWEST)]
}

impl Objective for NoiseContrastiveEstimation {
    fn id(&self) -> &'static str {
        "noise-contrastive-estimation"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{\mathrm{softplus}(-G(x^+))} + \nu\,\overline{\mathrm{softplus}(G(x^-))}, \quad G = -E - c - \log p_n - \log \nu"
    }

    fn terms(&self) -> &'static [Term] {
        &[
            Term { id: "classifyData", stage: 1 },
            Term { id: "classifyNoise", stage: 2 },
            Term { id: "logPartition", stage: 3 },
            Term { id: "energyData", stage: 1 },
            Term { id: "energyModel", stage: 2 },
        ]
    }

    fn negatives(&self) -> Negatives {
        Negatives::Drawn
    }

    fn ratio(&self, section: &Section) -> usize {
        section.count("noiseRatio")
    }

    fn dials(&self, section: &Section, data: &Moments) -> Vec<(&'static str, f64)> {
        let [a, b, c] = cholesky(data);
        let names = ["noiseMeanX", "noiseMeanY", "noiseXx", "noiseYx", "noiseYy"];
        let fitted = [data.mean[0], data.mean[1], a, b, c];
        let values = if section.choice("noiseLaw") == "fitted" { fitted } else { [0.0, 0.0, 2.0, 0.0, 2.0] };
        names.into_iter().zip(values).collect()
    }

    fn weights(&self, _section: &Section) -> Vec<Weight> {
        vec![Weight { name: "log_partition".into(), shape: vec![1], start: Start::Constant(0.0) }]
    }

    fn draw<'g>(&self, section: &Section, scope: &Scope<'g, '_>, count: usize) -> Option<Tensor<'g>> {
        if is_uniform(section) {
            return Some((scope.graph.uniform(10, &[count, 2]) * 2.0 - 1.0) * QUADRATURE_HALF);
        }
        let z = scope.graph.normal(10, &[count, 2]);
        let (u, v) = (z.column(0), z.column(1));
        let dial = scope.dial;
        let x = dial("noiseMeanX") + dial("noiseXx") * u;
        let y = dial("noiseMeanY") + dial("noiseYx") * u + dial("noiseYy") * v;
        Some(scope.graph.columns(&[x, y]))
    }

    fn loss<'g>(&self, section: &Section, scope: &Scope<'g, '_>, batch: Tensor<'g>, negatives: Tensor<'g>) -> Loss<'g> {
        let dial = scope.dial;
        let nu = self.ratio(section) as f64;
        let log_noise = |x: Tensor<'g>| {
            if is_uniform(section) {
                return scope.graph.scalar(-2.0 * (2.0 * QUADRATURE_HALF).ln());
            }
            let u = (x.column(0) - dial("noiseMeanX")) / dial("noiseXx");
            let v = (x.column(1) - dial("noiseMeanY") - dial("noiseYx") * u) / dial("noiseYy");
            -(0.5 * (u.square() + v.square())) - (dial("noiseXx") * dial("noiseYy")).ln() - (2.0 * PI).ln()
        };
        let log_partition = scope.weights[0].reshape(&[]);
        let (positive, negative) = energies(scope, batch, negatives);
        let logit = |e: Tensor<'g>, x| -e - log_partition - log_noise(x) - nu.ln();
        let data = (-logit(positive, batch)).softplus().mean_all();
        let noise = nu * logit(negative, negatives).softplus().mean_all();
        let parts = vec![data, noise, log_partition, positive.mean_all(), negative.mean_all()];
        Loss { total: data + noise, parts }
    }
}
