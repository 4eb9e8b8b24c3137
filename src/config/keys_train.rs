//! The keys of `model.train`.

use super::keys::{BLOCK, NONE, OPTIONAL, REQUIRED, fixed, key, table};
use super::layers::ARCHITECTURE;
use super::shape::{Kind, Names, Need, Table};

/// Close below 1, for shares that must not reach it.
const BELOW_ONE: f64 = 0.999_999;

pub(super) static TRAIN: Table = table(
    &[
        key("architecture", ARCHITECTURE, Need::Default("seed-cnn"), "name, or list of layers"),
        key(
            "epochs",
            Kind::Count(1, 100_000),
            Need::Default("10"),
            "passes over the training rows",
        ),
        key("batch_size", Kind::Count(1, 65_536), Need::Default("32"), "rows per step"),
        key("optimizer", Kind::Name(&OPTIMIZERS), Need::Default("adam"), "how weights move"),
        key("learning_rate", Kind::Between(0.0, 10.0), Need::Default("0.001"), "step size"),
        key("momentum", Kind::Number(0.0, BELOW_ONE), OPTIONAL, "of sgd; 0 where absent"),
        key("nesterov", Kind::Flag, OPTIONAL, "of sgd: look ahead along the momentum"),
        key("beta1", Kind::Number(0.0, BELOW_ONE), OPTIONAL, "of adam, adamw; 0.9 where absent"),
        key("beta2", Kind::Number(0.0, BELOW_ONE), OPTIONAL, "of adam, adamw; 0.999 where absent"),
        key("epsilon", Kind::Between(0.0, 1.0), OPTIONAL, "of adam, adamw; 1e-8 where absent"),
        key(
            "weight_decay",
            Kind::Number(0.0, 10.0),
            OPTIONAL,
            "pull of each weight to 0; where absent 0, and 0.01 with adamw",
        ),
        key(
            "schedule",
            Kind::WordOr(COURSE_NAMES, &Kind::Table(&SCHEDULE)),
            Need::Default("constant"),
            "how the learning rate changes: a name, or a table with its settings",
        ),
        key(
            "early_stopping",
            Kind::Table(&EARLY_STOPPING),
            OPTIONAL,
            "stop when the validation loss no longer falls",
        ),
        key(
            "class_weights",
            Kind::WordOr(&["balanced"], &Kind::Map(&WEIGHT)),
            OPTIONAL,
            "what a row counts in the loss: `balanced`, or class: weight (1 where not named)",
        ),
        key(
            "label_smoothing",
            Kind::Number(0.0, BELOW_ONE),
            Need::Default("0"),
            "share of the truth that is spread over all classes",
        ),
        key(
            "gradient_clip",
            Kind::Between(0.0, 1e9),
            OPTIONAL,
            "longest gradient, as the norm over all weights",
        ),
        key(
            "dp",
            Kind::Table(&DP_SGD),
            OPTIONAL,
            "train with differential privacy: rows join by lot, their gradients are clipped, noise",
        ),
        key("augment", Kind::Table(&AUGMENT), BLOCK, "random changes of training pictures"),
        key(
            "calibration",
            Kind::Name(&CALIBRATIONS),
            OPTIONAL,
            "fit probabilities on the validation rows after training",
        ),
        key("init_from", Kind::File, OPTIONAL, "safetensors to begin with; drawn where absent"),
        key(
            "reset",
            Kind::List(&Kind::Text),
            NONE,
            "layers that are drawn nevertheless; `head` is the last",
        ),
        key(
            "freeze",
            Kind::List(&Kind::Text),
            NONE,
            "layers that keep the weights that they begin with",
        ),
        key(
            "linear_probe",
            Kind::Flag,
            Need::Default("false"),
            "train the last layer only, on what the others make of each picture, computed once",
        ),
        key(
            "keep",
            Kind::Name(&KEEP),
            Need::Default("best"),
            "best: lowest validation loss; last: final epoch",
        ),
        key("device", Kind::Name(&DEVICES), Need::Default("cpu"), "where it runs"),
        key("kernel", Kind::Name(&KERNELS), Need::Default("auto"), "vector instructions"),
        key(
            "tensorboard",
            Kind::Flag,
            Need::Default("false"),
            "also write the course of training for TensorBoard",
        ),
    ],
    &["dropout"],
);

static OPTIMIZERS: Names = fixed("an optimizer", &["sgd", "adam", "adamw"]);

static KEEP: Names = fixed("a choice", &["best", "last"]);

static DEVICES: Names = fixed("a device", &["cpu", "cuda", "metal"]);

static KERNELS: Names = fixed("a kernel", &["auto", "avx512", "avx2", "neon", "portable"]);

static CALIBRATIONS: Names = fixed("a calibration", &["temperature"]);

static WEIGHT: Kind = Kind::Between(0.0, 1e9);

const COURSE_NAMES: &[&str] = &["constant", "step", "cosine", "one_cycle"];

static COURSES: Names = fixed("a schedule", COURSE_NAMES);

static SCHEDULE: Table = table(
    &[
        key("name", Kind::Name(&COURSES), REQUIRED, "course of the learning rate"),
        key("per", Kind::Name(&PER), Need::Default("epoch"), "when the rate changes"),
        key("warmup", Kind::Count(0, 100_000), Need::Default("0"), "epochs of a linear rise"),
        key("step_size", Kind::Count(1, 1_000_000_000), OPTIONAL, "of step: epochs or steps"),
        key("gamma", Kind::Number(1e-9, 1.0), OPTIONAL, "of step: factor; 0.1 where absent"),
        key("final_rate", Kind::Number(0.0, 10.0), OPTIONAL, "of cosine: last learning rate; 0"),
    ],
    &[],
);

static PER: Names = fixed("a choice", &["step", "epoch"]);

static EARLY_STOPPING: Table = table(
    &[
        key("patience", Kind::Count(1, 100_000), REQUIRED, "epochs without improvement"),
        key(
            "min_delta",
            Kind::Number(0.0, 1e9),
            Need::Default("0"),
            "how far the validation loss must fall to count",
        ),
    ],
    &[],
);

static DP_SGD: Table = table(
    &[
        key("clip", Kind::Between(0.0, 1e9), REQUIRED, "longest gradient of a single row"),
        key(
            "noise_multiplier",
            Kind::Number(0.1, 10_000.0),
            OPTIONAL,
            "standard deviation of the noise in units of `clip`; this or `epsilon`",
        ),
        key(
            "epsilon",
            Kind::Between(0.0, 10_000.0),
            OPTIONAL,
            "the ε that the whole training may have; the least noise that keeps it is found",
        ),
        key("delta", Kind::Between(0.0, 1.0), REQUIRED, "the δ of the guarantee"),
    ],
    &["accountant", "target_epsilon", "secure_rng"],
);

static AUGMENT: Table = table(
    &[
        key("horizontal_flip", SHARE, NOT_AT_ALL, "probability of a mirrored picture"),
        key("vertical_flip", SHARE, NOT_AT_ALL, "probability of a picture upside down"),
        key("rotation", Kind::Number(0.0, 180.0), NOT_AT_ALL, "largest angle in degrees"),
        key(
            "crop",
            Kind::Number(0.01, 1.0),
            OPTIONAL,
            "least share of the area that is cut out and resized to the whole",
        ),
        key("brightness", SHARE, NOT_AT_ALL, "largest relative change"),
        key("contrast", SHARE, NOT_AT_ALL, "largest relative change"),
        key("saturation", SHARE, NOT_AT_ALL, "largest relative change"),
    ],
    &["hue", "cutout", "mixup"],
);

const SHARE: Kind = Kind::Number(0.0, 1.0);
const NOT_AT_ALL: Need = Need::Default("0");
