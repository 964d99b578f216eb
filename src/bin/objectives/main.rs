//! How near to the data's own density each training rule comes on the toy sets, by quadrature, beside the figures of an
//! independent implementation. `cargo xtask bench objectives` runs it.
//!
//! Of energies: Adam 1e-3 falling to 0 on a cosine, averaged weights, 256 points an update, drawn anew every fifty updates.

mod diffusion;
mod table;

use ebm::backend::Backend;
use ebm::backend::cpu::Cpu;
use ebm::backend::gpu::Gpu;
use ebm::error::Error;
use ebm::json;
use ebm::session::{Config, Session};
use ebm::{data, rng};
use pollster::block_on;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;
use table::{Figure, Measure, Row, rows};

/// Something that is trained and measured.
trait Run: Sync {
    /// What `--rule` chooses it by.
    fn label(&self) -> &'static str;

    /// The set that it is trained on.
    fn set(&self) -> &'static str;

    /// Trains and returns the table's lines, each with whether it is as expected.
    fn lines(&self, gpu: bool) -> ebm::Result<Vec<(String, bool)>>;
}

/// A row on a set with a seed.
struct Cell<'a> {
    row: &'a Row,
    set: &'static str,
    seed: u32,
}

/// What a run came to.
enum Outcome {
    Trained(Box<Session>),
    /// The guard's reason, the update and the dial that it names.
    Stopped(&'static str, u64, &'static str),
}

impl Cell<'_> {
    fn train(&self, gpu: bool) -> ebm::Result<Outcome> {
        /// Updates between two looks of the guard.
        const PORTION: usize = 50;
        /// Points that are drawn for each portion, five times as many as its batches take.
        const POINTS: usize = 65_536;
        let config = json!({
            "seed": self.seed,
            "data": {"id": self.set, "count": POINTS},
            "model": {"id": "mlp", "features": if self.row.fourier { "fourier" } else { "none" }},
            "objective": self.row.objective.clone(),
            "sampler": self.row.sampler(self.set).clone(),
            "optimizer": {"id": "adam", "schedule": "cosine", "scheduleUpdates": self.row.updates},
            "batch": 256,
            "particles": 0,
        });
        let backend: Box<dyn Backend> = if gpu { Box::new(block_on(Gpu::new())?) } else { Box::new(Cpu::<f32>::new()) };
        let config = Config::from_value(&config)?;
        let density = data::by_id(self.set).ok_or_else(|| Error::value("data.id", self.set, "a density"))?;
        let mut rng = rng::host(u64::from(self.seed) << 32);
        let mut session = Session::new(backend, config.clone())?;
        for _ in 0..self.row.updates / PORTION {
            let points = (0..POINTS).map_while(|_| density.sample(&config.data, &mut rng));
            block_on(session.set_data(points.map(|p| p.map(|c| c as f32)).collect()))?;
            session.train(PORTION)?;
            if let Some(guard) = block_on(session.check())? {
                return Ok(Outcome::Stopped(guard.code, guard.update, guard.dial));
            }
        }
        Ok(Outcome::Trained(Box::new(session)))
    }
}

impl Run for Cell<'_> {
    fn label(&self) -> &'static str {
        self.row.label
    }

    fn set(&self) -> &'static str {
        self.set
    }

    fn lines(&self, gpu: bool) -> ebm::Result<Vec<(String, bool)>> {
        let begin = Instant::now();
        let mut outcome = self.train(gpu)?;
        let seconds = begin.elapsed().as_secs_f64();
        let Cell { row, set, seed } = self;
        let expected = row.expected.iter().filter(|(on, ..)| on == set);
        let mut lines = vec![];
        for &(_, measure, figure) in expected {
            let (got, met) = match &mut outcome {
                Outcome::Trained(session) => {
                    let value = read(session, measure)?;
                    (format!("{value:.3}"), figure.accepts(value))
                }
                Outcome::Stopped(code, update, dial) => {
                    let met = matches!(figure, Figure::Diverges | Figure::Unknown);
                    (format!("{code} at {update}: turn {dial}"), met)
                }
            };
            let (title, want, verdict) = (measure.title(), figure.text(), if met { "" } else { "not met" });
            let line =
                format!("| {} | {set} | {seed} | {title} | {got} | {want} | {seconds:.1} | {verdict} |", row.label);
            lines.push((line, met));
        }
        Ok(lines)
    }
}

/// Reads a measure off a trained energy.
fn read(session: &mut Session, measure: Measure) -> ebm::Result<f64> {
    let metrics = block_on(session.metrics())?;
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Ok(match measure {
        Measure::Gap => number(metrics["kl"].as_f64()),
        Measure::LogPartition => {
            number(metrics["losses"]["logPartition"].as_f64().zip(metrics["logZ"].as_f64()).map(|(c, z)| (c - z).abs()))
        }
        Measure::Heavier => share_of_the_heavier(session)?,
    })
}

/// Of the mass within four standard deviations of a mode of `two-gaussians`, the share of the heavier; by the midpoint
/// rule on 300² cells of [−6, 6]².
fn share_of_the_heavier(session: &mut Session) -> ebm::Result<f64> {
    const SIDE: usize = 300;
    const CENTRE: f64 = 2.5;
    const RADIUS: f64 = 2.0;
    let middle = |i: usize| -6.0 + 12.0 * (i as f32 + 0.5) / SIDE as f32;
    let points: Vec<[f32; 2]> = (0..SIDE * SIDE).map(|i| [middle(i % SIDE), middle(i / SIDE)]).collect();
    let (energy, _) = block_on(session.evaluate(points.as_flattened()))?;
    let lowest = energy.iter().copied().fold(f32::INFINITY, f32::min);
    let near = |centre: f64| -> f64 {
        let within = |x: &[f32; 2]| (f64::from(x[0]) - centre).hypot(f64::from(x[1]) - centre) < RADIUS;
        let masses = points.iter().zip(&energy).filter(|(x, _)| within(x));
        masses.map(|(_, &e)| f64::from(lowest - e).exp()).sum()
    };
    let (heavier, lighter) = (near(CENTRE), near(-CENTRE));
    Ok(heavier / (heavier + lighter))
}

/// The values behind `--name`, separated by commas.
fn option(arguments: &[String], name: &str) -> Option<Vec<String>> {
    let at = arguments.iter().position(|a| a == name)?;
    Some(arguments.get(at + 1)?.split(',').map(str::to_string).collect())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (rules, sets) = (option(&arguments, "--rule"), option(&arguments, "--data"));
    let numbers = |name: &str| -> Option<Vec<u32>> {
        Some(option(&arguments, name)?.iter().filter_map(|s| s.parse().ok()).collect())
    };
    let seeds = numbers("--seeds").unwrap_or_else(|| vec![1, 2, 3]);
    let threads = numbers("--threads").and_then(|n| n.first().copied()).unwrap_or(1).max(1);
    let gpu = arguments.iter().any(|a| a == "--webgpu");
    let rows = rows();
    let mut cells: Vec<Box<dyn Run>> = vec![];
    for &seed in &seeds {
        for row in &rows {
            cells.extend(row.sets().into_iter().map(|set| Box::new(Cell { row, set, seed }) as Box<dyn Run>));
        }
        cells.extend(diffusion::all(seed).into_iter().map(|run| Box::new(run) as Box<dyn Run>));
    }
    cells.retain(|cell| {
        let by_rule = rules.as_ref().is_none_or(|r| r.iter().any(|label| cell.label().starts_with(label.as_str())));
        by_rule && sets.as_ref().is_none_or(|s| s.iter().any(|set| set == cell.set()))
    });
    if cells.is_empty() {
        eprintln!("Nothing was chosen: --rule takes how a label begins, --data ids of sets, --seeds whole numbers.");
        return ExitCode::FAILURE;
    }
    if gpu {
        match block_on(Gpu::new()) {
            Ok(gpu) => println!("Adapter: {}\n", gpu.describe().name),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("| rule | set | seed | what | got | expected | s | |\n|---|---|---|---|---|---|---|---|");
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    let (mut missed, mut failed) = (0, false);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, cells, next) = (sender.clone(), &cells, &next);
            scope.spawn(move || {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The receiver outlives the scope.
                    let _ = sender.send((cell.label(), cell.lines(gpu)));
                }
            });
        }
        drop(sender);
        for (label, result) in results {
            match result {
                Ok(lines) => lines.into_iter().for_each(|(line, met)| {
                    println!("{line}");
                    missed += usize::from(!met);
                }),
                Err(error) => {
                    eprintln!("{label}: {error}");
                    failed = true;
                }
            }
        }
    });
    println!("\n{} runs, {missed} figures not as expected.", cells.len());
    if missed == 0 && !failed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
