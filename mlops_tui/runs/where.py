"""The run-query language: `metrics.auc > 0.9 and params.model = 'hgb' and status != 'failed'`.

    query       any { "or" any }            any    part { "and" part }
    part        "not" part | "(" query ")" | "has" field | comparison | word
    comparison  field operator value | field [ "not" ] "in" "(" value { "," value } ")" | field [ "not" ] "like" value
    operator    =  !=  <  <=  >  >=  ~  contains      (the last two: has the text in it, whatever its case)
    field       name, status, experiment, …, metrics.KEY, params.KEY, tags.KEY; where KEY has spaces: metrics.`val auc`
    value       'text', "text", a number, or a word that is none of the language's own; for age and took a time such as 2d or 1h30m

A word alone is looked for in the run's name and experiment. A comparison holds only for runs that have what it names:
`params.model != 'hgb'` leaves out runs without that parameter, and `not params.model = 'hgb'` takes them in.
`metrics.loss = nan` finds the runs whose loss is not a number. `like` takes `%` for any characters and `_` for one. `age` counts from
the start to now, `took` to the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.runs.expression import (
    COLUMNS,
    SPANS,
    TABLES,
    Comparison,
    Has,
    Joined,
    Name,
    Not,
    OneOf,
    Tree,
    Value,
    Word,
)
from mlops_tui.runs.model import STATUSES

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~", "like")
OF_TEXTS = ("~", "like")
KEYWORDS = ("and", "or", "not", "in", "contains", "like", "has")
NESTING, PARTS = 100, 800
"""How many parentheses and doubled `not` a query may have, and how many `and`, `or` and `not`; SQLite's own limit on nested
expressions is not far.
"""
LIST = 500
"""How many values a list may have, for the same reason."""

TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<key>(?:metrics|params|tags)\.`(?:[^`]|``)+`)
      | (?P<sign><=|>=|!=|==|[=<>~(),])
      | (?P<word>[^\s()'"`,=!<>~]+)
    )""",
    re.VERBOSE,
)
SPAN = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+", re.ASCII)
SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fields:
    """What a query may name: columns, of which `numbers` are compared with numbers, and the keys of tables; a word that is
    compared and is no column is a key of the table `any_key`, where there is one. `spans` are compared with times."""

    columns: Collection[str]
    tables: Collection[str]
    example: str
    numbers: Collection[str] = ()
    any_key: str = ""
    spans: Collection[str] = ()
    choices: Mapping[str, Collection[str]] = attribute(default_factory=dict)
    """By column what alone may stand in it."""

    def find(self, text: str) -> Name | None:
        """The field of that name; None where there is none."""
        table, dot, key = text.partition(".")
        if dot and key and table in self.tables:
            quoted = len(key) > 2 and key[0] == key[-1] == "`"
            return Name(table, key[1:-1].replace("``", "`") if quoted else key)
        return Name("", text) if text in self.columns else None

    def __str__(self) -> str:
        return ", ".join((*self.columns, *(f"{table}.KEY" for table in self.tables)))


OF_RUNS = Fields(
    COLUMNS,
    TABLES,
    "metrics.auc > 0.9 and params.model = 'hgb' and status != 'failed'",
    numbers=SPANS,
    spans=SPANS,
    choices={"status": STATUSES},
)


class BadQuery(UsageError):
    """A query that cannot be read; `position` is where in `text`, from 0, for a caret, and `what` is said there."""

    def __init__(self, text: str, position: int, what: str, example: str = OF_RUNS.example) -> None:
        super().__init__(f"The query cannot be read at character {position + 1}: {what}.", f"For example: {example}")
        self.text = text
        self.position = position
        self.what = what


def parse(text: str, fields: Fields = OF_RUNS) -> Tree:
    """The tree of a query.

    Raises:
        BadQuery: it cannot be read; says where.
    """
    return _Parser(text, fields).whole()


def field(text: str) -> Name:
    """The field of that name, as a column is named where nothing follows it; backticks may be left out.

    Raises:
        UsageError: no field has that name.
    """
    found = OF_RUNS.find(text)
    if found is None:
        raise UsageError(f"There is no field '{printable(text)}'.", f"Fields: {OF_RUNS}.")
    return found


def names_in(where: str | None) -> list[Name]:
    """The fields that a query names, in its order.

    Raises:
        BadQuery: it cannot be read.
    """
    return list(_names(parse(where))) if where is not None and where.strip() else []


def _names(tree: Tree) -> Iterator[Name]:
    if isinstance(tree, Comparison | OneOf | Has):
        yield tree.name
    elif isinstance(tree, Not):
        yield from _names(tree.part)
    elif isinstance(tree, Joined):
        for part in tree.parts:
            yield from _names(part)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int

    @property
    def keyword(self) -> str | None:
        lower = self.text.lower()
        return lower if self.kind == "word" and lower in KEYWORDS else None


class _Parser:
    def __init__(self, text: str, fields: Fields) -> None:
        self._text = text
        self._fields = fields
        self._tokens = self._split()
        self._next = 0

    def _split(self) -> list[_Token]:
        tokens: list[_Token] = []
        position, end, nested, joined = 0, len(self._text.rstrip()), 0, 0
        while position < end:
            match = TOKEN.match(self._text, position)
            if match is None or match.lastgroup is None:
                position += len(self._text[position:]) - len(self._text[position:].lstrip())
                unclosed = self._text[position] in "'\"`"
                what = (
                    "a quote is not closed" if unclosed else f"'{printable(self._text[position])}' means nothing here"
                )
                raise self._bad(position, what)
            token = _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
            is_not = token.keyword == "not"
            nested += token.text == "(" or (is_not and bool(tokens) and tokens[-1].keyword == "not")
            joined += is_not or token.keyword in ("and", "or")
            if nested > NESTING or joined > PARTS:
                raise self._bad(token.position, f"it has more than {NESTING if nested > NESTING else PARTS} parts")
            tokens.append(token)
            position = match.end()
        tokens.append(_Token("end", "", end))
        return tokens

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    @property
    def _after_next(self) -> str | None:
        """The keyword behind the next token."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)].keyword

    def _take(self) -> _Token:
        token = self._here
        self._next += 1
        return token

    def _error(self, what: str, token: _Token | None = None) -> BadQuery:
        return self._bad((token or self._here).position, what)

    def _bad(self, position: int, what: str) -> BadQuery:
        return BadQuery(self._text, position, what, self._fields.example)

    def _sign(self, sign: str) -> bool:
        return self._here.kind == "sign" and self._here.text == sign

    def _expect(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._error(f"'{sign}' is missing")
        self._take()

    def whole(self) -> Tree:
        tree = self._query()
        if self._here.kind != "end":
            raise self._error(f"'and' or 'or' is missing before '{printable(self._here.text)}'")
        return tree

    def _query(self) -> Tree:
        return self._joined("or", lambda: self._joined("and", self._part))

    def _joined(self, word: str, part: Callable[[], Tree]) -> Tree:
        parts = [part()]
        while self._here.keyword == word:
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _part(self) -> Tree:
        if self._here.keyword == "not":
            self._take()
            return Not(self._part())
        if self._sign("("):
            self._take()
            tree = self._query()
            self._expect(")")
            return tree
        if self._here.keyword == "has":
            self._take()
            return Has(self._field())
        return self._comparison()

    def _field(self) -> Name:
        token = self._take()
        known = token.kind in ("word", "key") and not token.keyword
        found = self._fields.find(token.text) if known else None
        if found is None and known and self._fields.any_key:
            found = Name(self._fields.any_key, token.text)
        if found is None:
            raise self._error(f"a field is missing (fields: {self._fields})", token)
        return found

    def _comparison(self) -> Tree:
        token = self._take()
        if token.kind in ("sign", "end") or token.keyword:
            raise self._error("a field or a word is missing", token)
        after = self._here
        compares = (after.kind == "sign" and after.text not in "(),") or after.keyword in ("in", "contains", "like")
        compares = compares or (after.keyword == "not" and self._after_next in ("in", "like"))
        found = self._fields.find(token.text) if token.kind != "text" else None
        if token.kind == "text" or (token.kind == "word" and not compares and found is None):
            return Word(_unquoted(token.text) if token.kind == "text" else token.text)
        if found is None and self._fields.any_key:
            found = Name(self._fields.any_key, token.text)
        if found is None:
            raise self._error(f"there is no field '{printable(token.text)}' (fields: {self._fields})", token)
        return self._right_of(found)

    def _right_of(self, name: Name) -> Tree:
        token = self._take()
        if token.keyword == "not" and self._here.keyword == "in":
            self._take()
            return Not(OneOf(name, self._values(name)))
        if token.keyword == "not" and self._here.keyword == "like":
            self._take()
            return Not(Comparison(name, "like", self._value(name, "like")))
        if token.keyword == "in":
            return OneOf(name, self._values(name))
        operator = {"==": "=", "contains": "~"}.get(token.keyword or token.text, token.text)
        if operator not in OPERATORS:
            blank = f"; a name with blanks or signs stands in backticks: {name.table}.`a b`" if name.table else ""
            raise self._error(f"a comparison is missing (= != < <= > >= ~ like in){blank}", token)
        return Comparison(name, operator, self._value(name, operator))

    def _values(self, name: Name) -> tuple[Value, ...]:
        self._expect("(")
        values = [self._value(name, "=")]
        while self._sign(","):
            self._take()
            values.append(self._value(name, "="))
            if len(values) > LIST:
                raise self._error(f"the list has more than {LIST} values")
        self._expect(")")
        return tuple(values)

    def _number(self, token: _Token, name: Name) -> float | None:
        """The number that a word is; of a field that is a time also seconds that are written with their units."""
        if token.kind != "word":
            return None
        if not name.table and name.key in self._fields.spans and SPAN.fullmatch(token.text):
            return sum(float(count) * SECONDS[unit] for count, unit in re.findall(r"([\d.]+)(\D)", token.text))
        return float(token.text) if NUMBER.fullmatch(token.text) else None

    def _value(self, name: Name, operator: str) -> Value:
        token = self._take()
        if token.kind not in ("text", "word") or token.keyword:
            raise self._error("a value is missing", token)
        number = self._number(token, name)
        value = Value(_unquoted(token.text) if token.kind == "text" else token.text, number)
        if name.table == "metrics" and (operator in OF_TEXTS or (number is None and not _is_nan(value, operator))):
            raise self._error("a metric is compared with a number by = != < <= > >=", token)
        choices = self._fields.choices.get(name.key, ()) if not name.table and operator not in OF_TEXTS else ()
        if choices and value.text not in choices:
            raise self._error(f"{name.key} is one of: {', '.join(choices)}", token)
        if not name.table and name.key in self._fields.numbers and (operator in OF_TEXTS or number is None):
            what = "a time such as 2d, 90s or 1h30m" if name.key in self._fields.spans else "a number"
            raise self._error(f"{name.key} is compared with {what} by = != < <= > >=", token)
        return value


def _is_nan(value: Value, operator: str) -> bool:
    return value.text.lower() == "nan" and operator in ("=", "!=")


def _unquoted(text: str) -> str:
    return text[1:-1].replace(text[0] * 2, text[0])


def condition(tree: Tree) -> tuple[str, list[Any]]:
    """The SQL condition on `run` that the tree means, and the values to bind; no text of the query is in the SQL."""
    if isinstance(tree, Word):
        return "(instr(lower(run.name), lower(?)) > 0 OR instr(lower(run.experiment), lower(?)) > 0)", [tree.text] * 2
    if isinstance(tree, Comparison):
        return _on_field(tree.name, [_on_value(tree.name, tree.operator, tree.value)])
    if isinstance(tree, OneOf):
        return _on_field(tree.name, [_on_value(tree.name, "=", value) for value in tree.values])
    if isinstance(tree, Has):
        return _on_field(tree.name, [("1", [])])
    if isinstance(tree, Not):
        sql, values = condition(tree.part)
        return f"NOT {sql}", values
    conditions = [condition(part) for part in tree.parts]
    joint = f" {tree.word.upper()} ".join(sql for sql, _ in conditions)
    return f"({joint})", [value for _, values in conditions for value in values]


def matching(where: str | None, *, deleted: bool = False) -> tuple[str, list[Any]]:
    """A condition on `run` in SQL, and what is bound in it: the runs that match and are, or are not, deleted.

    Raises:
        UsageError: a query that cannot be read.
    """
    are_there = "run.archived IS NOT NULL" if deleted else "run.archived IS NULL"
    if where is None or not where.strip():
        return are_there, []
    sql, values = condition(parse(where))
    return f"{are_there} AND {sql}", values


def _on_field(name: Name, tests: list[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    sql = " OR ".join(test for test, _ in tests)
    values = [value for _, bound in tests for value in bound]
    if not name.table:
        return f"(({sql}) AND run.{COLUMNS[name.key]} IS NOT NULL)", values
    table = TABLES[name.table]
    # The plus keeps SQLite on the order of the page: each run is looked up in the set, the set is not sorted.
    return f"+run.id IN (SELECT run_id FROM {table} WHERE key = ? AND ({sql}))", [name.key, *values]


def _on_value(name: Name, operator: str, value: Value) -> tuple[str, list[Any]]:
    if not name.table and name.key in SPANS:
        return f"({SPAN_SQL[name.key]}) {operator} ?", [value.number]
    column = "value" if name.table else f"run.{COLUMNS[name.key]}"
    if name.table == "metrics" and value.number is None:
        return f"special {'IS' if operator == '=' else 'IS NOT'} 'nan'", []
    if name.table == "metrics":
        return f"value {operator} ?", [value.number]
    if not name.table and name.key in CALLED:
        return _on_name(column, CALLED[name.key], operator, value.text)
    if operator in OF_TEXTS:
        return on_text(column, operator, value.text)
    if name.table == "params" and value.number is not None:
        if operator in ("=", "!="):
            return f"coalesce(number {operator} ?, value {operator} ?)", [value.number, value.text]
        return f"number {operator} ?", [value.number]
    if name == COMMIT and operator in ("=", "!="):  # as git takes it: its beginning will do
        begun = value.text.rstrip("…").lower()
        return f"substr({column}, 1, ?) {operator} ?", [len(begun), begun]
    if name == DIRTY:
        return f"{column} {operator} ?", [
            {"true": 1, "yes": 1, "false": 0, "no": 0}.get(value.text.lower(), value.text)
        ]
    return f"{column} {operator} ?", [value.text]


def _on_name(column: str, table: str, operator: str, text: str) -> tuple[str, list[Any]]:
    """The condition that what the id in the column stands for has that name, or that id."""
    if operator in OF_TEXTS:
        sql, bound = on_text("name", operator, text)
        return f"{column} IN (SELECT id FROM {table} WHERE {sql})", bound
    if operator not in ("=", "!="):
        return f"{column} {operator} ?", [text]
    sql = f"({column} = ? OR {column} IN (SELECT id FROM {table} WHERE name = ?))"
    return sql if operator == "=" else f"NOT {sql}", [text, text]


def on_text(column: str, operator: str, text: str) -> tuple[str, list[Any]]:
    """The condition that a text is in the column, or that it fits."""
    if operator == "like":
        return f"{column} LIKE ?", [text]
    return f"instr(lower({column}), lower(?)) > 0", [text]


CALLED = {"study": "study", "parent": "run"}
"""Columns that hold an id, and where what it stands for has its name."""
DIRTY, COMMIT = Name("", "dirty"), Name("", "commit")
SPAN_SQL = {
    "age": "(julianday('now') - julianday(run.started)) * 86400",
    "took": "(julianday(run.ended) - julianday(run.started)) * 86400",
}
"""Seconds, by SQLite's own clock."""
