"""Bad rows are set aside with their line and reason, and the rest is predicted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import FileUnreadable, SchemaMismatch, UsageError
from mlops_tui.serving.engine import aside

BAD = "code,age,visits,plan\n007,40.10,1,gold\n008,forty,2,basic\n009,41\n010,42,3,NA\n"


def rejects(folder: Path, name: str = "bad.csv") -> pd.DataFrame:
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


def test_rows_that_cannot_be_read_are_set_aside_and_the_others_are_as_they_would_be_alone(binary: Any) -> None:
    found = binary.predict(binary.file(BAD), rejects=binary.folder / "bad.csv")
    assert (found.rows, found.aside, found.rejected) == (2, 2, 0)
    told = rejects(binary.folder)
    assert told[["file", "line", "column"]].values.tolist() == [["new.csv", "3", "age"], ["new.csv", "4", ""]]
    assert "has 'forty' in column age" in told["reason"][0]
    assert "has 2 fields where the header has 4" in told["reason"][1]
    assert told["text"].tolist() == ["008,forty,2,basic", "009,41"]
    mixed = (binary.folder / "out.csv").read_bytes()
    good = "".join(line for n, line in enumerate(BAD.splitlines(keepends=True)) if n not in (2, 3))
    binary.predict(binary.file(good), "alone.csv")
    assert mixed == (binary.folder / "alone.csv").read_bytes()
    assert b"007,40.10,1,gold," in mixed


def test_without_a_place_for_them_one_bad_row_refuses_the_file(binary: Any) -> None:
    with pytest.raises((SchemaMismatch, FileUnreadable)):
        binary.predict(binary.file(BAD))
    assert not (binary.folder / "out.csv").exists()


class Undecided:
    """Says nothing finite of those above 40."""

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        return np.where(frame["age"] > 40, np.inf, 1.5)


def test_rows_without_a_finite_prediction_are_set_aside_too(number: Any) -> None:
    number.pipeline = Undecided()
    path = number.file("age,visits,plan\n30,1,gold\nx,1,gold\n50,2,basic\n20,3,gold\n")
    found = number.predict(path, rejects=number.folder / "bad.csv")
    assert (found.rows, found.rejected, found.aside) == (3, 1, 2)
    told = rejects(number.folder)
    assert told[["line", "text"]].values.tolist() == [["3", "x,1,gold"], ["4", "50,2,basic"]]
    assert told["reason"][1] == "has no prediction: the model gives no finite number"
    assert (number.folder / "out.csv").read_text().splitlines()[1:] == ["30,1,gold,1.5", "20,3,gold,1.5"]


def test_every_bad_row_is_told_not_the_first_hundred(binary: Any) -> None:
    lines = [f"{i},x,1,gold" if i % 2 else f"{i},4" for i in range(500)]
    path = binary.file("code,age,visits,plan\n1,40,1,gold\n" + "\n".join(lines) + "\n")
    assert binary.predict(path, rejects=binary.folder / "bad.csv").aside == 500
    told = rejects(binary.folder)
    assert told["line"].astype(int).tolist() == list(range(3, 503))
    assert set(told["reason"].str.split(" ").str[0]) == {"has"}


@pytest.mark.parametrize("name", ["bad.csv", "bad.parquet", "bad.jsonl"])
def test_a_file_without_bad_rows_leaves_an_empty_file_of_them(binary: Any, name: str) -> None:
    binary.predict(binary.file("age,visits,plan\n40,1,gold\n"), rejects=binary.folder / name)
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".jsonl": lambda path: path.read_text()}
    assert len(read[Path(name).suffix](binary.folder / name)) == 0


def test_json_lines_that_are_no_objects_are_set_aside(binary: Any) -> None:
    path = binary.file(
        '{"age": 40, "visits": 1, "plan": "gold"}\n[1]\n{"age": 41, "visits": 2, "plan": null}\n', "new.jsonl"
    )
    found = binary.predict(path, "out.jsonl", rejects=binary.folder / "bad.csv")
    assert (found.rows, found.aside) == (2, 1)
    assert rejects(binary.folder)[["line", "reason", "text"]].values.tolist() == [["2", "is not a JSON object", "[1]"]]


def test_a_file_of_very_many_bad_rows_is_refused_and_leaves_nothing(
    binary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "MOST", 3)
    path = binary.file("age,visits,plan\n" + "40,1,gold\n" * 9 + "x,1,gold\n" * 4)
    with pytest.raises(SchemaMismatch, match="4 rows that would have to be set aside"):
        binary.predict(path, rejects=binary.folder / "bad.csv")
    assert [found.name for found in binary.folder.iterdir()] == ["new.csv"]


def test_a_file_of_rejects_of_no_known_format_is_refused(binary: Any) -> None:
    with pytest.raises(UsageError, match="no known format"):
        binary.predict(binary.file("age,visits,plan\n40,1,gold\n"), rejects=binary.folder / "bad.txt")
