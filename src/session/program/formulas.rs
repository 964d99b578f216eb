//! What each stage of the clock computes, over the tensors that persist.

use super::TEST_POINTS;
#[cfg(feature = "whole")]
use super::TRUTH;
use super::{
    Builder, EVENTS, HISTORY, HISTORY_COLUMNS, Outputs, PATH, QUADRATURE, QUADRATURE_PIECES, Role, carried, event,
    moment, piece, slot,
};
use crate::autodiff::grad;
use crate::backend::plan::{Chain, Field, Network, Step};
#[cfg(feature = "whole")]
use crate::data::Mixture;
use crate::data::{QUADRATURE_HALF, Space};
use crate::graph::{Graph, Tensor};
use crate::model::{Noise, Process, Weight};
use crate::objective::{Loss, Negatives, ReplayBuffer};
use crate::sampler::clamp::Clamp;
use crate::{model, objective, optim, sampler};

/// The windows of the flat vector, which every use of a weight passes through; a reshaped one would be bypassed by a part
/// that reshapes it once more.
fn windows<'g>(weights: &[Tensor<'g>]) -> Vec<Tensor<'g>> {
    weights.iter().map(|w| w.reshape(&[w.len()])).collect()
}

/// The score of a mixture whose points x₀ have become a x₀ + σz, at x [n, 2]: a and σ are [n, 1].
#[cfg(feature = "whole")]
fn exact_score<'g>(mixture: &Mixture, x: Tensor<'g>, [a, sigma]: [Tensor<'g>; 2]) -> Tensor<'g> {
    let energy = mixture.smoothed_energy(x / a, (sigma / a).reshape(&[x.shape()[0]]));
    -grad(energy.sum_all(), &[x])[0]
}

/// −1 or 1.
fn signs(x: Tensor<'_>) -> Tensor<'_> {
    2.0 * x.step() - 1.0
}

impl Builder<'_> {
    /// The weights as tensors: windows of the flat vector.
    pub(super) fn weights<'g>(&self, graph: &'g Graph, source: &str) -> Vec<Tensor<'g>> {
        if self.weights.is_empty() {
            return vec![];
        }
        self.windows_of(self.state(graph, source))
    }

    /// The same of any such vector.
    pub(super) fn windows_of<'g>(&self, flat: Tensor<'g>) -> Vec<Tensor<'g>> {
        let mut from = 0;
        let window = |w: &Weight| {
            from += w.len();
            flat.narrow(0, from - w.len()..from).reshape(&w.shape)
        };
        self.weights.iter().map(window).collect()
    }

    pub(super) fn model_weights(&self) -> usize {
        self.parts.model.weights(&self.config.model, self.parts.space()).len()
    }

    /// What the model makes of its weights, the first of these.
    pub(super) fn of_model<'g, R>(
        &self,
        graph: &'g Graph,
        weights: &[Tensor<'g>],
        level: Option<Tensor<'g>>,
        make: impl FnOnce(&model::Scope<'g, '_>) -> R,
    ) -> R {
        let dial = |name: &str| self.dial(graph, &format!("model.{name}"));
        let weights = weights.iter().take(self.model_weights()).copied().collect();
        #[cfg(feature = "whole")]
        let anchor = self.anchor(graph);
        #[cfg(not(feature = "whole"))]
        let anchor = None;
        make(&model::Scope { graph, weights, dial: &dial, level, anchor })
    }

    /// E(x) at the level that is shown, or at the levels of the points.
    pub(super) fn energy<'g>(
        &self,
        graph: &'g Graph,
        weights: &[Tensor<'g>],
        x: Tensor<'g>,
        level: Option<Tensor<'g>>,
    ) -> Tensor<'g> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.energy(&self.config.model, self.given(), scope, x);
        self.of_model(graph, weights, level, of).expect("checked before anything was built")
    }

    /// The score at the level that is shown, or at the levels of the points: −∇E, or what the model has instead.
    pub(super) fn score<'g>(
        &self,
        graph: &'g Graph,
        weights: &[Tensor<'g>],
        x: Tensor<'g>,
        level: Option<Tensor<'g>>,
    ) -> Tensor<'g> {
        #[cfg(feature = "whole")]
        if !self.parts.model.has_energy() {
            let of = |scope: &model::Scope<'g, '_>| self.parts.model.score(&self.config.model, scope, x);
            return self.of_model(graph, weights, level, of).expect("a model has an energy or a score");
        }
        -grad(self.energy(graph, weights, x, level).sum_all(), &[x])[0]
    }

    pub(super) fn exported<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.weights(graph, slot::AVERAGE);
        let own = &weights[self.model_weights()..];
        let effective =
            self.of_model(graph, &weights, None, |scope| self.parts.model.effective(&self.config.model, scope));
        let flat: Vec<_> = effective.iter().chain(own).map(|w| w.reshape(&[w.len()])).collect();
        vec![(graph.concat(&flat, 0), slot::EXPORTED.into())]
    }

    /// E(x, y), of an energy that knows classes.
    fn class_energies<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.class_energies(&self.config.model, scope, x);
        self.of_model(graph, weights, None, of).expect("checked before anything was built")
    }

    /// What the samples follow of an energy that knows classes: w₀ E(x) + Σ_y w_y E(x, y), a product of experts (Hinton 2002) whose
    /// powers the session was told. w₀ alone is 1 at first.
    fn mixed_energy<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
        let mix = self.state(graph, slot::MIX);
        let classes = mix.len() - 1;
        let shares = mix.narrow(0, 1..mix.len()).reshape(&[1, classes]);
        let own = mix.narrow(0, 0..1).reshape(&[]) * self.energy(graph, weights, x, None);
        own + (self.class_energies(graph, weights, x) * shares).sum(1)
    }

    /// p(y | x), a softmax of −E(x, y), under the averaged weights.
    pub(super) fn classified<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let x = self.state(graph, slot::PROBE);
        let joint = -self.class_energies(graph, &self.weights(graph, slot::AVERAGE), x);
        let shares = (joint - joint.logsumexp(1).reshape(&[x.shape()[0], 1])).exp();
        vec![(shares, slot::PROBE_CLASSES.into())]
    }

    /// How the data become noise, for a model that knows levels. None of the first core does.
    pub(super) fn process<'g>(&self, graph: &'g Graph) -> Option<Process<'g>> {
        #[cfg(feature = "whole")]
        {
            self.of_model(graph, &[], None, |scope| self.parts.model.process(&self.config.model, scope))
        }
        #[cfg(not(feature = "whole"))]
        {
            let _ = graph;
            None
        }
    }

    /// Whether what is shown is at the level at which the samples are. No model of the first core knows levels.
    pub(super) fn follows(&self) -> bool {
        #[cfg(feature = "whole")]
        {
            // Kernels of noise levels are those that lead from one to the next.
            let leads = self.parts.sampler.needs() == Some(model::Ability::Noise);
            leads && self.config.particles() > 0 && self.parts.model.follows(&self.config.model)
        }
        #[cfg(not(feature = "whole"))]
        false
    }

    /// What a pass over a grid is made of.
    pub(super) fn frozen<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.trains().then(|| (self.state(graph, slot::AVERAGE), slot::FROZEN.to_string()));
        let level = self.level_of_samples(graph).map(|level| (level, slot::LEVEL.to_string()));
        weights.into_iter().chain(level).collect()
    }

    /// The level of the first sample, [1], where what is shown is at the level of the samples.
    #[cfg(feature = "whole")]
    pub(super) fn level_of_samples<'g>(&self, graph: &'g Graph) -> Option<Tensor<'g>> {
        let process = self.process(graph).filter(|_| self.follows())?;
        let carried = self.state(graph, &self.carried(slot::PARTICLES)?);
        self.parts.sampler.levels(&self.config.sampler, &process, carried.narrow(0, 0..1))
    }

    #[cfg(not(feature = "whole"))]
    pub(super) fn level_of_samples<'g>(&self, _graph: &'g Graph) -> Option<Tensor<'g>> {
        None
    }

    /// The level at which `n` points of a pass over a grid are shown where that is not the dial's: the samples', as it began.
    fn shown<'g>(&self, graph: &'g Graph, n: usize) -> Option<Tensor<'g>> {
        self.follows().then(|| self.state(graph, slot::LEVEL).reshape(&[]).broadcast_to(&[n]))
    }

    /// What rules and kernels are offered by a model that knows noise levels.
    fn noise<'g, 'a>(
        &self,
        graph: &'g Graph,
        score: &'a dyn Fn(Tensor<'g>, Tensor<'g>) -> Tensor<'g>,
    ) -> Option<Noise<'g, 'a>> {
        self.process(graph).map(|process| Noise { process, score })
    }

    /// The energy for the fused kernels, where they can hold it.
    fn network(&self, source: &str) -> Option<Network> {
        if self.weights.is_empty() {
            return None;
        }
        let dial = |name: &str| self.offset(slot::DIALS) + self.dial_index(&format!("model.{name}"));
        self.parts.model.network(&self.config.model, self.offset(source), &dial).filter(|network| network.fits())
    }

    pub(super) fn chain(&self, positions: &str, accepted: &str, steps: usize, source: &str) -> Option<Chain> {
        let transition = self.parts.sampler.transition()?;
        // The fused kernels know no clamps.
        if positions == slot::PARTICLES && !sampler::clamp::dials(&self.config.sampler).is_empty() {
            return None;
        }
        let network = self.network(source)?;
        let noise = self.dials.iter().position(|d| d == "sampler.noise");
        Some(Chain {
            network,
            transition,
            rows: self.layout.slot(self.id(positions)).shape[0],
            steps,
            positions: self.offset(positions),
            step_size: self.offset(slot::STEP_SIZE),
            noise: noise.map_or(self.offset(slot::STEP_SIZE), |i| self.offset(slot::DIALS) + i),
            stream: 0,
            accepted: self.offset(accepted),
        })
    }

    pub(super) fn transition<'g>(&self, graph: &'g Graph, positions: &str, source: &str) -> sampler::Move<'g> {
        let weights = self.weights(graph, source);
        let dial = |name: &str| self.dial(graph, &format!("sampler.{name}"));
        // The samples alone are clamped, and what they are going to be: the negatives of a rule are of the whole density.
        let clamp = if positions != slot::NEGATIVES { self.clamp(graph, &dial) } else { None };
        let pinned = |x: Tensor<'g>| clamp.map_or(x, |clamp| clamp.pin(x));
        let mixed = positions == slot::PARTICLES && self.layout.find(slot::MIX).is_some();
        let energy = |x: Tensor<'g>| match mixed {
            true => self.mixed_energy(graph, &weights, pinned(x)),
            false => self.energy(graph, &weights, pinned(x), None),
        };
        let step_size = self.state(graph, slot::STEP_SIZE).reshape(&[]);
        let carried = self.carried(positions).map(|name| self.state(graph, &name));
        // Along what is held there is no slope.
        let score = |x: Tensor<'g>, level: Option<Tensor<'g>>| {
            let score = self.score(graph, &weights, pinned(x), level);
            clamp.map_or(score, |clamp| clamp.still(score))
        };
        let at_level = |x: Tensor<'g>, level: Tensor<'g>| score(x, Some(level));
        let noise = self.noise(graph, &at_level);
        let slope = |x: Tensor<'g>| -score(x, None);
        let slope: Option<&dyn Fn(Tensor<'g>) -> Tensor<'g>> =
            if self.parts.has_energy() { None } else { Some(&slope) };
        let bounds = self.parts.space().bounds();
        #[cfg(feature = "whole")]
        let (hidden, visible) =
            (|x: Tensor<'g>| self.hidden(graph, &weights, pinned(x)), |h: Tensor<'g>| self.visible(graph, &weights, h));
        #[cfg(feature = "whole")]
        let (encode, decode) =
            (|x: Tensor<'g>| self.encode(graph, &weights, pinned(x)), |z: Tensor<'g>| self.decode(graph, &weights, z));
        #[cfg(feature = "whole")]
        let tilt = |z: Tensor<'g>| self.tilt(graph, &weights, z);
        let scope = sampler::Scope {
            graph,
            bounds,
            step_size,
            dial: &dial,
            energy: &energy,
            slope,
            noise,
            #[cfg(feature = "whole")]
            layers: self.layers(&hidden, &visible),
            #[cfg(feature = "whole")]
            latent: self.latent(&encode, &decode),
            #[cfg(feature = "whole")]
            latent_energy: self.latent_energy(graph, &weights, &tilt, &decode),
            carried,
        };
        let m = self.parts.sampler.step(&self.config.sampler, &scope, self.state(graph, positions));
        match clamp {
            Some(clamp) => clamp.apply(m),
            None => m,
        }
    }

    /// What the samples hold: a coordinate of the plane that the config names, or the pixels that the session was told.
    fn clamp<'g>(&self, graph: &'g Graph, dial: &dyn Fn(&str) -> Tensor<'g>) -> Option<Clamp<'g>> {
        match self.parts.space() {
            Space::Plane => Clamp::of(graph, &self.config.sampler, dial),
            Space::Images | Space::Binary(_) => self.layout.find(slot::FREE).map(|_| self.held(graph)),
        }
    }

    fn held<'g>(&self, graph: &'g Graph) -> Clamp<'g> {
        Clamp { free: self.state(graph, slot::FREE), kept: self.state(graph, slot::KEPT) }
    }

    #[cfg(feature = "whole")]
    pub(super) fn pinned<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let samples = slot::PARTICLES;
        vec![(self.held(graph).pin(self.state(graph, samples)), samples.into())]
    }

    /// The tensor of what the chains carry along, if they do.
    pub(super) fn carried(&self, positions: &str) -> Option<String> {
        self.parts.carries(self.config).map(|what| carried(positions, what))
    }

    /// Where a transition leaves the chains, and what they carry along.
    pub(super) fn moved<'g>(
        &self,
        positions: &str,
        m: &sampler::Move<'g>,
        accepted: (Tensor<'g>, String),
    ) -> Outputs<'g> {
        let carried = m.carried.zip(self.carried(positions));
        [(m.position, positions.into()), accepted].into_iter().chain(carried).collect()
    }

    /// What chains that begin at x carry along.
    pub(super) fn begun<'g>(&self, positions: &str, x: Tensor<'g>) -> Outputs<'g> {
        let (sampler, section) = (self.parts.sampler, &self.config.sampler);
        let begin = |name: String| {
            let columns = self.layout.slot(self.id(&name)).shape[1];
            match positions {
                slot::NEGATIVES => (sampler.begin_negatives(section, x, columns), name),
                _ => (sampler.begin(section, x, columns), name),
            }
        };
        self.carried(positions).map(begin).into_iter().collect()
    }

    /// The next transition with everything that a person may want to see of it; moves nothing.
    pub(super) fn inspection(&mut self, role: Role, positions: &'static str, source: &'static str) {
        self.plan(role, "inspect", vec![], |b, g| {
            let m = b.transition(g, positions, source);
            let n = m.accepted.len();
            let moved = m.moved.unwrap_or(m.accepted);
            let values = [m.gradient, m.drift, m.noise, m.proposal, moved, m.probability];
            let named = EVENTS.iter().zip(values);
            let path = m.path.filter(|_| b.waypoints() > 0).map(|path| (path, event(positions, PATH)));
            named.map(|(name, t)| (t.reshape(&[n, t.len() / n]), event(positions, name))).chain(path).collect()
        });
    }

    fn objective_scope<'g, R>(
        &self,
        graph: &'g Graph,
        weights: &[Tensor<'g>],
        use_scope: impl FnOnce(&objective::Scope<'g, '_>) -> R,
    ) -> R {
        let energy = |x: Tensor<'g>| self.energy(graph, weights, x, None);
        let dial = |name: &str| self.dial(graph, &format!("objective.{name}"));
        let own = weights[self.model_weights()..].to_vec();
        let at_level = |x: Tensor<'g>, level: Tensor<'g>| self.score(graph, weights, x, Some(level));
        let noise = self.noise(graph, &at_level);
        let joint = |x: Tensor<'g>| self.class_energies(graph, weights, x);
        let labels = || self.state(graph, slot::BATCH_CLASSES);
        let classes = self.learns_classes().then(|| model::Classes { labels: labels(), energies: &joint });
        #[cfg(feature = "whole")]
        let (encode, decode) =
            (|x: Tensor<'g>| self.encode(graph, weights, x), |z: Tensor<'g>| self.decode(graph, weights, z));
        #[cfg(feature = "whole")]
        let tilt = |z: Tensor<'g>| self.tilt(graph, weights, z);
        #[cfg(feature = "whole")]
        let embed = |x: Tensor<'g>| self.embed(graph, weights, x);
        use_scope(&objective::Scope {
            graph,
            dial: &dial,
            energy: &energy,
            noise,
            classes,
            #[cfg(feature = "whole")]
            latent: self.latent(&encode, &decode),
            #[cfg(feature = "whole")]
            latent_energy: self.latent_energy(graph, weights, &tilt, &decode),
            #[cfg(feature = "whole")]
            pairs: self.pairs(graph, &embed),
            #[cfg(feature = "whole")]
            found: self.found(graph),
            weights: own,
        })
    }

    /// Uniform draws with replacement among the points that are there. Stream `stream`.
    fn points<'g>(&self, graph: &'g Graph, n: usize, stream: u32) -> Tensor<'g> {
        self.state(graph, slot::DATA).gather(self.chosen(graph, n, stream))
    }

    /// Their numbers.
    fn chosen<'g>(&self, graph: &'g Graph, n: usize, stream: u32) -> Tensor<'g> {
        let count = self.dial(graph, "data.points");
        // u < 1, but u·count may round up to count.
        (graph.uniform(stream, &[n]) * count).floor().minimum(count - 1.0)
    }

    pub(super) fn draw<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let (objective, space) = (self.parts.objective, self.parts.space());
        let [low, high] = space.bounds();
        let mut batch = self.points(graph, self.config.batch(), 2);
        if objective.params().iter().any(|p| p.name == objective::DATA_NOISE.name) {
            batch = batch + self.dial(graph, "objective.dataNoise") * graph.normal(3, &batch.shape());
            // No pixel is darker than black; the plane has no edge. One that is black or white becomes what its noisy value is nearer to.
            batch = match space {
                Space::Plane => batch,
                Space::Images => batch.clamp(low, high),
                Space::Binary(_) => signs(batch),
            };
        }
        let mut outputs = vec![(batch, slot::BATCH.to_string())];
        let n = self.negatives();
        if self.learns_classes() {
            let labels = self.state(graph, slot::DATA_CLASSES).gather(self.chosen(graph, self.config.batch(), 2));
            outputs.insert(0, (labels.reshape(&[self.config.batch()]), slot::BATCH_CLASSES.into()));
        }
        let moved_none = (graph.constant(0.0, &[n]), slot::ACCEPTED.into());
        match objective.negatives() {
            Negatives::None => return outputs,
            Negatives::FromData => outputs.push((batch, slot::NEGATIVES.into())),
            #[cfg(feature = "whole")]
            Negatives::FromPrior => {
                outputs.extend(self.latent_start(graph));
                outputs.push(moved_none);
                return outputs;
            }
            Negatives::Drawn => {
                let weights = self.weights(graph, slot::PARAMETERS);
                let drawn = self
                    .objective_scope(graph, &weights, |scope| objective.draw(&self.config.objective, scope, batch, n));
                outputs.push((drawn.expect("rules that draw say how"), slot::NEGATIVES.into()));
            }
            Negatives::FromBuffer => {
                let at_data = ReplayBuffer::restarts_at_data(&self.config.objective);
                let start = match at_data {
                    true => self.points(graph, n, 4),
                    false => {
                        let start = graph.uniform(5, &[n, space.dimension()]) * (high - low) + low;
                        if matches!(space, Space::Binary(_)) { signs(start) } else { start }
                    }
                };
                let buffer = ReplayBuffer {
                    chains: self.state(graph, slot::BUFFER),
                    ages: self.state(graph, slot::BUFFER_AGES),
                };
                let drawn = buffer.draw(graph, n, self.dial(graph, "objective.reinitialise"), start, at_data);
                outputs.push((drawn.positions, slot::NEGATIVES.into()));
                outputs.push((drawn.indices, slot::INDICES.into()));
                outputs.push((drawn.ages, slot::AGES.into()));
            }
        }
        if self.runs_chains() {
            let start = outputs.iter().find(|(_, name)| name == slot::NEGATIVES).map(|(start, _)| *start);
            outputs.extend(start.into_iter().flat_map(|start| self.begun(slot::NEGATIVES, start)).collect::<Vec<_>>());
        }
        outputs.push(moved_none);
        outputs
    }

    /// The loss of the batch over these weights.
    pub(super) fn loss<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>]) -> Loss<'g> {
        let batch = self.state(graph, slot::BATCH);
        let negatives = if self.negatives() > 0 { self.state(graph, slot::NEGATIVES) } else { batch };
        self.objective_scope(graph, weights, |scope| {
            self.parts.objective.loss(&self.config.objective, scope, batch, negatives)
        })
    }

    pub(super) fn gradient<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.weights(graph, slot::PARAMETERS);
        let loss = self.loss(graph, &weights);
        let flat = grad(loss.total, &windows(&weights));
        let mut losses: Vec<_> = [loss.total].into_iter().chain(loss.parts).map(|t| t.reshape(&[1])).collect();
        losses.push(graph.constant(0.0, &[HISTORY_COLUMNS - losses.len()]));
        vec![(graph.concat(&flat, 0), slot::GRADIENT.into()), (graph.concat(&losses, 0), slot::LOSSES.into())]
    }

    /// With the same random numbers as [`Self::gradient`].
    #[cfg(feature = "whole")]
    pub(super) fn data_gradient<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.weights(graph, slot::PARAMETERS);
        let flat = grad(self.loss(graph, &weights).data, &windows(&weights));
        vec![(graph.concat(&flat, 0), slot::DATA_GRADIENT.into())]
    }

    /// E(x) of the weights that are trained, and its derivatives ⟨∂E(x)/∂θ, g⟩ along both gradients.
    #[cfg(feature = "whole")]
    pub(super) fn pushed<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.weights(graph, slot::PARAMETERS);
        let energy = self.energy(graph, &weights, self.state(graph, slot::PROBE), None);
        // Forward mode by reverse mode twice: the gradient is linear in its seed, whose own value then says nothing.
        let seed = self.state(graph, slot::PUSH_ENERGY);
        let slopes = graph.concat(&grad((seed * energy).sum_all(), &windows(&weights)), 0);
        let along = |name: &str| grad((slopes * self.state(graph, name)).sum_all(), &[seed])[0];
        vec![
            (energy, slot::PUSH_ENERGY.into()),
            (along(slot::GRADIENT), slot::PUSH.into()),
            (along(slot::DATA_GRADIENT), slot::PUSH_DATA.into()),
        ]
    }

    pub(super) fn update<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let moments = self.parts.optimizer.moments();
        let state = optim::State {
            parameters: self.state(graph, slot::PARAMETERS),
            average: self.state(graph, slot::AVERAGE),
            moments: (0..moments).map(|i| self.state(graph, moment(i))).collect(),
            steps: self.state(graph, slot::STEPS),
            updates: self.state(graph, slot::UPDATES),
        };
        let dial = |name: &str| self.dial(graph, &format!("optimizer.{name}"));
        let scope = optim::Scope { graph, dial: &dial };
        let gradient = self.state(graph, slot::GRADIENT);
        let next = optim::step(self.parts.optimizer, &self.config.optimizer, &scope, gradient, state);
        let mut outputs = vec![
            (next.parameters, slot::PARAMETERS.to_string()),
            (next.average, slot::AVERAGE.into()),
            (next.steps, slot::STEPS.into()),
        ];
        outputs.extend(next.moments.into_iter().enumerate().map(|(i, m)| (m, moment(i).into())));
        let updates = self.state(graph, slot::UPDATES);
        let row = updates - (updates * (1.0 / HISTORY as f64)).floor() * HISTORY as f64;
        let losses = self.state(graph, slot::LOSSES).reshape(&[1, HISTORY_COLUMNS]);
        outputs.push((self.state(graph, slot::HISTORY).scatter(row, losses), slot::HISTORY.into()));
        outputs.push((updates + 1.0, slot::UPDATES.into()));
        if self.parts.objective.negatives() == Negatives::FromBuffer {
            let indices = self.state(graph, slot::INDICES);
            let store = |to: &str, from: &str| self.state(graph, to).scatter(indices, self.state(graph, from));
            outputs.push((store(slot::BUFFER, slot::NEGATIVES), slot::BUFFER.into()));
            outputs.push((store(slot::BUFFER_AGES, slot::AGES), slot::BUFFER_AGES.into()));
        }
        outputs.extend(self.adapted(graph).map(|h| (h.reshape(&[1]), slot::STEP_SIZE.into())));
        outputs
    }

    /// The sampler's new step size, from how many of this update's moves were accepted.
    fn adapted<'g>(&self, graph: &'g Graph) -> Option<Tensor<'g>> {
        if !self.runs_chains() {
            return None;
        }
        let steps = self.config.sampler.count("steps") as f64;
        let acceptance = self.state(graph, slot::ACCEPTED).mean_all() * (1.0 / steps);
        let dial = |name: &str| self.dial(graph, &format!("sampler.{name}"));
        let nothing = |x: Tensor<'g>| x;
        let step_size = self.state(graph, slot::STEP_SIZE).reshape(&[]);
        let bounds = self.parts.space().bounds();
        let scope = sampler::Scope {
            graph,
            bounds,
            step_size,
            dial: &dial,
            energy: &nothing,
            slope: None,
            noise: None,
            #[cfg(feature = "whole")]
            layers: None,
            #[cfg(feature = "whole")]
            latent: None,
            #[cfg(feature = "whole")]
            latent_energy: None,
            carried: None,
        };
        self.parts.sampler.adapt(&self.config.sampler, &scope, acceptance)
    }

    pub(super) fn field(
        &mut self,
        role: Role,
        label: &'static str,
        source: &str,
        points: &str,
        energy: &str,
        score: Option<&str>,
    ) {
        if let Some(network) = self.network(source) {
            let rows = self.layout.slot(self.id(points)).shape[0];
            let (points, energy) = (self.offset(points), self.offset(energy));
            let score = score.map(|s| self.offset(s));
            return self.direct(role, label, Step::Field(Field { network, rows, points, energy, score }));
        }
        self.plan(role, label, vec![], |b, g| {
            let x = b.state(g, points);
            let n = x.shape()[0];
            let level = match source {
                slot::FROZEN => b.shown(g, n),
                slot::AVERAGE => b.level_of_samples(g).map(|level| level.reshape(&[]).broadcast_to(&[n])),
                // What is trained is trained at the level of the dial.
                _ => None,
            };
            if !b.parts.has_energy() {
                let scored = |score: &str| (b.score(g, &b.weights(g, source), x, level), score.to_string());
                return score.map(scored).into_iter().collect();
            }
            let e = b.energy(g, &b.weights(g, source), x, level);
            let mut outputs = vec![(e, energy.to_string())];
            outputs.extend(score.map(|score| (-grad(e.sum_all(), &[x])[0], score.to_string())));
            outputs
        });
    }

    /// A row of the trace: where the first particles are, and the share of all whose last move was accepted.
    pub(super) fn recorded<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let (trace, row) = (self.state(graph, slot::TRACE), self.state(graph, slot::TRACE_ROW));
        let [steps, columns] = trace.shape()[..] else { unreachable!("a trace has rows") };
        let places = self.state(graph, slot::PARTICLES).narrow(0, 0..columns / 2).reshape(&[1, columns - 1]);
        let accepted = self.state(graph, slot::PARTICLES_ACCEPTED).mean_all().reshape(&[1, 1]);
        let next = row + 1.0;
        let next = next - steps as f64 * (next - (steps as f64 - 0.5)).step();
        let values = graph.concat(&[places, accepted], 1);
        vec![(trace.scatter(row, values), slot::TRACE.into()), (next, slot::TRACE_ROW.into())]
    }

    /// log Z = ln Σ exp(−E) + ln(cell area), and what follows from it.
    pub(super) fn truth<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let parts = |name: &str| -> Vec<Tensor<'g>> {
            (0..QUADRATURE_PIECES).map(|i| self.state(graph, &piece(name, i))).collect()
        };
        let energy = graph.concat(&parts(slot::QUADRATURE_ENERGY), 0);
        let points = graph.concat(&parts(slot::QUADRATURE), 0);
        let cell = 2.0 * QUADRATURE_HALF / QUADRATURE as f64;
        let log_area = 2.0 * cell.ln();
        let log_partition = (-energy).logsumexp(0) + log_area;
        let border = points.column(0).abs().maximum(points.column(1).abs()) - (QUADRATURE_HALF - cell);
        let border_mass = (border.step() * (log_area - energy - log_partition).exp()).sum_all();
        let points = self.state(graph, slot::TEST);
        let level = self.shown(graph, TEST_POINTS);
        let test = self.energy(graph, &self.weights(graph, slot::FROZEN), points, level);
        let log_density = self.state(graph, slot::LOG_DENSITY);
        let expected = ((log_density + log_area).exp() * energy).sum_all();
        let log_model = -energy - log_partition;
        let reverse = ((log_model + log_area).exp() * (log_model - log_density)).sum_all();
        // ½ E_p|∇E − ∇E_p|² (Hyvärinen 2005, eq. 2), over the held-out points.
        let fisher = match self.parts.density.energy(&self.config.data, points) {
            Some(own) => {
                let [model, own] = [test, own].map(|e| grad(e.sum_all(), &[points])[0]);
                0.5 * (model - own).square().sum(1).mean_all()
            }
            None => graph.scalar(0.0),
        };
        let mistaken = self.score_error(graph);
        let values = [
            log_partition,
            border_mass,
            test.mean_all(),
            expected,
            reverse,
            fisher,
            mistaken,
            #[cfg(feature = "whole")]
            self.negative_bound(graph),
        ];
        vec![(graph.concat(&values.map(|t| t.reshape(&[1])), 0), slot::TRUTH.into())]
    }

    /// What is known of a model that has no energy.
    #[cfg(feature = "whole")]
    pub(super) fn truth_of_scores<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let at = TRUTH.iter().position(|name| *name == "scoreError").expect("among them");
        let nothing = |n: usize| graph.constant(0.0, &[n]);
        let all = [nothing(at), self.score_error(graph).reshape(&[1]), nothing(TRUTH.len() - at - 1)];
        vec![(graph.concat(&all, 0), slot::TRUTH.into())]
    }

    /// The density as the mixture of Gaussians that it is, where a model of its noise levels is learned: its score is known at each.
    #[cfg(feature = "whole")]
    pub(super) fn exact_levels(&self) -> Option<Mixture> {
        self.parts.density.mixture(&self.config.data).filter(|_| self.trains() && self.flows())
    }

    /// The process of a model that knows levels, and the level that is shown, [n].
    #[cfg(feature = "whole")]
    fn level_shown<'g>(&self, graph: &'g Graph, n: usize) -> (Process<'g>, Tensor<'g>) {
        let process = self.process(graph).expect("asked of models of noise levels");
        (process, self.shown(graph, n).unwrap_or_else(|| process.shown.broadcast_to(&[n])))
    }

    /// a x₀ + σz of any points x₀ at the level that is shown, or at which the samples are now. Stream 13.
    #[cfg(feature = "whole")]
    pub(super) fn noised<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let x = self.state(graph, slot::PROBE);
        let process = self.process(graph).expect("asked of models of noise levels");
        let level = self.level_of_samples(graph).map_or(process.shown, |level| level.reshape(&[]));
        let [a, sigma] = process.rates(level.broadcast_to(&[x.shape()[0]]));
        vec![(a * x + sigma * graph.normal(13, &x.shape()), slot::PROBE_NOISED.into())]
    }

    /// The exact score on the coarse grid.
    #[cfg(feature = "whole")]
    pub(super) fn true_arrows<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let x = self.state(graph, slot::ARROW_POINTS);
        let mixture = self.exact_levels().expect("planned where it is known");
        let (process, level) = self.level_shown(graph, x.shape()[0]);
        vec![(exact_score(&mixture, x, process.rates(level)), slot::ARROW_TRUTH.into())]
    }

    /// √(E|s − s*|²/E|s*|²) at the level that is shown, shape []: s is the model's score there and s* that of the density as it is there,
    /// both at held-out points with their noise. 0 where it does not apply.
    fn score_error<'g>(&self, graph: &'g Graph) -> Tensor<'g> {
        #[cfg(feature = "whole")]
        if let Some(mixture) = self.exact_levels() {
            let clean = self.state(graph, slot::TEST);
            let (process, level) = self.level_shown(graph, TEST_POINTS);
            let [a, sigma] = process.rates(level);
            let x = a * clean + sigma * graph.normal(0, &clean.shape());
            let own = self.score(graph, &self.weights(graph, slot::FROZEN), x, Some(level));
            let exact = exact_score(&mixture, x, [a, sigma]);
            let [wrong, all] = [own - exact, exact].map(|v| v.square().sum_all());
            return (wrong / all).sqrt();
        }
        graph.scalar(0.0)
    }
}
