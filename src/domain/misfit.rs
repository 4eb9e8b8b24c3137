//! Why a list of layers is no network.

use super::layers::Extent;

/// Why a list of layers is no network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Index of the layer, from 0, then within its `residual`, and so on; empty for the whole list.
    pub at: Vec<usize>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong with a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The list, or a residual block, holds no layer.
    Empty,
    /// A dense layer gets a map.
    NeedsFlat(Extent),
    /// A convolution or a pool gets flat numbers.
    NeedsMap(Extent),
    /// What is to be laid flat is flat.
    FlatAlready(Extent),
    /// Nothing is left of a map.
    Vanishes(Extent),
    /// A residual block changes the shape.
    Differs {
        /// What goes in.
        input: Extent,
        /// What comes out.
        output: Extent,
    },
    /// The list ends with a map.
    EndsWithMap(Extent),
    /// A setting cannot be meant.
    Setting {
        /// What was found, e.g. `the kernel 4`.
        found: String,
        /// What it must be.
        must: &'static str,
    },
}

impl Misfit {
    /// Of a layer whose place is not known yet.
    pub(super) fn new(wrong: Wrong) -> Self {
        Self { at: Vec::new(), wrong }
    }

    /// The same, seen from the list that holds the layer at `index`.
    #[must_use]
    pub fn within(mut self, index: usize) -> Self {
        self.at.insert(0, index);
        self
    }

    /// The place as a path of keys below the list called `list`, e.g. `architecture[4].residual[1]`.
    #[must_use]
    pub fn place(&self, list: &str) -> String {
        let steps: Vec<String> = self.at.iter().map(|i| format!("[{i}]")).collect();
        format!("{list}{}", steps.join(".residual"))
    }

    /// What is wrong, to be read after the layer's place. Unless `sized`, the pictures' size is not
    /// known and sizes are not told.
    #[must_use]
    pub fn because(&self, sized: bool) -> String {
        let shown = |extent: &Extent| match extent {
            _ if sized => extent.to_string(),
            Extent::Map([_, _, channels]) => format!("a map of {channels} channels"),
            Extent::Flat(_) => "flat numbers".to_owned(),
        };
        match &self.wrong {
            Wrong::Empty => "holds no layer".to_owned(),
            Wrong::NeedsFlat(extent) | Wrong::FlatAlready(extent) => {
                format!("gets {}", shown(extent))
            }
            Wrong::NeedsMap(extent) => format!("gets {}, not a map", shown(extent)),
            Wrong::Vanishes(extent) => format!("leaves nothing of {}", shown(extent)),
            Wrong::EndsWithMap(extent) => {
                format!("ends the list with {}, and a dense layer follows", shown(extent))
            }
            Wrong::Setting { found, .. } => format!("has {found}"),
            Wrong::Differs { input, output } if sized => {
                format!("makes {output} of {input}, so the two cannot be added")
            }
            Wrong::Differs { input: Extent::Map(from), output: Extent::Map(to) }
                if from[2] == to[2] =>
            {
                "changes height or width, so the two cannot be added".to_owned()
            }
            Wrong::Differs { input, output } => {
                format!("makes {} of {}, so the two cannot be added", shown(output), shown(input))
            }
        }
    }

    /// The way out.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match &self.wrong {
            Wrong::Empty => "name at least one layer",
            Wrong::NeedsFlat(_) => "put `flatten` before it",
            Wrong::NeedsMap(_) => "put it before `flatten`",
            Wrong::FlatAlready(_) => "remove it: this is flat already",
            Wrong::Vanishes(_) => "use larger pictures, fewer pools, or `padding: same`",
            Wrong::Differs { .. } => {
                "inside, use `padding: same`, stride 1, no pool, and at the end as many channels or \
                 units as go in"
            }
            Wrong::EndsWithMap(_) => "end the list with `flatten`",
            Wrong::Setting { must, .. } => must,
        }
    }

    /// Whether larger pictures would help.
    #[must_use]
    pub fn vanishes(&self) -> bool {
        matches!(self.wrong, Wrong::Vanishes(_))
    }
}
