//! Cells as numbers: rows are grouped by hashing codes, never by joining strings.

/// A number without a meaning: an empty slot.
const FREE: u32 = u32::MAX;

/// Numbers keys in the order in which they first appear, so that nothing depends on the hash.
struct Numbering<K> {
    /// Open addressing with linear probing; the length is a power of two.
    slots: Vec<u32>,
    keys: Vec<K>,
}

impl<K: PartialEq + Copy> Numbering<K> {
    fn new() -> Self {
        Self { slots: vec![FREE; 64], keys: Vec::new() }
    }

    fn number(&mut self, key: K, hash: impl Fn(K) -> u64) -> u32 {
        if self.keys.len() * 2 >= self.slots.len() {
            self.grow(&hash);
        }
        let mut at = self.slot(hash(key));
        loop {
            let found = self.slots[at];
            if found == FREE {
                let next = narrow(self.keys.len());
                self.slots[at] = next;
                self.keys.push(key);
                return next;
            }
            if self.keys[wide(found)] == key {
                return found;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn slot(&self, hash: u64) -> usize {
        // The upper bits of a product depend on all bits of the key.
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        wide(u32::try_from(mixed).unwrap_or(0)) & (self.slots.len() - 1)
    }

    fn grow(&mut self, hash: impl Fn(K) -> u64) {
        self.slots = vec![FREE; self.slots.len() * 4];
        for (i, key) in self.keys.iter().enumerate() {
            let mut at = self.slot(hash(*key));
            while self.slots[at] != FREE {
                at = (at + 1) & (self.slots.len() - 1);
            }
            self.slots[at] = narrow(i);
        }
    }
}

/// A code as an index.
pub(super) fn wide(code: u32) -> usize {
    usize::try_from(code).unwrap_or_else(|_| unreachable!("u32 fits usize on our targets"))
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or_else(|_| unreachable!("tables have fewer than 2^32 rows"))
}

/// A count of rows.
pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// A column as codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coded<'a> {
    /// The code of each row, `(n,)`.
    pub(super) of: Vec<u32>,
    /// The text of each code; empty for missing cells, which are a value like any other.
    pub(super) levels: Vec<&'a str>,
    /// Missing cells.
    pub(super) missing: u64,
}

/// FNV-1a.
fn hash_text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, byte| {
        (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Encodes the cells; blanks around a value do not count, and a blank cell is missing.
pub(super) fn encode<'a>(cells: impl Iterator<Item = &'a Option<String>>) -> Coded<'a> {
    let mut numbering = Numbering::new();
    let mut missing = 0;
    let mut code = |cell: &'a Option<String>| {
        let text = cell.as_deref().map_or("", str::trim);
        missing += u64::from(text.is_empty());
        numbering.number(text, hash_text)
    };
    let of = cells.map(&mut code).collect();
    Coded { of, levels: numbering.keys, missing }
}

/// The rows grouped by two codes at once: the group of each row, and the pair of each group.
pub(super) fn cross(left: &[u32], right: &[u32]) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut numbering = Numbering::new();
    let hash = |(a, b): (u32, u32)| (u64::from(a) << 32) | u64::from(b);
    let of = left.iter().zip(right).map(|(a, b)| numbering.number((*a, *b), hash)).collect();
    (of, numbering.keys)
}

/// How many rows have each code.
pub(super) fn tally(of: &[u32], codes: usize) -> Vec<u64> {
    let mut counts = vec![0; codes];
    for code in of {
        counts[wide(*code)] += 1;
    }
    counts
}

/// Equivalence classes: rows with the same values in all quasi-identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Classes {
    /// The class of each row, `(n,)`.
    pub(super) of: Vec<u32>,
    /// Rows of each class.
    pub(super) sizes: Vec<u64>,
}

/// Groups the rows by all columns; there is at least one.
pub(super) fn classes(columns: &[Coded<'_>]) -> Classes {
    let mut of = columns.first().map_or_else(Vec::new, |column| column.of.clone());
    let mut n = columns.first().map_or(0, |column| column.levels.len());
    for column in columns.iter().skip(1) {
        let (crossed, pairs) = cross(&of, &column.of);
        (of, n) = (crossed, pairs.len());
    }
    let sizes = tally(&of, n);
    Classes { of, sizes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;
    use std::collections::BTreeMap;

    fn cells(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|t| (!t.is_empty()).then(|| (*t).to_owned())).collect()
    }

    #[test]
    fn a_blank_cell_is_a_value_of_its_own() {
        let column = cells(&["a", " a ", "", "b", "  "]);
        let coded = encode(column.iter());
        assert_eq!((coded.of, coded.levels), (vec![0, 0, 1, 2, 1], vec!["a", "", "b"]));
        assert_eq!(coded.missing, 2);
    }

    #[test]
    fn many_columns_group_as_their_tuples_do() {
        let mut draw = Seed::new(1).stream();
        let mut column = |levels: usize| -> Vec<Option<String>> {
            (0..5000).map(|_| Some(draw.below(levels).to_string())).collect()
        };
        let columns = [column(40), column(3), column(900)];
        let coded: Vec<Coded<'_>> = columns.iter().map(|c| encode(c.iter())).collect();
        let found = classes(&coded);
        let mut expected: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
        for i in 0..5000 {
            let tuple = columns.iter().map(|c| c[i].as_deref().unwrap()).collect();
            *expected.entry(tuple).or_default() += 1;
        }
        let sorted = |mut sizes: Vec<u64>| {
            sizes.sort_unstable();
            sizes
        };
        assert_eq!(sorted(found.sizes.clone()), sorted(expected.into_values().collect()));
        assert_eq!(found.sizes.iter().sum::<u64>(), 5000);
        assert_eq!(tally(&found.of, found.sizes.len()), found.sizes);
    }
}
