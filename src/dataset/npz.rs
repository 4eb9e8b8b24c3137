//! `npz`: arrays of numpy in one file, as `MedMNIST` and Keras name them.
//!
//! `train_images`, `train_labels`, `val_…` and `test_…`, or `x_train`, `y_train`, `x_test` and
//! `y_test`. Pictures are `(n, height, width)` or `(n, height, width, channels)` unsigned bytes,
//! labels `(n,)` or `(n, 1)` integers from 0 to 255. Without validation rows a share of the training
//! rows validates.

use super::Format;
use super::error::DatasetError;
use super::npy::{NumpyArray, unfit};
use super::packed::{Part, assemble};
use super::packed_files::{PackedProblem, whole};
use super::source::{Loaded, Source};
use super::table::shown;
use super::zip::{Member, members};
use crate::domain::{InputFile, Seed, Split, digest_hex};
use std::path::Path;

/// The parts, and the names of their pictures and labels.
const PARTS: [(&str, Split, [[&str; 2]; 2]); 3] = [
    ("train", Split::Train, [["train_images", "train_labels"], ["x_train", "y_train"]]),
    ("val", Split::Validation, [["val_images", "val_labels"], ["x_val", "y_val"]]),
    ("test", Split::Test, [["test_images", "test_labels"], ["x_test", "y_test"]]),
];

/// The reader.
#[derive(Debug)]
pub(crate) struct Npz;

impl Format for Npz {
    fn name(&self) -> &'static str {
        "npz"
    }

    fn read(&self, source: &Source, seed: Seed) -> Result<Loaded, DatasetError> {
        let because = "the file of the arrays";
        let Some(given) = &source.path else {
            return Err(DatasetError::MissingKey { format: self.name(), key: "path", because });
        };
        let file = source.base.join(given);
        if !file.is_file() {
            let hint = "`path` must be an .npz file of numpy".to_owned();
            return Err(DatasetError::NoFile { file, hint });
        }
        let bytes = std::fs::read(&file)
            .map_err(|e| DatasetError::Unreadable { file: file.clone(), because: e.to_string() })?;
        let inputs = vec![InputFile { path: shown(given), sha256: digest_hex(&bytes) }];
        let parts = parts(&bytes, &file).map_err(|problem| problem.of(&file))?;
        assemble(parts, source, inputs, seed)
    }
}

fn parts(bytes: &[u8], file: &Path) -> Result<Vec<Part>, PackedProblem> {
    let members = members(bytes)?;
    let find = |name: &str| members.iter().find(|member| member.name == format!("{name}.npy"));
    let mut parts = Vec::new();
    for (name, split, names) in PARTS {
        let pairs = names.map(|[images, labels]| find(images).zip(find(labels)));
        let Some((images, labels)) = pairs.into_iter().flatten().next() else {
            if split == Split::Validation {
                continue;
            }
            let names = members.iter().map(|member| member.name.clone()).collect();
            return Err(PackedProblem::Arrays { part: name, names });
        };
        let (size, pixels) = pictures(images)?;
        let labels = self::labels(labels)?;
        parts.push(Part { name, split, size, pixels, labels, files: [file.into(), file.into()] });
    }
    Ok(parts)
}

/// Height, width and channels, and the bytes.
fn pictures(member: &Member<'_>) -> Result<([usize; 3], Vec<u8>), PackedProblem> {
    let array = NumpyArray::of(member)?;
    match (&array.kind[..], &array.shape[..]) {
        ("|u1", [0, ..]) => Err(PackedProblem::Empty),
        ("|u1", [_, sides @ ..]) if [2, 3].contains(&sides.len()) && !sides.contains(&0) => {
            Ok(([sides[0], sides[1], sides.get(2).copied().unwrap_or(1)], array.entries))
        }
        (kind, shape) => Err(unfit(
            member,
            format!("is {kind} of shape {shape:?}, not |u1 of (n, height, width[, channels])"),
        )),
    }
}

/// Integers of any width as bytes.
fn labels(member: &Member<'_>) -> Result<Vec<u8>, PackedProblem> {
    let array = NumpyArray::of(member)?;
    let integer = ["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8"];
    if !integer.contains(&array.kind.as_str()) || !matches!(array.shape[..], [_] | [_, 1]) {
        let (kind, shape) = (&array.kind, &array.shape);
        let expected = "not integers of shape (n,) or (n, 1): one label for each picture";
        return Err(unfit(member, format!("is {kind} of shape {shape:?}, {expected}")));
    }
    let width = array.width;
    let signed = array.kind.contains('i');
    let label = |(row, bytes): (usize, &[u8])| match bytes.split_first() {
        // Of one signed byte the upper half is below 0.
        Some((&low, rest))
            if rest.iter().all(|&b| b == 0) && !(signed && width == 1 && low > 127) =>
        {
            Ok(low)
        }
        _ => {
            let row = whole(row) + 1;
            Err(unfit(member, format!("has a label in row {row} that is not from 0 to 255")))
        }
    };
    array.entries.chunks_exact(width).enumerate().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::read;
    use crate::dataset::scratch::Scratch;
    use crate::dataset::zip::tests::archive;
    use proptest::prelude::*;

    fn npy(kind: &str, shape: &str, entries: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), entries].concat()
    }

    /// 20 training, 4 validation and 4 test pictures of 2×3.
    fn arrays() -> Vec<(&'static str, Vec<u8>)> {
        let images = |n: u8| {
            npy("|u1", &format!("({n}, 2, 3)"), &(0..n).flat_map(|i| [i; 6]).collect::<Vec<_>>())
        };
        let labels = |n: u8| (0..n).map(|i| i % 2).collect::<Vec<_>>();
        let wide: Vec<u8> =
            labels(4).into_iter().flat_map(|l| i64::from(l).to_le_bytes()).collect();
        vec![
            ("train_images.npy", images(20)),
            ("train_labels.npy", npy("|u1", "(20, 1)", &labels(20))),
            ("val_images.npy", images(4)),
            ("val_labels.npy", npy("|u1", "(4,)", &labels(4))),
            ("test_images.npy", images(4)),
            ("test_labels.npy", npy("<i8", "(4,)", &wide)),
        ]
    }

    fn write(folder: &Scratch, arrays: &[(&str, Vec<u8>)]) -> Source {
        let files: Vec<(&str, &[u8])> = arrays.iter().map(|(n, b)| (*n, &b[..])).collect();
        let path = Some(folder.file("a.npz", archive(&files)));
        Source { format: "npz".to_owned(), path, ..Source::default() }
    }

    #[track_caller]
    fn refused(arrays: &[(&str, Vec<u8>)], expected: &str) {
        let folder = Scratch::new("npz");
        let error = read(&write(&folder, arrays), Seed::new(1)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn parts_are_read_under_either_kind_of_name() {
        let folder = Scratch::new("npz");
        let mut arrays = arrays();
        let loaded = read(&write(&folder, &arrays), Seed::new(1)).unwrap();
        assert_eq!(Split::ALL.map(|s| loaded.examples.rows(s).len()), [20, 4, 4]);
        let images = loaded.images.unwrap();
        assert_eq!((images.shape(), images.picture(21)[0]), ([2, 3, 1], 1));
        assert_eq!(loaded.examples.y_true[24..], [0, 1, 0, 1]);
        arrays.drain(2..4);
        for (array, name) in arrays.iter_mut().zip(["x_train", "y_train", "x_test", "y_test"]) {
            array.0 = name;
        }
        let arrays: Vec<_> = arrays.iter().map(|(n, b)| (format!("{n}.npy"), b.clone())).collect();
        let arrays: Vec<_> = arrays.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
        let loaded = read(&write(&folder, &arrays), Seed::new(1)).unwrap();
        assert_eq!(Split::ALL.map(|s| loaded.examples.rows(s).len()), [18, 2, 4]);
    }

    #[test]
    fn arrays_that_do_not_fit_are_named() {
        let with = |i: usize, bytes: Vec<u8>| {
            let mut arrays = arrays();
            arrays[i].1 = bytes;
            arrays
        };
        let missing = "holds no pictures and labels of `train`; its arrays are val_images.npy";
        refused(&arrays()[2..], missing);
        let shape = "`train_images.npy`, which is <f4 of shape [1, 2, 3], not |u1 of";
        refused(&with(0, npy("<f4", "(1, 2, 3)", &[0; 24])), shape);
        refused(&with(1, npy("|u1", "(10, 2)", &[0; 20])), "is |u1 of shape [10, 2], not integers");
        let negative = [npy("<i2", "(20,)", &[0; 40]), Vec::new()].concat();
        let negative = [&negative[..negative.len() - 2], &[255, 255]].concat();
        refused(&with(1, negative), "has a label in row 20 that is not from 0 to 255");
        refused(
            &with(1, npy("|u1", "(20,)", &[0; 19])),
            "has more or fewer entries than its shape",
        );
        refused(&with(1, npy("|u1", "(19,)", &[1; 19])), "holds 19 labels, but");
        refused(&with(0, b"\x89PNG".to_vec()), "which is no array of numpy");
        refused(&with(0, npy("|u1", "(0, 2, 3)", &[])), "holds no rows");
    }

    #[test]
    fn what_is_no_archive_is_told() {
        let folder = Scratch::new("npz");
        let mut source = write(&folder, &arrays());
        folder.file("a.npz", b"");
        let message = |source: &Source| read(source, Seed::new(1)).unwrap_err().to_string();
        assert!(message(&source).ends_with("a.npz` holds no rows"));
        folder.file("a.npz", b"no archive");
        assert!(message(&source).contains("it has no directory of a zip archive"));
        source.path = Some("gone.npz".into());
        assert!(message(&source).contains("`path` must be an .npz file"));
    }

    proptest! {
        #[test]
        fn no_damage_makes_the_reader_panic(at in 0..2000_usize, byte in any::<u8>(), cut in 0..2000_usize) {
            let arrays = arrays();
            let files: Vec<(&str, &[u8])> = arrays.iter().map(|(n, b)| (*n, &b[..])).collect();
            let mut bytes = archive(&files);
            let (at, cut) = (at % bytes.len(), cut.min(bytes.len()));
            bytes[at] = byte;
            drop(parts(&bytes, Path::new("a.npz")));
            drop(parts(&bytes[..cut], Path::new("a.npz")));
        }

        #[test]
        fn no_header_makes_the_reader_panic(header in "[(){}0-9,:' a-z|<>_]{0,60}", entries in 0..40_usize) {
            let length = u16::try_from(header.len()).unwrap().to_le_bytes();
            let array = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &vec![1; entries]].concat();
            let bytes = archive(&[("a.npy", &array[..])]);
            let members = members(&bytes).unwrap();
            drop((pictures(&members[0]), labels(&members[0])));
        }
    }
}
