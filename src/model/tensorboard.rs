//! The course of training as an event file of `TensorBoard`.
//!
//! A file is a row of `TFRecords`, each a length and its checksum, bytes and their checksum; the bytes
//! are `Event` messages of protocol buffers. Only the three fields that scalars need are written:
//! `step`, `file_version` and `summary`. Events carry no time, since the same training must give
//! the same bytes: read the charts by step, which is the epoch.

use crate::domain::EpochRecord;

/// The name under which `TensorBoard` finds the file in a folder.
pub const TENSORBOARD_FILE: &str = "tensorboard/events.out.tfevents.0.audit";

/// Polynomial of CRC-32C (Castagnoli), lowest bit first.
const CASTAGNOLI: u32 = 0x82f6_3b78;
/// What a `TFRecord` adds to a turned checksum.
const MASK: u32 = 0xa282_ead8;

/// Kinds of a field on the wire.
const VARINT: u8 = 0;
const BYTES: u8 = 2;
const FIXED32: u8 = 5;

/// The records of all epochs as an event file.
#[must_use]
pub fn tensorboard(history: &[EpochRecord]) -> Vec<u8> {
    let mut version = Vec::new();
    field_bytes(&mut version, 3, b"brain.Event:2");
    let mut file = Vec::new();
    record(&mut file, &version);
    for epoch in history {
        record(&mut file, &event(epoch));
    }
    file
}

/// One epoch's scalars as an `Event`.
fn event(epoch: &EpochRecord) -> Vec<u8> {
    let scalars = [
        ("loss/train", Some(epoch.train_loss)),
        ("loss/validation", epoch.validation_loss),
        ("accuracy/train", Some(epoch.train_accuracy)),
        ("accuracy/validation", epoch.validation_accuracy),
        ("learning_rate", Some(epoch.learning_rate)),
        ("gradient_norm", epoch.gradient_norm),
    ];
    let mut summary = Vec::new();
    for (tag, value) in scalars.into_iter().filter_map(|(tag, value)| Some((tag, value?))) {
        let mut scalar = Vec::new();
        field_bytes(&mut scalar, 1, tag.as_bytes());
        key(&mut scalar, 2, FIXED32);
        scalar.extend(super::network::narrow(value).to_le_bytes());
        field_bytes(&mut summary, 1, &scalar);
    }
    let mut event = Vec::new();
    key(&mut event, 2, VARINT);
    varint(&mut event, epoch.epoch);
    field_bytes(&mut event, 5, &summary);
    event
}

fn record(file: &mut Vec<u8>, bytes: &[u8]) {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes();
    file.extend(length);
    file.extend(masked(&length).to_le_bytes());
    file.extend(bytes);
    file.extend(masked(bytes).to_le_bytes());
}

fn key(to: &mut Vec<u8>, number: u8, kind: u8) {
    to.push(number << 3 | kind);
}

fn field_bytes(to: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    key(to, number, BYTES);
    varint(to, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    to.extend(bytes);
}

/// Seven bits a byte, lowest first; the highest bit says that more follow.
fn varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        let [low, ..] = number.to_le_bytes();
        to.push(low | 0x80);
        number >>= 7;
    }
    let [low, ..] = number.to_le_bytes();
    to.push(low);
}

fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(MASK)
}

fn crc32c(bytes: &[u8]) -> u32 {
    let turn = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ CASTAGNOLI } else { crc >> 1 };
    let byte = |crc: u32, &byte: &u8| (0..8).fold(crc ^ u32::from(byte), turn);
    !bytes.iter().fold(u32::MAX, byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_rfc_3720() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    }

    fn take<'a>(bytes: &mut &'a [u8], n: usize) -> &'a [u8] {
        let (head, tail) = bytes.split_at(n);
        *bytes = tail;
        head
    }

    /// The records of a file, every checksum verified.
    fn records(mut file: &[u8]) -> Vec<&[u8]> {
        let mut found = Vec::new();
        while !file.is_empty() {
            let length = take(&mut file, 8);
            assert_eq!(take(&mut file, 4), masked(length).to_le_bytes());
            let n = usize::try_from(u64::from_le_bytes(length.try_into().unwrap())).unwrap();
            let bytes = take(&mut file, n);
            assert_eq!(take(&mut file, 4), masked(bytes).to_le_bytes());
            found.push(bytes);
        }
        found
    }

    fn read_varint(bytes: &mut &[u8]) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = take(bytes, 1)[0];
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    }

    /// Number and content of each field; a number's content are its bytes.
    fn fields(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let key = take(&mut bytes, 1)[0];
            let content = match key & 7 {
                VARINT => read_varint(&mut bytes).to_le_bytes().to_vec(),
                FIXED32 => take(&mut bytes, 4).to_vec(),
                kind => {
                    assert_eq!(kind, BYTES);
                    let n = usize::try_from(read_varint(&mut bytes)).unwrap();
                    take(&mut bytes, n).to_vec()
                }
            };
            found.push((key >> 3, content));
        }
        found
    }

    fn epoch(epoch: u64, validation_loss: Option<f64>) -> EpochRecord {
        EpochRecord {
            epoch,
            train_loss: 0.5,
            train_accuracy: 0.75,
            validation_loss,
            validation_accuracy: None,
            learning_rate: 0.001,
            gradient_norm: None,
            clipped: None,
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let file = tensorboard(&[epoch(1, Some(0.25)), epoch(300, None)]);
        let records = records(&file);
        assert_eq!(fields(records[0]), [(3, b"brain.Event:2".to_vec())]);
        let scalars = |record: &[u8]| {
            let parts = fields(record);
            assert_eq!((parts.len(), parts[0].0, parts[1].0), (2, 2, 5));
            let step = u64::from_le_bytes(parts[0].1.clone().try_into().unwrap());
            let value = |(number, scalar): (u8, Vec<u8>)| {
                assert_eq!(number, 1);
                let parts = fields(&scalar);
                let tag = String::from_utf8(parts[0].1.clone()).unwrap();
                (tag, f32::from_le_bytes(parts[1].1.clone().try_into().unwrap()))
            };
            (step, fields(&parts[1].1).into_iter().map(value).collect::<Vec<_>>())
        };
        let named = |list: &[(&str, f32)]| {
            list.iter().map(|(tag, value)| ((*tag).to_owned(), *value)).collect::<Vec<_>>()
        };
        let first = [("loss/train", 0.5), ("loss/validation", 0.25), ("accuracy/train", 0.75)];
        assert_eq!(
            scalars(records[1]),
            (1, named(&[&first[..], &[("learning_rate", 0.001)]].concat()))
        );
        let second = [("loss/train", 0.5), ("accuracy/train", 0.75), ("learning_rate", 0.001)];
        assert_eq!(scalars(records[2]), (300, named(&second)));
        assert_eq!(records.len(), 3);
    }
}
