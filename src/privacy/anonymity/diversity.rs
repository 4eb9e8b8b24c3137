//! What the equivalence classes give away about one sensitive column.

use super::codes::{Classes, Coded, cross, tally, wide};
use crate::domain::{Undefined, Value, to_f64};

/// Two numbers that agree to this relative error are equal: `exp(ln 2)` is not 2 in floating point.
const SAME: f64 = 1e-9;

/// The sensitive column as codes; numbers that are equal as numbers are one value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sensitive {
    /// The code of each row, `(n,)`; in ascending order of the numbers where all are numbers.
    of: Vec<u32>,
    /// Distinct values of the table.
    values: usize,
    /// Whether all values are numbers and none is missing, so that they have an order.
    pub(super) ordered: bool,
    /// Missing cells.
    pub(super) missing: u64,
}

impl Sensitive {
    /// Orders the codes where that is possible.
    pub(super) fn new(coded: &Coded<'_>) -> Self {
        let parsed: Option<Vec<f64>> = coded.levels.iter().map(|text| number(text)).collect();
        let Some(numbers) = parsed else {
            let (of, values) = (coded.of.clone(), coded.levels.len());
            return Self { of, values, ordered: false, missing: coded.missing };
        };
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
        let mut rank = vec![0_u32; numbers.len()];
        let mut next = 0;
        for pair in order.windows(2) {
            next += u32::from(numbers[pair[0]] < numbers[pair[1]]);
            rank[pair[1]] = next;
        }
        let of = coded.of.iter().map(|code| rank[wide(*code)]).collect();
        Self { of, values: wide(next) + 1, ordered: true, missing: coded.missing }
    }
}

fn number(text: &str) -> Option<f64> {
    // Zero has two signs; adding zero leaves one.
    text.parse::<f64>().ok().filter(|v| v.is_finite()).map(|v| v + 0.0)
}

/// What was measured; each number is the worst over all classes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Diversity {
    /// Largest share of one value in a class.
    pub(super) alpha: f64,
    /// Fewest distinct values.
    pub(super) distinct: u64,
    /// `exp` of the least entropy.
    pub(super) entropy_l: f64,
    /// The `l` of the recursive diversity.
    pub(super) l: u64,
    /// Its infimum of `c`.
    pub(super) recursive_c: Value,
    /// Largest distance of a class from the table, all values equally far apart.
    pub(super) t_equal: f64,
    /// The same with the values in their order, where they have one.
    pub(super) t_ordered: Option<f64>,
    /// Largest relative gain of a value.
    pub(super) beta: f64,
    /// Pairs of class and value whose gain exceeds `−ln p`.
    pub(super) above_cap: u64,
    /// `−ln p` of the rarest value.
    pub(super) rarest_cap: f64,
    /// Largest `|ln(q/p)|`.
    pub(super) delta: f64,
    /// Pairs of class and value where the value does not occur.
    pub(super) absent: u64,
}

/// The table's own distribution, and what the ordered distance needs of it.
struct Whole {
    n: f64,
    counts: Vec<u64>,
    /// `P(value ≤ v)`.
    below: Vec<f64>,
    /// Sums of `below` over all smaller values, one longer than `below`.
    sums: Vec<f64>,
}

impl Whole {
    fn new(sensitive: &Sensitive) -> Self {
        let counts = tally(&sensitive.of, sensitive.values);
        let n = to_f64(counts.iter().sum());
        let (mut seen, mut sum) = (0, 0.0);
        let (mut below, mut sums) = (Vec::new(), vec![0.0]);
        for count in &counts {
            seen += count;
            below.push(to_f64(seen) / n);
            sum += to_f64(seen) / n;
            sums.push(sum);
        }
        Self { n, counts, below, sums }
    }

    fn share(&self, value: usize) -> f64 {
        to_f64(self.counts[value]) / self.n
    }

    /// `Σ |level − P(value ≤ v)|` over the values from `start` to before `end`.
    fn gap(&self, level: f64, start: usize, end: usize) -> f64 {
        let split = start + self.below[start..end].partition_point(|p| *p < level);
        let size = |a: usize, b: usize| to_f64(super::codes::count(b - a));
        let low = level * size(start, split) - (self.sums[split] - self.sums[start]);
        let high = (self.sums[end] - self.sums[split]) - level * size(split, end);
        (low + high).max(0.0)
    }
}

/// Measures one sensitive column. `l` is the one of the recursive diversity; where none is given,
/// the table's own distinct diversity, at least 2.
pub(super) fn measure(classes: &Classes, sensitive: &Sensitive, l: Option<u64>) -> Diversity {
    let (of, mut pairs) = cross(&classes.of, &sensitive.of);
    let counts = tally(&of, pairs.len());
    let mut cells: Vec<(u32, u32, u64)> =
        pairs.drain(..).zip(&counts).map(|((class, value), n)| (class, value, *n)).collect();
    cells.sort_unstable();
    let of_classes: Vec<&[(u32, u32, u64)]> = cells.chunk_by(|a, b| a.0 == b.0).collect();
    let distinct = of_classes.iter().map(|c| super::codes::count(c.len())).min().unwrap_or(0);
    let l = l.unwrap_or(distinct.max(2));
    let whole = Whole::new(sensitive);
    let mut found = start(&whole, sensitive, (distinct, l));
    for class in of_classes {
        let size = to_f64(classes.sizes[wide(class[0].0)]);
        found.shape(class, size);
        found.distance(class, size, &whole);
    }
    found
}

fn start(whole: &Whole, sensitive: &Sensitive, (distinct, l): (u64, u64)) -> Diversity {
    let rarest = whole.counts.iter().min().copied().unwrap_or(1);
    Diversity {
        alpha: 0.0,
        distinct,
        entropy_l: f64::INFINITY,
        l,
        recursive_c: Ok(0.0),
        t_equal: 0.0,
        t_ordered: sensitive.ordered.then_some(0.0),
        beta: 0.0,
        above_cap: 0,
        rarest_cap: (whole.n / to_f64(rarest)).ln(),
        delta: 0.0,
        absent: 0,
    }
}

impl Diversity {
    /// What depends on the counts of the class alone.
    fn shape(&mut self, class: &[(u32, u32, u64)], size: f64) {
        let mut counts: Vec<u64> = class.iter().map(|cell| cell.2).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        self.alpha = self.alpha.max(to_f64(counts[0]) / size);
        let surprise: f64 = counts.iter().map(|c| to_f64(*c) * to_f64(*c).ln()).sum();
        self.entropy_l = self.entropy_l.min(snapped((size.ln() - surprise / size).exp()));
        let skipped = usize::try_from(self.l - 1).unwrap_or(usize::MAX);
        let tail: u64 = counts.iter().skip(skipped).sum();
        if tail == 0 {
            self.recursive_c = Err(Undefined::Unbounded);
        } else if let Ok(c) = &mut self.recursive_c {
            *c = c.max(to_f64(counts[0]) / to_f64(tail));
        }
    }

    /// How far the class is from the table.
    fn distance(&mut self, class: &[(u32, u32, u64)], size: f64, whole: &Whole) {
        let (mut moved, mut ordered, mut seen) = (0.0, 0.0, 0);
        let mut from = 0;
        for (_, value, count) in class {
            let (p, q) = (whole.share(wide(*value)), to_f64(*count) / size);
            let gain = (q - p) / p;
            moved += (q - p).max(0.0);
            self.beta = self.beta.max(gain);
            self.above_cap += u64::from(gain > -p.ln() * (1.0 + SAME) && gain > SAME);
            self.delta = self.delta.max((q / p).ln().abs());
            ordered += whole.gap(to_f64(seen) / size, from, wide(*value));
            seen += count;
            from = wide(*value);
        }
        let values = whole.counts.len();
        ordered += whole.gap(1.0, from, values);
        self.absent += super::codes::count(values - class.len());
        self.t_equal = self.t_equal.max(moved);
        let steps = to_f64(super::codes::count(values.saturating_sub(1).max(1)));
        self.t_ordered = self.t_ordered.map(|t| t.max(ordered / steps));
    }

    /// The distance that suits the values.
    pub(super) fn t(&self) -> f64 {
        self.t_ordered.unwrap_or(self.t_equal)
    }

    /// The least `β` of the enhanced likeness.
    pub(super) fn enhanced_beta(&self) -> Value {
        if self.above_cap > 0 { Err(Undefined::Unbounded) } else { Ok(self.beta) }
    }
}

/// The nearest whole number, where rounding errors are all that separates them.
fn snapped(value: f64) -> f64 {
    let whole = value.round();
    if (value - whole).abs() <= SAME * whole { whole } else { value }
}

#[cfg(test)]
mod tests {
    use super::super::codes::{classes, encode};
    use super::*;

    fn run(quasi: &[&str], sensitive: &[&str], l: Option<u64>) -> Diversity {
        let cells = |texts: &[&str]| -> Vec<Option<String>> {
            texts.iter().map(|t| (!t.is_empty()).then(|| (*t).to_owned())).collect()
        };
        let (quasi, sensitive) = (cells(quasi), cells(sensitive));
        measure(&classes(&[encode(quasi.iter())]), &Sensitive::new(&encode(sensitive.iter())), l)
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn two_classes_by_hand() {
        // Class a: x x y; class b: x y y. Table: x 3/6, y 3/6.
        let d = run(&["a", "a", "a", "b", "b", "b"], &["x", "x", "y", "x", "y", "y"], None);
        assert_eq!((d.distinct, d.l, d.absent, d.above_cap), (2, 2, 0, 0));
        close(d.alpha, 2.0 / 3.0);
        close(d.recursive_c.clone().unwrap(), 2.0);
        close(d.t_equal, 1.0 / 6.0);
        close(d.beta, 1.0 / 3.0);
        // The rarer value loses more on the log scale: ln((1/3)/(1/2)) = −ln 1.5.
        close(d.delta, 1.5_f64.ln());
        close(d.entropy_l, (3.0_f64.ln() - 2.0 * 2.0_f64.ln() / 3.0).exp());
        assert_eq!(d.t_ordered, None);
    }

    #[test]
    fn salaries_of_the_published_example() {
        // Li, Li, Venkatasubramanian 2007, section 4: salaries 3k to 11k in nine steps; a class
        // with {3k, 4k, 5k} is 0.375 away, one with {6k, 8k, 11k} 0.167.
        let quasi = ["a", "a", "a", "b", "b", "b", "c", "c", "c"];
        let d = run(&quasi, &["3", "4", "5", "6", "11", "8", "7", "9", "10"], None);
        close(d.t_ordered.unwrap(), 0.375);
        let d = run(&quasi, &["6", "8", "11", "3", "7", "10", "4", "5", "9"], None);
        close(d.t_ordered.unwrap(), 1.0 / 6.0);
    }

    #[test]
    fn the_ordered_distance_is_the_plain_sum() {
        let quasi = ["a", "b", "a", "c", "b", "a", "c", "b"];
        let values = ["5", "1", "2", "9", "5", "5", "1", "7"];
        let d = run(&quasi, &values, None);
        let numbers: Vec<f64> = values.iter().map(|v| v.parse().unwrap()).collect();
        let mut distinct = numbers.clone();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        let share = |limit: f64, class: Option<&str>| {
            let rows = (0..8).filter(|i| class.is_none_or(|c| quasi[*i] == c));
            let (mut n, mut below) = (0_u32, 0_u32);
            for i in rows {
                n += 1;
                below += u32::from(numbers[i] <= limit);
            }
            f64::from(below) / f64::from(n)
        };
        let distance = |class: &str| {
            let gaps = distinct.iter().map(|v| (share(*v, Some(class)) - share(*v, None)).abs());
            gaps.sum::<f64>() / 4.0
        };
        let worst = ["a", "b", "c"].iter().map(|c| distance(c)).fold(0.0, f64::max);
        close(d.t_ordered.unwrap(), worst);
    }

    #[test]
    fn a_class_with_one_value_has_no_c_and_no_enhanced_beta() {
        let d = run(&["a", "a", "b", "b"], &["x", "x", "x", "y"], None);
        assert_eq!((d.distinct, d.recursive_c.clone()), (1, Err(Undefined::Unbounded)));
        close(d.entropy_l, 1.0);
        // y gains (1/2 − 1/4)/(1/4) = 1 ≤ ln 4; x gains 1/3 > −ln(3/4) = 0.288.
        assert_eq!((d.above_cap, d.enhanced_beta()), (1, Err(Undefined::Unbounded)));
    }

    #[test]
    fn equal_numbers_are_one_value_and_a_missing_one_has_no_order() {
        let d = run(&["a", "a"], &["1", "1.0"], None);
        assert_eq!((d.distinct, d.t_ordered), (1, Some(0.0)));
        let d = run(&["a", "a"], &["1", ""], None);
        assert_eq!((d.distinct, d.t_ordered), (2, None));
    }
}
