"""Tables for a person."""

from __future__ import annotations

from mlops_tui.cli.output import table

WHY = "a sentence that is much longer than the terminal has room for beside the other columns"


def test_a_long_last_column_goes_on_below_itself_and_loses_no_word() -> None:
    lines = table(("name", "why"), [("age", WHY), ("plan", "short")], width=40).splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(line[6:] for line in lines[2:-1]) == WHY
    assert [line[:6].strip() for line in lines[2:]] == ["age", "", "", "plan"]


def test_a_table_that_is_not_for_a_terminal_has_one_line_a_row() -> None:
    assert len(table(("name", "why"), [("age", WHY)]).splitlines()) == 3
