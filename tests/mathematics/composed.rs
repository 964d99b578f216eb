//! Energies made of two, against what their formulas say of the densities.

use crate::machine::{Machine, normals, section};
use ebm::data;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, Tensor};
use ebm::json;
use ebm::json::Value;
use ebm::model::{self, Given, Scope};
use ebm::schema::Section;

const POINTS: usize = 30;

fn by_id(id: &str) -> &'static dyn model::Model {
    *model::ALL.iter().find(|m| m.id() == id).unwrap()
}

/// Points to look at.
fn places() -> Vec<f64> {
    normals(2 * POINTS, 41, 1.6)
}

/// Energies of a configuration at [`places`], with dials from the section itself.
fn energies(
    id: &'static str,
    config: Value,
    density: &'static str,
    weights: &dyn Fn(usize, &str) -> Vec<f64>,
) -> Vec<f64> {
    let model = by_id(id);
    let config = section(id, model.params(), config);
    let density = data::by_id(density).unwrap();
    let given = Section::defaults(density.id(), density.params());
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let energy = layout.add("energy", &[POINTS]);
    let dials = model.dials(&config);
    let dial = |name: &str| -> Tensor<'_> {
        graph.scalar(dials.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name}")).1)
    };
    let declared = model.weights(&config, ebm::data::Space::Plane);
    let weights = declared.iter().map(|w| graph.literal(&weights(w.len(), &w.name), &w.shape)).collect();
    let scope = Scope { graph: &graph, weights, dial: &dial, level: None, anchor: None };
    let x = graph.literal(&places(), &[POINTS, 2]);
    let e = model.energy(&config, Given { density, section: &given }, &scope, x).unwrap();
    let mut machine = Machine::<f64>::new(&graph, layout, &[(e, energy)], vec![]);
    machine.run(0, 0);
    machine.get(energy)
}

fn log_densities(id: &str) -> Vec<f64> {
    let density = data::by_id(id).unwrap();
    let log_density = density.log_density(&Section::defaults(density.id(), density.params())).unwrap();
    places().chunks_exact(2).map(|p| log_density([p[0], p[1]])).collect()
}

fn near(got: &[f64], expected: impl Iterator<Item = f64>, what: &str) {
    for (a, b) in got.iter().zip(expected) {
        assert!((a - b).abs() < 1e-9 * (1.0 + b.abs()), "{what}: {a} and not {b}");
    }
}

#[test]
fn a_composed_energy_is_what_its_operation_says() {
    let none = |_: usize, name: &str| -> Vec<f64> { panic!("{name}") };
    let (a, b) = (log_densities("two-gaussians"), log_densities("eight-gaussians"));
    let pairs = || a.iter().zip(&b);
    let with = |operation: &str, strength: f64, temperature: f64| {
        json!({
            "operation": operation, "first": "density", "second": "eight-gaussians",
            "strength": strength, "temperature": temperature, "ceiling": 3.0,
        })
    };
    let got = energies("composed", with("product", 0.5, 1.0), "two-gaussians", &none);
    near(&got, pairs().map(|(a, b)| -a - 0.5 * b), "product");
    let got = energies("composed", with("mixture", 0.25, 2.0), "two-gaussians", &none);
    near(&got, pairs().map(|(a, b)| -(a.exp() + 0.25 * b.exp()).ln() / 2.0), "mixture at T = 2");
    let got = energies("composed", with("mixture", 0.0, 1.0), "two-gaussians", &none);
    near(&got, a.iter().map(|a| -a), "a mixture without the second");
    let got = energies("composed", with("negation", 2.0, 1.0), "two-gaussians", &none);
    near(&got, pairs().map(|(a, b)| -a + 2.0 * (3.0 + b).exp().ln_1p()), "negation");
}

/// w e^−E is scaled by what is added to E: a mixture of two networks with their ln Z is one of their densities.
#[test]
fn what_is_added_makes_energies_densities() {
    let none = |_: usize, name: &str| -> Vec<f64> { panic!("{name}") };
    let (a, b) = (log_densities("two-gaussians"), log_densities("gaussian"));
    let config = json!({
        "operation": "mixture", "first": "density", "second": "gaussian", "firstLogZ": 1.5, "secondLogZ": -0.5,
    });
    let expected = a.iter().zip(&b).map(|(a, b)| -((a - 1.5).exp() + (b + 0.5).exp()).ln());
    near(&energies("composed", config, "two-gaussians", &none), expected, "mixture");
}

#[test]
fn two_networks_keep_their_own_weights() {
    let network = json!({"widths": [6, 5], "confinement": 2.0});
    let seed = |name: &str| name.bytes().fold(7u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b)));
    let alone = |prefix: &'static str| {
        energies("mlp", network.clone(), "gaussian", &move |n, name| normals(n, seed(&format!("{prefix}{name}")), 0.6))
    };
    let mut config = network.clone();
    config["second"] = "network".into();
    config["operation"] = "product".into();
    config["strength"] = 0.7.into();
    let both = energies("composed", config, "gaussian", &|n, name| normals(n, seed(name), 0.6));
    let (first, second) = (alone("first."), alone("second."));
    near(&both, first.iter().zip(&second).map(|(a, b)| a + 0.7 * b), "product of networks");
}
