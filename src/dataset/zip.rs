//! The members of a zip archive that lies in memory: stored or deflated, as numpy writes them.

use super::packed_files::PackedProblem;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::io::Read;

/// Ends the archive; 22 bytes and a comment of at most 65,535.
const END: [u8; 4] = *b"PK\x05\x06";
/// Begins an entry of the directory.
const ENTRY: [u8; 4] = *b"PK\x01\x02";
/// Begins a member.
const MEMBER: [u8; 4] = *b"PK\x03\x04";

/// A file in an archive.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    /// Its name.
    pub(crate) name: String,
    packed: &'a [u8],
    /// 0 stored, 8 deflated.
    method: usize,
    crc: u32,
    size: usize,
}

/// The members in the order of the directory.
///
/// # Errors
/// When the bytes are no archive, or one that is cut off, encrypted or larger than 4 GiB.
pub(crate) fn members(bytes: &[u8]) -> Result<Vec<Member<'_>>, PackedProblem> {
    if bytes.is_empty() {
        return Err(PackedProblem::Empty);
    }
    let last = bytes.len().saturating_sub(22 + 65_535);
    let end = (last..bytes.len()).rev().find(|&at| bytes[at..].starts_with(&END));
    let end = end.ok_or_else(|| damaged("it has no directory of a zip archive"))?;
    part(bytes, end, 22)?;
    let (count, mut at) = (number(bytes, end + 10, 2)?, number(bytes, end + 16, 4)?);
    if count == 0xffff || at == 0xffff_ffff {
        return Err(damaged("it is a zip archive of more than 4 GiB or 65,534 members"));
    }
    let mut members = Vec::new();
    for _ in 0..count {
        let (member, next) = entry(bytes, at)?;
        members.push(member);
        at = next;
    }
    Ok(members)
}

/// The member of one entry of the directory, and where the next entry begins.
fn entry(bytes: &[u8], at: usize) -> Result<(Member<'_>, usize), PackedProblem> {
    if part(bytes, at, 4)? != ENTRY {
        return Err(damaged("its directory is broken"));
    }
    if number(bytes, at + 8, 2)? % 2 == 1 {
        return Err(damaged("it is encrypted"));
    }
    let name = part(bytes, at + 46, number(bytes, at + 28, 2)?)?;
    let length = name.len() + number(bytes, at + 30, 2)? + number(bytes, at + 32, 2)?;
    let local = number(bytes, at + 42, 4)?;
    if part(bytes, local, 4)? != MEMBER {
        return Err(damaged("its directory points nowhere"));
    }
    let names = number(bytes, local + 26, 2)? + number(bytes, local + 28, 2)?;
    let member = Member {
        name: String::from_utf8_lossy(name).into_owned(),
        packed: part(bytes, local + 30 + names, number(bytes, at + 20, 4)?)?,
        method: number(bytes, at + 10, 2)?,
        crc: u32::try_from(number(bytes, at + 16, 4)?).unwrap_or(u32::MAX),
        size: number(bytes, at + 24, 4)?,
    };
    Ok((member, at + 46 + length))
}

impl Member<'_> {
    /// Its bytes, unpacked and compared with their checksum.
    ///
    /// # Errors
    /// When they are damaged, or packed in a way that numpy does not use.
    pub(crate) fn unpack(&self) -> Result<Vec<u8>, PackedProblem> {
        let mut bytes = Vec::new();
        match self.method {
            0 => bytes.extend_from_slice(self.packed),
            8 => {
                // One byte more than announced shows that there are too many.
                let most = u64::try_from(self.size).map_or(u64::MAX, |size| size.saturating_add(1));
                let read = DeflateDecoder::new(self.packed).take(most).read_to_end(&mut bytes);
                read.map_err(|e| damaged(&format!("`{}`: {e}", self.name)))?;
            }
            other => return Err(damaged(&format!("`{}` uses method {other}", self.name))),
        }
        let mut crc = Crc::new();
        crc.update(&bytes);
        if bytes.len() == self.size && crc.sum() == self.crc {
            return Ok(bytes);
        }
        Err(damaged(&format!(
            "`{}` does not have the length and checksum that it announces",
            self.name
        )))
    }
}

fn part(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], PackedProblem> {
    let end = at.checked_add(length);
    let found = end.and_then(|end| bytes.get(at..end));
    found.ok_or_else(|| damaged("it is cut off"))
}

/// A little-endian number of 2 or 4 bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Result<usize, PackedProblem> {
    let bytes = part(bytes, at, length)?;
    Ok(bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}

fn damaged(because: &str) -> PackedProblem {
    PackedProblem::Damaged { because: because.to_owned() }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use std::io::Write;

    /// An archive of these files; every second one is deflated.
    pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for (i, (name, content)) in files.iter().enumerate() {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(content).unwrap();
            let deflated = encoder.finish().unwrap();
            let (method, packed) = if i % 2 == 1 { (8_u16, &deflated[..]) } else { (0, *content) };
            let mut crc = Crc::new();
            crc.update(content);
            let size = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
            let mut facts = [20_u16, 0, method, 0, 0].map(u16::to_le_bytes).concat();
            facts.extend(
                [crc.sum().to_le_bytes(), size(packed.len()), size(content.len())].concat(),
            );
            facts.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            facts.extend([0, 0]);
            let start = size(bytes.len());
            bytes.extend([&MEMBER[..], &facts, name.as_bytes(), packed].concat());
            let rest = [&[0; 10][..], &start, name.as_bytes()].concat();
            directory.extend([&ENTRY[..], &[20, 0], &facts, &rest].concat());
        }
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let count = u16::try_from(files.len()).unwrap().to_le_bytes();
        let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
        bytes.extend(directory);
        bytes.extend([&END[..], &[0; 4], &count, &count, &size, &at, &[0, 0]].concat());
        bytes
    }

    #[test]
    fn stored_and_deflated_members_are_read_in_order() {
        let long = [7; 1000];
        let bytes = archive(&[("a", b"first"), ("b", &long), ("c", b"")]);
        let members = members(&bytes).unwrap();
        let names: Vec<&str> = members.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        let contents: Vec<_> = members.iter().map(|m| m.unpack().unwrap()).collect();
        assert_eq!(contents, [b"first".to_vec(), long.to_vec(), Vec::new()]);
    }

    #[test]
    fn damage_is_an_error_wherever_it_is() {
        let good = archive(&[("a", b"first"), ("b", &[7; 100])]);
        let whole = |bytes: &[u8]| -> Result<(), PackedProblem> {
            members(bytes)?.iter().try_for_each(|member| member.unpack().map(drop))
        };
        assert_eq!(whole(&good), Ok(()));
        assert_eq!(whole(b""), Err(PackedProblem::Empty));
        for cut in 1..good.len() {
            assert!(whole(&good[..cut]).is_err(), "cut at {cut}");
            assert!(whole(&good[cut..]).is_err(), "begun at {cut}");
        }
        let mut flipped = good;
        flipped[31] ^= 1;
        let error = whole(&flipped).unwrap_err().to_string();
        assert!(error.contains("`a` does not have the length and checksum"), "{error}");
    }
}
