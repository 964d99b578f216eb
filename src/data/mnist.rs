//! The digits that come with the page: ten thousand of MNIST's training images (LeCun, Cortes & Burges, the MNIST database).

use super::Space;
use super::images::Set;

/// MNIST.
pub static MNIST: Set = Set::new("mnist", "mnist", Space::Images);
/// The same in black and white: a pixel is white from half of the largest intensity on.
pub static BINARY_MNIST: Set = Set::new("binary-mnist", "mnist", Space::Binary(28));
