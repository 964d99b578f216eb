//! The figures that the page calls exact, against sums in double precision that share no code with the core.

use super::*;
use safetensors::SafeTensors;

/// The exported network, evaluated as its definition reads.
struct Net {
    layers: Vec<(Vec<Vec<f64>>, Vec<f64>)>,
    confinement: f64,
}

impl Net {
    fn of(session: &mut Session) -> Self {
        let bytes = block_on(session.export_weights()).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let read = |name: &str| -> Option<(Vec<usize>, Vec<f64>)> {
            let view = file.tensor(name).ok()?;
            let numbers = view.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()).into());
            Some((view.shape().to_vec(), numbers.collect()))
        };
        let mut layers = vec![];
        while let Some((shape, weight)) = read(&format!("layers.{}.weight", layers.len())) {
            let bias = read(&format!("layers.{}.bias", layers.len())).unwrap().1;
            layers.push((weight.chunks_exact(shape[1]).map(<[f64]>::to_vec).collect(), bias));
        }
        Self { layers, confinement: session.config().model.number("confinement") }
    }

    fn energy(&self, [x, y]: [f64; 2]) -> f64 {
        let mut h = vec![x, y];
        for wave in [f64::sin, f64::cos] {
            for k in [1.0, 2.0, 4.0] {
                h.extend([x, y].map(|c| wave(std::f64::consts::PI / 4.0 * k * c)));
            }
        }
        for (i, (weight, bias)) in self.layers.iter().enumerate() {
            h = weight.iter().zip(bias).map(|(w, b)| b + w.iter().zip(&h).map(|(w, h)| w * h).sum::<f64>()).collect();
            if i + 1 < self.layers.len() {
                h.iter_mut().for_each(|z| *z /= 1.0 + (-*z).exp());
            }
        }
        h[0] + (x * x + y * y) / (2.0 * self.confinement.powi(2))
    }
}

/// Centres of 300 × 300 cells of [−6, 6]² and a cell's area.
fn grid() -> (Vec<[f64; 2]>, f64) {
    let at = |i: usize| -6.0 + 0.04 * (i as f64 + 0.5);
    ((0..300 * 300).map(|i| [at(i % 300), at(i / 300)]).collect(), 0.04 * 0.04)
}

/// What single precision leaves of a sum of 300² numbers of one sign: they are added in 16 lanes of 5,625, each addition
/// rounds by 2⁻²⁴; the energies below are of a few thousand roundings of numbers near 1.
const TOLERANCE: f64 = 5_625.0 * 6e-8 + 1e-4;

#[test]
fn log_z_likelihood_and_divergence_are_those_of_the_exported_weights() {
    for widths in [json!([16, 12]), json!([8])] {
        let mut session = start(json!({"seed": 2, "model": {"id": "mlp", "widths": &widths}, "batch": 64}));
        session.train(40).unwrap();
        let frame = block_on(session.full_frame()).unwrap();
        let figures = frame.metrics.clone().unwrap();
        let net = Net::of(&mut session);
        let (grid, area) = grid();
        let energies: Vec<f64> = grid.iter().map(|&x| net.energy(x)).collect();
        let log_partition = (energies.iter().map(|e| (-e).exp()).sum::<f64>() * area).ln();
        let test = frame.test.expect("a density has held-out points");
        let mean =
            test.chunks_exact(2).map(|p| net.energy([p[0].into(), p[1].into()])).sum::<f64>() * 2.0 / test.len() as f64;
        let log_density = session.parts.density.log_density(&session.config.data).unwrap();
        let divergence: f64 = grid
            .iter()
            .zip(&energies)
            .map(|(&x, e)| (log_density(x).exp(), log_density(x) + e + log_partition))
            .map(|(p, ratio)| if p > 0.0 { p * ratio * area } else { 0.0 })
            .sum();
        let reverse: f64 = grid
            .iter()
            .zip(&energies)
            .map(|(&x, e)| (-e - log_partition).exp() * (-e - log_partition - log_density(x)) * area)
            .sum();
        let slope = |f: &dyn Fn([f64; 2]) -> f64, x: [f64; 2]| -> [f64; 2] {
            // The central difference at ε^⅓ is exact to 10⁻⁹ or so.
            const STEP: f64 = 6e-6;
            [0, 1].map(|j| {
                let mut ends = [x, x];
                (ends[0][j], ends[1][j]) = (x[j] - STEP, x[j] + STEP);
                (f(ends[1]) - f(ends[0])) / (2.0 * STEP)
            })
        };
        let distances = test.chunks_exact(2).map(|p| {
            let x = [f64::from(p[0]), f64::from(p[1])];
            let (own, model) = (slope(&|x| -log_density(x), x), slope(&|x| net.energy(x), x));
            (own[0] - model[0]).powi(2) + (own[1] - model[1]).powi(2)
        });
        let fisher = distances.sum::<f64>() / test.len() as f64;
        let outermost = |x: &[f64; 2]| x.iter().any(|c| c.abs() > 5.96);
        let border: f64 = grid
            .iter()
            .zip(&energies)
            .filter(|(x, _)| outermost(x))
            .map(|(_, e)| (-e - log_partition).exp() * area)
            .sum();
        let largest = energies.iter().fold(1.0f64, |m, e| m.max(e.abs()));
        for (name, want, tolerance) in [
            ("logZ", log_partition, TOLERANCE),
            ("nll", mean + log_partition, TOLERANCE),
            ("kl", divergence, TOLERANCE * (1.0 + largest)),
            ("borderMass", border, TOLERANCE * border),
            // Its terms are as large as −ln p, up to some hundred nats.
            ("reverseKl", reverse, 1e3 * TOLERANCE),
            ("fisher", fisher, 10.0 * TOLERANCE * fisher),
        ] {
            let got = figures[name].as_f64().unwrap();
            assert!((got - want).abs() <= tolerance, "{name}: {got} and not {want}, widths {widths}");
        }
    }
}

#[test]
fn a_density_has_no_divergence_from_itself() {
    let mut session = start(json!({"data": {"id": "gaussian"}, "model": {"id": "exact"}}));
    // Beyond 6 standard deviations lie 4·10⁻⁹ of the mass.
    assert!(metric(&mut session, "logZ").abs() < TOLERANCE);
    let entropy = (2.0 * std::f64::consts::PI).ln() + 1.0;
    assert!((metric(&mut session, "entropy") - entropy).abs() < 1e-6);
    assert!(metric(&mut session, "kl").abs() < TOLERANCE * entropy);
    // The mean energy of 2,048 points has a standard error of 1/√2048.
    assert!((metric(&mut session, "nll") - entropy).abs() < 4.0 / 2048f64.sqrt());
}

#[test]
fn energy_and_score_are_those_of_the_exported_weights() {
    let mut session = start(json!({"model": {"id": "mlp", "widths": [16, 12]}}));
    session.train(40).unwrap();
    let points: Vec<[f32; 2]> = (0..1500).map(|i| [(i % 37) as f32 / 5.0 - 3.7, (i % 41) as f32 / 6.0 - 3.4]).collect();
    let (energy, score) = block_on(session.evaluate(points.as_flattened())).unwrap();
    let net = Net::of(&mut session);
    for (i, p) in points.iter().enumerate() {
        let x = p.map(f64::from);
        // The central difference of a smooth function at ε^⅓ is exact to 10⁻⁹; the rest is single precision.
        let slope = |j: usize| {
            let mut ends = [x, x];
            (ends[0][j], ends[1][j]) = (x[j] - 6e-6, x[j] + 6e-6);
            (net.energy(ends[1]) - net.energy(ends[0])) / 1.2e-5
        };
        assert!((f64::from(energy[i]) - net.energy(x)).abs() < 2e-5, "E at {p:?}");
        for j in 0..2 {
            assert!((f64::from(score[2 * i + j]) + slope(j)).abs() < 5e-5, "score at {p:?}");
        }
    }
}

#[test]
fn a_landscape_shows_the_energies_of_its_own_cells() {
    let mut session = start(json!({"model": {"id": "mlp", "widths": [16, 12]}}));
    session.train(10).unwrap();
    let view = View { extent: [-2.0, 3.0, -1.0, 4.0], resolution: 32, arrows: 5, version: 0 };
    block_on(session.set_view(view)).unwrap();
    let frame = block_on(session.full_frame()).unwrap();
    let (landscape, arrows) = (frame.landscape.unwrap(), frame.arrows.unwrap());
    let points = |side: usize| -> Vec<[f32; 2]> {
        let at = |low: f64, i: usize| (low + 5.0 * (i as f64 + 0.5) / side as f64) as f32;
        (0..side * side).map(|i| [at(-2.0, i % side), at(-1.0, i / side)]).collect()
    };
    assert_eq!((landscape.side, arrows.side), (32, 5));
    assert_eq!(landscape.values, block_on(session.evaluate(points(32).as_flattened())).unwrap().0);
    assert_eq!(arrows.values, block_on(session.evaluate(points(5).as_flattened())).unwrap().1);
}
