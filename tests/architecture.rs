//! Who may import whom, where heavy crates appear, and how long files may grow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const NOTHING: &[&str] = &[];
const CORE: &[&str] = &["domain"];
const MEASURE: &[&str] = &["domain", "stats"];

/// Module → the modules of ours that it may use. `pipeline` and `cli` may use all.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("domain", NOTHING),
        ("stats", CORE),
        ("config", CORE),
        ("dataset", CORE),
        ("model", &["domain", "dataset"][..]),
        ("fairness", MEASURE),
        ("privacy", MEASURE),
        ("misuse", MEASURE),
        ("risk", &["domain", "stats"]),
        ("gate", &["domain", "stats"]),
        ("report", &["domain", "risk", "gate"]),
    ])
}

/// Heavy crate → the only module where it may appear; `image` decodes there and encodes PNG here.
const HEAVY: [(&str, &str); 14] = [
    ("polars", "dataset"),
    ("polars_parquet", "dataset"),
    ("image", "dataset report"),
    ("candle_core", "model"),
    ("candle_nn", "model"),
    ("gemm", "model"),
    ("pulp", "model"),
    ("plotters", "report"),
    ("askama", "report"),
    ("regorus", "misuse"),
    ("serde_yaml", "config"),
    ("rustfft", "privacy"),
    ("clap", "cli"),
    ("indicatif", "cli"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// `(path below src, text)` of every source file, in order.
fn files() -> Vec<(String, String)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut paths = Vec::new();
    sources(root, &mut paths);
    paths.sort();
    let read = |p: PathBuf| {
        let name = p.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(&p).unwrap())
    };
    paths.into_iter().map(read).collect()
}

fn module(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap()
}

/// Whether the file is compiled for tests only, by its name.
fn for_tests(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/example") || path.contains("/scratch")
}

/// Lines that are code: comments and strings in doc lines do not import anything.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|l| !l.starts_with("//"))
}

/// The module names that follow `crate::` in a line, also inside `crate::{a, b}`.
fn imports(line: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let list = rest.strip_prefix('{').map_or(rest, |r| r.split('}').next().unwrap());
        let several = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
        for item in several {
            let name = item.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next();
            names.extend(name.map(str::to_owned));
        }
    }
    names
}

#[test]
fn each_module_imports_only_what_it_may() {
    let rules = allowed();
    let mut broken = Vec::new();
    for (path, text) in files() {
        let Some(may) = rules.get(module(&path)).filter(|_| !for_tests(&path)) else { continue };
        for name in code(&text).flat_map(imports) {
            let ours = rules.contains_key(name.as_str()) || name == "pipeline" || name == "cli";
            if ours && name != module(&path) && !may.contains(&name.as_str()) {
                broken.push(format!("{path} imports {name}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn heavy_crates_stay_in_their_rooms() {
    let mut broken = Vec::new();
    for (path, text) in files() {
        for (heavy, room) in HEAVY {
            let uses = |l: &str| l.contains(&format!("{heavy}::")) && !l.contains("dataset::image");
            if !room.split(' ').any(|r| r == module(&path))
                && code(&text).any(|l| uses(l) && !own(l, heavy))
            {
                broken.push(format!("{path} uses {heavy}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Whether every `heavy::` in the line is the tail of one of our own paths (`report::image::`).
fn own(line: &str, heavy: &str) -> bool {
    let needle = format!("{heavy}::");
    line.match_indices(&needle).all(|(at, _)| {
        let before = line[..at].chars().last();
        before.is_some_and(|c| c == ':' || c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn only_cli_prints_or_looks_at_clock_environment_and_output_files() {
    let words =
        ["println!", "eprintln!", "SystemTime::now", "Instant::now", "env::var", "fs::write"];
    let mut broken = Vec::new();
    for (path, text) in files() {
        let body = text.split("#[cfg(test)]").next().unwrap();
        if ["cli", "main"].contains(&module(&path)) || for_tests(&path) {
            continue;
        }
        let found = code(body).flat_map(|l| words.iter().filter(move |w| l.contains(**w)));
        broken.extend(found.map(|w| format!("{path} uses {w}")));
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let lines = |(path, text): &(String, String)| (path.clone(), text.lines().count());
    let long: Vec<_> = files().iter().map(lines).filter(|(_, n)| *n > 400).collect();
    assert!(long.is_empty(), "split these: {long:?}");
}

#[test]
fn folders_are_at_most_two_deep() {
    let deep = |path: &str| path.matches('/').count() > 2;
    let found: Vec<_> = files().into_iter().map(|f| f.0).filter(|p| deep(p)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn unsafe_code_lives_in_two_kernels_only() {
    const ALLOWED: [&str; 2] = ["model/kernels/gemm.rs", "model/engine/simd.rs"];
    let uses = |(path, text): &(String, String)| {
        !ALLOWED.contains(&path.as_str())
            && code(text).any(|l| l.contains("unsafe {") || l.contains("unsafe fn"))
    };
    let found: Vec<_> = files().into_iter().filter(|f| uses(f)).map(|f| f.0).collect();
    assert!(found.is_empty(), "{found:?}");
}
