//! Random changes of training pictures, drawn from the epoch's seed and the row, so that a row's
//! picture is the same in any batch and on any thread.
//!
//! Flips, crop and rotation are one affine map: each pixel is sampled once, between its four
//! neighbours. Places beyond the border have the border's colour.

use super::error::ModelError;
use super::network::narrow;
use crate::domain::{Augment, Seed, Stream, to_f64};

/// What grey a colour is, in parts of red, green and blue (ITU-R BT.601, as in `PyTorch`).
const GREY: [f32; 3] = [0.299, 0.587, 0.114];

/// The changes of one epoch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Augmentation {
    augment: Augment,
    seed: Seed,
}

/// One picture's draws.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Drawn {
    mirrored: bool,
    upside_down: bool,
    /// Radians.
    angle: f64,
    /// Share of each side that is kept.
    side: f64,
    /// Where the kept part lies within the room that is left, 0 to 1, down and right.
    offset: [f64; 2],
    brightness: f32,
    contrast: f32,
    saturation: f32,
}

impl Augmentation {
    /// The changes of an epoch (from 1); `None` where none can happen.
    pub(crate) fn new(augment: &Augment, seed: Seed, epoch: usize) -> Option<Self> {
        let seed = seed.child(&format!("model/augment/{epoch}"));
        (*augment != Augment::default()).then_some(Self { augment: *augment, seed })
    }

    /// Writes a changed picture, `(height, width, channels)` from 0 to 1.
    pub(crate) fn fill(&self, row: usize, bytes: &[u8], shape: [usize; 3], out: &mut [f32]) {
        let drawn = self.drawn(row);
        sample(bytes, shape, &drawn, out);
        jitter(out, shape[2], &drawn);
    }

    /// A row's draws; every one is made, so that a new change moves no other.
    fn drawn(&self, row: usize) -> Drawn {
        let a = &self.augment;
        let mut stream = self.seed.child(&row.to_string()).stream();
        let mirrored = stream.flip(a.horizontal_flip);
        let upside_down = stream.flip(a.vertical_flip);
        let angle = either_way(&mut stream, a.rotation).to_radians();
        let area = 1.0 - stream.uniform() * (1.0 - a.crop.unwrap_or(1.0));
        let offset = [stream.uniform(), stream.uniform()];
        let mut factor = |range| narrow(1.0 + either_way(&mut stream, range));
        let (brightness, contrast) = (factor(a.brightness), factor(a.contrast));
        let saturation = factor(a.saturation);
        let side = area.sqrt();
        Drawn { mirrored, upside_down, angle, side, offset, brightness, contrast, saturation }
    }
}

/// Refuses pictures whose channels have no known meaning.
pub(crate) fn check(augment: &Augment, shape: [usize; 3]) -> Result<(), ModelError> {
    if *augment == Augment::default() || [1, 3].contains(&shape[2]) {
        return Ok(());
    }
    let found = format!("asked for pictures of {} channels", shape[2]);
    Err(ModelError::Setting { key: "augment", found, expected: "made for other than 1 or 3" })
}

/// Uniform from −range to range.
fn either_way(stream: &mut Stream, range: f64) -> f64 {
    range * (2.0 * stream.uniform() - 1.0)
}

/// Where a pixel of the result lies in the picture: `centre + map · (pixel − middle)`.
struct Affine {
    middle: [f64; 2],
    centre: [f64; 2],
    map: [[f64; 2]; 2],
}

impl Affine {
    /// Places count in pixels, `[down, right]`, from the middle of the first pixel.
    fn new([height, width, _]: [usize; 3], drawn: &Drawn) -> Self {
        let size = [height, width].map(|side| u64::try_from(side).map_or(0.0, to_f64));
        let middle = size.map(|side| (side - 1.0) / 2.0);
        let room = |axis: usize| (drawn.offset[axis] - 0.5) * (1.0 - drawn.side) * size[axis];
        let (sin, cos) = drawn.angle.sin_cos();
        let down = if drawn.upside_down { -drawn.side } else { drawn.side };
        let right = if drawn.mirrored { -drawn.side } else { drawn.side };
        Self {
            middle,
            centre: [middle[0] + room(0), middle[1] + room(1)],
            map: [[cos * down, sin * right], [-sin * down, cos * right]],
        }
    }

    fn place(&self, pixel: [f64; 2]) -> [f64; 2] {
        let [y, x] = [pixel[0] - self.middle[0], pixel[1] - self.middle[1]];
        [0, 1].map(|axis| self.centre[axis] + self.map[axis][0] * y + self.map[axis][1] * x)
    }
}

/// Samples the picture where the drawn map leads.
fn sample(bytes: &[u8], shape: [usize; 3], drawn: &Drawn, out: &mut [f32]) {
    let [height, width, channels] = shape;
    let affine = Affine::new(shape, drawn);
    for (row, y) in out.chunks_exact_mut(width * channels).zip(counted(height)) {
        for (pixel, x) in row.chunks_exact_mut(channels).zip(counted(width)) {
            let [down, right] = affine.place([y, x]);
            let (top, below, dy) = neighbours(down, height);
            let (left, beside, dx) = neighbours(right, width);
            for (channel, out) in pixel.iter_mut().enumerate() {
                let byte = |y, x| f32::from(bytes[(y * width + x) * channels + channel]);
                let upper = mix(byte(top, left), byte(top, beside), dx);
                let lower = mix(byte(below, left), byte(below, beside), dx);
                *out = mix(upper, lower, dy) / 255.0;
            }
        }
    }
}

/// 0, 1, 2, …, `n` numbers.
fn counted(n: usize) -> impl Iterator<Item = f64> {
    (0..n).map(|i| u64::try_from(i).map_or(0.0, to_f64))
}

/// The pixels before and behind a place, and how far it lies from the first; places beyond the
/// border lie on it.
fn neighbours(place: f64, len: usize) -> (usize, usize, f32) {
    let last = u64::try_from(len - 1).map_or(0.0, to_f64);
    let place = place.clamp(0.0, last);
    let first = index(place.floor()).min(len - 1);
    (first, (first + 1).min(len - 1), narrow(place - place.floor()))
}

/// A whole number that is not negative as an index.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is whole, not negative, and less than a picture's side"
)]
fn index(whole: f64) -> usize {
    whole as usize
}

fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

/// Changes brightness, contrast and saturation in this order, each back to 0 to 1.
fn jitter(picture: &mut [f32], channels: usize, drawn: &Drawn) {
    let untouched = |factor: f32| (factor - 1.0).abs() < f32::EPSILON;
    if !untouched(drawn.brightness) {
        for x in picture.iter_mut() {
            *x = (*x * drawn.brightness).clamp(0.0, 1.0);
        }
    }
    if !untouched(drawn.contrast) {
        let total: f64 = picture.chunks_exact(channels).map(|p| f64::from(grey(p))).sum();
        let pixels = u64::try_from(picture.len() / channels).map_or(1.0, to_f64);
        let mean = narrow(total / pixels);
        for x in picture.iter_mut() {
            *x = mix(mean, *x, drawn.contrast).clamp(0.0, 1.0);
        }
    }
    if !untouched(drawn.saturation) && channels == 3 {
        for pixel in picture.chunks_exact_mut(3) {
            let own = grey(pixel);
            for x in pixel {
                *x = mix(own, *x, drawn.saturation).clamp(0.0, 1.0);
            }
        }
    }
}

/// The grey of a pixel of 1 or 3 channels.
fn grey(pixel: &[f32]) -> f32 {
    match pixel {
        [red, green, blue] => GREY[0] * red + GREY[1] * green + GREY[2] * blue,
        _ => pixel.first().copied().unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [6, 5, 3];

    fn bytes() -> Vec<u8> {
        let mut stream = Seed::new(4).stream();
        (0..6 * 5 * 3).map(|_| stream.bits().to_le_bytes()[0]).collect()
    }

    fn plain() -> Vec<f32> {
        bytes().into_iter().map(|b| f32::from(b) / 255.0).collect()
    }

    fn changed(augment: Augment, epoch: usize, row: usize) -> Vec<f32> {
        let mut out = vec![0.0; 6 * 5 * 3];
        let augmentation = Augmentation::new(&augment, Seed::new(1), epoch).unwrap();
        augmentation.fill(row, &bytes(), SHAPE, &mut out);
        out
    }

    /// The pixel of the result at `(y, x)` is the picture's at `of(y, x)`.
    #[track_caller]
    fn assert_moved(found: &[f32], of: impl Fn(usize, usize) -> (usize, usize)) {
        let plain = plain();
        for (y, x, c) in
            (0..6).flat_map(|y| (0..5).flat_map(move |x| (0..3).map(move |c| (y, x, c))))
        {
            let (py, px) = of(y, x);
            let (found, expected) = (found[(y * 5 + x) * 3 + c], plain[(py * 5 + px) * 3 + c]);
            assert!((found - expected).abs() < 1e-5, "{y} {x} {c}: {found} {expected}");
        }
    }

    fn none() -> Augment {
        Augment::default()
    }

    #[test]
    fn flips_and_half_a_turn_move_pixels_and_change_none() {
        assert_moved(&changed(Augment { horizontal_flip: 1.0, ..none() }, 1, 0), |y, x| (y, 4 - x));
        assert_moved(&changed(Augment { vertical_flip: 1.0, ..none() }, 1, 0), |y, x| (5 - y, x));
        let both = Augment { horizontal_flip: 1.0, vertical_flip: 1.0, ..none() };
        assert_moved(&changed(both, 1, 0), |y, x| (5 - y, 4 - x));
        let turned = Drawn { angle: std::f64::consts::PI, ..still() };
        let mut out = vec![0.0; 90];
        sample(&bytes(), SHAPE, &turned, &mut out);
        assert_moved(&out, |y, x| (5 - y, 4 - x));
    }

    fn still() -> Drawn {
        Drawn {
            mirrored: false,
            upside_down: false,
            angle: 0.0,
            side: 1.0,
            offset: [0.5, 0.5],
            brightness: 1.0,
            contrast: 1.0,
            saturation: 1.0,
        }
    }

    #[test]
    fn a_quarter_turn_of_a_square_goes_one_way() {
        // 1 2 / 3 4 becomes, a quarter turn on, 2 4 / 1 3: the right column is on top.
        let quarter = Drawn { angle: std::f64::consts::FRAC_PI_2, ..still() };
        let mut out = [0.0; 4];
        sample(&[51, 102, 153, 204], [2, 2, 1], &quarter, &mut out);
        for (found, expected) in out.iter().zip([0.4, 0.8, 0.2, 0.6]) {
            assert!((found - expected).abs() < 1e-6, "{out:?}");
        }
    }

    #[test]
    fn a_crop_of_a_quarter_in_a_corner_is_drawn_out() {
        // The upper left quarter of 4 by 4 pixels 0, 16, …: its middles lie a quarter pixel apart
        // from its own, so that the first pixels are -0.25 (the border), 0.25, 0.75, 1.25 right.
        let picture: Vec<u8> = (0..16).map(|i| i * 16).collect();
        let corner = Drawn { side: 0.5, offset: [0.0, 0.0], ..still() };
        let mut out = [0.0; 16];
        sample(&picture, [4, 4, 1], &corner, &mut out);
        let row: Vec<f32> = out[..4].iter().map(|x| x * 255.0 / 16.0).collect();
        for (found, expected) in row.iter().zip([0.0, 0.25, 0.75, 1.25]) {
            assert!((found - expected).abs() < 1e-5, "{row:?}");
        }
        // One pixel down is half a pixel of the picture: 4 · 0.25 more than the first row's.
        assert!((out[4] * 255.0 / 16.0 - 1.0).abs() < 1e-5, "{out:?}");
    }

    #[test]
    fn colours_by_hand() {
        // Grey of (0.2, 0.4, 0.8) is 0.0598 + 0.2348 + 0.0912 = 0.3858.
        let picture = [0.2f32, 0.4, 0.8];
        let of = |drawn: Drawn| {
            let mut out = picture;
            jitter(&mut out, 3, &drawn);
            out
        };
        let near = |found: [f32; 3], expected: [f32; 3]| {
            found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4)
        };
        assert!(near(of(Drawn { brightness: 1.5, ..still() }), [0.3, 0.6, 1.0]));
        let grey = [0.3858; 3];
        assert!(near(of(Drawn { saturation: 0.0, ..still() }), grey));
        assert!(near(of(Drawn { contrast: 0.0, ..still() }), grey));
        assert!(near(of(still()), picture));
        let mut one = [0.5f32, 0.7];
        jitter(&mut one, 1, &Drawn { saturation: 0.0, contrast: 0.5, ..still() });
        assert!((one[0] - 0.55).abs() < 1e-6 && (one[1] - 0.65).abs() < 1e-6);
    }

    #[test]
    fn draws_depend_on_epoch_and_row_and_lie_in_their_ranges() {
        let all = Augment {
            horizontal_flip: 0.5,
            vertical_flip: 0.5,
            rotation: 30.0,
            crop: Some(0.5),
            brightness: 0.2,
            contrast: 0.3,
            saturation: 0.4,
        };
        assert_eq!(changed(all, 1, 7), changed(all, 1, 7));
        assert_ne!(changed(all, 1, 7), changed(all, 2, 7));
        assert_ne!(changed(all, 1, 7), changed(all, 1, 8));
        let augmentation = Augmentation::new(&all, Seed::new(1), 1).unwrap();
        let draws: Vec<Drawn> = (0..2000).map(|row| augmentation.drawn(row)).collect();
        for d in &draws {
            assert!(d.angle.abs() <= 30f64.to_radians() && (0.5f64.sqrt()..=1.0).contains(&d.side));
            assert!((0.799..=1.201).contains(&d.brightness));
            assert!((0.699..=1.301).contains(&d.contrast));
            assert!((0.599..=1.401).contains(&d.saturation));
        }
        let mirrored = draws.iter().filter(|d| d.mirrored).count();
        assert!((850..1150).contains(&mirrored), "{mirrored}");
        assert!(draws.iter().any(|d| d.angle < -0.4) && draws.iter().any(|d| d.angle > 0.4));
    }

    #[test]
    fn a_change_that_is_switched_on_moves_no_other() {
        let augmentation = |augment| Augmentation::new(&augment, Seed::new(1), 1).unwrap();
        let turned = augmentation(Augment { rotation: 20.0, ..none() }).drawn(3);
        let also = augmentation(Augment { rotation: 20.0, brightness: 0.5, ..none() }).drawn(3);
        assert_eq!(Drawn { brightness: turned.brightness, ..also }, turned);
    }

    #[test]
    fn nothing_asked_for_is_nothing_and_four_channels_are_refused() {
        assert!(Augmentation::new(&none(), Seed::new(1), 1).is_none());
        let flip = Augment { horizontal_flip: 0.5, ..none() };
        assert!(check(&none(), [8, 8, 4]).is_ok() && check(&flip, [8, 8, 1]).is_ok());
        let message = check(&flip, [8, 8, 4]).unwrap_err().to_string();
        assert!(message.contains("`augment`") && message.contains("4 channels"), "{message}");
    }

    proptest::proptest! {
        #[test]
        fn changed_pictures_stay_between_black_and_white(
            row in 0..1000usize, epoch in 1..50usize, range in 0.0..1.0f64,
        ) {
            let augment = Augment {
                horizontal_flip: range,
                vertical_flip: range,
                rotation: 180.0 * range,
                crop: Some(1.0 - 0.9 * range),
                brightness: range,
                contrast: range,
                saturation: range,
            };
            if augment != none() {
                let out = changed(augment, epoch, row);
                assert!(out.iter().all(|x| (0.0..=1.0).contains(x)));
            }
        }
    }
}
