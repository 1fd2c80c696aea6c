"""Sentences of the command line that no file has to be read for."""

from __future__ import annotations

import pytest

from mlops_tui.automation.model import AgentStatus
from mlops_tui.cli.commands import watch
from mlops_tui.cli.data_text import read_options
from mlops_tui.cli.rows_text import answer
from mlops_tui.core.errors import UnknownColumn
from mlops_tui.data.engine.conditions import condition
from mlops_tui.data.engine.reading import ColumnShape
from mlops_tui.data.listing import DATA_FILES
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.rowfilter import parse


def test_an_agent_that_was_killed_is_not_told_as_watching(capsys: pytest.CaptureFixture[str]) -> None:
    watch._show(AgentStatus(watching=True, running=False), as_json=False)
    assert capsys.readouterr().out.startswith("Watching is switched on, but no agent runs: nothing is taken in")
    watch._show(AgentStatus(watching=False, running=False), as_json=False)
    assert capsys.readouterr().out == "No agent runs; folders are not watched.\n"


def test_a_filter_that_takes_a_name_apart_is_told_how_the_name_is_written() -> None:
    columns = (ColumnShape("note [free]", "VARCHAR"), ColumnShape("x", "BIGINT"))
    with pytest.raises(UnknownColumn, match=r"put in backticks: `note \[free\]`"):
        condition(parse("note [free] = x"), columns)
    with pytest.raises(UnknownColumn, match=r"The columns are note \[free\], x\.$"):
        condition(parse("y = 3"), columns)
    assert condition(parse("`note [free]` = x"), columns)[1] == ["x"]


def test_truths_are_written_as_files_have_them() -> None:
    assert answer({"columns": ["is_new"], "rows": [[True], [False]]}).split()[-2:] == ["true", "false"]


def test_the_pattern_of_all_data_files_is_said_in_words() -> None:
    options = {name: getattr(ReadOptions(), name) for name in ReadOptions.__dataclass_fields__}
    about = {"source": "s", "pattern": f"**/{DATA_FILES}", "exclude": [], "snapshot": False, "role": "live"}
    about |= {"slices": [], "predict": None, "matures_after": 90 * 86_400.0}
    said = read_options({**about, "options": {**options, "missing": [""]}})
    assert "data files" in said
    assert "90d" in said
    assert "{" not in said
