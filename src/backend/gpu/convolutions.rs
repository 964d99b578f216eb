//! Launches of convolutions and their gradients.

use super::launch::{Launch, WORKGROUP, Work, folded, named, words};
use super::shader::Kernel;
use crate::backend::plan::{Convolution, Corner};

/// Side of the block of sums that an invocation keeps.
const BLOCK: usize = 4;
/// Workgroups of one row; where that is not enough, an invocation computes several blocks.
const MOST: usize = 1 << 14;

pub fn launch(step: &Convolution) -> Launch {
    match step.corner {
        Corner::Kernel => kernels(step),
        Corner::Image => places(step, true),
        Corner::Result => places(step, false),
    }
}

/// Results or the gradient by the images: blocks of places and channels.
fn places(step: &Convolution, images: bool) -> Launch {
    let kernel = Kernel {
        file: "op/convolution.wgsl",
        constants: named([("PLACES", BLOCK), ("CHANNELS", BLOCK)]),
        overrides: named([("WORKGROUP", WORKGROUP), ("IMAGES", usize::from(images))]),
        splices: Vec::new(),
    };
    let g = step.geometry;
    let ([height, width], channels, apart) =
        if images { (g.image, g.channels, g.stride) } else { (g.result(), g.kernels, 1) };
    let in_row = step.images * height.div_ceil(apart) * width.div_ceil(apart);
    let blocks = in_row.div_ceil(BLOCK) * channels.div_ceil(BLOCK);
    Launch { work: Work::Jobs(kernel, job(step)), groups: [blocks.div_ceil(WORKGROUP).min(MOST), apart * apart] }
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
    Launch { work: Work::Jobs(kernel, job(step)), groups: folded(blocks) }
}

fn job(step: &Convolution) -> Vec<u32> {
    let g = step.geometry;
    let [height, width] = g.image;
    let [rows, columns] = g.result();
    words(
        [
            [height, width, g.channels, step.images],
            [g.kernel[0], g.kernel[1], g.kernels, g.stride],
            [rows, columns, g.padding, 0],
            [step.image, step.kernel, step.result, 0],
        ]
        .concat(),
    )
}
