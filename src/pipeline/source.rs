//! The configuration's `dataset:` in the words of the dataset room.

use crate::config::{self, Config};
use crate::dataset::synthetic::{Plant, SyntheticOptions};
use crate::dataset::{Columns, OnError, Source, SplitPlan};
use std::path::{Path, PathBuf};

/// What to read.
pub(super) fn source(config: &Config) -> Source {
    let d = &config.dataset;
    let own = match &config.model {
        config::Model::Predictions(table) => table.as_ref(),
        _ => None,
    };
    Source {
        base: Path::new(&config.file).parent().map(Path::to_path_buf).unwrap_or_default(),
        format: d.format.clone(),
        path: own.or(d.path.as_ref()).map(|p| PathBuf::from(&p.given)),
        metadata: d.metadata.as_ref().map(|p| PathBuf::from(&p.given)),
        columns: columns(&d.columns),
        threshold: config.fairness.threshold,
        positive: d.positive.clone(),
        groups: d.groups.clone(),
        split: d.split.map_or(SplitPlan::Column, |s| SplitPlan::Drawn {
            train: s.train,
            validation: s.validation,
            test: s.test,
        }),
        on_error: match d.on_error {
            config::OnError::Error => OnError::Fail,
            config::OnError::Skip => OnError::Skip,
        },
        resize: d.resize,
        memory_limit: d.memory_limit,
        classes: d.classes.clone(),
        limit: d.limit,
        validation: d.validation,
        synthetic: SyntheticOptions {
            n: d.n,
            plants: d.plants.iter().copied().map(plant).collect(),
        },
    }
}

fn columns(c: &config::Columns) -> Columns {
    Columns {
        image: c.image.clone(),
        label: c.label.clone(),
        subject: c.subject.clone(),
        split: c.split.clone(),
        id: c.id.clone(),
        y_true: c.y_true.clone(),
        y_pred: c.y_pred.clone(),
        score: c.score.clone(),
        weight: c.weight.clone(),
        prob: c.prob.clone(),
        logit: c.logit.clone(),
    }
}

fn plant(plant: config::Plant) -> Plant {
    match plant {
        config::Plant::Bias => Plant::Bias,
        config::Plant::Overfit => Plant::Overfit,
        config::Plant::PersonalData => Plant::PersonalData,
        config::Plant::Misuse => Plant::Misuse,
    }
}
