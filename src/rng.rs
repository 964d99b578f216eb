//! Counter-based random numbers, bit-equal to `shaders/lib/rng.wgsl`.
