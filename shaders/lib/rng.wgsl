// Counter-based random numbers, the twins of src/rng.rs: Threefry-2x32 with 20 rounds. The integer bits and the uniform
// numbers are the same on every device; normal numbers agree to the rounding of lib/math.wgsl.
//
//   threefry2x32  uniform01  normal_pair  random_uniform  random_normal

//!include "lib/math.wgsl"

// Rotations of the odd and of the even groups of four rounds.
const ODD_ROTATIONS: vec4<u32> = vec4<u32>(13u, 15u, 26u, 6u);
const EVEN_ROTATIONS: vec4<u32> = vec4<u32>(17u, 29u, 16u, 24u);
// The parity constant of the key schedule.
const PARITY: u32 = 0x1BD11BDAu;
const WORD_BITS: u32 = 32u;
// The counter's second word is sub-step · 2⁸ + stream.
const STREAM_BITS: u32 = 8u;
// Leading bits of a word that make a uniform number, and 2⁻²³.
const UNIFORM_BITS: u32 = 23u;
const UNIFORM_STEP: f32 = 1.1920928955078125e-7;

fn rotate_left(x: u32, bits: u32) -> u32 {
    return (x << bits) | (x >> (WORD_BITS - bits));
}

// Twin of four_rounds.
fn four_rounds(words: vec2<u32>, rotations: vec4<u32>, keys: vec2<u32>, count: u32) -> vec2<u32> {
    var x = words;
    x.x = x.x + x.y;
    x.y = rotate_left(x.y, rotations.x) ^ x.x;
    x.x = x.x + x.y;
    x.y = rotate_left(x.y, rotations.y) ^ x.x;
    x.x = x.x + x.y;
    x.y = rotate_left(x.y, rotations.z) ^ x.x;
    x.x = x.x + x.y;
    x.y = rotate_left(x.y, rotations.w) ^ x.x;
    return vec2<u32>(x.x + keys.x, x.y + keys.y + count);
}

// Two random words for a key and a counter. Twin of threefry2x32.
fn threefry2x32(key: vec2<u32>, counter: vec2<u32>) -> vec2<u32> {
    let k2 = PARITY ^ key.x ^ key.y;
    var x = counter + key;
    x = four_rounds(x, ODD_ROTATIONS, vec2<u32>(key.y, k2), 1u);
    x = four_rounds(x, EVEN_ROTATIONS, vec2<u32>(k2, key.x), 2u);
    x = four_rounds(x, ODD_ROTATIONS, key, 3u);
    x = four_rounds(x, EVEN_ROTATIONS, vec2<u32>(key.y, k2), 4u);
    return four_rounds(x, ODD_ROTATIONS, vec2<u32>(k2, key.x), 5u);
}

// (⌊bits/2⁹⌋ + ½) · 2⁻²³, exact. Twin of uniform.
fn uniform01(bits: u32) -> f32 {
    return (f32(bits >> (WORD_BITS - UNIFORM_BITS)) + 0.5) * UNIFORM_STEP;
}

// Two independent N(0, 1) numbers by Box and Muller's transform, the cosine first. Twin of normal_pair.
fn normal_pair(bits: vec2<u32>) -> vec2<f32> {
    let radius = real_sqrt(-2.0 * real_ln(uniform01(bits.x)));
    let sin_cos = real_sin_cos_turns(uniform01(bits.y));
    return radius * sin_cos.yx;
}

// The counter's second word. Twin of address.
fn random_address(substep: u32, stream: u32) -> u32 {
    return (substep << STREAM_BITS) | stream;
}

// Element `element` of a uniform stream. Twin of fill_uniform.
fn random_uniform(key: vec2<u32>, substep: u32, stream: u32, element: u32) -> f32 {
    return uniform01(threefry2x32(key, vec2<u32>(element, random_address(substep, stream))).x);
}

// Element `element` of a normal stream. Twin of fill_normal.
fn random_normal(key: vec2<u32>, substep: u32, stream: u32, element: u32) -> f32 {
    let pair = normal_pair(threefry2x32(key, vec2<u32>(element / 2u, random_address(substep, stream))));
    return select(pair.x, pair.y, (element & 1u) == 1u);
}
