//! The threads that run an engine, and the memory that they reuse.

use super::shard::Arena;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use std::sync::{Mutex, PoisonError};

/// Where jobs run.
#[derive(Debug)]
enum Place {
    /// On the calling thread.
    Here,
    /// On threads of their own.
    Own(ThreadPool),
    /// On the threads that the whole program shares.
    Shared,
}

/// Threads with their memory.
pub(super) struct Threads {
    place: Place,
    arenas: Mutex<Vec<Arena>>,
}

impl Threads {
    /// So many of their own, or those that the program shares.
    pub(super) fn new(threads: Option<usize>) -> Result<Self, ThreadPoolBuildError> {
        let place = match threads {
            None => Place::Shared,
            Some(1) => Place::Here,
            Some(n) => Place::Own(ThreadPoolBuilder::new().num_threads(n).build()?),
        };
        Ok(Self { place, arenas: Mutex::default() })
    }

    /// Does every job; which thread does which changes nothing, since each writes its own.
    pub(super) fn each<J: Send>(&self, jobs: &mut [J], work: impl Fn(&mut J) + Sync + Send) {
        match &self.place {
            Place::Here => jobs.iter_mut().for_each(work),
            Place::Own(pool) => {
                pool.install(|| jobs.par_iter_mut().with_max_len(1).for_each(work));
            }
            Place::Shared => jobs.par_iter_mut().with_max_len(1).for_each(work),
        }
    }

    /// Lends an arena to `work`.
    pub(super) fn with_arena(&self, work: impl FnOnce(&mut Arena)) {
        let free = || self.arenas.lock().unwrap_or_else(PoisonError::into_inner);
        let mut arena = free().pop().unwrap_or_default();
        work(&mut arena);
        free().push(arena);
    }
}
