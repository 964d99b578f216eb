//! How near to the data's own density each training rule comes on the toy sets: KL(p‖q) = NLL − entropy in nats, by
//! quadrature, beside the figures of an independent implementation. `cargo xtask bench objectives` runs it.
//!
//! Adam 1e-3 falling to 0 on a cosine, averaged weights, 256 points an update of 65,536, which stand in for fresh draws.

use ebm::backend::Backend;
use ebm::backend::cpu::Cpu;
use ebm::backend::gpu::Gpu;
use ebm::json;
use ebm::json::Value;
use ebm::session::{Config, Session};
use pollster::block_on;
use std::process::ExitCode;
use std::time::Instant;

/// The sets in the order of the reference figures.
const SETS: [&str; 6] = ["eight-gaussians", "two-spirals", "rings", "checkerboard", "two-moons", "pinwheel"];

/// What the reference reached.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reference {
    /// No figure.
    Unknown,
    /// NLL − entropy, nats.
    Gap(f64),
    /// It ran away: the guard should say so.
    Diverges,
}

use Reference::{Diverges, Gap, Unknown};

/// A rule with its settings and what the reference reached with it on each of [`SETS`].
struct Row {
    label: &'static str,
    fourier: bool,
    updates: usize,
    /// The objective, and the sampler on eight Gaussians and on the rest.
    settings: fn() -> (Value, [Value; 2]),
    reference: [Reference; 6],
}

/// A rule without chains.
fn alone(objective: Value) -> (Value, [Value; 2]) {
    (objective, [json!({"id": "langevin"}), json!({"id": "langevin"})])
}

const ROWS: &[Row] = &[
    Row {
        label: "NCE, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "noise-contrastive-estimation"})),
        reference: [Gap(0.014), Gap(0.57), Gap(0.82), Gap(0.29), Gap(0.032), Gap(0.14)],
    },
    Row {
        label: "NCE",
        fourier: true,
        updates: 5000,
        settings: || alone(json!({"id": "noise-contrastive-estimation"})),
        reference: [Gap(0.009), Gap(0.020), Gap(0.034), Gap(0.100), Gap(0.014), Gap(0.006)],
    },
    Row {
        label: "NCE ν = 4, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "noise-contrastive-estimation", "noiseRatio": 4})),
        reference: [Gap(0.014), Gap(0.41), Unknown, Unknown, Unknown, Unknown],
    },
    Row {
        label: "NCE ν = 4",
        fourier: true,
        updates: 5000,
        settings: || alone(json!({"id": "noise-contrastive-estimation", "noiseRatio": 4})),
        reference: [Unknown, Unknown, Gap(0.028), Gap(0.093), Unknown, Unknown],
    },
    Row {
        label: "SM, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "score-matching"})),
        reference: [Gap(0.007), Gap(0.073), Gap(0.111), Unknown, Gap(0.014), Gap(0.066)],
    },
    Row {
        label: "SM, data noise .05, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "score-matching", "dataNoise": 0.05})),
        reference: [Unknown, Unknown, Unknown, Gap(0.216), Unknown, Unknown],
    },
    Row {
        label: "SSM-VR, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "sliced-score-matching"})),
        reference: [Gap(0.010), Gap(0.132), Gap(0.156), Gap(0.239), Gap(0.015), Gap(0.082)],
    },
    Row {
        label: "SSM-VR",
        fourier: true,
        updates: 5000,
        settings: || alone(json!({"id": "sliced-score-matching"})),
        reference: [Gap(0.020), Gap(0.093), Gap(0.031), Gap(0.095), Gap(0.064), Gap(0.046)],
    },
    Row {
        label: "FD-SSM, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "finite-difference-score-matching"})),
        reference: [Gap(0.011), Gap(0.101), Unknown, Unknown, Unknown, Unknown],
    },
    Row {
        label: "CV-DSM σ = .05, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "denoising-score-matching", "sigma": 0.05, "controlVariate": true})),
        reference: [Gap(0.025), Gap(0.14), Gap(0.22), Gap(0.31), Gap(0.016), Gap(0.060)],
    },
    Row {
        label: "CV-DSM σ = .05",
        fourier: true,
        updates: 5000,
        settings: || alone(json!({"id": "denoising-score-matching", "sigma": 0.05, "controlVariate": true})),
        reference: [Gap(0.025), Gap(0.099), Gap(0.063), Gap(0.098), Gap(0.062), Gap(0.044)],
    },
    Row {
        label: "DSM σ = .1, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "denoising-score-matching", "sigma": 0.1})),
        reference: [Gap(0.023), Gap(0.37), Gap(0.61), Gap(0.37), Gap(0.034), Gap(0.128)],
    },
    Row {
        label: "DSM σ = .3, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "denoising-score-matching", "sigma": 0.3})),
        reference: [Gap(0.13), Gap(0.64), Unknown, Unknown, Unknown, Unknown],
    },
    Row {
        label: "DSM σ = .01, plain",
        fourier: false,
        updates: 5000,
        settings: || alone(json!({"id": "denoising-score-matching", "sigma": 0.01})),
        reference: [Gap(1.40), Gap(1.21), Unknown, Unknown, Unknown, Unknown],
    },
    Row {
        label: "CD-10, plain",
        fourier: false,
        updates: 4000,
        settings: contrastive,
        reference: [Gap(0.030), Unknown, Diverges, Gap(0.33), Gap(0.023), Gap(0.10)],
    },
    Row {
        label: "CD-10",
        fourier: true,
        updates: 4000,
        settings: contrastive,
        reference: [Gap(0.032), Gap(0.069), Diverges, Gap(0.105), Gap(0.051), Gap(0.037)],
    },
    Row {
        label: "PCD-20, MALA, α = .05",
        fourier: true,
        updates: 2000,
        settings: || {
            let sampler = json!({"id": "mala", "steps": 20});
            (json!({"id": "persistent-contrastive-divergence"}), [sampler.clone(), sampler])
        },
        reference: [Gap(0.031), Gap(0.22), Gap(0.25), Gap(0.12), Gap(0.029), Gap(0.040)],
    },
    Row {
        label: "ML by quadrature",
        fourier: true,
        updates: 2000,
        settings: || alone(json!({"id": "maximum-likelihood"})),
        reference: [Unknown; 6],
    },
    Row {
        label: "Energy discrepancy",
        fourier: true,
        updates: 3000,
        settings: || alone(json!({"id": "energy-discrepancy"})),
        reference: [Unknown; 6],
    },
];

fn contrastive() -> (Value, [Value; 2]) {
    let langevin = |h: f64| json!({"id": "langevin", "steps": 10, "stepSize": h});
    (json!({"id": "contrastive-divergence", "regularisation": 0.0}), [langevin(0.03), langevin(0.005)])
}

/// What a run came to.
enum Outcome {
    /// KL(p‖q), nats.
    Gap(f64),
    /// The guard's reason and the update.
    Stopped(&'static str, u64),
}

fn run(row: &Row, set: usize, seed: u32, backend: Box<dyn Backend>) -> ebm::Result<Outcome> {
    /// Updates between two looks of the guard.
    const PORTION: usize = 50;
    let (objective, samplers) = (row.settings)();
    let config = json!({
        "seed": seed,
        "data": {"id": SETS[set], "count": 65_536},
        "model": {"id": "mlp", "features": if row.fourier { "fourier" } else { "none" }},
        "objective": objective,
        "sampler": samplers[usize::from(set > 0)].clone(),
        "optimizer": {"id": "adam", "schedule": "cosine", "scheduleUpdates": row.updates},
        "batch": 256,
        "particles": 0,
    });
    let mut session = Session::new(backend, Config::from_value(&config)?)?;
    for _ in 0..row.updates / PORTION {
        session.train(PORTION)?;
        if let Some(guard) = block_on(session.check())? {
            return Ok(Outcome::Stopped(guard.code, guard.update));
        }
    }
    let metrics = block_on(session.metrics())?;
    Ok(Outcome::Gap(metrics["kl"].as_f64().unwrap_or(f64::NAN)))
}

/// No worse than the reference by more than 0.02 nats or three tenths of it.
fn meets(reference: Reference, outcome: &Outcome) -> bool {
    match (reference, outcome) {
        (Unknown, _) | (Diverges, Outcome::Stopped(..)) => true,
        (Gap(figure), Outcome::Gap(gap)) => *gap <= (figure + 0.02).max(1.3 * figure),
        _ => false,
    }
}

/// The values behind `--name`, separated by commas.
fn option(arguments: &[String], name: &str) -> Option<Vec<String>> {
    let at = arguments.iter().position(|a| a == name)?;
    Some(arguments.get(at + 1)?.split(',').map(str::to_string).collect())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (rules, sets) = (option(&arguments, "--rule"), option(&arguments, "--data"));
    let seeds = option(&arguments, "--seeds").unwrap_or_else(|| vec!["1".into(), "2".into(), "3".into()]);
    let gpu = arguments.iter().any(|a| a == "--webgpu");
    let (mut missed, mut runs) = (0, 0);
    println!("| rule | set | seed | gap | reference | s | |\n|---|---|---|---|---|---|---|");
    for row in
        ROWS.iter().filter(|r| rules.as_ref().is_none_or(|rules| rules.iter().any(|l| r.label.starts_with(l.as_str()))))
    {
        for (set, name) in SETS.iter().enumerate() {
            if sets.as_ref().is_some_and(|sets| !sets.iter().any(|s| s == name)) {
                continue;
            }
            let reference = row.reference[set];
            for seed in seeds.iter().filter_map(|s| s.parse::<u32>().ok()) {
                let begin = Instant::now();
                let backend: ebm::Result<Box<dyn Backend>> = match gpu {
                    true => block_on(Gpu::new()).map(|gpu| Box::new(gpu) as Box<dyn Backend>),
                    false => Ok(Box::new(Cpu::<f32>::new())),
                };
                let outcome = match backend.and_then(|backend| run(row, set, seed, backend)) {
                    Ok(outcome) => outcome,
                    Err(error) => {
                        eprintln!("{}: {error}", row.label);
                        return ExitCode::FAILURE;
                    }
                };
                let met = meets(reference, &outcome);
                missed += usize::from(!met);
                runs += 1;
                let got = match outcome {
                    Outcome::Gap(gap) => format!("{gap:.3}"),
                    Outcome::Stopped(code, update) => format!("{code} at {update}"),
                };
                let want = match reference {
                    Unknown => "–".into(),
                    Gap(figure) => format!("{figure:.3}"),
                    Diverges => "diverges".to_string(),
                };
                let seconds = begin.elapsed().as_secs_f64();
                let verdict = if met { "" } else { "worse" };
                println!("| {} | {name} | {seed} | {got} | {want} | {seconds:.1} | {verdict} |", row.label);
            }
        }
    }
    if runs == 0 {
        eprintln!(
            "Nothing was chosen: --rule takes how a label begins, --data ids of {SETS:?}, --seeds whole numbers."
        );
        return ExitCode::FAILURE;
    }
    println!("\n{missed} worse than the reference allows.");
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
