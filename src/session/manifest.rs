//! What the page builds its menus, sliders, formulas and help from: every registered part with its parameters.

use super::config;
use super::program::{TRUTH, WORLD};
use super::scenes::scenes;
use crate::objective::Negatives;
use crate::schema::Param;
use crate::{data, model, objective, optim, sampler};
use serde_json::{Value, json};

/// Everything registered, as JSON.
pub fn manifest() -> Value {
    let part = |id: &str, params: &[Param]| json!({"id": id, "params": params});
    let with = |mut part: Value, more: Value| {
        part.as_object_mut().expect("a part").extend(more.as_object().expect("an object").clone());
        part
    };
    let densities: Vec<_> = data::ALL
        .iter()
        .map(|d| {
            let section = crate::schema::Section::defaults(d.id(), d.params());
            with(part(d.id(), d.params()), json!({"hasDensity": d.log_density(&section).is_some()}))
        })
        .collect();
    let models: Vec<_> =
        model::ALL.iter().map(|m| with(part(m.id(), m.params()), json!({"formula": m.formula()}))).collect();
    let samplers: Vec<_> =
        sampler::ALL.iter().map(|s| with(part(s.id(), s.params()), json!({"formula": s.formula()}))).collect();
    let objectives: Vec<_> = objective::ALL
        .iter()
        .map(|o| {
            let chains = matches!(o.negatives(), Negatives::FromData | Negatives::FromBuffer);
            let more = json!({"formula": o.formula(), "terms": o.terms(), "needsSampler": chains});
            with(part(o.id(), o.params()), more)
        })
        .collect();
    let optimizers: Vec<_> = optim::ALL.iter().map(|o| part(o.id(), o.params())).collect();
    let metrics: Vec<_> = ["nll", "kl", "entropy", "stepSize", "acceptance", "temperature"]
        .into_iter()
        .chain(TRUTH.into_iter().take(2))
        .map(|id| json!({"id": id}))
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "world": WORLD,
        "sections": {
            "data": densities,
            "model": models,
            "objective": objectives,
            "sampler": samplers,
            "optimizer": optimizers,
            "session": part("session", config::PARAMS),
        },
        "metrics": metrics,
        "scenes": scenes().into_iter().map(|(id, _)| json!({"id": id})).collect::<Vec<_>>(),
    })
}
