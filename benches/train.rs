//! Training and prediction of the seed network on 64×64 pictures, on all threads of the machine.

use audit::domain::{EpochRecord, Examples, Images, Seed, Split};
use audit::model::{Keep, Labelled, Observer, TrainOptions, train};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
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
#[divan::bench(args = [8, 32, 64], sample_count = 10)]
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
