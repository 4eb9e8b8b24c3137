//! Training and prediction of the seed network on 64×64 pictures, on all threads of the machine.

use audit::domain::{EpochRecord, Examples, Images, Seed, Split};
use audit::model::{
    BenchOptions, BenchTask, DpSgd, Keep, Labelled, Moment, Observer, TrainOptions, bench, train,
};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use std::time::Instant;

fn main() {
    divan::main();
    for batch_size in BATCHES {
        told(batch_size);
    }
}

/// Rows of a batch.
const BATCHES: [usize; 3] = [8, 32, 64];

/// Prints how many times as long a private step takes, with clipping alone and with noise as well. All
/// are measured in turns on one thread; the best of each counts.
#[expect(clippy::print_stdout, reason = "a bench says what it measured")]
#[expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
fn told(batch_size: usize) {
    let began = Instant::now();
    let wall = || on_processor().unwrap_or_else(|| began.elapsed().as_secs_f64());
    let clock = || Moment { wall: wall(), cpu: None };
    let rate = |noise: Option<f64>| {
        let dp = noise.map(|noise_multiplier| DpSgd { clip: 0.1, noise_multiplier });
        let train = TrainOptions { dp, threads: 1, ..options(batch_size) };
        let options = BenchOptions { train, warm_up: 2, steps: 15, ..BenchOptions::default() };
        let speed = bench(BenchTask::Train, &options, &clock).ok();
        speed.and_then(|speed| speed.images_per_second).unwrap_or(0.0)
    };
    let mut best = [0.0_f64; 3];
    for _ in 0..8 {
        for (best, noise) in best.iter_mut().zip([None, Some(0.0), Some(1.0)]) {
            *best = best.max(rate(noise));
        }
    }
    let [clipped, private] = [best[0] / best[1], best[0] / best[2]];
    println!(
        "batches of {batch_size}, one thread: a clipped step by a plain one {clipped:.2}, with noise \
         {private:.2}"
    );
}

/// Seconds that this thread has run, where Linux says so: a busy machine does not disturb them.
fn on_processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

struct Nobody;

impl Observer for Nobody {
    fn batch(&mut self, _: usize, _: usize, _: usize) {}
    fn epoch(&mut self, _: &EpochRecord) {}
    fn checkpoint(&mut self, _: &[u8]) -> Result<(), std::io::Error> {
        Ok(())
    }
}

fn pictures(n: usize) -> (Images, Examples) {
    let mut stream = Seed::new(1).stream();
    let pixels = (0..n * 64 * 64 * 3).map(|_| stream.bits().to_le_bytes()[0]).collect();
    let examples = Examples {
        classes: vec!["a".to_owned(), "b".to_owned()],
        positive: 1,
        y_true: (0..n).map(|i| u32::from(i % 2 == 1)).collect(),
        id: (0..n).map(|i| i.to_string()).collect(),
        split: vec![Split::Train; n],
        groups: Vec::new(),
        subject: None,
    };
    (Images::new(64, 64, 3, pixels).unwrap_or_else(|| unreachable!("whole pictures")), examples)
}

fn options(batch_size: usize) -> TrainOptions {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let keep = Keep::Last;
    TrainOptions { epochs: 1, batch_size, keep, threads, ..TrainOptions::default() }
}

/// One epoch of eight batches, drawing the weights and writing the checkpoint included.
#[divan::bench(args = BATCHES, sample_count = 10)]
fn train_steps(bencher: Bencher<'_, '_>, batch_size: usize) {
    let (images, examples) = pictures(8 * batch_size);
    let data = Labelled { images: &images, examples: &examples };
    let options = options(batch_size);
    bencher.counter(ItemsCount::new(images.len())).bench(|| {
        black_box(train(data, &options, Seed::new(2), &mut Nobody, None).map(|t| t.weights))
    });
}

/// Logits of that many pictures.
#[divan::bench(args = [8, 64, 512], sample_count = 10)]
fn predict(bencher: Bencher<'_, '_>, n: usize) {
    let (images, _) = pictures(n);
    let (few, examples) = pictures(2);
    let data = Labelled { images: &few, examples: &examples };
    let Ok(trained) = train(data, &options(2), Seed::new(2), &mut Nobody, None) else { return };
    bencher
        .counter(ItemsCount::new(n))
        .bench(|| black_box(trained.classifier.logits(&images).map(|l| l.len())));
}
