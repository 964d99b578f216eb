// Rows by index: target[r, :] = source[indices[r], :], or target[indices[r], :] = source[r, :]. Indices are whole numbers
// as floats; those outside are clamped to the last row. Twin of the gather and scatter steps of the CPU backend.

//!include "lib/bindings.wgsl"

struct Job {
    elements: u32,
    columns: u32,
    // Rows of the indexed side.
    indexed_rows: u32,
    source: u32,
    indices: u32,
    result: u32,
}

@group(0) @binding(1) var<uniform> job: Job;

override WORKGROUP: u32 = 64u;
// Whether the target is the indexed side.
override SCATTER: bool = false;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    for (var e = id.x; e < job.elements; e += groups.x * WORKGROUP) {
        let row = e / job.columns;
        let last = f32(job.indexed_rows - 1u);
        let index = arena[job.indices + row];
        // A negative index is outside too.
        let indexed_row = u32(select(last, min(index, last), index >= 0.0));
        let indexed = indexed_row * job.columns + e % job.columns;
        if (SCATTER) {
            arena[job.result + indexed] = arena[job.source + e];
        } else {
            arena[job.result + e] = arena[job.source + indexed];
        }
    }
}
