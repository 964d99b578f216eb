//! The program on the device: the arena, the parameters of every dispatch, and one bind group over both and the ticks.
//! Twin of `shaders/lib/bindings.wgsl`. All of it is made when a program is installed; running makes nothing new.

use super::device::Device;
use super::order::{Dispatch, WINDOW};
use super::pipelines::Pipelines;
use super::shader::{ARENA, Kernel};
use crate::backend::plan::{Plan, Program, Step, Tick};
use crate::error::{Error, Result};
use std::num::NonZeroU64;

/// Ticks that one submission has room for.
pub const MOST_TICKS: usize = 1024;
/// Bytes between two places that a dynamic offset may point to: WebGPU's default alignment.
const SLOT: usize = 256;
/// Bytes of a tick as WGSL lays it out.
const TICK_BYTES: usize = 16;

/// The least size of an arena in elements.
const LEAST: usize = 1 << 20;

/// A program on the device.
#[derive(Debug)]
pub struct Installed {
    pub arena: wgpu::Buffer,
    /// Elements of the arena that the program has asked for.
    pub elements: usize,
    ticks: wgpu::Buffer,
    bindings: wgpu::BindGroup,
    plans: Vec<Vec<Recorded>>,
    /// Plans whose kernel itself repeats them.
    repeating: Vec<bool>,
}

/// Runs of a plan in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runs {
    pub plan: usize,
    /// Of the first run; the sub-step grows by one each time.
    pub tick: Tick,
    /// More than one only for plans that repeat.
    pub times: u32,
}

#[derive(Debug)]
struct Recorded {
    kernel: Kernel,
    /// Made when the plan first runs: compiling all of a session's kernels at once would keep the first frame waiting.
    pipeline: Option<wgpu::ComputePipeline>,
    /// Byte offset of the parameters.
    parameters: u32,
    groups: [u32; 3],
}

impl Installed {
    /// Makes the buffers of a program whose plans became `plans`.
    pub fn new(device: &Device, pipelines: &Pipelines, program: &Program, plans: Vec<Vec<Dispatch>>) -> Result<Self> {
        let limits = device.device.limits();
        let most = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) as usize / 4;
        if program.arena > most {
            return Err(Error::Device(format!(
                "The experiment needs {} MiB on the graphics device, which allows {}; fewer particles, a smaller batch or a \
                 smaller network would fit.",
                program.arena.div_ceil(1 << 18),
                most >> 18
            )));
        }
        // Kernels hold the size as a constant, as it takes software adapters long to find it out; so it is one of few.
        let size = program.arena.next_power_of_two().max(LEAST).min(most);
        use wgpu::BufferUsages as Usage;
        let buffer = |label, size, usage| {
            device.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let arena = buffer("arena", 4 * size as u64, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST);
        let ticks = buffer("ticks", (MOST_TICKS * SLOT) as u64, Usage::UNIFORM | Usage::COPY_DST);

        let mut words: Vec<u32> = Vec::new();
        let plans = plans
            .into_iter()
            .map(|plan| {
                plan.into_iter()
                    .map(|mut dispatch| {
                        words.resize(words.len().next_multiple_of(SLOT / 4), 0);
                        let parameters = 4 * words.len() as u32;
                        words.extend(dispatch.words);
                        dispatch.kernel.constants.push((ARENA, size as u32));
                        Recorded { kernel: dispatch.kernel, pipeline: None, parameters, groups: dispatch.groups }
                    })
                    .collect()
            })
            .collect();
        // The last window too lies inside the buffer.
        words.resize(words.len() + WINDOW / 4, 0);
        let parameters = buffer("parameters", 4 * words.len() as u64, Usage::UNIFORM | Usage::COPY_DST);
        device.queue.write_buffer(&parameters, 0, bytemuck::cast_slice(&words));

        let window = |buffer, bytes: usize| {
            wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer,
                offset: 0,
                size: NonZeroU64::new(bytes as u64),
            })
        };
        let bindings = device.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("program"),
            layout: pipelines.bind_group_layout(),
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: arena.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: window(&parameters, WINDOW) },
                wgpu::BindGroupEntry { binding: 2, resource: window(&ticks, TICK_BYTES) },
            ],
        });
        // A sampler step is the only step of its plan where many are taken in a row: one dispatch takes them all.
        let single = |plan: &Plan| matches!(plan.steps.as_slice(), [Step::Chain(chain)] if chain.steps == 1);
        let repeating = program.plans.iter().map(single).collect();
        Ok(Self { arena, elements: program.arena, ticks, bindings, plans, repeating })
    }

    /// Whether a plan's kernel itself repeats it.
    pub fn repeats(&self, plan: usize) -> bool {
        self.repeating[plan]
    }

    /// Number of plans.
    pub fn plans(&self) -> usize {
        self.plans.len()
    }

    /// Dispatches of one run of a plan.
    pub fn dispatches(&self, plan: usize) -> usize {
        self.plans[plan].len()
    }

    /// Writes the ticks of the next submission. Queued behind the last one, so its runs still see theirs.
    pub fn write_ticks(&self, queue: &wgpu::Queue, noted: &[Runs]) {
        let mut words = vec![0u32; noted.len() * SLOT / 4];
        for (slot, runs) in words.chunks_exact_mut(SLOT / 4).zip(noted) {
            let Tick { key, substep } = runs.tick;
            slot[..4].copy_from_slice(&[key[0], key[1], substep, runs.times]);
        }
        queue.write_buffer(&self.ticks, 0, bytemuck::cast_slice(&words));
    }

    /// Makes the pipelines of a plan, where they are not made yet.
    pub fn prepare(&mut self, device: &Device, pipelines: &mut Pipelines, plan: usize) {
        for dispatch in self.plans[plan].iter_mut().filter(|d| d.pipeline.is_none()) {
            dispatch.pipeline = Some(pipelines.get(&device.device, &dispatch.kernel));
        }
    }

    /// Records a plan that was prepared, with the tick of slot `slot`.
    pub fn record(&self, pass: &mut wgpu::ComputePass<'_>, plan: usize, slot: usize) {
        for dispatch in &self.plans[plan] {
            pass.set_pipeline(dispatch.pipeline.as_ref().expect("a plan is prepared when its run is noted"));
            pass.set_bind_group(0, &self.bindings, &[dispatch.parameters, (slot * SLOT) as u32]);
            let [x, y, z] = dispatch.groups;
            pass.dispatch_workgroups(x, y, z);
        }
    }
}

impl Drop for Installed {
    /// At once, not when a garbage collector gets to it: an arena is large, and the next one is made right after.
    fn drop(&mut self) {
        self.arena.destroy();
    }
}
