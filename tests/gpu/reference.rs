//! What every step means, in f64 and in the plainest loops: written from the contract in `backend/plan.rs`, not from the
//! CPU backend. Each result comes with its scale, the sum of the sizes of what was added up, to which rounding is relative.

use ebm::backend::plan::{
    Activation, Binary, Chain, Combine, Convolution, Corner, Elementwise, Field, Instruction, Law, Load, MatMul,
    Network, Reduce, Step, Tick, Transition, Unary,
};
use ebm::math::elementary;
use ebm::rng;

/// Arena and scale of each of its elements.
#[derive(Debug, Clone)]
pub struct Reference {
    pub arena: Vec<f64>,
    pub scale: Vec<f64>,
}

impl Reference {
    pub fn new(arena: &[f32]) -> Self {
        let arena: Vec<f64> = arena.iter().map(|&x| x.into()).collect();
        Self { scale: arena.iter().map(|x| x.abs()).collect(), arena }
    }

    fn set(&mut self, at: usize, value: f64, scale: f64) {
        self.arena[at] = value;
        self.scale[at] = scale;
    }

    pub fn run(&mut self, step: &Step, tick: Tick) {
        match step {
            Step::Elementwise(group) => self.elementwise(group, tick),
            Step::MatMul(product) => self.matmul(product),
            Step::Reduce(reduce) => self.reduce(reduce),
            Step::Gather(g) => {
                for r in 0..g.rows {
                    let row = clamped(self.arena[g.indices + r], g.source_rows);
                    for c in 0..g.columns {
                        let value = self.arena[g.source + row * g.columns + c];
                        self.set(g.target + r * g.columns + c, value, value.abs());
                    }
                }
            }
            Step::Scatter(s) => {
                for r in 0..s.rows {
                    let row = clamped(self.arena[s.indices + r], s.target_rows);
                    for c in 0..s.columns {
                        let value = self.arena[s.source + r * s.columns + c];
                        self.set(s.target + row * s.columns + c, value, value.abs());
                    }
                }
            }
            Step::Convolution(step) => self.convolution(step),
            Step::Chain(chain) => self.chain(chain, tick),
            Step::Field(field) => self.field(field),
        }
    }

    fn elementwise(&mut self, group: &Elementwise, tick: Tick) {
        let elements: usize = group.shape.iter().product();
        let before = self.arena.clone();
        for e in 0..elements {
            let index = unravel(e, &group.shape);
            let mut registers: Vec<f64> = Vec::new();
            for instruction in &group.instructions {
                let value = match instruction {
                    Instruction::Load(load) => read(&before, load, &index),
                    Instruction::Constant(value) => *value,
                    Instruction::Iota(axis) => index[*axis] as f64,
                    Instruction::Random(law, stream) => random(*law, *stream, tick, e),
                    Instruction::Unary(operation, a) => unary(*operation, registers[*a]),
                    Instruction::Binary(Binary::Add, a, b) => registers[*a] + registers[*b],
                    Instruction::Binary(Binary::Mul, a, b) => registers[*a] * registers[*b],
                    Instruction::Binary(Binary::Max, a, b) => registers[*a].max(registers[*b]),
                    Instruction::Select(mask, a, b) => registers[if registers[*mask] > 0.0 { *a } else { *b }],
                };
                registers.push(value);
            }
            for store in &group.stores {
                let at = store.offset + index.iter().zip(&store.strides).map(|(i, s)| i * s).sum::<usize>();
                let value = registers[store.register];
                self.set(at, value, 1.0 + value.abs());
            }
        }
    }

    fn matmul(&mut self, p: &MatMul) {
        let before = self.arena.clone();
        for i in 0..p.m {
            for j in 0..p.n {
                let at = p.c.offset + i * p.c.row_stride + j * p.c.column_stride;
                let mut sum = if p.accumulate { before[at] } else { 0.0 };
                let mut scale = sum.abs();
                for l in 0..p.k {
                    let a = before[p.a.offset + i * p.a.row_stride + l * p.a.column_stride];
                    let b = before[p.b.offset + l * p.b.row_stride + j * p.b.column_stride];
                    sum += a * b;
                    scale += (a * b).abs();
                }
                self.set(at, sum, scale);
            }
        }
    }

    fn reduce(&mut self, r: &Reduce) {
        for o in 0..r.outer {
            for i in 0..r.inner {
                let values = (0..r.length).map(|l| self.arena[r.source + (o * r.length + l) * r.inner + i]);
                let scale = values.clone().map(f64::abs).sum();
                let value = match r.combine {
                    Combine::Sum => values.sum(),
                    Combine::Max => values.fold(f64::MIN, f64::max),
                };
                self.set(r.target + o * r.inner + i, value, scale);
            }
        }
    }

    /// Term by term of the sum that its corners share.
    fn convolution(&mut self, step: &Convolution) {
        let g = step.geometry;
        let shape = |corner| g.shape(corner, step.images);
        let place = |corner, index: &[usize]| {
            step.range(corner).start + index.iter().zip(shape(corner)).fold(0, |at, (i, n)| at * n + i)
        };
        step.range(step.corner).for_each(|at| self.set(at, 0.0, 0.0));
        let (results, kernels) = (shape(Corner::Result), shape(Corner::Kernel));
        for y in 0..results.iter().product() {
            let y = unravel(y, &results);
            for k in 0..kernels[1..].iter().product() {
                let k = [&[y[3]], &unravel(k, &kernels[1..])[..]].concat();
                let along = |axis: usize| (y[axis] * g.stride + k[axis + 1]).checked_sub(g.padding);
                let Some((row, column)) = along(1).zip(along(2)) else { continue };
                if row < g.image[0] && column < g.image[1] {
                    let image = place(Corner::Image, &[y[0], row, column, k[1]]);
                    let (kernel, result) = (place(Corner::Kernel, &k), place(Corner::Result, &y));
                    let (to, a, b) = match step.corner {
                        Corner::Image => (image, kernel, result),
                        Corner::Kernel => (kernel, image, result),
                        Corner::Result => (result, image, kernel),
                    };
                    let term = self.arena[a] * self.arena[b];
                    self.set(to, self.arena[to] + term, self.scale[to] + term.abs());
                }
            }
        }
    }

    fn field(&mut self, f: &Field) {
        for r in 0..f.rows {
            let x = [self.arena[f.points + 2 * r], self.arena[f.points + 2 * r + 1]];
            let Evaluation { energy, gradient, scale } = evaluate(&f.network, &self.arena, x);
            self.set(f.energy + r, energy, scale);
            for (i, g) in gradient.into_iter().enumerate() {
                if let Some(score) = f.score {
                    self.set(score + 2 * r + i, -g, scale);
                }
            }
        }
    }

    fn chain(&mut self, c: &Chain, tick: Tick) {
        let h = self.arena[c.step_size];
        let sigma = if c.transition == Transition::Mala { (2.0 * h).sqrt() } else { self.arena[c.noise] };
        for r in 0..c.rows {
            let mut x = [self.arena[c.positions + 2 * r], self.arena[c.positions + 2 * r + 1]];
            let (mut moves, mut scale) = (0.0, 0.0);
            for s in 0..c.steps {
                let tick = Tick { substep: tick.substep + s as u32, ..tick };
                let z = [0, 1].map(|i| random(Law::Normal, c.stream, tick, 2 * r + i));
                let here = evaluate(&c.network, &self.arena, x);
                let y = [0, 1].map(|i| x[i] - h * here.gradient[i] + sigma * z[i]);
                let accept = match c.transition {
                    Transition::Langevin => true,
                    Transition::Mala => {
                        let there = evaluate(&c.network, &self.arena, y);
                        let forth: f64 = (0..2).map(|i| (y[i] - x[i] + h * here.gradient[i]).powi(2)).sum();
                        let back: f64 = (0..2).map(|i| (x[i] - y[i] + h * there.gradient[i]).powi(2)).sum();
                        let log_ratio = here.energy - there.energy - (back - forth) / (4.0 * h);
                        random(Law::Uniform, c.stream + 1, tick, r).ln() < log_ratio
                    }
                };
                if accept {
                    x = y;
                    moves += 1.0;
                }
                scale += h * here.scale + sigma + y[0].abs() + y[1].abs();
            }
            for i in 0..2 {
                self.set(c.positions + 2 * r + i, x[i], scale);
            }
            self.set(c.accepted + r, moves, 0.0);
        }
    }
}

fn clamped(index: f64, rows: usize) -> usize {
    if index >= 0.0 { (index as usize).min(rows - 1) } else { rows - 1 }
}

fn unravel(mut e: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for d in (0..shape.len()).rev() {
        index[d] = e % shape[d];
        e /= shape[d];
    }
    index
}

fn read(arena: &[f64], load: &Load, index: &[usize]) -> f64 {
    let mut at = load.offset;
    for (d, &i) in index.iter().enumerate() {
        let start = match &load.window {
            Some(window) if !window[d].contains(&i) => return 0.0,
            Some(window) => window[d].start,
            None => 0,
        };
        at += (i - start) * load.strides[d];
    }
    arena[at]
}

pub fn random(law: Law, stream: u32, tick: Tick, e: usize) -> f64 {
    let address = tick.substep << 8 | stream;
    match law {
        Law::Uniform => rng::uniform(rng::threefry2x32(tick.key, [e as u32, address])[0]).into(),
        Law::Normal => {
            let pair: [f64; 2] = rng::normal_pair(rng::threefry2x32(tick.key, [e as u32 / 2, address]));
            pair[e % 2]
        }
    }
}

/// The f32 functions, whose saturation outside their domains is part of the contract; their accuracy has its own tests.
fn unary(operation: Unary, x: f64) -> f64 {
    let f = match operation {
        Unary::Neg => |x: f32| -x,
        Unary::Exp => elementary::exp,
        Unary::Log => elementary::ln,
        Unary::Tanh => elementary::tanh,
        Unary::Softplus => elementary::softplus,
        Unary::Sqrt => elementary::sqrt,
        Unary::Recip => elementary::recip,
        Unary::Sin => elementary::sin,
        Unary::Cos => elementary::cos,
        Unary::Step => |x: f32| if x > 0.0 { 1.0 } else { 0.0 },
        Unary::Floor => f32::floor,
    };
    f(x as f32).into()
}

/// Energy and gradient at a point, and a scale for both: the same network with the sizes of everything added up.
pub struct Evaluation {
    pub energy: f64,
    pub gradient: [f64; 2],
    pub scale: f64,
}

fn activation(activation: Activation, x: f64) -> (f64, f64) {
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    match activation {
        Activation::Silu => (x * sigmoid, sigmoid * (1.0 + x * (1.0 - sigmoid))),
        Activation::Softplus => (x.max(0.0) + (-x.abs()).exp().ln_1p(), sigmoid),
        Activation::Tanh => (x.tanh(), 1.0 - x.tanh().powi(2)),
        Activation::Elu if x > 0.0 => (x, 1.0),
        Activation::Elu => (x.exp_m1(), x.exp()),
        Activation::Relu if x > 0.0 => (x, 1.0),
        Activation::Relu => (0.0, 0.0),
        Activation::Sine => x.sin_cos(),
    }
}

pub fn evaluate(network: &Network, arena: &[f64], x: [f64; 2]) -> Evaluation {
    // φ and its derivative to the coordinate that it belongs to.
    let mut features: Vec<(f64, f64)> = x.iter().map(|&x| (x, 1.0)).collect();
    if network.fourier {
        let frequencies = [1.0, 2.0, 4.0].map(|f| f * std::f64::consts::FRAC_PI_4);
        features.extend(frequencies.iter().flat_map(|w| x.map(|x| ((w * x).sin(), w * (w * x).cos()))));
        features.extend(frequencies.iter().flat_map(|w| x.map(|x| ((w * x).cos(), -w * (w * x).sin()))));
    }
    let mut values: Vec<f64> = features.iter().map(|f| f.0).collect();
    let mut scales: Vec<f64> = values.iter().map(|v| v.abs()).collect();
    let mut slopes = Vec::new();
    let mut at = network.parameters;
    let mut weights = Vec::new();
    for (layer, pair) in network.sizes.windows(2).enumerate() {
        let (inputs, outputs) = (pair[0], pair[1]);
        let weight = &arena[at..at + inputs * outputs];
        let bias = &arena[at + inputs * outputs..at + (inputs + 1) * outputs];
        at += (inputs + 1) * outputs;
        weights.push(weight);
        let last = layer + 2 == network.sizes.len();
        let z: Vec<f64> = (0..outputs)
            .map(|j| bias[j] + (0..inputs).map(|i| weight[j * inputs + i] * values[i]).sum::<f64>())
            .collect();
        scales = (0..outputs)
            .map(|j| bias[j].abs() + (0..inputs).map(|i| weight[j * inputs + i].abs() * scales[i]).sum::<f64>())
            .collect();
        if last {
            values = z;
        } else {
            slopes.push(z.iter().map(|&z| activation(network.activation, z).1).collect::<Vec<_>>());
            values = z.iter().map(|&z| activation(network.activation, z).0).collect();
        }
    }
    let confinement = arena[network.confinement];
    let squares = x[0] * x[0] + x[1] * x[1];
    // Slopes are at most 1.1 and their own slopes at most 1, whatever the activation: an error of the size of `scales`
    // before a layer is one of that size behind it, and what the gradient adds up is at most what |weights| would.
    let mut cotangent = vec![1.0];
    let mut steepness = vec![1.0];
    for (layer, weight) in weights.iter().enumerate().rev() {
        if layer < slopes.len() {
            cotangent.iter_mut().zip(&slopes[layer]).for_each(|(c, s)| *c *= s);
        }
        let inputs = network.sizes[layer];
        let back = |c: &[f64], w: &dyn Fn(usize) -> f64| -> Vec<f64> {
            (0..inputs).map(|i| c.iter().enumerate().map(|(j, c)| c * w(j * inputs + i)).sum()).collect()
        };
        cotangent = back(&cotangent, &|i| weight[i]);
        steepness = back(&steepness, &|i| weight[i].abs());
    }
    let mut gradient = [0, 1].map(|i| 2.0 * confinement * x[i]);
    let mut steep = 2.0 * confinement * (x[0].abs() + x[1].abs());
    for (i, (_, slope)) in features.iter().enumerate() {
        gradient[i % 2] += cotangent[i] * slope;
        steep += steepness[i] * slope.abs();
    }
    let energy = values[0] + confinement * squares;
    // The gradient's slopes are taken at pre-activations that carry the forward errors.
    let scale = (scales[0] + confinement * squares + steep) * (1.0 + scales[0]);
    Evaluation { energy, gradient, scale }
}
