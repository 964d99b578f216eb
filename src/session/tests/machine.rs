//! Restricted Boltzmann machines on images in black and white.

use super::*;
use crate::data::idx::Images;
use crate::data::images::Part;
use crate::model::machine::Machine;
use rand::RngExt;

pub(super) const D: usize = 784;

/// Bright bars across the image at a few heights.
pub(super) fn bars(n: usize) -> Images {
    let mut rng = rng::host(3);
    let mut pixels = vec![0; n * D];
    for image in pixels.chunks_exact_mut(D) {
        let top = 4 * rng.random_range(1..6usize);
        image[28 * top..28 * (top + 4)].fill(255);
    }
    Images { pixels, labels: None }
}

/// An experiment on bars with the fields of `more` in place of what is usual.
fn on_bars(more: Value) -> Session {
    let mut session = small(json!({}));
    block_on(session.give_images("images", bars(60))).unwrap();
    let mut config =
        json!({"data": "binary-images", "model": {"id": "rbm", "hidden": 10}, "batch": 16, "particles": 5});
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    block_on(session.load(Config::from_value(&config).unwrap())).unwrap();
    session
}

pub(super) fn breathe() -> crate::backend::Local<()> {
    Box::pin(async {})
}

fn machine(session: &mut Session) -> Machine {
    let flat = tensor(session, "average");
    let flat: Vec<f32> = flat.into_iter().collect();
    Machine::of_flat(&flat, 10)
}

#[test]
fn what_nobody_says_of_black_and_white_images_is_a_machine_with_persistent_chains() {
    let config = Config::from_value(&json!({"seed": 4, "data": "binary-mnist"})).unwrap();
    let ids = [&config.model, &config.objective, &config.sampler, &config.optimizer].map(|section| section.id);
    assert_eq!(ids, ["rbm", "persistent-contrastive-divergence", "block-gibbs", "sgd"]);
    assert_eq!((config.seed, config.objective.number("regularisation")), (4, 0.0));
    assert_eq!(Session::new(device(), config).err(), Some(Error::Absent { id: "mnist".into() }));
}

#[test]
fn the_energy_and_the_units_are_those_of_the_formulas() {
    let mut session = on_bars(json!({}));
    session.train(30).unwrap();
    let machine = machine(&mut session);
    let x = session.selected(Part::HeldOut).unwrap().pixels;
    let energies = block_on(session.evaluate(&x)).unwrap().0;
    let units = |x: &[f32]| x.iter().map(|&x| f64::from(x > 0.0)).collect::<Vec<_>>();
    for (x, energy) in x.chunks_exact(D).zip(energies) {
        let exact = machine.free_energy(&units(x));
        // Sums of 784 terms in single precision.
        assert!((f64::from(energy) - exact).abs() < 1e-5 * (1.0 + exact.abs()), "{energy} {exact}");
    }
    let told = block_on(session.units(&x)).unwrap();
    let filters = block_on(session.filters()).unwrap();
    assert_eq!((told.on.len(), told.mean.len(), filters.len()), (6 * 10, 6 * D, 10 * D));
    assert!(told.on.iter().all(|p| (0.0..=1.0).contains(p)) && told.mean.iter().all(|m| m.abs() <= 1.0));
    // The first unit of the first image: σ(c + W v).
    let bias = f64::from(tensor(&mut session, "average")[10 * D]);
    let field: f64 = filters[..D].iter().zip(units(&x)).map(|(&w, v)| f64::from(w) * v).sum();
    assert!((f64::from(told.on[0]) - 1.0 / (1.0 + (-bias - field).exp())).abs() < 1e-5);
}

#[test]
fn chains_stay_black_and_white_and_keep_what_they_hold() {
    for objective in ["contrastive-divergence", "persistent-contrastive-divergence"] {
        let mut session = on_bars(json!({"objective": {"id": objective, "regularisation": 0, "dataNoise": 0.8}}));
        session.train(20).unwrap();
        assert!(block_on(session.check()).unwrap().is_none());
        let mut all = block_on(session.particles()).unwrap();
        all.extend(tensor(&mut session, "negatives"));
        all.extend(tensor(&mut session, "batch"));
        assert!(all.iter().all(|x| x.abs() == 1.0), "{objective}");
    }
    let mut session = on_bars(json!({}));
    // Grey is put to the nearer of both.
    let image: Vec<f32> = (0..D).map(|i| if i % 3 == 0 { 0.2 } else { -0.7 }).collect();
    let free: Vec<f32> = (0..D).map(|i| f32::from(u8::from(i % 28 < 14))).collect();
    session.hold_pixels(&image, &free).unwrap();
    session.set_particles(&image.repeat(5)).unwrap();
    block_on(session.sample(3)).unwrap();
    let samples = block_on(session.particles()).unwrap();
    let held = |x: &[f32]| (0..D).filter(|&i| free[i] == 0.0).all(|i| x[i] == image[i].signum());
    assert!(samples.chunks_exact(D).all(held) && samples.iter().all(|x| x.abs() == 1.0));
    assert!(samples.chunks_exact(D).any(|x| (0..D).any(|i| free[i] == 1.0 && x[i] != image[i].signum())));
}

#[test]
fn annealed_importance_sampling_finds_the_log_z_that_is_counted_out() {
    let mut session = on_bars(json!({}));
    let before = block_on(session.pseudo_log_likelihood(9, &mut breathe)).unwrap();
    session.train(150).unwrap();
    let after = block_on(session.pseudo_log_likelihood(9, &mut breathe)).unwrap();
    // Of independent fair pixels: −784 ln 2. The first weights are small.
    assert!((before + D as f64 * std::f64::consts::LN_2).abs() < 1.0 && after > before + 100.0, "{before} {after}");
    let exact = machine(&mut session).log_partition().unwrap();
    for seed in 1..=3 {
        let found = block_on(session.log_partition(400, seed, &mut breathe)).unwrap();
        println!("log Z {exact:.3}: {found:?}");
        assert_eq!(found.exact, Some(exact));
        // Single precision loses some 1e-5 a step.
        assert!((found.estimate - exact).abs() < 4.0 * found.standard_error + 0.01, "{found:?}");
        assert!(found.standard_error < 0.3 && found.lower < exact + 0.01, "{found:?}");
    }
    // A single step is plain importance sampling from independent pixels, which knows how badly it does.
    let rough = block_on(session.log_partition(1, 1, &mut breathe)).unwrap();
    assert!(rough.standard_error > 0.3 && rough.lower < exact, "{rough:?}");
    let refusal = block_on(session.log_partition(0, 1, &mut breathe)).unwrap_err().to_string();
    assert_eq!(refusal, "steps: 0 is not accepted; expected a whole number from 1 to 100000.");
    let refusal = block_on(small(json!({})).log_partition(9, 1, &mut breathe)).unwrap_err().to_string();
    assert_eq!(refusal, "model.id: mlp is not accepted; expected a model with hidden units, such as rbm.");
}

#[test]
fn what_needs_slopes_or_hidden_units_is_refused_without() {
    let mut session = on_bars(json!({}));
    let mut said = |patch: Value| block_on(session.configure(&patch.to_string())).unwrap_err().to_string();
    let why = "because the points of binary-images are images in black and white.";
    assert!(said(json!({"sampler": "langevin"})).ends_with(&format!("expected block-gibbs, {why}")));
    assert!(said(json!({"model": "cnn"})).ends_with(&format!("expected rbm or vae, {why}")));
    let rules = "contrastive-divergence or persistent-contrastive-divergence";
    assert!(said(json!({"objective": "denoising-score-matching"})).ends_with(&format!("expected {rules}, {why}")));
    let mut session = small(json!({}));
    let refusal = block_on(session.configure("{\"sampler\": \"block-gibbs\"}")).unwrap_err().to_string();
    assert!(refusal.ends_with("because the points of eight-gaussians lie in the plane."), "{refusal}");
}

/// Its negatives bring a machine back from whatever one update overshot, which is no reason to stop it.
#[test]
fn a_steep_learning_rate_is_not_stopped() {
    let mut session = on_bars(json!({"optimizer": {"id": "sgd", "learningRate": 1}}));
    for _ in 0..30 {
        session.train(10).unwrap();
        assert_eq!(block_on(session.check()).unwrap(), None);
    }
}

/// An experiment on all bars and stripes at once, with the fields of `more` in place of what is usual.
fn on_patterns(more: Value) -> Session {
    let mut config = json!({"data": "bars-and-stripes", "particles": 5});
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    Session::new(device(), Config::from_value(&config).unwrap()).unwrap()
}

/// The machine of four visible and three hidden units of the reference, by the names of its weights.
#[test]
fn annealed_importance_sampling_is_right_where_all_states_are_counted() {
    let mut session =
        on_patterns(json!({"data": {"id": "bars-and-stripes", "side": 2}, "model": {"id": "rbm", "hidden": 3}}));
    let weights =
        [0.5, -0.7, 0.2, -0.1, -0.3, 0.4, 0.9, 0.3, 0.8, 0.1, -0.6, 0.5, -0.1, 0.2, 0.05, 0.1, -0.2, 0.3, 0.0];
    for name in [slot::PARAMETERS, slot::AVERAGE] {
        session.write(name, &weights).unwrap();
    }
    let exact = block_on(session.likelihood()).unwrap().unwrap();
    assert!((exact.log_partition - 5.8611744).abs() < 1e-6, "{exact:?}");
    // Eight draws, of which two patterns come twice.
    let law = exact.law.unwrap();
    assert!((law.entropy - (4.0 * 8f64.ln() + 4.0 * 4f64.ln()) / 8.0).abs() < 1e-12);
    let all: Vec<_> = (0..16u8).map(|s| [0, 1, 2, 3].map(|i| 2.0 * f32::from(s >> i & 1) - 1.0)).collect();
    let energies = block_on(session.evaluate(all.as_flattened())).unwrap().0;
    let p: Vec<_> = energies.iter().map(|&e| (-f64::from(e) - exact.log_partition).exp()).collect();
    let is_pattern = |v: &[f32; 4]| v[0] == v[1] && v[2] == v[3] || v[0] == v[2] && v[1] == v[3];
    let mass: f64 = all.iter().zip(&p).filter(|(v, _)| is_pattern(v)).map(|(_, p)| p).sum();
    // Sixteen energies in single precision.
    assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-5 && (mass - law.mass).abs() < 1e-5, "{law:?} {mass}");
    for seed in 1..=5 {
        let found = block_on(session.log_partition(1000, seed, &mut breathe)).unwrap();
        assert!((found.estimate - exact.log_partition).abs() < 0.01, "{found:?}");
        assert!(found.lower < exact.log_partition + 0.01 && found.exact == Some(exact.log_partition), "{found:?}");
        assert_eq!(found.held_out, exact.held_out);
    }
}

/// Mean exact log-likelihood of bars and stripes after some updates, which never exceeds what their law allows.
fn learned(side: u32, hidden: u32, objective: &str, steps: u32, seed: u32, updates: usize) -> f64 {
    let mut session = on_patterns(json!({
        "seed": seed,
        "data": {"id": "bars-and-stripes", "side": side},
        "model": {"id": "rbm", "hidden": hidden},
        "objective": {"id": objective, "regularisation": 0},
        "sampler": {"id": "block-gibbs", "steps": steps},
    }));
    let mut last = f64::NAN;
    for _ in 0..5 {
        session.train(updates / 5).unwrap();
        let found = block_on(session.likelihood()).unwrap().unwrap();
        let law = found.law.unwrap();
        assert!(found.held_out <= -law.entropy && law.mass <= 1.0, "{found:?}");
        last = found.held_out;
    }
    println!("{side} × {side}, {hidden} hidden, {objective} {steps}, seed {seed}: {last:.4}");
    last
}
const CD: &str = "contrastive-divergence";
const PCD: &str = "persistent-contrastive-divergence";

#[test]
fn longer_and_persistent_chains_learn_bars_and_stripes_better() {
    let [one, ten] = [1, 10].map(|steps| learned(3, 8, CD, steps, 1, 5000));
    assert!(ten >= -3.0 && one < ten, "{one} {ten}");
    assert!(learned(3, 8, PCD, 1, 1, 5000) >= -3.0);
}

/// The gates are those of 1,000 chains, on which all data are learned at once.
#[test]
fn persistent_chains_learn_what_single_steps_cannot() {
    let [one, persistent] = [CD, PCD].map(|rule| learned(4, 16, rule, 1, 1, 10_000));
    assert!(one <= -4.5 && persistent >= -4.2, "{one} {persistent}");
}

/// p(x) of every image of side² pixels, pixel i being bit i, by the energies that the session tells.
fn law(session: &mut Session, side: usize, temperature: f64) -> Vec<f64> {
    let d = side * side;
    let states: Vec<f32> =
        (0..1usize << d).flat_map(|s| (0..d).map(move |i| 2.0 * (s >> i & 1) as f32 - 1.0)).collect();
    let energies = block_on(session.evaluate(&states)).unwrap().0;
    let weights: Vec<f64> = energies.iter().map(|&e| (-f64::from(e) / temperature).exp()).collect();
    let z: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / z).collect()
}

/// Which of them each image is.
fn numbers(images: &[f32], d: usize) -> Vec<usize> {
    let number = |x: &[f32]| x.iter().enumerate().map(|(i, x)| usize::from(*x > 0.0) << i).sum();
    images.chunks_exact(d).map(number).collect()
}

/// Draws of the exact law of a Boltzmann machine with random couplings, and of it at another temperature, have that law after
/// sweeps of single pixels too, and chains that begin all black come to it.
#[test]
fn single_pixels_leave_the_counted_law_invariant() {
    const CHAINS: usize = 8192;
    let mut rng = rng::host(5);
    for temperature in [1.0, 2.0] {
        let mut session = on_patterns(json!({
            "data": {"id": "bars-and-stripes", "side": 2},
            "model": "boltzmann-machine",
            "sampler": {"id": "single-site-gibbs", "temperature": temperature},
            "particles": CHAINS,
        }));
        let weights: Vec<f32> = (0..20).map(|_| rng.random_range(-0.8..0.8)).collect();
        for name in [slot::PARAMETERS, slot::AVERAGE] {
            session.write(name, &weights).unwrap();
        }
        let law = law(&mut session, 2, temperature);
        // E(x) = −½ Σ_{i≠j} W_ij x_i x_j − Σ b_i x_i, once more by hand.
        let x = [1.0, -1.0, 1.0, 1.0f64];
        let pairs: f64 = (0..16).filter(|i| i / 4 != i % 4).map(|i| f64::from(weights[i]) * x[i / 4] * x[i % 4]).sum();
        let bias: f64 = (0..4).map(|i| f64::from(weights[16 + i]) * x[i]).sum();
        let told = block_on(session.evaluate(&x.map(|x| x as f32))).unwrap().0[0];
        assert!((f64::from(told) + pairs / 2.0 + bias).abs() < 1e-5);
        let chi_square = |images: &[f32]| {
            let mut counts = [0.0; 16];
            numbers(images, 4).into_iter().for_each(|n| counts[n] += 1.0);
            let all = CHAINS as f64;
            counts.iter().zip(&law).map(|(n, p)| (n - all * p).powi(2) / (all * p)).sum::<f64>()
        };
        // The 0.9999 quantile of χ² with 15 degrees of freedom.
        const QUANTILE: f64 = 44.26;
        let draw = |u: f64| {
            law.iter()
                .scan(0.0, |sum, p| {
                    *sum += p;
                    Some(*sum)
                })
                .position(|sum| u < sum)
                .unwrap_or(15)
        };
        let exact: Vec<f32> = (0..CHAINS)
            .map(|_| draw(rng.random_range(0.0..1.0)))
            .flat_map(|s| (0..4).map(move |i| 2.0 * (s >> i & 1) as f32 - 1.0))
            .collect();
        for (start, steps) in [(exact, 1), (vec![-1.0; 4 * CHAINS], 60)] {
            session.set_particles(&start).unwrap();
            block_on(session.sample(steps)).unwrap();
            let end = block_on(session.particles()).unwrap();
            let found = chi_square(&end);
            assert!(found < QUANTILE, "T = {temperature}, {steps} steps: {found}");
            let moved = end.iter().zip(&start).filter(|(a, b)| a != b).count();
            assert!(moved > CHAINS / 2, "{moved}");
        }
    }
}

#[test]
fn a_hopfield_network_recalls_what_it_holds() {
    for (form, memories) in [("classical", 2), ("modern", 6)] {
        let mut session = on_patterns(json!({
            "model": {"id": "hopfield", "form": form, "memories": memories},
            "sampler": {"id": "single-site-gibbs", "temperature": 0},
            "particles": 512,
        }));
        let patterns = session.selected(Part::Training).unwrap().pixels;
        let mut all: Vec<usize> = vec![];
        for pattern in numbers(&patterns, 16) {
            if !all.contains(&pattern) {
                all.push(pattern);
            }
        }
        let held: Vec<usize> = (0..memories).map(|k| all[(11 * k + 9) % 30]).collect();
        // Each memory with one pixel turned comes back; a lone chain from each, the others from noise.
        let mut start = block_on(session.particles()).unwrap();
        for (k, x) in start.chunks_exact_mut(16).take(16 * memories).enumerate() {
            let memory = held[k / 16];
            (0..16).for_each(|i| x[i] = if memory >> i & 1 == 1 { 1.0 } else { -1.0 });
            x[k % 16] = -x[k % 16];
        }
        session.set_particles(&start).unwrap();
        block_on(session.sample(1)).unwrap();
        let end = numbers(&block_on(session.particles()).unwrap(), 16);
        assert!((0..16 * memories).all(|k| end[k] == held[k / 16]), "{form}");
        // At rest the energy cannot fall by any one pixel.
        block_on(session.sample(20)).unwrap();
        let rest = block_on(session.particles()).unwrap();
        let energies = block_on(session.evaluate(&rest)).unwrap().0;
        for i in 0..16 {
            let mut turned = rest.clone();
            turned.chunks_exact_mut(16).for_each(|x| x[i] = -x[i]);
            let others = block_on(session.evaluate(&turned)).unwrap().0;
            assert!(energies.iter().zip(&others).all(|(rest, other)| rest <= &(other + 1e-5)), "{form} {i}");
        }
        // What is counted is the same sum once more.
        let exact = block_on(session.likelihood()).unwrap().unwrap();
        let law = law(&mut session, 4, 1.0);
        let mut known = numbers(&patterns, 16);
        let mean = known.iter().map(|&n| law[n].ln()).sum::<f64>() / 32.0;
        known.sort_unstable();
        known.dedup();
        let (found, mass) = (exact.law.unwrap().mass, known.iter().map(|&n| law[n]).sum::<f64>());
        assert!((exact.held_out - mean).abs() < 1e-9 && (found - mass).abs() < 1e-9, "{exact:?} {mean} {mass}");
    }
}

/// At the maximum of the likelihood the correlations of the law are those of the data.
#[test]
fn a_boltzmann_machine_learns_the_correlations_of_the_data() {
    let mut session = on_patterns(json!({
        "model": "boltzmann-machine",
        "sampler": "single-site-gibbs",
        "batch": 256,
        "objective": {"id": PCD, "regularisation": 0, "bufferSize": 256},
        "optimizer": {"id": "sgd", "learningRate": 0.05, "schedule": "cosine", "scheduleUpdates": 600},
    }));
    let before = block_on(session.likelihood()).unwrap().unwrap().held_out;
    assert!((before + 16.0 * std::f64::consts::LN_2).abs() < 1e-6, "all weights are zero: {before}");
    session.train(600).unwrap();
    let after = block_on(session.likelihood()).unwrap().unwrap().held_out;
    let law = law(&mut session, 4, 1.0);
    let patterns = session.selected(Part::Training).unwrap().pixels;
    let spin = |s: usize, i: usize| f64::from(2 * (s >> i & 1) as i32 - 1);
    for (i, j) in (0..16).flat_map(|i| (0..i).map(move |j| (i, j))) {
        let of_law: f64 = law.iter().enumerate().map(|(s, p)| p * spin(s, i) * spin(s, j)).sum();
        let of_data = patterns.chunks_exact(16).map(|x| f64::from(x[i] * x[j])).sum::<f64>() / 32.0;
        // What 256 chains and a learning rate of 0.05 leave.
        assert!((of_law - of_data).abs() < 0.1, "{i} {j}: {of_law} {of_data}");
    }
    assert!(after > before + 2.0, "{before} {after}");
}
