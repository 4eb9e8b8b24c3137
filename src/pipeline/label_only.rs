//! Label-only attacks: the trained or loaded model is asked about changed copies of some rows, and nothing
//! but its labels is looked at.

use super::measure::Measured;
use super::predict::{answering, arg_max, pictures};
use super::study::count;
use super::{Classified, Inputs, PipelineError, Watcher};
use crate::config::{Config, LabelOnly as Plan};
use crate::domain::{Examples, Images, Members, Seed, Split, to_f64};
use crate::model::Classifier;
use crate::privacy::membership::{Answers, Change, LabelOnly};

/// Rows whose copies are asked about at a time.
const BATCH: usize = 1_024;

/// What is asked about what.
struct Asked<'a> {
    classifier: &'a dyn Classifier,
    images: &'a Images,
    examples: &'a Examples,
    predicted: &'a [u32],
}

/// The rows that are attacked: their places in the data, and for members their places among all of them.
struct Rows {
    rows: Members<Vec<usize>>,
    places: Vec<usize>,
}

/// Runs both attacks, or says why there is no model to ask.
pub(super) fn measure(
    config: &Config,
    inputs: &Inputs,
    classified: &Classified,
    watcher: &mut dyn Watcher,
    m: &mut Measured,
) -> Result<(), PipelineError> {
    let Some(plan) = &config.privacy.membership.label_only else { return Ok(()) };
    let Some(classifier) = answering(config, inputs, classified)? else {
        let because = "there is no model to ask, only its predictions";
        m.findings.extend(LabelOnly::ALL.map(|attack| attack.not_run(because)));
        return Ok(());
    };
    let predictions = &classified.predictions;
    let asked = Asked {
        classifier: classifier.as_ref(),
        images: pictures(inputs)?,
        examples: &predictions.examples,
        predicted: &predictions.y_pred,
    };
    let seed = Seed::new(config.seed).child("privacy/label_only");
    let rows = Rows::draw(asked.examples, plan, seed);
    let shape = asked.images.shape();
    let changes = LabelOnly::ALL
        .map(|attack| (attack, attack.changes(shape, plan.queries_per_example, seed)));
    tell(&rows, &changes, watcher);
    let all = [rows.rows.seen.as_slice(), &rows.rows.unseen].concat();
    let level = config.fairness.confidence;
    for (attack, changes) in &changes {
        let agreed = asked.agreed(&all, changes, watcher)?;
        let (seen, unseen) = agreed.split_at(rows.rows.seen.len());
        let answers = Members {
            seen: asked.answers(&rows.rows.seen, seen, changes),
            unseen: asked.answers(&rows.rows.unseen, unseen, changes),
        };
        m.findings.extend(attack.findings(&answers, &rows.places, level, Seed::new(config.seed)));
    }
    Ok(())
}

/// Says what the attacks cost before the first question.
fn tell(rows: &Rows, changes: &[(LabelOnly, Vec<Change>)], watcher: &mut dyn Watcher) {
    let (members, others) = (rows.rows.seen.len(), rows.rows.unseen.len());
    let copies: usize = changes.iter().map(|(_, changes)| changes.len()).sum();
    let of = changes
        .iter()
        .map(|(attack, changes)| format!("{} {}", attack.meta().name, changes.len()))
        .collect::<Vec<_>>()
        .join(", ");
    let queries = copies * (members + others);
    let line = format!(
        "{queries} label queries: {members} members and {others} non-members, of each {of}"
    );
    watcher.step("label-only attacks", &line);
}

impl Rows {
    /// At most so many members and as many held-out rows, drawn without regard to anything.
    fn draw(examples: &Examples, plan: &Plan, seed: Seed) -> Self {
        let some = |split: Split| {
            let all = examples.rows(split);
            let mut places: Vec<usize> = (0..all.len()).collect();
            seed.child(split.name()).stream().shuffle(&mut places);
            places.truncate(plan.examples);
            places.sort_unstable();
            let rows = places.iter().map(|&place| all[place]).collect::<Vec<_>>();
            (rows, places)
        };
        let ((seen, places), (unseen, _)) = (some(Split::Train), some(Split::Test));
        Self { rows: Members { seen, unseen }, places }
    }
}

impl Asked<'_> {
    /// How many of each row's changed copies have the true class as their label.
    fn agreed(
        &self,
        rows: &[usize],
        changes: &[Change],
        watcher: &mut dyn Watcher,
    ) -> Result<Vec<u64>, PipelineError> {
        let batches = rows.len().div_ceil(BATCH);
        let all = count(batches * changes.len());
        let (mut agreed, mut done) = (Vec::with_capacity(rows.len()), 0);
        let begun = watcher.moment().wall;
        for batch in rows.chunks(BATCH) {
            let originals = self.images.copies(batch).map_err(PipelineError::Impossible)?;
            let mut hits = vec![0; batch.len()];
            for change in changes {
                self.ask(batch, &originals, change, &mut hits)?;
                done += 1;
                watcher.progress(done, all);
                if done == 1 && all > 1 {
                    let left = (watcher.moment().wall - begun) * to_f64(all - 1);
                    watcher.note("from the first of them, the rest takes", Some(left));
                }
            }
            agreed.extend(hits);
        }
        Ok(agreed)
    }

    /// Asks about one changed copy of each row, and counts those that keep their class.
    fn ask(
        &self,
        rows: &[usize],
        originals: &[u8],
        change: &Change,
        hits: &mut [u64],
    ) -> Result<(), PipelineError> {
        let shape = self.images.shape();
        let changed = originals.chunks_exact(self.images.size());
        let pixels = changed.flat_map(|picture| change.of(picture, shape)).collect();
        let copies = Images::new(shape[0], shape[1], shape[2], pixels);
        let copies = copies.unwrap_or_else(|| unreachable!("a copy is as large as its row"));
        let logits = self.classifier.logits(&copies)?;
        for (place, (hit, &row)) in hits.iter_mut().zip(rows).enumerate() {
            *hit += u64::from(arg_max(logits.row(place)) == self.examples.y_true[row]);
        }
        Ok(())
    }

    fn answers(&self, rows: &[usize], agreed: &[u64], changes: &[Change]) -> Answers {
        let right = |&row: &usize| self.predicted[row] == self.examples.y_true[row];
        Answers {
            queries: count(changes.len()),
            right: rows.iter().map(right).collect(),
            agreed: agreed.to_vec(),
        }
    }
}
