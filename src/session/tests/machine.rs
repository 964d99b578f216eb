//! Restricted Boltzmann machines on images in black and white.

use super::*;
use crate::data::idx::Images;
use crate::data::images::Part;
use crate::model::machine::Machine;
use rand::RngExt;

const D: usize = 784;

/// Bright bars across the image at a few heights.
fn bars(n: usize) -> Images {
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

fn breathe() -> crate::backend::Local<()> {
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
    assert!(said(json!({"model": "cnn"})).ends_with(&format!("expected rbm, {why}")));
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
