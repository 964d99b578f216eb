//! The core against closed forms: the fused loops against the graph that defines them, samplers against the chains that
//! can be worked out, training rules against their optima, optimisers against plain loops.
//!
//! Averages over N draws are accepted within four standard errors: one seed in 16,000 would fail, and the seeds are fixed.

mod annealed;
mod boltzmann;
mod composed;
mod diffusion;
mod fused;
mod gradients;
mod joint;
mod latent;
mod latent_energy;
mod machine;
mod measures;
mod metropolis;
mod noise;
mod objectives;
mod optimisers;
mod pairs;
mod replay;
mod samplers;
mod scores;
mod tempering;
mod underdamped;
