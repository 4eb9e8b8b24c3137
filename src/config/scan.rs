//! A scanner that knows just enough of YAML to say where things stand: block and flow collections,
//! quoted and plain scalars, block scalars, comments. It never decides what a value is, and it is
//! right only for text that the YAML reader accepts.

use std::ops::Range;

/// Deeper trees are not followed; the reader refuses them before.
pub(super) const MAX_DEPTH: usize = 160;

/// The places of a whole document. Never panics, whatever the text.
pub(super) fn document(text: &str) -> Node {
    Scanner { text: text.as_bytes(), at: 0, depth: 0 }.document()
}

/// The place of one part and of what is in it.
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) children: Children,
}

/// What is in a part.
pub(super) enum Children {
    None,
    List(Vec<Node>),
    Table(Vec<(Range<usize>, Node)>),
}

/// A part without parts.
pub(super) fn leaf(span: Range<usize>) -> Node {
    Node { span, children: Children::None }
}

/// A position in the text.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) depth: usize,
}

impl Scanner<'_> {
    fn document(mut self) -> Node {
        if self.text.starts_with("\u{feff}".as_bytes()) {
            self.at = 3;
        }
        self.skip_blank();
        while self.peek(0) == Some(b'%') {
            self.skip_line();
            self.skip_blank();
        }
        if self.marker() {
            self.at += 3;
        }
        self.block(None, false)
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    /// Whether the byte `ahead` is a space, a line break or the end.
    pub(super) fn gap(&self, ahead: usize) -> bool {
        self.peek(ahead).is_none_or(|b| b.is_ascii_whitespace())
    }

    fn column(&self) -> usize {
        let line = self.text[..self.at].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
        self.at - line
    }

    fn marker(&self) -> bool {
        let rest = &self.text[self.at..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.gap(3) && self.column() == 0
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
    }

    pub(super) fn skip_blank(&mut self) {
        while let Some(b) = self.peek(0) {
            match b {
                b'#' => self.skip_line(),
                b if b.is_ascii_whitespace() => self.at += 1,
                _ => break,
            }
        }
    }

    /// Skips anchors and tags with the blanks around them.
    pub(super) fn skip_properties(&mut self) {
        self.skip_blank();
        while matches!(self.peek(0), Some(b'&' | b'!')) {
            while !self.gap(0) {
                self.at += 1;
            }
            self.skip_blank();
        }
    }

    /// A node inside a block collection at column `parent`. `dash_at_parent`: the value of a key
    /// may be a list whose dashes stand below the key.
    fn block(&mut self, parent: Option<usize>, dash_at_parent: bool) -> Node {
        let start = self.at;
        self.skip_properties();
        let column = self.column();
        let dash = self.peek(0) == Some(b'-') && self.gap(1);
        let inside = parent.is_none_or(|p| column > p || (dash_at_parent && dash && column == p));
        if self.peek(0).is_none() || !inside || self.marker() {
            return leaf(start..start);
        }
        self.depth += 1;
        let node = if self.depth > MAX_DEPTH {
            self.at = self.text.len();
            leaf(start..start)
        } else {
            self.block_content(parent, column, dash)
        };
        self.depth -= 1;
        node
    }

    fn block_content(&mut self, parent: Option<usize>, column: usize, dash: bool) -> Node {
        if dash {
            return self.list(column);
        }
        if self.key_ahead().is_some() {
            return self.table(column);
        }
        match self.peek(0) {
            Some(b'[' | b'{') => self.flow(),
            Some(b'|' | b'>') => self.literal(parent),
            Some(b'"' | b'\'') => self.quoted(),
            _ => self.plain(parent),
        }
    }

    fn list(&mut self, column: usize) -> Node {
        let start = self.at;
        let mut items = Vec::new();
        while self.peek(0) == Some(b'-') && self.gap(1) && self.column() == column {
            let dash = self.at;
            self.at += 1;
            let mut item = self.block(Some(column), false);
            if item.span.is_empty() {
                item.span = dash..dash + 1;
            }
            items.push(item);
            self.skip_blank();
        }
        let end = items.last().map_or(start, |item| item.span.end);
        Node { span: start..end, children: Children::List(items) }
    }

    fn table(&mut self, column: usize) -> Node {
        let start = self.at;
        let mut end = start;
        let mut entries = Vec::new();
        while self.column() == column && !self.marker() {
            let Some((key, colon)) = self.key_ahead() else { break };
            self.at = colon + 1;
            let value = self.block(Some(column), true);
            end = key.end.max(value.span.end);
            entries.push((key, value));
            self.skip_blank();
        }
        Node { span: start..end, children: Children::Table(entries) }
    }

    /// The key that starts here, and its colon, if this is a `key: value` line.
    fn key_ahead(&self) -> Option<(Range<usize>, usize)> {
        let mut ahead = Scanner { text: self.text, at: self.at, depth: self.depth };
        let key = match ahead.peek(0)? {
            b'"' | b'\'' => ahead.quoted().span,
            b'[' | b'{' | b'|' | b'>' | b'#' => return None,
            _ => {
                while !(ahead.peek(0)? == b':' && ahead.gap(1)) {
                    if ahead.peek(0)? == b'\n' || (ahead.peek(0)? == b' ' && ahead.peek(1)? == b'#')
                    {
                        return None;
                    }
                    ahead.at += 1;
                }
                self.at..self.at + self.text[self.at..ahead.at].trim_ascii_end().len()
            }
        };
        while ahead.peek(0) == Some(b' ') {
            ahead.at += 1;
        }
        let one_line = !self.text[key.clone()].contains(&b'\n');
        (ahead.peek(0) == Some(b':') && ahead.gap(1) && one_line).then_some((key, ahead.at))
    }

    pub(super) fn quoted(&mut self) -> Node {
        let start = self.at;
        let quote = self.peek(0);
        self.at += 1;
        while let Some(b) = self.peek(0) {
            let pair = (quote == Some(b'"') && b == b'\\')
                || (quote == Some(b'\'') && b == b'\'' && self.peek(1) == Some(b'\''));
            self.at += if pair { 2 } else { 1 };
            if !pair && Some(b) == quote {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
        leaf(start..self.at)
    }

    /// A `|` or `>` scalar: all lines that are blank or indented deeper than the parent.
    fn literal(&mut self, parent: Option<usize>) -> Node {
        let start = self.at;
        self.skip_line();
        let mut end = self.at;
        while self.at < self.text.len() {
            let line = self.at + 1;
            let rest = self.text.get(line..).unwrap_or_default();
            let indent = rest.iter().take_while(|b| **b == b' ').count();
            let blank = rest.get(indent).is_none_or(|b| matches!(b, b'\n' | b'\r'));
            if !blank && parent.is_some_and(|p| indent <= p) {
                break;
            }
            self.at = line;
            self.skip_line();
            end = if blank { end } else { self.at };
        }
        leaf(start..end.min(self.text.len()))
    }

    /// An unquoted scalar with its continuation lines.
    fn plain(&mut self, parent: Option<usize>) -> Node {
        let start = self.at;
        let mut end = start;
        loop {
            while self.peek(0).is_some_and(|b| b != b'\n') && !self.comment() {
                self.at += 1;
                if !self.text[self.at - 1].is_ascii_whitespace() {
                    end = self.at;
                }
            }
            let line_end = self.at;
            if self.comment() {
                break;
            }
            while self.peek(0).is_some_and(|b| b.is_ascii_whitespace()) {
                self.at += 1;
            }
            let deeper = parent.is_none_or(|p| self.column() > p);
            if self.peek(0).is_none_or(|b| b == b'#') || !deeper || self.marker() {
                self.at = line_end;
                break;
            }
        }
        leaf(start..end)
    }

    pub(super) fn comment(&self) -> bool {
        self.peek(0) == Some(b'#')
            && self.at.checked_sub(1).is_some_and(|n| self.text[n].is_ascii_whitespace())
    }
}
