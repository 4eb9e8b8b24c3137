//! The learning rate of each step: a function of where in the training the step is, so that a
//! resumed training goes on with the same rates.

use crate::domain::{Course, Per, Schedule, to_f64};

/// Share of the training after which a cycle is at its height.
const RISE: f64 = 0.3;
/// Height of a cycle over its beginning.
const DIV_FACTOR: f64 = 25.0;
/// Beginning of a cycle over its end.
const FINAL_DIV_FACTOR: f64 = 1e4;

/// Where in a training a step is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Steps before this one, over all epochs.
    pub(crate) step: usize,
    /// Steps of an epoch, at least 1.
    pub(crate) steps_per_epoch: usize,
    /// Epochs of the training.
    pub(crate) epochs: usize,
}

impl Schedule {
    /// The learning rate of a step, from the declared one.
    pub(crate) fn rate(&self, declared: f64, at: Place) -> f64 {
        let units_per_epoch = match self.per {
            Per::Step => at.steps_per_epoch,
            Per::Epoch => 1,
        };
        let unit = at.step * units_per_epoch / at.steps_per_epoch;
        let warmup = self.warmup * units_per_epoch;
        let left = (at.epochs * units_per_epoch).saturating_sub(warmup);
        let rate = self.course.rate(declared, unit.saturating_sub(warmup), left);
        if unit < warmup { rate * count(unit + 1) / count(warmup + 1) } else { rate }
    }

    /// Whether the rates depend on the number of epochs.
    pub(crate) fn depends_on_epochs(&self) -> bool {
        matches!(self.course, Course::Cosine { .. } | Course::OneCycle)
    }
}

impl Course {
    /// The rate of a unit of `units`; beyond them the last one's.
    fn rate(self, declared: f64, unit: usize, units: usize) -> f64 {
        match self {
            Self::Constant => declared,
            Self::Step { step_size, gamma } => {
                let drops = i32::try_from(unit / step_size.max(1)).unwrap_or(i32::MAX);
                declared * gamma.powi(drops)
            }
            Self::Cosine { final_rate } => {
                cosine(declared, final_rate, count(unit.min(units)) / count(units.max(1)))
            }
            Self::OneCycle => one_cycle(declared, unit, units),
        }
    }
}

/// From `from` to `to` along half a cosine; `share` from 0 to 1.
fn cosine(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) / 2.0 * (1.0 + (std::f64::consts::PI * share).cos())
}

fn one_cycle(height: f64, unit: usize, units: usize) -> f64 {
    let (first, units) = (height / DIV_FACTOR, count(units.max(1)));
    let (top, end) = (RISE * units - 1.0, units - 1.0);
    let at = count(unit).min(end);
    if at <= top {
        // The height is at `top`, which is the first unit where the rise has no length.
        let share = if top > 0.0 { at / top } else { 1.0 };
        return cosine(first, height, share);
    }
    cosine(height, first / FINAL_DIV_FACTOR, (at - top) / (end - top))
}

fn count(units: usize) -> f64 {
    u64::try_from(units).map_or(f64::INFINITY, to_f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn rates(schedule: Schedule, steps_per_epoch: usize, epochs: usize) -> Vec<f64> {
        let at = |step| Place { step, steps_per_epoch, epochs };
        (0..steps_per_epoch * epochs).map(|step| schedule.rate(0.1, at(step))).collect()
    }

    fn course(case: &Value) -> Course {
        match case["name"].as_str().unwrap() {
            "constant" => Course::Constant,
            "step" => Course::Step {
                step_size: usize::try_from(case["step_size"].as_u64().unwrap()).unwrap(),
                gamma: case["gamma"].as_f64().unwrap(),
            },
            "cosine" => Course::Cosine { final_rate: case["final_rate"].as_f64().unwrap() },
            _ => Course::OneCycle,
        }
    }

    #[track_caller]
    fn assert_near(found: &[f64], expected: &[f64], what: &Value) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{what}: {found} {expected}");
        }
    }

    #[test]
    fn rates_are_those_of_pytorchs_schedulers() {
        let text = include_str!("../../fixtures/pytorch/schedules.json");
        let golden: Value = serde_json::from_str(text).unwrap();
        let cases = golden["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 9);
        for entry in cases {
            let case = &entry["case"];
            let count = |key: &str| usize::try_from(case[key].as_u64().unwrap_or(0)).unwrap();
            let expected: Vec<f64> = serde_json::from_value(entry["rates"].clone()).unwrap();
            let (course, warmup) = (course(case), count("warmup"));
            let by_epoch = Schedule { course, per: Per::Epoch, warmup };
            assert_near(&rates(by_epoch, 1, count("units")), &expected, case);
            // The same once more with an epoch of one step, and held over an epoch of three.
            let by_step = Schedule { per: Per::Step, ..by_epoch };
            assert_near(&rates(by_step, 1, count("units")), &expected, case);
            let held: Vec<f64> = rates(by_epoch, 3, count("units"));
            assert_near(&held.into_iter().step_by(3).collect::<Vec<_>>(), &expected, case);
        }
    }

    #[test]
    fn a_schedule_by_steps_counts_the_warm_up_in_steps_too() {
        let schedule = Schedule { course: Course::Constant, per: Per::Step, warmup: 1 };
        // Four steps of warm-up: 1/5, 2/5, 3/5, 4/5 of the rate.
        let expected = [0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.1, 0.1];
        assert_near(&rates(schedule, 4, 2), &expected, &Value::Null);
    }

    #[test]
    fn a_warm_up_ends_where_the_course_begins() {
        let schedule = Schedule { course: Course::OneCycle, per: Per::Epoch, warmup: 3 };
        let rates = rates(schedule, 1, 13);
        assert_near(&rates[..4], &[0.001, 0.002, 0.003, 0.004], &Value::Null);
    }

    proptest::proptest! {
        #[test]
        fn rates_are_finite_and_never_above_the_declared_one(
            which in 0..4usize,
            steps_per_epoch in 1..9usize,
            epochs in 1..9usize,
            warmup in 0..12usize,
            by_step: bool,
        ) {
            let course = [
                Course::Constant,
                Course::Step { step_size: 2, gamma: 0.5 },
                Course::Cosine { final_rate: 0.0 },
                Course::OneCycle,
            ][which];
            let per = if by_step { Per::Step } else { Per::Epoch };
            for rate in rates(Schedule { course, per, warmup }, steps_per_epoch, epochs) {
                assert!(rate.is_finite() && (0.0..=0.1 + 1e-12).contains(&rate), "{rate}");
            }
        }
    }
}
