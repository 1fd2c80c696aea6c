"""What holds for every file of the product."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import mlops_tui

PRODUCT = Path(mlops_tui.__file__).parent
FILES = sorted(path for path in PRODUCT.rglob("*") if path.suffix in (".py", ".pyi", ".tcss", ".toml", ".md"))
MODULES = [path for path in FILES if path.suffix == ".py"]
PACKAGES = sorted({path.parent for path in MODULES})

ISSUE = re.compile(r"(?<![\w&#])#\d{1,5}(?![\w])|\b(issue|ticket|bug|pull request)s? +#?\d+", re.IGNORECASE)
"""A number of a tracker, which says nothing to who reads the file. A colour has six digits."""


def named(path: Path) -> str:
    return path.relative_to(PRODUCT.parent).as_posix()


@pytest.mark.parametrize("text", ["# see #12", "(#7)", "fixes issue 7", "Ticket #3", "bug 44"])
def test_the_number_of_an_issue_is_known_for_one(text: str) -> None:
    assert ISSUE.search(text)


@pytest.mark.parametrize("text", ["#112233", "#ff0000", "colour: #112233aa;", "an issue of 2 files", "&#39;"])
def test_a_colour_is_not_taken_for_one(text: str) -> None:
    assert not ISSUE.search(text)


def test_no_file_names_the_number_of_an_issue() -> None:
    found = [
        f"{named(path)}:{number}: {line.strip()}"
        for path in FILES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if ISSUE.search(line)
    ]
    assert found == []


def test_every_package_is_one_and_says_in_a_line_what_it_holds() -> None:
    for package in PACKAGES:
        init = package / "__init__.py"
        assert init.exists(), f"{named(package)} is no package"
        said = ast.get_docstring(ast.parse(init.read_text("utf-8")))
        assert said, f"{named(init)} has no docstring"
        assert said.splitlines()[0].endswith((".", ":")), f"{named(init)} begins with no sentence"


def test_every_module_says_what_it_is_about() -> None:
    assert len(MODULES) > 100
    silent = [named(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "tools", "stuff", "shared"}
    names = {part.removesuffix(".py") for path in MODULES for part in path.relative_to(PRODUCT).parts}
    assert not names & vague
