// The product of op/matmul.wgsl for adapters that are software on a CPU. There a load from an address that is not a constant
// takes a hundred instructions, whether neighbours read the same element or not, and workgroup memory and barriers take
// more. So an invocation owns ROWS rows; it holds DEPTH columns of them, walks along up to COLUMNS columns of B, and uses each
// element of B that it loads for all its rows, a strip of four at a time, whose sums stay in registers. The repeated lines
// make constants of addresses. Loops end with their conditions, as the body of any other would run once more.

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

var<private> tile: array<array<f32, ROWS>, DEPTH>;
// As many elements of a column of B.
var<private> column: array<f32, DEPTH>;
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
    // An address that is no constant keeps these in memory. As variables the compiler would keep their elements too, and
    // without registers for so many copy each through memory for every product.
    column[k % DEPTH] = 0.0;
    tile[k % DEPTH][0] = 0.0;
    var i = 0u;
    loop {
        var t = 0u;
        loop {
            let along = existing(i + t, k - 1u) * job.a.z;
            let kept = select(0.0, 1.0, i + t < k);
            tile[t] = array<f32, ROWS>(
                //!repeat r ROWS
                arena[a$r + along] * kept,
                //!end
            );
            continuing {
                t += 1u;
                break if t >= DEPTH;
            }
        }
        var j = 0u;
        loop {
            let start = job.b.x + (first_column + j) * job.b.z;
            let last = start + (k - 1u) * stride;
            var at = start + i * stride;
            var d = 0u;
            loop {
                //!repeat f 4
                column[d + $fu] = arena[existing(at, last)];
                at += stride;
                //!end
                continuing {
                    d += 4u;
                    break if d >= DEPTH;
                }
            }
            //!repeat s STRIPS
            //!repeat h 2
            //!repeat r 2
            var sum$s_$h_$r = 0.0;
            //!end
            //!end
            if (i > 0u) {
                //!repeat h 2
                //!repeat r 2
                sum$s_$h_$r = sums[j][4u * $su + 2u * $hu + $ru];
                //!end
                //!end
            }
            //!repeat d DEPTH
            let y$s_$d = column[$d];
            //!repeat h 2
            // Two are loaded before one is multiplied: a load right before its product would become part of it, and cost a
            // copy of the other factor.
            //!repeat r 2
            let x$s_$d_$h_$r = tile[$d][4u * $su + 2u * $hu + $ru];
            //!end
            //!repeat r 2
            sum$s_$h_$r += x$s_$d_$h_$r * y$s_$d;
            //!end
            //!end
            //!end
            //!repeat h 2
            //!repeat r 2
            sums[j][4u * $su + 2u * $hu + $ru] = sum$s_$h_$r;
            //!end
            //!end
            //!end
            continuing {
                j += 1u;
                break if j >= columns;
            }
        }
        continuing {
            i += DEPTH;
            break if i >= k;
        }
    }
    var j = 0u;
    loop {
        let along = job.c.x + (first_column + j) * job.c.z;
        //!repeat r ROWS
        if (row$r < m) {
            let at = along + row$r * job.c.y;
            var result$r = sums[j][$r];
            if (job.size.w == 1u) {
                result$r += arena[at];
            }
            arena[at] = result$r;
        }
        //!end
        continuing {
            j += 1u;
            break if j >= columns;
        }
    }
}
