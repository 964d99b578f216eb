//! The core of the EBM Playground.

pub mod autodiff;
pub mod backend;
pub mod data;
pub mod error;
pub mod graph;
pub mod model;
pub mod objective;
pub mod optim;
pub mod sampler;
pub mod schema;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
#[cfg(any(feature = "bench", test))]
pub mod workload;

pub use ebm_kernels::{math, rng};
pub use error::{Error, Result};
