"""Gates of a person's own: one SQL statement, a function of a Python file, or a command's exit code."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.reading import locked_connection
from mlops_tui.data.engine.sql import require_select
from mlops_tui.registry.engine.gates.evidence import Evidence
from mlops_tui.registry.engine.gates.judged import JudgedRows
from mlops_tui.registry.engine.gates.said import Said, fails, passes, untold
from mlops_tui.registry.engine.labels import called_codes
from mlops_tui.registry.gates import CANNOT_TELL, FAIL, PASS, Gate
from mlops_tui.registry.threshold import threshold_of
from mlops_tui.store.artifact import place

CANNOT_TELL_CODE = 75
"""A command's exit code that says neither yes nor no (`EX_TEMPFAIL` of sysexits.h)."""
LINE = 300


def own(evidence: Evidence, gate: Gate) -> Said:
    """What a gate of the person's own says, however it is told."""
    if gate.own == "command" and evidence.version.study_id is None:
        return _command(evidence, gate, None)  # a load test needs no rows, and nobody knows which ones it learnt from
    rows = evidence.rows(gate.options["rows"])
    way: Callable[[Evidence, Gate, JudgedRows], Said] = {"sql": _sql, "python": _python, "command": _command}[
        gate.own or ""
    ]
    said = way(evidence, gate, rows)
    figures = {name: getattr(said, name) for name in ("value", "threshold")}
    return Said(said.verdict, said.why, **figures, n=len(rows.truth), evidence=evidence.told(rows), looked=True)


def predicted(evidence: Evidence, rows: JudgedRows) -> pd.DataFrame:
    """The judged rows with `prediction`, and `probability` of the positive class of two or `probability_CLASS` of more."""
    signature = evidence.version.signature
    said = evidence.scores(rows)
    found = rows.frame.copy()
    if not signature.is_classifier:
        return found.assign(prediction=said)
    found["prediction"] = np.array(signature.classes, dtype=object)[
        called_codes(said, signature, threshold_of(evidence.version))
    ]
    if len(signature.classes) == 2:
        return found.assign(probability=said[:, signature.positive_code])
    return found.assign(**{f"probability_{label}": said[:, code] for code, label in enumerate(signature.classes)})


def _sql(evidence: Evidence, gate: Gate, rows: JudgedRows) -> Said:
    statement = require_select(gate.options["sql"])
    with locked_connection([]) as con:
        con.register("rows", predicted(evidence, rows))
        try:
            found = con.execute(statement).fetchall()
        except duckdb.Error as error:
            first = str(error).split("\n")[0]
            raise UsageError(
                f"The statement of the gate {gate.name} is refused: {first}", "Mend it in the gates' file."
            ) from None
    if len(found) != 1 or len(found[0]) != 1 or isinstance(found[0][0], str):
        raise UsageError(
            f"The statement of the gate {gate.name} does not give one number.",
            "Select one: SELECT count(*) FROM rows WHERE …",
        )
    return _of_number(gate, None if found[0][0] is None else float(found[0][0]))


def _of_number(gate: Gate, number: float | None) -> Said:
    least, most = gate.options["least"], gate.options["most"]
    if number is None or number != number:
        return untold("there is no number to judge by")
    allowed = " to ".join(part for part in ("" if least is None else f"{least:g}", "" if most is None else f"{most:g}"))
    words = f"at least {least:g}" if most is None else f"at most {most:g}" if least is None else allowed
    limit = most if most is not None and (least is None or number > least) else least
    is_within = (least is None or number >= least) and (most is None or number <= most)
    return (passes if is_within else fails)(f"{number:g}; allowed: {words}", value=number, threshold=float(limit))


def _python(evidence: Evidence, gate: Gate, rows: JudgedRows) -> Said:
    name, _, function = gate.options["python"].rpartition(":")
    path = evidence.store.workspace.root / name
    told = _function(path, function, gate.name)
    try:
        found = told(predicted(evidence, rows))
    except Exception as error:  # a person's code may raise anything
        traceback.print_exc()
        last = printable(str(error))[:LINE]
        raise UsageError(f"The gate {gate.name} raised {type(error).__name__}: {last}", f"Mend {name}.") from error
    why = ""
    if isinstance(found, tuple) and len(found) == 2:
        found, why = found[0], printable(str(found[1]))
    if found is None:
        return untold(why or "the function said None")
    if isinstance(found, bool | np.bool_):
        return passes(why or "the function said True") if found else fails(why or "the function said False")
    if isinstance(found, str) and found in (PASS, FAIL, CANNOT_TELL):
        return Said(found, why or "the function said so")
    if isinstance(found, int | float | np.number):
        if (gate.options["least"], gate.options["most"]) != (None, None):
            return _of_number(gate, float(found))
        raise UsageError(
            f"The gate {gate.name} gave {float(found):g}, and nothing says which numbers are allowed",
            "Name least or most in its table of the gates' file.",
        )
    raise UsageError(
        f"The gate {gate.name} gave {found!r}.",
        "Let the function give True, False, None, or a number where least or most is named; with a reason as a pair.",
    )


def _function(path: Path, function: str, gate: str) -> Callable[[pd.DataFrame], Any]:
    remedy = 'Name FILE:FUNCTION, the file below the workspace: python = "gates.py:fair"'
    if not function.isidentifier() or not path.is_file():
        raise UsageError(f"The gate {gate} names no function of a file that is there.", remedy)
    module_name = f"mlops_tui_gate_{abs(hash(path))}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a person's code may raise anything
        traceback.print_exc()
        raise UsageError(
            f"{path.name} of the gate {gate} cannot be run: {type(error).__name__}: {printable(str(error))[:LINE]}",
            f"Mend {path}.",
        ) from error
    found = getattr(module, function, None)
    if not callable(found):
        raise UsageError(f"{path.name} has no function {function}, which the gate {gate} names.", remedy)
    return found


def _command(evidence: Evidence, gate: Gate, rows: JudgedRows | None) -> Said:
    version, workspace = evidence.version, evidence.store.workspace
    with tempfile.TemporaryDirectory(prefix="mlops-gate-") as folder:
        judged = Path(folder) / "rows.parquet"
        if rows is not None:
            with duckdb.connect() as con:
                con.register("rows", predicted(evidence, rows))
                con.execute(f"COPY rows TO '{judged}' (FORMAT parquet)")
        given = {
            **os.environ,
            "MLOPS_MODEL": version.model,
            "MLOPS_VERSION": str(version.number),
            "MLOPS_CHAMPION": str(evidence.champion.number) if evidence.champion else "",
            "MLOPS_MODEL_FILE": str(place(workspace, version.artifact)),
            "MLOPS_ROWS": str(judged) if rows is not None else "",
            "MLOPS_WORKSPACE": str(workspace.root),
        }
        code, printed = _ended(gate, workspace.root, given, Path(folder) / "output")
    if code is None:
        return untold(f"the command took longer than {gate.options['seconds']:g} s")
    if code in (126, 127):  # as the shell says that there is no such program, or that it cannot be run
        raise UsageError(
            f"The command of the gate {gate.name} cannot be run: {printable(printed.strip())[:LINE]}",
            "Mend it in the gates' file.",
        )
    print(printed, file=sys.stdout, flush=True)
    last = next((line for line in reversed(printed.splitlines()) if line.strip()), "")
    verdict = {0: PASS, CANNOT_TELL_CODE: CANNOT_TELL}.get(code, FAIL)
    return Said(verdict, printable(last.strip())[:LINE] or f"the command ended with exit code {code}")


def _ended(gate: Gate, folder: Path, given: dict[str, str], output: Path) -> tuple[int | None, str]:
    """The exit code, None where it took too long, and what the command printed. It prints into a file: a pipe may be held open for ever
    by what it has started.
    """
    try:
        with output.open("wb") as out:
            ended = subprocess.run(
                ["/bin/sh", "-c", gate.options["command"]],
                cwd=folder,
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=gate.options["seconds"],
                check=False,
            )
    except subprocess.TimeoutExpired:
        return None, ""
    except OSError as error:
        raise UsageError(
            f"The command of the gate {gate.name} cannot be run: {error}.", "Mend it in the gates' file."
        ) from None
    return ended.returncode, output.read_text("utf-8", "replace")
