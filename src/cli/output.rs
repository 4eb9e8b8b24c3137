//! The report folder: whole files or none, and nothing left over from an earlier run.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path` so that at every moment the path holds the old file or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut file = std::fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&part, path)
}

/// A report folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn work(&self) -> PathBuf {
        self.root.join(".work")
    }

    fn checkpoint(&self) -> PathBuf {
        self.work().join("checkpoint.safetensors")
    }

    /// The checkpoint of an interrupted run.
    pub(crate) fn read_checkpoint(&self) -> Option<Vec<u8>> {
        std::fs::read(self.checkpoint()).ok()
    }

    pub(crate) fn write_checkpoint(&self, bytes: &[u8]) -> io::Result<()> {
        replace(&self.checkpoint(), bytes)
    }

    fn study(&self) -> PathBuf {
        self.work().join("study")
    }

    /// What an interrupted study kept under a name.
    pub(crate) fn read_study(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.study().join(name)).ok()
    }

    pub(crate) fn write_study(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        replace(&self.study().join(name), bytes)
    }

    /// Forgets what an interrupted run left.
    pub(crate) fn clear_work(&self) -> io::Result<()> {
        remove(&self.work())
    }

    /// Forgets what a study kept, and nothing else.
    pub(crate) fn clear_study(&self) -> io::Result<()> {
        remove(&self.study())
    }

    /// Writes all files, the last one last, then removes those that the earlier manifest lists and
    /// the new set does not hold.
    pub(crate) fn publish(&self, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        let earlier = self.listed();
        for (name, bytes) in files {
            replace(&self.root.join(name), bytes)?;
        }
        for name in earlier.iter().filter(|old| !files.iter().any(|(new, _)| new == *old)) {
            let _gone_already = std::fs::remove_file(self.root.join(name));
        }
        self.clear_work()
    }

    /// The files of the earlier manifest that lie inside the folder.
    fn listed(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.root.join("manifest.json")).unwrap_or_default();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let files = manifest["files"].as_object().cloned().unwrap_or_default();
        let inside = |p: &String| {
            Path::new(p).components().all(|c| matches!(c, std::path::Component::Normal(_)))
        };
        files.into_iter().map(|(path, _)| path).filter(inside).collect()
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_earlier_manifest_goes_and_a_strangers_file_stays() {
        let root = std::env::temp_dir().join(format!("audit-output-{}", std::process::id()));
        let folder = Folder::new(&root);
        let manifest = br#"{"files": {"old.png": "", "../x": ""}}"#.to_vec();
        let first = [("old.png".to_owned(), vec![1]), ("manifest.json".to_owned(), manifest)];
        folder.publish(&first).unwrap();
        std::fs::write(root.join("mine.txt"), "x").unwrap();
        folder.write_checkpoint(b"c").unwrap();
        folder.publish(&[("manifest.json".to_owned(), b"{}".to_vec())]).unwrap();
        assert!(!root.join("old.png").exists() && root.join("mine.txt").exists());
        assert!(folder.read_checkpoint().is_none());
        std::fs::remove_dir_all(&root).unwrap();
    }
}
