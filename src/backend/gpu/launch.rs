//! From the steps of a plan to launches: a kernel, its parameters and its grid each.

#[cfg(feature = "whole")]
use super::convolutions;
use super::elementwise::{self, Generated};
use super::shader::Kernel;
use super::{fused, products};
use crate::backend::plan::{Combine, Elementwise, Gather, Reduce, Scatter, Step};
use crate::error::Result;

/// Invocations of a workgroup of the simple kernels.
pub const WORKGROUP: usize = 64;
/// Workgroups along one axis, WebGPU's default limit.
pub const MOST_WORKGROUPS: usize = 65_535;

/// Shapes of kernels that suit an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Whether the adapter is software on a CPU. There four invocations run together, and a load takes a hundred
    /// instructions; so each invocation takes much work and shares what it loads. A GPU wants many light ones.
    pub software: bool,
}

/// One job of a kernel.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// What runs.
    pub work: Work,
    /// Workgroups along x and y; z counts the jobs of a dispatch.
    pub groups: [usize; 2],
}

/// What a launch runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// An elementwise group. A dispatch takes groups of several programs.
    Elementwise(Generated),
    /// A kernel that takes several jobs, and one of them in whole vectors of four words.
    Jobs(Kernel, Vec<u32>),
    /// A kernel that takes a single job.
    Single(Kernel, Vec<u32>),
}

impl Tuning {
    /// The launch of a step; `None` where there is nothing to do.
    pub fn launch(&self, step: &Step) -> Result<Option<Launch>> {
        let launch = match step {
            Step::Elementwise(group) => self.elementwise(group),
            Step::MatMul(product) if self.software => products::serial(product),
            Step::MatMul(product) => products::parallel(product),
            Step::Reduce(reduce) => self.reduce(reduce),
            Step::Gather(gather) => gathered(gather),
            Step::Scatter(scatter) => scattered(scatter),
            #[cfg(feature = "whole")]
            Step::Convolution(step) => convolutions::launch(step, self.software),
            Step::Chain(chain) => fused::chain(chain, self.software)?,
            Step::Field(field) => fused::field(field, self.software)?,
        };
        Ok(Some(launch).filter(|launch| launch.groups.iter().all(|&g| g > 0)))
    }

    fn elementwise(&self, group: &Elementwise) -> Launch {
        let generated = elementwise::generate(group);
        let each = if self.software { 16 } else { 1 };
        let groups = [generated.elements.div_ceil(WORKGROUP * each).min(MOST_WORKGROUPS), 1];
        Launch { work: Work::Elementwise(generated), groups }
    }

    fn reduce(&self, reduce: &Reduce) -> Launch {
        let results = reduce.outer * reduce.inner;
        // Enough invocations to fill the device, each with enough to do to be worth its place.
        let busy = if self.software { 64 } else { 1 << 14 };
        let mut parts = 1;
        while parts < WORKGROUP && results * parts < busy && parts * 8 <= reduce.length {
            parts *= 2;
        }
        let kernel = Kernel {
            file: "op/reduce.wgsl",
            overrides: named([
                ("WORKGROUP", WORKGROUP),
                ("PARTS", parts),
                ("MAXIMUM", usize::from(reduce.combine == Combine::Max)),
            ]),
            ..Kernel::default()
        };
        let job = words([results, reduce.length, reduce.inner, reduce.source, reduce.target, 0, 0, 0]);
        Launch { work: Work::Jobs(kernel, job), groups: folded(results.div_ceil(WORKGROUP / parts)) }
    }
}

fn gathered(gather: &Gather) -> Launch {
    let elements = gather.rows * gather.columns;
    rows(elements, false, [gather.columns, gather.source_rows, gather.source, gather.indices, gather.target])
}

fn scattered(scatter: &Scatter) -> Launch {
    let elements = scatter.rows * scatter.columns;
    rows(elements, true, [scatter.columns, scatter.target_rows, scatter.source, scatter.indices, scatter.target])
}

/// `rest`: columns, rows of the indexed side, source, indices, target.
fn rows(elements: usize, scatter: bool, rest: [usize; 5]) -> Launch {
    let kernel = Kernel {
        file: "op/rows.wgsl",
        overrides: named([("WORKGROUP", WORKGROUP), ("SCATTER", usize::from(scatter))]),
        ..Kernel::default()
    };
    let [columns, indexed_rows, source, indices, target] = rest;
    let job = words([elements, columns, indexed_rows, source, indices, target, 0, 0]);
    Launch { work: Work::Single(kernel, job), groups: [elements.div_ceil(WORKGROUP).min(MOST_WORKGROUPS), 1] }
}

/// Workgroups on a grid, none of whose sides passes the limit.
pub fn folded(workgroups: usize) -> [usize; 2] {
    let rows = workgroups.div_ceil(MOST_WORKGROUPS).max(1);
    [workgroups.div_ceil(rows), rows]
}

/// Parameters as a kernel reads them.
pub fn words(values: impl IntoIterator<Item = usize>) -> Vec<u32> {
    values.into_iter().map(|v| v as u32).collect()
}

/// Constants as a kernel is made with.
pub fn named<const N: usize>(values: [(&'static str, usize); N]) -> Vec<(&'static str, u32)> {
    values.map(|(name, value)| (name, value as u32)).to_vec()
}

/// How many inputs a kernel holds at a time, a multiple of four up to `most`: the most that divides all `sizes`, where that
/// is no small part of them; else what takes the largest in the fewest portions.
pub fn depth(sizes: &[usize], most: usize) -> usize {
    const WORTHWHILE: usize = 16;
    let divides = |depth: &usize| sizes.iter().all(|size| size.is_multiple_of(*depth));
    let dividing = (WORTHWHILE..=most).rev().filter(|depth| depth.is_multiple_of(4)).find(divides);
    let largest = sizes.iter().copied().max().unwrap_or(1);
    dividing.unwrap_or_else(|| largest.div_ceil(largest.div_ceil(most)).next_multiple_of(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_depth_divides_every_size_where_it_can() {
        assert_eq!(depth(&[128, 128], 32), 32);
        assert_eq!(depth(&[100, 100], 128), 100);
        assert_eq!(depth(&[128, 64], 128), 64);
        assert_eq!(depth(&[64, 20], 128), 64);
        assert_eq!(depth(&[14], 16), 16);
        assert_eq!(depth(&[2], 32), 4);
        assert_eq!(depth(&[130], 128), 68);
    }

    #[test]
    fn no_side_of_a_grid_passes_the_limit() {
        for workgroups in [0, 1, MOST_WORKGROUPS, MOST_WORKGROUPS + 1, 10_000_000] {
            let [x, y] = folded(workgroups);
            assert!(x <= MOST_WORKGROUPS && y <= MOST_WORKGROUPS && x * y >= workgroups);
        }
    }
}
