"""Tables and pictures that a run keeps, as the query worker tells of them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mlops_tui.core.errors import FileUnreadable, ModelFileError, UnknownColumn, UnknownName, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.engine.image import artifact_image
from mlops_tui.runs.engine.rows import artifact_page
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import artifacts_of
from mlops_tui.store.artifact import place
from mlops_tui.store.store import Store

FRAME = pd.DataFrame({"id": range(100), "score": np.linspace(0, 1, 100), "split": ["train", "test"] * 50})


@pytest.fixture
def run(store: Store) -> RunLog:
    return RunLog(store, *start_run(store, name="r"))


@pytest.fixture
def page(store: Store, run: RunLog) -> Callable[..., dict[str, Any]]:
    return lambda name, **part: artifact_page(AnswerContext(store, Settings()), run=run.id, name=name, **part)


@pytest.fixture
def image(store: Store, run: RunLog) -> Callable[..., dict[str, Any]]:
    def told(name: str, width: int = 20, height: int = 10, **part: Any) -> dict[str, Any]:
        context = AnswerContext(store, Settings())
        return artifact_image(context, run=run.id, name=name, width=width, height=height, **part)

    return told


def keep_image(run: RunLog, picture: Image.Image, name: str = "a.png", **how: Any) -> None:
    content = BytesIO()
    picture.save(content, format=how.pop("format", "PNG"), **how)
    run.log_bytes(content.getvalue(), name)


def pixels(told: dict[str, Any]) -> np.ndarray:
    across, down = told["cells"]
    return np.frombuffer(base64.b64decode(told["pixels"]), np.uint8).reshape(2 * down, 2 * across, 3)


WRITERS: dict[str, Callable[[Path], None]] = {
    "a.csv": lambda path: FRAME.to_csv(path, index=False),
    "a.tsv": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "a.parquet": lambda path: FRAME.to_parquet(path),
    "a.feather": lambda path: FRAME.to_feather(path),
    "a.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_is_paged_filtered_and_sorted_whatever_its_format(
    name: str, run: RunLog, page: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    WRITERS[name](tmp_path / name)
    run.log_artifact(tmp_path / name, f"tables/{name}")
    found = page(f"tables/{name}", where="split = test and score > 0.5", sort="id", descending=True, limit=2)
    assert [column["name"] for column in found["columns"]] == ["id", "score", "split"]
    assert (found["total"], found["matched"]) == (100, 25)
    assert [row[0] for row in found["rows"]] == [99, 97]


def test_what_is_wrong_with_a_table_is_told_by_its_own_name(
    run: RunLog, page: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"this is no parquet file")
    run.log_artifact(tmp_path / "bad.parquet")
    with pytest.raises(FileUnreadable) as failed:
        page("bad.parquet")
    assert "bad.parquet" in failed.value.title
    run.log_text("a,b\n1,2\n", "good.csv")
    with pytest.raises(UnknownColumn):
        page("good.csv", where="c > 1")
    with pytest.raises(UnknownName, match="It has"):
        page("none.csv")
    run.log_text("words", "notes.txt")
    with pytest.raises(UsageError, match="is no table"):
        page("notes.txt")


@pytest.mark.parametrize("again", [False, True])
def test_bytes_that_are_not_those_that_were_kept_are_never_shown(
    again: bool, store: Store, run: RunLog, page: Callable[..., dict[str, Any]]
) -> None:
    """Neither at first nor once it was seen as it was."""
    run.log_text("a,b\n1,2\n", "good.csv")
    if again:
        assert page("good.csv")["rows"] == [[1, 2]]
    [kept] = [one for one in artifacts_of(store.reader, run.id) if one.name == "good.csv"]
    path = place(store.workspace, kept.hash)
    path.chmod(0o600)
    path.write_text("a,b\n1,3333\n")
    with pytest.raises(ModelFileError, match="was changed"):
        page("good.csv")


def test_a_whole_picture_fits_and_keeps_its_shape(run: RunLog, image: Callable[..., dict[str, Any]]) -> None:
    """A cell is twice as high as it is wide."""
    keep_image(run, Image.new("RGB", (400, 100), (10, 200, 30)))
    told = image("a.png", 80, 40)
    assert (told["cells"], told["size"], told["box"]) == ([80, 10], [400, 100], [0, 0, 1, 1])
    assert (pixels(told) == (10, 200, 30)).all()
    assert image("a.png", 1000, 4)["cells"] == [32, 4]


def test_a_part_that_is_enlarged_is_that_part(run: RunLog, image: Callable[..., dict[str, Any]]) -> None:
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste((255, 0, 0), (75, 75, 100, 100))
    keep_image(run, picture)
    corner = image("a.png", 20, 10, zoom=4.0, x=1.0, y=1.0)
    assert corner["box"] == [0.75, 0.75, 1.0, 1.0]
    assert (pixels(corner)[2:, 2:] == (255, 0, 0)).all()  # at its edge it is blended with what lies beside it
    assert (pixels(image("a.png", 20, 10, zoom=4.0, x=0.0, y=0.0)) == 255).all()


def test_what_is_transparent_is_white(run: RunLog, image: Callable[..., dict[str, Any]]) -> None:
    keep_image(run, Image.new("RGBA", (20, 20), (0, 0, 0, 0)))
    assert (pixels(image("a.png")) == 255).all()


def test_sixteen_bits_of_grey_are_told_from_dark_to_bright(run: RunLog, image: Callable[..., dict[str, Any]]) -> None:
    keep_image(
        run, Image.fromarray(np.linspace(1000, 60_000, 400).reshape(1, 400).repeat(100, axis=0).astype(np.uint16))
    )
    row = pixels(image("a.png", 40, 5))[0, :, 0].astype(int)
    assert row[0] < 20
    assert row[-1] > 235
    assert (np.diff(row) >= 0).all()


def test_an_animation_shows_its_first_frame(run: RunLog, image: Callable[..., dict[str, Any]]) -> None:
    first, second = (Image.new("RGB", (20, 20), colour) for colour in ("red", "blue"))
    keep_image(run, first, "a.gif", format="GIF", save_all=True, append_images=[second])
    told = image("a.gif")
    assert (told["frames"], told["format"]) == (2, "GIF")
    assert (pixels(told) == (255, 0, 0)).all()


def test_what_is_no_picture_or_a_cut_one_or_a_bomb_is_refused(
    run: RunLog, image: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    run.log_text("words", "words.png")
    with pytest.raises(FileUnreadable, match=r"words\.png cannot be read as a picture"):
        image("words.png")
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (200, 200, 3), np.uint8))
    noise.save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:5000])
    run.log_artifact(tmp_path / "cut.png")
    with pytest.raises(FileUnreadable, match=r"cut\.png cannot be read"):
        image("cut.png")
    keep_image(run, Image.new("1", (20_000, 20_000)), "bomb.png")
    with pytest.raises(FileUnreadable, match=r"20,000 x 20,000 pixels"):
        image("bomb.png")
