//! Matrix products over slices: the one door to the `gemm` crate, and one of the two places with `unsafe`.

/// A matrix of `rows × cols` numbers that lie in `data` at `row * row_stride + col * col_stride`.
/// Rows may overlap (`row_stride < cols`), which is how a convolution reads its input in place.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> Matrix<'a> {
    /// `rows × cols` numbers, each row contiguous, rows `row_stride` apart.
    ///
    /// # Panics
    /// When the last number lies outside of `data`.
    pub(crate) fn new(data: &'a [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        assert_inside(data.len(), rows, cols, row_stride);
        Self { data, rows, cols, row_stride, col_stride: 1 }
    }

    /// The same numbers with rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }
}

/// A matrix to be written: each row contiguous, rows `row_stride` apart, no two in the same place.
pub(crate) struct MatrixMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
}

impl<'a> MatrixMut<'a> {
    /// As [`Matrix::new`], with rows that do not overlap.
    ///
    /// # Panics
    /// When the last number lies outside of `data`, or rows overlap.
    pub(crate) fn new(data: &'a mut [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        assert_inside(data.len(), rows, cols, row_stride);
        assert!(row_stride >= cols, "rows of a written matrix must not overlap");
        Self { data, rows, cols, row_stride }
    }
}

/// What happens to the numbers that are already there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// They are overwritten.
    Drop,
    /// The product is added to them.
    Keep,
}

/// Columns that one call of the library gets. Its AVX-512 kernels slow down as the strip widens: a
/// product of 868×96 by 96×64 runs at 31 GFLOP/s in one piece, at 81 in strips of 32, at 99 in
/// strips of 16 (gemm 0.19.0, AMD Zen 4, one thread). With few rows the calls themselves cost more.
/// Up to 256 numbers the library takes inner products, each on its own: eight rows in strips of 32
/// are that many, so what a dense layer says of one picture does not depend on the others.
fn strip(rows: usize) -> usize {
    if rows < 16 { 32 } else { 16 }
}

/// `out = left · right`, or `out += left · right`, on the calling thread. The same numbers come out
/// of the same shapes each time, whatever other threads do.
///
/// # Panics
/// When the shapes do not fit.
pub(crate) fn multiply(
    out: &mut MatrixMut<'_>,
    before: Before,
    left: Matrix<'_>,
    right: Matrix<'_>,
) {
    assert_eq!((out.rows, out.cols), (left.rows, right.cols), "shape of the product");
    assert_eq!(left.cols, right.rows, "inner dimension of the product");
    let strip = strip(out.rows);
    for from in (0..out.cols).step_by(strip).filter(|_| out.rows > 0) {
        let cols = strip.min(out.cols - from);
        let start = if right.rows == 0 { 0 } else { from * right.col_stride };
        let right = Matrix { data: &right.data[start..], cols, ..right };
        let data = &mut out.data[from..];
        multiply_strip(&mut MatrixMut { data, cols, ..*out }, before, left, right);
    }
}

fn multiply_strip(out: &mut MatrixMut<'_>, before: Before, left: Matrix<'_>, right: Matrix<'_>) {
    #[expect(unsafe_code, reason = "the gemm crate takes raw pointers")]
    // SAFETY: `Matrix::new` and `MatrixMut::new` assert that the last element of each matrix, the
    // one at `(rows - 1) * row_stride + (cols - 1) * col_stride`, lies inside of its slice. Strides
    // are not negative, so all elements do; transposing only renames them; a strip starts `from`
    // columns later and ends as many columns earlier, so its last element is one of the whole.
    // `gemm` reads `left.rows × left.cols` and `right.rows × right.cols` elements and reads or
    // writes `out.rows × out.cols`, and `multiply` asserts that these are the declared shapes.
    // `out` is borrowed mutably, so it overlaps neither input, and its rows do not overlap each
    // other (`row_stride >= cols`, column stride 1). The slices are of f32, aligned, initialised.
    // With `Parallelism::None` `gemm` hands the pointers to no other thread, and keeps none.
    unsafe {
        gemm::gemm(
            out.rows,
            out.cols,
            left.cols,
            out.data.as_mut_ptr(),
            1,
            signed(out.row_stride),
            before == Before::Keep,
            left.data.as_ptr(),
            signed(left.col_stride),
            signed(left.row_stride),
            right.data.as_ptr(),
            signed(right.col_stride),
            signed(right.row_stride),
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// A slice is never longer than `isize::MAX` bytes, so a stride inside of one fits.
fn signed(stride: usize) -> isize {
    isize::try_from(stride).unwrap_or_else(|_| unreachable!("a stride inside of a slice"))
}

fn assert_inside(len: usize, rows: usize, cols: usize, row_stride: usize) {
    if rows == 0 || cols == 0 {
        return;
    }
    let last = (rows - 1).checked_mul(row_stride).and_then(|start| start.checked_add(cols - 1));
    assert!(last.is_some_and(|last| last < len), "the matrix lies outside of its slice");
    assert!(rows == 1 || row_stride <= len, "a stride inside of its slice");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers come out exactly.
    fn assert_exact(found: &[f32], expected: &[f32]) {
        let bits = |numbers: &[f32]| numbers.iter().map(|n| n.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(found), bits(expected), "{found:?}");
    }

    #[test]
    fn a_product_by_hand() {
        // [1 2; 3 4] · [5 6; 7 8] = [1·5+2·7 1·6+2·8; 3·5+4·7 3·6+4·8]
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
        let mut out = [100.0; 4];
        let view = |data| Matrix::new(data, 2, 2, 2);
        multiply(&mut MatrixMut::new(&mut out, 2, 2, 2), Before::Drop, view(&a), view(&b));
        assert_exact(&out, &[19.0, 22.0, 43.0, 50.0]);
        multiply(
            &mut MatrixMut::new(&mut out, 2, 2, 2),
            Before::Keep,
            view(&a),
            view(&b).transposed(),
        );
        assert_exact(&out, &[19.0 + 17.0, 22.0 + 23.0, 43.0 + 39.0, 50.0 + 53.0]);
    }

    #[test]
    fn rows_may_overlap_when_read() {
        // Rows (1 2 3), (2 3 4) of the slice 1 2 3 4 times a column of ones.
        let mut out = [0.0; 2];
        let left = Matrix::new(&[1.0, 2.0, 3.0, 4.0], 2, 3, 1);
        let right = Matrix::new(&[1.0; 3], 3, 1, 1);
        multiply(&mut MatrixMut::new(&mut out, 2, 1, 1), Before::Drop, left, right);
        assert_exact(&out, &[6.0, 9.0]);
    }

    #[test]
    #[should_panic(expected = "outside of its slice")]
    fn a_matrix_beyond_its_slice_is_refused() {
        let _ = Matrix::new(&[0.0; 5], 2, 3, 3);
    }

    #[test]
    #[should_panic(expected = "must not overlap")]
    fn a_written_matrix_with_overlapping_rows_is_refused() {
        let _ = MatrixMut::new(&mut [0.0; 5], 2, 3, 2);
    }
}
