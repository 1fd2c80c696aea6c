"""A picture that a run keeps as a file, as large as it is shown."""

from __future__ import annotations

import base64
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.core.printable import printable
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.runs.engine.rows import kept_at
from mlops_tui.runs.query import find_artifact, get_run

Image.MAX_IMAGE_PIXELS = None  # what is too large is refused below, with its size
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
MOST_PIXELS = 100_000_000
"""A picture of more is not unpacked: a few bytes may stand for more than the machine's memory."""
CELL_PIXELS = 4
"""So many pixels of a picture's cell: two beside each other, each twice as high as it is wide, in two lines."""
TALL = 2.0
"""Heights of a cell, in widths."""
GREATEST = 1024
"""Cells of a side."""


def artifact_image(
    context: AnswerContext,
    *,
    run: str,
    name: str,
    width: int,
    height: int,
    zoom: float = 1.0,
    x: float = 0.5,
    y: float = 0.5,
) -> dict[str, Any]:
    """The part of a picture around `(x, y)`, shares of its width and height, that fits so many cells when enlarged `zoom` times.

    With zoom 1 the whole picture fits. Transparent parts are white.

    Returns `{format, size, frames, cells, box, pixels}`: `size` is the picture's in pixels, `cells` that of the part, `box` the
    part's left, top, right and bottom as shares, `pixels` RGB bytes in base64, 2 · cells high and 2 · cells wide.

    Raises UnknownName, ModelFileError (it is gone or was changed), FileUnreadable (it is no picture, or too large a one).
    """
    found = get_run(context.store.reader, run)
    path = kept_at(context.store, find_artifact(context.store.reader, found, name))
    width, height = (max(1, min(side, GREATEST)) for side in (width, height))
    try:
        with Image.open(path, formats=FORMATS) as opened:
            kind, frames = str(opened.format), getattr(opened, "n_frames", 1)
            if opened.width * opened.height > MOST_PIXELS:
                raise FileUnreadable(
                    f"{printable(name)} has {opened.width:,} x {opened.height:,} pixels.",
                    f"Pictures of more than {MOST_PIXELS // 10**6} million are not opened here: write it out.",
                )
            picture = _on_white(ImageOps.exif_transpose(opened))
    except (OSError, SyntaxError, ValueError) as error:
        reason = "It is no PNG, JPEG, GIF, WebP or BMP" if isinstance(error, UnidentifiedImageError) else str(error)
        raise FileUnreadable(
            f"{printable(name)} cannot be read as a picture.", f"{printable(reason).rstrip('.')[:200]}."
        ) from error
    scale = min(width / picture.width, height * TALL / picture.height) * max(1.0, zoom)
    wide, high = min(picture.width, width / scale), min(picture.height, height * TALL / scale)
    left = min(max(x * picture.width - wide / 2, 0.0), picture.width - wide)
    top = min(max(y * picture.height - high / 2, 0.0), picture.height - high)
    across, down = max(1, round(wide * scale)), max(1, round(high * scale / TALL))
    method = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.HAMMING
    shown = picture.resize((2 * across, 2 * down), method, box=(left, top, left + wide, top + high))
    return {
        "format": kind,
        "size": [picture.width, picture.height],
        "frames": frames,
        "cells": [across, down],
        "box": [
            left / picture.width,
            top / picture.height,
            (left + wide) / picture.width,
            (top + high) / picture.height,
        ],
        "pixels": base64.b64encode(shown.tobytes()).decode("ascii"),
    }


def _on_white(opened: Image.Image) -> Image.Image:
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        seen = opened.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(ground, seen).convert("RGB")
    if opened.mode.startswith("I") or opened.mode == "F":  # more than eight bits a pixel
        least, most = opened.getextrema()
        span = (float(most) - float(least)) or 1.0  # type: ignore[arg-type]
        return opened.point(lambda value: (value - least) * (255.0 / span)).convert("L").convert("RGB")
    return opened.convert("RGB")
