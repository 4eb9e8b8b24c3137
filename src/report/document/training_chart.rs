//! The chart of the course of training.

use super::figure::{Drawing, Figure, Guide, GuideKind, LinePanel, Lines, Scale, Series};
use super::phrase::Phrases;
use super::{Cell, Kind, Table};
use crate::domain::{EpochRecord, to_f64};
use crate::report::number;
use crate::report::words::{fill, names};

/// Loss and accuracy by epoch.
pub(super) fn training(p: &Phrases<'_>) -> Option<Figure> {
    let w = p.words;
    let model = &p.record.assessment.model;
    let (first, last) = (model.training.first()?, model.training.last()?);
    let kept = model.kept_epoch.unwrap_or(last.epoch);
    let facts = [
        ("first", number::number(first.train_loss)),
        ("last", number::number(last.train_loss)),
        ("epochs", model.training.len().to_string()),
        ("kept", kept.to_string()),
    ];
    let title = match model.stopped_epoch.and_then(|_| model.settings.get("epochs")) {
        Some(declared) => {
            fill(w.training_stopped, &[&facts[..], &[("declared", declared.clone())]].concat())
        }
        None => fill(w.training_title, &facts),
    };
    let n = p.record.assessment.dataset.splits.iter().find(|s| s.split == "train").map(|s| s.n);
    let n = n.map_or_else(|| w.not_known.to_owned(), |n| n.to_string());
    let panels = vec![
        training_panel(p, w.loss, |e| (e.train_loss, e.validation_loss)),
        training_panel(p, w.accuracy, |e| (e.train_accuracy, e.validation_accuracy)),
    ];
    let table = training_table(p, &fill(w.numbers_of, &[("chart", title.clone())]));
    let how = fill(w.training_how, &[("n", n)]);
    let drawing = Drawing::Lines(Lines { panels });
    Some(Figure { name: "training".to_owned(), title, how, table, drawing })
}

fn training_panel(
    p: &Phrases<'_>,
    title: &str,
    of: impl Fn(&EpochRecord) -> (f64, Option<f64>),
) -> LinePanel {
    let (w, model) = (p.words, &p.record.assessment.model);
    let at = |e: &EpochRecord| to_f64(e.epoch);
    let seen = model.training.iter().map(|e| (at(e), of(e).0)).collect();
    let held: Vec<(f64, f64)> =
        model.training.iter().filter_map(|e| Some((at(e), of(e).1?))).collect();
    let mut series = vec![Series { name: w.on_training.to_owned(), points: seen }];
    if !held.is_empty() {
        series.push(Series { name: w.on_validation.to_owned(), points: held });
    }
    let values = || series.iter().flat_map(|s| s.points.iter().map(|(_, y)| *y));
    let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
    let room = ((high - low) * 0.08).max(high.abs() * 0.01).max(1e-6);
    let last = model.training.last().map_or(1.0, at);
    let kept = model.kept_epoch.map(|k| Guide {
        at: to_f64(k),
        kind: GuideKind::Mark,
        text: fill(w.guide_kept, &[("kept", k.to_string())]),
    });
    let stopped = model.stopped_epoch.map(|epoch| Guide {
        at: to_f64(epoch),
        kind: GuideKind::Stop,
        text: fill(w.guide_stopped, &[("epoch", epoch.to_string())]),
    });
    LinePanel {
        y_title: title.to_owned(),
        x_title: w.epoch.to_owned(),
        x: Scale::Linear { low: 0.5, high: last + 0.5 },
        y: Scale::Linear { low: (low - room).max(0.0), high: high + room },
        series,
        guides: kept.into_iter().chain(stopped).collect(),
        levels: Vec::new(),
        diagonal: None,
        band: Vec::new(),
    }
}

fn training_table(p: &Phrases<'_>, caption: &str) -> Table {
    let w = p.words;
    let epochs = &p.record.assessment.model.training;
    let clipped = epochs.iter().any(|e| e.gradient_norm.is_some());
    let mut head = vec![w.epoch, w.train_loss, w.validation_loss];
    head.extend([w.train_accuracy, w.validation_accuracy, w.learning_rate]);
    head.extend(clipped.then_some(w.gradient_norm));
    let private = epochs.iter().any(|e| e.clipped.is_some());
    let share = p.name(names::TERMS, "clipped");
    head.extend(private.then_some(share.as_str()));
    let mut table = Table::new(caption, &head);
    let cell = |value: f64| Cell::new(Kind::Number, number::number(value));
    let held =
        |value: Option<f64>| value.map_or_else(|| Cell::new(Kind::Absent, w.no_validation), cell);
    for e in epochs {
        let mut row = vec![Cell::count(e.epoch), cell(e.train_loss), held(e.validation_loss)];
        row.extend([cell(e.train_accuracy), held(e.validation_accuracy), cell(e.learning_rate)]);
        let norm = e.gradient_norm.map_or_else(|| Cell::new(Kind::Absent, w.not_known), cell);
        row.extend(clipped.then_some(norm));
        let share = e.clipped.map_or_else(|| Cell::new(Kind::Absent, w.not_known), cell);
        row.extend(private.then_some(share));
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
#[cfg(feature = "plots")]
mod tests {
    use super::super::{Drawing, GuideKind, figures};
    use crate::domain::Assessment;
    use crate::report::example::assessment;
    use crate::report::language::Language;

    /// Title, guides and number of columns of the chart.
    fn chart(record: &Assessment) -> (String, Vec<(f64, GuideKind)>, usize) {
        let all = figures(record, Language::English);
        let figure = all.into_iter().find(|figure| figure.name == "training").unwrap();
        let Drawing::Lines(lines) = figure.drawing else { unreachable!("curves") };
        let guides = lines.panels[0].guides.iter().map(|g| (g.at, g.kind)).collect();
        (figure.title, guides, figure.table.head.len())
    }

    #[test]
    fn the_chart_shows_the_epoch_kept_and_the_early_stop() {
        let mut record = assessment();
        let (title, guides, columns) = chart(&record);
        assert!(title.contains("after epoch 10 of 40; the weights of epoch 6"), "{title}");
        assert_eq!(guides, [(6.0, GuideKind::Mark), (10.0, GuideKind::Stop)]);
        assert_eq!(columns, 7);
        record.model.stopped_epoch = None;
        record.model.training.iter_mut().for_each(|e| e.gradient_norm = None);
        let (title, guides, columns) = chart(&record);
        assert!(!title.contains("early stopping"), "{title}");
        assert_eq!((guides.len(), columns), (1, 6));
        record.model.training[0].clipped = Some(0.5);
        assert_eq!(chart(&record).2, 7);
    }
}
