"""Pictures of a run, from whatever drew them: matplotlib, Plotly, Altair or Pillow. None of them is imported here."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from typing import Any

from mlops_tui.api.tracking import active_run
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.runs.artifact import valid_name


def log_figure(figure: Any, name: str) -> None:
    """Keeps a picture with the active run, as the ending of its name says: `roc.png`, `roc.svg`, `roc.html`.

    Raises:
        UsageError: no run is active, it is no figure, or it cannot be written in that way.
    """
    run = active_run()
    named = valid_name(name)
    ending = PurePosixPath(named).suffix.removeprefix(".").lower() or "png"
    if not PurePosixPath(named).suffix:
        named = f"{named}.png"
    try:
        content = _drawn(figure, ending)
    except (ValueError, KeyError, OSError, ImportError) as error:
        raise UsageError(
            f"The figure cannot be written as {printable(named)}: {error}.", "Name it .png, or .html for Plotly."
        ) from error
    run.log_bytes(content, named)


def _drawn(figure: Any, ending: str) -> bytes:
    if hasattr(figure, "figure") and not hasattr(figure, "savefig"):
        figure = figure.figure  # axes, or what seaborn gives
    written = io.BytesIO()
    if hasattr(figure, "savefig"):
        figure.savefig(written, format=ending, bbox_inches="tight")
        return written.getvalue()
    if hasattr(figure, "to_html") and ending in ("html", "htm"):
        return str(figure.to_html()).encode()
    if hasattr(figure, "to_image"):
        return bytes(figure.to_image(format=ending))
    if hasattr(figure, "mode") and hasattr(figure, "save"):  # Pillow's
        figure.save(written, format={"jpg": "jpeg"}.get(ending, ending))
        return written.getvalue()
    raise UsageError(
        f"A {type(figure).__name__} is no figure.", "Give one of matplotlib, Plotly or Pillow, or use log_artifact."
    )
