//! Products of any number of rows by two registers of columns, out of tiles.

use super::simd::{Left, is_wide, tile};
use pulp::Simd;

/// `out[r][0..2·lanes] = Σₖ left[r][k] · right[k][0..2·lanes]` for `rows` rows, at least one. The last
/// tile overlaps the one before it where the rows do not divide evenly: it writes the same numbers
/// again, since a row's sum does not depend on its tile.
#[inline(always)]
pub(super) fn product<S: Simd>(
    simd: S,
    rows: usize,
    left: Left<'_>,
    right: (&[f32], usize),
    out: (&mut [f32], usize),
) {
    if const { is_wide::<S>() } {
        match best(rows, &[9, 8, 7, 6, 5, 3, 1]) {
            9 => tiles::<S, 9>(simd, rows, left, right, out),
            8 => tiles::<S, 8>(simd, rows, left, right, out),
            7 => tiles::<S, 7>(simd, rows, left, right, out),
            6 => tiles::<S, 6>(simd, rows, left, right, out),
            5 => tiles::<S, 5>(simd, rows, left, right, out),
            3 => tiles::<S, 3>(simd, rows, left, right, out),
            _ => tiles::<S, 1>(simd, rows, left, right, out),
        }
    } else {
        match best(rows, &[6, 4, 3, 1]) {
            6 => tiles::<S, 6>(simd, rows, left, right, out),
            4 => tiles::<S, 4>(simd, rows, left, right, out),
            3 => tiles::<S, 3>(simd, rows, left, right, out),
            _ => tiles::<S, 1>(simd, rows, left, right, out),
        }
    }
}

/// The height of tile that costs least: a row costs one, starting a tile's pass over `right` two.
fn best(rows: usize, heights: &[usize]) -> usize {
    let fits = heights.iter().copied().filter(|&height| height <= rows);
    fits.min_by_key(|height| rows.div_ceil(*height) * (height + 2)).unwrap_or(1)
}

#[inline(always)]
fn tiles<S: Simd, const ROWS: usize>(
    simd: S,
    rows: usize,
    left: Left<'_>,
    right: (&[f32], usize),
    (out, out_row): (&mut [f32], usize),
) {
    for from in (0..rows).step_by(ROWS) {
        let from = from.min(rows - ROWS);
        let left = Left { data: &left.data[from * left.row..], ..left };
        tile::<S, ROWS>(simd, left, right, (&mut out[from * out_row..], out_row));
    }
}
