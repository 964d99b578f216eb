// E(x) = MLP(φ(x)) + confinement · |x|² and its gradient, for PARTICLES points an invocation, with the reverse pass written
// out. Twin of the fused kernels of the CPU backend; graphs of the same network are their specification.
//
// Every layer but the first, up or down, is one pass of one loop, so that its repeated lines exist once: a tile of DEPTH
// inputs of every particle stays at constant addresses while each weight that is loaded serves all particles, a STRIP of
// them at a time, whose sums stay in registers. What becomes of a unit's sums is settled before the next unit's are begun.
//
// Software adapters run both sides of an `if` and the body of a loop once more than its condition holds. So conditions
// that are known beforehand are constants, and loops that certainly run end with theirs.

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

// φ, and the energy's derivatives to it.
var<private> features: array<array<f32, PARTICLES>, FEATURES>;
var<private> to_features: array<array<f32, PARTICLES>, FEATURES>;
// Of a layer's units, what the next pass takes in: their activations, and on the way down the derivatives to their
// pre-activations.
var<private> results: array<array<f32, PARTICLES>, WIDEST>;
// Of all hidden layers but the last.
var<private> slopes: array<array<f32, PARTICLES>, SLOPES>;
var<private> tile: array<array<f32, PARTICLES>, DEPTH>;
// Their weights to one unit.
var<private> row: array<vec4<f32>, DEPTH / 4u>;
// That unit's sums and slopes.
var<private> sums: array<f32, PARTICLES>;
var<private> slope: array<f32, PARTICLES>;
// Every unit's sums over the tiles so far.
var<private> unfinished: array<array<f32, PARTICLES>, UNFINISHED>;

// What evaluate() reads and writes.
var<private> point: array<vec2<f32>, PARTICLES>;
var<private> energy: array<f32, PARTICLES>;
var<private> gradient: array<vec2<f32>, PARTICLES>;

// The activation and its derivative.
fn activate(x: f32) -> vec2<f32> {
    if (ACTIVATION == 0u) {
        let s = real_sigmoid(x);
        return vec2<f32>(x * s, s * (1.0 + x * (1.0 - s)));
    }
    if (ACTIVATION == 1u) {
        return vec2<f32>(real_softplus(x), real_sigmoid(x));
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

// One pass: from the `inputs` units of a layer to the `outputs` units of the next one up or down.
struct Layer {
    inputs: u32,
    outputs: u32,
    weights: u32,
    // Distances of inputs and of outputs in the weights.
    input_stride: u32,
    output_stride: u32,
    // Place of the outputs' slopes.
    slopes: u32,
    upward: bool,
    // To the last hidden layer, whose outputs' weights to the energy are at `above`.
    top: bool,
    above: u32,
    // Back to φ after this.
    bottom: bool,
}

// The first layer, from φ.
fn enter(layer: Layer) {
    var j = 0u;
    loop {
        let bias = arena[layer.weights + layer.outputs * FEATURES + j];
        var at = layer.weights + j * FEATURES;
        //!repeat f FEATURES
        let weight$f = arena[at];
        at += 1u;
        //!end
        //!repeat p PARTICLES
        var sum$p = bias;
        //!repeat f FEATURES
        sum$p += weight$f * features[$f][$p];
        //!end
        sums[$p] = sum$p;
        //!end
        if (LAYERS == 1u) {
            settle(layer, j);
        } else {
            //!repeat p PARTICLES
            let value$p = activate(sums[$p]);
            results[j][$p] = value$p.x;
            slopes[j][$p] = value$p.y;
            //!end
        }
        continuing {
            j += 1u;
            break if j >= layer.outputs;
        }
    }
}

// The tile from input `first` on. Where widths are no multiples of DEPTH, inputs beyond the last count as zero.
fn fill(layer: Layer, first: u32) {
    //!repeat d COPIED
    tile[$d] = results[$d];
    //!end
    //!repeat k WALKED
    for (var d = 0u; d < DEPTH; d++) {
        if (PADDED == 1u && first + d >= layer.inputs) {
            tile[d] = array<f32, PARTICLES>();
        } else {
            tile[d] = results[first + d];
        }
    }
    //!end
}

// Weights of inputs beyond the last must exist.
fn existing(at: u32, last: u32) -> u32 {
    if (PADDED == 1u) {
        return min(at, last);
    }
    return at;
}

// The tile's share in the sums of unit j of a later layer.
fn multiply(layer: Layer, first: u32, j: u32) {
    let stride = layer.input_stride;
    let weights = layer.weights + j * layer.output_stride;
    let last = weights + (layer.inputs - 1u) * stride;
    var at = weights + first * stride;
    // On software adapters four at a time: as repeated lines they would be half of all code, and the loop over units would
    // no longer fit a cache.
    var q = 0u;
    loop {
        //!repeat c QUADS
        //!repeat i 4
        let weight$c_$i = arena[existing(at, last)];
        at += stride;
        //!end
        row[q + $cu] = vec4<f32>(weight$c_0, weight$c_1, weight$c_2, weight$c_3);
        //!end
        continuing {
            q += QUADS;
            break if q >= DEPTH / 4u;
        }
    }
    var bias = 0.0;
    if (layer.upward && first == 0u) {
        bias = arena[layer.weights + layer.inputs * layer.outputs + j];
    }
    //!repeat s STRIPS
    //!repeat h PAIRS
    //!repeat p PAIR
    var sum$s_$h_$p = bias;
    //!repeat k WALKED
    if (first > 0u) {
        sum$s_$h_$p = unfinished[j][STRIP * $su + PAIR * $hu + $pu];
    }
    //!end
    //!end
    //!end
    //!repeat d DEPTH
    let weight$s_$d = row[$du / 4u][$du % 4u];
    //!repeat h PAIRS
    // Two are loaded before one is multiplied: a load right before its product would become part of it, and cost a copy of
    // the weight.
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
    sums[STRIP * $su + PAIR * $hu + $pu] = sum$s_$h_$p;
    //!end
    //!end
    //!end
}

// What becomes of the sums of unit j.
fn settle(layer: Layer, j: u32) {
    if (layer.upward) {
        let weight = arena[layer.above + j];
        //!repeat p PARTICLES
        let value$p = activate(sums[$p]);
        if (ENERGY == 1u) {
            // Below the top this counts for nothing, as the energy begins anew there.
            energy[$p] += weight * value$p.x;
        }
        if (LAYERS <= 2u) {
            sums[$p] = weight * value$p.y;
        } else {
            slope[$p] = value$p.y;
            sums[$p] = select(value$p.x, weight * value$p.y, layer.top);
        }
        //!end
    }
    if (LAYERS > 2u && layer.upward && !layer.top) {
        slopes[layer.slopes + j] = slope;
    }
    if (!layer.upward) {
        //!repeat p PARTICLES
        sums[$p] *= slopes[layer.slopes + j][$p];
        //!end
    }
    if (layer.bottom) {
        var at = job.network.parameters + j * FEATURES;
        //!repeat f FEATURES
        let weight$f = arena[at];
        at += 1u;
        //!repeat p PARTICLES
        to_features[$f][$p] += weight$f * sums[$p];
        //!end
        //!end
    }
    if (!layer.bottom) {
        results[j] = sums;
    }
}

// A later layer, or one on the way down.
fn pass_on(layer: Layer) {
    var first = 0u;
    loop {
        fill(layer, first);
        var j = 0u;
        loop {
            multiply(layer, first, j);
            //!repeat k WALKED
            if (first + DEPTH < layer.inputs) {
                unfinished[j] = sums;
            } else {
                settle(layer, j);
            }
            //!end
            //!repeat k UNWALKED
            settle(layer, j);
            //!end
            continuing {
                j += 1u;
                break if j >= layer.outputs;
            }
        }
        continuing {
            first += DEPTH;
            break if first >= layer.inputs;
        }
    }
}

// ∇E from the derivatives to φ.
fn leave(confinement: f32) {
    for (var p = 0u; p < PARTICLES; p++) {
        for (var axis = 0u; axis < 2u; axis++) {
            var slope = to_features[axis][p] + 2.0 * confinement * point[p][axis];
            if (FEATURES > PLAIN_FEATURES) {
                var frequency = LOWEST_FREQUENCY;
                for (var i = 0u; i < FREQUENCIES; i++) {
                    let sine = features[sine_at(i, axis)][p];
                    let cosine = features[cosine_at(i, axis)][p];
                    let to_sine = to_features[sine_at(i, axis)][p];
                    let to_cosine = to_features[cosine_at(i, axis)][p];
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

// The energy and the last hidden layer's derivatives are about to be summed up.
fn begin(layer: Layer, confinement: f32) {
    let bias = arena[layer.above + layer.outputs];
    for (var p = 0u; p < PARTICLES; p++) {
        energy[p] = bias + confinement * dot(point[p], point[p]);
    }
}

// Energy and, where asked, gradient at every point.
fn evaluate(with_gradient: bool) {
    let confinement = arena[job.network.confinement];
    let layers = job.network.layers;
    let passes = select(layers, 2u * layers - 1u, with_gradient);
    embed();
    //!repeat k REREAD
    // An address that is no constant keeps these in memory. As variables the compiler would keep their elements too, and
    // without registers for so many copy each through memory for every product.
    row[layers % (DEPTH / 4u)] = vec4<f32>();
    tile[layers % DEPTH][0] = 0.0;
    sums[layers % PARTICLES] = 0.0;
    slope[layers % PARTICLES] = 0.0;
    //!end
    for (var f = 0u; f < FEATURES; f++) {
        to_features[f] = array<f32, PARTICLES>();
    }

    var layer: Layer;
    layer.inputs = FEATURES;
    layer.outputs = width(0u);
    layer.weights = job.network.parameters;
    layer.above = layer.weights + (FEATURES + 1u) * layer.outputs;
    layer.upward = true;
    if (LAYERS == 1u) {
        layer.top = true;
        layer.bottom = with_gradient;
        begin(layer, confinement);
    }
    enter(layer);

    for (var pass_index = 1u; pass_index < passes; pass_index++) {
        layer.inputs = layer.outputs;
        layer.upward = pass_index < layers;
        layer.top = pass_index + 1u == layers;
        layer.bottom = with_gradient && pass_index + 1u == passes;
        if (layer.upward) {
            layer.slopes += layer.outputs;
            layer.outputs = width(pass_index);
            layer.weights = layer.above;
            layer.above += (layer.inputs + 1u) * layer.outputs;
            layer.input_stride = 1u;
            layer.output_stride = layer.inputs;
        } else {
            layer.outputs = width(2u * layers - 2u - pass_index);
            layer.slopes -= layer.outputs;
            // The first pass down is through the weights of the last one up.
            layer.weights -= select(0u, (layer.outputs + 1u) * layer.inputs, pass_index > layers);
            layer.input_stride = layer.outputs;
            layer.output_stride = 1u;
        }
        if (layer.top) {
            begin(layer, confinement);
        }
        pass_on(layer);
    }
    if (with_gradient) {
        leave(confinement);
    }
}
