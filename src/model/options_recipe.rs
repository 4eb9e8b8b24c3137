//! Which settings of a recipe can be meant.

use super::error::ModelError;
use crate::domain::{ClassWeights, Course, Optimizer, Recipe};

/// What a number must be.
#[derive(Clone, Copy)]
enum Range {
    /// 0 or more.
    NotNegative,
    /// More than 0.
    Positive,
    /// 0 or more and less than 1.
    BelowOne,
    /// 0 to 1.
    Share,
    /// More than 0 and at most 1.
    Part,
    /// 0 to 180.
    Angle,
}

impl Range {
    fn holds(self, x: f64) -> bool {
        x.is_finite()
            && match self {
                Self::NotNegative => x >= 0.0,
                Self::Positive => x > 0.0,
                Self::BelowOne => (0.0..1.0).contains(&x),
                Self::Share => (0.0..=1.0).contains(&x),
                Self::Part => x > 0.0 && x <= 1.0,
                Self::Angle => (0.0..=180.0).contains(&x),
            }
    }

    fn words(self) -> &'static str {
        match self {
            Self::NotNegative => "a number of at least 0",
            Self::Positive => "a number greater than 0",
            Self::BelowOne => "a number from 0 to below 1",
            Self::Share => "a number from 0 to 1",
            Self::Part => "a number above 0 and at most 1",
            Self::Angle => "an angle from 0 to 180 degrees",
        }
    }
}

impl Recipe {
    /// Refuses settings that cannot be meant.
    pub(crate) fn check(&self, epochs: usize) -> Result<(), ModelError> {
        let stop = self.early_stopping.map(|stop| stop.min_delta);
        let optional = [
            ("early_stopping.min_delta", stop, Range::NotNegative),
            ("gradient_clip", self.gradient_clip, Range::Positive),
            ("augment.crop", self.augment.crop, Range::Part),
        ];
        let given = optional.into_iter().filter_map(|(key, x, range)| Some((key, x?, range)));
        let weights: Vec<f64> = match &self.class_weights {
            ClassWeights::Given(weights) => weights.values().copied().collect(),
            ClassWeights::Equal | ClassWeights::Balanced => Vec::new(),
        };
        let weights = weights.into_iter().map(|x| ("class_weights", x, Range::Positive));
        let mut all = self.optimizer_numbers();
        all.extend(self.other_numbers());
        all.extend(given.chain(weights));
        let broken = all.into_iter().find(|(_, x, range)| !range.holds(*x));
        if let Some((key, x, range)) = broken {
            return Err(ModelError::Setting { key, found: x.to_string(), expected: range.words() });
        }
        self.check_combinations(epochs)
    }

    fn optimizer_numbers(&self) -> Vec<(&'static str, f64, Range)> {
        let range = |key: &str| match key {
            "epsilon" => Range::Positive,
            "weight_decay" => Range::NotNegative,
            _ => Range::BelowOne,
        };
        let settings = self.optimizer.settings().into_iter();
        settings.map(|(key, x)| (key, x, range(key))).collect()
    }

    fn other_numbers(&self) -> Vec<(&'static str, f64, Range)> {
        let a = &self.augment;
        let mut all = vec![
            ("label_smoothing", self.label_smoothing, Range::BelowOne),
            ("augment.horizontal_flip", a.horizontal_flip, Range::Share),
            ("augment.vertical_flip", a.vertical_flip, Range::Share),
            ("augment.rotation", a.rotation, Range::Angle),
            ("augment.brightness", a.brightness, Range::Share),
            ("augment.contrast", a.contrast, Range::Share),
            ("augment.saturation", a.saturation, Range::Share),
        ];
        match self.schedule.course {
            Course::Step { gamma, .. } => all.push(("schedule.gamma", gamma, Range::Part)),
            Course::Cosine { final_rate } => {
                all.push(("schedule.final_rate", final_rate, Range::NotNegative));
            }
            Course::Constant | Course::OneCycle => {}
        }
        all
    }

    fn check_combinations(&self, epochs: usize) -> Result<(), ModelError> {
        let refuse = |key, found: &str, expected| {
            Err(ModelError::Setting { key, found: found.to_owned(), expected })
        };
        match (self.optimizer, self.schedule.course) {
            (Optimizer::Sgd { momentum, nesterov: true, .. }, _) if momentum <= 0.0 => {
                refuse("nesterov", "true without `momentum`", "a momentum to look ahead along")
            }
            (_, Course::Step { step_size: 0, .. }) => {
                refuse("schedule.step_size", "0", "at least 1")
            }
            _ if self.early_stopping.is_some_and(|stop| stop.patience == 0) => {
                refuse("early_stopping.patience", "0", "at least 1")
            }
            _ if self.schedule.warmup >= epochs => refuse(
                "schedule.warmup",
                &self.schedule.warmup.to_string(),
                "less than the number of epochs",
            ),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Augment, EarlyStopping, Schedule};

    fn refused(recipe: &Recipe) -> String {
        match recipe.check(5) {
            Err(ModelError::Setting { key, .. }) => key.to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn with() -> Recipe {
        Recipe::default()
    }

    #[test]
    fn each_number_out_of_its_range_is_named() {
        let adam = |beta1, epsilon| {
            let optimizer = Optimizer::AdamW { beta1, beta2: 0.9, epsilon, weight_decay: 0.0 };
            Recipe { optimizer, ..with() }
        };
        let given = ClassWeights::Given([("a".to_owned(), -1.0)].into());
        let augment = |augment| Recipe { augment, ..with() };
        let cases = [
            ("beta1", adam(1.0, 1e-8)),
            ("epsilon", adam(0.9, 0.0)),
            ("label_smoothing", Recipe { label_smoothing: 1.0, ..with() }),
            ("gradient_clip", Recipe { gradient_clip: Some(0.0), ..with() }),
            ("gradient_clip", Recipe { gradient_clip: Some(f64::NAN), ..with() }),
            ("class_weights", Recipe { class_weights: given, ..with() }),
            ("augment.rotation", augment(Augment { rotation: 181.0, ..Augment::default() })),
            ("augment.crop", augment(Augment { crop: Some(0.0), ..Augment::default() })),
            ("augment.contrast", augment(Augment { contrast: 1.5, ..Augment::default() })),
        ];
        for (key, recipe) in cases {
            assert_eq!(refused(&recipe), key);
        }
        assert!(with().check(1).is_ok());
    }

    #[test]
    fn a_course_and_a_patience_have_their_ranges() {
        let course =
            |course| Recipe { schedule: Schedule { course, ..Schedule::default() }, ..with() };
        assert_eq!(refused(&course(Course::Step { step_size: 1, gamma: 0.0 })), "schedule.gamma");
        let still = course(Course::Step { step_size: 0, gamma: 0.5 });
        assert_eq!(refused(&still), "schedule.step_size");
        assert_eq!(refused(&course(Course::Cosine { final_rate: -1.0 })), "schedule.final_rate");
        let long = Schedule { warmup: 5, ..Schedule::default() };
        assert_eq!(refused(&Recipe { schedule: long, ..with() }), "schedule.warmup");
        let stop = Some(EarlyStopping { patience: 0, min_delta: 0.0 });
        assert_eq!(refused(&Recipe { early_stopping: stop, ..with() }), "early_stopping.patience");
    }

    #[test]
    fn looking_ahead_needs_a_momentum() {
        let sgd = |momentum| Recipe {
            optimizer: Optimizer::Sgd { momentum, nesterov: true, weight_decay: 0.0 },
            ..Recipe::default()
        };
        assert_eq!(refused(&sgd(0.0)), "nesterov");
        assert!(sgd(0.9).check(1).is_ok());
    }
}
