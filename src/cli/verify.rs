//! `audit verify`: do the files of a report folder still match its manifest?

use super::{Outcome, Streams, diagnostics};
use crate::domain::digest_hex;
use clap::Args;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};

/// Verify a report folder against its manifest.
///
/// Names each file that is missing, changed or added. Exit code 1 if there is one.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: audit verify reports/skin-lesion-triage")]
pub struct VerifyArgs {
    /// The report folder; it holds `manifest.json`.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

const MANIFEST: &str = "manifest.json";

/// The part of the manifest that is checked here. Other keys are not this command's business.
#[derive(Debug, Deserialize)]
struct Manifest {
    schema: u64,
    /// Path from the folder, with `/` → SHA-256 in hexadecimal.
    files: BTreeMap<String, String>,
}

/// Why a folder cannot be verified.
#[derive(Debug, thiserror::Error)]
enum VerifyError {
    #[error("cannot read `{}`: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is not a manifest: {because}", path.display())]
    Shape { path: PathBuf, because: String },
}

/// Compares and reports.
pub fn run(args: &VerifyArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    match differences(&args.folder) {
        Ok((n, lines)) if lines.is_empty() => {
            if !streams.talk.quiet {
                writeln!(streams.out, "{}: {n} files match the manifest", args.folder.display())?;
            }
            Ok(Outcome::Passed)
        }
        Ok((_, lines)) => {
            for (path, what) in lines {
                writeln!(streams.out, "{what}: {path}")?;
            }
            Ok(Outcome::Failed)
        }
        Err(error) => {
            let line = diagnostics::line(&error.to_string(), streams.colour);
            streams.err.write_all(line.as_bytes())?;
            Ok(Outcome::CouldNotAudit)
        }
    }
}

/// The number of listed files, and what is wrong with which path, by path.
fn differences(folder: &Path) -> Result<(usize, BTreeMap<String, &'static str>), VerifyError> {
    let manifest = manifest(&folder.join(MANIFEST))?;
    let mut lines = BTreeMap::new();
    let mut listed = BTreeSet::from([MANIFEST.to_owned()]);
    for (file, sha256) in &manifest.files {
        listed.insert(file.clone());
        let inside = Path::new(file).components().all(|c| matches!(c, Component::Normal(_)));
        if !inside {
            lines.insert(file.clone(), "outside the folder");
            continue;
        }
        let path = folder.join(file);
        match std::fs::read(&path) {
            Ok(bytes) if digest_hex(&bytes).eq_ignore_ascii_case(sha256) => {}
            Ok(_) => {
                lines.insert(file.clone(), "changed");
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                lines.insert(file.clone(), "missing");
            }
            Err(source) => return Err(VerifyError::Read { path, source }),
        }
    }
    for path in present(folder)? {
        if !listed.contains(&path) {
            lines.insert(path, "added");
        }
    }
    Ok((manifest.files.len(), lines))
}

fn manifest(path: &Path) -> Result<Manifest, VerifyError> {
    let read = |source| VerifyError::Read { path: path.to_owned(), source };
    let shape = |because| VerifyError::Shape { path: path.to_owned(), because };
    let bytes = std::fs::read(path).map_err(read)?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| shape(error.to_string()))?;
    if manifest.schema == 1 {
        Ok(manifest)
    } else {
        Err(shape(format!("schema {} is not known, only 1", manifest.schema)))
    }
}

/// All files below a folder, as paths with `/` from there. Links to folders are not followed.
fn present(folder: &Path) -> Result<Vec<String>, VerifyError> {
    let mut files = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((at, prefix)) = open.pop() {
        let read = |source| VerifyError::Read { path: at.clone(), source };
        for entry in std::fs::read_dir(&at).map_err(read)? {
            let entry = entry.map_err(read)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(read)?.is_dir() {
                open.push((entry.path(), format!("{name}/")));
            } else {
                files.push(name);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options::Talk;

    /// A folder with a manifest of two files, one of them in a subfolder.
    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("audit-verify-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("charts")).unwrap();
        std::fs::write(folder.join("index.html"), "page").unwrap();
        std::fs::write(folder.join("charts/a.png"), "picture").unwrap();
        let (page, picture) = (digest_hex(b"page"), digest_hex(b"picture"));
        let manifest = serde_json::json!({
            "schema": 1,
            "config_sha256": "",
            "files": {"index.html": page, "charts/a.png": picture},
            "inputs": [],
        });
        std::fs::write(folder.join(MANIFEST), manifest.to_string()).unwrap();
        folder
    }

    fn verify(folder: &Path) -> (Outcome, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams =
            Streams { out: &mut out, err: &mut err, colour: false, talk: Talk::default() };
        let args = VerifyArgs { folder: folder.to_owned() };
        let outcome = run(&args, &mut streams).unwrap();
        out.append(&mut err);
        (outcome, String::from_utf8(out).unwrap())
    }

    #[test]
    fn an_untouched_folder_passes() {
        let folder = folder("untouched");
        let (outcome, text) = verify(&folder);
        assert_eq!(outcome, Outcome::Passed);
        assert!(text.ends_with(": 2 files match the manifest\n"), "{text}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn missing_changed_and_added_files_are_named() {
        let folder = folder("touched");
        std::fs::remove_file(folder.join("charts/a.png")).unwrap();
        std::fs::write(folder.join("index.html"), "other page").unwrap();
        std::fs::write(folder.join("charts/b.png"), "new").unwrap();
        let expected = "missing: charts/a.png\nadded: charts/b.png\nchanged: index.html\n";
        assert_eq!(verify(&folder), (Outcome::Failed, expected.to_owned()));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_manifest_may_not_point_outside() {
        let folder = folder("outside");
        let text = r#"{"schema": 1, "files": {"../x": ""}}"#;
        std::fs::write(folder.join(MANIFEST), text).unwrap();
        let (outcome, text) = verify(&folder);
        assert_eq!(outcome, Outcome::Failed);
        assert!(text.contains("outside the folder: ../x"), "{text}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_without_a_manifest_cannot_be_verified() {
        let (outcome, text) = verify(Path::new("no/such/folder"));
        assert_eq!(outcome, Outcome::CouldNotAudit);
        assert!(text.starts_with("error: cannot read `no/such/folder/manifest.json`"), "{text}");
        let folder = folder("broken");
        std::fs::write(folder.join(MANIFEST), "{}").unwrap();
        assert_eq!(verify(&folder).0, Outcome::CouldNotAudit);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
