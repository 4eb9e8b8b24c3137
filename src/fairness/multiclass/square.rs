//! The k×k table of actual and predicted classes, and the numbers that follow from it alone.

use crate::domain::{Undefined, Value, ratio_of};
use crate::stats::sum;

/// Rows, or their weight, by actual and predicted class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Square<'a> {
    /// Names of the classes.
    pub(super) classes: &'a [String],
    /// `(k, k)`, actual class slowest.
    pub(super) cells: &'a [f64],
}

/// A number that follows from the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// Mean recall.
    RecallMacro,
    /// Mean precision.
    PrecisionMacro,
    /// Mean F1.
    F1Macro,
    /// Mean F1, each class by its share.
    F1Weighted,
    /// Mean precision, each class by its share.
    PrecisionWeighted,
    /// Cohen's kappa.
    Kappa,
    /// Gorodkin's correlation.
    Correlation,
}

impl Square<'_> {
    /// A number, or why there is none.
    pub(super) fn of(&self, number: Number) -> Value {
        match number {
            Number::RecallMacro => self.macro_of(|class| self.recall(class)),
            Number::PrecisionMacro => self.macro_of(|class| self.precision(class)),
            Number::F1Macro => self.macro_of(|class| self.f1(class)),
            Number::F1Weighted => self.weighted_of(|class| self.f1(class)),
            Number::PrecisionWeighted => self.weighted_of(|class| self.precision(class)),
            Number::Kappa => self.cohen_kappa(),
            Number::Correlation => self.matthews_corrcoef(),
        }
    }

    /// All rows.
    pub(super) fn total(&self) -> f64 {
        sum(self.cells.iter().copied())
    }

    /// Rows of a class that are predicted rightly.
    fn hits(&self, class: usize) -> f64 {
        self.cells[class * self.classes.len() + class]
    }

    /// Rows of a class.
    fn actual(&self, class: usize) -> f64 {
        let k = self.classes.len();
        sum(self.cells[class * k..(class + 1) * k].iter().copied())
    }

    /// Rows that are predicted to be of a class.
    fn predicted(&self, class: usize) -> f64 {
        sum(self.cells.iter().skip(class).step_by(self.classes.len()).copied())
    }

    /// Rows that are predicted rightly.
    fn right(&self) -> f64 {
        sum((0..self.classes.len()).map(|class| self.hits(class)))
    }

    /// Share of the rows that are predicted rightly.
    pub(super) fn accuracy(&self) -> Value {
        over(self.right(), self.total(), Undefined::Empty)
    }

    fn recall(&self, class: usize) -> Value {
        over(self.hits(class), self.actual(class), Undefined::NoPositives)
    }

    fn precision(&self, class: usize) -> Value {
        over(self.hits(class), self.predicted(class), Undefined::NoPredictedPositives)
    }

    fn f1(&self, class: usize) -> Value {
        let both = self.actual(class) + self.predicted(class);
        over(2.0 * self.hits(class), both, Undefined::NoPositives)
    }

    /// The mean of a number over the classes; undefined where it is for one of them.
    fn macro_of(&self, of: impl Fn(usize) -> Value) -> Value {
        let mut parts = Vec::with_capacity(self.classes.len());
        for class in 0..self.classes.len() {
            parts.push(of(class).map_err(|reason| self.class_undefined(class, reason))?);
        }
        over(sum(parts), sum(self.classes.iter().map(|_| 1.0)), Undefined::Empty)
    }

    /// The mean of a number over the classes, each by its share of the actual rows.
    fn weighted_of(&self, of: impl Fn(usize) -> Value) -> Value {
        let mut parts = Vec::with_capacity(self.classes.len());
        for class in (0..self.classes.len()).filter(|class| self.actual(*class) > 0.0) {
            let value = of(class).map_err(|reason| self.class_undefined(class, reason))?;
            parts.push(value * self.actual(class));
        }
        over(sum(parts), self.total(), Undefined::Empty)
    }

    /// The reason of one class.
    pub(super) fn class_undefined(&self, class: usize, reason: Undefined) -> Undefined {
        let group = format!("class={}", self.classes[class]);
        Undefined::GroupUndefined { group, because: Box::new(reason) }
    }

    /// The mean recall of the classes that have rows, where some have none.
    pub(super) fn recall_of_present(&self) -> Value {
        let classes = 0..self.classes.len();
        let parts: Vec<f64> = classes.filter_map(|class| self.recall(class).ok()).collect();
        over(sum(parts.iter().copied()), sum(parts.iter().map(|_| 1.0)), Undefined::Empty)
    }

    /// Agreement beyond chance over the most that there can be.
    fn cohen_kappa(&self) -> Value {
        let (total, right) = (self.total(), self.right());
        if total <= 0.0 {
            return Err(Undefined::Empty);
        }
        // Of one class alone the first factor is exactly 1, and so the difference below exactly 0.
        let margins = (0..self.classes.len()).map(|c| self.actual(c) / total * self.predicted(c));
        let chance = sum(margins);
        ratio_of(right - chance, total - chance)
    }

    /// Gorodkin's correlation of actual and predicted class.
    fn matthews_corrcoef(&self) -> Value {
        let (total, right) = (self.total(), self.right());
        if total <= 0.0 {
            return Err(Undefined::Empty);
        }
        let classes = || 0..self.classes.len();
        let both = sum(classes().map(|c| self.actual(c) * self.predicted(c)));
        let rest =
            |of: &dyn Fn(usize) -> f64| total * total - sum(classes().map(|c| of(c).powi(2)));
        let (actual, predicted) = (rest(&|c| self.actual(c)), rest(&|c| self.predicted(c)));
        let found = ratio_of(right * total - both, actual.sqrt() * predicted.sqrt())?;
        Ok(found.clamp(-1.0, 1.0))
    }
}

fn over(part: f64, whole: f64, undefined: Undefined) -> Value {
    if whole > 0.0 { Ok(part / whole) } else { Err(undefined) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(k: usize) -> Vec<String> {
        (0..k).map(|class| class.to_string()).collect()
    }

    fn close(found: Value, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn three_classes_by_hand() {
        // Actual 0: 4 1 0; 1: 2 3 1; 2: 0 1 8. Recall 4/5, 3/6, 8/9; precision 4/6, 3/5, 8/9.
        let cells = [4.0, 1.0, 0.0, 2.0, 3.0, 1.0, 0.0, 1.0, 8.0];
        let names = classes(3);
        let t = Square { classes: &names, cells: &cells };
        close(t.accuracy(), 0.75);
        close(t.of(Number::RecallMacro), (0.8 + 0.5 + 8.0 / 9.0) / 3.0);
        close(t.of(Number::PrecisionMacro), (4.0 / 6.0 + 0.6 + 8.0 / 9.0) / 3.0);
        // F1: 8/11, 6/11, 16/18.
        let f1 = [8.0 / 11.0, 6.0 / 11.0, 16.0 / 18.0];
        close(t.of(Number::F1Macro), f1.iter().sum::<f64>() / 3.0);
        close(t.of(Number::F1Weighted), (f1[0] * 5.0 + f1[1] * 6.0 + f1[2] * 9.0) / 20.0);
        close(t.of(Number::PrecisionWeighted), (4.0 / 6.0 * 5.0 + 0.6 * 6.0 + 8.0) / 20.0);
        // Chance (5·6 + 6·5 + 9·9)/20² = 141/400: (0.75 − 0.3525)/(1 − 0.3525).
        close(t.of(Number::Kappa), 0.3975 / 0.6475);
        // (15·20 − 141) / √((400 − 142)(400 − 142)) = 159/258.
        close(t.of(Number::Correlation), 159.0 / 258.0);
    }

    #[test]
    fn a_class_without_rows_is_named() {
        let names = classes(3);
        let t = Square { classes: &names, cells: &[4.0, 1.0, 0.0, 2.0, 3.0, 1.0, 0.0, 0.0, 0.0] };
        let because = Box::new(Undefined::NoPositives);
        let expected = Undefined::GroupUndefined { group: "class=2".to_owned(), because };
        assert_eq!(t.of(Number::RecallMacro), Err(expected));
        close(t.recall_of_present(), 0.65);
        // It was predicted once, so its F1 is 0 and not undefined.
        close(t.of(Number::F1Macro), (8.0 / 11.0 + 0.6) / 3.0);
        // Neither actual nor predicted, it has no share of the weighted mean.
        let absent =
            Square { classes: &names, cells: &[4.0, 1.0, 0.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0] };
        close(absent.of(Number::F1Weighted), f64::midpoint(8.0 / 11.0, 6.0 / 9.0));
        let never = Square { classes: &names[..2], cells: &[4.0, 0.0, 2.0, 0.0] };
        assert!(matches!(never.of(Number::PrecisionMacro), Err(Undefined::GroupUndefined { .. })));
        assert!(matches!(
            never.of(Number::PrecisionWeighted),
            Err(Undefined::GroupUndefined { .. })
        ));
    }

    #[test]
    fn one_class_alone_has_no_agreement_beyond_chance() {
        let names = classes(2);
        let t = Square { classes: &names, cells: &[7.0, 0.0, 0.0, 0.0] };
        assert_eq!(t.of(Number::Kappa), Err(Undefined::ZeroDenominator));
        assert_eq!(t.of(Number::Correlation), Err(Undefined::ZeroDenominator));
        let t = Square { classes: &names, cells: &[0.0; 4] };
        assert_eq!(
            (t.of(Number::Kappa), t.accuracy()),
            (Err(Undefined::Empty), Err(Undefined::Empty))
        );
    }
}
