// Many transitions of many particles: Langevin, x' = x − h∇E(x) + σ z, or the same proposal with σ = √(2h) accepted by
// Metropolis and Hastings (Roberts & Tweedie 1996). Twin of the chain step of the CPU backend.

//!include "fused/network.wgsl"
//!include "lib/rng.wgsl"

struct Job {
    rows: u32,
    steps: u32,
    random_stream: u32,
    // Places in the arena: particles [rows, 2], accepted moves [rows], and the scalars h and σ.
    positions: u32,
    accepted: u32,
    step_size: u32,
    noise: u32,
    network: Network,
}

@group(0) @binding(1) var<uniform> job: Job;

override WORKGROUP: u32 = 64u;
override METROPOLIS: bool = false;

// Where a chain stands, while `point` is its proposal.
var<private> position: array<vec2<f32>, PARTICLES>;
var<private> standing_energy: array<f32, PARTICLES>;
var<private> standing_gradient: array<vec2<f32>, PARTICLES>;
var<private> noise: array<vec2<f32>, PARTICLES>;
var<private> moves: array<f32, PARTICLES>;

// ln a = E(x) − E(y) − (|x − y + h∇E(y)|² − |σ z|²)/(4h).
fn log_acceptance(p: u32, h: f32, sigma: f32) -> f32 {
    let back = position[p] - point[p] + h * gradient[p];
    let there = sigma * noise[p];
    let difference = dot(back, back) - dot(there, there);
    return standing_energy[p] - energy[p] - difference * real_recip(4.0 * h);
}

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group.y * groups.x + group.x) * WORKGROUP * PARTICLES + lane;
    // Particles beyond the last repeat it and are not written.
    for (var p = 0u; p < PARTICLES; p++) {
        let row = min(first + p * WORKGROUP, job.rows - 1u);
        point[p] = vec2<f32>(arena[job.positions + 2u * row], arena[job.positions + 2u * row + 1u]);
    }
    let h = arena[job.step_size];
    var sigma = 0.0;
    if (METROPOLIS) {
        sigma = real_sqrt(2.0 * h);
    } else {
        sigma = arena[job.noise];
    }

    let steps = job.steps * tick.times;
    // A Metropolis chain looks at its last proposal after the last step, so it evaluates once more.
    for (var s = 0u; s < steps + u32(METROPOLIS); s++) {
        evaluate(true);
        for (var p = 0u; p < PARTICLES; p++) {
            let row = min(first + p * WORKGROUP, job.rows - 1u);
            if (METROPOLIS) {
                var accept = s == 0u;
                if (s > 0u) {
                    let u = random_uniform(tick.key, tick.substep + s - 1u, job.random_stream + 1u, row);
                    accept = real_ln(u) < log_acceptance(p, h, sigma);
                    // Moves count from where the last repetition begins.
                    moves[p] = select(moves[p], 0.0, (s - 1u) % job.steps == 0u) + select(0.0, 1.0, accept);
                }
                if (accept) {
                    position[p] = point[p];
                    standing_energy[p] = energy[p];
                    standing_gradient[p] = gradient[p];
                }
            } else {
                position[p] = point[p];
                standing_gradient[p] = gradient[p];
            }
            let address = random_address(tick.substep + s, job.random_stream);
            noise[p] = normal_pair(threefry2x32(tick.key, vec2<u32>(row, address)));
            point[p] = position[p] - h * standing_gradient[p] + sigma * noise[p];
        }
    }

    for (var p = 0u; p < PARTICLES; p++) {
        let row = first + p * WORKGROUP;
        if (row < job.rows) {
            var end = point[p];
            var accepted = f32(job.steps);
            if (METROPOLIS) {
                end = position[p];
                accepted = moves[p];
            }
            arena[job.positions + 2u * row] = end.x;
            arena[job.positions + 2u * row + 1u] = end.y;
            arena[job.accepted + row] = accepted;
        }
    }
}
