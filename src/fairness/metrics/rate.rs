//! Rates: counted rows over counted rows.

/// A metric that is a [`Rate`](crate::fairness::slice::Rate): `part` of `whole`, or `undefined`
/// where there is no row of `whole`. The type gets the constant `RATE` besides.
macro_rules! of_rate {
    ($metric:ident, $part:expr, $whole:expr, $undefined:ident) => {
        impl $metric {
            /// Which rows are counted.
            pub(super) const RATE: $crate::fairness::slice::Rate = $crate::fairness::slice::Rate {
                part: $part,
                whole: $whole,
                undefined: $crate::domain::Undefined::$undefined,
            };
        }

        impl $crate::fairness::metrics::Metric for $metric {
            fn meta(&self) -> &'static $crate::domain::Meta {
                &Self::META
            }

            fn of(&self, rows: &$crate::fairness::Slice<'_>) -> $crate::domain::Value {
                rows.rate(&Self::RATE)
            }

            fn basis(
                &self,
                rows: &$crate::fairness::Slice<'_>,
            ) -> $crate::fairness::metrics::Basis {
                rows.share(&Self::RATE)
            }
        }
    };
}
pub(super) use of_rate;
