//! Experiments worth opening: each a config of which everything else is default.

use super::Config;
use crate::error::{Error, Result};
use crate::json;
use crate::json::Value;

/// Every scene: id and config. The first one opens with the page.
pub fn scenes() -> Vec<(&'static str, Value)> {
    let persistent = |data: &str| {
        json!({
            "data": {"id": data},
            "objective": {"id": "persistent-contrastive-divergence"},
            "sampler": {"id": "mala"},
        })
    };
    vec![
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
    ]
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
