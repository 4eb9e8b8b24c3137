//! The words of a Rego policy, as far as references need them.
//!
//! The engine keeps its syntax tree to itself, and what we look for (`input.a.b`, `data.audit.x`,
//! `"rule": "name"`) is plain in the words. Where this reading is unsure it must refuse, never allow.

/// One word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
}

/// What a word is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword or a number.
    Word(String),
    /// A string, without its quotes and with its escapes resolved.
    Text(String),
    /// Any other character.
    Mark(char),
}

/// The words of `rego` without comments and white space.
pub(super) fn tokens(rego: &str) -> Vec<Token> {
    let mut reader = Reader { rest: rego.chars().peekable(), line: 1, column: 1 };
    let mut tokens = Vec::new();
    while let Some(token) = reader.token() {
        tokens.push(token);
    }
    tokens
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            (self.line, self.column) = (self.line + 1, 1);
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            let (line, column) = (self.line, self.column);
            let kind = match self.next()? {
                '#' => {
                    while self.rest.peek().is_some_and(|&c| c != '\n') {
                        self.next();
                    }
                    continue;
                }
                c if c.is_whitespace() => continue,
                '"' => self.quoted(),
                '`' => self.raw(),
                c if is_word(c) => self.word(c),
                c => Kind::Mark(c),
            };
            return Some(Token { kind, line, column });
        }
    }

    fn word(&mut self, first: char) -> Kind {
        let mut word = String::from(first);
        while self.rest.peek().is_some_and(|&c| is_word(c)) {
            word.extend(self.next());
        }
        Kind::Word(word)
    }

    fn raw(&mut self) -> Kind {
        let mut text = String::new();
        while let Some(c) = self.next()
            && c != '`'
        {
            text.push(c);
        }
        Kind::Text(text)
    }

    /// A JSON string. An escape that is not JSON keeps its backslash; the engine refuses it anyway.
    fn quoted(&mut self) -> Kind {
        let mut json = String::from('"');
        while let Some(c) = self.next() {
            json.push(c);
            match c {
                '\\' => json.extend(self.next()),
                '"' => break,
                _ => {}
            }
        }
        let plain = || json.trim_matches('"').to_owned();
        Kind::Text(serde_json::from_str(&json).unwrap_or_else(|_| plain()))
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(rego: &str) -> Vec<Kind> {
        tokens(rego).into_iter().map(|t| t.kind).collect()
    }

    fn word(w: &str) -> Kind {
        Kind::Word(w.to_owned())
    }

    #[test]
    fn comments_and_strings_hide_what_they_hold() {
        let found = kinds("# input.x\n\"input.y # \\\" \\u0041\" `input.z\"` a");
        let texts = [Kind::Text("input.y # \" A".to_owned()), Kind::Text("input.z\"".to_owned())];
        assert_eq!(found, [texts[0].clone(), texts[1].clone(), word("a")]);
    }

    #[test]
    fn names_and_marks_are_kept_apart() {
        let dot = Kind::Mark('.');
        assert_eq!(kinds("input.a_1"), [word("input"), dot.clone(), word("a_1")]);
        assert_eq!(kinds("my_input.a"), [word("my_input"), dot, word("a")]);
    }

    #[test]
    fn a_word_knows_its_place() {
        let all = tokens("é x\n  y");
        let places: Vec<_> = all.iter().map(|t| (t.line, t.column)).collect();
        assert_eq!(places, [(1, 1), (1, 3), (2, 3)]);
    }
}
