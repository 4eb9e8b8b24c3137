//! The keys of `fairness`, `privacy`, `misuse` and of a rule of the `gate`.

use super::keys::{ANY, BLOCK, NONE, OPTIONAL, REQUIRED, fixed, key, table};
use super::shape::{From, Kind, Names, Need, Table};

pub(super) static FAIRNESS: Table = table(
    &[
        key(
            "task",
            Kind::Name(&TASKS),
            Need::Default("binary"),
            "`binary` for the positive class against the rest, `multiclass` for every class",
        ),
        key(
            "metrics",
            Kind::WordOr(&["default", "all"], &Kind::List(&Kind::Name(&METRICS))),
            Need::Default("default"),
            "`default` for what a reviewer needs, `all`, or names",
        ),
        key(
            "control",
            Kind::List(&Kind::Text),
            NONE,
            "features within whose levels the groups are also compared",
        ),
        key(
            "threshold",
            Kind::Number(0.0, 1.0),
            OPTIONAL,
            "score from which a row counts as predicted positive, in place of the decisions",
        ),
        key("reference", Kind::Map(&Kind::Word), BLOCK, "feature: level to compare with"),
        key(
            "min_group_size",
            Kind::Count(1, ANY),
            Need::Default("30"),
            "smaller groups have no value",
        ),
        key("confidence", Kind::Between(0.0, 1.0), Need::Default("0.95"), "level of all intervals"),
        key(
            "local_law_144",
            Kind::Flag,
            Need::Default("false"),
            "the tables of New York City's Local Law 144",
        ),
        key(
            "compat",
            Kind::List(&Kind::Name(&PEERS)),
            NONE,
            "libraries whose numbers stand beside ours, by their own conventions",
        ),
        key(
            "interval",
            Kind::Name(&INTERVALS),
            Need::Default("wilson"),
            "of a single share: `wilson` covers its level on average, `clopper_pearson` at least",
        ),
        key(
            "tests",
            Kind::Name(&TESTS),
            Need::Default("analytic"),
            "of gaps: `analytic` by formula, `permutation` also of areas, scores and F1, and slower",
        ),
        key("slices", Kind::Table(&super::slices::SLICES), OPTIONAL, "search for the worst slices"),
    ],
    &["bootstrap", "individual", "counterfactual"],
);

/// What is predicted; `audit fairness --task` knows the later ones.
static TASKS: Names = Names {
    what: "a task",
    from: From::Fixed(&["binary", "multiclass"]),
    later: &["regression", "ranking"],
};

/// Libraries whose conventions are reproduced.
static PEERS: Names = fixed("a library", &["fairlearn", "aif360", "aequitas"]);

static INTERVALS: Names =
    Names { what: "an interval", from: From::Fixed(&["wilson", "clopper_pearson"]), later: &[] };

static TESTS: Names = fixed("a kind of test", &["analytic", "permutation"]);

static METRICS: Names =
    Names { what: "a metric", from: From::Known(|known| &known.metrics), later: LATER_CHECKS };

pub(super) static CHECKS: Names =
    Names { what: "a check", from: From::Known(|known| &known.checks), later: LATER_CHECKS };

/// Membership attacks.
pub(super) static ATTACKS: Names =
    Names { what: "an attack", from: From::Known(|known| &known.attacks), later: LATER_ATTACKS };

/// Check names of the interface; those that the registries know are found before these.
const LATER_CHECKS: &[&str] = &[
    "balanced_accuracy",
    "precision",
    "f1",
    "true_negative_rate",
    "false_negative_rate",
    "false_discovery_rate",
    "false_omission_rate",
    "negative_predictive_value",
    "matthews_corrcoef",
    "roc_auc",
    "average_precision",
    "brier_score",
    "log_loss",
    "expected_calibration_error",
];

/// Attacks that need rows beyond those that are attacked.
const LATER_ATTACKS: &[&str] = &["population", "quantile"];

pub(super) static PRIVACY: Table = table(
    &[
        key(
            "membership",
            Kind::Table(&MEMBERSHIP),
            OPTIONAL,
            "can an attacker tell who was trained on",
        ),
        key(
            "pii",
            Kind::Table(&PII),
            OPTIONAL,
            "personal data in the data set and in further tables",
        ),
        key(
            "dp",
            Kind::Table(&DP),
            OPTIONAL,
            "training with noisy gradients as declared, to be recomputed and held against attacks",
        ),
        key(
            "anonymity",
            Kind::Table(&ANONYMITY),
            OPTIONAL,
            "how well the records of a table that is to be released hide",
        ),
        key(
            "canaries",
            Kind::Table(&CANARIES),
            OPTIONAL,
            "records to plant into the training, each by its own coin, for a lower bound on ε",
        ),
    ],
    &["shadow_models", "attribute", "k_anonymity", "differential_privacy"],
);

static MEMBERSHIP: Table = table(
    &[
        key(
            "attacks",
            Kind::List(&Kind::Name(&ATTACKS)),
            Need::Default("[loss, modified_entropy]"),
            "attacks to run; with `shadow_models` also `lira` and `rmia` where none is named",
        ),
        key(
            "shadow_models",
            Kind::Count(2, 1024),
            OPTIONAL,
            "models, an even number, trained like the audited one for attacks to compare with",
        ),
        key(
            "label_only",
            Kind::Table(&LABEL_ONLY),
            OPTIONAL,
            "attacks that ask the model for labels of changed copies, and what they may ask",
        ),
    ],
    &["references", "targets"],
);

static LABEL_ONLY: Table = table(
    &[
        key(
            "queries_per_example",
            Kind::Count(1, 10_000),
            Need::Default("48"),
            "changed copies of a row that each of the attacks asks about at most",
        ),
        key(
            "examples",
            Kind::Count(2, 1_000_000),
            Need::Default("500"),
            "members, and as many held-out rows, that are attacked at most",
        ),
    ],
    &["attacks", "hop_skip_jump"],
);

static CANARIES: Table = table(
    &[
        key(
            "count",
            Kind::Count(20, 1_000_000),
            REQUIRED,
            "records, of which about half are planted and the others held out; 20 can just show a leak",
        ),
        key(
            "kind",
            Kind::Name(&CANARY_KINDS),
            Need::Default("mislabelled"),
            "`mislabelled` takes training rows away and plants them with another class, `noise` plants \
             random pictures with a random class",
        ),
        key(
            "seed",
            Kind::Count(0, ANY),
            OPTIONAL,
            "of coins, rows, classes and nonce, in place of the audit's",
        ),
    ],
    &["guesses", "delta"],
);

static CANARY_KINDS: Names = fixed("a kind of canary", &["mislabelled", "noise"]);

static PII: Table = table(
    &[key(
        "paths",
        Kind::List(&Kind::File),
        NONE,
        "more tables to scan, besides the data set's own",
    )],
    &["languages", "detectors", "allow", "threshold"],
);

static DP: Table = table(
    &[
        key(
            "sampling_rate",
            Kind::Number(0.0, 1.0),
            REQUIRED,
            "probability with which a row takes part in a step, by Poisson sampling",
        ),
        key(
            "noise_multiplier",
            Kind::Number(0.1, 10_000.0),
            REQUIRED,
            "standard deviation of the noise in units of the clipping norm",
        ),
        key("steps", Kind::Count(1, 100_000_000), REQUIRED, "steps of the training"),
        key("delta", Kind::Between(0.0, 1.0), REQUIRED, "the δ of the claim"),
        key(
            "claimed_epsilon",
            Kind::Number(0.0, f64::MAX),
            OPTIONAL,
            "the ε of the claim; the gate fails where it is refuted",
        ),
    ],
    &["accountant", "clipping_norm"],
);

static ANONYMITY: Table = table(
    &[
        key("path", Kind::File, REQUIRED, "the table, CSV or Parquet"),
        key(
            "quasi",
            Kind::List(&Kind::Text),
            REQUIRED,
            "columns that an attacker may know; `audit anonymity TABLE` suggests some",
        ),
        key("sensitive", Kind::List(&Kind::Text), NONE, "columns that must not be learned"),
        key("population", Kind::File, OPTIONAL, "table of everybody from whom the rows were drawn"),
        key(
            "l",
            Kind::Count(2, ANY),
            OPTIONAL,
            "the l of the recursive (c,l)-diversity; the table's own where absent",
        ),
    ],
    &["alpha"],
);

/// `misuse:`, also a file of its own.
pub(super) static MISUSE: Table = table(
    &[
        key("policy", Kind::File, OPTIONAL, "Rego policy; the built-in one where absent"),
        key("log", Kind::File, OPTIONAL, "usage log, JSON Lines; synthetic data brings its own"),
        key("purposes", Kind::List(&Kind::Text), NONE, "purposes that are allowed"),
        key("domains", Kind::List(&Kind::Text), NONE, "domains that are allowed"),
        key("prohibited_uses", Kind::List(&Kind::Text), NONE, "uses that are never allowed"),
        key("approvals", Kind::Map(&Kind::Date), BLOCK, "approval id: last day, YYYY-MM-DD"),
        key(
            "review_below",
            Kind::Number(0.0, 1.0),
            Need::Default("0.8"),
            "confidence below which a person must review",
        ),
        key("required_fields", Kind::List(&Kind::Text), NONE, "fields that every record must have"),
    ],
    &["rate_limits", "chain", "signatures"],
);

pub(super) static RULE: Table = table(
    &[
        key("check", Kind::Name(&CHECKS), REQUIRED, "what is judged"),
        key(
            "by",
            Kind::Text,
            OPTIONAL,
            "a declared grouping, or `*` for each of them; the whole population where absent",
        ),
        key(
            "group",
            Kind::Map(&Kind::Word),
            OPTIONAL,
            "feature: level, for the value of one group",
        ),
        key("attack", Kind::Name(&ATTACKS), OPTIONAL, "only this attack"),
        key("label", Kind::Text, OPTIONAL, "only this kind of personal data or policy rule"),
        key(
            "at_most",
            Kind::Number(f64::MIN, f64::MAX),
            OPTIONAL,
            "the value must not exceed this",
        ),
        key(
            "at_least",
            Kind::Number(f64::MIN, f64::MAX),
            OPTIONAL,
            "the value must not fall below this",
        ),
        key("judge", Kind::Name(&JUDGES), Need::Default("point"), "which number is compared"),
        key(
            "on_undefined",
            Kind::Name(&ON_UNDEFINED),
            Need::Default("undecided"),
            "what an undefined value means",
        ),
        key("because", Kind::Text, OPTIONAL, "why; needed with `on_undefined: pass`"),
    ],
    &["split", "baseline", "ratchet"],
);

static JUDGES: Names = fixed("a way to judge", &["point", "lower", "upper", "interval"]);

static ON_UNDEFINED: Names = fixed("a choice", &["undecided", "pass"]);
