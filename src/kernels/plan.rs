//! What a backend executes: plain data, without any device. A [`Plan`] is a list of steps over one arena of numbers;
//! offsets and strides count elements. The schedule makes it from a graph (`graph/schedule.rs`), the backends run it.

pub use crate::rng::Tick;
use std::ops::Range;

/// Register of an elementwise program: the index of the instruction that defines it.
pub type Register = usize;

/// One value an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unary {
    /// −x.
    Neg,
    /// eˣ.
    Exp,
    /// ln x.
    Log,
    /// tanh x.
    Tanh,
    /// ln(1 + eˣ), stable for both signs.
    Softplus,
    /// √x.
    Sqrt,
    /// 1/x.
    Recip,
    /// sin x.
    Sin,
    /// cos x.
    Cos,
    /// 1 where x > 0, else 0.
    Step,
    /// Largest whole number ≤ x.
    Floor,
}

/// Two values an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    /// a + b.
    Add,
    /// a · b.
    Mul,
    /// The larger of a and b.
    Max,
}

/// Law of a random tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// N(0, 1).
    Normal,
    /// Uniform on (0, 1).
    Uniform,
}

/// A strided read of the arena. Element i sits at `offset + Σ (i_d − window_d.start) · strides_d`; outside the window it is 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Load {
    /// First element.
    pub offset: usize,
    /// One stride a dimension of the iteration shape; 0 repeats.
    pub strides: Vec<usize>,
    /// Where the source has elements; `None` is everywhere.
    pub window: Option<Vec<Range<usize>>>,
}

/// One instruction of an elementwise program; its register is its position in the list.
#[derive(Debug, Clone, PartialEq)]
pub enum Instruction {
    /// Reads the arena.
    Load(Load),
    /// A constant. f64, for the backend in double precision.
    Constant(f64),
    /// The index along an axis, as a number.
    Iota(usize),
    /// A random number: see [`crate::rng`] for which bits. `element` counts row-major over the iteration shape.
    Random(Law, u32),
    /// Applies a unary operation.
    Unary(Unary, Register),
    /// Applies a binary operation.
    Binary(Binary, Register, Register),
    /// `if mask > 0 { a } else { b }`: (mask, a, b).
    Select(Register, Register, Register),
}

/// A strided write of a register.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Store {
    /// What is written.
    pub register: Register,
    /// First element.
    pub offset: usize,
    /// One stride a dimension of the iteration shape.
    pub strides: Vec<usize>,
}

/// A fused group of elementwise operations over one iteration shape. Reads see the arena as it was before the step,
/// or the same element as it is written: a store may hit a load's place only element by element.
#[derive(Debug, Clone, PartialEq)]
pub struct Elementwise {
    /// Iteration shape, row-major; never empty (a scalar is `[1]`).
    pub shape: Vec<usize>,
    /// Program in single-assignment form.
    pub instructions: Vec<Instruction>,
    /// Results.
    pub stores: Vec<Store>,
}

/// A strided matrix in the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Matrix {
    /// First element.
    pub offset: usize,
    /// Distance of rows.
    pub row_stride: usize,
    /// Distance of columns.
    pub column_stride: usize,
}

/// C[m, n] = A[m, k] · B[k, n], or C += A·B.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MatMul {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B; at least 1.
    pub k: usize,
    /// A.
    pub a: Matrix,
    /// B.
    pub b: Matrix,
    /// C.
    pub c: Matrix,
    /// Whether the product is added to what C holds.
    pub accumulate: bool,
}

/// How a reduction combines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Combine {
    /// Sum.
    Sum,
    /// Maximum.
    Max,
}

impl Combine {
    /// What a combination of nothing is.
    pub fn identity(self) -> f64 {
        match self {
            Combine::Sum => 0.0,
            Combine::Max => f64::NEG_INFINITY,
        }
    }
}

/// target[o, i] = combine over l of source[o, l, i]; both contiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reduce {
    /// How.
    pub combine: Combine,
    /// Size before the reduced axes.
    pub outer: usize,
    /// Size of the reduced axes.
    pub length: usize,
    /// Size behind the reduced axes.
    pub inner: usize,
    /// Source [outer, length, inner].
    pub source: usize,
    /// Target [outer, inner].
    pub target: usize,
}

/// target[r, :] = source[indices[r], :]. Indices are whole numbers as floats; those outside are clamped to the last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Gather {
    /// Rows of the source.
    pub source_rows: usize,
    /// Rows taken.
    pub rows: usize,
    /// Columns of both.
    pub columns: usize,
    /// Source [source_rows, columns].
    pub source: usize,
    /// Indices [rows].
    pub indices: usize,
    /// Target [rows, columns].
    pub target: usize,
}

/// target[indices[r], :] = source[r, :], other rows stay. The indices of one step are distinct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scatter {
    /// Rows of the target.
    pub target_rows: usize,
    /// Rows written.
    pub rows: usize,
    /// Columns of both.
    pub columns: usize,
    /// Source [rows, columns].
    pub source: usize,
    /// Indices [rows].
    pub indices: usize,
    /// Target [target_rows, columns].
    pub target: usize,
}

/// One of the three tensors of a convolution: images x [n, h, w, c], kernels k [o, c, kh, kw] and results y [n, h', w', o].
/// With stride s and padding p each of them, computed from the other two, is the derivative of one and the same sum
/// Σ y[n, i, j, o] · k[o, c, u, v] · x[n, i·s + u − p, j·s + v − p, c] by it: y is the convolution itself (a
/// cross-correlation, as is usual), x and k are its gradients.
#[cfg(feature = "whole")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Corner {
    /// x.
    Image,
    /// k.
    Kernel,
    /// y.
    Result,
}

#[cfg(feature = "whole")]
impl Corner {
    /// The two that it is computed from, in the order of the enumeration.
    pub fn others(self) -> [Self; 2] {
        match self {
            Self::Image => [Self::Kernel, Self::Result],
            Self::Kernel => [Self::Image, Self::Result],
            Self::Result => [Self::Image, Self::Kernel],
        }
    }
}

/// Sizes of a convolution, but for the number of images.
#[cfg(feature = "whole")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Geometry {
    /// Height and width of an image.
    pub image: [usize; 2],
    /// Channels of an image.
    pub channels: usize,
    /// Height and width of a kernel.
    pub kernel: [usize; 2],
    /// Kernels: channels of a result.
    pub kernels: usize,
    /// Distance of neighbouring places of a kernel, along both axes; at least 1.
    pub stride: usize,
    /// Zeros around an image, on every side.
    pub padding: usize,
}

#[cfg(feature = "whole")]
impl Geometry {
    /// Height and width of a result.
    pub fn result(&self) -> [usize; 2] {
        [0, 1].map(|i| (self.image[i] + 2 * self.padding - self.kernel[i]) / self.stride + 1)
    }

    /// Shape of a corner for `n` images.
    pub fn shape(&self, corner: Corner, n: usize) -> Vec<usize> {
        let [rows, columns] = self.result();
        match corner {
            Corner::Image => vec![n, self.image[0], self.image[1], self.channels],
            Corner::Kernel => vec![self.kernels, self.channels, self.kernel[0], self.kernel[1]],
            Corner::Result => vec![n, rows, columns, self.kernels],
        }
    }
}

/// A convolution or one of its gradients; all three tensors are contiguous.
#[cfg(feature = "whole")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Convolution {
    /// What is computed.
    pub corner: Corner,
    /// Sizes.
    pub geometry: Geometry,
    /// Number of images.
    pub images: usize,
    /// x [n, h, w, c].
    pub image: usize,
    /// k [o, c, kh, kw].
    pub kernel: usize,
    /// y [n, h', w', o].
    pub result: usize,
}

#[cfg(feature = "whole")]
impl Convolution {
    /// Where a corner lies.
    pub fn range(&self, corner: Corner) -> Range<usize> {
        let offset = match corner {
            Corner::Image => self.image,
            Corner::Kernel => self.kernel,
            Corner::Result => self.result,
        };
        offset..offset + self.geometry.shape(corner, self.images).iter().product::<usize>()
    }
}

/// Activation of a fused network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// x σ(x).
    Silu,
    /// ln(1 + eˣ).
    Softplus,
    /// tanh x.
    Tanh,
    /// x for x > 0, else eˣ − 1.
    Elu,
    /// max(x, 0).
    Relu,
    /// sin x.
    Sine,
}

/// A multilayer perceptron energy as the fused kernels see it:
/// E(x) = MLP(φ(x)) + |x|² · confinement, x in R².
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Sizes of all layers, the features first and the single output last: `[14, 128, 128, 1]`.
    pub sizes: Vec<usize>,
    /// After every layer but the last.
    pub activation: Activation,
    /// Whether φ is `[x, sin(ωx), cos(ωx)]` over ω = π/4·{1, 2, 4} (14 features) or x itself (2).
    /// Order: x₀ x₁, then for each frequency sin x₀, sin x₁, then for each frequency cos x₀, cos x₁.
    pub fourier: bool,
    /// Arena offset of the scalar 1/(2c²).
    pub confinement: usize,
    /// Arena offset of the parameters: for each layer weight `[out, in]` row-major, then bias `[out]`.
    pub parameters: usize,
}

impl Network {
    /// Hidden layers that the fused kernels have room for.
    pub const MOST_LAYERS: usize = 16;
    /// Floats for their units, [`Self::units`], that the fused kernels have room for: WGSL promises 8 KiB of private memory,
    /// of which positions, energies and the like take a part.
    pub const MOST_UNITS: usize = 1920;

    /// Sizes of the hidden layers.
    pub fn hidden(&self) -> &[usize] {
        &self.sizes[1..self.sizes.len() - 1]
    }

    /// Units whose slopes a fused kernel keeps: all hidden ones but the last layer's, which are used at once.
    pub fn slopes(&self) -> usize {
        let hidden = self.hidden();
        hidden[..hidden.len().saturating_sub(1)].iter().sum()
    }

    /// Floats that a fused kernel keeps for units: slopes, and twice the widest layer, for what it hands on and for sums
    /// under way.
    pub fn units(&self) -> usize {
        self.slopes() + 2 * self.hidden().iter().max().unwrap_or(&0)
    }

    /// Whether the fused kernels can hold it. What does not fit is computed by the generic graph, on every backend alike.
    pub fn fits(&self) -> bool {
        (1..=Self::MOST_LAYERS).contains(&self.hidden().len()) && self.units() <= Self::MOST_UNITS
    }
}

/// Transition of a fused chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transition {
    /// x' = x − h∇E(x) + σ z, with z from the random stream `stream`.
    Langevin,
    /// The same proposal with σ = √(2h), accepted by Metropolis–Hastings with uniforms from stream `stream + 1`.
    Mala,
}

/// `steps` transitions of `rows` particles in one go. Sub-step s uses the random numbers of tick sub-step + s.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The energy.
    pub network: Network,
    /// The kernel.
    pub transition: Transition,
    /// Particles.
    pub rows: usize,
    /// Transitions.
    pub steps: usize,
    /// Particles [rows, 2], in place.
    pub positions: usize,
    /// Arena offset of the scalar h.
    pub step_size: usize,
    /// Arena offset of the scalar σ (Langevin only).
    pub noise: usize,
    /// Random stream of the noise.
    pub stream: u32,
    /// Accepted moves of each particle over these steps [rows] (written, not added to; all `steps` for Langevin).
    pub accepted: usize,
}

/// Energy, and score where asked, of `rows` points under the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The energy.
    pub network: Network,
    /// Points.
    pub rows: usize,
    /// Points [rows, 2].
    pub points: usize,
    /// Energies [rows].
    pub energy: usize,
    /// Scores −∇E [rows, 2].
    pub score: Option<usize>,
}

/// One step of a plan. Steps run in order; each sees what the ones before it wrote.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A fused elementwise group.
    Elementwise(Elementwise),
    /// A matrix product.
    MatMul(MatMul),
    /// A reduction.
    Reduce(Reduce),
    /// Rows by index.
    Gather(Gather),
    /// Rows to index.
    Scatter(Scatter),
    /// A convolution or one of its gradients.
    #[cfg(feature = "whole")]
    Convolution(Convolution),
    /// Sampler steps of a small network.
    Chain(Chain),
    /// Energy and score of a small network.
    Field(Field),
}

/// A list of steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// For messages and profiles.
    pub label: &'static str,
    /// In order.
    pub steps: Vec<Step>,
}

/// All plans of a session over one arena.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Program {
    /// Elements of the arena. It starts as zeros.
    pub arena: usize,
    /// Plans, run by index.
    pub plans: Vec<Plan>,
}
