//! `idx`: the files of MNIST and its relatives (Fashion-MNIST, EMNIST, …), plain or gzipped.
//!
//! A file is a big-endian header (two zero bytes, the type of an entry, the number of dimensions,
//! then each dimension as 32 bits) and the entries row by row. Pictures are `(n, height, width)` or
//! `(n, height, width, channels)`, labels `(n,)`, all of unsigned bytes. `train-…` are the training
//! rows, of which a share validates; `t10k-…` are the test rows.

use super::Format;
use super::error::DatasetError;
use super::packed::{Part, assemble};
use super::packed_files::{Folder, PackedProblem, whole};
use super::source::{Loaded, Source};
use crate::domain::{Seed, Split};
use flate2::read::MultiGzDecoder;
use std::io::Read;

/// First bytes of a gzipped file.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The type of an entry: unsigned byte.
const BYTE: u8 = 8;
/// What the folder must hold.
const NEEDED: &str = "`path` must be a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, \
                      t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each plain or with .gz";

/// The reader.
#[derive(Debug)]
pub(crate) struct Idx;

impl Format for Idx {
    fn name(&self) -> &'static str {
        "idx"
    }

    /// Finds, unpacks and checks the four files.
    fn read(&self, source: &Source, seed: Seed) -> Result<Loaded, DatasetError> {
        let folder = Folder::of(source, self.name(), NEEDED)?;
        let (mut parts, mut inputs) = (Vec::new(), Vec::new());
        for (name, split, starts) in
            [("train", Split::Train, &["train"][..]), ("t10k", Split::Test, &["t10k", "test"][..])]
        {
            let mut array = |kind: &str, dimensions: &[u8]| {
                let name = find(&folder, starts, kind, dimensions)?;
                let (bytes, input) = folder.read(&name)?;
                inputs.push(input);
                let file = folder.path(&name);
                let array = unpack(&bytes, dimensions).map_err(|problem| problem.of(&file))?;
                Ok::<_, DatasetError>((file, array))
            };
            let (pictures_file, pictures) = array("images", &[3, 4])?;
            let (labels_file, labels) = array("labels", &[1])?;
            let size = [1, 2, 3].map(|i| pictures.shape.get(i).copied().unwrap_or(1));
            let (pixels, labels) = (pictures.entries, labels.entries);
            let files = [pictures_file, labels_file];
            parts.push(Part { name, split, size, pixels, labels, files });
        }
        assemble(parts, source, inputs, seed)
    }
}

/// The file of one part: under its usual name, or the only one whose name has the right start
/// somewhere (`emnist-letters-train-images-idx3-ubyte.gz`) and the right end.
fn find(
    folder: &Folder,
    starts: &[&str],
    kind: &str,
    dimensions: &[u8],
) -> Result<String, DatasetError> {
    let stems: Vec<String> = starts.iter().map(|start| format!("{start}-{kind}")).collect();
    let mut ends = Vec::new();
    for dimensions in dimensions {
        let plain = ["-", "."].map(|between| format!("{between}idx{dimensions}-ubyte"));
        ends.extend(plain.into_iter().flat_map(|end| [end.clone(), end + ".gz"]));
    }
    let mut usual =
        ends.iter().flat_map(|end| stems.iter().map(move |stem| format!("{stem}{end}")));
    if let Some(name) = usual.find(|name| folder.path(name).is_file()) {
        return Ok(name);
    }
    let fits = |name: &String| {
        stems.iter().any(|stem| name.contains(stem)) && ends.iter().any(|end| name.ends_with(end))
    };
    let mut names = folder.names()?;
    names.retain(fits);
    match &names[..] {
        [name] => Ok(name.clone()),
        [] => {
            let file = folder.path(&format!("{}{}", stems[0], ends[0]));
            Err(DatasetError::NoFile { file, hint: NEEDED.to_owned() })
        }
        _ => {
            let what = format!("`{}`", stems[0]);
            Err(PackedProblem::Several { what, names }.of(&folder.path("")))
        }
    }
}

/// An array of bytes.
#[derive(Debug)]
struct Array {
    shape: Vec<usize>,
    entries: Vec<u8>,
}

/// Reads a whole file, unpacking it first where it is gzipped.
fn unpack(bytes: &[u8], dimensions: &[u8]) -> Result<Array, PackedProblem> {
    if bytes.starts_with(&GZIP) {
        array(&mut MultiGzDecoder::new(bytes), dimensions)
    } else {
        array(&mut &*bytes, dimensions)
    }
}

/// Reads the header, then exactly what it announces.
fn array(from: &mut dyn Read, dimensions: &[u8]) -> Result<Array, PackedProblem> {
    let magic = take(from, 4)?;
    if magic.is_empty() {
        return Err(PackedProblem::Empty);
    }
    let found = dimensions.iter().find(|&&dimensions| magic == [0, 0, BYTE, dimensions]);
    let Some(&found) = found else {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let expected = dimensions.iter().map(|&d| hex(&[0, 0, BYTE, d])).collect::<Vec<_>>();
        return Err(PackedProblem::Magic { found: hex(&magic), expected: expected.join(" or ") });
    };
    let header = 4 + 4 * u64::from(found);
    let sizes = take(from, header - 4)?;
    let (sizes, _) = sizes.as_chunks::<4>();
    let shape: Vec<u32> = sizes.iter().map(|&b| u32::from_be_bytes(b)).collect();
    if shape.len() < usize::from(found) {
        return Err(PackedProblem::Truncated {
            found: 4 + 4 * whole(sizes.len()),
            expected: header,
        });
    }
    if shape.first() == Some(&0) {
        return Err(PackedProblem::Empty);
    }
    let product = shape.iter().try_fold(1_u64, |all, &side| all.checked_mul(u64::from(side)));
    let all = product.and_then(|n| n.checked_add(header)).filter(|&all| all > header);
    let expected = all.ok_or_else(|| PackedProblem::Shape { shape: shape.clone() })?;
    let entries = take(from, expected - header)?;
    let found = header + whole(entries.len());
    if found < expected {
        return Err(PackedProblem::Truncated { found, expected });
    }
    if !take(from, 1)?.is_empty() {
        return Err(PackedProblem::Trailing { expected });
    }
    let side =
        |&side: &u32| usize::try_from(side).unwrap_or_else(|_| unreachable!("u32 fits usize"));
    Ok(Array { shape: shape.iter().map(side).collect(), entries })
}

/// The next `n` bytes, or fewer where the file ends. Memory grows with what there is, not with what
/// a header announces.
fn take(from: &mut dyn Read, n: u64) -> Result<Vec<u8>, PackedProblem> {
    let mut bytes = Vec::new();
    let read = from.take(n).read_to_end(&mut bytes);
    read.map_err(|e| PackedProblem::Damaged { because: e.to_string() })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::read as read_source;
    use crate::dataset::scratch::Scratch;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Write;

    fn idx(shape: &[u32], entries: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, BYTE, u8::try_from(shape.len()).unwrap()];
        bytes.extend(shape.iter().flat_map(|side| side.to_be_bytes()));
        bytes.extend_from_slice(entries);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// 20 training and 4 test pictures of 2×3, half of the files gzipped.
    fn folder() -> (Scratch, Source) {
        let folder = Scratch::new("idx");
        let labels = |n: u8| (0..n).map(|i| i % 2).collect::<Vec<_>>();
        let pixels = |n: u8| (0..n).flat_map(|i| [i; 6]).collect::<Vec<_>>();
        folder.file("train-images-idx3-ubyte.gz", gzip(&idx(&[20, 2, 3], &pixels(20))));
        folder.file("train-labels-idx1-ubyte", idx(&[20], &labels(20)));
        folder.file("t10k-images.idx3-ubyte", idx(&[4, 2, 3], &pixels(4)));
        folder.file("t10k-labels-idx1-ubyte.gz", gzip(&idx(&[4], &labels(4))));
        let path = Some(folder.root().to_owned());
        (folder, Source { format: "idx".to_owned(), path, ..Source::default() })
    }

    fn message(source: &Source) -> String {
        let message = read_source(source, Seed::new(1)).unwrap_err().to_string();
        let folder = source.path.as_ref().unwrap().to_string_lossy().into_owned();
        message.replace(&format!("{folder}/"), "")
    }

    #[test]
    fn plain_and_gzipped_files_are_read_under_their_usual_names() {
        let (_folder, source) = folder();
        let loaded = read_source(&source, Seed::new(1)).unwrap();
        let images = loaded.images.unwrap();
        assert_eq!((images.len(), images.shape()), (24, [2, 3, 1]));
        assert_eq!((images.picture(7)[0], images.picture(22)[5]), (7, 2));
        assert_eq!(loaded.examples.y_true[..3], [0, 1, 0]);
        assert_eq!(loaded.examples.rows(Split::Test), [20, 21, 22, 23]);
        assert_eq!(loaded.examples.positive, 1, "1 of 0 and 1");
        assert_eq!(loaded.inputs.len(), 4);
    }

    #[test]
    fn pictures_may_have_channels_and_names_may_have_a_start() {
        let (folder, source) = folder();
        for (name, n) in [("train", 20), ("t10k", 4_u8)] {
            let usual = ["-idx3-ubyte.gz", ".idx3-ubyte"].map(|end| format!("{name}-images{end}"));
            for name in usual {
                drop(std::fs::remove_file(folder.path(&name)));
            }
            let pixels = vec![9; usize::from(n) * 6];
            let name = format!("toys-{name}-images-rgb-idx4-ubyte");
            folder.file(&name, idx(&[u32::from(n), 1, 2, 3], &pixels));
        }
        let images = read_source(&source, Seed::new(1)).unwrap().images.unwrap();
        assert_eq!((images.len(), images.shape()), (24, [1, 2, 3]));
        folder.file("more-train-images-idx3-ubyte", b"");
        let expected = "holds several files of `train-images`: more-train-images-idx3-ubyte, \
                        toys-train-images-rgb-idx4-ubyte; leave one of them";
        assert!(message(&source).ends_with(expected), "{}", message(&source));
    }

    #[test]
    fn each_kind_of_damage_is_named_with_its_file() {
        let (folder, source) = folder();
        let file = "train-labels-idx1-ubyte";
        let good = std::fs::read(folder.path(file)).unwrap();
        let case = |bytes: &[u8], expected: &str| {
            folder.file(file, bytes);
            let message = message(&source);
            assert!(message.starts_with(&format!("`{file}` {expected}")), "{message}");
        };
        case(b"", "holds no rows");
        case(&idx(&[0], &[]), "holds no rows");
        case(&gzip(b""), "holds no rows");
        case(&idx(&[2, 1, 1], &[0, 1]), "begins with 00000803, not with 00000801;");
        case(b"label", "begins with 6c616265, not with 00000801;");
        case(&good[..6], "ends after 4 of the 8 bytes");
        case(&good[..20], "ends after 20 of the 28 bytes");
        case(&[&good[..], &[1]].concat(), "goes on after the 28 bytes");
        case(
            &idx(&[19], &good[8..27]),
            "holds 19 labels, but `train-images-idx3-ubyte.gz` holds 20",
        );
        let packed = gzip(&good);
        case(&packed[..packed.len() - 12], "cannot be unpacked: ");
        let mut flipped = packed;
        flipped[12] ^= 0xff;
        folder.file(file, &flipped);
        assert!(read_source(&source, Seed::new(1)).is_err());
    }

    #[test]
    fn a_header_that_announces_the_impossible_takes_no_memory() {
        let most = u32::MAX;
        let shape = unpack(&idx(&[most, most, most], &[]), &[3]).unwrap_err();
        assert!(matches!(shape, PackedProblem::Shape { .. }), "{shape}");
        let flat = unpack(&idx(&[3, 0, 5], &[]), &[3]).unwrap_err();
        assert!(matches!(flat, PackedProblem::Shape { .. }), "{flat}");
        let short = unpack(&idx(&[most, 1024, 1024], &[1]), &[3]).unwrap_err();
        assert!(matches!(short, PackedProblem::Truncated { found: 17, .. }), "{short}");
    }

    #[test]
    fn a_missing_file_and_a_missing_folder_say_what_is_needed() {
        let (folder, mut source) = folder();
        std::fs::remove_file(folder.path("t10k-labels-idx1-ubyte.gz")).unwrap();
        let text = message(&source);
        assert!(
            text.starts_with("`t10k-labels-idx1-ubyte` does not exist; `path` must be"),
            "{text}"
        );
        source.path = Some(folder.path("nowhere"));
        assert!(message(&source).contains("does not exist; `path` must be a folder with"));
        source.path = None;
        let error = read_source(&source, Seed::new(1)).unwrap_err().to_string();
        assert_eq!(error, "the format `idx` needs `path`, the folder of the files");
    }

    proptest! {
        #[test]
        fn no_damage_makes_the_reader_panic(
            at in 0..28_usize,
            byte in any::<u8>(),
            cut in 0..29_usize,
            packed in any::<bool>(),
        ) {
            let mut bytes = idx(&[2, 2, 3], &[7; 12]);
            bytes[at] = byte;
            let bytes = if packed { gzip(&bytes) } else { bytes };
            if let Ok(array) = unpack(&bytes[..cut.min(bytes.len())], &[3, 4]) {
                prop_assert_eq!(array.shape.iter().product::<usize>(), array.entries.len());
            }
        }
    }
}
