//! How fast this machine trains and predicts: random pictures through the same door as any others.

use super::classifier::Classifier;
use super::error::ModelError;
use super::options::{Keep, TrainOptions};
use super::train::{Labelled, Observer, train};
use crate::domain::{ClassId, EpochRecord, Examples, Images, Seed, Split, to_f64};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BenchTask {
    /// Steps of training: forward, loss, back, update.
    Train,
    /// The outputs of a batch.
    Predict,
}

/// On what it is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchOptions {
    /// The network, the rows of a batch and the threads; epochs and `keep` are not used.
    pub train: TrainOptions,
    /// Height, width and channels of the pictures.
    pub shape: [usize; 3],
    /// Classes, at least 2.
    pub classes: usize,
    /// Steps before the clock counts, at least 1.
    pub warm_up: usize,
    /// Steps that count, at least 1.
    pub steps: usize,
}

impl Default for BenchOptions {
    /// 50 steps after 10 of the seed network on 64×64 colour pictures of two classes.
    fn default() -> Self {
        let train = TrainOptions::default();
        Self { train, shape: [64, 64, 3], classes: 2, warm_up: 10, steps: 50 }
    }
}

/// A moment, as the caller's clocks tell it, in seconds since any fixed one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Time that passes.
    pub wall: f64,
    /// Time of the processor in this program, all threads together, where it can be told.
    pub cpu: Option<f64>,
}

/// Pictures of a batch by the median time of a step; none where the clock did not move or is not
/// there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Per second.
    pub images_per_second: Option<f64>,
    /// Per second of the processor.
    pub images_per_cpu_second: Option<f64>,
    /// What computed them, in the words of [`Classifier::kernel`].
    pub kernel: &'static str,
}

/// Measures one task. The pictures are drawn; `clock` says when it is.
///
/// # Errors
/// For settings that nothing can be trained with.
pub fn bench(
    task: BenchTask,
    options: &BenchOptions,
    clock: &dyn Fn() -> Moment,
) -> Result<Speed, ModelError> {
    for (key, count) in [("steps", options.steps), ("warm_up", options.warm_up)] {
        if count == 0 {
            return Err(ModelError::Setting { key, found: "0".into(), expected: "at least 1" });
        }
    }
    let mut laps = Laps { clock, moments: Vec::new() };
    let kernel = match task {
        BenchTask::Train => trained(options, options.warm_up + options.steps, &mut laps)?.kernel(),
        BenchTask::Predict => {
            let classifier = trained(options, 1, &mut laps)?;
            let (images, _) = pictures(options, 1);
            laps.moments.clear();
            for _ in 0..options.warm_up + options.steps {
                classifier.logits(&images)?;
                laps.moments.push(clock());
            }
            classifier.kernel()
        }
    };
    Ok(laps.speed(options, kernel))
}

/// Trains one epoch of so many batches.
fn trained(
    options: &BenchOptions,
    batches: usize,
    laps: &mut Laps<'_>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let (images, examples) = pictures(options, batches);
    let data = Labelled { images: &images, examples: &examples };
    let one = TrainOptions { epochs: 1, keep: Keep::Last, ..options.train.clone() };
    Ok(train(data, &one, Seed::new(1), laps, None)?.classifier)
}

/// Pictures of noise for so many batches, the classes in turn.
fn pictures(options: &BenchOptions, batches: usize) -> (Images, Examples) {
    let n = batches * options.train.batch_size;
    let [height, width, channels] = options.shape;
    let mut stream = Seed::new(1).child("model/bench").stream();
    let bytes = n * height * width * channels;
    let mut pixels = Vec::with_capacity(bytes + 7);
    while pixels.len() < bytes {
        pixels.extend_from_slice(&stream.bits().to_le_bytes());
    }
    pixels.truncate(bytes);
    let classes = ClassId::try_from(options.classes).unwrap_or(ClassId::MAX);
    let examples = Examples {
        classes: (0..classes).map(|class| class.to_string()).collect(),
        positive: 0,
        y_true: (0..classes).cycle().take(n).collect(),
        id: vec![String::new(); n],
        split: vec![Split::Train; n],
        groups: Vec::new(),
        subject: None,
    };
    let none = || Images::new(1, 1, 1, Vec::new());
    let images = Images::new(height, width, channels, pixels).or_else(none);
    (images.unwrap_or_else(|| unreachable!("no picture fits any size")), examples)
}

/// Looks at the clock after each step.
struct Laps<'a> {
    clock: &'a dyn Fn() -> Moment,
    moments: Vec<Moment>,
}

impl Observer for Laps<'_> {
    fn batch(&mut self, _: usize, _: usize, _: usize) {
        self.moments.push((self.clock)());
    }

    fn epoch(&mut self, _: &EpochRecord) {}

    fn checkpoint(&mut self, _: &[u8]) -> Result<(), std::io::Error> {
        Ok(())
    }
}

impl Laps<'_> {
    /// From the steps after the warm-up.
    fn speed(&self, options: &BenchOptions, kernel: &'static str) -> Speed {
        let steps = || self.moments.windows(2).skip(options.warm_up - 1);
        let images = u64::try_from(options.train.batch_size).map_or(f64::NAN, to_f64);
        let rate = |laps: Option<Vec<f64>>| {
            laps.and_then(median).filter(|&lap| lap > 0.0).map(|lap| images / lap)
        };
        let wall = steps().map(|pair| Some(pair[1].wall - pair[0].wall));
        let cpu = steps().map(|pair| Some(pair[1].cpu? - pair[0].cpu?));
        Speed {
            images_per_second: rate(wall.collect()),
            images_per_cpu_second: rate(cpu.collect()),
            kernel,
        }
    }
}

/// The middle value; of an even number the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some(f64::midpoint(values[low], values[high]))
}

#[cfg(test)]
mod tests {
    use super::super::engine::Path;
    use super::*;
    use std::cell::Cell;

    fn small() -> BenchOptions {
        let train = TrainOptions { batch_size: 4, ..TrainOptions::default() };
        BenchOptions { train, shape: [18, 19, 3], warm_up: 2, steps: 5, classes: 3 }
    }

    /// A clock whose looks are these seconds apart, over and over; the processor needs twice that.
    fn speed(task: BenchTask, gaps: &[f64], cpu: bool) -> Speed {
        let (at, looks) = (Cell::new(0.0), Cell::new(0));
        let clock = || {
            at.set(at.get() + gaps[looks.get() % gaps.len()]);
            looks.set(looks.get() + 1);
            Moment { wall: at.get(), cpu: cpu.then(|| 2.0 * at.get()) }
        };
        bench(task, &small(), &clock).unwrap()
    }

    #[test]
    fn speed_is_pictures_of_a_batch_by_the_median_step_after_the_warm_up() {
        // Seven looks: the first two end the warm-up, then steps of 0.5, 0.5, 8, 0.5, 0.25 seconds.
        let gaps = [99.0, 99.0, 0.5, 0.5, 8.0, 0.5, 0.25];
        let found = speed(BenchTask::Train, &gaps, true);
        let kernel = Path::widest().name();
        assert_eq!(
            found,
            Speed { images_per_second: Some(8.0), images_per_cpu_second: Some(4.0), kernel }
        );
        let unknown = speed(BenchTask::Train, &gaps, false);
        assert_eq!(unknown, Speed { images_per_cpu_second: None, ..found });
        let steady = speed(BenchTask::Predict, &[2.0], true);
        let expected =
            Speed { images_per_second: Some(2.0), images_per_cpu_second: Some(1.0), kernel };
        assert_eq!(steady, expected);
    }

    #[test]
    fn a_clock_that_stands_still_gives_no_speed() {
        let kernel = Path::widest().name();
        let none = Speed { images_per_second: None, images_per_cpu_second: None, kernel };
        assert_eq!(speed(BenchTask::Predict, &[0.0], true), none);
    }

    #[test]
    fn settings_that_measure_nothing_are_refused() {
        let clock = || Moment { wall: 0.0, cpu: None };
        let message = |options: BenchOptions| {
            bench(BenchTask::Train, &options, &clock).unwrap_err().to_string()
        };
        assert!(message(BenchOptions { steps: 0, ..small() }).starts_with("`steps` is 0"));
        assert!(message(BenchOptions { shape: [9, 9, 1], ..small() }).contains("at least 18x18"));
        let train = TrainOptions { batch_size: 0, ..TrainOptions::default() };
        assert!(message(BenchOptions { train, ..small() }).contains("`batch_size` is 0"));
    }

    #[test]
    fn the_median_by_hand() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
