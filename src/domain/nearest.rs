//! What a mistyped name was meant to be.

/// The known name that `word` most likely means, whatever its case, or none when nothing is close: at
/// most a third of the letters may be wrong, left out, added or exchanged, or one of a short word.
///
/// Distance: Damerau, Levenshtein. Of equally close names the first in alphabetical order.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    let distance = |name: &'a str| (strsim::damerau_levenshtein(&word, &name.to_lowercase()), name);
    known.into_iter().map(distance).filter(|(d, _)| *d <= limit).min().map(|(_, name)| name)
}

/// The nearest name as the end of a sentence about `word`, or nothing.
pub(crate) fn hint(word: &str, known: &[String]) -> String {
    let near = nearest(word, known.iter().map(String::as_str));
    near.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["demographic_parity_difference", "demographic_parity_ratio", "race", "sex"];
        assert_eq!(nearest("demographic_parity_diference", known), Some(known[0]));
        assert_eq!(nearest("rcae", known), Some("race"));
        assert_eq!(nearest("Sex", known), Some("sex"));
        assert_eq!(nearest("SEXE", known), Some("sex"));
        assert_eq!(nearest("postcode", known), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn a_third_of_the_letters_may_be_wrong() {
        assert_eq!(nearest("abcdxx", ["abcdef"]), Some("abcdef"));
        assert_eq!(nearest("abcxxx", ["abcdef"]), None);
        assert_eq!(nearest("b", ["c", "a"]), Some("a"));
    }
}
