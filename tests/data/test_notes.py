"""What the reasons of columns say of dates in two orders, and of columns without a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.data.curation import Curation
from mlops_tui.data.query import find_source
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]


@pytest.fixture
def reasons(store: Store, sources: Sources, folder: Path, scan: Scan) -> Callable[[str], dict[str, str]]:
    """The reasons of the columns of a source whose first file has that text."""

    def told(text: str) -> dict[str, str]:
        (folder / "a.csv").write_text(text)
        sources.add(folder, name="s")
        scan()
        return dict(find_source(store.reader, "s").reasons)

    return told


@pytest.mark.parametrize(
    ("dates", "taken", "other", "option"),
    [
        (("01/02/2026", "", "03/04/2026"), "%d/%m/%Y", "%m/%d/%Y", "--date-format"),
        (("01.02.26", "02.03.26"), "%y.%m.%d", "%d.%m.%y", "--date-format"),
        (("01/02/2026 10:30:00",), "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "--timestamp-format"),
    ],
)
def test_dates_that_fit_two_orders_say_which_was_taken(
    reasons: Callable[[str], dict[str, str]], dates: tuple[str, ...], taken: str, other: str, option: str
) -> None:
    told = reasons("d,x\n" + "".join(f"{date},{place}\n" for place, date in enumerate(dates)))["d"]
    assert told.endswith(f": read as {taken}, and {other} fits each value too (data options s {option})")


@pytest.mark.parametrize("dates", [("01/02/2026", "13/02/2026"), ("2026-01-02",), ("2026/01/02",), ("01/01/2026",)])
def test_dates_of_one_order_say_nothing_of_another(
    reasons: Callable[[str], dict[str, str]], dates: tuple[str, ...]
) -> None:
    told = reasons("d,x\n" + "".join(f"{date},{place}\n" for place, date in enumerate(dates)))["d"]
    assert told.endswith("every value reads as a date or time")


def test_the_order_that_is_said_is_the_one_that_is_taken(
    reasons: Callable[[str], dict[str, str]], store: Store, scan: Scan
) -> None:
    reasons("d,x\n01/02/2026,1\n03/04/2026,2\n")
    Curation(store).set_options("s", {"date_format": "%m/%d/%Y"})
    scan()
    assert "read as %m/%d/%Y, and %d/%m/%Y fits" in find_source(store.reader, "s").reasons["d"]


def test_a_column_that_the_header_has_no_name_for_says_so(reasons: Callable[[str], dict[str, str]]) -> None:
    told = reasons("a,,column2\n1,2,3\n4,5,6\n")
    assert list(told) == ["a", "column1", "column2"]
    assert [name for name, why in told.items() if ": the header has no name for it; " in why] == ["column1"]
