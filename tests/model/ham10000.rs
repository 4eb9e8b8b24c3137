//! The published reference on real pictures: minutes of work, so only on demand
//! (`cargo test --test suite ham10000 -- --ignored --nocapture`).

use audit::domain::{EpochRecord, Examples, Images, Seed, Split};
use audit::model::{Keep, Labelled, Observer, TrainOptions, train};
use std::path::Path;

struct Story;

impl Observer for Story {
    fn batch(&mut self, _: usize, _: usize, _: usize) {}
    fn epoch(&mut self, record: &EpochRecord) {
        eprintln!("{record:?}");
    }
    fn checkpoint(&mut self, _: &[u8]) -> Result<(), std::io::Error> {
        Ok(())
    }
}

fn read(folder: &Path) -> (Images, Examples) {
    let table = std::fs::read_to_string(folder.join("metadata.csv")).unwrap();
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let column = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let (path, label, split) = (column("path"), column("label"), column("split"));
    let mut examples = Examples {
        classes: vec!["benign".to_owned(), "malignant".to_owned()],
        positive: 1,
        y_true: Vec::new(),
        id: Vec::new(),
        split: Vec::new(),
        groups: Vec::new(),
        subject: None,
    };
    let mut pixels = Vec::new();
    for row in lines {
        examples.y_true.push(row[label].parse().unwrap());
        examples.id.push(row[path].to_owned());
        examples.split.push(Split::parse(row[split]).unwrap());
        pixels.extend(image::open(folder.join(row[path])).unwrap().to_rgb8().into_raw());
    }
    (Images::new(64, 64, 3, pixels).unwrap(), examples)
}

/// Share of pairs in which the positive row has the higher score, ties half.
fn auc(scores: &[(f64, bool)]) -> f64 {
    let of = |positive: bool| scores.iter().filter(move |s| s.1 == positive).map(|s| s.0);
    let (mut won, mut pairs) = (0.0, 0.0);
    for p in of(true) {
        for n in of(false) {
            won += if p > n {
                1.0
            } else if p < n {
                0.0
            } else {
                0.5
            };
            pairs += 1.0;
        }
    }
    won / pairs
}

/// The reference is a test AUC of 0.751 ± 0.016 (standard deviation over three seeds) after 8 epochs
/// of batches of 64, the last epoch kept, as in `audits/skin-lesion.yaml`. Seeds 0 to 9 gave
/// 0.767 ± 0.018 here. A run of this recipe can spike late or die, in any tool: twelve runs of
/// `PyTorch` 2.15.0 gave 0.737 ± 0.077, one of them 0.5, and earlier kernels, which round otherwise,
/// 0.730 ± 0.057; so the mean of five is asked for.
#[test]
#[ignore = "trains for minutes"]
fn the_reference_recipe_reaches_the_reference_result() {
    let Some(folder) = crate::shared::data("ham10000", "images/ham10000_64") else { return };
    let (images, examples) = read(&folder);
    let options = TrainOptions {
        epochs: 8,
        batch_size: 64,
        keep: Keep::Last,
        threads: 2,
        ..TrainOptions::default()
    };
    let aucs: Vec<f64> = (0..5)
        .map(|seed| {
            let data = Labelled { images: &images, examples: &examples };
            let trained = train(data, &options, Seed::new(seed), &mut Story, None).unwrap();
            let logits = trained.classifier.logits(&images).unwrap();
            let score = |i: usize| (logits.row(i)[1] - logits.row(i)[0], examples.y_true[i] == 1);
            let scores: Vec<_> = examples.rows(Split::Test).into_iter().map(score).collect();
            eprintln!("seed {seed}: test AUC {:.4}", auc(&scores));
            auc(&scores)
        })
        .collect();
    let mean = aucs.iter().sum::<f64>() / 5.0;
    // One standard deviation below the reference.
    assert!(mean >= 0.735, "{aucs:?}");
}
