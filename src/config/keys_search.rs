//! The keys of `search`.

use super::keys::{NONE, OPTIONAL, REQUIRED, fixed, key, table};
use super::shape::{Kind, Names, Need, Table};

pub(super) static SEARCH: Table = table(
    &[
        key(
            "method",
            Kind::Name(&METHODS),
            Need::Default("random"),
            "random: every trial in full; halving: short trials first, of which the best go on",
        ),
        key("trials", Kind::Count(2, 10_000), Need::Default("16"), "settings to draw"),
        key(
            "keep",
            Kind::Count(2, 100),
            Need::Default("3"),
            "halving: one trial in so many goes on, with so many times the epochs",
        ),
        key(
            "repeats",
            Kind::Count(1, 100),
            Need::Default("1"),
            "models of each trial, each with a seed of its own",
        ),
        key(
            "metric",
            Kind::Name(&METRICS),
            Need::Default("log_loss"),
            "what the trials are judged by, on the validation rows",
        ),
        key(
            "parameters",
            Kind::Map(&Kind::Table(&RANGE)),
            REQUIRED,
            "keys of `model.train`, each with its range",
        ),
    ],
    &[],
);

static METHODS: Names = fixed("a method", &["random", "halving"]);

static METRICS: Names = fixed("a metric", &["log_loss", "accuracy", "roc_auc"]);

static SCALES: Names = fixed("a scale", &["linear", "log"]);

static RANGE: Table = table(
    &[
        key("from", Kind::Number(f64::MIN, f64::MAX), OPTIONAL, "the least value"),
        key(
            "to",
            Kind::Number(f64::MIN, f64::MAX),
            OPTIONAL,
            "the greatest value; two ends without a decimal point give whole numbers",
        ),
        key(
            "scale",
            Kind::Name(&SCALES),
            Need::Default("linear"),
            "log: each factor is as likely as any other of its size",
        ),
        key("values", Kind::List(&Kind::Word), NONE, "the values themselves, in place of a range"),
    ],
    &[],
);
