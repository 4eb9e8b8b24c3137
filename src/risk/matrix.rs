//! The risk matrix.

use crate::domain::Level;
use crate::domain::Level::{High, Low, Moderate, VeryHigh, VeryLow};

/// NIST SP 800-30 r1, table I-2: rows are likelihood from very low to very high, columns severity
/// from very low to very high.
const MATRIX: [[Level; 5]; 5] = [
    [VeryLow, VeryLow, VeryLow, Low, Low],
    [VeryLow, Low, Low, Low, Moderate],
    [VeryLow, Low, Moderate, Moderate, High],
    [VeryLow, Low, Moderate, High, VeryHigh],
    [VeryLow, Low, Moderate, High, VeryHigh],
];

/// The level of a risk from its likelihood and its severity.
///
/// **Source** NIST SP 800-30 r1, appendix I, table I-2. It never falls when either input rises.
#[must_use]
pub fn level(likelihood: Level, severity: Level) -> Level {
    MATRIX[index(likelihood)][index(severity)]
}

fn index(level: Level) -> usize {
    match level {
        VeryLow => 0,
        Low => 1,
        Moderate => 2,
        High => 3,
        VeryHigh => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_the_standards() {
        // Read row by row from the standard, one letter pair per cell.
        let table = [
            (VeryHigh, "VL L M H VH"),
            (High, "VL L M H VH"),
            (Moderate, "VL L M M H"),
            (Low, "VL L L L M"),
            (VeryLow, "VL VL VL L L"),
        ];
        let name = |l| match l {
            VeryLow => "VL",
            Low => "L",
            Moderate => "M",
            High => "H",
            VeryHigh => "VH",
        };
        for (likelihood, cells) in table {
            let row: Vec<&str> =
                Level::ALL.iter().map(|&severity| name(level(likelihood, severity))).collect();
            assert_eq!(row.join(" "), cells, "{likelihood:?}");
        }
    }

    #[test]
    fn worse_inputs_never_lower_the_level() {
        for pair in Level::ALL.windows(2) {
            for other in Level::ALL {
                assert!(level(pair[0], other) <= level(pair[1], other));
                assert!(level(other, pair[0]) <= level(other, pair[1]));
            }
        }
    }
}
