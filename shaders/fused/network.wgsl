// E(x) = MLP(φ(x)) + confinement · |x|² and its gradient, for PARTICLES = BLOCKS · BLOCK points an invocation, with the
// reverse pass written out. Twin of the fused kernels of the CPU backend; graphs of the same network are their specification.
//
// Every product of a layer, forward or back, is one pass of one loop, so that its repeated lines exist once: a tile of DEPTH
// inputs of every particle stays at constant addresses while each weight that is loaded serves all particles.

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
const PARTICLES: u32 = BLOCKS * BLOCK;

// Pre-activations of all hidden layers, which the reverse pass replaces by the energy's derivative to them, then room for
// the sums of a reverse pass. Unit j of particle p lies at j · PARTICLES + p.
var<private> units: array<f32, (UNITS + WIDEST) * PARTICLES>;
// Entry d of particle p lies at p · DEPTH + d, and likewise for the features φ.
var<private> tile: array<f32, PARTICLES * DEPTH>;
var<private> features: array<f32, PARTICLES * FEATURES>;

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
            features[p * FEATURES + axis] = x;
            if (FEATURES > PLAIN_FEATURES) {
                var angle = LOWEST_FREQUENCY * x;
                for (var i = 0u; i < FREQUENCIES; i++) {
                    features[p * FEATURES + sine_at(i, axis)] = real_sin(angle);
                    features[p * FEATURES + cosine_at(i, axis)] = real_cos(angle);
                    angle *= 2.0;
                }
            }
        }
    }
}

// The first layer, from φ.
fn enter(parameters: u32, width: u32) {
    for (var j = 0u; j < width; j++) {
        //!repeat f FEATURES
        let weight$f = arena[parameters + j * FEATURES + $fu];
        //!end
        let bias = arena[parameters + width * FEATURES + j];
        //!repeat g BLOCKS
        //!repeat p BLOCK
        var sum$g_$p = bias;
        //!end
        //!repeat f FEATURES
        //!repeat p BLOCK
        sum$g_$p += weight$f * features[($gu * BLOCK + $pu) * FEATURES + $fu];
        //!end
        //!end
        //!repeat p BLOCK
        units[j * PARTICLES + ($gu * BLOCK + $pu)] = sum$g_$p;
        //!end
        //!end
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

fn multiply(product: Product) {
    let last = product.inputs - 1u;
    for (var first = 0u; first < product.inputs; first += DEPTH) {
        for (var d = 0u; d < DEPTH; d++) {
            let unit = (product.source + min(first + d, last)) * PARTICLES;
            let inside = first + d <= last;
            for (var p = 0u; p < PARTICLES; p += STRIP) {
                //!repeat s STRIP
                var value$s = units[unit + p + $su];
                if (product.forward) {
                    value$s = activate(value$s).x;
                }
                tile[(p + $su) * DEPTH + d] = select(0.0, value$s, inside);
                //!end
            }
        }
        for (var j = 0u; j < product.outputs; j++) {
            let row = product.weights + j * product.output_stride;
            //!repeat d DEPTH
            let weight$d = arena[row + min(first + $du, last) * product.input_stride];
            //!end
            var bias = 0.0;
            if (product.forward) {
                bias = arena[product.weights + product.inputs * product.outputs + j];
            }
            let unit = (product.result + j) * PARTICLES;
            //!repeat g BLOCKS
            //!repeat p BLOCK
            var sum$g_$p = select(units[unit + ($gu * BLOCK + $pu)], bias, first == 0u);
            //!end
            //!repeat d DEPTH
            //!repeat p BLOCK
            sum$g_$p += weight$d * tile[($gu * BLOCK + $pu) * DEPTH + $du];
            //!end
            //!end
            //!repeat p BLOCK
            units[unit + ($gu * BLOCK + $pu)] = sum$g_$p;
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
            let unit = (source + i) * PARTICLES + p;
            //!repeat s STRIP
            let value$s = activate(units[unit + $su]);
            energy$s += weight * value$s.x;
            units[unit + $su] = weight * value$s.y;
            //!end
        }
        //!repeat s STRIP
        energy[p + $su] = energy$s;
        //!end
    }
}

// The derivatives of a layer from those to its activations, which the sums hold.
fn descend(source: u32, inputs: u32) {
    for (var i = 0u; i < inputs; i++) {
        for (var p = 0u; p < PARTICLES; p += STRIP) {
            let unit = (source + i) * PARTICLES + p;
            //!repeat s STRIP
            units[unit + $su] = units[(UNITS + i) * PARTICLES + p + $su] * activate(units[unit + $su]).y;
            //!end
        }
    }
}

// ∇E from the derivatives to the features, which the sums hold.
fn leave(confinement: f32) {
    for (var p = 0u; p < PARTICLES; p++) {
        for (var axis = 0u; axis < 2u; axis++) {
            var slope = units[(UNITS + axis) * PARTICLES + p] + 2.0 * confinement * point[p][axis];
            if (FEATURES > PLAIN_FEATURES) {
                var frequency = LOWEST_FREQUENCY;
                for (var i = 0u; i < FREQUENCIES; i++) {
                    let sine = features[p * FEATURES + sine_at(i, axis)];
                    let cosine = features[p * FEATURES + cosine_at(i, axis)];
                    let to_sine = units[(UNITS + sine_at(i, axis)) * PARTICLES + p];
                    let to_cosine = units[(UNITS + cosine_at(i, axis)) * PARTICLES + p];
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
