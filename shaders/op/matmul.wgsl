// C[m, n] = A[m, k] · B[k, n], or C += A · B, every matrix with strides of its own. An invocation keeps ROWS × COLUMNS
// results in registers; the workgroup is LANES × LANES of them, side by side so that neighbours read neighbours of B, and
// PARTS such squares that share out the inner dimension and add up in workgroup memory.
// Twin of the matrix product of the CPU backend.

//!include "lib/bindings.wgsl"

struct Job {
    // m, n, k; whether C is added to.
    size: vec4<u32>,
    // Offset, distance of rows, distance of columns.
    a: vec4<u32>,
    b: vec4<u32>,
    c: vec4<u32>,
}

@group(0) @binding(1) var<uniform> jobs: array<Job, WINDOW / 64u>;

const LANES: u32 = 8u;
// Invocations for one block of results; a power of two.
override PARTS: u32 = 1u;

var<workgroup> partial: array<f32, PARTS * LANES * LANES * ROWS * COLUMNS>;

@compute @workgroup_size(LANES, LANES, PARTS)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) lane: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let job = jobs[group.z];
    let m = job.size.x;
    let n = job.size.y;
    let k = job.size.z;
    if (group.y * LANES * ROWS >= m || group.x * LANES * COLUMNS >= n) {
        return;
    }
    // Rows and columns beyond the edge repeat the last one and are not written.
    //!repeat r ROWS
    let row$r = (group.y * ROWS + $ru) * LANES + lane.y;
    let a$r = job.a.x + min(row$r, m - 1u) * job.a.y;
    //!end
    //!repeat c COLUMNS
    let column$c = (group.x * COLUMNS + $cu) * LANES + lane.x;
    let b$c = job.b.x + min(column$c, n - 1u) * job.b.z;
    //!end
    //!repeat r ROWS
    //!repeat c COLUMNS
    var sum$r_$c = 0.0;
    //!end
    //!end
    for (var i = lane.z; i < k; i += PARTS) {
        let along_a = i * job.a.z;
        let along_b = i * job.b.y;
        //!repeat r ROWS
        let x$r = arena[a$r + along_a];
        //!end
        //!repeat c COLUMNS
        let y$c = arena[b$c + along_b];
        //!end
        //!repeat r ROWS
        //!repeat c COLUMNS
        sum$r_$c += x$r * y$c;
        //!end
        //!end
    }
    if (PARTS > 1u) {
        // Results of one place lie a workgroup apart: neighbours write to neighbouring banks.
        //!repeat r ROWS
        //!repeat c COLUMNS
        partial[($ru * COLUMNS + $cu) * PARTS * LANES * LANES + index] = sum$r_$c;
        //!end
        //!end
        workgroupBarrier();
        if (lane.z > 0u) {
            return;
        }
        for (var part = 1u; part < PARTS; part++) {
            let other = part * LANES * LANES + index;
            //!repeat r ROWS
            //!repeat c COLUMNS
            sum$r_$c += partial[($ru * COLUMNS + $cu) * PARTS * LANES * LANES + other];
            //!end
            //!end
        }
    }
    //!repeat r ROWS
    //!repeat c COLUMNS
    if (row$r < m && column$c < n) {
        let at = job.c.x + row$r * job.c.y + column$c * job.c.z;
        if (job.size.w == 1u) {
            sum$r_$c += arena[at];
        }
        arena[at] = sum$r_$c;
    }
    //!end
    //!end
}
