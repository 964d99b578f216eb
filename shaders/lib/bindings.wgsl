// What every kernel is bound to: the arena, a window of the parameter buffer (declared by each kernel as it reads it) and
// the place in the random numbers. Twin of src/backend/gpu/arena.rs.

@group(0) @binding(0) var<storage, read_write> arena: array<f32, ARENA>;

// Bytes of the parameter buffer that a kernel sees. It holds one or more jobs, of which workgroup_id.z takes one each.
const WINDOW: u32 = 4096u;

struct Tick {
    key: vec2<u32>,
    substep: u32,
    // How often a kernel that repeats itself does so, the sub-step growing by one each time; for others 1.
    times: u32,
}

@group(0) @binding(2) var<uniform> tick: Tick;
