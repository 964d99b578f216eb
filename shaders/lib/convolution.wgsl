// What the kernels of convolutions share: their job, and where the places of a target meet their source.

//!include "lib/bindings.wgsl"

struct Job {
    // Height, width and channels of an image, number of images.
    image: vec4<u32>,
    // Height and width of a kernel, number of kernels, stride.
    kernel: vec4<u32>,
    // Height and width of a result, padding; of the serial kernel: channels that a workgroup computes.
    result: vec4<u32>,
    // Places in the arena: images, kernels, results; of the serial kernel: rows of workgroups for one pair of remainders.
    at: vec4<u32>,
}

@group(0) @binding(1) var<uniform> jobs: array<Job, WINDOW / 64u>;

// Whether the gradient by the images is computed.
override IMAGES: bool = false;

// A target made from a source and the kernels. The places of a gradient by the images fall into pairs of remainders by the
// stride; those of one pair meet the same taps.
struct Walk {
    // Height, width and channels.
    target_size: vec3<u32>,
    source_size: vec3<u32>,
    // Where they begin in the arena.
    target_at: u32,
    source_at: u32,
    // Distances of neighbouring channels of the target and of the source in the kernels.
    along_target: u32,
    along_source: u32,
    // Places: the first one, their distance, how many along each axis, how many in all images.
    first: vec2<u32>,
    step: u32,
    counts: vec2<u32>,
    places: u32,
    // Taps: how many along each axis; tap t is the kernel's element tap_first + t · tap_step.
    taps: vec2<u32>,
    tap_first: vec2<u32>,
    tap_step: u32,
    // Place i meets the source at start + i · pace + tap · direction.
    start: vec2<i32>,
    pace: u32,
    direction: i32,
}

// Where the channels of a cell of an image [height, width, channels] begin.
fn element_of(size: vec3<u32>, image: u32, cell: vec2<u32>) -> u32 {
    return ((image * size.x + cell.x) * size.y + cell.y) * size.z;
}

// Remainders along an axis.
fn remainders(job: Job) -> u32 {
    return select(1u, job.kernel.w, IMAGES);
}

fn walk_of(job: Job, pair: u32) -> Walk {
    let stride = job.kernel.w;
    let padding = job.result.z;
    let taps_of_one = job.kernel.x * job.kernel.y;
    let remainder = vec2<u32>(pair / remainders(job), pair % remainders(job));
    let results = vec3<u32>(job.result.xy, job.kernel.z);
    var walk: Walk;
    if (IMAGES) {
        walk.target_size = job.image.xyz;
        walk.source_size = results;
        walk.target_at = job.at.x;
        walk.source_at = job.at.z;
        walk.along_target = taps_of_one;
        walk.along_source = job.image.z * taps_of_one;
        walk.first = (remainder + stride - padding % stride) % stride;
        walk.step = stride;
        walk.taps = (job.kernel.xy + stride - 1u - remainder) / stride;
        walk.tap_first = remainder;
        walk.tap_step = stride;
        walk.start = vec2<i32>((walk.first + padding) / stride);
        walk.pace = 1u;
        walk.direction = -1;
    } else {
        walk.target_size = results;
        walk.source_size = job.image.xyz;
        walk.target_at = job.at.z;
        walk.source_at = job.at.x;
        walk.along_target = job.image.z * taps_of_one;
        walk.along_source = taps_of_one;
        walk.step = 1u;
        walk.taps = job.kernel.xy;
        walk.tap_step = 1u;
        walk.start = vec2<i32>(-i32(padding));
        walk.pace = stride;
        walk.direction = 1;
    }
    // A stride beyond the image leaves some remainders without a place.
    walk.counts = (max(walk.target_size.xy, walk.first) - walk.first + walk.step - 1u) / walk.step;
    walk.places = walk.counts.x * walk.counts.y * job.image.w;
    return walk;
}
