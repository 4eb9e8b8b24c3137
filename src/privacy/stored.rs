//! Stored model outputs: `SCORES.safetensors` with logits, membership masks and labels.

use super::membership::Outputs;
use crate::domain::{ClassId, Logits, Members};
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
}

impl Default for Layout {
    fn default() -> Self {
        let name = str::to_owned;
        Self { logits: name("logits"), masks: name("masks"), labels: name("labels"), target: 0 }
    }
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// Not the format.
    #[error("not a safetensors file: {0}")]
    Format(String),
    /// A tensor is absent.
    #[error("there is no tensor `{name}`; the file holds {present}")]
    Missing {
        /// The name asked for.
        name: String,
        /// The names that exist.
        present: String,
    },
    /// A tensor has another element type.
    #[error("tensor `{name}` is {found}, not {expected}")]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
        /// The type that is read.
        expected: &'static str,
    },
    /// A tensor has another number of axes.
    #[error("tensor `{name}` has shape {found:?}, not {expected}")]
    Axes {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that is read.
        expected: &'static str,
    },
    /// Logits and masks disagree on the number of models.
    #[error("the logits come from {logits} models, the masks from {masks}")]
    Models {
        /// Models of the logits.
        logits: usize,
        /// Models of the masks.
        masks: usize,
    },
    /// The masks speak of more rows than there are.
    #[error("the masks have {pool} rows, but the logits only {rows}")]
    Pool {
        /// Rows of the masks.
        pool: usize,
        /// Rows of the logits.
        rows: usize,
    },
    /// Labels and logits disagree on the number of rows.
    #[error("there are {labels} labels for {rows} rows of logits")]
    Labels {
        /// Labels.
        labels: usize,
        /// Rows of the logits.
        rows: usize,
    },
    /// No such model.
    #[error("model {target} is asked for, but there are only {models} (counted from 0)")]
    Target {
        /// The model asked for.
        target: usize,
        /// Models in the file.
        models: usize,
    },
    /// A mask is neither 0 nor 1.
    #[error("the mask of row {row} is {value}, neither 0 nor 1")]
    Mask {
        /// Row, from 0.
        row: usize,
        /// The value.
        value: u8,
    },
    /// A label is not one of the classes.
    #[error("the label of row {row} is {value}, but there are {classes} classes")]
    Label {
        /// Row, from 0.
        row: usize,
        /// The value.
        value: i64,
        /// Classes.
        classes: usize,
    },
    /// A logit is NaN or infinite.
    #[error("the logits of the target are not all finite: {0}")]
    Number(String),
}

/// Outputs of the target on its members or non-members.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Raw outputs, `(n, k)`.
    pub logits: Logits,
    /// Classes, `(n,)`.
    pub labels: Vec<ClassId>,
}

impl Stored {
    /// As the attacks take them.
    #[must_use]
    pub fn outputs(&self) -> Outputs<'_> {
        Outputs { logits: &self.logits, labels: &self.labels }
    }
}

/// The target's outputs on the pool, split by its mask. The population takes no part.
///
/// # Errors
/// Says which tensor is absent, of another type or shape, or holds what it may not hold.
pub fn read(bytes: &[u8], layout: &Layout) -> Result<Members<Stored>, StoredError> {
    let file = SafeTensors::deserialize(bytes).map_err(|e| StoredError::Format(e.to_string()))?;
    let logits = tensor(&file, &layout.logits, (Dtype::F32, "f32"))?;
    let masks = tensor(&file, &layout.masks, (Dtype::U8, "u8"))?;
    let labels = tensor(&file, &layout.labels, (Dtype::I64, "i64"))?;
    let sizes = Sizes::of(layout, [&logits, &masks, &labels])?;
    let mask = split_mask(masks.data(), &sizes, layout.target)?;
    let labels = classes_of(labels.data(), &sizes)?;
    let from = layout.target * sizes.rows * sizes.classes * 4;
    let values = widened(&logits.data()[from..from + sizes.pool * sizes.classes * 4]);
    let number = |e: crate::domain::ExamplesError| StoredError::Number(e.to_string());
    let pool = Logits::new(values, sizes.classes).map_err(number)?;
    let part = |wanted: bool| {
        let rows: Vec<usize> = (0..sizes.pool).filter(|i| mask[*i] == wanted).collect();
        let labels = rows.iter().map(|i| labels[*i]).collect();
        Stored { logits: pool.select(&rows), labels }
    };
    Ok(Members { seen: part(true), unseen: part(false) })
}

struct Sizes {
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
        Ok(Self { rows, pool, classes })
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

fn split_mask(data: &[u8], sizes: &Sizes, target: usize) -> Result<Vec<bool>, StoredError> {
    let mask = &data[target * sizes.pool..(target + 1) * sizes.pool];
    let member = |(row, &value): (usize, &u8)| match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(StoredError::Mask { row, value }),
    };
    mask.iter().enumerate().map(member).collect()
}

fn classes_of(data: &[u8], sizes: &Sizes) -> Result<Vec<ClassId>, StoredError> {
    let class = |(row, bytes): (usize, &[u8])| {
        let value = i64::from_le_bytes(bytes.try_into().unwrap_or_default());
        let known = usize::try_from(value).is_ok_and(|v| v < sizes.classes);
        let id = ClassId::try_from(value).ok().filter(|_| known);
        id.ok_or(StoredError::Label { row, value, classes: sizes.classes })
    };
    data.chunks_exact(8).take(sizes.pool).enumerate().map(class).collect()
}

fn widened(data: &[u8]) -> Vec<f64> {
    let float = |b: &[u8]| f64::from(f32::from_le_bytes(b.try_into().unwrap_or_default()));
    data.chunks_exact(4).map(float).collect()
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

    fn run(specs: &[Spec<'_>], target: usize) -> Result<Members<Stored>, String> {
        let views = specs.iter().map(|(name, dtype, shape, bytes)| {
            (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        let file = safetensors::serialize(views, None).unwrap();
        read(&file, &Layout { target, ..Layout::default() }).map_err(|e| e.to_string())
    }

    /// Two models, two pool rows, one population row, two classes.
    const VALUES: [f32; 12] = [1.0, 0.0, 2.0, 0.0, 9.0, 9.0, 3.0, 0.0, 4.0, 0.0, 9.0, 9.0];

    #[test]
    fn the_pool_is_split_by_the_target_s_mask() {
        let file =
            vec![logits([2, 3, 2], &VALUES), masks([2, 2], &[1, 0, 0, 1]), labels(&[0, 1, 0])];
        let members = run(&file, 1).unwrap();
        assert_eq!((members.seen.logits.row(0), &members.seen.labels), (&[4.0, 0.0][..], &vec![1]));
        assert_eq!((members.unseen.logits.row(0), members.unseen.labels[0]), (&[3.0, 0.0][..], 0));
    }

    #[test]
    fn each_fault_has_its_own_message() {
        let good = || logits([2, 3, 2], &VALUES);
        let half = || masks([2, 2], &[1, 0, 0, 1]);
        let three = || labels(&[0, 1, 0]);
        let mut nan = VALUES;
        nan[0] = f32::NAN;
        let flat = ("logits", Dtype::F32, vec![12], logits([2, 3, 2], &VALUES).3);
        let wrong = ("labels", Dtype::U8, vec![3], vec![0, 1, 0]);
        for (file, target, message) in [
            (vec![good(), half()], 0, "there is no tensor `labels`; the file holds logits, masks"),
            (vec![good(), half(), wrong], 0, "tensor `labels` is u8, not i64"),
            (vec![flat, half(), three()], 0, "has shape [12], not (models, rows, classes)"),
            (vec![good(), masks([1, 2], &[1, 0]), three()], 0, "2 models, the masks from 1"),
            (vec![good(), masks([2, 4], &[0; 8]), three()], 0, "4 rows, but the logits only 3"),
            (vec![good(), half(), labels(&[0, 1])], 0, "2 labels for 3 rows"),
            (vec![good(), half(), three()], 2, "model 2 is asked for, but there are only 2"),
            (vec![good(), masks([2, 2], &[1, 7, 0, 1]), three()], 0, "mask of row 1 is 7"),
            (vec![good(), half(), labels(&[0, -1, 0])], 0, "label of row 1 is -1"),
            (vec![logits([2, 3, 2], &nan), half(), three()], 0, "not all finite"),
        ] {
            let error = run(&file, target).unwrap_err();
            assert!(error.contains(message), "{error} lacks {message}");
        }
        assert!(matches!(read(b"{}", &Layout::default()), Err(StoredError::Format(_))));
    }
}
