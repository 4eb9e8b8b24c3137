//! The same rows give the same columns, however a Parquet file is cut.

use super::*;
use crate::dataset::read_text_table;
use crate::dataset::scratch::Scratch;
use polars::prelude::{DataFrame, ParquetWriter};
use proptest::prelude::*;

/// A label, a small and a large whole number, a number and a text, some of them absent.
type Row = (bool, u8, i64, f64, Option<u8>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let text = proptest::option::weighted(0.8, 0..40_u8);
    proptest::collection::vec((any::<bool>(), 0..3_u8, -300..300_i64, 0.0..=1.0, text), 1..400)
}

fn write(path: &Path, rows: &[Row], cut: usize) {
    let text = |row: &Row| row.4.map(|level| format!("level {level} of a column of texts"));
    let columns = vec![
        Column::new("label".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
        Column::new("few".into(), rows.iter().map(|row| i64::from(row.1)).collect::<Vec<_>>()),
        Column::new("many".into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()),
        Column::new("number".into(), rows.iter().map(|row| row.3).collect::<Vec<_>>()),
        Column::new("text".into(), rows.iter().map(text).collect::<Vec<_>>()),
    ];
    let mut frame = DataFrame::new(rows.len(), columns).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let writer = ParquetWriter::new(file).with_row_group_size(Some(cut));
    writer.finish(&mut frame).unwrap();
}

/// The levels of a column, and the text of each row.
fn texts(data: &Data) -> (Vec<String>, Vec<Option<String>>) {
    match data {
        Data::Texts(coded) => {
            let levels: Vec<Option<&String>> = coded.levels.iter().map(Some).collect();
            (
                coded.levels.clone(),
                coded.each(&levels, None).into_iter().map(Option::<&String>::cloned).collect(),
            )
        }
        Data::Numbers(values) => (Vec::new(), values.iter().map(|v| Some(v.to_string())).collect()),
    }
}

fn read(path: &Path) -> Vec<Data> {
    let number = Use::Numbers(0.0..=1.0, "a number");
    let texts = ["label", "few", "many", "text"].map(|name| (name, Use::Texts));
    let wanted: Vec<(&str, Use)> = texts.into_iter().chain([("number", number)]).collect();
    open(path).unwrap().read(&wanted, false).unwrap().columns
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_cuts_of_a_file_change_nothing(rows in rows(), cut in 1..70_usize) {
        let folder = Scratch::new("cuts");
        let [whole, parts] = ["whole", "parts"].map(|name| folder.path(name));
        write(&whole, &rows, rows.len());
        write(&parts, &rows, cut);
        let (whole, parts) = (read(&whole), read(&parts));
        prop_assert_eq!(whole.iter().map(texts).collect::<Vec<_>>(), parts.iter().map(texts).collect::<Vec<_>>());
        let expected: Vec<_> = rows.iter().map(|row| Some(row.1.to_string())).collect();
        prop_assert_eq!(texts(&whole[1]).1, expected);
    }
}

/// Both ways to read it say something, and end, whichever byte of a file is another.
#[test]
fn a_damaged_file_is_an_error() {
    let folder = Scratch::new("damaged");
    let path = folder.path("t.parquet");
    let rows: Vec<Row> = (0..40).map(|i| (i % 2 == 0, i % 3, 7, 0.5, Some(i))).collect();
    write(&path, &rows, 25);
    let whole = std::fs::read(&path).unwrap();
    let number = Use::Numbers(0.0..=1.0, "a number");
    let wanted = [("few", Use::Texts), ("text", Use::Texts), ("number", number)];
    let read = |bytes: &[u8]| open_bytes(&path, bytes)?.read(&wanted, false);
    read(&whole).unwrap();
    let mut refused = 0;
    for at in 4..whole.len() {
        for change in [1, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            refused += usize::from(read(&bytes).is_err());
            std::fs::write(&path, &bytes).unwrap();
            refused += usize::from(read_text_table(&path).is_err());
        }
    }
    assert!(refused > whole.len(), "{refused} of {} changes", 6 * whole.len());
    assert!(read(&whole[..whole.len() - 9]).is_err());
}
