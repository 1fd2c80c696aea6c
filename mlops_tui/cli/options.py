"""Options that mean the same in every command."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option("--limit", help="At most so many.", min=1)]
Offset = Annotated[int, typer.Option("--offset", help="Leave out the first ones.", min=0)]
SourceName = Annotated[str, typer.Argument(metavar="N", help="A source: its name, or a part of its id.")]
AnySource = Annotated[str | None, typer.Argument(metavar="[N]", help="A source; all of them where none is named.")]
ModelName = Annotated[str, typer.Argument(metavar="M", help="A model's name, or a part of its id.")]


def _version_number(text: str) -> int:
    """`2` or `v2`."""
    digits = text.removeprefix("v")
    if not (digits.isascii() and digits.isdecimal() and int(digits)):
        raise typer.BadParameter(f"{text!r} is no version: write its number, such as 2.")
    return int(digits)


VersionNumber = Annotated[int, typer.Argument(metavar="V", help="The version: 2 or v2.", parser=_version_number)]
Also = Annotated[
    list[str] | None,
    typer.Option("--also", metavar="GATE", help="A gate that is asked by name alone; may be given again."),
]
