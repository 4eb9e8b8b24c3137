//! The `search` block: which settings of the training are tried, and how.

use super::keys_train::TRAIN;
use super::problem::suggestion;
use super::raw::{Entry, Raw, RawNumber, RawValue};
use super::resolve::{Resolver, size};
use super::search::{Parameter, Range, Scale, Search, SearchMethod};

impl Resolver<'_> {
    /// `search:`.
    pub(super) fn search(&mut self, raw: &Raw) -> Search {
        let method = match raw.word_at("method").as_deref() {
            Some("halving") => SearchMethod::Halving,
            _ => SearchMethod::Random,
        };
        let ranges = raw.get("parameters").map(Raw::entries).unwrap_or_default();
        if let Some(block) = raw.entry("parameters").filter(|_| ranges.is_empty()) {
            let help = "name a key of `model.train` and its range: `learning_rate: {from: 0.0001, \
                        to: 0.01, scale: log}`";
            self.report_at("CF005", "nothing to search", &block.place, ("no key is named", help));
        }
        Search {
            method,
            trials: size(raw.count_at("trials"), 16),
            keep: size(raw.count_at("keep"), 3),
            repeats: size(raw.count_at("repeats"), 1),
            metric: raw.word_at("metric").unwrap_or_default(),
            parameters: ranges.iter().filter_map(|entry| self.parameter(entry, method)).collect(),
        }
    }

    fn parameter(&mut self, entry: &Entry, method: SearchMethod) -> Option<Parameter> {
        let known: Vec<&str> = TRAIN.fields.iter().map(|field| field.key).collect();
        let name = entry.key.split('.').next().unwrap_or_default();
        if !known.contains(&name) {
            let help = suggestion(name, &known);
            let label = "`model.train` has no such key";
            self.report_at("CF002", "unknown key", &entry.place, (label, &help));
        }
        if name == "epochs" && method == SearchMethod::Halving {
            let label = "`method: halving` sets the epochs itself";
            let help = "remove it; `model.train.epochs` is what the last trials get";
            self.report_at("CF016", "key does not apply", &entry.place, (label, help));
        }
        if name == "init_from" {
            let label = "all trials begin with the same weights";
            let help = "remove it; one search for each file tells them apart";
            self.report_at("CF016", "key does not apply", &entry.place, (label, help));
        }
        let range = self.range(entry)?;
        Some(Parameter { key: entry.key.clone(), range })
    }

    fn range(&mut self, entry: &Entry) -> Option<Range> {
        let raw = &entry.value;
        let values = raw.words_at("values");
        let (from, to) = (number(raw, "from"), number(raw, "to"));
        let (from, to) = match (from, to, values.is_empty()) {
            (None, None, false) => return Some(Range::Values(values)),
            (Some(from), Some(to), true) => (from, to),
            _ => {
                let help = "write `{from: 0.001, to: 0.1}` or `{values: [16, 32]}`";
                let label = "expected both ends or a list of values";
                self.report_at("CF015", "not a range", &entry.place, (label, help));
                return None;
            }
        };
        let scale = match raw.word_at("scale").as_deref() {
            Some("log") => Scale::Log,
            _ => Scale::Linear,
        };
        if from.value >= to.value || (scale == Scale::Log && from.value <= 0.0) {
            let label = "`from` must be less than `to`, and above 0 with `scale: log`";
            let help = "exchange the ends, or list the `values`";
            self.report_at("CF015", "not a range", &entry.place, (label, help));
            return None;
        }
        let whole = from.whole.is_some() && to.whole.is_some();
        Some(Range::Between { from: from.value, to: to.value, scale, whole })
    }
}

fn number<'a>(raw: &'a Raw, key: &str) -> Option<&'a RawNumber> {
    match &raw.get(key)?.value {
        RawValue::Number(number) => Some(number),
        _ => None,
    }
}
