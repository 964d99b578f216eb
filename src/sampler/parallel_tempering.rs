//! Parallel tempering (Swendsen & Wang 1986; Geyer 1991): beside each particle run replicas of it at higher temperatures,
//! which cross what holds the cold one. Level i follows exp(−βᵢE), βᵢ = T^(−i/(R−1)) from 1 down to 1/T, by MALA with the step
//! h/βᵢ; then neighbours swap places with probability min(1, exp((βᵢ − βⱼ)(Eᵢ − Eⱼ))), by chance all even or all odd pairs.
//! The product of all levels stays exactly invariant, and with it exp(−E) for the particle. A swap of the particle is shown in
//! place of the step that it undoes; the acceptance that the step size follows is that of the steps alone.

use super::mala::RANGE;
use super::{
    ADAPT, CLAMP_X, CLAMP_Y, Carried, Move, STEPS, Sampler, Scope, adapted, metropolis, target_acceptance,
    tempered_mala,
};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Parallel tempering.
pub(super) struct ParallelTempering;

const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.01, RANGE.0, RANGE.1).log().primary(),
    Param::integer("replicas", Group::Sampler, 3, 2, 8).primary(),
    Param::number("hottest", Group::Sampler, 8.0, 1.1, 1000.0).log().primary(),
    STEPS,
    ADAPT,
    target_acceptance(0.6),
    CLAMP_X,
    CLAMP_Y,
];

impl Sampler for ParallelTempering {
    fn id(&self) -> &'static str {
        "parallel-tempering"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"P(x_i, x_j \to x_j, x_i) = \min\bigl(1, e^{(\beta_i - \beta_j)(E(x_i) - E(x_j))}\bigr), \quad \beta_i = T^{-i/(R-1)}"
    }

    fn carries(&self, section: &Section, _latent: usize) -> Option<Carried> {
        Some(Carried { name: "replicas", columns: 2 * (section.count("replicas") - 1) })
    }

    /// Every replica begins where its particle is.
    fn begin<'g>(&self, section: &Section, x: Tensor<'g>, _columns: usize) -> Tensor<'g> {
        x.graph().concat(&vec![x; section.count("replicas") - 1], 1)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PLANE
    }

    fn step<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let (graph, levels, n) = (scope.graph, section.count("replicas"), x.shape()[0]);
        let hot = scope.carried();
        let replica = |i: usize| if i == 0 { x } else { hot.narrow(1, 2 * i - 2..2 * i) };
        let cooling = (scope.dial)("hottest").ln() * (-1.0 / (levels - 1) as f64);
        let beta: Vec<_> = (0..levels).map(|i| (i as f64 * cooling).exp()).collect();
        // All levels move at once, one below the other.
        let all = graph.concat(&(0..levels).map(replica).collect::<Vec<_>>(), 0);
        let one = graph.constant(1.0, &[n]);
        let betas = graph.concat(&beta.iter().map(|&b| b * one).collect::<Vec<_>>(), 0);
        let (proposed, log_ratio) = tempered_mala(scope, all, Some(betas));
        let (before, after) = ((scope.energy)(all), (scope.energy)(proposed.proposal));
        let moved = metropolis(graph, all, proposed, log_ratio);
        let energy = moved.accepted.select(after, before);
        let rows = |t: Tensor<'g>, i: usize| t.narrow(0, i * n..(i + 1) * n);
        let mut places: Vec<_> = (0..levels).map(|i| rows(moved.position, i)).collect();
        let even = (graph.uniform(7, &[n]) - 0.5).step();
        let (mut came, mut probability) = (one, one);
        for i in 0..levels - 1 {
            let chosen = if i % 2 == 0 { even } else { 1.0 - even };
            let log_swap = (beta[i] - beta[i + 1]) * (rows(energy, i) - rows(energy, i + 1));
            let swap = chosen * (log_swap - graph.uniform(16 + i as u32, &[n]).ln()).step();
            if i == 0 {
                (came, probability) = (swap, log_swap.minimum(graph.scalar(0.0)).exp());
            }
            let (cold, hot, swap) = (places[i], places[i + 1], swap.reshape(&[n, 1]));
            places[i] = swap.select(hot, cold);
            places[i + 1] = swap.select(cold, hot);
        }
        let swapped = came.reshape(&[n, 1]);
        Move {
            path: None,
            position: places[0],
            carried: Some(graph.concat(&places[1..], 1)),
            accepted: rows(moved.accepted, 0),
            moved: Some(rows(moved.accepted, 0).maximum(came)),
            gradient: rows(moved.gradient, 0),
            drift: swapped.select(graph.scalar(0.0), rows(moved.drift, 0)),
            noise: swapped.select(places[0] - x, rows(moved.noise, 0)),
            proposal: swapped.select(places[0], rows(moved.proposal, 0)),
            probability: came.select(probability, rows(moved.probability, 0)),
        }
    }

    fn adapt<'g>(&self, section: &Section, scope: &Scope<'g, '_>, acceptance: Tensor<'g>) -> Option<Tensor<'g>> {
        adapted(section, scope, acceptance, RANGE)
    }
}
