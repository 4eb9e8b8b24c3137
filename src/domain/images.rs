//! Decoded pictures of one size, shared read-only.

/// `n` pictures as bytes, `(n, height, width, channels)` row-major, 0 to 255.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    height: usize,
    width: usize,
    channels: usize,
    pixels: Vec<u8>,
}

impl Images {
    /// Takes `(n, height, width, channels)` bytes; `None` when the length does not fit.
    #[must_use]
    pub fn new(height: usize, width: usize, channels: usize, pixels: Vec<u8>) -> Option<Self> {
        let size = height * width * channels;
        (size > 0 && pixels.len().is_multiple_of(size)).then_some(Self {
            height,
            width,
            channels,
            pixels,
        })
    }

    /// Height, width and channels.
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    /// Number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pixels.len() / (self.height * self.width * self.channels)
    }

    /// Whether there is no picture.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Picture `i`, `(height, width, channels)` bytes.
    #[must_use]
    pub fn picture(&self, i: usize) -> &[u8] {
        let size = self.height * self.width * self.channels;
        &self.pixels[i * size..(i + 1) * size]
    }

    /// All bytes, for digests.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.pixels
    }
}
