//! The workloads of tests/peers on this engine: the page's own model, optimiser and kernels under plans that do exactly
//! what tests/peers/README.md asks for. Only `cargo xtask bench` compiles this in.

pub mod images;
#[cfg(test)]
mod tests;

use crate::autodiff::grad;
use crate::backend::Backend;
use crate::backend::plan::{Chain, Network, Plan, Program, Step, Tick, Transition};
use crate::error::{Error, Result};
use crate::graph::schedule::{Layout, schedule};
use crate::graph::{Graph, OwnedGraph, SlotId, Tensor};
use crate::json;
use crate::model::{self, Given, Weight};
use crate::optim;
use crate::rng;
use crate::session::Config;
use crate::session::program::Parts;

/// Points, and chains, that an update uses.
const BATCH: usize = 1024;
/// Blocks of that size in the data and among the chains; update t uses block t mod 8.
const BLOCKS: usize = 8;
/// Noise scale of the score matching.
const SIGMA: f64 = 0.1;
/// Langevin transitions of an update.
const TRANSITIONS: usize = 20;
/// Step size h of the Langevin transitions; the noise is √(2h).
const STEP_SIZE: f64 = 0.01;
/// Probability that a chain begins anew, uniformly in the square of this half side.
const REINITIALISE: f64 = 0.05;
const BOX: f64 = 4.0;
/// Weight of the squared energies in the contrastive loss.
const REGULARISATION: f64 = 0.1;

/// Persistent tensors that every workload has.
mod slot {
    pub const PARAMETERS: &str = "parameters";
    pub const STEP_SIZE: &str = "step-size";
    pub const NOISE: &str = "noise";
    pub const CONFINEMENT: &str = "confinement";
    pub const ACCEPTED: &str = "accepted";
    pub const POSITIONS: &str = "positions";
    pub const MOMENTS: [&str; 2] = ["moment-1", "moment-2"];
    pub const UPDATES: &str = "updates";
    pub const DATA: &str = "data";
    pub const CHAINS: &str = "chains";
    pub const ROWS: &str = "rows";
    pub const HELD: &str = "held";
    pub const LOSS: &str = "loss";
    pub const EVALUATION: &str = "evaluation";
}

/// The network and the optimiser that all workloads share, as the page has them.
struct Shared {
    config: Config,
    parts: Parts,
    weights: Vec<Weight>,
    layout: Layout,
}

/// Graphs that become one plan, and fused steps between them.
#[derive(Default)]
struct Draft {
    stages: Vec<Stage>,
}

enum Stage {
    Graph(OwnedGraph, Vec<(usize, SlotId)>),
    Chain(Chain),
}

impl Shared {
    /// 2 → 128 → 128 → 1 with SiLU, no Fourier features, no confinement; Adam at 10⁻³. `rows` chains move at once.
    fn new(rows: usize) -> Result<Self> {
        let config = Config::from_value(&json!({
            "model": {"id": "mlp", "widths": [128, 128], "activation": "silu", "features": "none", "confinement": 0},
            "optimizer": {"id": "adam", "learningRate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        }))?;
        let parts = Parts::of(&config);
        let weights = parts.model.weights(&config.model, parts.space());
        let mut layout = Layout::new();
        layout.add(slot::PARAMETERS, &[weights.iter().map(Weight::len).sum()]);
        for name in [slot::STEP_SIZE, slot::NOISE, slot::CONFINEMENT] {
            layout.add(name, &[1]);
        }
        layout.add(slot::POSITIONS, &[rows, 2]);
        layout.add(slot::ACCEPTED, &[rows]);
        Ok(Self { config, parts, weights, layout })
    }

    fn id(&self, name: &str) -> SlotId {
        self.layout.find(name).unwrap_or_else(|| panic!("no slot {name}"))
    }

    fn offset(&self, name: &str) -> usize {
        self.layout.slot(self.id(name)).offset
    }

    fn state<'g>(&self, graph: &'g Graph, name: &str) -> Tensor<'g> {
        graph.state(self.id(name), &self.layout.slot(self.id(name)).shape)
    }

    /// The weights as windows of the flat vector.
    fn weights<'g>(&self, graph: &'g Graph) -> Vec<Tensor<'g>> {
        let (flat, mut from) = (self.state(graph, slot::PARAMETERS), 0);
        let window = |w: &Weight| {
            from += w.len();
            flat.narrow(0, from - w.len()..from).reshape(&w.shape)
        };
        self.weights.iter().map(window).collect()
    }

    /// E(x): [n, 2] → [n].
    fn energy<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
        let dials = self.parts.model.dials(&self.config.model);
        let scope = model::Scope {
            graph,
            weights: weights.to_vec(),
            dial: &|name| graph.scalar(dial(&dials, name)),
            level: None,
            anchor: None,
        };
        let given = Given { density: self.parts.density, section: &self.config.data };
        self.parts.model.energy(&self.config.model, given, &scope, x).expect("a network has an energy everywhere")
    }

    fn network(&self) -> Network {
        let confinement = self.offset(slot::CONFINEMENT);
        let network = self.parts.model.network(&self.config.model, self.offset(slot::PARAMETERS), &|_| confinement);
        network.expect("a network is one to the fused kernels too")
    }

    /// `steps` Langevin transitions of all positions.
    fn chain(&self, steps: usize) -> Chain {
        Chain {
            network: self.network(),
            transition: Transition::Langevin,
            rows: self.layout.slot(self.id(slot::POSITIONS)).shape[0],
            steps,
            positions: self.offset(slot::POSITIONS),
            step_size: self.offset(slot::STEP_SIZE),
            noise: self.offset(slot::NOISE),
            stream: 0,
            accepted: self.offset(slot::ACCEPTED),
        }
    }

    /// ½ mean |σ∇E(x + σz) − z|².
    fn score_matching<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], x: Tensor<'g>, z: Tensor<'g>) -> Tensor<'g> {
        let noisy = x + SIGMA * z;
        let gradient = grad(self.energy(graph, weights, noisy).sum_all(), &[noisy])[0];
        0.5 * (SIGMA * gradient - z).square().sum(1).mean_all()
    }

    /// The loss of data [1024, 2] and samples [1024, 2], both in one pass through the network.
    fn contrastive<'g>(
        &self,
        graph: &'g Graph,
        weights: &[Tensor<'g>],
        data: Tensor<'g>,
        samples: Tensor<'g>,
    ) -> Tensor<'g> {
        contrast(self.energy(graph, weights, graph.concat(&[data, samples], 0)))
    }

    /// The gradient of a loss [] as one vector.
    fn gradient<'g>(graph: &'g Graph, loss: Tensor<'g>, weights: &[Tensor<'g>]) -> Tensor<'g> {
        let gradients = grad(loss, weights);
        let flat: Vec<_> = gradients.iter().map(|g| g.reshape(&[g.len()])).collect();
        graph.concat(&flat, 0)
    }

    /// An optimiser step on a loss, and the loss itself.
    fn update<'g>(&self, graph: &'g Graph, loss: Tensor<'g>, weights: &[Tensor<'g>]) -> Vec<(Tensor<'g>, SlotId)> {
        let section = &self.config.optimizer;
        let dials = self.parts.optimizer.dials(section);
        let scope = optim::Scope { graph, dial: &|name| graph.scalar(dial(&dials, name)) };
        let parameters = self.state(graph, slot::PARAMETERS);
        let state = optim::State {
            parameters,
            average: parameters,
            moments: slot::MOMENTS.map(|name| self.state(graph, name)).to_vec(),
            steps: self.state(graph, slot::UPDATES),
            updates: self.state(graph, slot::UPDATES),
        };
        let gradient = Self::gradient(graph, loss, weights);
        let next = optim::step(self.parts.optimizer, section, &scope, gradient, state);
        let moments = slot::MOMENTS.iter().zip(next.moments).map(|(name, m)| (m, self.id(name)));
        let mut outputs: Vec<_> = moments.collect();
        outputs.push((next.parameters, self.id(slot::PARAMETERS)));
        outputs.push((next.steps, self.id(slot::UPDATES)));
        outputs.push((loss.reshape(&[1]), self.id(slot::LOSS)));
        outputs
    }

    /// Rows of the block of `size` rows whose turn it is among `blocks`, [size].
    fn block<'g>(&self, graph: &'g Graph, size: usize, blocks: usize) -> Tensor<'g> {
        let updates = self.state(graph, slot::UPDATES);
        let turn = updates - (updates * (1.0 / blocks as f64)).floor() * blocks as f64;
        turn * size as f64 + graph.iota(0, &[size])
    }

    /// Loss and norm of its gradient at the parameters as they are.
    fn evaluation<'g>(graph: &'g Graph, loss: Tensor<'g>, weights: &[Tensor<'g>]) -> Tensor<'g> {
        let norm = Self::gradient(graph, loss, weights).square().sum_all().sqrt();
        graph.concat(&[loss.reshape(&[1]), norm.reshape(&[1])], 0)
    }

    /// Installs plans and writes what stays as it is.
    fn install(&self, backend: &mut dyn Backend, drafts: Vec<(&'static str, Draft)>) -> Result<()> {
        let mut program = Program { arena: self.layout.size(), plans: vec![] };
        for (label, draft) in drafts {
            let mut plan = Plan { label, steps: vec![] };
            for stage in draft.stages {
                match stage {
                    Stage::Chain(chain) => plan.steps.push(Step::Chain(chain)),
                    Stage::Graph(graph, outputs) => {
                        let outputs: Vec<_> = outputs.iter().map(|&(id, slot)| (graph.tensor(id), slot)).collect();
                        let scheduled = schedule(label, &graph, &outputs, &self.layout);
                        program.arena = program.arena.max(scheduled.arena);
                        plan.steps.extend(scheduled.plan.steps);
                    }
                }
            }
            program.plans.push(plan);
        }
        backend.install(program)?;
        if self.layout.find(slot::NOISE).is_some() {
            self.write(backend, slot::STEP_SIZE, &[STEP_SIZE as f32])?;
            self.write(backend, slot::NOISE, &[(2.0 * STEP_SIZE).sqrt() as f32])?;
        }
        Ok(())
    }

    fn write(&self, backend: &mut dyn Backend, name: &str, values: &[f32]) -> Result<()> {
        let slot = self.layout.slot(self.id(name));
        let expected = slot.range().len();
        if values.len() != expected {
            return Err(Error::value(name, format!("{} numbers", values.len()), format!("{expected} numbers")));
        }
        backend.write(slot.offset, values)
    }

    /// Submits, then waits while more than one submission is in flight.
    async fn hand_over(backend: &mut dyn Backend) -> Result<()> {
        backend.submit();
        backend.settle(1).await;
        backend.lost().map_or(Ok(()), |why| Err(Error::Device(why)))
    }

    async fn read(&self, backend: &mut dyn Backend, name: &str) -> Result<Vec<f32>> {
        let range = self.layout.slot(self.id(name)).range();
        Ok(backend.read(&[range]).await?.swap_remove(0))
    }
}

/// mean E(x) − mean E(y) + α (mean E(x)² + mean E(y)²) of energies [2n], those of the data first.
fn contrast(energies: Tensor<'_>) -> Tensor<'_> {
    let n = energies.len() / 2;
    let (real, fake) = (energies.narrow(0, 0..n), energies.narrow(0, n..2 * n));
    let squares = real.square().mean_all() + fake.square().mean_all();
    real.mean_all() - fake.mean_all() + REGULARISATION * squares
}

fn dial(dials: &[(&'static str, f64)], name: &str) -> f64 {
    dials.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no dial {name}")).1
}

impl Draft {
    fn graph(mut self, make: impl for<'g> FnOnce(&'g Graph) -> Vec<(Tensor<'g>, SlotId)>) -> Self {
        let graph = Graph::new();
        let outputs = make(&graph).into_iter().map(|(t, slot)| (t.id(), slot)).collect();
        self.stages.push(Stage::Graph(graph, outputs));
        self
    }

    fn chain(mut self, chain: Chain) -> Self {
        self.stages.push(Stage::Chain(chain));
        self
    }
}

/// Loss and L2 norm of the parameter gradient on fixed inputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    /// The loss.
    pub loss: f32,
    /// The norm.
    pub gradient_norm: f32,
}

/// Plans of a training workload.
const UPDATE: usize = 0;
const EVALUATE: usize = 1;

/// W1 and W2: a network in training.
pub struct Training {
    backend: Box<dyn Backend>,
    shared: Shared,
    updates: u32,
}

impl Training {
    fn slots(shared: &mut Shared) {
        let parameters = shared.layout.slot(shared.id(slot::PARAMETERS)).shape.clone();
        for name in slot::MOMENTS {
            shared.layout.add(name, &parameters);
        }
        shared.layout.add(slot::UPDATES, &[1]);
        shared.layout.add(slot::DATA, &[BLOCKS * BATCH, 2]);
        shared.layout.add(slot::HELD, &[BATCH, 2]);
        shared.layout.add(slot::LOSS, &[1]);
        shared.layout.add(slot::EVALUATION, &[2]);
    }

    /// W1, denoising score matching. Parameters layer by layer, weight [out, in] before bias; `noise` [1024, 2] is z of the
    /// evaluation on block 0 of `points` [8192, 2].
    pub fn dsm2d(mut backend: Box<dyn Backend>, parameters: &[f32], points: &[f32], noise: &[f32]) -> Result<Self> {
        let mut shared = Shared::new(BATCH)?;
        Self::slots(&mut shared);
        let s = &shared;
        let update = Draft::default().graph(|g| {
            let (weights, x) = (s.weights(g), s.state(g, slot::DATA).gather(s.block(g, BATCH, BLOCKS)));
            let loss = s.score_matching(g, &weights, x, g.normal(0, &[BATCH, 2]));
            s.update(g, loss, &weights)
        });
        let evaluate = Draft::default().graph(|g| {
            let (weights, x) = (s.weights(g), s.state(g, slot::DATA).narrow(0, 0..BATCH));
            let loss = s.score_matching(g, &weights, x, s.state(g, slot::HELD));
            vec![(Shared::evaluation(g, loss, &weights), s.id(slot::EVALUATION))]
        });
        s.install(&mut *backend, vec![("dsm2d", update), ("evaluate", evaluate)])?;
        for (name, values) in [(slot::PARAMETERS, parameters), (slot::DATA, points), (slot::HELD, noise)] {
            shared.write(&mut *backend, name, values)?;
        }
        Ok(Self { backend, shared, updates: 0 })
    }

    /// W2, persistent contrastive divergence. Parameters as in [`Self::dsm2d`]; `fakes` [1024, 2] stand for the samples in
    /// the evaluation on block 0 of `points` [8192, 2]; `chains` [8192, 2] are where the chains start.
    pub fn pcd2d(
        mut backend: Box<dyn Backend>,
        parameters: &[f32],
        points: &[f32],
        fakes: &[f32],
        chains: &[f32],
    ) -> Result<Self> {
        let mut shared = Shared::new(BATCH)?;
        Self::slots(&mut shared);
        shared.layout.add(slot::CHAINS, &[BLOCKS * BATCH, 2]);
        shared.layout.add(slot::ROWS, &[BATCH]);
        let s = &shared;
        let update = Draft::default()
            .graph(|g| {
                let rows = s.block(g, BATCH, BLOCKS);
                let anew = REINITIALISE - g.uniform(1, &[BATCH, 1]);
                let start = (g.uniform(2, &[BATCH, 2]) * 2.0 - 1.0) * BOX;
                let positions = anew.select(start, s.state(g, slot::CHAINS).gather(rows));
                vec![(positions, s.id(slot::POSITIONS)), (rows, s.id(slot::ROWS))]
            })
            .chain(s.chain(TRANSITIONS))
            .graph(|g| {
                let (weights, rows) = (s.weights(g), s.state(g, slot::ROWS));
                let (data, samples) = (s.state(g, slot::DATA).gather(rows), s.state(g, slot::POSITIONS));
                let loss = s.contrastive(g, &weights, data, samples);
                let mut outputs = s.update(g, loss, &weights);
                outputs.push((s.state(g, slot::CHAINS).scatter(rows, samples), s.id(slot::CHAINS)));
                outputs
            });
        let evaluate = Draft::default().graph(|g| {
            let (weights, data) = (s.weights(g), s.state(g, slot::DATA).narrow(0, 0..BATCH));
            let loss = s.contrastive(g, &weights, data, s.state(g, slot::HELD));
            vec![(Shared::evaluation(g, loss, &weights), s.id(slot::EVALUATION))]
        });
        s.install(&mut *backend, vec![("pcd2d", update), ("evaluate", evaluate)])?;
        let held = (slot::HELD, fakes);
        for (name, values) in [(slot::PARAMETERS, parameters), (slot::DATA, points), held, (slot::CHAINS, chains)] {
            shared.write(&mut *backend, name, values)?;
        }
        Ok(Self { backend, shared, updates: 0 })
    }

    /// `n` updates; resolves to the last loss.
    pub async fn step(&mut self, n: u32) -> Result<f32> {
        for _ in 0..n {
            // Sub-steps address the noise: an update of the chains uses twenty, any other one.
            let tick = Tick { key: rng::seed_pair(1), substep: self.updates * TRANSITIONS as u32 };
            self.backend.run(UPDATE, tick, 1)?;
            self.updates += 1;
            Shared::hand_over(&mut *self.backend).await?;
        }
        Ok(self.shared.read(&mut *self.backend, slot::LOSS).await?[0])
    }

    /// Loss and gradient on the fixed inputs.
    pub async fn evaluate(&mut self) -> Result<Evaluation> {
        self.backend.run(EVALUATE, Tick::default(), 1)?;
        let values = self.shared.read(&mut *self.backend, slot::EVALUATION).await?;
        Ok(Evaluation { loss: values[0], gradient_norm: values[1] })
    }

    /// All chains of W2, [8192 · 2].
    pub async fn chains(&mut self) -> Result<Vec<f32>> {
        self.shared.read(&mut *self.backend, slot::CHAINS).await
    }
}

/// W3: particles in the landscape of a fixed network.
pub struct Sampling {
    backend: Box<dyn Backend>,
    shared: Shared,
    parameters: Vec<f32>,
    particles: Vec<f32>,
    seed: u32,
    runs: u32,
    /// Transitions of the plan that is installed.
    installed: Option<usize>,
}

impl Sampling {
    /// Parameters as in [`Training::dsm2d`], particles [n, 2]. Two halves of a population need two seeds.
    pub fn langevin2d(backend: Box<dyn Backend>, parameters: Vec<f32>, particles: Vec<f32>, seed: u32) -> Result<Self> {
        let shared = Shared::new(particles.len() / 2)?;
        Ok(Self { backend, shared, parameters, particles, seed, runs: 0, installed: None })
    }

    /// Where the particles are `n` transitions after their start, [2n].
    pub async fn run(&mut self, n: usize) -> Result<Vec<f32>> {
        let (shared, backend) = (&self.shared, &mut *self.backend);
        if self.installed != Some(n) {
            shared.install(backend, vec![("langevin2d", Draft::default().chain(shared.chain(n)))])?;
            shared.write(backend, slot::PARAMETERS, &self.parameters)?;
            self.installed = Some(n);
        }
        shared.write(backend, slot::POSITIONS, &self.particles)?;
        let key = rng::fold(rng::seed_pair(self.seed.into()), [self.runs, 0]);
        self.runs += 1;
        backend.run(0, Tick { key, substep: 0 }, 1)?;
        Shared::hand_over(backend).await?;
        shared.read(backend, slot::POSITIONS).await
    }
}
