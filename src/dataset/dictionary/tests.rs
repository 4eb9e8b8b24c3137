//! What is read as codes is what the library's own way reads.

use super::*;
use crate::dataset::scratch::Scratch;
use crate::dataset::table_cells;
use crate::dataset::table_content::Content;
use crate::dataset::table_form::form;
use crate::domain::Seed;
use polars::prelude::{Column, DataFrame, ParquetWriter};
use std::path::Path;

/// The text of each cell of a column, by codes where that works in every row group, and by the library.
fn both(path: &Path, name: &str) -> (Option<Vec<String>>, Vec<String>) {
    let content = Content::load(path).unwrap();
    let form = form(path, &content).unwrap();
    let parts = form.parts(path, &content, &[name]).unwrap();
    let (mut quick, mut plain) = (Some(Vec::new()), Vec::new());
    for (part, rows) in parts.lengths.iter().enumerate() {
        let text = |levels: Levels, out: &[u16]| -> Vec<String> {
            let texts = levels.into_texts();
            let text = |code: &u16| texts.get(usize::from(*code)).cloned().unwrap_or_default();
            out.iter().map(text).collect()
        };
        let (mut levels, mut out) = (Levels::default(), vec![7; *rows]);
        let chunk = form.chunk(name, part).unwrap();
        let done = codes(content.bytes(), chunk, &mut levels, &mut out);
        let found = done.map(|()| text(levels, &out));
        quick = quick.zip(found).map(|(before, found)| [before, found].concat());
        let mut levels = Levels::default();
        let column = parts.column(path, name, part).unwrap();
        table_cells::codes(&column, &mut levels, &mut out).unwrap();
        plain.extend(text(levels, &out));
    }
    (quick, plain)
}

fn write(path: &Path, columns: Vec<Column>, cut: usize) {
    let mut frame = DataFrame::new(columns[0].len(), columns).unwrap();
    let writer = ParquetWriter::new(std::fs::File::create(path).unwrap());
    writer
        .with_row_group_size(Some(cut))
        .with_data_page_size(Some(300))
        .finish(&mut frame)
        .unwrap();
}

#[test]
fn codes_are_those_of_the_cells() {
    let mut draw = Seed::new(3).stream();
    let folder = Scratch::new("dictionary");
    for (rows, levels, cut) in [(1, 1, 9), (500, 1, 99), (3000, 7, 1000), (3000, 260, 2999)] {
        let at: Vec<usize> = (0..rows).map(|_| draw.below(levels)).collect();
        let text = |at: &usize| if *at == 3 { String::new() } else { format!("level {at}") };
        let whole = |at: &usize| i64::try_from(*at).unwrap() - 100;
        let small = |at: &usize| i32::try_from(*at).unwrap() - 2;
        let columns = vec![
            Column::new("text".into(), at.iter().map(text).collect::<Vec<_>>()),
            Column::new("whole".into(), at.iter().map(whole).collect::<Vec<_>>()),
            Column::new("small".into(), at.iter().map(small).collect::<Vec<_>>()),
            Column::new("sorted".into(), {
                let mut at = at.clone();
                at.sort_unstable();
                at.iter().map(text).collect::<Vec<_>>()
            }),
        ];
        let path = folder.path("t.parquet");
        write(&path, columns, cut);
        for name in ["text", "sorted", "whole", "small"] {
            let (quick, plain) = both(&path, name);
            // One row, or a level for each, is not worth a dictionary to the writer.
            let coded = rows > 1 && levels < rows / 2;
            assert!(quick.is_some() || !coded, "{rows} {levels} {name}");
            assert_eq!(quick.unwrap_or_else(|| plain.clone()), plain, "{rows} {levels} {name}");
        }
    }
}

#[test]
fn other_columns_are_left_to_the_library() {
    let folder = Scratch::new("dictionary");
    let path = folder.path("t.parquet");
    let some: Vec<Option<&str>> = (0..400).map(|i| ["a", "b"].get(i % 3).copied()).collect();
    let columns = vec![
        Column::new("absent".into(), some),
        Column::new("number".into(), (0..400).map(|i| f64::from(i % 3)).collect::<Vec<_>>()),
        Column::new("unsigned".into(), (0..400).map(|i| i % 3).collect::<Vec<u64>>()),
        Column::new("label".into(), (0..400).map(|i| i % 3 == 0).collect::<Vec<_>>()),
    ];
    write(&path, columns, 200);
    for name in ["absent", "number", "unsigned", "label"] {
        let (quick, plain) = both(&path, name);
        assert_eq!((quick, plain.len()), (None, 400), "{name}");
    }
}

#[test]
fn a_file_of_another_program_is_read_the_same() {
    let path = Path::new("fixtures/tables/types.parquet");
    for name in ["y_true", "y_pred", "category", "short", "unsigned", "float_label", "truth"] {
        let (quick, plain) = both(path, name);
        let coded = ["y_true", "short"].contains(&name);
        assert_eq!(quick, coded.then_some(plain), "{name}");
    }
}

#[test]
fn damage_is_noticed_and_never_read_as_a_cell() {
    let folder = Scratch::new("dictionary");
    let path = folder.path("t.parquet");
    let texts: Vec<&str> = (0..2000).map(|i| ["north", "south", "west"][i * 7 % 3]).collect();
    write(&path, vec![Column::new("text".into(), texts)], 2000);
    let whole = std::fs::read(&path).unwrap();
    let form = form(&path, &whole).unwrap();
    let chunk = form.chunk("text", 0).unwrap();
    let range = chunk.byte_range();
    let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
    for at in range {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let (mut levels, mut out) = (Levels::default(), vec![7; 2000]);
        let bytes = ReaderBytes::Owned(bytes.into());
        if codes(&bytes, chunk, &mut levels, &mut out).is_some() {
            let levels = levels.into_texts();
            let known = |code: &u16| *code == NOTHING || usize::from(*code) < levels.len();
            assert!(out.iter().all(known), "byte {at}");
        }
    }
}
