//! The replay buffer: who is drawn, who begins anew, where, and what is written back.

use crate::machine::Machine;
use ebm::graph::Graph;
use ebm::graph::schedule::Layout;
use ebm::objective::ReplayBuffer;

/// Chains of the buffer, and those drawn at a time.
const SIZE: usize = 64;

struct Draws {
    /// Of every round: indices, positions, ages.
    rounds: Vec<[Vec<f64>; 3]>,
    chains: Vec<f64>,
}

/// Draws `n` chains so often; each that is drawn moves by 100 in x before it is written back.
fn draw(n: usize, rounds: u32) -> Draws {
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let chains = layout.add("chains", &[SIZE, 2]);
    let ages = layout.add("ages", &[SIZE, 1]);
    let outs = [("indices", vec![n]), ("positions", vec![n, 2]), ("ages out", vec![n, 1])];
    let [indices, positions, drawn_ages] = outs.map(|(name, shape)| layout.add(name, &shape));
    let buffer = ReplayBuffer { chains: graph.state(chains, &[SIZE, 2]), ages: graph.state(ages, &[SIZE, 1]) };
    let start = (graph.uniform(5, &[n, 2]) * 2.0 - 1.0) * 4.0;
    let drawn = buffer.draw(&graph, n, graph.scalar(0.05), start, false);
    let moved = drawn.positions + graph.literal(&[100.0, 0.0], &[2]);
    let outputs = [
        (drawn.indices, indices),
        (drawn.positions, positions),
        (drawn.ages, drawn_ages),
        (buffer.chains.scatter(drawn.indices, moved), chains),
        (buffer.ages.scatter(drawn.indices, drawn.ages), ages),
    ];
    let mut machine = Machine::<f32>::new(&graph, layout, &outputs, vec![]);
    // Every chain says who it is.
    let first: Vec<f64> = (0..SIZE).flat_map(|i| [1000.0, i as f64]).collect();
    machine.set(chains, &first);
    let rounds = (0..rounds)
        .map(|round| {
            machine.run(0, round);
            [indices, positions, drawn_ages].map(|slot| machine.get(slot))
        })
        .collect();
    Draws { rounds, chains: machine.get(chains) }
}

#[test]
fn a_twentieth_of_the_drawn_chains_begins_anew_inside_the_world() {
    let draws = draw(50, 2000);
    let anew: Vec<_> = draws
        .rounds
        .iter()
        .flat_map(|[_, positions, ages]| positions.chunks_exact(2).zip(ages))
        .filter(|(_, age)| **age == 1.0)
        .map(|(p, _)| [p[0], p[1]])
        .collect();
    // 10⁵ draws with probability 1/20: a standard error of 6.9·10⁻⁴. A chain that has never been drawn is of age 1
    // after its first draw too, and those are 64.
    let fresh: Vec<_> = anew.iter().filter(|p| p[0] < 999.0).collect();
    let fraction = fresh.len() as f64 / 1e5;
    assert!((fraction - 0.05).abs() < 0.003, "{fraction}");
    assert!(anew.len() - fresh.len() <= SIZE);
    assert!(fresh.iter().all(|p| p.iter().all(|c| c.abs() <= 4.0)), "outside the world");
    for axis in 0..2 {
        let mean = fresh.iter().map(|p| p[axis]).sum::<f64>() / fresh.len() as f64;
        // U(−4, 4) has a standard deviation of 2.31.
        assert!(mean.abs() < 4.0 * 2.31 / (fresh.len() as f64).sqrt(), "axis {axis}: mean {mean}");
    }
}

#[test]
fn drawn_chains_are_distinct_and_written_back_where_they_were() {
    // What the buffer holds, kept by hand.
    let mut chains: Vec<[f64; 2]> = (0..SIZE).map(|i| [1000.0, i as f64]).collect();
    let mut ages = vec![0.0; SIZE];
    let draws = draw(10, 500);
    for [indices, positions, drawn_ages] in &draws.rounds {
        let mut seen = [false; SIZE];
        for ((index, p), age) in indices.iter().zip(positions.chunks_exact(2)).zip(drawn_ages) {
            let i = *index as usize;
            assert!(i < SIZE && *index == i as f64 && !std::mem::replace(&mut seen[i], true), "index {index}");
            let goes_on = *age != 1.0 || ages[i] == 0.0 && p[0] > 999.0;
            if goes_on {
                assert_eq!((chains[i], ages[i] + 1.0), ([p[0], p[1]], *age));
            }
            ages[i] = *age;
            // In single precision, as the buffer is.
            chains[i] = [f64::from(p[0] as f32 + 100.0), p[1]];
        }
    }
    assert_eq!(draws.chains, chains.concat());
}

#[test]
fn every_chain_is_drawn_equally_often() {
    let rounds = 20_000;
    let mut counts = [0.0; SIZE];
    for [indices, ..] in &draw(1, rounds).rounds {
        counts[indices[0] as usize] += 1.0;
    }
    let expected = f64::from(rounds) / SIZE as f64;
    let chi_square: f64 = counts.iter().map(|c| (c - expected) * (c - expected) / expected).sum();
    // The 99th percentile of χ² with 63 degrees of freedom.
    assert!(chi_square < 92.01, "{chi_square}");
}
