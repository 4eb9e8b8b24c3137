//! The `dataset` block: which keys go with which format, groupings, shares.

use super::checked::{Columns, Dataset, FilePath, OnError, Plant, Shares};
use super::problem::Place;
use super::raw::{Raw, RawValue};
use super::resolve::{Resolver, empty, size};

/// Rows of synthetic data where none are asked for.
const SYNTHETIC_ROWS: usize = 1200;

/// Keys that a format has no use for.
fn useless(format: &str) -> &'static [&'static str] {
    match format {
        "synthetic" => &[
            "path",
            "metadata",
            "columns",
            "on_error",
            "resize",
            "memory_limit",
            "classes",
            "limit",
            "validation",
        ],
        "image-folder" => &["n", "plants", "classes", "limit", "validation"],
        "idx" | "npz" | "cifar" => &[
            "metadata",
            "columns",
            "groups",
            "split",
            "on_error",
            "resize",
            "memory_limit",
            "n",
            "plants",
        ],
        "predictions" => {
            &["metadata", "resize", "memory_limit", "n", "plants", "classes", "limit", "validation"]
        }
        _ => &[],
    }
}

impl Resolver<'_> {
    /// `dataset:`; `root` is the whole file.
    pub(super) fn dataset(&mut self, raw: &Raw, root: &Raw) -> Dataset {
        let format = raw.word_at("format").unwrap_or_default();
        for key in useless(&format) {
            if let Some(entry) = raw.entry(key).filter(|_| raw.gives(key)) {
                let label = format!("`{key}` has no effect with `format: {format}`");
                let help = "remove the key or choose another format";
                self.report_at("CF016", "key does not apply", &entry.place, (&label, help));
            }
        }
        if let Some(column) = raw.at(&["columns", "weight"]).filter(|_| format != "predictions") {
            let label = format!("`columns.weight` has no effect with `format: {format}`");
            let help = "weights are read from a table of predictions only";
            self.report_at("CF016", "key does not apply", &column.place, (&label, help));
        }
        let path = self.data_path(raw, root, &format);
        let metadata = self.metadata(raw, path.as_ref(), &format);
        Dataset {
            path,
            metadata,
            columns: columns(raw.get("columns").unwrap_or(&empty())),
            positive: raw.word_at("positive"),
            groups: self.groups(raw),
            split: self.shares(raw),
            on_error: match raw.word_at("on_error").as_deref() {
                Some("skip") => OnError::Skip,
                _ => OnError::Error,
            },
            resize: self.resize(raw),
            memory_limit: self.memory_limit(raw),
            classes: self.classes(raw),
            limit: raw.count_at("limit").map(|n| size(Some(n), usize::MAX)),
            validation: raw.number_at("validation"),
            n: size(raw.count_at("n"), SYNTHETIC_ROWS),
            plants: plants(raw),
            format,
        }
    }

    fn data_path(&mut self, raw: &Raw, root: &Raw, format: &str) -> Option<FilePath> {
        let needed = match format {
            "image-folder" | "idx" | "npz" | "cifar" => true,
            "predictions" => root.at(&["model", "predictions", "path"]).is_none(),
            _ => false,
        };
        if needed && raw.get("path").is_none() {
            let at = raw.entry("format").map_or(&raw.place, |entry| &entry.value.place);
            let label = "this format needs `dataset.path`";
            self.report_at("CF005", "missing key", at, (label, "add `path:` to `dataset`"));
        }
        if format == "synthetic" { None } else { self.file(raw.get("path")) }
    }

    /// The table of an image folder: in the folder itself, or beside the configuration.
    fn metadata(&mut self, raw: &Raw, path: Option<&FilePath>, format: &str) -> Option<FilePath> {
        let folder = path.filter(|_| format == "image-folder")?;
        let typed = raw.get("metadata");
        let given = typed.and_then(Raw::word).unwrap_or_else(|| "metadata.csv".to_owned());
        let inside = FilePath { resolved: folder.resolved.join(&given), given: given.clone() };
        let beside = self.resolve(&given);
        if (self.exists)(&inside.resolved) {
            return Some(inside);
        }
        if typed.is_some() && (self.exists)(&beside.resolved) {
            return Some(beside);
        }
        if (self.exists)(&folder.resolved) {
            let folder_place = raw.get("path").map(|path| &path.place);
            let at = typed.map(|typed| &typed.place).or(folder_place).unwrap_or(&Place::Default);
            match typed {
                Some(_) => self.missing_file(at, &[&inside.resolved, &beside.resolved]),
                None => self.missing_file(at, &[&inside.resolved]),
            }
        }
        Some(inside)
    }

    fn groups(&mut self, raw: &Raw) -> Vec<Vec<String>> {
        let mut groups: Vec<Vec<String>> = Vec::new();
        for item in raw.get("groups").map(Raw::items).unwrap_or_default() {
            let Some(features) = item.word().map(|text| grouping(&text)) else { continue };
            let distinct = features.iter().enumerate().all(|(i, f)| !features[..i].contains(f));
            if features.iter().any(String::is_empty) || !distinct {
                let label = "expected a feature, or different features joined by `*`";
                let help = "write `sex` or `sex*age_group`";
                self.report_at("CF015", "not a grouping", &item.place, (label, help));
            } else if groups.iter().any(|other| same(other, &features)) {
                let label = "this grouping was named before";
                self.report_at("CF007", "duplicate grouping", &item.place, (label, "remove it"));
            } else {
                groups.push(features);
            }
        }
        groups
    }

    fn shares(&mut self, raw: &Raw) -> Option<Shares> {
        let split = raw.get("split")?;
        let share = |key| split.number_at(key);
        let shares = Shares {
            train: share("train")?,
            validation: share("validation")?,
            test: share("test")?,
        };
        let sum = shares.train + shares.validation + shares.test;
        if (sum - 1.0).abs() > 1e-9 {
            let label = format!("these sum to {}", (sum * 1e9).round() / 1e9);
            let help = "`train`, `validation` and `test` together must be 1";
            self.report_at("CF013", "shares do not sum to 1", &split.place, (&label, help));
        }
        if let Some(column) = raw.at(&["columns", "split"]) {
            let label = "no effect: `dataset.split` draws the parts";
            let help = "keep either `columns.split` or `split`";
            self.report_at("CF016", "key does not apply", &column.place, (label, help));
        }
        Some(shares)
    }

    fn classes(&mut self, raw: &Raw) -> Vec<String> {
        let mut classes: Vec<String> = Vec::new();
        for item in raw.get("classes").map(Raw::items).unwrap_or_default() {
            let Some(name) = item.word() else { continue };
            if classes.contains(&name) {
                let label = "this class was named before";
                let help = "give each label a name of its own";
                self.report_at("CF007", "duplicate class", &item.place, (label, help));
            }
            classes.push(name);
        }
        classes
    }

    fn memory_limit(&mut self, raw: &Raw) -> Option<usize> {
        let limit = raw.get("memory_limit")?;
        let found = bytes(&limit.word()?);
        if found.is_none() {
            let label = "expected a whole number of bytes, KiB, MiB or GiB";
            self.report_at("CF015", "not a size", &limit.place, (label, "write `512 MiB`"));
        }
        found
    }

    fn resize(&mut self, raw: &Raw) -> Option<[usize; 2]> {
        let resize = raw.get("resize")?;
        let RawValue::List(items) = &resize.value else { return None };
        let sides: Vec<usize> = items.iter().filter_map(|side| side.word()?.parse().ok()).collect();
        if items.len() != 2 {
            let label = "expected height and width";
            self.report_at("CF015", "not a size", &resize.place, (label, "write `[64, 64]`"));
        }
        <[usize; 2]>::try_from(sides).ok()
    }
}

/// The bytes of `512 MiB`; `None` for what is no such size.
fn bytes(text: &str) -> Option<usize> {
    let digits = text.trim().trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match text.trim()[digits.len()..].trim() {
        "B" | "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(unit).filter(|&bytes| bytes > 0)
}

/// The features of `sex*age_group`.
pub(super) fn grouping(text: &str) -> Vec<String> {
    text.split('*').map(|feature| feature.trim().to_owned()).collect()
}

/// Whether two groupings hold the same features, in any order.
pub(super) fn same(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|feature| b.contains(feature))
}

fn columns(raw: &Raw) -> Columns {
    Columns {
        image: raw.word_at("image"),
        label: raw.word_at("label"),
        subject: raw.word_at("subject"),
        split: raw.word_at("split"),
        id: raw.word_at("id"),
        y_true: raw.word_at("y_true"),
        y_pred: raw.word_at("y_pred"),
        score: raw.word_at("score"),
        weight: raw.word_at("weight"),
        prob: raw.word_at("prob"),
        logit: raw.word_at("logit"),
    }
}

fn plants(raw: &Raw) -> Vec<Plant> {
    let listed = raw.words_at("plants");
    let all = raw.word_at("plants").as_deref() == Some("all");
    Plant::ALL.into_iter().filter(|p| all || listed.iter().any(|name| name == p.name())).collect()
}
