"""Where it comes from: what it learnt from, the code that made it, what is said on its card."""

from __future__ import annotations

import re

import numpy as np

from mlops_tui.core.printable import printable
from mlops_tui.data.model import QUARANTINED
from mlops_tui.data.query import findings_of, get_source, members
from mlops_tui.evaluation.held_out import content_hashes
from mlops_tui.registry.engine.gates.evidence import Evidence
from mlops_tui.registry.engine.gates.said import Said, fails, not_applicable, passes, untold
from mlops_tui.registry.engine.labels import codes
from mlops_tui.registry.gates import ROWS, Gate
from mlops_tui.tuning.engine.leakage import leaks

NAMED_FROM = 4
"""A target's name of fewer letters is in other names by chance."""
SAME_ROWS = 0.01
"""Of the judged rows so many may be among those that it learnt from, beside those that are there twice by themselves."""
_PLAIN = re.compile(r"[^a-z0-9]+")


def leakage(evidence: Evidence, gate: Gate) -> Said:
    """Signs that a figure is better than what comes will be: one is enough to fail, a name alone is not."""
    del gate
    prepared, study, version = evidence.prepared, evidence.study, evidence.version
    source = get_source(evidence.store.reader, study.source_id)
    classes = version.signature.classes
    y = codes(prepared.y_training, classes) if classes else prepared.y_training
    used = [feature for feature in prepared.features if feature.name in version.signature.names]
    signs = [
        f"'{printable(name)}' alone tells '{printable(study.target)}'"
        for name in leaks(prepared.training, used, y, study.task)
    ]
    for role, column in (("id", source.id_column), ("time", source.time_column), ("group", source.group_column)):
        if column in version.signature.names:
            signs.append(f"the {role} column '{printable(str(column))}' is learnt from")
    if (share := _twice(evidence)) > SAME_ROWS:
        signs.append(f"{share:.0%} of the judged rows are among those that it learnt from, but for their id")
    if signs:
        return fails("; ".join(signs), evidence={"signs": signs})
    if named := [name for name in version.signature.names if _is_named_like(name, study.target)]:
        return untold(
            f"'{printable(named[0])}' is named like the target '{printable(study.target)}': is it known before the target is?"
        )
    return passes(f"no sign in {len(used):,} columns")


def _twice(evidence: Evidence) -> float:
    """The share of the judged rows that stand among the training rows, less twice what is to be expected from those that stand among
    the judged ones more than once.
    """
    rows = evidence.rows(ROWS.default)
    columns = [*evidence.version.signature.names, evidence.study.target]
    judged, learnt = content_hashes(rows.frame[columns]), content_hashes(evidence.prepared.training[columns])
    twins = 1 - len(np.unique(judged)) / len(judged)
    return float(np.isin(judged, learnt).mean()) - 2 * twins * max(1.0, len(learnt) / len(judged))


def _is_named_like(name: str, target: str) -> bool:
    plain, aim = (_PLAIN.sub("", text.lower()) for text in (name, target))
    return plain == aim or (len(aim) >= NAMED_FROM and aim in plain)


def training_data(evidence: Evidence, gate: Gate) -> Said:
    """What became of the files of its data version."""
    del gate
    reader, version = evidence.store.reader, evidence.version
    if version.study_id is None or version.source_id is None or version.data_version is None:
        return not_applicable("it is of no study, so its data is not known")
    files = members(reader, version.source_id, version.data_version)
    bad = [file for file in files if file.state == QUARANTINED and file.released is None]
    if bad:
        return fails(
            f"{printable(bad[0].path)} is quarantined: {bad[0].reason or 'a check failed'}{_more(len(bad))}",
            n=len(files),
        )
    released = [file for file in files if file.released is not None]
    if released:
        why = f"{printable(released[0].path)} broke a check and was let in: {printable(released[0].released or '')}"
        return untold(f"{why}{_more(len(released))}", n=len(files))
    found = sum(len(findings_of(reader, file.id)) for file in files)
    warned = f"; {found:,} {'warning' if found == 1 else 'warnings'} of checks" if found else ""
    return passes(
        f"{len(files):,} {'file' if len(files) == 1 else 'files'}, none of them quarantined{warned}", n=len(files)
    )


def _more(count: int) -> str:
    return f", and {count - 1:,} more" if count > 1 else ""


def code_committed(evidence: Evidence, gate: Gate) -> Said:
    """The repository that the workspace is in, as it was when the version was registered."""
    del gate
    code, file = evidence.version.code, evidence.version.file
    if file is not None:
        return not_applicable(f"it was made elsewhere, and registered from {printable(file)}")
    if not code:
        return not_applicable("the workspace is in no git repository")
    commit = str(code["commit"])[:10]
    return fails(f"there were changes beside the commit {commit}") if code["dirty"] else passes(f"commit {commit}")


def card(evidence: Evidence, gate: Gate) -> Said:
    """What a person has to have said."""
    said = evidence.version.card
    missing = [name.replace("_", " ") for name in gate.options["fields"] if not str(said.get(name) or "").strip()]
    if missing:
        return fails(f"its card does not say: {', '.join(missing)}")
    return passes(f"its card says: {', '.join(name.replace('_', ' ') for name in gate.options['fields'])}")
