//! The WebGPU backend, through wgpu: in a browser its own WebGPU, natively Vulkan, Metal or Direct3D 12.
//!
//! Runs are only noted; `submit` records all of them into one compute pass of one encoder and hands it over. Nothing is
//! created on the way: a program's buffers, bind group and pipelines are made when it is installed.
//!
//! Architecture invariant: wgpu is named here alone, and nothing here is `Send`, as wgpu's types are not on the web.

mod arena;
#[cfg(feature = "whole")]
mod convolutions;
mod device;
mod elementwise;
mod fused;
mod launch;
mod order;
mod pipelines;
mod products;
mod readback;
mod samples;
pub mod shader;

pub use samples::{every_instruction, kernels};

use super::plan::{Plan, Program, Tick};
use super::{Backend, Local};
use crate::error::{Error, Result};
use arena::{Installed, MOST_TICKS, Runs};
use device::Device;
use launch::Tuning;
use pipelines::Pipelines;
use readback::Staging;
use std::future::poll_fn;
use std::ops::Range;

/// What is known of an adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its name; browsers often hide it.
    pub name: String,
    /// Whether it is software on a CPU, where the CPU backend is the better choice.
    pub software: bool,
    /// The interface below, such as Vulkan or the browser's WebGPU.
    pub interface: String,
}

/// Dispatches that one run of a plan takes.
pub fn dispatches(plan: &Plan, software: bool) -> Result<usize> {
    Ok(order::dispatches(&plan.steps, Tuning { software })?.len())
}

/// A graphics device that runs plans.
#[derive(Debug)]
pub struct Gpu {
    device: Device,
    tuning: Tuning,
    pipelines: Pipelines,
    staging: Staging,
    installed: Option<Installed>,
    /// Runs noted since the last submission.
    noted: Vec<Runs>,
}

impl Gpu {
    /// Opens the adapter that the browser or the system prefers.
    pub async fn new() -> Result<Self> {
        let device = Device::open().await?;
        let pipelines = Pipelines::new(&device.device);
        let tuning = Tuning { software: device.is_software() };
        Ok(Self { device, tuning, pipelines, staging: Staging::default(), installed: None, noted: Vec::new() })
    }

    /// What is known of the adapter.
    pub fn describe(&self) -> Description {
        Description {
            name: device::name(&self.device.info).to_string(),
            software: self.device.is_software(),
            interface: format!("{:?}", self.device.info.backend),
        }
    }

    /// Chooses the kernels meant for software or for hardware adapters whatever this one is; both are right everywhere.
    pub fn tune_for(&mut self, software: bool) {
        self.tuning = Tuning { software };
    }

    /// Dispatches of one run of a plan.
    pub fn dispatches(&self, plan: usize) -> usize {
        self.installed.as_ref().map_or(0, |installed| installed.dispatches(plan))
    }

    /// Pipelines made so far.
    pub fn pipelines(&self) -> usize {
        self.pipelines.len()
    }

    /// Gives the device up, as if it had been lost.
    pub fn destroy(&mut self) {
        self.noted.clear();
        self.device.device.destroy();
        drive(&self.device.device);
    }

    fn alive(&self) -> Result<()> {
        self.device.news.lost().map_or(Ok(()), |lost| Err(Error::Device(lost)))
    }

    fn installed(&self) -> Result<&Installed> {
        self.installed.as_ref().ok_or_else(|| Error::Device("No program is installed on the graphics device.".into()))
    }

    /// Records what is noted, then whatever `more` adds, and submits it.
    fn flush<T>(&mut self, more: impl FnOnce(&mut wgpu::CommandEncoder, &Installed) -> T) -> Result<T> {
        let Device { device, queue, news, .. } = &self.device;
        let installed = self.installed()?;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("runs") });
        if !self.noted.is_empty() {
            installed.write_ticks(queue, &self.noted);
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for (slot, runs) in self.noted.iter().enumerate() {
                installed.record(&mut pass, runs.plan, slot);
            }
        }
        let result = more(&mut encoder, installed);
        queue.submit([encoder.finish()]);
        news.submitted();
        let bell = news.clone();
        queue.on_submitted_work_done(move || bell.done());
        self.noted.clear();
        Ok(result)
    }
}

impl Backend for Gpu {
    fn lose(&mut self) {
        self.destroy();
    }

    fn install(&mut self, program: Program) -> Result<()> {
        self.alive()?;
        let plans = program.plans.iter().map(|plan| order::dispatches(&plan.steps, self.tuning));
        let plans = plans.collect::<Result<Vec<_>>>()?;
        // What is noted belongs to the arena that goes.
        self.noted.clear();
        self.installed = None;
        self.installed = Some(Installed::new(&self.device, &self.pipelines, &program, plans)?);
        self.alive()
    }

    fn write(&mut self, offset: usize, values: &[f32]) -> Result<()> {
        self.alive()?;
        // A write lands before the next submission, never between the runs of one.
        self.submit();
        let Installed { arena, elements, .. } = self.installed()?;
        if offset + values.len() > *elements {
            return Err(Error::value(
                "offset",
                offset,
                format!("{} values within an arena of {elements}", values.len()),
            ));
        }
        self.device.queue.write_buffer(arena, 4 * offset as u64, bytemuck::cast_slice(values));
        Ok(())
    }

    fn run(&mut self, plan: usize, tick: Tick, times: u32) -> Result<()> {
        self.alive()?;
        let plans = self.installed()?.plans();
        if plan >= plans {
            return Err(Error::value("plan", plan, format!("a number below {plans}")));
        }
        let mut rounds = (times, 1);
        if let Some(installed) = &mut self.installed {
            installed.prepare(&self.device, &mut self.pipelines, plan);
            if times > 0 && installed.repeats(plan) {
                rounds = (1, times);
            }
        }
        for i in 0..rounds.0 {
            if self.noted.len() == MOST_TICKS {
                self.submit();
            }
            let tick = Tick { substep: tick.substep + i, ..tick };
            self.noted.push(Runs { plan, tick, times: rounds.1 });
        }
        Ok(())
    }

    fn submit(&mut self) {
        if self.noted.is_empty() || self.device.news.lost().is_some() {
            return;
        }
        // Runs are noted only for an installed program.
        let _ = self.flush(|_, _| ());
    }

    fn read(&mut self, ranges: &[Range<usize>]) -> Local<Result<Vec<Vec<f32>>>> {
        let (device, news, staging) = (self.device.device.clone(), self.device.news.clone(), self.staging.clone());
        let recorded = self.alive().and_then(|()| {
            let device = device.clone();
            self.flush(|encoder, installed| staging.copy(&device, encoder, &installed.arena, ranges))
        });
        let numbers = recorded.map(|read| read.numbers(device, news));
        Box::pin(async move { numbers?.await })
    }

    fn settle(&self, submissions: usize) -> Local<()> {
        let (device, news) = (self.device.device.clone(), self.device.news.clone());
        Box::pin(poll_fn(move |context| {
            let settled = news.settled(submissions, context);
            if settled.is_pending() {
                drive(&device);
            }
            settled
        }))
    }

    fn lost(&self) -> Option<String> {
        self.device.news.lost()
    }
}

/// Natively callbacks come only while somebody waits; in a browser they come from its event loop.
fn drive(device: &wgpu::Device) {
    #[cfg(not(target_arch = "wasm32"))]
    {
        // An error here is a lost device, of which its callback tells.
        let _ = device.poll(wgpu::PollType::wait_indefinitely());
    }
    #[cfg(target_arch = "wasm32")]
    let _ = device;
}
