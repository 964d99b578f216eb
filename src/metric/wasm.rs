//! The measures as JavaScript calls them: points as [x, y, x, y, …], chains one after the other; what cannot be said is NaN.

use crate::{Mode, autocorrelation, effective_sample_size, occupancy, r_hat};
use wasm_bindgen::prelude::wasm_bindgen;

fn points(flat: &[f32]) -> Vec<[f64; 2]> {
    flat.chunks_exact(2).map(|p| [p[0].into(), p[1].into()]).collect()
}

fn chains(draws: &[f32], count: usize) -> Vec<Vec<f64>> {
    draws.chunks_exact(draws.len() / count.max(1)).map(|c| c.iter().map(|&v| v.into()).collect()).collect()
}

/// See [`r_hat`].
#[wasm_bindgen(js_name = rHat)]
pub fn r_hat_of(draws: &[f32], count: usize) -> f64 {
    r_hat(&chains(draws, count)).unwrap_or(f64::NAN)
}

/// See [`crate::auroc`].
#[wasm_bindgen(js_name = auroc)]
pub fn auroc_of(high: &[f32], low: &[f32]) -> f64 {
    crate::auroc(high, low).unwrap_or(f64::NAN)
}

/// See [`effective_sample_size`].
#[wasm_bindgen(js_name = effectiveSampleSize)]
pub fn effective_sample_size_of(draws: &[f32], count: usize) -> f64 {
    effective_sample_size(&chains(draws, count)).unwrap_or(f64::NAN)
}

/// See [`autocorrelation`].
#[wasm_bindgen(js_name = autocorrelation)]
pub fn autocorrelation_of(draws: &[f32], count: usize, lags: usize) -> Vec<f64> {
    autocorrelation(&chains(draws, count), lags)
}

/// See [`crate::energy_distance`].
#[wasm_bindgen(js_name = energyDistance)]
pub fn energy_distance(a: &[f32], b: &[f32]) -> f64 {
    crate::energy_distance(&points(a), &points(b))
}

/// See [`crate::maximum_mean_discrepancy`].
#[wasm_bindgen(js_name = maximumMeanDiscrepancy)]
pub fn maximum_mean_discrepancy(a: &[f32], b: &[f32]) -> f64 {
    crate::maximum_mean_discrepancy(&points(a), &points(b))
}

/// See [`crate::sliced_wasserstein`].
#[wasm_bindgen(js_name = slicedWasserstein)]
pub fn sliced_wasserstein(a: &[f32], b: &[f32]) -> f64 {
    crate::sliced_wasserstein(&points(a), &points(b))
}

/// See [`occupancy`]: `modes` as [x, y, weight, sd, …] → [hit, divergence, weights …].
#[wasm_bindgen(js_name = occupancy)]
pub fn occupancy_of(x: &[f32], modes: &[f64]) -> Vec<f64> {
    let modes: Vec<_> = modes.chunks_exact(4).map(|m| Mode { centre: [m[0], m[1]], weight: m[2], sd: m[3] }).collect();
    let found = occupancy(&points(x), &modes);
    [vec![found.hit, found.divergence], found.weights].concat()
}
