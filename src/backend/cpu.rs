//! The CPU as a backend: see [`ebm_kernels::cpu`], which does the work.

use super::plan::{Program, Tick};
use super::{Backend, Local};
use crate::error::{Error, Result};
pub use ebm_kernels::cpu::Cpu;
use std::ops::Range;

impl Backend for Cpu<f32> {
    fn install(&mut self, program: Program) -> Result<()> {
        Cpu::install(self, program);
        Ok(())
    }

    fn write(&mut self, offset: usize, values: &[f32]) -> Result<()> {
        let room = self.arena_mut().get_mut(offset..offset + values.len());
        let room = room.ok_or_else(|| Error::Device(format!("{} values do not fit at {offset}", values.len())))?;
        room.copy_from_slice(values);
        Ok(())
    }

    fn run(&mut self, plan: usize, tick: Tick, times: u32) -> Result<()> {
        for i in 0..times {
            self.run_once(plan, Tick { substep: tick.substep + i, ..tick });
        }
        Ok(())
    }

    fn submit(&mut self) {}

    fn read(&mut self, ranges: &[Range<usize>]) -> Local<Result<Vec<Vec<f32>>>> {
        let values = ranges.iter().map(|r| self.arena()[r.clone()].to_vec()).collect();
        Box::pin(std::future::ready(Ok(values)))
    }

    fn settle(&self, _submissions: usize) -> Local<()> {
        Box::pin(std::future::ready(()))
    }

    fn lost(&self) -> Option<String> {
        None
    }
}
