//! The keys of `model.train`: defaults, mistakes, and the manual's example.

use super::tests::{VALID, case, check, known};
use super::*;

/// [`VALID`] with these settings of the training.
fn trained(settings: &str) -> Result<Train, Vec<Problem>> {
    match check(&VALID.replace("{epochs: 3}", settings))?.model {
        Model::Train(train) => Ok(*train),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_training_is_resolved_with_its_defaults() {
    use crate::domain::{ClassWeights, Course, Optimizer, Per, Recipe};
    assert_eq!(trained("{epochs: 3}").unwrap().recipe, Recipe::default());
    let sgd = trained("{optimizer: sgd, momentum: 0.9, nesterov: true}").unwrap().recipe.optimizer;
    assert_eq!(sgd, Optimizer::Sgd { momentum: 0.9, nesterov: true, weight_decay: 0.0 });
    let adamw = trained("{optimizer: adamw}").unwrap().recipe.optimizer;
    assert!(matches!(adamw, Optimizer::AdamW { weight_decay, .. } if weight_decay > 0.009));
    let by_name = trained("{schedule: cosine}").unwrap().recipe.schedule;
    assert_eq!(by_name.course, Course::Cosine { final_rate: 0.0 });
    let text = "{schedule: {name: step, step_size: 2, per: step, warmup: 1}}";
    let schedule = trained(text).unwrap().recipe.schedule;
    assert_eq!(schedule.course, Course::Step { step_size: 2, gamma: 0.1 });
    assert_eq!((schedule.per, schedule.warmup), (Per::Step, 1));
    let weights = |text: &str| trained(text).unwrap().recipe.class_weights;
    assert_eq!(weights("{class_weights: balanced}"), ClassWeights::Balanced);
    let given = [("0".to_owned(), 1.0), ("b".to_owned(), 2.5)].into();
    assert_eq!(weights("{class_weights: {0: 1, b: 2.5}}"), ClassWeights::Given(given));
}

#[test]
fn the_example_of_the_manual_is_valid_and_uses_every_key() {
    let manual = include_str!("../../docs/training.md");
    let block = manual.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let text = VALID.replace("model:\n  train: {epochs: 3}\n", block);
    let config = check(&text).unwrap();
    let Model::Train(train) = config.model else { unreachable!("a training") };
    assert!(train.recipe.calibration.is_some() && train.recipe.early_stopping.is_some());
    let schema = schema(&known());
    let keys = &schema["properties"]["model"]["properties"]["train"]["properties"];
    for key in keys.as_object().unwrap().keys() {
        assert!(block.contains(&format!("{key}:")), "docs/training.md lacks `{key}`");
    }
}

#[test]
fn settings_of_a_training_that_cannot_be_meant() {
    case("{epochs: 3}", "{optimizer: sdg}", "CF003", "sdg", "did you mean `sgd`?");
    case("{epochs: 3}", "{schedule: cosin}", "CF003", "cosin", "did you mean `cosine`?");
    case("{epochs: 3}", "{schedule: {name: cos}}", "CF003", "cos", "`cosine`");
    case("{epochs: 3}", "{class_weights: balance}", "CF003", "balance", "`balanced`");
    case("{epochs: 3}", "{calibration: platt}", "CF003", "platt", "temperature");
    case("{epochs: 3}", "{schedule: [step]}", "CF004", "[step]", "");
    case("{epochs: 3}", "{class_weights: {a: heavy}}", "CF004", "heavy", "");
    case("{epochs: 3}", "{schedule: step}", "CF005", "step", "step_size: 3");
    case("{epochs: 3}", "{early_stopping: {min_delta: 1}}", "CF005", "min_delta", "`patience:`");
    case("{epochs: 3}", "{early_stopping: {patience: 0}}", "CF006", "0", "");
    case("{epochs: 3}", "{class_weights: {a: 0}}", "CF006", "0", "");
    case("{epochs: 3}", "{label_smoothing: 1}", "CF006", "1", "");
    case("{epochs: 3}", "{gradient_clip: 0}", "CF006", "0", "");
    case("{epochs: 3}", "{augment: {crop: 0}}", "CF006", "0", "");
    case("{epochs: 3}", "{augment: {rotation: 200}}", "CF006", "200", "");
    case("{epochs: 3}", "{schedule: {name: cosine, warmup: 10}}", "CF006", "10", "add epochs");
    case("{epochs: 3}", "{augment: {mixup: 1}}", "CF008", "mixup", "");
}

#[test]
fn settings_of_a_training_without_effect() {
    case("{epochs: 3}", "{momentum: 0.9}", "CF016", "momentum", "belongs to `sgd`");
    case("{epochs: 3}", "{optimizer: sgd, beta1: 0.9}", "CF016", "beta1", "`adam` and `adamw`");
    case("{epochs: 3}", "{optimizer: sgd, nesterov: true}", "CF016", "nesterov", "momentum: 0.9");
    case("{epochs: 3}", "{schedule: {name: cosine, gamma: 0.5}}", "CF016", "gamma", "`step`");
    case("{epochs: 3}", "{freeze: [conv1]}", "CF016", "freeze", "add `init_from:`");
    case("{epochs: 3}", "{reset: [head]}", "CF016", "reset", "add `init_from:`");
    case("{epochs: 3}", "{linear_probe: true}", "CF016", "linear_probe", "add `init_from:`");
    let probe = |more: &str| format!("{{init_from: w, linear_probe: true, {more}}}");
    case("{epochs: 3}", &probe("freeze: [conv1]"), "CF016", "freeze", "all layers but the last");
    case("{epochs: 3}", &probe("augment: {crop: 0.5}"), "CF016", "augment", "looked at once");
    case("{epochs: 3}", "{init_from: gone}", "CF009", "gone", "audits");
    let split = "groups: [sex, age_group, sex*age_group]\n  split: {train: 0.7, test: 0.3}";
    for key in ["early_stopping: {patience: 2}", "calibration: temperature"] {
        let text = VALID.replace("groups: [sex, age_group, sex*age_group]", split);
        let text = text.replace("epochs: 3", key);
        let problems = check(&text).unwrap_err();
        assert_eq!((problems.len(), problems[0].code), (1, "CF016"), "{problems:?}");
        assert!(problems[0].label.contains("needs validation rows"), "{problems:?}");
    }
}

#[test]
fn all_trials_of_a_search_begin_with_the_same_weights() {
    let search = "search: {parameters: {init_from: {values: [a, b]}}}\n";
    let problems = check(&format!("{VALID}{search}")).unwrap_err();
    assert_eq!((problems.len(), problems[0].code), (1, "CF016"), "{problems:?}");
}

#[test]
fn a_private_training_has_its_noise_or_its_epsilon() {
    let dp = |text: &str| trained(&format!("{{dp: {text}}}")).unwrap().dp.unwrap();
    let found = dp("{clip: 0.5, noise_multiplier: 1.1, delta: 1e-5}");
    assert_eq!(found, TrainDp { clip: 0.5, noise: Noise::Multiplier(1.1), delta: 1e-5 });
    let found = dp("{clip: 1, epsilon: 2, delta: 1e-6}");
    assert_eq!(found, TrainDp { clip: 1.0, noise: Noise::Epsilon(2.0), delta: 1e-6 });
    assert!(trained("{epochs: 3}").unwrap().dp.is_none());
    let config = check(&VALID.replace("{epochs: 3}", "{dp: {clip: 1, epsilon: 2, delta: 1e-6}}"));
    let claims = |config: &Config| config.gate.iter().any(|rule| rule.check == "dp_claim_excess");
    assert!(claims(&config.unwrap()) && !claims(&check(VALID).unwrap()));
}

#[test]
fn a_private_training_that_cannot_be_meant() {
    case("{epochs: 3}", "{dp: {clip: 1, noise_multiplier: 1}}", "CF005", "clip", "`delta:`");
    let neither = "{clip: 1, delta: 1e-5}";
    case("{epochs: 3}", &format!("{{dp: {neither}}}"), "CF005", neither, "epsilon: 1.0");
    let both = "{dp: {clip: 1, delta: 1e-5, noise_multiplier: 1, epsilon: 1}}";
    case("{epochs: 3}", both, "CF016", "epsilon", "remove one of the two");
    case("{epochs: 3}", "{dp: {clip: 0, delta: 1e-5, epsilon: 1}}", "CF006", "0", "");
    let balanced = "{class_weights: balanced, dp: {clip: 1, delta: 1e-5, epsilon: 1}}";
    case("{epochs: 3}", balanced, "CF016", "balanced", "a weight for each class");
    let accountant = "{dp: {clip: 1, delta: 1e-5, epsilon: 1, accountant: rdp}}";
    case("{epochs: 3}", accountant, "CF008", "accountant", "");
}
