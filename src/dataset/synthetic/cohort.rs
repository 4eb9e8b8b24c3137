//! Who is in the data: patients, their lesions, their splits, and what was recorded about them.

use super::picture::{Look, Tone};
use super::{CLASSES, Plant};
use crate::dataset::rows::row_number;
use crate::dataset::split::{self, Shares};
use crate::domain::{Seed, Split, Stream};
use std::collections::{BTreeMap, BTreeSet};

/// Share of malignant lesions recorded as benign on dark skin, in training and validation rows.
const UNDERDIAGNOSED: f64 = 0.7;
/// Share of pictures with a texture of their own; every second of them has the wrong label.
const TEXTURED: f64 = 0.38;
/// Share of patients with a second picture of the same lesion.
const SECOND_PICTURE: f64 = 0.3;

const TONES: [Tone; 10] = {
    use Tone::{Dark, Light, Medium};
    [Light, Light, Light, Light, Medium, Medium, Medium, Dark, Dark, Dark]
};
const SEXES: [&str; 2] = ["female", "male"];
/// Name, youngest, oldest.
const AGES: [(&str, usize, usize); 3] = [("<40", 18, 39), ("40-59", 40, 59), ("60+", 60, 85)];
const SITES: [&str; 5] = ["arm", "back", "chest", "face", "leg"];

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// A malignant lesion is recorded as benign because of the skin tone.
    Underdiagnosed,
    /// The picture carries a texture of its own; the label is right.
    Textured,
    /// The picture carries a texture of its own, and the label is wrong.
    Mislabelled,
}

impl Flaw {
    /// Whether the picture carries a texture of its own.
    pub(super) fn textured(self) -> bool {
        matches!(self, Self::Textured | Self::Mislabelled)
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// Number of the patient, from 0.
    pub(super) patient: usize,
    /// What the lesion is.
    pub(super) malignant: bool,
    /// How malignant it looks, see [`Look::malignancy`].
    pub(super) malignancy: f64,
    /// Skin tone.
    pub(super) tone: Tone,
    /// Sex.
    pub(super) sex: &'static str,
    /// Age in years.
    pub(super) age: usize,
    /// Age group.
    pub(super) age_group: &'static str,
    /// Body site.
    pub(super) site: &'static str,
    /// Split.
    pub(super) split: Split,
    /// What is wrong with the record.
    pub(super) flaw: Flaw,
}

impl Record {
    /// What the picture shows.
    pub(super) fn look(&self) -> Look {
        Look { malignancy: self.malignancy, tone: self.tone, textured: self.flaw.textured() }
    }

    /// The label of the seed from which the lesion's shape is drawn, the same in both pictures.
    pub(super) fn lesion(&self) -> String {
        format!("lesion/{}", self.patient)
    }

    /// The recorded class.
    pub(super) fn label(&self) -> &'static str {
        let positive = match self.flaw {
            Flaw::Underdiagnosed => false,
            Flaw::Mislabelled => !self.malignant,
            Flaw::None | Flaw::Textured => self.malignant,
        };
        CLASSES[usize::from(positive)]
    }
}

/// All rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cohort {
    /// In row order.
    pub(super) records: Vec<Record>,
}

impl Cohort {
    /// Draws `n` rows. Two lesions in five are malignant, whoever has them: sex, age, skin tone and
    /// site are dealt from shuffled decks within each class, so no group differs by design.
    pub(super) fn draw(n: usize, shares: Shares, plants: &BTreeSet<Plant>, seed: Seed) -> Self {
        let mut records = patients(n, seed);
        assign_splits(&mut records, shares, seed.child("split"));
        if plants.contains(&Plant::Overfit) {
            mislabel(&mut records, seed.child("plant/overfit"));
        }
        if plants.contains(&Plant::Bias) {
            underdiagnose(&mut records, seed.child("plant/bias"));
        }
        Self { records }
    }

    /// Row numbers, from 1, of the rows of which something holds.
    pub(super) fn numbers(&self, of: &dyn Fn(&Record) -> bool) -> Vec<u64> {
        let rows = self.records.iter().enumerate();
        rows.filter(|(_, r)| of(r)).map(|(i, _)| row_number(i)).collect()
    }
}

/// Cards dealt in shuffled order; when all are dealt they are shuffled again.
struct Deck<T> {
    cards: Vec<T>,
    at: usize,
    stream: Stream,
}

impl<T: Clone> Deck<T> {
    fn new(cards: Vec<T>, seed: Seed) -> Self {
        Self { at: cards.len(), cards, stream: seed.stream() }
    }

    fn deal(&mut self) -> T {
        if self.at == self.cards.len() {
            self.stream.shuffle(&mut self.cards);
            self.at = 0;
        }
        self.at += 1;
        self.cards[self.at - 1].clone()
    }
}

fn patients(n: usize, seed: Seed) -> Vec<Record> {
    let persons: Vec<(Tone, &str, usize)> = TONES
        .iter()
        .flat_map(|&t| SEXES.iter().flat_map(move |&s| (0..AGES.len()).map(move |a| (t, s, a))))
        .collect();
    let decks = |name: &str| CLASSES.map(|c| seed.child(&format!("people/{name}/{c}")));
    let mut people = decks("person").map(|s| Deck::new(persons.clone(), s));
    let mut sites = decks("site").map(|s| Deck::new(SITES.to_vec(), s));
    let mut classes = Deck::new(vec![false, false, false, true, true], seed.child("people/class"));
    let mut stream = seed.child("people/rest").stream();
    let mut records = Vec::with_capacity(n);
    for patient in 0.. {
        let malignant = classes.deal();
        let (tone, sex, age) = people[usize::from(malignant)].deal();
        let (age_group, youngest, oldest) = AGES[age];
        let record = Record {
            patient,
            malignant,
            malignancy: Look::malignancy(malignant, &mut stream),
            tone,
            sex,
            age: youngest + stream.below(oldest - youngest + 1),
            age_group,
            site: sites[usize::from(malignant)].deal(),
            split: Split::Train,
            flaw: Flaw::None,
        };
        let pictures = if stream.flip(SECOND_PICTURE) { 2 } else { 1 };
        records.extend(std::iter::repeat_n(record, pictures));
        if records.len() >= n {
            break;
        }
    }
    records.truncate(n);
    records
}

fn assign_splits(records: &mut [Record], shares: Shares, seed: Seed) {
    let number = |items: &[&str], of: &str| {
        items.iter().zip(0_u32..).find(|(item, _)| **item == of).map_or(0, |(_, i)| i)
    };
    let ages = AGES.map(|(name, _, _)| name);
    let stratum = |r: &Record| {
        let class = u32::from(r.malignant) * 3 + r.tone.number();
        (class * 2 + number(&SEXES, r.sex)) * 3 + number(&ages, r.age_group)
    };
    let strata: Vec<u32> = records.iter().map(stratum).collect();
    let subjects: Vec<String> = records.iter().map(|r| r.patient.to_string()).collect();
    let splits = split::draw(&strata, Some(&subjects), shares, seed);
    records.iter_mut().zip(splits).for_each(|(r, s)| r.split = s);
}

/// Gives four rows in ten a texture, and every second of those the wrong label, evenly over
/// splits, classes, skin tones, sexes and ages. Were all textured rows mislabelled, the texture would
/// tell a model to turn its answer round; as it is, nothing but memory helps.
fn mislabel(records: &mut [Record], seed: Seed) {
    let mut cells: BTreeMap<(Split, bool, Tone, &str, &str), Vec<usize>> = BTreeMap::new();
    for (i, r) in records.iter().enumerate() {
        cells.entry((r.split, r.malignant, r.tone, r.sex, r.age_group)).or_default().push(i);
    }
    let mut stream = seed.stream();
    let (mut due, mut wrong) = (0.5, false);
    for mut rows in cells.into_values() {
        stream.shuffle(&mut rows);
        for row in rows {
            due += TEXTURED;
            if due >= 1.0 {
                due -= 1.0;
                records[row].flaw = if wrong { Flaw::Mislabelled } else { Flaw::Textured };
                wrong = !wrong;
            }
        }
    }
}

fn underdiagnose(records: &mut [Record], seed: Seed) {
    let mut stream = seed.stream();
    let mut due = 0.5;
    let concerned = |r: &&mut Record| {
        r.malignant && r.tone == Tone::Dark && r.split != Split::Test && r.flaw == Flaw::None
    };
    let mut rows: Vec<&mut Record> = records.iter_mut().filter(concerned).collect();
    stream.shuffle(&mut rows);
    rows.sort_by_key(|r| (r.sex, r.age_group));
    for record in rows {
        due += UNDERDIAGNOSED;
        if due >= 1.0 {
            due -= 1.0;
            record.flaw = Flaw::Underdiagnosed;
        }
    }
}
