//! What changed since an earlier run on the same rows.

use super::Block;
use super::fairness_slices::part;
use super::phrase::Phrases;
use crate::domain::{BASELINE, Finding, Stage};
use crate::report::words::{FairnessWords, fill};

/// The changes of all rows and of the worst gaps, and those of each group on demand.
pub(super) fn blocks(p: &Phrases<'_>) -> Vec<Block> {
    let w = FairnessWords::of(p.language);
    let changes = || p.record.of(Stage::Fairness).filter(|f| f.subject.against_baseline());
    let Some(first) = changes().next() else { return Vec::new() };
    let name = first.subject.reference.as_ref().and_then(|reference| reference.get(BASELINE));
    let corrected = changes().filter_map(|f| part(f, "significance", "holm")?.value);
    let (tests, certain) = corrected
        .fold((0_u64, 0_u64), |(tests, certain), p| (tests + 1, certain + u64::from(p < 0.05)));
    let facts = [
        ("baseline", name.cloned().unwrap_or_default()),
        ("tests", tests.to_string()),
        ("certain", certain.to_string()),
    ];
    let judged = |f: &&Finding| f.subject.group.is_none() || !p.record.rules(f).is_empty();
    let main: Vec<&Finding> = changes().filter(judged).collect();
    let groups: Vec<&Finding> = changes().filter(|f| !judged(f)).collect();
    let mut blocks = vec![Block::Heading(w.changes.to_owned())];
    blocks.push(Block::Text(fill(w.changes_note, &facts)));
    blocks.extend(p.findings(w.changes_caption, &main));
    blocks.extend(p.findings_on_demand(w.changes_groups, &groups));
    blocks
}
