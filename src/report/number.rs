//! How numbers are written: four significant digits, the interval beside the value.

use crate::domain::{Bound, Interval};

/// A measured number with four significant digits. A whole number below 10⁹ is written in full, and
/// a number below 0.0001 as a power of ten.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let text = if size < 1e9 && size.fract() <= 0.0 {
        format!("{value:.0}")
    } else if !(1e-4..1e9).contains(&size) {
        scientific(value)
    } else {
        format!("{value:.*}", decimals(value))
    };
    sign(&text)
}

/// A number that somebody typed, such as a limit: as short as it reads back.
pub(crate) fn typed(value: f64) -> String {
    sign(&format!("{value}"))
}

/// A share as a percentage, `0.001` as `0.1 %`.
pub(crate) fn percent(share: f64) -> String {
    let short = format!("{:.3e}", share * 100.0);
    format!("{}\u{a0}%", short.parse().map_or(short, typed))
}

/// The interval in brackets.
pub(crate) fn interval(interval: &Interval) -> String {
    format!("[{}, {}]", number(interval.low), number(interval.high))
}

/// `≤ 0.1` or `≥ 0.8`.
pub(crate) fn bound(bound: Bound) -> String {
    match bound {
        Bound::AtMost(limit) => format!("≤ {}", typed(limit)),
        Bound::AtLeast(limit) => format!("≥ {}", typed(limit)),
    }
}

/// The minus sign of typography, and no minus zero.
fn sign(text: &str) -> String {
    let zero = text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.'));
    if zero { text.trim_start_matches('-').to_owned() } else { text.replacen('-', "−", 1) }
}

/// Decimals that leave four significant digits after rounding.
fn decimals(value: f64) -> usize {
    let rounded = format!("{:.3e}", value.abs());
    let exponent = rounded.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    usize::try_from(3 - exponent).unwrap_or(0)
}

/// `1.235 × 10⁻⁵`.
fn scientific(value: f64) -> String {
    let text = format!("{value:.3e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let raised: String = exponent.chars().map(superscript).collect();
    format!("{digits} × 10{raised}")
}

fn superscript(c: char) -> char {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = c.to_digit(10).and_then(|d| usize::try_from(d).ok());
    digit.map_or('⁻', |d| RAISED[d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_significant_digits() {
        for (value, text) in [
            (0.812_74, "0.8127"),
            (0.8, "0.8000"),
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (0.999_96, "1.000"),
            (12.345_6, "12.35"),
            (123_456.7, "123457"),
            (-0.25, "−0.2500"),
            (0.001_234_56, "0.001235"),
            (0.000_012_345_6, "1.235 × 10⁻⁵"),
            (50_000.0, "50000"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn limits_stay_as_typed() {
        assert_eq!(bound(Bound::AtLeast(0.8)), "≥ 0.8");
        assert_eq!(bound(Bound::AtMost(-0.05)), "≤ −0.05");
        assert_eq!(percent(0.001), "0.1\u{a0}%");
        assert_eq!(percent(0.95), "95\u{a0}%");
    }
}
