//! Statistical measures of samples: how far two sets of points lie apart, which modes they found, and whether chains have
//! converged. Plain functions of plain numbers, in double precision; what is exact in two dimensions is the quadrature's
//! (`session`).

mod convergence;
mod occupancy;
mod quantile;
mod two_sample;

pub use convergence::{autocorrelation, effective_sample_size, r_hat};
pub use occupancy::{Occupancy, occupancy};
pub use two_sample::{energy_distance, maximum_mean_discrepancy, sliced_wasserstein};

/// Ids of what [`crate::session::Session::metrics`] measures on the particles, in its order.
pub const ON_SAMPLES: [&str; 5] = ["energyDistance", "mmd", "slicedWasserstein", "modesHit", "modesKl"];
