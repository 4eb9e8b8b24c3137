//! `audit fairness --baseline`: what changed since an earlier run, and how that is printed.

use super::CliError;
use super::fairness::FairnessArgs;
use super::text::{columns, number};
use crate::dataset::Source;
use crate::domain::{Evidence, Finding, InputFile};
use crate::fairness::{self, Frame, Options};
use crate::pipeline;

/// What changed, and the table that it was compared with.
pub(super) struct Since {
    pub(super) changes: Vec<Finding>,
    pub(super) input: InputFile,
    name: String,
}

/// Changes that are printed of each group; those of all rows and of the gaps are printed all.
const OF_GROUPS: [&str; 4] = [
    "selection_rate_change",
    "true_positive_rate_change",
    "false_positive_rate_change",
    "accuracy_change",
];
/// Lines at most.
const MOST: usize = 60;

/// What changed since an earlier run on the same rows; `None` where none was given.
pub(super) fn since(
    args: &FairnessArgs,
    source: &Source,
    frame: &Frame,
    options: &Options,
) -> Result<Option<Since>, CliError> {
    let Some(given) = &args.baseline else { return Ok(None) };
    let old = pipeline::against(given, source)?;
    let earlier = fairness::Earlier { frame: &old.frame, name: &old.name };
    let changes = fairness::changes(frame, &earlier, options);
    Ok(Some(Since { changes, input: old.input, name: old.name }))
}

/// The changes as plain text: gaps and all rows first, then the rates of each group.
pub(super) fn text(since: &Since) -> String {
    let of_group = |f: &&Finding| f.subject.group.is_some();
    let listed = |f: &&Finding| OF_GROUPS.contains(&f.check.as_str());
    let main = since.changes.iter().filter(|f| !of_group(f));
    let groups = since.changes.iter().filter(|f| of_group(f) && listed(f));
    let all: Vec<&Finding> = main.chain(groups).collect();
    let head = ["change", "of", "new", "old", "new - old", "interval", "p (Holm)"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(all.iter().take(MOST).map(|f| row(f)));
    let holm: Vec<f64> =
        since.changes.iter().filter_map(|f| part(f, "significance", "holm")).collect();
    let certain = holm.iter().filter(|p| **p < 0.05).count();
    let more = all.len().saturating_sub(MOST);
    let more = if more > 0 { format!("and {more} more lines\n") } else { String::new() };
    format!(
        "\nsince `{}`, on the same rows\n{}{more}{certain} of {} changes tested are more than chance \
         (Holm's p-value below 0.05)\n",
        since.name,
        columns(&rows),
        holm.len()
    )
}

fn row(finding: &Finding) -> [String; 7] {
    let check = finding.check.trim_end_matches("_change").to_owned();
    let s = &finding.subject;
    let of = match (&s.group, s.by.is_empty()) {
        (Some(group), _) => {
            group.iter().map(|(f, l)| format!("{f}={l}")).collect::<Vec<_>>().join(" ")
        }
        (None, false) => format!("by {}", s.by.join("*")),
        (None, true) => "all".to_owned(),
    };
    let of_run = |run| part(finding, "runs", run).map_or(String::new(), number);
    let change = match &finding.value {
        Ok(value) => number(*value),
        Err(because) => format!("undefined: {because}"),
    };
    let ends = |i: &crate::domain::Interval| format!("[{}, {}]", number(i.low), number(i.high));
    let interval = finding.interval.as_ref().map_or(String::new(), ends);
    let p = part(finding, "significance", "holm").map_or(String::new(), number);
    [check, of, of_run("new"), of_run("old"), change, interval, p]
}

/// A number of the evidence.
fn part(finding: &Finding, list: &str, cell: &str) -> Option<f64> {
    finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name, cells } if name == list => {
            cells.iter().find(|c| c.name == cell)?.value
        }
        _ => None,
    })
}
