//! One digest over what was audited, so that a record names its rows.
//!
//! SHA-256 over, in this order and each preceded by its length as 64-bit little-endian: class
//! names, positive class, then for each row its id, split, true class, subject and group levels,
//! then the pictures' shape and the SHA-256 of each picture's bytes, or for each row the predicted
//! class, score, logits and weight as IEEE 754 bits. Where the rows came from does not enter.

use crate::domain::{Examples, Images, Predictions};
use sha2::{Digest, Sha256};

struct Hash(Sha256);

impl Hash {
    fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.0.update(bytes);
    }

    fn length(&mut self, length: usize) {
        let length = u64::try_from(length).unwrap_or_else(|_| unreachable!("usize fits u64"));
        self.0.update(length.to_le_bytes());
    }

    fn examples(&mut self, examples: &Examples) {
        self.length(examples.classes.len());
        examples.classes.iter().for_each(|c| self.bytes(c.as_bytes()));
        self.0.update(examples.positive.to_le_bytes());
        self.length(examples.len());
        for i in 0..examples.len() {
            self.bytes(examples.id[i].as_bytes());
            self.bytes(examples.split[i].name().as_bytes());
            self.0.update(examples.y_true[i].to_le_bytes());
            let subject = examples.subject.as_ref().map_or("", |s| s[i].as_str());
            self.bytes(subject.as_bytes());
            for groups in &examples.groups {
                self.bytes(groups.label(groups.at(i)).as_bytes());
            }
        }
    }

    fn hex(self) -> String {
        let hex = |b: &u8| format!("{b:02x}");
        self.0.finalize().iter().map(hex).collect()
    }
}

/// Digest of rows with pictures, lowercase hexadecimal.
pub(crate) fn images(examples: &Examples, images: &Images) -> String {
    let mut hash = Hash(Sha256::new());
    hash.examples(examples);
    images.shape().into_iter().for_each(|side| hash.length(side));
    images.digests().iter().for_each(|digest| hash.bytes(digest));
    hash.hex()
}

/// Digest of rows with predictions, lowercase hexadecimal.
pub(crate) fn predictions(p: &Predictions) -> String {
    let mut hash = Hash(Sha256::new());
    hash.examples(&p.examples);
    for i in 0..p.examples.len() {
        hash.0.update(p.y_pred[i].to_le_bytes());
        let score = p.score.iter().map(|s| s[i]);
        let logits = p.logits.iter().flat_map(|l| l.row(i).iter().copied());
        let weight = p.weight.iter().map(|w| w[i]);
        score.chain(logits).chain(weight).for_each(|v| hash.0.update(v.to_bits().to_le_bytes()));
    }
    hash.hex()
}
