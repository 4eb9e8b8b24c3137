//! Arrays of numpy, one by one and several in an `npz` archive.

use super::packed_files::PackedProblem;
use super::zip::{Member, members};

/// An array of numpy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumpyArray {
    /// As numpy writes it: `|u1`, `<i8`, …
    pub kind: String,
    /// Bytes of an entry.
    pub width: usize,
    /// Entries along each axis.
    pub shape: Vec<usize>,
    /// The entries, the last axis fastest.
    pub entries: Vec<u8>,
}

/// The arrays of these names in an `npz` archive, in this order.
///
/// # Errors
/// When the bytes are no archive, an array is not there, or one is damaged.
pub fn read_arrays(bytes: &[u8], names: &[&str]) -> Result<Vec<NumpyArray>, PackedProblem> {
    let members = members(bytes)?;
    let array = |name: &&str| {
        let found = members.iter().find(|member| member.name == format!("{name}.npy"));
        let present = || members.iter().map(|member| member.name.clone()).collect();
        let missing = || PackedProblem::NoArray { name: format!("{name}.npy"), present: present() };
        NumpyArray::of(found.ok_or_else(missing)?)
    };
    names.iter().map(array).collect()
}

impl NumpyArray {
    /// Reads magic, version, header and exactly the entries that the header announces.
    pub(super) fn of(member: &Member<'_>) -> Result<Self, PackedProblem> {
        let bytes = member.unpack()?;
        let unfit = |because: &str| unfit(member, because.to_owned());
        let none = || unfit("is no array of numpy");
        let (header, entries) = header(&bytes).ok_or_else(none)?;
        let value = |key: &str| {
            let (_, rest) = header.split_once(&format!("'{key}':"))?;
            Some(rest.trim_start())
        };
        let quoted = |text: &str| text.strip_prefix('\'')?.split('\'').next().map(str::to_owned);
        let kind = value("descr").and_then(quoted).ok_or_else(none)?;
        let shape = value("shape").and_then(|text| text.strip_prefix('(')?.split(')').next());
        let side = |side: &str| side.trim().parse::<usize>().ok();
        let sides = shape.map(|s| s.split(',').filter(|s| !s.trim().is_empty()).map(side));
        let shape: Option<Vec<usize>> = sides.and_then(Iterator::collect);
        let shape = shape.ok_or_else(none)?;
        if !value("fortran_order").is_some_and(|order| order.starts_with("False")) {
            return Err(unfit("lies column by column; save it with `np.ascontiguousarray`"));
        }
        let width = kind.get(2..).and_then(|width| width.parse::<usize>().ok());
        let width = width.filter(|width| *width > 0).ok_or_else(none)?;
        let count = shape.iter().try_fold(width, |all, &side| all.checked_mul(side));
        if count != Some(entries.len()) {
            return Err(unfit("has more or fewer entries than its shape says"));
        }
        Ok(Self { kind, width, shape, entries: entries.to_vec() })
    }

    /// Integers and truth values as i64, `(n,)`; none where it holds something else, or a number that an
    /// i64 does not hold.
    #[must_use]
    pub fn integers(&self) -> Option<Vec<i64>> {
        let signed = match self.kind.as_str() {
            "|b1" | "|u1" | "<u2" | "<u4" | "<u8" => false,
            "|i1" | "<i2" | "<i4" | "<i8" => true,
            _ => return None,
        };
        let integer = |bytes: &[u8]| {
            let below = signed && bytes.last().is_some_and(|high| *high > 127);
            let mut whole = [if below { 255 } else { 0 }; 16];
            whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
            i64::try_from(i128::from_le_bytes(whole)).ok()
        };
        self.entries.chunks_exact(self.width).map(integer).collect()
    }
}

pub(super) fn unfit(member: &Member<'_>, because: String) -> PackedProblem {
    PackedProblem::Array { name: member.name.clone(), because }
}

/// The header and what follows it; none where the bytes are something else.
fn header(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (version, rest) = rest.split_at_checked(2)?;
    let (length, rest) = rest.split_at_checked(if version[0] == 1 { 2 } else { 4 })?;
    let length = length.iter().rev().fold(0, |n, &byte| n << 8 | usize::from(byte));
    let (header, entries) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(header).ok()?, entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_every_width_keep_their_value() {
        let array = |kind: &str, width: usize, entries: &[u8]| {
            let (kind, entries) = (kind.to_owned(), entries.to_vec());
            NumpyArray { kind, width, shape: vec![entries.len() / width], entries }
        };
        assert_eq!(array("|b1", 1, &[1, 0]).integers(), Some(vec![1, 0]));
        assert_eq!(array("|u1", 1, &[255]).integers(), Some(vec![255]));
        assert_eq!(array("|i1", 1, &[255, 127]).integers(), Some(vec![-1, 127]));
        assert_eq!(array("<u2", 2, &[0, 1]).integers(), Some(vec![256]));
        assert_eq!(array("<i4", 4, &[254, 255, 255, 255]).integers(), Some(vec![-2]));
        assert_eq!(array("<u8", 8, &[255; 8]).integers(), None);
        assert_eq!(array("<i8", 8, &[255; 8]).integers(), Some(vec![-1]));
        assert_eq!(array("<f4", 4, &[0; 4]).integers(), None);
        assert_eq!(array(">i4", 4, &[0, 0, 0, 1]).integers(), None);
    }
}
