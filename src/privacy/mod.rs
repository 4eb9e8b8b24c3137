//! What the model and the data give away about people: membership, personal data, and
//! how well the records of a released table hide.

pub mod anonymity;
pub mod canaries;
pub mod dp;
pub mod membership;
pub mod pii;
pub mod stored;
mod stored_error;
mod stored_tensor;

use crate::domain::Meta;

/// The manuals of all checks, attacks and detectors of this room: PR, then PI, AN and DP.
#[must_use]
pub fn checks() -> Vec<&'static Meta> {
    let mut all: Vec<&'static Meta> = vec![
        &membership::MembershipAuc::META,
        &membership::MembershipAdvantage::META,
        &membership::MembershipTprAtFpr001::META,
        &membership::MembershipTprAtFpr0001::META,
        &membership::GeneralizationGap::META,
        &membership::MembershipBalancedAccuracy::META,
        &membership::MembershipPpv::META,
        &membership::MembershipTprAtFpr00001::META,
        &membership::MembershipIdentifiable::META,
        &membership::MembershipStrongest::META,
        &membership::GroupAuc::META,
        &membership::GroupTpr::META,
        &membership::GroupOwnTpr::META,
        &membership::GroupAdvantage::META,
        &membership::GroupEpsilon::META,
        &membership::GroupAucDifference::META,
        &membership::GroupTprDifference::META,
        &membership::BlindAuc::META,
        &membership::MembershipBelowChance::META,
    ];
    all.extend(membership::attacks().iter().map(|probe| probe.meta()));
    all.extend([
        &membership::ClassSizeCorrelation::META,
        &membership::MembershipShadowAccuracyGap::META,
        &membership::MembershipShadowConfidenceGap::META,
        &membership::MembershipReferenceGain::META,
    ]);
    all.extend(membership::LabelOnly::ALL.map(membership::LabelOnly::meta));
    all.extend(pii::detectors().into_iter().map(|(_, meta)| meta));
    all.extend([&pii::PiiCells::META, &pii::PiiFileNames::META, &pii::PiiDirectIdentifiers::META]);
    all.extend(anonymity::checks());
    all.extend(dp::checks());
    all.extend(canaries::checks());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_names_are_unique_and_well_formed() {
        let all = checks();
        let codes: BTreeSet<_> = all.iter().map(|m| m.code).collect();
        let names: BTreeSet<_> = all.iter().map(|m| m.name).collect();
        assert_eq!((codes.len(), names.len()), (all.len(), all.len()));
        for meta in all {
            let (family, number) = meta.code.split_at(2);
            assert!(
                matches!(family, "PR" | "PI" | "AN" | "DP") && number.parse::<u16>().is_ok(),
                "{}",
                meta.code
            );
            let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c);
            assert!(meta.name.chars().all(sign), "{}", meta.name);
        }
    }

    #[test]
    fn every_manual_has_all_heads() {
        for meta in checks() {
            assert!(meta.summary().ends_with('.'), "{}", meta.code);
            for head in ["Formula", "Range", "Ideal", "Undefined", "Source"] {
                assert!(meta.section(head).is_some_and(|s| !s.is_empty()), "{} {head}", meta.code);
            }
        }
    }
}
