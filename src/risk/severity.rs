//! How bad a breach is: what the system can do to people, and how far past the limit it is.

use crate::domain::{Bound, HarmKind, Level, System, Value};

/// The least severity that any breach of this system has.
///
/// It starts from the declared kind of harm (safety: high; rights, finance and privacy: moderate;
/// quality: low), is raised to the profile's own floor (`medical-imaging`: high, `credit-scoring`:
/// moderate), and rises one level each if the harm cannot be undone and if minors are affected.
///
/// **Source** the impact levels of NIST SP 800-30 r1, table H-3 (very high and high involve loss of
/// life or serious injury, moderate significant harm short of it); EU 2024/1689, article 9(9) for
/// minors; reversibility as in ISO/IEC 42005. The size of the steps is this tool's own choice.
#[must_use]
pub fn harm_floor(system: &System) -> Level {
    let kind = match system.harm.kind {
        HarmKind::Safety => Level::High,
        HarmKind::Rights | HarmKind::Finance | HarmKind::Privacy => Level::Moderate,
        HarmKind::Quality => Level::Low,
    };
    let profile = match system.domain.as_str() {
        "medical-imaging" => Level::High,
        "credit-scoring" => Level::Moderate,
        _ => Level::VeryLow,
    };
    let mut floor = kind.max(profile);
    if !system.harm.reversible {
        floor = next(floor);
    }
    if system.harm.minors {
        floor = next(floor);
    }
    floor
}

fn next(level: Level) -> Level {
    let above = Level::ALL.into_iter().find(|&l| l > level);
    above.unwrap_or(Level::VeryHigh)
}

/// The band of the distance past the bound, in units of the bound.
///
/// With `d = (value − limit) / |limit|` for an upper bound and `(limit − value) / |limit|` for a
/// lower one: very low up to 0 (kept), low up to 0.1, moderate up to 0.25, high up to 1, very high
/// beyond. Where the limit is 0 the unit is 1: one record, or the whole of a share. An undefined
/// value shows no distance and is very low; its likelihood says that nothing is known.
///
/// **Source** this tool's own bands; a disparity of 0.72 against four fifths (29 CFR 1607.4(D)) is
/// at the end of low, one of 0.6 at the end of moderate.
#[must_use]
pub fn magnitude(value: &Value, bound: Bound) -> Level {
    let Ok(value) = value else { return Level::VeryLow };
    let past = match bound {
        Bound::AtMost(limit) => value - limit,
        Bound::AtLeast(limit) => limit - value,
    };
    let unit = if bound.limit().abs() > 0.0 { bound.limit().abs() } else { 1.0 };
    match past / unit {
        d if d <= 0.0 => Level::VeryLow,
        d if d <= 0.1 => Level::Low,
        d if d <= 0.25 => Level::Moderate,
        d if d <= 1.0 => Level::High,
        _ => Level::VeryHigh,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::system;
    use super::*;
    use crate::domain::{Harm, Undefined};

    fn floor(domain: &str, kind: HarmKind, reversible: bool, minors: bool) -> Level {
        let mut s = system(domain);
        s.harm = Harm { kind, reversible, minors };
        harm_floor(&s)
    }

    #[test]
    fn the_floor_follows_harm_and_profile() {
        use HarmKind::{Finance, Privacy, Quality, Rights, Safety};
        assert_eq!(floor("general", Quality, true, false), Level::Low);
        for kind in [Finance, Privacy, Rights] {
            assert_eq!(floor("general", kind, true, false), Level::Moderate);
        }
        assert_eq!(floor("general", Safety, true, false), Level::High);
        assert_eq!(floor("credit-scoring", Quality, true, false), Level::Moderate);
        assert_eq!(floor("medical-imaging", Quality, true, false), Level::High);
        assert_eq!(floor("recommendation", Quality, true, false), Level::Low);
    }

    #[test]
    fn what_cannot_be_undone_and_minors_raise_it_and_it_ends_at_the_top() {
        assert_eq!(floor("credit-scoring", HarmKind::Finance, false, false), Level::High);
        assert_eq!(floor("credit-scoring", HarmKind::Finance, true, true), Level::High);
        assert_eq!(floor("general", HarmKind::Quality, false, true), Level::High);
        assert_eq!(floor("medical-imaging", HarmKind::Safety, false, true), Level::VeryHigh);
    }

    #[test]
    fn bands_in_units_of_the_bound() {
        let at_most = |v: f64| magnitude(&Ok(v), Bound::AtMost(0.5));
        assert_eq!(at_most(0.5), Level::VeryLow);
        assert_eq!(at_most(0.54), Level::Low);
        assert_eq!(at_most(0.625), Level::Moderate);
        assert_eq!(at_most(1.0), Level::High);
        assert_eq!(at_most(1.1), Level::VeryHigh);
        let at_least = |v: f64| magnitude(&Ok(v), Bound::AtLeast(0.8));
        assert_eq!(at_least(0.81), Level::VeryLow);
        assert_eq!(at_least(0.73), Level::Low);
        assert_eq!(at_least(0.65), Level::Moderate);
        assert_eq!(at_least(0.3), Level::High);
    }

    #[test]
    fn without_a_unit_one_record_is_the_unit() {
        let band = |v: f64| magnitude(&Ok(v), Bound::AtMost(0.0));
        assert_eq!(band(0.0), Level::VeryLow);
        assert_eq!(band(0.03), Level::Low);
        assert_eq!(band(1.0), Level::High);
        assert_eq!(band(2.0), Level::VeryHigh);
        assert_eq!(magnitude(&Err(Undefined::Empty), Bound::AtMost(0.0)), Level::VeryLow);
    }
}
