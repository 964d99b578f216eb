// op/convolution.wgsl for adapters that are software on a CPU, in the manner of op/matmul_serial.wgsl: a convolution is the
// product of patches, which are read where they lie, and kernels. An invocation owns ROWS places; it holds DEPTH numbers of the
// patch of each, walks along up to COLUMNS channels, and uses each weight that it loads for all of its places. DEPTH numbers
// are neighbouring channels at one tap or, where the source has one channel (FLAT), neighbouring taps.

//!include "lib/convolution.wgsl"

override WORKGROUP: u32 = 4u;

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
    let pair = group.y / job.at.w;
    let share = job.result.w;
    let first_channel = group.x * share;
    if (pair >= remainders(job) * remainders(job)) {
        return;
    }
    let walk = walk_of(job, pair);
    let first_row = (group.y % job.at.w) * ROWS * WORKGROUP + lane;
    if (first_channel >= walk.target_size.z || (group.y % job.at.w) * ROWS * WORKGROUP >= walk.places) {
        return;
    }
    let channels = min(share, walk.target_size.z - first_channel);
    // Places beyond the end repeat the last one and are not written.
    //!repeat r ROWS
    let row$r = first_row + $ru * WORKGROUP;
    let place$r = min(row$r, walk.places - 1u);
    let within$r = vec2<u32>(place$r / walk.counts.y % walk.counts.x, place$r % walk.counts.y);
    let image$r = place$r / (walk.counts.x * walk.counts.y);
    let from$r = walk.start + vec2<i32>(within$r * walk.pace);
    let source$r = walk.source_at + element_of(walk.source_size, image$r, vec2<u32>(0u));
    //!end
    let terms = walk.taps.x * walk.taps.y * walk.source_size.z;
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
            let tap = i / walk.source_size.z;
            let begin = i % walk.source_size.z;
            let uv = vec2<u32>(tap / walk.taps.y, tap % walk.taps.y);
            let element = walk.tap_first + uv * walk.tap_step;
            let weights = job.at.y + element.x * job.kernel.y + element.y + begin * walk.along_source;
            let apart = select(walk.along_source, 1u, FLAT == 1u);
            if (FLAT == 1u) {
                var t = 0u;
                loop {
                    let here = min(i + t, terms - 1u);
                    let shift = vec2<i32>(vec2<u32>(here / walk.taps.y, here % walk.taps.y)) * walk.direction;
                    let exists = i + t < terms;
                    //!repeat r ROWS
                    let there$r = from$r + shift;
                    let valid$r =
                        exists & all(there$r >= vec2<i32>(0)) & all(there$r < vec2<i32>(walk.source_size.xy));
                    let cell$r = vec2<u32>(select(vec2<i32>(0), there$r, valid$r));
                    //!end
                    tile[t] = array<f32, ROWS>(
                        //!repeat r ROWS
                        select(0.0, arena[source$r + cell$r.x * walk.source_size.y + cell$r.y], valid$r),
                        //!end
                    );
                    continuing {
                        t += 1u;
                        break if t >= DEPTH;
                    }
                }
            } else {
                let shift = vec2<i32>(uv) * walk.direction;
                //!repeat r ROWS
                let there$r = from$r + shift;
                let valid$r = all(there$r >= vec2<i32>(0)) & all(there$r < vec2<i32>(walk.source_size.xy));
                let cell$r = vec2<u32>(select(vec2<i32>(0), there$r, valid$r));
                let at$r = source$r + element_of(walk.source_size, 0u, cell$r) + begin;
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
                let channel = (first_channel + j) * walk.along_target;
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
        if (row$r < walk.places) {
            let cell$r = walk.first + within$r * walk.step;
            let target$r = walk.target_at + element_of(walk.target_size, image$r, cell$r);
            arena[target$r + first_channel + j] = sums[j][$r];
        }
        //!end
        continuing {
            j += 1u;
            break if j >= channels;
        }
    }
}
