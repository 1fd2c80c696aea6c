"""Writes what the program itself knows into docs/: the page of keys, and pictures of its screens on the demo's workspace.

python docs/make_docs.py            # keys.md, and screens/*.svg from a demo that runs now (a minute or two)
python docs/make_docs.py --keys     # keys.md, and the families' spaces, alone
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
from itertools import groupby
from pathlib import Path

from optuna.distributions import distribution_to_json

from mlops_tui.bootstrap import open_services
from mlops_tui.tui import screens
from mlops_tui.tui.actions import EVERYWHERE, REGISTRY, Action, shown_key
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tuning.engine.families import ALL

HERE = Path(__file__).parent
SIZE = (132, 40)
SCREENS = {
    "home": ("1",),
    "data": ("2",),
    "tune": ("3",),
    "runs": ("4",),
    "compare": ("4", "space", "space", "space", "c"),
    "models": ("6",),
    "monitor": ("7", *("less_than_sign",) * 3),
}
"""A picture's name, and the keys that lead to it."""


def keys_page() -> str:
    """Every action with its keys, by where it applies, as Markdown."""
    screens.load_all()
    names = [EVERYWHERE, *(entry.name for entry in screens.SCREENS)]
    places = {name: place for place, name in enumerate(names)}

    def order(action: Action) -> tuple[int, str]:
        return places.get(action.scope, len(places)), action.scope

    lines = [
        "# Keys",
        "",
        "Written by `make docs` from the registry of actions; `?` shows the same where one stands.",
        "",
    ]
    titles = {entry.name: entry.words for entry in screens.SCREENS} | {"sql": "SQL"}
    for (_, scope), actions in groupby(sorted(REGISTRY.all(), key=order), key=order):
        title = titles.get(scope, scope.capitalize())
        number = next((f" (`{entry.number}`)" for entry in screens.SCREENS if entry.name == scope), "")
        lines += [f"## {title}{number}", "", "| Key | Does | |", "| --- | --- | --- |"]
        lines += [_row(action) for action in actions]
        lines.append("")
    return "\n".join(lines)


def _row(action: Action) -> str:
    keys = " ".join(f"`{shown_key(key)}`" for key in action.keys) or f"`:{action.id}`"
    return f"| {keys} | {action.words} | {action.help} |"


async def draw(workspace: Path) -> None:
    """Takes the pictures, each once everything it shows is read."""
    services = open_services(workspace)
    app = MlopsApp(services)
    async with app.run_test(size=SIZE) as pilot:
        for name, keys in SCREENS.items():
            await pilot.press(*keys)
            for _ in range(3):
                await pilot.pause(0.5)
                await app.workers.wait_for_complete()
            (HERE / "screens" / f"{name}.svg").write_text(offline(app.export_screenshot(title="mlops-tui")), "utf-8")
    services.close()


def offline(svg: str) -> str:
    """The picture without fonts from the network: a reader's own fixed-width font is used."""
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")


def spaces() -> str:
    """Every family's distributions in Optuna's JSON, which the fronts read without Optuna."""
    told = {
        family.name: {key: json.loads(distribution_to_json(kind)) for key, kind in family.space.items()}
        for family in ALL
    }
    return json.dumps(told, indent=1) + "\n"


def main() -> None:
    """Writes everything, or the page of keys and the families' spaces alone."""
    (HERE / "keys.md").write_text(keys_page(), "utf-8")
    (HERE.parent / "mlops_tui" / "tuning" / "spaces.json").write_text(spaces(), "utf-8")
    if "--keys" in sys.argv:
        return
    (HERE / "screens").mkdir(exist_ok=True)
    workspace = Path(tempfile.gettempdir()) / "loans"  # its name is in the pictures
    workspace.mkdir()
    try:
        subprocess.run([sys.executable, "-m", "mlops_tui", "demo", "--headless", str(workspace)], check=True)
        asyncio.run(draw(workspace))
    finally:
        shutil.rmtree(workspace)


if __name__ == "__main__":
    main()
