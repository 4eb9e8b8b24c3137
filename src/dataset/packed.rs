//! Pictures and labels that come packed in a few files, with no table beside them: what the formats
//! of that kind share.

use super::error::DatasetError;
use super::packed_files::PackedProblem;
use super::rows::{positive, row_number};
use super::source::{Loaded, Source};
use super::split::{self, Shares};
use crate::domain::{ClassId, Examples, Images, InputFile, Seed, Split};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Share of the training rows that chooses the epoch, where nothing else is said.
const VALIDATION: f64 = 0.1;

/// The pictures and labels of one part of a data set.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Names its rows, `<name>-<row>`.
    pub(crate) name: &'static str,
    /// The part that its rows play.
    pub(crate) split: Split,
    /// Height, width and channels of a picture, none of them 0.
    pub(crate) size: [usize; 3],
    /// `(n, height, width, channels)`.
    pub(crate) pixels: Vec<u8>,
    /// `(n,)`.
    pub(crate) labels: Vec<u8>,
    /// Where the pictures and the labels lie, for messages.
    pub(crate) files: [PathBuf; 2],
}

/// The rows of all parts, those of `limit` and of the validation share drawn from the seed.
pub(crate) fn assemble(
    parts: Vec<Part>,
    source: &Source,
    inputs: Vec<InputFile>,
    seed: Seed,
) -> Result<Loaded, DatasetError> {
    check(&parts)?;
    let classes = Classes::of(&parts, source)?;
    let parts = limited(parts, source.limit, seed);
    let y_true: Vec<ClassId> = parts.iter().flat_map(|p| classes.ids(&p.0)).collect();
    let mut split: Vec<Split> =
        parts.iter().flat_map(|(p, _)| vec![p.split; p.labels.len()]).collect();
    if !split.contains(&Split::Validation) {
        draw_validation(&mut split, &y_true, source.validation.unwrap_or(VALIDATION), seed)?;
    }
    let place =
        parts.first().map_or_else(String::new, |(p, _)| format!("`{}`", p.files[1].display()));
    split::inhabited(&split, &place)?;
    let id = parts
        .iter()
        .flat_map(|(p, rows)| rows.iter().map(|&row| format!("{}-{}", p.name, row_number(row))));
    let id = id.collect();
    let [height, width, channels] = parts.first().map_or([0; 3], |(p, _)| p.size);
    let pixels = parts.into_iter().map(|(p, _)| p.pixels).reduce(|mut all, next| {
        all.extend_from_slice(&next);
        all
    });
    let images = Images::new(height, width, channels, pixels.unwrap_or_default());
    let images = images.unwrap_or_else(|| unreachable!("the parts hold whole pictures"));
    let (positive, classes) = (classes.positive, classes.names);
    let groups = Vec::new();
    let examples = Examples { classes, positive, y_true, id, split, groups, subject: None };
    let examples = examples.check()?;
    Ok(Loaded {
        digest: super::digest::images(&examples, &images),
        examples,
        images: Some(images),
        predictions: None,
        tables: Vec::new(),
        names: Vec::new(),
        usage_log: None,
        skipped: Vec::new(),
        inputs,
    })
}

/// Whether labels and pictures belong together, and all pictures have one size.
fn check(parts: &[Part]) -> Result<(), DatasetError> {
    let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for part in parts {
        let [pictures_file, labels_file] = &part.files;
        let pictures = part.pixels.len() / part.size.iter().product::<usize>().max(1);
        let labels = part.labels.len();
        if labels != pictures {
            let pictures_file = name(pictures_file);
            return Err(PackedProblem::Counts { labels, pictures_file, pictures }.of(labels_file));
        }
        let (expected, other) = (parts[0].size, name(&parts[0].files[0]));
        if part.size != expected {
            let found = part.size;
            return Err(PackedProblem::Size { found, other, expected }.of(pictures_file));
        }
    }
    Ok(())
}

/// What the labels mean.
struct Classes {
    names: Vec<String>,
    positive: ClassId,
    /// The class of each label that occurs.
    of: [ClassId; 256],
}

impl Classes {
    /// The named classes, or those labels that occur.
    fn of(parts: &[Part], source: &Source) -> Result<Self, DatasetError> {
        let mut of = [0; 256];
        let mut occurring = BTreeSet::new();
        for part in parts {
            occurring.extend(&part.labels);
            let named = source.classes.len();
            let unnamed = |&label: &u8| named > 0 && usize::from(label) >= named;
            if let Some(i) = part.labels.iter().position(unnamed) {
                let (row, label) = (row_number(i), part.labels[i]);
                let problem = PackedProblem::Label { row, label, classes: named };
                return Err(problem.of(&part.files[1]));
            }
        }
        let file = parts.first().map_or(Path::new(""), |p| &p.files[1]);
        let labels: Vec<u8> = occurring.iter().copied().collect();
        if let [label] = labels[..] {
            let label = label.to_string();
            return Err(DatasetError::OneClass { file: file.to_owned(), label });
        }
        let names = if source.classes.is_empty() {
            (0..).zip(&labels).for_each(|(id, &label)| of[usize::from(label)] = id);
            labels.iter().map(u8::to_string).collect()
        } else {
            (0..).zip(&mut of).for_each(|(id, of)| *of = id);
            source.classes.clone()
        };
        let chosen = positive(source.positive.as_deref(), &names, file)?;
        let positive = (0..).zip(&names).find(|(_, name)| **name == chosen).map_or(0, |(id, _)| id);
        Ok(Self { names, positive, of })
    }

    fn ids(&self, part: &Part) -> Vec<ClassId> {
        part.labels.iter().map(|&label| self.of[usize::from(label)]).collect()
    }
}

/// Each part with the rows of its file that it has left: of the training rows at most `limit`, drawn
/// and then in file order.
fn limited(parts: Vec<Part>, limit: Option<usize>, seed: Seed) -> Vec<(Part, Vec<usize>)> {
    let one = |mut part: Part| {
        let mut rows: Vec<usize> = (0..part.labels.len()).collect();
        let limit = limit.filter(|&limit| part.split == Split::Train && limit < rows.len());
        if let Some(limit) = limit {
            seed.child("dataset/limit").stream().shuffle(&mut rows);
            rows.truncate(limit);
            rows.sort_unstable();
            let size: usize = part.size.iter().product();
            let picture = |&row: &usize| part.pixels[row * size..(row + 1) * size].iter().copied();
            part.pixels = rows.iter().flat_map(picture).collect();
            part.labels = rows.iter().map(|&row| part.labels[row]).collect();
        }
        (part, rows)
    };
    parts.into_iter().map(one).collect()
}

/// Gives a share of the training rows, stratified on the class, to validation.
fn draw_validation(
    split: &mut [Split],
    y_true: &[ClassId],
    share: f64,
    seed: Seed,
) -> Result<(), DatasetError> {
    let rows: Vec<usize> = (0..split.len()).filter(|&i| split[i] == Split::Train).collect();
    let strata: Vec<ClassId> = rows.iter().map(|&row| y_true[row]).collect();
    let shares = Shares::new(1.0 - share, share, 0.0)?;
    let drawn = split::draw(&strata, None, shares, seed.child("dataset/split"));
    rows.into_iter().zip(drawn).for_each(|(row, drawn)| split[row] = drawn);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` training and 4 test pictures of 1×2×1, whose first pixel is their row; labels go round.
    fn parts(n: u8, classes: u8) -> Vec<Part> {
        let part = |name, split, n: u8| Part {
            name,
            split,
            size: [1, 2, 1],
            pixels: (0..n).flat_map(|i| [i, 255]).collect(),
            labels: (0..n).map(|i| i % classes).collect(),
            files: ["images", "labels"].map(|kind| format!("{name}-{kind}").into()),
        };
        vec![part("train", Split::Train, n), part("t10k", Split::Test, 4)]
    }

    fn source() -> Source {
        Source { positive: Some("1".to_owned()), ..Source::default() }
    }

    fn loaded(source: &Source) -> Loaded {
        assemble(parts(100, 4), source, Vec::new(), Seed::new(1)).unwrap()
    }

    #[test]
    fn a_stratified_share_of_the_training_rows_validates() {
        let of = |validation| loaded(&Source { validation, ..source() }).examples;
        let count = |examples: &Examples, class| {
            let rows = examples.rows(Split::Validation);
            rows.iter().filter(|&&row| examples.y_true[row] == class).count()
        };
        for (share, each) in [(None, 3), (Some(0.2), 5), (Some(0.0), 0)] {
            let examples = of(share);
            // A tenth of 25 is 2.5: a stratum gets 2 or 3.
            assert!((0..4).all(|class| count(&examples, class).abs_diff(each) <= 1), "{share:?}");
            assert_eq!(examples.rows(Split::Test), [100, 101, 102, 103]);
        }
        let none = Source { validation: Some(1.0), ..source() };
        let error = assemble(parts(100, 4), &none, Vec::new(), Seed::new(1)).unwrap_err();
        assert!(matches!(error, DatasetError::EmptySplit { split: "train", .. }), "{error}");
    }

    #[test]
    fn a_limit_draws_training_rows_and_keeps_pictures_labels_and_names_together() {
        let all = loaded(&source());
        let few = loaded(&Source { limit: Some(30), ..source() });
        let examples = &few.examples;
        assert_eq!((examples.len(), examples.rows(Split::Test).len()), (34, 4));
        let images = few.images.unwrap();
        for row in 0..30 {
            let at = usize::from(images.picture(row)[0]);
            assert_eq!(examples.id[row], format!("train-{}", at + 1));
            assert_eq!(examples.y_true[row], all.examples.y_true[at]);
        }
        let first = (0..30).map(|i| format!("train-{}", i + 1)).collect::<Vec<_>>();
        assert_ne!(examples.id[..30], first, "the rows are drawn");
        assert_eq!(loaded(&Source { limit: Some(1000), ..source() }), all);
    }

    #[test]
    fn classes_are_the_labels_that_occur_or_the_names_that_are_given() {
        let mut gap = parts(10, 2);
        gap.iter_mut().flat_map(|p| &mut p.labels).for_each(|label| *label = 3 + 4 * *label);
        let of = |parts: &[Part], source: &Source| {
            assemble(parts.to_vec(), source, Vec::new(), Seed::new(1)).map(|l| l.examples)
        };
        let seven = Source { positive: Some("7".to_owned()), ..Source::default() };
        let examples = of(&gap, &seven).unwrap();
        assert_eq!((examples.classes.join(" "), examples.positive), ("3 7".to_owned(), 1));
        assert_eq!(examples.y_true[..3], [0, 1, 0]);
        let classes = ["cat", "dog", "emu", "fox"].map(str::to_owned).to_vec();
        let named = Source { classes, positive: Some("emu".to_owned()), ..Source::default() };
        let examples = of(&parts(100, 4), &named).unwrap();
        assert_eq!((examples.classes.len(), examples.positive), (4, 2));
        let message = of(&gap, &named).unwrap_err().to_string();
        let expected =
            "`train-labels` has the label 7 in row 2, but `classes` has 4 names, for 0 to 3";
        assert_eq!(message, expected);
        let unnamed = of(&parts(100, 4), &Source::default()).unwrap_err().to_string();
        assert!(unnamed.starts_with("set `positive` ("), "{unnamed}");
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let message = |parts: Vec<Part>| {
            assemble(parts, &source(), Vec::new(), Seed::new(1)).unwrap_err().to_string()
        };
        let mut short = parts(100, 4);
        short[1].labels.pop();
        let expected = "`t10k-labels` holds 3 labels, but `t10k-images` holds 4 pictures";
        assert_eq!(message(short), expected);
        let mut tall = parts(100, 4);
        tall[1].size = [2, 1, 1];
        let expected = "`t10k-images` holds pictures of [2, 1, 1] (height, width, channels), but \
                        `train-images` of [1, 2, 1]";
        assert_eq!(message(tall), expected);
        assert!(message(parts(100, 1)).contains("has the label `0`; a classifier needs two"));
    }
}
