//! Layers by candle's own operations, on any device; maps lie as `(n, channels, height, width)`.

use super::super::kernels::norm::EPSILON;
use super::super::kernels::{dense, patches, window};
use super::forward::Ops;
use candle_core::{D, Device, Result, Tensor};

/// candle's operations.
pub(super) struct Portable {
    device: Device,
}

impl Portable {
    /// On that device.
    pub(super) fn new(device: Device) -> Self {
        Self { device }
    }
}

impl Ops for Portable {
    fn map(&self, numbers: Vec<f32>, n: usize, shape: [usize; 3]) -> Result<Tensor> {
        let shape = (n, shape[0], shape[1], shape[2]);
        Tensor::from_vec(numbers, shape, &self.device)?.permute((0, 3, 1, 2))?.contiguous()
    }

    fn rows(&self, numbers: Vec<f32>, n: usize, len: usize) -> Result<Tensor> {
        Tensor::from_vec(numbers, (n, len), &self.device)
    }

    fn conv(&self, x: &Tensor, s: patches::Shape, parts: &[Tensor]) -> Result<Tensor> {
        // candle 0.11.1 finds the way back only where the kernel's last step ends at the edge, in
        // both directions: so the margin is laid first, and what no kernel reaches is cut off.
        let reach = |steps: usize| (steps - 1) * s.stride + s.kernel;
        let padded = x.pad_with_zeros(2, s.margin, s.margin)?;
        let padded = padded.pad_with_zeros(3, s.margin, s.margin)?;
        let reached =
            padded.narrow(2, 0, reach(s.out_height()))?.narrow(3, 0, reach(s.out_width()))?;
        let bias = parts[1].reshape((1, (), 1, 1))?;
        reached.contiguous()?.conv2d(&parts[0], 0, s.stride, 1, 1)?.broadcast_add(&bias)
    }

    fn max_pool(&self, x: &Tensor, s: window::Shape) -> Result<Tensor> {
        let larger = |a: Tensor, b: Tensor| a.ge(&b)?.where_cond(&a, &b);
        folded(x, s, larger)
    }

    fn average_pool(&self, x: &Tensor, s: window::Shape) -> Result<Tensor> {
        folded(x, s, |a, b| a + b)?.affine(f64::from(window::part(s)), 0.0)
    }

    /// candle's own passes a gradient at 0 and hides NaN.
    fn relu(&self, x: &Tensor) -> Result<Tensor> {
        x.le(0.0)?.where_cond(&x.zeros_like()?, x)
    }

    fn flatten(&self, x: &Tensor) -> Result<Tensor> {
        x.flatten_from(1)
    }

    fn dense(&self, x: &Tensor, _: dense::Shape, parts: &[Tensor]) -> Result<Tensor> {
        x.matmul(&parts[0].t()?)?.broadcast_add(&parts[1])
    }

    fn batch_norm(&self, x: &Tensor, parts: &[Tensor]) -> Result<(Tensor, [Vec<f64>; 2])> {
        let mean = over_channels(x)?;
        let centred = x.broadcast_sub(&mean)?;
        let variance = over_channels(&centred.sqr()?)?;
        let moments = [numbers(&mean)?, numbers(&variance)?];
        let spread = centred.broadcast_div(&(variance + EPSILON)?.sqrt()?)?;
        let [scale, shift] = [0, 1].map(|i| by_channel(x, &parts[i]));
        let out = spread.broadcast_mul(&scale?)?.broadcast_add(&shift?)?;
        let [mean, variance] = moments;
        let count = u32::try_from(x.elem_count() / mean.len().max(1)).map_or(f64::MAX, f64::from);
        let unbiased = variance.into_iter().map(|v| v * count / (count - 1.0)).collect();
        Ok((out, [mean, unbiased]))
    }

    fn normalise(&self, x: &Tensor, parts: &[Tensor]) -> Result<Tensor> {
        let [scale, shift, mean, variance] = [0, 1, 2, 3].map(|i| &parts[i]);
        let scale = by_channel(x, &(scale / (variance + EPSILON)?.sqrt()?)?)?;
        let centred = x.broadcast_sub(&by_channel(x, mean)?)?;
        centred.broadcast_mul(&scale)?.broadcast_add(&by_channel(x, shift)?)
    }
}

/// One number for each channel, shaped so that it spreads over `x`.
fn by_channel(x: &Tensor, numbers: &Tensor) -> Result<Tensor> {
    if x.rank() == 4 { numbers.reshape((1, (), 1, 1)) } else { numbers.reshape((1, ())) }
}

/// The mean of each channel, spreading over `x`.
fn over_channels(x: &Tensor) -> Result<Tensor> {
    if x.rank() == 4 { x.mean_keepdim((0, 2, 3)) } else { x.mean_keepdim(0) }
}

fn numbers(tensor: &Tensor) -> Result<Vec<f64>> {
    let numbers: Vec<f32> = tensor.detach().flatten_all()?.to_vec1()?;
    Ok(numbers.into_iter().map(f64::from).collect())
}

/// Joins the cells of each square in reading order; what is left over at the edge is dropped.
/// candle 0.11.1's own max-pool gives a wrong gradient (a test says how); choosing pairwise gives
/// the right one, all of it to the first of equals.
fn folded(
    x: &Tensor,
    s: window::Shape,
    join: impl Fn(Tensor, Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let (n, channels, _, _) = x.dims4()?;
    let (side, height, width) = (s.side, s.out_height(), s.out_width());
    let whole = x.narrow(2, 0, height * side)?.narrow(D::Minus1, 0, width * side)?.contiguous()?;
    let squares = whole.reshape((n * channels * height, side, width, side))?;
    let cell = |i: usize| {
        let cell = squares.narrow(1, i / side, 1)?.narrow(3, i % side, 1)?;
        cell.contiguous()?.reshape((n, channels, height, width))
    };
    (1..side * side).try_fold(cell(0)?, |joined, i| join(joined, cell(i)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Var;

    fn pool(side: usize, x: &Tensor) -> Tensor {
        let (_, channels, height, width) = x.dims4().unwrap();
        let s = window::Shape { height, width, channels, side };
        Portable::new(Device::Cpu).max_pool(x, s).unwrap()
    }

    /// Why a strided convolution is cut to what its kernel reaches. On the day that this test fails,
    /// [`Portable`] can give candle the whole map and its margin.
    #[test]
    fn candles_own_strided_convolution_still_finds_no_way_back_from_some_sizes() {
        // Of 5 × 6 with a kernel of 3 and a stride of 2 the last column is not reached.
        let x = Var::ones((1, 1, 5, 6), candle_core::DType::F32, &Device::Cpu).unwrap();
        let kernel = Tensor::ones((1, 1, 3, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
        let out = x.conv2d(&kernel, 0, 2, 1, 1).unwrap();
        assert!(out.sum_all().unwrap().backward().is_err());
        let (height, width, stride, margin) = (5, 6, 2, 0);
        let s =
            patches::Shape { height, width, channels: 1, filters: 1, kernel: 3, stride, margin };
        let bias = Tensor::zeros(1, candle_core::DType::F32, &Device::Cpu).unwrap();
        let ours = Portable::new(Device::Cpu).conv(&x, s, &[kernel, bias]).unwrap();
        assert_eq!(gradient(&x, &ours)[..6], [1.0, 1.0, 2.0, 1.0, 1.0, 0.0]);
    }

    /// Why candle's own relu is not used. On the day that this test fails, candle has mended it.
    #[test]
    fn candles_own_relu_still_passes_a_gradient_at_zero() {
        let x = Var::new(&[-1.0f32, 0.0, 2.0], &Device::Cpu).unwrap();
        assert_eq!(gradient(&x, &x.relu().unwrap()), [0.0, 1.0, 1.0]);
    }

    #[test]
    fn relu_has_no_gradient_at_zero_and_shows_nan() {
        let x = Var::new(&[-1.0f32, 0.0, 2.0, f32::NAN], &Device::Cpu).unwrap();
        let out = Portable::new(Device::Cpu).relu(&x).unwrap();
        assert_eq!(gradient(&x, &out)[..3], [0.0, 0.0, 1.0]);
        let out: Vec<f32> = out.to_vec1().unwrap();
        assert!(out[..3] == [0.0, 0.0, 2.0] && out[3].is_nan());
    }

    fn gradient(x: &Var, pooled: &Tensor) -> Vec<f32> {
        let gradients = pooled.sum_all().unwrap().backward().unwrap();
        gradients.get(x).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    /// Why candle's own max-pool is not used. On the day that this test fails, candle has mended it:
    /// put `x.max_pool2d(s.side)` into [`Portable`] in place of [`folded`], and delete this test.
    #[test]
    fn candles_own_max_pool_still_has_a_wrong_gradient() {
        // The largest of 1 2 3 4 is 4: its gradient is 1, the others' are 0.
        let x = Var::new(&[[[[1.0f32, 2.0], [3.0, 4.0]]]], &Device::Cpu).unwrap();
        assert_eq!(gradient(&x, &pool(2, &x)), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(gradient(&x, &x.max_pool2d(2).unwrap()), [0.0, 0.0, 0.0, 0.25]);
    }

    #[test]
    fn the_pool_of_candles_operations_takes_the_first_of_equals_and_drops_odd_rows() {
        let x = Var::new(&[[[[5.0f32, 5.0, 9.0], [5.0, 5.0, 9.0], [9.0, 9.0, 9.0]]]], &Device::Cpu);
        let x = x.unwrap();
        let pooled = pool(2, &x);
        assert_eq!(pooled.flatten_all().unwrap().to_vec1::<f32>().unwrap(), [5.0]);
        assert_eq!(gradient(&x, &pooled), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(gradient(&x, &pool(3, &x)), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
