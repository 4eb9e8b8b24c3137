//! The file of a table: its bytes, or where it lies.

use super::error::DatasetError;
use crate::domain::digest_hex;
use polars::io::mmap::MmapBytesReader;
use sha2::{Digest, Sha256};
use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

/// What a table is read from.
#[derive(Debug)]
pub(crate) enum Content {
    /// The bytes of the file.
    Bytes(Vec<u8>),
    /// A Parquet file, whose columns the library reads where they lie: bringing all of it into fresh
    /// memory takes as long as decoding it. With what the system said of the file at the start.
    File(PathBuf, Metadata),
}

/// The first bytes of a Parquet file.
pub(super) const PARQUET: &[u8] = b"PAR1";

/// Bytes that are hashed at a time.
const PIECE: usize = 1 << 20;

impl Content {
    /// Looks at a file.
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
        match content {
            Self::Bytes(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {
                Err(DatasetError::EmptyFile { file })
            }
            content => Ok(content),
        }
    }

    fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let mut bytes = Vec::new();
        file.by_ref().take(4).read_to_end(&mut bytes)?;
        if metadata.is_file() && bytes == PARQUET {
            return Ok(Self::File(path.to_owned(), metadata));
        }
        file.read_to_end(&mut bytes)?;
        Ok(Self::Bytes(bytes))
    }

    /// The bytes, except those of a Parquet file.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) if !bytes.starts_with(PARQUET) => Some(bytes),
            _ => None,
        }
    }

    /// For the library.
    pub(super) fn reader(&self) -> io::Result<Box<dyn MmapBytesReader + '_>> {
        Ok(match self {
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Self::File(path, _) => Box::new(File::open(path)?),
        })
    }

    /// SHA-256 of the file.
    ///
    /// # Errors
    /// When it cannot be read any more, or is not the file that it was at the start.
    pub(super) fn sha256(&self, given: &Path) -> Result<String, DatasetError> {
        let unreadable = |e: io::Error| DatasetError::Unreadable {
            file: given.to_owned(),
            because: e.to_string(),
        };
        match self {
            Self::Bytes(bytes) => Ok(digest_hex(bytes)),
            Self::File(path, _) => hashed(path).map_err(unreadable),
        }
    }

    /// Whether the file is still the one that was looked at.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn same(&self, given: &Path) -> Result<(), DatasetError> {
        let Self::File(path, before) = self else { return Ok(()) };
        let now = std::fs::metadata(path);
        let same = |now: &Metadata| {
            now.len() == before.len() && now.modified().ok() == before.modified().ok()
        };
        if now.as_ref().is_ok_and(same) {
            return Ok(());
        }
        let because = "it was changed while it was read; run again".to_owned();
        Err(DatasetError::Unreadable { file: given.to_owned(), because })
    }
}

fn hashed(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            n => hash.update(&piece[..n]),
        }
    }
    let hex = |b: &u8| format!("{b:02x}");
    Ok(hash.finalize().iter().map(hex).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parquet_file_stays_where_it_is_and_others_are_read() {
        let folder = std::env::temp_dir().join(format!("audit-content-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("table");
        std::fs::write(&path, b"PAR1 and more").unwrap();
        let content = Content::load(&path).unwrap();
        assert!(matches!(content, Content::File(..)) && content.bytes().is_none());
        assert_eq!(content.sha256(&path).unwrap(), digest_hex(b"PAR1 and more"));
        content.same(&path).unwrap();
        std::fs::write(&path, b"PAR1 and something else").unwrap();
        assert!(content.same(&path).unwrap_err().to_string().contains("changed while it was read"));
        std::fs::write(&path, b"a,b\n1,2\n").unwrap();
        let content = Content::load(&path).unwrap();
        assert_eq!(content.bytes(), Some(&b"a,b\n1,2\n"[..]));
        assert_eq!(content.sha256(&path).unwrap(), digest_hex(b"a,b\n1,2\n"));
        std::fs::write(&path, b" \n").unwrap();
        assert!(matches!(Content::load(&path), Err(DatasetError::EmptyFile { .. })));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
