//! Launches of the fused kernels.

use super::launch::{Launch, WORKGROUP, Work, depth, folded, named, words};
use super::shader::Kernel;
use crate::backend::plan::{Activation, Chain, Field, Network, Transition};
use crate::error::{Error, Result};

/// How far a kernel's text is unrolled.
struct Unrolled {
    /// Particles of an invocation: each weight that is loaded serves all of them.
    particles: usize,
    workgroup: usize,
    /// The most inputs of a layer that are at constant addresses.
    depth: usize,
}

/// Numbers that an invocation on a software adapter holds: for more its stack has no room, and zeros for them take most of
/// the compiler's time.
const MOST_NUMBERS: usize = 1 << 14;
/// Particles whose sums of a product stay in registers, for which as many inputs and a weight must be left: x86 has 16.
const STRIP: usize = 4;

impl Unrolled {
    /// For GPUs.
    const PARALLEL: Self = Self { particles: 1, workgroup: WORKGROUP, depth: 16 };

    /// For software adapters, where four invocations run together and a load from an address that is no constant takes a
    /// hundred instructions, but compiling takes longer the longer the text.
    const fn serial(particles: usize) -> Self {
        Self { particles, workgroup: 4, depth: if particles > STRIP { 128 } else { 32 } }
    }

    /// For so many steps of so many particles on a software adapter: on two cores 4, 16 and 32 particles take a quarter of a
    /// second, two and six seconds to compile and then make 70, 180 and 260 thousand particle-steps a second of 128 × 128
    /// units.
    fn chain(rows: usize, steps: usize) -> Self {
        let worthwhile = match rows * steps {
            0..2048 => 4,
            2048..16_384 => 16,
            _ => 32,
        };
        // Enough workgroups for a few cores.
        Self::serial(worthwhile.min((rows / 16).next_power_of_two()).max(4))
    }
}

/// Sampler steps.
pub fn chain(chain: &Chain, software: bool) -> Result<Launch> {
    let metropolis = chain.transition == Transition::Mala;
    let head = [
        chain.rows,
        chain.steps,
        chain.stream as usize,
        chain.positions,
        chain.accepted,
        chain.step_size,
        if metropolis { 0 } else { chain.noise },
    ];
    let flag = ("METROPOLIS", u32::from(metropolis));
    let unrolled = if software { Unrolled::chain(chain.rows, chain.steps) } else { Unrolled::PARALLEL };
    launch("fused/chain.wgsl", flag, &head, &chain.network, chain.rows, unrolled, metropolis)
}

/// Energy and score of points.
pub fn field(field: &Field, software: bool) -> Result<Launch> {
    let head = [field.rows, field.points, field.energy, field.score.unwrap_or(0)];
    let flag = ("SCORE", u32::from(field.score.is_some()));
    let unrolled = if software { Unrolled::serial(4) } else { Unrolled::PARALLEL };
    launch("fused/field.wgsl", flag, &head, &field.network, field.rows, unrolled, true)
}

fn launch(
    file: &'static str,
    flag: (&'static str, u32),
    head: &[usize],
    network: &Network,
    rows: usize,
    unrolled: Unrolled,
    energy: bool,
) -> Result<Launch> {
    let hidden = network.hidden();
    if !network.fits() {
        return Err(Error::Device(format!(
            "The fused kernels cannot hold a network of layers {:?}; they take 1 to {} hidden layers of at most {} units, the \
             last left out and the widest counted twice more.",
            network.sizes,
            Network::MOST_LAYERS,
            Network::MOST_UNITS
        )));
    }
    let Unrolled { mut particles, workgroup, depth: most } = unrolled;
    let depth = depth(hidden, most);
    while particles > STRIP && particles * (network.units() + depth) > MOST_NUMBERS {
        particles /= 2;
    }
    let widest = hidden.iter().copied().max().unwrap_or(1);
    let single = hidden.iter().all(|&width| width == depth);
    let padded = hidden.iter().any(|width| !width.is_multiple_of(depth));
    let activation = match network.activation {
        Activation::Silu => 0,
        Activation::Softplus => 1,
        Activation::Tanh => 2,
        Activation::Elu => 3,
        Activation::Relu => 4,
        Activation::Sine => 5,
    };
    let mut kernel = Kernel {
        file,
        constants: named([
            ("PARTICLES", particles),
            ("STRIP", particles.min(STRIP)),
            ("STRIPS", particles.div_ceil(STRIP)),
            ("PAIR", particles.min(2)),
            ("PAIRS", particles.min(STRIP).div_ceil(2)),
            ("DEPTH", depth),
            ("QUADS", if particles > 1 { 1 } else { depth / 4 }),
            ("LAYERS", hidden.len()),
            ("ENERGY", usize::from(energy)),
            ("COPIED", if single { depth } else { 0 }),
            ("WALKED", usize::from(!single)),
            ("UNWALKED", usize::from(single)),
            ("REREAD", usize::from(particles > 1)),
            ("PADDED", usize::from(padded)),
            ("FEATURES", network.sizes[0]),
            ("SLOPES", network.slopes().max(1)),
            ("UNFINISHED", if single { 1 } else { widest }),
            ("WIDEST", widest),
        ]),
        overrides: named([("WORKGROUP", workgroup), ("ACTIVATION", activation)]),
        splices: Vec::new(),
    };
    kernel.overrides.push(flag);
    // WGSL lays the network out behind a boundary of four words, and its widths behind another.
    let mut job = words(head.iter().copied());
    job.resize(job.len().next_multiple_of(4), 0);
    job.extend(words([network.confinement, network.parameters, hidden.len(), 0]));
    job.extend(words(hidden.iter().copied()));
    job.resize(job.len() + Network::MOST_LAYERS - hidden.len(), 0);
    Ok(Launch { work: Work::Single(kernel, job), groups: folded(rows.div_ceil(workgroup * particles)) })
}
