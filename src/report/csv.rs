//! `findings.csv`: one row per finding, for spreadsheets and data frames.

use super::escape;
use super::{Artifact, Options, RenderError, Renderer};
use crate::domain::{Assessment, Finding, GroupKey, Stage};

/// The tidy table of all findings.
pub(super) struct Csv;

const HEAD: &str = "id,code,check,stage,split,by,group,reference,within,attack,place,label,value,undefined,\
                    interval_low,interval_high,interval_level,interval_method,n";

impl Renderer for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn render(&self, a: &Assessment, _: &Options) -> Result<Vec<Artifact>, RenderError> {
        let mut text = format!("{HEAD}\n");
        for finding in &a.findings {
            text.push_str(&row(finding));
            text.push('\n');
        }
        Ok(vec![Artifact::text("findings.csv", text)])
    }
}

fn row(f: &Finding) -> String {
    let text = |t: &Option<String>| escape::csv(t.as_deref().unwrap_or_default());
    let group = |key: &Option<GroupKey>| key.as_ref().map(named).unwrap_or_default();
    let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
    let (value, undefined) = match &f.value {
        Ok(value) => (Some(*value), String::new()),
        Err(reason) => (None, escape::csv(&reason.to_string())),
    };
    let interval = f.interval.as_ref();
    let cells = [
        f.id().as_str().to_owned(),
        escape::csv(&f.code),
        escape::csv(&f.check),
        stage(f.stage).to_owned(),
        text(&f.subject.split),
        escape::csv(&f.subject.by.join("*")),
        group(&f.subject.group),
        group(&f.subject.reference),
        group(&f.subject.within),
        text(&f.subject.attack),
        text(&f.subject.place),
        text(&f.subject.label),
        number(value),
        undefined,
        number(interval.map(|i| i.low)),
        number(interval.map(|i| i.high)),
        number(interval.map(|i| i.level)),
        escape::csv(interval.map_or("", |i| i.method.as_str())),
        f.n.to_string(),
    ];
    cells.join(",")
}

fn named(key: &GroupKey) -> String {
    let pairs: Vec<String> =
        key.iter().map(|(feature, level)| format!("{feature}={level}")).collect();
    escape::csv(&pairs.join("|"))
}

/// The name of a stage in the record.
pub(super) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Dataset => "dataset",
        Stage::Fairness => "fairness",
        Stage::Privacy => "privacy",
        Stage::Misuse => "misuse",
    }
}
