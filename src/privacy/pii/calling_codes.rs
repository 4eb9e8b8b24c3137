//! Country calling codes (ITU-T E.164, list of 2016 with later changes).

/// Codes of two digits; 1 and 7 stand alone, all others of the same first digits have three.
const TWO: [u8; 42] = [
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56,
    57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94,
];

/// Codes of three digits.
const THREE: [(u16, u16); 24] = [
    (211, 213),
    (216, 216),
    (218, 218),
    (220, 258),
    (260, 269),
    (290, 291),
    (297, 299),
    (350, 359),
    (370, 378),
    (380, 383),
    (385, 387),
    (389, 389),
    (420, 421),
    (423, 423),
    (500, 509),
    (590, 599),
    (670, 670),
    (672, 692),
    (850, 850),
    (852, 856),
    (880, 880),
    (886, 886),
    (960, 979),
    (992, 998),
];

/// Number of digits of the calling code that `digits` begin with; 0 when there is none.
pub(crate) fn width(digits: &[u8]) -> usize {
    let leading = |n: usize| digits.iter().take(n).fold(0_u16, |sum, d| sum * 10 + u16::from(*d));
    let two = leading(2);
    if matches!(digits.first(), Some(1 | 7)) {
        1
    } else if TWO.iter().any(|c| u16::from(*c) == two) || matches!(two, 95 | 98) {
        2
    } else {
        let three = leading(3);
        3 * usize::from(THREE.iter().any(|(low, high)| (*low..=*high).contains(&three)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_to_three_digits() {
        assert_eq!(width(&[1, 2, 3]), 1);
        assert_eq!(width(&[8, 6, 1]), 2);
        assert_eq!(width(&[3, 5, 3]), 3);
        assert_eq!(width(&[0, 8, 0]), 0);
        assert_eq!(width(&[2, 1, 0]), 0);
        assert_eq!(width(&[]), 0);
    }
}
