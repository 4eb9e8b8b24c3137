//! The table library trusts what a file says of itself, and panics where a damaged one lies. Here that is an
//! error like any other.

use super::error::DatasetError;
use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `read` finds; its panic is the error that the file is damaged.
pub(super) fn guarded<T>(
    path: &Path,
    read: impl FnOnce() -> Result<T, DatasetError>,
) -> Result<T, DatasetError> {
    let outer = GUARDED.replace(true);
    // Whatever `read` had begun is dropped with its panic.
    let ended = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(outer);
    ended.unwrap_or_else(|panic| {
        let because = format!(
            "it is damaged, or its reader has a fault ({}); write the file again",
            said(panic.as_ref())
        );
        Err(DatasetError::NotATable { file: path.to_owned(), because })
    })
}

/// Keeps off the standard error what becomes an error of a table; every other panic is told as before. For
/// a program to call once, at its start.
pub fn silence_guarded_panics() {
    let before = take_hook();
    set_hook(Box::new(move |panic| {
        if !GUARDED.get() {
            before(panic);
        }
    }));
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_names_the_file() {
        let fails = |message: &'static str| {
            let ended: Result<(), _> = guarded(Path::new("t.parquet"), || panic!("{message}"));
            ended.unwrap_err().to_string()
        };
        let message = fails("no such page\nsecond line");
        assert!(message.contains("t.parquet") && message.contains("(no such page)"), "{message}");
        assert!(!GUARDED.get());
        let inner = guarded(Path::new("outer"), || {
            let inner: Result<(), _> = guarded(Path::new("inner"), || panic!("{}", 1));
            assert!(GUARDED.get());
            inner
        });
        assert!(inner.unwrap_err().to_string().contains("inner"));
        assert_eq!(guarded(Path::new("t"), || Ok(7)).unwrap(), 7);
    }
}
