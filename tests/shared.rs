//! Where the evaluation data lies. It is never copied into the project.

use std::path::PathBuf;

/// A file or folder of the shared data, or `None` after saying that `test` is skipped.
/// Where `CI` is set the data must be there.
pub(crate) fn data(test: &str, relative: &str) -> Option<PathBuf> {
    let root = std::env::var_os("AUDIT_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
        PathBuf::from,
    );
    let path = root.join("data").join(relative);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "no shared data for {test}: {relative}");
    eprintln!("skipped: no shared data ({test})");
    None
}
