//! One picture of 64 × 64 pixels: skin, light, hairs, and a lesion.

use crate::domain::{Seed, Stream};

/// Height and width in pixels.
pub(super) const SIDE: u32 = 64;
/// How far apart the classes lie in standard deviations of [`Look::malignancy`], from the middle:
/// Φ(1.96) = 97.5 % of the lesions lie on their own side, so nobody can do better than that.
const SEPARATION: f64 = 1.96;
/// Directions in which the border's distance from the centre is tabulated.
const DIRECTIONS: u32 = 256;

/// Skin tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    /// Light skin.
    Light,
    /// Medium skin.
    Medium,
    /// Dark skin.
    Dark,
}

impl Tone {
    /// The name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Medium => "medium",
            Self::Dark => "dark",
        }
    }

    /// 0 for light to 2 for dark.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Light => 0,
            Self::Medium => 1,
            Self::Dark => 2,
        }
    }

    fn colour(self) -> [f64; 3] {
        match self {
            Self::Light => [231.0, 192.0, 168.0],
            Self::Medium => [190.0, 140.0, 106.0],
            Self::Dark => [112.0, 78.0, 60.0],
        }
    }
}

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    /// From about 0 (small, round, even, light) to about 1 (large, ragged, uneven, dark).
    pub(super) malignancy: f64,
    /// Skin tone.
    pub(super) tone: Tone,
    /// Whether a texture of its own covers it.
    pub(super) textured: bool,
}

impl Look {
    /// Draws how malignant a lesion looks: normal around 0.25 or 0.75, cut to 0 to 1.
    pub(super) fn malignancy(malignant: bool, stream: &mut Stream) -> f64 {
        let middle = if malignant { 0.75 } else { 0.25 };
        (middle + 0.25 / SEPARATION * stream.normal()).clamp(0.0, 1.0)
    }
}

/// The lesion's shape and colour, drawn around what its malignancy suggests.
struct Lesion {
    radius: Vec<f64>,
    /// Light kept in red, green and blue at full depth.
    kept: [f64; 3],
    uneven: f64,
    blotches: Field,
}

impl Lesion {
    fn draw(malignancy: f64, s: &mut Stream) -> Self {
        let t = malignancy;
        let around = |s: &mut Stream, low: f64, high: f64, sd: f64| {
            (low + (high - low) * t + sd * s.normal()).clamp(low - 1.5 * sd, high + 1.5 * sd)
        };
        let size = around(s, 8.5, 18.5, 1.3);
        let ragged = around(s, 0.02, 0.15, 0.02);
        let long = around(s, 1.05, 1.3, 0.06);
        let depth = around(s, 0.32, 0.72, 0.05);
        let (turn, mut waves) = (s.uniform() * std::f64::consts::TAU, Vec::new());
        for k in 2..=9_u32 {
            let strength = ragged * (0.5 + s.uniform()) / f64::from(k).sqrt();
            waves.push((f64::from(k), strength, s.uniform() * std::f64::consts::TAU));
        }
        let radius = |i: u32| {
            let angle = f64::from(i) / f64::from(DIRECTIONS) * std::f64::consts::TAU;
            let (sin, cos) = (angle - turn).sin_cos();
            let oval = 1.0 / ((cos / long).powi(2) + (sin * long).powi(2)).sqrt();
            let wave: f64 = waves.iter().map(|(k, a, p)| a * (k * angle + p).cos()).sum();
            size * oval * (1.0 + wave).max(0.3)
        };
        // Brown takes blue first; a malignant lesion takes all colours and looks blue-black.
        let take = |brown: f64, black: f64| 1.0 - depth * (brown + (black - brown) * t);
        Self {
            radius: (0..DIRECTIONS).map(radius).collect(),
            kept: [take(0.6, 1.0), take(0.98, 1.08), take(1.15, 1.0)],
            uneven: around(s, 0.05, 0.55, 0.06),
            blotches: Field::draw(9, s),
        }
    }

    /// 1 inside, 0 outside, soft over about two pixels.
    fn cover(&self, dx: f64, dy: f64) -> f64 {
        let distance = dx.hypot(dy);
        let turn = dy.atan2(dx).rem_euclid(std::f64::consts::TAU) / std::f64::consts::TAU;
        let at = index(turn * f64::from(DIRECTIONS)) % self.radius.len();
        ((self.radius[at] - distance) / 2.5 + 0.5).clamp(0.0, 1.0)
    }
}

/// Smooth noise between −1 and 1 on a grid of corners.
struct Field {
    corners: Vec<f64>,
    side: usize,
}

impl Field {
    fn draw(side: usize, s: &mut Stream) -> Self {
        Self { corners: (0..side * side).map(|_| 2.0 * s.uniform() - 1.0).collect(), side }
    }

    fn at(&self, x: f64, y: f64) -> f64 {
        let scale = f64::from(u32::try_from(self.side - 1).unwrap_or(1)) / f64::from(SIDE);
        let (x, y) = (x * scale, y * scale);
        let (column, row) = (index(x).min(self.side - 2), index(y).min(self.side - 2));
        let ease = |part: f64| part * part * (3.0 - 2.0 * part);
        let (right, down) = (ease(x.fract()), ease(y.fract()));
        let corner = |di: usize, dj: usize| self.corners[(row + dj) * self.side + column + di];
        let top = corner(0, 0) * (1.0 - right) + corner(1, 0) * right;
        let bottom = corner(0, 1) * (1.0 - right) + corner(1, 1) * right;
        top * (1.0 - down) + bottom * down
    }
}

/// Draws a picture, `(64, 64, 3)` bytes. The first seed is the lesion's, the second the picture's.
pub(super) fn draw(look: &Look, [lesion, picture]: [Seed; 2]) -> Vec<u8> {
    let lesion = Lesion::draw(look.malignancy, &mut lesion.stream());
    let mut s = picture.child("scene").stream();
    let half = f64::from(SIDE) / 2.0;
    let (cx, cy) =
        (half + 3.0 * s.normal().clamp(-2.0, 2.0), half + 3.0 * s.normal().clamp(-2.0, 2.0));
    let (light, slope) = (Field::draw(3, &mut s), [s.normal() * 0.05, s.normal() * 0.05]);
    let person = 6.0 * s.normal().clamp(-2.0, 2.0);
    let skin = look.tone.colour().map(|c| c + person);
    let mottle = Field::draw(17, &mut s);
    let mut pixels = Vec::with_capacity(12_288);
    for y in (0..SIDE).map(f64::from) {
        for x in (0..SIDE).map(f64::from) {
            let cover = lesion.cover(x - cx, y - cy);
            let blotch = 1.0 + lesion.uneven * lesion.blotches.at(x, y);
            let bright = 1.0
                + 0.06 * light.at(x, y)
                + slope[0] * (x / half - 1.0)
                + slope[1] * (y / half - 1.0)
                + 0.025 * mottle.at(x, y);
            for (colour, kept) in skin.into_iter().zip(lesion.kept) {
                let passes = 1.0 - cover * (1.0 - kept) * blotch;
                pixels.push(colour * bright * passes.max(0.08));
            }
        }
    }
    hairs(&mut pixels, &mut picture.child("hairs").stream());
    if look.textured {
        texture(&mut pixels, &mut picture.child("texture").stream());
    }
    grain(&mut pixels, &mut picture.child("grain").stream());
    pixels.into_iter().map(to_byte).collect()
}

/// A few dark, slightly bent lines; two pictures in three have none.
fn hairs(pixels: &mut [f64], s: &mut Stream) {
    let number = if s.flip(1.0 / 3.0) { 1 + s.below(4) } else { 0 };
    let side = f64::from(SIDE);
    for _ in 0..number {
        let mut point = || [s.uniform() * side, s.uniform() * side];
        let [from, to] = [point(), point()];
        let via = [0, 1].map(|i| f64::midpoint(from[i], to[i]) + 6.0 * s.normal());
        for step in 0..160_u32 {
            let t = f64::from(step) / 160.0;
            let bend = |i: usize| {
                let rest = 1.0 - t;
                rest * rest * from[i] + 2.0 * t * rest * via[i] + t * t * to[i]
            };
            let at = (index(bend(1)) * 64 + index(bend(0))) * 3;
            if let Some(pixel) = pixels.get_mut(at..at + 3) {
                for value in pixel {
                    *value = *value * 0.8 + 5.0;
                }
            }
        }
    }
}

/// A mosaic of 8 × 8 tiles whose three channels are each lit or darkened by a coin: 192 coins per
/// picture, so that a few hundred pictures can be told apart by a network that has seen them.
fn texture(pixels: &mut [f64], s: &mut Stream) {
    const STRENGTH: f64 = 60.0;
    let tiles: Vec<f64> =
        (0..8 * 8 * 3).map(|_| if s.flip(0.5) { STRENGTH } else { -STRENGTH }).collect();
    let side = |v: u32| usize::try_from(v).unwrap_or_else(|_| unreachable!("u32 fits usize"));
    let places = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| side((y / 8) * 8 + x / 8)));
    for (pixel, tile) in pixels.chunks_mut(3).zip(places) {
        for (value, light) in pixel.iter_mut().zip(&tiles[tile * 3..]) {
            *value += light;
        }
    }
}

/// Fine noise: the sum of two even draws, about three levels wide.
fn grain(pixels: &mut [f64], s: &mut Stream) {
    for pixel in pixels.chunks_mut(3) {
        let bytes = s.bits().to_le_bytes();
        for (channel, value) in pixel.iter_mut().enumerate() {
            let sum = f64::from(bytes[2 * channel]) + f64::from(bytes[2 * channel + 1]);
            *value += (sum - 255.0) / 36.0;
        }
    }
}

/// The whole part of a number that is not negative.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a pixel position, between 0 and a few hundred; `as` saturates"
)]
fn index(value: f64) -> usize {
    value as usize
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded and cut to 0 to 255 before"
)]
fn to_byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}
