//! Which mutant is on: number `MUTANT` of the environment, none without it. With `MUTANT_TRACE` the numbers
//! that were asked for are written to the file of that name at the end of the program.
#![allow(missing_docs, unsafe_code, unreachable_pub, clippy::all)]

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

const UNSET: u32 = u32::MAX;
const TRACED: u32 = u32::MAX - 1;
static ACTIVE: AtomicU32 = AtomicU32::new(UNSET);
static ASKED: [AtomicU8; 1 << 16] = [const { AtomicU8::new(0) }; 1 << 16];

unsafe extern "C" {
    fn atexit(at_end: extern "C" fn()) -> i32;
}

extern "C" fn write() {
    let asked = ASKED.iter().enumerate().filter(|(_, asked)| asked.load(Relaxed) > 0);
    let asked: Vec<String> = asked.map(|(id, _)| id.to_string()).collect();
    if let Ok(file) = std::env::var("MUTANT_TRACE") {
        let _ = std::fs::write(file, asked.join(" "));
    }
}

#[inline]
pub fn on(id: u32) -> bool {
    let active = ACTIVE.load(Relaxed);
    if active < TRACED { active == id } else { first(id) }
}

#[cold]
fn first(id: u32) -> bool {
    if std::env::var("MUTANT_TRACE").is_err() {
        let active = std::env::var("MUTANT").ok().and_then(|id| id.parse().ok()).unwrap_or(0);
        ACTIVE.store(active, Relaxed);
        return active == id;
    }
    if ACTIVE.swap(TRACED, Relaxed) == UNSET {
        // SAFETY: `write` takes nothing and does not unwind.
        unsafe { atexit(write) };
    }
    ASKED[id as usize].store(1, Relaxed);
    false
}

/// Two iterators of one type, for functions that return `impl Iterator`.
#[derive(Clone)]
pub enum Or<A, B> {
    Mutant(A),
    Own(B),
}

impl<T, A: Iterator<Item = T>, B: Iterator<Item = T>> Iterator for Or<A, B> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match self {
            Or::Mutant(a) => a.next(),
            Or::Own(b) => b.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Or::Mutant(a) => a.size_hint(),
            Or::Own(b) => b.size_hint(),
        }
    }
}

impl<T, A, B> DoubleEndedIterator for Or<A, B>
where
    A: DoubleEndedIterator<Item = T>,
    B: DoubleEndedIterator<Item = T>,
{
    fn next_back(&mut self) -> Option<T> {
        match self {
            Or::Mutant(a) => a.next_back(),
            Or::Own(b) => b.next_back(),
        }
    }
}

impl<T, A, B> ExactSizeIterator for Or<A, B>
where
    A: ExactSizeIterator<Item = T>,
    B: ExactSizeIterator<Item = T>,
{
}
