//! What shadow models bought, what more of them would, and whether they are of the target's kind, in
//! sentences.

use crate::domain::{Evidence, Finding};
use crate::report::language::Language;
use crate::report::number;
use crate::report::words::{LeakWords, fill, names};

/// Of each attack that compares: its AUC, and what as many models again would add.
pub(super) fn gains(findings: &[&Finding], language: Language) -> Vec<String> {
    let gains = findings.iter().filter(|f| f.check == "membership_reference_gain");
    gains.filter_map(|finding| gain(finding, language)).collect()
}

fn gain(finding: &Finding, language: Language) -> Option<String> {
    let counts = finding.evidence.iter().find_map(|e| match e {
        Evidence::Counts { counts } => Some(counts),
        _ => None,
    })?;
    let cells = |wanted: &str| {
        finding.evidence.iter().find_map(|e| match e {
            Evidence::Numbers { name, cells } if name == wanted => Some(cells.as_slice()),
            _ => None,
        })
    };
    let next =
        |wanted: &str| cells("as_many_models_again")?.iter().find(|c| c.name == wanted)?.value;
    let attack = finding.subject.attack.as_deref()?;
    let facts = [
        ("attack", names::name(language, names::ATTACKS, attack)),
        ("models", counts.get("models_again")?.to_string()),
        ("steps", counts.get("image_steps_again")?.to_string()),
        ("auc", number::number(cells("auc_with_references")?.last()?.value?)),
        ("expected", number::number(next("expected")?)),
        ("most", number::number(next("most")?)),
    ];
    Some(fill(LeakWords::of(language).gain, &facts))
}

/// That the target is not one more model of its shadow models' kind, where that is seen.
pub(super) fn differ(findings: &[&Finding], language: Language) -> Option<String> {
    let named =
        |e: &Evidence| matches!(e, Evidence::Numbers { name, .. } if name == "shadows_differ");
    let off: Vec<String> = findings
        .iter()
        .filter(|f| f.evidence.iter().any(named))
        .filter_map(|f| {
            let value = number::number(*f.value.as_ref().ok()?);
            let interval = f.interval.as_ref().map(number::interval)?;
            Some(format!("{} {value} {interval}", names::check(language, &f.check)))
        })
        .collect();
    let facts = [("gaps", language.list(&off))];
    (!off.is_empty()).then(|| fill(LeakWords::of(language).differ, &facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Cell, Ideal, Interval, Meta, Stage, Subject};

    fn finding(check: &'static str, evidence: Vec<Evidence>) -> Finding {
        let meta = Meta { code: "PR049", name: check, ideal: Ideal::Zero, explain: "A." };
        let subject = Subject { attack: Some("rmia.online".to_owned()), ..Subject::default() };
        let method = "student_t".to_owned();
        let interval = Interval { low: 0.01, high: 0.03, level: 0.95, method };
        let finding = Finding::new(&meta, Stage::Privacy, subject, Ok(0.02), 9);
        let finding = finding.with_interval(Some(interval));
        evidence.into_iter().fold(finding, Finding::with)
    }

    fn numbers(name: &str, cells: &[(&str, f64)]) -> Evidence {
        let cell = |(name, value): &(&str, f64)| Cell {
            name: (*name).to_owned(),
            value: Some(*value),
            n: 9,
        };
        Evidence::Numbers { name: name.to_owned(), cells: cells.iter().map(cell).collect() }
    }

    #[test]
    fn what_more_models_would_add_is_one_sentence() {
        let counts = [("models_again", 8), ("image_steps_again", 400)];
        let counts = counts.map(|(name, n)| (name.to_owned(), n)).into();
        let gain = finding(
            "membership_reference_gain",
            vec![
                numbers("auc_with_references", &[("4", 0.6), ("8", 0.65)]),
                numbers("as_many_models_again", &[("expected", 0.004), ("most", 0.02)]),
                Evidence::Counts { counts },
            ],
        );
        for (language, models) in
            [(Language::English, "8 reference models"), (Language::Chinese, "8 个")]
        {
            let text = gains(&[&gain], language).remove(0);
            let facts = ["0.6500", "0.004", "0.02", "400", models];
            assert!(facts.iter().all(|fact| text.contains(fact)), "{text}");
        }
        let few = finding("membership_reference_gain", Vec::new());
        assert!(gains(&[&few], Language::English).is_empty());
    }

    #[test]
    fn models_of_another_kind_are_a_warning() {
        let gap = "membership_shadow_accuracy_gap";
        let calm = finding(gap, Vec::new());
        assert_eq!(differ(&[&calm], Language::English), None);
        let off = finding(gap, vec![numbers("shadows_differ", &[("target", 0.9)])]);
        let text = differ(&[&calm, &off], Language::English).unwrap();
        assert!(text.contains("accuracy beyond") && text.contains("[0.01000, 0.03000]"), "{text}");
    }
}
