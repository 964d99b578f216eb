// E(x) = MLP(φ(x)) + confinement · |x|² and its gradient, for PARTICLES points an invocation, with the reverse pass written
// out. Twin of the fused kernels of the CPU backend; graphs of the same network are their specification.
//
// Every product of a layer, forward or back, is one pass of one loop, so that its repeated lines exist once: a tile of DEPTH
// inputs of every particle stays at constant addresses while each weight that is loaded serves all particles, a STRIP of
// them at a time, whose sums stay in registers.

//!include "lib/bindings.wgsl"
//!include "lib/math.wgsl"

// What a kernel's `job` holds as `network`.
struct Network {
    // Places in the arena.
    confinement: u32,
    parameters: u32,
    // Hidden layers, and their widths.
    layers: u32,
    widths: array<vec4<u32>, 4>,
}

// 0 SiLU, 1 softplus, 2 tanh, 3 ELU, 4 ReLU, 5 sine: the order of plan::Activation.
override ACTIVATION: u32 = 0u;

// π/4, the lowest frequency of the Fourier features; FEATURES is 14 with them and 2 without.
const LOWEST_FREQUENCY: f32 = 0.7853981633974483;
const FREQUENCIES: u32 = 3u;
const PLAIN_FEATURES: u32 = 2u;

// Pre-activations of all hidden layers, which become their slopes and on the way back the energy's derivatives to them, then
// room for the sums of a reverse pass.
var<private> units: array<array<f32, PARTICLES>, UNITS + WIDEST>;
var<private> tile: array<array<f32, PARTICLES>, DEPTH>;
// Their weights to one unit.
var<private> row: array<f32, DEPTH>;
// φ.
var<private> features: array<array<f32, PARTICLES>, FEATURES>;

// What evaluate() reads and writes.
var<private> point: array<vec2<f32>, PARTICLES>;
var<private> energy: array<f32, PARTICLES>;
var<private> gradient: array<vec2<f32>, PARTICLES>;

// The activation and its derivative.
fn activate(x: f32) -> vec2<f32> {
    if (ACTIVATION == 0u) {
        let s = 1.0 / (1.0 + real_exp(-x));
        return vec2<f32>(x * s, s * (1.0 + x * (1.0 - s)));
    }
    if (ACTIVATION == 1u) {
        return vec2<f32>(real_softplus(x), 1.0 / (1.0 + real_exp(-x)));
    }
    if (ACTIVATION == 2u) {
        let y = real_tanh(x);
        return vec2<f32>(y, 1.0 - y * y);
    }
    if (ACTIVATION == 3u) {
        let e = real_exp(min(x, 0.0));
        return vec2<f32>(select(e - 1.0, x, x > 0.0), e);
    }
    if (ACTIVATION == 4u) {
        return vec2<f32>(max(x, 0.0), real_step(x));
    }
    return vec2<f32>(real_sin(x), real_cos(x));
}

// Index of the sine of coordinate `axis` at frequency i in φ = [x, sin …, cos …].
fn sine_at(i: u32, axis: u32) -> u32 {
    return PLAIN_FEATURES + 2u * i + axis;
}

fn cosine_at(i: u32, axis: u32) -> u32 {
    return PLAIN_FEATURES + 2u * (FREQUENCIES + i) + axis;
}

fn embed() {
    for (var p = 0u; p < PARTICLES; p++) {
        for (var axis = 0u; axis < 2u; axis++) {
            let x = point[p][axis];
            features[axis][p] = x;
            if (FEATURES > PLAIN_FEATURES) {
                var angle = LOWEST_FREQUENCY * x;
                for (var i = 0u; i < FREQUENCIES; i++) {
                    features[sine_at(i, axis)][p] = real_sin(angle);
                    features[cosine_at(i, axis)][p] = real_cos(angle);
                    angle *= 2.0;
                }
            }
        }
    }
}

// The first layer, from φ.
fn enter(parameters: u32, width: u32) {
    for (var j = 0u; j < width; j++) {
        let bias = arena[parameters + width * FEATURES + j];
        //!repeat p PARTICLES
        var sum$p = bias;
        //!end
        var at = parameters + j * FEATURES;
        //!repeat f FEATURES
        let weight$f = arena[at];
        at += 1u;
        //!repeat p PARTICLES
        sum$p += weight$f * features[$f][$p];
        //!end
        //!end
        units[j] = array<f32, PARTICLES>(
            //!repeat p PARTICLES
            sum$p,
            //!end
        );
    }
}

// A product with a layer's weights: unit `result` + j becomes bias_j + Σ over i of weight(i, j) · input(i), the inputs being the
// units from `source` on, forward through the activation.
struct Product {
    source: u32,
    inputs: u32,
    result: u32,
    outputs: u32,
    weights: u32,
    // Distances of inputs and of outputs in the weights.
    input_stride: u32,
    output_stride: u32,
    forward: bool,
}

// Where widths are no multiples of DEPTH, inputs beyond the last count as zero, and their weights must exist.
fn existing(at: u32, last: u32) -> u32 {
    if (PADDED == 1u) {
        return min(at, last);
    }
    return at;
}

// The tile: on the way up activations, whose slopes take the place of the pre-activations; on the way down derivatives.
fn fill(product: Product, first: u32) {
    for (var d = 0u; d < DEPTH; d++) {
        if (PADDED == 1u && first + d >= product.inputs) {
            tile[d] = array<f32, PARTICLES>();
            continue;
        }
        let unit = product.source + first + d;
        if (!product.forward) {
            tile[d] = units[unit];
            continue;
        }
        for (var p = 0u; p < PARTICLES; p += STRIP) {
            //!repeat s STRIP
            let value$s = activate(units[unit][p + $su]);
            tile[d][p + $su] = value$s.x;
            units[unit][p + $su] = value$s.y;
            //!end
        }
    }
}

fn multiply(product: Product) {
    let stride = product.input_stride;
    //!repeat k REREAD
    // An address that is no constant keeps the row in memory. As variables the compiler would keep its weights too, and
    // without registers for so many copy each through memory for every product.
    row[product.outputs % DEPTH] = 0.0;
    //!end
    for (var first = 0u; first < product.inputs; first += DEPTH) {
        fill(product, first);
        for (var j = 0u; j < product.outputs; j++) {
            let weights = product.weights + j * product.output_stride;
            let last = weights + (product.inputs - 1u) * stride;
            var at = weights + first * stride;
            //!repeat d DEPTH
            row[$d] = arena[existing(at, last)];
            at += stride;
            //!end
            var bias = 0.0;
            if (product.forward && first == 0u) {
                bias = arena[product.weights + product.inputs * product.outputs + j];
            }
            //!repeat s STRIPS
            //!repeat h PAIRS
            //!repeat p PAIR
            var sum$s_$h_$p = bias;
            //!end
            //!end
            if (first > 0u) {
                //!repeat h PAIRS
                //!repeat p PAIR
                sum$s_$h_$p = units[product.result + j][STRIP * $su + PAIR * $hu + $pu];
                //!end
                //!end
            }
            //!repeat d DEPTH
            let weight$s_$d = row[$d];
            //!repeat h PAIRS
            // Two are loaded before one is multiplied: a load right before its product would become part of it, and cost a
            // copy of the weight.
            //!repeat p PAIR
            let input$s_$d_$h_$p = tile[$d][STRIP * $su + PAIR * $hu + $pu];
            //!end
            //!repeat p PAIR
            sum$s_$h_$p += input$s_$d_$h_$p * weight$s_$d;
            //!end
            //!end
            //!end
            //!repeat h PAIRS
            //!repeat p PAIR
            units[product.result + j][STRIP * $su + PAIR * $hu + $pu] = sum$s_$h_$p;
            //!end
            //!end
            //!end
        }
    }
}

// The energy, and the last hidden layer's derivatives in place of its pre-activations.
fn turn(source: u32, inputs: u32, weights: u32, confinement: f32) {
    let bias = arena[weights + inputs];
    for (var p = 0u; p < PARTICLES; p += STRIP) {
        //!repeat s STRIP
        var energy$s = bias + confinement * dot(point[p + $su], point[p + $su]);
        //!end
        for (var i = 0u; i < inputs; i++) {
            let weight = arena[weights + i];
            //!repeat s STRIP
            let value$s = activate(units[source + i][p + $su]);
            energy$s += weight * value$s.x;
            units[source + i][p + $su] = weight * value$s.y;
            //!end
        }
        //!repeat s STRIP
        energy[p + $su] = energy$s;
        //!end
    }
}

// The derivatives of a layer from those to its activations, which the sums hold, and its slopes.
fn descend(source: u32, inputs: u32) {
    for (var i = 0u; i < inputs; i++) {
        let slopes = units[source + i];
        let sums = units[UNITS + i];
        units[source + i] = array<f32, PARTICLES>(
            //!repeat p PARTICLES
            slopes[$p] * sums[$p],
            //!end
        );
    }
}

// ∇E from the derivatives to the features, which the sums hold.
fn leave(confinement: f32) {
    for (var p = 0u; p < PARTICLES; p++) {
        for (var axis = 0u; axis < 2u; axis++) {
            var slope = units[UNITS + axis][p] + 2.0 * confinement * point[p][axis];
            if (FEATURES > PLAIN_FEATURES) {
                var frequency = LOWEST_FREQUENCY;
                for (var i = 0u; i < FREQUENCIES; i++) {
                    let sine = features[sine_at(i, axis)][p];
                    let cosine = features[cosine_at(i, axis)][p];
                    let to_sine = units[UNITS + sine_at(i, axis)][p];
                    let to_cosine = units[UNITS + cosine_at(i, axis)][p];
                    slope += frequency * (cosine * to_sine - sine * to_cosine);
                    frequency *= 2.0;
                }
            }
            gradient[p][axis] = slope;
        }
    }
}

// Width of a hidden layer.
fn width(layer: u32) -> u32 {
    return job.network.widths[layer / 4u][layer % 4u];
}

// Energy and, where asked, gradient at every point.
fn evaluate(with_gradient: bool) {
    let confinement = arena[job.network.confinement];
    let layers = job.network.layers;
    embed();
    enter(job.network.parameters, width(0u));

    // Going up, `weights` is the layer above the units at `at`; going down, the layer below them.
    var at = 0u;
    var weights = job.network.parameters + (FEATURES + 1u) * width(0u);
    let passes = select(layers, 2u * layers - 1u, with_gradient);
    for (var pass_index = 0u; pass_index < passes; pass_index++) {
        let forward = pass_index + 1u < layers;
        if (pass_index + 1u == layers) {
            turn(at, width(layers - 1u), weights, confinement);
            if (!with_gradient) {
                break;
            }
        }
        let layer = select(2u * layers - 2u - pass_index, pass_index, forward);
        let inputs = width(layer);
        var product: Product;
        product.source = at;
        product.inputs = inputs;
        product.forward = forward;
        if (forward) {
            product.result = at + inputs;
            product.outputs = width(layer + 1u);
            product.input_stride = 1u;
            product.output_stride = inputs;
            product.weights = weights;
            at += inputs;
            weights += (inputs + 1u) * product.outputs;
        } else {
            product.result = UNITS;
            product.outputs = FEATURES;
            if (layer > 0u) {
                product.outputs = width(layer - 1u);
            }
            product.input_stride = product.outputs;
            product.output_stride = 1u;
            weights -= (product.outputs + 1u) * inputs;
            product.weights = weights;
        }
        multiply(product);
        if (!forward && layer > 0u) {
            at -= product.outputs;
            descend(at, product.outputs);
        }
    }
    if (with_gradient) {
        leave(confinement);
    }
}
