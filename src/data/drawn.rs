//! The visitor's own points: placed, sprayed, pasted or imported.

use super::Density;
use crate::schema::Param;

/// A set without a density behind it. Its points come from the visitor, so nothing can be drawn and no truth is known.
pub struct Drawn;

impl Density for Drawn {
    fn id(&self) -> &'static str {
        "drawn"
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }
}
