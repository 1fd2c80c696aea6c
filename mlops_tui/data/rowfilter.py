"""The filter over the rows of a file: `income > 5000 and channel = online`.

    filter      part { [ "and" ] part }
    part        [ "not" ] ( column operator value | word )
    column      a column's name; where it has blanks or signs: `in backticks`
    operator    =  !=  <  <=  >  >=  ~      (the last one: has the text in it, whatever its case)
    value       'text', "text", a number, a word, or null for a cell without a value

A word alone is looked for in every cell of the row. A comparison holds only for cells that have a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~")
EXAMPLE = "For example: income > 5000 and channel = online"
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<name>`(?:[^`]|``)+`)
      | (?P<sign><=|>=|!=|==|[=<>~])
      | (?P<word>[^\s'"`=!<>~]+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A text in any cell of the row."""

    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column against a value as it was written; `value` None is a cell without one."""

    column: str
    operator: str
    value: str | None
    negated: bool = False


Part = Word | Comparison


def parse(text: str) -> tuple[Part, ...]:
    """The parts of a filter, all of which a row has to fit. Raises UsageError where it cannot be read; says where."""
    tokens = _split(text)
    parts: list[Part] = []
    place = 0
    while place < len(tokens):
        kind, word, _ = tokens[place]
        if kind == "word" and word.lower() == "and" and parts:
            place += 1
            continue
        negated = kind == "word" and word.lower() == "not" and place + 1 < len(tokens)
        place += negated
        part, place = _part(text, tokens, place, negated)
        parts.append(part)
    return tuple(parts)


Token = tuple[str, str, int]


def _split(text: str) -> list[Token]:
    tokens: list[Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            rest = text[place:].lstrip()
            raise _unreadable(len(text) - len(rest), f"{printable(rest[:20])} is not closed or has no place here")
        tokens.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        place = match.end()
    return tokens


def _part(text: str, tokens: list[Token], place: int, negated: bool) -> tuple[Part, int]:
    kind, word, position = tokens[place]
    if kind == "sign":
        raise _unreadable(position, f"a column is missing before {word}")
    follows = tokens[place + 1] if place + 1 < len(tokens) else None
    if follows is None or follows[0] != "sign":
        if kind == "name":
            raise _unreadable(position + len(word), "a comparison is missing (= != < <= > >= ~)")
        return Word(_plain(kind, word), negated), place + 1
    if place + 2 >= len(tokens) or tokens[place + 2][0] == "sign":
        raise _unreadable(follows[2] + len(follows[1]), "a value is missing")
    operator = "=" if follows[1] == "==" else follows[1]
    value_kind, value, value_position = tokens[place + 2]
    if value_kind == "word" and value.lower() == "null":
        if operator not in ("=", "!="):
            raise _unreadable(value_position, "null is compared by = or !=")
        return Comparison(_plain(kind, word), operator, None, negated), place + 3
    return Comparison(_plain(kind, word), operator, _plain(value_kind, value), negated), place + 3


def _plain(kind: str, text: str) -> str:
    return text if kind == "word" else text[1:-1].replace(text[0] * 2, text[0])


def _unreadable(position: int, what: str) -> UsageError:
    return UsageError(f"The filter cannot be read at character {position + 1}: {what}.", EXAMPLE)
