//! `judge`: a classifier looks at the ends of chains that begin in noise.

use crate::train::{give, read};
use crate::{Failure, picture};
use ebm::backend::Backend;
use ebm::backend::cpu::Cpu;
use ebm::data::idx::{CLASSES, Images};
use ebm::data::images::Part;
use ebm::json;
use ebm::json::Value;
use ebm::rng;
use ebm::session::{Config, Session};
use pollster::block_on;
use rand::RngExt;
use std::path::{Path, PathBuf};

struct Options {
    weights: PathBuf,
    by: PathBuf,
    images: PathBuf,
    labels: PathBuf,
    chains: usize,
    steps: usize,
    every: usize,
    seed: u32,
    picture: Option<PathBuf>,
    mix: Option<Vec<f32>>,
}

impl Options {
    fn parse(mut arguments: lexopt::Parser) -> Result<Self, Failure> {
        use lexopt::prelude::*;
        let mut options = Self {
            weights: "www/images/weights/mnist.safetensors".into(),
            by: "runs/judge/weights.safetensors".into(),
            images: "www/pkg/mnist/images.idx.packed".into(),
            labels: "www/pkg/mnist/labels.idx.packed".into(),
            chains: 500,
            steps: 1000,
            every: 1000,
            seed: 1,
            picture: None,
            mix: None,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("weights") => options.weights = arguments.value()?.into(),
                Long("by") => options.by = arguments.value()?.into(),
                Long("images") => options.images = arguments.value()?.into(),
                Long("labels") => options.labels = arguments.value()?.into(),
                Long("chains") => options.chains = arguments.value()?.parse::<usize>()?.max(1),
                Long("steps") => options.steps = arguments.value()?.parse::<usize>()?.max(1),
                Long("every") => options.every = arguments.value()?.parse::<usize>()?.max(1),
                Long("seed") => options.seed = arguments.value()?.parse()?,
                Long("mix") => {
                    let text = arguments.value()?.string()?;
                    let weights: Result<_, _> = text.split(',').map(|weight| weight.trim().parse()).collect();
                    options.mix =
                        Some(weights.map_err(|_| format!("--mix: {text} is no list of numbers such as 0,1,0."))?);
                }
                Long("picture") => options.picture = Some(arguments.value()?.into()),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// A session of the experiment that weights were made by, with them in it.
fn session_of(path: &Path, images: Images, patch: &Value) -> Result<Session, Failure> {
    let bytes = read(path)?;
    let config = Config::of_weights(&bytes)?.patched(&patch.to_string())?;
    let mut session = Session::new(Box::new(Cpu::<f32>::new()) as Box<dyn Backend>, Config::default())?;
    give(&mut session, &config, images)?;
    block_on(session.load(config))?;
    block_on(session.import_weights(&bytes))?;
    Ok(session)
}

/// Largest of the shares [classes], and whose it is.
fn likeliest(shares: &[f32]) -> (usize, f32) {
    let of_larger = |best: (usize, f32), (y, &share): (usize, &f32)| if share > best.1 { (y, share) } else { best };
    shares.iter().enumerate().fold((0, f32::NEG_INFINITY), of_larger)
}

/// Judges, as the module says: a line of JSON for every look.
pub fn command(arguments: lexopt::Parser) -> Result<(), Failure> {
    let options = Options::parse(arguments)?;
    let images = Images::read(&read(&options.images)?, Some(&read(&options.labels)?))?;
    let mut judge = session_of(&options.by, images.clone(), &json!({}))?;
    let held_out = judge.selected(Part::HeldOut)?;
    let labels = held_out.labels.ok_or("The images have no labels.")?;
    let shares = block_on(judge.classify(&held_out.pixels))?;
    if shares.is_empty() {
        return Err(format!("{} knows no classes.", options.by.display()).into());
    }
    let right =
        shares.chunks_exact(CLASSES.into()).zip(&labels).filter(|(row, y)| likeliest(row).0 == usize::from(**y));
    let accuracy = right.count() as f64 / labels.len() as f64;

    let patch = json!({"particles": options.chains, "seed": options.seed});
    let mut session = session_of(&options.weights, images, &patch)?;
    let mut rng = rng::host(options.seed.into());
    let noise: Vec<f32> =
        (0..options.chains * session.space().dimension()).map(|_| rng.random_range(-1.0..1.0)).collect();
    session.set_particles(&noise)?;
    if let Some(mix) = &options.mix {
        session.mix_classes(mix)?;
    }
    let mut step = 0;
    while step < options.steps {
        let n = options.every.min(options.steps - step);
        block_on(session.sample(n))?;
        step += n;
        let ends = block_on(session.particles())?;
        let shares = block_on(judge.classify(&ends))?;
        let mut counts = [0; CLASSES as usize];
        let mut confidence = 0.0;
        for row in shares.chunks_exact(CLASSES.into()) {
            let (y, share) = likeliest(row);
            counts[y] += 1;
            confidence += f64::from(share) / options.chains as f64;
        }
        let counts: Vec<Value> = counts.map(Value::from).into();
        println!(
            "{}",
            json!({"accuracyHeldOut": accuracy, "step": step, "meanConfidence": confidence, "chainsOfClass": counts})
        );
        if let Some(path) = &options.picture {
            picture::write(path, &ends[..ends.len().min(picture::SHOWN * session.space().dimension())])?;
        }
    }
    Ok(())
}
