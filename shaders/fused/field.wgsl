// Energy of points and, where asked, the score −∇E. Twin of the field step of the CPU backend.

//!include "fused/network.wgsl"

struct Job {
    rows: u32,
    // Places in the arena: points [rows, 2], energies [rows], scores [rows, 2].
    points: u32,
    energies: u32,
    scores: u32,
    network: Network,
}

@group(0) @binding(1) var<uniform> job: Job;

override WORKGROUP: u32 = 64u;
override SCORE: bool = true;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group.y * groups.x + group.x) * WORKGROUP * PARTICLES + lane;
    // Points beyond the last repeat it and are not written.
    for (var p = 0u; p < PARTICLES; p++) {
        let row = min(first + p * WORKGROUP, job.rows - 1u);
        point[p] = vec2<f32>(arena[job.points + 2u * row], arena[job.points + 2u * row + 1u]);
    }
    evaluate(SCORE);
    for (var p = 0u; p < PARTICLES; p++) {
        let row = first + p * WORKGROUP;
        if (row < job.rows) {
            arena[job.energies + row] = energy[p];
            if (SCORE) {
                arena[job.scores + 2u * row] = -gradient[p].x;
                arena[job.scores + 2u * row + 1u] = -gradient[p].y;
            }
        }
    }
}
