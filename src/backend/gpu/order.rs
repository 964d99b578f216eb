//! Which launches may share a dispatch. A dispatch costs tens of microseconds in a browser, so launches of one kernel whose
//! data are independent become jobs of one dispatch, moved ahead of the launches between them where that changes nothing.
//! Elementwise groups share one whatever they compute: the kernel holds several programs.

use super::elementwise::{self, Program};
use super::launch::{Launch, Tuning, Work};
use super::shader::Kernel;
use crate::backend::plan::{Instruction, Load, MatMul, Matrix, Network, Step};
use crate::error::{Error, Result};
use std::ops::Range;

/// Bytes of parameters that a kernel sees. Twin of `WINDOW` in `shaders/lib/bindings.wgsl`.
pub const WINDOW: usize = 4096;

/// Programs of one elementwise kernel: a longer text takes longer to compile.
const MOST_PROGRAMS: usize = 4;

/// Places in the arena.
type Places = Vec<Range<usize>>;

/// A kernel with its jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct Dispatch {
    /// The kernel.
    pub kernel: Kernel,
    /// Parameters of all jobs.
    pub words: Vec<u32>,
    /// Workgroups.
    pub groups: [u32; 3],
}

/// A dispatch that may still take jobs.
struct Open {
    work: Shared,
    groups: [u32; 3],
    reads: Places,
    writes: Places,
}

/// What the jobs of a dispatch have in common.
enum Shared {
    /// Programs, and jobs of them.
    Elementwise(Vec<Program>, Vec<(usize, usize, Vec<u32>)>),
    /// A kernel and the parameters of its jobs.
    Jobs(Kernel, Vec<u32>),
    /// A kernel and its only job.
    Single(Kernel, Vec<u32>),
}

/// The dispatches of a plan, in order.
pub fn dispatches(steps: &[Step], tuning: Tuning) -> Result<Vec<Dispatch>> {
    let mut ordered: Vec<Open> = Vec::new();
    for step in steps {
        let Some(launch) = tuning.launch(step)? else { continue };
        let (reads, writes) = footprint(step);
        // From the last dispatch backwards, as long as the step does not depend on what it would be moved ahead of.
        let mut home = None;
        for (i, open) in ordered.iter().enumerate().rev() {
            if open.conflicts(&reads, &writes) {
                break;
            }
            if open.takes(&launch.work) {
                home = Some(i);
            }
        }
        match home {
            Some(i) => ordered[i].join(launch, reads, writes),
            None => ordered.push(Open::new(launch, reads, writes)),
        }
    }
    ordered.into_iter().map(Open::close).collect()
}

impl Open {
    fn new(launch: Launch, reads: Places, writes: Places) -> Self {
        let groups = [launch.groups[0] as u32, launch.groups[1] as u32, 1];
        let work = match launch.work {
            Work::Elementwise(group) => {
                Shared::Elementwise(vec![group.program], vec![(0, group.elements, group.offsets)])
            }
            Work::Jobs(kernel, words) => Shared::Jobs(kernel, words),
            Work::Single(kernel, words) => Shared::Single(kernel, words),
        };
        Self { work, groups, reads, writes }
    }

    fn takes(&self, work: &Work) -> bool {
        match (&self.work, work) {
            (Shared::Elementwise(programs, jobs), Work::Elementwise(group)) => {
                let known = programs.contains(&group.program) || programs.len() < MOST_PROGRAMS;
                let longest =
                    jobs.iter().map(|(.., offsets)| offsets.len()).max().unwrap_or(0).max(group.offsets.len());
                known && elementwise::bytes(longest) * (jobs.len() + 1) <= WINDOW
            }
            (Shared::Jobs(kernel, words), Work::Jobs(other, job)) => {
                kernel == other && 4 * (words.len() + job.len()) <= WINDOW
            }
            _ => false,
        }
    }

    fn conflicts(&self, reads: &Places, writes: &Places) -> bool {
        overlap(&self.writes, reads) || overlap(&self.writes, writes) || overlap(&self.reads, writes)
    }

    /// Takes a job that it `takes`.
    fn join(&mut self, launch: Launch, reads: Places, writes: Places) {
        match (&mut self.work, launch.work) {
            (Shared::Elementwise(programs, jobs), Work::Elementwise(group)) => {
                let known = programs.iter().position(|program| *program == group.program);
                let program = known.unwrap_or_else(|| {
                    programs.push(group.program);
                    programs.len() - 1
                });
                jobs.push((program, group.elements, group.offsets));
            }
            (Shared::Jobs(_, words), Work::Jobs(_, job)) => words.extend(job),
            _ => unreachable!("a launch joins only what takes it"),
        }
        for (mine, theirs) in self.groups.iter_mut().zip(launch.groups) {
            *mine = (*mine).max(theirs as u32);
        }
        self.groups[2] += 1;
        self.reads.extend(reads);
        self.writes.extend(writes);
    }

    fn close(self) -> Result<Dispatch> {
        let (kernel, words) = match self.work {
            Shared::Elementwise(programs, jobs) => elementwise::kernel(&programs, &jobs),
            Shared::Jobs(kernel, words) | Shared::Single(kernel, words) => (kernel, words),
        };
        if 4 * words.len() > WINDOW {
            return Err(Error::Device(format!(
                "An elementwise group takes {} words of parameters; the device's kernels read at most {}.",
                words.len(),
                WINDOW / 4
            )));
        }
        Ok(Dispatch { kernel, words, groups: self.groups })
    }
}

fn overlap(a: &Places, b: &Places) -> bool {
    a.iter().any(|a| b.iter().any(|b| a.start < b.end && b.start < a.end))
}

/// What a step reads and writes, each access by the range from its first to its last element.
fn footprint(step: &Step) -> (Places, Places) {
    let plain = |offset: usize, elements: usize| offset..offset + elements;
    match step {
        Step::Elementwise(group) => {
            let load = |i: &Instruction| match i {
                Instruction::Load(load) => Some(reach(&group.shape, load)),
                _ => None,
            };
            let stores = group.stores.iter();
            let store = |offset, strides: &[usize]| Load { offset, strides: strides.to_vec(), window: None };
            (
                group.instructions.iter().filter_map(load).collect(),
                stores.map(|s| reach(&group.shape, &store(s.offset, &s.strides))).collect(),
            )
        }
        Step::MatMul(MatMul { m, n, k, a, b, c, accumulate }) => {
            let span = |matrix: &Matrix, rows: &usize, columns: &usize| {
                let last =
                    rows.saturating_sub(1) * matrix.row_stride + columns.saturating_sub(1) * matrix.column_stride;
                plain(matrix.offset, last + 1)
            };
            let written = span(c, m, n);
            let mut read = vec![span(a, m, k), span(b, k, n)];
            read.extend(accumulate.then(|| written.clone()));
            (read, vec![written])
        }
        Step::Reduce(r) => {
            (vec![plain(r.source, r.outer * r.length * r.inner)], vec![plain(r.target, r.outer * r.inner)])
        }
        Step::Gather(g) => (
            vec![plain(g.source, g.source_rows * g.columns), plain(g.indices, g.rows)],
            vec![plain(g.target, g.rows * g.columns)],
        ),
        Step::Scatter(s) => (
            vec![plain(s.source, s.rows * s.columns), plain(s.indices, s.rows)],
            vec![plain(s.target, s.target_rows * s.columns)],
        ),
        #[cfg(feature = "whole")]
        Step::Convolution(c) => (c.corner.others().map(|o| c.range(o)).to_vec(), vec![c.range(c.corner)]),
        Step::Chain(c) => {
            let positions = plain(c.positions, 2 * c.rows);
            let mut reads = weights(&c.network);
            reads.extend([positions.clone(), plain(c.step_size, 1), plain(c.noise, 1)]);
            (reads, vec![positions, plain(c.accepted, c.rows)])
        }
        Step::Field(f) => {
            let mut reads = weights(&f.network);
            reads.push(plain(f.points, 2 * f.rows));
            let scores = f.score.map(|score| plain(score, 2 * f.rows));
            (reads, [plain(f.energy, f.rows)].into_iter().chain(scores).collect())
        }
    }
}

fn reach(shape: &[usize], load: &Load) -> Range<usize> {
    let extent = |d: usize| match &load.window {
        Some(window) => window[d].len(),
        None => shape[d],
    };
    let last: usize = (0..shape.len()).map(|d| extent(d).saturating_sub(1) * load.strides[d]).sum();
    load.offset..load.offset + last + 1
}

fn weights(network: &Network) -> Places {
    let parameters: usize = network.sizes.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
    vec![network.parameters..network.parameters + parameters, network.confinement..network.confinement + 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::plan::{Combine, Reduce};

    const TUNING: Tuning = Tuning { software: false };

    fn product(a: usize, b: usize, c: usize) -> Step {
        let matrix = |offset| Matrix { offset, row_stride: 4, column_stride: 1 };
        Step::MatMul(MatMul { m: 4, n: 4, k: 4, a: matrix(a), b: matrix(b), c: matrix(c), accumulate: false })
    }

    fn sum(source: usize, target: usize) -> Step {
        Step::Reduce(Reduce { combine: Combine::Sum, outer: 1, length: 16, inner: 1, source, target })
    }

    #[test]
    fn independent_launches_share_a_dispatch_over_the_ones_between_them() {
        let steps = [product(0, 16, 32), sum(32, 100), product(0, 16, 48), sum(48, 101), product(32, 48, 64)];
        let dispatches = dispatches(&steps, TUNING).unwrap();
        let shape: Vec<_> = dispatches.iter().map(|d| (d.kernel.file, d.groups[2])).collect();
        assert_eq!(shape, [("op/matmul.wgsl", 2), ("op/reduce.wgsl", 2), ("op/matmul.wgsl", 1)]);
    }

    #[test]
    fn a_launch_stays_behind_what_it_reads_overwrites_or_rewrites() {
        for later in [product(32, 16, 48), product(48, 16, 0), product(0, 16, 32)] {
            assert_eq!(dispatches(&[product(0, 16, 32), later], TUNING).unwrap().len(), 2);
        }
    }

    #[test]
    fn jobs_that_pass_the_window_begin_a_new_dispatch() {
        let steps: Vec<_> = (0..100).map(|i| product(0, 16, 32 + 16 * i)).collect();
        let jobs: Vec<_> = dispatches(&steps, TUNING).unwrap().iter().map(|d| d.groups[2]).collect();
        assert_eq!(jobs, [64, 36]);
    }
}
