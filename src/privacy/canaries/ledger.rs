//! Who was planted and who was held out: drawn once, committed to by a digest, revealed afterwards.

use crate::domain::{ClassId, Members, PictureDigest, Seed, digest_hex};
use std::fmt::Write;

/// A record that may have been planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canary {
    /// What its coin said: whether the training had it.
    pub inserted: bool,
    /// The class that it was given.
    pub label: ClassId,
    /// SHA-256 of its picture's bytes, `(height, width, channels)`.
    pub picture: PictureDigest,
}

/// All canaries of a training and the nonce that keeps their commitment from being guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    kind: String,
    nonce: String,
    canaries: Vec<Canary>,
}

impl Ledger {
    /// Flips a fair coin for each record, given as its class and picture, and draws the nonce.
    #[must_use]
    pub fn flipped(kind: &str, records: &[(ClassId, PictureDigest)], seed: Seed) -> Self {
        let mut coins = seed.child("flips").stream();
        let canary = |&(label, picture): &(ClassId, PictureDigest)| {
            let inserted = coins.flip(0.5);
            Canary { inserted, label, picture }
        };
        let canaries = records.iter().map(canary).collect();
        let mut nonce = seed.child("nonce").stream();
        let nonce = (0..4).map(|_| format!("{:016x}", nonce.bits())).collect();
        Self { kind: kind.to_owned(), nonce, canaries }
    }

    /// The canaries, in their order.
    #[must_use]
    pub fn canaries(&self) -> &[Canary] {
        &self.canaries
    }

    /// What kind of records they are.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// 256 bits as hexadecimal digits.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The coins in order: `1` for a canary that the training had, `0` for one that was held out.
    #[must_use]
    pub fn flips(&self) -> String {
        self.canaries.iter().map(|canary| if canary.inserted { '1' } else { '0' }).collect()
    }

    /// What was committed to. UTF-8, each line ended by a line feed: `audit-canaries 1`, `kind KIND`,
    /// `nonce NONCE`, `canary,inserted,label,picture`, then for each canary its number from 0, `1` or `0`,
    /// its class as an index from 0 and the SHA-256 of its picture.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let Self { kind, nonce, .. } = self;
        let mut text = format!(
            "audit-canaries 1\nkind {kind}\nnonce {nonce}\ncanary,inserted,label,picture\n"
        );
        for (i, canary) in self.canaries.iter().enumerate() {
            let picture: String = canary.picture.iter().map(|b| format!("{b:02x}")).collect();
            let (inserted, label) = (u8::from(canary.inserted), canary.label);
            let written = writeln!(text, "{i},{inserted},{label},{picture}");
            written.unwrap_or_else(|_| unreachable!("a string takes all text"));
        }
        text.into_bytes()
    }

    /// The SHA-256 of [`Self::bytes`], which is published before the training starts.
    #[must_use]
    pub fn commitment(&self) -> String {
        digest_hex(&self.bytes())
    }

    /// Values of all canaries, those that were planted apart from those that were held out.
    #[must_use]
    pub fn split(&self, values: &[f64]) -> Members<Vec<f64>> {
        let part = |wanted: bool| {
            let of = self.canaries.iter().zip(values).filter(|(c, _)| c.inserted == wanted);
            of.map(|(_, value)| *value).collect()
        };
        Members { seen: part(true), unseen: part(false) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(n: u32, seed: u64) -> Ledger {
        let records: Vec<(ClassId, PictureDigest)> = (0..n).map(|i| (i % 3, [7; 32])).collect();
        Ledger::flipped("noise", &records, Seed::new(seed))
    }

    #[test]
    fn the_committed_bytes_are_the_documented_ones() {
        let ledger = ledger(2, 1);
        let flips = ledger.flips();
        let seven = "07".repeat(32);
        let expected = format!(
            "audit-canaries 1\nkind noise\nnonce {}\ncanary,inserted,label,picture\n0,{},0,{seven}\n1,{},1,{seven}\n",
            ledger.nonce(),
            &flips[..1],
            &flips[1..]
        );
        assert_eq!(String::from_utf8(ledger.bytes()).unwrap(), expected);
        assert_eq!(ledger.commitment(), digest_hex(expected.as_bytes()));
        assert_eq!(ledger.nonce().len(), 64);
    }

    #[test]
    fn coins_are_fair_and_more_canaries_change_no_earlier_coin() {
        let all = ledger(10_000, 2);
        let inside = all.canaries().iter().filter(|c| c.inserted).count();
        assert!((4_850..5_150).contains(&inside), "{inside}");
        assert!(all.flips().starts_with(&ledger(50, 2).flips()));
        assert_ne!(all.flips(), ledger(10_000, 3).flips());
        assert_ne!(ledger(50, 2).nonce(), ledger(50, 3).nonce());
    }

    #[test]
    fn values_are_told_apart_by_the_coins() {
        let ledger = ledger(40, 4);
        let values: Vec<f64> =
            ledger.canaries().iter().map(|c| f64::from(u8::from(c.inserted))).collect();
        let Members { seen, unseen } = ledger.split(&values);
        assert_eq!(seen.len() + unseen.len(), 40);
        assert!(seen.iter().all(|v| *v > 0.5) && unseen.iter().all(|v| *v < 0.5));
    }
}
