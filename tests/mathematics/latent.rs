//! Models of latent variables against the one whose every law is known: probabilistic principal component analysis (Tipping & Bishop
//! 1999), x = Wz + σε, of which a variational autoencoder of linear networks is an instance.

use crate::machine::{Machine, mean, normals, section};
use ebm::autodiff::grad;
use ebm::data;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, SlotId, Tensor};
use ebm::json;
use ebm::model::{self, Emission, Given, Latent, Model, Posterior};
use ebm::schema::Section;
use ebm::{objective, sampler};

/// W and σ² of the figures.
const LOADING: [f64; 2] = [1.0, 0.5];
const VARIANCE: f64 = 0.25;

/// A floor that is hardly there.
const FLOOR: f64 = 0.001;

fn vae() -> (&'static dyn Model, Section) {
    let model = *model::ALL.iter().find(|m| m.id() == "vae").unwrap();
    let given = json!({"latent": 1, "widths": [1], "activation": "none", "leastDeviation": FLOOR});
    (model, section("vae", model.params(), given))
}

/// The weights of a linear model, with their shapes: an encoder N(`gain` Wᵀx + `shift`, `deviation`²), a decoder N(Wz, `variance` I).
fn weights(w: &[f64], variance: f64, [gain, shift, deviation]: [f64; 3]) -> Vec<(Vec<usize>, Vec<f64>)> {
    let d = w.len();
    vec![
        (vec![1, d], w.to_vec()),
        (vec![1], vec![0.0]),
        (vec![1, 1], vec![gain]),
        (vec![1], vec![shift]),
        (vec![1, 1], vec![0.0]),
        (vec![1], vec![deviation.ln()]),
        (vec![1, 1], vec![1.0]),
        (vec![1], vec![0.0]),
        (vec![d, 1], w.to_vec()),
        (vec![d], vec![0.0; d]),
        (vec![1], vec![0.5 * (variance - FLOOR * FLOOR).ln()]),
    ]
}

/// The encoder that is the posterior: N(Wᵀx/(|W|² + σ²), σ²/(|W|² + σ²)).
fn posterior(w: &[f64], variance: f64) -> [f64; 3] {
    let all = w.iter().map(|w| w * w).sum::<f64>() + variance;
    [1.0 / all, 0.0, (variance / all).sqrt()]
}

/// The model with these weights, for a graph.
struct Linear<'g> {
    graph: &'g Graph,
    weights: Vec<Tensor<'g>>,
}

impl<'g> Linear<'g> {
    fn new(graph: &'g Graph, weights: &[(Vec<usize>, Vec<f64>)]) -> Self {
        Self { graph, weights: weights.iter().map(|(shape, values)| graph.literal(values, shape)).collect() }
    }

    fn scoped<R>(&self, use_scope: impl FnOnce(&model::Scope<'g, '_>) -> R) -> R {
        let dial = |name: &str| {
            assert_eq!(name, "leastDeviation");
            self.graph.scalar(FLOOR)
        };
        use_scope(&model::Scope {
            graph: self.graph,
            weights: self.weights.clone(),
            dial: &dial,
            level: None,
            anchor: None,
        })
    }

    fn encode(&self, x: Tensor<'g>) -> Posterior<'g> {
        let (model, config) = vae();
        self.scoped(|scope| model.encode(&config, scope, x).unwrap())
    }

    fn decode(&self, z: Tensor<'g>) -> Emission<'g> {
        let (model, config) = vae();
        self.scoped(|scope| model.decode(&config, scope, z).unwrap())
    }

    fn energy(&self, x: Tensor<'g>) -> Tensor<'g> {
        let (model, config) = vae();
        let density = data::by_id("gaussian").unwrap();
        let given = Section::defaults(density.id(), density.params());
        self.scoped(|scope| model.energy(&config, Given { density, section: &given }, scope, x).unwrap())
    }
}

/// The values of a tensor.
fn values(graph: &Graph, tensor: Tensor<'_>) -> Vec<f64> {
    let mut layout = Layout::new();
    let out = layout.add("out", &[tensor.len()]);
    let mut machine = Machine::<f64>::new(graph, layout, &[(tensor.reshape(&[tensor.len()]), out)], vec![]);
    machine.run(0, 0);
    machine.get(out)
}

/// ln N(x; 0, WWᵀ + σ²I) by Woodbury and Sylvester.
fn log_density(x: &[f64], w: &[f64], variance: f64) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let all = dot(w, w) + variance;
    let squared = (dot(x, x) - dot(x, w).powi(2) / all) / variance;
    let log_determinant = (x.len() - 1) as f64 * variance.ln() + all.ln();
    -0.5 * (squared + log_determinant + x.len() as f64 * std::f64::consts::TAU.ln())
}

/// What the bound comes to on average over ε ~ N(0, 1): a quadratic of ε has the same mean over −1 and 1.
fn mean_bound<'g>(latent: &Latent<'g, '_>, x: Tensor<'g>) -> Tensor<'g> {
    let n = x.shape()[0];
    let at = |noise: f64| {
        let [likelihood, divergence] = latent.bound(x, x.graph().constant(noise, &[n, 1]));
        likelihood - divergence
    };
    0.5 * (at(-1.0) + at(1.0))
}

#[test]
fn the_bound_of_a_linear_model_is_tight_at_its_posterior() {
    let graph = Graph::new();
    let linear = Linear::new(&graph, &weights(&LOADING, VARIANCE, posterior(&LOADING, VARIANCE)));
    let x = graph.literal(&[1.0, -1.0], &[1, 2]);
    let encoded = linear.encode(x);
    let (encode, decode) = (|x| linear.encode(x), |z| linear.decode(z));
    let latent = Latent { size: 1, encode: &encode, decode: &decode };
    let zero = graph.constant(0.0, &[1, 1]);
    let prior = |_: Tensor<'_>| Posterior { mean: graph.tensor(zero.id()), log_deviation: graph.tensor(zero.id()) };
    let blind = Latent { size: 1, encode: &prior, decode: &decode };
    // A weight of the posterior is p(x) at every draw.
    let weighed = latent.log_weight(x, graph.constant(0.7, &[1, 1]));
    let all = [
        linear.energy(x),
        encoded.mean,
        (2.0 * encoded.log_deviation).exp(),
        mean_bound(&latent, x),
        mean_bound(&blind, x),
        weighed,
    ];
    let found = values(&graph, graph.columns(&all));
    let wanted = [5.0141291, 1.0 / 3.0, 1.0 / 6.0, -5.0141291, -6.9515827, -5.0141291];
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
    }
}

/// The energy by a sum over nodes is the exact one wherever data may be.
#[test]
fn the_energy_of_a_linear_model_is_exact() {
    let graph = Graph::new();
    let linear = Linear::new(&graph, &weights(&LOADING, VARIANCE, posterior(&LOADING, VARIANCE)));
    let points = normals(2 * 200, 3, 1.5);
    let energy = values(&graph, linear.energy(graph.literal(&points, &[200, 2])));
    for (x, energy) in points.chunks_exact(2).zip(energy) {
        // What lies beyond the last node, six deviations out, has 10⁻⁹ of the mass of the prior.
        assert!((energy + log_density(x, &LOADING, VARIANCE)).abs() < 1e-6, "{x:?}: {energy}");
    }
}

/// For any law q(z | x) the bound lies below ln p(x), by exactly KL(q ‖ p(z | x)).
#[test]
fn the_gap_of_the_bound_is_the_divergence_from_the_posterior() {
    const LAWS: usize = 1000;
    let graph = Graph::new();
    let [gain, _, deviation] = posterior(&LOADING, VARIANCE);
    let linear = Linear::new(&graph, &weights(&LOADING, VARIANCE, [gain, 0.0, deviation]));
    let (points, means, spreads) = (normals(2 * LAWS, 5, 1.2), normals(LAWS, 6, 1.0), normals(LAWS, 7, 0.7));
    let [mean, log_deviation] = [&means, &spreads].map(|v| graph.literal(v, &[LAWS, 1]));
    let (any, decode) = (|_: Tensor<'_>| Posterior { mean, log_deviation }, |z| linear.decode(z));
    let latent = Latent { size: 1, encode: &any, decode: &decode };
    let bounds = values(&graph, mean_bound(&latent, graph.literal(&points, &[LAWS, 2])));
    for (i, bound) in bounds.into_iter().enumerate() {
        let x = &points[2 * i..2 * i + 2];
        let exact = log_density(x, &LOADING, VARIANCE);
        let centre = gain * (x[0] * LOADING[0] + x[1] * LOADING[1]);
        let ratio = spreads[i].exp() / deviation;
        let off = (means[i] - centre) / deviation;
        let divergence = 0.5 * (ratio * ratio + off * off - 1.0) - ratio.ln();
        assert!(bound <= exact + 1e-9 && (exact - bound - divergence).abs() < 1e-6 * (1.0 + divergence), "{i}");
    }
}

/// The derivatives of E[z²] by μ and σ are 2μ and 2σ, through the draws.
#[test]
fn draws_are_derived_by_what_they_are_drawn_with() {
    const DRAWS: usize = 100_000;
    let (graph, (mu, sigma)) = (Graph::new(), (0.8_f64, 0.6_f64));
    let mut layout = Layout::new();
    let slots = [layout.add("mean", &[1, 1]), layout.add("log deviation", &[1, 1])];
    let [mean_slot, deviation_slot] = slots.map(|slot| graph.state(slot, &[1, 1]));
    let posterior = Posterior { mean: mean_slot, log_deviation: deviation_slot };
    let noise = graph.literal(&normals(DRAWS, 11, 1.0), &[DRAWS, 1]);
    let gradient = grad(posterior.at(noise).square().mean_all(), &[mean_slot, deviation_slot]);
    let out = layout.add("out", &[2]);
    let outputs = [(graph.concat(&gradient.iter().map(|g| g.reshape(&[1])).collect::<Vec<_>>(), 0), out)];
    let mut machine = Machine::<f64>::new(&graph, layout, &outputs, vec![]);
    machine.set(slots[0], &[mu]);
    machine.set(slots[1], &[sigma.ln()]);
    machine.run(0, 0);
    let found = machine.get(out);
    // 2z by μ, and 2zσε by ln σ, whose mean is 2σ².
    let n = DRAWS as f64;
    let errors = [2.0 * sigma, 2.0 * sigma * (mu * mu + 2.0 * sigma * sigma).sqrt()].map(|sd| 4.0 * sd / n.sqrt());
    let wanted = [2.0 * mu, 2.0 * sigma * sigma];
    for i in 0..2 {
        assert!((found[i] - wanted[i]).abs() < errors[i], "{found:?} {wanted:?}");
    }
}

/// Training comes to the maximum likelihood of probabilistic principal component analysis: the loading is the first principal axis with
/// |W|² = λ₁ − σ², and σ² the mean of the other variances.
#[test]
fn training_finds_the_principal_component() {
    const BATCH: usize = 1000;
    let deviations = [2.0, 1.0, 0.5];
    let ((model, config), graph) = (vae(), Graph::new());
    let rule = *objective::ALL.iter().find(|o| o.id() == "evidence-lower-bound").unwrap();
    let of_rule = Section::defaults(rule.id(), rule.params());
    let start = weights(&[0.3, 0.4, 0.2], 1.0, [0.5, 0.0, 0.8]);
    let mut layout = Layout::new();
    let slots: Vec<SlotId> =
        start.iter().enumerate().map(|(i, (shape, _))| layout.add(format!("w{i}"), shape)).collect();
    let outs: Vec<SlotId> =
        start.iter().enumerate().map(|(i, (shape, _))| layout.add(format!("g{i}"), shape)).collect();
    let batch = layout.add("batch", &[BATCH, 3]);
    let tensors: Vec<_> = slots.iter().zip(&start).map(|(&slot, (shape, _))| graph.state(slot, shape)).collect();
    let floor = |_: &str| graph.scalar(FLOOR);
    let scope = model::Scope { graph: &graph, weights: tensors.clone(), dial: &floor, level: None, anchor: None };
    let encode = |x: Tensor<'_>| {
        let Posterior { mean, log_deviation } = model.encode(&config, &scope, graph.tensor(x.id())).unwrap();
        Posterior { mean: graph.tensor(mean.id()), log_deviation: graph.tensor(log_deviation.id()) }
    };
    let decode = |z: Tensor<'_>| match model.decode(&config, &scope, graph.tensor(z.id())).unwrap() {
        Emission::Normal(mean, deviation) => Emission::Normal(graph.tensor(mean.id()), graph.tensor(deviation.id())),
        Emission::Bernoulli(_) => unreachable!("weights with a deviation are of normal x"),
    };
    let (one, nothing) = (|_: &str| graph.scalar(1.0), |x: Tensor<'_>| graph.tensor(x.id()));
    let scope = objective::Scope {
        graph: &graph,
        dial: &one,
        energy: &nothing,
        noise: None,
        classes: None,
        latent: Some(Latent { size: 1, encode: &encode, decode: &decode }),
        latent_energy: None,
        pairs: None,
        found: None,
        weights: vec![],
    };
    let x = graph.state(batch, &[BATCH, 3]);
    let loss = rule.loss(&of_rule, &scope, x, x);
    let outputs: Vec<_> = grad(loss.total, &tensors).into_iter().zip(outs.iter().copied()).collect();
    let mut machine = Machine::<f64>::new(&graph, layout, &outputs, vec![]);

    let mut at: Vec<Vec<f64>> = start.into_iter().map(|(_, values)| values).collect();
    let mut moments: Vec<[Vec<f64>; 2]> = at.iter().map(|v| [vec![0.0; v.len()], vec![0.0; v.len()]]).collect();
    let mut tail = vec![];
    for update in 1..=3000 {
        let points: Vec<f64> =
            normals(3 * BATCH, update, 1.0).iter().enumerate().map(|(i, v)| v * deviations[i % 3]).collect();
        machine.set(batch, &points);
        slots.iter().zip(&at).for_each(|(&slot, values)| machine.set(slot, values));
        machine.run(0, update);
        // Adam with a rate that falls to nothing.
        let rate = 0.01 * (1.0 - f64::from(update) / 3000.0);
        for ((values, slot), [first, second]) in at.iter_mut().zip(&outs).zip(&mut moments) {
            for (i, g) in machine.get(*slot).into_iter().enumerate() {
                first[i] += 0.1 * (g - first[i]);
                second[i] += 0.001 * (g * g - second[i]);
                let unbiased = [1.0 - 0.9f64.powi(update as i32), 1.0 - 0.999f64.powi(update as i32)];
                values[i] -= rate * (first[i] / unbiased[0]) / ((second[i] / unbiased[1]).sqrt() + 1e-8);
            }
        }
        if update > 2900 {
            tail.push(at.clone());
        }
    }
    let averaged = |k: usize, i: usize| mean(&tail.iter().map(|at| at[k][i]).collect::<Vec<_>>());
    let w: Vec<f64> = (0..3).map(|i| averaged(6, 0) * averaged(8, i)).collect();
    let variance = (2.0 * averaged(10, 0)).exp() + FLOOR * FLOOR;
    // The mean of ln N(x; 0, WWᵀ + σ²I) over the law of the data, in closed form.
    let all = w.iter().map(|w| w * w).sum::<f64>() + variance;
    let squared: f64 = deviations.iter().zip(&w).map(|(s, w)| s * s * (1.0 - w * w / all)).sum::<f64>() / variance;
    let likelihood = -0.5 * (squared + 2.0 * variance.ln() + all.ln() + 3.0 * std::f64::consts::TAU.ln());
    let length = w.iter().map(|w| w * w).sum::<f64>().sqrt();
    // A variance of 100 batches is known to √(2/10⁵) of itself, 0.5 %; four of those.
    assert!((variance - 0.625).abs() < 0.02 * 0.625, "σ² = {variance}");
    assert!((length - 1.8371).abs() < 0.02 * 1.8371 && w[0].abs() > 0.99 * length, "W = {w:?}");
    assert!((likelihood + 4.480).abs() < 0.02, "ln p = {likelihood}");
}

/// Bits that an emission draws are as likely as it says, over all that they can be.
#[test]
fn likelihoods_of_bits_sum_to_one() {
    let graph = Graph::new();
    let states: Vec<f64> =
        (0..16).flat_map(|s| (0..4).map(move |i| if s >> i & 1 == 1 { 1.0 } else { -1.0 })).collect();
    let log_odds = graph.literal(&[0.5, -2.0, 30.0, -0.1], &[1, 4]).broadcast_to(&[16, 4]);
    let likelihood = Emission::Bernoulli(log_odds).log_likelihood(graph.literal(&states, &[16, 4]));
    let found = values(&graph, likelihood);
    for (x, found) in states.chunks_exact(4).zip(&found) {
        let wanted: f64 = x.iter().zip([0.5, -2.0, 30.0, -0.1]).map(|(x, a)| -((-x * a).exp()).ln_1p()).sum();
        assert!((found - wanted).abs() < 1e-12);
    }
    assert!((found.iter().map(|l| l.exp()).sum::<f64>() - 1.0).abs() < 1e-12);
}

/// Chains of a kernel under the linear model with an encoder of some quality, and their z where they carry it along.
struct Chains {
    machine: Machine<f32>,
    /// Each with what it becomes.
    slots: Vec<[SlotId; 2]>,
    accepted: SlotId,
}

const CHAINS: usize = 100_000;

impl Chains {
    fn new(kernel: &str, encoder: [f64; 3]) -> Self {
        let kernel = *sampler::ALL.iter().find(|s| s.id() == kernel).unwrap();
        let of_kernel = Section::defaults(kernel.id(), kernel.params());
        let (graph, mut layout) = (Graph::new(), Layout::new());
        let columns = [Some(2), kernel.carries(&of_kernel, 1).map(|what| what.columns)];
        let names = [["x", "z"], ["next x", "next z"]];
        let slots: Vec<_> =
            (0..2).filter_map(|i| columns[i].map(|n| names.map(|name| layout.add(name[i], &[CHAINS, n])))).collect();
        let state = |i: usize| columns[i].map(|n| graph.state(slots[i][0], &[CHAINS, n]));
        let linear = Linear::new(&graph, &weights(&LOADING, VARIANCE, encoder));
        let (encode, decode) = (|x| linear.encode(x), |z| linear.decode(z));
        let none = |_: &str| graph.scalar(0.0);
        let energy = |x: Tensor<'_>| graph.tensor(x.id()).sum(1);
        let scope = sampler::Scope {
            graph: &graph,
            bounds: [-4.0, 4.0],
            step_size: graph.scalar(1.0),
            dial: &none,
            energy: &energy,
            slope: None,
            noise: None,
            layers: None,
            latent: Some(Latent { size: 1, encode: &encode, decode: &decode }),
            latent_energy: None,
            carried: state(1),
        };
        let step = kernel.step(&of_kernel, &scope, state(0).unwrap());
        let accepted = layout.add("accepted", &[CHAINS]);
        let moved = [Some(step.position), step.carried].into_iter().flatten().zip(slots.iter().map(|s| s[1]));
        let outputs: Vec<_> = moved.chain([(step.accepted, accepted)]).collect();
        Self { machine: Machine::new(&graph, layout, &outputs, vec![]), slots, accepted }
    }

    /// Puts chains at x [2n], with z [n] where it is told, else to begin with the encoder's.
    fn put(&mut self, x: &[f64], z: Option<&[f64]>) {
        self.machine.set(self.slots[0][0], x);
        if let Some([slot, _]) = self.slots.get(1) {
            let carried = (0..CHAINS).flat_map(|i| z.map_or([0.0; 2], |z| [z[i], 1.0])).collect::<Vec<_>>();
            self.machine.set(*slot, &carried);
        }
    }

    /// Steps of chains whose first coordinate is held where it is told.
    fn walk(&mut self, substeps: std::ops::Range<u32>, held: Option<f64>) {
        for substep in substeps {
            self.machine.run(0, substep);
            for &[slot, next] in &self.slots {
                let mut values = self.machine.get(next);
                if let Some(held) = held.filter(|_| slot == self.slots[0][0]) {
                    values.iter_mut().step_by(2).for_each(|x| *x = held);
                }
                self.machine.set(slot, &values);
            }
        }
    }

    /// A coordinate of x, or z.
    fn column(&self, i: usize) -> Vec<f64> {
        let [slot, _] = self.slots[i / 2];
        self.machine.get(slot).into_iter().skip(i % 2).step_by(2).collect()
    }

    /// That x, and z where it is known, have the exact law: z ~ N(0, 1), x = Wz + σε.
    fn check(&self, when: &str) {
        let all: Vec<_> = (0..=self.slots.len()).map(|i| self.column(i)).collect();
        let [u, v] = LOADING;
        let covariance = [[u * u + VARIANCE, u * v, u], [u * v, v * v + VARIANCE, v], [u, v, 1.0]];
        let n = CHAINS as f64;
        for i in 0..all.len() {
            let found = mean(&all[i]);
            assert!(found.abs() < 4.0 * (covariance[i][i] / n).sqrt(), "{when}: mean {i}: {found}");
            for j in i..all.len() {
                let found = mean(&all[i].iter().zip(&all[j]).map(|(a, b)| a * b).collect::<Vec<_>>());
                // The variance of a product of normal numbers is s_ii s_jj + s_ij² (Isserlis).
                let error = 4.0 * ((covariance[i][i] * covariance[j][j] + covariance[i][j].powi(2)) / n).sqrt();
                assert!((found - covariance[i][j]).abs() < error, "{when}: {i} {j}: {found}");
            }
        }
    }
}

#[test]
fn ancestral_draws_have_the_law_of_the_model() {
    let mut chains = Chains::new("ancestral", [0.0, 0.0, 1.0]);
    chains.put(&[3.0; 2 * CHAINS], None);
    chains.walk(0..1, None);
    chains.check("after one step");
}

/// An encoder that is wrong in its mean and in its width.
fn wrong() -> [f64; 3] {
    let [gain, shift, deviation] = posterior(&LOADING, VARIANCE);
    [0.7 * gain, shift + 0.1, 1.6 * deviation]
}

/// However wrong the encoder is, chains that have the law of the model keep it, and others come to it.
#[test]
fn metropolis_within_gibbs_leaves_the_law_invariant_under_a_wrong_encoder() {
    let mut chains = Chains::new("metropolis-within-gibbs", wrong());
    let z = normals(CHAINS, 21, 1.0);
    let noise = normals(2 * CHAINS, 22, VARIANCE.sqrt());
    let x: Vec<f64> = noise.iter().enumerate().map(|(i, e)| LOADING[i % 2] * z[i / 2] + e).collect();
    chains.put(&x, Some(&z));
    chains.walk(0..3, None);
    chains.check("from the law");
    let accepted = mean(&chains.machine.get(chains.accepted));
    assert!((0.3..0.95).contains(&accepted), "{accepted}");
    chains.put(&[2.0; 2 * CHAINS], None);
    chains.walk(3..90, None);
    chains.check("from elsewhere");
}

/// Where x₁ is held at c, x₂ comes to N(w₁w₂c/(w₁² + σ²), σ² + w₂²σ²/(w₁² + σ²)).
#[test]
fn metropolis_within_gibbs_draws_the_rest_of_what_is_held() {
    const HELD: f64 = 1.5;
    let mut chains = Chains::new("metropolis-within-gibbs", wrong());
    let start: Vec<f64> = (0..2 * CHAINS).map(|i| if i % 2 == 0 { HELD } else { -2.0 }).collect();
    chains.put(&start, None);
    chains.walk(0..60, Some(HELD));
    let [u, v] = LOADING;
    let all = u * u + VARIANCE;
    let (centre, variance) = (u * v * HELD / all, VARIANCE + v * v * VARIANCE / all);
    let x = chains.column(1);
    let found = mean(&x);
    let spread = mean(&x.iter().map(|x| (x - centre).powi(2)).collect::<Vec<_>>());
    let n = CHAINS as f64;
    assert!((found - centre).abs() < 4.0 * (variance / n).sqrt(), "{found} {centre}");
    assert!((spread - variance).abs() < 4.0 * variance * (2.0 / n).sqrt(), "{spread} {variance}");
}

/// The first z of a chain is the encoder's, however far from it the prior's would be; from then on it is accepted or refused.
#[test]
fn a_chain_begins_with_the_encoders_guess() {
    let [gain, shift, _] = posterior(&LOADING, VARIANCE);
    let mut chains = Chains::new("metropolis-within-gibbs", [gain, shift, 1e-3]);
    chains.put(&[2.0; 2 * CHAINS], None);
    chains.walk(0..1, None);
    assert!(chains.machine.get(chains.accepted).iter().all(|&a| a == 1.0));
    let guess = gain * 2.0 * (LOADING[0] + LOADING[1]);
    assert!(chains.column(2).iter().all(|z| (z - guess).abs() < 0.01));
    // So narrow a guess fits hardly any x that came of it.
    chains.walk(1..2, None);
    assert!(mean(&chains.machine.get(chains.accepted)) < 0.1);
}

/// With the posterior itself for an encoder every proposal is accepted: the kernel is Gibbs sampling.
#[test]
fn the_right_encoder_is_never_refused() {
    let mut chains = Chains::new("metropolis-within-gibbs", posterior(&LOADING, VARIANCE));
    chains.put(&normals(2 * CHAINS, 23, 1.0), Some(&normals(CHAINS, 24, 1.0)));
    chains.walk(0..1, None);
    // In single precision the ratio is 1 up to some 10⁻⁶.
    assert!(mean(&chains.machine.get(chains.accepted)) > 0.9999);
}

/// Two variables are summed over a lattice of nodes: where those lie well below σ apart, that is the exact law.
#[test]
fn two_latent_variables_are_summed_out_on_a_lattice() {
    const LOADINGS: [[f64; 2]; 2] = [[0.9, -0.3], [0.2, 0.7]];
    let graph = Graph::new();
    let (model, _) = vae();
    let config = section(
        "vae",
        model.params(),
        json!({"latent": 2, "widths": [2], "activation": "none", "leastDeviation": FLOOR}),
    );
    let identity = vec![1.0, 0.0, 0.0, 1.0];
    let shapes: Vec<Vec<usize>> = model.weights(&config, data::Space::Plane).into_iter().map(|w| w.shape).collect();
    let flat = [
        identity.clone(),
        vec![0.0; 2],
        identity.clone(),
        vec![0.0; 2],
        vec![0.0; 4],
        vec![0.0; 2],
        identity,
        vec![0.0; 2],
        LOADINGS.concat(),
        vec![0.5, -0.2],
        vec![0.5 * (VARIANCE - FLOOR * FLOOR).ln()],
    ];
    let linear =
        Linear { graph: &graph, weights: flat.iter().zip(&shapes).map(|(v, s)| graph.literal(v, s)).collect() };
    let points = normals(2 * 100, 31, 1.0);
    let x = graph.literal(&points, &[100, 2]);
    let density = data::by_id("gaussian").unwrap();
    let given = Section::defaults(density.id(), density.params());
    let given = Given { density, section: &given };
    let energy = linear.scoped(|scope| model.energy(&config, given, scope, x).unwrap());
    let [[a, b], [c, d]] = LOADINGS;
    let [p, q, r] = [a * a + b * b + VARIANCE, a * c + b * d, c * c + d * d + VARIANCE];
    let determinant = p * r - q * q;
    for (x, found) in points.chunks_exact(2).zip(values(&graph, energy)) {
        let [u, v] = [x[0] - 0.5, x[1] + 0.2];
        let squared = (r * u * u - 2.0 * q * u * v + p * v * v) / determinant;
        let wanted = 0.5 * (squared + determinant.ln()) + std::f64::consts::TAU.ln();
        // Beyond four deviations lies 10⁻⁴ of the prior, and more of what explains points far out.
        assert!((found - wanted).abs() < 2e-4 * (1.0 + squared.exp().sqrt()), "{x:?}: {found} {wanted}");
    }
}
