//! Every kind of step against its meaning.

use super::{ROUNDING, TICK, Test, compare, compare_as, gpu, kinds, numbers, program, read_all};
use ebm::backend::Backend;
use ebm::backend::gpu::every_instruction;
use ebm::backend::plan::{
    Activation, Binary, Chain, Combine, Convolution, Corner, Elementwise, Field, Gather, Geometry, Instruction, Law,
    Load, MatMul, Matrix, Network, Reduce, Scatter, Step, Store, Transition,
};
use ebm::rng;

pub const TESTS: &[Test] = &[
    ("every_elementwise_instruction_means_what_the_plan_says", every_elementwise_instruction),
    ("long_elementwise_groups_reach_every_element", long_elementwise_groups),
    ("elementwise_groups_may_write_where_they_read", elementwise_in_place),
    ("random_numbers_have_the_bits_of_the_cpu", random_bits),
    ("products_of_any_shape_and_stride", products),
    ("products_add_to_what_is_there", accumulating_products),
    ("reductions_of_any_shape", reductions),
    ("convolutions_and_their_gradients_of_any_shape", convolutions),
    ("rows_are_gathered_and_scattered_with_clamped_indices", rows),
    ("independent_steps_share_a_dispatch", shared_dispatches),
    ("fields_of_every_activation", fields),
    ("fields_of_networks_of_any_depth_and_width", deep_fields),
    ("energies_alone", energies),
    ("langevin_chains_follow_the_reference", langevin),
    ("metropolis_chains_follow_the_reference", metropolis),
    ("networks_that_do_not_fit_are_refused", too_large_networks),
];

fn load(offset: usize, strides: &[usize]) -> Instruction {
    Instruction::Load(Load { offset, strides: strides.to_vec(), window: None })
}

/// One operation each: 4 units in the last place for the functions and twice that for normals, whose formula chains three.
fn every_elementwise_instruction() {
    let group = every_instruction();
    let arena = 256 + 35 * group.instructions.len();
    compare(&numbers(arena, 3.0, 0), &[Step::Elementwise(group)], 16.0);
}

fn long_elementwise_groups() {
    let elements = 300_001;
    let group = Elementwise {
        shape: vec![elements],
        instructions: vec![load(0, &[1]), Instruction::Constant(3.0), Instruction::Binary(Binary::Mul, 0, 1)],
        stores: vec![Store { register: 2, offset: elements, strides: vec![1] }],
    };
    compare(&numbers(2 * elements, 1.0, 1), &[Step::Elementwise(group)], 1.0);
}

/// x ← x + y and y ← x · y of [30, 41] and a repeated row.
fn elementwise_in_place() {
    let group = Elementwise {
        shape: vec![30, 41],
        instructions: vec![
            load(0, &[41, 1]),
            load(1230, &[41, 1]),
            load(2460, &[0, 1]),
            Instruction::Binary(Binary::Add, 0, 1),
            Instruction::Binary(Binary::Mul, 0, 2),
        ],
        stores: vec![
            Store { register: 3, offset: 0, strides: vec![41, 1] },
            Store { register: 4, offset: 1230, strides: vec![41, 1] },
        ],
    };
    compare(&numbers(2501, 1.0, 2), &[Step::Elementwise(group)], 1.0);
}

fn random_bits() {
    let elements = 10_001;
    let draw = |law, stream, offset| {
        Step::Elementwise(Elementwise {
            shape: vec![elements],
            instructions: vec![Instruction::Random(law, stream)],
            stores: vec![Store { register: 0, offset, strides: vec![1] }],
        })
    };
    let (mut uniforms, mut normals) = (vec![0f32; elements], vec![0f32; elements]);
    rng::fill_uniform(&mut uniforms, TICK, 200, 0);
    rng::fill_normal(&mut normals, TICK, 7, 0);
    for &software in kinds() {
        let mut gpu = gpu(software);
        let steps = vec![draw(Law::Uniform, 200, 0), draw(Law::Normal, 7, elements)];
        gpu.install(program(2 * elements, steps)).unwrap();
        gpu.run(0, TICK, 1).unwrap();
        let found = read_all(&mut gpu, 2 * elements);
        assert_eq!(found[..elements], uniforms);
        for (i, (&a, &b)) in found[elements..].iter().zip(&normals).enumerate() {
            // The device may fuse multiplications with additions and divide with 2.5 ulp.
            let bound = 16.0 * ROUNDING * (1.0 + f64::from(b).abs());
            assert!((f64::from(a) - f64::from(b)).abs() <= bound, "normal {i}: {a} for {b}");
        }
    }
}

/// Row-major or transposed.
fn matrix(offset: usize, rows: usize, columns: usize, transposed: bool) -> Matrix {
    let (row_stride, column_stride) = if transposed { (1, rows) } else { (columns, 1) };
    Matrix { offset, row_stride, column_stride }
}

fn product(m: usize, n: usize, k: usize, transposed: [bool; 3], accumulate: bool) -> (Step, usize) {
    let a = matrix(0, m, k, transposed[0]);
    let b = matrix(m * k, k, n, transposed[1]);
    let c = matrix(m * k + k * n, m, n, transposed[2]);
    (Step::MatMul(MatMul { m, n, k, a, b, c, accumulate }), m * k + k * n + m * n)
}

/// A sum of k products rounds each of them and each partial sum.
fn products() {
    let shapes = [
        (1, 1, 1),
        (5, 3, 2),
        (64, 64, 64),
        (70, 33, 14),
        (257, 1, 128),
        (1, 200, 37),
        (100, 2, 300),
        (16, 129, 65),
        (3, 40, 1024),
    ];
    for (i, (m, n, k)) in shapes.into_iter().enumerate() {
        let transposed = [i % 2 == 1, i / 2 % 2 == 1, i / 4 % 2 == 1];
        let (step, arena) = product(m, n, k, transposed, false);
        compare(&numbers(arena, 1.0, 3), &[step], k as f64 + 1.0);
    }
    for layout in 0..8 {
        let (step, arena) = product(37, 29, 19, [layout & 1 > 0, layout & 2 > 0, layout & 4 > 0], false);
        compare(&numbers(arena, 1.0, 3), &[step], 20.0);
    }
}

fn accumulating_products() {
    for (m, n, k) in [(65, 7, 9), (8, 130, 70), (128, 128, 256)] {
        let (step, arena) = product(m, n, k, [true, false, false], true);
        compare(&numbers(arena, 1.0, 4), &[step.clone(), step], 2.0 * k as f64 + 2.0);
    }
}

/// A sum of as many products as meet in one element: taps and channels for results and images, places for kernels.
fn convolutions() {
    let geometry = |image, channels, kernel, kernels, stride, padding| Geometry {
        image,
        channels,
        kernel,
        kernels,
        stride,
        padding,
    };
    let shapes = [
        (1, geometry([1, 1], 1, [1, 1], 1, 1, 0)),
        (3, geometry([28, 28], 1, [5, 5], 16, 2, 4)),
        (2, geometry([16, 16], 16, [3, 3], 32, 2, 1)),
        (5, geometry([4, 4], 33, [3, 3], 18, 2, 1)),
        (2, geometry([7, 9], 3, [2, 3], 5, 1, 2)),
        (2, geometry([9, 8], 6, [1, 2], 3, 3, 0)),
        (70, geometry([5, 5], 2, [3, 3], 7, 3, 5)),
    ];
    for (images, geometry) in shapes {
        let sizes = [Corner::Image, Corner::Kernel, Corner::Result]
            .map(|corner| geometry.shape(corner, images).iter().product::<usize>());
        for corner in [Corner::Image, Corner::Kernel, Corner::Result] {
            let (image, kernel, result) = (0, sizes[0], sizes[0] + sizes[1]);
            let step = Convolution { corner, geometry, images, image, kernel, result };
            let terms = match corner {
                Corner::Image => sizes[1] / geometry.channels,
                Corner::Kernel => sizes[2] / geometry.kernels,
                Corner::Result => sizes[1] / geometry.kernels,
            };
            compare(&numbers(sizes.iter().sum(), 1.0, 5), &[Step::Convolution(step)], terms as f64 + 1.0);
        }
    }
}

fn reductions() {
    let shapes = [
        (1, 1, 1),
        (1, 100_000, 1),
        (1, 1024, 128),
        (7, 33, 5),
        (1000, 7, 1),
        (3, 1, 9),
        (1, 50_000, 2),
        (20_000, 3, 1),
        (2, 300, 3),
    ];
    for combine in [Combine::Sum, Combine::Max] {
        for (outer, length, inner) in shapes {
            let elements = outer * length * inner;
            let step = Step::Reduce(Reduce { combine, outer, length, inner, source: 0, target: elements });
            compare(&numbers(elements + outer * inner, 1.0, 5), &[step], length as f64);
        }
    }
}

fn rows() {
    let mut arena = numbers(600, 1.0, 6);
    let indices = [3.0, 0.0, 99.0, -1.0, 7.0, 7.0];
    arena[500..506].copy_from_slice(&indices);
    arena[510..513].copy_from_slice(&[2.0, 40.0, 0.0]);
    let gather = Gather { source_rows: 20, rows: 6, columns: 5, source: 0, indices: 500, target: 100 };
    let scatter = Scatter { target_rows: 10, rows: 3, columns: 5, source: 300, indices: 510, target: 200 };
    compare(&arena, &[Step::Gather(gather), Step::Scatter(scatter)], 0.0);
}

/// Two chains of product, sum and square that do not touch each other, one after the other in the plan.
fn shared_dispatches() {
    let chain = |at: usize| {
        let matrix = |offset| Matrix { offset, row_stride: 8, column_stride: 1 };
        let (a, b, c) = (matrix(at), matrix(at + 64), matrix(at + 128));
        let square = Elementwise {
            shape: vec![8],
            instructions: vec![load(at + 192, &[1]), Instruction::Binary(Binary::Mul, 0, 0)],
            stores: vec![Store { register: 1, offset: at + 200, strides: vec![1] }],
        };
        [
            Step::MatMul(MatMul { m: 8, n: 8, k: 8, a, b, c, accumulate: false }),
            Step::Reduce(Reduce {
                combine: Combine::Sum,
                outer: 8,
                length: 8,
                inner: 1,
                source: at + 128,
                target: at + 192,
            }),
            Step::Elementwise(square),
        ]
    };
    let steps: Vec<_> = chain(0).into_iter().chain(chain(256)).collect();
    let dispatches = compare(&numbers(512, 1.0, 7), &steps, 64.0);
    assert_eq!(dispatches, 3);
}

/// A network behind its confinement, which is element 0.
fn network(sizes: &[usize], activation: Activation) -> (Network, usize) {
    let parameters = sizes.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum::<usize>();
    let fourier = sizes[0] == 14;
    (Network { sizes: sizes.to_vec(), activation, fourier, confinement: 0, parameters: 1 }, 1 + parameters)
}

/// Weights as they start, of size 1/√inputs, in an arena with points behind them.
fn arena(network: &Network, parameters: usize, rest: usize) -> Vec<f32> {
    let mut arena = numbers(parameters + rest, 1.0, 8);
    arena[0] = 0.03;
    let mut at = 1;
    for pair in network.sizes.windows(2) {
        let end = at + (pair[0] + 1) * pair[1];
        arena[at..end].iter_mut().for_each(|w| *w /= (pair[0] as f32).sqrt());
        at = end;
    }
    arena[parameters..].iter_mut().for_each(|x| *x *= 3.0);
    arena
}

/// Roundings in a row on the way through a network: a sum over each layer's inputs forth and back, and ten more a layer.
fn depth(network: &Network) -> f64 {
    2.0 * network.sizes.iter().map(|&n| n as f64 + 10.0).sum::<f64>()
}

/// A field of random weights and points, and the roundings that its results may carry.
fn field(sizes: &[usize], activation: Activation, rows: usize) -> (Field, Vec<f32>, f64) {
    let (network, end) = network(sizes, activation);
    let arena = arena(&network, end, 5 * rows);
    let roundings = depth(&network);
    let field = Field { network, rows, points: end, energy: end + 2 * rows, score: Some(end + 3 * rows) };
    (field, arena, roundings)
}

const ACTIVATIONS: [Activation; 6] =
    [Activation::Silu, Activation::Softplus, Activation::Tanh, Activation::Elu, Activation::Relu, Activation::Sine];

/// The activations' text is the same for software and for hardware.
fn fields() {
    for activation in ACTIVATIONS {
        let (field, arena, roundings) = field(&[14, 16, 16, 1], activation, 33);
        compare_as(false, &arena, &[Step::Field(field)], roundings);
    }
}

fn deep_fields() {
    for (sizes, rows) in
        [(&[2, 64, 64, 1][..], 150), (&[2, 7, 1], 5), (&[14, 20, 50, 33, 10, 1], 70), (&[2, 128, 1], 1)]
    {
        let (field, arena, roundings) = field(sizes, Activation::Silu, rows);
        compare(&arena, &[Step::Field(field)], roundings);
    }
}

fn energies() {
    let (field, arena, roundings) = field(&[14, 12, 20, 1], Activation::Silu, 100);
    compare(&arena, &[Step::Field(Field { score: None, ..field })], roundings);
}

fn chain(transition: Transition, sizes: &[usize], rows: usize, step_size: f32) -> (Chain, Vec<f32>, f64) {
    let (network, end) = network(sizes, Activation::Silu);
    let mut arena = arena(&network, end, 3 * rows + 2);
    arena[end..end + 2].copy_from_slice(&[step_size, (2.0 * step_size).sqrt()]);
    let roundings = depth(&network);
    let (positions, accepted) = (end + 2, end + 2 + 2 * rows);
    let chain =
        Chain { network, transition, rows, steps: 6, positions, step_size: end, noise: end + 1, stream: 9, accepted };
    (chain, arena, roundings)
}

/// Few particle-steps, many and more: software adapters have a kernel for each.
fn langevin() {
    for (sizes, rows) in
        [(&[2, 32, 32, 1][..], 130), (&[14, 16, 1], 1), (&[2, 20, 64, 1], 700), (&[2, 32, 48, 32, 1], 2800)]
    {
        let (chain, arena, roundings) = chain(Transition::Langevin, sizes, rows, 0.01);
        compare(&arena, &[Step::Chain(chain)], roundings);
    }
}

/// Steps so large that about half are refused. A decision could hang on the last digits with a probability of about 10⁻⁵
/// for each of the 5,100; with these numbers none does.
fn metropolis() {
    for (sizes, rows) in [(&[2, 16, 16, 1][..], 130), (&[14, 16, 1], 20), (&[2, 16, 32, 16, 1], 700)] {
        let (chain, arena, roundings) = chain(Transition::Mala, sizes, rows, 2.0);
        compare(&arena, &[Step::Chain(chain)], roundings);
    }
}

fn too_large_networks() {
    for sizes in [&[2, 1][..], &[2, 1024, 512, 1]] {
        let (network, end) = network(sizes, Activation::Silu);
        let field = Field { network, rows: 1, points: end, energy: end + 2, score: None };
        let refused = gpu(false).install(program(end + 3, vec![Step::Field(field)])).unwrap_err();
        assert!(refused.to_string().contains("cannot hold a network of layers"), "{refused}");
    }
}
