//! Scalar functions shared by the CPU kernels and, formula by formula, by `shaders/lib/math.wgsl`.
