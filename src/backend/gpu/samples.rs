//! A sample of every kernel as it is loaded, for the compilers that must accept them all.

use super::launch::Tuning;
use super::order::dispatches;
use super::shader::{ARENA, Kernel};
use crate::backend::plan::{
    Activation, Binary, Chain, Combine, Elementwise, Field, Gather, Instruction, Law, Load, MatMul, Matrix, Network,
    Reduce, Scatter, Step, Store, Transition, Unary,
};

/// Every file that has an entry point, in each of its shapes, for software and for hardware adapters.
pub fn kernels() -> Vec<Kernel> {
    let mut kernels: Vec<Kernel> = Vec::new();
    for software in [false, true] {
        for step in steps() {
            let dispatches = dispatches(&[step], Tuning { software }).expect("the samples fit every device");
            for mut dispatch in dispatches {
                dispatch.kernel.constants.push((ARENA, 1 << 20));
                if !kernels.contains(&dispatch.kernel) {
                    kernels.push(dispatch.kernel);
                }
            }
        }
    }
    kernels
}

fn steps() -> Vec<Step> {
    let mut steps = vec![Step::Elementwise(every_instruction())];
    for (m, n, k, accumulate) in
        [(1024, 128, 128, false), (128, 128, 1024, true), (1024, 1, 128, false), (5, 2, 2, false)]
    {
        let matrix = |columns| Matrix { offset: 0, row_stride: columns, column_stride: 1 };
        steps.push(Step::MatMul(MatMul { m, n, k, a: matrix(k), b: matrix(n), c: matrix(n), accumulate }));
    }
    for combine in [Combine::Sum, Combine::Max] {
        for (outer, length, inner) in [(1, 4096, 1), (1, 1024, 128), (4096, 128, 1), (1 << 15, 2, 1)] {
            steps.push(Step::Reduce(Reduce { combine, outer, length, inner, source: 0, target: 1 << 20 }));
        }
    }
    let indices = 1 << 16;
    steps.push(Step::Gather(Gather { source_rows: 64, rows: 32, columns: 2, source: 0, indices, target: 1 << 17 }));
    steps.push(Step::Scatter(Scatter { target_rows: 64, rows: 32, columns: 2, source: 0, indices, target: 1 << 17 }));
    #[cfg(feature = "whole")]
    steps.extend(convolutions());
    let activations =
        [Activation::Silu, Activation::Softplus, Activation::Tanh, Activation::Elu, Activation::Relu, Activation::Sine];
    for activation in activations {
        for fourier in [false, true] {
            let sizes = vec![if fourier { 14 } else { 2 }, 128, 128, 1];
            let network = Network { sizes, activation, fourier, confinement: 0, parameters: 4 };
            steps.extend(fused(&network));
        }
    }
    steps
}

/// Of each form of the kernels: one channel, channels that divide into portions, channels that do not.
#[cfg(feature = "whole")]
fn convolutions() -> Vec<Step> {
    use crate::backend::plan::{Convolution, Corner, Geometry};
    let mut steps = vec![];
    for (channels, kernels) in [(1, 16), (16, 8), (4, 3)] {
        let geometry = Geometry { image: [28, 28], channels, kernel: [5, 5], kernels, stride: 2, padding: 4 };
        for corner in [Corner::Image, Corner::Kernel, Corner::Result] {
            let (image, kernel, result) = (0, 1 << 17, 1 << 18);
            steps.push(Step::Convolution(Convolution { corner, geometry, images: 8, image, kernel, result }));
        }
    }
    steps
}

fn fused(network: &Network) -> [Step; 6] {
    let field = |score| Field { network: network.clone(), rows: 4096, points: 1 << 18, energy: 1 << 19, score };
    let chain = |transition, steps| Chain {
        network: network.clone(),
        transition,
        rows: 512,
        steps,
        positions: 1 << 18,
        step_size: 1,
        noise: 2,
        stream: 0,
        accepted: 1 << 19,
    };
    [
        Step::Field(field(None)),
        Step::Field(field(Some(1 << 20))),
        Step::Chain(chain(Transition::Langevin, 1)),
        Step::Chain(chain(Transition::Langevin, 20)),
        Step::Chain(chain(Transition::Mala, 1)),
        Step::Chain(chain(Transition::Mala, 20)),
    ]
}

/// A group that holds every instruction, reads with repetition, jumps and a window, and counts along an axis.
pub fn every_instruction() -> Elementwise {
    let load =
        |offset, strides: [usize; 2], window| Instruction::Load(Load { offset, strides: strides.to_vec(), window });
    let mut instructions = vec![
        load(0, [7, 1], None),
        load(64, [0, 1], None),
        load(96, [1, 3], Some(vec![1..4, 2..7])),
        Instruction::Constant(0.25),
        Instruction::Iota(1),
        Instruction::Random(Law::Normal, 3),
        Instruction::Random(Law::Uniform, 4),
    ];
    let unary = [
        Unary::Neg,
        Unary::Exp,
        Unary::Log,
        Unary::Tanh,
        Unary::Softplus,
        Unary::Sqrt,
        Unary::Recip,
        Unary::Sin,
        Unary::Cos,
        Unary::Step,
        Unary::Floor,
    ];
    instructions.extend(unary.map(|operation| Instruction::Unary(operation, 0)));
    instructions.extend([Binary::Add, Binary::Mul, Binary::Max].map(|operation| Instruction::Binary(operation, 0, 1)));
    instructions.push(Instruction::Select(2, 0, 1));
    let registers = instructions.len();
    let stores = (0..registers).map(|register| Store { register, offset: 256 + 35 * register, strides: vec![7, 1] });
    Elementwise { shape: vec![5, 7], stores: stores.collect(), instructions }
}
