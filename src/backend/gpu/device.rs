//! The adapter and the device: what is asked for, what is said where it is refused, and word of its loss.

use crate::error::{Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// An open device.
#[derive(Debug)]
pub struct Device {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub info: wgpu::AdapterInfo,
    pub news: Arc<News>,
}

/// What the device's callbacks report. They may run on another thread natively, hence the lock.
#[derive(Debug, Default)]
pub struct News {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    lost: Option<String>,
    in_flight: usize,
    wakers: Vec<Waker>,
}

impl News {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is valid after every statement, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes whoever waits for it.
    fn announce(&self, change: impl FnOnce(&mut State)) {
        let wakers = {
            let mut state = self.state();
            change(&mut state);
            std::mem::take(&mut state.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Why the device no longer works, if so.
    pub fn lost(&self) -> Option<String> {
        self.state().lost.clone()
    }

    /// The device is gone; the first reason stands.
    fn lose(&self, reason: String) {
        self.announce(|state| {
            state.lost.get_or_insert(reason);
        });
    }

    /// A submission has been made.
    pub fn submitted(&self) {
        self.state().in_flight += 1;
    }

    /// A submission is done.
    pub fn done(&self) {
        self.announce(|state| state.in_flight = state.in_flight.saturating_sub(1));
    }

    /// Something else has come to pass that a future may wait for.
    pub fn wake(&self) {
        self.announce(|_| ());
    }

    /// Ready once at most `submissions` are in flight or the device is lost.
    pub fn settled(&self, submissions: usize, context: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.lost.is_some() || state.in_flight <= submissions {
            return Poll::Ready(());
        }
        state.wakers.push(context.waker().clone());
        Poll::Pending
    }

    /// Asks to be woken by the next news.
    pub fn listen(&self, context: &Context<'_>) {
        self.state().wakers.push(context.waker().clone());
    }
}

impl Device {
    /// The adapter that the browser or the system prefers, with WebGPU's default limits and as large an arena as it allows.
    pub async fn open() -> Result<Self> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|error| Error::Device(format!("WebGPU has no adapter here: {error}.")))?;
        let offered = adapter.limits();
        let limits = wgpu::Limits {
            max_buffer_size: offered.max_buffer_size.min(u32::MAX.into()),
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let info = adapter.get_info();
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("ebm"),
                required_limits: limits,
                ..wgpu::DeviceDescriptor::default()
            })
            .await
            .map_err(|error| {
                Error::Device(format!("The graphics adapter {} refused a device: {error}.", name(&info)))
            })?;
        let news = Arc::new(News::default());
        let listener = news.clone();
        device.set_device_lost_callback(move |reason, message| {
            listener.lose(format!("The graphics device is gone ({reason:?}): {message}"));
        });
        let listener = news.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            listener.lose(format!("The graphics device refused the work: {error}"));
        }));
        Ok(Self { device, queue, info, news })
    }

    /// Whether the adapter is software on a CPU.
    pub fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }
}

/// The adapter's name; browsers often hide it.
pub fn name(info: &wgpu::AdapterInfo) -> &str {
    if info.name.is_empty() { "without a name" } else { &info.name }
}
