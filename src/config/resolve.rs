//! From the document as typed to the checked configuration, block by block.
//!
//! The walk of [`super::shape`] has seen every single value. Here is what depends on several keys,
//! on the folder of the file and on which files exist. A value of the wrong type was reported
//! before, so here it reads as absent or as its default.

use super::checked::{
    Anonymity, Config, Dataset, Dp, Fairness, FilePath, Load, Metrics, Misuse, MisuseFacts, Model,
    Pii, Privacy, Report,
};
use super::known::Known;
use super::problem::{Place, Problem};
use super::raw::Raw;
use super::resolve_membership::canaries;
use crate::domain::{Harm, HarmKind, Owner, System, nearest};
use std::path::{Path, PathBuf};

/// What the blocks need beside their own keys, and the problems found so far.
pub(super) struct Resolver<'a> {
    pub(super) text: &'a str,
    pub(super) known: &'a Known,
    pub(super) folder: PathBuf,
    pub(super) exists: &'a dyn Fn(&Path) -> bool,
    pub(super) problems: Vec<Problem>,
}

/// An empty table, for blocks that are absent.
pub(super) fn empty() -> Raw {
    Raw::new(super::raw::RawValue::Table(Vec::new()))
}

/// A count as a size. Counts are limited long before they exceed it.
pub(super) fn size(count: Option<u64>, default: usize) -> usize {
    count.and_then(|n| usize::try_from(n).ok()).unwrap_or(default)
}

impl Resolver<'_> {
    /// The whole file.
    pub(super) fn config(&mut self, raw: &Raw, file: &str) -> Config {
        let none = empty();
        let block = |key| raw.get(key).unwrap_or(&none);
        let name = raw.word_at("name").unwrap_or_default();
        let dataset = self.dataset(block("dataset"), raw);
        let model = self.model(raw, &dataset);
        Config {
            file: file.to_owned(),
            slug: slug(&name, file),
            seed: raw.count_at("seed").unwrap_or(0),
            system: system(block("system"), &name),
            name,
            search: raw.get("search").map(|search| self.search(search)),
            fairness: self.fairness(block("fairness"), &dataset.groups),
            privacy: self.privacy(block("privacy"), &model),
            misuse: raw.get("misuse").map(|misuse| self.misuse(raw, misuse, &dataset.format)),
            gate: self.gate_and_claim(raw, &dataset.groups),
            waivers: self.file(raw.get("waivers")),
            report: self.report(block("report")),
            model,
            dataset,
        }
    }

    /// Reports a problem at a place, with a label and help.
    pub(super) fn report_at(
        &mut self,
        code: &'static str,
        message: &str,
        at: &Place,
        (label, help): (&str, &str),
    ) {
        let problem = Problem::new(code, message, at, label.to_owned());
        self.problems.push(problem.help(help));
    }

    /// A path from the working directory.
    pub(super) fn resolve(&self, given: &str) -> FilePath {
        FilePath { given: given.to_owned(), resolved: self.folder.join(given) }
    }

    /// A path whose file must exist.
    pub(super) fn file(&mut self, raw: Option<&Raw>) -> Option<FilePath> {
        let raw = raw?;
        let file = self.resolve(&raw.word()?);
        if !(self.exists)(&file.resolved) {
            self.missing_file(&raw.place, &[&file.resolved]);
        }
        Some(file)
    }

    /// Reports that none of the places where a file was looked for has it.
    pub(super) fn missing_file(&mut self, at: &Place, looked: &[&Path]) {
        let looked: Vec<String> =
            looked.iter().map(|path| format!("`{}`", path.display())).collect();
        let help = format!(
            "looked for {}; relative paths start at the folder of the configuration file",
            looked.join(" and ")
        );
        self.report_at("CF009", "missing file", at, ("there is no such file or folder", &help));
    }

    fn model(&mut self, raw: &Raw, dataset: &Dataset) -> Model {
        let none = empty();
        let model = raw.get("model").unwrap_or(&none);
        let given: Vec<&str> = ["train", "load", "predictions"]
            .into_iter()
            .filter(|key| model.get(key).is_some())
            .collect();
        self.model_choice(raw, &given, &dataset.format);
        if let Some(train) = model.get("train") {
            let architecture = self.architecture(train, raw, "train");
            return Model::Train(Box::new(self.training(train, architecture, dataset.split)));
        }
        if let Some(load) = model.get("load") {
            let nowhere = FilePath { given: String::new(), resolved: PathBuf::new() };
            return Model::Load(Load {
                format: load.word_at("format").unwrap_or_default(),
                path: self.file(load.get("path")).unwrap_or(nowhere),
                architecture: self.architecture(load, raw, "load"),
            });
        }
        Model::Predictions(self.file(model.at(&["predictions", "path"])))
    }

    fn model_choice(&mut self, raw: &Raw, given: &[&str], format: &str) {
        let table = format == "predictions";
        let Some(entry) = raw.entry("model") else {
            if !table && self.known_format(format) {
                let at = raw.entry("dataset").map_or(&raw.place, |entry| &entry.place);
                let help = "add `model: {train: {}}` to train a network with the defaults";
                self.report_at("CF005", "missing key", at, ("this needs `model` beside it", help));
            }
            return;
        };
        let choices = "give exactly one of `train`, `load`, `predictions`";
        match given {
            [] if !table => {
                self.report_at("CF010", "no model", &entry.place, ("none is given", choices));
            }
            [only] if table && *only != "predictions" => {
                let at = entry.value.entry(only).map_or(&entry.place, |entry| &entry.place);
                let label = "a predictions table has no inputs to run a model on";
                self.report_at("CF016", "key does not apply", at, (label, "leave `model` out"));
            }
            [] | [_] => {}
            [_, second, ..] => {
                let at = entry.value.entry(second).map_or(&entry.place, |entry| &entry.place);
                let label = format!("`{}` is given as well", given[0]);
                self.report_at("CF010", "more than one model", at, (&label, choices));
            }
        }
    }

    /// Whether the format was accepted; else what depends on it cannot be judged.
    fn known_format(&self, format: &str) -> bool {
        self.known.formats.iter().any(|name| name == format)
    }

    fn fairness(&mut self, raw: &Raw, groups: &[Vec<String>]) -> Fairness {
        let features: Vec<&str> = groups.iter().flatten().map(String::as_str).collect();
        for entry in raw.get("reference").map(Raw::entries).unwrap_or_default() {
            if !features.contains(&entry.key.as_str()) {
                let help = undeclared(&entry.key, &features);
                let label = "`dataset.groups` does not name this feature";
                self.report_at("CF012", "undeclared group", &entry.place, (label, &help));
            }
        }
        for item in raw.get("control").map(Raw::items).unwrap_or_default() {
            let Some(feature) = item.word() else { continue };
            if !groups.iter().any(|g| g.len() == 1 && g[0] == feature) {
                let help = undeclared(&feature, &features);
                let label = "`dataset.groups` does not name this feature alone";
                self.report_at("CF012", "undeclared group", &item.place, (label, &help));
            }
        }
        Fairness {
            task: raw.word_at("task").unwrap_or_else(|| "binary".to_owned()),
            metrics: match raw.word_at("metrics").as_deref() {
                Some("default") => Metrics::Default,
                Some(_) => Metrics::All,
                None => Metrics::Named(raw.words_at("metrics")),
            },
            control: raw.words_at("control"),
            threshold: raw.number_at("threshold"),
            reference: raw.map_at("reference"),
            min_group_size: raw.count_at("min_group_size").unwrap_or(30),
            confidence: raw.number_at("confidence").unwrap_or(0.95),
            compat: raw.words_at("compat"),
            local_law_144: raw.flag_at("local_law_144").unwrap_or(false),
            interval: raw.word_at("interval").unwrap_or_else(|| "wilson".to_owned()),
            tests: raw.word_at("tests").unwrap_or_else(|| "analytic".to_owned()),
            slices: raw.get("slices").map(|slices| self.slices(slices, &features)),
        }
    }

    fn privacy(&mut self, raw: &Raw, model: &Model) -> Privacy {
        let paths = raw.get("pii").and_then(|block| block.get("paths")).map(Raw::items);
        let paths = paths.unwrap_or_default().iter().filter_map(|path| self.file(Some(path)));
        let paths = paths.collect();
        Privacy {
            membership: self.membership(raw, model),
            pii: Pii { paths },
            dp: raw.get("dp").map(dp),
            anonymity: raw.get("anonymity").map(|block| self.anonymity(block)),
            canaries: raw.get("canaries").map(canaries),
        }
    }

    fn anonymity(&mut self, raw: &Raw) -> Anonymity {
        let (quasi, sensitive) = (raw.words_at("quasi"), raw.words_at("sensitive"));
        if let (true, Some(entry)) = (quasi.is_empty(), raw.entry("quasi")) {
            let help = "`audit anonymity TABLE` shows which columns an attacker may know";
            let label = "a list without columns measures nothing";
            self.report_at("CF006", "value out of range", &entry.value.place, (label, help));
        }
        let twice = |(i, name): &(usize, &String)| {
            quasi.iter().chain(&sensitive).take(*i).any(|n| n == *name)
        };
        let named = quasi.iter().chain(&sensitive).enumerate().find(twice);
        if let Some((_, name)) = named {
            let label = format!("`{name}` is named more than once");
            let help = "a column is either known to an attacker or sensitive; name it once";
            let at = raw.entry("sensitive").map_or(&raw.place, |entry| &entry.place);
            self.report_at("CF007", "duplicate column", at, (&label, help));
        }
        let nowhere = FilePath { given: String::new(), resolved: PathBuf::new() };
        Anonymity {
            path: self.file(raw.get("path")).unwrap_or(nowhere),
            population: self.file(raw.get("population")),
            l: raw.count_at("l"),
            quasi,
            sensitive,
        }
    }

    fn misuse(&mut self, root: &Raw, raw: &Raw, format: &str) -> Misuse {
        if raw.get("log").is_none() && format != "synthetic" && self.known_format(format) {
            let at = root.entry("misuse").map_or(&raw.place, |entry| &entry.place);
            let help =
                "add `log:` with the path of a usage log; only synthetic data brings its own";
            self.report_at("CF005", "missing key", at, ("`misuse.log` is missing here", help));
        }
        Misuse {
            policy: self.file(raw.get("policy")),
            log: self.file(raw.get("log")),
            facts: facts(raw),
        }
    }

    fn report(&self, raw: &Raw) -> Report {
        let formats = match raw.get("formats") {
            Some(_) => raw.words_at("formats"),
            None => self.known.renderers.clone(),
        };
        Report { formats, languages: raw.words_at("languages") }
    }
}

/// The facts of a `misuse` block.
pub(super) fn facts(raw: &Raw) -> MisuseFacts {
    MisuseFacts {
        purposes: raw.words_at("purposes"),
        domains: raw.words_at("domains"),
        prohibited_uses: raw.words_at("prohibited_uses"),
        approvals: raw.map_at("approvals"),
        review_below: raw.number_at("review_below").unwrap_or(0.8),
        required_fields: raw.words_at("required_fields"),
    }
}

/// Help for a name that `dataset.groups` lacks.
pub(super) fn undeclared(name: &str, declared: &[&str]) -> String {
    match nearest(name, declared.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add `{name}` to `dataset.groups`"),
    }
}

fn system(raw: &Raw, name: &str) -> System {
    let none = empty();
    let domain = raw.word_at("domain").unwrap_or_else(|| "general".to_owned());
    let harm = raw.get("harm").unwrap_or(&none);
    let (kind, reversible) = usual_harm(&domain);
    System {
        name: name.to_owned(),
        purpose: raw.word_at("purpose").unwrap_or_else(|| "not declared".to_owned()),
        users: raw.words_at("users"),
        out_of_scope: raw.words_at("out_of_scope"),
        harm: Harm {
            kind: harm.word_at("kind").and_then(|kind| harm_kind(&kind)).unwrap_or(kind),
            reversible: harm.flag_at("reversible").unwrap_or(reversible),
            minors: harm.flag_at("minors").unwrap_or(false),
        },
        jurisdictions: raw.words_at("jurisdictions"),
        decisions_per_year: raw.count_at("decisions_per_year"),
        owner: raw.get("owner").map(|owner| Owner {
            name: owner.word_at("name").unwrap_or_default(),
            contact: owner.word_at("contact").unwrap_or_default(),
        }),
        domain,
    }
}

/// Kind of harm and whether it can be undone, where the configuration does not say: medical images
/// bear on safety for good, credit on money, recommendations on quality, anything else on rights.
fn usual_harm(domain: &str) -> (HarmKind, bool) {
    match domain {
        "medical-imaging" => (HarmKind::Safety, false),
        "credit-scoring" => (HarmKind::Finance, true),
        "recommendation" => (HarmKind::Quality, true),
        _ => (HarmKind::Rights, true),
    }
}

fn harm_kind(name: &str) -> Option<HarmKind> {
    match name {
        "safety" => Some(HarmKind::Safety),
        "rights" => Some(HarmKind::Rights),
        "finance" => Some(HarmKind::Finance),
        "privacy" => Some(HarmKind::Privacy),
        "quality" => Some(HarmKind::Quality),
        _ => None,
    }
}

/// The name as a folder name, or the stem of the file, or `audit`.
fn slug(name: &str, file: &str) -> String {
    let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let choices = [name, stem, "audit"];
    let ascii = choices.into_iter().map(|text| text.is_ascii().then(|| hyphenated(text)));
    ascii.flatten().find(|slug| !slug.is_empty()).unwrap_or_default()
}

fn hyphenated(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// `privacy.dp:`; the walk has seen to the ranges.
fn dp(raw: &Raw) -> Dp {
    let number = |key| raw.number_at(key).unwrap_or(0.0);
    Dp {
        sampling_rate: number("sampling_rate"),
        noise_multiplier: number("noise_multiplier"),
        steps: raw.count_at("steps").unwrap_or(0),
        delta: number("delta"),
        claimed_epsilon: raw.number_at("claimed_epsilon"),
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slug_is_ascii_and_never_empty() {
        assert_eq!(slug("Skin-lesion  triage!", "a.yaml"), "skin-lesion-triage");
        assert_eq!(slug("皮肤病变", "audits/Skin lesion.yaml"), "skin-lesion");
        assert_eq!(slug("…", "皮.yaml"), "audit");
        assert_eq!(slug("../..", "../x.yaml"), "x");
    }
}
