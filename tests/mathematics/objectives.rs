//! Training rules where their optimum, its loss and its gradient are known.

use crate::machine::{Machine, Number, mean, normals, section};
use ebm::autodiff::grad;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, SlotId, Tensor};
use ebm::json;
use ebm::json::Value;
use ebm::model::{self, Given, Noise, Process};
use ebm::objective::{self, Loss, Moments, Objective, Scope};
use ebm::schema::Section;
use std::f64::consts::PI;

/// Points of a batch.
pub const N: usize = 100_000;

pub fn rule(id: &str) -> &'static dyn Objective {
    *objective::ALL.iter().find(|o| o.id() == id).unwrap()
}

/// The noise levels of a setting.
const SIGMAS: [f64; 2] = [0.05, 4.0];

/// Moments of N(0, v I).
pub fn moments(v: f64) -> Moments {
    Moments { mean: [0.0; 2], covariance: [v, 0.0, v] }
}

/// A rule on a batch and negatives, with one scalar `theta` that its energy or its own weight is made of.
pub struct Setting<T> {
    pub machine: Machine<T>,
    pub batch: SlotId,
    negatives: SlotId,
    theta: SlotId,
    loss: SlotId,
    slope: SlotId,
    drawn: Option<SlotId>,
}

pub type Energy = for<'g> fn(Tensor<'g>, Tensor<'g>) -> Tensor<'g>;

pub fn setting<T: Number>(id: &str, given: Value, data: Moments, n: usize, energy: Energy) -> Setting<T> {
    let rule = rule(id);
    let config: Section = section(rule.id(), rule.params(), given);
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let count = n * rule.ratio(&config);
    let (batch, negatives) = (layout.add("batch", &[n, 2]), layout.add("negatives", &[count, 2]));
    let [theta, loss, slope] = ["theta", "loss", "slope"].map(|name| layout.add(name, &[1]));
    let dials = rule.dials(&config, &data);
    let dial = |name: &str| graph.scalar(dials.iter().find(|(n, _)| *n == name).expect(name).1);
    let parameter = graph.state(theta, &[1]);
    let energy = |x: Tensor<'_>| graph.tensor(energy(graph.tensor(x.id()), parameter.reshape(&[])).id());
    // The score −θx/(1 + σ²): at θ = 1 that of N(0, I) smoothed by N(0, σ²I).
    let smoothed = |x: Tensor<'_>, sigma: Tensor<'_>| {
        let (x, sigma) = (graph.tensor(x.id()), graph.tensor(sigma.id()));
        let score = -(parameter.reshape(&[]) * x / (1.0 + sigma.square()).reshape(&[n, 1]));
        graph.tensor(score.id())
    };
    let range = SIGMAS.map(|sigma| graph.scalar(sigma));
    let noise = Some(Noise { process: Process::exploding(range, range[0]), score: &smoothed });
    let scope = Scope {
        graph: &graph,
        dial: &dial,
        energy: &energy,
        noise,
        classes: None,
        latent: None,
        latent_energy: None,
        pairs: None,
        found: None,
        weights: vec![parameter],
    };
    let points = graph.state(batch, &[n, 2]);
    let Loss { total, parts, .. } = rule.loss(&config, &scope, points, graph.state(negatives, &[count, 2]));
    assert_eq!(parts.len(), rule.terms().len(), "{id}");
    let gradient = grad(total, &[parameter])[0];
    let mut outputs = vec![(total.reshape(&[1]), loss), (gradient, slope)];
    let drawn = rule.draw(&config, &scope, points, count).map(|t| (t, layout.add("drawn", &[count, 2])));
    outputs.extend(drawn);
    let machine = Machine::new(&graph, layout, &outputs, vec![]);
    Setting { machine, batch, negatives, theta, loss, slope, drawn: drawn.map(|(_, slot)| slot) }
}

impl<T: Number> Setting<T> {
    /// Loss and slope.
    pub fn at(&mut self, theta: f64) -> [f64; 2] {
        self.at_substep(theta, 1)
    }

    /// The same with the random numbers of another sub-step.
    pub fn at_substep(&mut self, theta: f64, substep: u32) -> [f64; 2] {
        self.machine.set(self.theta, &[theta]);
        self.machine.run(0, substep);
        [self.loss, self.slope].map(|slot| self.machine.get(slot)[0])
    }

    /// Takes the rule's own draws as the negatives.
    fn draw(&mut self) {
        self.draw_substep(0);
    }

    /// The same with the random numbers of another sub-step.
    pub fn draw_substep(&mut self, substep: u32) {
        self.machine.run(0, substep);
        let drawn = self.machine.get(self.drawn.unwrap());
        self.machine.set(self.negatives, &drawn);
    }

    /// Where the slope is zero, by the secant method.
    pub fn optimum(&mut self, mut a: f64, mut b: f64) -> f64 {
        let (mut at_a, mut at_b) = (self.at(a)[1], self.at(b)[1]);
        for _ in 0..20 {
            if (b - a).abs() < 1e-10 {
                break;
            }
            (a, b) = (b, b - at_b * (b - a) / (at_b - at_a));
            (at_a, at_b) = (at_b, self.at(b)[1]);
        }
        b
    }
}

/// ½θ|x|².
pub fn parabola<'g>(x: Tensor<'g>, theta: Tensor<'g>) -> Tensor<'g> {
    0.5 * theta * x.square().sum(1)
}

/// ½|x|², whatever θ.
pub fn standard<'g>(x: Tensor<'g>, _theta: Tensor<'g>) -> Tensor<'g> {
    0.5 * x.square().sum(1)
}

/// ½|x|² + θ.
fn lifted<'g>(x: Tensor<'g>, theta: Tensor<'g>) -> Tensor<'g> {
    0.5 * x.square().sum(1) + theta
}

#[test]
fn denoising_score_matching_learns_the_score_of_the_smoothed_data() {
    // Data N(0, v I): the optimum is E = |x|²/(2(v + σ²)), and there the loss is ½ d v/(v + σ²): 10.194 σ², 99.0099 σ²
    // and 9999.0 σ² for v = 1 and σ = .3, .1 and .01.
    for (v, sigma, unweighted) in [(1.0, 0.3, 10.194), (1.0, 0.1, 99.0099), (1.0, 0.01, 9999.0), (0.25, 0.5, 2.0)] {
        let given = json!({"sigma": sigma});
        let mut rule = setting::<f64>("denoising-score-matching", given, moments(v), N, parabola);
        rule.machine.set(rule.batch, &normals(2 * N, 20, f64::sqrt(v)));
        let q = v / (v + sigma * sigma);
        assert!((q / (sigma * sigma) / unweighted - 1.0).abs() < 1e-4);
        let slope = 1.0 / (v + sigma * sigma);
        // At the optimum the error is N(0, q I): the loss of one point has the mean q and the standard deviation q.
        let [loss, _] = rule.at(slope);
        assert!((loss / q - 1.0).abs() < 4.0 / (N as f64).sqrt(), "v = {v}, σ = {sigma}: {loss} and not {q}");
        let best = rule.optimum(0.0, 1.0);
        // The slope is Σ x̃·z/σ over Σ |x̃|²: of 2N products x·z/σ + z², each with the variance v/σ² + 2.
        let error = 4.0 * slope * ((v / (sigma * sigma) + 2.0) / (2 * N) as f64).sqrt();
        assert!((best - slope).abs() < error, "v = {v}, σ = {sigma}: {best} and not {slope}");
        assert!(best > 0.0, "the energy rises away from the data");
        assert!(rule.at(-slope)[0] > rule.at(0.0)[0] && rule.at(0.0)[0] > loss, "an inverted energy costs more");
    }
}

#[test]
fn multiscale_denoising_score_matching_learns_the_score_at_every_level() {
    // Data N(0, I). At θ = 1 the loss of a point at the level σ has the mean q = 1/(1 + σ²) and, as at one level, the standard
    // deviation q; and of q, over levels that are even in their logarithm from a to b, the mean is
    // 1 − ln((1 + b²)/(1 + a²))/(2 ln(b/a)).
    let mut rule = setting::<f64>("multiscale-denoising-score-matching", json!({}), moments(1.0), N, parabola);
    rule.machine.set(rule.batch, &normals(2 * N, 20, 1.0));
    let [a, b] = SIGMAS;
    let q = 1.0 - ((1.0 + b * b) / (1.0 + a * a)).ln() / (2.0 * (b / a).ln());
    let [loss, slope] = rule.at(1.0);
    // Both the level and the point vary: the variance is at most twice that of a q of 1.
    assert!((loss - q).abs() < 4.0 * (2.0 / N as f64).sqrt(), "{loss} and not {q}");
    // Of one point's slope, (x̃·(σ∇E − z))σ/(1 + σ²), both factors are standard normal up to σ/√(1 + σ²) < 1: variance ≤ 2.
    assert!(slope.abs() < 4.0 * (2.0 / N as f64).sqrt(), "{slope}");
    let best = rule.optimum(0.0, 2.0);
    // The loss is ½ θ² E[|x̃|²σ²/(1 + σ²)²] and less: its second derivative is 2 E[σ²/(1 + σ²)] = 2 (1 − q).
    assert!((best - 1.0).abs() < 4.0 * (2.0 / N as f64).sqrt() / (2.0 * (1.0 - q)), "{best}");
    assert!(rule.at(-1.0)[0] > rule.at(0.0)[0] && rule.at(0.0)[0] > loss, "an inverted energy costs more");
}

#[test]
fn noise_contrastive_estimation_learns_the_log_partition() {
    // Data N(0, I), noise N(0, 4 I), E = ½|x|²: only c is free.
    let mut rule = setting::<f64>("noise-contrastive-estimation", json!({}), moments(4.0), N, standard);
    rule.machine.set(rule.batch, &normals(2 * N, 21, 1.0));
    rule.draw();
    let drawn = rule.machine.get(rule.negatives);
    let variance = mean(&drawn.iter().map(|x| x * x).collect::<Vec<_>>());
    assert!((variance / 4.0 - 1.0).abs() < 4.0 / (N as f64).sqrt(), "the noise has the moments of the data");
    let c = rule.optimum(0.0, 3.0);
    assert!((c - (2.0 * PI).ln()).abs() < 0.02, "{c}");
    let [loss, slope] = rule.at(c);
    assert!((loss - 1.0403).abs() < 0.005, "{loss}");
    assert!(slope.abs() < 1e-9);
    let exact = rule.at((2.0 * PI).ln())[1];
    // Each of 2N points adds a probability, of a standard deviation below ½, over N.
    assert!(exact.abs() < 4.0 * 0.5 * (2.0 / N as f64).sqrt(), "{exact}");
}

#[test]
fn the_log_partition_does_not_depend_on_the_noise() {
    // Data N(0, I), E = ½|x|²: noise N(0, 4 I) by choice is that of data with the covariance 4 I, bit by bit.
    let id = "noise-contrastive-estimation";
    let losses = [(json!({"noiseLaw": "gaussian"}), 0.3), (json!({}), 4.0)].map(|(given, v)| {
        let mut rule = setting::<f64>(id, given, moments(v), 1000, standard);
        rule.machine.set(rule.batch, &normals(2000, 21, 1.0));
        rule.draw();
        rule.at(1.3)
    });
    assert_eq!(losses[0], losses[1]);
    let mut rule = setting::<f64>(id, json!({"noiseLaw": "uniform"}), moments(1.0), N, standard);
    rule.machine.set(rule.batch, &normals(2 * N, 21, 1.0));
    rule.draw();
    let drawn = rule.machine.get(rule.negatives);
    assert!(drawn.iter().all(|x| x.abs() <= 6.0));
    let variance = mean(&drawn.iter().map(|x| x * x).collect::<Vec<_>>());
    // Of x² the variance is (1/5 − 1/9) 6⁴.
    let error = 4.0 * ((1.0f64 / 5.0 - 1.0 / 9.0) * 1296.0 / (2 * N) as f64).sqrt();
    assert!((variance - 12.0).abs() < error, "{variance}");
    // At the truth each of 2N points adds a probability, of a standard deviation below ½, over N; the second derivative of the
    // loss is ∫ p p_n/(p + p_n), which the midpoint rule gives as 0.1385.
    let slope = rule.at((2.0 * PI).ln())[1];
    assert!(slope.abs() < 4.0 * 0.5 * (2.0 / N as f64).sqrt(), "{slope}");
    let c = rule.optimum(0.0, 3.0);
    assert!((c - (2.0 * PI).ln()).abs() < 4.0 * 0.5 * (2.0 / N as f64).sqrt() / 0.1385, "{c}");
}

#[test]
fn noise_like_the_data_costs_twice_the_log_of_two() {
    let mut rule = setting::<f64>("noise-contrastive-estimation", json!({}), moments(1.0), 500, standard);
    rule.machine.set(rule.batch, &normals(1000, 22, 1.0));
    rule.draw();
    let [loss, slope] = rule.at((2.0 * PI).ln());
    assert!((loss - 2.0 * 2f64.ln()).abs() < 1e-13, "{loss}");
    assert!(slope.abs() < 1e-13, "{slope}");
    // With ν of them for each point: ln(1 + ν) + ν ln(1 + 1/ν).
    let mut rule =
        setting::<f64>("noise-contrastive-estimation", json!({"noiseRatio": 4}), moments(1.0), 500, standard);
    rule.machine.set(rule.batch, &normals(1000, 22, 1.0));
    rule.draw();
    let [loss, slope] = rule.at((2.0 * PI).ln());
    assert!((loss - (5f64.ln() + 4.0 * 1.25f64.ln())).abs() < 1e-13, "{loss}");
    assert!(slope.abs() < 1e-13, "{slope}");
}

#[test]
fn the_noise_follows_the_means_and_the_tilt_of_the_data() {
    let data = Moments { mean: [1.0, -2.0], covariance: [2.0, -1.2, 1.5] };
    let mut rule = setting::<f64>("noise-contrastive-estimation", json!({}), data, N, standard);
    rule.draw();
    let drawn = rule.machine.get(rule.negatives);
    let points: Vec<_> = drawn.chunks_exact(2).map(|p| [p[0] - 1.0, p[1] + 2.0]).collect();
    let moment = |f: fn(&[f64; 2]) -> f64| mean(&points.iter().map(f).collect::<Vec<_>>());
    // Standard deviations of x, y, x², xy and y² over 10⁵ draws are below 3.
    let error = 4.0 * 3.0 / (N as f64).sqrt();
    for (got, want) in [
        (moment(|p| p[0]), 0.0),
        (moment(|p| p[1]), 0.0),
        (moment(|p| p[0] * p[0]), 2.0),
        (moment(|p| p[0] * p[1]), -1.2),
        (moment(|p| p[1] * p[1]), 1.5),
    ] {
        assert!((got - want).abs() < error, "{got} and not {want}");
    }
}

#[test]
fn a_constant_in_the_energy_leaves_the_contrastive_loss_as_it_is() {
    for id in ["contrastive-divergence", "persistent-contrastive-divergence"] {
        let mut rule = setting::<f64>(id, json!({"regularisation": 0.0}), moments(1.0), 1000, lifted);
        rule.machine.set(rule.batch, &normals(2000, 23, 1.0));
        rule.machine.set(rule.negatives, &normals(2000, 24, 1.5));
        let [loss, slope] = rule.at(0.0);
        let lifted = rule.at(37.0)[0];
        assert!((loss - lifted).abs() < 1e-12 && slope.abs() < 1e-12, "{id}: {loss}, {lifted}, {slope}");
        assert!(loss < -0.5, "data nearer to the origin than the negatives have the lower energy");
    }
}

#[test]
fn regularisation_centres_the_energies_of_data_and_negatives_around_zero() {
    let mut rule =
        setting::<f64>("contrastive-divergence", json!({"regularisation": 0.05}), moments(1.0), 1000, lifted);
    let (data, negatives) = (normals(2000, 25, 1.0), normals(2000, 26, 1.2));
    rule.machine.set(rule.batch, &data);
    rule.machine.set(rule.negatives, &negatives);
    let energy = |x: &[f64]| 0.5 * x.iter().map(|x| x * x).sum::<f64>() / (x.len() / 2) as f64;
    let lift = rule.optimum(0.0, 1.0);
    assert!((lift + 0.5 * (energy(&data) + energy(&negatives))).abs() < 1e-9, "{lift}");
    // α (mean (E + θ)² + …) has the slope 2α (mean E₊ + mean E₋ + 2θ).
    let slope = rule.at(0.3)[1];
    assert!((slope - 0.1 * (energy(&data) + energy(&negatives) + 0.6)).abs() < 1e-12, "{slope}");
}

#[test]
fn the_likelihood_gradient_is_the_difference_of_two_expectations() {
    // E_data[E] + ln Σ exp(−E) over a grid, by autodiff, against E_data[∂E] − E_model[∂E].
    const SIDE: usize = 40;
    let mlp = model::ALL.iter().find(|m| m.id() == "mlp").unwrap();
    let config = section("mlp", mlp.params(), json!({"widths": [9, 5]}));
    let shapes: Vec<_> = mlp.weights(&config, ebm::data::Space::Plane).into_iter().map(|w| w.shape).collect();
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let slots: Vec<_> = shapes.iter().enumerate().map(|(i, s)| layout.add(format!("w{i}"), s)).collect();
    let weights: Vec<_> = slots.iter().zip(&shapes).map(|(&slot, s)| graph.state(slot, s)).collect();
    let cells = SIDE * SIDE;
    let at = |i: usize| -4.0 + 8.0 * (i as f64 + 0.5) / SIDE as f64;
    let grid: Vec<f64> = (0..cells).flat_map(|i| [at(i % SIDE), at(i / SIDE)]).collect();
    let density = ebm::data::by_id("gaussian").unwrap();
    let gaussian = Section::defaults("gaussian", density.params());
    let none = |_: &str| graph.scalar(0.03);
    let scope = model::Scope { graph: &graph, weights: weights.clone(), dial: &none, level: None, anchor: None };
    let energy = |x: Tensor<'_>| {
        let given = Given { density, section: &gaussian };
        graph.tensor(mlp.energy(&config, given, &scope, graph.tensor(x.id())).unwrap().id())
    };
    let points = energy(graph.literal(&normals(400, 27, 1.0), &[200, 2])).mean_all();
    let model_energy = energy(graph.literal(&grid, &[cells, 2]));
    let likelihood = points + (-model_energy).logsumexp(0);
    let share = layout.add("p", &[cells]);
    let expectation = points - (graph.state(share, &[cells]) * model_energy).sum_all();
    let energies = layout.add("e", &[cells]);
    let mut outputs = vec![(model_energy, energies)];
    let (mut direct, mut expected) = (vec![], vec![]);
    for (i, (a, b)) in grad(likelihood, &weights).into_iter().zip(grad(expectation, &weights)).enumerate() {
        for (list, t) in [(&mut direct, a), (&mut expected, b)] {
            list.push(layout.add(format!("{i}.{}", t.id()), &t.shape()));
            outputs.push((t, *list.last().unwrap()));
        }
    }
    let mut machine = Machine::<f64>::new(&graph, layout, &outputs, vec![]);
    for (i, (&slot, shape)) in slots.iter().zip(&shapes).enumerate() {
        machine.set(slot, &normals(shape.iter().product(), 30 + i as u32, 0.5));
    }
    machine.run(0, 0);
    let unnormalised: Vec<f64> = machine.get(energies).iter().map(|e| (-e).exp()).collect();
    let total: f64 = unnormalised.iter().sum();
    machine.set(share, &unnormalised.iter().map(|p| p / total).collect::<Vec<_>>());
    machine.run(0, 0);
    let largest = direct.iter().flat_map(|&s| machine.get(s)).fold(0.0f64, |m, g| m.max(g.abs()));
    assert!(largest > 0.05, "the gradient is none: {largest}");
    for (&a, &b) in direct.iter().zip(&expected) {
        for (a, b) in machine.get(a).iter().zip(machine.get(b)) {
            // Two sums over 1,600 cells in different orders.
            assert!((a - b).abs() < 1e-12, "{a} and not {b}");
        }
    }
}
