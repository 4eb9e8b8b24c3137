//! `architecture`: the name of a network, or a list of layers.

use super::keys::{REQUIRED, fixed, key, table};
use super::problem::{Place, Problem, suggestion};
use super::raw::{Raw, RawValue};
use super::resolve::Resolver;
use super::shape::{From, Kind, Names, Need, Table, Walk, join};
use crate::domain::{Architecture, Conv, Extent, Layer, Padding, fit_flat};

/// A word, or a table with exactly one key.
pub(super) struct Choice {
    /// What one of them is called, with its article.
    pub(super) what: &'static str,
    /// The same without article; also its name in the schema.
    pub(super) name: &'static str,
    /// Those that are a word.
    pub(super) words: &'static [&'static str],
    /// Those that have a setting.
    pub(super) table: Table,
}

/// What `architecture` holds.
pub(super) const ARCHITECTURE: Kind = Kind::NameOr(&NAMES, &LAYERS);

static NAMES: Names =
    Names { what: "an architecture", from: From::Known(|known| &known.architectures), later: &[] };

static LAYERS: Kind = Kind::List(&ITEM);

static ITEM: Kind = Kind::Choice(&LAYER);

/// One layer.
pub(super) static LAYER: Choice = Choice {
    what: "a layer",
    name: "layer",
    words: &["batch_norm", "relu", "flatten"],
    table: table(
        &[
            key("conv", Kind::Table(&CONV), Need::Optional, "convolution with bias"),
            key(
                "max_pool",
                Kind::Count(2, 16),
                Need::Optional,
                "side of the squares whose largest number is kept",
            ),
            key(
                "average_pool",
                Kind::Count(2, 16),
                Need::Optional,
                "side of the squares whose mean is kept",
            ),
            key(
                "residual",
                Kind::List(&ITEM),
                Need::Optional,
                "layers whose input is added to their output",
            ),
            key(
                "dropout",
                Kind::Between(0.0, 1.0),
                Need::Optional,
                "probability that a number is dropped in training",
            ),
            key("dense", Kind::Count(1, 65_536), Need::Optional, "units of a dense layer"),
        ],
        &[],
    ),
};

static CONV: Table = table(
    &[
        key("filters", Kind::Count(1, 65_536), REQUIRED, "channels of the output"),
        key("kernel", Kind::Whole(&[1, 3, 5]), Need::Default("3"), "side of the kernel"),
        key("stride", Kind::Count(1, 16), Need::Default("1"), "step from one output to the next"),
        key(
            "padding",
            Kind::Name(&PADDINGS),
            Need::Default("valid"),
            "same: half a kernel of zeros on each side; valid: none",
        ),
    ],
    &[],
);

static PADDINGS: Names = fixed("a padding", &["same", "valid"]);

/// Side of the pictures that stands where it is not known: large enough for any list, and odd.
const AMPLE: usize = 1_048_575;

/// Channels of all pictures.
const CHANNELS: usize = 3;

impl Walk<'_> {
    /// A word of the choice, or a table with one of its keys.
    pub(super) fn choice(&mut self, raw: &mut Raw, choice: &Choice, path: &str) {
        self.duplicates(raw);
        let place = raw.place.clone();
        match &mut raw.value {
            RawValue::Table(entries) => {
                for entry in entries.iter_mut() {
                    let key = entry.key.clone();
                    let field = choice.table.fields.iter().find(|field| field.key == key);
                    let Some(field) = field else {
                        self.unknown_choice(&key, &entry.place, choice);
                        continue;
                    };
                    self.value(&mut entry.value, &field.kind, &join(path, field.key));
                }
                let one = format!("begin each {} with `- `, or remove this", choice.name);
                match entries.as_slice() {
                    [_] => {}
                    [] => self.refuse("CF010", "none is given", &place, ("name one", choice)),
                    [_, second, ..] => {
                        let at = second.place.clone();
                        self.refuse("CF010", "this is a second one", &at, (&one, choice));
                    }
                }
            }
            RawValue::Text(word) => {
                let word = word.clone();
                if !choice.words.contains(&word.as_str()) {
                    self.unknown_choice(&word, &place, choice);
                }
            }
            _ => {}
        }
    }

    fn refuse(
        &mut self,
        code: &'static str,
        label: &str,
        at: &Place,
        (help, choice): (&str, &Choice),
    ) {
        let message = format!("not exactly one {}", choice.name);
        self.problems.push(Problem::new(code, &message, at, label.to_owned()).help(help));
    }

    /// A name that is no layer, or that is written in the other form.
    fn unknown_choice(&mut self, name: &str, at: &Place, choice: &Choice) {
        let fields = choice.table.fields;
        let wrong = |label: String| Problem::new("CF004", "wrong type", at, label);
        let problem = if choice.words.contains(&name) {
            wrong(format!("`{name}` has no settings")).help(format!("write `{name}` alone"))
        } else if let Some(field) = fields.iter().find(|field| field.key == name) {
            let help = format!("write `{name}:` with {}: {}", field.kind.expected(), field.about);
            wrong(format!("`{name}` needs a setting")).help(help)
        } else {
            let keys = fields.iter().map(|field| field.key);
            let all: Vec<&str> = keys.chain(choice.words.iter().copied()).collect();
            let label = format!("no {} has this name", choice.name);
            let problem = Problem::new("CF003", &format!("unknown {}", choice.name), at, label);
            problem.help(suggestion(name, &all))
        };
        self.problems.push(problem);
    }
}

impl Resolver<'_> {
    /// The network of `block`, which is `model.<key>`; `root` is the whole document.
    pub(super) fn architecture(&mut self, block: &Raw, root: &Raw, key: &str) -> Architecture {
        let Some(raw) = block.get("architecture") else { return Architecture::default() };
        let RawValue::List(items) = &raw.value else {
            return Architecture::Named(raw.word().unwrap_or_default());
        };
        let Some(layers) = items.iter().map(layer).collect::<Option<Vec<_>>>() else {
            return Architecture::default();
        };
        let size = pictures(root);
        let sized = size.is_some();
        let size = size.unwrap_or([AMPLE, AMPLE, CHANNELS]);
        if let Err(misfit) = fit_flat(&layers, Extent::Map(size)) {
            let entry = block.entry("architecture").map_or(&raw.place, |entry| &entry.place);
            let place = place_of(raw, &misfit.at).unwrap_or(entry).clone();
            let list = misfit.place(&format!("model.{key}.architecture"));
            let label = format!("`{list}` {}", misfit.because(sized));
            self.report_at("CF019", "layer does not fit", &place, (&label, misfit.help()));
        }
        Architecture::Layers(layers)
    }
}

/// Where the layer of these indices stands.
fn place_of<'a>(list: &'a Raw, at: &[usize]) -> Option<&'a Place> {
    let (first, rest) = at.split_first()?;
    let item = list.items().get(*first)?;
    match item.entries().first() {
        Some(entry) if rest.is_empty() => Some(&entry.place),
        Some(entry) => place_of(&entry.value, rest).or(Some(&entry.place)),
        None => Some(&item.place),
    }
}

/// Height, width and channels of the pictures, where the document says them.
fn pictures(root: &Raw) -> Option<[usize; 3]> {
    let side = |raw: &Raw| raw.word().and_then(|word| word.parse().ok());
    match root.at(&["dataset", "resize"])?.items() {
        [height, width] => Some([side(height)?, side(width)?, CHANNELS]),
        _ => None,
    }
}

/// The layer of an item that the walk has accepted; none for one that it has refused.
fn layer(raw: &Raw) -> Option<Layer> {
    let [entry] = raw.entries() else {
        return match raw.word()?.as_str() {
            "batch_norm" => Some(Layer::BatchNorm),
            "relu" => Some(Layer::Relu),
            "flatten" => Some(Layer::Flatten),
            _ => None,
        };
    };
    let count = || raw.count_at(&entry.key).and_then(|n| usize::try_from(n).ok());
    match entry.key.as_str() {
        "conv" => conv(&entry.value).map(Layer::Conv),
        "max_pool" => count().filter(|n| (2..=16).contains(n)).map(Layer::MaxPool),
        "average_pool" => count().filter(|n| (2..=16).contains(n)).map(Layer::AveragePool),
        "residual" => {
            let layers: Option<Vec<_>> = entry.value.items().iter().map(layer).collect();
            layers.map(Layer::Residual)
        }
        "dropout" => raw.number_at("dropout").filter(|p| *p > 0.0 && *p < 1.0).map(Layer::Dropout),
        "dense" => count().filter(|n| *n > 0).map(Layer::Dense),
        _ => None,
    }
}

fn conv(raw: &Raw) -> Option<Conv> {
    let count = |key| raw.count_at(key).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let padding = match raw.word_at("padding")?.as_str() {
        "same" => Padding::Same,
        "valid" => Padding::Valid,
        _ => return None,
    };
    let kernel = count("kernel").filter(|k| [1, 3, 5].contains(k))?;
    Some(Conv { filters: count("filters")?, kernel, stride: count("stride")?, padding })
}

#[cfg(test)]
mod tests;
