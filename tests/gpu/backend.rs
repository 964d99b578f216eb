//! What the backend promises about order, ticks, submissions and loss.

use super::{TICK, Test, gpu, numbers, program, read_all};
use ebm::backend::Backend;
use ebm::backend::cpu::Cpu;
use ebm::backend::gpu::Gpu;
use ebm::backend::plan::{
    Activation, Binary, Chain, Elementwise, Instruction, Law, Load, Network, Plan, Program, Step, Store, Tick,
    Transition,
};
use ebm::rng;
use ebm::session::{Config, Session};

pub const TESTS: &[Test] = &[
    ("an_installed_arena_is_zeros", installed_arena),
    ("writes_and_runs_take_effect_in_order", order),
    ("every_run_of_a_submission_has_its_own_tick", ticks),
    ("sampler_steps_in_a_row_are_one_dispatch_and_the_same_steps", repeated_steps),
    ("more_runs_than_a_submission_holds_are_split", many_runs),
    ("reads_see_what_was_run_before_them_only", reads),
    ("settling_leaves_no_more_than_asked_in_flight", settling),
    ("a_lost_device_says_so_everywhere", loss),
    ("an_arena_that_is_too_large_is_refused", too_large_arena),
    ("kernels_are_compiled_once_when_they_first_run", shared_pipelines),
    ("what_does_not_exist_is_refused", refusals),
    ("a_network_too_wide_for_the_fused_kernels_trains_by_the_graph", wide_network),
];

/// arena[at] ← arena[at] · 2 + operand.
fn double_and_add(operand: Instruction, at: usize, elements: usize) -> Step {
    let load = Instruction::Load(Load { offset: at, strides: vec![1], window: None });
    Step::Elementwise(Elementwise {
        shape: vec![elements],
        instructions: vec![
            load,
            operand,
            Instruction::Constant(2.0),
            Instruction::Binary(Binary::Mul, 0, 2),
            Instruction::Binary(Binary::Add, 3, 1),
        ],
        stores: vec![Store { register: 4, offset: at, strides: vec![1] }],
    })
}

fn draw(elements: usize) -> Step {
    Step::Elementwise(Elementwise {
        shape: vec![elements],
        instructions: vec![Instruction::Random(Law::Uniform, 1)],
        stores: vec![Store { register: 0, offset: 0, strides: vec![1] }],
    })
}

fn installed_arena() {
    let mut gpu = gpu(false);
    for _ in 0..2 {
        gpu.install(program(100, vec![draw(100)])).unwrap();
        assert_eq!(read_all(&mut gpu, 100), [0.0; 100]);
        gpu.run(0, TICK, 1).unwrap();
        assert!(read_all(&mut gpu, 100).iter().all(|&x| x > 0.0));
    }
}

fn order() {
    let mut gpu = gpu(false);
    gpu.install(program(4, vec![double_and_add(Instruction::Constant(1.0), 0, 4)])).unwrap();
    gpu.write(0, &[1.0, 2.0]).unwrap();
    gpu.run(0, TICK, 1).unwrap();
    gpu.write(1, &[10.0]).unwrap();
    gpu.run(0, TICK, 2).unwrap();
    gpu.submit();
    gpu.write(3, &[7.0]).unwrap();
    assert_eq!(read_all(&mut gpu, 4), [15.0, 43.0, 7.0, 7.0]);
}

fn ticks() {
    let mut gpu = gpu(false);
    let plans = (0..2).map(|i| {
        let step = double_and_add(Instruction::Random(Law::Uniform, 3), 4 * i, 4);
        Plan { label: "draw", steps: vec![step] }
    });
    gpu.install(Program { arena: 8, plans: plans.collect() }).unwrap();
    let other = Tick { key: [3, 4], substep: 100 };
    gpu.run(0, TICK, 3).unwrap();
    gpu.run(1, other, 1).unwrap();
    gpu.run(0, other, 1).unwrap();
    let found = read_all(&mut gpu, 8);
    let later = |i| Tick { substep: TICK.substep + i, ..TICK };
    let expected = |ticks: &[Tick]| {
        let mut x = [0f32; 4];
        for &tick in ticks {
            let mut u = [0f32; 4];
            rng::fill_uniform(&mut u, tick, 3, 0);
            x = std::array::from_fn(|i| 2.0 * x[i] + u[i]);
        }
        x
    };
    assert_eq!(found[..4], expected(&[later(0), later(1), later(2), other]));
    assert_eq!(found[4..], expected(&[other]));
}

/// A chain of single steps run in a row, against the same chain run one by one.
fn repeated_steps() {
    const ROWS: usize = 70;
    for transition in [Transition::Langevin, Transition::Mala] {
        let network = Network {
            sizes: vec![2, 8, 1],
            activation: Activation::Tanh,
            fourier: false,
            confinement: 0,
            parameters: 4,
        };
        let (positions, accepted) = (40, 40 + 2 * ROWS);
        let chain =
            Chain { network, transition, rows: ROWS, steps: 1, positions, step_size: 1, noise: 2, stream: 3, accepted };
        let arena = 40 + 3 * ROWS;
        let mut start = numbers(arena, 1.0, 9);
        start[..3].copy_from_slice(&[0.2, 0.5, 1.0]);
        let run = |gpu: &mut Gpu| {
            gpu.install(program(arena, vec![Step::Chain(chain.clone())])).unwrap();
            gpu.write(0, &start).unwrap();
        };
        let (mut whole, mut single) = (gpu(false), gpu(false));
        run(&mut whole);
        run(&mut single);
        whole.run(0, TICK, 7).unwrap();
        (0..7).for_each(|i| single.run(0, Tick { substep: TICK.substep + i, ..TICK }, 1).unwrap());
        let (whole, single) = (read_all(&mut whole, arena), read_all(&mut single, arena));
        // A Metropolis chain evaluates anew where a run begins, to the same numbers; moves are those of the last step.
        assert_eq!(whole, single);
    }
}

fn many_runs() {
    let mut gpu = gpu(false);
    let count = Step::Elementwise(Elementwise {
        shape: vec![1],
        instructions: vec![
            Instruction::Load(Load { offset: 0, strides: vec![1], window: None }),
            Instruction::Constant(1.0),
            Instruction::Binary(Binary::Add, 0, 1),
        ],
        stores: vec![Store { register: 2, offset: 0, strides: vec![1] }],
    });
    gpu.install(program(1, vec![count])).unwrap();
    gpu.run(0, TICK, 2500).unwrap();
    assert_eq!(read_all(&mut gpu, 1), [2500.0]);
}

fn reads() {
    let mut gpu = gpu(false);
    gpu.install(program(8, vec![double_and_add(Instruction::Constant(1.0), 0, 8)])).unwrap();
    let mut futures = Vec::new();
    for _ in 0..6 {
        gpu.run(0, TICK, 1).unwrap();
        futures.push(gpu.read(&[7..8, 0..0, 0..2]));
    }
    for (i, future) in futures.into_iter().enumerate() {
        let expected = (1 << (i + 1)) as f32 - 1.0;
        assert_eq!(pollster::block_on(future).unwrap(), [vec![expected], vec![], vec![expected; 2]]);
    }
}

fn settling() {
    let mut gpu = gpu(false);
    gpu.install(program(100, vec![draw(100)])).unwrap();
    for _ in 0..3 {
        gpu.run(0, TICK, 1).unwrap();
        gpu.submit();
        pollster::block_on(gpu.settle(2));
    }
    pollster::block_on(gpu.settle(0));
    assert_eq!(gpu.lost(), None);
}

fn loss() {
    let mut gpu = gpu(false);
    gpu.install(program(100, vec![draw(100)])).unwrap();
    gpu.run(0, TICK, 1).unwrap();
    assert_eq!(gpu.lost(), None);
    gpu.destroy();
    pollster::block_on(gpu.settle(0));
    let lost = gpu.lost().expect("the device is gone");
    assert!(lost.contains("gone"), "{lost}");
    assert_eq!(pollster::block_on(gpu.read(std::slice::from_ref(&(0..1)))).unwrap_err().to_string(), lost);
    assert_eq!(gpu.run(0, TICK, 1).unwrap_err().to_string(), lost);
    assert_eq!(gpu.write(0, &[1.0]).unwrap_err().to_string(), lost);
    assert_eq!(gpu.install(program(1, vec![])).unwrap_err().to_string(), lost);
}

fn too_large_arena() {
    let refused = gpu(false).install(program(1 << 40, vec![])).unwrap_err().to_string();
    assert!(refused.contains("MiB on the graphics device, which allows"), "{refused}");
}

fn shared_pipelines() {
    let mut gpu = gpu(false);
    let plans: Vec<_> = (1..10)
        .map(|n| Plan { label: "draw", steps: vec![double_and_add(Instruction::Constant(1.0), n, 10 * n)] })
        .collect();
    gpu.install(Program { arena: 200, plans }).unwrap();
    assert_eq!(gpu.pipelines(), 0);
    (0..9).for_each(|plan| gpu.run(plan, TICK, 1).unwrap());
    assert_eq!(gpu.pipelines(), 1);
    gpu.install(program(200, vec![double_and_add(Instruction::Constant(1.0), 100, 50)])).unwrap();
    gpu.run(0, TICK, 1).unwrap();
    assert_eq!(gpu.pipelines(), 1);
}

/// The energies after an update, on both backends: the device's sums of up to 512 terms differ by some roundings each.
fn wide_network() {
    let config = r#"{"seed": 3, "data": {"id": "eight-gaussians", "count": 64}, "batch": 8, "particles": 8,
        "model": {"id": "mlp", "widths": [512, 512, 512, 512]}, "sampler": {"id": "langevin", "steps": 2},
        "objective": {"id": "persistent-contrastive-divergence", "bufferSize": 64}}"#;
    let train = |device: Box<dyn Backend>| {
        let mut session = Session::new(device, Config::parse(config).unwrap()).unwrap();
        session.train(1).unwrap();
        pollster::block_on(session.evaluate(&[0.5, -1.0, 3.0, 2.0, -2.0, 0.1])).unwrap().0
    };
    let (cpu, gpu) = (train(Box::new(Cpu::<f32>::new())), train(Box::new(gpu(false))));
    for (a, b) in cpu.iter().zip(&gpu) {
        assert!((a - b).abs() <= 1e-4 * (1.0 + a.abs()), "{cpu:?} and {gpu:?}");
    }
}

fn refusals() {
    let mut gpu = gpu(false);
    assert!(gpu.run(0, TICK, 1).is_err());
    assert!(gpu.write(0, &[1.0]).is_err());
    assert!(pollster::block_on(gpu.read(std::slice::from_ref(&(0..1)))).is_err());
    gpu.install(program(10, vec![])).unwrap();
    assert!(gpu.run(1, TICK, 1).is_err());
    assert!(gpu.write(9, &[1.0; 4]).is_err());
}
