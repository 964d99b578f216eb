//! `train`: a run in a folder, which can be broken off at any time and gone on with.

use crate::figures::figures;
use crate::{Failure, picture};
use ebm::backend::Backend;
use ebm::backend::cpu::Cpu;
use ebm::backend::gpu::Gpu;
use ebm::data::idx::Images;
use ebm::data::images::name_of;
use ebm::json;
use ebm::json::Value;
use ebm::session::{Config, Session, Snapshot};
use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Updates between two looks of the guard and two steps of the progress bar.
const PORTION: u64 = 10;

struct Options {
    out: PathBuf,
    updates: u64,
    config: Option<String>,
    weights: Option<PathBuf>,
    images: PathBuf,
    labels: Option<PathBuf>,
    every: u64,
    gpu: bool,
    resume: bool,
}

impl Options {
    fn parse(mut arguments: lexopt::Parser) -> Result<Self, Failure> {
        use lexopt::prelude::*;
        let mut options = Self {
            out: "runs/mnist".into(),
            updates: 1000,
            config: None,
            weights: None,
            images: "www/pkg/mnist/images.idx.packed".into(),
            labels: Some("www/pkg/mnist/labels.idx.packed".into()),
            every: 100,
            gpu: false,
            resume: false,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("out") => options.out = arguments.value()?.into(),
                Long("updates") => options.updates = arguments.value()?.parse()?,
                Long("config") => options.config = Some(arguments.value()?.string()?),
                Long("weights") => options.weights = Some(arguments.value()?.into()),
                Long("images") => {
                    // Others' labels are no use.
                    options.images = arguments.value()?.into();
                    options.labels = None;
                }
                Long("labels") => options.labels = Some(arguments.value()?.into()),
                Long("every") => options.every = arguments.value()?.parse::<u64>()?.max(1),
                Long("backend") => {
                    options.gpu = arguments.value()?.parse_with(|name| match name {
                        "cpu" => Ok(false),
                        "gpu" => Ok(true),
                        _ => Err("expected cpu or gpu"),
                    })?;
                }
                Long("resume") => options.resume = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    fn read_images(&self) -> Result<Images, Failure> {
        let labels = self.labels.as_deref().map(read).transpose()?;
        Ok(Images::read(&read(&self.images)?, labels.as_deref())?)
    }
}

/// The bytes of a file, or why there are none.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(fs::read(path).map_err(|e| format!("{} cannot be read ({e}).", path.display()))?)
}

/// Hands over the images that a config is of.
pub fn give(session: &mut Session, config: &Config, images: Images) -> Result<(), Failure> {
    let id = config.data.id;
    let name = name_of(id).ok_or_else(|| format!("data.id: {id} is not accepted; expected a set of images."))?;
    block_on(session.give_images(name, images))?;
    Ok(())
}

/// What lies in the folder of a run.
struct Folder<'a>(&'a Path);

impl Folder<'_> {
    fn checkpoint(&self) -> PathBuf {
        self.0.join("checkpoint.safetensors")
    }

    fn metrics(&self) -> PathBuf {
        self.0.join("metrics.jsonl")
    }

    /// Writes a file whole or not at all.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let part = path.with_extension("part");
        fs::write(&part, bytes)?;
        Ok(fs::rename(&part, path)?)
    }

    /// Forgets lines of updates behind this one, which are going to be written again.
    fn cut_metrics(&self, update: u64) -> Result<(), Failure> {
        let Ok(text) = fs::read_to_string(self.metrics()) else { return Ok(()) };
        let known = |line: &&str| json::parse(line).is_ok_and(|l| l["update"].as_u64().is_some_and(|u| u <= update));
        let kept: String = text.lines().filter(known).flat_map(|line| [line, "\n"]).collect();
        self.write(&self.metrics(), kept.as_bytes())
    }

    fn add_metrics(&self, line: &Value) -> Result<(), Failure> {
        let mut file = OpenOptions::new().create(true).append(true).open(self.metrics())?;
        Ok(writeln!(file, "{line}")?)
    }
}

/// Trains, as the module says.
pub fn command(arguments: lexopt::Parser) -> Result<(), Failure> {
    let options = Options::parse(arguments)?;
    let folder = Folder(&options.out);
    let backend: Box<dyn Backend> =
        if options.gpu { Box::new(block_on(Gpu::new())?) } else { Box::new(Cpu::<f32>::new()) };
    let mut session = Session::new(backend, Config::default())?;
    let images = options.read_images()?;
    if options.resume {
        if options.config.is_some() || options.weights.is_some() {
            return Err("--config and --weights belong to a new run: --resume goes on with the checkpoint's.".into());
        }
        let path = folder.checkpoint();
        let snapshot = Snapshot::from_bytes(&read(&path)?)?;
        give(&mut session, &snapshot.config, images)?;
        block_on(session.restore(snapshot))?;
        folder.cut_metrics(session.clock().update)?;
    } else {
        if folder.checkpoint().exists() {
            let sentence = "holds a run already: --resume goes on with it, another --out begins a new one.";
            return Err(format!("{} {sentence}", options.out.display()).into());
        }
        let usual = Config::from_value(&json!({"data": "mnist"}))?;
        let config = usual.patched(options.config.as_deref().unwrap_or("{}"))?;
        give(&mut session, &config, images)?;
        block_on(session.load(config))?;
        if let Some(path) = &options.weights {
            block_on(session.import_weights(&read(path)?))?;
        }
        fs::create_dir_all(&options.out)?;
    }
    let bar = ProgressBar::new(options.updates);
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} {per_sec} {eta} {msg}")?);
    bar.set_position(session.clock().update);
    let began = (Instant::now(), session.clock().update);
    while session.clock().update < options.updates {
        let update = session.clock().update;
        let until = (update / options.every + 1) * options.every;
        let n = PORTION.min(until.min(options.updates) - update);
        session.train(n as usize)?;
        if let Some(guard) = block_on(session.check())? {
            return Err(guard.sentence().into());
        }
        let update = session.clock().update;
        bar.set_position(update);
        if update == until || update == options.updates {
            let line = measured(&mut session, began)?;
            bar.set_message(format!("AUROC of noise {}", line["auroc"]["noise"]));
            folder.add_metrics(&line)?;
            keep(&mut session, &folder)?;
        }
    }
    bar.finish();
    println!("Weights, figures and a picture of the chains are in {}.", options.out.display());
    Ok(())
}

/// A line of figures.
fn measured(session: &mut Session, (began, from): (Instant, u64)) -> Result<Value, Failure> {
    let (update, losses) = (session.clock().update, block_on(session.losses())?);
    let rate = (update - from) as f64 / began.elapsed().as_secs_f64();
    let mut line = session.named_losses(&losses);
    line.insert("update", update);
    line.insert("updatesPerSecond", rate);
    if let Value::Object(figures) = figures(session)? {
        line.extend(figures);
    }
    Ok(Value::Object(line))
}

/// Writes the checkpoint and what comes of it.
fn keep(session: &mut Session, folder: &Folder) -> Result<(), Failure> {
    let snapshot = block_on(session.snapshot())?;
    folder.write(&folder.checkpoint(), &snapshot.to_bytes())?;
    let weights = block_on(session.export_weights())?;
    folder.write(&folder.0.join("weights.safetensors"), &weights)?;
    let [chains, _] = block_on(session.buffer())?;
    let shown = session.space().dimension() * picture::SHOWN;
    if chains.is_empty() {
        Ok(())
    } else {
        picture::write(&folder.0.join("chains.png"), &chains[..shown.min(chains.len())])
    }
}
