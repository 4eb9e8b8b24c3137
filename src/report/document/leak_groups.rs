//! The strongest attack in each group, as tables.

use super::leak;
use super::phrase::Phrases;
use super::{Block, Cell, Kind, Table};
use crate::domain::{Finding, GroupKey};
use crate::report::words::{LeakWords, fill, names};

/// Groups that the table shows, of all groupings together, and at least and at most.
const MOST: (usize, (usize, usize)) = (60, (4, 40));
/// Columns of the table.
const COLUMNS: [&str; 5] = [
    "membership_group_auc",
    "membership_group_tpr_at_fpr_0.01",
    "membership_group_own_tpr_at_fpr_0.01",
    "membership_group_advantage",
    "membership_group_epsilon_lower_bound",
];

/// Heading, note, a row per group and a row per gap; nothing where no group was measured.
pub(super) fn blocks(p: &Phrases<'_>, findings: &[&Finding]) -> Vec<Block> {
    let w = LeakWords::of(p.language);
    let Some(attack) = leak::strongest(findings) else { return Vec::new() };
    let grouped: Vec<&Finding> = findings
        .iter()
        .copied()
        .filter(|f| !f.subject.by.is_empty() && f.subject.attack.as_deref() == Some(attack))
        .collect();
    if grouped.is_empty() {
        return Vec::new();
    }
    let groups: Vec<(&[String], &GroupKey)> = groups(&grouped);
    let mut table = table(p, w, attack);
    let most = p.record.share(MOST.0, MOST.1);
    for group in groups.iter().take(most) {
        table.rows.push(row(p, &grouped, *group));
    }
    let mut blocks =
        vec![Block::Heading(w.groups.to_owned()), Block::Text(w.groups_note.to_owned())];
    blocks.push(Block::Table(table));
    blocks.extend(p.left_out(groups.len(), most));
    let gaps: Vec<&Finding> =
        grouped.iter().copied().filter(|f| f.subject.group.is_none()).take(most).collect();
    blocks.extend(p.findings_on_demand(w.gaps_caption, &gaps));
    blocks
}

/// The groups in the order of the record.
pub(super) fn groups<'a>(grouped: &[&'a Finding]) -> Vec<(&'a [String], &'a GroupKey)> {
    let first = grouped.iter().filter(|f| f.check == COLUMNS[0]);
    first.filter_map(|f| Some((f.subject.by.as_slice(), f.subject.group.as_ref()?))).collect()
}

fn table(p: &Phrases<'_>, w: &LeakWords, attack: &str) -> Table {
    let attack = p.name(names::ATTACKS, attack);
    let columns: Vec<String> = COLUMNS.iter().map(|check| p.check(check)).collect();
    let mut head = vec![p.words.group, p.words.n];
    head.extend(columns.iter().map(String::as_str));
    Table::new(fill(w.groups_caption, &[("attack", attack)]), &head)
}

fn row(p: &Phrases<'_>, grouped: &[&Finding], (by, group): (&[String], &GroupKey)) -> Vec<Cell> {
    let of = |check: &str| {
        let same = |f: &&&Finding| {
            f.check == check && f.subject.by == by && f.subject.group.as_ref() == Some(group)
        };
        grouped.iter().find(same).copied()
    };
    let n = of(COLUMNS[0]).map_or(0, |f| f.n);
    let mut cells = vec![Cell::quote(p.group(group)), Cell::count(n)];
    cells.extend(COLUMNS.iter().map(|check| {
        of(check).map_or_else(|| Cell::new(Kind::Absent, p.words.not_measured), |f| p.cell(f))
    }));
    cells
}
