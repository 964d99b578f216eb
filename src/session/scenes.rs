//! Experiments worth opening: each a config of which everything else is default. The first one opens with the page; those
//! with a patch that mends them fail on purpose. As a text they are smaller in the download than as code.

use super::Config;
use crate::error::{Error, Result};
use crate::json::{self, Value};

/// Every scene: `{id, config, mend?}`.
pub fn scenes() -> Value {
    json::parse(include_str!("scenes.json")).expect("a test reads it")
}

/// The config of a scene.
pub fn scene(id: &str) -> Result<Config> {
    let scenes = scenes();
    let all = scenes.as_array().unwrap_or_default();
    match all.iter().find(|scene| scene["id"].as_str() == Some(id)) {
        Some(scene) => Config::from_value(&scene["config"]),
        None => {
            let ids: Vec<_> = all.iter().filter_map(|scene| scene["id"].as_str()).collect();
            Err(Error::value("scene", id, format!("one of {}", ids.join(", "))))
        }
    }
}
