"""Makes mutants of Solidity sources, all in one build.

A mutant costs seconds to compile, and there are hundreds. So all of them go into the same code, each behind a question
whether it is the one: `a < b` becomes `(Mutants.on(7) ? a <= b : a < b)`. Which one is on is told by the block's coinbase,
which Foundry takes as an option: one build, and then one run of the tests for each mutant.

The syntax tree comes from the compiler, so that only what has the right type is replaced.
"""

import json
import os
import re
import subprocess

LIBRARY = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

library Mutants {
    function on(uint256 id) internal view returns (bool yes) {
        assembly {
            yes := eq(coinbase(), id)
        }
    }
}
"""

# Away from precompiles and from the zero address, the coinbase of an ordinary run.
FIRST_ID = 0xDEAD0000

SWAPS = {
    "<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="],
    "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"],
    "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["&"],
    "&&": ["||"], "||": ["&&"],
}
ASSIGNMENTS = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|="}


def solc(compiler, root, names, settings):
    """The compiler's answer for these files under `root`."""
    sources = {name: {"content": read(root, name).decode()} for name in names}
    request = {"language": "Solidity", "sources": sources, "settings": settings}
    answer = subprocess.run(
        [compiler, "--standard-json"], input=json.dumps(request).encode(), cwd=root, capture_output=True, check=True
    )
    return json.loads(answer.stdout)


def read(root, name):
    with open(os.path.join(root, name), "rb") as file:
        return file.read()


def write(root, name, content):
    with open(os.path.join(root, name), "wb") as file:
        file.write(content)


def nodes_in(value):
    """Nodes directly below a node, in the order of the source."""
    found = []
    for key, part in value.items():
        if key in ("documentation", "typeName", "overrides", "baseFunctions"):
            continue
        if isinstance(part, dict) and "nodeType" in part:
            found.append(part)
        elif isinstance(part, list):
            found += [one for one in part if isinstance(one, dict) and "nodeType" in one]
    return sorted(found, key=lambda node: span(node)[0])


def span(node):
    start, length, _ = (int(x) for x in node["src"].split(":"))
    return start, start + length


def type_of(node):
    return (node.get("typeDescriptions") or {}).get("typeString") or ""


def is_uint(name):
    return re.fullmatch(r"uint\d+", name) is not None


def walk(node):
    yield node
    for child in nodes_in(node):
        yield from walk(child)


class Mutant:
    def __init__(self, number, file, function, line, kind, before, after):
        self.id = FIRST_ID + number
        self.file, self.function, self.line, self.kind = file, function, line, kind
        self.before, self.after = squeeze(before), squeeze(after)
        self.key = None

    def text(self):
        return f"{self.file}:{self.line} {self.function}: {self.kind}: `{self.before}` -> `{self.after}`"


def squeeze(text):
    text = re.sub(r"\s+", " ", text.decode()).strip()
    return text if len(text) <= 160 else text[:157] + "..."


class File:
    """One source: finds its mutants, and writes it with those that are wanted."""

    def __init__(self, name, source, tree, constants, immutables, twins, first):
        self.name, self.source, self.tree = name, source, tree
        self.constants, self.immutables, self.twins = constants, immutables, twins
        self.first = first
        self.mutants = []
        self.wanted = None
        self.function = ""
        self._seen = {}
        self.render_all()

    # ---- one pass over the tree; the first one numbers the mutants, later ones write those that are wanted

    def render_all(self, wanted=None):
        collecting = wanted is None
        self.wanted, self._count, self._collecting = wanted, 0, collecting
        self.function, self._returns_reference = "", False
        text = tidy(self.render(self.tree))
        if collecting:
            return text
        depth = self.name.count("/") - 1
        path = "./" if depth == 0 else "../" * depth
        return re.sub(
            rb"(pragma solidity [^;]*;\n)", rb'\1import {Mutants} from "' + path.encode() + b'Mutants.sol";\n', text, count=1
        )

    def new(self, node, kind, before, after):
        """The id of a mutant that is to be written now, or None."""
        number, self._count = self._count, self._count + 1
        if self._collecting:
            line = self.source[: span(node)[0]].count(b"\n") + 1
            mutant = Mutant(self.first + number, self.name, self.function, line, kind, before, after)
            name = f"{self.name} {self.function} {kind} {mutant.before} -> {mutant.after}"
            self._seen[name] = self._seen.get(name, 0) + 1
            mutant.key = name if self._seen[name] == 1 else f"{name} #{self._seen[name]}"
            self.mutants.append(mutant)
            return None
        identity = FIRST_ID + self.first + number
        return identity if identity in self.wanted else None

    def original(self, node):
        start, end = span(node)
        return self.source[start:end]

    def splice(self, node, parts):
        """The node's text with the text of some nodes in it replaced."""
        start, end = span(node)
        out, at = [], start
        for child, text in sorted(parts, key=lambda part: span(part[0])[0]):
            low, high = span(child)
            if low < at or high > end:
                continue
            out += [self.source[at:low], text]
            at = high
        return b"".join(out + [self.source[at:end]])

    def children(self, node, **context):
        return self.splice(node, [(child, self.render(child, node, **context)) for child in nodes_in(node)])

    def choose(self, alternatives, text):
        """An expression that is one of the alternatives if that mutant is on."""
        for identity, other in reversed(alternatives):
            if identity is not None:
                text = b"(Mutants.on(%d) ? %s : %s)" % (identity, other, text)
        return text

    # ---- nodes

    def render(self, node, parent=None, lvalue=False, plain=False):
        kind = node["nodeType"]
        method = getattr(self, "render_" + kind, None)
        if method is None:
            if kind.startswith("Yul"):
                return self.render_yul(node, parent)
            return self.children(node, lvalue=lvalue and kind == "TupleExpression")
        return method(node, parent, lvalue, plain)

    def render_ContractDefinition(self, node, *_):
        if node.get("contractKind") == "interface":
            return self.original(node)
        bodies = [part for part in node["nodes"] if part["nodeType"] in ("FunctionDefinition", "ModifierDefinition")]
        return self.splice(node, [(body, self.render(body, node)) for body in bodies])

    def render_StructDefinition(self, node, *_):
        return self.original(node)

    render_EnumDefinition = render_ErrorDefinition = render_EventDefinition = render_StructDefinition
    render_UserDefinedTypeName = render_ImportDirective = render_ElementaryTypeNameExpression = render_StructDefinition
    render_VariableDeclaration = render_UsingForDirective = render_StructDefinition
    # A modifier's mutants would be every user's: each use is taken away by itself instead.
    render_ModifierDefinition = render_StructDefinition

    def render_FunctionDefinition(self, node, *_):
        if not node.get("body"):
            return self.original(node)
        self.function = node["name"] or node["kind"]
        returns = node["returnParameters"]["parameters"]
        self._returns_reference = any(one["storageLocation"] in ("storage", "calldata") for one in returns)
        parts = []
        for use in node["modifiers"]:
            name = use["modifierName"]["name"]
            if name in self.twins and not use.get("arguments"):
                identity = self.new(use, "modifier removed", self.original(use), b"")
                if identity is not None:
                    parts.append((use, b"%s(Mutants.on(%d))" % (self.twins[name], identity)))
        parts.append((node["body"], self.render(node["body"], node)))
        return self.splice(node, parts)

    def render_Block(self, node, *_):
        return self.children(node)

    render_UncheckedBlock = render_Block

    def statement(self, node, kind, text, others=()):
        """A statement that can be left out, or be another one. The tree counts no statement's semicolon to it; the one
        behind a statement that became a block is marked for `tidy`."""
        alternatives = [(self.new(node, what, self.original(node), other), other) for what, other in others]
        alternatives.append((self.new(node, kind, self.original(node), b""), b""))
        chain = [
            b"if (Mutants.on(%d)) { %s }" % (identity, other + b";" if other else b"")
            for identity, other in alternatives
            if identity is not None
        ]
        return b"{ " + b" else ".join(chain) + b" else { " + text + b"; } }\x00" if chain else text

    def render_ExpressionStatement(self, node, parent, lvalue, plain):
        inner = node["expression"]
        text = self.splice(node, [(inner, self.render(inner, node, plain=True))])
        others = []
        kind = inner["nodeType"]
        if kind == "Assignment":
            target = inner["leftHandSide"]
            # Neither may be written under a condition.
            if self.is_immutable(target) or "storage pointer" in type_of(target):
                return text
            swap = ASSIGNMENTS.get(inner["operator"])
            if swap:
                value = self.original(inner["rightHandSide"])
                others.append(("assignment", self.original(target) + b" %s " % swap.encode() + value))
        elif kind == "UnaryOperation" and inner["operator"] in ("++", "--"):
            swap = b"--" if inner["operator"] == "++" else b"++"
            others.append(("step", swap + self.original(inner["subExpression"])))
        elif kind == "FunctionCall":
            others += [("arguments swapped", other) for other in self.swapped(inner)]
        return self.statement(node, "statement removed", text, others)

    def render_RevertStatement(self, node, parent, lvalue, plain):
        return self.statement(node, "revert removed", self.original(node))

    def render_EmitStatement(self, node, parent, lvalue, plain):
        call = node["eventCall"]
        others = [("arguments swapped", b"emit " + other) for other in self.swapped(call)]
        text = self.splice(node, [(one, self.render(one, call)) for one in call["arguments"]])
        return self.statement(node, "event removed", text, others)

    def render_Return(self, node, parent, lvalue, plain):
        value = node.get("expression")
        if value is None:
            return self.original(node)
        text = self.splice(node, [(value, self.render(value, node))])
        if self._returns_reference or value["nodeType"] in ("Literal", "BinaryOperation"):
            return text
        others = []
        if type_of(value) == "bool" and value["nodeType"] != "UnaryOperation":
            others.append(("returns the opposite", b"return !(" + self.original(value) + b")"))
        return self.statement(node, "return removed", text, others)

    def render_IfStatement(self, node, *_):
        parts = [(node["condition"], self.condition(node["condition"], node))]
        for key in ("trueBody", "falseBody"):
            if node.get(key):
                parts.append((node[key], self.render(node[key], node)))
        return self.splice(node, parts)

    def condition(self, node, parent):
        """A condition and its opposite."""
        text = self.render(node, parent)
        if node.get("operator") in ("==", "!=", "!"):
            return text
        other = b"!(" + self.original(node) + b")"
        return self.choose([(self.new(node, "condition negated", self.original(node), other), other)], text)

    def render_Conditional(self, node, parent, lvalue, plain):
        parts = [
            (node["condition"], self.condition(node["condition"], node)),
            (node["trueExpression"], self.render(node["trueExpression"], node)),
            (node["falseExpression"], self.render(node["falseExpression"], node)),
        ]
        return self.splice(node, parts)

    def render_ForStatement(self, node, *_):
        parts = []
        for key in ("initializationExpression", "loopExpression"):
            if node.get(key):
                parts.append((node[key], self.original(node[key])))
        if node.get("condition"):
            parts.append((node["condition"], self.render(node["condition"], node)))
        parts.append((node["body"], self.render(node["body"], node)))
        return self.splice(node, parts)

    def render_TryStatement(self, node, *_):
        return self.splice(node, [(clause, self.render(clause, node)) for clause in node["clauses"]])

    def render_Assignment(self, node, parent, lvalue, plain):
        parts = [(node["leftHandSide"], self.render(node["leftHandSide"], node, lvalue=True))]
        parts.append((node["rightHandSide"], self.render(node["rightHandSide"], node)))
        return self.splice(node, parts)

    def render_IndexAccess(self, node, parent, lvalue, plain):
        parts = [(node["baseExpression"], self.render(node["baseExpression"], node, lvalue=lvalue))]
        if node.get("indexExpression"):
            parts.append((node["indexExpression"], self.render(node["indexExpression"], node)))
        return self.splice(node, parts)

    def render_MemberAccess(self, node, parent, lvalue, plain):
        return self.splice(node, [(node["expression"], self.render(node["expression"], node, lvalue=lvalue, plain=True))])

    def render_UnaryOperation(self, node, parent, lvalue, plain):
        operator, inner = node["operator"], node["subExpression"]
        if operator in ("++", "--", "delete"):
            return self.splice(node, [(inner, self.render(inner, node, lvalue=True))])
        if operator not in ("!", "~"):
            return self.original(node)
        text = self.splice(node, [(inner, self.render(inner, node))])
        other = self.original(inner)
        return self.choose([(self.new(node, "operator removed", self.original(node), other), other)], text)

    def render_BinaryOperation(self, node, parent, lvalue, plain):
        left, right, operator = node["leftExpression"], node["rightExpression"], node["operator"]
        if type_of(node).startswith(("int_const", "rational_const")):
            return self.original(node)
        low, high = span(left)[1], span(right)[0]
        between = self.source[low:high]
        alternatives = []
        for swap in SWAPS.get(operator, []):
            if swap in ("/", "*", "-", "+") and not is_uint(type_of(node)):
                continue
            middle = between.replace(operator.encode(), swap.encode(), 1)
            other = self.original(left) + middle + self.original(right)
            alternatives.append((self.new(node, "operator", self.original(node), other), other))
        if operator in ("&&", "||"):
            for part, name in ((left, "left side alone"), (right, "right side alone")):
                other = self.original(part)
                alternatives.append((self.new(node, name, self.original(node), other), other))
        parts = [(left, self.render(left, node)), (right, self.render(right, node))]
        return self.choose(alternatives, self.splice(node, parts))

    def render_FunctionCall(self, node, parent, lvalue, plain):
        callee = node["expression"]
        parts = [(callee, self.render(callee, node, plain=True))]
        parts += [(one, self.render(one, node)) for one in node["arguments"]]
        text = self.splice(node, parts)
        kind = type_of(node)
        if plain or lvalue or kind.startswith(("tuple(", "struct", "mapping")) or "storage" in kind:
            return text
        alternatives = [
            (self.new(node, "arguments swapped", self.original(node), other), other) for other in self.swapped(node)
        ]
        return self.choose(alternatives, text)

    def swapped(self, node):
        """The call with two neighboring arguments of one type in the other order."""
        arguments = node["arguments"]
        if node.get("kind") == "typeConversion" or node.get("names"):
            return []
        out = []
        for one, two in zip(arguments, arguments[1:]):
            if type_of(one) == type_of(two) and self.original(one) != self.original(two):
                out.append(self.splice(node, [(one, self.original(two)), (two, self.original(one))]))
        return out

    def render_Identifier(self, node, parent, lvalue, plain):
        text = self.original(node)
        if lvalue or node.get("referencedDeclaration") not in self.constants or not is_uint(type_of(node)):
            return text
        other = text + b" + 1"
        return self.choose([(self.new(node, "constant", text, other), other)], text)

    def render_Literal(self, node, parent, lvalue, plain):
        text = self.original(node)
        if node["kind"] == "bool":
            other = b"false" if text == b"true" else b"true"
            if parent and parent["nodeType"] == "TupleExpression":
                return text
            return self.choose([(self.new(node, "constant", text, other), other)], text)
        if node["kind"] != "number" or parent is None:
            return text
        cast = self.cast_of(parent, node)
        if cast is None:
            return text
        other = text + b" + 1"
        identity = self.new(node, "constant", text, other)
        return text if identity is None else cast + self.choose([(identity, other)], text)

    def cast_of(self, parent, node):
        """What makes the choice between two numbers have the type that the number had; None if it can't be chosen."""
        kind = parent["nodeType"]
        if kind == "BinaryOperation":
            if parent["operator"] in ("<<", ">>", "**") and parent["rightExpression"] is node:
                return b""
            name = type_of(parent)
            if name == "bool":
                name = (parent.get("commonType") or {}).get("typeString") or ""
            return name.encode() if is_uint(name) else None
        if kind == "FunctionCall":
            if parent.get("kind") == "typeConversion":
                return b"" if is_uint(type_of(parent)) else None
            types = (parent["expression"].get("typeDescriptions") or {}).get("typeString") or ""
            at = parent["arguments"].index(node)
            found = re.match(r"function \(([^()]*)\)", types)
            names = found.group(1).split(",") if found else []
            return b"" if at < len(names) and is_uint(names[at].strip()) else None
        if kind == "Assignment":
            return b"" if is_uint(type_of(parent["leftHandSide"])) else None
        if kind == "Conditional":
            name = type_of(parent)
            return name.encode() if is_uint(name) else None
        if kind == "IndexAccess":
            base = type_of(parent["baseExpression"])
            return b"" if re.match(r"mapping\(uint", base) or "[]" in base else None
        return None

    def is_immutable(self, node):
        return node["nodeType"] == "Identifier" and node.get("referencedDeclaration") in self.immutables

    # ---- assembly

    def render_InlineAssembly(self, node, parent, lvalue, plain):
        return self.splice(node, [(node["AST"], self.render_yul(node["AST"], node))])

    def render_yul(self, node, parent):
        kind = node["nodeType"]
        if kind == "YulLiteral":
            text = self.original(node)
            if node.get("kind") != "number" or parent["nodeType"] == "YulCase":
                return text
            identity = self.new(node, "constant", text, text + b" + 1")
            return text if identity is None else b"add(%s, eq(coinbase(), %d))" % (text, identity)
        if kind == "YulCase":
            return self.splice(node, [(node["body"], self.render_yul(node["body"], node))])
        if kind == "YulForLoop":
            parts = [(node[key], self.render_yul(node[key], node)) for key in ("condition", "body")]
            return self.splice(node, parts)
        parts = [(child, self.render_yul(child, node)) for child in nodes_in(node)]
        text = self.splice(node, parts)
        if kind in ("YulExpressionStatement", "YulAssignment", "YulBreak") and parent["nodeType"] == "YulBlock":
            identity = self.new(node, "statement removed", self.original(node), b"")
            if identity is not None:
                return b"if iszero(eq(coinbase(), %d)) { %s }" % (identity, text)
        return text


def tidy(text):
    """Takes away the semicolons behind statements that became blocks."""
    return re.sub(rb"\x00\s*;", b"", text)
