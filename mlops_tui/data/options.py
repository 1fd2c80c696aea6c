"""How a file is to be read: what a person sets, and what is sniffed where nothing is set."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from mlops_tui.core.errors import DataError

_SPECIFIERS = re.compile(r"%-?[aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%]")

ENCODINGS = ("utf-8", "utf-16", "latin-1")
"""The encodings that DuckDB reads without an extension."""
SPELLINGS = {"utf8": "utf-8", "utf16": "utf-16", "latin1": "latin-1", "iso88591": "latin-1"}
"""Of encodings, in small letters and without `-` and `_`."""

MOST_SKIPPED = 100_000
"""Lines above a table."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options of one file or source; None is sniffed from the file. Parquet and Arrow need none of them.

    `missing` are the fields read as no value; `date_format` and `timestamp_format` are strftime patterns. Lines that begin
    with `comment` are no rows ("" for none); `skip` is how many lines stand above the table, which are sought only where
    `delimiter` or `header` is; `sheet` is the one of a workbook that is read, its first where None.
    """

    delimiter: str | None = None
    header: bool | None = None
    encoding: str | None = None
    decimal: str | None = None
    quote: str = '"'
    escape: str = '"'
    comment: str | None = None
    date_format: str | None = None
    timestamp_format: str | None = None
    missing: tuple[str, ...] = ("",)
    sheet: str | None = None
    skip: int | None = None

    ending: ClassVar[str | None] = None
    """The ending that tells the format, such as `.csv`, where it is not that of the file's name."""

    def __post_init__(self) -> None:
        if self.encoding is not None:
            plain = re.sub("[-_ ]", "", self.encoding.lower())
            object.__setattr__(self, "encoding", SPELLINGS.get(plain, self.encoding))
        if self.encoding is not None and self.encoding not in ENCODINGS:
            raise DataError(f"The encoding {self.encoding!r} cannot be read.", f"Use one of {', '.join(ENCODINGS)}.")
        if self.decimal not in (None, ".", ","):
            raise DataError(f"The decimal separator {self.decimal!r} cannot be read.", "Use a point or a comma.")

        if self.skip is not None and not (type(self.skip) is int and 0 <= self.skip <= MOST_SKIPPED):
            raise DataError(
                f"So many lines cannot be skipped: {self.skip}.", f"Use a whole number from 0 to {MOST_SKIPPED:,}."
            )
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise DataError(f"The delimiter {self.delimiter!r} cannot be read.", "Use one character; tab for a tab.")
        for name in ("quote", "escape"):
            if len(getattr(self, name)) > 1:
                raise DataError(
                    f"The {name} mark {getattr(self, name)!r} cannot be read.", "Use one character, or none."
                )
        if self.comment is not None and len(self.comment) > 1:
            raise DataError(f"The mark of a comment {self.comment!r} cannot be read.", "Use one character, or none.")

        for pattern in (self.date_format, self.timestamp_format):
            if pattern is not None and ("%" not in pattern or _SPECIFIERS.sub("", pattern).count("%")):
                raise DataError(
                    f"The format {pattern!r} cannot be read.",
                    "Use one such as '%d.%m.%Y', or '%d.%m.%Y %H:%M' of times.",
                )

    def to_json(self) -> str:
        """The options as a JSON object."""
        return json.dumps(asdict(self))

    def told(self) -> dict[str, Any]:
        """The options that say something: neither left to be sniffed nor what they are anyway."""
        plain = ReadOptions()
        found = {name: value for name, value in asdict(self).items() if value != getattr(plain, name)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}

    @classmethod
    def from_json(cls, text: str) -> ReadOptions:
        """The options that `to_json` wrote; keys of a later version are refused with DataError."""
        read = json.loads(text)
        if unknown := sorted(set(read) - {field.name for field in fields(cls)}):
            raise DataError(f"There is no option of reading named {unknown[0]!r}.", "Remove it, or update mlops-tui.")
        return cls(**{**read, "missing": tuple(read.get("missing", ("",)))})
