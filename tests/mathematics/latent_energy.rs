//! Models whose latent variables have an energy (Pang et al. 2020): their chains against laws in closed form and laws by quadrature, and
//! the gradient of their rule against that of the likelihood.

use crate::machine::{Machine, mean, normals, section};
use ebm::autodiff::grad;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, SlotId, Tensor};
use ebm::json;
use ebm::json::Value;
use ebm::model::{self, Emission, Given, LatentEnergy, Model};
use ebm::schema::Section;
use ebm::{data, objective};
use std::f64::consts::TAU;

const CHAINS: usize = 100_000;
/// W and σ² of a linear decoder, as elsewhere in this crate.
const LOADING: [f64; 2] = [1.0, 0.5];
const VARIANCE: f64 = 0.25;

fn model(id: &str) -> &'static dyn Model {
    *model::ALL.iter().find(|m| m.id() == id).unwrap()
}

/// A model with one latent variable, one hidden unit and no activation, or another that `more` says.
fn told(more: Value) -> Section {
    let mut config = json!({"latent": 1, "widths": [1], "priorWidths": [1], "activation": "none"});
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    section("latent-ebm", model("latent-ebm").params(), config)
}

/// Such a model with weights, in a graph.
struct Told<'g> {
    graph: &'g Graph,
    config: Section,
    weights: Vec<Tensor<'g>>,
    step_size: f64,
    deviation: f64,
}

impl<'g> Told<'g> {
    fn new(graph: &'g Graph, config: Section, flat: &[&[f64]], step_size: f64) -> Self {
        let declared = model("latent-ebm").weights(&config, data::Space::Plane);
        assert_eq!(declared.len(), flat.len());
        let weights = declared.iter().zip(flat).map(|(w, values)| graph.literal(values, &w.shape)).collect();
        Self { graph, config, weights, step_size, deviation: VARIANCE.sqrt() }
    }

    /// The linear decoder of the figures, and an f that is 0.
    fn linear(graph: &'g Graph, step_size: f64) -> Self {
        let weights: [&[f64]; 8] = [&[0.0], &[0.0], &[0.0], &[0.0], &[1.0], &[0.0], &LOADING, &[0.0, 0.0]];
        Self::new(graph, told(json!({})), &weights, step_size)
    }

    fn scoped<R>(&self, use_scope: impl FnOnce(&model::Scope<'g, '_>) -> R) -> R {
        let dial = |name: &str| match name {
            "deviation" => self.graph.scalar(self.deviation),
            "posteriorStepSize" => self.graph.scalar(self.step_size),
            "tilt" => self.graph.scalar(1.0),
            other => panic!("no dial {other}"),
        };
        use_scope(&model::Scope {
            graph: self.graph,
            weights: self.weights.clone(),
            dial: &dial,
            level: None,
            anchor: None,
        })
    }

    fn tilt(&self, z: Tensor<'g>) -> Tensor<'g> {
        self.scoped(|scope| model("latent-ebm").tilt(&self.config, scope, z).unwrap())
    }

    fn decode(&self, z: Tensor<'g>) -> Emission<'g> {
        self.scoped(|scope| model("latent-ebm").decode(&self.config, scope, z).unwrap())
    }

    fn ask<R>(&self, ask: impl FnOnce(&LatentEnergy<'g, '_>) -> R) -> R {
        let inference = self.scoped(|scope| model("latent-ebm").inference(&self.config, scope).unwrap());
        let (energy, decode) = (|z| self.tilt(z), |z| self.decode(z));
        ask(&LatentEnergy { size: 1, energy: &energy, decode: &decode, inference })
    }

    fn energy(&self, x: Tensor<'g>) -> Tensor<'g> {
        let density = data::by_id("gaussian").unwrap();
        let given = Section::defaults(density.id(), density.params());
        let given = Given { density, section: &given };
        self.scoped(|scope| model("latent-ebm").energy(&self.config, given, scope, x).unwrap())
    }
}

/// The values of tensors.
fn values(graph: &Graph, tensors: &[Tensor<'_>]) -> Vec<Vec<f64>> {
    let mut layout = Layout::new();
    let all: Vec<_> = tensors
        .iter()
        .enumerate()
        .map(|(i, t)| (t.reshape(&[t.len()]), layout.add(format!("out.{i}"), &[t.len()])))
        .collect();
    let slots: Vec<SlotId> = all.iter().map(|(_, slot)| *slot).collect();
    let mut machine = Machine::<f64>::new(graph, layout, &all, vec![]);
    machine.run(0, 0);
    slots.into_iter().map(|slot| machine.get(slot)).collect()
}

/// z of many chains after so many steps, which begin at draws of N(0, 1).
fn walked<'g>(graph: &'g Graph, steps: u32, step: impl FnOnce(Tensor<'g>) -> Tensor<'g>) -> Vec<f64> {
    let mut layout = Layout::new();
    let slot = layout.add("z", &[CHAINS, 1]);
    let next = step(graph.state(slot, &[CHAINS, 1]));
    let mut machine = Machine::<f64>::new(graph, layout, &[(next, slot)], vec![]);
    machine.set(slot, &normals(CHAINS, 5, 1.0));
    (0..steps).for_each(|step| machine.run(0, step));
    machine.get(slot)
}

/// Whether draws have these moments, the mean and the variance, to four standard errors; the fourth central moment is at most that of a
/// normal law.
#[track_caller]
fn assert_moments(z: &[f64], centre: f64, variance: f64) {
    let found = mean(z);
    let spread = mean(&z.iter().map(|z| (z - centre).powi(2)).collect::<Vec<_>>());
    let n = z.len() as f64;
    assert!((found - centre).abs() < 4.0 * (variance / n).sqrt(), "mean {found}, not {centre}");
    assert!((spread - variance).abs() < 4.0 * variance * (2.0 / n).sqrt(), "variance {spread}, not {variance}");
}

/// Mean and variance after so many steps of z' = z − h(λz − c) + √(2h) ε from N(0, 1).
fn linear_law(h: f64, rate: f64, pull: f64, steps: i32) -> [f64; 2] {
    let a = 1.0 - h * rate;
    let (left, squared) = (a.powi(steps), a.powi(2 * steps));
    [pull / rate * (1.0 - left), squared + 2.0 * h * (1.0 - squared) / (1.0 - a * a)]
}

/// Without a tilt the model is that of a variational autoencoder without its encoder: of a linear decoder, N(0, WWᵀ + σ²I).
#[test]
fn without_a_tilt_it_is_the_gaussian_special_case() {
    let graph = Graph::new();
    let told = Told::linear(&graph, 0.01);
    let points = normals(2 * 200, 7, 1.5);
    let x = graph.literal(&points, &[200, 2]);
    let vae = model("vae");
    let given = json!({"latent": 1, "widths": [1], "activation": "none", "leastDeviation": 0.001});
    let config = section("vae", vae.params(), given);
    let zero = |shape: &[usize]| graph.constant(0.0, shape);
    let learned = 0.5 * (VARIANCE - 1e-6).ln();
    let decoder = [
        graph.literal(&[1.0], &[1, 1]),
        zero(&[1]),
        graph.literal(&LOADING, &[2, 1]),
        zero(&[2]),
        graph.literal(&[learned], &[1]),
    ];
    let encoder = [zero(&[1, 2]), zero(&[1]), zero(&[1, 1]), zero(&[1]), zero(&[1, 1]), zero(&[1])];
    let floor = |_: &str| graph.scalar(0.001);
    let weights = encoder.into_iter().chain(decoder).collect();
    let scope = model::Scope { graph: &graph, weights, dial: &floor, level: None, anchor: None };
    let density = data::by_id("gaussian").unwrap();
    let own = Section::defaults(density.id(), density.params());
    let twin = vae.energy(&config, Given { density, section: &own }, &scope, x).unwrap();
    let found = values(&graph, &[told.energy(x), twin]);
    let [u, v] = LOADING;
    let (p, q, r) = (u * u + VARIANCE, u * v, v * v + VARIANCE);
    let determinant = p * r - q * q;
    for (i, x) in points.chunks_exact(2).enumerate() {
        let squared = (r * x[0] * x[0] - 2.0 * q * x[0] * x[1] + p * x[1] * x[1]) / determinant;
        let wanted = 0.5 * (squared + determinant.ln()) + TAU.ln();
        // Beyond six deviations lie 2·10⁻⁹ of the prior, and more of what explains points far out.
        assert!((found[0][i] - wanted).abs() < 1e-8 * (1.0 + squared.exp().sqrt()), "{x:?}: {} {wanted}", found[0][i]);
        assert!((found[0][i] - found[1][i]).abs() < 1e-9, "{x:?}: {} {}", found[0][i], found[1][i]);
    }
}

/// The posterior of (1, −1) is N(1/3, 1/6); what a chain of finitely many steps of a finite size knows of it is a normal law in closed form.
#[test]
fn chains_of_the_posterior_of_a_linear_decoder_follow_their_closed_form() {
    const STEP_SIZE: f64 = 0.02;
    let rate = 1.0 + LOADING.iter().map(|w| w * w).sum::<f64>() / VARIANCE;
    let pull = (LOADING[0] - LOADING[1]) / VARIANCE;
    assert!((pull / rate - 1.0 / 3.0).abs() < 1e-12 && (rate - 6.0).abs() < 1e-12);
    for steps in [1, 5, 20, 100] {
        let graph = Graph::new();
        let told = Told::linear(&graph, STEP_SIZE);
        let x = graph.literal(&[1.0, -1.0], &[1, 2]).broadcast_to(&[CHAINS, 2]);
        let z = walked(&graph, steps, |z| told.ask(|model| model.infer(x, z, 6)));
        let [centre, variance] = linear_law(STEP_SIZE, rate, pull, steps as i32);
        assert_moments(&z, centre, variance);
    }
    // The longest has come to the posterior but for what the size of its steps does: its variance is 1/(λ(1 − hλ/2)).
    let [centre, variance] = linear_law(STEP_SIZE, rate, pull, 100);
    assert!((centre - 1.0 / 3.0).abs() < 1e-5 && (variance - 1.0 / 6.0 / (1.0 - STEP_SIZE * 3.0)).abs() < 1e-5);
}

/// σ = 0.3, s = 0.1, so h = 0.005, and one linear unit: 20 steps leave 29 % of where a chain began.
#[test]
fn a_short_run_keeps_a_part_of_its_beginning() {
    let graph = Graph::new();
    let weights: [&[f64]; 8] = [&[0.0], &[0.0], &[0.0], &[0.0], &[0.5], &[0.0], &[2.0, 0.0], &[0.0, 0.0]];
    let mut told = Told::new(&graph, told(json!({})), &weights, 0.005);
    told.deviation = 0.3;
    let x = graph.constant(0.0, &[1, 2]);
    let start = graph.literal(&[1.0], &[1, 1]);
    let left = (0..20).fold(start, |z, _| told.ask(|model| model.descend(x, z)));
    let left = values(&graph, &[left])[0][0];
    assert!((left - 0.287).abs() < 5e-4, "{left}");
}

/// Two wells and a slope, of tanh units.
const TILT: [&[f64]; 4] = [&[2.0, 3.0], &[2.0, -4.0], &[0.8, -1.0], &[0.3]];

fn tilt(z: f64) -> f64 {
    0.8 * (2.0 * z + 2.0).tanh() - (3.0 * z - 4.0).tanh() + 0.3
}

fn two_wells<'g>(graph: &'g Graph) -> Told<'g> {
    let decoder: [&[f64]; 4] = [&[0.7], &[0.2], &[1.3, -0.8], &[0.4, 0.1]];
    let config = told(json!({"activation": "tanh", "priorWidths": [2]}));
    Told::new(graph, config, &[&TILT[..], &decoder].concat(), 0.01)
}

/// Even places of [−6, 6] and the law over them of weights exp(log).
fn law(log: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<f64>) {
    const CELLS: usize = 1200;
    let places: Vec<f64> = (0..CELLS).map(|i| -6.0 + 12.0 * (i as f64 + 0.5) / CELLS as f64).collect();
    let weights: Vec<f64> = places.iter().map(|&z| log(z).exp()).collect();
    let total: f64 = weights.iter().sum();
    (places, weights.into_iter().map(|w| w / total).collect())
}

/// Mean and variance.
fn moments((places, weights): &(Vec<f64>, Vec<f64>)) -> [f64; 2] {
    let mean: f64 = places.iter().zip(weights).map(|(z, w)| z * w).sum();
    [mean, places.iter().zip(weights).map(|(z, w)| (z - mean).powi(2) * w).sum()]
}

/// The law of a chain of the two wells after so many steps from N(0, 1): the density of one transition over the places, again and again.
fn iterated(h: f64, steps: usize) -> [f64; 2] {
    let (places, mut weights) = law(|z| -0.5 * z * z);
    let slope = |z: f64| {
        let d = |x: f64| 1.0 - x.tanh().powi(2);
        1.6 * d(2.0 * z + 2.0) - 3.0 * d(3.0 * z - 4.0) + z
    };
    let deviation = (2.0 * h).sqrt();
    let kernel: Vec<Vec<f64>> = places
        .iter()
        .map(|&from| {
            let to = from - h * slope(from);
            let row: Vec<f64> = places.iter().map(|z| (-0.5 * ((z - to) / deviation).powi(2)).exp()).collect();
            let total: f64 = row.iter().sum();
            row.into_iter().map(|w| w / total).collect()
        })
        .collect();
    for _ in 0..steps {
        let mut next = vec![0.0; places.len()];
        for (row, weight) in kernel.iter().zip(&weights) {
            next.iter_mut().zip(row).for_each(|(next, w)| *next += weight * w);
        }
        weights = next;
    }
    moments(&(places, weights))
}

/// Chains of a prior with a known f have the law of every step, and in the end that of exp(−f(z)) N(z; 0, 1), which quadrature knows.
#[test]
fn chains_of_a_known_prior_reproduce_its_moments_by_quadrature() {
    const STEP_SIZE: f64 = 0.02;
    for steps in [3, 60, 600] {
        let graph = Graph::new();
        let told = two_wells(&graph);
        let z = walked(&graph, steps, |z| told.ask(|model| model.dream(z, graph.scalar(STEP_SIZE), 7)));
        let [centre, variance] = iterated(STEP_SIZE, steps as usize);
        assert_moments(&z, centre, variance);
        if steps == 600 {
            // What the size of the steps does is of first order: half of it with half of the size.
            let exact = moments(&law(|z| -0.5 * z * z - tilt(z)));
            let finer = iterated(0.5 * STEP_SIZE, 1200);
            for (i, exact) in exact.into_iter().enumerate() {
                let [coarse, fine] = [[centre, variance][i], finer[i]].map(|m| m - exact);
                assert!(coarse.abs() < 0.03 && (fine - 0.5 * coarse).abs() < 0.2 * coarse.abs(), "{coarse} {fine}");
            }
        }
    }
}

/// The density of points is a sum over z: checked against finer quadrature of another rule.
#[test]
fn the_energy_of_a_point_is_the_logarithm_of_an_integral() {
    let graph = Graph::new();
    let told = two_wells(&graph);
    let points = normals(2 * 50, 9, 1.0);
    let found = values(&graph, &[told.energy(graph.literal(&points, &[50, 2]))]).remove(0);
    let (places, weights) = law(|z| -0.5 * z * z - tilt(z));
    for (x, found) in points.chunks_exact(2).zip(found) {
        let at = |z: f64| {
            let h = (0.7 * z + 0.2).tanh();
            let squared = (x[0] - 1.3 * h - 0.4).powi(2) + (x[1] + 0.8 * h - 0.1).powi(2);
            (-0.5 * squared / VARIANCE).exp() / (TAU * VARIANCE)
        };
        let wanted = -places.iter().zip(&weights).map(|(&z, w)| w * at(z)).sum::<f64>().ln();
        assert!((found - wanted).abs() < 1e-6, "{x:?}: {found} {wanted}");
    }
}

/// With z⁺ and z⁻ spread like the posterior and the prior, the gradient of the rule is that of −ln p(x) (Pang et al. 2020, eq. 9 to 11).
#[test]
fn the_gradient_of_the_rule_is_that_of_the_likelihood() {
    const DRAWS: usize = 20_000;
    let graph = Graph::new();
    let told = two_wells(&graph);
    let x = [0.9, -0.4];
    let exact = grad(told.energy(graph.literal(&x, &[1, 2])).sum_all(), &told.weights);

    // Even quantiles of a law.
    let spread = |(places, weights): (Vec<f64>, Vec<f64>)| {
        let cell = places[1] - places[0];
        let (mut i, mut below) = (0, 0.0);
        let quantile = |k: usize| {
            let share = (k as f64 + 0.5) / DRAWS as f64;
            while below + weights[i] < share {
                below += weights[i];
                i += 1;
            }
            places[i] + cell * ((share - below) / weights[i] - 0.5)
        };
        (0..DRAWS).map(quantile).collect::<Vec<f64>>()
    };
    let log_likelihood = |z: f64| {
        let h = (0.7 * z + 0.2).tanh();
        -0.5 * ((x[0] - 1.3 * h - 0.4).powi(2) + (x[1] + 0.8 * h - 0.1).powi(2)) / VARIANCE
    };
    let posterior = spread(law(|z| log_likelihood(z) - 0.5 * z * z - tilt(z)));
    let prior = spread(law(|z| -0.5 * z * z - tilt(z)));
    let found = [&posterior, &prior].map(|z| graph.literal(z, &[DRAWS, 1]));
    let batch = graph.literal(&x, &[1, 2]).broadcast_to(&[DRAWS, 2]);
    let rule = objective::ALL.iter().find(|o| o.id() == "latent-maximum-likelihood").unwrap();
    let config = section("latent-maximum-likelihood", rule.params(), json!({"regularisation": 0}));
    let nothing = |_: &str| graph.scalar(0.0);
    let none = |x: Tensor<'_>| graph.tensor(x.id());
    let loss = told.ask(|model| {
        let &LatentEnergy { size, energy, decode, inference } = model;
        let scope = objective::Scope {
            graph: &graph,
            dial: &nothing,
            energy: &none,
            noise: None,
            classes: None,
            latent: None,
            latent_energy: Some(LatentEnergy { size, energy, decode, inference }),
            pairs: None,
            found: Some(found),
            weights: vec![],
        };
        rule.loss(&config, &scope, batch, batch)
    });
    let own = grad(loss.total, &told.weights);
    let found = values(&graph, &own);
    // The last bias of f: f + c says the same of z as f.
    for (k, (own, exact)) in found.iter().zip(values(&graph, &exact)).enumerate() {
        for (own, exact) in own.iter().zip(exact) {
            // Quantiles know a mean of what changes by some 10 from one end to the other to 10/20,000.
            assert!((own - exact).abs() < 1e-3 * (1.0 + exact.abs()), "weight {k}: {own} {exact}");
        }
    }
}

/// The slip: 1/z in place of z.
#[test]
fn the_slip_is_what_it_is_said_to_be() {
    let graph = Graph::new();
    let x = graph.constant(0.0, &[1, 2]);
    let z = graph.literal(&[0.5], &[1, 1]);
    let step = |reciprocal: bool| {
        let weights: [&[f64]; 8] = [&[0.0], &[0.0], &[0.0], &[0.0], &[0.0], &[0.0], &[0.0, 0.0], &[0.0, 0.0]];
        let told = Told::new(&graph, told(json!({"reciprocalSlope": reciprocal})), &weights, 0.1);
        told.ask(|model| model.descend(x, z))
    };
    let [right, wrong] = [values(&graph, &[step(false)]), values(&graph, &[step(true)])].map(|v| v[0][0]);
    assert!((right - (0.5 - 0.1 * 0.5)).abs() < 1e-12 && (wrong - (0.5 - 0.1 * 2.0)).abs() < 1e-12, "{right} {wrong}");
}

/// Of more latent variables than a grid can hold the energy is that of x and of the z to which a chain without noise descends.
#[test]
fn the_energy_of_many_latent_variables_is_that_of_the_z_that_is_found() {
    const STEPS: usize = 20;
    const W: [[f64; 3]; 2] = [[1.2, -0.4, 0.3], [0.5, 0.9, -0.7]];
    let graph = Graph::new();
    let config = told(json!({"latent": 3, "widths": [3], "posteriorSteps": STEPS}));
    let weights: [&[f64]; 8] = [
        &[0.1, -0.2, 0.3],
        &[0.05],
        &[2.0],
        &[0.4],
        &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        &[0.0; 3],
        W.as_flattened(),
        &[0.3, -0.1],
    ];
    let told = Told::new(&graph, config, &weights, 0.02);
    let point = [1.1, 0.6];
    let x = graph.literal(&point, &[1, 2]);
    let energy = told.energy(x);
    let found = values(&graph, &[energy, grad(energy.sum_all(), &[x])[0]]);
    let residual = |z: &[f64; 3]| -> [f64; 2] {
        let mean = |row: usize| W[row].iter().zip(z).map(|(w, z)| w * z).sum::<f64>() + [0.3, -0.1][row];
        [point[0] - mean(0), point[1] - mean(1)]
    };
    // f(z) = 2 (0.1 z₁ − 0.2 z₂ + 0.3 z₃ + 0.05) + 0.4.
    let f = [0.2, -0.4, 0.6];
    let mut z = [0.0; 3];
    for _ in 0..STEPS {
        let r = residual(&z);
        z = std::array::from_fn(|i| z[i] - 0.02 * (f[i] + z[i] - (r[0] * W[0][i] + r[1] * W[1][i]) / VARIANCE));
    }
    let r = residual(&z);
    let tilt = f.iter().zip(z).map(|(f, z)| f * z).sum::<f64>() + 0.5;
    let base = 0.5 * z.iter().map(|z| z * z).sum::<f64>();
    let wanted = tilt + base + 0.5 * (r[0] * r[0] + r[1] * r[1]) / VARIANCE + (TAU * VARIANCE).ln();
    assert!((found[0][0] - wanted).abs() < 1e-10, "{} {wanted}", found[0][0]);
    for (slope, r) in found[1].iter().zip(r) {
        assert!((slope - r / VARIANCE).abs() < 1e-10, "{slope} {}", r / VARIANCE);
    }
}
