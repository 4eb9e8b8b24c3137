//! Canaries of a training that is made here: drawn and committed to before it starts, scored after it ended.
//!
//! The canaries are part of the training alone. The rows that everything else is measured on never hold one.

use super::attacks::bound_options;
use super::measure::Measured;
use super::{Classified, Inputs, PipelineError, Watcher};
use crate::config::{Canaries, CanaryKind, Config, Model};
use crate::dataset::Loaded;
use crate::domain::{
    CanaryRecord, ClassId, Examples, Images, Logits, Members, Seed, Split, Stream, picture_digest,
    to_f64,
};
use crate::model::Classifier;
use crate::privacy::canaries::{self, Ledger};
use crate::privacy::membership::{self, Outputs};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The attack whose score tells canaries that were planted from those that were held out.
const SCORE: &str = "logit_scaled_confidence";
/// The digest that is published before the training, and the bytes that it is of.
const COMMITMENT: &str = "canaries.sha256";
const REVEALED: &str = "canaries.txt";
/// What the model says of each canary.
const SCORES: &str = "canary_scores.csv";

/// The canaries of a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Planted {
    ledger: Ledger,
    /// All pictures, one after the other.
    pixels: Vec<u8>,
    labels: Vec<ClassId>,
    shape: [usize; 3],
    /// Rows that the training has, planted ones included.
    training_rows: usize,
}

impl Planted {
    /// Draws the canaries, takes the rows that they replace out of the data and publishes the digest of the
    /// coins. None where none are asked for, or nothing can be trained.
    pub(super) fn plant(
        config: &Config,
        data: &mut Loaded,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<Self>, PipelineError> {
        let (Some(plan), Model::Train(_)) = (&config.privacy.canaries, &config.model) else {
            return Ok(None);
        };
        let Some(images) = data.images.clone().filter(|_| data.examples.classes.len() > 1) else {
            return Ok(None);
        };
        let rows = data.examples.rows(Split::Train).len();
        if plan.count >= rows {
            return Err(too_many(plan.count, rows));
        }
        let seed = Seed::new(plan.seed.unwrap_or(config.seed)).child("privacy/canaries");
        let (pixels, labels) = match plan.kind {
            CanaryKind::Mislabelled => mislabelled(plan, (data, &images), seed)?,
            CanaryKind::Noise => noise(plan, (&images, data.examples.classes.len()), seed),
        };
        let pictures = pixels.chunks_exact(images.size()).map(picture_digest);
        let records: Vec<_> = labels.iter().copied().zip(pictures).collect();
        let ledger = Ledger::flipped(plan.kind.name(), &records, seed);
        let inserted = ledger.canaries().iter().filter(|canary| canary.inserted).count();
        let training_rows = data.examples.rows(Split::Train).len() + inserted;
        let planted = Self { ledger, pixels, labels, shape: images.shape(), training_rows };
        planted.commit(watcher)?;
        Ok(Some(planted))
    }

    /// Publishes the digest of the coins.
    fn commit(&self, watcher: &mut dyn Watcher) -> Result<(), PipelineError> {
        let (count, inserted) = (self.labels.len(), self.inserted());
        let share = 100.0 * to_f64(size(inserted)) / to_f64(size(self.training_rows));
        let line = format!(
            "{inserted} of {count} ({}) among {} training rows, {share:.1} %, each by its own coin",
            self.ledger.kind(),
            self.training_rows
        );
        watcher.step("canaries", &line);
        watcher.note(&format!("coins committed to: sha256 {}", self.ledger.commitment()), None);
        let written = watcher.publish(COMMITMENT, self.checksum().as_bytes());
        written.map_err(|e| PipelineError::Impossible(format!("cannot write `{COMMITMENT}`: {e}")))
    }

    /// The commitment as `sha256sum -c` reads it.
    fn checksum(&self) -> String {
        format!("{}  {REVEALED}\n", self.ledger.commitment())
    }

    fn inserted(&self) -> usize {
        self.ledger.canaries().iter().filter(|canary| canary.inserted).count()
    }

    /// What is learned from: the training and validation rows, then the canaries whose coin said so.
    pub(super) fn world(&self, data: &Loaded) -> (Images, Examples) {
        let size = self.shape.iter().product();
        let pictures = self.pixels.chunks_exact(size).zip(self.ledger.canaries());
        let inside = pictures.filter(|(_, canary)| canary.inserted);
        let pixels = inside.flat_map(|(picture, _)| picture.iter().copied()).collect();
        let images = data.images.as_ref().and_then(|i| i.arranged(&learned(data), pixels));
        let images = images.unwrap_or_else(|| unreachable!("canaries are pictures of one size"));
        (images, self.examples(data))
    }

    /// The same without the pictures.
    pub(super) fn examples(&self, data: &Loaded) -> Examples {
        let mut examples = data.examples.select(&learned(data));
        (examples.groups, examples.subject) = (Vec::new(), None);
        for (i, canary) in self.ledger.canaries().iter().enumerate().filter(|(_, c)| c.inserted) {
            examples.y_true.push(canary.label);
            examples.id.push(format!("canary {i}"));
            examples.split.push(Split::Train);
        }
        examples
    }

    /// What the trained model says of each canary.
    pub(super) fn logits(&self, classifier: &dyn Classifier) -> Result<Logits, PipelineError> {
        let [height, width, channels] = self.shape;
        let images = Images::new(height, width, channels, self.pixels.clone());
        let images = images.unwrap_or_else(|| unreachable!("canaries are pictures of one size"));
        Ok(classifier.logits(&images)?)
    }

    /// The part of the record.
    pub(super) fn record(&self) -> CanaryRecord {
        CanaryRecord {
            kind: self.ledger.kind().to_owned(),
            count: size(self.labels.len()),
            inserted: size(self.inserted()),
            training_rows: size(self.training_rows),
            commitment: self.ledger.commitment(),
            nonce: self.ledger.nonce().to_owned(),
            flips: self.ledger.flips(),
        }
    }

    /// The score of each canary, higher = in.
    fn scores(&self, logits: &Logits) -> Result<Vec<f64>, PipelineError> {
        Ok(membership::score(SCORE, &Outputs { logits, labels: &self.labels })?)
    }

    /// The commitment, its bytes, and the scores with which the bound can be computed again.
    pub(super) fn files(&self, logits: &Logits) -> Result<Vec<(String, Vec<u8>)>, PipelineError> {
        let mut scores = "canary,inserted,score\n".to_owned();
        let all = self.ledger.canaries().iter().zip(self.scores(logits)?);
        for (i, (canary, score)) in all.enumerate() {
            let written = writeln!(scores, "{i},{},{score}", u8::from(canary.inserted));
            written.unwrap_or_else(|_| unreachable!("a string takes all text"));
        }
        let files = [
            (COMMITMENT, self.checksum().into_bytes()),
            (REVEALED, self.ledger.bytes()),
            (SCORES, scores.into_bytes()),
        ];
        Ok(files.map(|(name, bytes)| (name.to_owned(), bytes)).into())
    }
}

/// What the canaries of this audit prove, or why they prove nothing.
pub(super) fn measure(
    config: &Config,
    inputs: &Inputs,
    classified: &Classified,
    m: &mut Measured,
) -> Result<(), PipelineError> {
    if config.privacy.canaries.is_none() {
        return Ok(());
    }
    let (Some(planted), Some(logits)) = (&inputs.planted, &classified.canaries) else {
        m.findings.extend(canaries::not_run("the model was not trained in this run"));
        return Ok(());
    };
    let scores: Members<Vec<f64>> = planted.ledger.split(&planted.scores(logits)?);
    let options = bound_options(config, inputs, m);
    m.findings.extend(canaries::findings(&scores, &options, Seed::new(config.seed)));
    Ok(())
}

/// The rows that take part in a training.
fn learned(data: &Loaded) -> Vec<usize> {
    let all = &data.examples;
    (0..all.len()).filter(|&row| all.split[row] != Split::Test).collect()
}

/// Training rows that leave the data, and come back with another class where their coin says so.
fn mislabelled(
    plan: &Canaries,
    (data, images): (&mut Loaded, &Images),
    seed: Seed,
) -> Result<(Vec<u8>, Vec<ClassId>), PipelineError> {
    let mut rows = data.examples.rows(Split::Train);
    seed.child("rows").stream().shuffle(&mut rows);
    rows.truncate(plan.count);
    let pixels = images.copies(&rows).map_err(PipelineError::Impossible)?;
    let mut draw = seed.child("labels").stream();
    let classes = data.examples.classes.len();
    let other = |&row: &usize| {
        let drawn = class(&mut draw, classes - 1);
        drawn + u32::from(drawn >= data.examples.y_true[row])
    };
    let labels = rows.iter().map(other).collect();
    let gone: BTreeSet<usize> = rows.into_iter().collect();
    let kept: Vec<usize> = (0..data.examples.len()).filter(|row| !gone.contains(row)).collect();
    data.keep(&kept);
    Ok((pixels, labels))
}

/// Pictures of random bytes with a random class.
fn noise(
    plan: &Canaries,
    (images, classes): (&Images, usize),
    seed: Seed,
) -> (Vec<u8>, Vec<ClassId>) {
    let bytes = plan.count * images.size();
    let mut draw = seed.child("pixels").stream();
    let mut pixels = Vec::with_capacity(bytes + 8);
    while pixels.len() < bytes {
        pixels.extend(draw.bits().to_le_bytes());
    }
    pixels.truncate(bytes);
    let mut draw = seed.child("labels").stream();
    (pixels, (0..plan.count).map(|_| class(&mut draw, classes)).collect())
}

fn class(draw: &mut Stream, classes: usize) -> ClassId {
    let drawn = ClassId::try_from(draw.below(classes));
    drawn.unwrap_or_else(|_| unreachable!("fewer than 2^32 classes"))
}

fn too_many(count: usize, rows: usize) -> PipelineError {
    PipelineError::Impossible(format!(
        "`privacy.canaries.count` is {count}, but there are only {rows} training rows; plant fewer than \
         there are, better one in ten, since the model learns from them"
    ))
}

fn size(n: usize) -> u64 {
    u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64"))
}
