//! Noise-contrastive estimation with a learned log-partition (Gutmann & Hyvärinen 2010, eqs. 2–4): the energy learns to
//! tell data from noise p_n of one of the laws in `noise.rs`, ν noise points a data point. With
//! G(x) = −E(x) − c − ln p_n(x) − ln ν the loss is mean₊ softplus(−G) + ν mean₋ softplus(G), and c learns ln Z.

use super::{Loss, Moments, Negatives, Objective, Scope, Term, energies, noise};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::{Start, Weight};
use crate::schema::{Group, Param, Section};

/// NCE.
pub(super) struct NoiseContrastiveEstimation;

const PARAMS: &[Param] = &[
    Param::integer("noiseRatio", Group::Training, 1, 1, 8).primary(),
    noise::LAW,
    noise::BANDWIDTH,
    noise::COMPONENTS,
];

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
            Term { id: "noiseFit", stage: 2 },
        ]
    }

    fn negatives(&self) -> Negatives {
        Negatives::Drawn
    }

    fn ratio(&self, section: &Section) -> usize {
        section.count("noiseRatio")
    }

    fn dials(&self, section: &Section, data: &Moments) -> Vec<(&'static str, f64)> {
        noise::dials(section, data)
    }

    fn weights(&self, section: &Section) -> Vec<Weight> {
        let own = Weight { name: "log_partition".into(), shape: vec![1], start: Start::Constant(0.0) };
        [own].into_iter().chain(noise::weights(section)).collect()
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PLANE
    }

    fn draw<'g>(
        &self,
        section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        count: usize,
    ) -> Option<Tensor<'g>> {
        Some(noise::draw(section, scope, batch, count))
    }

    fn loss<'g>(&self, section: &Section, scope: &Scope<'g, '_>, batch: Tensor<'g>, negatives: Tensor<'g>) -> Loss<'g> {
        let nu = self.ratio(section) as f64;
        let log_noise = |x: Tensor<'g>| noise::log_density(section, scope, batch, x);
        let log_partition = scope.weights[0].reshape(&[]);
        let (positive, negative) = energies(scope, batch, negatives);
        // The classifier does not move the noise.
        let logit = |e: Tensor<'g>, log_noise: Tensor<'g>| -e - log_partition - log_noise.stop_gradient() - nu.ln();
        let log_noise_data = log_noise(batch);
        let data = (-logit(positive, log_noise_data)).softplus().mean_all();
        let noise = nu * logit(negative, log_noise(negatives)).softplus().mean_all();
        let fit = -log_noise_data.mean_all();
        let parts = vec![data, noise, log_partition, positive.mean_all(), negative.mean_all(), fit];
        let learned = self.weights(section).len() > 1;
        // The noise's own fit moves the noise alone.
        Loss { total: if learned { data + noise + fit } else { data + noise }, data, parts }
    }
}
