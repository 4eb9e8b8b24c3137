//! The flow style of YAML: `[a, b]`, `{a: b}`.

use super::scan::{Children, MAX_DEPTH, Node, Scanner, leaf};

impl Scanner<'_> {
    /// A node inside brackets.
    pub(super) fn flow(&mut self) -> Node {
        self.skip_properties();
        self.depth += 1;
        let node = match self.peek(0) {
            _ if self.depth > MAX_DEPTH => {
                self.at = self.text.len();
                leaf(self.at..self.at)
            }
            Some(b'[') => self.flow_list(),
            Some(b'{') => self.flow_table(),
            Some(b'"' | b'\'') => self.quoted(),
            _ => self.flow_plain(),
        };
        self.depth -= 1;
        node
    }

    /// Steps over separators; false at the closing bracket (which it takes) or the end.
    fn flow_more(&mut self, close: u8) -> bool {
        self.skip_blank();
        while self.peek(0) == Some(b',') {
            self.at += 1;
            self.skip_blank();
        }
        if self.peek(0) == Some(close) {
            self.at += 1;
            return false;
        }
        self.peek(0).is_some()
    }

    fn flow_list(&mut self) -> Node {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        while self.flow_more(b']') {
            let before = self.at;
            let item = self.flow();
            let value = self.flow_value();
            items.push(match value {
                Some(value) => Node {
                    span: item.span.start..value.span.end.max(item.span.end),
                    children: Children::Table(vec![(item.span, value)]),
                },
                None => item,
            });
            self.at = self.at.max(before + 1);
        }
        self.at = self.at.min(self.text.len());
        Node { span: start..self.at, children: Children::List(items) }
    }

    fn flow_table(&mut self) -> Node {
        let start = self.at;
        self.at += 1;
        let mut entries = Vec::new();
        while self.flow_more(b'}') {
            let before = self.at;
            let key = self.flow().span;
            let value = self.flow_value().unwrap_or_else(|| leaf(key.end..key.end));
            entries.push((key, value));
            self.at = self.at.max(before + 1);
        }
        self.at = self.at.min(self.text.len());
        Node { span: start..self.at, children: Children::Table(entries) }
    }

    /// The value after a colon, if there is a colon.
    fn flow_value(&mut self) -> Option<Node> {
        self.skip_blank();
        if self.peek(0) != Some(b':') {
            return None;
        }
        self.at += 1;
        self.skip_blank();
        let absent = self.peek(0).is_none_or(|b| matches!(b, b',' | b']' | b'}'));
        Some(if absent { leaf(self.at..self.at) } else { self.flow() })
    }

    fn flow_plain(&mut self) -> Node {
        let start = self.at;
        let mut end = start;
        while let Some(b) = self.peek(0) {
            let flow_next = self.peek(1).is_some_and(|b| b",[]{}".contains(&b));
            let colon = b == b':' && (self.gap(1) || flow_next);
            if b",[]{}".contains(&b) || colon || self.comment() {
                break;
            }
            self.at += 1;
            end = if b.is_ascii_whitespace() { end } else { self.at };
        }
        leaf(start..end)
    }
}
