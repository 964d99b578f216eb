//! What a registered part can be told: its parameters with their ranges, and the one validator behind configs,
//! links and controls. The manifest that the page builds its controls from is these values, serialised.

use crate::error::{Error, Result};
use crate::json;
use crate::json::{Map, Value};
use crate::number;

/// The panel of the page that a parameter belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The points and where they come from.
    Data,
    /// The network or the given energy.
    Energy,
    /// The transition kernel and its chains.
    Sampler,
    /// The objective and the optimiser.
    Training,
}

/// The values that a parameter can take, with its default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A real number in `[min, max]`. `default: None` stands for JSON null, which is accepted then.
    Number {
        /// Smallest accepted value.
        min: f64,
        /// Largest accepted value.
        max: f64,
        /// Default.
        default: Option<f64>,
        /// Whether null is a value of its own (its meaning is the parameter's).
        nullable: bool,
    },
    /// A whole number in `[min, max]`.
    Integer {
        /// Smallest accepted value.
        min: i64,
        /// Largest accepted value.
        max: i64,
        /// Default.
        default: i64,
    },
    /// True or false.
    Boolean {
        /// Default.
        default: bool,
    },
    /// One of a list of names.
    Choice {
        /// The names, in the order in which a menu shows them.
        choices: &'static [&'static str],
        /// Default: one of `choices`.
        default: &'static str,
    },
    /// A list of layer widths.
    Widths {
        /// Smallest and largest width.
        min: i64,
        /// Largest width.
        max: i64,
        /// Most layers.
        most: usize,
        /// Default.
        default: &'static [i64],
    },
    /// A set of whole numbers from 0 to `max`, in ascending order and not empty; all of them by default.
    #[cfg(feature = "whole")]
    Set {
        /// Largest member.
        max: i64,
    },
}

/// How a slider spreads the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By ratios.
    Log,
}

/// One parameter of a registered part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Param {
    /// Camel-case name in the config.
    pub name: &'static str,
    /// Range and default.
    pub kind: Kind,
    /// Panel of the page.
    pub group: Group,
    /// Spacing of the slider.
    pub scale: Scale,
    /// Unit shown beside the value; empty for a pure number.
    pub unit: &'static str,
    /// Whether it is among the few that a panel shows before "more".
    pub primary: bool,
    /// Whether a change takes effect at once (a dial) or recompiles the plans (weights and chains are kept either way).
    pub live: bool,
}

impl Param {
    const fn new(name: &'static str, group: Group, kind: Kind) -> Self {
        Self { name, kind, group, scale: Scale::Linear, unit: "", primary: false, live: false }
    }

    /// A real number in `[min, max]`; live by default.
    pub const fn number(name: &'static str, group: Group, default: f64, min: f64, max: f64) -> Self {
        let kind = Kind::Number { min, max, default: Some(default), nullable: false };
        Self { live: true, ..Self::new(name, group, kind) }
    }

    /// A real number in `[min, max]`, or null, which is the default.
    pub const fn optional(name: &'static str, group: Group, min: f64, max: f64) -> Self {
        let kind = Kind::Number { min, max, default: None, nullable: true };
        Self { live: true, ..Self::new(name, group, kind) }
    }

    /// A whole number in `[min, max]`.
    pub const fn integer(name: &'static str, group: Group, default: i64, min: i64, max: i64) -> Self {
        Self::new(name, group, Kind::Integer { min, max, default })
    }

    /// A switch.
    pub const fn boolean(name: &'static str, group: Group, default: bool) -> Self {
        Self::new(name, group, Kind::Boolean { default })
    }

    /// A menu.
    pub const fn choice(
        name: &'static str,
        group: Group,
        default: &'static str,
        choices: &'static [&'static str],
    ) -> Self {
        Self::new(name, group, Kind::Choice { choices, default })
    }

    /// A list of layer widths.
    pub const fn widths(name: &'static str, group: Group, default: &'static [i64], max: i64, most: usize) -> Self {
        Self::new(name, group, Kind::Widths { min: 1, max, most, default })
    }

    /// A set of whole numbers from 0 to `max`.
    #[cfg(feature = "whole")]
    pub const fn set(name: &'static str, group: Group, max: i64) -> Self {
        Self::new(name, group, Kind::Set { max })
    }

    /// Spreads the slider by ratios.
    pub const fn log(self) -> Self {
        Self { scale: Scale::Log, ..self }
    }

    /// Shown before "more".
    pub const fn primary(self) -> Self {
        Self { primary: true, ..self }
    }

    /// Unit shown beside the value.
    pub const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// Takes effect by recompiling the plans.
    pub const fn structural(self) -> Self {
        Self { live: false, ..self }
    }

    /// The default, as JSON.
    pub fn default_value(&self) -> Value {
        match self.kind {
            Kind::Number { default, .. } => Value::from(default),
            Kind::Integer { default, .. } => Value::from(default),
            Kind::Boolean { default } => Value::from(default),
            Kind::Choice { default, .. } => Value::from(default),
            Kind::Widths { default, .. } => Value::from(default),
            #[cfg(feature = "whole")]
            Kind::Set { max } => Value::from((0..=max).collect::<Vec<_>>().as_slice()),
        }
    }

    /// As JSON, for the manifest.
    pub fn to_json(&self) -> Value {
        let (kind, range) = match self.kind {
            Kind::Number { min, max, nullable, .. } => {
                ("number", json!({"min": min, "max": max, "nullable": nullable}))
            }
            Kind::Integer { min, max, .. } => ("integer", json!({"min": min, "max": max})),
            Kind::Boolean { .. } => ("boolean", json!({})),
            Kind::Choice { choices, .. } => ("choice", json!({"choices": choices})),
            Kind::Widths { min, max, most, .. } => ("widths", json!({"min": min, "max": max, "most": most})),
            #[cfg(feature = "whole")]
            Kind::Set { max } => ("set", json!({"min": 0, "max": max})),
        };
        let group = match self.group {
            Group::Data => "data",
            Group::Energy => "energy",
            Group::Sampler => "sampler",
            Group::Training => "training",
        };
        let mut out = Map::new();
        out.insert("name", self.name);
        out.insert("kind", kind);
        out.extend(range.as_object().cloned().unwrap_or_default());
        out.insert("default", self.default_value());
        out.insert("group", group);
        out.insert("scale", if self.scale == Scale::Log { "log" } else { "linear" });
        out.insert("unit", self.unit);
        out.insert("primary", self.primary);
        out.insert("live", self.live);
        out.into()
    }

    /// Accepts `value` for this parameter or says what would be accepted. `field` is the dotted path for the message.
    pub fn check(&self, field: &str, value: &Value) -> Result<()> {
        let refuse = |expected: String| Err(Error::value(field, shorten(value), expected));
        match self.kind {
            Kind::Number { min, max, nullable, .. } => match value.as_f64() {
                Some(v) if v >= min && v <= max => Ok(()),
                None if nullable && value.is_null() => Ok(()),
                _ => {
                    let or = if nullable { ", or null" } else { "" };
                    refuse(format!("a number from {} to {}{or}", number::print(min), number::print(max)))
                }
            },
            Kind::Integer { min, max, .. } => match value.as_i64() {
                Some(v) if (min..=max).contains(&v) => Ok(()),
                _ => refuse(format!("a whole number from {min} to {max}")),
            },
            Kind::Boolean { .. } if value.as_bool().is_some() => Ok(()),
            Kind::Boolean { .. } => refuse("true or false".into()),
            Kind::Choice { choices, .. } => match value.as_str() {
                Some(v) if choices.contains(&v) => Ok(()),
                _ => refuse(format!("one of {}", choices.join(", "))),
            },
            Kind::Widths { min, max, most, .. } => {
                let fits = |v: &Value| v.as_i64().is_some_and(|w| (min..=max).contains(&w));
                match value.as_array() {
                    Some(list) if (1..=most).contains(&list.len()) && list.iter().all(fits) => Ok(()),
                    _ => refuse(format!("a list of 1 to {most} whole numbers from {min} to {max}")),
                }
            }
            #[cfg(feature = "whole")]
            Kind::Set { max } => {
                let members = value.as_array().map(|list| list.iter().map(Value::as_i64).collect::<Vec<_>>());
                let ascends = |list: &Vec<Option<i64>>| {
                    let known = list.iter().all(|v| v.is_some_and(|v| (0..=max).contains(&v)));
                    !list.is_empty() && known && list.windows(2).all(|pair| pair[0] < pair[1])
                };
                match members.filter(ascends) {
                    Some(_) => Ok(()),
                    None => refuse(format!("different whole numbers from 0 to {max} in ascending order")),
                }
            }
        }
    }
}

/// The live numbers among these parameters, by name.
#[inline(never)]
pub fn numbers(params: &[Param], section: &Section) -> Vec<(&'static str, f64)> {
    let number = |p: &&Param| p.live && matches!(p.kind, Kind::Number { nullable: false, .. });
    params.iter().filter(number).map(|p| (p.name, section.number(p.name))).collect()
}

/// A value as a message quotes it: whole when short.
pub fn shorten(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(57).chain("...".chars()).collect() }
}

/// One part of a config: the id of a registered part and a value for each of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Registry id, kebab case.
    pub id: &'static str,
    values: Map,
}

impl Section {
    /// The part's defaults.
    pub fn defaults(id: &'static str, params: &[Param]) -> Self {
        let mut values = Map::new();
        params.iter().for_each(|p| values.insert(p.name, p.default_value()));
        Self { id, values }
    }

    /// Defaults overlaid with `given` (an object without its `id`); unknown names and bad values are refused.
    pub fn parse(name: &str, id: &'static str, params: &[Param], given: &Map) -> Result<Self> {
        let mut section = Self::defaults(id, params);
        for (key, value) in given.iter() {
            if key == "id" {
                continue;
            }
            let Some(param) = params.iter().find(|p| p.name == key) else {
                let known: Vec<_> = params.iter().map(|p| p.name).collect();
                let known = if known.is_empty() { "no parameters".to_string() } else { known.join(", ") };
                return Err(Error::value(format!("{name}.{key}"), shorten(value), format!("{known} (those of {id})")));
            };
            param.check(&format!("{name}.{key}"), value)?;
            section.values.insert(key, value);
        }
        Ok(section)
    }

    /// As JSON, id first.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("id", self.id);
        object.extend(self.values.clone());
        Value::Object(object)
    }

    /// Whether it has a parameter of this name.
    pub fn declares(&self, name: &str) -> bool {
        self.values().any(|(known, _)| known == name)
    }

    /// Every parameter with its value.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter()
    }

    fn get(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or_else(|| panic!("{} declares no parameter {name}", self.id))
    }

    /// A number. Panics when the part declares no number of that name (a slip in the part, not in the input).
    pub fn number(&self, name: &str) -> f64 {
        self.get(name).as_f64().unwrap_or_else(|| panic!("{}.{name} is no number", self.id))
    }

    /// A number or null.
    pub fn optional(&self, name: &str) -> Option<f64> {
        self.get(name).as_f64()
    }

    /// A whole number, as a count.
    pub fn count(&self, name: &str) -> usize {
        self.number(name) as usize
    }

    /// A switch.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).as_bool().unwrap_or_else(|| panic!("{}.{name} is no switch", self.id))
    }

    /// A choice.
    pub fn choice(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_else(|| panic!("{}.{name} is no choice", self.id))
    }

    /// A list of widths, or a set.
    pub fn list(&self, name: &str) -> Vec<usize> {
        let list = self.get(name).as_array().unwrap_or_else(|| panic!("{}.{name} is no list", self.id));
        list.iter().filter_map(Value::as_u64).map(|w| w as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: &[Param] = &[
        Param::number("stepSize", Group::Sampler, 0.01, 1e-5, 1.0).log().primary(),
        Param::optional("noise", Group::Sampler, 0.0, 2.0),
        Param::integer("steps", Group::Sampler, 20, 1, 1000),
        Param::choice("from", Group::Sampler, "data", &["data", "noise"]),
        Param::widths("widths", Group::Energy, &[128, 128], 512, 6),
        Param::set("classes", Group::Data, 9),
    ];

    fn parse(value: Value) -> Result<Section> {
        Section::parse("sampler", "langevin", PARAMS, value.as_object().unwrap())
    }

    #[test]
    fn what_is_left_out_takes_its_default() {
        let section = parse(json!({"id": "langevin", "steps": 7})).unwrap();
        assert_eq!(section.number("stepSize"), 0.01);
        assert_eq!(section.optional("noise"), None);
        assert_eq!(section.count("steps"), 7);
        assert_eq!(section.list("widths"), [128, 128]);
    }

    #[test]
    fn a_refusal_names_field_value_and_what_would_be_accepted() {
        for (given, message) in [
            (json!({"stepSize": -1}), "sampler.stepSize: -1 is not accepted; expected a number from 0.00001 to 1."),
            (json!({"steps": 2.5}), "sampler.steps: 2.5 is not accepted; expected a whole number from 1 to 1000."),
            (
                json!({"classes": [8, 3]}),
                "sampler.classes: [8,3] is not accepted; expected different whole numbers from 0 to 9 in ascending order.",
            ),
            (json!({"from": "moon"}), "sampler.from: \"moon\" is not accepted; expected one of data, noise."),
            (
                json!({"widths": []}),
                "sampler.widths: [] is not accepted; expected a list of 1 to 6 whole numbers from 1 to 512.",
            ),
            (
                json!({"h": 1}),
                "sampler.h: 1 is not accepted; expected stepSize, noise, steps, from, widths, classes (those of langevin).",
            ),
        ] {
            assert_eq!(parse(given).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn null_is_a_value_only_where_it_has_a_meaning() {
        assert!(parse(json!({"noise": null})).is_ok());
        assert!(parse(json!({"stepSize": null})).is_err());
    }

    #[test]
    fn defaults_pass_their_own_check() {
        for p in PARAMS {
            p.check(p.name, &p.default_value()).unwrap();
        }
    }
}
