// A convolution's gradient by its kernels. A workgroup owns CHANNELS channels of CHANNELS kernels at one tap; its invocations
// share out the places of all images and add up in workgroup memory.
// Twin of the convolution of the CPU backend.

//!include "lib/convolution.wgsl"

override WORKGROUP: u32 = 64u;

var<workgroup> partial: array<f32, CHANNELS * CHANNELS * WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let job = jobs[group.z];
    let taps = job.kernel.x * job.kernel.y;
    let inputs = (job.image.z + CHANNELS - 1u) / CHANNELS;
    let outputs = (job.kernel.z + CHANNELS - 1u) / CHANNELS;
    let index = group.y * groups.x + group.x;
    if (index >= taps * inputs * outputs) {
        return;
    }
    let tap = index % taps;
    let input = (index / taps % inputs) * CHANNELS;
    let output = (index / taps / inputs) * CHANNELS;
    //!repeat i CHANNELS
    let input$i = min(input + $iu, job.image.z - 1u);
    let output$i = min(output + $iu, job.kernel.z - 1u);
    //!end
    //!repeat i CHANNELS
    //!repeat o CHANNELS
    var sum$i_$o = 0.0;
    //!end
    //!end
    let of_one = job.result.x * job.result.y;
    let shift = vec2<i32>(vec2<u32>(tap / job.kernel.y, tap % job.kernel.y)) - i32(job.result.z);
    for (var place = lane; place < of_one * job.image.w; place += WORKGROUP) {
        let image = place / of_one;
        let cell = vec2<u32>(place % of_one / job.result.y, place % job.result.y);
        let there = vec2<i32>(cell * job.kernel.w) + shift;
        if (all(there >= vec2<i32>(0)) && all(there < vec2<i32>(job.image.xy))) {
            let at = vec2<u32>(there);
            let source = job.at.x + ((image * job.image.x + at.x) * job.image.y + at.y) * job.image.z;
            let result = job.at.z + place * job.kernel.z;
            //!repeat i CHANNELS
            let x$i = arena[source + input$i];
            let y$i = arena[result + output$i];
            //!end
            //!repeat i CHANNELS
            //!repeat o CHANNELS
            sum$i_$o += x$i * y$o;
            //!end
            //!end
        }
    }
    //!repeat i CHANNELS
    //!repeat o CHANNELS
    partial[($iu * CHANNELS + $ou) * WORKGROUP + lane] = sum$i_$o;
    //!end
    //!end
    workgroupBarrier();
    // One invocation each adds up the parts of one element.
    if (lane >= CHANNELS * CHANNELS) {
        return;
    }
    var sum = 0.0;
    for (var part = 0u; part < WORKGROUP; part++) {
        sum += partial[lane * WORKGROUP + part];
    }
    let c = input + lane / CHANNELS;
    let o = output + lane % CHANNELS;
    if (c < job.image.z && o < job.kernel.z) {
        arena[job.at.y + (o * job.image.z + c) * taps + tap] = sum;
    }
}
