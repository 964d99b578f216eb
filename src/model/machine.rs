//! What can be said of a restricted Boltzmann machine without sampling, in double precision and with plain loops: its free energy, its
//! exact log Z where one of its layers is small, and the pseudo-log-likelihood. The symbols are those of [`super::rbm`].

/// Largest layer whose states are counted out.
pub const COUNTED: usize = 16;

/// A machine with d visible and k hidden units.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// W [k, d].
    weights: Vec<f64>,
    /// c [k].
    hidden: Vec<f64>,
    /// b [d].
    visible: Vec<f64>,
}

impl Machine {
    /// W [k, d], c [k] and b [d].
    pub fn new(weights: Vec<f64>, hidden: Vec<f64>, visible: Vec<f64>) -> Self {
        assert_eq!(weights.len(), hidden.len() * visible.len(), "a weight for each pair");
        Self { weights, hidden, visible }
    }

    /// Of the flat weights of the registered model, of which k is known.
    pub fn of_flat(flat: &[f32], k: usize) -> Self {
        let d = (flat.len() - k) / (k + 1);
        let values = |range: std::ops::Range<usize>| flat[range].iter().map(|&v| f64::from(v)).collect();
        Self::new(values(0..k * d), values(k * d..k * d + k), values(k * d + k..flat.len()))
    }

    /// k.
    pub fn hidden_units(&self) -> usize {
        self.hidden.len()
    }

    /// W_j, [d].
    fn row(&self, j: usize) -> &[f64] {
        let d = self.visible.len();
        &self.weights[j * d..(j + 1) * d]
    }

    /// Log-odds of the hidden units, c + W v [k].
    fn log_odds(&self, v: &[f64]) -> Vec<f64> {
        (0..self.hidden.len()).map(|j| self.hidden[j] + dot(self.row(j), v)).collect()
    }

    /// F(v) of visible units v [d], 0 or 1.
    pub fn free_energy(&self, v: &[f64]) -> f64 {
        -dot(&self.visible, v) - self.log_odds(v).into_iter().map(softplus).sum::<f64>()
    }

    /// log Z, exactly: the states of the smaller layer are counted out and those of the other summed in closed form. `None` where both
    /// have more than [`COUNTED`] units.
    pub fn log_partition(&self) -> Option<f64> {
        let (k, d) = (self.hidden.len(), self.visible.len());
        if k.min(d) > COUNTED {
            return None;
        }
        let column = |i: usize| (0..k).map(|j| self.weights[j * d + i]).collect::<Vec<_>>();
        let (own, inputs, rows): (_, _, Vec<Vec<f64>>) = match k <= d {
            true => (&self.hidden, &self.visible, (0..k).map(|j| self.row(j).to_vec()).collect()),
            false => (&self.visible, &self.hidden, (0..d).map(column).collect()),
        };
        // Neighbours of a Gray code differ in one unit (Gray 1953): that of the lowest bit that the number of the state has.
        let (mut on, mut field, mut bias) = (vec![false; own.len()], inputs.clone(), 0.0);
        let mut log_terms = vec![field.iter().copied().map(softplus).sum::<f64>()];
        for state in 1u32..1 << own.len() {
            let unit = state.trailing_zeros() as usize;
            on[unit] = !on[unit];
            let sign = if on[unit] { 1.0 } else { -1.0 };
            bias += sign * own[unit];
            field.iter_mut().zip(&rows[unit]).for_each(|(field, w)| *field += sign * w);
            log_terms.push(bias + field.iter().copied().map(softplus).sum::<f64>());
        }
        Some(log_sum_exp(&log_terms))
    }

    /// Σ_i ln p(v_i | the other units) of visible units v [d], in nats (Besag 1975).
    pub fn pseudo_log_likelihood(&self, v: &[f64]) -> f64 {
        let log_odds = self.log_odds(v);
        let own: f64 = log_odds.iter().copied().map(softplus).sum();
        let of_unit = |i: usize| {
            let turn = 1.0 - 2.0 * v[i];
            let turned: f64 = log_odds.iter().enumerate().map(|(j, u)| softplus(u + turn * self.row(j)[i])).sum();
            // ln σ(F(v turned) − F(v)).
            -softplus(self.visible[i] * turn + turned - own)
        };
        (0..v.len()).map(of_unit).sum()
    }
}

/// ln(1 + exp x).
pub fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// ln Σ exp, without overflow.
pub fn log_sum_exp(terms: &[f64]) -> f64 {
    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + terms.iter().map(|t| (t - most).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four visible and three hidden units.
    fn small() -> Machine {
        let by_visible = [[0.5, -0.3, 0.8], [-0.7, 0.4, 0.1], [0.2, 0.9, -0.6], [-0.1, 0.3, 0.5]];
        let weights = (0..3).flat_map(|j| by_visible.map(|row| row[j])).collect();
        Machine::new(weights, vec![-0.1, 0.2, 0.05], vec![0.1, -0.2, 0.3, 0.0])
    }

    fn states(n: usize) -> impl Iterator<Item = Vec<f64>> {
        (0..1 << n).map(move |s| (0..n).map(|i| f64::from(s >> i & 1)).collect())
    }

    /// Of all units, summed state by state.
    fn joint_energy(machine: &Machine, v: &[f64], h: &[f64]) -> f64 {
        let pairs: f64 = (0..h.len()).map(|j| h[j] * dot(machine.row(j), v)).sum();
        -dot(&machine.visible, v) - dot(&machine.hidden, h) - pairs
    }

    #[test]
    fn the_reference_machine_has_its_log_z_and_its_probabilities() {
        let machine = small();
        let log_z = machine.log_partition().unwrap();
        assert!((log_z - 5.8611744).abs() < 1e-7, "{log_z}");
        let p = |v: [f64; 4]| (-machine.free_energy(&v) - log_z).exp();
        assert!((p([0.0; 4]) - 0.0247191).abs() < 1e-7 && (p([1.0; 4]) - 0.1158155).abs() < 1e-7);
        let off = Machine { weights: vec![0.0; 12], ..machine };
        assert!((off.log_partition().unwrap() - 5.0510332).abs() < 1e-7);
    }

    #[test]
    fn the_free_energy_is_the_sum_over_hidden_units_and_z_the_sum_over_all() {
        let machine = small();
        let mut all = vec![];
        for v in states(4) {
            let terms: Vec<_> = states(3).map(|h| -joint_energy(&machine, &v, &h)).collect();
            assert!((machine.free_energy(&v) + log_sum_exp(&terms)).abs() < 1e-12);
            all.extend(terms);
        }
        assert!((machine.log_partition().unwrap() - log_sum_exp(&all)).abs() < 1e-12);
        // More hidden than visible units: the visible ones are counted out.
        let across = Machine::new(
            (0..4).flat_map(|i| (0..3).map(move |j| (j, i))).map(|(j, i)| machine.row(j)[i]).collect(),
            machine.visible.clone(),
            machine.hidden.clone(),
        );
        assert!((across.log_partition().unwrap() - log_sum_exp(&all)).abs() < 1e-12);
        let large = Machine::new(vec![0.0; 17 * 17], vec![0.0; 17], vec![0.0; 17]);
        assert_eq!(large.log_partition(), None);
    }

    #[test]
    fn the_pseudo_likelihood_is_that_of_the_conditionals() {
        let machine = small();
        for v in states(4) {
            let conditional = |i: usize| {
                let mut turned = v.clone();
                turned[i] = 1.0 - v[i];
                let [own, other] = [&v, &turned].map(|v| -machine.free_energy(v));
                own - log_sum_exp(&[own, other])
            };
            let wanted: f64 = (0..4).map(conditional).sum();
            assert!((machine.pseudo_log_likelihood(&v) - wanted).abs() < 1e-12);
        }
    }
}
