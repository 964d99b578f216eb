//! Numbers from the device to the host through a ring of staging buffers, so that a frame can be fetched while the next ones
//! are computed.

use super::device::News;
use crate::error::{Error, Result};
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::ops::Range;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

/// Staging buffers that are kept for the next read.
const RING: usize = 3;

/// Staging buffers that nobody uses now.
#[derive(Debug, Clone, Default)]
pub struct Staging {
    free: Rc<RefCell<Vec<wgpu::Buffer>>>,
}

/// A read whose copies are recorded.
#[derive(Debug)]
pub struct Read {
    staging: Staging,
    buffer: wgpu::Buffer,
    lengths: Vec<usize>,
}

impl Staging {
    /// Records the copy of `ranges` of the arena, counted in elements.
    pub fn copy(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        arena: &wgpu::Buffer,
        ranges: &[Range<usize>],
    ) -> Read {
        let lengths: Vec<usize> = ranges.iter().map(Range::len).collect();
        let buffer = self.take(device, 4 * lengths.iter().sum::<usize>() as u64);
        let mut at = 0;
        for range in ranges.iter().filter(|r| !r.is_empty()) {
            let bytes = 4 * range.len() as u64;
            encoder.copy_buffer_to_buffer(arena, 4 * range.start as u64, &buffer, at, bytes);
            at += bytes;
        }
        Read { staging: self.clone(), buffer, lengths }
    }

    fn take(&self, device: &wgpu::Device, bytes: u64) -> wgpu::Buffer {
        let mut free = self.free.borrow_mut();
        if let Some(i) = free.iter().position(|b| b.size() >= bytes) {
            return free.swap_remove(i);
        }
        device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("staging"),
            size: bytes.next_power_of_two().max(256),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// Keeps the largest buffers of a full ring.
    fn give_back(&self, buffer: wgpu::Buffer) {
        let mut free = self.free.borrow_mut();
        let at = free.partition_point(|kept| kept.size() < buffer.size());
        free.insert(at, buffer);
        if free.len() > RING {
            free.remove(0).destroy();
        }
    }
}

impl Read {
    /// Asks for the copied numbers at once; resolves to one vector a range, to an error if the device is lost before.
    pub fn numbers(self, device: wgpu::Device, news: Arc<News>) -> impl Future<Output = Result<Vec<Vec<f32>>>> {
        let mapped = Arc::new(Mutex::new(None));
        let (outcome, bell) = (mapped.clone(), news.clone());
        self.buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            bell.wake();
        });
        async move {
            let outcome = poll_fn(|context| {
                news.listen(context);
                super::drive(&device);
                // A lost device may never answer.
                match (mapped.lock().unwrap_or_else(PoisonError::into_inner).take(), news.lost()) {
                    (Some(Ok(())), _) => Poll::Ready(Ok(())),
                    (_, Some(lost)) => Poll::Ready(Err(Error::Device(lost))),
                    (Some(Err(error)), None) => {
                        Poll::Ready(Err(Error::Device(format!("Reading from the device: {error}."))))
                    }
                    (None, None) => Poll::Pending,
                }
            })
            .await;
            outcome?;
            let view = self.buffer.get_mapped_range(..).map_err(|error| Error::Device(format!("{error}.")))?;
            let mut rest: &[f32] = bytemuck::cast_slice(&view);
            let numbers = self
                .lengths
                .iter()
                .map(|&length| {
                    let (head, tail) = rest.split_at(length);
                    rest = tail;
                    head.to_vec()
                })
                .collect();
            drop(view);
            self.buffer.unmap();
            self.staging.give_back(self.buffer);
            Ok(numbers)
        }
    }
}
