//! The keys of `dataset` and `model`.

use super::keys::{ANY, BLOCK, NONE, OPTIONAL, REQUIRED, fixed, key, table};
use super::keys_train::TRAIN;
use super::layers::ARCHITECTURE;
use super::shape::{From, Kind, Names, Need, Table};

pub(super) static DATASET: Table = table(
    &[
        key("format", Kind::Name(&FORMATS), REQUIRED, "how the data is stored"),
        key("path", Kind::File, OPTIONAL, "folder of the pictures, npz file, or predictions table"),
        key(
            "metadata",
            Kind::File,
            OPTIONAL,
            "table of an image folder; looked for in `path`, then beside this file",
        ),
        key("columns", Kind::Table(&COLUMNS), BLOCK, "what the columns are called"),
        key("positive", Kind::Word, OPTIONAL, "the label that counts as positive"),
        key(
            "groups",
            Kind::List(&Kind::Text),
            NONE,
            "features, and intersections as `sex*age_group`",
        ),
        key(
            "split",
            Kind::Table(&SPLIT),
            OPTIONAL,
            "shares to draw; without it the split column decides",
        ),
        key(
            "on_error",
            Kind::Name(&ON_ERROR),
            Need::Default("error"),
            "what an unreadable row does",
        ),
        key("resize", Kind::List(&Kind::Count(1, 4096)), OPTIONAL, "height and width in pixels"),
        key(
            "memory_limit",
            Kind::Word,
            OPTIONAL,
            "most memory for decoded pictures, e.g. `512 MiB`; more are decoded as they are needed",
        ),
        key(
            "classes",
            Kind::List(&Kind::Word),
            OPTIONAL,
            "names of the labels 0, 1, 2, … of packed formats; without it a label is its own name",
        ),
        key(
            "limit",
            Kind::Count(1, ANY),
            OPTIONAL,
            "most training rows of packed formats, drawn from the seed",
        ),
        key(
            "validation",
            Kind::Number(0.0, 1.0),
            OPTIONAL,
            "share of the training rows of packed formats that chooses the epoch; 0.1 where absent",
        ),
        key("n", Kind::Count(60, 100_000), OPTIONAL, "rows of synthetic data"),
        key(
            "plants",
            Kind::WordOr(&["all", "none"], &Kind::List(&Kind::Name(&PLANTS))),
            OPTIONAL,
            "known defects in synthetic data",
        ),
    ],
    &["stream", "batch_rows", "entry"],
);

static FORMATS: Names = Names {
    what: "a format",
    from: From::Known(|known| &known.formats),
    later: &["parquet", "csv", "dicom", "jsonl", "arrow"],
};

static ON_ERROR: Names = fixed("a choice", &["error", "skip"]);

/// Defects that synthetic data can carry.
pub(super) static PLANTS: Names = fixed("a plant", &["bias", "overfit", "personal_data", "misuse"]);

static COLUMNS: Table = table(
    &[
        key("image", Kind::Text, OPTIONAL, "path of the picture, relative to `dataset.path`"),
        key("label", Kind::Text, OPTIONAL, "true class"),
        key("subject", Kind::Text, OPTIONAL, "whose row it is: a person, a lesion"),
        key("split", Kind::Text, OPTIONAL, "train, validation or test"),
        key("id", Kind::Text, OPTIONAL, "name of the row"),
        key("y_true", Kind::Text, OPTIONAL, "true class in a predictions table"),
        key("y_pred", Kind::Text, OPTIONAL, "predicted class in a predictions table"),
        key("score", Kind::Text, OPTIONAL, "probability of the positive class"),
        key("weight", Kind::Text, OPTIONAL, "weight of the row in a predictions table"),
        key("prob", Kind::Text, OPTIONAL, "prefix of one probability column per class"),
        key("logit", Kind::Text, OPTIONAL, "prefix of one logit column per class"),
    ],
    &["text"],
);

static SPLIT: Table = table(
    &[
        key("train", Kind::Number(0.0, 1.0), REQUIRED, "share that the model learns from"),
        key(
            "validation",
            Kind::Number(0.0, 1.0),
            Need::Default("0"),
            "share that chooses the epoch",
        ),
        key("test", Kind::Number(0.0, 1.0), REQUIRED, "share that the audit measures"),
    ],
    &[],
);

pub(super) static MODEL: Table = table(
    &[
        key("train", Kind::Table(&TRAIN), OPTIONAL, "train a network"),
        key("load", Kind::Table(&LOAD), OPTIONAL, "load weights"),
        key("predictions", Kind::Table(&PREDICTIONS), OPTIONAL, "use a table of predictions"),
    ],
    &["python", "remote"],
);

static MODEL_FORMATS: Names = Names {
    what: "a model format",
    from: From::Fixed(&["safetensors"]),
    later: &["onnx", "npz", "pytorch", "keras", "gguf"],
};

static LOAD: Table = table(
    &[
        key(
            "format",
            Kind::Name(&MODEL_FORMATS),
            Need::Default("safetensors"),
            "how the weights are stored",
        ),
        key("path", Kind::File, REQUIRED, "the weights"),
        key("architecture", ARCHITECTURE, Need::Default("seed-cnn"), "name, or list of layers"),
    ],
    &[],
);

static PREDICTIONS: Table =
    table(&[key("path", Kind::File, REQUIRED, "CSV or Parquet, one row per example")], &[]);
