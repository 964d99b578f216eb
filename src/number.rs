//! Numbers as text and back. In the browser its own conversion does it: that of the standard library, with its tables of
//! powers of ten, would be a tenth of what the page downloads. For the same reason nothing in the core formats or parses a
//! float by itself.

/// The shortest decimal number that reads back as `x`; `NaN`, `Infinity` and `-Infinity` for the rest.
pub fn print(x: f64) -> String {
    if x.is_sign_negative() && !x.is_nan() { format!("-{}", size(-x)) } else { size(x) }
}

/// The nearest number to a decimal one as JSON writes it; infinite where it is out of range.
#[cfg(not(target_arch = "wasm32"))]
pub fn read(text: &str) -> f64 {
    text.parse().expect("the grammar of JSON is part of what this reads")
}

#[cfg(target_arch = "wasm32")]
pub use browser::read;

#[cfg(target_arch = "wasm32")]
use browser::size;

#[cfg(target_arch = "wasm32")]
mod browser {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        /// JavaScript's text for a number.
        #[wasm_bindgen(js_name = String)]
        pub fn size(x: f64) -> String;

        /// The number that JavaScript reads in a text.
        #[wasm_bindgen(js_name = Number)]
        pub fn read(text: &str) -> f64;
    }
}

/// ECMAScript's Number::toString for numbers that are not negative.
#[cfg(not(target_arch = "wasm32"))]
fn size(x: f64) -> String {
    match x {
        _ if x.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        // Beyond these nobody counts zeros.
        _ if x != 0.0 && !(1e-6..1e21).contains(&x) => format!("{x:e}").replace('e', if x < 1.0 { "e" } else { "e+" }),
        _ => format!("{x}"),
    }
}

/// The f64 with the fewest decimals that rounds to `x`: what somebody meant who wrote 0.1 and was given the nearest f32.
pub fn meant(x: f32) -> f64 {
    let rounded = |decimals| {
        let scale = 10f64.powi(decimals);
        (f64::from(x) * scale).round() / scale
    };
    (0..9).map(rounded).find(|&y| y as f32 == x).unwrap_or(f64::from(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng;
    use rand::RngExt;

    #[test]
    fn what_is_printed_reads_back() {
        let mut rng = rng::host(1);
        for _ in 0..10_000 {
            let x = f64::from_bits(rng.random());
            if x.is_finite() {
                assert_eq!(print(x).parse(), Ok(x));
            }
        }
        // The texts are those of JavaScript's String(x), but for the sign of zero.
        for (x, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (-12.5, "-12.5"),
            (1e21, "1e+21"),
            (123456789012345680000.0, "123456789012345680000"),
            (1.5e-7, "1.5e-7"),
            (0.000001, "0.000001"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(print(x), text);
        }
    }

    #[test]
    fn a_single_means_the_decimal_that_it_was_written_as() {
        for x in [0.1, -7.3, 12.0, 0.015625, 6.000001] {
            assert_eq!(meant(x as f32), x);
        }
        assert!(meant(f32::NAN).is_nan());
        assert_eq!(meant(1e-20), f64::from(1e-20f32));
        assert_eq!(meant(f32::INFINITY), f64::INFINITY);
    }
}
