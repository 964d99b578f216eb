//! Whole loops for small networks on the CPU: a tile of rows goes through all layers, and through all sampler steps,
//! while its activations stay in cache. Twin of `shaders/fused/`; the generic graph is the specification of both.

use crate::math::Real;
use crate::plan::{Activation, Chain, Field, Network, Tick, Transition};
use crate::rng;

/// Rows that go through the network together: large enough for the product's blocking, small enough for the cache.
const TILE: usize = 64;

/// Frequencies of the Fourier features, in units of π/4.
const FREQUENCIES: [f64; 3] = [1.0, 2.0, 4.0];

/// Buffers, kept between runs.
#[derive(Debug, Default)]
pub(super) struct Workspace<T> {
    /// φ(x) and its entry-wise derivative, [rows, features].
    features: [Vec<T>; 2],
    /// Activations of each hidden layer, [rows, width].
    values: Vec<Vec<T>>,
    /// Their derivatives at the same places.
    slopes: Vec<Vec<T>>,
    /// Cotangents of two neighbouring layers.
    cotangents: [Vec<T>; 2],
    chain: ChainBuffers<T>,
}

#[derive(Debug, Default)]
struct ChainBuffers<T> {
    position: Vec<T>,
    energy: Vec<T>,
    gradient: Vec<T>,
    proposal: Vec<T>,
    proposal_energy: Vec<T>,
    proposal_gradient: Vec<T>,
    noise: Vec<T>,
    uniform: Vec<T>,
}

impl<T: Real> Workspace<T> {
    /// Energy and, where asked, score of points: see [`Field`].
    pub fn field(&mut self, step: &Field, arena: &mut [T]) {
        let (mut energy, mut gradient) = ([T::ZERO; TILE], [T::ZERO; 2 * TILE]);
        let mut position = [T::ZERO; 2 * TILE];
        for first in (0..step.rows).step_by(TILE) {
            let rows = TILE.min(step.rows - first);
            let from = step.points + 2 * first;
            position[..2 * rows].copy_from_slice(&arena[from..from + 2 * rows]);
            let wanted = step.score.map(|_| &mut gradient[..2 * rows]);
            self.evaluate(&step.network, arena, &position[..2 * rows], Some(&mut energy[..rows]), wanted);
            arena[step.energy + first..step.energy + first + rows].copy_from_slice(&energy[..rows]);
            if let Some(score) = step.score {
                let target = &mut arena[score + 2 * first..score + 2 * (first + rows)];
                target.iter_mut().zip(&gradient).for_each(|(s, &g)| *s = -g);
            }
        }
    }

    /// Sampler steps: see [`Chain`].
    pub fn chain(&mut self, step: &Chain, arena: &mut [T], tick: Tick) {
        let mut buffers = std::mem::take(&mut self.chain);
        for first in (0..step.rows).step_by(TILE) {
            let rows = TILE.min(step.rows - first);
            buffers.resize(rows);
            let range = step.positions + 2 * first..step.positions + 2 * (first + rows);
            buffers.position.copy_from_slice(&arena[range.clone()]);
            let accepted = step.accepted + first..step.accepted + first + rows;
            match step.transition {
                Transition::Langevin => {
                    self.langevin(step, arena, tick, first, &mut buffers);
                    arena[accepted].fill(T::from_f64(step.steps as f64));
                }
                Transition::Mala => {
                    let mut counts = vec![T::ZERO; rows];
                    self.mala(step, arena, tick, first, &mut buffers, &mut counts);
                    arena[accepted].copy_from_slice(&counts);
                }
            }
            arena[range].copy_from_slice(&buffers.position);
        }
        self.chain = buffers;
    }

    /// x' = x − h∇E(x) + σ z.
    fn langevin(&mut self, step: &Chain, arena: &[T], tick: Tick, first: usize, b: &mut ChainBuffers<T>) {
        let (h, sigma) = (arena[step.step_size], arena[step.noise]);
        for s in 0..step.steps {
            self.evaluate(&step.network, arena, &b.position, None, Some(&mut b.gradient));
            rng::fill_normal(&mut b.noise, at(tick, s), step.stream, 2 * first);
            for (x, (&g, &z)) in b.position.iter_mut().zip(b.gradient.iter().zip(&b.noise)) {
                *x = *x - h * g + sigma * z;
            }
        }
    }

    /// ln a = E(x) − E(y) − (|x − y + h∇E(y)|² − |y − x + h∇E(x)|²)/(4h), and y − x + h∇E(x) = √(2h) z
    /// (Roberts & Tweedie 1996). A non-finite ratio compares false: such a proposal is rejected.
    fn mala(
        &mut self,
        step: &Chain,
        arena: &[T],
        tick: Tick,
        first: usize,
        b: &mut ChainBuffers<T>,
        accepted: &mut [T],
    ) {
        let h = arena[step.step_size];
        let (sigma, quarter) = ((h + h).sqrt(), (h * T::from_f64(4.0)).recip());
        self.evaluate(&step.network, arena, &b.position, Some(&mut b.energy), Some(&mut b.gradient));
        for s in 0..step.steps {
            rng::fill_normal(&mut b.noise, at(tick, s), step.stream, 2 * first);
            rng::fill_uniform(&mut b.uniform, at(tick, s), step.stream + 1, first);
            for (i, y) in b.proposal.iter_mut().enumerate() {
                *y = b.position[i] - h * b.gradient[i] + sigma * b.noise[i];
            }
            let (energy, gradient) = (&mut b.proposal_energy, &mut b.proposal_gradient);
            self.evaluate(&step.network, arena, &b.proposal, Some(energy), Some(gradient));
            for r in 0..accepted.len() {
                let mut difference = T::ZERO;
                for i in 2 * r..2 * r + 2 {
                    let back = b.position[i] - b.proposal[i] + h * b.proposal_gradient[i];
                    let there = sigma * b.noise[i];
                    difference += back * back - there * there;
                }
                let log_ratio = b.energy[r] - b.proposal_energy[r] - difference * quarter;
                if b.uniform[r].ln() < log_ratio {
                    b.energy[r] = b.proposal_energy[r];
                    for i in 2 * r..2 * r + 2 {
                        b.position[i] = b.proposal[i];
                        b.gradient[i] = b.proposal_gradient[i];
                    }
                    accepted[r] += T::ONE;
                }
            }
        }
    }

    /// E(x) [rows] and ∇E(x) [rows, 2] of x [rows, 2], each where asked.
    fn evaluate(&mut self, net: &Network, arena: &[T], x: &[T], energy: Option<&mut [T]>, gradient: Option<&mut [T]>) {
        let rows = x.len() / 2;
        self.resize(net, rows);
        embed(net.fourier, x, &mut self.features, gradient.is_some());
        let layers = net.sizes.len() - 1;
        let offsets = layer_offsets(net);
        let (last_in, confinement) = (net.sizes[layers - 1], arena[net.confinement]);
        for layer in 0..layers - 1 {
            let (n_in, n_out, at) = (net.sizes[layer], net.sizes[layer + 1], offsets[layer]);
            let (weight, bias) = (&arena[at..at + n_in * n_out], &arena[at + n_in * n_out..at + n_in * n_out + n_out]);
            let (done, rest) = self.values.split_at_mut(layer);
            let input = done.last().unwrap_or(&self.features[0]);
            let z = &mut rest[0][..rows * n_out];
            z.chunks_exact_mut(n_out).for_each(|row| row.copy_from_slice(bias));
            T::gemm((rows, n_out, n_in), (input, n_in, 1), (weight, 1, n_in), T::ONE, (&mut *z, n_out, 1));
            activate(net.activation, z, &mut self.slopes[layer][..rows * n_out]);
        }
        let last = offsets[layers - 1];
        let (weight, bias) = (&arena[last..last + last_in], arena[last + last_in]);
        if let Some(energy) = energy {
            let top = self.values.last().unwrap_or(&self.features[0]);
            for (r, e) in energy.iter_mut().enumerate() {
                let dot = dot(&top[r * last_in..(r + 1) * last_in], weight);
                *e = dot + bias + confinement * (x[2 * r] * x[2 * r] + x[2 * r + 1] * x[2 * r + 1]);
            }
        }
        if let Some(gradient) = gradient {
            self.pull_back(net, arena, &offsets, weight, rows);
            for (r, g) in gradient.chunks_exact_mut(2).enumerate() {
                let features = net.sizes[0];
                let row = r * features..(r + 1) * features;
                let slopes = &self.features[1][row.clone()];
                let (mut sums, cotangent) = ([T::ZERO; 2], &self.cotangents[0][row]);
                for (i, (&c, &s)) in cotangent.iter().zip(slopes).enumerate() {
                    sums[i % 2] += c * s;
                }
                for i in 0..2 {
                    g[i] = sums[i] + (confinement + confinement) * x[2 * r + i];
                }
            }
        }
    }

    /// From the output back to the features: leaves ∂MLP/∂φ in `cotangents[0]`.
    fn pull_back(&mut self, net: &Network, arena: &[T], offsets: &[usize], weight: &[T], rows: usize) {
        let layers = net.sizes.len() - 1;
        let [current, next] = &mut self.cotangents;
        let width = net.sizes[layers - 1];
        current[..rows * width].chunks_exact_mut(width).for_each(|row| row.copy_from_slice(weight));
        for layer in (0..layers - 1).rev() {
            let (n_in, n_out, at) = (net.sizes[layer], net.sizes[layer + 1], offsets[layer]);
            let slopes = &self.slopes[layer][..rows * n_out];
            current[..rows * n_out].iter_mut().zip(slopes).for_each(|(c, &s)| *c *= s);
            let weight = &arena[at..at + n_in * n_out];
            let target = (&mut next[..rows * n_in], n_in, 1);
            T::gemm((rows, n_in, n_out), (current, n_out, 1), (weight, n_in, 1), T::ZERO, target);
            std::mem::swap(current, next);
        }
    }

    fn resize(&mut self, net: &Network, rows: usize) {
        let hidden = &net.sizes[1..net.sizes.len() - 1];
        let widest = net.sizes.iter().max().copied().unwrap_or(1);
        let grow = |v: &mut Vec<T>, n: usize| v.resize(n.max(v.len()), T::ZERO);
        self.values.resize_with(hidden.len(), Vec::new);
        self.slopes.resize_with(hidden.len(), Vec::new);
        for (i, width) in hidden.iter().enumerate() {
            grow(&mut self.values[i], rows * width);
            grow(&mut self.slopes[i], rows * width);
        }
        self.features.iter_mut().for_each(|f| grow(f, rows * net.sizes[0]));
        self.cotangents.iter_mut().for_each(|c| grow(c, rows * widest));
    }
}

impl<T: Real> ChainBuffers<T> {
    fn resize(&mut self, rows: usize) {
        for v in [&mut self.energy, &mut self.proposal_energy, &mut self.uniform] {
            v.resize(rows, T::ZERO);
        }
        for v in
            [&mut self.position, &mut self.gradient, &mut self.proposal, &mut self.proposal_gradient, &mut self.noise]
        {
            v.resize(2 * rows, T::ZERO);
        }
    }
}

fn at(tick: Tick, step: usize) -> Tick {
    Tick { substep: tick.substep + step as u32, ..tick }
}

/// Arena offset of each layer's weight; its bias lies behind it.
fn layer_offsets(net: &Network) -> Vec<usize> {
    let mut offset = net.parameters;
    net.sizes
        .windows(2)
        .map(|pair| {
            let at = offset;
            offset += pair[0] * pair[1] + pair[1];
            at
        })
        .collect()
}

/// A dot product in several lanes, so that it vectorises.
fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    const LANES: usize = 8;
    let mut lanes = [T::ZERO; LANES];
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = left.remainder().iter().zip(right.remainder());
    let tail = rest.fold(T::ZERO, |sum, (&a, &b)| sum + a * b);
    for (a, b) in left.zip(right) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().fold(tail, |sum, &l| sum + l)
}

/// φ(x) and, entry by entry, its derivative by the coordinate that it is made of (entry i is made of coordinate i mod 2).
fn embed<T: Real>(fourier: bool, x: &[T], [values, slopes]: &mut [Vec<T>; 2], with_slopes: bool) {
    let features = if fourier { 2 + 4 * FREQUENCIES.len() } else { 2 };
    for (r, point) in x.chunks_exact(2).enumerate() {
        let row = r * features..(r + 1) * features;
        let (value, slope) = (&mut values[row.clone()], &mut slopes[row]);
        value[..2].copy_from_slice(point);
        slope[..2].fill(T::ONE);
        if !fourier {
            continue;
        }
        for (k, frequency) in FREQUENCIES.into_iter().enumerate() {
            let omega = T::from_f64(frequency * std::f64::consts::FRAC_PI_4);
            for i in 0..2 {
                let (sin, cos) = (2 + 2 * k + i, 2 + 2 * FREQUENCIES.len() + 2 * k + i);
                (value[sin], value[cos]) = ((omega * point[i]).sin(), (omega * point[i]).cos());
                if with_slopes {
                    (slope[sin], slope[cos]) = (omega * value[cos], -(omega * value[sin]));
                }
            }
        }
    }
}

/// Replaces z by act(z) and writes act'(z).
fn activate<T: Real>(activation: Activation, z: &mut [T], slopes: &mut [T]) {
    fn each<T: Real>(z: &mut [T], slopes: &mut [T], f: impl Fn(T) -> (T, T)) {
        z.iter_mut().zip(slopes).for_each(|(z, s)| (*z, *s) = f(*z));
    }
    let half = T::from_f64(0.5);
    match activation {
        Activation::Silu => each(z, slopes, |x| {
            let s = half + half * (half * x).tanh();
            let y = x * s;
            (y, s + y * (T::ONE - s))
        }),
        Activation::Softplus => each(z, slopes, |x| (x.softplus(), half + half * (half * x).tanh())),
        Activation::Tanh => each(z, slopes, |x| {
            let t = x.tanh();
            (t, T::ONE - t * t)
        }),
        Activation::Elu => each(z, slopes, |x| {
            let (positive, e) = (x.step(), (-(-x).max(T::ZERO)).exp());
            (x.max(T::ZERO) + (e - T::ONE), positive + (T::ONE - positive) * e)
        }),
        Activation::Relu => each(z, slopes, |x| (x.max(T::ZERO), x.step())),
        Activation::Sine => each(z, slopes, |x| (x.sin(), x.cos())),
    }
}
