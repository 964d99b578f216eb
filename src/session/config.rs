//! What an experiment is: plain data that fits a link. Parsing names the field, the value and what would be accepted;
//! what is left out takes its default.

use super::program::Parts;
use crate::data::Space;
use crate::error::{Error, Result};
use crate::json;
use crate::json::{Map, Value};
use crate::schema::{Group, Param, Section, shorten};
use crate::sorted::sorted;
use crate::{data, model, objective, optim, sampler};

/// Version of the format.
pub const VERSION: u64 = 1;

/// What belongs to the experiment as a whole.
pub const PARAMS: &[Param] = &[
    Param::integer("batch", Group::Training, 256, 1, 8192).log().primary(),
    Param::integer("particles", Group::Sampler, 512, 0, 16_384).primary(),
];

/// An experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Seed of everything random.
    pub seed: u32,
    /// The density or the visitor's points.
    pub data: Section,
    /// The energy.
    pub model: Section,
    /// The training rule.
    pub objective: Section,
    /// The transition kernel.
    pub sampler: Section,
    /// The optimiser.
    pub optimizer: Section,
    /// `batch` and `particles`.
    pub session: Section,
}

/// The registered parts of one kind, as the config needs them: (id, parameters).
type Registry = Vec<(&'static str, &'static [Param])>;

/// A kind of part: its name in a config and what is registered.
fn registry(kind: &str) -> Registry {
    match kind {
        "data" => data::ALL.iter().map(|p| (p.id(), p.params())).collect(),
        "model" => model::ALL.iter().map(|p| (p.id(), p.params())).collect(),
        "objective" => objective::ALL.iter().map(|p| (p.id(), p.params())).collect(),
        "sampler" => sampler::ALL.iter().map(|p| (p.id(), p.params())).collect(),
        _ => optim::ALL.iter().map(|p| (p.id(), p.params())).collect(),
    }
}

/// A part that this build of the core leaves out: its id, what it needs or knows, and the space it is made for.
pub(super) type Further = (&'static str, Option<model::Ability>, Space);

/// The parts of a kind that this build of the core leaves out.
pub(super) fn elsewhere(kind: &str) -> Vec<Further> {
    let in_any = |all: &[(&'static str, Option<model::Ability>)]| {
        all.iter().map(|&(id, needs)| (id, needs, Space::Plane)).collect()
    };
    match kind {
        _ if cfg!(feature = "whole") => vec![],
        "data" => data::FURTHER.iter().map(|&(id, space)| (id, None, space)).collect(),
        "model" => model::FURTHER.to_vec(),
        "objective" => in_any(objective::FURTHER),
        "sampler" => in_any(sampler::FURTHER),
        _ => vec![],
    }
}

/// The kinds of parts with their defaults.
const KINDS: [(&str, &str); 5] = [
    ("data", "eight-gaussians"),
    ("model", "mlp"),
    ("objective", "noise-contrastive-estimation"),
    ("sampler", "langevin"),
    ("optimizer", "adam"),
];

/// What an experiment with points of this space is, where nobody says anything else of it. Of images: the deep-energy
/// tutorial (Lippe, UvA Deep Learning Tutorials 2022, no. 8). Of black and white ones: a restricted Boltzmann machine with persistent
/// chains (Tieleman 2008).
fn usual(space: Space) -> Config {
    #[cfg(feature = "whole")]
    if space == Space::Images {
        let value = json!({
            "data": "mnist",
            "model": "cnn",
            "objective": {
                "id": "persistent-contrastive-divergence",
                "regularisation": 0.1,
                "dataNoise": 0.005,
                "bufferSize": 8192,
                "reinitialise": 0.05,
            },
            "sampler": "clipped-langevin",
            "optimizer": {"id": "adam", "learningRate": 1e-4, "beta1": 0, "clipNorm": 0.1},
            "batch": 64,
            "particles": 64,
        });
        return Config::build(None, &value).expect("accepted");
    }
    #[cfg(feature = "whole")]
    if let Space::Binary(side) = space {
        // Small patterns are learned all at once.
        // Chains of digits that begin anew now and then find what is likely and far from all data.
        let (data, hidden, rate, batch, chains, reinitialise) = match side {
            28 => ("binary-mnist", 64, 0.05, 32, 1024, 0.02),
            _ => ("bars-and-stripes", 16, 0.1, 1000, 1000, 0.0),
        };
        let value = json!({
            "data": data,
            "model": {"id": "rbm", "hidden": hidden},
            "objective": {
                "id": "persistent-contrastive-divergence",
                "regularisation": 0,
                "bufferSize": chains,
                "reinitialise": reinitialise,
                "restartFrom": "data",
            },
            "sampler": "block-gibbs",
            "optimizer": {"id": "sgd", "learningRate": rate},
            "batch": batch,
            "particles": 64,
        });
        return Config::build(None, &value).expect("accepted");
    }
    debug_assert!(space == Space::Plane);
    Config::default()
}

/// The base of an experiment with another model that is not used with rules and kernels of others, or with one that takes the place of
/// such a model; `None` where the base stays as it is.
#[cfg(feature = "whole")]
fn company(base: Option<&Config>, value: &Value) -> Option<Config> {
    let model = |id: &str| model::ALL.iter().find(|m| m.id() == id);
    let id = value["model"]["id"].as_str().or(value["model"].as_str())?;
    let base = base.cloned().unwrap_or_default();
    if id == base.model.id {
        return None;
    }
    if let Some(ids) = model(id)?.company() {
        let defaults = |kind: &'static str, id| section(kind, id, None, None).expect("registered");
        let [objective, sampler, optimizer] = ids;
        return Some(Config {
            objective: defaults("objective", objective),
            sampler: defaults("sampler", sampler),
            optimizer: defaults("optimizer", optimizer),
            ..base
        });
    }
    let old = model(base.model.id)?;
    old.company()?;
    // What other models cannot do with gives way to what is usual of such points.
    let (parts, usual) = (Parts::of(&base), usual(base.space()));
    let bound = |needs: Option<model::Ability>| needs.is_some() && needs == old.knows();
    let trains = bound(parts.objective.needs());
    let moves = bound(parts.sampler.needs());
    let (objective, optimizer) =
        if trains { (usual.objective, usual.optimizer) } else { (base.objective, base.optimizer) };
    let sampler = if moves { usual.sampler } else { base.sampler };
    let model = if usual.model.id == id { usual.model } else { base.model };
    Some(Config { model, objective, sampler, optimizer, ..base })
}

impl Default for Config {
    fn default() -> Self {
        Self::from_value(&json!({})).expect("the defaults are accepted")
    }
}

/// A config or a part of one as JSON.
fn read(text: &str) -> Result<Value> {
    json::parse(text).map_err(|e| Error::format("config", format!("not JSON ({e})"), "a JSON object"))
}

impl Config {
    /// Reads a config.
    pub fn parse(text: &str) -> Result<Self> {
        let value = read(text)?;
        Self::from_value(&value)
    }

    /// Reads a config.
    pub fn from_value(value: &Value) -> Result<Self> {
        Self::overlay(None, value)
    }

    /// This config with the fields of `patch` replaced. A section whose id changes starts from its part's defaults.
    pub fn patched(&self, patch: &str) -> Result<Self> {
        let value = read(patch)?;
        Self::overlay(Some(self), &value)
    }

    /// `value` over a base, or over what is usual where the points it names are of another space than the base's.
    fn overlay(base: Option<&Self>, value: &Value) -> Result<Self> {
        let id = value["data"]["id"].as_str().or(value["data"].as_str());
        let usual_space =
            |density: &dyn data::Density| density.space(&Section::defaults(density.id(), density.params()));
        match id.and_then(data::by_id).map(usual_space) {
            Some(space) if cfg!(feature = "whole") && !space.is_like(base.map_or(Space::Plane, Self::space)) => {
                let usual = usual(space);
                Self::accompanied(Some(&Self { seed: base.map_or(usual.seed, |b| b.seed), ..usual }), value)
            }
            _ => Self::accompanied(base, value),
        }
    }

    /// `value` over a base, or over what its model brings along where that is another than the base's.
    fn accompanied(base: Option<&Self>, value: &Value) -> Result<Self> {
        #[cfg(feature = "whole")]
        if let Some(company) = company(base, value) {
            return Self::build(Some(&company), value);
        }
        Self::build(base, value)
    }

    fn build(base: Option<&Self>, value: &Value) -> Result<Self> {
        let Some(given) = value.as_object() else {
            return Err(Error::format("config", "no object", "a JSON object such as {\"version\": 1}"));
        };
        let known = ["version", "seed", "data", "model", "objective", "sampler", "optimizer", "batch", "particles"];
        if let Some((key, value)) = given.iter().find(|(k, _)| !known.contains(k)) {
            return Err(Error::value(key, shorten(value), format!("one of the fields {}", known.join(", "))));
        }
        if let Some(version) = given.get("version").filter(|v| v.as_u64() != Some(VERSION)) {
            return Err(Error::value("version", shorten(version), VERSION.to_string()));
        }
        let seed = match given.get("seed") {
            Some(v) => v
                .as_u64()
                .and_then(|s| u32::try_from(s).ok())
                .ok_or_else(|| Error::value("seed", shorten(v), format!("a whole number from 0 to {}", u32::MAX)))?,
            None => base.map_or(1, |b| b.seed),
        };
        let mut sections = vec![];
        for (kind, default) in KINDS {
            sections.push(section(kind, default, base.map(|b| b.section(kind)), given.get(kind))?);
        }
        let mut values = base.map(|b| object(&b.session)).unwrap_or_default();
        for p in PARAMS {
            if let Some(value) = given.get(p.name) {
                p.check(p.name, value)?;
                values.insert(p.name, value);
            }
        }
        let session = Section::parse("config", "session", PARAMS, &values)?;
        let mut sections = sections.into_iter();
        let mut next = || sections.next().expect("one section a kind");
        Ok(Self { seed, data: next(), model: next(), objective: next(), sampler: next(), optimizer: next(), session })
    }

    /// A section by its name.
    pub fn section(&self, kind: &str) -> &Section {
        match kind {
            "data" => &self.data,
            "model" => &self.model,
            "objective" => &self.objective,
            "sampler" => &self.sampler,
            _ => &self.optimizer,
        }
    }

    /// As JSON, every value spelled out.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("version", VERSION);
        out.insert("seed", self.seed);
        for (kind, _) in KINDS {
            out.insert(kind, self.section(kind).to_json());
        }
        self.session.values().for_each(|(name, value)| out.insert(name, value));
        out.into()
    }

    /// What its points are.
    pub fn space(&self) -> Space {
        Parts::of(self).space()
    }

    /// Points in a minibatch.
    pub fn batch(&self) -> usize {
        self.session.count("batch")
    }

    /// Particles on display.
    pub fn particles(&self) -> usize {
        self.session.count("particles")
    }
}

fn object(section: &Section) -> Map {
    let mut object = Map::new();
    section.values().for_each(|(name, value)| object.insert(name, value));
    object
}

fn object_with_id(id: &str) -> Map {
    let mut object = Map::new();
    object.insert("id", id);
    object
}

fn section(
    kind: &'static str,
    default: &'static str,
    base: Option<&Section>,
    given: Option<&Value>,
) -> Result<Section> {
    let parts = registry(kind);
    let ids = || {
        let all: Vec<_> = parts.iter().map(|(id, _)| *id).chain(elsewhere(kind).iter().map(|(id, ..)| *id)).collect();
        let order = sorted(all.len(), &|a, b| all[a].cmp(all[b]));
        order.into_iter().map(|i| all[i]).collect::<Vec<_>>().join(", ")
    };
    let given = match given {
        None => Map::new(),
        Some(Value::Object(given)) => given.clone(),
        Some(Value::String(id)) => object_with_id(id),
        Some(other) => return Err(Error::value(kind, shorten(other), "an object with an id")),
    };
    let id = match given.get("id") {
        Some(Value::String(id)) => id.as_str(),
        Some(other) => return Err(Error::value(format!("{kind}.id"), shorten(other), format!("one of {}", ids()))),
        None => base.map_or(default, |b| b.id),
    };
    let Some(&(id, params)) = parts.iter().find(|(known, _)| *known == id) else {
        if elsewhere(kind).iter().any(|(known, ..)| *known == id) {
            return Err(Error::Elsewhere { field: format!("{kind}.id"), id: id.to_string() });
        }
        return Err(Error::value(format!("{kind}.id"), shorten(&id.into()), format!("one of {}", ids())));
    };
    let mut values = base.filter(|b| b.id == id).map(object).unwrap_or_default();
    values.extend(given);
    Section::parse(kind, id, params, &values)
}
