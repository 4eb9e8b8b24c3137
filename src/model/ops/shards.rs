//! Sums over the pictures of a batch that come out the same for any number of threads.

use super::{SHARDS, Workers};
use rayon::prelude::*;

/// What the shards of one call have in common.
#[derive(Clone, Copy)]
pub(super) struct Shards<'a> {
    pub(super) workers: &'a Workers,
    /// Pictures.
    pub(super) n: usize,
    /// Numbers of one picture's gradient; 0 when nobody asks for it.
    pub(super) input: usize,
    /// Numbers that are summed.
    pub(super) sums: usize,
}

impl Shards<'_> {
    /// Calls `work(picture, d_x, sums)` for each picture, one shard after another or side by side.
    /// `d_x` is the picture's own, zeroed; `sums` is the shard's. Returns `d_x` of all pictures and
    /// the sums over the shards, added in shard order.
    pub(super) fn run(
        self,
        work: impl Fn(usize, &mut [f32], &mut [f32]) + Sync,
    ) -> (Vec<f32>, Vec<f32>) {
        let Self { workers, n, input, sums } = self;
        let size = n.div_ceil(SHARDS).max(1);
        let mut d_x = vec![0.0; n * input];
        let mut parts = vec![vec![0.0; sums]; n.div_ceil(size)];
        let mut rest = d_x.as_mut_slice();
        let mut jobs = Vec::with_capacity(parts.len());
        for (i, part) in parts.iter_mut().enumerate() {
            let pictures = i * size..n.min((i + 1) * size);
            let (own, others) = rest.split_at_mut(pictures.len() * input);
            rest = others;
            jobs.push((pictures, own, part));
        }
        workers.install(|| {
            jobs.into_par_iter().for_each(|(pictures, d_x, part)| {
                let first = pictures.start;
                for i in pictures {
                    work(i, &mut d_x[(i - first) * input..(i - first + 1) * input], part);
                }
            });
        });
        let mut total = vec![0.0; sums];
        for part in &parts {
            total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
        }
        (d_x, total)
    }
}
