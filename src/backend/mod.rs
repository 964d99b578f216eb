//! Where plans are computed. A backend owns one arena and runs plans over it; nothing above this module knows which one it is.

#[cfg(feature = "cpu")]
pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
pub use ebm_kernels::plan;

use crate::error::Result;
use plan::{Program, Tick};
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

/// A future on the one thread that a device lives on (wgpu types are not `Send` on the web).
pub type Local<T> = Pin<Box<dyn Future<Output = T>>>;

/// A device that runs plans over one arena of f32.
pub trait Backend {
    /// Replaces the program; the arena is zeros afterwards.
    fn install(&mut self, program: Program) -> Result<()>;

    /// Writes `values` from `offset` on, after everything that was run before and before everything that is run later.
    fn write(&mut self, offset: usize, values: &[f32]) -> Result<()>;

    /// Runs plan number `plan` `times` times, the sub-step of `tick` growing by one each time. May return before it is done.
    fn run(&mut self, plan: usize, tick: Tick, times: u32) -> Result<()>;

    /// Hands what was recorded to the device. A CPU backend has nothing to hand over.
    fn submit(&mut self);

    /// Reads ranges of the arena, one vector each, as they are once everything run so far is done.
    fn read(&mut self, ranges: &[Range<usize>]) -> Local<Result<Vec<Vec<f32>>>>;

    /// Resolves once at most `submissions` are still in flight, or the device is lost.
    fn settle(&self, submissions: usize) -> Local<()>;

    /// Destroys the device, so that a test can see what happens then. A CPU backend has none to lose.
    fn lose(&mut self) {}

    /// Why the device no longer works, if so.
    fn lost(&self) -> Option<String>;
}
