//! Anonymity of tables, bounds on ε and accountants. Run with `cargo bench --bench privacy`.

use audit::domain::{Seed, TextTable};
use audit::privacy::anonymity::{self, Options};
use audit::privacy::dp::one_run::{self, Guesses};
use audit::privacy::dp::{Certificate, certified};

fn main() {
    divan::main();
}

/// `rows` people with five quasi-identifiers and a sensitive number.
fn people(rows: usize) -> TextTable {
    let mut draw = Seed::new(1).stream();
    let mut column = |name: &str, levels: usize| {
        let cells = (0..rows).map(|_| Some(draw.below(levels).to_string())).collect();
        (name.to_owned(), cells)
    };
    let sizes = [("age", 74), ("sex", 2), ("zip", 900), ("race", 5), ("job", 14), ("salary", 200)];
    let columns = sizes.iter().map(|(name, levels)| column(name, *levels)).collect();
    TextTable { file: "people.csv".to_owned(), columns }
}

/// All checks of one sensitive column, from cells of text to findings.
#[divan::bench(args = [5_000, 50_000, 500_000], sample_count = 20)]
fn anonymity_of_a_table(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let table = people(rows);
    let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect();
    let options = Options {
        quasi: names(&["age", "sex", "zip", "race", "job"]),
        sensitive: names(&["salary"]),
        l: None,
    };
    bencher.bench(|| anonymity::audit(&table, None, &options));
}

/// The lower bound on ε of a one-run audit.
#[divan::bench(args = [100, 1_000, 10_000])]
fn one_run_bound(guesses: u64) -> f64 {
    let made = Guesses { records: guesses, made: guesses, right: guesses * 4 / 5 };
    one_run::epsilon_lower_bound(made, 1e-5, 0.05)
}

/// The lower bound on μ of the same audit.
#[divan::bench(args = [100, 1_000])]
fn one_run_bound_of_mu(guesses: u64) -> f64 {
    let made = Guesses { records: guesses, made: guesses, right: guesses * 4 / 5 };
    one_run::mu_lower_bound(made, 0.05)
}

/// Both accountants of a declared training.
#[divan::bench(args = [1_000, 100_000], sample_count = 5)]
fn certificate(steps: u64) -> usize {
    let made = Certificate::new(0.01, 1.1, steps, 1e-5);
    made.map_or(0, |certificate| certified(&certificate).len())
}
