//! The `privacy.membership` block: attacks, and the shadow models that some compare with; and
//! `privacy.canaries`.

use super::checked::{Canaries, CanaryKind, LabelOnly, Membership, Model};
use super::raw::{Entry, Raw};
use super::resolve::{Resolver, size};

/// How the names of attacks begin that have a block of their own.
const LABEL_ONLY: &str = "label_only.";

/// Attacks that run beside the usual ones where shadow models are trained and none is named.
const COMPARING: [&str; 4] = ["loss", "modified_entropy", "lira", "rmia"];

/// `privacy.canaries:`; the walk has seen to the ranges.
pub(super) fn canaries(raw: &Raw) -> Canaries {
    Canaries {
        count: size(raw.count_at("count"), 0),
        kind: match raw.word_at("kind").as_deref() {
            Some("noise") => CanaryKind::Noise,
            _ => CanaryKind::Mislabelled,
        },
        seed: raw.count_at("seed"),
    }
}

/// `label_only:`; the walk has seen to ranges and defaults.
fn label_only(raw: &Raw) -> LabelOnly {
    LabelOnly {
        queries_per_example: size(raw.count_at("queries_per_example"), 48),
        examples: size(raw.count_at("examples"), 500),
    }
}

impl Resolver<'_> {
    /// `privacy.membership:` below `privacy:`; the usual attacks where it is absent.
    pub(super) fn membership(&mut self, privacy: &Raw, model: &Model) -> Membership {
        let Some(block) = privacy.get("membership") else {
            return Membership { attacks: Vec::new(), shadow_models: None, label_only: None };
        };
        let shadows = block.entry("shadow_models");
        let named = block.gives("attacks");
        if let Some(entry) = shadows {
            self.shadows(entry, block, model);
        }
        let attacks = if shadows.is_some() && !named {
            COMPARING.map(str::to_owned).to_vec()
        } else {
            self.compared(block);
            block.words_at("attacks")
        };
        let models = block.count_at("shadow_models").and_then(|n| usize::try_from(n).ok());
        let attacks = attacks.into_iter().map(|name| self.known.attack(name)).collect();
        let label_only = block.get("label_only").map(label_only);
        Membership { attacks, shadow_models: models, label_only }
    }

    /// Whether shadow models can be trained, and are of use.
    fn shadows(&mut self, entry: &Entry, block: &Raw, model: &Model) {
        if !matches!(model, Model::Train(_)) {
            let label = "only a model that is trained here has a recipe that others can repeat";
            let help = "use `model.train`, or store the outputs of models of your own for \
                        `audit membership`";
            self.report_at("CF016", "key does not apply", &entry.place, (label, help));
        }
        let odd = block.count_at("shadow_models").filter(|n| n % 2 == 1);
        if let Some(n) = odd.filter(|n| *n > 2) {
            let label = format!("{n} models cannot be paired");
            let help = format!(
                "write {} or {}: one of each pair learns from what the other does not, so that \
                 half of the models have seen each row",
                n - 1,
                n + 1
            );
            self.report_at("CF006", "value out of range", &entry.value.place, (&label, &help));
        }
        let known = |name: &String| self.known.attacks.contains(name);
        let attacks = block.words_at("attacks");
        let compares = attacks.iter().any(|name| self.known.shadowed.contains_key(name));
        if block.gives("attacks") && attacks.iter().all(known) && !compares {
            let label = "none of `attacks` compares with shadow models";
            let help = "add `lira` and `rmia` to `attacks`, or remove the key";
            self.report_at("CF016", "key does not apply", &entry.place, (label, help));
        }
    }

    /// Each attack once, and enough shadow models for each.
    fn compared(&mut self, block: &Raw) {
        let (there, given) = (block.gives("shadow_models"), block.count_at("shadow_models"));
        let items = block.get("attacks").map(Raw::items).unwrap_or_default();
        let mut seen: Vec<String> = Vec::new();
        for item in items {
            let Some(name) = item.word() else { continue };
            if name.starts_with(LABEL_ONLY) {
                let label = format!("`{name}` is not chosen by name");
                let help = "remove it here and write `label_only: {}` beside `attacks`";
                self.report_at("CF016", "attack does not apply", &item.place, (&label, help));
                continue;
            }
            let full = self.known.attack(name.clone());
            if seen.contains(&full) {
                let label = format!("`{full}` is named before");
                self.report_at("CF007", "duplicate attack", &item.place, (&label, "remove it"));
            }
            seen.push(full);
            let Some(&need) = self.known.shadowed.get(&name) else { continue };
            match given {
                None if !there => {
                    let label =
                        format!("`{name}` compares with shadow models, and none is trained");
                    let help = "add `shadow_models: 8` beside `attacks`";
                    self.report_at("CF005", "missing key", &item.place, (&label, help));
                }
                // One model is refused for itself.
                Some(given) if (2..need).contains(&given) => {
                    let label = format!("`{name}` needs at least {need} shadow models");
                    let help = format!("write `shadow_models: {need}` or more");
                    self.report_at("CF006", "value out of range", &item.place, (&label, &help));
                }
                _ => {}
            }
        }
    }
}
