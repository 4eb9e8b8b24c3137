//! Quantile bins of a numeric column, written `age:4` where a feature is named.

use super::rows::Cells;
use crate::domain::Groups;

/// The column and the number of bins that a feature's name asks for, 2 to 100.
pub(super) fn asked(feature: &str) -> Option<(&str, usize)> {
    let (column, bins) = feature.rsplit_once(':')?;
    let bins = bins.parse().ok().filter(|bins| (2..=100).contains(bins))?;
    (!column.is_empty()).then_some((column, bins))
}

/// The feature whose levels are the bins of a column, lowest first, each named after the least and
/// the greatest value in it.
///
/// The cuts are the quantiles `1/bins, 2/bins, …` of all rows that have a value (the smallest value
/// that so many rows do not exceed); equal values share a bin, so that there can be fewer bins.
///
/// # Errors
/// The index of the first cell that is neither empty nor a finite number.
pub(super) fn groups(feature: &str, cells: &Cells, bins: usize) -> Result<Groups, usize> {
    let number = |(i, cell): (usize, &Option<String>)| match cell.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value + 0.0)),
            _ => Err(i),
        },
    };
    let values: Vec<Option<f64>> =
        cells.iter().enumerate().map(number).collect::<Result<_, _>>()?;
    let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let cut = |k: usize| sorted.get((k * sorted.len()).div_ceil(bins).saturating_sub(1)).copied();
    let mut cuts: Vec<f64> = (1..bins).filter_map(cut).collect();
    cuts.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let bin = |value: f64| cuts.partition_point(|cut| *cut < value);
    let mut ends: Vec<Option<(f64, f64)>> = vec![None; cuts.len() + 1];
    for &value in &sorted {
        let (low, _) = ends[bin(value)].unwrap_or((value, value));
        ends[bin(value)] = Some((low, value));
    }
    let level = |bin: usize| ends[..bin].iter().flatten().count();
    let of: Vec<Option<usize>> = values.iter().map(|v| v.map(|value| level(bin(value)))).collect();
    Ok(Groups::ordered(feature, ends.iter().flatten().map(|e| label(*e)).collect(), &of))
}

/// `45–60`, a lone value as it is, and spaces around the dash where a sign would run into it.
fn label((low, high): (f64, f64)) -> String {
    if low.total_cmp(&high).is_eq() {
        format!("{low}")
    } else if low < 0.0 {
        format!("{low} – {high}")
    } else {
        format!("{low}–{high}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binned(text: &str, bins: usize) -> Result<(Vec<String>, Vec<u64>), usize> {
        let cells: Vec<Option<String>> =
            text.split(' ').map(|c| (c != "-").then(|| c.to_owned())).collect();
        let groups = groups("age:4", &cells, bins)?;
        Ok((groups.ids().map(|id| groups.label(id)).collect(), groups.counts()))
    }

    #[test]
    fn a_name_asks_for_bins_or_is_a_name() {
        assert_eq!(asked("age:4"), Some(("age", 4)));
        assert_eq!(asked("a:b:10"), Some(("a:b", 10)));
        for plain in ["age", ":4", "age:", "age:1", "age:x", "age:101"] {
            assert_eq!(asked(plain), None, "{plain}");
        }
    }

    #[test]
    fn quarters_of_eight_rows_have_two_each() {
        let (levels, counts) = binned("8 1 100 3 4 5.5 20 2", 4).unwrap();
        assert_eq!(levels, ["1–2", "3–4", "5.5–8", "20–100"]);
        assert_eq!(counts, [2, 2, 2, 2]);
    }

    #[test]
    fn equal_values_share_a_bin_and_missing_ones_are_their_own() {
        let (levels, counts) = binned("0 0 0 0 0 7 - -3", 4).unwrap();
        // Quantiles of -3 0 0 0 0 0 7: 0, 0, 0.
        assert_eq!(levels, ["-3 – 0", "7", "(missing)"]);
        assert_eq!(counts, [6, 1, 1]);
        assert_eq!(binned("- -", 3).unwrap().0, ["(missing)"]);
    }

    #[test]
    fn a_word_is_named_by_its_row() {
        assert_eq!(binned("1 2 x", 2), Err(2));
        assert_eq!(binned("1 nan 2", 2), Err(1));
    }
}
