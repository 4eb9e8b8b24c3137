"""Source text with every mutant that cargo-mutants lists for it behind a switch, `crate::mutants::on(id)`.

Each place is bracketed by `/*#ids<*/` and `/*#>*/`, each mutant in it by `/*@id<*/` and `/*@id>*/`, so that an error of the compiler
can be put down to the mutants that cause it.
"""

import collections
import re

import tree_sitter
import tree_sitter_rust

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
COMPARISONS = {"<", ">", "<=", ">=", "==", "!="}


def byte_of(source, place):
    """Where a line and column, both from 1, are in the encoded text."""
    lines = source.split("\n")
    before = lines[: place["line"] - 1] + [lines[place["line"] - 1][: place["column"] - 1]]
    return len("\n".join(before).encode())


def on(id):
    return f"crate::mutants::on({id})"


def mutant(id, text):
    return f"/*@{id}<*/{text}/*@{id}>*/"


def place(ids, text):
    return f"/*#{','.join(map(str, ids))}<*/{text}/*#>*/"


def either(mutants, own):
    """`if on(1) { … } else if on(2) { … } else { own }`."""
    return "".join(f"if {on(i)} {{ {mutant(i, t)} }} else " for i, t in mutants) + f"{{ {own} }}"


class File:
    """One source file and its mutants: `{id: as cargo-mutants lists it}`. What cannot be switched is `unplaced`."""

    def __init__(self, source, mutants):
        self.data, self.unplaced = source.encode(), {}
        self.root = PARSER.parse(self.data).root_node
        self.at = collections.defaultdict(list)
        bodies = self.bodies(self.root, {})
        for id, listed in mutants.items():
            start = byte_of(source, listed["span"]["start"])
            self.put(id, listed, self.root.descendant_for_byte_range(start, start + 1), bodies.get(start))

    def text(self, node):
        return self.data[node.start_byte : node.end_byte].decode()

    def bodies(self, node, found):
        """Functions by the start of the first statement of their body."""
        if node.type == "function_item" and (body := node.child_by_field_name("body")):
            first = next((c for c in body.named_children if "comment" not in c.type), None)
            if first:
                found[first.start_byte] = node
        for child in node.children:
            self.bodies(child, found)
        return found

    def put(self, id, listed, node, function):
        """Finds the node that the mutant changes."""
        up = {
            "BinaryOperator": {"binary_expression", "compound_assignment_expr"},
            "UnaryOperator": {"unary_expression"},
            "StructField": {"field_initializer", "shorthand_field_initializer"},
            "MatchArm": {"match_arm"},
            "MatchArmGuard": {"match_arm"},
        }
        entry = (listed["genre"], id, listed["replacement"], node)
        if listed["genre"] == "FnValue":
            constant = function and re.search(r"\bconst\b[\w\s]*\bfn\b", self.text(function).split("{")[0])
            if function is None or constant:
                self.unplaced[id] = "const fn" if function else "no body"
            else:
                body = function.child_by_field_name("body")
                self.at[body.id].append((*entry[:3], function))
            return
        operator = listed["genre"] in ("BinaryOperator", "UnaryOperator")
        found = node.parent if operator else node
        while found and not operator and found.type not in up[listed["genre"]]:
            found = found.parent
        if found is None or found.type not in up[listed["genre"]]:
            self.unplaced[id] = found.type if found else "not found"
        elif listed["genre"] == "StructField":
            self.at[found.parent.parent.id].append((*entry[:3], found))
        else:
            self.at[found.id].append(entry)

    def rewritten(self):
        return self.data[: self.root.start_byte].decode() + self.render(self.root)

    def plain(self, node, instead=None):
        """The node with its children rendered, some of them `{id: text}` instead."""
        out, at = [], node.start_byte
        for child in node.children:
            out.append(self.data[at : child.start_byte].decode())
            out.append((instead or {}).get(child.id) or self.render(child))
            at = child.end_byte
        return "".join(out) + self.data[at : node.end_byte].decode()

    def render(self, node):
        if node.id not in self.at:
            return self.plain(node)
        entries = self.at[node.id]
        ids = [entry[1] for entry in entries]
        kinds = {entry[0] for entry in entries}
        if kinds == {"FnValue"}:
            return self.function(node, entries, ids)
        if kinds == {"StructField"}:
            return place(ids, f"({either(self.without(node, entries), self.plain(node))})")
        if kinds <= {"MatchArm", "MatchArmGuard"}:
            return self.arm(node, entries, ids)
        return place(ids, self.operator(node, entries, ids))

    def operator(self, node, entries, ids):
        own = self.text(entries[0][3])
        if node.type == "unary_expression":
            return f"(match {self.render(node.children[-1])} {{ x_ => {either([(ids[0], 'x_')], own + 'x_')} }})"
        left, right = (self.render(node.child_by_field_name(side)) for side in ("left", "right"))
        if node.type == "compound_assignment_expr":
            changed = [(id, f"{left} {other} r_;") for _, id, other, _ in entries]
            return f"{{ let r_ = {right}; {either(changed, f'{left} {own} r_;')} }}"
        if own in ("&&", "||"):
            # `&&` becomes `||` and the other way round; the right side is still looked at only where it decides.
            flip = ("!" if own == "||" else "") + mutant(ids[0], on(ids[0]))
            return f"({{ let l_: bool = {left}; if l_ ^ {flip} {{ {right} }} else {{ l_ }} }})"
        if own in COMPARISONS:
            # Both sides again and again, since a comparison neither moves nor copies them.
            changed = [(id, f"{left} {other} {right}") for _, id, other, _ in entries]
            return f"({either(changed, f'{left} {own} {right}')})"
        changed = [(id, f"l_ {other} r_") for _, id, other, _ in entries]
        return f"(match ({left}, {right}) {{ (l_, r_) => {either(changed, f'l_ {own} r_')} }})"

    def without(self, node, entries):
        """The struct expression without each of the fields."""
        for _, id, _, field in entries:
            fields, out, gone = field.parent, [], False
            for child in fields.children:
                if child.id == field.id or (gone and child.type == ","):
                    gone = child.id == field.id
                    continue
                gone = False
                out.append(self.render(child))
            yield id, self.plain(node, {fields.id: " ".join(out)})

    def arm(self, node, entries, ids):
        pattern = node.child_by_field_name("pattern")
        guard = pattern.child_by_field_name("condition")
        parts = [f"!{mutant(id, on(id))}" for kind, id, _, _ in entries if kind == "MatchArm"]
        pattern_text = self.text(pattern)
        if guard:
            values = [(id, value) for kind, id, value, _ in entries if kind == "MatchArmGuard"]
            parts.append(f"({either(values, self.render(guard)) if values else self.render(guard)})")
            before = self.data[pattern.start_byte : guard.start_byte].decode()
            pattern_text = before.rstrip().removesuffix("if")
        return self.plain(node, {pattern.id: f"{pattern_text} if {place(ids, ' && '.join(parts))}"})

    def function(self, body, entries, ids):
        kind = entries[0][3].child_by_field_name("return_type")
        kind = self.text(kind) if kind else ""
        text = self.plain(body)
        if kind.startswith("impl "):
            for _, id, value, _ in entries:
                other = f"rayon::iter::Either::Left({mutant(id, value)})"
                text = f"{{ if {on(id)} {{ {other} }} else {{ rayon::iter::Either::Right({text}) }} }}"
            return place(ids, text)
        if kind.startswith("Option<impl "):
            for _, id, value, _ in entries:
                if "empty" in value:
                    text = f"{{ {text}.map(|i_| i_.take(if {on(id)} {{ 0 }} else {{ usize::MAX }})) }}"
            entries = [entry for entry in entries if "empty" not in entry[2]]
        first = "".join(f"if {on(id)} {{ return {mutant(id, value)}; }} " for _, id, value, _ in entries)
        return f"{{ {place(ids, first)}{text[1:]}"


def regions(text):
    """`(start, end, ids)` of the brackets in rewritten bytes."""
    found, open = [], []
    for match in re.finditer(rb"/\*[@#]([\d,]*)([<>])\*/", text):
        if match[2] == b"<":
            open.append((match.end(), [int(id) for id in match[1].split(b",")]))
        else:
            start, ids = open.pop()
            found.append((start, match.start(), ids))
    return found
