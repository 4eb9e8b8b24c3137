//! What a policy is judged against: the declared facts.

use super::MisuseError;
use super::schema::{FIELDS, Place, closest, place};
use chrono::NaiveDate;
use regorus::Value;
use std::collections::BTreeMap;

/// The declared facts, as the configuration gives them. A policy reads them under `data.audit`.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Purposes that are allowed; empty when none is declared.
    pub purposes: Vec<String>,
    /// Domains that are allowed; empty when none is declared.
    pub domains: Vec<String>,
    /// Uses that are prohibited.
    pub prohibited_uses: Vec<String>,
    /// Approvals: id → last day on which it holds, `YYYY-MM-DD`.
    pub approvals: BTreeMap<String, String>,
    /// An adverse decision with a confidence below this needs human review; 0 to 1.
    pub review_below: f64,
    /// Fields that each record must have, dotted: `purpose`, `actor.role`, or a whole object.
    pub required_fields: Vec<String>,
    /// Confidence level of the intervals, inside 0 to 1.
    pub confidence: f64,
}

impl Facts {
    /// Checks fields, dates and numbers.
    pub(super) fn check(&self) -> Result<(), MisuseError> {
        for field in &self.required_fields {
            if place(field) == Place::Unknown {
                let help = closest(field, &FIELDS)
                    .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
                return Err(MisuseError::UnknownField { field: field.clone(), help });
            }
        }
        for (id, expires) in &self.approvals {
            let date = NaiveDate::parse_from_str(expires, "%Y-%m-%d");
            if date.is_err() || expires.len() != 10 {
                return Err(MisuseError::Date { id: id.clone(), expires: expires.clone() });
            }
        }
        let number = |name, value, inside: bool| {
            if inside { Ok(()) } else { Err(MisuseError::Number { name, value }) }
        };
        let review = self.review_below;
        number("review_below", review, (0.0..=1.0).contains(&review))?;
        number("confidence", self.confidence, self.confidence > 0.0 && self.confidence < 1.0)
    }

    /// The facts as the document that a policy reads: `{"audit": {…}}`.
    pub(super) fn to_value(&self) -> Value {
        Value::from(serde_json::json!({
            "audit": {
                "purposes": self.purposes,
                "domains": self.domains,
                "prohibited_uses": self.prohibited_uses,
                "approvals": self.approvals,
                "review_below": self.review_below,
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::canary;
    use super::super::schema::FACTS;
    use super::*;

    #[test]
    fn a_policy_reads_the_facts_that_the_schema_names() {
        let value = canary::facts().to_value();
        let audit = value["audit"].as_object().unwrap();
        let mut names = FACTS.to_vec();
        names.sort_unstable();
        let found: Vec<String> =
            audit.iter().map(|(k, _)| k.as_string().unwrap().to_string()).collect();
        assert_eq!(found, names);
    }

    #[test]
    fn a_misspelled_required_field_is_refused_with_a_suggestion() {
        let mut facts = canary::facts();
        facts.required_fields = vec!["actor".to_owned()];
        assert_eq!(facts.check(), Ok(()));
        facts.required_fields = vec!["actor.rol".to_owned()];
        let error = facts.check().unwrap_err().to_string();
        assert!(error.ends_with("did you mean `actor.role`?"), "{error}");
    }

    #[test]
    fn dates_and_numbers_are_checked() {
        for expires in ["2026-13-01", "2026-6-30", "never", "20260630"] {
            let mut facts = canary::facts();
            facts.approvals.insert("A-2".to_owned(), expires.to_owned());
            assert!(matches!(facts.check(), Err(MisuseError::Date { .. })), "{expires}");
        }
        for (review_below, confidence) in [(1.1, 0.95), (-0.1, 0.95), (f64::NAN, 0.95), (0.5, 1.0)]
        {
            let facts = Facts { review_below, confidence, ..canary::facts() };
            assert!(matches!(facts.check(), Err(MisuseError::Number { .. })));
        }
    }
}
