//! Pictures of a folder that are too many for the memory: each is decoded once to see that it can be
//! read, and again whenever it is needed.

use super::decode::{self, Picture};
use crate::domain::{PictureDigest, PictureSource, picture_digest};
use std::path::PathBuf;
use std::sync::Arc;

/// What is kept of a picture that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Height and width.
    pub(crate) size: [usize; 2],
    /// Of its bytes.
    pub(crate) digest: PictureDigest,
}

impl Seen {
    /// Of this picture.
    pub(crate) fn of(picture: &Picture) -> Self {
        Self { size: picture.size, digest: picture_digest(&picture.pixels) }
    }
}

/// The pictures of some rows.
#[derive(Debug)]
pub(crate) struct Files {
    /// Where they lie.
    pub(crate) folder: PathBuf,
    /// Their names below it, in row order.
    pub(crate) names: Vec<String>,
    /// Height and width to bring them to.
    pub(crate) resize: Option<[u32; 2]>,
    /// What they were when they were first decoded.
    pub(crate) digests: Arc<[PictureDigest]>,
}

impl PictureSource for Files {
    fn read(&self, i: usize, out: &mut [u8]) -> Result<(), String> {
        let name = &self.names[i];
        let picture = decode::read(&self.folder.join(name), self.resize)
            .map_err(|because| format!("`{name}` {because}"))?;
        if picture_digest(&picture.pixels) != self.digests[i] {
            return Err(format!("`{name}` has changed since the data was read; start again"));
        }
        out.copy_from_slice(&picture.pixels);
        Ok(())
    }
}
