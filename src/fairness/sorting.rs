//! Scores in ascending order, each with a number beside it, on all threads.
//!
//! Rows are first dealt into parts of equal width between the least and the greatest score, then
//! each part, which fits the cache, is sorted on its own. Where almost all rows fall into one part,
//! that one is sorted on all threads.

use super::ranking::CHUNK;
use rayon::prelude::*;

/// Rows that a part of the sort holds on average; it then fits the cache.
const PART: usize = 2_048;

/// Parts of the sort at most.
const PARTS: usize = 4_096;

/// A score as an integer of the same order, and its cell.
type Keyed = (u64, u32);

/// The scores in ascending order, and the cells beside them.
pub(super) fn sorted(scores: &[f64], of: &[u32]) -> (Vec<f64>, Vec<u32>) {
    let n = scores.len();
    let split = Split::of(scores);
    let chunk = n.div_ceil(rayon::current_num_threads()).max(CHUNK);
    let chunks = scores.par_chunks(chunk).zip(of.par_chunks(chunk));
    let chunks: Vec<(Vec<Keyed>, Vec<usize>)> = chunks.map(|(s, of)| split.parted(s, of)).collect();
    let length =
        |part: usize| chunks.iter().map(|(_, starts)| starts[part + 1] - starts[part]).sum();
    let lengths: Vec<usize> = (0..split.parts).map(length).collect();
    let (mut values, mut cells) = (vec![0.0; n], vec![0; n]);
    let outs: Vec<_> =
        cut(&mut values, &lengths).zip(cut(&mut cells, &lengths)).enumerate().collect();
    outs.into_par_iter().for_each(|(part, (values, cells))| {
        let pieces = chunks.iter().map(|(keyed, starts)| &keyed[starts[part]..starts[part + 1]]);
        let mut keyed: Vec<Keyed> = Vec::with_capacity(values.len());
        pieces.for_each(|piece| keyed.extend_from_slice(piece));
        sort(&mut keyed);
        for ((key, cell), (value, out)) in keyed.iter().zip(values.iter_mut().zip(cells)) {
            (*value, *out) = (score(*key), *cell);
        }
    });
    (values, cells)
}

/// Consecutive parts of a slice.
fn cut<'a, T>(whole: &'a mut [T], lengths: &[usize]) -> impl Iterator<Item = &'a mut [T]> {
    let mut rest = Some(whole);
    lengths.iter().map_while(move |length| {
        let (now, later) = rest.take()?.split_at_mut(*length);
        rest = Some(later);
        Some(now)
    })
}

/// Parts of equal width between the least and the greatest score.
struct Split {
    least: f64,
    scale: f64,
    parts: usize,
}

impl Split {
    fn of(scores: &[f64]) -> Self {
        let ends = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
        let none = || (f64::INFINITY, f64::NEG_INFINITY);
        let of_chunk = |chunk: &[f64]| chunk.iter().map(|s| (*s, *s)).fold(none(), ends);
        let (least, greatest) = scores.par_chunks(CHUNK).map(of_chunk).reduce(none, ends);
        let parts = (scores.len() / PART).clamp(1, PARTS);
        let last = crate::domain::to_f64(u64::try_from(parts - 1).unwrap_or(0));
        let scale = last / (greatest - least);
        let sound = scale.is_finite() && (greatest - least).is_finite();
        if sound { Self { least, scale, parts } } else { Self { least: 0.0, scale: 0.0, parts: 1 } }
    }

    /// The part of a score, which never falls while scores rise.
    fn part(&self, score: f64) -> usize {
        // Beyond 2^52 a number's last bits count its whole part.
        const WHOLE: f64 = 4_503_599_627_370_496.0;
        let bits = ((score - self.least) * self.scale + WHOLE).to_bits() & ((1 << 52) - 1);
        usize::try_from(bits).unwrap_or(usize::MAX).min(self.parts - 1)
    }

    /// Some rows in the order of their parts, and where each part starts.
    fn parted(&self, scores: &[f64], of: &[u32]) -> (Vec<Keyed>, Vec<usize>) {
        let mut starts = vec![0; self.parts + 1];
        for score in scores {
            starts[self.part(*score) + 1] += 1;
        }
        for part in 0..self.parts {
            starts[part + 1] += starts[part];
        }
        let (mut next, mut keyed) = (starts.clone(), vec![(0, 0); scores.len()]);
        for (score, cell) in scores.iter().zip(of) {
            let at = &mut next[self.part(*score)];
            keyed[*at] = (key(*score), *cell);
            *at += 1;
        }
        (keyed, starts)
    }
}

/// An integer of the same order; −0 becomes 0, so that the two tie.
pub(super) fn key(score: f64) -> u64 {
    let bits = (score + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The score of a key.
fn score(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

/// Sorts by key. Where the keys lie close enough together, key and place share one integer, which
/// sorts faster than a pair.
fn sort(keyed: &mut [Keyed]) {
    let keys = || keyed.iter().map(|(key, _)| *key);
    let (Some(least), Some(greatest)) = (keys().min(), keys().max()) else { return };
    let places = usize::BITS - keyed.len().leading_zeros();
    if places > (greatest - least).leading_zeros() {
        return keyed.par_sort_unstable_by_key(|(key, _)| *key);
    }
    let at = |place: usize| u64::try_from(place).unwrap_or_else(|_| unreachable!("usize fits u64"));
    let pack = |(place, (key, _)): (usize, &Keyed)| (key - least) << places | at(place);
    let mut packed: Vec<u64> = keyed.iter().enumerate().map(pack).collect();
    packed.sort_unstable();
    let cells: Vec<u32> = keyed.iter().map(|(_, cell)| *cell).collect();
    for (packed, out) in packed.iter().zip(keyed) {
        let place = packed & ((1 << places) - 1);
        let place = usize::try_from(place).unwrap_or_else(|_| unreachable!("a place in a part"));
        *out = (least + (packed >> places), cells[place]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_the_order() {
        let scores = [f64::MIN, -1.0, -1e-310, 0.0, 1e-310, 0.5, 1.0, f64::MAX];
        for pair in scores.windows(2) {
            assert!(key(pair[0]) < key(pair[1]));
            assert_eq!(score(key(pair[1])).to_bits(), pair[1].to_bits());
        }
        assert_eq!(key(-0.0), key(0.0));
    }

    #[test]
    fn scores_of_many_parts_are_in_order_and_keep_their_cells() {
        let mut draw = crate::domain::Seed::new(3).stream();
        for (middle, width) in [(0.5, 1.0), (-3.0, 1e-9), (5.0, 0.0), (0.0, f64::MAX)] {
            let mut score = || middle + width * (draw.uniform() - 0.5) * 1.5;
            let scores: Vec<f64> = (0..10_000).map(|_| score()).collect();
            let cells: Vec<u32> = (0..10_000).collect();
            let (values, mut found) = sorted(&scores, &cells);
            assert!(values.windows(2).all(|pair| pair[0] <= pair[1]));
            for (value, cell) in values.iter().zip(&found) {
                let of = scores[usize::try_from(*cell).unwrap()];
                assert_eq!(value.to_bits(), of.to_bits());
            }
            found.sort_unstable();
            assert_eq!(found, cells);
        }
    }

    #[test]
    fn parts_are_of_equal_width_and_hold_what_they_should() {
        // 8193 numbers, 4 parts: rounded thirds of the range, half as wide at the ends.
        let scores: Vec<f64> = (0..=8192).map(|i| 10.0 + f64::from(i)).collect();
        let split = Split::of(&scores);
        let parts = [0.0, 1365.0, 1366.0, 4095.0, 4097.0, 6826.0, 6827.0, 8192.0];
        assert_eq!(parts.map(|score| split.part(10.0 + score)), [0, 0, 1, 1, 2, 2, 3, 3]);
        let (keyed, starts) = split.parted(&scores[..4000], &[7; 4000]);
        assert_eq!(starts, [0, 1366, 4000, 4000, 4000]);
        assert_eq!(keyed[1366], (key(1376.0), 7));
    }

    #[test]
    fn scores_too_close_for_parts_are_in_order() {
        let least = f64::from_bits(1);
        let scores: Vec<f64> = (0..5000).map(|i| if i % 2 == 0 { least } else { 0.0 }).collect();
        let (values, _) = sorted(&scores, &vec![0; 5000]);
        assert!(values[..2500].iter().all(|score| *score <= 0.0));
        assert!(values[2500..].iter().all(|score| *score > 0.0));
    }
}
