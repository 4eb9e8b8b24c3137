//! Scores from 0 to 1 dealt into parts of equal width, each row one integer: the bits of its score
//! within the part, and below them its cell. Sorting a part sorts its rows.

use rayon::prelude::*;

/// Bits that the cell of a row may have.
pub(super) const CELL_BITS: u32 = 12;

/// Rows that a part holds on average; it then fits the second cache.
const PART: usize = 8_192;

/// Logarithms of the fewest and the most parts.
const WIDTHS: (u32, u32) = (6, 10);

/// Buckets within a part, as a logarithm.
const BUCKETS: u32 = 13;

/// A bucket with more rows than this is sorted, not insertion by insertion.
const CROWDED: u32 = 24;

/// The exponent of 1.
const UNIT: u64 = 1023;

/// Pieces for each thread: threads are never equally fast, and none shall wait for another's last piece.
const PIECES: usize = 8;

/// Where a score lies: parts are numbered from 0, and a score of 1 is a part of its own.
#[derive(Debug, Clone)]
struct Grid {
    /// Number of parts but for that of 1.
    parts: f64,
    /// The least bits of each part, of the first 0.
    lows: Vec<u64>,
    /// Logarithm of the number of parts.
    width: u32,
    /// Bits of a cell.
    cell: u32,
}

impl Grid {
    fn new(width: u32, cell: u32) -> Self {
        let parts = 1_u32 << width;
        let low =
            |part: u32| if part == 0 { 0 } else { (f64::from(part) / f64::from(parts)).to_bits() };
        Self { parts: f64::from(parts), lows: (0..=parts).map(low).collect(), width, cell }
    }

    /// The part of a score. The product is exact, since the number of parts is a power of two.
    #[inline]
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the whole part of a number from 0 to 1024, twice for each row"
    )]
    fn place(&self, score: f64) -> usize {
        (score * self.parts) as u32 as usize
    }

    /// How many bits tell the scores of a part beyond the first apart.
    fn bits(&self, part: usize) -> u32 {
        let exponent = (self.lows[part] >> 52) + u64::from(self.width) - UNIT;
        52 - u32::try_from(exponent).unwrap_or_else(|_| unreachable!("a part is at least 1"))
    }
}

/// Some rows in the order of their parts.
struct Piece {
    /// Rows of the parts beyond the first: bits within the part, then the cell.
    records: Vec<u64>,
    /// Where each part starts.
    starts: Vec<usize>,
    /// Rows of the first part, whose scores have too many bits.
    first: Vec<(u64, u32)>,
}

/// All rows, dealt but not sorted.
pub(super) struct Dealt {
    grid: Grid,
    pieces: Vec<Piece>,
}

/// The rows of one part in ascending order: the bits of each score, and its cell.
pub(super) enum Sorted<'a> {
    /// The first part.
    Pairs(&'a [(u64, u32)]),
    /// Another part: its least bits, the bits of a cell, and the rows.
    Packed(u64, u32, &'a [u64]),
}

impl Dealt {
    /// Deals rows with scores from 0 to 1; the half of each number in `cells` is a cell below `n_cells`,
    /// of which there are at most `2^CELL_BITS`.
    pub(super) fn of(scores: &[f64], cells: &[u32], n_cells: usize) -> Self {
        let width = (scores.len() / PART).checked_ilog2().unwrap_or(0).clamp(WIDTHS.0, WIDTHS.1);
        let cell = usize::BITS - (n_cells - 1).leading_zeros();
        let grid = Grid::new(width, cell);
        let pieces = PIECES * rayon::current_num_threads();
        let chunk = scores.len().div_ceil(pieces).max(super::ranking::CHUNK);
        let chunks = scores.par_chunks(chunk).zip(cells.par_chunks(chunk));
        let pieces = chunks.map(|(scores, cells)| Piece::of(&grid, scores, cells)).collect();
        Self { grid, pieces }
    }

    /// Number of parts.
    pub(super) fn parts(&self) -> usize {
        self.grid.lows.len()
    }

    /// Adds the rows of one part to the counts of their cells.
    pub(super) fn count(&self, part: usize, counts: &mut [u32]) {
        let mask = (1 << self.grid.cell) - 1;
        for piece in &self.pieces {
            if part == 0 {
                piece.first.iter().for_each(|(_, cell)| counts[index(u64::from(*cell))] += 1);
            }
            piece.part(part).iter().for_each(|record| counts[index(record & mask)] += 1);
        }
    }

    /// Sorts one part and shows it to `look`.
    pub(super) fn sorted(&self, part: usize, room: &mut Room, look: impl FnOnce(&Sorted<'_>)) {
        if part == 0 {
            room.pairs.clear();
            self.pieces.iter().for_each(|piece| room.pairs.extend_from_slice(&piece.first));
            room.pairs.sort_unstable();
            return look(&Sorted::Pairs(&room.pairs));
        }
        self.deal(part, self.grid.bits(part) + self.grid.cell, room);
        look(&Sorted::Packed(self.grid.lows[part], self.grid.cell, &room.records));
    }

    /// Brings a part into order: by the highest of its `bits` bits first, then neighbour by neighbour.
    fn deal(&self, part: usize, bits: u32, room: &mut Room) {
        let pieces = || self.pieces.iter().map(|piece| piece.part(part));
        let n = pieces().map(<[u64]>::len).sum::<usize>();
        let shift = bits - BUCKETS;
        room.next.fill(0);
        for record in pieces().flatten() {
            room.next[index(record >> shift) + 1] += 1;
        }
        let crowded = room.next.iter().any(|rows| *rows > CROWDED);
        for bucket in 1..room.next.len() {
            room.next[bucket] += room.next[bucket - 1];
        }
        room.records.resize(n, 0);
        for record in pieces().flatten() {
            let at = &mut room.next[index(record >> shift)];
            room.records[index(u64::from(*at))] = *record;
            *at += 1;
        }
        if crowded { room.records.sort_unstable() } else { insert(&mut room.records) }
    }
}

impl Piece {
    fn of(grid: &Grid, scores: &[f64], cells: &[u32]) -> Self {
        let parts = grid.lows.len();
        let mut starts = vec![0; parts + 1];
        for score in scores {
            starts[grid.place(*score) + 1] += 1;
        }
        let first = std::mem::take(&mut starts[1]);
        for part in 0..parts {
            starts[part + 1] += starts[part];
        }
        let mut next = starts.clone();
        let mut piece =
            Self { records: vec![0; starts[parts]], starts, first: Vec::with_capacity(first) };
        for (score, cell) in scores.iter().zip(cells) {
            let part = grid.place(*score);
            if part == 0 {
                // −0 becomes 0, so that the two tie.
                piece.first.push(((score + 0.0).to_bits(), cell >> 1));
                continue;
            }
            let at = &mut next[part];
            let rest = score.to_bits() - grid.lows[part];
            piece.records[*at] = rest << grid.cell | u64::from(cell >> 1);
            *at += 1;
        }
        piece
    }

    fn part(&self, part: usize) -> &[u64] {
        &self.records[self.starts[part]..self.starts[part + 1]]
    }
}

/// Memory that one part after the other is sorted in.
pub(super) struct Room {
    next: Vec<u32>,
    records: Vec<u64>,
    pairs: Vec<(u64, u32)>,
}

impl Room {
    /// Empty.
    pub(super) fn new() -> Self {
        Self { next: vec![0; (1 << BUCKETS) + 1], records: Vec::new(), pairs: Vec::new() }
    }
}

/// Sorts rows that are nearly in order.
fn insert(records: &mut [u64]) {
    for end in 1..records.len() {
        let record = records[end];
        let mut at = end;
        while at > 0 && records[at - 1] > record {
            records[at] = records[at - 1];
            at -= 1;
        }
        records[at] = record;
    }
}

/// A small integer as an index.
#[inline]
pub(super) fn index(small: u64) -> usize {
    usize::try_from(small).unwrap_or_else(|_| unreachable!("u64 fits usize on our targets"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    fn read(dealt: &Dealt) -> Vec<(u64, u64)> {
        let (mut room, mut rows) = (Room::new(), Vec::new());
        for part in 0..dealt.parts() {
            dealt.sorted(part, &mut room, |sorted| match sorted {
                Sorted::Pairs(pairs) => rows.extend(pairs.iter().map(|(s, c)| (*s, u64::from(*c)))),
                Sorted::Packed(low, cell, records) => {
                    let row = |r: &u64| (low | r >> cell, r & ((1 << cell) - 1));
                    rows.extend(records.iter().map(row));
                }
            });
        }
        rows
    }

    fn check(scores: &[f64], n_cells: usize) {
        let mut draw = Seed::new(2).stream();
        let cells: Vec<u32> =
            scores.iter().map(|_| u32::try_from(draw.below(n_cells)).unwrap()).collect();
        let doubled: Vec<u32> = cells.iter().map(|cell| 2 * cell + cell % 2).collect();
        let dealt = Dealt::of(scores, &doubled, n_cells);
        let mut plain: Vec<(u64, u64)> =
            scores.iter().zip(&cells).map(|(s, c)| ((s + 0.0).to_bits(), u64::from(*c))).collect();
        plain.sort_unstable();
        assert_eq!(read(&dealt), plain);
        let mut counts = vec![0; n_cells];
        (0..dealt.parts()).for_each(|part| dealt.count(part, &mut counts));
        let rows = |cell: usize| cells.iter().filter(|c| index(u64::from(**c)) == cell).count();
        assert!((0..n_cells).all(|cell| index(u64::from(counts[cell])) == rows(cell)));
    }

    #[test]
    fn parts_one_after_the_other_are_in_order() {
        let mut draw = Seed::new(7).stream();
        let uniform: Vec<f64> = (0..150_000).map(|_| draw.uniform()).collect();
        check(&uniform, 280);
        check(&uniform.iter().map(|s| s.powi(9)).collect::<Vec<_>>(), 2);
        check(&uniform.iter().map(|s| (s * 10.0).floor() / 10.0).collect::<Vec<_>>(), 4096);
        check(&uniform.iter().map(|s| 1.0 - s * 1e-9).collect::<Vec<_>>(), 7);
    }

    #[test]
    fn the_ends_and_the_edges_of_the_parts_are_in_order() {
        let mut scores = vec![0.0, -0.0, 1.0, f64::MIN_POSITIVE, 1e-310, 1.0 - f64::EPSILON / 2.0];
        for part in 0..=64_u32 {
            let edge = f64::from(part) / 64.0;
            scores.extend([edge, edge, f64::from_bits(edge.to_bits().saturating_sub(1))]);
        }
        check(&scores, 3);
        check(&[0.5], 1);
    }

    #[test]
    fn a_part_starts_at_its_edge_and_ends_before_the_next() {
        for width in [6_u32, 10] {
            let grid = Grid::new(width, 2);
            let parts = 1_u32 << width;
            for part in 1..=parts {
                let at = usize::try_from(part).unwrap();
                let edge = f64::from(part) / f64::from(parts);
                assert_eq!((grid.lows[at], grid.place(edge)), (edge.to_bits(), at));
                let before = f64::from_bits(edge.to_bits() - 1);
                assert_eq!(grid.place(before), at - 1);
                let last =
                    if part == parts { edge } else { f64::from(part + 1) / f64::from(parts) };
                let rest = f64::from_bits(last.to_bits() - u64::from(part < parts)).to_bits();
                assert!((rest - grid.lows[at]) >> grid.bits(at) == 0);
            }
            assert_eq!([0.0, -0.0, f64::MIN_POSITIVE].map(|score| grid.place(score)), [0; 3]);
        }
    }

    #[test]
    fn the_most_cells_leave_room_for_every_bit_of_a_score() {
        // A part from 1/64 on tells its scores apart by 52 bits, and 4,096 cells take the other 12.
        let scores: Vec<f64> =
            (0..200).map(|i| (1.0 + f64::from(i * 77 % 200) / 200.0) / 64.0).collect();
        check(&scores, 4096);
    }
}
