"""Which module does the work of which kind of job; only that one is loaded."""

from __future__ import annotations

KINDS = {
    "scan": "mlops_tui.data.engine.scan",
    "check": "mlops_tui.data.engine.verdicts",
    "foresee": "mlops_tui.data.engine.consequences",
    "diff": "mlops_tui.data.engine.differences",
    "tune": "mlops_tui.tuning.engine.study",
    "objective": "mlops_tui.tuning.engine.objective",
    "register": "mlops_tui.registry.engine.register",
    "register_file": "mlops_tui.registry.engine.register_file",
    "export": "mlops_tui.registry.engine.export",
    "promote": "mlops_tui.registry.engine.promote",
    "gates": "mlops_tui.registry.engine.ask",
    "evaluate": "mlops_tui.registry.engine.evaluate",
    "retrain": "mlops_tui.registry.engine.retrain",
    "predict": "mlops_tui.serving.engine.predict",
    "drift": "mlops_tui.monitoring.engine.report",
    "outcomes": "mlops_tui.monitoring.engine.outcomes",
    "quality": "mlops_tui.monitoring.engine.quality",
    "tell": "mlops_tui.monitoring.engine.telling",
    "command": "mlops_tui.runs.command",
}
"""Each module has a function `run(context: JobContext) -> dict`."""

ANSWERS = {
    "page": "mlops_tui.data.engine.answers:page",
    "sql": "mlops_tui.data.engine.sql:sql",
    "checks": "mlops_tui.data.engine.telling:checks",
    "diff": "mlops_tui.data.engine.telling:diff",
    "correlations": "mlops_tui.data.engine.telling:correlations",
    "by_file": "mlops_tui.data.engine.telling:by_file",
    "importance": "mlops_tui.tuning.engine.importance:importance",
    "artifact_page": "mlops_tui.runs.engine.rows:artifact_page",
    "artifact_image": "mlops_tui.runs.engine.image:artifact_image",
    "compare": "mlops_tui.tuning.engine.comparing:compare",
    "pictures": "mlops_tui.tuning.engine.comparing:pictures",
}
"""What the query worker can be asked: each a function of an AnswerContext and what the question gives."""
