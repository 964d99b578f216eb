//! The core of the EBM Playground.

pub mod backend;
pub mod data;
pub mod error;
pub mod math;
pub mod rng;
pub mod schema;

pub use error::{Error, Result};
