//! Small patterns in black and white whose law is known in full: few enough pixels that every state can be counted.

use super::idx::Images;
use super::{Density, Space};
use crate::schema::{Group, Param, Section};

/// Bars and stripes (MacKay 2003, Information Theory, Inference, and Learning Algorithms, §43; Fischer & Igel 2012): a coin says
/// whether rows or columns are filled, and one coin a line whether that one is. Of 4 × 4 pixels there are 30 such patterns, of 2¹⁶
/// images.
pub struct BarsAndStripes;

/// Pixels of a side.
const SIDE: Param = Param::integer("side", Group::Data, 4, 2, 4).structural().primary();

impl Density for BarsAndStripes {
    fn id(&self) -> &'static str {
        "bars-and-stripes"
    }

    fn params(&self) -> &'static [Param] {
        &[SIDE]
    }

    fn space(&self, section: &Section) -> Space {
        Space::Binary(section.count(SIDE.name))
    }

    fn patterns(&self, section: &Section) -> Option<Images> {
        let side = section.count(SIDE.name);
        let filled = |lines: usize, line: usize| 255 * (lines >> line & 1) as u8;
        let images = (0..2).flat_map(|across| (0..1 << side).map(move |lines| (across == 0, lines)));
        let pixels = images.flat_map(|(rows, lines)| {
            (0..side * side).map(move |i| filled(lines, if rows { i / side } else { i % side }))
        });
        Some(Images { pixels: pixels.collect(), labels: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn bars_and_stripes_are_all_of_them_as_often_as_they_come() {
        // ln of the number of draws, less what the two patterns that come twice save.
        for (side, patterns, entropy) in [(3, 14, 2.5993), (4, 30, 3.3791)] {
            let section = Section::parse(
                "data",
                "bars-and-stripes",
                BarsAndStripes.params(),
                crate::json!({"side": side}).as_object().unwrap(),
            );
            let section = section.unwrap();
            let d = BarsAndStripes.space(&section).dimension();
            assert_eq!(d, side * side);
            let pixels = BarsAndStripes.patterns(&section).unwrap().pixels;
            let mut counts: BTreeMap<&[u8], f64> = BTreeMap::new();
            pixels.chunks_exact(d).for_each(|image| *counts.entry(image).or_default() += 1.0);
            assert_eq!((pixels.len() / d, counts.len()), (2 << side, patterns));
            let all = (pixels.len() / d) as f64;
            let found: f64 = counts.values().map(|n| -n / all * (n / all).ln()).sum();
            assert!((found - entropy).abs() < 1e-4, "{found}");
            for image in counts.keys() {
                let rows = (0..d).all(|i| image[i] == image[i / side * side]);
                let columns = (0..d).all(|i| image[i] == image[i % side]);
                assert!(rows || columns);
            }
        }
    }
}
