//! Whether chains have converged, and what their draws are worth (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021):
//! R-hat and the effective sample size on ranks. A quantity's draws are given chain by chain, all of one length.

use super::quantile::normal_quantile;

/// The draws' numbers, from the smallest to the largest.
fn ordered(draws: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..draws.len()).collect();
    order.sort_unstable_by(|&a, &b| draws[a].total_cmp(&draws[b]));
    order
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Around the mean, divided by n − 1.
fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

/// Each chain in two halves; the middle draw of an odd number belongs to neither.
fn split(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let half = chains.first().map_or(0, Vec::len) / 2;
    let halves = |chain: &Vec<f64>| [chain[..half].to_vec(), chain[chain.len() - half..].to_vec()];
    chains.iter().flat_map(halves).collect()
}

/// Normal scores of the ranks among all draws; ties share their mean rank (Blom 1958: (r − 3/8)/(S + 1/4)).
fn scores(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let all = chains.concat();
    let order = ordered(&all);
    let mut scored = vec![0.0; all.len()];
    let mut from = 0;
    while from < order.len() {
        let tied = order[from..].iter().take_while(|&&i| all[i] == all[order[from]]).count();
        let rank = from as f64 + (tied + 1) as f64 / 2.0;
        let z = normal_quantile((rank - 0.375) / (all.len() as f64 + 0.25));
        order[from..from + tied].iter().for_each(|&i| scored[i] = z);
        from += tied;
    }
    scored.chunks(chains[0].len()).map(<[f64]>::to_vec).collect()
}

/// √((B/W + n − 1)/n) with B and W the variances between and within (Gelman et al. 2013, eq. 11.4).
fn potential_scale_reduction(chains: &[Vec<f64>]) -> f64 {
    let n = chains[0].len() as f64;
    let means: Vec<f64> = chains.iter().map(|c| mean(c)).collect();
    let within = mean(&chains.iter().map(|c| variance(c)).collect::<Vec<_>>());
    ((n * variance(&means) / within + n - 1.0) / n).sqrt()
}

/// Whether the draws are enough to say anything: two chains or halves of two draws each, all finite, not all the same.
fn enough(chains: &[Vec<f64>]) -> bool {
    let length = chains.first().map_or(0, Vec::len);
    let first = chains.first().and_then(|c| c.first());
    length >= 4
        && chains.iter().all(|c| c.len() == length && c.iter().all(|v| v.is_finite()))
        && chains.iter().flatten().any(|v| Some(v) != first)
}

/// Split R-hat on normalised ranks, the larger of that of the draws and that of their distances from the median; above 1.01
/// the chains disagree. `None` for fewer than 4 draws a chain, for draws that are no numbers or all the same.
pub fn r_hat(chains: &[Vec<f64>]) -> Option<f64> {
    if !enough(chains) {
        return None;
    }
    let halves = split(chains);
    let all = halves.concat();
    let order = ordered(&all);
    let median = (all[order[(all.len() - 1) / 2]] + all[order[all.len() / 2]]) / 2.0;
    let folded: Vec<Vec<f64>> = halves.iter().map(|c| c.iter().map(|v| (v - median).abs()).collect()).collect();
    let [bulk, tail] = [&halves, &folded].map(|c| potential_scale_reduction(&scores(c)));
    Some(bulk.max(tail))
}

/// Mean over the chains of the autocovariance at a lag, divided by n.
fn autocovariance(centred: &[Vec<f64>], lag: usize) -> f64 {
    let n = centred[0].len();
    let of = |c: &Vec<f64>| c[..n - lag].iter().zip(&c[lag..]).map(|(a, b)| a * b).sum::<f64>() / n as f64;
    centred.iter().map(of).sum::<f64>() / centred.len() as f64
}

fn centred(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let around = |chain: &Vec<f64>| {
        let centre = mean(chain);
        chain.iter().map(|v| v - centre).collect()
    };
    chains.iter().map(around).collect()
}

/// How many independent draws tell as much of the mean of the ranks as these draws do ("bulk"). `None` as for [`r_hat`].
///
/// The autocorrelations are summed over pairs of lags (Geyer 1992, section 3.3).
pub fn effective_sample_size(chains: &[Vec<f64>]) -> Option<f64> {
    if !enough(chains) {
        return None;
    }
    let scored = scores(&split(chains));
    let (count, n) = (scored.len() as f64, scored[0].len());
    let around = centred(&scored);
    let within = autocovariance(&around, 0) * n as f64 / (n - 1) as f64;
    let between = variance(&scored.iter().map(|c| mean(c)).collect::<Vec<_>>());
    let total = within * (n - 1) as f64 / n as f64 + between;
    let correlation = |lag: usize| 1.0 - (within - autocovariance(&around, lag)) / total;
    // Pairs (ρ₀, ρ₁), (ρ₂, ρ₃) … as long as their sums are positive; no pair counts more than those before it.
    let (mut pair, mut lag) = ((1.0, correlation(1)), 2);
    let (mut sum, mut least) = (0.0, f64::INFINITY);
    while lag + 2 < n && pair.0 + pair.1 > 0.0 {
        least = f64::min(least, pair.0 + pair.1);
        sum += least;
        pair = (correlation(lag), correlation(lag + 1));
        lag += 2;
    }
    // Of the pair that ends them the even half still improves the estimate.
    let rest = if pair.0 + pair.1 >= 0.0 { pair.0 } else { pair.0.max(0.0) };
    let time = -1.0 + 2.0 * sum + rest;
    let draws = count * n as f64;
    Some(draws / time.max(1.0 / draws.log10()))
}

/// Autocorrelation at the lags 0 … `lags` − 1, of all chains together around their own means.
pub fn autocorrelation(chains: &[Vec<f64>], lags: usize) -> Vec<f64> {
    let around = centred(chains);
    let first = autocovariance(&around, 0);
    (0..lags.min(chains[0].len())).map(|lag| autocovariance(&around, lag) / first).collect()
}
