//! The nouns that every module shares. Nothing here reads a file or knows a library's types.

mod assessment;
mod confusion;
mod examples;
mod finding;
mod group_ids;
mod groups;
mod images;
mod layers;
mod meta;
mod misfit;
mod nearest;
mod recipe;
mod risk;
mod seed;
mod system;
mod table;
mod threshold;
mod value;

pub use assessment::{
    Assessment, CanaryRecord, DatasetRecord, DpRecord, EpochRecord, GateRow, Host, InputFile,
    ModelRecord, NotRun, Provenance, SplitCounts, Temperature, Tool, WaiverRecord, WaiverState,
};
pub use confusion::{Confusion, Masses, Quadrant, rate, ratio_of, to_f64};
pub use examples::{ClassId, Examples, ExamplesError, Logits, Members, Predictions, Split};
pub use finding::{
    BASELINE, Cell, Evidence, Finding, FindingId, GroupKey, Interval, LogLine, Masked, Stage,
    Subject,
};
pub(crate) use group_ids::GroupIds;
pub use groups::{GroupId, Groups, MISSING};
pub use images::{Images, PictureDigest, PictureSource, PictureStream, picture_digest};
pub use layers::{Architecture, Conv, Extent, Layer, Padding, fit, fit_flat};
pub use meta::{Code, Definition, Ideal, Meta, definition};
pub use misfit::{Misfit, Wrong};
pub(crate) use nearest::hint;
pub use nearest::nearest;
pub use recipe::{
    Augment, CalibrationMethod, ClassWeights, Course, EarlyStopping, Optimizer, Per, Recipe,
    Schedule,
};
pub use risk::{Derivation, Level, Measure, Risk};
pub use seed::{Seed, Stream, digest_hex};
pub use system::{Harm, HarmKind, Owner, System};
pub use table::TextTable;
pub use threshold::{Bound, By, GateRule, Judge, OnUndefined, Verdict, Waiver};
pub use value::{Undefined, Value};
