//! What a person sees while a run goes on: steps, a bar on a terminal, one line per epoch.

use super::clock::Stopwatch;
use super::options::Talk;
use super::output::{Folder, replace};
use crate::domain::EpochRecord;
use crate::model::{Forecast, Moment, Observer};
use crate::pipeline::{Ledger, Watcher};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};

/// Tells the story on stderr and keeps the checkpoints.
pub(crate) struct Progress {
    talk: Talk,
    bar: Option<ProgressBar>,
    folder: Option<Folder>,
    step: Option<Stopwatch>,
    clock: Stopwatch,
}

impl Progress {
    /// `folder` is where checkpoints live. Bars are drawn on a terminal only.
    pub(crate) fn new(talk: Talk, no_bars: bool, folder: Option<Folder>) -> Self {
        let drawn = !no_bars && !talk.quiet && std::io::stderr().is_terminal();
        let bar = drawn.then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("  {msg} [{bar:30}] {pos}/{len} {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { talk, bar, folder, step: None, clock: Stopwatch::started() }
    }

    /// With `--verbose`: how long the step took that ends now.
    fn took(&self) {
        if let Some(step) = self.step.as_ref().filter(|_| self.talk.verbose > 0) {
            self.say(&format!("  took {:.1} s", step.seconds()));
        }
    }

    fn say(&self, line: &str) {
        if self.talk.quiet {
            return;
        }
        let write = || {
            // A closed stderr is no reason to lose an audit.
            let _closed = writeln!(std::io::stderr(), "{line}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

impl Observer for Progress {
    fn batch(&mut self, epoch: usize, done: usize, of: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(u64::try_from(of).unwrap_or(u64::MAX));
            bar.set_message(format!("epoch {epoch}"));
            bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        }
    }

    fn epoch(&mut self, r: &EpochRecord) {
        let percent = |x: f64| format!("{:.1} %", 100.0 * x);
        let validation = match (r.validation_loss, r.validation_accuracy) {
            (Some(loss), Some(accuracy)) => {
                format!("   validation loss {loss:.4}, accuracy {}", percent(accuracy))
            }
            _ => String::new(),
        };
        let accuracy = percent(r.train_accuracy);
        let train = format!("train loss {:.4}, accuracy {accuracy}", r.train_loss);
        self.say(&format!("  epoch {:>3}   {train}{validation}", r.epoch));
    }

    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), std::io::Error> {
        self.folder.as_ref().map_or(Ok(()), |folder| folder.write_checkpoint(bytes))
    }
}

impl Watcher for Progress {
    fn step(&mut self, name: &str, detail: &str) {
        if let Some(bar) = &self.bar {
            bar.reset();
            bar.set_length(0);
        }
        self.took();
        self.step = Some(Stopwatch::started());
        let gap = if detail.is_empty() { "" } else { ": " };
        self.say(&format!("{name}{gap}{detail}"));
    }

    fn checkpointed(&mut self) -> Option<Vec<u8>> {
        let found = self.folder.as_ref().and_then(Folder::read_checkpoint);
        if found.is_some() {
            self.say("  going on from the last checkpoint (--fresh starts anew)");
        }
        found
    }

    fn discarded(&mut self, because: &str) {
        self.say(&format!("  checkpoint not used: {because}; training starts anew"));
    }

    fn stopped_early(&mut self, epoch: usize, epochs: usize) {
        self.say(&format!(
            "  stopped early after epoch {epoch} of {epochs}: the validation loss no longer falls"
        ));
    }

    fn note(&mut self, line: &str, seconds: Option<f64>) {
        let time = seconds.map_or(String::new(), |seconds| format!(", {}", about(seconds)));
        self.say(&format!("  {line}{time}"));
    }

    fn publish(&mut self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        self.folder.as_ref().map_or(Ok(()), |folder| replace(&folder.root().join(name), bytes))
    }

    fn moment(&self) -> Moment {
        self.clock.moment()
    }
}

impl Ledger for Progress {
    fn read(&mut self, name: &str) -> Option<Vec<u8>> {
        self.folder.as_ref()?.read_study(name)
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        self.folder.as_ref().map_or(Ok(()), |folder| folder.write_study(name, bytes))
    }

    fn forecast(&mut self, what: &str, told: &Forecast) {
        let time = told.seconds.map_or(String::new(), |seconds| format!(", {}", about(seconds)));
        let Forecast { jobs, image_steps, predicted, .. } = told;
        let models = if *jobs == 1 { "model" } else { "models" };
        let detail =
            format!("{jobs} {models}, {image_steps} image-steps, {predicted} predictions{time}");
        self.step(what, &detail);
    }

    fn progress(&mut self, done: u64, of: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(of);
            bar.set_message("image-steps");
            bar.set_position(done);
        }
    }
}

/// A time as a person says it.
fn about(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("about {:.0} s", s.max(1.0)),
        s if s < 5400.0 => format!("about {:.0} min", s / 60.0),
        s => format!("about {:.1} h", s / 3600.0),
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.took();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_a_person_would_choose() {
        let told = [0.2, 45.4, 600.0, 9000.0].map(about);
        assert_eq!(told, ["about 1 s", "about 45 s", "about 10 min", "about 2.5 h"]);
    }
}
