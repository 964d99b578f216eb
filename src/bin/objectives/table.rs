//! What is trained, and what is expected of it: the figures that an independent implementation reached with the same
//! networks, updates and settings, and what a run has to keep to.

use ebm::json;
use ebm::json::Value;

/// The sets in the order of the reference figures.
pub const SETS: [&str; 6] = ["eight-gaussians", "two-spirals", "rings", "checkerboard", "two-moons", "pinwheel"];

/// What is read off a trained energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// KL(p‖q) = NLL − entropy, nats, by quadrature.
    Gap,
    /// |c − ln Z| of a learned log-partition, nats.
    LogPartition,
    /// Of the mass at the modes, the share of the heavier.
    Heavier,
}

impl Measure {
    pub fn title(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::LogPartition => "abs(c − ln Z)",
            Self::Heavier => "heavier mode",
        }
    }
}

/// What is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// Nothing: there is no reference.
    Unknown,
    /// The reference's gap: no worse by more than 0.02 nats or three tenths of it.
    Near(f64),
    /// At least the first, at most the second.
    Within(f64, f64),
    /// Below the first or above the second.
    Outside(f64, f64),
    /// The run goes astray, and the guard stops it.
    Diverges,
}

use Figure::{Diverges, Near, Outside, Unknown, Within};

impl Figure {
    pub fn accepts(self, value: f64) -> bool {
        match self {
            Unknown => true,
            Near(figure) => value <= (figure + 0.02).max(1.3 * figure),
            Within(low, high) => (low..=high).contains(&value),
            Outside(low, high) => value < low || value > high,
            Diverges => false,
        }
    }

    pub fn text(self) -> String {
        match self {
            Unknown => "–".into(),
            Near(figure) => format!("{figure:.3}"),
            Within(0.0 | f64::NEG_INFINITY, high) => format!("≤ {high}"),
            Within(low, high) if high == f64::INFINITY => format!("≥ {low}"),
            Within(low, high) => format!("{low:.2} to {high:.2}"),
            Outside(low, high) => format!("outside {low:.2} to {high:.2}"),
            Diverges => "diverges".into(),
        }
    }
}

fn at_most(figure: f64) -> Figure {
    Within(0.0, figure)
}

fn at_least(figure: f64) -> Figure {
    Within(figure, f64::INFINITY)
}

/// A rule with its settings.
pub struct Row {
    pub label: &'static str,
    pub fourier: bool,
    pub updates: usize,
    pub objective: Value,
    /// The sampler on eight Gaussians, whose modes are wide, and on the rest.
    sampler: [Value; 2],
    /// By set and measure.
    pub expected: Vec<(&'static str, Measure, Figure)>,
}

impl Row {
    fn new(label: &'static str, objective: Value, updates: usize) -> Self {
        let sampler = [json!({"id": "langevin"}), json!({"id": "langevin"})];
        Self { label, fourier: true, updates, objective, sampler, expected: vec![] }
    }

    /// Without Fourier features.
    fn plain(self) -> Self {
        Self { fourier: false, ..self }
    }

    fn chains(self, eight_gaussians: Value, rest: Value) -> Self {
        Self { sampler: [eight_gaussians, rest], ..self }
    }

    /// On each of [`SETS`].
    fn six(self, measure: Measure, figures: [Figure; 6]) -> Self {
        SETS.into_iter().zip(figures).fold(self, |row, (set, figure)| row.on(set, measure, figure))
    }

    fn gaps(self, figures: [f64; 6]) -> Self {
        self.six(Measure::Gap, figures.map(Near))
    }

    fn gap_on(self, set: &'static str, figure: f64) -> Self {
        self.on(set, Measure::Gap, Near(figure))
    }

    fn on(mut self, set: &'static str, measure: Measure, figure: Figure) -> Self {
        self.expected.push((set, measure, figure));
        self
    }

    /// The sets that it is trained on, by name.
    pub fn sets(&self) -> Vec<&'static str> {
        let mut sets: Vec<_> = self.expected.iter().map(|(set, ..)| *set).collect();
        sets.sort_unstable();
        sets.dedup();
        sets
    }

    /// The sampler on a set.
    pub fn sampler(&self, set: &str) -> &Value {
        &self.sampler[usize::from(set != SETS[0])]
    }
}

fn langevin(steps: usize, step_size: f64) -> Value {
    json!({"id": "langevin", "steps": steps, "stepSize": step_size})
}

/// MALA that finds its step size.
fn mala() -> Value {
    json!({"id": "mala", "steps": 20})
}

fn mala_fixed(step_size: f64) -> Value {
    json!({"id": "mala", "steps": 20, "stepSize": step_size, "adapt": false})
}

fn rule(id: &str) -> Value {
    json!({"id": id})
}

fn denoising(sigma: f64, control_variate: bool) -> Value {
    json!({"id": "denoising-score-matching", "sigma": sigma, "controlVariate": control_variate})
}

fn contrastive(alpha: f64) -> Value {
    json!({"id": "contrastive-divergence", "regularisation": alpha})
}

fn persistent(alpha: f64) -> Value {
    json!({"id": "persistent-contrastive-divergence", "regularisation": alpha})
}

/// Every row: the reference's table, then what a run has to keep to whatever the reference reached.
pub fn rows() -> Vec<Row> {
    let nce = || rule("noise-contrastive-estimation");
    let nce4 = || json!({"id": "noise-contrastive-estimation", "noiseRatio": 4});
    let sliced = || rule("sliced-score-matching");
    let noisy_sliced = || json!({"id": "sliced-score-matching", "dataNoise": 0.05});
    let [eight, spirals, rings, checkerboard, moons, pinwheel] = SETS;
    let pair = "two-gaussians";
    let gap = Measure::Gap;
    let cold = json!({"id": "langevin", "steps": 20, "stepSize": 0.03, "noise": 0.1 * 0.06_f64.sqrt()});
    let restarted = json!({"id": "persistent-contrastive-divergence", "regularisation": 0.0, "reinitialise": 1.0});
    vec![
        Row::new("NCE, plain", nce(), 5000).plain().gaps([0.014, 0.57, 0.82, 0.29, 0.032, 0.14]),
        Row::new("NCE", nce(), 5000).gaps([0.009, 0.020, 0.034, 0.100, 0.014, 0.006]),
        Row::new("NCE ν = 4, plain", nce4(), 5000).plain().gap_on(eight, 0.014).gap_on(spirals, 0.41),
        Row::new("NCE ν = 4", nce4(), 5000).gap_on(rings, 0.028).gap_on(checkerboard, 0.093),
        Row::new("SM, plain", rule("score-matching"), 5000)
            .plain()
            .gap_on(eight, 0.007)
            .gap_on(spirals, 0.073)
            .gap_on(rings, 0.111)
            .gap_on(moons, 0.014)
            .gap_on(pinwheel, 0.066),
        Row::new("SM, data noise .05, plain", json!({"id": "score-matching", "dataNoise": 0.05}), 5000)
            .plain()
            .gap_on(checkerboard, 0.216),
        Row::new("SSM-VR, plain", sliced(), 5000)
            .plain()
            .gap_on(eight, 0.010)
            .gap_on(spirals, 0.132)
            .gap_on(rings, 0.156)
            .gap_on(moons, 0.015)
            .gap_on(pinwheel, 0.082),
        Row::new("SSM-VR", sliced(), 5000)
            .gap_on(eight, 0.020)
            .gap_on(spirals, 0.093)
            .gap_on(rings, 0.031)
            .gap_on(moons, 0.064)
            .gap_on(pinwheel, 0.046),
        // Without it the score of a density with jumps is none, and the loss has no bottom.
        Row::new("SSM-VR, data noise .05, plain", noisy_sliced(), 5000).plain().gap_on(checkerboard, 0.239),
        Row::new("SSM-VR, data noise .05", noisy_sliced(), 5000).gap_on(checkerboard, 0.095),
        Row::new("FD-SSM, plain", rule("finite-difference-score-matching"), 5000)
            .plain()
            .gap_on(eight, 0.011)
            .gap_on(spirals, 0.101),
        Row::new("CV-DSM σ = .05, plain", denoising(0.05, true), 5000)
            .plain()
            .gaps([0.025, 0.14, 0.22, 0.31, 0.016, 0.060]),
        Row::new("CV-DSM σ = .05", denoising(0.05, true), 5000).gaps([0.025, 0.099, 0.063, 0.098, 0.062, 0.044]),
        Row::new("CV-DSM σ = .01, plain", denoising(0.01, true), 5000).plain().gap_on(eight, 0.019),
        Row::new("DSM σ = .1, plain", denoising(0.1, false), 5000)
            .plain()
            .gaps([0.023, 0.37, 0.61, 0.37, 0.034, 0.128]),
        Row::new("DSM σ = .3, plain", denoising(0.3, false), 5000).plain().gap_on(eight, 0.13).gap_on(spirals, 0.64),
        Row::new("DSM σ = .01, plain", denoising(0.01, false), 5000).plain().gap_on(eight, 1.40).gap_on(spirals, 1.21),
        Row::new("CD-10, plain", contrastive(0.0), 4000)
            .plain()
            .chains(langevin(10, 0.03), langevin(10, 0.005))
            .gap_on(eight, 0.030)
            .on(rings, gap, Diverges)
            .gap_on(checkerboard, 0.33)
            .gap_on(moons, 0.023)
            .gap_on(pinwheel, 0.10),
        Row::new("CD-10", contrastive(0.0), 4000)
            .chains(langevin(10, 0.03), langevin(10, 0.005))
            .six(gap, [Near(0.032), Near(0.069), Diverges, Near(0.105), Near(0.051), Near(0.037)]),
        Row::new("CD-1, plain", contrastive(0.0), 4000)
            .plain()
            .chains(langevin(1, 0.03), langevin(1, 0.03))
            .gap_on(eight, 0.036),
        Row::new("PCD-20, MALA h = .01, plain", persistent(0.0), 2000)
            .plain()
            .chains(mala_fixed(0.03), mala_fixed(0.01))
            .gap_on(eight, 0.032)
            .gap_on(rings, 0.94)
            .gap_on(checkerboard, 0.41)
            .gap_on(moons, 0.11)
            .gap_on(pinwheel, 0.33),
        Row::new("PCD-20, MALA h = .01", persistent(0.0), 2000)
            .chains(mala_fixed(0.01), mala_fixed(0.01))
            .six(gap, [Near(0.17), Diverges, Diverges, Near(0.18), Diverges, Diverges]),
        Row::new("PCD-20, MALA, α = .05", persistent(0.05), 2000)
            .chains(mala(), mala())
            .gaps([0.031, 0.22, 0.25, 0.12, 0.029, 0.040]),
        Row::new("PCD-20, Langevin h = .03, plain", persistent(0.0), 2000)
            .plain()
            .chains(langevin(20, 0.03), langevin(20, 0.03))
            .gap_on(eight, 0.044),
        Row::new("PCD-20, Langevin h = .03, α = .1, plain", persistent(0.1), 2000)
            .plain()
            .chains(langevin(20, 0.03), langevin(20, 0.03))
            .gap_on(eight, 0.063),
        Row::new("PCD-20, Langevin h = .1, plain", persistent(0.0), 2000)
            .plain()
            .chains(langevin(20, 0.1), langevin(20, 0.1))
            .on(eight, gap, Diverges),
        Row::new("PCD-20, Langevin h = .1, α = .1, plain", persistent(0.1), 2000)
            .plain()
            .chains(langevin(20, 0.1), langevin(20, 0.1))
            .gap_on(eight, 0.037),
        Row::new("Short runs of 50 from noise, plain", restarted, 2000)
            .plain()
            .chains(langevin(50, 0.03), langevin(50, 0.03))
            .gap_on(eight, 0.10),
        Row::new("PCD-20, a tenth of the noise, plain", persistent(0.0), 2000)
            .plain()
            .chains(cold.clone(), cold)
            .gap_on(eight, 1.38),
        Row::new("ML by quadrature", rule("maximum-likelihood"), 2000).six(gap, [Unknown; 6]),
        Row::new("Energy discrepancy", rule("energy-discrepancy"), 3000).six(gap, [Unknown; 6]),
        Row::new("Keeps: NCE, 3,000 updates", nce(), 3000)
            .six(gap, [0.025, 0.05, 0.15, 0.18, 0.04, 0.04].map(at_most))
            .six(Measure::LogPartition, [at_most(0.1); 6]),
        Row::new("Keeps: PCD, 1,500 updates", persistent(0.05), 1500)
            .chains(mala(), mala())
            .six(gap, [0.08, 0.35, 0.6, 0.25, 0.08, 0.12].map(at_most)),
        Row::new("Keeps: PCD without α", persistent(0.0), 1500)
            .chains(mala(), mala())
            .on(rings, gap, Diverges)
            .on(moons, gap, Diverges),
        Row::new("Keeps: DSM σ = .01", denoising(0.01, false), 3000).on(eight, gap, at_least(0.4)),
        Row::new("Keeps: CV-DSM σ = .01", denoising(0.01, true), 3000).on(eight, gap, at_most(0.1)),
        Row::new("Keeps: DSM σ = .3, plain", denoising(0.3, false), 5000).plain().on(eight, gap, Within(0.10, 0.17)),
        Row::new("Keeps: weights, NCE", nce(), 3000).on(pair, Measure::Heavier, Within(0.75, 0.85)),
        Row::new("Keeps: weights, SM", rule("score-matching"), 3000).on(pair, Measure::Heavier, Outside(0.7, 0.9)),
        Row::new("Keeps: weights, SSM-VR", sliced(), 3000).on(pair, Measure::Heavier, Outside(0.7, 0.9)),
        Row::new("Keeps: weights, DSM", denoising(0.1, false), 3000).on(pair, Measure::Heavier, Outside(0.7, 0.9)),
        Row::new("Keeps: weights, CD-10", contrastive(0.0), 3000).chains(langevin(10, 0.03), langevin(10, 0.03)).on(
            pair,
            Measure::Heavier,
            Outside(0.7, 0.9),
        ),
    ]
}
