"""Formats of model files, told by their first bytes; nothing of a file is parsed or loaded for it."""

from __future__ import annotations

import re
from pathlib import Path

from mlops_tui.core.errors import ModelFileError, UsageError
from mlops_tui.core.printable import printable

SKOPS, ONNX, JOBLIB = "skops", "onnx", "joblib"
LIBRARIES = {SKOPS: "scikit-learn", ONNX: "onnxruntime", JOBLIB: "scikit-learn"}
"""The package whose version decides whether a file of that format can be read."""
ENDINGS = {SKOPS: ".skops", ONNX: ".onnx", JOBLIB: ".joblib"}

BEGINNING = 256
"""So many bytes are looked at."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PACKED = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x5d\x00",
    b"\x04\x22\x4d\x18",
    b"ZF",
    b"x\x01",
    b"x\x5e",
    b"x\x9c",
    b"x\xda",
)
"""How joblib's compressed files begin: gzip, bzip2, xz, lzma, lz4, its own older one, zlib."""
_PICKLED = re.compile(rb"\x80[\x02-\x05]|c[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n")
"""A pickle of protocol 2 and later says so first; an older one of an object names its class."""
_PROTOBUF = re.compile(rb"\x08[\x01-\x7f][\x12\x1a\x22\x28\x32\x3a\x42]")
"""An ONNX file begins with its version of the format and goes on with another of the model's fields."""


def format_of(path: Path) -> str:
    """Which format the file's content has, whatever its name says; `joblib` stands for every pickle.

    Raises:
        ModelFileError: none that a model can have, or it cannot be read.
    """
    name = printable(path.name)
    try:
        with path.open("rb") as file:
            head = file.read(BEGINNING)
    except OSError as error:
        raise ModelFileError(f"{name} cannot be read: {error.strerror}.", "Let it be read, or name another.") from error
    if head.startswith(_ZIP):
        return SKOPS
    if _PICKLED.match(head) or head.startswith(_PACKED):
        return JOBLIB
    if _PROTOBUF.match(head):
        return ONNX
    what = "is empty" if not head else "is no model file that is known here"
    raise ModelFileError(f"{name} {what}.", "Write the model with skops, as ONNX, or with joblib.")


def is_file(path: Path) -> bool:
    """Whether there is a file of that name; none where it is no name that a file can have."""
    try:
        return path.is_file()
    except OSError:
        return False


def require_file(path: Path) -> None:
    """Raises UsageError where there is no file of that name."""
    try:
        what = None if path.is_file() else "is a folder" if path.is_dir() else "is not there"
    except OSError as error:  # a name that is too long, or a place that may not be looked at
        what = f"cannot be read: {error.strerror}"
    if what is not None:
        raise UsageError(f"{printable(str(path))} {what}.", "Name a model file: skops, ONNX or joblib.")


def refuse_pickle(path: Path, format_: str, *, trust: bool) -> None:
    """Raises ModelFileError for a pickle that nobody vouched for, or that is named as if it were something safer."""
    if format_ != JOBLIB:
        return
    name = printable(path.name)
    claimed = next((known for known, ending in ENDINGS.items() if path.suffix.lower() == ending), JOBLIB)
    if claimed != JOBLIB:
        raise ModelFileError(
            f"{name} is named as a file of {claimed} and is a pickle, which runs code as it is loaded.",
            "It is not loaded. Ask who made it; where it is what it should be, name it .joblib and trust it (--trust).",
        )
    if not trust:
        raise ModelFileError(
            f"{name} is a pickle, which runs whatever code is in it as it is loaded.",
            "Trust it (--trust) where you know who made it, or have it written with skops.",
        )
