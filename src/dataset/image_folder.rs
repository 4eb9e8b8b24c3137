//! `image-folder`: JPEG and PNG pictures in a folder, described by a table.

use super::decode;
use super::error::{DatasetError, PictureProblem};
use super::rows::{Rows, row_number};
use super::source::{Loaded, OnError, Skipped, Source, SplitPlan};
use super::streamed::{Files, Seen};
use super::{Format, digest, split, table};
use crate::domain::{Examples, Images, InputFile, PictureDigest, PictureStream, Seed, TextTable};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Pictures named in an error.
const NAMED: usize = 5;
/// Largest side to resize to.
const LARGEST: usize = 4096;

/// The reader.
#[derive(Debug)]
pub(crate) struct ImageFolder;

impl Format for ImageFolder {
    fn name(&self) -> &'static str {
        "image-folder"
    }

    /// Reads the table, decodes the pictures that it names, and splits the rows.
    fn read(&self, source: &Source, seed: Seed) -> Result<Loaded, DatasetError> {
        let because = "the folder of the pictures";
        let Some(given) = &source.path else {
            return Err(DatasetError::MissingKey { format: self.name(), key: "path", because });
        };
        let folder = source.base.join(given);
        if !folder.is_dir() {
            let hint = "`path` must be the folder of the pictures".to_owned();
            return Err(DatasetError::NoFile { file: folder, hint });
        }
        let (file, as_given) = metadata(source, &folder)?;
        let read = table::read(&file, &as_given, None)?;
        let rows = Rows { table: &read.text, file: &file, source, kept: None };
        let named = Named::new(&rows, folder)?;
        let (kept, images, skipped) = match named.limit(source) {
            None => named.in_memory(source.on_error)?,
            Some(limit) => named.streamed(source.on_error, limit)?,
        };
        let names = named.names;
        let chosen = choose(&read.text, &kept);
        let rows = Rows { table: &chosen, kept: Some(&kept), ..rows };
        let examples = examples(&rows, seed)?;
        let path = as_given.to_string_lossy().into_owned();
        Ok(Loaded {
            digest: digest::images(&examples, &images),
            examples,
            images: Some(images),
            predictions: None,
            names: vec![(table::shown(given), names)],
            tables: vec![read.text],
            usage_log: None,
            skipped,
            inputs: vec![InputFile { path, sha256: read.sha256 }],
        })
    }
}

/// Where the table lies, and how it was named.
fn metadata(source: &Source, folder: &Path) -> Result<(PathBuf, PathBuf), DatasetError> {
    let usual = ["metadata.csv", "metadata.parquet"].map(PathBuf::from);
    let names = source.metadata.as_ref().map_or(usual.to_vec(), |m| vec![m.clone()]);
    let places = [folder, source.base.as_path()];
    let found = names.iter().find_map(|name| {
        let at = places.iter().map(|place| place.join(name)).find(|path| path.is_file())?;
        Some((at, name.clone()))
    });
    found.ok_or_else(|| DatasetError::NoFile {
        file: folder.join(&names[0]),
        hint: "`metadata` is looked for in the picture folder, then beside the configuration"
            .to_owned(),
    })
}

/// What was read: the indices of the rows, their pictures, and the rows that are left out.
type Kept<P = Images> = (Vec<usize>, P, Vec<Skipped>);

/// The pictures that a table names.
struct Named {
    folder: PathBuf,
    names: Vec<String>,
    resize: Option<[u32; 2]>,
}

impl Named {
    fn new(rows: &Rows<'_>, folder: PathBuf) -> Result<Self, DatasetError> {
        let column = rows.source.columns.image.as_deref().unwrap_or("path");
        let size = |side: usize| u32::try_from(side).ok().filter(|_| (1..=LARGEST).contains(&side));
        let resize = match rows.source.resize {
            None => None,
            Some([h, w]) => match (size(h), size(w)) {
                (Some(h), Some(w)) => Some([h, w]),
                _ => return Err(DatasetError::Resize { size: [h, w] }),
            },
        };
        let mut names = Vec::new();
        for (i, cell) in rows.column(column)?.iter().enumerate() {
            let (row, picture) = (row_number(i), cell.as_deref().unwrap_or_default());
            if picture.is_empty() {
                let (file, column) = (rows.file.to_owned(), column.to_owned());
                return Err(DatasetError::EmptyCell { file, column, row });
            }
            if !decode::stays_inside(picture) {
                let picture = picture.to_owned();
                return Err(DatasetError::Outside { folder, row, picture });
            }
            names.push(picture.to_owned());
        }
        Ok(Self { folder, names, resize })
    }

    /// The limit of the memory, where the pictures exceed it. All are as large as the first that can
    /// be read, or nothing comes of it later.
    fn limit(&self, source: &Source) -> Option<usize> {
        let limit = source.memory_limit?;
        let mut pictures = self.names.iter().map(|name| self.folder.join(name));
        let first = pictures.find_map(|file| decode::read(&file, self.resize).ok());
        let size = first.map_or(0, |picture| picture.pixels.len());
        (self.names.len().saturating_mul(size) > limit).then_some(limit)
    }

    /// All pictures in one block.
    fn in_memory(&self, on_error: OnError) -> Result<Kept, DatasetError> {
        let decoded = decode::all(&self.folder, &self.names, self.resize, |picture| picture);
        let (kept, pictures, skipped) = sort_out(decoded, on_error)?;
        let [height, width] = self.size(&kept, pictures.iter().map(|picture| picture.size))?;
        let mut pixels = Vec::with_capacity(pictures.len() * height * width * 3);
        for picture in pictures {
            pixels.extend_from_slice(&picture.pixels);
        }
        let images = Images::new(height, width, 3, pixels);
        Ok((kept, images.unwrap_or_else(|| unreachable!("a picture has a pixel")), skipped))
    }

    /// Pictures that are decoded when they are needed.
    fn streamed(&self, on_error: OnError, memory_limit: usize) -> Result<Kept, DatasetError> {
        let seen = |picture| Seen::of(&picture);
        let decoded = decode::all(&self.folder, &self.names, self.resize, seen);
        let (kept, pictures, skipped) = sort_out(decoded, on_error)?;
        let [height, width] = self.size(&kept, pictures.iter().map(|picture| picture.size))?;
        let digests: Arc<[PictureDigest]> = pictures.iter().map(|seen| seen.digest).collect();
        let files = Files {
            folder: self.folder.clone(),
            names: kept.iter().map(|&i| self.names[i].clone()).collect(),
            resize: self.resize,
            digests: Arc::clone(&digests),
        };
        let stream = PictureStream { source: Arc::new(files), digests, memory_limit };
        let images = Images::streamed([height, width, 3], stream);
        Ok((kept, images.unwrap_or_else(|| unreachable!("a picture has a pixel")), skipped))
    }

    /// The one size of all pictures.
    fn size(
        &self,
        kept: &[usize],
        mut sizes: impl Iterator<Item = [usize; 2]>,
    ) -> Result<[usize; 2], DatasetError> {
        let first_size = sizes.next().unwrap_or_default();
        match kept[1..].iter().zip(sizes).find(|(_, size)| *size != first_size) {
            None => Ok(first_size),
            Some((&other, other_size)) => Err(DatasetError::Sizes {
                first: self.names[kept[0]].clone(),
                first_size,
                other: self.names[other].clone(),
                other_size,
            }),
        }
    }
}

/// The indices of the rows whose picture can be read, what was made of these pictures, and the rows
/// that are left out.
fn sort_out<T>(
    decoded: Vec<Result<T, PictureProblem>>,
    on_error: OnError,
) -> Result<Kept<Vec<T>>, DatasetError> {
    let of = decoded.len();
    let (mut kept, mut pictures, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for (i, result) in decoded.into_iter().enumerate() {
        match result {
            Ok(picture) => {
                kept.push(i);
                pictures.push(picture);
            }
            Err(problem) => problems.push(problem),
        }
    }
    let all_failed = kept.is_empty();
    if !problems.is_empty() && (on_error == OnError::Fail || all_failed) {
        let total = problems.len();
        problems.truncate(NAMED);
        return Err(DatasetError::Pictures { total, of, first: problems });
    }
    let skip = |p: PictureProblem| Skipped { row: p.row, file: p.file, because: p.because };
    Ok((kept, pictures, problems.into_iter().map(skip).collect()))
}

/// The rows whose picture was read.
fn choose(table: &TextTable, kept: &[usize]) -> TextTable {
    let column = |(name, cells): &(String, Vec<Option<String>>)| {
        (name.clone(), kept.iter().map(|&i| cells[i].clone()).collect())
    };
    TextTable { file: table.file.clone(), columns: table.columns.iter().map(column).collect() }
}

fn examples(rows: &Rows<'_>, seed: Seed) -> Result<Examples, DatasetError> {
    let labels = rows.labels(rows.source.columns.label.as_deref().unwrap_or("label"))?;
    let classes = rows.classes(&labels)?;
    if let [label] = classes.names.as_slice() {
        let (file, label) = (rows.file.to_owned(), label.clone());
        return Err(DatasetError::OneClass { file, label });
    }
    let y_true = classes.ids(&labels);
    let subject = rows.subjects()?;
    let split = match rows.source.split {
        SplitPlan::Drawn { train, validation, test } => {
            let shares = split::Shares::new(train, validation, test)?;
            split::draw(&y_true, subject.as_deref(), shares, seed.child("dataset/split"))
        }
        SplitPlan::Column => rows.splits()?.ok_or_else(|| DatasetError::NoSplit {
            file: rows.file.to_owned(),
            column: rows.source.columns.split.clone().unwrap_or_else(|| "split".to_owned()),
        })?,
    };
    split::inhabited(&split, &format!("`{}`", rows.file.display()))?;
    let (id, groups) = (rows.ids()?, rows.groups()?);
    let (classes, positive) = (classes.names, classes.positive);
    Ok(Examples { classes, positive, y_true, id, split, groups, subject }.check()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::read;
    use crate::dataset::scratch::Scratch;
    use image::{Rgb, RgbImage};
    use std::fmt::Write;

    /// Pictures `0.png` to `5.png` and `6.jpg`, `height` × 3, and a table that names them.
    fn folder(height: u32) -> (Scratch, Source) {
        let folder = Scratch::new("images");
        let mut text = "path,label,split,who,sex\n".to_owned();
        for i in 0..7_u8 {
            let name = if i == 6 { "6.jpg".to_owned() } else { format!("{i}.png") };
            RgbImage::from_pixel(3, height, Rgb([i * 10; 3])).save(folder.path(&name)).unwrap();
            let split = ["train", "train", "val", "test"][usize::from(i % 4)];
            writeln!(text, "{name},{},{split},p{i},f", i % 2).unwrap();
        }
        folder.file("metadata.csv", &text);
        let mut source = Source {
            format: "image-folder".to_owned(),
            path: Some(folder.root().to_owned()),
            groups: vec![vec!["sex".to_owned()]],
            ..Source::default()
        };
        source.columns.subject = Some("who".to_owned());
        (folder, source)
    }

    fn message(source: &Source) -> String {
        read(source, Seed::new(1)).unwrap_err().to_string()
    }

    #[test]
    fn pictures_keep_the_order_of_the_table() {
        let (_folder, source) = folder(2);
        let loaded = read(&source, Seed::new(1)).unwrap();
        let images = loaded.images.unwrap();
        assert_eq!(images.shape(), [2, 3, 3]);
        let first: Vec<u8> = (0..6).map(|i| images.picture(i)[0]).collect();
        assert_eq!(first, [0, 10, 20, 30, 40, 50]);
        assert!(images.picture(6)[0].abs_diff(60) < 3, "JPEG is not exact");
        assert_eq!(loaded.examples.y_true, [0, 1, 0, 1, 0, 1, 0]);
        assert_eq!(loaded.names[0].1[6], "6.jpg");
        assert_eq!(loaded.examples.id[0], "1");
    }

    #[test]
    fn bad_pictures_stop_the_audit_or_are_counted() {
        let (folder, mut source) = folder(2);
        std::fs::write(folder.path("1.png"), b"no picture").unwrap();
        std::fs::remove_file(folder.path("4.png")).unwrap();
        let text = message(&source);
        assert!(text.starts_with("2 of 7 pictures"), "{text}");
        assert!(
            text.contains("row 2: `1.png` is neither")
                && text.contains("row 5: `4.png` is missing")
        );
        source.on_error = OnError::Skip;
        let loaded = read(&source, Seed::new(1)).unwrap();
        assert_eq!((loaded.examples.len(), loaded.skipped.len()), (5, 2));
        assert_eq!(loaded.examples.id, ["1", "3", "4", "6", "7"]);
        assert_eq!((loaded.tables[0].rows(), loaded.skipped[1].row), (7, 5));
        assert_eq!(loaded.examples.y_true, [0, 0, 1, 1, 0]);
    }

    #[test]
    fn sizes_must_agree_unless_there_is_one_to_bring_them_to() {
        let (folder, mut source) = folder(2);
        RgbImage::new(8, 4).save(folder.path("3.png")).unwrap();
        let text = message(&source);
        assert!(text.contains("`3.png` is 4x8") && text.contains("resize"), "{text}");
        source.resize = Some([5, 6]);
        let loaded = read(&source, Seed::new(1)).unwrap();
        assert_eq!(loaded.images.unwrap().shape(), [5, 6, 3]);
        source.resize = Some([0, 6]);
        assert!(matches!(read(&source, Seed::new(1)), Err(DatasetError::Resize { .. })));
    }

    #[test]
    fn pictures_beyond_the_memory_are_the_same_pictures_read_again() {
        let (folder, mut source) = folder(2);
        std::fs::write(folder.path("1.png"), b"no picture").unwrap();
        source.on_error = OnError::Skip;
        let whole = read(&source, Seed::new(1)).unwrap();
        // Seven pictures of 2 × 3 × 3 bytes.
        source.memory_limit = Some(126);
        assert!(read(&source, Seed::new(1)).unwrap().images.unwrap().stream().is_none());
        source.memory_limit = Some(125);
        let streamed = read(&source, Seed::new(1)).unwrap();
        assert_eq!(streamed, whole);
        let (images, expected) = (streamed.images.unwrap(), whole.images.unwrap());
        let stream = images.stream().unwrap();
        let mut pixels = [0; 18];
        for i in 0..images.len() {
            stream.source.read(i, &mut pixels).unwrap();
            assert_eq!(pixels, expected.picture(i));
        }
        RgbImage::from_pixel(3, 2, Rgb([99; 3])).save(folder.path("3.png")).unwrap();
        let changed = stream.source.read(2, &mut pixels).unwrap_err();
        assert_eq!(changed, "`3.png` has changed since the data was read; start again");
        std::fs::remove_file(folder.path("4.png")).unwrap();
        assert_eq!(stream.source.read(3, &mut pixels).unwrap_err(), "`4.png` is missing");
    }

    #[test]
    fn pictures_outside_the_folder_are_refused() {
        let (folder, source) = folder(2);
        for path in ["../x.png", "/etc/x.png"] {
            folder.file("metadata.csv", format!("path,label,split\n{path},0,train\n"));
            assert!(matches!(
                read(&source, Seed::new(1)),
                Err(DatasetError::Outside { row: 1, .. })
            ));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let (folder, mut source) = folder(2);
        source.groups = vec![vec!["gender".to_owned()]];
        assert!(message(&source).contains("no column `gender`"));
        source.groups = Vec::new();
        folder.file("metadata.csv", "path,label\n0.png,0\n1.png,1\n");
        source.columns.subject = None;
        assert!(matches!(read(&source, Seed::new(1)), Err(DatasetError::NoSplit { .. })));
        source.split = SplitPlan::Drawn { train: 0.5, validation: 0.0, test: 0.5 };
        assert!(read(&source, Seed::new(1)).is_ok() || message(&source).contains("split"));
        folder.file("metadata.csv", "path,label,split\n0.png,0,train\n1.png,1,train\n");
        source.split = SplitPlan::Column;
        let empty = read(&source, Seed::new(1)).unwrap_err();
        assert!(matches!(empty, DatasetError::EmptySplit { split: "test", .. }), "{empty}");
        folder.file("metadata.csv", "path,label,split\n0.png,1,train\n1.png,1,test\n");
        source.positive = Some("1".to_owned());
        assert!(matches!(read(&source, Seed::new(1)), Err(DatasetError::OneClass { .. })));
        source.metadata = Some("other.csv".into());
        assert!(message(&source).contains("beside the configuration"));
        source.path = None;
        assert!(message(&source).contains("needs `path`"));
    }

    #[test]
    fn a_drawn_split_keeps_subjects_together() {
        let (folder, mut source) = folder(2);
        let mut text = "path,label,who\n".to_owned();
        for i in 0..60 {
            writeln!(text, "{}.png,{},p{}", i % 6, i % 2, i / 3).unwrap();
        }
        folder.file("metadata.csv", &text);
        source.groups = Vec::new();
        source.split = SplitPlan::Drawn { train: 0.6, validation: 0.1, test: 0.3 };
        let loaded = read(&source, Seed::new(1)).unwrap();
        assert_eq!(super::super::findings(&loaded)[0].value, Ok(0.0));
        assert_eq!(read(&source, Seed::new(1)).unwrap().examples.split, loaded.examples.split);
    }
}
