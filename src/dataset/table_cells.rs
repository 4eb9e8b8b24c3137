//! From one column of the table library to codes or numbers, cell by cell and without a text for
//! each.

use super::table_levels::{Levels, NOTHING, Recent};
use polars::prelude::{Column, DataType, Float64Chunked, Int64Chunked, PolarsError, StringChunked};
use std::ops::RangeInclusive;

/// Why a column cannot be used.
#[derive(Debug)]
pub(crate) enum Refused {
    /// More different values than labels or groups have.
    TooMany,
    /// A type without text form.
    Kind(String),
    /// The cell at this place is no number in the range.
    Cell(usize),
    /// The library's own words.
    Library(String),
}

impl From<PolarsError> for Refused {
    fn from(error: PolarsError) -> Self {
        Self::Library(error.to_string())
    }
}

/// Writes the code of each cell; texts are those of [`super::read_text_table`].
pub(crate) fn codes(column: &Column, levels: &mut Levels, out: &mut [u16]) -> Result<(), Refused> {
    match column.dtype() {
        DataType::String => strings(column.str()?, levels, out),
        DataType::Boolean => each(column.bool()?.iter(), levels, out, u64::from),
        DataType::Int64 => integers(column.i64()?, levels, out),
        DataType::UInt64 => each(column.u64()?.iter(), levels, out, |v| v),
        DataType::Float64 => {
            let cells = column.f64()?.iter().map(|v| v.filter(|v| !v.is_nan()));
            each(cells, levels, out, f64::to_bits)
        }
        DataType::Float32 => {
            let cells = column.f32()?.iter().map(|v| v.filter(|v| !v.is_nan()));
            each(cells, levels, out, |v| u64::from(v.to_bits()))
        }
        DataType::Null => {
            out.fill(NOTHING);
            Ok(())
        }
        kind if kind.is_integer() => codes(&column.cast(&DataType::Int64)?, levels, out),
        kind => Err(Refused::Kind(kind.to_string())),
    }
}

/// Cells of a plain type; `bits` tells its values apart.
fn each<T: Copy + ToString>(
    cells: impl Iterator<Item = Option<T>>,
    levels: &mut Levels,
    out: &mut [u16],
    bits: impl Fn(T) -> u64,
) -> Result<(), Refused> {
    let mut recent = Recent::new();
    for (cell, out) in cells.zip(out) {
        *out = match cell {
            None => NOTHING,
            Some(v) => {
                recent.code([bits(v), 0], || levels.code(&v.to_string())).ok_or(Refused::TooMany)?
            }
        };
    }
    Ok(())
}

fn integers(chunk: &Int64Chunked, levels: &mut Levels, out: &mut [u16]) -> Result<(), Refused> {
    let bits = |v: i64| u64::from_le_bytes(v.to_le_bytes());
    if chunk.null_count() > 0 {
        return each(chunk.iter(), levels, out, bits);
    }
    let (mut rest, mut known) = (out, [NOTHING; 256]);
    for array in chunk.downcast_iter() {
        let (now, later) = rest.split_at_mut(array.values().len());
        rest = later;
        if !small(array.values(), &mut known, levels, now) {
            each(array.values().iter().map(|v| Some(*v)), levels, now, bits)?;
        }
    }
    Ok(())
}

/// Integers of one byte, e.g. labels, each of which has its code at its place in `known`; `false` as
/// soon as one has none.
fn small(values: &[i64], known: &mut [u16; 256], levels: &mut Levels, out: &mut [u16]) -> bool {
    for (value, out) in values.iter().zip(out) {
        let Ok(byte) = u8::try_from(*value) else { return false };
        let code = &mut known[usize::from(byte)];
        if *code == NOTHING {
            let Some(new) = levels.code(&byte.to_string()) else { return false };
            *code = new;
        }
        *out = *code;
    }
    true
}

/// Cells of a column of strings. A view with its place in the column's buffers stands for a text,
/// so a repeated text of a dictionary page is looked up once.
fn strings(chunk: &StringChunked, levels: &mut Levels, out: &mut [u16]) -> Result<(), Refused> {
    if chunk.null_count() > 0 {
        for (cell, out) in chunk.iter().zip(out) {
            *out = levels.code(cell.unwrap_or_default()).ok_or(Refused::TooMany)?;
        }
        return Ok(());
    }
    let mut rest = out;
    for array in chunk.downcast_iter() {
        let views = array.views();
        let (now, later) = rest.split_at_mut(views.len());
        rest = later;
        let mut recent = Recent::new();
        for (i, (view, out)) in views.iter().zip(now).enumerate() {
            let pair = |a: u32, b: u32| (u64::from(a) << 32) | u64::from(b);
            let raw = [pair(view.length, view.prefix), pair(view.buffer_idx, view.offset)];
            let code = recent.code(raw, || levels.code(array.value(i)));
            *out = code.ok_or(Refused::TooMany)?;
        }
    }
    Ok(())
}

/// Writes the number of each cell, all of which must lie in `range`.
pub(crate) fn numbers(
    column: &Column,
    range: &RangeInclusive<f64>,
    out: &mut [f64],
) -> Result<(), Refused> {
    let read = |text: &str| text.trim().parse::<f64>().ok();
    match column.dtype() {
        DataType::Float64 => floats(column.f64()?, range, out),
        DataType::String => fill(column.str()?.iter().map(|t| t.and_then(read)), range, out),
        kind if kind.is_primitive_numeric() => {
            floats(column.cast(&DataType::Float64)?.f64()?, range, out)
        }
        DataType::Boolean | DataType::Null => Err(Refused::Cell(0)),
        kind => Err(Refused::Kind(kind.to_string())),
    }
}

fn floats(
    chunk: &Float64Chunked,
    range: &RangeInclusive<f64>,
    out: &mut [f64],
) -> Result<(), Refused> {
    if chunk.null_count() > 0 {
        return fill(chunk.iter(), range, out);
    }
    let mut at = 0;
    for array in chunk.downcast_iter() {
        let values = array.values();
        out[at..at + values.len()].copy_from_slice(values);
        // All of them, and not with an early end: then they are looked through in vector steps.
        let fit =
            values.iter().fold(true, |fit, v| fit & (range.start() <= v) & (v <= range.end()));
        if !fit && let Some(bad) = values.iter().position(|v| !range.contains(v)) {
            return Err(Refused::Cell(at + bad));
        }
        at += values.len();
    }
    Ok(())
}

fn fill(
    cells: impl Iterator<Item = Option<f64>>,
    range: &RangeInclusive<f64>,
    out: &mut [f64],
) -> Result<(), Refused> {
    for (at, (cell, out)) in cells.zip(out).enumerate() {
        *out = cell.filter(|v| range.contains(v)).ok_or(Refused::Cell(at))?;
    }
    Ok(())
}
