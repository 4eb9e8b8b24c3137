//! Pictures that are read again whenever they are needed: the same bytes as from memory, in a bounded
//! buffer, and errors that end the training.

use super::training::{Watcher, planted, train};
use audit::domain::{
    Architecture, Augment, Conv, EpochRecord, Examples, Images, Layer, Padding, PictureSource,
    PictureStream, Recipe, Seed, Split,
};
use audit::model::{FineTune, Labelled, ModelError, Observer, TrainOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of a planted picture, and pictures of a batch.
const SIZE: usize = 18 * 18 * 3;
const BATCH: usize = 15;

/// Counts what it reads, and fails after so many pictures.
#[derive(Debug)]
struct Counting {
    images: Images,
    reads: AtomicUsize,
    used: AtomicUsize,
    most: AtomicUsize,
    fails_after: usize,
}

impl PictureSource for Counting {
    fn read(&self, i: usize, out: &mut [u8]) -> Result<(), String> {
        let reads = self.reads.fetch_add(1, Ordering::SeqCst) + 1;
        if reads > self.fails_after {
            return Err(format!("`{i}.png` is missing"));
        }
        let live = reads - self.used.load(Ordering::SeqCst);
        self.most.fetch_max(live, Ordering::SeqCst);
        out.copy_from_slice(self.images.picture(i));
        Ok(())
    }
}

fn streamed(images: &Images, memory_limit: usize, fails_after: usize) -> (Images, Arc<Counting>) {
    let zero = || AtomicUsize::new(0);
    let images = images.clone();
    let source =
        Arc::new(Counting { images, reads: zero(), used: zero(), most: zero(), fails_after });
    let digests = source.images.digests().into();
    let stream = PictureStream { source: Arc::<Counting>::clone(&source), digests, memory_limit };
    (Images::streamed(source.images.shape(), stream).unwrap(), source)
}

fn options() -> TrainOptions {
    TrainOptions { epochs: 2, batch_size: 16, ..TrainOptions::default() }
}

/// A chain, a list with a normalisation, and a chain whose pictures are changed.
fn trainings() -> [TrainOptions; 3] {
    let conv = Conv { filters: 4, kernel: 3, stride: 2, padding: Padding::Same };
    let list = vec![Layer::Conv(conv), Layer::BatchNorm, Layer::Relu, Layer::Flatten];
    let augment = Augment { rotation: 20.0, brightness: 0.2, ..Augment::default() };
    [
        options(),
        TrainOptions { architecture: Architecture::Layers(list), ..options() },
        TrainOptions { recipe: Recipe { augment, ..Recipe::default() }, ..options() },
    ]
}

#[test]
fn streamed_pictures_give_the_bytes_of_pictures_in_memory() {
    let data = planted();
    for options in trainings() {
        let mut watcher = Watcher::default();
        let expected = train(&data, &options, &mut watcher, None).unwrap();
        let outputs = expected.classifier.logits(&data.0).unwrap();
        for (threads, batches) in [(1, 2), (2, 2), (2, 5)] {
            let (images, source) = streamed(&data.0, batches * BATCH * SIZE, usize::MAX);
            let streamed = (images, data.1.clone());
            let options = TrainOptions { threads, ..options.clone() };
            let found = train(&streamed, &options, &mut Watcher::default(), None).unwrap();
            assert!(found.weights == expected.weights && found.history == expected.history);
            // Two epochs of 60 training and 20 validation rows.
            assert_eq!(source.reads.load(Ordering::SeqCst), 160);
            assert_eq!(found.classifier.logits(&streamed.0).unwrap(), outputs);
            let middle = Some(watcher.checkpoints[0].as_slice());
            let rest = train(&streamed, &options, &mut Watcher::default(), middle).unwrap();
            assert!(rest.weights == expected.weights, "goes on from memory");
        }
    }
}

#[test]
fn a_linear_probe_reads_each_picture_once() {
    let data = planted();
    let weights = train(&data, &options(), &mut Watcher::default(), None).unwrap().weights;
    let file = "w.safetensors".to_owned();
    let none = Vec::new;
    let (weights, linear_probe) = (weights.into(), true);
    let fine_tune = Some(FineTune { file, weights, reset: none(), freeze: none(), linear_probe });
    let options = TrainOptions { fine_tune, ..options() };
    let expected = train(&data, &options, &mut Watcher::default(), None).unwrap();
    let (images, source) = streamed(&data.0, 2 * BATCH * SIZE, usize::MAX);
    let found = train(&(images, data.1), &options, &mut Watcher::default(), None).unwrap();
    assert!(found.weights == expected.weights);
    assert_eq!(source.reads.load(Ordering::SeqCst), 80);
}

/// Says which pictures are used up; after the first batch it waits until the buffer is full.
struct Slow {
    source: Arc<Counting>,
    full: usize,
}

impl Observer for Slow {
    fn batch(&mut self, _: usize, done: usize, _: usize) {
        let full = || self.source.reads.load(Ordering::SeqCst) >= self.full;
        for _ in (0..100_000_000).take_while(|_| done == 1 && !full()) {
            std::thread::yield_now();
        }
        assert!(full(), "pictures are read while others are learned from");
        self.source.used.store(done * BATCH, Ordering::SeqCst);
    }

    fn epoch(&mut self, _: &EpochRecord) {}

    fn checkpoint(&mut self, _: &[u8]) -> Result<(), std::io::Error> {
        Ok(())
    }
}

#[test]
fn no_more_pictures_are_in_memory_than_the_limit_allows() {
    let (images, mut examples) = planted();
    examples.split = (0..100).map(|i| if i < 90 { Split::Train } else { Split::Test }).collect();
    for batches in [2, 3, 4] {
        let limit = batches * BATCH * SIZE + SIZE;
        let (images, source) = streamed(&images, limit, usize::MAX);
        let data = Labelled { images: &images, examples: &examples };
        let full = batches * BATCH;
        let mut slow = Slow { source: Arc::clone(&source), full };
        let options = TrainOptions { epochs: 1, ..options() };
        audit::model::train(data, &options, Seed::new(3), &mut slow, None).unwrap();
        assert_eq!(source.most.load(Ordering::SeqCst), full);
    }
}

fn refused(data: &(Images, Examples), options: &TrainOptions, watcher: &mut Watcher) -> String {
    train(data, options, watcher, None).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_picture_that_cannot_be_read_again_ends_the_training_with_its_name() {
    let data = planted();
    // In the first batch, while others wait, in the validation rows, and in the second epoch.
    for fails_after in [0, 20, 70, 100] {
        let (images, _) = streamed(&data.0, 4 * BATCH * SIZE, fails_after);
        let streamed = (images, data.1.clone());
        let message = refused(&streamed, &options(), &mut Watcher::default());
        assert!(message.starts_with("cannot read a picture again: `"), "{message}");
        assert!(message.ends_with(".png` is missing"), "{message}");
    }
    let (images, _) = streamed(&data.0, 4 * BATCH * SIZE, 40);
    let trained = train(&data, &options(), &mut Watcher::default(), None).unwrap();
    let failed = trained.classifier.logits(&images).unwrap_err();
    assert!(matches!(failed, ModelError::Picture { .. }), "{failed}");
}

#[test]
fn an_error_of_the_training_ends_the_reading() {
    let data = planted();
    let (images, source) = streamed(&data.0, 2 * BATCH * SIZE, usize::MAX);
    let streamed = (images, data.1);
    let wild = TrainOptions { learning_rate: 1e30, ..options() };
    let message = refused(&streamed, &wild, &mut Watcher::default());
    assert!(message.starts_with("the loss is "), "{message}");
    assert!(source.reads.load(Ordering::SeqCst) < 60);
}

#[test]
fn a_memory_without_room_for_two_batches_is_refused() {
    let data = planted();
    let (images, source) = streamed(&data.0, 2 * BATCH * SIZE - 1, usize::MAX);
    let message = refused(&(images, data.1), &options(), &mut Watcher::default());
    let expected = "a batch of 15 pictures in use and the next one need 29160 bytes, more than the \
                    29159 of `dataset.memory_limit`; raise it or lower `batch_size`";
    assert_eq!(message, expected);
    assert_eq!(source.reads.load(Ordering::SeqCst), 0);
}
