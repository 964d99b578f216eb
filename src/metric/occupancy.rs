//! Which modes of a density samples have found.

/// A mode of a density.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mode {
    /// Centre, in the world.
    pub centre: [f64; 2],
    /// Share of the mass.
    pub weight: f64,
    /// Standard deviation of each coordinate around the centre.
    pub sd: f64,
}

/// Shares of samples at the modes of a density.
#[derive(Debug, Clone, PartialEq)]
pub struct Occupancy {
    /// Of all samples, those within four standard deviations of the nearest mode's centre: 1 − e⁻⁸ for exact draws.
    pub hit: f64,
    /// KL(found‖true) of the modes' weights among those, in nats.
    pub divergence: f64,
    /// The weights that were found.
    pub weights: Vec<f64>,
}

/// Counts points at the modes they lie nearest to.
pub fn occupancy(points: &[[f64; 2]], modes: &[Mode]) -> Occupancy {
    let mut counts = vec![0.0; modes.len()];
    for x in points {
        let distances = modes.iter().map(|m| (x[0] - m.centre[0]).hypot(x[1] - m.centre[1]) / m.sd);
        let nearest = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((mode, _)) = nearest.filter(|(_, distance)| *distance <= 4.0) {
            counts[mode] += 1.0;
        }
    }
    let hits: f64 = counts.iter().sum();
    let weights: Vec<f64> = counts.iter().map(|c| c / hits.max(1.0)).collect();
    let term = |(w, m): (&f64, &Mode)| if *w > 0.0 { w * (w / m.weight).ln() } else { 0.0 };
    Occupancy {
        hit: hits / points.len() as f64,
        divergence: if hits > 0.0 { weights.iter().zip(modes).map(term).sum() } else { f64::INFINITY },
        weights,
    }
}
