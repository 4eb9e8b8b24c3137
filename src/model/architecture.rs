//! The networks that can be trained and loaded, as data.

use super::error::ModelError;
use super::kernels::{conv, dense, flat, pool};
use super::network::narrow;
use crate::domain::{Seed, to_f64};

/// Convolutions 3×3 without padding, each with relu and each but the last followed by a 2×2
/// max-pool; then dense layers with relu; then one dense layer with an output per class.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Architecture {
    /// Its name in configurations.
    pub(crate) name: &'static str,
    /// Output channels of each convolution; at least one.
    pub(crate) filters: &'static [usize],
    /// Units of each hidden dense layer.
    pub(crate) hidden: &'static [usize],
}

/// All networks.
const ARCHITECTURES: &[Architecture] =
    &[Architecture { name: "seed-cnn", filters: &[32, 64, 64], hidden: &[64] }];

/// The names of the networks that [`super::train`] and [`super::load`] know.
#[must_use]
pub fn architectures() -> &'static [&'static str] {
    const NAMES: &[&str] = &[ARCHITECTURES[0].name];
    const { assert!(NAMES.len() == ARCHITECTURES.len(), "each network is listed") };
    NAMES
}

impl Architecture {
    /// The network of that name.
    pub(crate) fn named(name: &str) -> Result<&'static Self, ModelError> {
        let found = ARCHITECTURES.iter().find(|a| a.name == name);
        found.ok_or_else(|| ModelError::unknown("architecture", name, architectures()))
    }

    /// The layers for pictures of `[height, width, channels]` and `classes` classes.
    pub(crate) fn plan(
        &'static self,
        shape: [usize; 3],
        classes: usize,
    ) -> Result<Plan, ModelError> {
        let [height, width, channels] = shape;
        if classes < 2 {
            let (key, found) = ("classes", classes.to_string());
            return Err(ModelError::Setting { key, found, expected: "at least 2" });
        }
        if height.min(width) < self.least_side() {
            let (architecture, need) = (self.name, self.least_side());
            return Err(ModelError::TooSmall { architecture, height, width, need });
        }
        let mut input = [height, width, channels];
        let mut convs = Vec::with_capacity(self.filters.len());
        for &filters in self.filters {
            let [height, width, channels] = input;
            let conv = conv::Shape { height, width, channels, filters };
            let (pooled_height, pooled_width) = pool::pooled_size(conv);
            input = [pooled_height, pooled_width, filters];
            convs.push(conv);
        }
        let flat = convs.last().map_or(height * width * channels, |&last| flat::flat_len(last));
        let inputs = std::iter::once(&flat).chain(self.hidden);
        let units = self.hidden.iter().chain(std::iter::once(&classes));
        let dense = inputs.zip(units).map(|(&inputs, &units)| dense::Shape { inputs, units });
        Ok(Plan { architecture: self, shape, classes, dense: dense.collect(), convs })
    }

    /// The least height and width that leave one number to the last convolution: walks up from its
    /// output of 1, adding 2 for each convolution and doubling for each pool.
    fn least_side(&self) -> usize {
        (1..self.filters.len()).fold(3, |side, _| 2 * side + 2)
    }
}

/// A network fitted to the pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The network.
    pub(crate) architecture: &'static Architecture,
    /// Height, width and channels of the pictures.
    pub(crate) shape: [usize; 3],
    /// Outputs.
    pub(crate) classes: usize,
    /// Convolutions in order.
    pub(crate) convs: Vec<conv::Shape>,
    /// Dense layers in order.
    pub(crate) dense: Vec<dense::Shape>,
}

/// Name, place and size of a layer's numbers, which are a weight and a bias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerSpec {
    /// Our name, e.g. `conv1`.
    pub(crate) name: String,
    /// Its index in a `PyTorch` `Sequential` of convolution, relu, pool, flatten and linear modules.
    pub(crate) index: usize,
    /// Shape of the weight: `(filters, channels, 3, 3)` or `(units, inputs)`.
    pub(crate) weight: Vec<usize>,
}

impl LayerSpec {
    /// Numbers that go into one output: the product of all dimensions of the weight but the first.
    pub(crate) fn fan_in(&self) -> usize {
        self.weight.iter().skip(1).product()
    }

    /// Name and shape of its weight and bias.
    fn tensors(&self) -> [(String, Vec<usize>); 2] {
        let bias = self.weight.iter().take(1).copied().collect();
        let name = |part| format!("{}.{part}", self.name);
        [(name("weight"), self.weight.clone()), (name("bias"), bias)]
    }
}

impl Plan {
    /// Name and shape of each tensor, weight and bias of each layer in turn.
    pub(crate) fn specs(&self) -> Vec<(String, Vec<usize>)> {
        self.layers().iter().flat_map(LayerSpec::tensors).collect()
    }

    /// The first numbers of each tensor: drawn uniformly from ±1/√(numbers that go into one output),
    /// as `PyTorch` does by default, from the stream `model/init/<tensor>`.
    pub(crate) fn drawn(&self, seed: Seed) -> Vec<Vec<f32>> {
        let tensors = self.layers().into_iter().flat_map(|layer| {
            let bound = u64::try_from(layer.fan_in()).map_or(f64::INFINITY, to_f64).sqrt().recip();
            layer.tensors().map(|(name, shape)| {
                let mut stream = seed.child(&format!("model/init/{name}")).stream();
                let draw = |_| narrow(bound * (2.0 * stream.uniform() - 1.0));
                (0..shape.iter().product()).map(draw).collect::<Vec<f32>>()
            })
        });
        tensors.collect()
    }

    /// The layers, convolutions first.
    pub(crate) fn layers(&self) -> Vec<LayerSpec> {
        // Conv, relu, pool: three modules each; the last has Flatten where the others have the pool.
        let convs = self.convs.iter().enumerate().map(|(i, c)| LayerSpec {
            name: format!("conv{}", i + 1),
            index: 3 * i,
            weight: vec![c.filters, c.channels, 3, 3],
        });
        let dense = self.dense.iter().enumerate().map(|(i, d)| LayerSpec {
            name: format!("fc{}", i + 1),
            index: 3 * self.convs.len() + 2 * i,
            weight: vec![d.units, d.inputs],
        });
        convs.chain(dense).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_network_has_the_published_number_of_parameters() {
        let plan = Architecture::named("seed-cnn").unwrap().plan([64, 64, 3], 2).unwrap();
        let layers = plan.layers();
        let numbers = |l: &LayerSpec| l.weight.iter().product::<usize>() + l.weight[0];
        // 896 + 18,496 + 36,928 + 589,888 + 130
        assert_eq!(layers.iter().map(numbers).sum::<usize>(), 646_338);
        let names: Vec<_> = layers.iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["conv1", "conv2", "conv3", "fc1", "fc2"]);
        let places: Vec<_> = layers.iter().map(|l| l.index).collect();
        assert_eq!(places, [0, 3, 6, 9, 11]);
        assert_eq!(plan.dense[0].inputs, 9216);
    }

    #[test]
    fn pictures_may_be_as_small_as_eighteen_and_not_smaller() {
        let seed = Architecture::named("seed-cnn").unwrap();
        // 18 -> 16 -> 8 -> 6 -> 3 -> 1
        assert_eq!(seed.plan([18, 18, 3], 2).unwrap().dense[0].inputs, 64);
        let message = seed.plan([64, 17, 3], 2).unwrap_err().to_string();
        assert_eq!(message, "the pictures are 64x17, but `seed-cnn` needs at least 18x18");
        assert!(matches!(
            seed.plan([64, 64, 3], 1),
            Err(ModelError::Setting { key: "classes", .. })
        ));
    }
}
