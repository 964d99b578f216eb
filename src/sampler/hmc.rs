//! Hamiltonian Monte Carlo (Duane et al. 1987; Neal 2011, section 3): each particle gets a momentum p ~ N(0, I), glides
//! L leapfrog steps of length h through the landscape, and its end is accepted with probability min(1, exp(H − H′)),
//! H = E(x) + ½|p|². Leapfrog is reversible and keeps volumes, so exp(−E) stays exactly invariant.

use super::{ADAPT, CLAMP_X, CLAMP_Y, Move, STEPS, Sampler, Scope, adapted, gradient, metropolis, target_acceptance};
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// HMC.
pub(super) struct Hmc;

const RANGE: (f64, f64) = (1e-5, 2.0);
const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.1, RANGE.0, RANGE.1).log().primary(),
    Param::integer("leapfrogSteps", Group::Sampler, 10, 1, 32).primary(),
    STEPS,
    ADAPT,
    target_acceptance(0.7),
    CLAMP_X,
    CLAMP_Y,
];

/// A place and a momentum, [n, 2] each.
#[derive(Clone, Copy)]
struct Phase<'g> {
    position: Tensor<'g>,
    momentum: Tensor<'g>,
}

/// `steps` leapfrog steps from a phase whose gradient is given. Returns where they end, and the places on the way.
fn leapfrog<'g>(
    scope: &Scope<'g, '_>,
    from: Phase<'g>,
    gradient_there: Tensor<'g>,
    steps: usize,
) -> (Phase<'g>, Vec<Tensor<'g>>) {
    let h = scope.step_size;
    let Phase { mut position, momentum } = from;
    let mut way = vec![];
    // Half a push, then whole steps with whole pushes between them; the last push is a half again.
    let mut momentum = momentum - 0.5 * h * gradient_there;
    for step in 1..=steps {
        position = position + h * momentum;
        let push = if step < steps { h } else { 0.5 * h };
        way.extend((step < steps).then_some(position));
        momentum = momentum - push * gradient(scope, position);
    }
    (Phase { position, momentum }, way)
}

impl Sampler for Hmc {
    fn id(&self) -> &'static str {
        "hmc"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"p \sim \mathcal{N}(0, I), \quad (y, p') = \mathrm{leapfrog}_h^L(x, p), \quad P(x' = y) = \min\bigl(1, e^{H - H'}\bigr), \quad H = E + \tfrac12 |p|^2"
    }

    fn step<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let steps = section.count("leapfrogSteps");
        let (gradient_x, momentum) = (gradient(scope, x), scope.graph.normal(0, &x.shape()));
        let (end, way) = leapfrog(scope, Phase { position: x, momentum }, gradient_x, steps);
        let kinetic = 0.5 * (momentum.square() - end.momentum.square()).sum(1);
        let log_ratio = (scope.energy)(x) - (scope.energy)(end.position) + kinetic;
        // Where the momentum alone would have led, and what the slopes made of it.
        let noise = steps as f64 * scope.step_size * momentum;
        let drift = end.position - x - noise;
        let path = (!way.is_empty()).then(|| scope.graph.concat(&way, 1));
        let proposed = Move { path, ..Move::proposed(gradient_x, drift, noise, end.position) };
        metropolis(scope.graph, x, proposed, log_ratio)
    }

    fn waypoints(&self, section: &Section) -> usize {
        section.count("leapfrogSteps") - 1
    }

    fn adapt<'g>(&self, section: &Section, scope: &Scope<'g, '_>, acceptance: Tensor<'g>) -> Option<Tensor<'g>> {
        adapted(section, scope, acceptance, RANGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::cpu::Cpu;
    use crate::backend::plan::{Program, Tick};
    use crate::data;
    use crate::graph::Graph;
    use crate::graph::schedule::{Layout, schedule};
    use crate::math::Real;
    use crate::rng;

    /// How far from their start particles of eight Gaussians are after L steps, a turn, and L steps back.
    fn distance<T: Real>(steps: usize, h: f64, run: fn(&mut Cpu<T>)) -> f64 {
        const ROWS: usize = 200;
        let (graph, mut layout) = (Graph::new(), Layout::new());
        let away = layout.add("away", &[ROWS, 2]);
        let density = data::by_id("eight-gaussians").unwrap();
        let section = Section::defaults(density.id(), density.params());
        let energy = |x: Tensor<'_>| graph.tensor(density.energy(&section, graph.tensor(x.id())).unwrap().id());
        let none = |_: &str| graph.scalar(0.0);
        let scope = Scope {
            graph: &graph,
            bounds: [-4.0, 4.0],
            step_size: graph.scalar(h),
            dial: &none,
            energy: &energy,
            slope: None,
            noise: None,
            layers: None,
            latent: None,
            latent_energy: None,
            carried: None,
        };
        let mut rng = rng::host(4);
        let points: Vec<f64> = (0..ROWS).flat_map(|_| density.sample(&section, &mut rng).unwrap()).collect();
        let x = graph.literal(&points, &[ROWS, 2]);
        let start = Phase { position: x, momentum: graph.normal(1, &[ROWS, 2]) };
        let (there, _) = leapfrog(&scope, start, gradient(&scope, x), steps);
        let turned = Phase { position: there.position, momentum: -there.momentum };
        let (back, _) = leapfrog(&scope, turned, gradient(&scope, there.position), steps);
        layout.admit_literals(&graph);
        let scheduled = schedule("there and back", &graph, &[(back.position - x, away)], &layout);
        let mut cpu = Cpu::<T>::new();
        cpu.install(Program { arena: scheduled.arena, plans: vec![scheduled.plan] });
        for (offset, values) in layout.literals() {
            cpu.arena_mut()[*offset..].iter_mut().zip(values).for_each(|(to, &v)| *to = T::from_f64(v));
        }
        run(&mut cpu);
        cpu.arena()[layout.slot(away).range()].iter().fold(0.0, |worst, v| v.to_f64().abs().max(worst))
    }

    #[test]
    fn leapfrog_leads_back_to_where_it_came_from() {
        const TICK: Tick = Tick { key: [3, 5], substep: 0 };
        let double = distance::<f64>(100, 0.1, |cpu| cpu.run_once(0, TICK));
        assert!(double < 1e-10, "{double}");
        let single = distance::<f32>(10, 0.1, |cpu| cpu.run_once(0, TICK));
        assert!(single > 0.0 && single < 1e-5, "{single}");
    }
}
