//! The distinct texts of a column, each with a small number.

/// The code of a cell that holds nothing.
pub(crate) const NOTHING: u16 = u16::MAX;

/// More different texts than labels or groups have; a column beyond that is not read on.
pub(crate) const MOST: usize = 10_000;

/// Texts in the order in which they were first seen; the code of a text is its place.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    texts: Vec<String>,
    /// Open addressing: code + 1 at the hash or the next free place after it, 0 for free.
    slots: Vec<u16>,
}

impl Levels {
    /// The code of a text; [`NOTHING`] for the empty one, `None` when there are too many.
    pub(crate) fn code(&mut self, text: &str) -> Option<u16> {
        if text.is_empty() {
            return Some(NOTHING);
        }
        if self.slots.len() < 2 * (self.texts.len() + 1) {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = index(hash(text.as_bytes()), mask);
        while self.slots[at] > 0 {
            let code = self.slots[at] - 1;
            if self.texts[place(code)] == text {
                return Some(code);
            }
            at = (at + 1) & mask;
        }
        if self.texts.len() == MOST {
            return None;
        }
        let code = code(self.texts.len());
        self.slots[at] = code + 1;
        self.texts.push(text.to_owned());
        Some(code)
    }

    /// The texts, `(levels,)`.
    pub(crate) fn into_texts(self) -> Vec<String> {
        self.texts
    }

    fn grow(&mut self) {
        let size = (2 * self.slots.len()).max(64);
        let mask = size - 1;
        self.slots = vec![0; size];
        for (i, text) in self.texts.iter().enumerate() {
            let mut at = index(hash(text.as_bytes()), mask);
            while self.slots[at] > 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = code(i) + 1;
        }
    }
}

/// Codes of the raw cells that came last, so that a frequent cell costs one comparison.
#[derive(Debug)]
pub(crate) struct Recent {
    slots: Vec<([u64; 2], Option<u16>)>,
}

impl Recent {
    /// Remembers nothing yet.
    pub(crate) fn new() -> Self {
        Self { slots: vec![([0; 2], None); 256] }
    }

    /// The remembered code of a raw cell, or what `look_up` says, which must depend on `raw` only.
    #[inline]
    pub(crate) fn code(
        &mut self,
        raw: [u64; 2],
        look_up: impl FnOnce() -> Option<u16>,
    ) -> Option<u16> {
        let at = index(mix(raw[0] ^ raw[1].rotate_left(32)), self.slots.len() - 1);
        match self.slots[at] {
            (same, Some(code)) if same == raw => Some(code),
            _ => {
                let code = look_up()?;
                self.slots[at] = (raw, Some(code));
                Some(code)
            }
        }
    }
}

/// A code as an index.
pub(crate) fn place(code: u16) -> usize {
    usize::from(code)
}

fn code(place: usize) -> u16 {
    u16::try_from(place).unwrap_or_else(|_| unreachable!("there are at most {MOST} levels"))
}

fn index(hash: u64, mask: usize) -> usize {
    usize::try_from(hash >> 40).unwrap_or_else(|_| unreachable!("24 bits fit usize")) & mask
}

fn mix(word: u64) -> u64 {
    word.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Multiplicative, over words of eight bytes; good enough for names, and the same everywhere.
fn hash(bytes: &[u8]) -> u64 {
    let word = |chunk: &[u8]| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    };
    let step = |hash: u64, chunk: &[u8]| mix(hash.rotate_left(23) ^ word(chunk));
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    mix(bytes.chunks(8).fold(length, step).rotate_left(32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_code_however_many_follow() {
        let mut levels = Levels::default();
        for i in 0..MOST {
            assert_eq!(levels.code(&format!("level {i}")), Some(code(i)));
        }
        assert_eq!(levels.code("level 0"), Some(0));
        assert_eq!(levels.code("level 9999"), Some(9999));
        assert_eq!(levels.code(""), Some(NOTHING));
        assert_eq!(levels.code("one more"), None);
        assert_eq!(levels.into_texts()[7], "level 7");
    }

    #[test]
    fn what_was_forgotten_is_looked_up_again() {
        let (mut recent, mut levels) = (Recent::new(), Levels::default());
        for _ in 0..2 {
            for i in 0..5000_u64 {
                let found = recent.code([i, 0], || levels.code(&i.to_string()));
                assert_eq!(found.map(u64::from), Some(i));
            }
        }
        assert_eq!(recent.code([4999, 0], || None), Some(4999));
        assert_eq!(recent.code([4999, 1], || None), None);
    }
}
