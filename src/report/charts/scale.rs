//! Round numbers along an axis.

use crate::report::document::Scale;
use crate::report::number;

/// Values to label: powers of ten with 2 and 5 where there is room on a logarithmic axis, four to
/// six equal steps on a linear one.
pub(super) fn ticks(scale: Scale) -> Vec<f64> {
    match scale {
        Scale::Linear { low, high } => linear(low, high),
        Scale::Log { low, high } => logarithmic(low, high),
    }
}

/// The label of a tick.
pub(super) fn label(value: f64) -> String {
    let short = format!("{value:.6}");
    let short = short.trim_end_matches('0').trim_end_matches('.');
    if short.is_empty() || short == "0" || short == "-0" {
        if value.abs() > 0.0 { number::number(value) } else { "0".to_owned() }
    } else {
        short.replacen('-', "−", 1)
    }
}

fn linear(low: f64, high: f64) -> Vec<f64> {
    let raw = (high - low) / 5.0;
    let power = 10.0_f64.powf(raw.max(1e-12).log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = steps.iter().map(|s| s * power).find(|s| *s >= raw - 1e-12).unwrap_or(raw);
    let mut ticks = Vec::new();
    let mut tick = (low / step - 1e-9).ceil() * step;
    while tick <= high + step * 1e-9 {
        ticks.push(tick);
        tick += step;
    }
    ticks
}

fn logarithmic(low: f64, high: f64) -> Vec<f64> {
    let wide = high / low > 200.0;
    let steps: &[f64] = if wide { &[1.0] } else { &[1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0] };
    let mut ticks = Vec::new();
    let mut power = 10.0_f64.powf(low.log10().floor());
    while power <= high * 1.000_001 {
        let here = steps.iter().map(|s| s * power);
        ticks.extend(here.filter(|t| *t >= low * 0.999_999 && *t <= high * 1.000_001));
        power *= 10.0;
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let labels = |scale| ticks(scale).into_iter().map(label).collect::<Vec<_>>();
        assert_eq!(
            labels(Scale::Linear { low: 0.0, high: 1.0 }),
            ["0", "0.2", "0.4", "0.6", "0.8", "1"]
        );
        assert_eq!(
            labels(Scale::Log { low: 1e-4, high: 1.0 }),
            ["0.0001", "0.001", "0.01", "0.1", "1"]
        );
        let ratio = labels(Scale::Log { low: 0.4, high: 1.5 });
        assert!(
            ratio.contains(&"0.8".to_owned()) && ratio.contains(&"1.25".to_owned()),
            "{ratio:?}"
        );
    }
}
