//! A restricted Boltzmann machine of four visible and three hidden units, of which every state can be counted.

use crate::machine::{Machine, section};
use ebm::autodiff::grad;
use ebm::data;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, Tensor};
use ebm::json;
use ebm::model::{self, Given, Layers, Model};
use ebm::sampler;
use ebm::schema::Section;

const VISIBLE: usize = 4;
const HIDDEN: usize = 3;
/// W [visible, hidden].
const WEIGHTS: [[f64; HIDDEN]; VISIBLE] = [[0.5, -0.3, 0.8], [-0.7, 0.4, 0.1], [0.2, 0.9, -0.6], [-0.1, 0.3, 0.5]];
const VISIBLE_BIAS: [f64; VISIBLE] = [0.1, -0.2, 0.3, 0.0];
const HIDDEN_BIAS: [f64; HIDDEN] = [-0.1, 0.2, 0.05];

fn rbm() -> (&'static dyn Model, Section) {
    let model = *model::ALL.iter().find(|m| m.id() == "rbm").unwrap();
    (model, section("rbm", model.params(), json!({"hidden": HIDDEN})))
}

/// The machine's weights as the model has them.
fn flat() -> [Vec<f64>; 3] {
    let by_hidden = (0..HIDDEN).flat_map(|j| WEIGHTS.map(|row| row[j])).collect();
    [by_hidden, HIDDEN_BIAS.to_vec(), VISIBLE_BIAS.to_vec()]
}

fn states(n: usize) -> impl Iterator<Item = Vec<f64>> + Clone {
    (0..1 << n).map(move |s| (0..n).map(|i| f64::from(s >> i & 1)).collect())
}

/// Every joint state with its probability.
fn joint() -> Vec<(Vec<f64>, Vec<f64>, f64)> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let weight = |v: &[f64], h: &[f64]| {
        let pairs: f64 = v.iter().zip(WEIGHTS).map(|(v, row)| v * dot(&row, h)).sum();
        (dot(v, &VISIBLE_BIAS) + dot(h, &HIDDEN_BIAS) + pairs).exp()
    };
    let all: Vec<_> = states(VISIBLE).flat_map(|v| states(HIDDEN).map(move |h| (v.clone(), h))).collect();
    let z: f64 = all.iter().map(|(v, h)| weight(v, h)).sum();
    assert!((z.ln() - 5.8611744).abs() < 1e-7);
    all.into_iter().map(|(v, h)| (weight(&v, &h) / z, v, h)).map(|(p, v, h)| (v, h, p)).collect()
}

/// Pixels of visible units.
fn pixels(v: &[f64]) -> Vec<f64> {
    v.iter().map(|v| 2.0 * v - 1.0).collect()
}

/// The derivatives of log Z, by automatic differentiation of the sum over all visible states, are minus the expectations that the
/// positive phase subtracts from (Ackley, Hinton & Sejnowski 1985): of hᵢvⱼ, of h and of v.
#[test]
fn the_gradient_of_log_z_is_the_negative_phase() {
    let ((model, config), values) = (rbm(), flat());
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let shapes = [vec![HIDDEN, VISIBLE], vec![HIDDEN], vec![VISIBLE]];
    let slots = [0, 1, 2].map(|i| layout.add(["w", "c", "b"][i], &shapes[i]));
    let outs = [0, 1, 2].map(|i| layout.add(["dw", "dc", "db"][i], &shapes[i]));
    let x = layout.add("x", &[1 << VISIBLE, VISIBLE]);
    let weights: Vec<_> = slots.iter().zip(&shapes).map(|(&slot, shape)| graph.state(slot, shape)).collect();
    let none = |_: &str| graph.scalar(0.0);
    let scope = model::Scope { graph: &graph, weights: weights.clone(), dial: &none, level: None, anchor: None };
    let density = data::by_id("gaussian").unwrap();
    let given = Section::defaults(density.id(), density.params());
    let given = Given { density, section: &given };
    let energy = model.energy(&config, given, &scope, graph.state(x, &[1 << VISIBLE, VISIBLE])).unwrap();
    let gradients = grad((-energy).logsumexp(0), &weights);
    let outputs: Vec<_> = gradients.into_iter().zip(outs).collect();
    let mut machine = Machine::<f64>::new(&graph, layout, &outputs, vec![]);
    slots.iter().zip(&values).for_each(|(&slot, values)| machine.set(slot, values));
    machine.set(x, &states(VISIBLE).flat_map(|v| pixels(&v)).collect::<Vec<_>>());
    machine.run(0, 0);
    let joint = joint();
    let expected = |of: &dyn Fn(&[f64], &[f64]) -> f64| joint.iter().map(|(v, h, p)| p * of(v, h)).sum::<f64>();
    let wanted = [
        (0..HIDDEN * VISIBLE).map(|k| expected(&|v, h| h[k / VISIBLE] * v[k % VISIBLE])).collect::<Vec<_>>(),
        (0..HIDDEN).map(|j| expected(&|_, h| h[j])).collect(),
        (0..VISIBLE).map(|i| expected(&|v, _| v[i])).collect(),
    ];
    // In double precision both are the same sum.
    for (slot, wanted) in outs.into_iter().zip(&wanted) {
        assert!(machine.get(slot).iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12));
    }
    // The figures of the reference.
    for (mean, reference) in wanted[2].iter().zip([0.645270, 0.452362, 0.652660, 0.614536]) {
        assert!((mean - reference).abs() < 1e-6);
    }
    for (mean, reference) in wanted[1].iter().zip([0.494371, 0.711964, 0.621052]) {
        assert!((mean - reference).abs() < 1e-6);
    }
}

/// Chains that begin as draws of the exact law have it after every sweep; those that begin all off come to it.
#[test]
fn block_gibbs_leaves_the_exact_joint_law_invariant() {
    const CHAINS: usize = 200_000;
    let ((model, config), values) = (rbm(), flat());
    let kernel = *sampler::ALL.iter().find(|s| s.id() == "block-gibbs").unwrap();
    let of_kernel = Section::defaults(kernel.id(), kernel.params());
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let x = layout.add("x", &[CHAINS, VISIBLE]);
    let shapes = [vec![HIDDEN, VISIBLE], vec![HIDDEN], vec![VISIBLE]];
    let none = |_: &str| graph.scalar(0.0);
    let weights = values.iter().zip(&shapes).map(|(values, shape)| graph.literal(values, shape)).collect();
    let scope = model::Scope { graph: &graph, weights, dial: &none, level: None, anchor: None };
    let density = data::by_id("gaussian").unwrap();
    let of_density = Section::defaults(density.id(), density.params());
    let given = Given { density, section: &of_density };
    let energy = |x: Tensor<'_>| graph.tensor(model.energy(&config, given, &scope, graph.tensor(x.id())).unwrap().id());
    let hidden = |x: Tensor<'_>| graph.tensor(model.hidden(&config, &scope, graph.tensor(x.id())).unwrap().id());
    let visible = |h: Tensor<'_>| graph.tensor(model.visible(&config, &scope, graph.tensor(h.id())).unwrap().id());
    let place = graph.state(x, &[CHAINS, VISIBLE]);
    let step = kernel.step(
        &of_kernel,
        &sampler::Scope {
            graph: &graph,
            bounds: [-1.0, 1.0],
            step_size: graph.scalar(1.0),
            dial: &none,
            energy: &energy,
            slope: None,
            noise: None,
            layers: Some(Layers { hidden: &hidden, visible: &visible }),
            latent: None,
            latent_energy: None,
            carried: None,
        },
        place,
    );
    let [next, drift, noise] = ["next", "drift", "noise"].map(|name| layout.add(name, &[CHAINS, VISIBLE]));
    let outputs = [(step.position, next), (step.drift, drift), (step.noise, noise)];
    let mut machine = Machine::<f32>::new(&graph, layout, &outputs, vec![]);

    // Probability of every visible state, and of every pair of neighbours in a chain, in detail balance.
    let joint = joint();
    let mut law = vec![0.0; 1 << VISIBLE];
    let number = |v: &[f64]| v.iter().enumerate().map(|(i, v)| usize::from(*v > 0.0) << i).sum::<usize>();
    joint.iter().for_each(|(v, _, p)| law[number(v)] += p);
    let chi_square = |machine: &Machine<f32>, slot| {
        let mut counts = vec![0.0; law.len()];
        machine.get(slot).chunks_exact(VISIBLE).for_each(|x| counts[number(x)] += 1.0);
        let all = CHAINS as f64;
        counts.iter().zip(&law).map(|(n, p)| (n - all * p).powi(2) / (all * p)).sum::<f64>()
    };
    // The 0.9999 quantile of χ² with 15 degrees of freedom.
    const QUANTILE: f64 = 44.26;

    let mut cumulative = 0.0;
    let bounds: Vec<f64> = law
        .iter()
        .map(|p| {
            cumulative += p;
            cumulative
        })
        .collect();
    let start: Vec<f64> = (0..CHAINS)
        .flat_map(|i| {
            // Stratified, so that the start adds no error of its own.
            let u = (i as f64 + 0.5) / CHAINS as f64;
            let state = bounds.iter().position(|&b| u < b).unwrap_or(law.len() - 1);
            (0..VISIBLE).map(move |bit| if state >> bit & 1 == 1 { 1.0 } else { -1.0 })
        })
        .collect();
    machine.set(x, &start);
    machine.run(0, 0);
    let found = chi_square(&machine, next);
    assert!(found < QUANTILE, "after one sweep: χ² = {found}");
    // What the sub-step view draws adds up to the move.
    let [next_x, drift_x, noise_x] = [next, drift, noise].map(|slot| machine.get(slot));
    assert!((0..start.len()).all(|i| (start[i] + drift_x[i] + noise_x[i] - next_x[i]).abs() < 1e-6));

    machine.set(x, &vec![-1.0; CHAINS * VISIBLE]);
    for sweep in 0..40 {
        machine.run(0, sweep);
        let moved = machine.get(next);
        machine.set(x, &moved);
    }
    let found = chi_square(&machine, next);
    assert!(found < QUANTILE, "after forty sweeps: χ² = {found}");
}
