"""The filter over the rows of a file: `income > 5000 and channel = online`.

    filter      all { "or" all }
    all         part { [ "and" ] part }
    part        [ "not" ] ( column operator value | column "is" [ "not" ] ( "null" | "missing" ) | word )
                | column "between" value "and" value
    column      a column's name; where it has blanks or signs: `in backticks`
    operator    =  !=  <  <=  >  >=  ~      (the last one: has the text in it, whatever its case)
    value       'text', "text", a number, a word, or null for a cell without a value

A word alone is looked for in every cell of the row; one that means something here is put in quotes. A comparison holds only for cells that have a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~")
EXAMPLE = "For example: income > 5000 and channel = online"
QUOTED = f"{EXAMPLE}. A word that is looked for in all cells is put in quotes: 'or'"
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


Filter = tuple[tuple[Part, ...], ...]
"""Of which a row has to fit one, which is all of its parts; none lets every row through."""


def parse(text: str) -> Filter:
    """What a filter means. Raises UsageError where it cannot be read; says where."""
    tokens = _split(text)
    ways: list[tuple[Part, ...]] = []
    parts: list[Part] = []
    place = 0
    while place < len(tokens):
        if joined := _word_at(tokens, place, "and", "or"):
            if not parts:
                raise _unreadable(tokens[place][2], f"a condition is missing before {joined}", QUOTED)
            if joined == "or":
                ways.append(tuple(parts))
                parts = []
            place += 1
            if place == len(tokens) or _word_at(tokens, place, "and", "or"):
                raise _unreadable(_end_of(tokens[place - 1]), f"a condition is missing after {joined}", QUOTED)
            continue
        negated = _word_at(tokens, place, "not") is not None
        place += negated
        if place == len(tokens):
            raise _unreadable(_end_of(tokens[place - 1]), "a condition is missing after not", QUOTED)
        found, place = _parts(tokens, place, negated)
        parts += found
    return (*ways, tuple(parts)) if parts else ()


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


def _word_at(tokens: Sequence[Token], place: int, *words: str) -> str | None:
    """Which of those words, in small letters, stands there unquoted."""
    if place >= len(tokens) or tokens[place][0] != "word":
        return None
    word = tokens[place][1].lower()
    return word if word in words else None


def _end_of(token: Token) -> int:
    return token[2] + len(token[1])


def _parts(tokens: list[Token], place: int, negated: bool) -> tuple[list[Part], int]:
    """What begins there, and where the next begins; `between` makes two parts."""
    kind, word, position = tokens[place]
    if kind == "sign":
        raise _unreadable(position, f"a column is missing before {word}")
    if _word_at(tokens, place + 1, "is"):
        return _without_value(tokens, place, negated)
    if _word_at(tokens, place + 1, "between"):
        return _between(tokens, place, negated)
    _require_known_words(tokens, place + 1)
    follows = tokens[place + 1] if place + 1 < len(tokens) else None
    if follows is None or follows[0] != "sign":
        if kind == "name":
            raise _unreadable(position + len(word), "a comparison is missing (= != < <= > >= ~)")
        return [Word(_plain(kind, word), negated)], place + 1
    part, place = _comparison(tokens, place, follows, negated)
    return [part], place


def _without_value(tokens: list[Token], place: int, negated: bool) -> tuple[list[Part], int]:
    """`column is null` or `is missing`, also with a `not`."""
    end = place + 2
    operator = "!=" if _word_at(tokens, end, "not") else "="
    end += operator == "!="
    if not _word_at(tokens, end, "null", "missing"):
        raise _unreadable(tokens[place + 1][2], "is goes with null or not null alone", QUOTED)
    return [Comparison(_plain(*tokens[place][:2]), operator, None, negated)], end + 1


def _between(tokens: list[Token], place: int, negated: bool) -> tuple[list[Part], int]:
    """`column between value and value`, both of them included."""
    values = tokens[place + 2 : place + 5 : 2]
    if (
        len(values) < 2
        or not _word_at(tokens, place + 3, "and")
        or any(value[0] in ("sign", "name") for value in values)
    ):
        raise _unreadable(tokens[place + 1][2], "between goes with a value, and, and another value", QUOTED)
    if negated:
        raise _unreadable(tokens[place + 1][2], "not goes before no between", "Write: column < low or column > high")
    column = _plain(*tokens[place][:2])
    ends = zip((">=", "<="), values, strict=True)
    return [Comparison(column, operator, _plain(*value[:2])) for operator, value in ends], place + 5


def _require_known_words(tokens: list[Token], place: int) -> None:
    """Raises UsageError where SQL's `in (…)` or `like '…'` follows a column, which no filter knows."""
    follows = tokens[place + 1] if place + 1 < len(tokens) else None
    if follows and _word_at(tokens, place, "in") and follows[1].startswith("("):
        raise _unreadable(tokens[place][2], "a filter knows no in", "Write: column = a or column = b")
    if follows and _word_at(tokens, place, "like") and follows[0] == "text":
        raise _unreadable(tokens[place][2], "a filter knows no like", "Write, for a text in the cell: column ~ text")


def _comparison(tokens: list[Token], place: int, follows: Token, negated: bool) -> tuple[Part, int]:
    kind, word, _ = tokens[place]
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


def _unreadable(position: int, what: str, remedy: str = EXAMPLE) -> UsageError:
    return UsageError(f"The filter cannot be read at character {position + 1}: {what}.", remedy)
