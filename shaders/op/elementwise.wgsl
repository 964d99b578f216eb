// A fused group of elementwise operations, whose program is spliced in. Twin of the elementwise step of the CPU backend.
// A job is the number of elements, then the offsets of the loads and stores in the order of the program.

//!include "lib/bindings.wgsl"
//!include "lib/rng.wgsl"

@group(0) @binding(1) var<uniform> jobs: array<vec4<u32>, WINDOW / 16u>;

override WORKGROUP: u32 = 64u;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let job = id.z * JOB_VECTORS;
    let count = jobs[job].x;
    //!splice offsets
    for (var e = id.x; e < count; e += groups.x * WORKGROUP) {
        //!splice program
    }
}
