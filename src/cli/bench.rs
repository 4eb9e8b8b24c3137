//! `audit bench`: this machine's throughput.

use super::clock::Stopwatch;
use super::{CliError, Outcome, Streams, error, text};
use crate::model::{self, BenchOptions, BenchTask, TrainOptions};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::io;
use std::num::NonZeroUsize;

/// Measure how fast this machine trains and predicts.
///
/// The seed network on random 64x64 colour pictures: the median over the steps that follow a
/// warm-up. Compare numbers of a quiet machine only.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: audit bench train --threads 1 --json")]
pub struct BenchArgs {
    /// What to measure; both where absent.
    #[arg(value_name = "WHAT", value_enum)]
    pub what: Option<What>,
    /// Threads to use; all processors where absent.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Pictures per step.
    #[arg(long, value_name = "N", default_value = "32")]
    pub batch_size: NonZeroUsize,
    /// Vector instructions: auto, avx512, avx2, neon or portable.
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub kernel: String,
    /// Steps that count, after 10 that do not.
    #[arg(long, value_name = "N", default_value = "50")]
    pub steps: NonZeroUsize,
    /// Print JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// A task of the classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Steps of training.
    Train,
    /// Predictions.
    Predict,
}

/// Measures and prints.
pub fn run(args: &BenchArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let ended = measure(args, streams);
    error::shown(ended, streams)
}

fn measure(args: &BenchArgs, streams: &mut Streams<'_>) -> Result<Outcome, CliError> {
    let threads = error::threads(args.threads);
    let batch_size = args.batch_size.get();
    let kernel = args.kernel.clone();
    let train = TrainOptions { batch_size, kernel, threads, ..TrainOptions::default() };
    let options = BenchOptions { train, steps: args.steps.get(), ..BenchOptions::default() };
    let watch = Stopwatch::started();
    let (mut record, mut kernel) = (Vec::new(), None);
    for (what, name, task) in
        [(What::Train, "train", BenchTask::Train), (What::Predict, "predict", BenchTask::Predict)]
    {
        if args.what.is_none_or(|asked| asked == what) {
            let speed = model::bench(task, &options, &|| watch.moment())?;
            let (wall, cpu) = (speed.images_per_second, speed.images_per_cpu_second);
            record.push((format!("{name}_images_per_second"), json!(wall)));
            record.push((format!("{name}_images_per_cpu_second"), json!(cpu)));
            kernel = Some(speed.kernel);
        }
    }
    record.extend(circumstances(&options, kernel));
    if args.json {
        writeln!(streams.out, "{:#}", Value::Object(record.into_iter().collect()))?;
    } else {
        write!(streams.out, "{}", table(&record))?;
    }
    Ok(Outcome::Passed)
}

/// What a number is worth nothing without.
fn circumstances(options: &BenchOptions, kernel: Option<&str>) -> Vec<(String, Value)> {
    let build = if cfg!(debug_assertions) { "dev" } else { "release" };
    let facts = [
        ("peak_memory_bytes", json!(peak_memory())),
        ("architecture", json!(options.train.architecture)),
        ("pictures", json!(options.shape)),
        ("kernel", json!(kernel)),
        ("threads", json!(options.train.threads)),
        ("batch_size", json!(options.train.batch_size)),
        ("steps", json!(options.steps)),
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("build", json!(build)),
    ];
    facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The most memory that the program has held, in bytes; none where the system does not say.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}

fn table(record: &[(String, Value)]) -> String {
    let cell = |value: &Value| match value {
        Value::Null => "not available here".to_owned(),
        Value::Number(number) => number.as_f64().map_or_else(String::new, text::number),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    };
    let rows: Vec<_> = record.iter().map(|(key, value)| [key.clone(), cell(value)]).collect();
    text::columns(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_is_said_and_not_left_out() {
        let record = [("a", json!(12.345_6)), ("bb", Value::Null)];
        let record = record.map(|(key, value)| (key.to_owned(), value));
        assert_eq!(table(&record), "a   12.35\nbb  not available here\n");
    }

    #[test]
    fn the_peak_is_at_least_what_is_held() {
        if cfg!(target_os = "linux") {
            assert!(peak_memory().is_some_and(|bytes| bytes > 1024 * 1024));
        }
    }
}
