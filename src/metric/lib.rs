//! Statistical measures of samples: how far two sets of points lie apart, which modes they found, and whether chains have
//! converged. Plain functions of plain numbers, in double precision; what is exact in two dimensions is the quadrature's
//! (the core's `session`).
//!
//! The page fetches them as a module of their own, when somebody first asks: the core of its first visit has no room for what
//! that visit does not need.

mod auroc;
mod convergence;
mod occupancy;
mod quantile;
mod two_sample;
#[cfg(feature = "module")]
mod wasm;

pub use auroc::auroc;
pub use convergence::{autocorrelation, effective_sample_size, r_hat};
pub use occupancy::{Mode, Occupancy, occupancy};
pub use two_sample::{energy_distance, maximum_mean_discrepancy, sliced_wasserstein};
