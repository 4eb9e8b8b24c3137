//! Stored model outputs: logits or losses, membership masks and labels.

use super::membership::{Outputs, References, Rows, Scene};
pub use super::stored_error::StoredError;
use super::stored_tensor::in_safetensors;
pub use super::stored_tensor::{Kind, Tensor};
use crate::domain::{ClassId, Logits};
use std::borrow::Cow;

/// Which arrays to read, and which model is attacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Raw outputs, f32 or f64, `(models, pool + population, classes)`.
    pub logits: String,
    /// Cross-entropies in their place, f32 or f64, `(models, pool + population)`; none where the raw
    /// outputs are read.
    pub losses: Option<String>,
    /// 1 where the row was in the model's training set, u8, `(models, pool)`.
    pub masks: String,
    /// Classes, i64, `(pool + population,)`.
    pub labels: String,
    /// The model that is attacked, from 0.
    pub target: usize,
    /// Models that are never references, e.g. the one that was trained on what the target was not.
    pub exclude: Vec<usize>,
}

impl Default for Layout {
    fn default() -> Self {
        let name = str::to_owned;
        let (logits, masks, labels) = (name("logits"), name("masks"), name("labels"));
        Self { logits, losses: None, masks, labels, target: 0, exclude: Vec::new() }
    }
}

impl Layout {
    /// The array of logits or losses.
    #[must_use]
    pub fn values(&self) -> &str {
        self.losses.as_deref().unwrap_or(&self.logits)
    }
}

/// Entries that are looked at together.
const BLOCK: usize = 1 << 12;
/// Classes that labels beside losses may have.
const CLASSES: usize = 1 << 16;

/// A checked file. Logits stay as they are stored, and are widened row by row.
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    /// Of each model and row one loss, or a logit for each class.
    values: Cow<'a, [u8]>,
    kind: Kind,
    masks: Cow<'a, [u8]>,
    labels: Vec<ClassId>,
    sizes: Sizes,
    /// What a loss of 0 is taken for; none where there are logits.
    least_loss: Option<f64>,
    target: usize,
    references: Vec<usize>,
}

/// Checks a safetensors file.
///
/// # Errors
/// Says which tensor is absent, of another type or shape, or holds what it may not hold.
pub fn read<'a>(bytes: &'a [u8], layout: &Layout) -> Result<Stored<'a>, StoredError> {
    of(in_safetensors(bytes, [layout.values(), &layout.masks, &layout.labels])?, layout)
}

/// Checks arrays: logits or losses, masks, labels.
///
/// # Errors
/// Says which array is of another type or shape, or holds what it may not hold.
pub fn of<'a>(
    [values, masks, labels]: [Tensor<'a>; 3],
    layout: &Layout,
) -> Result<Stored<'a>, StoredError> {
    let values = values.checked(&[Kind::F32, Kind::F64], "f32 or f64")?;
    let masks = masks.checked(&[Kind::U8], "u8")?;
    let labels = labels.checked(&[Kind::I64], "i64")?;
    let sizes = Sizes::of(layout, [&values, &masks, &labels])?;
    let (references, target) = (sizes.references(layout)?, layout.target);
    let labels = classes_of(&labels.data, &sizes)?;
    let (values, kind, masks) = (values.data, values.kind, masks.data);
    let mut stored =
        Stored { values, kind, masks, labels, sizes, least_loss: None, target, references };
    stored.models().try_for_each(|model| stored.check(model, layout))?;
    stored.least_loss = layout.losses.as_ref().map(|_| stored.least());
    let members = (0..stored.sizes.pool).filter(|row| stored.saw(target, *row)).count();
    let pool = stored.sizes.pool;
    if members == 0 || members == pool {
        return Err(StoredError::OneSided { target, members, pool });
    }
    Ok(stored)
}

impl Stored<'_> {
    /// What the attacks are given, without references.
    ///
    /// # Errors
    /// When the logits have a single class.
    pub fn scene(&self) -> Result<Scene, StoredError> {
        let (rows, pool) = (self.sizes.rows, self.sizes.pool);
        let population = if rows > pool { Some(self.part(pool..rows)?) } else { None };
        let member = (0..pool).map(|row| self.saw(self.target, row)).collect();
        Ok(Scene { pool: self.part(0..pool)?, member, population, references: None })
    }

    /// Some rows of the target.
    fn part(&self, range: std::ops::Range<usize>) -> Result<Rows, StoredError> {
        let labels = &self.labels[range.clone()];
        if self.least_loss.is_some() {
            let phi = range.map(|row| self.confidence(self.target, row)).collect();
            return Ok(Rows::of_confidence(phi, labels));
        }
        let mut values = Vec::with_capacity(labels.len() * self.sizes.columns);
        range.for_each(|row| self.widen(self.target, row, &mut values));
        let Ok(logits) = Logits::new(values, self.sizes.columns) else {
            unreachable!("all logits were checked")
        };
        Ok(Rows::new(&Outputs { logits: &logits, labels })?)
    }

    /// The models that are neither the target nor excluded; none if there is no such model. Each
    /// model's outputs are read once, in order.
    #[must_use]
    pub fn references(&self) -> Option<References> {
        let (rows, pool, models) = (self.sizes.rows, self.sizes.pool, self.references.len());
        let mut all = References::new(models, pool, rows);
        let mut outputs = Vec::with_capacity(self.sizes.columns);
        for (place, &model) in self.references.iter().enumerate() {
            for (row, label) in self.labels.iter().enumerate() {
                if self.least_loss.is_some() {
                    all.put(place, row, self.confidence(model, row));
                    continue;
                }
                outputs.clear();
                self.widen(model, row, &mut outputs);
                let label = usize::try_from(*label).unwrap_or(usize::MAX);
                all.set(place, row, (&outputs, label));
            }
            for row in (0..pool).filter(|row| self.saw(model, *row)) {
                all.mark(place, row);
            }
        }
        (models > 0).then_some(all)
    }

    /// The references whose members are exactly the target's non-members. With one of them an
    /// attack is told the answer.
    #[must_use]
    pub fn complements(&self) -> Vec<usize> {
        let opposite = |model: &&usize| {
            (0..self.sizes.pool).all(|row| self.saw(**model, row) != self.saw(self.target, row))
        };
        self.references.iter().filter(opposite).copied().collect()
    }

    /// Rows of the pool.
    #[must_use]
    pub fn pool(&self) -> usize {
        self.sizes.pool
    }

    /// Rows of which the target's loss is 0, so that it does not tell them apart.
    #[must_use]
    pub fn without_loss(&self) -> usize {
        if self.least_loss.is_none() {
            return 0;
        }
        floats(&self.kind, self.of_model(self.target)).filter(|loss| *loss <= 0.0).count()
    }

    /// The target and its references.
    fn models(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.target).chain(self.references.iter().copied())
    }

    fn bytes(&self, model: usize, row: usize) -> &[u8] {
        let width = self.sizes.columns * self.kind.width();
        let from = (model * self.sizes.rows + row) * width;
        &self.values[from..from + width]
    }

    fn of_model(&self, model: usize) -> &[u8] {
        let width = self.sizes.rows * self.sizes.columns * self.kind.width();
        &self.values[model * width..(model + 1) * width]
    }

    /// Appends the outputs of one row.
    fn widen(&self, model: usize, row: usize, to: &mut Vec<f64>) {
        to.extend(floats(&self.kind, self.bytes(model, row)));
    }

    /// `φ = −ln(e^ℓ − 1)` of a loss, without overflow.
    fn confidence(&self, model: usize, row: usize) -> f64 {
        let stored = floats(&self.kind, self.bytes(model, row)).next().unwrap_or_default();
        let loss = stored.max(self.least_loss.unwrap_or_default());
        -loss - (-(-loss).exp_m1()).ln()
    }

    /// Half of the smallest loss above 0, which a loss of 0 is taken for.
    fn least(&self) -> f64 {
        let losses = self.models().flat_map(|model| floats(&self.kind, self.of_model(model)));
        let least = losses.filter(|loss| *loss > 0.0).fold(f64::INFINITY, f64::min);
        if least.is_finite() { (least / 2.0).max(f64::MIN_POSITIVE) } else { f64::EPSILON / 2.0 }
    }

    fn saw(&self, model: usize, row: usize) -> bool {
        self.masks[model * self.sizes.pool + row] == 1
    }

    /// Finite outputs, losses not below 0, masks of 0 and 1.
    fn check(&self, model: usize, layout: &Layout) -> Result<(), StoredError> {
        let mask = &self.masks[model * self.sizes.pool..(model + 1) * self.sizes.pool];
        if let Some(row) = mask.iter().position(|m| *m > 1) {
            return Err(StoredError::Mask { model, row, value: mask[row] });
        }
        let (columns, all) = (self.sizes.columns, self.of_model(model));
        let losses = layout.losses.is_some();
        if !losses && all.chunks(BLOCK * self.kind.width()).all(|block| finite(&self.kind, block)) {
            return Ok(());
        }
        let wrong = |v: &f64| !v.is_finite() || losses && *v < 0.0;
        match floats(&self.kind, all).enumerate().find(|(_, v)| wrong(v)) {
            Some((row, value)) if losses => {
                Err(StoredError::Loss { model, row, value: value.to_string() })
            }
            Some((at, value)) => {
                let (row, class, value) = (at / columns, at % columns, value.to_string());
                Err(StoredError::Number { model, row, class, value })
            }
            None => Ok(()),
        }
    }
}

#[derive(Debug, Clone)]
struct Sizes {
    models: usize,
    rows: usize,
    pool: usize,
    /// Stored numbers of a row.
    columns: usize,
    /// Labels lie below.
    classes: usize,
}

impl Sizes {
    /// Checks the shapes against each other.
    fn of(layout: &Layout, [values, masks, labels]: [&Tensor<'_>; 3]) -> Result<Self, StoredError> {
        let axes = |tensor: &Tensor<'_>, expected| StoredError::Axes {
            name: tensor.name.clone(),
            found: tensor.shape.clone(),
            expected,
        };
        let (models, rows, columns) = match (&values.shape[..], &layout.losses) {
            (&[models, rows, classes], None) => (models, rows, classes),
            (&[models, rows], Some(_)) => (models, rows, 1),
            (_, None) => return Err(axes(values, "(models, rows, classes)")),
            (_, Some(_)) => return Err(axes(values, "(models, rows)")),
        };
        let &[masked, pool] = &masks.shape[..] else {
            return Err(axes(masks, "(models, pool)"));
        };
        let &[n] = &labels.shape[..] else {
            return Err(axes(labels, "(rows,)"));
        };
        if models != masked {
            return Err(StoredError::Models { logits: models, masks: masked });
        }
        if pool > rows {
            return Err(StoredError::Pool { pool, rows });
        }
        if n != rows {
            return Err(StoredError::Labels { labels: n, rows });
        }
        if layout.target >= models {
            return Err(StoredError::Target { target: layout.target, models });
        }
        let classes = if layout.losses.is_some() { CLASSES } else { columns };
        Ok(Self { models, rows, pool, columns, classes })
    }

    /// All models but the target and those that are excluded.
    fn references(&self, layout: &Layout) -> Result<Vec<usize>, StoredError> {
        let models = self.models;
        if let Some(&target) = layout.exclude.iter().find(|model| **model >= models) {
            return Err(StoredError::Target { target, models });
        }
        if layout.exclude.contains(&layout.target) {
            return Err(StoredError::TargetExcluded(layout.target));
        }
        let left = |model: &usize| *model != layout.target && !layout.exclude.contains(model);
        Ok((0..models).filter(left).collect())
    }
}

fn classes_of(data: &[u8], sizes: &Sizes) -> Result<Vec<ClassId>, StoredError> {
    let class = |(row, bytes): (usize, &[u8])| {
        let value = i64::from_le_bytes(bytes.try_into().unwrap_or_default());
        let known = usize::try_from(value).is_ok_and(|v| v < sizes.classes);
        let id = ClassId::try_from(value).ok().filter(|_| known);
        id.ok_or(StoredError::Label { row, value, classes: sizes.classes })
    };
    data.chunks_exact(8).enumerate().map(class).collect()
}

/// Whether all floats are finite: none has every bit of its exponent set. Without a way out in the
/// middle, so that it runs on many at once.
fn finite(kind: &Kind, block: &[u8]) -> bool {
    const EXPONENT: u32 = 0x7f80_0000;
    if *kind != Kind::F32 {
        return floats(kind, block).fold(true, |all, v| all & v.is_finite());
    }
    let bad = |b: &[u8]| {
        let bits = u32::from_le_bytes(b.try_into().unwrap_or_default());
        u32::from(bits & EXPONENT == EXPONENT)
    };
    block.chunks_exact(4).fold(0, |found, b| found | bad(b)) == 0
}

/// Floats of four or eight bytes.
fn floats<'a>(kind: &Kind, data: &'a [u8]) -> impl Iterator<Item = f64> + use<'a> {
    let narrow = |b: &[u8]| f64::from(f32::from_le_bytes(b.try_into().unwrap_or_default()));
    let wide = |b: &[u8]| f64::from_le_bytes(b.try_into().unwrap_or_default());
    let is_narrow = *kind == Kind::F32;
    data.chunks_exact(if is_narrow { 4 } else { 8 })
        .map(move |b| if is_narrow { narrow(b) } else { wide(b) })
}

#[cfg(test)]
mod tests;
