//! The inner loops, written once for every width of register, and all `unsafe` of the engine.
//!
//! Each loop asserts first that everything it will touch lies inside of its slices, and then walks
//! raw pointers: a bounds check per number would cost more than the multiplication. Sums run in the
//! order of the data, so the same numbers come out each time on one kind of processor.

use pulp::Simd;

/// Numbers to which every row of the engine's buffers is rounded up: the widest register.
pub(super) const UNIT: usize = 16;

/// Filters that one pass of [`tile`] over a convolution's kernel makes.
pub(super) const PANEL: usize = 32;

/// `length` rounded up to whole units.
pub(super) const fn padded(length: usize) -> usize {
    length.next_multiple_of(UNIT)
}

/// Numbers of one register.
pub(super) const fn lanes<S: Simd>() -> usize {
    S::F32_LANES
}

/// Whether [`tile`] may hold 18 sums in registers, or only 12, beside what feeds them: the compiler
/// loads a whole step of a tile before it multiplies.
pub(super) const fn is_wide<S: Simd>() -> bool {
    S::REGISTER_COUNT >= 32
}

/// `a · b + c`, rounded once where the processor can, and twice where rounding once would call a
/// library.
#[inline(always)]
fn multiply_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    if const { lanes::<S>() == 4 && !is_wide::<S>() } {
        simd.add_f32s(simd.mul_f32s(a, b), c)
    } else {
        simd.mul_add_e_f32s(a, b, c)
    }
}

/// The place behind the last number of `rows` rows of `len` numbers that begin `stride` apart.
#[inline(always)]
fn end(rows: usize, stride: usize, len: usize) -> usize {
    rows.saturating_sub(1).saturating_mul(stride).saturating_add(len)
}

#[expect(unsafe_code, reason = "a register is loaded from any place")]
#[inline(always)]
unsafe fn load<S: Simd>(at: *const f32) -> S::f32s {
    // SAFETY: the caller says that `lanes` numbers may be read from `at`; `f32s` is as many floats.
    unsafe { at.cast::<S::f32s>().read_unaligned() }
}

#[expect(unsafe_code, reason = "a register is stored to any place")]
#[inline(always)]
unsafe fn store<S: Simd>(at: *mut f32, value: S::f32s) {
    // SAFETY: the caller says that `lanes` numbers may be written to `at`.
    unsafe { at.cast::<S::f32s>().write_unaligned(value) }
}

/// The left side of a product: rows that begin `row` apart and may overlap; each row is `runs` runs
/// of `len` numbers that begin `run` apart. The three runs of a row are the three lines of a picture
/// under a 3×3 kernel, so a convolution reads its input where it lies.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) data: &'a [f32],
    pub(super) row: usize,
    pub(super) runs: usize,
    pub(super) len: usize,
    pub(super) run: usize,
}

/// `out[r][0..2·lanes] = Σₖ left[r][k] · right[k][0..2·lanes]` for `ROWS` rows, by `2·ROWS` sums held
/// in registers. Rows of `right` begin `right_row` apart, those of `out` `out_row`.
///
/// # Panics
/// When something would lie outside of its slice.
#[expect(unsafe_code, reason = "walks pointers")]
#[inline(always)]
pub(super) fn tile<S: Simd, const ROWS: usize>(
    simd: S,
    left: Left<'_>,
    (right, right_row): (&[f32], usize),
    (out, out_row): (&mut [f32], usize),
) {
    let lanes = lanes::<S>();
    let Left { data, row, runs, len, run } = left;
    let reach = end(runs, run, len);
    assert!(end(ROWS, row, reach) <= data.len(), "left side of a product");
    let terms = runs.saturating_mul(len);
    assert!(end(terms, right_row, 2 * lanes) <= right.len(), "right side of a product");
    assert!(end(ROWS, out_row, 2 * lanes) <= out.len(), "product");
    let mut sums = [[simd.splat_f32s(0.0); 2]; ROWS];
    // SAFETY: `left` is read at `r · row + i · run + k`, which ends at `end(ROWS, left.row, reach)`;
    // `right` is read two registers from each of `terms` rows; `out` is written two registers to
    // each of `ROWS` rows. All three ends are asserted above. `next` may leave `right` after the
    // last row, without being read, so it steps by `wrapping_add`.
    unsafe {
        let mut next = right.as_ptr();
        for i in 0..runs {
            let from = data.as_ptr().add(i * run);
            for k in 0..len {
                let (b0, b1) = (load::<S>(next), load::<S>(next.add(lanes)));
                for (r, sum) in sums.iter_mut().enumerate() {
                    let a = simd.splat_f32s(*from.add(r * row + k));
                    sum[0] = multiply_add(simd, a, b0, sum[0]);
                    sum[1] = multiply_add(simd, a, b1, sum[1]);
                }
                next = next.wrapping_add(right_row);
            }
        }
        for (r, sum) in sums.iter().enumerate() {
            let to = out.as_mut_ptr().add(r * out_row);
            store::<S>(to, sum[0]);
            store::<S>(to.add(lanes), sum[1]);
        }
    }
}

/// One term of a sum over scattered rows: the row that begins at `at`, times `by`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Term {
    pub(super) at: u32,
    pub(super) by: f32,
}

/// `out[r][0..NV·lanes] += Σₜ t.by · source[t.at + r · source_row..]` for `ROWS` rows, by `ROWS·NV` sums
/// held in registers.
///
/// # Panics
/// When something would lie outside of its slice.
#[expect(unsafe_code, reason = "walks pointers")]
#[inline(always)]
pub(super) fn gather<S: Simd, const ROWS: usize, const NV: usize>(
    simd: S,
    terms: &[Term],
    (source, source_row): (&[f32], usize),
    (out, out_row): (&mut [f32], usize),
) {
    let lanes = lanes::<S>();
    assert!(end(ROWS, out_row, NV * lanes) <= out.len(), "sum of rows");
    let reach = end(ROWS, source_row, NV * lanes);
    let last = source.len().checked_sub(reach);
    let mut sums = [[simd.splat_f32s(0.0); NV]; ROWS];
    for term in terms {
        let at = usize::try_from(term.at).unwrap_or(usize::MAX);
        assert!(last.is_some_and(|last| at <= last), "row of a sum");
        let by = simd.splat_f32s(term.by);
        for (r, sums) in sums.iter_mut().enumerate() {
            for (v, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the last number read is at `at + reach - 1`, which is asserted to lie
                // inside of `source`.
                let x = unsafe { load::<S>(source.as_ptr().add(at + r * source_row + v * lanes)) };
                *sum = multiply_add(simd, by, x, *sum);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (v, &sum) in sums.iter().enumerate() {
            // SAFETY: `out` holds `ROWS` rows of `NV` registers that begin `out_row` apart, as asserted.
            unsafe {
                let to = out.as_mut_ptr().add(r * out_row + v * lanes);
                store::<S>(to, simd.add_f32s(load::<S>(to), sum));
            }
        }
    }
}

/// `Σₖ x[r][k] · w[u][k]` for `ROWS` rows and `UNITS` units of `len` numbers, a multiple of [`UNIT`].
///
/// # Panics
/// When something would lie outside of its slice.
#[expect(unsafe_code, reason = "walks pointers")]
#[inline(always)]
pub(super) fn dots<S: Simd, const ROWS: usize, const UNITS: usize>(
    simd: S,
    (x, x_row): (&[f32], usize),
    (w, w_row): (&[f32], usize),
    len: usize,
) -> [[f32; UNITS]; ROWS] {
    let lanes = lanes::<S>();
    assert!(len.is_multiple_of(UNIT), "whole registers");
    assert!(end(ROWS, x_row, len) <= x.len() && end(UNITS, w_row, len) <= w.len(), "inner product");
    let mut sums = [[simd.splat_f32s(0.0); UNITS]; ROWS];
    for k in (0..len).step_by(lanes) {
        // SAFETY: `k + lanes <= len`, since `lanes` divides `UNIT`; rows and units end inside of
        // their slices, as asserted.
        unsafe {
            let mut ws = [simd.splat_f32s(0.0); UNITS];
            for (u, w_u) in ws.iter_mut().enumerate() {
                *w_u = load::<S>(w.as_ptr().add(u * w_row + k));
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let x = load::<S>(x.as_ptr().add(r * x_row + k));
                for (sum, &w) in sums.iter_mut().zip(&ws) {
                    *sum = multiply_add(simd, x, w, *sum);
                }
            }
        }
    }
    sums.map(|row| row.map(|sum| simd.reduce_sum_f32s(sum)))
}

/// `Σ x²`, of a length that is a multiple of [`UNIT`].
#[inline(always)]
pub(super) fn square<S: Simd>(simd: S, x: &[f32]) -> f32 {
    dots::<S, 1, 1>(simd, (x, 0), (x, 0), x.len())[0][0]
}

/// The largest of four registers, plus `bias`, not below 0, and which of the four was it, the first of
/// equals. NaN stays NaN, so that a broken weight shows. `cells` are four slices of the same length, a multiple of [`UNIT`], as is that of `out`.
///
/// # Panics
/// When the lengths differ.
#[expect(unsafe_code, reason = "walks pointers")]
#[inline(always)]
pub(super) fn pool<S: Simd>(
    simd: S,
    cells: [&[f32]; 4],
    bias: &[f32],
    out: &mut [f32],
    which: &mut [u8],
) {
    let (lanes, len) = (lanes::<S>(), out.len());
    assert!(cells.iter().all(|c| c.len() == len) && bias.len() == len && which.len() == len);
    assert!(len.is_multiple_of(UNIT), "whole registers");
    let mut indices = [0u32; UNIT];
    for from in (0..len).step_by(lanes) {
        // SAFETY: all slices have `len` numbers and `from + lanes <= len`; `indices` holds the widest
        // register.
        unsafe {
            let mut best = load::<S>(cells[0].as_ptr().add(from));
            let mut index = simd.splat_u32s(0);
            for (i, cell) in (1..).zip(&cells[1..]) {
                let x = load::<S>(cell.as_ptr().add(from));
                let larger = simd.greater_than_f32s(x, best);
                best = simd.select_f32s(larger, x, best);
                index = simd.select_u32s(larger, simd.splat_u32s(i), index);
            }
            let sum = simd.add_f32s(best, load::<S>(bias.as_ptr().add(from)));
            let zero = simd.splat_f32s(0.0);
            let open = simd.select_f32s(simd.greater_than_f32s(zero, sum), zero, sum);
            store::<S>(out.as_mut_ptr().add(from), open);
            indices.as_mut_ptr().cast::<S::u32s>().write_unaligned(index);
        }
        for (which, index) in which[from..from + lanes].iter_mut().zip(&indices) {
            *which = index.to_le_bytes()[0];
        }
    }
}
