//! Membership attacks that compare the audited model with shadow models: trained like it, each on one
//! half of a pool of rows that holds its training rows and held-out ones.

use super::attacks::Attacks;
use super::measure::Measured;
use super::predict::{arg_max, pictures, train_options};
use super::shadow_rows::Rows;
use super::study::{count, rates};
use super::{Inputs, PipelineError, Watcher};
use crate::config::{Config, Model, Train};
use crate::domain::{Examples, Logits, Members, Predictions, Seed, Split, digest_hex, to_f64};
use crate::model::{
    Divergence, Finished, Job, Kept, Labelled, Sink, Want, fleet, forecast, widest_kernel,
};
use crate::privacy::membership::{self, References, Right, Trained};
use std::collections::BTreeMap;
use std::io;

/// What is attacked, with what.
pub(super) struct Shadowed<'a> {
    pub(super) config: &'a Config,
    pub(super) inputs: &'a Inputs,
    pub(super) predictions: &'a Predictions,
    /// Shadow models; an even number.
    pub(super) models: usize,
    /// Those that are trained at a time.
    pub(super) workers: usize,
}

/// What is kept of a shadow model.
#[derive(Debug, Clone, PartialEq)]
struct Shadow {
    /// Its `φ` on the pool.
    phi: Vec<f64>,
    right: Right,
}

/// The trained shadow models and what all of them cost.
struct Models {
    rows: Rows,
    shadows: Vec<Shadow>,
    /// Pictures that they have learned from.
    steps: u64,
    /// How long that takes, where it was foreseen.
    seconds: Option<f64>,
}

impl Shadowed<'_> {
    /// Trains the shadow models that an earlier run has not finished, and runs the attacks.
    pub(super) fn measure(
        &self,
        watcher: &mut dyn Watcher,
        m: &mut Measured,
    ) -> Result<(), PipelineError> {
        let Some(logits) = &self.predictions.logits else {
            m.skip("membership", "no_logits", "there are no logits");
            return Ok(());
        };
        let seed = self.seed();
        let (examples, models) = (&self.predictions.examples, self.models);
        let Some(rows) = Rows::draw(examples, models, seed.child("privacy/shadow")) else {
            let because = "the training rows and the held-out rows (split `test`) are too few to be \
                           halved for shadow models";
            m.skip("membership", "no_training_rows", because);
            return Ok(());
        };
        let jobs = self.jobs(&rows)?;
        let seconds = self.tell(&jobs, &rows, watcher)?;
        let shadows = self.train(&jobs, &rows, watcher)?;
        let target = Shadow::of(logits, &rows.pool(), &rows.members, examples);
        watcher.note(&accuracies(&target.right, &shadows), None);
        let steps = jobs.iter().map(Job::image_steps).sum();
        self.attack(logits, &Models { rows, shadows, steps, seconds }, watcher, m)
    }

    /// Everything that is measured with trained shadow models.
    fn attack(
        &self,
        logits: &Logits,
        models: &Models,
        watcher: &mut dyn Watcher,
        m: &mut Measured,
    ) -> Result<(), PipelineError> {
        let rows = &models.rows;
        let sides = Members { seen: rows.members.clone(), unseen: rows.others.clone() };
        let (examples, references) =
            (&self.predictions.examples, references(rows, &models.shadows));
        let of = (self.config, self.inputs);
        let attacks = Attacks::make(of, (examples, logits), &sides, Some(references))?;
        attacks.findings(m)?;
        let trained = Trained {
            right: models.shadows.iter().map(|shadow| shadow.right.clone()).collect(),
            target_rows: count(rows.members.len()),
            shadow_rows: count(rows.fewest()),
            left_out: count(rows.left_out),
        };
        let level = self.config.fairness.confidence;
        m.findings.extend(membership::mimicry(&attacks.scene, &trained, level));
        self.gains(&attacks, (models.steps, models.seconds), watcher, m)?;
        attacks.leakage(m)?;
        attacks.lower_bounds(m);
        Ok(())
    }

    fn seed(&self) -> Seed {
        Seed::new(self.config.seed)
    }

    /// A training like the target's for each half.
    fn jobs(&self, rows: &Rows) -> Result<Vec<Job>, PipelineError> {
        let Model::Train(train) = &self.config.model else {
            let because = "shadow models repeat a training, and this model was not trained here";
            return Err(PipelineError::Impossible(because.to_owned()));
        };
        let options = train_options(train, self.inputs, 1);
        let validation = self.inputs.data.examples.rows(Split::Validation);
        let job = |(i, subset): (usize, &Vec<usize>)| Job {
            name: format!("shadow {}", i + 1),
            seed: self.seed().child(&format!("privacy/shadow/model/{i}")),
            options: options.clone(),
            train: subset.clone(),
            validation: validation.clone(),
            divergence: Divergence::Fails,
        };
        Ok(rows.subsets.iter().enumerate().map(job).collect())
    }

    /// Says what is about to be trained and what that costs; how long all of it would take, where
    /// something is left to train.
    fn tell(
        &self,
        jobs: &[Job],
        rows: &Rows,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<f64>, PipelineError> {
        let Model::Train(train) = &self.config.model else { return Ok(None) };
        let data = self.labelled()?;
        let file = |job: &&Job| watcher.read(&self.file(job, rows)).is_none();
        let open: Vec<&Job> = jobs.iter().filter(file).collect();
        watcher.step("membership", &story(jobs, rows, train));
        let Some(first) = open.first() else {
            watcher.note("all shadow models are there from an earlier run", None);
            return Ok(None);
        };
        let rates = {
            let watcher = &*watcher;
            rates(data, &first.options, &|| watcher.moment())?
        };
        let foresee =
            |jobs: &[&Job]| forecast(jobs, data.examples.len(), Want::Logits, rates, self.workers);
        watcher.forecast("shadow models", &foresee(&open));
        if open.len() < jobs.len() {
            let found = jobs.len() - open.len();
            watcher.note(&format!("{found} more are there from an earlier run"), None);
        }
        Ok(foresee(&jobs.iter().collect::<Vec<_>>()).seconds)
    }

    fn labelled(&self) -> Result<Labelled<'_>, PipelineError> {
        let images = pictures(self.inputs)?;
        Ok(Labelled { images, examples: &self.inputs.data.examples })
    }

    fn train(
        &self,
        jobs: &[Job],
        rows: &Rows,
        watcher: &mut dyn Watcher,
    ) -> Result<Vec<Shadow>, PipelineError> {
        let mut shelf = Shelf { of: self, rows, watcher, found: BTreeMap::new() };
        fleet(self.labelled()?, jobs, Want::Logits, self.workers, &mut shelf)?;
        let all: Option<Vec<Shadow>> =
            jobs.iter().map(|job| shelf.found.remove(&job.name)).collect();
        Ok(all.unwrap_or_else(|| unreachable!("the fleet handed on a result for each job")))
    }

    /// The name of a model's file changes with everything that its content depends on.
    fn file(&self, job: &Job, rows: &Rows) -> String {
        let (version, auto) = (env!("CARGO_PKG_VERSION"), widest_kernel());
        let data = &self.inputs.data.digest;
        let all = format!("shadow {version} {auto} {data} {job:?} {:?}", rows.pool());
        format!("{}.shadow", &digest_hex(all.as_bytes())[..32])
    }

    /// What each attack that compares has gained from its last references, and what more would buy.
    fn gains(
        &self,
        attacks: &Attacks<'_>,
        (steps, seconds): (u64, Option<f64>),
        watcher: &mut dyn Watcher,
        m: &mut Measured,
    ) -> Result<(), PipelineError> {
        let level = self.config.fairness.confidence;
        for attack in self.config.privacy.membership.attacks.iter().filter(|name| compares(name)) {
            let gain =
                membership::reference_gain(attack, &attacks.scene, (level, steps), self.seed())?;
            let points =
                gain.curve.iter().map(|(models, auc, _)| format!("{auc:.3} with {models}"));
            let line = format!("{attack}: AUC {}", points.collect::<Vec<_>>().join(", "));
            watcher.note(&line, None);
            if let Some((expected, most)) = gain.next {
                let models = self.models;
                let line = format!(
                    "{models} more would add about {expected:.3}, at most {most:.3}, for {steps} image-steps"
                );
                watcher.note(&line, seconds);
            }
            m.findings.push(gain.finding);
        }
        Ok(())
    }
}

/// Whether an attack needs reference models.
fn compares(attack: &str) -> bool {
    let named = membership::attacks().iter().find(|probe| probe.meta().name == attack);
    named.is_some_and(|probe| !probe.needs().nothing())
}

/// What is trained, and how that differs from the target's training.
fn story(jobs: &[Job], rows: &Rows, train: &Train) -> String {
    let (models, epochs, fewest) = (jobs.len(), train.epochs, rows.fewest());
    let (pool, target) = (rows.members.len() + rows.others.len(), rows.members.len());
    let up_to = if train.recipe.early_stopping.is_some() { "up to " } else { "" };
    let mut text = format!(
        "{models} shadow models, {up_to}{epochs} epochs each, on {fewest} of a pool of {pool} rows"
    );
    if fewest + 1 < target {
        text += &format!(
            "; the target has learned from {target}, so that they are not quite of its kind \
             (more test rows would close the gap)"
        );
    }
    text
}

/// How often the target and, on average, the shadow models are right.
fn accuracies(target: &Right, shadows: &[Shadow]) -> String {
    let share = |(right, rows): (u64, u64)| 100.0 * to_f64(right) / to_f64(rows.max(1));
    let mean = |pick: fn(&Right) -> (u64, u64)| {
        let sum = shadows.iter().map(|shadow| share(pick(&shadow.right))).sum::<f64>();
        sum / to_f64(count(shadows.len()))
    };
    format!(
        "right about seen and unseen rows: target {:.1} % and {:.1} %, shadow models {:.1} % and {:.1} %",
        share(target.seen),
        share(target.unseen),
        mean(|right| right.seen),
        mean(|right| right.unseen)
    )
}

/// All shadow models' `φ` on members and then non-members, and who has seen what.
fn references(rows: &Rows, shadows: &[Shadow]) -> References {
    let pool = rows.pool();
    let mut all = References::new(shadows.len(), pool.len(), pool.len());
    for (model, shadow) in shadows.iter().enumerate() {
        for (place, row) in pool.iter().enumerate() {
            all.put(model, place, shadow.phi[place]);
            if rows.subsets[model].binary_search(row).is_ok() {
                all.mark(model, place);
            }
        }
    }
    all
}

/// Takes finished models one at a time: of each the pool's `φ` stays, in the work folder and here.
struct Shelf<'a, 'w> {
    of: &'a Shadowed<'a>,
    rows: &'a Rows,
    watcher: &'w mut dyn Watcher,
    found: BTreeMap<String, Shadow>,
}

impl Sink for Shelf<'_, '_> {
    fn has(&mut self, job: &Job) -> bool {
        let file = self.of.file(job, self.rows);
        let pool = self.rows.members.len() + self.rows.others.len();
        let shadow = self.watcher.read(&file).and_then(|bytes| Shadow::read(&bytes, pool));
        let there = shadow.is_some();
        self.found.extend(shadow.map(|shadow| (job.name.clone(), shadow)));
        there
    }

    fn take(&mut self, job: &Job, finished: Finished) -> Result<(), io::Error> {
        let Kept::Logits(logits) = finished.kept else {
            unreachable!("logits were asked for, and divergence is an error")
        };
        let examples = &self.of.inputs.data.examples;
        let shadow = Shadow::of(&logits, &self.rows.pool(), &job.train, examples);
        self.watcher.write(&self.of.file(job, self.rows), &shadow.bytes())?;
        self.found.insert(job.name.clone(), shadow);
        Ok(())
    }

    fn progress(&mut self, done: u64, of: u64) {
        self.watcher.progress(done, of);
    }
}

impl Shadow {
    fn of(logits: &Logits, pool: &[usize], train: &[usize], examples: &Examples) -> Self {
        let (mut phi, mut right) =
            (Vec::with_capacity(pool.len()), Members { seen: (0, 0), unseen: (0, 0) });
        for &row in pool {
            let (outputs, class) = (logits.row(row), examples.y_true[row]);
            let label = usize::try_from(class).unwrap_or_else(|_| unreachable!("u32 fits usize"));
            phi.push(membership::scaled_confidence(outputs, label));
            let seen = train.binary_search(&row).is_ok();
            let (hits, rows) = if seen { &mut right.seen } else { &mut right.unseen };
            *hits += u64::from(arg_max(outputs) == class);
            *rows += 1;
        }
        Self { phi, right }
    }

    /// The four counts, then `φ`, all little-endian.
    fn bytes(&self) -> Vec<u8> {
        let Members { seen, unseen } = self.right;
        let counts = [seen.0, seen.1, unseen.0, unseen.1].map(u64::to_le_bytes);
        let phi = self.phi.iter().map(|phi| phi.to_le_bytes());
        counts.into_iter().chain(phi).flatten().collect()
    }

    /// What [`Self::bytes`] wrote for a pool of this size.
    fn read(bytes: &[u8], pool: usize) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        let [a, b, c, d, phi @ ..] = words else { return None };
        let [a, b, c, d] = [a, b, c, d].map(|word| u64::from_le_bytes(*word));
        let phi: Vec<f64> = phi.iter().map(|word| f64::from_le_bytes(*word)).collect();
        let whole = rest.is_empty() && phi.len() == pool && phi.iter().all(|phi| phi.is_finite());
        let right = Members { seen: (a, b), unseen: (c, d) };
        whole.then_some(Self { phi, right })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_a_part_of_it_is_not() {
        let right = Members { seen: (3, 4), unseen: (1, 5) };
        let shadow = Shadow { phi: vec![0.1, -7.25, 1e-300], right };
        let bytes = shadow.bytes();
        assert_eq!(Shadow::read(&bytes, 3), Some(shadow));
        assert_eq!(Shadow::read(&bytes, 2), None);
        assert_eq!(Shadow::read(&bytes[..55], 3), None);
        assert_eq!(Shadow::read(b"", 0), None);
    }
}
