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
