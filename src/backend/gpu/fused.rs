//! Launches of the fused kernels.

use super::launch::{Launch, WORKGROUP, Work, folded, named, quads, words};
use super::shader::Kernel;
use crate::backend::plan::{Activation, Chain, Field, Network, Transition};
use crate::error::{Error, Result};

/// How far a kernel's text is unrolled.
struct Unrolled {
    /// Particles of an invocation: each weight that is loaded serves all of them.
    particles: usize,
    workgroup: usize,
    /// Inputs of a layer that are at constant addresses, in fours.
    quads: usize,
}

/// Particles whose sums of a product stay in registers, for which as many inputs and a weight must be left: x86 has 16.
const STRIP: usize = 4;

impl Unrolled {
    /// For GPUs.
    const PARALLEL: Self = Self { particles: 1, workgroup: WORKGROUP, quads: 4 };
    /// For software adapters, where a load from an address that is no constant takes a hundred instructions, but compiling
    /// takes longer the longer the text: seconds that only a chain of many steps is worth.
    const SHORT: Self = Self { particles: 4, workgroup: 4, quads: 2 };
    const LONG: Self = Self { particles: 32, workgroup: 4, quads: 16 };
    /// The most particles whose units fit a thread's stack there.
    const LONGEST: Self = Self { particles: 64, workgroup: 4, quads: 16 };

    /// For a chain of so many particle-steps on a software adapter: compiling takes about as long as running at most.
    fn serial(particle_steps: usize) -> Self {
        match particle_steps {
            0..4096 => Self::SHORT,
            4096..262_144 => Self::LONG,
            _ => Self::LONGEST,
        }
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
    let unrolled = if software { Unrolled::serial(chain.rows * chain.steps) } else { Unrolled::PARALLEL };
    launch("fused/chain.wgsl", flag, &head, &chain.network, chain.rows, unrolled)
}

/// Energy and score of points.
pub fn field(field: &Field, software: bool) -> Result<Launch> {
    let head = [field.rows, field.points, field.energy, field.score.unwrap_or(0)];
    let flag = ("SCORE", u32::from(field.score.is_some()));
    let unrolled = if software { Unrolled::SHORT } else { Unrolled::PARALLEL };
    launch("fused/field.wgsl", flag, &head, &field.network, field.rows, unrolled)
}

fn launch(
    file: &'static str,
    flag: (&'static str, u32),
    head: &[usize],
    network: &Network,
    rows: usize,
    unrolled: Unrolled,
) -> Result<Launch> {
    let hidden = network.hidden();
    let units: usize = hidden.iter().sum();
    let widest = network.sizes.iter().copied().max().unwrap_or(1);
    if !network.fits() {
        return Err(Error::Device(format!(
            "The fused kernels cannot hold a network of layers {:?}; they take 1 to {} hidden layers of at most {} units \
             together with the widest once more.",
            network.sizes,
            Network::MOST_LAYERS,
            Network::MOST_UNITS
        )));
    }
    let Unrolled { particles, workgroup, quads: most } = unrolled;
    let quads = quads(hidden, most);
    let padded = hidden.iter().any(|width| !width.is_multiple_of(4 * quads));
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
            ("DEPTH", 4 * quads),
            ("REREAD", usize::from(particles > 1)),
            ("PADDED", usize::from(padded)),
            ("FEATURES", network.sizes[0]),
            ("UNITS", units),
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
