//! The whole command on Parquet tables, beside what reading their columns takes.

use audit::cli::{Cli, Command, Streams, fairness};
use audit::domain::Seed;
use clap::Parser;
use cpu_time::ProcessTime;
use polars::prelude::{Column, DataFrame, ParquetReader, ParquetWriter, SerReader};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Pairs of runs for each size.
const ROUNDS: usize = 5;

const RACES: [&str; 7] = [
    "African-American",
    "Asian",
    "Caucasian",
    "Hispanic",
    "Native American",
    "Other",
    "Pacific Islander",
];
const AGES: [&str; 5] = ["18-24", "25-34", "35-49", "50-64", "65+"];

/// What `audit fairness` needs of the table.
const COLUMNS: [&str; 6] = ["y_true", "y_pred", "score", "race", "sex", "age_band"];

/// What one process needed.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: f64,
    peak_mib: f64,
}

/// Does the work of a child process, if these are the arguments of one.
pub(crate) fn child(words: &[&str]) -> bool {
    match words {
        ["--child", "make", path, rows] => make(Path::new(path), rows.parse().unwrap()),
        ["--child", "read", path] => measured(|| read(Path::new(path))),
        ["--child", "audit", path] => measured(|| audit(path)),
        _ => return false,
    }
    true
}

/// Prints one line for each size; a size can be chosen as an argument, e.g. `-- tables 100000`.
pub(crate) fn compare(words: &[&str]) {
    let chosen: Vec<usize> = words.iter().filter_map(|w| w.parse().ok()).collect();
    let sizes = if chosen.is_empty() { vec![100_000, 1_000_000, 10_000_000] } else { chosen };
    println!("{} processors, {ROUNDS} rounds in turns, median of each", processors());
    println!(
        "| rows | file, MB | polars reads the columns, s (CPU s) | MiB | `audit fairness`, s (CPU s) | MiB | ratio |"
    );
    println!("|---|---|---|---|---|---|---|");
    for rows in sizes {
        let folder = std::env::temp_dir().join(format!("audit-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        line(&folder.join("predictions.parquet"), rows);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

fn line(path: &Path, rows: usize) {
    let name = path.to_string_lossy().into_owned();
    run(&["make", &name, &rows.to_string()]);
    let (mut reads, mut audits) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        reads.push(cost(&run(&["read", &name])));
        audits.push(cost(&run(&["audit", &name])));
    }
    let (read, audit) = (median(&reads), median(&audits));
    let size = std::fs::metadata(path).unwrap().len() / 1_000_000;
    println!(
        "| {rows} | {size} | {:.3} ({:.3}) | {:.0} | {:.3} ({:.3}) | {:.0} | {:.2} |",
        read.wall,
        read.cpu,
        read.peak_mib,
        audit.wall,
        audit.cpu,
        audit.peak_mib,
        audit.wall / read.wall
    );
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs this program again as a child and returns what it prints.
fn run(words: &[&str]) -> String {
    let own: PathBuf = std::env::current_exe().unwrap();
    let out = std::process::Command::new(own).arg("--child").args(words).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn cost(printed: &str) -> Cost {
    let numbers: Vec<f64> = printed.split_whitespace().map(|n| n.parse().unwrap()).collect();
    Cost { wall: numbers[0], cpu: numbers[1], peak_mib: numbers[2] }
}

fn median(costs: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost { wall: middle(|c| c.wall), cpu: middle(|c| c.cpu), peak_mib: middle(|c| c.peak_mib) }
}

#[expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
fn measured(work: impl FnOnce()) {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    work();
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu.elapsed().as_secs_f64());
    println!("{wall} {cpu} {}", peak_mib());
}

/// Peak memory of this process, where the system tells; otherwise 0.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Reads the columns with the table library and does nothing with them.
fn read(path: &Path) {
    let columns = COLUMNS.iter().map(|c| (*c).to_owned()).collect();
    let file = std::fs::File::open(path).unwrap();
    let frame = ParquetReader::new(file).with_columns(Some(columns)).finish().unwrap();
    assert_eq!(frame.width(), COLUMNS.len());
}

/// The whole command, its words thrown away.
fn audit(path: &str) {
    let words = ["audit", "fairness", path, "--score", "score", "--by", "race", "--by", "sex"];
    let more = ["--by", "race*sex", "--by", "age_band"];
    let cli = Cli::try_parse_from(words.iter().chain(&more)).unwrap();
    let Command::Fairness(arguments) = &cli.command else { unreachable!("as written above") };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, colour: false, talk: cli.talk };
    fairness::run(arguments, &mut streams).unwrap();
    assert!(!out.is_empty(), "{}", String::from_utf8_lossy(&err));
}

/// Writes a table of `rows` rows: two features, five ages, decisions that a score made, weights.
fn make(path: &Path, rows: usize) {
    let mut draw = Seed::new(1).stream();
    let pick = |draw: &mut audit::domain::Stream, names: &'static [&'static str]| {
        // The first names are the most frequent, as in life.
        let at = draw.below(names.len()).min(draw.below(names.len()));
        names[at]
    };
    let race: Vec<&str> = (0..rows).map(|_| pick(&mut draw, &RACES)).collect();
    let sex: Vec<&str> = (0..rows).map(|_| pick(&mut draw, &["Female", "Male"])).collect();
    let age: Vec<&str> = (0..rows).map(|_| pick(&mut draw, &AGES)).collect();
    let score: Vec<f64> = (0..rows).map(|_| draw.uniform()).collect();
    let y_true: Vec<i64> = score.iter().map(|s| i64::from(draw.flip(*s))).collect();
    let y_pred: Vec<i64> = score.iter().map(|s| i64::from(*s >= 0.5)).collect();
    let weight: Vec<f64> = (0..rows).map(|_| 0.5 + draw.uniform()).collect();
    let columns = vec![
        Column::new("race".into(), race),
        Column::new("sex".into(), sex),
        Column::new("age_band".into(), age),
        Column::new("y_true".into(), y_true),
        Column::new("y_pred".into(), y_pred),
        Column::new("score".into(), score),
        Column::new("sample_weight".into(), weight),
    ];
    let mut frame = DataFrame::new(rows, columns).unwrap();
    let file = std::fs::File::create(path).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
}
