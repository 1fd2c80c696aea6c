"""Which keys of the Data screen are told first: those for what is in sight."""

from __future__ import annotations

from mlops_tui.bootstrap import Services
from mlops_tui.tui.app import MlopsApp
from tests.living import Living
from tests.tui.loans import HEADER, write_rows
from tests.tui.seeing import look


def _footer(shown: str) -> str:
    return shown.splitlines()[-1]


async def test_the_footer_of_a_file_has_what_helps_that_file(loans: Services) -> None:
    """Released where it can be read, mended and scanned where it cannot; sources and SQL are not in their way."""
    months = loans.workspace.root / "months"
    write_rows(months / "2026-00.csv", 30, seed=44, header=HEADER[:3])
    (months / "2026-05.csv").write_bytes(b"loan\n\x00\n")
    living = Living(loans.workspace.root)
    living.do("scan", {"sources": None})
    living.close()
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = _footer(await look(pilot, "2", "down", "F"))
        assert all(key in listed for key in ("r release", "x check", "/ filter"))
        opened = _footer(await look(pilot, "enter"))
        assert all(key in opened for key in ("r release", "v rows", "s scan", "x check"))
        listed = _footer(await look(pilot, "escape", "G"))
        assert all(key in listed for key in ("x check", "/ filter", "s scan"))
        assert "r release" not in listed
        assert "n new" not in listed
        opened = _footer(await look(pilot, "enter"))
        assert all(key in opened for key in ("v rows", "s scan", "x check"))
        assert "n new" not in opened
