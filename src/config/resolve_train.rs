//! The `model.train` block: which settings go with which optimiser and schedule.

use super::checked::{Keep, Shares, Train};
use super::raw::Raw;
use super::resolve::{Resolver, empty, size};
use super::train_dp::{Noise, TrainDp};
use crate::domain::{
    Architecture, Augment, CalibrationMethod, ClassWeights, Course, EarlyStopping, Optimizer, Per,
    Recipe, Schedule,
};

/// Settings of an optimiser or schedule, and the names that they belong to.
const OF_OPTIMIZER: [(&str, &[&str]); 5] = [
    ("momentum", &["sgd"]),
    ("nesterov", &["sgd"]),
    ("beta1", &["adam", "adamw"]),
    ("beta2", &["adam", "adamw"]),
    ("epsilon", &["adam", "adamw"]),
];
const OF_SCHEDULE: [(&str, &[&str]); 3] =
    [("step_size", &["step"]), ("gamma", &["step"]), ("final_rate", &["cosine"])];

impl Resolver<'_> {
    /// `model.train:`; `split` are the shares of `dataset.split`.
    pub(super) fn training(
        &mut self,
        raw: &Raw,
        architecture: Architecture,
        split: Option<Shares>,
    ) -> Train {
        let epochs = size(raw.count_at("epochs"), 10);
        self.validation_rows(raw, split);
        self.beginning(raw);
        let dp = self.private(raw);
        Train {
            architecture,
            epochs,
            batch_size: size(raw.count_at("batch_size"), 32),
            learning_rate: raw.number_at("learning_rate").unwrap_or(0.001),
            recipe: Recipe {
                optimizer: self.optimizer(raw),
                schedule: self.schedule(raw, epochs),
                early_stopping: raw.get("early_stopping").map(|stop| EarlyStopping {
                    patience: size(stop.count_at("patience"), 1),
                    min_delta: stop.number_at("min_delta").unwrap_or(0.0),
                }),
                class_weights: class_weights(raw),
                label_smoothing: raw.number_at("label_smoothing").unwrap_or(0.0),
                gradient_clip: raw.number_at("gradient_clip"),
                augment: augment(raw.get("augment").unwrap_or(&empty())),
                calibration: raw.get("calibration").map(|_| CalibrationMethod::Temperature),
            },
            dp,
            init_from: self.file(raw.get("init_from")),
            reset: raw.words_at("reset"),
            freeze: raw.words_at("freeze"),
            linear_probe: raw.flag_at("linear_probe").unwrap_or(false),
            keep: match raw.word_at("keep").as_deref() {
                Some("last") => Keep::Last,
                _ => Keep::Best,
            },
            device: raw.word_at("device").unwrap_or_default(),
            kernel: raw.word_at("kernel").unwrap_or_default(),
            tensorboard: raw.flag_at("tensorboard").unwrap_or(false),
        }
    }

    /// `model.train.dp`: exactly one of noise and ε, and no weights that one row changes for all.
    fn private(&mut self, raw: &Raw) -> Option<TrainDp> {
        let given = raw.get("dp")?;
        let numbers = (given.number_at("noise_multiplier"), given.number_at("epsilon"));
        let named = ["noise_multiplier", "epsilon"].map(|key| given.entry(key).is_some());
        if let ([true, true], Some(entry)) = (named, given.entry("epsilon")) {
            let help = "remove one of the two: ε follows from the noise, or the noise from ε";
            let label = "`epsilon` stands beside `noise_multiplier`";
            self.report_at("CF016", "key does not apply", &entry.place, (label, help));
        } else if named == [false, false] {
            let label = "`dp` needs `noise_multiplier` or `epsilon`";
            let help = "write `dp: {clip: 1.0, epsilon: 1.0, delta: 1e-5}`";
            self.report_at("CF005", "missing key", &given.place, (label, help));
        }
        let balanced = raw.get("class_weights").filter(|given| given.word().is_some());
        if let Some(balanced) = balanced {
            let label = "`balanced` cannot be private: one row would change the weights of all";
            let help = "give a weight for each class, such as `{benign: 1, malignant: 3}`";
            self.report_at("CF016", "key does not apply", &balanced.place, (label, help));
        }
        let noise = match numbers {
            (Some(multiplier), _) => Noise::Multiplier(multiplier),
            (None, epsilon) => Noise::Epsilon(epsilon.unwrap_or(1.0)),
        };
        let number = |key| given.number_at(key).unwrap_or(1.0);
        Some(TrainDp { clip: number("clip"), noise, delta: number("delta") })
    }

    /// Reports what says nothing about the weights to begin with.
    fn beginning(&mut self, raw: &Raw) {
        let mut report = |key: &str, why: &str, help: &str| {
            if let Some(entry) = raw.entry(key).filter(|_| raw.gives(key)) {
                let label = format!("`{key}` has no effect {why}");
                self.report_at("CF016", "key does not apply", &entry.place, (&label, help));
            }
        };
        if raw.get("init_from").is_none() {
            let help = "add `init_from:` with weights in safetensors, or remove the key";
            for key in ["reset", "freeze", "linear_probe"] {
                report(key, "without `init_from`", help);
            }
        } else if raw.flag_at("linear_probe") == Some(true) {
            let probe = "with `linear_probe`";
            report("freeze", probe, "all layers but the last are frozen; remove the key");
            report("augment", probe, "each picture is looked at once; remove one of the two");
        }
    }

    /// Reports what is chosen by validation rows where none are drawn.
    fn validation_rows(&mut self, raw: &Raw, split: Option<Shares>) {
        if !split.is_some_and(|shares| shares.validation <= 0.0) {
            return;
        }
        for key in ["early_stopping", "calibration"] {
            if let Some(entry) = raw.entry(key) {
                let label = format!("`{key}` needs validation rows");
                let help = "give `dataset.split.validation` a share, or remove the key";
                self.report_at("CF016", "key does not apply", &entry.place, (&label, help));
            }
        }
    }

    /// Reports settings that belong to another name.
    fn strangers(&mut self, raw: &Raw, name: &str, settings: &[(&str, &[&str])]) {
        for (key, names) in settings.iter().filter(|(_, names)| !names.contains(&name)) {
            if let Some(entry) = raw.entry(key).filter(|_| raw.gives(key)) {
                let label = format!("`{key}` has no effect with `{name}`");
                let help =
                    format!("it belongs to `{}`; remove it or change", names.join("` and `"));
                self.report_at("CF016", "key does not apply", &entry.place, (&label, &help));
            }
        }
    }

    fn optimizer(&mut self, raw: &Raw) -> Optimizer {
        let name = raw.word_at("optimizer").unwrap_or_default();
        if ["sgd", "adam", "adamw"].contains(&name.as_str()) {
            self.strangers(raw, &name, &OF_OPTIMIZER);
        }
        let number = |key, default| raw.number_at(key).unwrap_or(default);
        let (beta1, beta2) = (number("beta1", 0.9), number("beta2", 0.999));
        let epsilon = number("epsilon", 1e-8);
        match name.as_str() {
            "sgd" => {
                let (momentum, nesterov) = (number("momentum", 0.0), raw.flag_at("nesterov"));
                let nesterov = nesterov.unwrap_or(false);
                if let Some(entry) = raw.entry("nesterov").filter(|_| nesterov && momentum <= 0.0) {
                    let label = "`nesterov` has no effect without `momentum`";
                    let help = "add `momentum: 0.9` or remove it";
                    self.report_at("CF016", "key does not apply", &entry.place, (label, help));
                }
                Optimizer::Sgd { momentum, nesterov, weight_decay: number("weight_decay", 0.0) }
            }
            "adamw" => {
                let weight_decay = number("weight_decay", 0.01);
                Optimizer::AdamW { beta1, beta2, epsilon, weight_decay }
            }
            _ => {
                let weight_decay = number("weight_decay", 0.0);
                Optimizer::Adam { beta1, beta2, epsilon, weight_decay }
            }
        }
    }

    /// A name alone, or a table.
    fn schedule(&mut self, raw: &Raw, epochs: usize) -> Schedule {
        let none = empty();
        let given = raw.get("schedule").unwrap_or(&none);
        let name = given.word().or_else(|| given.word_at("name")).unwrap_or_default();
        if ["constant", "step", "cosine", "one_cycle"].contains(&name.as_str()) {
            self.strangers(given, &name, &OF_SCHEDULE);
        }
        let warmup = size(given.count_at("warmup"), 0);
        if let Some(late) = given.get("warmup").filter(|_| warmup > 0 && warmup >= epochs) {
            let label = format!("must be less than the {epochs} epochs");
            let help = "shorten the warm-up or add epochs";
            self.report_at("CF006", "value out of range", &late.place, (&label, help));
        }
        if name == "step" && given.get("step_size").is_none() {
            let label = "`step` needs `step_size`";
            let help = "write `schedule: {name: step, step_size: 3}`";
            self.report_at("CF005", "missing key", &given.place, (label, help));
        }
        let per = match given.word_at("per").as_deref() {
            Some("step") => Per::Step,
            _ => Per::Epoch,
        };
        Schedule { course: course(given, &name), per, warmup }
    }
}

fn course(raw: &Raw, name: &str) -> Course {
    match name {
        "step" => Course::Step {
            step_size: size(raw.count_at("step_size"), 1),
            gamma: raw.number_at("gamma").unwrap_or(0.1),
        },
        "cosine" => Course::Cosine { final_rate: raw.number_at("final_rate").unwrap_or(0.0) },
        "one_cycle" => Course::OneCycle,
        _ => Course::Constant,
    }
}

fn class_weights(raw: &Raw) -> ClassWeights {
    match raw.get("class_weights") {
        None => ClassWeights::Equal,
        Some(given) if given.word().is_some() => ClassWeights::Balanced,
        Some(given) => {
            let weight = |key: &str| Some((key.to_owned(), given.number_at(key)?));
            ClassWeights::Given(given.entries().iter().filter_map(|e| weight(&e.key)).collect())
        }
    }
}

fn augment(raw: &Raw) -> Augment {
    let number = |key| raw.number_at(key).unwrap_or(0.0);
    Augment {
        horizontal_flip: number("horizontal_flip"),
        vertical_flip: number("vertical_flip"),
        rotation: number("rotation"),
        crop: raw.number_at("crop"),
        brightness: number("brightness"),
        contrast: number("contrast"),
        saturation: number("saturation"),
    }
}
