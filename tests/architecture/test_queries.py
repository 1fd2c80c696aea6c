"""Every question that a room can be asked is one that a migrated store can answer."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import mlops_tui
from mlops_tui.core.errors import UnknownName
from mlops_tui.data.query import get_source
from mlops_tui.data.slices import SliceName
from mlops_tui.monitoring.slices import Asked
from mlops_tui.registry.query import get_model
from mlops_tui.runs.expression import Name
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.query import get_study

MODULES = sorted((path.parent.name, path.stem) for path in Path(mlops_tui.__file__).parent.glob("*/*query.py"))
ROOMS = {room for room, _ in MODULES}
ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
TOP = ("source", "study", "job", "run", "model")
"""Tables in which there is one thing of that id: a question about it comes from somebody who has seen it."""

JSON = {"spec": "{}", "kinds": "{}", "roles": "{}", "options": "{}", "exclude": "[]", "slices": "[]"}
JSON |= {"families": "[]", "features": "[]", "notices": "[]"}

BY_NAME: dict[str, Any] = {
    "where": "metrics.auc > 0.9 and params.model = 'hgb' and tags.stage = 'x' and status != 'failed'",
    "sort": "metrics.auc",
    "order": "highest",
    "files": [],
}
BY_ROOM: dict[str, dict[str, Any]] = {"tuning": {"where": "hgb and value > 0.8 and rate < 1", "sort": "value"}}
BY_TYPE: dict[str, Callable[[Store], Any]] = {
    "str": lambda _: ID,
    "int": lambda _: 1,
    "float": lambda _: 1.0,
    "int | str": lambda _: "v1",
    "bool": lambda _: True,
    "Sequence[str]": lambda _: [ID],
    "Sequence[Name]": lambda _: [Name(table, ID) for table in ("metrics", "params", "tags")],
    "sqlite3.Connection": lambda store: store.reader,
    "Workspace": lambda store: store.workspace,
    "Source": lambda store: get_source(store.reader, ID),
    "Study": lambda store: get_study(store.reader, ID),
    "Model": lambda store: get_model(store.reader, ID),
    "Asked": lambda _: Asked("region", "north"),
    "SliceName": lambda _: SliceName("value", "north"),
    "Sequence[int]": lambda _: [0],
    "Collection[str]": lambda _: [ID],
    "Sequence[Sequence[int] | None]": lambda _: [[0]],
    "Run": lambda store: get_run(store.reader, ID),
}


def questions() -> Iterator[Any]:
    for room, stem in MODULES:
        module = importlib.import_module(f"mlops_tui.{room}.{stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield pytest.param(function, id=f"{room}.{name}")


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with one source, study, job, run and model, each of the same id."""
    with store.write() as writing:
        for table in TOP:
            columns = writing.execute(
                'SELECT name, type FROM pragma_table_info(?) WHERE "notnull"', (table,)
            ).fetchall()
            values = [JSON.get(name, ID if kind == "VARCHAR" else 1) for name, kind in columns]
            names = ", ".join(name for name, _ in columns)
            writing.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", values)
    return store


def answer(function: Callable[..., Any], store: Store, *, all_given: bool) -> Any:
    """Asks by the names and the types of the parameters; those with defaults only where all are to be given."""
    given = {}
    by_name = BY_NAME | BY_ROOM.get(function.__module__.split(".")[1], {})
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is parameter.empty or all_given:
            kind = str(parameter.annotation).removesuffix(" | None")
            given[name] = by_name[name] if name in by_name else BY_TYPE[kind](store)
    found = function(**given)
    return list(found) if isinstance(found, Iterator) else found


@pytest.mark.parametrize("all_given", [False, True], ids=["what must be", "everything"])
@pytest.mark.parametrize("function", list(questions()))
def test_a_migrated_store_answers(filled: Store, function: Callable[..., Any], all_given: bool) -> None:
    """What is not there is said to be unknown; no column or table that is asked for is missing."""
    asked: list[str] = []
    filled.reader.set_trace_callback(asked.append)
    with suppress(UnknownName):
        answer(function, filled, all_given=all_given)
    assert any(statement.lstrip().startswith(("SELECT", "WITH")) for statement in asked)


def test_there_are_questions_to_be_asked_in_every_room() -> None:
    assert {"data", "jobs", "runs", "tuning", "registry", "serving", "monitoring", "automation"} <= ROOMS
    assert len(list(questions())) > 40
