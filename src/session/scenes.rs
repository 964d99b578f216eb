//! Experiments worth opening: each a config of which everything else is default. The first one opens with the page; those
//! with a patch that mends them fail on purpose. As a text they are smaller in the download than as code. What scenes with parts of
//! the whole core are is in a text of its own, which the first core leaves out.

use super::Config;
use crate::error::{Error, Result};
use crate::json::{self, Value};

/// Every scene: `{id, config, mend?, speed?}`, speed in updates a second where it is watched more slowly than it could run; the first core has no config of those with parts of the whole one.
pub fn scenes() -> Value {
    let scenes = json::parse(include_str!("scenes.json")).expect("a test reads it");
    #[cfg(feature = "whole")]
    let scenes = with_further(scenes);
    scenes
}

#[cfg(feature = "whole")]
fn with_further(mut scenes: Value) -> Value {
    let further = json::parse(include_str!("further-scenes.json")).expect("a test reads it");
    let Value::Array(all) = &mut scenes else { unreachable!("they are a list") };
    for scene in all {
        let config = scene["id"].as_str().map(|id| further[id].clone()).filter(|config| !config.is_null());
        if let Some(config) = config {
            scene["config"] = config;
        }
    }
    scenes
}

/// The config of a scene.
pub fn scene(id: &str) -> Result<Config> {
    let scenes = scenes();
    let all = scenes.as_array().unwrap_or_default();
    match all.iter().find(|scene| scene["id"].as_str() == Some(id)) {
        Some(scene) if scene["config"].is_null() => Err(Error::Elsewhere { field: "scene".into(), id: id.to_string() }),
        Some(scene) => Config::from_value(&scene["config"]),
        None => {
            let first = all.first().and_then(|scene| scene["id"].as_str()).unwrap_or_default();
            Err(Error::value("scene", id, format!("one of the {} that scenes() lists, such as {first}", all.len())))
        }
    }
}
