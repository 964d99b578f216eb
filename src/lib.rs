//! The core of the EBM Playground.

pub mod autodiff;
pub mod backend;
pub mod data;
pub mod error;
pub mod graph;
pub mod math;
pub mod model;
pub mod objective;
pub mod optim;
pub mod rng;
pub mod sampler;
pub mod schema;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use error::{Error, Result};
