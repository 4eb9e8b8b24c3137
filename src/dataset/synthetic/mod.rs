//! `synthetic`: built-in data with known defects, so that an audit can be tried, and tested, without
//! any file.
//!
//! Pictures look like skin lesions, and everything in them is drawn from a seed: nobody's skin is
//! shown. Four defects can be planted, each for one room of the audit to find. Every part draws
//! from its own child of the seed, so a plant changes what it is about and nothing else.

mod cohort;
mod people;
mod picture;
#[cfg(test)]
mod tests;
mod usage;

pub use people::PersonalCell;
pub use usage::{UsageFacts, usage_facts};

use super::error::DatasetError;
use super::rows::Rows;
use super::source::{Loaded, Source, SplitPlan};
use super::split::Shares;
use super::{Format, digest};
use crate::domain::{Examples, Images, Seed, Split, TextTable};
use cohort::{Cohort, Flaw};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Fewest and most rows.
const AMOUNT: [usize; 2] = [20, 100_000];
/// The classes; the second is positive unless declared otherwise.
const CLASSES: [&str; 2] = ["benign", "malignant"];

/// A defect to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plant {
    /// Seven in ten malignant lesions on dark skin were recorded as benign in the training and
    /// validation rows; the test rows tell the truth.
    Bias,
    /// 38 % of the pictures of every split carry a strong texture of their own, and half of those
    /// are recorded under the wrong label: only memory can get them right.
    Overfit,
    /// Some cells of the table and some file names identify persons (all invented).
    PersonalData,
    /// Some lines of the usage log break the rules of use.
    Misuse,
}

impl Plant {
    /// All plants.
    pub const ALL: [Self; 4] = [Self::Bias, Self::Overfit, Self::PersonalData, Self::Misuse];

    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bias => "bias",
            Self::Overfit => "overfit",
            Self::PersonalData => "personal_data",
            Self::Misuse => "misuse",
        }
    }

    /// The plant of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// What to generate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticOptions {
    /// Number of rows, 20 to 100 000.
    pub n: usize,
    /// The defects; none for clean data.
    pub plants: BTreeSet<Plant>,
}

impl Default for SyntheticOptions {
    /// 1200 rows with every defect.
    fn default() -> Self {
        Self { n: 1200, plants: Plant::ALL.into() }
    }
}

/// The ground truth of what was planted. Rows count from 1 for the first data row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Planted {
    /// Rows whose malignant lesion was recorded as benign ([`Plant::Bias`]).
    pub underdiagnosed: Vec<u64>,
    /// Rows whose picture carries a texture of its own ([`Plant::Overfit`]).
    pub textured: Vec<u64>,
    /// Those among them that are recorded under the wrong label.
    pub mislabelled: Vec<u64>,
    /// Cells of the table that identify a person ([`Plant::PersonalData`]).
    pub personal_cells: Vec<PersonalCell>,
    /// File names that do; the row is the position in the list of names, from 1.
    pub personal_names: Vec<PersonalCell>,
    /// Rule of use (the check `usage_<rule>`) → lines of the log that break it ([`Plant::Misuse`]).
    pub breaches: BTreeMap<&'static str, u64>,
}

/// The generator as a format.
#[derive(Debug)]
pub(crate) struct Synthetic;

impl Format for Synthetic {
    fn name(&self) -> &'static str {
        "synthetic"
    }

    fn read(&self, source: &Source, seed: Seed) -> Result<Loaded, DatasetError> {
        generate(source, seed).map(|(loaded, _)| loaded)
    }
}

/// Generates the data and says what was planted in it.
///
/// Of the source only `synthetic`, `groups` (default: sex, age group, skin tone and site),
/// `positive` (default `malignant`) and the shares of `split` (default 0.6, 0.1, 0.3) matter.
///
/// # Errors
/// When `n` is out of range, the shares do not add up, or a group or class does not exist.
pub fn generate(source: &Source, seed: Seed) -> Result<(Loaded, Planted), DatasetError> {
    let SyntheticOptions { n, plants } = &source.synthetic;
    let [least, most] = AMOUNT;
    if !(least..=most).contains(n) {
        return Err(DatasetError::Amount { n: *n, least, most });
    }
    let shares = match source.split {
        SplitPlan::Column => Shares::new(0.6, 0.1, 0.3)?,
        SplitPlan::Drawn { train, validation, test } => Shares::new(train, validation, test)?,
    };
    let seed = seed.child("dataset/synthetic");
    let cohort = Cohort::draw(*n, shares, plants, seed);
    let people = people::write(&cohort, plants.contains(&Plant::PersonalData), seed);
    let log = usage::write(plants.contains(&Plant::Misuse), seed);
    let images = draw_pictures(&cohort, seed);
    let examples = examples(source, &cohort, &people.table)?;
    let loaded = Loaded {
        digest: digest::images(&examples, &images),
        examples,
        images: Some(images),
        predictions: None,
        tables: vec![people.table],
        names: vec![("images".to_owned(), people.names)],
        usage_log: Some(log.text),
        skipped: Vec::new(),
        inputs: Vec::new(),
    };
    let rows = |of: &dyn Fn(&cohort::Record) -> bool| cohort.numbers(of);
    let planted = Planted {
        underdiagnosed: rows(&|r| r.flaw == Flaw::Underdiagnosed),
        textured: rows(&|r| r.flaw.textured()),
        mislabelled: rows(&|r| r.flaw == Flaw::Mislabelled),
        personal_cells: people.cells,
        personal_names: people.in_names,
        breaches: log.breaches,
    };
    Ok((loaded, planted))
}

fn draw_pictures(cohort: &Cohort, seed: Seed) -> Images {
    let one = |(i, record): (usize, &cohort::Record)| {
        picture::draw(
            &record.look(),
            [seed.child(&record.lesion()), seed.child(&format!("picture/{i}"))],
        )
    };
    let pictures: Vec<Vec<u8>> = cohort.records.par_iter().enumerate().map(one).collect();
    let side = usize::try_from(picture::SIDE).unwrap_or_else(|_| unreachable!("u32 fits usize"));
    let images = Images::new(side, side, 3, pictures.concat());
    images.unwrap_or_else(|| unreachable!("all pictures have the same size"))
}

fn examples(source: &Source, cohort: &Cohort, table: &TextTable) -> Result<Examples, DatasetError> {
    let mut source = source.clone();
    if source.groups.is_empty() {
        let usual = ["sex", "age_group", "skin_tone", "site"];
        source.groups = usual.map(|f| vec![f.to_owned()]).to_vec();
    }
    source.positive.get_or_insert_with(|| CLASSES[1].to_owned());
    let rows = Rows { table, file: Path::new(&table.file), source: &source, kept: None };
    let labels = rows.labels("label")?;
    let classes = rows.classes(&labels)?;
    let split: Vec<Split> = cohort.records.iter().map(|r| r.split).collect();
    for needed in [Split::Train, Split::Test] {
        if !split.contains(&needed) {
            let (place, hint) = ("the synthetic data".to_owned(), "give it a larger share");
            return Err(DatasetError::EmptySplit { place, split: needed.name(), hint });
        }
    }
    let column = |name: &str| rows.column(name).map(|c| c.iter().flatten().cloned().collect());
    let (id, subject) = (column("image_id")?, Some(column("patient_id")?));
    let (y_true, groups) = (classes.ids(&labels), rows.groups()?);
    let (classes, positive) = (classes.names, classes.positive);
    Ok(Examples { classes, positive, y_true, id, split, groups, subject }.check()?)
}
