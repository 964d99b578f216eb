//! The digits that come with the page: ten thousand of MNIST's training images (LeCun, Cortes & Burges, the MNIST database).

use super::images::Set;

/// MNIST.
pub static MNIST: Set = Set::new("mnist");
