"""How a source's files are read, in words."""

from __future__ import annotations

import pytest

from mlops_tui.data.options import ReadOptions
from mlops_tui.presenters.reading import are_fixed, option_text, that_apply


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "found in each file"), ({"delimiter": ",", "header": True}, "ISO 8601, as 2026-01-31")],
)
def test_formats_of_times_are_not_said_to_be_found_once_a_file_has_fixed_how_all_are_read(
    options: dict[str, object], said: str
) -> None:
    """A file with another format is refused then."""
    assert option_text("date_format", None, are_fixed=are_fixed(options)) == said
    assert option_text("date_format", "%d.%m.%Y", are_fixed=are_fixed(options)) == "%d.%m.%Y"


@pytest.mark.parametrize(
    ("paths", "told", "meant"),
    [
        (["a.parquet", "2026/b.FEATHER"], {}, []),
        (["a.parquet"], {"date_format": "%d.%m.%Y"}, ["date_format"]),
        (["a.jsonl.gz"], {}, ["missing"]),
        (["a.xlsx"], {}, ["sheet"]),
        (["a.csv.zst"], {}, [name for name in ReadOptions.__dataclass_fields__ if name != "sheet"]),
        (["a.parquet", "b.txt"], {}, [name for name in ReadOptions.__dataclass_fields__ if name != "sheet"]),
        ([], {}, list(ReadOptions.__dataclass_fields__)),
    ],
)
def test_options_that_mean_nothing_for_the_files_are_left_out(
    paths: list[str], told: dict[str, object], meant: list[str]
) -> None:
    options = {name: getattr(ReadOptions(), name) for name in ReadOptions.__dataclass_fields__}
    assert that_apply({**options, "missing": [""], **told}, paths) == meant
