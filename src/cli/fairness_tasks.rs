//! `audit fairness --task`: predictions that are not one of two classes.

use super::CliError;
use super::fairness::{FairnessArgs, options_of};
use crate::dataset::{self, DatasetError, RankingAnswers, RankingColumns, Source};
use crate::domain::{Finding, InputFile, Split};
use crate::fairness::multiclass::{self, ClassFrame};
use crate::fairness::recommendation::{self, RankingFrame};
use crate::fairness::regression::{self, NumberFrame};
use clap::Args;

/// What kind of prediction is measured, and the columns that only some kinds have.
#[derive(Debug, Clone, Default, Args)]
pub struct TaskArgs {
    /// What is predicted: binary; multiclass, which more than two labels without --positive mean;
    /// regression, where truth and prediction are numbers; or ranking, a list for each query.
    #[arg(long, value_name = "TASK", value_enum, help_heading = "Task")]
    pub task: Option<Task>,
    /// Ranking: column of the query or user whose list the row is in.
    #[arg(long, value_name = "COLUMN", default_value = "query", help_heading = "Task")]
    pub query: String,
    /// Ranking: column of the item; a list that holds an item twice is refused.
    #[arg(long, value_name = "COLUMN", help_heading = "Task")]
    pub item: Option<String>,
    /// Ranking: column of the relevance, at least 0; above 0 a row is relevant.
    #[arg(long, value_name = "COLUMN", default_value = "relevance", help_heading = "Task")]
    pub relevance: String,
    /// Ranking: places of a list that count.
    #[arg(long, value_name = "K", default_value_t = 10, help_heading = "Task",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub at: u32,
}

/// A kind of prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Task {
    /// One class against the rest.
    Binary,
    /// All classes, together and each against the rest.
    Multiclass,
    /// Numbers.
    Regression,
    /// Lists.
    Ranking,
}

impl Task {
    /// The name on the command line and in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Regression => "regression",
            Self::Ranking => "ranking",
        }
    }
}

/// Most classes that are measured one by one.
const MOST_CLASSES: usize = 200;

/// Whether two classes were expected, and there are more, none of which was named positive.
pub(super) fn more_than_two(args: &FairnessArgs, error: &DatasetError) -> bool {
    matches!(error, DatasetError::PositiveUnnamed { known, .. }
        if known.len() > 2 && args.task.task.is_none())
}

/// The findings of a task other than the binary one, and the table they come from.
pub(super) fn measure(
    task: Task,
    args: &FairnessArgs,
    source: &Source,
) -> Result<(Vec<Finding>, InputFile), CliError> {
    refuse(task, args)?;
    let options = options_of(args);
    match task {
        Task::Binary => Err(CliError::Usage("two classes are measured without a task".to_owned())),
        Task::Multiclass => {
            let (frame, input) = classes(dataset::read_classes(source)?)?;
            Ok((multiclass::audit(&frame, &options), input))
        }
        Task::Regression => {
            let (frame, input) = numbers(dataset::read_numbers(source)?);
            Ok((regression::audit(&frame, &options), input))
        }
        Task::Ranking => {
            let (frame, input) = lists(args, source)?;
            Ok((recommendation::audit(&frame, &options), input))
        }
    }
}

/// Options that the task does not have.
fn refuse(task: Task, args: &FairnessArgs) -> Result<(), CliError> {
    let given = [
        ("--positive", args.positive.is_some()),
        ("--threshold", args.threshold.is_some()),
        ("--score", args.score.is_some() && task != Task::Ranking),
        ("--weight", args.weight.is_some() && task == Task::Ranking),
        ("--control", !args.control.is_empty() && task != Task::Multiclass),
        ("--compat", !args.compat.is_empty()),
        ("--local-law-144", args.local_law_144),
        ("--features", args.features.is_some()),
        ("--baseline", args.baseline.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => {
            let because = match args.task.task {
                Some(_) => "",
                None => {
                    ", which more than two labels mean; name the positive one with `--positive`"
                }
            };
            let name = task.name();
            Err(CliError::Usage(format!("`{option}` is not for `--task {name}`{because}")))
        }
        None => Ok(()),
    }
}

fn classes(answers: dataset::ClassAnswers) -> Result<(ClassFrame, InputFile), CliError> {
    let dataset::ClassAnswers { classes, y_true, y_pred, prob, weight, groups, input } = answers;
    let k = classes.len();
    if k > MOST_CLASSES {
        let help =
            "`--task regression` measures numbers, `--positive LABEL` one class against the rest";
        let message = format!("`{}` has {k} labels, more than {MOST_CLASSES}; {help}", input.path);
        return Err(CliError::Usage(message));
    }
    if k < 2 {
        let message = format!("every row of `{}` has the same label", input.path);
        return Err(CliError::Usage(message));
    }
    let split = Split::Test;
    Ok((ClassFrame { split, classes, y_true, y_pred, prob, weight, groups }, input))
}

fn numbers(answers: dataset::NumberAnswers) -> (NumberFrame, InputFile) {
    let dataset::NumberAnswers { y_true, y_pred, weight, groups, input } = answers;
    (NumberFrame { split: Split::Test, y_true, y_pred, weight, groups }, input)
}

fn lists(args: &FairnessArgs, source: &Source) -> Result<(RankingFrame, InputFile), CliError> {
    let columns = RankingColumns {
        query: args.task.query.clone(),
        item: args.task.item.clone(),
        score: args.score.clone().unwrap_or_else(|| "score".to_owned()),
        relevance: args.task.relevance.clone(),
    };
    let answers = dataset::read_rankings(source, &columns)?;
    let RankingAnswers { query, score, relevance, groups, twice, input } = answers;
    if let Some((query, item)) = twice {
        let help = "a list holds an item once";
        let message =
            format!("`{}`: query `{query}` lists item `{item}` twice; {help}", input.path);
        return Err(CliError::Usage(message));
    }
    let at = usize::try_from(args.task.at).unwrap_or(usize::MAX);
    Ok((RankingFrame { split: Split::Test, query, score, relevance, at, groups }, input))
}
