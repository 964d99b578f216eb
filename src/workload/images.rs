//! W4: contrastive divergence on images, with the tutorial's network and a replay buffer on the device.

use super::{Draft, Evaluation, Shared, contrast, slot};
use crate::autodiff::grad;
use crate::backend::Backend;
use crate::backend::plan::{Activation, Tick};
use crate::error::Result;
use crate::graph::schedule::Layout;
use crate::graph::{Graph, Tensor};
use crate::json;
use crate::model::Weight;
use crate::model::cnn::TUTORIAL;
use crate::objective::ReplayBuffer;
use crate::rng;
use crate::session::Config;
use crate::session::program::Parts;

/// Images, and chains, that an update uses.
const BATCH: usize = 64;
/// Blocks of that size in the data; update t uses block t mod 8.
const BLOCKS: usize = 8;
/// Numbers of an image.
const PIXELS: usize = 28 * 28;
/// Chains in the buffer.
const BUFFER: usize = 8192;
/// Probability that a chain begins anew.
const REINITIALISE: f64 = 0.05;
/// Noise of a step of the chains, and of the data.
const NOISE: f64 = 0.005;
/// Step size, and the bound of the gradient.
const STEP_SIZE: f64 = 10.0;
const BOUND: f64 = 0.03;
/// Steps that are handed over together: none of them may hold the device for long.
const PORTION: u32 = 4;

/// Plans of the workload.
const DRAW: usize = 0;
const STEP: usize = 1;
const UPDATE: usize = 2;
const EVALUATE: usize = 3;

/// What only this workload keeps.
mod own {
    pub const SAMPLES: &str = "samples";
    pub const BUFFER: &str = "buffer";
    pub const AGES: &str = "ages";
    pub const INDICES: &str = "indices";
    pub const DRAWN_AGES: &str = "indices.ages";
}

/// The network in training.
pub struct Images {
    backend: Box<dyn Backend>,
    shared: Shared,
    updates: u32,
}

/// −1 or x or 1.
fn within(x: Tensor<'_>) -> Tensor<'_> {
    x.clamp(-1.0, 1.0)
}

/// The tutorial's.
fn energy<'g>(weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
    TUTORIAL.energy(Activation::Silu, weights, x)
}

/// E of the data, noisy as the chains are, and of the samples, and what an update makes of their loss.
fn trained<'g>(s: &Shared, g: &'g Graph) -> Tensor<'g> {
    let first = s.block(g, BATCH, BLOCKS);
    let data = s.state(g, slot::DATA).gather(first);
    let noisy = within(data + NOISE * g.normal(1, &data.shape()));
    energy(&s.weights(g), g.concat(&[noisy, s.state(g, own::SAMPLES)], 0))
}

impl Images {
    /// Parameters layer by layer, weight [out, in, …] before bias; images [512, 784] in [−1, 1]; `fakes` [64, 784] stand for
    /// the samples in the evaluation on block 0; `chains` [8192, 784] are the buffer.
    pub fn mnistcd(
        mut backend: Box<dyn Backend>,
        parameters: &[f32],
        images: &[f32],
        fakes: &[f32],
        chains: &[f32],
    ) -> Result<Self> {
        let optimizer = json!({"id": "adam", "learningRate": 1e-4, "beta1": 0, "beta2": 0.999, "epsilon": 1e-8});
        let config = Config::from_value(&json!({"optimizer": optimizer}))?;
        let (parts, weights) = (Parts::of(&config), TUTORIAL.weights("torch", 1));
        let count = weights.iter().map(Weight::len).sum();
        let mut layout = Layout::new();
        for name in [slot::PARAMETERS, slot::MOMENTS[0], slot::MOMENTS[1]] {
            layout.add(name, &[count]);
        }
        layout.add(slot::UPDATES, &[1]);
        layout.add(slot::DATA, &[BLOCKS * BATCH, PIXELS]);
        layout.add(slot::HELD, &[BATCH, PIXELS]);
        layout.add(slot::LOSS, &[1]);
        layout.add(slot::EVALUATION, &[2]);
        layout.add(own::SAMPLES, &[BATCH, PIXELS]);
        layout.add(own::BUFFER, &[BUFFER, PIXELS]);
        layout.add(own::AGES, &[BUFFER, 1]);
        layout.add(own::INDICES, &[BATCH]);
        layout.add(own::DRAWN_AGES, &[BATCH, 1]);
        let shared = Shared { config, parts, weights, layout };
        let s = &shared;
        let draw = Draft::default().graph(|g| {
            let buffer = ReplayBuffer { chains: s.state(g, own::BUFFER), ages: s.state(g, own::AGES) };
            let start = g.uniform(2, &[BATCH, PIXELS]) * 2.0 - 1.0;
            let drawn = buffer.draw(g, BATCH, g.scalar(REINITIALISE), start, false);
            let outputs =
                [(drawn.positions, own::SAMPLES), (drawn.indices, own::INDICES), (drawn.ages, own::DRAWN_AGES)];
            outputs.map(|(t, name)| (t, s.id(name))).to_vec()
        });
        let step = Draft::default().graph(|g| {
            let x = s.state(g, own::SAMPLES);
            let noisy = within(x + NOISE * g.normal(0, &x.shape()));
            let slope = grad(energy(&s.weights(g), noisy).sum_all(), &[noisy])[0];
            vec![(within(noisy - STEP_SIZE * slope.clamp(-BOUND, BOUND)), s.id(own::SAMPLES))]
        });
        let update = Draft::default().graph(|g| {
            let mut outputs = s.update(g, contrast(trained(s, g)), &s.weights(g));
            let (rows, samples) = (s.state(g, own::INDICES), s.state(g, own::SAMPLES));
            outputs.push((s.state(g, own::BUFFER).scatter(rows, samples), s.id(own::BUFFER)));
            outputs.push((s.state(g, own::AGES).scatter(rows, s.state(g, own::DRAWN_AGES)), s.id(own::AGES)));
            outputs
        });
        let evaluate = Draft::default().graph(|g| {
            let (weights, data) = (s.weights(g), s.state(g, slot::DATA).narrow(0, 0..BATCH));
            let energies = energy(&weights, g.concat(&[data, s.state(g, slot::HELD)], 0));
            vec![(Shared::evaluation(g, contrast(energies), &weights), s.id(slot::EVALUATION))]
        });
        let plans = vec![("draw", draw), ("mnistcd", step), ("update", update), ("evaluate", evaluate)];
        s.install(&mut *backend, plans)?;
        let given = [(slot::PARAMETERS, parameters), (slot::DATA, images), (slot::HELD, fakes), (own::BUFFER, chains)];
        for (name, values) in given {
            shared.write(&mut *backend, name, values)?;
        }
        Ok(Self { backend, shared, updates: 0 })
    }

    /// `n` updates with `k` steps of the chains each; resolves to the last loss and the last samples [64, 784].
    pub async fn step(&mut self, n: u32, k: u32) -> Result<(f32, Vec<f32>)> {
        for _ in 0..n {
            let key = rng::fold(rng::seed_pair(1), [self.updates, 0]);
            self.backend.run(DRAW, Tick { key, substep: k }, 1)?;
            for from in (0..k).step_by(PORTION as usize) {
                self.backend.run(STEP, Tick { key, substep: from }, PORTION.min(k - from))?;
                Shared::hand_over(&mut *self.backend).await?;
            }
            self.backend.run(UPDATE, Tick { key, substep: k }, 1)?;
            self.updates += 1;
            Shared::hand_over(&mut *self.backend).await?;
        }
        let ranges = [slot::LOSS, own::SAMPLES].map(|name| self.shared.layout.slot(self.shared.id(name)).range());
        let mut read = self.backend.read(&ranges).await?;
        Ok((read[0][0], read.swap_remove(1)))
    }

    /// Loss and gradient on the fixed inputs.
    pub async fn evaluate(&mut self) -> Result<Evaluation> {
        self.backend.run(EVALUATE, Tick::default(), 1)?;
        let values = self.shared.read(&mut *self.backend, slot::EVALUATION).await?;
        Ok(Evaluation { loss: values[0], gradient_norm: values[1] })
    }
}
