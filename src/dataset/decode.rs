//! Pictures from JPEG and PNG files, decoded side by side, in order.

use super::error::PictureProblem;
use image::imageops::FilterType;
use image::{ImageFormat, ImageReader, RgbImage};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::io::Cursor;
use std::path::{Component, Path};

/// A decoded picture, `(height, width, 3)` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Height and width.
    pub(crate) size: [usize; 2],
    /// Red, green, blue.
    pub(crate) pixels: Vec<u8>,
}

/// Whether a path stays inside the folder that it is relative to.
pub(crate) fn stays_inside(picture: &str) -> bool {
    let harmless = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    let foreign = picture.contains("..\\") || picture.starts_with('\\');
    !picture.is_empty() && !foreign && Path::new(picture).components().all(harmless)
}

/// Decodes the pictures of a folder on all threads, and keeps what `keep` makes of each; entry `i`
/// belongs to `pictures[i]`.
///
/// Grey becomes RGB, alpha is dropped, sixteen bits become eight. With `resize`, height and width
/// are brought to that size with a triangle filter whose support grows when shrinking.
pub(crate) fn all<T: Send>(
    folder: &Path,
    pictures: &[String],
    resize: Option<[u32; 2]>,
    keep: impl Fn(Picture) -> T + Sync,
) -> Vec<Result<T, PictureProblem>> {
    let one = |(i, picture): (usize, &String)| {
        read(&folder.join(picture), resize).map(&keep).map_err(|because| PictureProblem {
            file: picture.clone(),
            row: super::rows::row_number(i),
            because,
        })
    };
    pictures.par_iter().enumerate().map(one).collect()
}

/// Decodes one picture, or says what is wrong in words that follow its name.
pub(crate) fn read(file: &Path, resize: Option<[u32; 2]>) -> Result<Picture, String> {
    let bytes = std::fs::read(file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => "is missing".to_owned(),
        _ => format!("cannot be read: {e}"),
    })?;
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|e| format!("cannot be read: {e}"))?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png)) {
        return Err("is neither JPEG nor PNG".to_owned());
    }
    let decoded = reader.decode().map_err(|e| format!("is damaged: {e}"))?.into_rgb8();
    Ok(picture(resize.map_or_else(|| decoded.clone(), |size| resized(&decoded, size))))
}

fn resized(picture: &RgbImage, [height, width]: [u32; 2]) -> RgbImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    image::imageops::resize(picture, width, height, FilterType::Triangle)
}

fn picture(decoded: RgbImage) -> Picture {
    let whole = |v: u32| usize::try_from(v).unwrap_or_else(|_| unreachable!("u32 fits usize"));
    let size = [whole(decoded.height()), whole(decoded.width())];
    Picture { size, pixels: decoded.into_raw() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::scratch::Scratch;
    use image::{DynamicImage, GrayImage, Luma, Rgba, RgbaImage};

    fn decoded(
        folder: &Scratch,
        pictures: &[&str],
        resize: Option<[u32; 2]>,
    ) -> Vec<Result<Picture, PictureProblem>> {
        let pictures: Vec<String> = pictures.iter().map(|&name| name.to_owned()).collect();
        all(folder.root(), &pictures, resize, |picture| picture)
    }

    #[test]
    fn paths_that_lead_outside_are_told_from_harmless_ones() {
        for inside in ["a.png", "x/y/a.png", "./a.png", "a..b.png"] {
            assert!(stays_inside(inside), "{inside}");
        }
        for outside in ["../a.png", "x/../../a.png", "/etc/a.png", "..\\a.png", "\\\\host\\a", ""] {
            assert!(!stays_inside(outside), "{outside}");
        }
    }

    #[test]
    fn grey_becomes_rgb_and_alpha_is_dropped() {
        let folder = Scratch::new("decode");
        let grey = DynamicImage::ImageLuma8(GrayImage::from_pixel(3, 2, Luma([7])));
        grey.save(folder.path("grey.png")).unwrap();
        let glass = DynamicImage::ImageRgba8(RgbaImage::from_pixel(3, 2, Rgba([1, 2, 3, 0])));
        glass.save(folder.path("glass.png")).unwrap();
        let got = decoded(&folder, &["grey.png", "glass.png"], None);
        let pixels = |i: usize| got[i].as_ref().unwrap().pixels[..3].to_vec();
        assert_eq!((pixels(0), pixels(1)), (vec![7, 7, 7], vec![1, 2, 3]));
        assert_eq!(got[0].as_ref().unwrap().size, [2, 3]);
    }

    #[test]
    fn resizing_averages_instead_of_dropping_pixels() {
        let folder = Scratch::new("resize");
        let stripes = GrayImage::from_fn(64, 64, |x, _| Luma([if x % 2 == 0 { 0 } else { 200 }]));
        stripes.save(folder.path("s.png")).unwrap();
        let got = decoded(&folder, &["s.png"], Some([8, 16]));
        let picture = got[0].as_ref().unwrap();
        assert_eq!(picture.size, [8, 16]);
        assert!(picture.pixels.iter().all(|p| (80..=120).contains(p)), "{:?}", picture.pixels);
    }

    #[test]
    fn problems_say_what_and_where() {
        let folder = Scratch::new("problems");
        std::fs::write(folder.path("a.png"), b"GIF89a").unwrap();
        GrayImage::new(20, 20).save(folder.path("b.png")).unwrap();
        let whole = std::fs::read(folder.path("b.png")).unwrap();
        std::fs::write(folder.path("b.png"), &whole[..whole.len() / 2]).unwrap();
        let got = decoded(&folder, &["a.png", "b.png", "c.png"], None);
        let because = |i: usize| got[i].as_ref().unwrap_err().because.clone();
        assert_eq!(because(0), "is neither JPEG nor PNG");
        assert!(because(1).starts_with("is damaged"), "{}", because(1));
        assert_eq!(because(2), "is missing");
        assert_eq!(got[2].as_ref().unwrap_err().row, 3);
    }
}
