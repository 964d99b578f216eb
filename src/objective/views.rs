//! Views of a point: what a self-supervised rule takes to be another look at the same thing. In the plane a point turns about the origin
//! and noise is added; an image turns about its middle, is shifted, loses a square, and gets noise.

use super::{Scope, Term};
use crate::graph::{Graph, Tensor};
use crate::schema::{Group, Param};
use std::f64::consts::PI;

/// Standard deviation of the noise that a view has.
const NOISE: Param = Param::number("viewNoise", Group::Training, 0.3, 0.0, 2.0).primary();
/// The largest angle that a view is turned by, either way.
const ROTATION: Param = Param::number("viewRotation", Group::Training, 0.0, 0.0, 180.0).unit("°").primary();
/// How far a view is shifted at most, along each axis.
const SHIFT: Param = Param::number("viewShift", Group::Training, 2.0, 0.0, 8.0).unit("px");
/// The side of the square that is erased, of that of the image.
const ERASED: Param = Param::number("viewErased", Group::Training, 0.0, 0.0, 0.9);

/// What rules of views can be told of them.
pub(super) const PARAMS: [Param; 4] = [NOISE, ROTATION, SHIFT, ERASED];

/// ε of a deviation (Bardes, Ponce & LeCun 2022, §4.2): at 0 it would have no slope.
const TINY: f64 = 1e-4;

/// The mean deviation of the dimensions of an embedding, which tells a collapse: it is 0 where all points are one.
pub(super) const DEVIATION: Term = Term { id: "deviation", stage: 3 };

/// Streams of chance that a view takes, from the first on.
const STREAMS: u32 = 4;

/// A view of each point [n, d], [n, d]: the first, or another one. Its chance is that of streams 20 and on.
pub(super) fn view<'g>(dial: &dyn Fn(&str) -> Tensor<'g>, x: Tensor<'g>, which: u32) -> Tensor<'g> {
    let (graph, n, d) = (x.graph(), x.shape()[0], x.shape()[1]);
    let stream = 20 + STREAMS * which;
    let around = |stream: u32, columns: usize| 2.0 * graph.uniform(stream, &[n, columns]) - 1.0;
    let angle = dial(ROTATION.name) * (PI / 180.0) * around(stream, 1);
    let (cos, sin) = (angle.cos(), angle.sin());
    let noise = dial(NOISE.name) * graph.normal(stream + 1, &[n, d]);
    if d == 2 {
        let [a, b] = [0, 1].map(|i| x.narrow(1, i..i + 1));
        return graph.concat(&[cos * a - sin * b, sin * a + cos * b], 1) + noise;
    }
    let shift = dial(SHIFT.name) * around(stream + 2, 2);
    let moved = moved(x, [cos, sin], [0, 1].map(|i| shift.narrow(1, i..i + 1)));
    let places = graph.uniform(stream + 3, &[n, 2]);
    let kept = 1.0 - erased(d, dial(ERASED.name), [0, 1].map(|i| places.narrow(1, i..i + 1)));
    // Erased pixels are background.
    (kept * (moved + 1.0) - 1.0 + noise).clamp(-1.0, 1.0)
}

/// Columns and rows of the pixels of an image, each [1, d].
fn pixels(graph: &Graph, d: usize) -> [Tensor<'_>; 2] {
    let side = side(d);
    let of = |place: fn(usize, usize) -> usize| {
        let all: Vec<f64> = (0..d).map(|i| place(i, side) as f64).collect();
        graph.literal(&all, &[1, d])
    };
    [of(|i, side| i % side), of(|i, side| i / side)]
}

/// Pixels of a side of a square image.
fn side(d: usize) -> usize {
    (d as f64).sqrt() as usize
}

/// Images [n, d] turned about their middle, by angles of these cosines and sines [n, 1], and shifted by so many columns and rows, each
/// [n, 1]: what falls between pixels is interpolated, and what comes in from outside is background.
fn moved<'g>(x: Tensor<'g>, [cos, sin]: [Tensor<'g>; 2], shift: [Tensor<'g>; 2]) -> Tensor<'g> {
    let (graph, n, d) = (x.graph(), x.shape()[0], x.shape()[1]);
    let side = side(d) as f64;
    let middle = 0.5 * (side - 1.0);
    let [column, row] = pixels(graph, d);
    // Where each pixel comes from.
    let [u, v] = [column - middle - shift[0], row - middle - shift[1]];
    let from = [cos * u + sin * v + middle, cos * v - sin * u + middle];
    let (low, share) = (from.map(Tensor::floor), from.map(|place| place - place.floor()));
    let first: Vec<f64> = (0..n).map(|i| (i * d) as f64).collect();
    let first = graph.literal(&first, &[n, 1]);
    let table = x.reshape(&[n * d, 1]);
    let corner = |right: f64, below: f64| {
        let place = [low[0] + right, low[1] + below];
        let inside = place.map(|p| (p + 0.5).step() * (side - 0.5 - p).step());
        let [column, row] = place.map(|p| p.clamp(0.0, side - 1.0));
        let value = table.gather((first + row * side + column).reshape(&[n * d])).reshape(&[n, d]);
        let weight = |share: Tensor<'g>, far: f64| if far > 0.0 { share } else { 1.0 - share };
        weight(share[0], right) * weight(share[1], below) * inside[0] * inside[1] * (value + 1.0)
    };
    corner(0.0, 0.0) + corner(1.0, 0.0) + corner(0.0, 1.0) + corner(1.0, 1.0) - 1.0
}

/// 1 within a square of such a part of the side, anywhere in the image, [n, d]; its places are even draws, each [n, 1].
fn erased<'g>(d: usize, part: Tensor<'g>, places: [Tensor<'g>; 2]) -> Tensor<'g> {
    let side = side(d) as f64;
    let length = (side * part + 0.5).floor();
    let within = |place: Tensor<'g>, pixel: Tensor<'g>| {
        let first = (place * (side + 1.0 - length)).floor();
        (pixel - first + 0.5).step() * (first + length - 0.5 - pixel).step()
    };
    let [column, row] = pixels(part.graph(), d);
    within(places[0], column) * within(places[1], row)
}

/// Embeddings of two views of each point of a batch, each [b, size].
pub(super) fn embedded<'g>(scope: &Scope<'g, '_>, batch: Tensor<'g>) -> [Tensor<'g>; 2] {
    let model = scope.pairs.as_ref().expect("refused without");
    let n = batch.shape()[0];
    let both = [0, 1].map(|which| view(scope.dial, batch, which));
    let both = (model.embed)(scope.graph.concat(&both, 0));
    [both.narrow(0, 0..n), both.narrow(0, n..2 * n)]
}

/// What is left of h [n, size] without the mean.
pub(super) fn centred(h: Tensor<'_>) -> Tensor<'_> {
    h - (h.sum(0) / h.shape()[0] as f64).reshape(&[1, h.shape()[1]])
}

/// Variances of the dimensions of h [n, size], [size]; 0 of a single point.
pub(super) fn variances(h: Tensor<'_>) -> Tensor<'_> {
    centred(h).square().sum(0) / others(h)
}

/// How many points there are beside one, or 1 where there are none.
pub(super) fn others(h: Tensor<'_>) -> f64 {
    (h.shape()[0] as f64 - 1.0).max(1.0)
}

/// Their roots, [size].
pub(super) fn deviations(h: Tensor<'_>) -> Tensor<'_> {
    (variances(h) + TINY).sqrt()
}

/// The mean of those of two views, shape [].
pub(super) fn deviation<'g>(h: Tensor<'g>, g: Tensor<'g>) -> Tensor<'g> {
    0.5 * (deviations(h).mean_all() + deviations(g).mean_all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::cpu::Cpu;
    use crate::backend::plan::{Program, Tick};
    use crate::graph::schedule::{Layout, schedule};

    const SIDE: usize = 6;
    const D: usize = SIDE * SIDE;

    fn values(graph: &Graph, tensor: Tensor<'_>) -> Vec<f64> {
        let mut layout = Layout::new();
        let out = layout.add("out", &tensor.shape());
        layout.admit_literals(graph);
        let scheduled = schedule("test", graph, &[(tensor, out)], &layout);
        let mut cpu = Cpu::<f64>::new();
        cpu.install(Program { arena: scheduled.arena, plans: vec![scheduled.plan] });
        for (offset, values) in layout.literals() {
            cpu.arena_mut()[*offset..*offset + values.len()].copy_from_slice(values);
        }
        cpu.run_once(0, Tick { key: [5, 6], substep: 0 });
        cpu.arena()[layout.slot(out).range()].to_vec()
    }

    /// Two images without a symmetry.
    fn pictures() -> Vec<f64> {
        (0..2 * D).map(|i| ((i * i + 3 * i) % 17) as f64 / 8.5 - 1.0).collect()
    }

    fn turned(degrees: f64, shift: [f64; 2]) -> Vec<f64> {
        let graph = Graph::new();
        let x = graph.literal(&pictures(), &[2, D]);
        let all = |value: f64| graph.literal(&[value, value], &[2, 1]);
        let angle = degrees.to_radians();
        values(&graph, moved(x, [all(angle.cos()), all(angle.sin())], shift.map(all)))
    }

    /// A pixel of an image, or the background beyond it.
    fn at(image: usize, column: isize, row: isize) -> f64 {
        let inside = |i: isize| (0..SIDE as isize).contains(&i);
        if inside(column) && inside(row) { pictures()[image * D + row as usize * SIDE + column as usize] } else { -1.0 }
    }

    fn check(found: &[f64], wanted: impl Fn(usize, isize, isize) -> f64) {
        for (i, found) in found.iter().enumerate() {
            let (image, pixel) = (i / D, i % D);
            let wanted = wanted(image, (pixel % SIDE) as isize, (pixel / SIDE) as isize);
            assert!((found - wanted).abs() < 1e-9, "image {image}, pixel {pixel}: {found}, {wanted}");
        }
    }

    #[test]
    fn images_are_shifted_turned_and_interpolated() {
        check(&turned(0.0, [0.0, 0.0]), at);
        check(&turned(0.0, [2.0, -1.0]), |image, column, row| at(image, column - 2, row + 1));
        check(&turned(180.0, [0.0, 0.0]), |image, column, row| at(image, 5 - column, 5 - row));
        // Rows run down, so a turn from the first axis to the second is clockwise on the screen: the left column becomes the top row.
        check(&turned(90.0, [0.0, 0.0]), |image, column, row| at(image, row, 5 - column));
        check(&turned(0.0, [0.25, 0.0]), |image, column, row| {
            0.75 * at(image, column, row) + 0.25 * at(image, column - 1, row)
        });
        check(&turned(0.0, [0.0, 0.5]), |image, column, row| {
            0.5 * at(image, column, row) + 0.5 * at(image, column, row - 1)
        });
    }

    #[test]
    fn a_square_is_erased_that_lies_within_the_image() {
        let graph = Graph::new();
        let places = [graph.literal(&[0.0, 0.999], &[2, 1]), graph.literal(&[0.999, 0.3], &[2, 1])];
        let found = values(&graph, erased(D, graph.scalar(0.5), places));
        // Three of six pixels: the first one of four places, and the last.
        check(&found, |image, column, row| {
            let [left, top] = [[0, 3], [3, 1]][image];
            f64::from(u8::from((left..left + 3).contains(&column) && (top..top + 3).contains(&row)))
        });
        let none = values(&graph, erased(D, graph.scalar(0.0), places));
        assert!(none.iter().all(|&v| v == 0.0));
    }
}
