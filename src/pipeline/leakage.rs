//! Who pays for a leak, and whether members differ before the model is asked.

use super::PipelineError;
use super::attacks::{Attacks, claimed_delta};
use super::measure::Measured;
use crate::domain::{Examples, Groups, Images, Seed, TextTable, to_f64};
use crate::privacy::membership::{self, Grouping};
use std::collections::BTreeMap;

/// Members, and non-members, that the blind baseline looks at; more would cost time and change little.
const MOST_ROWS: usize = 4_000;
/// Features that it looks at.
const MOST_FEATURES: usize = 64;
/// Levels of a column of words that get a feature each.
const MOST_LEVELS: usize = 16;
/// Tiles of a picture along either side.
const TILES: usize = 4;
/// The δ of bounds on ε where none was declared.
pub(crate) const DELTA: f64 = 1e-5;

impl Attacks<'_> {
    /// The strongest attack, or all where they were named, in each class, each group and each group's
    /// classes; then the blind baseline.
    pub(super) fn leakage(&self, m: &mut Measured) -> Result<(), PipelineError> {
        let (config, scene, examples) = (self.config, &self.scene, self.examples);
        let (confidence, seed) = (config.fairness.confidence, Seed::new(config.seed));
        let named = !config.privacy.membership.attacks.is_empty();
        let chosen = membership::for_groups(&m.findings, &self.attacked, named);
        if !chosen.is_empty() {
            let classes: Vec<Option<&String>> =
                self.rows.iter().map(|row| class_of(examples, *row)).collect();
            let declared: Vec<Groups> =
                examples.groups.iter().map(|g| g.select(&self.rows)).collect();
            let grouping = Grouping {
                groups: &groupings(&classes, &declared),
                min_group_size: config.fairness.min_group_size,
                confidence,
                delta: claimed_delta(config, self.inputs).unwrap_or(DELTA),
            };
            m.findings.extend(membership::by_group(scene, &chosen, &grouping, seed));
        }
        let some = some_rows(&scene.member);
        let member: Vec<bool> = some.iter().map(|at| scene.member[*at]).collect();
        let rows: Vec<usize> = some.iter().map(|at| self.rows[*at]).collect();
        let features = known_of(examples, self.inputs.data.images.as_ref(), &rows)?;
        m.findings.push(membership::blind(&features, &member, confidence, seed));
        Ok(())
    }
}

fn class_of(examples: &Examples, row: usize) -> Option<&String> {
    usize::try_from(examples.y_true[row]).ok().and_then(|class| examples.classes.get(class))
}

/// The classes, the declared groupings, and each single feature with the classes. Where a feature is
/// called `class`, the classes are `true_class`.
pub(crate) fn groupings<S: AsRef<str>>(classes: &[Option<S>], declared: &[Groups]) -> Vec<Groups> {
    let taken = declared.iter().any(|g| g.features().iter().any(|f| f == "class"));
    let class = Groups::encode(if taken { "true_class" } else { "class" }, classes);
    let alone = declared.iter().filter(|g| g.features().len() == 1);
    let crossed: Vec<Groups> = alone.map(|g| Groups::cross(&[g, &class])).collect();
    std::iter::once(class).chain(declared.iter().cloned()).chain(crossed).collect()
}

/// Places of at most so many members and non-members, evenly spaced.
pub(crate) fn some_rows(member: &[bool]) -> Vec<usize> {
    let side = |wanted: bool| {
        let all: Vec<usize> = (0..member.len()).filter(|at| member[*at] == wanted).collect();
        let step = all.len().div_ceil(MOST_ROWS).max(1);
        all.into_iter().step_by(step).collect::<Vec<_>>()
    };
    let mut rows = [side(true), side(false)].concat();
    rows.sort_unstable();
    rows
}

/// What is known of some rows without the model: pictures, class, groups.
fn known_of(
    examples: &Examples,
    images: Option<&Images>,
    rows: &[usize],
) -> Result<Vec<Vec<f64>>, PipelineError> {
    let classes = rows.iter().map(|row| class_of(examples, *row).cloned()).collect();
    let mut columns = vec![("class".to_owned(), classes)];
    for groups in examples.groups.iter().filter(|g| g.features().len() == 1) {
        let level = |row: &usize| Some(groups.label(groups.at(*row)));
        columns.push((groups.name(), rows.iter().map(level).collect()));
    }
    let table = TextTable { file: String::new(), columns };
    let mut features = encoded(&table, &[]);
    let Some(images) = images else { return Ok(features) };
    let mut buffer = vec![0; images.size()];
    for (row, features) in rows.iter().zip(&mut features) {
        if let Some(stream) = images.stream() {
            let read = stream.source.read(*row, &mut buffer);
            read.map_err(PipelineError::Impossible)?;
        } else {
            buffer.copy_from_slice(images.picture(*row));
        }
        features.splice(0..0, summary(&buffer, images.shape()));
        features.truncate(MOST_FEATURES);
    }
    Ok(features)
}

/// Mean and standard deviation of each channel, then the mean grey of the tiles.
fn summary(pixels: &[u8], [height, width, channels]: [usize; 3]) -> Vec<f64> {
    let count = |n: usize| to_f64(u64::try_from(n).unwrap_or(u64::MAX));
    let mut numbers = Vec::with_capacity(2 * channels + TILES * TILES);
    for channel in 0..channels {
        let values = || pixels.iter().skip(channel).step_by(channels).map(|v| f64::from(*v));
        let n = count(height * width);
        let mean = values().sum::<f64>() / n;
        let square = values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
        numbers.extend([mean, square.sqrt()]);
    }
    let mut tiles = [(0.0, 0.0); TILES * TILES];
    for (place, pixel) in pixels.chunks_exact(channels).enumerate() {
        let (y, x) = (place / width * TILES / height, place % width * TILES / width);
        let tile = &mut tiles[y * TILES + x];
        tile.0 += pixel.iter().map(|v| f64::from(*v)).sum::<f64>() / count(channels);
        tile.1 += 1.0;
    }
    numbers.extend(tiles.iter().map(|(sum, n)| if *n > 0.0 { sum / n } else { 0.0 }));
    numbers
}

/// The columns of a table as features: numbers as they are (an empty cell is the mean, and a feature of
/// its own), words as one feature for each of the most frequent. Columns in which more than half of the
/// cells are alone of their kind name rows and are left out.
pub(crate) fn encoded(table: &TextTable, skip: &[&str]) -> Vec<Vec<f64>> {
    let mut rows = vec![Vec::new(); table.rows()];
    for (name, cells) in &table.columns {
        if skip.contains(&name.as_str()) {
            continue;
        }
        for column in numeric(cells).unwrap_or_else(|| words(cells)) {
            if rows.first().is_some_and(|row: &Vec<f64>| row.len() < MOST_FEATURES) {
                rows.iter_mut().zip(column).for_each(|(row, value)| row.push(value));
            }
        }
    }
    rows
}

/// A column of numbers and, where cells are empty, a second one that says so; none for other columns.
fn numeric(cells: &[Option<String>]) -> Option<Vec<Vec<f64>>> {
    let number = |cell: &Option<String>| match cell {
        Some(text) => text.trim().parse::<f64>().ok().filter(|v| v.is_finite()).map(Some),
        None => Some(None),
    };
    let values: Vec<Option<f64>> = cells.iter().map(number).collect::<Option<_>>()?;
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let n = to_f64(u64::try_from(known.len()).unwrap_or(u64::MAX));
    if known.is_empty() {
        return None;
    }
    let mean = known.iter().sum::<f64>() / n;
    let filled = values.iter().map(|v| v.unwrap_or(mean)).collect();
    if known.len() == values.len() {
        return Some(vec![filled]);
    }
    let empty = values.iter().map(|v| f64::from(u8::from(v.is_none()))).collect();
    Some(vec![filled, empty])
}

fn words(cells: &[Option<String>]) -> Vec<Vec<f64>> {
    let mut counts: BTreeMap<&Option<String>, usize> = BTreeMap::new();
    for cell in cells {
        *counts.entry(cell).or_default() += 1;
    }
    let alone = counts.values().filter(|n| **n == 1).count();
    if 2 * alone > cells.len() {
        return Vec::new();
    }
    let mut levels: Vec<(&Option<String>, usize)> = counts.into_iter().collect();
    levels.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let is =
        |level: &Option<String>| cells.iter().map(|c| f64::from(u8::from(c == level))).collect();
    levels.iter().take(MOST_LEVELS).map(|(level, _)| is(level)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(values: &[&str]) -> Vec<Option<String>> {
        values.iter().map(|v| Some((*v).to_owned()).filter(|v| !v.is_empty())).collect()
    }

    #[test]
    fn columns_become_features() {
        let columns = vec![
            ("id".to_owned(), cells(&["a", "b", "c", "d"])),
            ("age".to_owned(), cells(&["1", "", "3", "5"])),
            ("sex".to_owned(), cells(&["f", "m", "f", "f"])),
            ("x".to_owned(), cells(&["9", "9", "9", "9"])),
        ];
        let table = TextTable { file: "t.csv".to_owned(), columns };
        let rows = encoded(&table, &["x"]);
        // Age, whether it is empty, f, m; the names are left out.
        assert_eq!(rows[0], [1.0, 0.0, 1.0, 0.0]);
        assert_eq!(rows[1], [3.0, 1.0, 0.0, 1.0]);
        assert_eq!(encoded(&table, &[])[0].len(), 5);
    }

    #[test]
    fn a_picture_becomes_means_and_tiles() {
        // Left half 0, right half 100, two channels of which the second is twice the first.
        let pixels: Vec<u8> =
            (0..64).flat_map(|i| if i % 8 < 4 { [0, 0] } else { [100, 200] }).collect();
        let found = summary(&pixels, [8, 8, 2]);
        assert_eq!(found[..4], [50.0, 50.0, 100.0, 100.0]);
        assert_eq!(found[4..8], [0.0, 0.0, 150.0, 150.0]);
        assert_eq!(found.len(), 20);
        assert_eq!(summary(&[7, 9], [1, 2, 1]).len(), 18);
    }

    #[test]
    fn classes_are_crossed_with_single_features() {
        let classes = [Some("cat"), Some("dog")];
        let sex = Groups::encode("sex", &[Some("f"), Some("m")]);
        let both = Groups::cross(&[&sex, &Groups::encode("age", &[Some("1"), Some("2")])]);
        let names: Vec<String> =
            groupings(&classes, &[sex, both]).iter().map(Groups::name).collect();
        assert_eq!(names, ["class", "sex", "sex*age", "sex*class"]);
        let own = Groups::encode("class", &[Some("1a"), Some("1b")]);
        assert_eq!(groupings(&classes, &[own])[0].name(), "true_class");
    }

    #[test]
    fn many_rows_are_thinned_on_both_sides() {
        let member: Vec<bool> = (0..30_000).map(|i| i % 3 == 0).collect();
        let rows = some_rows(&member);
        assert!(rows.windows(2).all(|w| w[0] < w[1]) && rows.len() <= 2 * MOST_ROWS);
        assert!(rows.iter().filter(|at| member[**at]).count() > 3_000);
    }
}
