//! The bytes of a table's file.

use super::error::DatasetError;
use polars::io::mmap::ReaderBytes;
use polars::io::utils::get_reader_bytes;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// What a table is read from.
pub(crate) enum Content {
    /// A copy.
    Read(ReaderBytes<'static>),
    /// A large file where it lies, by the library's own means: to bring it into fresh memory takes as long
    /// as to decode it. With its name and what the system said of it at the start.
    Mapped(ReaderBytes<'static>, PathBuf, Metadata),
}

/// Larger files are mapped.
const LARGE: u64 = 1 << 23;

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes()
    }
}

impl Content {
    /// Opens a file.
    ///
    /// # Errors
    /// When it is missing, a folder, unreadable or empty.
    pub(super) fn load(path: &Path) -> Result<Self, DatasetError> {
        let file = path.to_owned();
        if path.is_dir() {
            let because = "it is a folder".to_owned();
            return Err(DatasetError::NotATable { file, because });
        }
        let content = Self::open(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => DatasetError::NoFile {
                file: path.to_owned(),
                hint: "check the path (in a configuration, relative paths start at its folder)"
                    .to_owned(),
            },
            _ => DatasetError::Unreadable { file: path.to_owned(), because: e.to_string() },
        })?;
        if content.iter().all(u8::is_ascii_whitespace) {
            return Err(DatasetError::EmptyFile { file });
        }
        Ok(content)
    }

    /// A copy of bytes at hand.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::Read(ReaderBytes::Owned(bytes.to_vec().into()))
    }

    fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.len() > LARGE {
            let mapped = get_reader_bytes(&mut file).map_err(io::Error::other)?;
            if let ReaderBytes::Owned(bytes) = mapped {
                return Ok(Self::Mapped(ReaderBytes::Owned(bytes), path.to_owned(), metadata));
            }
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Self::Read(ReaderBytes::Owned(bytes.into())))
    }

    /// The bytes in the form that the table library shares.
    pub(super) fn bytes(&self) -> &ReaderBytes<'static> {
        match self {
            Self::Read(bytes) | Self::Mapped(bytes, ..) => bytes,
        }
    }

    /// Whether the file is still the one that was opened.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn same(&self) -> Result<(), DatasetError> {
        let Self::Mapped(_, path, before) = self else { return Ok(()) };
        let same = |now: Metadata| {
            now.len() == before.len() && now.modified().ok() == before.modified().ok()
        };
        if std::fs::metadata(path).is_ok_and(same) {
            return Ok(());
        }
        let because = "it was changed while it was read; run again".to_owned();
        Err(DatasetError::Unreadable { file: path.clone(), because })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_stays_where_it_is_and_a_change_is_noticed() {
        let folder = std::env::temp_dir().join(format!("audit-content-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("table");
        let long = "1,2\n".repeat(3 << 20);
        std::fs::write(&path, &long).unwrap();
        let content = Content::load(&path).unwrap();
        assert!(matches!(content, Content::Mapped(..)));
        assert!(*content == *long.as_bytes());
        content.same().unwrap();
        let longer = folder.join("longer");
        std::fs::write(&longer, long + "1,2\n").unwrap();
        std::fs::rename(&longer, &path).unwrap();
        assert!(content.same().unwrap_err().to_string().contains("changed while it was read"));
        std::fs::write(&path, b"a,b\n1,2\n").unwrap();
        let content = Content::load(&path).unwrap();
        assert!(matches!(&content, Content::Read(bytes) if **bytes == *b"a,b\n1,2\n"));
        std::fs::write(&path, b" \n").unwrap();
        assert!(matches!(Content::load(&path), Err(DatasetError::EmptyFile { .. })));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
