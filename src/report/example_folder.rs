//! The example as a folder, for eyes and for the browser checks.

use super::example::{assessment, hostile};
use super::{Options, render};

/// Writes the examples as report folders, to look at them: `AUDIT_EXAMPLE=FOLDER cargo test example`;
/// `AUDIT_RECORD=assessment.json` adds a record of a run.
#[test]
fn the_example_can_be_looked_at() {
    let Some(folder) = std::env::var_os("AUDIT_EXAMPLE").map(std::path::PathBuf::from) else {
        return;
    };
    let all = Options { formats: Vec::new(), languages: vec!["en".to_owned(), "zh".to_owned()] };
    let mut records = vec![("example", assessment()), ("hostile", hostile())];
    if let Some(path) = std::env::var_os("AUDIT_RECORD") {
        records.push(("record", serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()));
    }
    for (name, a) in records {
        for artifact in render(&a, &all).unwrap() {
            let path = folder.join(name).join(artifact.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, artifact.bytes).unwrap();
        }
    }
}
