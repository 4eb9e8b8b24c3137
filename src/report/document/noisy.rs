//! Differential privacy: what a private training promises, what it leaves out, and the certificate beside
//! what attacks prove.

use super::figure::{Dot, Dots, Drawing, Figure, Guide, GuideKind, Panel};
use super::figures::{from_zero, numbers};
use super::phrase::Phrases;
use super::row_charts::{dot, reach, signs};
use super::{Block, Cell, Kind, Table, data, figures};
use crate::domain::{CanaryRecord, DpRecord, Evidence, Finding, Stage, to_f64};
use crate::report::number;
use crate::report::words::{LeakWords, fill, names};

/// The checks on the axis: bounds from above, then bounds from below.
const ABOVE: [&str; 2] = ["dp_epsilon_prv", "dp_epsilon_rdp"];
const BELOW: [&str; 3] = [
    "membership_epsilon_lower_bound_clopper_pearson",
    "membership_epsilon_lower_bound_one_run",
    "canary_epsilon_lower_bound",
];

/// Attacks that one chart has room for.
const MOST: usize = 20;

/// The part of the chapter on privacy; nothing where nothing is promised and nothing was bounded.
pub(super) fn blocks(p: &Phrases<'_>, findings: &[&Finding]) -> Vec<Block> {
    let (w, promise) = (p.words, &p.record.assessment.model.dp);
    if findings.is_empty() && promise.is_none() {
        return Vec::new();
    }
    let mut blocks = vec![
        Block::Heading(w.differential_privacy.to_owned()),
        Block::Text(w.differential_privacy_note.to_owned()),
    ];
    blocks.extend(p.findings(w.differential_privacy, findings));
    blocks.extend(figures::epsilon(p).map(|figure| Block::Figure(Box::new(figure))));
    if let Some(promise) = promise {
        blocks.push(Block::Table(promised(p, promise)));
        blocks.push(Block::Text(w.dp_not_covered.to_owned()));
        let left = promise.not_covered.iter().map(|key| p.name(names::TERMS, &format!("dp_{key}")));
        blocks.push(Block::List(left.collect()));
    }
    blocks.extend(p.record.assessment.model.canaries.iter().flat_map(|c| planted(p, c)));
    blocks
}

/// What was planted into the training, and how to see that its coins were flipped before it.
fn planted(p: &Phrases<'_>, canaries: &CanaryRecord) -> [Block; 2] {
    let w = LeakWords::of(p.language);
    let share = to_f64(canaries.inserted) / to_f64(canaries.training_rows);
    let facts = [
        ("inserted", canaries.inserted.to_string()),
        ("count", canaries.count.to_string()),
        ("share", number::percent(share)),
        ("rows", canaries.training_rows.to_string()),
    ];
    let code = |text: &str| Cell::new(Kind::Code, text);
    let rows = vec![
        (w.canary_kind.to_owned(), Cell::words(p.name(names::TERMS, &canaries.kind))),
        (w.canary_inserted.to_owned(), Cell::words(fill(w.canary_share, &facts))),
        (w.canary_commitment.to_owned(), code(&canaries.commitment)),
        (w.canary_nonce.to_owned(), code(&canaries.nonce)),
        (w.canary_flips.to_owned(), code(&canaries.flips)),
    ];
    [Block::Text(w.canary_note.to_owned()), Block::Table(data::facts(p, w.canaries, rows))]
}

/// How the training was made private.
fn promised(p: &Phrases<'_>, promise: &DpRecord) -> Table {
    let number = |x: f64| Cell::new(Kind::Number, number::number(x));
    let term = |key: &str| p.name(names::TERMS, key);
    let mut rows = vec![
        (term("sampler"), Cell::words(term(&promise.sampler))),
        (term("sampling_rate"), number(promise.sampling_rate)),
        (term("steps"), Cell::count(promise.steps)),
        (term("clip"), number(promise.clip)),
        (term("noise_multiplier"), number(promise.noise_multiplier)),
        (term("delta"), number(promise.delta)),
    ];
    rows.extend(promise.epsilon.map(|epsilon| (p.words.dp_asked.to_owned(), number(epsilon))));
    data::facts(p, p.words.dp_promised, rows)
}

/// The certificate and every bound from an attack on one axis of ε.
pub(super) fn epsilon(p: &Phrases<'_>) -> Option<Figure> {
    let w = p.words;
    let of = |checks: &[&'static str]| {
        let all: Vec<&Finding> = p.record.of(Stage::Privacy).collect();
        let one =
            move |check: &'static str| all.clone().into_iter().filter(move |f| f.check == check);
        checks.iter().copied().flat_map(one).collect::<Vec<_>>()
    };
    let (above, below) = (of(&ABOVE), of(&BELOW));
    let mut rows: Vec<(String, &Finding)> =
        above.iter().chain(&below).map(|f| (label(p, f), *f)).collect();
    let all = rows.len();
    rows.truncate(MOST);
    let value = |f: &&Finding| f.value.as_ref().ok().copied();
    let least = above.iter().filter_map(value).min_by(f64::total_cmp);
    let strongest = below.iter().filter_map(value).max_by(f64::total_cmp);
    let title = match (least, strongest) {
        (Some(a), Some(b)) => fill(
            w.epsilon_title,
            &[("certificate", number::number(a)), ("bound", number::number(b))],
        ),
        (Some(a), None) => fill(w.epsilon_title_certificate, &[("certificate", number::number(a))]),
        (None, Some(b)) => fill(w.epsilon_title_bounds, &[("bound", number::number(b))]),
        (None, None) => return None,
    };
    let mut how = w.epsilon_how.to_owned();
    if all > MOST {
        let facts = [("shown", MOST.to_string()), ("all", all.to_string())];
        how = p.language.sentences(&[how, fill(w.first_rows, &facts)]);
    }
    let table = numbers(p, &fill(w.numbers_of, &[("chart", title.clone())]), &rows);
    let drawing = Drawing::Dots(drawn(p, &rows));
    Some(Figure { name: "epsilon".to_owned(), title, how, table, drawing })
}

fn drawn(p: &Phrases<'_>, rows: &[(String, &Finding)]) -> Dots {
    let dots: Vec<Dot> = rows.iter().map(|(_, f)| dot(p, Some(f))).collect();
    let guides: Vec<Guide> = claimed(p).into_iter().collect();
    let highest = dots.iter().map(reach).chain(guides.iter().map(|g| g.at)).fold(0.0, f64::max);
    let panel = Panel {
        title: p.words.epsilon_axis.to_owned(),
        scale: from_zero(highest),
        stem: None,
        band: None,
        guides,
        dots,
    };
    Dots {
        labels: rows.iter().map(|(label, _)| label.clone()).collect(),
        n: rows.iter().map(|(_, f)| f.n).collect(),
        panels: vec![panel],
        signs: signs(p),
    }
}

/// The check, and the attack where there is one.
fn label(p: &Phrases<'_>, finding: &Finding) -> String {
    match &finding.subject.attack {
        Some(attack) => {
            let kind = if finding.check == BELOW[1] { "one_run" } else { "clopper_pearson" };
            let facts =
                [("attack", p.name(names::ATTACKS, attack)), ("kind", p.name(names::TERMS, kind))];
            fill(p.words.epsilon_below, &facts)
        }
        None => p.check(&finding.check),
    }
}

/// The ε that is held against the evidence.
fn claimed(p: &Phrases<'_>) -> Option<Guide> {
    let excess = p.record.of(Stage::Privacy).find(|f| f.check == "dp_claim_excess")?;
    let at = excess.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { cells, .. } => cells.iter().find(|c| c.name == "claimed")?.value,
        _ => None,
    })?;
    let text = fill(p.words.guide_claimed, &[("claimed", number::number(at))]);
    Some(Guide { at, kind: GuideKind::Limit, text })
}

#[cfg(test)]
#[cfg(feature = "plots")]
mod tests {
    use super::*;
    use crate::domain::{Assessment, Cell as Number, Interval, Subject};
    use crate::report::document::document;
    use crate::report::example::assessment;
    use crate::report::language::Language;

    fn finding(check: &str, value: f64, attack: Option<&str>) -> Finding {
        let mut found = assessment().findings.swap_remove(0);
        found.code = "DP001".to_owned();
        found.check = check.to_owned();
        found.stage = Stage::Privacy;
        let attack = attack.map(str::to_owned);
        found.subject = Subject { attack, ..Subject::default() };
        found.value = Ok(value);
        (found.interval, found.evidence) = (None, Vec::new());
        found
    }

    fn private() -> Assessment {
        let mut record = assessment();
        let mut prv = finding("dp_epsilon_prv", 0.98, None);
        let method = "numerical_composition".to_owned();
        prv.interval = Some(Interval { low: 0.95, high: 0.98, level: 1.0, method });
        let mut excess = finding("dp_claim_excess", 0.0, None);
        let cells = vec![Number { name: "claimed".to_owned(), value: Some(1.0), n: 9 }];
        excess.evidence = vec![Evidence::Numbers { name: "against_claim".to_owned(), cells }];
        record.findings.extend([
            prv,
            finding("dp_epsilon_rdp", 1.2, None),
            excess,
            finding(BELOW[0], 0.3, Some("loss")),
            finding(BELOW[1], 0.1, Some("loss")),
            finding(BELOW[2], 0.2, None),
        ]);
        record
    }

    #[test]
    fn one_axis_has_the_certificate_the_bounds_and_the_claim() {
        let all = super::super::figures(&private(), Language::English);
        let figure = all.into_iter().find(|figure| figure.name == "epsilon").unwrap();
        assert!(figure.title.contains("0.98") && figure.title.contains("0.3"), "{}", figure.title);
        let Drawing::Dots(dots) = &figure.drawing else { unreachable!("rows") };
        assert_eq!(dots.labels.len(), 5);
        let guides: Vec<f64> = dots.panels[0].guides.iter().map(|g| g.at).collect();
        assert!(guides.len() == 1 && (guides[0] - 1.0).abs() < 1e-12);
        assert!(crate::report::charts::svg_file(&figure).unwrap().contains("claimed: 1"));
    }

    #[test]
    fn the_canaries_are_told_with_their_commitment_and_their_coins() {
        let record = private();
        let canaries = record.model.canaries.clone().unwrap();
        for (language, share) in [(Language::English, "2.238"), (Language::Chinese, "2.238")] {
            let chapter = document(&record, language).sections.into_iter();
            let tables: Vec<Table> = chapter
                .filter(|section| section.id == "privacy")
                .flat_map(|section| section.blocks)
                .filter_map(|block| match block {
                    Block::Table(table) => Some(table),
                    _ => None,
                })
                .collect();
            let caption = LeakWords::of(language).canaries;
            let table = tables.iter().find(|table| table.caption == caption).unwrap();
            let cells: Vec<&str> = table.rows.iter().map(|row| row[1].text.as_str()).collect();
            assert!(cells[1].contains("87") && cells[1].contains(share), "{cells:?}");
            assert_eq!(cells[2..], [&canaries.commitment, &canaries.nonce, &canaries.flips]);
        }
    }

    #[test]
    fn both_languages_say_what_is_not_covered() {
        for (language, words) in [(Language::English, "secret"), (Language::Chinese, "保密")] {
            let record = private();
            let chapter = document(&record, language).sections.into_iter();
            let chapter = chapter.filter(|section| section.id == "privacy");
            let lists: Vec<Vec<String>> = chapter
                .flat_map(|section| section.blocks)
                .filter_map(|block| match block {
                    Block::List(items) => Some(items),
                    _ => None,
                })
                .collect();
            let told: Vec<_> = lists.iter().filter(|list| list[0].contains(words)).collect();
            assert_eq!(told.iter().map(|list| list.len()).collect::<Vec<_>>(), [9], "{lists:?}");
            assert!(lists.iter().flatten().all(|item| !item.starts_with("dp_")), "{lists:?}");
        }
    }
}
