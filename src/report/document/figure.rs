//! A chart as data: what is to be seen, without any drawing.

use super::Table;

/// A chart with everything that is said about it.
pub(crate) struct Figure {
    /// File stem, `groups-sex`.
    pub(crate) name: String,
    /// The finding, in one sentence.
    pub(crate) title: String,
    /// How to read it.
    pub(crate) how: String,
    /// The same numbers.
    pub(crate) table: Table,
    /// What to draw.
    pub(crate) drawing: Drawing,
}

/// The kinds of charts.
pub(crate) enum Drawing {
    /// A row per group or rule, dots with whiskers in one or more panels.
    Dots(Dots),
    /// Curves.
    Lines(Lines),
    /// A table of shaded cells.
    Heat(Heat),
}

/// A table of shaded cells: the groups of two features.
pub(crate) struct Heat {
    /// What is measured.
    pub(crate) title: String,
    /// The names of the rows.
    pub(crate) rows: Vec<String>,
    /// The names of the columns.
    pub(crate) columns: Vec<String>,
    /// Row by row, as many cells as there are columns.
    pub(crate) cells: Vec<Vec<HeatCell>>,
    /// The values of the faintest and of the strongest shade.
    pub(crate) ends: (f64, f64),
    /// What hatched cells are.
    pub(crate) hatched: String,
}

/// A cell of a heat map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum HeatCell {
    /// A number and its rows.
    Value(f64, u64),
    /// Rows, but no number.
    Hatched(u64),
    /// Nobody.
    Empty,
}

/// How a number becomes a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// Equal steps.
    Linear {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Equal ratios; both ends are above 0.
    Log {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
}

impl Scale {
    /// The place of a number, 0 at the lower and 1 at the upper end; numbers beyond an end stay
    /// on it.
    pub(crate) fn place(self, value: f64) -> f64 {
        let share = match self {
            Self::Linear { low, high } => (value - low) / (high - low),
            Self::Log { low, high } => (value.max(low).ln() - low.ln()) / (high.ln() - low.ln()),
        };
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Both ends.
    pub(crate) fn ends(self) -> (f64, f64) {
        match self {
            Self::Linear { low, high } | Self::Log { low, high } => (low, high),
        }
    }
}

/// A chart of rows.
pub(crate) struct Dots {
    /// The names of the rows.
    pub(crate) labels: Vec<String>,
    /// The rows behind each row of the chart.
    pub(crate) n: Vec<u64>,
    /// Side by side.
    pub(crate) panels: Vec<Panel>,
    /// What the signs mean.
    pub(crate) signs: Signs,
}

/// Words for the signs of a chart of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signs {
    /// A row's own limit.
    pub(crate) limit: &'static str,
    /// A broken limit.
    pub(crate) failed: &'static str,
    /// The band.
    pub(crate) band: &'static str,
}

/// One panel of a chart of rows.
pub(crate) struct Panel {
    /// What is measured.
    pub(crate) title: String,
    /// The axis.
    pub(crate) scale: Scale,
    /// Where a stem to each dot begins.
    pub(crate) stem: Option<f64>,
    /// A range that counts as equal.
    pub(crate) band: Option<(f64, f64)>,
    /// Vertical lines.
    pub(crate) guides: Vec<Guide>,
    /// One entry per row.
    pub(crate) dots: Vec<Dot>,
}

/// A measured value in a panel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Dot {
    /// A number, perhaps with an interval and a limit of its own.
    Value {
        /// The number.
        value: f64,
        /// Its interval.
        interval: Option<(f64, f64)>,
        /// The limit of this row.
        limit: Option<f64>,
        /// Whether the gate failed it.
        failed: bool,
    },
    /// No number; a word or two why.
    Absent(String),
}

/// What a guide stands for; decides how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuideKind {
    /// The whole population.
    Whole,
    /// A limit of the gate.
    Limit,
    /// A mark to read values at, such as 0.1 % false positives.
    Mark,
    /// The finest rate that the data can show.
    Floor,
    /// Where something ended before its time.
    Stop,
}

/// A straight line in a panel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Guide {
    /// Where.
    pub(crate) at: f64,
    /// What it is.
    pub(crate) kind: GuideKind,
    /// In words, for the legend.
    pub(crate) text: String,
}

/// A chart of curves.
pub(crate) struct Lines {
    /// Side by side.
    pub(crate) panels: Vec<LinePanel>,
}

/// One panel of curves.
pub(crate) struct LinePanel {
    /// What the ordinate is.
    pub(crate) y_title: String,
    /// What the abscissa is.
    pub(crate) x_title: String,
    /// Abscissa.
    pub(crate) x: Scale,
    /// Ordinate.
    pub(crate) y: Scale,
    /// The curves.
    pub(crate) series: Vec<Series>,
    /// Vertical lines.
    pub(crate) guides: Vec<Guide>,
    /// Horizontal lines.
    pub(crate) levels: Vec<Guide>,
    /// Words for the diagonal, if it is drawn.
    pub(crate) diagonal: Option<String>,
    /// A shaded range: abscissa, lower and upper end, from left to right.
    pub(crate) band: Vec<(f64, f64, f64)>,
}

/// One curve.
pub(crate) struct Series {
    /// Its name.
    pub(crate) name: String,
    /// Its points.
    pub(crate) points: Vec<(f64, f64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_share_of_the_axis() {
        let linear = Scale::Linear { low: 0.0, high: 4.0 };
        assert!((linear.place(1.0) - 0.25).abs() < 1e-12);
        let log = Scale::Log { low: 0.01, high: 1.0 };
        assert!((log.place(0.1) - 0.5).abs() < 1e-12);
        assert!(log.place(0.0).abs() < 1e-12 && (log.place(9.0) - 1.0).abs() < 1e-12);
    }
}
