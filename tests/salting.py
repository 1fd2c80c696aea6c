"""A source's salt, the same each time: which rows are held out is drawn, and what a test counts of them must not be."""

from __future__ import annotations

from mlops_tui.store.store import Store


def fix_salt(store: Store, source_id: str) -> None:
    """Gives the source the salt of the tests, before any row of it is held out."""
    with store.write() as writing:
        writing.execute("UPDATE source SET salt = 'pepper' WHERE id = ?", (source_id,))
