"""Options that mean the same in every command."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option("--limit", help="At most so many.", min=1)]
Offset = Annotated[int, typer.Option("--offset", help="Leave out the first ones.", min=0)]
SourceName = Annotated[str, typer.Argument(metavar="N", help="A source: its name, or a part of its id.")]
AnySource = Annotated[str | None, typer.Argument(metavar="[N]", help="A source; all of them where none is named.")]
