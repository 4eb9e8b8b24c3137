//! How the classifier treats groups.

use super::phrase::Phrases;
use super::record::{Grouping, stands_apart};
use super::{Block, Cell, Kind, Section, Table, figures};
use crate::domain::{Finding, Stage, Undefined};
use crate::report::words::fill;

/// Measures that the first table shows; all others are one click away.
const MAIN: [&str; 5] =
    ["selection_rate", "true_positive_rate", "false_positive_rate", "accuracy", "roc_auc"];

/// The same of more than two classes.
const MAIN_CLASSES: [&str; 5] =
    ["accuracy", "balanced_accuracy", "precision_macro", "f1_macro", "matthews_corrcoef"];

/// The same of numbers.
const MAIN_NUMBERS: [&str; 5] =
    ["mean_absolute_error", "root_mean_squared_error", "r2_score", "mean_error", "mean_prediction"];

/// The same of lists, by group of queries and by group of items.
const MAIN_QUERIES: [&str; 5] =
    ["ndcg_at_k", "hit_rate_at_k", "precision_at_k", "recall_at_k", "mean_reciprocal_rank"];
const MAIN_ITEMS: [&str; 5] = [
    "exposure_share",
    "relevance_share",
    "exposure_to_relevance",
    "top_k_share",
    "top_k_representation",
];

/// Comparisons that are shown even where no rule asks for them.
const HEADLINES: [&str; 19] = [
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "equal_opportunity_difference",
    "equal_opportunity_ratio",
    "f1_macro_difference",
    "worst_class_selection_rate_ratio",
    "worst_class_true_positive_rate_difference",
    "worst_class_false_positive_rate_difference",
    "worst_class_precision_difference",
    "mean_absolute_error_difference",
    "root_mean_squared_error_difference",
    "mean_error_difference",
    "mean_prediction_difference",
    "ndcg_at_k_difference",
    "hit_rate_at_k_difference",
    "exposure_to_relevance_ratio",
    "top_k_representation_ratio",
];

/// The main measures of the task that a grouping was measured for.
fn shown_of(grouping: &Grouping<'_>) -> [&'static str; 5] {
    let has = |check: &str| grouping.groups.iter().any(|(_, found)| found.contains_key(check));
    let others = [MAIN_CLASSES, MAIN_NUMBERS, MAIN_QUERIES, MAIN_ITEMS];
    // The third and the fourth of each belong to that task alone.
    others.into_iter().find(|main| main[2..4].iter().any(|check| has(check))).unwrap_or(MAIN)
}

/// Groups that all tables show together, and the least and the most of one table.
const ALL_GROUPS: usize = 98;
const GROUPS: (usize, usize) = (6, 60);

/// The chapter.
pub(super) fn section(p: &Phrases<'_>) -> Section {
    let w = p.words;
    let groupings = p.record.groupings();
    let mut blocks = vec![Block::Text(w.fairness_note.to_owned())];
    if groupings.is_empty() {
        blocks.push(Block::Text(w.no_groupings.to_owned()));
    }
    if !p.record.overall().is_empty() {
        let whole = |f: &&Finding| f.subject.by.is_empty() && !stands_apart(f);
        let all: Vec<&Finding> = p.record.of(Stage::Fairness).filter(whole).collect();
        blocks.extend(p.findings(w.whole_population, &all));
    }
    for grouping in &groupings {
        blocks.extend(one(p, grouping));
    }
    if let Some(figure) = figures::disparity(p) {
        blocks.push(Block::Heading(w.disparities.to_owned()));
        blocks.push(Block::Figure(Box::new(figure)));
    }
    blocks.extend(super::fairness_change::blocks(p));
    blocks.extend(super::fairness_classes::blocks(p));
    blocks.extend(super::fairness_slices::blocks(p));
    blocks.extend(super::fairness_why::blocks(p));
    Section { id: "fairness", title: w.fairness.to_owned(), blocks }
}

fn one(p: &Phrases<'_>, grouping: &Grouping<'_>) -> Vec<Block> {
    let w = p.words;
    let by = [("by", grouping.name())];
    let mut blocks = vec![Block::Heading(fill(w.groups_by, &by))];
    blocks.push(Block::Table(groups(p, grouping)));
    blocks.extend(p.left_out(grouping.groups.len(), p.record.share(ALL_GROUPS, GROUPS)));
    if let Some(figure) = figures::groups(p, grouping) {
        blocks.push(Block::Figure(Box::new(figure)));
    }
    blocks.extend(figures::heat(p, grouping).map(|figure| Block::Figure(Box::new(figure))));
    let headline =
        |f: &&&Finding| HEADLINES.contains(&f.check.as_str()) || !p.record.rules(f).is_empty();
    let compared = || grouping.comparisons.iter();
    let main: Vec<&Finding> = compared().filter(headline).copied().collect();
    let other: Vec<&Finding> = compared().filter(|f| !headline(f)).copied().collect();
    blocks.extend(p.findings(&fill(w.comparisons_by, &by), &main));
    blocks.extend(p.findings_on_demand(&fill(w.comparisons_other, &by), &other));
    blocks.extend(p.findings_on_demand(&fill(w.pairs_by, &by), &grouping.pairs));
    blocks.extend(peers(p, grouping));
    blocks.extend(p.findings_on_demand(&fill(w.strata_by, &by), &grouping.strata));
    let shown = shown_of(grouping);
    let rest = |f: &&Finding| !shown.contains(&f.check.as_str()) && f.check != "count";
    let more: Vec<&Finding> =
        grouping.groups.iter().flat_map(|(_, m)| m.values().copied().filter(rest)).collect();
    blocks.extend(p.findings_on_demand(&fill(w.groups_other, &by), &more));
    blocks
}

/// The numbers in the conventions of other libraries: those that a rule judges, then the others.
fn peers(p: &Phrases<'_>, grouping: &Grouping<'_>) -> Vec<Block> {
    let caption = fill(p.words.peers_by, &[("by", grouping.name())]);
    let judged = |f: &&Finding| !p.record.rules(f).is_empty();
    let (judged, other): (Vec<&Finding>, Vec<&Finding>) =
        grouping.peers.iter().copied().partition(judged);
    let mut blocks = p.findings(&caption, &judged);
    blocks.extend(p.findings_on_demand(&caption, &other));
    blocks
}

/// A row per group: rows, then the main measures with their intervals.
fn groups(p: &Phrases<'_>, grouping: &Grouping<'_>) -> Table {
    let w = p.words;
    let split =
        grouping.groups.iter().flat_map(|(_, m)| m.values()).find_map(|f| f.subject.split.clone());
    let split =
        split.map_or_else(|| w.none.to_owned(), |s| p.name(crate::report::words::names::TERMS, &s));
    let caption = fill(w.groups_caption, &[("by", grouping.name()), ("split", split)]);
    let main = shown_of(grouping);
    let names = main.map(|check| p.check(check));
    let mut head = vec![w.group, w.n];
    head.extend(names.iter().map(String::as_str));
    let mut table = Table::new(caption, &head);
    for (key, measures) in grouping.groups.iter().take(p.record.share(ALL_GROUPS, GROUPS)) {
        let levels: Vec<String> = grouping.by.iter().filter_map(|f| key.get(f)).cloned().collect();
        let mut row = vec![Cell::quote(levels.join(" | ")), size(p, measures.values().copied())];
        row.extend(main.map(|check| {
            let missing = || Cell::new(Kind::Absent, w.not_measured);
            measures.get(check).map_or_else(missing, |f| p.cell(f))
        }));
        table.rows.push(row);
    }
    table
}

/// The rows of a group: from its count, or from the largest measure.
fn size<'a>(p: &Phrases<'_>, measures: impl Iterator<Item = &'a Finding>) -> Cell {
    rows_of(measures).map_or_else(|| Cell::new(Kind::Absent, p.words.not_measured), Cell::count)
}

/// The rows that the measures of one group rest on: the largest number that any of them names.
pub(super) fn rows_of<'a>(measures: impl Iterator<Item = &'a Finding>) -> Option<u64> {
    let rows = |f: &Finding| match &f.value {
        Err(Undefined::TooFew { n, .. }) => f.n.max(*n),
        _ => f.n,
    };
    measures.map(rows).max()
}
