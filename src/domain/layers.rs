//! What a network is made of, as a configuration states it, and which layers fit onto which.

use super::misfit::{Misfit, Wrong};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A network: one that has a name, or a list of layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Architecture {
    /// One of those that `audit list models` names.
    Named(String),
    /// These layers; a dense layer with one output for each class is added behind them.
    Layers(Vec<Layer>),
}

impl Architecture {
    /// The name; `layers` for a list.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::Layers(_) => "layers",
        }
    }
}

impl Default for Architecture {
    fn default() -> Self {
        Self::from("seed-cnn")
    }
}

impl From<&str> for Architecture {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}

impl fmt::Display for Architecture {
    /// The name, or the list as one line of JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Layers(layers) => {
                f.write_str(&serde_json::to_string(layers).map_err(|_| fmt::Error)?)
            }
        }
    }
}

/// One layer. In text it looks as in the configuration: `"relu"`, `{"max_pool": 2}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Convolution with bias.
    Conv(Conv),
    /// Batch normalisation with a scale and a shift for each channel.
    BatchNorm,
    /// `max(0, x)`.
    Relu,
    /// The largest of each square of this side; what is left over at the edge is dropped.
    MaxPool(usize),
    /// The mean of each square of this side; what is left over at the edge is dropped.
    AveragePool(usize),
    /// These layers; their input is added to their output.
    Residual(Vec<Layer>),
    /// In training each number is dropped with this probability, and the others grow accordingly.
    Dropout(f64),
    /// A map as one row of numbers, channel after channel.
    Flatten,
    /// Dense layer with bias and so many outputs.
    Dense(usize),
}

/// The settings of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conv {
    /// Channels of the output.
    pub filters: usize,
    /// Side of the kernel: 1, 3 or 5.
    pub kernel: usize,
    /// Step from one output to the next.
    pub stride: usize,
    /// What happens at the edge.
    pub padding: Padding,
}

/// What a convolution does at the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Half a kernel of zeros on each side: with stride 1 the size stays.
    Same,
    /// None: the map shrinks by the kernel less one.
    Valid,
}

/// What flows between two layers, for one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Height, width, channels.
    Map([usize; 3]),
    /// So many numbers.
    Flat(usize),
}

impl Extent {
    /// Channels of a map; every flat number is a channel of its own.
    #[must_use]
    pub fn channels(self) -> usize {
        match self {
            Self::Map([_, _, channels]) => channels,
            Self::Flat(numbers) => numbers,
        }
    }

    /// All its numbers.
    #[must_use]
    pub fn numbers(self) -> usize {
        match self {
            Self::Map(shape) => shape.into_iter().fold(1, usize::saturating_mul),
            Self::Flat(numbers) => numbers,
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map([height, width, channels]) => {
                write!(f, "a map of {height}x{width}x{channels}")
            }
            Self::Flat(1) => f.write_str("1 flat number"),
            Self::Flat(numbers) => write!(f, "{numbers} flat numbers"),
        }
    }
}

/// What a list of layers makes of an input.
///
/// # Errors
/// For the first layer that does not fit onto what flows into it, and for an empty list.
pub fn fit(layers: &[Layer], input: Extent) -> Result<Extent, Misfit> {
    if layers.is_empty() {
        return Err(Misfit::new(Wrong::Empty));
    }
    let next = |flow: Extent, (i, layer): (usize, &Layer)| {
        layer.output(flow).map_err(|misfit| misfit.within(i))
    };
    layers.iter().enumerate().try_fold(input, next)
}

/// As [`fit`], and what comes out must be flat, for a dense layer follows.
///
/// # Errors
/// As [`fit`]; and for a list that ends with a map.
pub fn fit_flat(layers: &[Layer], input: Extent) -> Result<usize, Misfit> {
    match fit(layers, input)? {
        Extent::Flat(numbers) => Ok(numbers),
        map @ Extent::Map(_) => Err(Misfit::new(Wrong::EndsWithMap(map)).within(layers.len() - 1)),
    }
}

impl Layer {
    /// All names.
    pub const NAMES: [&'static str; 9] = [
        "conv",
        "batch_norm",
        "relu",
        "max_pool",
        "average_pool",
        "residual",
        "dropout",
        "flatten",
        "dense",
    ];

    /// The name in configurations.
    #[must_use]
    pub fn name(&self) -> &'static str {
        Self::NAMES[match self {
            Self::Conv(_) => 0,
            Self::BatchNorm => 1,
            Self::Relu => 2,
            Self::MaxPool(_) => 3,
            Self::AveragePool(_) => 4,
            Self::Residual(_) => 5,
            Self::Dropout(_) => 6,
            Self::Flatten => 7,
            Self::Dense(_) => 8,
        }]
    }

    /// What comes out when `input` goes in.
    ///
    /// # Errors
    /// When the layer does not fit, or has a setting that cannot be meant.
    pub fn output(&self, input: Extent) -> Result<Extent, Misfit> {
        let refuse = |wrong| Err(Misfit::new(wrong));
        match (self, input) {
            (Self::Conv(conv), Extent::Map(map)) => conv.output(map),
            (Self::MaxPool(side) | Self::AveragePool(side), Extent::Map(map)) => pooled(*side, map),
            (Self::BatchNorm | Self::Relu, _) => Ok(input),
            (Self::Dropout(rate), _) if *rate > 0.0 && *rate < 1.0 => Ok(input),
            (Self::Dropout(rate), _) => {
                refuse(setting(format!("the rate {rate}"), "it must lie above 0 and below 1"))
            }
            (Self::Residual(layers), _) => residual(layers, input),
            (Self::Flatten, Extent::Map(_)) => Ok(Extent::Flat(input.numbers())),
            (Self::Flatten, Extent::Flat(_)) => refuse(Wrong::FlatAlready(input)),
            (Self::Dense(0), Extent::Flat(_)) => {
                refuse(setting("no units".to_owned(), "there must be at least 1"))
            }
            (Self::Dense(units), Extent::Flat(_)) => Ok(Extent::Flat(*units)),
            (Self::Dense(_), Extent::Map(_)) => refuse(Wrong::NeedsFlat(input)),
            (Self::Conv(_) | Self::MaxPool(_) | Self::AveragePool(_), Extent::Flat(_)) => {
                refuse(Wrong::NeedsMap(input))
            }
        }
    }
}

fn setting(found: String, must: &'static str) -> Wrong {
    Wrong::Setting { found, must }
}

impl Conv {
    /// Zeros on each side.
    #[must_use]
    pub fn margin(self) -> usize {
        match self.padding {
            Padding::Same => self.kernel / 2,
            Padding::Valid => 0,
        }
    }

    fn output(self, [height, width, channels]: [usize; 3]) -> Result<Extent, Misfit> {
        if ![1, 3, 5].contains(&self.kernel) {
            let found = format!("the kernel {}", self.kernel);
            return Err(Misfit::new(setting(found, "it must be 1, 3 or 5")));
        }
        if self.stride == 0 || self.filters == 0 {
            let found = "no filters or no stride".to_owned();
            return Err(Misfit::new(setting(found, "both must be at least 1")));
        }
        let side = |side: usize| {
            let room = (side + 2 * self.margin()).checked_sub(self.kernel)?;
            Some(room / self.stride + 1)
        };
        match (side(height), side(width)) {
            (Some(height), Some(width)) => Ok(Extent::Map([height, width, self.filters])),
            _ => Err(vanished([height, width, channels])),
        }
    }
}

fn pooled(side: usize, [height, width, channels]: [usize; 3]) -> Result<Extent, Misfit> {
    if !(2..=16).contains(&side) {
        return Err(Misfit::new(setting(format!("the side {side}"), "it must be 2 to 16")));
    }
    if height.min(width) < side {
        return Err(vanished([height, width, channels]));
    }
    Ok(Extent::Map([height / side, width / side, channels]))
}

fn vanished(map: [usize; 3]) -> Misfit {
    Misfit::new(Wrong::Vanishes(Extent::Map(map)))
}

fn residual(layers: &[Layer], input: Extent) -> Result<Extent, Misfit> {
    let output = fit(layers, input)?;
    if output == input {
        return Ok(input);
    }
    Err(Misfit::new(Wrong::Differs { input, output }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conv(filters: usize, kernel: usize, stride: usize, padding: Padding) -> Layer {
        Layer::Conv(Conv { filters, kernel, stride, padding })
    }

    fn message(layers: &[Layer], input: Extent) -> (String, String) {
        let misfit = fit_flat(layers, input).unwrap_err();
        (misfit.place("architecture"), misfit.because(true))
    }

    #[test]
    fn sizes_by_hand() {
        let map = Extent::Map([7, 8, 3]);
        let after = |layer: Layer| layer.output(map).unwrap();
        // (7 + 2·1 − 3)/1 + 1 = 7; (7 − 5)/1 + 1 = 3; (7 + 2·2 − 5)/2 + 1 = 4
        assert_eq!(after(conv(4, 3, 1, Padding::Same)), Extent::Map([7, 8, 4]));
        assert_eq!(after(conv(4, 5, 1, Padding::Valid)), Extent::Map([3, 4, 4]));
        assert_eq!(after(conv(4, 5, 2, Padding::Same)), Extent::Map([4, 4, 4]));
        assert_eq!(after(Layer::MaxPool(2)), Extent::Map([3, 4, 3]));
        assert_eq!(after(Layer::AveragePool(3)), Extent::Map([2, 2, 3]));
        assert_eq!(after(Layer::Flatten), Extent::Flat(168));
        assert_eq!(after(Layer::Residual(vec![Layer::Relu])), map);
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_index() {
        let map = Extent::Map([4, 4, 3]);
        let inner = Layer::Residual(vec![Layer::Relu, Layer::Dense(3)]);
        let cases: [(&[Layer], &str, &str); 8] = [
            (&[], "architecture", "holds no layer"),
            (&[Layer::Dense(2)], "architecture[0]", "gets a map of 4x4x3"),
            (
                &[Layer::Flatten, Layer::MaxPool(2)],
                "architecture[1]",
                "gets 48 flat numbers, not a map",
            ),
            (&[Layer::Relu, inner], "architecture[1].residual[1]", "gets a map of 4x4x3"),
            (
                &[Layer::MaxPool(2), Layer::MaxPool(2), Layer::MaxPool(2)],
                "architecture[2]",
                "leaves nothing of a map of 1x1x3",
            ),
            (
                &[Layer::Residual(vec![conv(5, 3, 1, Padding::Same)])],
                "architecture[0]",
                "makes a map of 4x4x5 of a map of 4x4x3, so the two cannot be added",
            ),
            (
                &[Layer::Relu],
                "architecture[0]",
                "ends the list with a map of 4x4x3, and a dense layer follows",
            ),
            (&[Layer::Flatten, Layer::Dropout(1.0)], "architecture[1]", "has the rate 1"),
        ];
        for (layers, place, because) in cases {
            assert_eq!(message(layers, map), (place.to_owned(), because.to_owned()));
        }
        assert!(conv(1, 5, 1, Padding::Valid).output(map).unwrap_err().vanishes());
        assert!(conv(1, 4, 1, Padding::Valid).output(map).is_err());
        assert!(conv(1, 3, 0, Padding::Valid).output(map).is_err());
    }

    #[test]
    fn text_looks_as_in_the_configuration_and_comes_back() {
        let text = r#"[{"conv":{"filters":8,"kernel":3,"stride":1,"padding":"same"}},"batch_norm",{"residual":["relu",{"dropout":0.25}]},"flatten",{"dense":4}]"#;
        let architecture: Architecture = serde_json::from_str(text).unwrap();
        assert_eq!((architecture.to_string().as_str(), architecture.name()), (text, "layers"));
        let named: Architecture = serde_json::from_str("\"mlp\"").unwrap();
        assert_eq!((named.to_string(), named), ("mlp".to_owned(), Architecture::from("mlp")));
    }
}
