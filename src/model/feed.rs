//! What a network is fed with, batch by batch: pictures in memory, pictures that a thread of their own
//! reads ahead, or numbers that were computed from pictures.

use super::error::ModelError;
use super::learner::{Batch, Learner, Pictures};
use crate::domain::{Images, PictureStream};
use std::sync::mpsc::sync_channel;

/// Most pictures that are predicted together; few enough that their maps stay in the cache.
const BATCH: usize = 64;

/// Batches that are in memory beside those that wait: the one in use, and the one being read.
const BUSY: usize = 2;

/// Most batches that wait.
const AHEAD: usize = 8;

/// What a network is fed with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Feed<'a> {
    /// Pictures.
    Images(&'a Images),
    /// What the layers below the last made of them.
    Features(&'a Features),
}

/// The input of the last dense layer for some rows.
#[derive(Debug)]
pub(crate) struct Features {
    /// `(rows, width)`.
    numbers: Vec<f32>,
    width: usize,
    /// Where each row of the data lies; beyond the end where it was not wanted.
    at: Vec<usize>,
}

impl Features {
    /// Computes those of some rows once.
    pub(crate) fn of(
        learner: &dyn Learner,
        images: &Images,
        rows: &[usize],
    ) -> Result<Self, ModelError> {
        let feed = Feed::Images(images);
        let width = learner.plan().features();
        let mut numbers = Vec::with_capacity(rows.len() * width);
        let batches: Vec<&[usize]> = rows.chunks(feed.predicted_together()).collect();
        feed.each(&batches, &mut |i, pictures| {
            let batch = Batch { pictures, rows: batches[i], classes: &[], augment: None };
            numbers.extend(learner.features(&batch)?);
            Ok(())
        })?;
        let mut at = vec![usize::MAX; images.len()];
        rows.iter().enumerate().for_each(|(i, &row)| at[row] = i);
        Ok(Self { numbers, width, at })
    }

    /// Those of a row that was wanted.
    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.numbers[self.at[row] * self.width..][..self.width]
    }
}

impl Feed<'_> {
    /// Hands the pictures of each batch to `take`, in order, with the number of the batch. Streamed
    /// pictures are read ahead of it by a thread of their own; this returns when that has ended.
    pub(crate) fn each(
        self,
        batches: &[&[usize]],
        take: &mut dyn FnMut(usize, Pictures<'_>) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        match self {
            Self::Features(features) => {
                (0..batches.len()).try_for_each(|i| take(i, Pictures::Features(features)))
            }
            Self::Images(images) => match images.stream() {
                None => (0..batches.len()).try_for_each(|i| take(i, Pictures::All(images))),
                Some(stream) => streamed(images, stream, batches, take),
            },
        }
    }

    /// Pictures that are predicted together; which changes no output.
    pub(crate) fn predicted_together(self) -> usize {
        match self {
            Self::Features(_) => BATCH,
            Self::Images(images) => {
                let fits = |stream: &PictureStream| stream.memory_limit / BUSY / images.size();
                images.stream().map_or(BATCH, |stream| fits(stream).clamp(1, BATCH))
            }
        }
    }
}

fn streamed(
    images: &Images,
    stream: &PictureStream,
    batches: &[&[usize]],
    take: &mut dyn FnMut(usize, Pictures<'_>) -> Result<(), ModelError>,
) -> Result<(), ModelError> {
    let longest = batches.iter().map(|rows| rows.len()).max().unwrap_or(0);
    let (limit, size) = (stream.memory_limit, longest * images.size());
    let Some(ahead) = (limit / size.max(1)).checked_sub(BUSY) else {
        let needed = BUSY * size;
        return Err(ModelError::MemoryLimit { limit, needed, pictures: longest });
    };
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(ahead.min(AHEAD));
        scope.spawn(move || {
            for rows in batches {
                let read = read(images, stream, rows);
                let ends = read.is_err();
                // Nobody listens any more after an error on the other side.
                if sender.send(read).is_err() || ends {
                    return;
                }
            }
        });
        for (i, read) in receiver.into_iter().enumerate() {
            take(i, Pictures::Own(&read?))?;
        }
        Ok(())
    })
}

/// The pictures of these rows, by as many threads as the program shares.
fn read(images: &Images, stream: &PictureStream, rows: &[usize]) -> Result<Images, ModelError> {
    let size = images.size();
    let mut pixels = vec![0; rows.len() * size];
    let part = rows.len().div_ceil(rayon::current_num_threads()).max(1);
    let read = |rows: &[usize], pixels: &mut [u8]| {
        let mut pictures = rows.iter().zip(pixels.chunks_exact_mut(size));
        pictures.try_for_each(|(&row, out)| stream.source.read(row, out))
    };
    let ended: Result<(), String> = std::thread::scope(|scope| {
        let parts = rows.chunks(part).zip(pixels.chunks_mut(part * size));
        let threads: Vec<_> =
            parts.map(|(rows, out)| scope.spawn(move || read(rows, out))).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Result<(), String>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().try_for_each(join)
    });
    ended.map_err(|because| ModelError::Picture { because })?;
    let [height, width, channels] = images.shape();
    let read = Images::new(height, width, channels, pixels);
    Ok(read.unwrap_or_else(|| unreachable!("whole pictures")))
}

/// The outputs for some rows, `(rows, classes)`; a broken network's are not finite.
pub(crate) fn outputs(
    learner: &dyn Learner,
    feed: Feed<'_>,
    rows: &[usize],
) -> Result<Vec<f64>, ModelError> {
    let mut all = Vec::with_capacity(rows.len() * learner.plan().classes);
    let batches: Vec<&[usize]> = rows.chunks(feed.predicted_together()).collect();
    feed.each(&batches, &mut |i, pictures| {
        let batch = Batch { pictures, rows: batches[i], classes: &[], augment: None };
        all.extend(learner.infer(&batch)?.into_iter().map(f64::from));
        Ok(())
    })?;
    Ok(all)
}
