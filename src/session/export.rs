//! Weights as safetensors, with PyTorch's names and layouts, so that they load there without renaming. What is exported
//! is the moving average: the energy that the page shows.

use super::program::{Role, slot};
use super::{Config, Purpose, Session};
use crate::error::{Error, Result};
use crate::json::{Map, Value};
use crate::model::Weight;
use crate::number;
use crate::safetensors::{self, Tensor};

const WHAT: &str = "weights";
const EXPECTED: &str = "a safetensors file with the weights of this model";

/// A tensor's values, from f32 or f16.
pub(super) fn read_f32(what: &str, tensor: &Tensor<'_>) -> Result<Vec<f32>> {
    let bytes = tensor.bytes;
    match tensor.dtype.as_str() {
        "F32" => Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()),
        "F16" => Ok(bytes.chunks_exact(2).map(|b| half(u16::from_le_bytes([b[0], b[1]]))).collect()),
        other => Err(Error::format(what, format!("{} holds {other}", tensor.name), "F32 or F16")),
    }
}

/// IEEE 754 binary16 → binary32.
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, bits >> 10 & 31, bits & 0x3ff);
    let magnitude = match exponent {
        0 => f32::from(fraction) * 2f32.powi(-24),
        31 => {
            if fraction == 0 {
                f32::INFINITY
            } else {
                f32::NAN
            }
        }
        _ => (1.0 + f32::from(fraction) * 2f32.powi(-10)) * 2f32.powi(i32::from(exponent) - 15),
    };
    if sign == 0 { magnitude } else { -magnitude }
}

/// A field of the metadata.
pub(super) fn text<'a>(what: &str, metadata: &'a Map, field: &str) -> Result<&'a str> {
    let found = metadata.get(field).and_then(Value::as_str);
    found.ok_or_else(|| Error::format(what, format!("no {field} in its header"), format!("a file with a {field}")))
}

impl Config {
    /// The experiment that exported weights are of, as their file tells it.
    pub fn of_weights(bytes: &[u8]) -> Result<Self> {
        let file = safetensors::read(bytes).map_err(|e| Error::format(WHAT, e, EXPECTED))?;
        Self::parse(text(WHAT, &file.metadata, "config")?)
    }
}

/// The values of a weight's tensor.
fn finite(w: &Weight, tensor: &Tensor<'_>) -> Result<Vec<f32>> {
    let values = read_f32(WHAT, tensor)?;
    match values.iter().position(|v| !v.is_finite()) {
        Some(i) => {
            let problem = format!("{} holds {} at {i}", w.name, number::print(values[i].into()));
            Err(Error::format(WHAT, problem, "finite numbers"))
        }
        None => Ok(values),
    }
}

impl Session {
    /// The averaged weights as the energy uses them, the config in the metadata. Empty of tensors for a model that has none.
    pub async fn export_weights(&mut self) -> Result<Vec<u8>> {
        let flat = match self.find_range(slot::EXPORTED) {
            Some(range) => {
                self.run(Role::Export, Purpose::Start, 0, 0, 1)?;
                self.backend.submit();
                self.backend.read(&[range]).await?.remove(0)
            }
            None => vec![],
        };
        let mut from = 0;
        let mut tensors = vec![];
        for w in &self.compiled.weights {
            let values = &flat[from..from + w.len()];
            from += w.len();
            tensors.push((w.name.as_str(), w.shape.as_slice(), values));
        }
        let mut metadata = Map::new();
        metadata.insert("format", "pt");
        metadata.insert("config", self.config.to_json().to_string());
        metadata.insert("updates", self.clock.update.to_string());
        Ok(safetensors::write(&tensors, metadata))
    }

    /// Takes over weights of this model or of a related one ([`crate::model::Model::related`]): every tensor must be there with its
    /// shape, all values finite. The optimiser
    /// starts afresh. Nothing changes on an error.
    pub async fn import_weights(&mut self, bytes: &[u8]) -> Result<()> {
        if !self.trains() {
            return Err(Error::value("weights", self.config.model.id, "a model that has weights"));
        }
        let file = safetensors::read(bytes).map_err(|e| Error::format(WHAT, e, EXPECTED))?;
        let current = self.backend.read(&[self.range(slot::AVERAGE)]).await?.remove(0);
        let model = self.parts.model.weights(&self.config.model, self.space()).len();
        let mut flat = vec![];
        for (i, w) in self.compiled.weights.iter().enumerate() {
            match file.tensors.iter().find(|tensor| tensor.name == w.name) {
                Some(tensor) => flat.extend(self.accepted(w, tensor)?),
                // What the training rule learns beside the model need not be there.
                None if i >= model => flat.extend_from_slice(&current[flat.len()..flat.len() + w.len()]),
                None => {
                    let expected = format!("a tensor {} of shape {:?}", w.name, w.shape);
                    return Err(Error::format(WHAT, format!("no tensor {}", w.name), expected));
                }
            }
        }
        self.write(slot::PARAMETERS, &flat)?;
        self.write(slot::AVERAGE, &flat)?;
        self.forget_moments()?;
        self.rewind.barrier();
        self.guard.clear();
        self.chores.everything_changed();
        self.checkpoint().await.map(drop)
    }

    fn accepted(&self, w: &Weight, tensor: &Tensor<'_>) -> Result<Vec<f32>> {
        let values = finite(w, tensor)?;
        if tensor.shape != w.shape {
            #[cfg(feature = "whole")]
            if let Some(values) = self.parts.model.related(w, &tensor.shape, &values) {
                return Ok(values);
            }
            let problem = format!("{} has shape {:?}", w.name, tensor.shape);
            return Err(Error::format(WHAT, problem, format!("{:?}, as the model's config says", w.shape)));
        }
        Ok(values)
    }
}
