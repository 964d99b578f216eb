//! Experiments worth opening: each a config of which everything else is default.

use super::Config;
use crate::error::{Error, Result};
use crate::json;
use crate::json::Value;

/// Experiments that fail on purpose: id, config, and the patch that mends it.
pub fn exhibits() -> Vec<(&'static str, Value, Value)> {
    const PERSISTENT: &str = "persistent-contrastive-divergence";
    vec![
        (
            "exploding-energies",
            json!({
                "data": {"id": "two-moons"},
                "objective": {"id": PERSISTENT, "regularisation": 0.0},
                "sampler": {"id": "mala"},
            }),
            json!({"objective": {"regularisation": 0.05}}),
        ),
        (
            "steps-too-long",
            json!({
                "objective": {"id": PERSISTENT, "regularisation": 0.0},
                "sampler": {"id": "langevin", "stepSize": 0.2},
            }),
            json!({"sampler": {"stepSize": 0.02}}),
        ),
        (
            "cold-sampler",
            json!({"objective": {"id": PERSISTENT}, "sampler": {"id": "langevin", "stepSize": 0.03, "noise": 0.025}}),
            json!({"sampler": {"noise": null}}),
        ),
        (
            "short-chains",
            json!({
                "objective": {"id": "contrastive-divergence"},
                "sampler": {"id": "langevin", "stepSize": 0.001, "steps": 1},
            }),
            json!({"objective": {"id": PERSISTENT}, "sampler": {"stepSize": 0.01, "steps": 20}}),
        ),
        (
            "drowned-in-noise",
            json!({"objective": {"id": "denoising-score-matching", "sigma": 0.01}}),
            json!({"objective": {"controlVariate": true}}),
        ),
        (
            "blind-to-weights",
            json!({"data": {"id": "two-gaussians"}, "objective": {"id": "score-matching"}}),
            json!({"objective": {"id": "noise-contrastive-estimation"}}),
        ),
    ]
}

/// Every scene: id and config, the exhibits last. The first one opens with the page.
pub fn scenes() -> Vec<(&'static str, Value)> {
    let persistent = |data: &str| {
        json!({
            "data": {"id": data},
            "objective": {"id": "persistent-contrastive-divergence"},
            "sampler": {"id": "mala"},
        })
    };
    let mut scenes = vec![
        ("eight-gaussians", json!({})),
        ("deep-ebm", persistent("eight-gaussians")),
        ("two-moons", json!({"data": {"id": "two-moons"}})),
        ("pinwheel", persistent("pinwheel")),
        (
            "contrastive-divergence",
            json!({"objective": {"id": "contrastive-divergence"}, "sampler": {"id": "langevin", "steps": 10}}),
        ),
        (
            "denoising-score-matching",
            json!({"data": {"id": "two-spirals"}, "objective": {"id": "denoising-score-matching"}}),
        ),
        ("sample-exactly", json!({"model": {"id": "exact"}, "sampler": {"id": "mala"}})),
        (
            "langevin-bias",
            json!({"data": {"id": "gaussian"}, "model": {"id": "exact"}, "sampler": {"id": "langevin", "stepSize": 0.5}}),
        ),
    ];
    scenes.extend(exhibits().into_iter().map(|(id, config, _)| (id, config)));
    scenes
}

/// The config of a scene.
pub fn scene(id: &str) -> Result<Config> {
    let all = scenes();
    match all.iter().find(|(known, _)| *known == id) {
        Some((_, config)) => Config::from_value(config),
        None => {
            let ids: Vec<_> = all.iter().map(|(id, _)| *id).collect();
            Err(Error::value("scene", id, format!("one of {}", ids.join(", "))))
        }
    }
}
