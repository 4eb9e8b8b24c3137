//! `cifar`: the binary files of CIFAR-10 and whatever has its layout.
//!
//! A record is a label and a picture of 32×32: 1024 bytes of red, then of green, then of blue, each
//! row by row. `data_batch_1.bin`, `data_batch_2.bin`, … are the training rows, of which a share
//! validates; `test_batch.bin` holds the test rows; `batches.meta.txt` names the labels, one a line.

use super::Format;
use super::error::DatasetError;
use super::packed::{Part, assemble};
use super::packed_files::{Folder, PackedProblem, whole};
use super::source::{Loaded, Source};
use crate::domain::{InputFile, Seed, Split};

/// Pixels of a picture.
const PIXELS: usize = 32 * 32;
/// Bytes of a label and its picture.
const RECORD: usize = 1 + 3 * PIXELS;
/// What the folder must hold.
const NEEDED: &str =
    "`path` must be a folder with data_batch_1.bin (and _2, _3, …) and test_batch.bin";

/// The reader.
#[derive(Debug)]
pub(crate) struct Cifar;

impl Format for Cifar {
    fn name(&self) -> &'static str {
        "cifar"
    }

    /// Reads the batches in the order of their numbers.
    fn read(&self, source: &Source, seed: Seed) -> Result<Loaded, DatasetError> {
        let folder = Folder::of(source, self.name(), NEEDED)?;
        let names = folder.names()?;
        let number = |name: &&String| -> Option<u32> {
            name.strip_prefix("data_batch_")?.strip_suffix(".bin")?.parse().ok()
        };
        let mut batches: Vec<&String> = names.iter().filter(|n| number(n).is_some()).collect();
        batches.sort_by_key(number);
        let mut inputs = Vec::new();
        let train: Vec<&str> = batches.into_iter().map(String::as_str).collect();
        let train = part(&folder, ("train", Split::Train), &train, &mut inputs)?;
        let test = part(&folder, ("test", Split::Test), &["test_batch.bin"], &mut inputs)?;
        let mut source = source.clone();
        if source.classes.is_empty() && names.iter().any(|name| name == META) {
            let (bytes, input) = folder.read(META)?;
            inputs.push(input);
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            source.classes = lines.map(str::to_owned).collect();
        }
        assemble(vec![train, test], &source, inputs, seed)
    }
}

/// The names of the labels.
const META: &str = "batches.meta.txt";

/// The rows of some files, one after the other.
fn part(
    folder: &Folder,
    (name, split): (&'static str, Split),
    files: &[&str],
    inputs: &mut Vec<InputFile>,
) -> Result<Part, DatasetError> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    let first = files.first().copied().unwrap_or("data_batch_1.bin");
    for file in files.iter().copied().chain(files.is_empty().then_some(first)) {
        let place = folder.path(file);
        if !place.is_file() {
            return Err(DatasetError::NoFile { file: place, hint: NEEDED.to_owned() });
        }
        let (bytes, input) = folder.read(file)?;
        inputs.push(input);
        let (records, rest) = bytes.as_chunks::<RECORD>();
        if bytes.is_empty() {
            return Err(PackedProblem::Empty.of(&place));
        }
        if !rest.is_empty() {
            let (bytes, record) = (whole(bytes.len()), whole(RECORD));
            return Err(PackedProblem::Records { bytes, record }.of(&place));
        }
        for record in records {
            let (label, planes) = record.split_at(1);
            labels.extend_from_slice(label);
            // From planes of colour to pixels of three colours.
            pixels.extend((0..PIXELS).flat_map(|at| [0, 1, 2].map(|c| planes[c * PIXELS + at])));
        }
    }
    let place = folder.path(first);
    Ok(Part { name, split, size: [32, 32, 3], pixels, labels, files: [place.clone(), place] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::read;
    use crate::dataset::scratch::Scratch;

    /// Records whose picture has the label, 100 plus it and 200 plus it as its colours; the first
    /// pixel is black.
    fn batch(labels: &[u8]) -> Vec<u8> {
        let record = |&label: &u8| {
            let plane = |colour: u8| {
                let mut plane = vec![colour + label; PIXELS];
                plane[0] = 0;
                plane
            };
            [vec![label], plane(0), plane(100), plane(200)].concat()
        };
        labels.iter().flat_map(record).collect()
    }

    fn folder() -> (Scratch, Source) {
        let folder = Scratch::new("cifar");
        folder.file("data_batch_1.bin", batch(&[0, 1, 0, 1, 0]));
        folder.file("data_batch_10.bin", batch(&[1, 1]));
        folder.file("data_batch_2.bin", batch(&[1, 0, 1, 0, 1]));
        folder.file("test_batch.bin", batch(&[1, 0]));
        let path = Some(folder.root().to_owned());
        (folder, Source { format: "cifar".to_owned(), path, ..Source::default() })
    }

    fn message(source: &Source) -> String {
        let message = read(source, Seed::new(1)).unwrap_err().to_string();
        let folder = source.path.as_ref().unwrap().to_string_lossy().into_owned();
        message.replace(&format!("{folder}/"), "")
    }

    #[test]
    fn batches_come_by_number_and_planes_become_pixels() {
        let (folder, mut source) = folder();
        let loaded = read(&source, Seed::new(1)).unwrap();
        assert_eq!(loaded.examples.y_true, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 0]);
        let images = loaded.images.unwrap();
        assert_eq!((images.len(), images.shape()), (14, [32, 32, 3]));
        assert_eq!(images.picture(1)[..6], [0, 0, 0, 1, 101, 201]);
        assert_eq!(loaded.examples.rows(Split::Test), [12, 13]);
        folder.file("batches.meta.txt", "cat\ndog\n\n");
        source.positive = Some("dog".to_owned());
        let named = read(&source, Seed::new(1)).unwrap();
        assert_eq!((named.examples.classes.join(" "), named.inputs.len()), ("cat dog".into(), 5));
        source.classes = ["a", "b"].map(str::to_owned).to_vec();
        source.positive = Some("b".to_owned());
        assert_eq!(read(&source, Seed::new(1)).unwrap().examples.classes, ["a", "b"]);
    }

    #[test]
    fn what_is_missing_empty_or_cut_off_is_named() {
        let (folder, source) = folder();
        folder.file("data_batch_2.bin", &batch(&[1])[..3000]);
        let expected = "`data_batch_2.bin` has 3000 bytes, no whole number of records of 3073";
        assert!(message(&source).starts_with(expected), "{}", message(&source));
        folder.file("data_batch_2.bin", b"");
        assert_eq!(message(&source), "`data_batch_2.bin` holds no rows");
        for name in ["data_batch_1.bin", "data_batch_2.bin", "data_batch_10.bin"] {
            std::fs::remove_file(folder.path(name)).unwrap();
        }
        assert!(message(&source).starts_with("`data_batch_1.bin` does not exist; `path` must be"));
        folder.file("data_batch_1.bin", batch(&[0, 1]));
        std::fs::remove_file(folder.path("test_batch.bin")).unwrap();
        assert!(message(&source).starts_with("`test_batch.bin` does not exist"));
        folder.file("test_batch.bin", batch(&[0, 9]));
        folder.file("batches.meta.txt", "cat\ndog\n");
        let expected = "`test_batch.bin` has the label 9 in row 2, but `classes` has 2 names";
        assert!(message(&source).starts_with(expected), "{}", message(&source));
    }
}
