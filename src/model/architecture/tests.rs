//! Names, numbers, places and refusals of plans.

use super::*;

fn named(name: &str, shape: [usize; 3], classes: usize) -> Plan {
    Plan::new(&Architecture::from(name), shape, classes).unwrap()
}

fn listed(layers: Vec<Layer>, shape: [usize; 3]) -> Result<Plan, ModelError> {
    Plan::new(&Architecture::Layers(layers), shape, 2)
}

fn same(filters: usize) -> Layer {
    conv(filters, 3, Padding::Same)
}

#[test]
fn the_seed_network_has_the_published_number_of_parameters() {
    let plan = named("seed-cnn", [64, 64, 3], 2);
    let tensors = plan.tensors();
    // 896 + 18,496 + 36,928 + 589,888 + 130
    assert_eq!(tensors.iter().map(|t| t.len()).sum::<usize>(), 646_338);
    let weights: Vec<_> = tensors.iter().step_by(2).map(|t| t.name.as_str()).collect();
    assert_eq!(
        weights,
        ["conv1.weight", "conv2.weight", "conv3.weight", "fc1.weight", "fc2.weight"]
    );
    let places: Vec<_> = tensors.iter().skip(1).step_by(2).map(|t| &t.sequential).collect();
    assert_eq!(places, ["0.bias", "3.bias", "6.bias", "9.bias", "11.bias"]);
    assert_eq!(tensors[6].shape, [64, 9216]);
}

#[test]
fn pictures_may_be_as_small_as_eighteen_and_not_smaller() {
    // 18 -> 16 -> 8 -> 6 -> 3 -> 1
    assert_eq!(named("seed-cnn", [18, 18, 3], 2).tensors()[6].shape, [64, 64]);
    let seed = Architecture::from("seed-cnn");
    let message = Plan::new(&seed, [64, 17, 3], 2).unwrap_err().to_string();
    assert_eq!(message, "the pictures are 64x17, but `seed-cnn` needs at least 18x18");
    let one_class = Plan::new(&seed, [64, 64, 3], 1);
    assert!(matches!(one_class, Err(ModelError::Setting { key: "classes", .. })));
}

#[test]
fn the_named_networks_are_chains() {
    let seed = named("seed-cnn", [64, 61, 3], 2).as_chain().unwrap();
    let pools: Vec<_> = seed.convs.iter().map(|c| c.pool).collect();
    assert_eq!(pools, [true, true, false]);
    let last = seed.convs[2];
    assert_eq!((last.height, last.width, last.channels, last.filters), (14, 13, 64, 64));
    let sizes = |chain: Chain| chain.dense.iter().map(|d| [d.inputs, d.units]).collect::<Vec<_>>();
    assert_eq!(sizes(seed), [[12 * 11 * 64, 64], [64, 2]]);
    let mlp = named("mlp", [8, 8, 3], 5).as_chain().unwrap();
    assert!(mlp.convs.is_empty());
    assert_eq!(sizes(mlp), [[192, 128], [128, 64], [64, 5]]);
    assert_eq!(sizes(named("logistic", [8, 8, 3], 5).as_chain().unwrap()), [[192, 5]]);
    assert!(architectures().iter().all(|(n, _)| named(n, [32, 32, 3], 2).as_chain().is_some()));
}

#[test]
fn whatever_is_more_than_a_chain_is_none() {
    let valid = || conv(4, 3, Padding::Valid);
    let fine = || vec![valid(), Layer::Relu, Layer::MaxPool(2), Layer::Flatten];
    assert!(listed(fine(), [9, 9, 3]).unwrap().as_chain().is_some_and(|c| c.convs[0].pool));
    let with = |at: usize, layer: Layer| {
        let mut layers = fine();
        layers.insert(at, layer);
        listed(layers, [9, 9, 3]).unwrap().as_chain()
    };
    assert!(with(3, Layer::MaxPool(2)).is_none() && with(0, same(3)).is_none());
    assert!(with(1, Layer::BatchNorm).is_none() && with(4, Layer::Relu).is_none());
    assert!(with(4, Layer::Dense(3)).is_none() && with(4, Layer::Dropout(0.5)).is_none());
    let swapped = vec![valid(), Layer::MaxPool(2), Layer::Relu, Layer::Flatten];
    assert!(listed(swapped, [9, 9, 3]).unwrap().as_chain().is_none());
    let wider = vec![conv(4, 5, Padding::Valid), Layer::Relu, Layer::Flatten];
    assert!(listed(wider, [9, 9, 3]).unwrap().as_chain().is_none());
}

#[test]
fn tensors_of_blocks_and_norms_have_names_and_roles() {
    let block = Layer::Residual(vec![same(4), Layer::BatchNorm, Layer::Relu]);
    let layers = vec![same(4), block, Layer::Flatten, Layer::BatchNorm];
    let plan = listed(layers, [5, 4, 3]).unwrap();
    let names: Vec<_> = plan.tensors().into_iter().map(|t| (&*t.name, &*t.sequential)).collect();
    assert_eq!(
        names[..4],
        [
            ("conv1.weight", "0.weight"),
            ("conv1.bias", "0.bias"),
            ("conv2.weight", "1.0.weight"),
            ("conv2.bias", "1.0.bias")
        ]
    );
    assert_eq!(names[6], ("bn1.running_mean", "1.1.running_mean"));
    assert_eq!(names[11], ("bn2.running_var", "3.running_var"));
    assert_eq!(names[12], ("fc1.weight", "4.weight"));
    assert_eq!(plan.layers[1].inner()[1].place, "architecture[1].residual[1]");
    assert_eq!(plan.tensors().iter().filter(|t| !t.is_trained()).count(), 4);
    let drawn = plan.drawn(Seed::new(1));
    assert!(drawn[4].iter().chain(&drawn[7]).all(|x| (x - 1.0).abs() < f32::EPSILON));
    assert!(drawn[5].iter().chain(&drawn[6]).all(|x| x.abs() < f32::EPSILON));
    // 1/√(3·3·3)
    assert!(drawn[0].iter().all(|x| x.abs() < 0.193) && drawn[0].iter().any(|x| x.abs() > 0.15));
}

#[test]
fn lists_that_do_not_fit_the_pictures_are_refused_by_index() {
    let message = |layers, shape| listed(layers, shape).unwrap_err().to_string();
    let pools = || vec![Layer::MaxPool(2), Layer::AveragePool(4), Layer::Flatten];
    assert_eq!(
        message(pools(), [7, 9, 3]),
        "the pictures are 7x9, but `architecture[1]` needs at least 8x8"
    );
    assert_eq!(
        message(vec![Layer::Relu, Layer::Dense(3)], [7, 9, 3]),
        "`architecture[1]` gets a map of 7x9x3; put `flatten` before it"
    );
    let wide = vec![conv(1 << 20, 5, Padding::Same), Layer::Flatten];
    assert_eq!(
        message(wide, [64, 64, 3]),
        "the network has 8669626370 numbers, more than 1073741824; use fewer filters or units, or \
         a pool before the first dense layer"
    );
}
