//! The core of the EBM Playground.

pub mod autodiff;
pub mod backend;
pub mod data;
pub mod error;
pub mod graph;
pub mod math;
pub mod rng;
pub mod schema;

pub use error::{Error, Result};
