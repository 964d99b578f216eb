//! Launches of convolutions and their gradients.

use super::launch::{Launch, MOST_WORKGROUPS, WORKGROUP, Work, folded, named, words};
use super::shader::Kernel;
use crate::backend::plan::{Convolution, Corner};

/// Side of the block of sums that an invocation keeps.
const BLOCK: usize = 4;
/// Workgroups of one row; where that is not enough, an invocation computes several blocks.
const MOST: usize = 1 << 14;

pub fn launch(step: &Convolution, software: bool) -> Launch {
    if step.corner == Corner::Kernel {
        return kernels(step);
    }
    let serial = portion(step).filter(|_| software).map(|portion| serial(step, portion));
    serial.filter(|launch| launch.groups[1] <= MOST_WORKGROUPS).unwrap_or_else(|| parallel(step))
}

/// What is computed at each place: targets a stride apart in as many rows of workgroups as there are remainders.
struct Places {
    /// Number of remainders along an axis.
    apart: usize,
    /// Places of one pair of remainders, at most.
    each: usize,
    /// Channels of the target.
    channels: usize,
}

impl Places {
    fn of(step: &Convolution) -> Self {
        let g = step.geometry;
        let ([height, width], channels, apart) = match step.corner {
            Corner::Image => (g.image, g.channels, g.stride),
            _ => (g.result(), g.kernels, 1),
        };
        Self { apart, each: step.images * height.div_ceil(apart) * width.div_ceil(apart), channels }
    }
}

fn images(step: &Convolution) -> usize {
    usize::from(step.corner == Corner::Image)
}

/// Results or the gradient by the images: blocks of places and channels.
fn parallel(step: &Convolution) -> Launch {
    let kernel = Kernel {
        file: "op/convolution.wgsl",
        constants: named([("PLACES", BLOCK), ("CHANNELS", BLOCK)]),
        overrides: named([("WORKGROUP", WORKGROUP), ("IMAGES", images(step))]),
        splices: Vec::new(),
    };
    let Places { apart, each, channels } = Places::of(step);
    let blocks = each.div_ceil(BLOCK) * channels.div_ceil(BLOCK);
    Launch { work: Work::Jobs(kernel, job(step, 0, 0)), groups: [blocks.div_ceil(WORKGROUP).min(MOST), apart * apart] }
}

/// Numbers of a patch that the serial kernel holds at a time, and whether they are taps; `None` where it has no form.
fn portion(step: &Convolution) -> Option<(usize, bool)> {
    let g = step.geometry;
    let inputs = if step.corner == Corner::Image { g.kernels } else { g.channels };
    let taps = g.kernel[0] * g.kernel[1];
    if inputs == 1 && step.corner == Corner::Result && taps <= 32 {
        return Some((taps.next_multiple_of(4), true));
    }
    [16, 8, 4].into_iter().find(|depth| inputs.is_multiple_of(*depth)).map(|depth| (depth, false))
}

/// The same for software adapters.
fn serial(step: &Convolution, (depth, flat): (usize, bool)) -> Launch {
    const WORKGROUP: usize = 4;
    const ROWS: usize = 16;
    /// Channels whose sums an invocation keeps.
    const COLUMNS: usize = 32;
    let Places { apart, each, channels } = Places::of(step);
    let rows = each.div_ceil(ROWS * WORKGROUP);
    // Enough workgroups for a few cores, but no more: each of them reads the patches of its places.
    let share = channels.div_ceil(8usize.div_ceil(rows * apart * apart)).clamp(1, COLUMNS);
    let kernel = Kernel {
        file: "op/convolution_serial.wgsl",
        constants: named([
            ("ROWS", ROWS),
            ("STRIPS", ROWS / 4),
            ("DEPTH", depth),
            ("COLUMNS", COLUMNS),
            ("FLAT", usize::from(flat)),
        ]),
        overrides: named([("WORKGROUP", WORKGROUP), ("IMAGES", images(step))]),
        splices: Vec::new(),
    };
    let groups = [channels.div_ceil(share), rows * apart * apart];
    Launch { work: Work::Jobs(kernel, job(step, share, rows)), groups }
}

/// The gradient by the kernels: one workgroup for each tap of a block of channels.
fn kernels(step: &Convolution) -> Launch {
    let kernel = Kernel {
        file: "op/convolution_kernels.wgsl",
        constants: named([("CHANNELS", BLOCK)]),
        overrides: named([("WORKGROUP", WORKGROUP)]),
        splices: Vec::new(),
    };
    let g = step.geometry;
    let blocks = g.kernel[0] * g.kernel[1] * g.channels.div_ceil(BLOCK) * g.kernels.div_ceil(BLOCK);
    Launch { work: Work::Jobs(kernel, job(step, 0, 0)), groups: folded(blocks) }
}

/// `share` and `rows` are the serial kernel's: channels of a workgroup, rows of workgroups of a remainder.
fn job(step: &Convolution, share: usize, rows: usize) -> Vec<u32> {
    let g = step.geometry;
    let ([height, width], [down, across]) = (g.image, g.result());
    words(
        [
            [height, width, g.channels, step.images],
            [g.kernel[0], g.kernel[1], g.kernels, g.stride],
            [down, across, g.padding, share],
            [step.image, step.kernel, step.result, rows],
        ]
        .concat(),
    )
}
