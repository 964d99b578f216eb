//! Joint energies: what follows from E(x, y) for places alone and for classes alone.

use crate::machine::{Machine, normals, section};
use ebm::autodiff::grad;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, Tensor};
use ebm::json;
use ebm::model::{self, Given, Scope};
use ebm::schema::Section;

#[test]
fn the_slope_of_the_places_is_the_mean_slope_of_the_classes() {
    // ∇E(x) = Σ_y p(y | x) ∇E(x, y), with the softmax p(y | x) = exp(E(x) − E(x, y)).
    const POINTS: usize = 40;
    let joint = model::ALL.iter().find(|m| m.id() == "joint-mlp").unwrap();
    let config = section("joint-mlp", joint.params(), json!({"widths": [7, 6], "classes": 5}));
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let weights: Vec<_> = joint
        .weights(&config, ebm::data::Space::Plane)
        .iter()
        .enumerate()
        .map(|(i, w)| graph.literal(&normals(w.len(), 90 + i as u32, 0.7), &w.shape))
        .collect();
    assert_eq!(weights.last().unwrap().shape(), [5], "an output a class");
    let dial = |_: &str| graph.scalar(0.04);
    let scope = Scope { graph: &graph, weights, dial: &dial, level: None, anchor: None };
    let density = ebm::data::by_id("gaussian").unwrap();
    let gaussian = Section::defaults("gaussian", density.params());
    let x = graph.literal(&normals(2 * POINTS, 97, 1.5), &[POINTS, 2]);
    let each = joint.class_energies(&config, &scope, x).unwrap();
    let all = joint.energy(&config, Given { density, section: &gaussian }, &scope, x).unwrap();
    let slope = |t: Tensor<'_>| graph.tensor(grad(graph.tensor(t.id()).sum_all(), &[x])[0].id());
    let mut mixed = graph.constant(0.0, &[POINTS, 2]);
    let mut total = graph.constant(0.0, &[POINTS]);
    for y in 0..5 {
        let energy = each.column(y);
        let share = (all - energy).exp();
        total = total + share;
        mixed = mixed + share.reshape(&[POINTS, 1]) * slope(energy);
    }
    let [direct, expected, one] = [("direct", vec![POINTS, 2]), ("mixed", vec![POINTS, 2]), ("one", vec![POINTS])]
        .map(|(n, s)| layout.add(n, &s));
    let outputs = [(slope(all), direct), (mixed, expected), (total, one)];
    let mut machine = Machine::<f64>::new(&graph, layout, &outputs, vec![]);
    machine.run(0, 0);
    for (a, b) in machine.get(direct).iter().zip(machine.get(expected)) {
        assert!((a - b).abs() < 1e-12 * (1.0 + a.abs()), "{a} and not {b}");
    }
    assert!(machine.get(one).iter().all(|sum| (sum - 1.0).abs() < 1e-12), "classes share out a place");
}
