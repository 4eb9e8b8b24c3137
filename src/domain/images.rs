//! Decoded pictures of one size, shared read-only.

use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

/// `n` pictures as bytes, `(n, height, width, channels)` row-major, 0 to 255: in memory, or streamed
/// from where they lie.
#[derive(Debug, Clone)]
pub struct Images {
    shape: [usize; 3],
    store: Store,
}

#[derive(Debug, Clone)]
enum Store {
    Memory { pixels: Vec<u8>, digests: OnceLock<Vec<PictureDigest>> },
    Streamed(PictureStream),
}

/// SHA-256 of a picture's bytes.
pub type PictureDigest = [u8; 32];

/// Pictures that are read when they are needed.
#[derive(Debug, Clone)]
pub struct PictureStream {
    /// Where they lie.
    pub source: Arc<dyn PictureSource>,
    /// The digest of each; there are as many pictures.
    pub digests: Arc<[PictureDigest]>,
    /// Most bytes of decoded pictures that may be in memory at a time.
    pub memory_limit: usize,
}

/// Reads pictures one by one, on any thread.
pub trait PictureSource: Debug + Send + Sync {
    /// Writes the bytes of picture `i`, all of one size.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    fn read(&self, i: usize, out: &mut [u8]) -> Result<(), String>;
}

impl Images {
    /// Takes `(n, height, width, channels)` bytes; `None` when the length does not fit.
    #[must_use]
    pub fn new(height: usize, width: usize, channels: usize, pixels: Vec<u8>) -> Option<Self> {
        let size = height * width * channels;
        (size > 0 && pixels.len().is_multiple_of(size)).then_some(Self {
            shape: [height, width, channels],
            store: Store::Memory { pixels, digests: OnceLock::new() },
        })
    }

    /// Pictures of that height, width and channels that are not kept in memory; `None` for pictures
    /// without a pixel.
    #[must_use]
    pub fn streamed(shape: [usize; 3], stream: PictureStream) -> Option<Self> {
        let pixels: usize = shape.iter().product();
        (pixels > 0).then_some(Self { shape, store: Store::Streamed(stream) })
    }

    /// Height, width and channels.
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Bytes of a picture.
    #[must_use]
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.store {
            Store::Memory { pixels, .. } => pixels.len() / self.size(),
            Store::Streamed(stream) => stream.digests.len(),
        }
    }

    /// Whether there is no picture.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the pictures are read from, if they are not in memory.
    #[must_use]
    pub fn stream(&self) -> Option<&PictureStream> {
        match &self.store {
            Store::Memory { .. } => None,
            Store::Streamed(stream) => Some(stream),
        }
    }

    /// The same pictures for one of `n` who read them at the same time: with an `n`-th of the memory.
    #[must_use]
    pub fn shared_by(&self, n: usize) -> Cow<'_, Self> {
        match &self.store {
            Store::Memory { .. } => Cow::Borrowed(self),
            Store::Streamed(stream) => {
                let memory_limit = stream.memory_limit / n.max(1);
                let store = Store::Streamed(PictureStream { memory_limit, ..stream.clone() });
                Cow::Owned(Self { shape: self.shape, store })
            }
        }
    }

    /// Picture `i` of pictures in memory, `(height, width, channels)` bytes.
    ///
    /// # Panics
    /// When the pictures are streamed; then [`PictureStream::source`] reads them.
    #[must_use]
    pub fn picture(&self, i: usize) -> &[u8] {
        &self.bytes()[i * self.size()..(i + 1) * self.size()]
    }

    /// All bytes of pictures in memory.
    ///
    /// # Panics
    /// When the pictures are streamed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.store {
            Store::Memory { pixels, .. } => pixels,
            Store::Streamed(_) => unreachable!("streamed pictures are read through their source"),
        }
    }

    /// The bytes of the chosen pictures, one after the other, wherever they lie.
    ///
    /// # Errors
    /// Names the file of a streamed picture that cannot be read.
    pub fn copies(&self, rows: &[usize]) -> Result<Vec<u8>, String> {
        let mut all = vec![0; rows.len() * self.size()];
        for (out, &row) in all.chunks_exact_mut(self.size()).zip(rows) {
            match &self.store {
                Store::Memory { .. } => out.copy_from_slice(self.picture(row)),
                Store::Streamed(stream) => stream.source.read(row, out)?,
            }
        }
        Ok(all)
    }

    /// The chosen pictures in this order, then others of the same size whose bytes are given; `None` when
    /// those do not fit. Streamed pictures stay where they lie.
    #[must_use]
    pub fn arranged(&self, rows: &[usize], more: Vec<u8>) -> Option<Self> {
        let ([height, width, channels], size) = (self.shape, self.size());
        match &self.store {
            Store::Memory { .. } => {
                let mut pixels = Vec::with_capacity(rows.len() * size + more.len());
                for &row in rows {
                    pixels.extend_from_slice(self.picture(row));
                }
                pixels.extend(more);
                Self::new(height, width, channels, pixels)
            }
            Store::Streamed(stream) => {
                if !more.len().is_multiple_of(size) {
                    return None;
                }
                let new = more.chunks_exact(size).map(picture_digest);
                let digests = rows.iter().map(|&row| stream.digests[row]).chain(new).collect();
                let (of, rows) = (Arc::clone(&stream.source), rows.to_vec());
                let source = Arc::new(Arranged { of, rows, more });
                let stream = PictureStream { source, digests, memory_limit: stream.memory_limit };
                Self::streamed(self.shape, stream)
            }
        }
    }

    /// The digest of each picture, in order.
    #[must_use]
    pub fn digests(&self) -> &[PictureDigest] {
        match &self.store {
            Store::Streamed(stream) => &stream.digests,
            Store::Memory { pixels, digests } => {
                let all = || pixels.chunks_exact(self.size()).map(picture_digest).collect();
                digests.get_or_init(all)
            }
        }
    }
}

/// Some pictures of a source, then others that lie in memory.
#[derive(Debug)]
struct Arranged {
    of: Arc<dyn PictureSource>,
    rows: Vec<usize>,
    more: Vec<u8>,
}

impl PictureSource for Arranged {
    fn read(&self, i: usize, out: &mut [u8]) -> Result<(), String> {
        let Some(&row) = self.rows.get(i) else {
            let at = (i - self.rows.len()) * out.len();
            out.copy_from_slice(&self.more[at..at + out.len()]);
            return Ok(());
        };
        self.of.read(row, out)
    }
}

/// Whether the shapes and all pictures are the same, wherever they lie.
impl PartialEq for Images {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.digests() == other.digests()
    }
}

impl Eq for Images {}

/// The digest of one picture's bytes.
#[must_use]
pub fn picture_digest(bytes: &[u8]) -> PictureDigest {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Bytes(Vec<u8>);

    impl PictureSource for Bytes {
        fn read(&self, i: usize, out: &mut [u8]) -> Result<(), String> {
            out.copy_from_slice(&self.0[i * out.len()..][..out.len()]);
            Ok(())
        }
    }

    #[test]
    fn pictures_are_arranged_alike_in_memory_and_where_they_lie() {
        let pixels: Vec<u8> = (0..12).collect();
        let memory = Images::new(1, 2, 1, pixels.clone()).unwrap();
        let digests = pixels.chunks(2).map(picture_digest).collect();
        let source = Arc::new(Bytes(pixels));
        let stream = PictureStream { source, digests, memory_limit: 100 };
        let streamed = Images::streamed([1, 2, 1], stream).unwrap();
        for images in [&memory, &streamed] {
            let new = images.arranged(&[4, 1], vec![70, 71, 80, 81]).unwrap();
            assert_eq!(new.copies(&[0, 1, 2, 3]).unwrap(), [8, 9, 2, 3, 70, 71, 80, 81]);
            assert_eq!(new.digests()[2], picture_digest(&[70, 71]));
            let again = new.arranged(&[3, 0], Vec::new()).unwrap();
            assert_eq!(again.copies(&[0, 1]).unwrap(), [80, 81, 8, 9]);
            assert_eq!(images.arranged(&[0], vec![1]), None);
        }
    }
}
