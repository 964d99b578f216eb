//! The WebGPU backend against the meaning of every step, and its promises about order, ticks and loss. Without an adapter
//! these tests are reported as ignored. Kernels for software and for hardware adapters are both tested on whatever is here;
//! `EBM_TEST_KERNELS=hardware` leaves those for software to the driver that they are made for.

mod backend;
mod kernels;
mod reference;

use ebm::backend::Backend;
use ebm::backend::gpu::Gpu;
use ebm::backend::plan::{Plan, Program, Step, Tick};
use libtest_mimic::{Arguments, Failed, Trial};
use reference::Reference;

/// Half a unit in the last place of 1.
const ROUNDING: f64 = 1.0 / (1u64 << 24) as f64;
const TICK: Tick = Tick { key: [0x0123_4567, 0x89AB_CDEF], substep: 5 };

type Test = (&'static str, fn());

fn main() {
    let arguments = Arguments::from_args();
    let adapter = pollster::block_on(Gpu::new());
    match &adapter {
        Ok(gpu) => eprintln!("adapter: {:?}", gpu.describe()),
        Err(error) => eprintln!("no adapter: {error}"),
    }
    let missing = adapter.is_err();
    drop(adapter);
    let trials = kernels::TESTS.iter().chain(backend::TESTS).map(|&(name, test): &Test| {
        let trial = Trial::test(name, move || {
            std::panic::catch_unwind(test).map_err(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                Failed::from(text.or(panic.downcast_ref::<&str>().map(|s| s.to_string())).unwrap_or_default())
            })
        });
        trial.with_ignored_flag(missing)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn gpu(software: bool) -> Gpu {
    let mut gpu = pollster::block_on(Gpu::new()).expect("main found an adapter");
    gpu.tune_for(software);
    gpu
}

fn program(arena: usize, steps: Vec<Step>) -> Program {
    Program { arena, plans: vec![Plan { label: "test", steps }] }
}

fn read_all(gpu: &mut Gpu, arena: usize) -> Vec<f32> {
    pollster::block_on(gpu.read(std::slice::from_ref(&(0..arena)))).unwrap().remove(0)
}

/// Numbers in (−bound, bound) that depend on their place alone.
fn numbers(count: usize, bound: f32, stream: u32) -> Vec<f32> {
    let mut values = vec![0f32; count];
    ebm::rng::fill_uniform(&mut values, Tick::default(), stream, 0);
    values.iter().map(|u| (2.0 * u - 1.0) * bound).collect()
}

/// Whether kernels are those for software, for each kind that is tested; those for hardware come last.
fn kinds() -> &'static [bool] {
    let hardware_alone = std::env::var("EBM_TEST_KERNELS").is_ok_and(|kinds| kinds == "hardware");
    if hardware_alone { &[false] } else { &[true, false] }
}

/// [`compare_as`] with every kind of kernels. Returns the dispatches of those for hardware.
fn compare(arena: &[f32], steps: &[Step], roundings: f64) -> usize {
    kinds().iter().fold(0, |_, &software| compare_as(software, arena, steps, roundings))
}

/// Runs the steps and compares the whole arena: where the reference's scale is s, numbers may differ by `roundings` · 2⁻²⁴ · s.
/// Returns the dispatches.
fn compare_as(software: bool, arena: &[f32], steps: &[Step], roundings: f64) -> usize {
    let mut reference = Reference::new(arena);
    for step in steps {
        reference.run(step, TICK);
    }
    let mut gpu = gpu(software);
    gpu.install(program(arena.len(), steps.to_vec())).unwrap();
    gpu.write(0, arena).unwrap();
    gpu.run(0, TICK, 1).unwrap();
    let found = read_all(&mut gpu, arena.len());
    for (i, &value) in found.iter().enumerate() {
        let (expected, scale) = (reference.arena[i], reference.scale[i]);
        let bound = roundings * ROUNDING * scale;
        assert!(
            (f64::from(value) - expected).abs() <= bound,
            "software {software}, element {i}: {value} for {expected} ± {bound:e} in {:?}",
            steps.iter().map(|s| format!("{s:?}").chars().take(300).collect::<String>()).collect::<Vec<_>>()
        );
    }
    gpu.dispatches(0)
}
