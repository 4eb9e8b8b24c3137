//! Columns of a Parquet file whose cells are places in a dictionary, as codes: neither a text nor a
//! number is made for a cell.
//!
//! What does not fit, e.g. an empty cell or a page that holds its texts itself, is left to the
//! library's own way, which also says what is wrong.

use super::table_levels::{Levels, NOTHING};
use polars::io::mmap::ReaderBytes;
use polars_parquet::parquet::encoding::hybrid_rle::{HybridRleChunk, HybridRleDecoder};
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DictPage, split_buffer};
use polars_parquet::parquet::schema::types::{
    IntegerType, PhysicalType, PrimitiveConvertedType, PrimitiveLogicalType, PrimitiveType,
};
use polars_parquet::read::{BasicDecompressor, ColumnChunkMetadata, PageReader};
use std::io::Cursor;
use std::mem::take;

/// Writes the code of each cell of one column in one row group; `None` where the chunk is not made
/// of dictionary codes alone, and then `levels` and `out` hold nothing of use.
pub(super) fn codes(
    file: &ReaderBytes<'static>,
    chunk: &ColumnChunkMetadata,
    levels: &mut Levels,
    out: &mut [u16],
) -> Option<()> {
    let ReaderBytes::Owned(bytes) = file else { return None };
    let of = &chunk.descriptor().descriptor;
    chunk.dictionary_page_offset()?;
    if of.max_rep_level > 0 || of.max_def_level > 1 {
        return None;
    }
    let range = chunk.byte_range();
    let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
    bytes.get(range.clone())?;
    let reader = Cursor::new(bytes.clone().sliced(range));
    let reader = PageReader::new(reader, chunk, Vec::new(), usize::MAX);
    let mut pages = BasicDecompressor::new(reader, Vec::new());
    let codes = Codes::of(&pages.read_dict_page().ok()??, &of.primitive_type, levels)?;
    let (mut rest, mut places) = (out, Vec::new());
    while let Some(page) = pages.next() {
        let page = page.ok()?.decompress(&mut pages).ok()?;
        let (now, later) = take(&mut rest).split_at_mut_checked(page.num_values())?;
        codes.write(&page, &mut places, now)?;
        rest = later;
        pages.reuse_page_buffer(page);
    }
    rest.is_empty().then_some(())
}

/// The code of each place in a dictionary, filled up to a power of two and to at least a byte's places, so
/// that a place can be cut to size and not asked for.
struct Codes {
    /// How many places there are.
    places: u32,
    of: Vec<u16>,
    /// The first of them.
    few: [u16; 256],
}

impl Codes {
    fn of(page: &DictPage, kind: &PrimitiveType, levels: &mut Levels) -> Option<Self> {
        let mut of = Vec::with_capacity(page.num_values.next_power_of_two());
        match kind.physical_type {
            PhysicalType::ByteArray if is_text(kind) => {
                let mut rest = &page.buffer[..];
                for _ in 0..page.num_values {
                    let (length, texts) = rest.split_first_chunk::<4>()?;
                    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                    let (text, later) = texts.split_at_checked(length)?;
                    of.push(levels.code(std::str::from_utf8(text).ok()?)?);
                    rest = later;
                }
            }
            PhysicalType::Int64 if is_whole(kind) => {
                for cell in page.buffer.as_chunks::<8>().0 {
                    of.push(levels.code(&i64::from_le_bytes(*cell).to_string())?);
                }
            }
            PhysicalType::Int32 if is_whole(kind) => {
                for cell in page.buffer.as_chunks::<4>().0 {
                    of.push(levels.code(&i32::from_le_bytes(*cell).to_string())?);
                }
            }
            _ => return None,
        }
        let places = u32::try_from(of.len()).ok().filter(|places| *places > 0)?;
        of.resize(of.len().next_power_of_two().max(256), NOTHING);
        let few = *of.first_chunk()?;
        Some(Self { places, of, few })
    }

    /// Writes the codes of one page without empty cells.
    fn write(&self, page: &DataPage, places: &mut Vec<u32>, out: &mut [u16]) -> Option<()> {
        if !is_coded(page) {
            return None;
        }
        let parts = split_buffer(page).ok()?;
        if page.descriptor.max_def_level > 0 && !all_there(page, parts.def) {
            return None;
        }
        let (width, packed) = parts.values.split_first().filter(|(width, _)| **width <= 32)?;
        let mut rest = out;
        let runs = HybridRleDecoder::new(packed, u32::from(*width), rest.len()).into_chunk_iter();
        for run in runs {
            match run.ok()? {
                HybridRleChunk::Rle(place, n) => {
                    let (now, later) = take(&mut rest).split_at_mut_checked(n)?;
                    let mut code = [NOTHING];
                    self.look_up(&[place], &mut code)?;
                    now.fill(code[0]);
                    rest = later;
                }
                HybridRleChunk::Bitpacked(cells) => {
                    places.clear();
                    cells.collect_into(places);
                    let (now, later) = take(&mut rest).split_at_mut_checked(places.len())?;
                    self.look_up(places, now)?;
                    rest = later;
                }
            }
        }
        rest.is_empty().then_some(())
    }

    /// The code at each place; `None` where one lies beyond the dictionary.
    fn look_up(&self, places: &[u32], out: &mut [u16]) -> Option<()> {
        let most = places.iter().fold(0, |most, place| most.max(*place));
        let cells = out.iter_mut().zip(places);
        if self.places <= 256 {
            cells.for_each(|(out, place)| *out = self.few[usize::from(place.to_le_bytes()[0])]);
        } else {
            let place = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
            cells.for_each(|(out, at)| *out = self.of[place(*at) & (self.of.len() - 1)]);
        }
        (most < self.places).then_some(())
    }
}

/// Whether a page holds places in the dictionary, and its levels are runs; a header that says something
/// unheard of, or lengths beyond the page, is no such page.
fn is_coded(page: &DataPage) -> bool {
    // As numbered in the format: PLAIN_DICTIONARY, RLE_DICTIONARY, RLE.
    let (dictionaries, runs) = ([2, 8], 3);
    match page.header() {
        DataPageHeader::V1(header) => {
            let levels =
                page.descriptor.max_def_level == 0 || header.definition_level_encoding.0 == runs;
            levels && dictionaries.contains(&header.encoding.0)
        }
        DataPageHeader::V2(header) => {
            let length = |length: i32| usize::try_from(length).unwrap_or(usize::MAX);
            let levels = length(header.definition_levels_byte_length)
                .saturating_add(length(header.repetition_levels_byte_length));
            levels <= page.buffer().len() && dictionaries.contains(&header.encoding.0)
        }
    }
}

/// Whether no cell of an optional column is empty.
fn all_there(page: &DataPage, levels: &[u8]) -> bool {
    let mut runs = HybridRleDecoder::new(levels, 1, page.num_values()).into_chunk_iter();
    runs.all(|run| match run {
        Ok(HybridRleChunk::Rle(there, _)) => there == 1,
        Ok(HybridRleChunk::Bitpacked(cells)) => {
            let mut there = Vec::new();
            cells.collect_into(&mut there);
            there.iter().all(|there| *there == 1)
        }
        Err(_) => false,
    })
}

/// Whether byte arrays are texts.
fn is_text(kind: &PrimitiveType) -> bool {
    kind.logical_type == Some(PrimitiveLogicalType::String)
        || kind.converted_type == Some(PrimitiveConvertedType::Utf8)
}

/// Whether integers are plain numbers with a sign, and neither days nor amounts.
fn is_whole(kind: &PrimitiveType) -> bool {
    use IntegerType::{Int8, Int16, Int32, Int64};
    use PrimitiveConvertedType as Converted;
    match (&kind.logical_type, &kind.converted_type) {
        (Some(PrimitiveLogicalType::Integer(kind)), _) => {
            matches!(kind, Int8 | Int16 | Int32 | Int64)
        }
        (None, Some(kind)) => {
            matches!(kind, Converted::Int8 | Converted::Int16 | Converted::Int32 | Converted::Int64)
        }
        (None, None) => true,
        (Some(_), _) => false,
    }
}

#[cfg(test)]
mod tests;
