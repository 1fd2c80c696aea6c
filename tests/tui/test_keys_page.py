"""The page of keys in docs/ says what the program does."""

from __future__ import annotations

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_keys_is_the_registry_of_today() -> None:
    """`make docs` writes it anew."""
    spec = importlib.util.spec_from_file_location("make_docs", DOCS / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    make_docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_docs)
    assert (DOCS / "keys.md").read_text("utf-8") == make_docs.keys_page()
