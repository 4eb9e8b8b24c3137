//! The shape of a peer's manual page.

/// A manual: code, name, ideal; what it is, formula, range, ideal in words, when it does not exist,
/// where the convention misleads, source, the peer's own function.
macro_rules! manual {
    ($code:literal, $name:expr, $ideal:ident, $summary:expr, $formula:expr, $range:expr,
     $undefined:expr, $misleads:expr, $source:expr, $peer:expr) => {
        $crate::domain::Meta {
            code: $code,
            name: $name,
            ideal: $crate::domain::Ideal::$ideal,
            explain: concat!(
                $summary, "\n\n**Formula** `", $formula, "`. **Range** ", $range, ". **Ideal** ",
                manual!(ideal $ideal), ".\n**Undefined** ", $undefined,
                ".\n**Interval** none; the peer gives none.\n**Misleads** ", $misleads,
                ".\n**Source** ", $source, ".\n**Peer** `", $peer, "`.\n"
            ),
        }
    };
    (ideal Zero) => { "0" };
    (ideal One) => { "1" };
    (ideal None) => { "none" };
}
pub(super) use manual;
