//! From the steps of a plan to launches: a kernel, its parameters and its grid each.

use super::elementwise;
use super::shader::Kernel;
use crate::backend::plan::{
    Activation, Chain, Combine, Elementwise, Field, Gather, MatMul, Network, Reduce, Scatter, Step, Transition,
};
use crate::error::{Error, Result};

/// Invocations of a workgroup of the simple kernels.
const WORKGROUP: usize = 64;
/// Workgroups along one axis, WebGPU's default limit.
pub const MOST_WORKGROUPS: usize = 65_535;
/// Numbers of hidden layers and of private floats that the fused kernels have room for: WGSL promises 8 KiB of private
/// memory, of which positions, energies and the like take a part.
const MOST_LAYERS: usize = 16;
const MOST_UNITS: usize = 1920;

/// Shapes of kernels that suit an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Whether the adapter is software on a CPU. There a load costs as much as thirty multiplications and four invocations
    /// run together; so each invocation takes much work and shares what it loads. A GPU wants many light ones.
    pub software: bool,
}

/// One job of a kernel.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// The kernel.
    pub kernel: Kernel,
    /// Parameters, in whole vectors of four words.
    pub job: Vec<u32>,
    /// Workgroups along x and y; z counts the jobs of a dispatch.
    pub groups: [usize; 2],
    /// Whether the kernel can take several jobs at once.
    pub joinable: bool,
}

impl Tuning {
    /// The launch of a step; `None` where there is nothing to do.
    pub fn launch(&self, step: &Step) -> Result<Option<Launch>> {
        Ok(match step {
            Step::Elementwise(group) => self.elementwise(group),
            Step::MatMul(product) => self.matmul(product),
            Step::Reduce(reduce) => Some(self.reduce(reduce)),
            Step::Gather(gather) => Some(self.gather(gather)),
            Step::Scatter(scatter) => Some(self.scatter(scatter)),
            Step::Chain(chain) => Some(self.chain(chain)?),
            Step::Field(field) => Some(self.field(field)?),
        }
        .filter(|launch| launch.groups.iter().all(|&g| g > 0)))
    }

    fn elementwise(&self, group: &Elementwise) -> Option<Launch> {
        let elements: usize = group.shape.iter().product();
        let generated = elementwise::generate(group);
        let each = if self.software { 16 } else { 1 };
        Some(Launch {
            groups: [elements.div_ceil(WORKGROUP * each).min(MOST_WORKGROUPS), 1],
            kernel: Kernel {
                file: "op/elementwise.wgsl",
                constants: vec![("JOB_VECTORS", (generated.job.len() / 4) as u32)],
                splices: vec![("offsets", generated.offsets), ("program", generated.program)],
                overrides: vec![("WORKGROUP", WORKGROUP as u32)],
            },
            job: generated.job,
            joinable: true,
        })
    }

    fn matmul(&self, product: &MatMul) -> Option<Launch> {
        if self.software { Some(serial_product(product)) } else { Some(parallel_product(product)) }
    }

    fn reduce(&self, reduce: &Reduce) -> Launch {
        let results = reduce.outer * reduce.inner;
        // Enough invocations to fill the device, each with enough to do to be worth its place.
        let busy = if self.software { 64 } else { 1 << 14 };
        let mut parts = 1;
        while parts < WORKGROUP && results * parts < busy && parts * 8 <= reduce.length {
            parts *= 2;
        }
        let workgroups = results.div_ceil(WORKGROUP / parts);
        Launch {
            kernel: Kernel {
                file: "op/reduce.wgsl",
                overrides: vec![
                    ("WORKGROUP", WORKGROUP as u32),
                    ("PARTS", parts as u32),
                    ("MAXIMUM", u32::from(reduce.combine == Combine::Max)),
                ],
                ..Kernel::default()
            },
            job: words([results, reduce.length, reduce.inner, reduce.source, reduce.target, 0, 0, 0]),
            groups: folded(workgroups),
            joinable: true,
        }
    }

    fn gather(&self, gather: &Gather) -> Launch {
        let elements = gather.rows * gather.columns;
        rows(elements, false, [gather.columns, gather.source_rows, gather.source, gather.indices, gather.target])
    }

    fn scatter(&self, scatter: &Scatter) -> Launch {
        let elements = scatter.rows * scatter.columns;
        rows(elements, true, [scatter.columns, scatter.target_rows, scatter.source, scatter.indices, scatter.target])
    }

    fn chain(&self, chain: &Chain) -> Result<Launch> {
        let metropolis = chain.transition == Transition::Mala;
        let mut launch = self.fused("fused/chain.wgsl", &chain.network, chain.rows)?;
        launch.kernel.overrides.push(("METROPOLIS", u32::from(metropolis)));
        let head = [
            chain.rows,
            chain.steps,
            chain.stream as usize,
            chain.positions,
            chain.accepted,
            chain.step_size,
            if metropolis { 0 } else { chain.noise },
        ];
        launch.job = fused_job(&head, &chain.network);
        Ok(launch)
    }

    fn field(&self, field: &Field) -> Result<Launch> {
        let mut launch = self.fused("fused/field.wgsl", &field.network, field.rows)?;
        launch.kernel.overrides.push(("SCORE", u32::from(field.score.is_some())));
        let head = [field.rows, field.points, field.energy, field.score.unwrap_or(0)];
        launch.job = fused_job(&head, &field.network);
        Ok(launch)
    }

    fn fused(&self, file: &'static str, network: &Network, rows: usize) -> Result<Launch> {
        let hidden = &network.sizes[1..network.sizes.len() - 1];
        let units: usize = hidden.iter().sum();
        let widest = network.sizes.iter().copied().max().unwrap_or(1);
        if hidden.is_empty() || hidden.len() > MOST_LAYERS || units + widest > MOST_UNITS {
            return Err(Error::Device(format!(
                "The fused kernels cannot hold a network of layers {:?}; they take 1 to {MOST_LAYERS} hidden layers of at \
                 most {MOST_UNITS} units together with the widest once more.",
                network.sizes
            )));
        }
        // Four inputs at least, and where possible a number that divides every layer's.
        let quads = quads(hidden, if self.software { 8 } else { 4 });
        let padded = hidden.iter().any(|width| !width.is_multiple_of(4 * quads));
        let (particles, workgroup) = if self.software { (16, 4) } else { (1, WORKGROUP) };
        let activation = match network.activation {
            Activation::Silu => 0,
            Activation::Softplus => 1,
            Activation::Tanh => 2,
            Activation::Elu => 3,
            Activation::Relu => 4,
            Activation::Sine => 5,
        };
        Ok(Launch {
            kernel: Kernel {
                file,
                constants: words_named([
                    ("PARTICLES", particles),
                    ("STRIP", particles.min(4)),
                    ("QUADS", quads),
                    ("PADDED", usize::from(padded)),
                    ("FEATURES", network.sizes[0]),
                    ("UNITS", units),
                    ("WIDEST", widest),
                ]),
                overrides: words_named([("WORKGROUP", workgroup), ("ACTIVATION", activation)]),
                splices: Vec::new(),
            },
            job: Vec::new(),
            groups: folded(rows.div_ceil(workgroup * particles)),
            joinable: false,
        })
    }
}

/// The largest power of two up to `most` whose fourfold divides all sizes; where none does, the smallest whose fourfold
/// holds the smallest size.
fn quads(sizes: &[usize], most: usize) -> usize {
    let powers = || std::iter::successors(Some(1), |q| Some(2 * q)).take_while(|&q| q <= most);
    let dividing = powers().filter(|q| sizes.iter().all(|size| size % (4 * q) == 0)).max();
    let smallest = sizes.iter().copied().min().unwrap_or(1);
    dividing.unwrap_or_else(|| powers().find(|q| 4 * q >= smallest).unwrap_or(most))
}

fn product_job(product: &MatMul) -> Vec<u32> {
    let MatMul { m, n, k, a, b, c, accumulate } = *product;
    words(
        [
            [m, n, k, usize::from(accumulate)],
            [a.offset, a.row_stride, a.column_stride, 0],
            [b.offset, b.row_stride, b.column_stride, 0],
            [c.offset, c.row_stride, c.column_stride, 0],
        ]
        .concat(),
    )
}

fn parallel_product(product: &MatMul) -> Launch {
    const LANES: usize = 8;
    let (rows, columns) = (product.m.div_ceil(LANES).min(4), product.n.div_ceil(LANES).min(4));
    let (rows, columns) = (rows.next_power_of_two(), columns.next_power_of_two());
    let groups = [product.n.div_ceil(LANES * columns), product.m.div_ceil(LANES * rows)];
    // A long inner dimension with few results leaves a GPU idle: share it out.
    let parts = if groups[0] * groups[1] < 64 && product.k >= 64 { 4 } else { 1 };
    Launch {
        kernel: Kernel {
            file: "op/matmul.wgsl",
            constants: words_named([("ROWS", rows), ("COLUMNS", columns)]),
            overrides: words_named([("PARTS", parts)]),
            splices: Vec::new(),
        },
        job: product_job(product),
        groups,
        joinable: true,
    }
}

/// C = A·B or Cᵀ = Bᵀ·Aᵀ: the longer side of C becomes the rows, of which an invocation takes many.
fn serial_product(product: &MatMul) -> Launch {
    const WORKGROUP: usize = 4;
    let mut product = *product;
    if product.m < product.n {
        let transposed = |m: crate::backend::plan::Matrix| crate::backend::plan::Matrix {
            row_stride: m.column_stride,
            column_stride: m.row_stride,
            ..m
        };
        product = MatMul {
            m: product.n,
            n: product.m,
            a: transposed(product.b),
            b: transposed(product.a),
            c: transposed(product.c),
            ..product
        };
    }
    let quads = quads(&[product.k], 8);
    let rows = if product.m > 8 * WORKGROUP { 16 } else { 8 };
    let row_groups = product.m.div_ceil(rows * WORKGROUP);
    // Some more workgroups than cores, but no more: each of them reads its rows of A.
    let share = product.n.div_ceil(8usize.div_ceil(row_groups.max(1)));
    let columns = share.next_power_of_two().clamp(1, 128);
    Launch {
        kernel: Kernel {
            file: "op/matmul_serial.wgsl",
            constants: words_named([
                ("ROWS", rows),
                ("QUADS", quads),
                ("COLUMNS", columns),
                ("PADDED", usize::from(!product.k.is_multiple_of(4 * quads))),
            ]),
            overrides: words_named([("WORKGROUP", WORKGROUP)]),
            splices: Vec::new(),
        },
        job: product_job(&product),
        groups: [product.n.div_ceil(columns), row_groups],
        joinable: true,
    }
}

fn rows(elements: usize, scatter: bool, rest: [usize; 5]) -> Launch {
    let [columns, indexed_rows, source, indices, target] = rest;
    Launch {
        kernel: Kernel {
            file: "op/rows.wgsl",
            overrides: vec![("WORKGROUP", WORKGROUP as u32), ("SCATTER", u32::from(scatter))],
            ..Kernel::default()
        },
        job: words([elements, columns, indexed_rows, source, indices, target, 0, 0]),
        groups: [elements.div_ceil(WORKGROUP).min(MOST_WORKGROUPS), 1],
        joinable: false,
    }
}

/// Parameters of a fused kernel: its own, then the network behind a boundary of four words, as WGSL lays it out.
fn fused_job(head: &[usize], network: &Network) -> Vec<u32> {
    let hidden = &network.sizes[1..network.sizes.len() - 1];
    let mut job = words(head.iter().copied());
    job.resize(job.len().next_multiple_of(4), 0);
    job.extend(words([network.confinement, network.parameters, hidden.len(), 0]));
    job.extend(words(hidden.iter().copied()));
    job.resize(job.len() + MOST_LAYERS - hidden.len(), 0);
    job
}

/// Workgroups on a grid, none of whose sides passes the limit.
fn folded(workgroups: usize) -> [usize; 2] {
    let rows = workgroups.div_ceil(MOST_WORKGROUPS).max(1);
    [workgroups.div_ceil(rows), rows]
}

fn words(values: impl IntoIterator<Item = usize>) -> Vec<u32> {
    values.into_iter().map(|v| v as u32).collect()
}

fn words_named<const N: usize>(values: [(&'static str, usize); N]) -> Vec<(&'static str, u32)> {
    values.map(|(name, value)| (name, value as u32)).to_vec()
}
