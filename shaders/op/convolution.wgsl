// A convolution's results, or its gradient by the images (IMAGES), in NHWC. An invocation keeps the sums of PLACES places and
// CHANNELS channels in registers; neighbours take neighbouring channels of the same places, so that they read the same
// numbers of the source. Each pair of remainders has a row of workgroups of its own.
// Twin of the convolution of the CPU backend.

//!include "lib/convolution.wgsl"

override WORKGROUP: u32 = 64u;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let job = jobs[group.z];
    if (group.y >= remainders(job) * remainders(job)) {
        return;
    }
    let walk = walk_of(job, group.y);
    let blocks = (walk.target_size.z + CHANNELS - 1u) / CHANNELS;
    let total = ((walk.places + PLACES - 1u) / PLACES) * blocks;
    for (var at = group.x * WORKGROUP + lane; at < total; at += groups.x * WORKGROUP) {
        let channel = (at % blocks) * CHANNELS;
        let place = (at / blocks) * PLACES;
        //!repeat p PLACES
        let place$p = min(place + $pu, walk.places - 1u);
        let image$p = place$p / (walk.counts.x * walk.counts.y);
        let within$p = vec2<u32>(place$p / walk.counts.y % walk.counts.x, place$p % walk.counts.y);
        let from$p = walk.start + vec2<i32>(within$p * walk.pace);
        //!end
        //!repeat c CHANNELS
        let weight$c = job.at.y + min(channel + $cu, walk.target_size.z - 1u) * walk.along_target;
        //!end
        //!repeat p PLACES
        //!repeat c CHANNELS
        var sum$p_$c = 0.0;
        //!end
        //!end
        for (var u = 0u; u < walk.taps.x; u++) {
            for (var v = 0u; v < walk.taps.y; v++) {
                let tap = vec2<u32>(u, v);
                let element = walk.tap_first + tap * walk.tap_step;
                var weights = element.x * job.kernel.y + element.y;
                //!repeat p PLACES
                let there$p = from$p + vec2<i32>(tap) * walk.direction;
                let valid$p = all(there$p >= vec2<i32>(0)) && all(there$p < vec2<i32>(walk.source_size.xy));
                let cell$p = vec2<u32>(select(vec2<i32>(0), there$p, valid$p));
                let source$p = walk.source_at + element_of(walk.source_size, image$p, cell$p);
                //!end
                for (var i = 0u; i < walk.source_size.z; i++) {
                    //!repeat c CHANNELS
                    let w$c = arena[weight$c + weights];
                    //!end
                    //!repeat p PLACES
                    let x$p = select(0.0, arena[source$p + i], valid$p);
                    //!repeat c CHANNELS
                    sum$p_$c += x$p * w$c;
                    //!end
                    //!end
                    weights += walk.along_source;
                }
            }
        }
        //!repeat p PLACES
        let cell$p = walk.first + within$p * walk.step;
        let target$p = walk.target_at + element_of(walk.target_size, image$p, cell$p) + channel;
        //!repeat c CHANNELS
        if (place + $pu < walk.places && channel + $cu < walk.target_size.z) {
            arena[target$p + $cu] = sum$p_$c;
        }
        //!end
        //!end
    }
}
