"""Queries about the trials of a study, in the language of run queries: `pruned`, `hgb and value > 0.8`, `learning_rate < 0.1`.

A word alone is looked for in the state and the family; `hidden` alone are those that a person has hidden. A word that is compared
and is no column is one of the study's objectives, else a parameter. Memory is in MiB and the time to predict 1,000 rows in milliseconds, as they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.runs.expression import Comparison, Has, Name, Not, OneOf, Tree, Value, Word
from mlops_tui.runs.where import OF_TEXTS, Fields, on_text, parse

COLUMNS = {
    "trial": "number",
    "number": "number",
    "state": "state",
    "value": "value",
    "family": "family",
    "took": "seconds",
    "cpu": "cpu_seconds",
    "memory": "(peak_bytes / 1048576.0)",
    "predict": "(predict_seconds * 1000)",
    "reason": "reason",
    "run": "run_id",
    "started": "started",
    "ended": "ended",
}
NUMBERS = ("trial", "number", "value", "took", "cpu", "memory", "predict")
PARAMS, QUOTE = "params", '"'
EXAMPLE = "hgb and value > 0.8 and learning_rate < 0.1"
SPANS = ("took", "cpu")
OF_TRIALS = Fields(COLUMNS, (PARAMS,), EXAMPLE, NUMBERS, any_key=PARAMS, spans=SPANS)
STATES = {"failed": "fail", "done": "complete", "finished": "complete", "stopped": "pruned"}
"""What else the states of a trial are called."""
PLAIN_WORDS = {"true": "true", "false": "false", "none": "null", "null": "null"}
"""Values that are no texts, as they are written and as JSON calls their kinds."""

HIDDEN = "hidden"
IS_HIDDEN = "number IN (SELECT h.number FROM study_hidden AS h WHERE h.study_id = study_trial.study_id)"

Condition = tuple[str, list[Any]]


def matching(where: str, objectives: Sequence[str] = ()) -> Condition:
    """The SQL condition on `study_trial` that a query means, and the values to bind; an empty one holds for all. What the
    `objectives` are called is compared with their values, the first of them being a trial's `value`.

    Raises:
        UsageError: it cannot be read; says where. Or an objective is compared with what is no number.
    """
    return _condition(parse(where, OF_TRIALS), objectives) if where.strip() else ("1", [])


def parameters_in(where: str) -> list[str]:
    """The parameters that a query names.

    Raises:
        UsageError: it cannot be read; says where.
    """
    return list(dict.fromkeys(_named(parse(where, OF_TRIALS)))) if where.strip() else []


def asks_for_hidden(where: str) -> bool:
    """Whether a query says something of hidden trials, which are left out otherwise.

    Raises:
        UsageError: it cannot be read; says where.
    """
    return bool(where.strip()) and HIDDEN in _words(parse(where, OF_TRIALS))


def _words(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Word):
        yield tree.text.lower()
    elif isinstance(tree, Not):
        yield from _words(tree.part)
    elif not isinstance(tree, Comparison | OneOf | Has):
        for part in tree.parts:
            yield from _words(part)


def _named(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Comparison | OneOf | Has):
        if tree.name.table:
            yield tree.name.key
    elif isinstance(tree, Not):
        yield from _named(tree.part)
    elif not isinstance(tree, Word):
        for part in tree.parts:
            yield from _named(part)


def _condition(tree: Tree, objectives: Sequence[str]) -> Condition:
    if isinstance(tree, Word):
        text = tree.text.lower()
        if text == HIDDEN:
            return IS_HIDDEN, []
        return "(instr(state, ?) > 0 OR instr(lower(family), ?) > 0)", [STATES.get(text, text), text]
    if isinstance(tree, Comparison):
        return _on_field(tree.name, [(tree.operator, tree.value)], objectives)
    if isinstance(tree, OneOf):
        return _on_field(tree.name, [("=", value) for value in tree.values], objectives)
    if isinstance(tree, Has):
        return _on_field(tree.name, None, objectives)
    if isinstance(tree, Not):
        sql, values = _condition(tree.part, objectives)
        return f"NOT {sql}", values
    parts = [_condition(part, objectives) for part in tree.parts]
    joint = f" {tree.word.upper()} ".join(sql for sql, _ in parts)
    return f"({joint})", [value for _, values in parts for value in values]


def _on_field(name: Name, asked: list[tuple[str, Value]] | None, objectives: Sequence[str]) -> Condition:
    """Holds only where the trial has what is named; where nothing is asked of it that is all."""
    wanted = asked or []
    if name.table and name.key in objectives:
        place = objectives.index(name.key)
        column = "value" if place == 0 else f"json_extract(objective_values, '$[{place}]')"
        tests = [_on_number(column, name.key, operator, value) for operator, value in wanted]
        known, bound = f"{column} IS NOT NULL", []
    elif name.table:
        path = path_of(name.key)
        tests = [_on_param(path, operator, value) for operator, value in wanted]
        known, bound = "json_type(params, ?) IS NOT NULL", [path]
    else:
        column = COLUMNS[name.key]
        tests = [_on_column(name.key, operator, value) for operator, value in wanted]
        known, bound = f"{column} IS NOT NULL", []
    if asked is None:
        return f"({known})", bound
    sql = " OR ".join(test for test, _ in tests)
    return f"(({sql}) AND {known})", [*(value for _, values in tests for value in values), *bound]


def _on_number(column: str, name: str, operator: str, value: Value) -> Condition:
    if value.number is None or operator in OF_TEXTS:
        raise UsageError(f"{name} is a number.", f"For example: {name} < 0.1")
    return f"{column} {operator} ?", [value.number]


def path_of(parameter: str) -> str:
    """Where SQLite finds a parameter in a trial's JSON."""
    return f'$."{parameter.replace(QUOTE, "")}"'  # a quote cannot be written in such a path


def _on_column(key: str, operator: str, value: Value) -> Condition:
    column = COLUMNS[key]
    if key in NUMBERS:
        return f"{column} {operator} ?", [value.number]
    text = STATES.get(value.text.lower(), value.text) if key == "state" else value.text
    if operator in OF_TEXTS:
        return on_text(column, operator, text)
    return f"{column} {operator} ?", [text]


def _on_param(path: str, operator: str, value: Value) -> Condition:
    if operator in OF_TEXTS:
        sql, bound = on_text("json_extract(params, ?)", operator, value.text)
        return sql, [path, *bound]
    kind = PLAIN_WORDS.get(value.text.lower())
    if kind is not None and operator in ("=", "!="):
        return f"json_type(params, ?) {operator} ?", [path, kind]
    if value.number is None:
        return f"CAST(json_extract(params, ?) AS TEXT) {operator} ?", [path, value.text]
    if operator == "!=":
        equal, bound = _on_param(path, "=", value)
        return f"NOT {equal}", bound
    number = f"(json_type(params, ?) IN ('integer', 'real') AND json_extract(params, ?) {operator} ?)"
    if operator == "=":
        text = "CAST(json_extract(params, ?) AS TEXT) = ?"
        return f"coalesce({number} OR {text}, 0)", [path, path, value.number, path, value.text]
    return number, [path, path, value.number]
