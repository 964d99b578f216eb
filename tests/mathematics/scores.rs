//! Rules that learn slopes or compare with neighbours, on parabolas: E = ½θ|x|² and data N(0, v I).

use crate::machine::{mean_square, normals};
use crate::objectives::{N, moments, parabola, setting};
use ebm::graph::Tensor;
use ebm::json;

/// ¼θ|x|⁴.
fn quartic<'g>(x: Tensor<'g>, theta: Tensor<'g>) -> Tensor<'g> {
    0.25 * theta * x.square().sum(1).square()
}

/// Mean |x|² of points in the plane.
fn squares(x: &[f64]) -> f64 {
    2.0 * mean_square(x)
}

#[test]
fn score_matching_is_half_the_squared_slope_less_the_laplacian() {
    // J(θ) = ½θ² E|x|² − 2θ: −1 at θ = 1 and 8 at θ = 4, for v = 1; the optimum is 2/E|x|².
    let data = normals(2 * N, 40, 1.0);
    let mut rule = setting::<f64>("score-matching", json!({}), moments(1.0), N, parabola);
    rule.machine.set(rule.batch, &data);
    for (theta, population) in [(1.0, -1.0), (4.0, 8.0), (-1.0, 3.0)] {
        let [loss, slope] = rule.at(theta);
        assert!((loss - (0.5 * theta * theta * squares(&data) - 2.0 * theta)).abs() < 1e-9, "θ = {theta}: {loss}");
        assert!((slope - (theta * squares(&data) - 2.0)).abs() < 1e-9, "θ = {theta}: {slope}");
        // ½θ²|x|² has the standard deviation θ².
        let error = 4.0 * theta * theta / (N as f64).sqrt();
        assert!((loss - population).abs() < error, "θ = {theta}: {loss} and not {population}");
    }
    let best = rule.optimum(0.5, 2.0);
    assert!((best - 2.0 / squares(&data)).abs() < 1e-9, "{best}");
}

#[test]
fn slices_have_the_value_of_the_whole() {
    let data = normals(2 * N, 41, 0.7);
    let value = |id: &str, given, theta| {
        let mut rule = setting::<f64>(id, given, moments(1.0), N, parabola);
        rule.machine.set(rule.batch, &data);
        rule.at(theta)
    };
    for theta in [0.5, 2.0] {
        let [whole, slope] = value("score-matching", json!({}), theta);
        // Along Rademacher directions the curvature of a parabola is the Laplacian, without any variance.
        let [reduced, reduced_slope] = value("sliced-score-matching", json!({}), theta);
        assert!((reduced - whole).abs() < 1e-9 && (reduced_slope - slope).abs() < 1e-9, "{reduced} and not {whole}");
        let [plain, _] = value("sliced-score-matching", json!({"varianceReduction": false}), theta);
        // What is left is θ² v₁v₂ x₁x₂, with the standard deviation θ²·0.49.
        let error = 4.0 * theta * theta * 0.49 / (N as f64).sqrt();
        assert!((plain - whole).abs() < error && plain != whole, "{plain} and not {whole}");
        // Of a parabola, differences are derivatives; θ²(ûᵀx)² has half of |x|² and at most its standard deviation.
        let [finite, _] = value("finite-difference-score-matching", json!({"epsilon": 0.5}), theta);
        assert!((finite - whole).abs() < 2.0 * error, "{finite} and not {whole}");
    }
}

#[test]
fn finite_differences_err_by_the_square_of_their_length() {
    let mut values = vec![];
    for epsilon in [0.01, 0.02, 0.04] {
        let given = json!({"epsilon": epsilon});
        let mut rule = setting::<f64>("finite-difference-score-matching", given, moments(1.0), 1000, quartic);
        rule.machine.set(rule.batch, &normals(2000, 42, 1.0));
        values.push(rule.at(1.0)[0]);
    }
    // (16 − 4)/(4 − 1), but for terms of the fourth order: ε² = 0.0016 times moments of a few units.
    let ratio = (values[2] - values[1]) / (values[1] - values[0]);
    assert!((ratio - 4.0).abs() < 0.05, "{ratio}");
}

#[test]
fn the_control_variate_keeps_the_mean_and_takes_the_variance() {
    // s(x) = −x on N(0, I): the loss of one point over σ² has the standard deviation 99.1 at σ = .1 and 9987 at .01; with
    // the control variate, |z|² against ½|x|², it is √(4 + 1) at any small σ, and d/(2σ²) above −1.
    const RUNS: u32 = 40_000;
    for (sigma, raw) in [(0.1, 99.1), (0.01, 9987.0)] {
        let mut spread = vec![];
        for variate in [false, true] {
            let given = json!({"sigma": sigma, "controlVariate": variate});
            let mut rule = setting::<f64>("denoising-score-matching", given, moments(1.0), 1, parabola);
            let points = normals(2 * RUNS as usize, 43, 1.0);
            let losses: Vec<f64> = (0..RUNS)
                .map(|i| {
                    let at = 2 * i as usize;
                    rule.machine.set(rule.batch, &points[at..at + 2]);
                    rule.at_substep(1.0, i)[0] / (sigma * sigma)
                })
                .collect();
            let mean = losses.iter().sum::<f64>() / f64::from(RUNS);
            spread.push((losses.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / f64::from(RUNS)).sqrt());
            if variate {
                let error = 4.0 * 2.24 / f64::from(RUNS).sqrt();
                assert!((mean - 1.0 / (sigma * sigma) + 1.0).abs() < error + sigma * sigma, "σ = {sigma}: {mean}");
            }
        }
        // A squared normal's kurtosis makes four standard errors of its deviation 2.8 % here.
        assert!((spread[0] / raw - 1.0).abs() < 0.03, "σ = {sigma}: {}", spread[0]);
        assert!((spread[1] / 2.236 - 1.0).abs() < 0.03, "σ = {sigma}: {}", spread[1]);
    }
}

#[test]
fn the_control_variate_leaves_the_optimum_where_it_is() {
    for sigma in [0.3, 0.01] {
        let given = json!({"sigma": sigma, "controlVariate": true});
        let mut rule = setting::<f64>("denoising-score-matching", given, moments(1.0), N, parabola);
        rule.machine.set(rule.batch, &normals(2 * N, 44, 1.0));
        let best = rule.optimum(0.5, 2.0);
        // Σ|z|²/Σ|x̃|²·(1 + …): two sums of 2N squares.
        let want = 1.0 / (1.0 + sigma * sigma);
        assert!((best / want - 1.0).abs() < 4.0 * (2.0 / N as f64).sqrt(), "σ = {sigma}: {best} and not {want}");
    }
}

#[test]
fn maximum_likelihood_by_quadrature_is_that_of_a_gaussian() {
    // mean ½θ|x|² + ln(2π/θ); beyond [−6, 6]² lie 10⁻⁸ of the mass at θ = 1, and a standard deviation of one cell
    // (θ = 64) is integrated to 5·10⁻⁹ in each dimension.
    let data = normals(2000, 45, 0.8);
    let mut rule = setting::<f64>("maximum-likelihood", json!({}), moments(1.0), 1000, parabola);
    rule.machine.set(rule.batch, &data);
    for theta in [1.0, 3.0, 64.0] {
        for shift in 0..5 {
            let [loss, slope] = rule.at_substep(theta, shift);
            let want = 0.5 * theta * squares(&data) + (2.0 * std::f64::consts::PI / theta).ln();
            assert!((loss - want).abs() < 2e-8, "θ = {theta}: {loss} and not {want}");
            let want = 0.5 * squares(&data) - 1.0 / theta;
            assert!((slope - want).abs() < 2e-7, "θ = {theta}: {slope} and not {want}");
        }
    }
    let best = rule.optimum(1.0, 3.0);
    assert!((best - 2.0 / squares(&data)).abs() < 1e-6, "{best}");
}

#[test]
fn energy_discrepancy_is_least_at_the_data_s_own_energy() {
    // With t = σ² and without w, for many points: θv − ln(1 + tθ) − θ(v + t)/(1 + tθ), whose slope is 0 at θ = 1/v.
    const POINTS: usize = 20_000;
    const M: f64 = 64.0;
    let (t, v) = (0.25, 1.0);
    let given = json!({"sigma": 0.5, "negatives": M, "stabilisation": 0.0});
    let mut rule = setting::<f64>("energy-discrepancy", given, moments(1.0), POINTS, parabola);
    rule.machine.set(rule.batch, &normals(2 * POINTS, 46, 1.0));
    for theta in [0.5, 1.0, 2.0] {
        let [loss, slope] = rule.at(theta);
        let f = 1.0 + t * theta;
        let (want, want_slope) = (theta * v - f.ln() - theta * (v + t) / f, v - t / f - (v + t) / (f * f));
        // ½θ|x|² − ½θ|x + σξ|²/(1 + tθ) has a standard deviation below θ; the logarithm of a mean over M points is
        // too small by half the relative variance over M: (1 + tθ)²/(1 + 2tθ) · E exp(c|x + σξ|²) − 1.
        let c = theta / f - theta / (f + t * theta);
        let variance = f * f / (f + t * theta) / (1.0 - 2.0 * c * (v + t)) - 1.0;
        let bias = variance / M;
        let error = 4.0 * theta / (POINTS as f64).sqrt() + bias;
        assert!((loss - want).abs() < error, "θ = {theta}: {loss} and not {want}");
        assert!((slope - want_slope).abs() < error / theta, "θ = {theta}: {slope} and not {want_slope}");
    }
    assert!(rule.at(0.6)[1] < 0.0 && rule.at(1.6)[1] > 0.0);
}

#[test]
fn a_weight_keeps_the_energy_discrepancy_of_one_point_above_its_floor() {
    // ln(w/M + …) ≥ ln(w/M), whatever the energies, and no number is lost where exp cannot hold them.
    let given = json!({"negatives": 1, "stabilisation": 1.0});
    let mut rule = setting::<f32>("energy-discrepancy", given, moments(1.0), 64, parabola);
    rule.machine.set(rule.batch, &normals(128, 47, 1.0));
    for theta in [-1e4, 1e4] {
        let [loss, slope] = rule.at(theta);
        assert!(loss.is_finite() && slope.is_finite() && loss >= 0.0, "θ = {theta}: {loss}, {slope}");
    }
}
