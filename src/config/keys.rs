//! Every key of the configuration: its type, its default and one line about it.
//!
//! The checks, the defaults and the JSON Schema all come from these tables.

use super::keys_checks::{ATTACKS, CHECKS, FAIRNESS, MISUSE, PRIVACY, RULE};
use super::keys_data::{DATASET, MODEL};
use super::keys_search::SEARCH;
use super::shape::{Field, From, Kind, Names, Need, Table};

pub(super) const fn key(key: &'static str, kind: Kind, need: Need, about: &'static str) -> Field {
    Field { key, kind, need, about }
}

pub(super) const fn table(fields: &'static [Field], later: &'static [&'static str]) -> Table {
    Table { fields, later }
}

pub(super) const fn fixed(what: &'static str, names: &'static [&'static str]) -> Names {
    Names { what, from: From::Fixed(names), later: &[] }
}

pub(super) const REQUIRED: Need = Need::Required;
pub(super) const OPTIONAL: Need = Need::Optional;
pub(super) const NONE: Need = Need::Default("[]");
pub(super) const BLOCK: Need = Need::Default("{}");
pub(super) const ANY: u64 = u64::MAX;

/// The whole file.
pub(super) static ROOT: Table = table(
    &[
        key("version", Kind::Version, REQUIRED, "shape of this file; always 1"),
        key("name", Kind::Text, REQUIRED, "name of the audit; also names the report folder"),
        key("seed", Kind::Count(0, ANY), Need::Default("0"), "root of all randomness"),
        key("system", Kind::Table(&SYSTEM), BLOCK, "what the classifier is for"),
        key("dataset", Kind::Table(&DATASET), REQUIRED, "the rows to audit"),
        key(
            "model",
            Kind::Table(&MODEL),
            OPTIONAL,
            "exactly one of `train`, `load`, `predictions`; may be left out with `dataset.format: predictions`",
        ),
        key(
            "search",
            Kind::Table(&SEARCH),
            OPTIONAL,
            "settings of `model.train` to try with `audit train --search`; nothing else looks at it",
        ),
        key("fairness", Kind::Table(&FAIRNESS), BLOCK, "group and bias metrics"),
        key("privacy", Kind::Table(&PRIVACY), BLOCK, "membership inference and personal data"),
        key(
            "misuse",
            Kind::Table(&MISUSE),
            OPTIONAL,
            "the usage log against a policy; not run without this block",
        ),
        key(
            "gate",
            Kind::List(&Kind::Table(&RULE)),
            NONE,
            "the rules that decide; an empty gate passes",
        ),
        key("waivers", Kind::File, OPTIONAL, "file of accepted breaches"),
        key("report", Kind::Table(&REPORT), BLOCK, "what is written"),
    ],
    &["robustness", "quality", "measures", "mitigate", "artefacts", "baseline", "engine"],
);

static SYSTEM: Table = table(
    &[
        key("purpose", Kind::Text, OPTIONAL, "what the classifier is for, in words"),
        key(
            "domain",
            Kind::Name(&DOMAINS),
            Need::Default("general"),
            "profile; sets the default harm",
        ),
        key("users", Kind::List(&Kind::Text), NONE, "who uses it"),
        key("out_of_scope", Kind::List(&Kind::Text), NONE, "what it is not for"),
        key("harm", Kind::Table(&HARM), BLOCK, "what a wrong decision can do to a person"),
        key("jurisdictions", Kind::List(&Kind::Name(&JURISDICTIONS)), NONE, "where it is used"),
        key("decisions_per_year", Kind::Count(1, ANY), OPTIONAL, "yearly volume"),
        key("owner", Kind::Table(&OWNER), OPTIONAL, "who answers for it"),
    ],
    &[],
);

/// Profiles.
pub(super) static DOMAINS: Names =
    fixed("a domain", &["medical-imaging", "credit-scoring", "recommendation", "general"]);

static JURISDICTIONS: Names = fixed("a jurisdiction", &["eu", "cn", "us"]);

static HARM_KINDS: Names = fixed("a harm", &["safety", "rights", "finance", "privacy", "quality"]);

static HARM: Table = table(
    &[
        key("kind", Kind::Name(&HARM_KINDS), OPTIONAL, "what is harmed; default by domain"),
        key("reversible", Kind::Flag, OPTIONAL, "whether it can be undone; default by domain"),
        key("minors", Kind::Flag, Need::Default("false"), "whether minors are decided about"),
    ],
    &[],
);

static OWNER: Table = table(
    &[
        key("name", Kind::Text, REQUIRED, "team or person"),
        key("contact", Kind::Text, REQUIRED, "where to reach them"),
    ],
    &[],
);

static REPORT: Table = table(
    &[
        key(
            "formats",
            Kind::List(&Kind::Name(&RENDERERS)),
            OPTIONAL,
            "what is written; everything where absent",
        ),
        key(
            "languages",
            Kind::List(&Kind::Name(&LANGUAGES)),
            Need::Default("[en, zh]"),
            "of the words",
        ),
    ],
    &["template", "logo"],
);

static RENDERERS: Names = Names {
    what: "a report format",
    from: From::Known(|known| &known.renderers),
    later: &["pdf", "model-card"],
};

static LANGUAGES: Names = fixed("a language", &["en", "zh"]);

/// The file that `waivers` names.
pub(super) static WAIVERS: Table = table(
    &[
        key("version", Kind::Version, REQUIRED, "shape of this file; always 1"),
        key("waivers", Kind::List(&Kind::Table(&WAIVER)), NONE, "accepted breaches"),
    ],
    &[],
);

static WAIVER: Table = table(
    &[
        key("check", Kind::Name(&CHECKS), REQUIRED, "the check whose breach is accepted"),
        key("by", Kind::Text, OPTIONAL, "the grouping, as in the gate; any where absent"),
        key("attack", Kind::Name(&ATTACKS), OPTIONAL, "the attack; any where absent"),
        key(
            "label",
            Kind::Text,
            OPTIONAL,
            "the kind of personal data or policy rule; any where absent",
        ),
        key("because", Kind::Text, REQUIRED, "why the breach is accepted"),
        key("until", Kind::Date, REQUIRED, "last day on which it is accepted"),
        key("owner", Kind::Text, REQUIRED, "who answers for it"),
    ],
    &["approved_by", "created", "max_value"],
);
