//! Pools over squares that do not overlap, of one picture that lies as `(height, width, channels)`.
//! What is left over at the lower and right edge is dropped.

/// The sizes of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Rows of the input.
    pub(crate) height: usize,
    /// Columns of the input.
    pub(crate) width: usize,
    /// Channels of input and output.
    pub(crate) channels: usize,
    /// Side of the square, 2 to 16.
    pub(crate) side: usize,
}

impl Shape {
    /// Rows of the output.
    pub(crate) fn out_height(self) -> usize {
        self.height / self.side
    }

    /// Columns of the output.
    pub(crate) fn out_width(self) -> usize {
        self.width / self.side
    }

    /// Numbers of one input picture.
    pub(crate) fn input(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Numbers of one output picture.
    pub(crate) fn output(self) -> usize {
        self.out_height() * self.out_width() * self.channels
    }

    /// Where the numbers of cell `cell` of the square above output position `position` begin.
    fn start(self, position: usize, cell: usize) -> usize {
        let row = position / self.out_width() * self.side + cell / self.side;
        let column = position % self.out_width() * self.side + cell % self.side;
        (row * self.width + column) * self.channels
    }

    fn cells(self) -> usize {
        self.side * self.side
    }
}

/// The largest number of each square, and which cell it was, in reading order, the first of equals.
/// NaN counts as the largest, so that a broken weight shows in the loss.
pub(crate) fn largest(s: Shape, x: &[f32], values: &mut [f32], argmax: &mut [u8]) {
    let outputs = values.chunks_exact_mut(s.channels).zip(argmax.chunks_exact_mut(s.channels));
    for (position, (values, argmax)) in outputs.enumerate() {
        values.copy_from_slice(&x[s.start(position, 0)..][..s.channels]);
        argmax.fill(0);
        for (cell, which) in (1..s.cells()).zip(1..=u8::MAX) {
            let candidates = &x[s.start(position, cell)..][..s.channels];
            for ((value, argmax), &new) in values.iter_mut().zip(&mut *argmax).zip(candidates) {
                if new > *value || (new.is_nan() && !value.is_nan()) {
                    (*value, *argmax) = (new, which);
                }
            }
        }
    }
}

/// Lays the gradient of each output where its largest number was; `d_x` holds zeros before.
pub(crate) fn largest_back(s: Shape, argmax: &[u8], gradient: &[f32], d_x: &mut [f32]) {
    for (i, (&which, g)) in argmax.iter().zip(gradient).enumerate() {
        d_x[s.start(i / s.channels, usize::from(which)) + i % s.channels] = *g;
    }
}

/// The mean of each square.
pub(crate) fn mean(s: Shape, x: &[f32], values: &mut [f32]) {
    let part = part(s);
    for (position, values) in values.chunks_exact_mut(s.channels).enumerate() {
        values.fill(0.0);
        for cell in 0..s.cells() {
            let numbers = &x[s.start(position, cell)..][..s.channels];
            values.iter_mut().zip(numbers).for_each(|(sum, x)| *sum += x);
        }
        for sum in values {
            *sum *= part;
        }
    }
}

/// Spreads the gradient of each output evenly over its square; `d_x` holds zeros before.
pub(crate) fn mean_back(s: Shape, gradient: &[f32], d_x: &mut [f32]) {
    let part = part(s);
    for (position, gradient) in gradient.chunks_exact(s.channels).enumerate() {
        for cell in 0..s.cells() {
            let d_x = &mut d_x[s.start(position, cell)..][..s.channels];
            d_x.iter_mut().zip(gradient).for_each(|(d, g)| *d = part * g);
        }
    }
}

/// The part of one number in the mean of its square.
pub(crate) fn part(s: Shape) -> f32 {
    f32::from(u16::try_from(s.cells()).unwrap_or(u16::MAX)).recip()
}
