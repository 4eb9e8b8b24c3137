//! Stored model outputs: `SCORES.safetensors` with logits, membership masks and labels.

use super::membership::{Outputs, References, Rows, Scene};
pub use super::stored_error::StoredError;
use crate::domain::{ClassId, Logits};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

/// Which tensors to read, and which model is attacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Raw outputs, f32, `(models, pool + population, classes)`.
    pub logits: String,
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
        Self { logits, masks, labels, target: 0, exclude: Vec::new() }
    }
}

/// Bytes that are looked at together.
const BLOCK: usize = 1 << 14;

/// A checked file. Logits stay as they are stored, four bytes each, and are widened row by row.
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    logits: &'a [u8],
    masks: &'a [u8],
    labels: Vec<ClassId>,
    sizes: Sizes,
    target: usize,
    references: Vec<usize>,
}

/// Checks a file.
///
/// # Errors
/// Says which tensor is absent, of another type or shape, or holds what it may not hold.
pub fn read<'a>(bytes: &'a [u8], layout: &Layout) -> Result<Stored<'a>, StoredError> {
    let file = SafeTensors::deserialize(bytes).map_err(|e| StoredError::Format(e.to_string()))?;
    let logits = tensor(&file, &layout.logits, (Dtype::F32, "f32"))?;
    let masks = tensor(&file, &layout.masks, (Dtype::U8, "u8"))?;
    let labels = tensor(&file, &layout.labels, (Dtype::I64, "i64"))?;
    let sizes = Sizes::of(layout, [&logits, &masks, &labels])?;
    let references = sizes.references(layout)?;
    let labels = classes_of(labels.data(), &sizes)?;
    let (logits, masks, target) = (logits.data(), masks.data(), layout.target);
    let stored = Stored { logits, masks, labels, sizes, target, references };
    for model in std::iter::once(target).chain(stored.references.iter().copied()) {
        stored.check(model)?;
    }
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
        let part = |range: std::ops::Range<usize>| {
            let labels = &self.labels[range.clone()];
            let mut values = Vec::with_capacity(labels.len() * self.sizes.classes);
            range.for_each(|row| values.extend(floats(self.bytes(self.target, row))));
            let Ok(logits) = Logits::new(values, self.sizes.classes) else {
                unreachable!("all logits were checked")
            };
            Rows::new(&Outputs { logits: &logits, labels })
        };
        let population = if rows > pool { Some(part(pool..rows)?) } else { None };
        let member = (0..pool).map(|row| self.saw(self.target, row)).collect();
        Ok(Scene { pool: part(0..pool)?, member, population, references: None })
    }

    /// The models that are neither the target nor excluded; none if there is no such model. Each
    /// model's logits are read once, in order.
    #[must_use]
    pub fn references(&self) -> Option<References> {
        let (rows, pool, models) = (self.sizes.rows, self.sizes.pool, self.references.len());
        let mut all = References::new(models, pool, rows);
        let mut row_logits = Vec::with_capacity(self.sizes.classes);
        for (place, &model) in self.references.iter().enumerate() {
            for (row, label) in self.labels.iter().enumerate() {
                row_logits.clear();
                row_logits.extend(floats(self.bytes(model, row)));
                let label = usize::try_from(*label).unwrap_or(usize::MAX);
                all.set(place, row, (&row_logits, label));
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

    fn bytes(&self, model: usize, row: usize) -> &[u8] {
        let width = self.sizes.classes * 4;
        let from = (model * self.sizes.rows + row) * width;
        &self.logits[from..from + width]
    }

    fn saw(&self, model: usize, row: usize) -> bool {
        self.masks[model * self.sizes.pool + row] == 1
    }

    /// Finite logits, masks of 0 and 1.
    fn check(&self, model: usize) -> Result<(), StoredError> {
        let mask = &self.masks[model * self.sizes.pool..(model + 1) * self.sizes.pool];
        if let Some(row) = mask.iter().position(|m| *m > 1) {
            return Err(StoredError::Mask { model, row, value: mask[row] });
        }
        let (rows, classes) = (self.sizes.rows, self.sizes.classes);
        let all = &self.logits[model * rows * classes * 4..(model + 1) * rows * classes * 4];
        if all.chunks(BLOCK).all(finite) {
            return Ok(());
        }
        match floats(all).enumerate().find(|(_, v)| !v.is_finite()) {
            Some((at, value)) => {
                let (row, class, value) = (at / classes, at % classes, value.to_string());
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
    classes: usize,
}

impl Sizes {
    /// Checks the shapes against each other.
    fn of(
        layout: &Layout,
        [logits, masks, labels]: [&TensorView<'_>; 3],
    ) -> Result<Self, StoredError> {
        let axes = |name: &str, view: &TensorView<'_>, expected| StoredError::Axes {
            name: name.to_owned(),
            found: view.shape().to_vec(),
            expected,
        };
        let &[models, rows, classes] = logits.shape() else {
            return Err(axes(&layout.logits, logits, "(models, rows, classes)"));
        };
        let &[masked, pool] = masks.shape() else {
            return Err(axes(&layout.masks, masks, "(models, pool)"));
        };
        let &[n] = labels.shape() else {
            return Err(axes(&layout.labels, labels, "(rows,)"));
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
        Ok(Self { models, rows, pool, classes })
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

fn tensor<'a>(
    file: &SafeTensors<'a>,
    name: &str,
    (dtype, expected): (Dtype, &'static str),
) -> Result<TensorView<'a>, StoredError> {
    let view = file.tensor(name).map_err(|_| {
        let mut names: Vec<&str> = file.names();
        names.sort_unstable();
        StoredError::Missing { name: name.to_owned(), present: names.join(", ") }
    })?;
    if view.dtype() == dtype {
        return Ok(view);
    }
    let found = format!("{:?}", view.dtype()).to_lowercase();
    Err(StoredError::Type { name: name.to_owned(), found, expected })
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

/// Whether all four-byte floats are finite: none has every bit of its exponent set. Without a way out
/// in the middle, so that it runs on many at once.
fn finite(block: &[u8]) -> bool {
    const EXPONENT: u32 = 0x7f80_0000;
    let bad = |b: &[u8]| {
        let bits = u32::from_le_bytes(b.try_into().unwrap_or_default());
        u32::from(bits & EXPONENT == EXPONENT)
    };
    block.chunks_exact(4).fold(0, |found, b| found | bad(b)) == 0
}

fn floats(data: &[u8]) -> impl Iterator<Item = f64> + '_ {
    let float = |b: &[u8]| f64::from(f32::from_le_bytes(b.try_into().unwrap_or_default()));
    data.chunks_exact(4).map(float)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tensor by name: type, shape, bytes.
    type Spec<'a> = (&'a str, Dtype, Vec<usize>, Vec<u8>);

    fn logits(shape: [usize; 3], values: &[f32]) -> Spec<'static> {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        ("logits", Dtype::F32, shape.to_vec(), bytes)
    }

    fn masks(shape: [usize; 2], values: &[u8]) -> Spec<'static> {
        ("masks", Dtype::U8, shape.to_vec(), values.to_vec())
    }

    fn labels(values: &[i64]) -> Spec<'static> {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        ("labels", Dtype::I64, vec![values.len()], bytes)
    }

    fn file(specs: &[Spec<'_>]) -> Vec<u8> {
        let views = specs.iter().map(|(name, dtype, shape, bytes)| {
            (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }

    /// Two models, two pool rows, one population row, two classes.
    const VALUES: [f32; 12] = [1.0, 0.0, 2.0, 0.0, 9.0, 9.0, 3.0, 0.0, 4.0, 0.0, 9.0, 9.0];

    fn good() -> [Spec<'static>; 3] {
        [logits([2, 3, 2], &VALUES), masks([2, 2], &[1, 0, 0, 1]), labels(&[0, 1, 0])]
    }

    #[test]
    fn the_pool_is_split_by_the_target_s_mask() {
        let bytes = file(&good());
        let stored = read(&bytes, &Layout { target: 1, ..Layout::default() }).unwrap();
        let scene = stored.scene().unwrap();
        assert_eq!(scene.member, [false, true]);
        assert_eq!(scene.pool.labels(), [0, 1]);
        assert_eq!(scene.population.unwrap().labels(), [0]);
        assert_eq!((stored.pool(), stored.complements()), (2, vec![0]));
        assert_eq!(stored.references().unwrap().models(), 1);
    }

    #[test]
    fn an_excluded_model_is_no_reference() {
        let mut broken = VALUES;
        broken[0] = f32::NAN;
        let bytes = file(&[logits([2, 3, 2], &broken), good()[1].clone(), good()[2].clone()]);
        let layout = Layout { target: 1, exclude: vec![0], ..Layout::default() };
        let stored = read(&bytes, &layout).unwrap();
        assert!(stored.references().is_none() && stored.complements().is_empty());
    }

    #[test]
    fn each_fault_has_its_own_message() {
        let [l, m, y] = good();
        let with =
            |l: &Spec<'static>, m: Spec<'static>, y: &Spec<'static>| vec![l.clone(), m, y.clone()];
        let mut nan = VALUES;
        nan[9] = f32::NAN;
        let flat = ("logits", Dtype::F32, vec![12], l.3.clone());
        let wrong = ("labels", Dtype::U8, vec![3], vec![0, 1, 0]);
        for (specs, exclude, message) in [
            (vec![l.clone(), m.clone()], 1, "no tensor `labels`; the file holds logits, masks"),
            (with(&l, m.clone(), &wrong), 1, "tensor `labels` is u8, not i64"),
            (with(&flat, m.clone(), &y), 1, "has shape [12], not (models, rows, classes)"),
            (with(&l, masks([1, 2], &[1, 0]), &y), 1, "2 models, the masks from 1"),
            (with(&l, masks([2, 4], &[0; 8]), &y), 1, "4 rows, but the logits only 3"),
            (with(&l, m.clone(), &labels(&[0, 1])), 1, "2 labels for 3 rows"),
            (good().to_vec(), 2, "model 2 is asked for, but there are only 2"),
            (good().to_vec(), 0, "model 0 is the target"),
            (with(&l, masks([2, 2], &[1, 7, 0, 1]), &y), 1, "mask of model 0, row 1 is 7"),
            (with(&l, masks([2, 2], &[1, 1, 0, 1]), &y), 1, "trained on 2 of the 2 rows"),
            (with(&l, masks([2, 2], &[0, 0, 0, 1]), &y), 1, "trained on 0 of the 2 rows"),
            (with(&l, m.clone(), &labels(&[0, -1, 0])), 1, "label of row 1 is -1"),
            (with(&logits([2, 3, 2], &nan), m.clone(), &y), 3, "logit 1 of model 1, row 1 is NaN"),
        ] {
            let exclude = if exclude == 3 { Vec::new() } else { vec![exclude] };
            let layout = Layout { exclude, ..Layout::default() };
            let error = read(&file(&specs), &layout).unwrap_err().to_string();
            assert!(error.contains(message), "{error} lacks {message}");
        }
        let target = Layout { target: 2, ..Layout::default() };
        assert!(matches!(read(&file(&good()), &target), Err(StoredError::Target { .. })));
        assert!(matches!(read(b"{}", &Layout::default()), Err(StoredError::Format(_))));
    }
}
