//! `max(0, x)` as a candle operation. candle's own makes 0 of NaN and so hides a broken weight.

use super::super::kernels::relu;
use super::{numbers, with_numbers};
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Tensor};

/// Of a tensor of any shape.
pub(crate) struct Relu;

impl CustomOp1 for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, candle_core::Shape)> {
        let x = numbers(storage, layout, self.name())?;
        Ok((CpuStorage::F32(x.iter().copied().map(relu).collect()), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, res: &Tensor, grad_res: &Tensor) -> Result<Option<Tensor>> {
        let d_x: Vec<f32> = with_numbers([res, &grad_res.contiguous()?], self.name(), |t| {
            let open = |(y, g): (&f32, &f32)| if *y > 0.0 { *g } else { 0.0 };
            t[0].iter().zip(t[1]).map(open).collect()
        })?;
        Ok(Some(Tensor::from_vec(d_x, x.shape(), &Device::Cpu)?))
    }
}
