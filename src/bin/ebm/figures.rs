//! What a run on images comes to: energies of what it should know and of what it should not.

use ebm::data::idx::SIDE;
use ebm::data::images::Part;
use ebm::json;
use ebm::json::Value;
use ebm::rng;
use ebm::session::Session;
use ebm_metric::auroc;
use pollster::block_on;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

const PIXELS: usize = SIDE * SIDE;
/// Chains of the buffer whose energies are taken.
const CHAINS: usize = 512;
/// Draws of the evidence lower bound for each image.
const DRAWS: usize = 16;

/// Images [n, 784] that are none of the set's, made from held-out ones.
type Strange = (&'static str, fn(&mut dyn Rng, &[f32]) -> Vec<f32>);

/// By the name under which their area is told.
const STRANGE: [Strange; 4] = [
    ("noise", |rng, image| image.iter().map(|_| rng.random_range(-1.0..1.0)).collect()),
    ("shuffled", |mut rng, image| {
        let mut pixels = image.to_vec();
        pixels.shuffle(&mut rng);
        pixels
    }),
    ("inverted", |_, image| image.iter().map(|x| -x).collect()),
    ("rotated", |_, image| (0..PIXELS).map(|i| image[SIDE * (i % SIDE) + SIDE - 1 - i / SIDE]).collect()),
];

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64
}

/// The share of rows [n, classes] whose largest value is that of the label.
fn accuracy(shares: &[f32], labels: &[u8]) -> f64 {
    let rows = shares.chunks_exact(shares.len() / labels.len());
    let right = |(row, label): (&[f32], &u8)| row.iter().all(|&share| share <= row[usize::from(*label)]);
    rows.zip(labels).filter(|&pair| right(pair)).count() as f64 / labels.len() as f64
}

/// The share of rows [n, size] whose nearest one of others [m, size] is of their class.
fn agreement((rows, classes): (&[f32], &[u8]), (others, theirs): (&[f32], &[u8])) -> f64 {
    let size = rows.len() / classes.len();
    let apart = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    let agrees = |(row, class): (&[f32], &u8)| {
        let all = others.chunks_exact(size).zip(theirs);
        let nearest = all.map(|(other, class)| (apart(row, other), class)).min_by(|a, b| a.0.total_cmp(&b.0));
        nearest.is_some_and(|(_, found)| found == class)
    };
    rows.chunks_exact(size).zip(classes).filter(|&pair| agrees(pair)).count() as f64 / classes.len() as f64
}

/// How often the training image that is nearest to a held-out one, or to a view of it, is of the same class: by the embedding, and by the
/// pixels.
fn neighbours(session: &mut Session, pixels: &[f32], labels: &[u8]) -> ebm::Result<Value> {
    let training = session.selected(Part::Training)?;
    let classes = training.labels.unwrap_or_default();
    let views = block_on(session.views(pixels, 1))?;
    let embedded = block_on(session.embed(&training.pixels))?;
    let mut told = json!({});
    for (name, images) in [("images", pixels), ("views", &views)] {
        let own = block_on(session.embed(images))?;
        told[name] = json!({
            "embedding": (agreement((&own, labels), (&embedded, &classes))),
            "pixels": (agreement((images, labels), (&training.pixels, &classes))),
        });
    }
    Ok(told)
}

/// The accuracy of the classes of held-out images, where some are learned; mean energies of them and of chains; and for each kind of
/// strange images the area under the receiver operating characteristic of the energy, 1 where every strange image has a higher one
/// than every held-out image. Of a model with hidden units also the mean pseudo-log-likelihood of held-out images, in nats; of one
/// with latent variables the evidence lower bound of held-out images; of one of pairs that learns views how often neighbours are of one
/// class.
pub fn figures(session: &mut Session) -> ebm::Result<Value> {
    let held_out = session.selected(Part::HeldOut)?;
    let own = block_on(session.evaluate(&held_out.pixels))?.0;
    let [chains, _] = block_on(session.buffer())?;
    let chains = &chains[..chains.len().min(CHAINS * PIXELS)];
    let mut areas = json!({});
    for (name, make) in STRANGE {
        // The same ones at every look.
        let mut rng = rng::host(1);
        let mut strange: Vec<f32> =
            held_out.pixels.chunks_exact(PIXELS).flat_map(|image| make(&mut rng, image)).collect();
        session.space().settle(&mut strange);
        areas[name] = auroc(&block_on(session.evaluate(&strange))?.0, &own).into();
    }
    let chain_energy = if chains.is_empty() { None } else { Some(mean(&block_on(session.evaluate(chains))?.0)) };
    let shares = block_on(session.classify(&held_out.pixels))?;
    let accuracy = held_out.labels.as_ref().filter(|_| !shares.is_empty()).map(|labels| accuracy(&shares, labels));
    let energy = mean(&own);
    let mut figures =
        json!({"accuracyHeldOut": accuracy, "energyHeldOut": energy, "energyChains": chain_energy, "auroc": areas});
    if session.has_units() {
        let likelihood = block_on(session.pseudo_log_likelihood(usize::MAX, &mut || Box::pin(async {})))?;
        figures["pseudoLogLikelihoodHeldOut"] = likelihood.into();
    }
    if let Some(labels) = held_out.labels.as_ref().filter(|_| session.embeds()) {
        figures["neighbours"] = neighbours(session, &held_out.pixels, labels)?;
    }
    if session.has_encoder() {
        let bound = block_on(session.lower_bound(DRAWS, 1, usize::MAX, &mut || Box::pin(async {})))?;
        figures["lowerBoundHeldOut"] = bound.to_json();
    }
    Ok(figures)
}
