//! A column of texts as small numbers.

use super::table_levels::{NOTHING, place};
use rayon::prelude::*;

/// Rows that one task goes through.
const CHUNK: usize = 1 << 16;

/// A column of texts, read in parts that number their texts on their own. What a text stands for
/// is looked up in the codes of each part, once per row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Coded {
    /// The texts that occur, sorted.
    pub(crate) levels: Vec<String>,
    /// The code of each row within its part, or [`NOTHING`], `(n,)`.
    of: Vec<u16>,
    /// Consecutive rows: how many, and the place in `levels` of each of their codes.
    parts: Vec<(usize, Vec<usize>)>,
}

impl Coded {
    /// Codes of consecutive parts: the texts that they stand for in each part, and its rows.
    pub(crate) fn new(of: Vec<u16>, texts: &[Vec<String>], lengths: &[usize]) -> Self {
        let mut levels: Vec<String> = texts.iter().flatten().cloned().collect();
        levels.sort_unstable();
        levels.dedup();
        let at = |text: &String| {
            let at = levels.binary_search(text);
            at.unwrap_or_else(|_| unreachable!("the levels are the union of all texts"))
        };
        let parts = lengths.iter().zip(texts);
        let parts = parts.map(|(rows, texts)| (*rows, texts.iter().map(at).collect())).collect();
        Self { levels, of, parts }
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.of.len()
    }

    /// What the level of each row stands for, `(n,)`; `nothing` for a cell without text.
    pub(crate) fn each<T>(&self, of_level: &[T], nothing: T) -> Vec<T>
    where
        T: Copy + Send + Sync,
    {
        let mut values = vec![nothing; self.len()];
        let (mut rest, mut codes) = (&mut values[..], &self.of[..]);
        let mut tasks = Vec::new();
        for (rows, levels) in &self.parts {
            let of_code: Vec<T> = levels.iter().map(|level| of_level[*level]).collect();
            let (now, later) = rest.split_at_mut(*rows);
            tasks.push((now, &codes[..*rows], of_code));
            (rest, codes) = (later, &codes[*rows..]);
        }
        tasks.into_par_iter().for_each(|(values, codes, of_code)| {
            let stands_for = looked_up(&of_code, nothing);
            let chunks = values.par_chunks_mut(CHUNK).zip(codes.par_chunks(CHUNK));
            chunks.for_each(|(values, codes)| {
                let cells = values.iter_mut().zip(codes);
                cells.for_each(|(value, code)| *value = stands_for(*code));
            });
        });
        values
    }

    /// The same for numbers that take the place of the codes, so that no memory is needed for them.
    pub(crate) fn renumbered(mut self, of_level: &[u16], nothing: u16) -> Vec<u16> {
        let mut rest = &mut self.of[..];
        for (rows, levels) in &self.parts {
            let of_code: Vec<u16> = levels.iter().map(|level| of_level[*level]).collect();
            let stands_for = looked_up(&of_code, nothing);
            let (now, later) = rest.split_at_mut(*rows);
            now.par_chunks_mut(CHUNK)
                .for_each(|codes| codes.iter_mut().for_each(|code| *code = stands_for(*code)));
            rest = later;
        }
        self.of
    }

    /// The first row whose level, or its having none, is `wanted`.
    pub(crate) fn first(&self, wanted: impl Fn(Option<usize>) -> bool) -> Option<usize> {
        let mut start = 0;
        for (rows, levels) in &self.parts {
            let codes = &self.of[start..start + rows];
            let known = levels.iter().any(|level| wanted(Some(*level)));
            if known || wanted(None) && holds(codes, NOTHING) {
                let is = |code: &u16| wanted(levels.get(place(*code)).copied());
                if let Some(at) = codes.iter().position(is) {
                    return Some(start + at);
                }
            }
            start += rows;
        }
        None
    }
}

/// What each code stands for; few codes are looked up by their low byte, which is always in a table.
fn looked_up<T: Copy>(of_code: &[T], nothing: T) -> impl Fn(u16) -> T {
    let few = of_code.len() < 256;
    let mut table = [nothing; 256];
    table[..of_code.len().min(256)].copy_from_slice(&of_code[..of_code.len().min(256)]);
    move |code| {
        if few {
            table[usize::from(code.to_le_bytes()[0])]
        } else {
            of_code.get(place(code)).copied().unwrap_or(nothing)
        }
    }
}

/// Whether a code is among others: counted, and not searched with an early end, because then a chunk
/// is looked through in vector steps.
fn holds(codes: &[u16], code: u16) -> bool {
    codes.par_chunks(CHUNK).any(|chunk| chunk.iter().filter(|c| **c == code).count() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded() -> Coded {
        let texts = [vec!["b".to_owned(), "a".to_owned()], vec![], vec!["c".to_owned()]];
        Coded::new(vec![0, 1, 0, NOTHING, 0, 0], &texts, &[3, 1, 2])
    }

    #[test]
    fn parts_have_codes_of_their_own() {
        assert_eq!(coded().levels, ["a", "b", "c"]);
        assert_eq!(coded().each(&['A', 'B', 'C'], '-'), ['B', 'A', 'B', '-', 'C', 'C']);
        assert_eq!(coded().renumbered(&[9, 8, 7], 0), [8, 9, 8, 0, 7, 7]);
        assert_eq!(coded().len(), 6);
        assert!(Coded::default().each(&[0], 1).is_empty());
    }

    #[test]
    fn few_codes_and_many() {
        for n in [255_u16, 256, 300] {
            let texts: Vec<String> = (0..n).map(|at| format!("{at:03}")).collect();
            let codes = (0..n).chain([NOTHING]).collect();
            let coded = Coded::new(codes, &[texts], &[usize::from(n) + 1]);
            let numbers: Vec<u16> = (0..n).collect();
            let expected: Vec<u16> = (0..n).chain([7777]).collect();
            assert_eq!(coded.each(&numbers, 7777), expected);
            assert_eq!(coded.renumbered(&numbers, 7777), expected);
        }
    }

    #[test]
    fn the_first_row_of_a_level_is_found() {
        let first = |wanted: Option<usize>| coded().first(|level| level == wanted);
        assert_eq!(
            [Some(0), Some(1), Some(2), None, Some(3)].map(first),
            [Some(1), Some(0), Some(4), Some(3), None]
        );
        assert_eq!(coded().first(|level| level != Some(1)), Some(1));
    }
}
