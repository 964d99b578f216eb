// The product of op/matmul.wgsl for adapters that are software on a CPU. There a load costs as much as some thirty
// multiplications, whether neighbours read the same element or not, and workgroup memory and barriers cost more. So an
// invocation owns BLOCKS · BLOCK rows; it holds DEPTH columns of them, walks along the columns of B, and uses each element
// of B that it loads for all its rows.
// The repeated lines index the tiles by constants, which makes them addresses known at compile time.

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

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let job = jobs[group.z];
    let m = job.size.x;
    let n = job.size.y;
    let k = job.size.z;
    let first_row = group.y * BLOCKS * BLOCK * WORKGROUP + lane;
    let first_column = group.x * job.a.w;
    let column_end = min(n, first_column + job.a.w);
    if (group.y * BLOCKS * BLOCK * WORKGROUP >= m) {
        return;
    }
    // Rows beyond the edge repeat the last one and are not written.
    //!repeat g BLOCKS
    //!repeat p BLOCK
    var tile$g_$p: array<f32, DEPTH>;
    let row$g_$p = first_row + ($gu * BLOCK + $pu) * WORKGROUP;
    let a$g_$p = job.a.x + min(row$g_$p, m - 1u) * job.a.y;
    let c$g_$p = job.c.x + row$g_$p * job.c.y;
    //!end
    //!end
    for (var i = 0u; i < k; i += DEPTH) {
        for (var d = 0u; d < DEPTH; d++) {
            let along = min(i + d, k - 1u) * job.a.z;
            let inside = i + d < k;
            //!repeat g BLOCKS
            //!repeat p BLOCK
            tile$g_$p[d] = select(0.0, arena[a$g_$p + along], inside);
            //!end
            //!end
        }
        let continues = i > 0u || job.size.w == 1u;
        for (var j = first_column; j < column_end; j++) {
            //!repeat d DEPTH
            let y$d = arena[job.b.x + min(i + $du, k - 1u) * job.b.y + j * job.b.z];
            //!end
            let along = j * job.c.z;
            //!repeat g BLOCKS
            //!repeat p BLOCK
            var sum$g_$p = 0.0;
            if (continues && row$g_$p < m) {
                sum$g_$p = arena[c$g_$p + along];
            }
            //!end
            //!repeat d DEPTH
            //!repeat p BLOCK
            sum$g_$p += y$d * tile$g_$p[$d];
            //!end
            //!end
            //!repeat p BLOCK
            if (row$g_$p < m) {
                arena[c$g_$p + along] = sum$g_$p;
            }
            //!end
            //!end
        }
    }
}
