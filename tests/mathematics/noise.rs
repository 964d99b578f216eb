//! The noises of noise-contrastive estimation: what is drawn, and the density that is claimed of it.

use crate::machine::{Machine, mean, normals, section};
use crate::objectives::{moments, setting, standard};
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, Tensor};
use ebm::json;
use ebm::json::Value;
use ebm::objective::{self, Moments, Objective, Scope};
use std::f64::consts::PI;

const ID: &str = "noise-contrastive-estimation";

fn rule() -> &'static dyn Objective {
    *objective::ALL.iter().find(|rule| rule.id() == ID).unwrap()
}

/// Noise beside a batch: what is drawn, and −mean ln p_n of the batch. `own` are the weights of the noise.
fn noise(given: Value, data: Moments, batch: &[f64], own: &[(Vec<f64>, Vec<usize>)]) -> (Vec<f64>, f64) {
    let config = section(ID, rule().params(), given);
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let n = batch.len() / 2;
    let count = n * rule().ratio(&config);
    let (drawn, fit) = (layout.add("drawn", &[count, 2]), layout.add("fit", &[1]));
    let dials = rule().dials(&config, &data);
    let dial = |name: &str| graph.scalar(dials.iter().find(|(n, _)| *n == name).expect(name).1);
    let energy = |x: Tensor<'_>| graph.tensor(x.square().sum(1).id());
    let mut weights = vec![graph.constant(0.0, &[1])];
    weights.extend(own.iter().map(|(values, shape)| graph.literal(values, shape)));
    assert_eq!(weights.len(), rule().weights(&config).len());
    let scope = Scope {
        graph: &graph,
        dial: &dial,
        energy: &energy,
        noise: None,
        classes: None,
        latent: None,
        latent_energy: None,
        pairs: None,
        found: None,
        weights,
    };
    let points = graph.literal(batch, &[n, 2]);
    let negatives = rule().draw(&config, &scope, points, count).unwrap();
    let parts = rule().loss(&config, &scope, points, negatives).parts;
    let at = rule().terms().iter().position(|term| term.id == "noiseFit").unwrap();
    let mut machine =
        Machine::<f64>::new(&graph, layout, &[(negatives, drawn), (parts[at].reshape(&[1]), fit)], vec![]);
    machine.run(0, 0);
    (machine.get(drawn), machine.get(fit)[0])
}

/// ln N(x; 0, v I) in the plane.
fn log_normal(x: [f64; 2], v: f64) -> f64 {
    -(x[0] * x[0] + x[1] * x[1]) / (2.0 * v) - (2.0 * PI * v).ln()
}

#[test]
fn each_half_of_a_batch_is_told_from_kernels_around_the_other() {
    // Five points: the first three are told from kernels around the last two, and the last two from kernels around the first.
    let batch = [0.0, 0.0, 0.3, -0.2, 1.0, 0.5, -2.0, 1.0, 2.5, 2.0];
    let at = |i: usize| [batch[2 * i], batch[2 * i + 1]];
    let width: f64 = 0.7;
    let kernels = |i: usize, centres: std::ops::Range<usize>| {
        let n = centres.len() as f64;
        let sum: f64 =
            centres.map(|j| log_normal([at(i)[0] - at(j)[0], at(i)[1] - at(j)[1]], width * width).exp()).sum();
        (sum / n).ln()
    };
    let expected =
        -((0..3).map(|i| kernels(i, 3..5)).sum::<f64>() + (3..5).map(|i| kernels(i, 0..3)).sum::<f64>()) / 5.0;
    let given = json!({"noiseLaw": "kernel", "bandwidth": width, "noiseRatio": 3});
    let (_, fit) = noise(given, moments(1.0), &batch, &[]);
    assert!((fit - expected).abs() < 1e-12, "{fit} and not {expected}");
    // A point alone is its own centre.
    let (_, alone) = noise(json!({"noiseLaw": "kernel", "bandwidth": width}), moments(1.0), &[1.0, 2.0], &[]);
    assert!((alone + log_normal([0.0, 0.0], width * width)).abs() < 1e-12, "{alone}");
}

#[test]
fn kernels_are_drawn_around_the_other_half() {
    const N: usize = 4000;
    let width: f64 = 0.2;
    let batch: Vec<f64> = (0..N).flat_map(|i| [if i < N / 2 { -3.0 } else { 3.0 }, 1.0]).collect();
    let given = json!({"noiseLaw": "kernel", "bandwidth": width, "noiseRatio": 2});
    let (drawn, _) = noise(given, moments(1.0), &batch, &[]);
    assert_eq!(drawn.len(), 4 * N);
    for (i, p) in drawn.chunks_exact(2).enumerate() {
        let centre = if i < N { 3.0 } else { -3.0 };
        assert!((p[0] - centre).abs() < 6.0 * width && (p[1] - 1.0).abs() < 6.0 * width, "{i}: {p:?}");
    }
    let squares: Vec<f64> = drawn.chunks_exact(2).map(|p| (p[1] - 1.0).powi(2)).collect();
    // Of squares of N(0, w²) the standard deviation is √2 w².
    let error = 4.0 * (2.0 / squares.len() as f64).sqrt() * width * width;
    assert!((mean(&squares) - width * width).abs() < error, "{}", mean(&squares));
    // Which centre a draw has is uniform: 4 errors of a mean of centres that are uniform on 0 … 1.
    let line: Vec<f64> = (0..N).flat_map(|i| [(i % (N / 2)) as f64 / (N / 2) as f64, 0.0]).collect();
    let (drawn, _) = noise(json!({"noiseLaw": "kernel", "bandwidth": 0.02}), moments(1.0), &line, &[]);
    let centres: Vec<f64> = drawn.chunks_exact(2).map(|p| p[0]).collect();
    assert!((mean(&centres) - 0.5).abs() < 4.0 * (1.0 / 12.0 / N as f64).sqrt(), "{}", mean(&centres));
}

#[test]
fn the_log_partition_is_learned_from_kernels_too() {
    // Data N(0, I), E = ½|x|²: at c = ln 2π the slope has the mean zero, whatever the centres.
    const POINTS: usize = 1000;
    const BATCHES: usize = 40;
    let given = json!({"noiseLaw": "kernel", "bandwidth": 0.5});
    let mut rule = setting::<f64>(ID, given, moments(1.0), POINTS, standard);
    let slopes: Vec<f64> = (0..BATCHES)
        .map(|i| {
            rule.machine.set(rule.batch, &normals(2 * POINTS, 500 + i as u32, 1.0));
            rule.draw_substep(i as u32);
            rule.at((2.0 * PI).ln())[1]
        })
        .collect();
    let centre = mean(&slopes);
    let spread = mean(&slopes.iter().map(|s| (s - centre).powi(2)).collect::<Vec<_>>()).sqrt();
    let error = 4.0 * spread / (BATCHES as f64 - 1.0).sqrt();
    assert!(error < 0.02, "{error}");
    assert!(centre.abs() < error, "{centre} beyond {error}");
}

#[test]
fn the_mixture_is_drawn_as_its_density_says() {
    const N: usize = 60_000;
    let data = Moments { mean: [1.0, -2.0], covariance: [2.0, -1.2, 1.5] };
    let logits: [f64; 3] = [0.3, -0.5, 1.1];
    let centres = [0.4, -0.7, -0.9, 0.2, 0.8, 0.9];
    let log_widths: [f64; 6] = [-1.0, -0.6, -0.2, -1.3, -0.9, 0.1];
    let own = [(logits.to_vec(), vec![3]), (centres.to_vec(), vec![3, 2]), (log_widths.to_vec(), vec![3, 2])];
    let given = || json!({"noiseLaw": "mixture", "components": 3});
    // The density, written out: x = mean + C v, v of the mixture of N(√3 mₖ, diag(sₖ²)).
    let a = f64::sqrt(2.0);
    let b = -1.2 / a;
    let c = (1.5 - b * b).sqrt();
    let total: f64 = logits.iter().map(|l| l.exp()).sum();
    let density = |x: [f64; 2]| -> f64 {
        let u = (x[0] - 1.0) / a;
        let v = (x[1] + 2.0 - b * u) / c;
        (0..3)
            .map(|k| {
                let one = |w: f64, i: usize| {
                    let (m, s) = (3f64.sqrt() * centres[2 * k + i], log_widths[2 * k + i].exp());
                    (-0.5 * ((w - m) / s).powi(2)).exp() / (s * (2.0 * PI).sqrt())
                };
                logits[k].exp() / total * one(u, 0) * one(v, 1) / (a * c)
            })
            .sum()
    };
    let batch = normals(200, 71, 1.5);
    let (_, fit) = noise(given(), data, &batch, &own);
    let expected = -mean(&batch.chunks_exact(2).map(|p| density([p[0], p[1]]).ln()).collect::<Vec<_>>());
    assert!((fit - expected).abs() < 1e-12, "{fit} and not {expected}");
    // Cells of 0.5 along each side: a chi-square statistic within four standard deviations of its mean.
    let (drawn, _) = noise(given(), data, &normals(2 * N, 72, 1.0), &own);
    let (low, cell, side) = (-6.0, 0.5, 24usize);
    let mut counts = vec![0.0; side * side];
    for p in drawn.chunks_exact(2) {
        let [i, j] = [0, 1].map(|k| (p[k] - low) / cell);
        if i >= 0.0 && j >= 0.0 && (i as usize) < side && (j as usize) < side {
            counts[j as usize * side + i as usize] += 1.0;
        }
    }
    let (mut statistic, mut cells) = (0.0, 0.0);
    for (k, seen) in counts.iter().enumerate() {
        // Sixteen midpoints a cell.
        let inner = 16;
        let (i, j) = ((k % side) as f64, (k / side) as f64);
        let mass: f64 = (0..inner * inner)
            .map(|m| {
                let [u, v] = [m % inner, m / inner].map(|t| (t as f64 + 0.5) / inner as f64);
                density([low + cell * (i + u), low + cell * (j + v)])
            })
            .sum::<f64>()
            * (cell / inner as f64).powi(2);
        let expected = N as f64 * mass;
        if expected > 10.0 {
            statistic += (seen - expected).powi(2) / expected;
            cells += 1.0;
        }
    }
    assert!(cells > 50.0, "{cells}");
    assert!((statistic - cells).abs() < 4.0 * (2.0f64 * cells).sqrt(), "{statistic} over {cells} cells");
}
