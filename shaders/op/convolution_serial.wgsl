// op/convolution.wgsl for adapters that are software on a CPU, in the manner of op/matmul_serial.wgsl: a convolution is the
// product of patches, which are read where they lie, and kernels. An invocation owns ROWS places; it holds DEPTH numbers of the
// patch of each, walks along up to COLUMNS channels, and uses each weight that it loads for all of its places. DEPTH numbers
// are neighbouring channels at one tap or, where the source has one channel (FLAT), neighbouring taps.

//!include "lib/bindings.wgsl"

struct Job {
    // Height, width and channels of an image, number of images.
    image: vec4<u32>,
    // Height and width of a kernel, number of kernels, stride.
    kernel: vec4<u32>,
    // Height and width of a result, padding, channels that a workgroup computes.
    result: vec4<u32>,
    // Places in the arena: images, kernels, results; rows of workgroups for one remainder.
    at: vec4<u32>,
}

@group(0) @binding(1) var<uniform> jobs: array<Job, WINDOW / 64u>;

override WORKGROUP: u32 = 4u;
// Whether the gradient by the images is computed.
override IMAGES: bool = false;

var<private> tile: array<array<f32, ROWS>, DEPTH>;
// As many weights of a channel.
var<private> column: array<f32, DEPTH>;
var<private> sums: array<array<f32, ROWS>, COLUMNS>;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let job = jobs[group.z];
    let stride = job.kernel.w;
    let padding = job.result.z;
    let taps_of_one = job.kernel.x * job.kernel.y;
    let target_size = select(vec3<u32>(job.result.xy, job.kernel.z), job.image.xyz, IMAGES);
    let source_size = select(job.image.xyz, vec3<u32>(job.result.xy, job.kernel.z), IMAGES);
    let target_at = select(job.at.z, job.at.x, IMAGES);
    let source_at = select(job.at.x, job.at.z, IMAGES);
    let along_target = select(job.image.z * taps_of_one, taps_of_one, IMAGES);
    let along_source = select(taps_of_one, job.image.z * taps_of_one, IMAGES);
    let remainders = select(1u, stride, IMAGES);
    let pair = group.y / job.at.w;
    let share = job.result.w;
    let first_channel = group.x * share;
    if (pair >= remainders * remainders || first_channel >= target_size.z) {
        return;
    }
    let remainder = vec2<u32>(pair / remainders, pair % remainders);
    let first = select(vec2<u32>(0u), (remainder + stride - padding % stride) % stride, IMAGES);
    let step = select(1u, stride, IMAGES);
    let counts = (target_size.xy + step - 1u - first) / step;
    let taps = select(job.kernel.xy, (job.kernel.xy + stride - 1u - remainder) / stride, IMAGES);
    let start = select(vec2<i32>(-i32(padding)), vec2<i32>((first + padding) / stride), IMAGES);
    let pace = select(stride, 1u, IMAGES);
    let direction = select(1, -1, IMAGES);
    let places = counts.x * counts.y * job.image.w;
    let channels = min(share, target_size.z - first_channel);
    let first_row = (group.y % job.at.w) * ROWS * WORKGROUP + lane;
    if ((group.y % job.at.w) * ROWS * WORKGROUP >= places) {
        return;
    }
    // Places beyond the end repeat the last one and are not written.
    //!repeat r ROWS
    let row$r = first_row + $ru * WORKGROUP;
    let place$r = min(row$r, places - 1u);
    let within$r = vec2<u32>(place$r / counts.y % counts.x, place$r % counts.y);
    let image$r = place$r / (counts.x * counts.y);
    let from$r = start + vec2<i32>(within$r * pace);
    let source$r = source_at + image$r * source_size.x * source_size.y * source_size.z;
    //!end
    let terms = taps.x * taps.y * source_size.z;
    // An address that is no constant keeps these in memory: see op/matmul_serial.wgsl.
    column[terms % DEPTH] = 0.0;
    tile[terms % DEPTH][0] = 0.0;
    var j = 0u;
    loop {
        sums[j] = array<f32, ROWS>();
        continuing {
            j += 1u;
            break if j >= channels;
        }
    }
    // Remainders may meet no tap at all.
    var i = 0u;
    if (terms > 0u) {
        loop {
            // Where the weights of this portion begin, and their distance.
            let tap = i / source_size.z;
            let begin = i % source_size.z;
            let uv = vec2<u32>(tap / taps.y, tap % taps.y);
            let element = select(uv, remainder + uv * stride, IMAGES);
            let weights = job.at.y + element.x * job.kernel.y + element.y + begin * along_source;
            let apart = select(along_source, 1u, FLAT == 1u);
            if (FLAT == 1u) {
                var t = 0u;
                loop {
                    let here = min(i + t, terms - 1u);
                    let shift = vec2<i32>(vec2<u32>(here / taps.y, here % taps.y)) * direction;
                    let exists = i + t < terms;
                    //!repeat r ROWS
                    let there$r = from$r + shift;
                    let valid$r =
                        exists & all(there$r >= vec2<i32>(0)) & all(there$r < vec2<i32>(source_size.xy));
                    let cell$r = vec2<u32>(select(vec2<i32>(0), there$r, valid$r));
                    //!end
                    tile[t] = array<f32, ROWS>(
                        //!repeat r ROWS
                        select(0.0, arena[source$r + cell$r.x * source_size.y + cell$r.y], valid$r),
                        //!end
                    );
                    continuing {
                        t += 1u;
                        break if t >= DEPTH;
                    }
                }
            } else {
                let shift = vec2<i32>(uv) * direction;
                //!repeat r ROWS
                let there$r = from$r + shift;
                let valid$r = all(there$r >= vec2<i32>(0)) & all(there$r < vec2<i32>(source_size.xy));
                let cell$r = vec2<u32>(select(vec2<i32>(0), there$r, valid$r));
                let at$r = source$r + (cell$r.x * source_size.y + cell$r.y) * source_size.z + begin;
                //!end
                var t = 0u;
                loop {
                    tile[t] = array<f32, ROWS>(
                        //!repeat r ROWS
                        select(0.0, arena[at$r + t], valid$r),
                        //!end
                    );
                    continuing {
                        t += 1u;
                        break if t >= DEPTH;
                    }
                }
            }
            var j = 0u;
            loop {
                let channel = (first_channel + j) * along_target;
                var d = 0u;
                loop {
                    //!repeat f 4
                    // Beyond the last term the tile is zero: any weight that exists will do.
                    let here$f = select(d + $fu, min(d + $fu, terms - 1u - i), FLAT == 1u);
                    column[d + $fu] = arena[channel + weights + here$f * apart];
                    //!end
                    continuing {
                        d += 4u;
                        break if d >= DEPTH;
                    }
                }
                //!repeat s STRIPS
                //!repeat h 2
                //!repeat r 2
                var sum$s_$h_$r = sums[j][4u * $su + 2u * $hu + $ru];
                //!end
                //!end
                //!repeat d DEPTH
                let y$s_$d = column[$d];
                //!repeat h 2
                //!repeat r 2
                let x$s_$d_$h_$r = tile[$d][4u * $su + 2u * $hu + $ru];
                //!end
                //!repeat r 2
                sum$s_$h_$r += x$s_$d_$h_$r * y$s_$d;
                //!end
                //!end
                //!end
                //!repeat h 2
                //!repeat r 2
                sums[j][4u * $su + 2u * $hu + $ru] = sum$s_$h_$r;
                //!end
                //!end
                //!end
                continuing {
                    j += 1u;
                    break if j >= channels;
                }
            }
            continuing {
                i += DEPTH;
                break if i >= terms;
            }
        }
    }
    j = 0u;
    loop {
        //!repeat r ROWS
        if (row$r < places) {
            let cell$r = first + within$r * step;
            let target$r = target_at + ((image$r * target_size.x + cell$r.x) * target_size.y + cell$r.y) * target_size.z;
            arena[target$r + first_channel + j] = sums[j][$r];
        }
        //!end
        continuing {
            j += 1u;
            break if j >= channels;
        }
    }
}
