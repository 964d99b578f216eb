//! Convolution and its gradients, without a matrix of patches where there can be none: results and gradients of images are
//! sums over runs of neighbouring numbers of a padded source, four places and a block of channels at a time in registers.
//!
//! The gradient of images under a stride s is s² convolutions with stride 1, one for each remainder of a place: it takes
//! every s-th row and column of the kernels, last ones first (Dumoulin & Visin 2016, §4). Images of few channels have
//! theirs from a product instead.

use super::Around;
use crate::math::Real;
use crate::plan::{Convolution, Corner, Geometry};

/// Places whose sums are kept at a time.
const PLACES: usize = 4;
/// Channels whose sums are kept at a time: a few vectors, as many as there are registers for beside the factors.
const LANES: usize = 8;
/// Numbers of the matrix of patches that a gradient of kernels makes at a time.
const PATCHES: usize = 1 << 18;

/// Room that is used again.
#[derive(Debug, Default)]
pub(super) struct Workspace<T> {
    padded: Vec<T>,
    panels: Vec<T>,
    patches: Vec<T>,
    product: Vec<T>,
}

/// A source with zeros around it: [rows, columns, channels].
#[derive(Debug, Clone, Copy)]
struct Padded {
    size: [usize; 2],
    before: [usize; 2],
    behind: [usize; 2],
    channels: usize,
}

impl Padded {
    fn row(&self) -> usize {
        (self.before[1] + self.size[1] + self.behind[1]) * self.channels
    }

    fn len(&self) -> usize {
        (self.before[0] + self.size[0] + self.behind[0]) * self.row()
    }

    /// Fills the middle of `padded`, whose margins are zeros.
    fn fill<T: Real>(&self, padded: &mut [T], source: &[T]) {
        let length = self.size[1] * self.channels;
        let rows = padded.chunks_exact_mut(self.row()).skip(self.before[0]);
        for (to, from) in rows.zip(source.chunks_exact(length)) {
            to[self.before[1] * self.channels..][..length].copy_from_slice(from);
        }
    }
}

/// A convolution with stride 1 or s onto places that lie `step` apart.
struct Pass {
    /// Rows and columns of the kernels that take part.
    taps: [usize; 2],
    /// Of each place: where its first run begins in the padded source, and where its channels are written.
    places: Vec<(usize, usize)>,
    /// Its panels in [`Workspace::panels`].
    panels: usize,
}

impl<T: Real> Workspace<T> {
    pub fn run(&mut self, step: &Convolution, arena: &mut [T]) {
        let around = Around::new(arena, step.range(step.corner));
        let [a, b] = step.corner.others().map(|corner| {
            let range = step.range(corner);
            &around.from(range.start)[..range.len()]
        });
        match step.corner {
            Corner::Result => self.results(&step.geometry, a, b, around.target),
            Corner::Image => self.images(&step.geometry, a, b, around.target),
            Corner::Kernel => self.kernels(&step.geometry, a, b, around.target),
        }
    }

    fn results(&mut self, g: &Geometry, images: &[T], kernels: &[T], target: &mut [T]) {
        let source = of_images(g);
        let [rows, columns] = g.result();
        let place = |i: usize| {
            let (y, x) = (i / columns, i % columns);
            (y * g.stride * source.row() + x * g.stride * source.channels, i * g.kernels)
        };
        self.panels.clear();
        let places = (0..rows * columns).map(place).collect();
        let pass = Pass { taps: g.kernel, places, panels: 0 };
        let weight = |o: usize, [u, v]: [usize; 2], c: usize| kernels[at(g, o, c, [u, v])];
        pack(&mut self.panels, g.kernels, g.kernel, g.channels, weight);
        self.correlate(source, &[pass], g.kernels, images, target);
    }

    fn images(&mut self, g: &Geometry, kernels: &[T], results: &[T], target: &mut [T]) {
        // A block of channels would be mostly empty.
        if g.channels < LANES / 2 {
            return self.narrow_images(g, kernels, results, target);
        }
        let s = g.stride;
        // Of each axis: what a remainder keeps of the kernels, how far places reach back into the results and beyond them.
        let taps = |axis: usize, remainder: usize| g.kernel[axis].saturating_sub(remainder).div_ceil(s);
        let before = [0, 1].map(|axis| taps(axis, 0) - 1);
        let last = [0, 1].map(|axis| (g.image[axis] - 1 + g.padding) / s);
        let behind = [0, 1].map(|axis| (last[axis] + 1).saturating_sub(g.result()[axis]));
        let source = Padded { size: g.result(), before, behind, channels: g.kernels };
        self.panels.clear();
        let mut passes = vec![];
        for (a, b) in (0..s * s).map(|class| (class / s, class % s)) {
            let (rows, columns) = (taps(0, a), taps(1, b));
            let panels = self.panels.len();
            let weight = |c: usize, [u, v]: [usize; 2], o: usize| {
                kernels[at(g, o, c, [a + s * (rows - 1 - u), b + s * (columns - 1 - v)])]
            };
            pack(&mut self.panels, g.channels, [rows, columns], g.kernels, weight);
            let of_class =
                |axis: usize, remainder: usize| (0..g.image[axis]).filter(move |i| (i + g.padding) % s == remainder);
            let mut places = vec![];
            for y in of_class(0, a) {
                let from = (y + g.padding) / s + before[0] + 1 - rows;
                places.extend(of_class(1, b).map(|x| {
                    let along = (x + g.padding) / s + before[1] + 1 - columns;
                    (from * source.row() + along * source.channels, (y * g.image[1] + x) * g.channels)
                }));
            }
            passes.push(Pass { taps: [rows, columns], places, panels });
        }
        self.correlate(source, &passes, g.channels, results, target);
    }

    /// Every pass on every image: sources [n, …] → targets [n, …, channels].
    fn correlate(&mut self, source: Padded, passes: &[Pass], channels: usize, sources: &[T], targets: &mut [T]) {
        let length = source.size[0] * source.size[1] * source.channels;
        let count = sources.len() / length;
        self.padded.clear();
        self.padded.resize(source.len(), T::ZERO);
        for (from, to) in sources.chunks_exact(length).zip(targets.chunks_exact_mut(targets.len() / count)) {
            source.fill(&mut self.padded, from);
            for pass in passes {
                let (runs, run) = (pass.taps[0], pass.taps[1] * source.channels);
                let terms = runs * run;
                if terms == 0 {
                    pass.places.iter().for_each(|&(_, place)| to[place..place + channels].fill(T::ZERO));
                    continue;
                }
                let walk = Walk { source: &self.padded, row: source.row(), runs, run };
                let panels = &self.panels[pass.panels..];
                for (block, first) in (0..channels).step_by(LANES).enumerate() {
                    let panel = &panels[block * terms * LANES..][..terms * LANES];
                    let width = LANES.min(channels - first);
                    pass.each(|bases, places| {
                        let sums = walk.block(bases, panel);
                        for (&place, sums) in places.iter().zip(&sums) {
                            to[place + first..][..width].copy_from_slice(&sums[..width]);
                        }
                    });
                }
            }
        }
    }

    /// The product of results [n h' w', o] and kernels [o, c kh kw], each row of it added where its patch lies.
    fn narrow_images(&mut self, g: &Geometry, kernels: &[T], results: &[T], target: &mut [T]) {
        let source = of_images(g);
        let [rows, columns] = g.result();
        let (terms, places) = (g.channels * g.kernel[0] * g.kernel[1], rows * columns);
        let (image, line) = (g.image[0] * g.image[1] * g.channels, g.image[1] * g.channels);
        let portion = (PATCHES / (places * terms)).max(1);
        let portions = results.chunks(portion * places * g.kernels);
        for (results, target) in portions.zip(target.chunks_mut(portion * image)) {
            let size = (results.len() / g.kernels, terms, g.kernels);
            self.patches.clear();
            self.patches.resize(size.0 * terms, T::ZERO);
            T::gemm(size, (results, g.kernels, 1), (kernels, terms, 1), T::ZERO, (&mut self.patches, terms, 1));
            for (patches, target) in self.patches.chunks_exact(places * terms).zip(target.chunks_exact_mut(image)) {
                self.padded.clear();
                self.padded.resize(source.len(), T::ZERO);
                for (i, patch) in patches.chunks_exact(terms).enumerate() {
                    let base = i / columns * g.stride * source.row() + i % columns * g.stride * g.channels;
                    for (run, values) in patch.chunks_exact(g.kernel[1]).enumerate() {
                        let (channel, u) = (run / g.kernel[0], run % g.kernel[0]);
                        let to = &mut self.padded[base + u * source.row() + channel..];
                        match g.channels {
                            // Neighbours, which are added as vectors.
                            1 => to.iter_mut().zip(values).for_each(|(sum, &x)| *sum += x),
                            c => to.iter_mut().step_by(c).zip(values).for_each(|(sum, &x)| *sum += x),
                        }
                    }
                }
                let lines = self.padded.chunks_exact(source.row()).skip(g.padding);
                for (to, from) in target.chunks_exact_mut(line).zip(lines) {
                    to.copy_from_slice(&from[g.padding * g.channels..][..line]);
                }
            }
        }
    }

    /// The product of patches [n h' w', kh kw c], transposed, and results [n h' w', o].
    fn kernels(&mut self, g: &Geometry, images: &[T], results: &[T], target: &mut [T]) {
        let source = of_images(g);
        let [rows, columns] = g.result();
        let (terms, run) = (g.kernel[0] * g.kernel[1] * g.channels, g.kernel[1] * g.channels);
        let (image, places) = (g.image[0] * g.image[1] * g.channels, rows * columns);
        let portion = (PATCHES / (places * terms)).max(1);
        self.padded.clear();
        self.padded.resize(source.len(), T::ZERO);
        self.product.clear();
        self.product.resize(terms * g.kernels, T::ZERO);
        let portions = results.chunks(portion * places * g.kernels);
        for (images, results) in images.chunks(portion * image).zip(portions) {
            self.patches.clear();
            for image in images.chunks_exact(image) {
                source.fill(&mut self.padded, image);
                for (y, x) in (0..places).map(|i| (i / columns, i % columns)) {
                    let base = y * g.stride * source.row() + x * g.stride * g.channels;
                    for u in 0..g.kernel[0] {
                        self.patches.extend_from_slice(&self.padded[base + u * source.row()..][..run]);
                    }
                }
            }
            let size = (terms, g.kernels, results.len() / g.kernels);
            let patches = (&self.patches[..], 1, terms);
            T::gemm(size, patches, (results, g.kernels, 1), T::ONE, (&mut self.product, g.kernels, 1));
        }
        for o in 0..g.kernels {
            for c in 0..g.channels {
                for (u, v) in (0..g.kernel[0] * g.kernel[1]).map(|tap| (tap / g.kernel[1], tap % g.kernel[1])) {
                    let term = (u * g.kernel[1] + v) * g.channels + c;
                    target[at(g, o, c, [u, v])] = self.product[term * g.kernels + o];
                }
            }
        }
    }
}

/// Images with the padding that their convolution asks for.
fn of_images(g: &Geometry) -> Padded {
    Padded { size: g.image, before: [g.padding; 2], behind: [g.padding; 2], channels: g.channels }
}

/// Place of an element of the kernels [o, c, kh, kw].
fn at(g: &Geometry, o: usize, c: usize, [u, v]: [usize; 2]) -> usize {
    ((o * g.channels + c) * g.kernel[0] + u) * g.kernel[1] + v
}

/// Appends weights in the order in which they are used: of each block of `LANES` outputs, for every tap and input those of the
/// block side by side; outputs that do not exist are zeros.
fn pack<T: Real>(
    panels: &mut Vec<T>,
    outputs: usize,
    taps: [usize; 2],
    inputs: usize,
    weight: impl Fn(usize, [usize; 2], usize) -> T,
) {
    for first in (0..outputs).step_by(LANES) {
        for tap in (0..taps[0] * taps[1]).map(|tap| [tap / taps[1], tap % taps[1]]) {
            for input in 0..inputs {
                let lane = |output: usize| if output < outputs { weight(output, tap, input) } else { T::ZERO };
                panels.extend((first..first + LANES).map(lane));
            }
        }
    }
}

impl Pass {
    /// Calls `f` with the bases and the places of every few; the last few repeat a base where there are not enough places.
    fn each(&self, mut f: impl FnMut([usize; PLACES], &[usize])) {
        for few in self.places.chunks(PLACES) {
            let one = |i: usize| few[i.min(few.len() - 1)];
            let (bases, places): ([usize; PLACES], [usize; PLACES]) =
                (std::array::from_fn(|i| one(i).0), std::array::from_fn(|i| one(i).1));
            f(bases, &places[..few.len()]);
        }
    }
}

/// Runs of a padded source, `row` apart.
#[derive(Clone, Copy)]
struct Walk<'a, T> {
    source: &'a [T],
    row: usize,
    runs: usize,
    run: usize,
}

impl<T: Real> Walk<'_, T> {
    /// Sums of a block of channels at a few places.
    #[inline(always)]
    fn block(self, bases: [usize; PLACES], panel: &[T]) -> [[T; LANES]; PLACES] {
        let mut sums = [[T::ZERO; LANES]; PLACES];
        for (r, weights) in panel.chunks_exact(self.run * LANES).take(self.runs).enumerate() {
            let rows = bases.map(|base| &self.source[base + r * self.row..][..self.run]);
            for (k, weights) in weights.chunks_exact(LANES).enumerate() {
                for p in 0..PLACES {
                    let x = rows[p][k];
                    for lane in 0..LANES {
                        sums[p][lane] += x * weights[lane];
                    }
                }
            }
        }
        sums
    }
}
