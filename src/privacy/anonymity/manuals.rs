//! The manuals of what is measured on a table that is to be released.
//!
//! All share these rules. Rows with the same values in all quasi-identifiers form a class. A missing
//! value is one more value, in quasi-identifiers and in sensitive columns alike. Each sensitive
//! column is measured on its own. The numbers count the table itself and estimate nothing, so they
//! have no interval.

use crate::domain::Ideal;

crate::check! {
    /// Rows of the smallest class: the crowd in which every record of the table hides.
    ///
    /// **Formula** `min_j f_j`, `f_j` being the rows of class `j`; missing values are one more value.
    /// **Range** 1 to the number of rows. **Ideal** large; 5 or more is common for internal use.
    /// **Undefined** never; a table without rows is an error. No interval: the table is counted.
    /// **Source** Samarati, Sweeney 1998; Sweeney 2002, IJUFKS 10(5), definition 3.
    /// **Peer** `pycanon.anonymity.k_anonymity`; it drops rows whose quasi-identifier is missing.
    KAnonymity, "AN001", "k_anonymity", Ideal::None
}

crate::check! {
    /// Largest share that one sensitive value has in a class.
    ///
    /// **Formula** `max_j max_s n_js / f_j`; with the `k` beside it the table is (α,k)-anonymous.
    /// **Range** 0 to 1. **Ideal** small; 1 means that a class gives its value away.
    /// **Undefined** never. No interval: the table is counted.
    /// **Source** Wong, Li, Fu, Wang 2006, KDD, definition 3, over all sensitive values.
    /// **Peer** `pycanon.anonymity.alpha_k_anonymity`.
    AlphaKAnonymity, "AN002", "alpha_k_anonymity", Ideal::Zero
}

crate::check! {
    /// Fewest distinct sensitive values in a class.
    ///
    /// **Formula** `min_j |{s: n_js > 0}|`; a missing value is one more value.
    /// **Range** 1 to the number of rows. **Ideal** large; 1 means that a class gives its value away.
    /// **Undefined** never. No interval: the table is counted.
    /// **Source** Machanavajjhala, Kifer, Gehrke, Venkitasubramaniam 2007, TKDD 1(1), §4.
    /// **Peer** `pycanon.anonymity.l_diversity`.
    LDiversity, "AN003", "l_diversity", Ideal::None
}

crate::check! {
    /// Number of equally frequent sensitive values that would hide as much as the worst class does.
    ///
    /// **Formula** `exp(min_j H_j)`, `H_j = −Σ_s q_js ln q_js`, not rounded down; a result within
    /// 1e-9 of a whole number is that number. The table is entropy l-diverse for every `l` up to it.
    /// **Range** 1 to the number of rows. **Ideal** large.
    /// **Undefined** never. No interval: the table is counted.
    /// **Source** Machanavajjhala et al. 2007, TKDD 1(1), definition 4.1.
    /// **Peer** `pycanon.anonymity.entropy_l_diversity`, which rounds down and so calls a table of
    /// `exp(ln 2) = 1.9999999999999998` 1-diverse.
    EntropyLDiversity, "AN004", "entropy_l_diversity", Ideal::None
}

crate::check! {
    /// How much the most frequent sensitive value outweighs the rare ones, in the worst class.
    ///
    /// **Formula** `max_j r_1 / (r_l + … + r_m)`, `r` being the counts of the class in descending
    /// order; the table is recursively (c,l)-diverse for every `c` above it. `l` is as asked for,
    /// else the table's own `l_diversity`, at least 2. **Range** 0 and up. **Ideal** small.
    /// **Undefined** `Unbounded` where a class has fewer than `l` values: no `c` will do.
    /// No interval: the table is counted.
    /// **Source** Machanavajjhala et al. 2007, TKDD 1(1), definition 4.2.
    /// **Peer** `pycanon.anonymity.recursive_c_l_diversity`, which sorts in ascending order and so
    /// reports 1 for a class of 4, 2 and 1, whose `r_1 / r_3` is 4.
    RecursiveClDiversity, "AN005", "recursive_cl_diversity", Ideal::Zero
}

crate::check! {
    /// Distance of the sensitive values of a class from those of the table, in the worst class.
    ///
    /// **Formula** earth mover's distance of `q` and `p`. Where all values are numbers and none is
    /// missing it is the ordered one, `Σ_v |Q(v) − P(v)| / (m − 1)` with the cumulative shares and
    /// `m` distinct values; else all values are equally far apart, `½ Σ_v |q_v − p_v|`. The evidence
    /// has both. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never. No interval: the table is counted.
    /// **Source** Li, Li, Venkatasubramanian 2007, ICDE, §4. **Peer** `pycanon.anonymity.t_closeness`.
    TCloseness, "AN006", "t_closeness", Ideal::Zero
}

crate::check! {
    /// Largest relative gain of a sensitive value when the class is known.
    ///
    /// **Formula** `max_j max_s (q_js − p_s) / p_s`. **Range** 0 and up. **Ideal** 0.
    /// **Undefined** never. No interval: the table is counted.
    /// **Source** Cao, Karras 2012, VLDB 5(11), definition 2.
    /// **Peer** `pycanon.anonymity.basic_beta_likeness`.
    BasicBetaLikeness, "AN007", "basic_beta_likeness", Ideal::Zero
}

crate::check! {
    /// Largest relative gain of a sensitive value, where no gain exceeds what its rarity allows.
    ///
    /// **Formula** the least `β` with `(q_js − p_s) / p_s ≤ min(β, −ln p_s)` for every class and
    /// value. **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `Unbounded` where a gain exceeds `−ln p_s`: no `β` will do.
    /// No interval: the table is counted.
    /// **Source** Cao, Karras 2012, VLDB 5(11), definition 3.
    /// **Peer** `pycanon.anonymity.enhanced_beta_likeness`, which takes the smaller of the largest
    /// gain and the largest `−ln p` of any value, and so calls gains allowed that are not.
    EnhancedBetaLikeness, "AN008", "enhanced_beta_likeness", Ideal::Zero
}

crate::check! {
    /// Largest change of the odds of a sensitive value, on the log scale, when the class is known.
    ///
    /// **Formula** `max_j max_s |ln(q_js / p_s)|` over the values that occur in the class; the
    /// evidence counts those that do not, which the definition in its strict form would forbid.
    /// **Range** 0 and up. **Ideal** 0. **Undefined** never. No interval: the table is counted.
    /// **Source** Brickell, Shmatikov 2008, KDD, definition 1.
    /// **Peer** `pycanon.anonymity.delta_disclosure`.
    DeltaDisclosure, "AN009", "delta_disclosure", Ideal::Zero
}

crate::check! {
    /// Share of the rows that are alone in their class.
    ///
    /// **Formula** `Σ_j 1[f_j = 1] / n`. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never. No interval: the table is counted.
    /// **Source** Skinner, Elliot 2002, JRSS B 64, 855–867 (sample uniques).
    UniqueRows, "AN010", "unique_rows", Ideal::Zero
}

crate::check! {
    /// Share of the rows whose class has fewer than five rows.
    ///
    /// **Formula** `Σ_j f_j 1[f_j < 5] / n`: the rows whose prosecutor risk exceeds 0.2.
    /// **Range** 0 to 1. **Ideal** 0. **Undefined** never. No interval: the table is counted.
    /// **Source** El Emam, Dankar 2008, JAMIA 15(5), 627–637, with the threshold 0.2.
    RowsBelowFive, "AN011", "rows_in_small_classes", Ideal::Zero
}

crate::check! {
    /// Chance that an attacker who knows that a person is in the table finds the row, at worst.
    ///
    /// **Formula** `max_j 1 / f_j`. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never. No interval: the table is counted.
    /// **Source** El Emam, Dankar 2008, JAMIA 15(5), 627–637.
    /// **Peer** `pycanon` `max_rir`; its average is over classes, not over records.
    ProsecutorRisk, "AN012", "prosecutor_risk", Ideal::Zero
}

crate::check! {
    /// Chance that an attacker who does not know who is in the table finds a row, at worst.
    ///
    /// **Formula** `max_j 1 / F_j`, `F_j` being the rows of the population with the values of class
    /// `j`. Without a population table the table stands for it, which bounds the risk from above.
    /// **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never; a class that the population holds less often than the table is an error.
    /// No interval: both tables are counted.
    /// **Source** El Emam, Dankar 2008, JAMIA 15(5), 627–637.
    JournalistRisk, "AN013", "journalist_risk", Ideal::Zero
}

crate::check! {
    /// Share of the rows that an attacker matches who links the whole table, on average.
    ///
    /// **Formula** `Σ_j (f_j / F_j) / n`, `F_j` as for the journalist; without a population table
    /// `classes / n`, which bounds the risk from above. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never; a class that the population holds less often than the table is an error.
    /// No interval: both tables are counted.
    /// **Source** Dankar, El Emam 2010, PAIS workshop, §3.
    MarketerRisk, "AN014", "marketer_risk", Ideal::Zero
}
