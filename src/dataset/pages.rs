//! Whether what a Parquet file says of its pages can be true. The table library takes it at its word, and
//! asks for the memory of as many cells as a damaged header names.

use polars_parquet::read::ColumnChunkMetadata;
use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use polars_parquet_format::{Encoding, PageHeader, PageType};
use std::io::Cursor;

/// Encodings as numbered in the format; 1 is none.
const ENCODINGS: [i32; 9] = [0, 2, 3, 4, 5, 6, 7, 8, 9];

/// Whether the pages of one column in one row group follow each other to its end, and hold its `rows`
/// cells; of nested columns it is not asked.
pub(super) fn plausible(file: &[u8], chunk: &ColumnChunkMetadata, rows: usize) -> bool {
    let of = &chunk.descriptor().descriptor;
    of.max_rep_level > 0 || cells(file, chunk, rows) == Some(rows)
}

/// The cells of all pages; `None` where a header cannot be true.
fn cells(file: &[u8], chunk: &ColumnChunkMetadata, rows: usize) -> Option<usize> {
    let range = chunk.byte_range();
    let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
    let mut pages = Cursor::new(file.get(range)?);
    let mut seen = 0;
    while seen < rows {
        let length = pages.get_ref().len();
        let mut header = TCompactInputProtocol::new(&mut pages, length);
        let header = PageHeader::read_from_in_protocol(&mut header).ok()?;
        seen += cells_of(&header)?;
        let end = pages.position() + u64::try_from(header.compressed_page_size).ok()?;
        if end > u64::try_from(length).ok()? {
            return None;
        }
        pages.set_position(end);
    }
    Some(seen)
}

/// The cells of one page, 0 of a dictionary.
fn cells_of(header: &PageHeader) -> Option<usize> {
    let whole = |number: i32| usize::try_from(number).ok();
    let known = |encoding: Encoding| ENCODINGS.contains(&encoding.0).then_some(());
    let size = whole(header.uncompressed_page_size)?;
    match header.type_ {
        PageType::DATA_PAGE => {
            let page = header.data_page_header.as_ref()?;
            known(page.encoding)?;
            known(page.definition_level_encoding)?;
            whole(page.num_values)
        }
        PageType::DATA_PAGE_V2 => {
            let page = header.data_page_header_v2.as_ref()?;
            known(page.encoding)?;
            let levels = whole(page.definition_levels_byte_length)?
                .checked_add(whole(page.repetition_levels_byte_length)?)?;
            let cells = whole(page.num_values)?;
            (levels <= size && whole(page.num_nulls)? <= cells).then_some(cells)
        }
        // A text takes four bytes and a number at least as many.
        PageType::DICTIONARY_PAGE => {
            let entries = whole(header.dictionary_page_header.as_ref()?.num_values)?;
            (entries <= size).then_some(0)
        }
        PageType::INDEX_PAGE => Some(0),
        _ => None,
    }
}
