// Fused groups of elementwise operations, whose programs are spliced in. Twin of the elementwise step of the CPU backend.
// A job is the number of elements, the index of its program, then the offsets of the program's loads and stores.

//!include "lib/bindings.wgsl"
//!include "lib/rng.wgsl"

@group(0) @binding(1) var<uniform> jobs: array<vec4<u32>, WINDOW / 16u>;

override WORKGROUP: u32 = 64u;

//!splice programs

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let job = id.z * JOB_VECTORS;
    let head = jobs[job];
    //!splice calls
}
