//! Many models at once, through the public door.

use audit::domain::{Examples, Images, Seed, Split};
use audit::model::{
    Divergence, Finished, FleetError, Job, Kept, Labelled, ModelError, Sink, TrainOptions, Want,
    fleet, forecast,
};

/// Keeps results in memory; `full` is the job that finds no room.
#[derive(Default)]
struct Shelf {
    stored: Vec<(String, Finished)>,
    earlier: Vec<String>,
    full: Option<&'static str>,
    progress: Vec<(u64, u64)>,
}

impl Sink for Shelf {
    fn has(&mut self, job: &Job) -> bool {
        self.earlier.contains(&job.name)
    }

    fn take(&mut self, job: &Job, finished: Finished) -> Result<(), std::io::Error> {
        if self.full == Some(job.name.as_str()) {
            return Err(std::io::Error::other("the disk is full"));
        }
        self.stored.push((job.name.clone(), finished));
        Ok(())
    }

    fn progress(&mut self, done: u64, of: u64) {
        self.progress.push((done, of));
    }
}

impl Shelf {
    fn names(&self) -> Vec<&str> {
        self.stored.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// 40 pictures of noise of two classes.
fn data() -> (Images, Examples) {
    let n = 40;
    let mut stream = Seed::new(4).stream();
    let pixels = (0..n * 18 * 18 * 3).map(|_| stream.bits().to_le_bytes()[0]).collect();
    let examples = Examples {
        classes: vec!["a".to_owned(), "b".to_owned()],
        positive: 1,
        y_true: (0..n).map(|i| u32::from(i % 2 == 1)).collect(),
        id: (0..n).map(|i| i.to_string()).collect(),
        split: vec![Split::Test; n],
        groups: Vec::new(),
        subject: None,
    };
    (Images::new(18, 18, 3, pixels).unwrap(), examples)
}

/// Job `i` learns from 10 + 2i rows; the first ones take the longest.
fn jobs() -> Vec<Job> {
    let job = |i: usize| Job {
        name: format!("model-{i}"),
        seed: Seed::new(1).child(&format!("model/{i}")),
        options: TrainOptions { epochs: 5 - i, batch_size: 8, ..TrainOptions::default() },
        train: (0..10 + 2 * i).collect(),
        validation: (30..40).collect(),
        divergence: Divergence::Fails,
    };
    (0..5).map(job).collect()
}

fn run(jobs: &[Job], workers: usize, shelf: &mut Shelf) -> Result<(), FleetError> {
    let (images, examples) = data();
    fleet(Labelled { images: &images, examples: &examples }, jobs, Want::Logits, workers, shelf)
}

#[test]
fn the_results_are_the_same_bytes_in_the_same_order_for_any_number_of_workers() {
    let mut one = Shelf::default();
    run(&jobs(), 1, &mut one).unwrap();
    assert_eq!(one.names(), ["model-0", "model-1", "model-2", "model-3", "model-4"]);
    for workers in [2, 4, 9] {
        let mut many = Shelf::default();
        run(&jobs(), workers, &mut many).unwrap();
        assert!(many.stored == one.stored, "{workers} workers");
    }
}

#[test]
fn a_model_of_the_fleet_is_the_model_that_is_trained_alone() {
    let (images, mut examples) = data();
    let job = jobs().remove(1);
    let mut shelf = Shelf::default();
    let all = Labelled { images: &images, examples: &examples };
    fleet(all, std::slice::from_ref(&job), Want::Weights, 2, &mut shelf).unwrap();
    examples.split = vec![Split::Test; 40];
    job.train.iter().for_each(|&row| examples.split[row] = Split::Train);
    job.validation.iter().for_each(|&row| examples.split[row] = Split::Validation);
    let alone = audit::model::train(
        Labelled { images: &images, examples: &examples },
        &job.options,
        job.seed,
        &mut super::training::Watcher::default(),
        None,
    );
    let alone = alone.unwrap();
    let (_, found) = shelf.stored.remove(0);
    assert!(found.kept == Kept::Weights(alone.weights));
    assert_eq!((found.history, found.kept_epoch), (alone.history, alone.kept_epoch));
}

#[test]
fn stored_jobs_are_not_trained_again() {
    let mut whole = Shelf::default();
    run(&jobs(), 2, &mut whole).unwrap();
    let earlier = ["model-0", "model-3"].map(str::to_owned).to_vec();
    let mut rest = Shelf { earlier, ..Shelf::default() };
    run(&jobs(), 2, &mut rest).unwrap();
    assert_eq!(rest.names(), ["model-1", "model-2", "model-4"]);
    assert!(rest.stored[1] == whole.stored[2]);
    // 4 · 12 + 3 · 14 + 1 · 18 pictures are left to learn from.
    assert_eq!(rest.progress.last(), Some(&(108, 108)));
    let done: Vec<u64> = rest.progress.iter().map(|p| p.0).collect();
    assert!(done.is_sorted());
    let earlier = jobs().into_iter().map(|job| job.name).collect();
    let mut nothing = Shelf { earlier, ..Shelf::default() };
    run(&jobs(), 2, &mut nothing).unwrap();
    assert!(nothing.stored.is_empty() && nothing.progress.is_empty());
}

#[test]
fn the_first_job_in_order_that_fails_is_named_and_those_before_it_are_kept() {
    for workers in [1, 3] {
        let mut jobs = jobs();
        jobs[2].options.learning_rate = 1e30;
        jobs[3].train = vec![0, 2];
        let mut shelf = Shelf::default();
        let error = run(&jobs, workers, &mut shelf).unwrap_err();
        assert!(error.to_string().starts_with("model `model-2`: the loss is "), "{error}");
        assert!(matches!(error, FleetError::Job { source: ModelError::Diverged { .. }, .. }));
        assert_eq!(shelf.names(), ["model-0", "model-1"]);
    }
}

#[test]
fn a_training_that_diverges_can_be_a_result() {
    let mut jobs = jobs();
    jobs[1].options.learning_rate = 1e30;
    jobs[1].divergence = Divergence::IsAResult;
    let mut shelf = Shelf::default();
    run(&jobs, 2, &mut shelf).unwrap();
    assert_eq!(shelf.names().len(), 5);
    assert!(matches!(&shelf.stored[1].1.kept, Kept::Diverged(why) if why.starts_with("the loss")));
}

#[test]
fn a_result_that_cannot_be_stored_stops_the_fleet() {
    let mut shelf = Shelf { full: Some("model-1"), ..Shelf::default() };
    let error = run(&jobs(), 2, &mut shelf).unwrap_err().to_string();
    assert_eq!(error, "the result of model `model-1` could not be stored: the disk is full");
    assert_eq!(shelf.names(), ["model-0"]);
}

#[test]
fn rows_that_there_are_not_are_refused_before_anything_is_trained() {
    let mut jobs = jobs();
    jobs[4].validation.push(40);
    let mut shelf = Shelf::default();
    let error = run(&jobs, 1, &mut shelf).unwrap_err().to_string();
    assert_eq!(error, "model `model-4` names row 40, but there are 40 rows");
    assert!(shelf.stored.is_empty());
}

#[test]
fn the_forecast_by_hand() {
    let jobs = jobs();
    let jobs: Vec<&Job> = jobs.iter().take(3).collect();
    // Learned from: 5·10 + 4·12 + 3·14 = 140. Predicted: (5 + 4 + 3)·10 to validate, 3·40 outputs.
    let found = forecast(&jobs, 40, Want::Logits, Some([10.0, 100.0]), 1);
    assert_eq!((found.jobs, found.image_steps, found.predicted), (3, 140, 240));
    assert!((found.seconds.unwrap() - 16.4).abs() < 1e-9);
    // Two at a time: 5.9 s and 5.6 s, then the third, 4.9 s, after the second.
    let found = forecast(&jobs, 40, Want::Logits, Some([10.0, 100.0]), 2);
    assert!((found.seconds.unwrap() - 10.5).abs() < 1e-9, "{found:?}");
    let unknown = forecast(&jobs, 40, Want::Weights, None, 1);
    assert_eq!((unknown.predicted, unknown.seconds), (120, None));
}
