//! What the page builds its menus, sliders, formulas and help from: every registered part with its parameters.

use super::config;
use super::program::TRUTH;
use super::scenes::scenes;
use crate::data::Space;
use crate::graph::Graph;
use crate::json;
use crate::json::{Map, Value};
use crate::model::Ability;
use crate::objective::Term;
use crate::schema::{Param, Section};
use crate::sorted::sorted;
use crate::{data, model, objective, optim, sampler};

/// What the page measures on the particles when somebody asks.
const ON_SAMPLES: [&str; 5] = ["energyDistance", "mmd", "slicedWasserstein", "modesHit", "modesKl"];

/// Classes of the points of a density; images may have ten.
#[cfg(feature = "whole")]
fn classes(density: &dyn data::Density, section: &Section) -> usize {
    match density.space(section) {
        Space::Plane => data::classes(&density.skeleton(section)),
        Space::Images | Space::Binary(28) => data::idx::CLASSES.into(),
        Space::Binary(_) => 0,
    }
}

/// Everything registered, as JSON.
pub fn manifest() -> Value {
    // A part, with what its kind says of it.
    let with = |id: &str, params: &[Param], more: &[(&str, Value)]| {
        let params: Vec<_> = params.iter().map(Param::to_json).collect();
        let mut part = Map::new();
        part.insert("id", id);
        part.insert("params", params);
        more.iter().for_each(|(name, value)| part.insert(*name, value));
        Value::from(part)
    };
    let part = |id: &str, params: &[Param]| with(id, params, &[]);
    let ability = |what: Option<Ability>| Value::from(what.map(Ability::name));
    let spaces =
        |all: &[Space]| ("spaces", Value::from(all.iter().map(|space| Value::from(space.name())).collect::<Vec<_>>()));
    // Of the first core, which is for the plane alone, nobody asks.
    let everywhere = |all: &dyn Fn() -> &'static [Space]| {
        if cfg!(feature = "whole") { spaces(all()) } else { ("spaces", Value::Null) }
    };
    let graph = Graph::new();
    let densities: Vec<_> = data::ALL
        .iter()
        .map(|d| {
            let section = Section::defaults(d.id(), d.params());
            let has_energy = d.energy(&section, graph.constant(0.0, &[1, d.space(&section).dimension()])).is_some();
            let has_density = d.log_density(&section).is_some();
            let known = [
                ("hasDensity", has_density.into()),
                ("hasEnergy", has_energy.into()),
                ("space", d.space(&section).name().into()),
                #[cfg(feature = "whole")]
                ("isMixture", d.mixture(&section).is_some().into()),
                #[cfg(feature = "whole")]
                ("classes", classes(*d, &section).into()),
            ];
            with(d.id(), d.params(), &known)
        })
        .collect();
    let models: Vec<_> = model::ALL
        .iter()
        .map(|m| {
            let learns = !m.weights(&Section::defaults(m.id(), m.params()), m.spaces()[0]).is_empty();
            let knows = ("knows", ability(m.knows()));
            let has_energy = ("hasEnergy", m.has_energy().into());
            let formula = ("formula", m.formula().into());
            with(
                m.id(),
                m.params(),
                &[formula, ("learns", learns.into()), knows, everywhere(&|| m.spaces()), has_energy],
            )
        })
        .collect();
    let samplers: Vec<_> = sampler::ALL
        .iter()
        .map(|s| {
            let needs = [("needs", ability(s.needs())), ("needsEnergy", s.needs_energy().into())];
            let about = [
                ("formula", s.formula().into()),
                everywhere(&|| s.spaces()),
                #[cfg(feature = "whole")]
                ("conditions", s.conditions().into()),
            ];
            with(s.id(), s.params(), &[&about, &needs[..]].concat())
        })
        .collect();
    let objectives: Vec<_> = objective::ALL
        .iter()
        .map(|o| {
            let terms: Vec<_> = o.terms().iter().map(Term::to_json).collect();
            let more = [
                ("formula", o.formula().into()),
                ("terms", terms.into()),
                ("needsSampler", o.negatives().are_chains().into()),
                ("needs", ability(o.needs())),
                everywhere(&|| o.spaces()),
            ];
            with(o.id(), o.params(), &more)
        })
        .collect();
    let optimizers: Vec<_> = optim::ALL.iter().map(|o| part(o.id(), o.params())).collect();
    // Those that come with frames, then those that are measured when somebody asks.
    let live = ["nll", "kl", "reverseKl", "fisher", "scoreError", "entropy", "stepSize", "acceptance", "temperature"];
    let metrics = live.into_iter().chain(TRUTH.iter().copied().take(2)).map(|id| json!({"id": id, "live": true}));
    // What few models have is shown of those alone.
    #[cfg(feature = "whole")]
    let metrics = metrics.chain([json!({"id": "negativeElbo", "live": true, "rare": true})]);
    let metrics: Vec<_> = metrics.chain(ON_SAMPLES.map(|id| json!({"id": id, "live": false}))).collect();
    // What the page says by name until the whole core tells the rest of it.
    let with_further = |kind: &str, mut parts: Vec<Value>| {
        let further = |(id, it, space): config::Further| {
            let about: &[(&str, Value)] = match kind {
                "data" => &[("hasEnergy", (space == Space::Plane).into()), ("space", space.name().into())],
                "model" => &[("knows", ability(it)), spaces(&[space])],
                _ => &[("needs", ability(it))],
            };
            with(id, &[], &[&[("further", true.into())], about].concat())
        };
        parts.extend(config::elsewhere(kind).into_iter().map(further));
        let id = |i: usize| parts[i]["id"].as_str();
        let order = sorted(parts.len(), &|a, b| id(a).cmp(&id(b)));
        order.into_iter().map(|i| parts[i].clone()).collect::<Vec<_>>()
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "whole": (cfg!(feature = "whole")),
        "world": (Space::Plane.bounds()),
        "sections": {
            "data": (with_further("data", densities)),
            "model": (with_further("model", models)),
            "objective": (with_further("objective", objectives)),
            "sampler": (with_further("sampler", samplers)),
            "optimizer": optimizers,
            "session": part("session", config::PARAMS),
        },
        "metrics": metrics,
        "scenes": (scenes()),
    })
}
