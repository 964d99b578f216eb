// A convolution's results, or its gradient by the images (IMAGES), in NHWC. An invocation keeps the sums of PLACES places and
// CHANNELS channels in registers; neighbours take neighbouring channels of the same places, so that they read the same
// numbers of the source. Places of a gradient by the images lie `stride` apart, those of one remainder in one row of
// workgroups: then all of them meet the same elements of the kernels.
// Twin of the convolution of the CPU backend.

//!include "lib/bindings.wgsl"

struct Job {
    // Height, width and channels of an image, number of images.
    image: vec4<u32>,
    // Height and width of a kernel, number of kernels, stride.
    kernel: vec4<u32>,
    // Height and width of a result, padding.
    result: vec4<u32>,
    // Places in the arena: images, kernels, results.
    at: vec4<u32>,
}

@group(0) @binding(1) var<uniform> jobs: array<Job, WINDOW / 64u>;

override WORKGROUP: u32 = 64u;
// Whether the gradient by the images is computed.
override IMAGES: bool = false;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let job = jobs[group.z];
    let stride = job.kernel.w;
    let padding = job.result.z;
    let taps_of_one = job.kernel.x * job.kernel.y;
    // Of the target and of the source: height, width, channels.
    let target_size = select(vec3<u32>(job.result.xy, job.kernel.z), job.image.xyz, IMAGES);
    let source_size = select(job.image.xyz, vec3<u32>(job.result.xy, job.kernel.z), IMAGES);
    let target_at = select(job.at.z, job.at.x, IMAGES);
    let source_at = select(job.at.x, job.at.z, IMAGES);
    // Distances of neighbouring channels of the target and of the source in the kernels.
    let along_target = select(job.image.z * taps_of_one, taps_of_one, IMAGES);
    let along_source = select(taps_of_one, job.image.z * taps_of_one, IMAGES);
    // Places of this row: the first one, their distance, how many; and the taps that they meet: first, distance, how many.
    let remainders = select(1u, stride, IMAGES);
    if (group.y >= remainders * remainders) {
        return;
    }
    let remainder = vec2<u32>(group.y / remainders, group.y % remainders);
    let first = select(vec2<u32>(0u), (remainder + stride - padding % stride) % stride, IMAGES);
    let step = select(1u, stride, IMAGES);
    let counts = (target_size.xy + step - 1u - first) / step;
    let taps = select(job.kernel.xy, (job.kernel.xy + stride - 1u - remainder) / stride, IMAGES);
    // A place i of the row meets the source at from + i·pace + tap·direction.
    let start = select(vec2<i32>(-i32(padding)), vec2<i32>((first + padding) / stride), IMAGES);
    let pace = select(stride, 1u, IMAGES);
    let direction = select(1, -1, IMAGES);

    let places = counts.x * counts.y * job.image.w;
    let blocks = (target_size.z + CHANNELS - 1u) / CHANNELS;
    let total = ((places + PLACES - 1u) / PLACES) * blocks;
    for (var at = group.x * WORKGROUP + lane; at < total; at += groups.x * WORKGROUP) {
        let channel = (at % blocks) * CHANNELS;
        let place = (at / blocks) * PLACES;
        //!repeat p PLACES
        let place$p = min(place + $pu, places - 1u);
        let image$p = place$p / (counts.x * counts.y);
        let within$p = vec2<u32>(place$p / counts.y % counts.x, place$p % counts.y);
        let from$p = start + vec2<i32>(within$p * pace);
        //!end
        //!repeat c CHANNELS
        let weight$c = job.at.y + min(channel + $cu, target_size.z - 1u) * along_target;
        //!end
        //!repeat p PLACES
        //!repeat c CHANNELS
        var sum$p_$c = 0.0;
        //!end
        //!end
        for (var u = 0u; u < taps.x; u++) {
            for (var v = 0u; v < taps.y; v++) {
                let tap = vec2<u32>(u, v);
                let element = select(tap, remainder + tap * stride, IMAGES);
                var weights = element.x * job.kernel.y + element.y;
                //!repeat p PLACES
                let there$p = from$p + vec2<i32>(tap) * direction;
                let valid$p = all(there$p >= vec2<i32>(0)) && all(there$p < vec2<i32>(source_size.xy));
                let cell$p = vec2<u32>(select(vec2<i32>(0), there$p, valid$p));
                let source$p =
                    source_at + ((image$p * source_size.x + cell$p.x) * source_size.y + cell$p.y) * source_size.z;
                //!end
                for (var i = 0u; i < source_size.z; i++) {
                    //!repeat c CHANNELS
                    let w$c = arena[weight$c + weights];
                    //!end
                    //!repeat p PLACES
                    let x$p = select(0.0, arena[source$p + i], valid$p);
                    //!repeat c CHANNELS
                    sum$p_$c += x$p * w$c;
                    //!end
                    //!end
                    weights += along_source;
                }
            }
        }
        //!repeat p PLACES
        let cell$p = first + within$p * step;
        let target$p =
            target_at + ((image$p * target_size.x + cell$p.x) * target_size.y + cell$p.y) * target_size.z + channel;
        //!repeat c CHANNELS
        if (place + $pu < places && channel + $cu < target_size.z) {
            arena[target$p + $cu] = sum$p_$c;
        }
        //!end
        //!end
    }
}
