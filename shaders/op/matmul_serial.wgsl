// The product of op/matmul.wgsl for adapters that are software on a CPU. There a load from an address that is not a constant
// takes a hundred instructions, whether neighbours read the same element or not, and workgroup memory and barriers take
// more. So an invocation owns ROWS rows; it holds DEPTH = 4 · QUADS columns of them, walks along up to COLUMNS columns of B, and uses
// each element of B that it loads for all its rows. The repeated lines make registers of rows and constants of addresses.

//!include "lib/bindings.wgsl"

struct Job {
    // m, n, k; whether C is added to.
    size: vec4<u32>,
    // Offset, distance of rows, distance of columns; of A also the columns of C that a workgroup computes.
    a: vec4<u32>,
    b: vec4<u32>,
    c: vec4<u32>,
}

@group(0) @binding(1) var<uniform> jobs: array<Job, WINDOW / 64u>;

override WORKGROUP: u32 = 4u;

const DEPTH: u32 = 4u * QUADS;

var<private> tile: array<array<f32, ROWS>, DEPTH>;
var<private> sums: array<array<f32, ROWS>, COLUMNS>;

// Where k is no multiple of DEPTH, the tile is padded with zeros, and what they are multiplied with must exist.
fn existing(at: u32, last: u32) -> u32 {
    if (PADDED == 1u) {
        return min(at, last);
    }
    return at;
}

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let job = jobs[group.z];
    let m = job.size.x;
    let n = job.size.y;
    let k = job.size.z;
    let first_row = group.y * ROWS * WORKGROUP + lane;
    let share = job.a.w;
    let first_column = group.x * share;
    if (group.y * ROWS * WORKGROUP >= m || first_column >= n) {
        return;
    }
    let columns = min(share, n - first_column);
    // Rows beyond the edge repeat the last one and are not written.
    //!repeat r ROWS
    let row$r = first_row + $ru * WORKGROUP;
    let a$r = job.a.x + min(row$r, m - 1u) * job.a.y;
    //!end
    let stride = job.b.y;
    for (var i = 0u; i < k; i += DEPTH) {
        for (var d = 0u; d < DEPTH; d++) {
            let along = existing(i + d, k - 1u) * job.a.z;
            let kept = select(0.0, 1.0, i + d < k);
            tile[d] = array<f32, ROWS>(
                //!repeat r ROWS
                arena[a$r + along] * kept,
                //!end
            );
        }
        for (var j = 0u; j < columns; j++) {
            let before = sums[j];
            //!repeat r ROWS
            var sum$r = before[$r];
            //!end
            let column = job.b.x + (first_column + j) * job.b.z;
            let last = column + (k - 1u) * stride;
            var at = column + i * stride;
            //!repeat q QUADS
            //!repeat d 4
            let y$q_$d = arena[existing(at, last)];
            at += stride;
            //!end
            //!repeat r ROWS
            sum$r += (y$q_0 * tile[4u * $qu][$r] + y$q_1 * tile[4u * $qu + 1u][$r])
                + (y$q_2 * tile[4u * $qu + 2u][$r] + y$q_3 * tile[4u * $qu + 3u][$r]);
            //!end
            //!end
            sums[j] = array<f32, ROWS>(
                //!repeat r ROWS
                sum$r,
                //!end
            );
        }
    }
    for (var j = 0u; j < columns; j++) {
        let results = sums[j];
        let along = job.c.x + (first_column + j) * job.c.z;
        //!repeat r ROWS
        if (row$r < m) {
            let at = along + row$r * job.c.y;
            if (job.size.w == 1u) {
                arena[at] += results[$r];
            } else {
                arena[at] = results[$r];
            }
        }
        //!end
    }
}
