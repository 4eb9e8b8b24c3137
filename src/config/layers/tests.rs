//! Lists of layers: what is read, and what each mistake is called and points at.

use super::super::{Config, Document, Known, Model, Problem, load};
use super::*;

/// A configuration whose network is `architecture`, as text behind `architecture:`.
fn text(architecture: &str) -> String {
    format!(
        "version: 1\nname: A\ndataset: {{format: synthetic}}\n\
         model:\n  train:\n    architecture: {architecture}\n"
    )
}

fn check(text: &str) -> Result<Config, Vec<Problem>> {
    let known = Known {
        architectures: vec!["seed-cnn".to_owned(), "mlp".to_owned()],
        formats: vec!["synthetic".to_owned()],
        ..Known::default()
    };
    let document = Document { path: "a.yaml".to_owned(), text: text.to_owned() };
    load(&document, &[], &known, &|_| true)
}

fn read(architecture: &str) -> Architecture {
    match check(&text(architecture)).unwrap().model {
        Model::Train(train) => train.architecture,
        other => unreachable!("{other:?}"),
    }
}

/// The only problem: code, text under the caret, label and help.
#[track_caller]
fn case(architecture: &str, code: &str, under: &str, words: &str) {
    let text = text(architecture);
    let problems = check(&text).expect_err("a problem");
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let span = problems[0].span.clone().expect("a place in the file");
    assert_eq!((problems[0].code, &text[span]), (code, under));
    let help = problems[0].help.clone().unwrap_or_default();
    let all = format!("{}; {help}", problems[0].label);
    assert!(all.contains(words), "{all}");
}

#[test]
fn names_and_lists_are_read_with_their_defaults() {
    assert_eq!(read("mlp"), Architecture::from("mlp"));
    let list = "
      - conv: {filters: 16, padding: same}
      - batch_norm
      - residual: [relu, {conv: {filters: 16, kernel: 1, stride: 1}}]
      - max_pool: 2
      - average_pool: 3
      - dropout: 0.25
      - flatten
      - dense: 64
      - relu";
    let conv = |kernel, padding| Layer::Conv(Conv { filters: 16, kernel, stride: 1, padding });
    let expected = vec![
        conv(3, Padding::Same),
        Layer::BatchNorm,
        Layer::Residual(vec![Layer::Relu, conv(1, Padding::Valid)]),
        Layer::MaxPool(2),
        Layer::AveragePool(3),
        Layer::Dropout(0.25),
        Layer::Flatten,
        Layer::Dense(64),
        Layer::Relu,
    ];
    assert_eq!(read(list), Architecture::Layers(expected));
    let default = check("version: 1\nname: A\ndataset: {format: synthetic}\nmodel: {train: }\n");
    assert!(
        matches!(default.unwrap().model, Model::Train(t) if t.architecture == Architecture::default())
    );
}

#[test]
fn a_layer_that_does_not_exist_or_is_written_in_another_form() {
    case("resnet", "CF003", "resnet", "one of `seed-cnn`, `mlp`");
    case("[relu6, flatten]", "CF003", "relu6", "did you mean `relu`?");
    case("[{cnv: {filters: 2}}, flatten]", "CF003", "cnv", "did you mean `conv`?");
    case("[lstm, flatten]", "CF003", "lstm", "one of `conv`, `max_pool`");
    case("[relu: 2, flatten]", "CF004", "relu", "write `relu` alone");
    case("[max_pool, flatten]", "CF004", "max_pool", "write `max_pool:` with a whole number");
    case("[3, flatten]", "CF004", "3", "expected a layer, found a whole number");
    case("[flatten, {dense: 2, dropout: 0.5}]", "CF010", "dropout", "begin each layer with `- `");
    case("7", "CF004", "7", "the name of an architecture or a list, each item a layer");
}

#[test]
fn a_setting_that_cannot_be_meant() {
    case("[{conv: {filters: 2, kernel: 4}}, flatten]", "CF006", "4", "one of [1, 3, 5]");
    case("[{conv: {kernel: 3}}, flatten]", "CF005", "kernel", "filters` is missing here");
    case("[{conv: {filters: 2, pad: 1}}, flatten]", "CF002", "pad", "has no such key");
    case("[{conv: {filters: 2, padding: sane}}, flatten]", "CF003", "sane", "`same`?");
    case("[flatten, {dropout: 1}]", "CF006", "1", "above 0 and below 1");
    case("[max_pool: 1, flatten]", "CF006", "1", "from 2 to 16");
    case("[flatten, {dense: many}]", "CF004", "many", "expected a whole number");
}

#[test]
fn layers_that_do_not_fit_name_their_index() {
    let at = |i: &str| format!("`model.train.architecture{i}` ");
    case("[]", "CF019", "architecture", &(at("") + "holds no layer"));
    case("[relu, {dense: 4}]", "CF019", "dense", &(at("[1]") + "gets a map"));
    case("[flatten, {max_pool: 2}]", "CF019", "max_pool", "before `flatten`");
    case("[relu]", "CF019", "relu", "end the list with `flatten`");
    let shrinks = "[{residual: [{conv: {filters: 3}}]}, flatten]";
    case(shrinks, "CF019", "residual", "so the two cannot be added");
    let within = "[{residual: [relu, {dense: 3}]}, flatten]";
    case(within, "CF019", "dense", &(at("[0].residual[1]") + "gets a map"));
    case("[{residual: }, flatten]", "CF019", "residual", "holds no layer");
}

#[test]
fn where_the_size_of_the_pictures_is_declared_they_may_not_vanish() {
    let pools = "[max_pool: 2, max_pool: 2, flatten]";
    let small =
        text(pools).replace("format: synthetic", "format: image-folder, path: d, resize: [3, 8]");
    let known = Known { formats: vec!["image-folder".to_owned()], ..Known::default() };
    let document = Document { path: "a.yaml".to_owned(), text: small };
    let problems = load(&document, &[], &known, &|_| true).unwrap_err();
    assert_eq!((problems.len(), problems[0].code), (1, "CF019"), "{problems:#?}");
    assert!(problems[0].label.contains("[1]` leaves nothing of a map of 1x4x3"));
    assert!(check(&text(pools)).is_ok());
}

proptest::proptest! {
    #[test]
    fn no_list_makes_the_loader_panic(list in "[-\\[\\]{}:, a-z_0-9]{0,60}") {
        drop(check(&text(&format!("[{list}]"))));
    }
}
