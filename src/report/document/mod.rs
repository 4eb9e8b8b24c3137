//! The report as a tree of headings, words, tables and figures, in one language. The page and the
//! Markdown are two ways of writing it down.

mod build;
mod curve_charts;
mod data;
mod fairness;
mod fairness_change;
mod fairness_charts;
mod fairness_classes;
mod fairness_slices;
mod fairness_why;
#[cfg_attr(not(feature = "plots"), expect(dead_code, reason = "nothing draws in such a build"))]
mod figure;
mod figures;
mod front;
mod gate;
mod heat_chart;
mod leak;
mod leak_charts;
mod leak_groups;
mod misuse;
mod noisy;
mod phrase;
mod privacy;
mod record;
mod rest;
mod risks;
mod row_charts;
mod shadow;
mod training_chart;

pub(crate) use figure::Figure;
#[cfg(feature = "plots")]
pub(crate) use figure::{
    Dot, Dots, Drawing, GuideKind, Heat, HeatCell, LinePanel, Lines, Panel, Scale, Series,
};
pub(crate) use front::{Front, icon};
pub use leak::Said;
pub(crate) use leak::said;
pub(crate) use phrase::Phrases;
pub(crate) use record::Record;

use crate::domain::{Assessment, Level, Verdict};
use crate::report::language::Language;
use crate::report::words::Words;

/// A whole report in one language.
pub(crate) struct Document {
    /// Its language.
    pub(crate) language: Language,
    /// Its words.
    pub(crate) words: &'static Words,
    /// The system's name.
    pub(crate) title: String,
    /// Page one.
    pub(crate) front: Front,
    /// What follows.
    pub(crate) sections: Vec<Section>,
}

/// A chapter.
pub(crate) struct Section {
    /// Anchor.
    pub(crate) id: &'static str,
    /// Heading.
    pub(crate) title: String,
    /// Content.
    pub(crate) blocks: Vec<Block>,
}

/// A piece of a chapter.
pub(crate) enum Block {
    /// A heading within the chapter.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A command to type.
    Command(&'static str),
    /// A list.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A table that opens on demand; it holds nothing that is needed to understand the report.
    Details(Table),
    /// A chart.
    Figure(Box<Figure>),
}

/// A table whose first column names the rows.
pub(crate) struct Table {
    /// What it shows.
    pub(crate) caption: String,
    /// Column heads.
    pub(crate) head: Vec<String>,
    /// Rows of as many cells as there are heads.
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(caption: impl Into<String>, head: &[&str]) -> Self {
        let head = head.iter().map(|&h| h.to_owned()).collect();
        Self { caption: caption.into(), head, rows: Vec::new() }
    }
}

/// How a cell is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Words of ours.
    Words,
    /// A number.
    Number,
    /// The reason why there is no number.
    Absent,
    /// An answer of the gate.
    Verdict(Verdict),
    /// A level of risk.
    Level(Level),
    /// A digest, a name in code.
    Code,
    /// Text that somebody else wrote.
    Quote,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// What it says.
    pub(crate) text: String,
    /// Smaller lines below: the interval, the limit.
    pub(crate) below: Vec<String>,
    /// How to read it.
    pub(crate) kind: Kind,
    /// The anchor that it points to.
    pub(crate) link: Option<String>,
    /// The anchor that it is.
    pub(crate) id: Option<String>,
}

impl Cell {
    /// A cell of this kind.
    pub(crate) fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { text: text.into(), below: Vec::new(), kind, link: None, id: None }
    }

    /// Words.
    pub(crate) fn words(text: impl Into<String>) -> Self {
        Self::new(Kind::Words, text)
    }

    /// A count.
    pub(crate) fn count(n: u64) -> Self {
        Self::new(Kind::Number, n.to_string())
    }

    /// Text of others.
    pub(crate) fn quote(text: impl Into<String>) -> Self {
        Self::new(Kind::Quote, text)
    }

    /// The same cell with a smaller line below.
    pub(crate) fn below(mut self, line: impl Into<String>) -> Self {
        self.below.push(line.into());
        self
    }

    /// The same cell as a link to an anchor.
    pub(crate) fn link(mut self, anchor: Option<String>) -> Self {
        self.link = anchor;
        self
    }

    /// The same cell as an anchor.
    pub(crate) fn id(mut self, anchor: String) -> Self {
        self.id = Some(anchor);
        self
    }

    /// The class of the page's style sheet.
    pub(crate) fn class(&self) -> String {
        match self.kind {
            Kind::Words => "words".to_owned(),
            Kind::Number => "number".to_owned(),
            Kind::Absent => "absent".to_owned(),
            Kind::Verdict(verdict) => format!("verdict v-{}", verdict.name()),
            Kind::Level(level) => format!("level l-{}", front::level_class(level)),
            Kind::Code => "code".to_owned(),
            Kind::Quote => "quote".to_owned(),
        }
    }

    /// The mark that says the same as the colour.
    pub(crate) fn icon(&self) -> &'static str {
        match self.kind {
            Kind::Verdict(verdict) => front::icon(verdict),
            _ => "",
        }
    }
}

/// The report of a record in one language.
pub(crate) fn document(assessment: &Assessment, language: Language) -> Document {
    let words = Words::of(language);
    let record = Record::new(assessment);
    let phrases = Phrases { record: &record, words, language };
    Document {
        language,
        words,
        title: assessment.system.name.clone(),
        front: front::front(&phrases),
        sections: vec![
            gate::section(&phrases),
            fairness::section(&phrases),
            privacy::section(&phrases),
            misuse::section(&phrases),
            data::section(&phrases),
            risks::section(&phrases),
            rest::waivers(&phrases),
            rest::not_run(&phrases),
            rest::definitions(&phrases),
            rest::reproduce(&phrases),
        ],
    }
}

/// All charts of a record in one language, in the order of the report.
#[cfg(feature = "plots")]
pub(crate) fn figures(assessment: &Assessment, language: Language) -> Vec<Figure> {
    let record = Record::new(assessment);
    let phrases = Phrases { record: &record, words: Words::of(language), language };
    figures::all(&phrases)
}
