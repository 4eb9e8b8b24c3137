//! `predicted_positive_share`.

use super::{Basis, Metric, Slice};
use crate::domain::{Ideal, Meta, Undefined, Value};
use crate::fairness::slice::SELECTED;

crate::check! {
    /// Share of all predicted positives that fall on these rows.
    ///
    /// **Formula** `(TP + FP of the group) / (TP + FP of all rows)`. **Range** 0 to 1.
    /// **Ideal** none; it grows with the group. Compare `selection_rate` between groups instead.
    /// **Undefined** `NoPredictedPositives` when no row at all has `ŷ = 1`.
    /// **Interval** Wilson; none with weights.
    /// **Source** Saleiro et al. 2018, Aequitas, arXiv:1811.05577, §3.
    /// **Peer** `aequitas.Group.get_crosstabs`, column `ppr`; its `pprev` is `selection_rate`.
    PredictedPositiveShare, "FA018", "predicted_positive_share", Ideal::None
}

impl Metric for PredictedPositiveShare {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        let all = rows.population().1.over(SELECTED);
        if all > 0.0 {
            Ok((rows.masses().over(SELECTED) / all).min(1.0))
        } else {
            Err(Undefined::NoPredictedPositives)
        }
    }

    fn basis(&self, rows: &Slice<'_>) -> Basis {
        let n = rows.population().0.selected();
        match rows.weights() {
            Some(_) => Basis::Rows(n),
            None => Basis::Portion { hits: rows.confusion().selected(), n },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;

    #[test]
    fn by_hand() {
        // 6 of 8 predicted positives are here.
        let all = Confusion { tp: 5, fp: 3, tn: 9, fn_: 1 };
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        let part = rows.within(all, all.into());
        assert!((PredictedPositiveShare.of(&part).unwrap() - 0.75).abs() < 1e-15);
        assert_eq!(PredictedPositiveShare.basis(&part), Basis::Portion { hits: 6, n: 8 });
        assert!((PredictedPositiveShare.of(&rows).unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn without_any_predicted_positive_it_is_undefined() {
        let rows = Slice::counted(Confusion { tn: 3, ..Confusion::default() });
        assert_eq!(PredictedPositiveShare.of(&rows), Err(Undefined::NoPredictedPositives));
    }
}
