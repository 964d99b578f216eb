// target[o, i] = combine over l of source[o, l, i]. PARTS invocations share a result: each combines every PARTS-th element,
// then they fold their numbers in workgroup memory. Neighbours read neighbours: along l where inner is 1, else along i.
// Twin of the reduce step of the CPU backend.

//!include "lib/bindings.wgsl"

struct Job {
    results: u32,
    length: u32,
    inner: u32,
    source: u32,
    result: u32,
}

@group(0) @binding(1) var<uniform> jobs: array<vec4<u32>, WINDOW / 16u>;

override WORKGROUP: u32 = 64u;
// Invocations for one result; a power of two, at most WORKGROUP.
override PARTS: u32 = 1u;
// Whether the largest is looked for, else the sum.
override MAXIMUM: bool = false;

const LOWEST: f32 = -3.4028234663852886e38;

var<workgroup> partial: array<f32, WORKGROUP>;

fn combine(a: f32, b: f32) -> f32 {
    if (MAXIMUM) {
        return max(a, b);
    }
    return a + b;
}

fn job_of(index: u32) -> Job {
    let first = jobs[2u * index];
    return Job(first.x, first.y, first.z, first.w, jobs[2u * index + 1u].x);
}

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let job = job_of(group.z);
    let results_each = WORKGROUP / PARTS;
    let along = job.inner == 1u;
    let part = select(lane / results_each, lane % PARTS, along);
    let result = (group.y * groups.x + group.x) * results_each + select(lane % results_each, lane / PARTS, along);
    let valid = result < job.results;

    var value = select(0.0, LOWEST, MAXIMUM);
    if (valid) {
        let start = job.source + (result / job.inner) * job.length * job.inner + result % job.inner;
        // Four running values: less waiting for each other, and less rounding.
        var others = vec4<f32>(value);
        var l = part;
        for (; l + 3u * PARTS < job.length; l += 4u * PARTS) {
            let at = start + l * job.inner;
            let stride = PARTS * job.inner;
            others.x = combine(others.x, arena[at]);
            others.y = combine(others.y, arena[at + stride]);
            others.z = combine(others.z, arena[at + 2u * stride]);
            others.w = combine(others.w, arena[at + 3u * stride]);
        }
        for (; l < job.length; l += PARTS) {
            value = combine(value, arena[start + l * job.inner]);
        }
        value = combine(value, combine(combine(others.x, others.y), combine(others.z, others.w)));
    }

    if (PARTS > 1u) {
        partial[lane] = value;
        let distance = select(results_each, 1u, along);
        for (var parts = PARTS / 2u; parts > 0u; parts /= 2u) {
            workgroupBarrier();
            if (part < parts) {
                partial[lane] = combine(partial[lane], partial[lane + parts * distance]);
            }
        }
        value = partial[lane];
    }
    if (valid && part == 0u) {
        arena[job.result + result] = value;
    }
}
