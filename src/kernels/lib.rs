//! Plans as plain data, scalar functions and random numbers shared with the shaders, and the CPU's loops over them.
//!
//! A crate of its own for one reason: these loops are compiled for speed (vectorised, inlined), the rest of the core for
//! the size of the download. Whatever a visitor waits for belongs here, everything else does not.

pub mod cpu;
pub mod math;
pub mod plan;
pub mod rng;
