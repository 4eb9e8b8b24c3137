//! The measures of ranked lists and their manuals.

use crate::domain::Meta;
use crate::fairness::measures::Measure;
use crate::fairness::metrics::METRICS;

/// The manual of a measure of lists, whose rows may tie.
macro_rules! of_lists {
    ($code:literal $name:literal $ideal:ident $best:literal $summary:literal, $formula:expr,
     $($rest:tt)*) => {
        own!(
            $code $name $ideal $best $summary,
            concat!(
                $formula,
                ". Rows of equal score are in random order, and the number is the mean over all orders"
            ),
            $($rest)*
        )
    };
}

static QUERIES: Measure = Measure {
    meta: &of_lists!(
        "FA371" "query_count" None "none; it says how much the other numbers rest on"
        "Number of queries, or users, each with a list of its own.",
        "the number of distinct values of the column of queries", "0 and up", "never",
        "none; it is counted", "Järvelin, Kekäläinen 2002, ACM TOIS 20, 422–446", "none"
    ),
    difference: None,
    ratio: None,
};

static NDCG: Measure = measure!(
    of_lists!(
        "FA372" "ndcg_at_k" One "1"
        "Discounted relevance of the first k rows over the most that there could be, mean over the \
         queries.",
        "mean over queries of `DCG@k / ideal DCG@k`, `DCG@k = Σ_{r ≤ k} rel_r / log₂(1 + r)`; the \
         gain is the relevance itself and not `2^rel − 1`",
        "0 to 1",
        "`Empty` when no query of the group holds a relevant row; such queries are left out and \
         counted in the evidence `queries_without_relevant_rows`",
        "Student's t over the queries, none below 10 of them; Wilson's where every query has 0 or 1",
        "Järvelin, Kekäläinen 2002, ACM TOIS 20, 422–446; ties: McSherry, Najork 2008, ECIR",
        "`sklearn.metrics.ndcg_score`, which counts a query without relevant rows as 0"
    ),
    "ndcg_at_k"; "FA382" "0 to 1" own; "FA392"
);

static HIT: Measure = measure!(
    of_lists!(
        "FA373" "hit_rate_at_k" One "1"
        "Share of the queries with a relevant row among the first k.",
        "mean over queries of `1[some row of the first k is relevant]`, relevant above 0", "0 to 1",
        "`Empty` when no query of the group holds a relevant row; such queries are left out",
        "Wilson's over the queries; with ties at the cutoff Student's t, none below 10 queries",
        "Deshpande, Karypis 2004, ACM TOIS 22, 143–177", "none in scikit-learn"
    ),
    "hit_rate_at_k"; "FA383" "0 to 1" own; "FA393"
);

static PRECISION: Measure = measure!(
    of_lists!(
        "FA374" "precision_at_k" One "1; less where lists hold fewer than k relevant rows"
        "Relevant rows among the first k, over k, mean over the queries.",
        "mean over queries of `relevant rows of the first k / k`, also where the list is shorter",
        "0 to 1", "`Empty` when the group has no query",
        "Student's t over the queries, none below 10 of them; Wilson's where every query has 0 or 1",
        "Manning, Raghavan, Schütze 2008, Introduction to Information Retrieval, §8.4", "none in \
         scikit-learn"
    ),
    "precision_at_k"; "FA384" "0 to 1" own; "FA394"
);

static RECALL: Measure = measure!(
    of_lists!(
        "FA375" "recall_at_k" One "1"
        "Relevant rows among the first k, over all relevant rows, mean over the queries.",
        "mean over queries of `relevant rows of the first k / relevant rows`", "0 to 1",
        "`Empty` when no query of the group holds a relevant row; such queries are left out",
        "Student's t over the queries, none below 10 of them; Wilson's where every query has 0 or 1",
        "Manning, Raghavan, Schütze 2008, Introduction to Information Retrieval, §8.4", "none in \
         scikit-learn"
    ),
    "recall_at_k"; "FA385" "0 to 1" own; "FA395"
);

static RECIPROCAL: Measure = measure!(
    of_lists!(
        "FA376" "mean_reciprocal_rank" One "1"
        "One over the rank of the first relevant row, mean over the queries; no cutoff.",
        "mean over queries of `1 / rank of the first relevant row`", "0 to 1",
        "`Empty` when no query of the group holds a relevant row; such queries are left out",
        "Student's t over the queries, none below 10 of them; Wilson's where every query has 0 or 1",
        "Voorhees 1999, TREC-8 question answering track report",
        "`sklearn.metrics.label_ranking_average_precision_score` of one relevant row each"
    ),
    "mean_reciprocal_rank"; "FA386" "0 to 1" own; "FA396"
);

static EXPOSURE: Measure = Measure {
    meta: &of_lists!(
        "FA377" "exposure_share" None "none; see `exposure_to_relevance`"
        "Share of the attention that the rows of an item group receive.",
        "mean over queries of `Σ_{rows of g} v / Σ_{all rows} v`, `v = 1/log₂(1 + rank)` up to rank \
         k and 0 beyond",
        "0 to 1", "`Empty` without queries", "Student's t over the queries, none below 10 of them; Wilson's where every query has 0 or 1",
        "Singh, Joachims 2018, KDD, §3.1", "`holisticai.bias.metrics.exposure_total_variation` \
         compares the whole distributions"
    ),
    difference: None,
    ratio: None,
};

static MERIT: Measure = Measure {
    meta: &of_lists!(
        "FA378" "relevance_share" None "none; see `exposure_to_relevance`"
        "Share of the relevance that the rows of an item group hold.",
        "mean over queries of `Σ_{rows of g} rel / Σ_{all rows} rel`", "0 to 1",
        "`Empty` when no query holds a relevant row; such queries are left out",
        "Student's t over the queries, none below 10 of them; Wilson's where every query has 0 or 1", "Singh, Joachims 2018, KDD, §4.2",
        "none"
    ),
    difference: None,
    ratio: None,
};

static TREATMENT: Measure = measure!(
    of_lists!(
        "FA379" "exposure_to_relevance" One "1: attention in proportion to relevance"
        "Attention that an item group receives over the relevance that it holds.",
        "`exposure share / relevance share`, both over the queries that hold a relevant row",
        "0 and up", "`ZeroDenominator` when the group holds nothing relevant, `Empty` without \
         relevant rows at all",
        "bias-corrected and accelerated bootstrap of the queries, 1,000 draws, none below 30 of \
         them (Efron 1987, JASA 82, 171–185)",
        "Singh, Joachims 2018, KDD, §4.2, disparate treatment; Biega, Gummadi, Weikum 2018, SIGIR",
        "none"
    ),
    "exposure_to_relevance"; "FA387" "0 and up" none; "FA397"
);

static TOP: Measure = Measure {
    meta: &of_lists!(
        "FA370" "top_k_share" None "none; see `top_k_representation`"
        "Share of the first k places that rows of an item group take.",
        "`Σ_queries places of g / Σ_queries places`", "0 to 1", "`Empty` without queries",
        "none; the places of one list are not independent",
        "Yang, Stoyanovich 2017, SSDBM, §3", "`holisticai.bias.metrics.aggregate_diversity` counts \
         distinct items"
    ),
    difference: None,
    ratio: None,
};

static REPRESENTATION: Measure = measure!(
    of_lists!(
        "FA380" "top_k_representation" One "1: as many places as in a random order"
        "Places among the first k that an item group takes over those of a random order.",
        "`Σ_queries places of g / Σ_queries E`, `E = places · rows of g / rows` of the query; the \
         evidence `against_random_order` holds the two-sided p-value of the normal approximation \
         with hypergeometric variances",
        "0 and up", "`Empty` without queries, `ZeroDenominator` when the group has no row",
        "none; see the p-value", "Yang, Stoyanovich 2017, SSDBM, §3; Zehlike et al. 2017, CIKM",
        "`aif360.sklearn.metrics.infeasible_index` counts prefixes below a fixed share"
    ),
    "top_k_representation"; "FA388" "0 and up" none; "FA398"
);

fn own(measure: &Measure) -> Measure {
    Measure { meta: measure.meta, difference: measure.difference, ratio: measure.ratio }
}

/// The measures of groups of queries; the first is their number.
pub(super) fn of_queries() -> Vec<Measure> {
    [&QUERIES, &NDCG, &HIT, &PRECISION, &RECALL, &RECIPROCAL].map(own).into()
}

/// The measures of groups of items; the first is the number of rows.
pub(super) fn of_items() -> Vec<Measure> {
    let count = Measure { meta: METRICS[0].meta(), difference: None, ratio: None };
    let all = [&EXPOSURE, &MERIT, &TREATMENT, &TOP, &REPRESENTATION].map(own);
    std::iter::once(count).chain(all).collect()
}

/// The manuals that only this task has.
pub(super) fn metas() -> impl Iterator<Item = &'static Meta> {
    let items = of_items().into_iter().skip(1);
    of_queries().into_iter().chain(items).flat_map(|measure| measure.metas())
}
