"""What `--json` promises, command by command: keys may be added to a record, those that are here stay.

A shape is a word (`text`, `whole`, `number`, `truth`, `time`, `anything`, with `?` where it may be null), a record of
shapes by key, a list of one shape for any number of the kind, or `{"*": shape}` for a record whose keys are names of the
user's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

Shape = str | dict[str, Any] | list[Any]

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def record(*groups: str, **more: Shape) -> dict[str, Shape]:
    """A record from groups such as `text id name`: a word, and the keys whose values are of it."""
    return {key: group.split()[0] for group in groups for key in group.split()[1:]} | more


NAMED_ANYTHING = {"*": "anything"}
LINEAGE = record(
    "text? source target study",
    "whole? version trial",
    models=[record("text model", "whole version files rows", "time? last", aliases=["text"])],
)
MEASURE = record("number? value error p", "text definition", "truth exact")
SOURCE = record(
    *("text id name role path pattern", "text? target time_column id_column group_column"),
    *("time created", "whole? version", "truth snapshot"),
)
COUNTED_SOURCE = SOURCE | record("whole files quarantined rows", "text? overdue trouble")
SOURCE_COLUMN = record("text name kind", "text? role why")
SOURCE_FILE = record(
    "text file state",
    "whole? rows since until",
    "whole bytes bad_rows",
    "text? hash reason released duplicate_of",
    overlap=record("text with", "number share"),
    warnings=["text"],
    older_names=["text"],
)
CHANGE: dict[str, Shape] = {
    key: ["text"] for key in ("added", "replaced", "gone", "kept_out", "left_out", "reading")
} | {"renamed": [["text"]]}
VERSION_OF_SOURCE = record("whole version files rows bytes", "time created", "text hash", tags=["text"]) | CHANGE
CHECK = record(
    *("text kind severity name sentence", "text? column pattern operator other expression", "number? hours"),
    *("anything least most values", "whole? past foreseen foreseen_of", "whole files"),
)
FOUND = record(
    *("text check severity reason", "text? column", "whole? row count"),
    examples=[record("whole row", values={"*": "text?"})],
)
CHECKED_FILE = record(
    *("text file state verdict", "text? reason released", "whole left_out"),
    found=[FOUND],
    bad_rows=[record("whole line", "text? column", "text reason text")],
)
SIDE = record("whole version files rows bytes")
COLUMN_DIFFERENCE = record(
    *("text name kind how_much", "text? change", "truth moved", "anything missing mean std new vanished")
)
SCANNED = record(
    "text source",
    "whole? version",
    "whole taken warned duplicates overlaps quarantined gone left_out renamed left",
    "text? trouble",
)
QUARANTINED = record("text file reason source", "text? check column", "whole? row", "time seen")
PROFILE = record(
    *("text name kind", "whole count missing", "whole? infinite distinct", "anything min max", "number? mean std"),
    quantiles=NAMED_ANYTHING,
    top=[record("anything value", "whole count")],
)
BEST = record("text run family", "number value", params=NAMED_ANYTHING)
STUDY = record(
    *(
        "text study id state metric direction",
        "text? source reason note target task positive split",
        "whole trials ended asked",
        "number? seconds trial_timeout",
        "whole? version trial_memory",
        "anything objective",
    ),
    notices=["text"],
    parent=record("text study id", "whole trials"),
    continued_by=["text"],
    tags=["text"],
    objectives=[record("text name direction")],
    front=["whole"],
    best=BEST,
    finalists=[record("whole trial", "text run", "number value recheck error", "truth chosen", "text? why")],
    ensemble=record(
        *(
            "text? run_id",
            "number value across best_value",
            "whole best_number",
            "number? error recheck recheck_best recheck_error",
        ),
        members=[record("whole number", "text run_id family", "number weight")],
    ),
    analysis=record(
        *("whole number", "number? whole"),
        thresholds=[record("text metric", "number threshold value usual across")],
        calibration=record("number error brier", bins=[record("number low high said seen", "whole rows")]),
        slices=[record("text column value", "whole rows", "number metric")],
    ),
)
SAID = record("text study", "whole? trial", "text? note", tags=["text"])
TRIAL = record(
    *(
        "whole number",
        "text run state family",
        "number? value seconds cpu_seconds predict_seconds",
        "whole? peak_bytes",
        "text? reason note",
        "truth hidden",
    ),
    params=NAMED_ANYTHING,
    fold_values=["number"],
    values=["number"],
    attributes=NAMED_ANYTHING,
    tags=["text"],
)
RUN = record(
    *("text id name status experiment", "time started", "time? ended"),
    params=NAMED_ANYTHING,
    metrics={"*": "number?"},
    special={"*": "text"},
    tags={"*": "text"},
)
WHOLE_RUN = RUN | record("text origin host", "text? study note parent job command script branch commit", "truth? dirty")
ARTIFACT = record("text name hash kind", "whole size")
UNLIKE = record("text name", "text? a b")
GIVEN = record("text name role kind hash", "text? path", "whole? rows", columns={"*": "text"})
INPUT = record("text name role kind hash", "text? path", "whole? rows", columns={"*": "text"}, sources=["text"])
MODEL = record("text id name task", "time created", "whole versions", "whole? newest", aliases={"*": "whole"})
MODEL_VERSION = record(
    *("whole version size", "whole? data_version", "text family artifact format", "text? run file note"),
    *("time created", "anything code"),
    card={"*": "text"},
    tags={"*": "text"},
    aliases=["text"],
    metrics={"*": "number?"},
    params=NAMED_ANYTHING,
    environment=NAMED_ANYTHING,
)
MOVE = record("time at", "text actor verb alias", "whole? before", "whole after", "text? why", overruled=["text"])
OLD_SPLIT = record("text held_out_hash why", "number? difference", "number margin", "whole n", interval=["number"])
GATE = record(
    *("text name verdict why on_cannot_tell", "truth blocking refuses", "number? value threshold", "whole? n n_needed"),
    interval=["number"],
    old_split=OLD_SPLIT,
)
ASKED_GATE = GATE | record("text alias asking", "time at", evidence=NAMED_ANYTHING)
VERSION_WORDS = record(
    "text model", "text? note", "whole version", facts={"*": "text?"}, said={"*": "text"}, tags={"*": "text"}
)
DRIFT_MEASURES = (
    *(
        "psi",
        "jensen_shannon",
        "hellinger",
        "ks",
        "wasserstein",
        "mean_shift",
        "sd_ratio",
        "l_infinity",
        "chi2",
        "test",
    ),
    *("missing", "out_of_range", "distinct", "length_shift", "unseen", "freshness", "longest_gap"),
)
DRIFT_COLUMN = record(
    *("text name kind why", "truth? drift", "number? inflation", "whole? blocks"),
    **dict.fromkeys(DRIFT_MEASURES, MEASURE),
    **dict.fromkeys(
        ("new_values", "vanished_values"), record("whole count", "number share", values=["text"], shares=["number"])
    ),
    histogram=record(labels=["text"], **{key: ["number"] for key in ("reference", "current", "contribution")}),
    quantiles=record(
        "number reference_error current_error",
        shares=["number"],
        difference=["number?"],
        **{key: ["anything"] for key in ("reference", "current")},
    ),
    brought_by=[
        record(
            "text measure", "number effect", files=[record("text file", "whole rows", "number? effect without falls")]
        )
    ],
    drifts_since=record("text window", "whole windows", "text? steady"),
)
MULTIVARIATE = record(
    "truth? drift",
    columns=["text"],
    left_out=[record("text name why")],
    notes=["text"],
    classifier=record(
        "truth? drift", "text why", "number? auc error", "whole? rows", columns=[record("text name", "number fall")]
    ),
    reconstruction=record(
        *("truth? drift", "text why", "number? error reference low high effect inflation"),
        "whole? components rows reference_rows files",
    ),
)
JOB = record(
    *("text id kind title state", "whole? pid", "number? eta", "text? reason", "time created", "time? started ended"),
    progress=record("whole done", "whole? total", "number? best", "text? note"),
)
WORKER = record("whole number pid", "whole? exit_code signal", "text? reason", "time started", "time? ended")
EVENT = record(
    *("text id actor verb subject_kind subject_id subject_name", "time at", "text? why", "anything before after"),
)
SUBJECT = record("text kind id name")
ALERT = record(
    *("text id kind severity sentence remedy", "time since seen", "whole times", "time? ended acknowledged"),
    *("text? why_ended acknowledged_by acknowledged_why",),
    "truth muted",
    subject=SUBJECT,
    evidence=NAMED_ANYTHING,
    told=[record("text id alert_id moment channel state", "whole tries", "text? why", "number due", "time at")],
)
MUTE = record("text id muted_by", "time at", "time? until", "text? column why", subject=SUBJECT)
AGENT = record(
    "truth running watching", "whole? pid", "time? started", "whole polling waiting", polled=[record("text folder why")]
)

SHAPES: dict[str, Shape] = {
    "init": record("text workspace", "truth created"),
    "status": record(
        *("text workspace", "whole level"),
        **{room: {"*": "whole"} for room in ("sources", "studies", "runs", "models", "jobs", "alerts")},
        agent=AGENT,
        next=record("whole level", "text words command"),
    ),
    "data add": SOURCE,
    "data list": [COUNTED_SOURCE],
    "data show": COUNTED_SOURCE
    | {
        "gone": "whole",
        "unread": ["text"],
        "left_alone": [record("text file why")],
        "options": NAMED_ANYTHING,
        "reference": "text?",
        "columns": [SOURCE_COLUMN],
        "files_listed": [SOURCE_FILE],
    },
    "data scan": record("whole files bytes", "number seconds", sources=[SCANNED]),
    "data versions": [VERSION_OF_SOURCE],
    "data profile": record("text source", "whole version rows", columns=[PROFILE]),
    "data quarantine": [QUARANTINED | {"found": [FOUND]}],
    "data schema": record(
        *("text source", "time? accepted", "text? file"),
        columns=[SOURCE_COLUMN | record("truth nullable optional")],
        checks=[CHECK],
        proposed=[CHECK],
        added=["text"],
    ),
    "data check": record("text source", "whole checks broken", "text? overdue", files=[CHECKED_FILE]),
    "data release": record("text file source why state", "whole? version"),
    "data preview": record(
        *("text source", "text? file", "whole? version", "whole total matched width"),
        columns=[record("text name kind")],
        rows=[["anything"]],
    ),
    "data sql": record("whole offset", "truth more", columns=["anything"], rows=[["anything"]]),
    "data correlations": record(
        "text source",
        "whole version rows",
        columns=["text"],
        values=[["number?"]],
        left_out=[record("text column why")],
    ),
    "data column": record(
        *("text source column kind", "whole version", "text? value"),
        files=[
            record("text file", "whole rows missing", "whole? infinite", "anything mean min max", "number? std share")
        ],
    ),
    "data diff": record("text source", before=SIDE, after=SIDE, files=CHANGE, columns=[COLUMN_DIFFERENCE]),
    "data tag": record("text source tag", "whole version", "truth removed"),
    "data move": record("text source path pattern"),
    "data remove": record("text source path"),
    "data options": record(
        "text source pattern role",
        "truth snapshot",
        "text? predict predict_to",
        "number? matures_after",
        exclude=["text"],
        slices=["text"],
        options=record(
            "text quote escape",
            "text? delimiter encoding decimal comment date_format timestamp_format sheet",
            "truth? header",
            "whole? skip",
            missing=["text"],
        ),
    ),
    "tune": STUDY,
    "studies list": [STUDY],
    "studies show": STUDY,
    "studies trials": [TRIAL],
    "studies importance": record(
        *("text study metric", "whole trials estimated used", "number? family"),
        families=[
            record(
                *("text family", "whole trials", "number best"),
                importances=[record("text parameter", "number importance")],
            )
        ],
    ),
    "studies enqueue": record("text study", "whole trial", params=NAMED_ANYTHING),
    "studies narrow": record(
        *("text study parameter", "number low high", "whole trials outside", "truth best_is_outside changed"),
        before=record("number low high"),
    ),
    "studies continue": STUDY,
    "studies hide": record("text study", "whole trial", "truth hidden"),
    "studies unhide": record("text study", "whole trial", "truth hidden"),
    "studies remove": record("text study", "whole trials runs bytes", "truth removed"),
    "studies note": SAID,
    "studies tag": SAID,
    "studies space": {"*": record("text name", attributes=NAMED_ANYTHING)},
    "runs list": [RUN],
    "runs show": WHOLE_RUN
    | record(
        "text? why", inputs=[INPUT], artifacts=[ARTIFACT], within=[record("text id name status")], lineage=LINEAGE
    ),
    "runs artifacts": [ARTIFACT],
    "runs diff": record(
        "anything data",
        a=record("text id name"),
        b=record("text id name"),
        params={"*": ["anything"]},
        metrics={"*": ["number?"]},
        tags={"*": ["text?"]},
        code=record("text? a b diff", changes=["text"]),
        packages=[UNLIKE],
        machine=[UNLIKE],
        inputs={"added": [GIVEN], "gone": [GIVEN]},
    ),
    "runs groups": [
        record(
            "whole runs",
            group={"*": "anything"},
            metrics={"*": record("whole n", "number mean least greatest", "number? deviation")},
        )
    ],
    "runs compare": record(
        runs=[record("text id name experiment")],
        params={"*": ["anything"]},
        metrics={"*": ["number?"]},
        tags={"*": ["text?"]},
        verdicts=[
            record(
                *("text a b verdict", "text? metric by why", "number? difference p", "whole n"),
                interval=["number"],
                values=["number"],
            )
        ],
        special={"*": ["text?"]},
    ),
    "run": record("text job run state", "whole exit_code"),
    "runs tag": WHOLE_RUN,
    "runs note": WHOLE_RUN,
    "runs delete": [WHOLE_RUN],
    "runs restore": [WHOLE_RUN],
    "models list": [MODEL],
    "models show": MODEL | {"versions": [MODEL_VERSION], "history": [MOVE]},
    "models register": record("text model version_id", "whole version"),
    "models export": record("text model out format", "whole version", "anything onnx", files=["text"]),
    "models promote": record(
        "text model alias", "whole version", "truth promoted", gates=[GATE], refused_by=["text"], overruled=["text"]
    ),
    "models quality": record(
        *("text model by", "whole version", "text? metric", "number? reference"),
        files=[
            record(
                *(
                    "text file file_hash verdict why",
                    "whole place rows labelled",
                    "number share",
                    "time? from to",
                    "time at",
                    "text? answer",
                    "text answer_why",
                    "number? area",
                    "truth young",
                    "time? matures",
                ),
                "anything estimated realised",
                predictions=[DRIFT_COLUMN],
            )
        ],
    ),
    "models shadow": record(
        *("text model", "whole version before files", "number? share difference margin", "text? metric verdict why"),
        *("whole? of rows labelled compared conflicting strange unknown", "time? at"),
        interval=["number"],
        labels={"*": "whole"},
    ),
    "models rollback": record("text model alias", "whole version"),
    "models gates": [ASKED_GATE],
    "models gatefile": record(
        "text model file",
        "truth written",
        gates=[
            record("text name words on_cannot_tell", "truth blocking asked", "text? own", options=NAMED_ANYTHING),
        ],
    ),
    "models evaluate": record(
        "text model metric held_out_hash",
        "whole version rows looks",
        "number? value",
        interval=["number"],
        metrics={"*": "number?"},
    ),
    "models card": VERSION_WORDS,
    "models tag": VERSION_WORDS,
    "models note": VERSION_WORDS,
    "models lineage": record(
        *("text model", "text? source study run window from_file", "whole version predicted"),
        "whole? data_version trial parent",
        files=[record("text file", "whole? rows")],
        predictions=[record("text file out", "whole rows", "time at")],
    ),
    "models unalias": record("text model", aliases={"*": "whole"}),
    "retrain": record(
        "text model window alias",
        "whole version parent data_version",
        "truth would_be_promoted unchanged",
        gates=[GATE],
    ),
    "predict": record(
        *(
            "text model out",
            "whole version files rows rejected aside learnt",
            "text? rejects",
            "anything threshold shadow read_as",
        ),
        unknown={"*": "whole"},
        checks=[record("text check column policy file_hash", "whole count", "number share", "truth counts")],
        logs=["text"],
    ),
    "drift": record(
        *(
            "text id source reference current",
            "truth? drift",
            "whole reference_rows current_rows",
            "time? from to",
            "text? note",
        ),
        columns=[DRIFT_COLUMN],
        notes=["text"],
        multivariate=MULTIVARIATE,
        definitions=[record("text name", evidently={"*": "number"}, nannyml={"*": "number"})],
        expected=record("text version metric verdict words", "number? reference", "anything estimated realised"),
        importance=record("text version", columns={"*": "number"}),
        slices=record(
            *("text by kind why", "text? value", "truth? drift", "whole files_read"),
            notes=["text"],
            slices=[
                record(
                    *("text slice why", "text? value", "whole reference_rows current_rows", "truth? drift"),
                    "number reference_share current_share",
                    alone=["text"],
                    columns=[{key: shape for key, shape in DRIFT_COLUMN.items() if key != "histogram"}],
                )
            ],
        ),
    ),
    "alerts list": [ALERT],
    "alerts ack": ALERT,
    "alerts mute": MUTE,
    "alerts mutes": [MUTE],
    "alerts unmute": record("text? column", subject=SUBJECT),
    "alerts test": [record("text channel", "truth sent", "text? why")],
    "jobs list": [JOB],
    "jobs show": JOB | record("anything result error", spec=NAMED_ANYTHING, workers=[WORKER]),
    "events": [EVENT],
    "agent status": AGENT,
    "backup": record("text file", "whole bytes"),
    "config show": NAMED_ANYTHING,
    "config check": record("text file", "truth ok"),
}

NULLABLE = {
    "importance",
    "multivariate",
    "slices",
    "definitions",
    "expected",
    "best",
    "ensemble",
    "analysis",
    "calibration",
    "next",
    "interval",
    "overlap",
    "old_split",
    "parent",
    "quantiles",
    *DRIFT_MEASURES,
    "new_values",
    "vanished_values",
    "labels",
    "drifts_since",
    "histogram",
    "contribution",
}
"""Keys whose record or list may be null as a whole."""


def misfits(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Where a value is not of its shape."""
    if value is None and (path.rpartition(".")[2] in NULLABLE or shape == "anything"):
        return
    if isinstance(shape, str):
        if not _is(value, shape):
            yield f"{path or 'it'} is {value!r}, not {shape}"
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path or 'it'} is no list"
        for item in value if isinstance(value, list) else ():
            yield from misfits(item, shape[0], path + "[]")
    elif not isinstance(value, dict):
        yield f"{path or 'it'} is no record"
    elif "*" in shape:
        for key, item in value.items():
            yield from misfits(item, shape["*"], f"{path}.{key}")
    else:
        yield from (f"{path}.{key} is not there" for key in shape if key not in value)
        for key in shape.keys() & value.keys():
            yield from misfits(value[key], shape[key], f"{path}.{key}")


def _is(value: Any, word: str) -> bool:
    kind = word.removesuffix("?")
    if value is None:
        return word.endswith("?")
    if kind == "truth" or isinstance(value, bool):
        return isinstance(value, bool) and kind in ("truth", "anything")
    if kind == "time":
        return isinstance(value, str) and TIME.fullmatch(value) is not None
    if kind == "number":
        return isinstance(value, int | float) and math.isfinite(value)
    return kind == "anything" or isinstance(value, {"text": str, "whole": int}[kind])
