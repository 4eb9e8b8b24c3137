//! The fairness audit over tables of growing size.
//!
//! `cargo bench --bench fairness` first writes Parquet tables of 1e5, 1e6 and 1e7 rows into a
//! folder for temporary files and prints, for each, what the whole command needs beside what the
//! table library needs to read the same columns, each in processes of its own, in turns. Then
//! come the kernels on frames in memory. With `-- tables` only the first, with `-- kernels` only
//! the second.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints its table, and ends where it cannot go on"
)]

#[path = "fairness/kernels.rs"]
mod kernels;
#[path = "fairness/tables.rs"]
mod tables;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if tables::child(&words) {
        return;
    }
    if !words.contains(&"kernels") {
        tables::compare(&words);
    }
    if !words.contains(&"tables") {
        divan::Divan::default().config_with_args().main();
    }
}
