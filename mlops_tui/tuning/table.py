"""Tables of the tuning room: the mirror of Optuna's studies and trials that the fronts read."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Field, SQLModel


class StudyRow(SQLModel, table=True):
    """One row of `study`."""

    __tablename__ = "study"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    source_id: str = Field(index=True)
    version: int
    target: str
    positive: str | None = Field(default=None)
    task: str
    metric: str
    direction: str
    families: str
    sampler: str
    seed: int
    trials: int
    timeout: float | None = Field(default=None)
    workers: int
    folds: int
    state: str
    features: str
    held_out: str | None = Field(default=None)
    held_out_hash: str | None = Field(default=None)
    held_out_rows: int | None = Field(default=None)
    training_rows: int | None = Field(default=None)
    notices: str
    job_id: str | None = Field(default=None)
    best_run: str | None = Field(default=None)
    best_value: float | None = Field(default=None)
    created: str
    ended: str | None = Field(default=None)
    reason: str | None = Field(default=None)
    weight: str | None = Field(default=None)
    space: str | None = Field(default=None)
    pruner: str = Field(default="paired", sa_column_kwargs={"server_default": "paired"})
    trial_timeout: float | None = Field(default=None)
    trial_memory: int | None = Field(default=None)
    ensemble: bool = Field(default=False, sa_column_kwargs={"server_default": text("0")})
    script: str | None = Field(default=None)
    objectives: str | None = Field(default=None)
    warm_start: str | None = Field(default=None)
    parent: str | None = Field(default=None)
    split: str | None = Field(default=None)
    window: str | None = Field(default=None)


class TrialRow(SQLModel, table=True):
    """One row of `study_trial`."""

    __tablename__ = "study_trial"

    study_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    run_id: str
    state: str
    value: float | None = Field(default=None)
    family: str
    params: str
    seconds: float | None = Field(default=None)
    reason: str | None = Field(default=None)
    fold_values: str | None = Field(default=None)
    started: str
    ended: str | None = Field(default=None)
    cpu_seconds: float | None = Field(default=None)
    predict_seconds: float | None = Field(default=None)
    peak_bytes: int | None = Field(default=None)
    objective_values: str | None = Field(default=None)
    attributes: str | None = Field(default=None)


class HiddenRow(SQLModel, table=True):
    """One row of `study_hidden`."""

    __tablename__ = "study_hidden"

    study_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)


class FinalistRow(SQLModel, table=True):
    """One row of `study_finalist`."""

    __tablename__ = "study_finalist"

    study_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    run_id: str
    value: float
    recheck: float
    error: float
    fold_values: str
    chosen: bool
    why: str | None = Field(default=None)


class AnalysisRow(SQLModel, table=True):
    """One row of `study_analysis`."""

    __tablename__ = "study_analysis"

    study_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    payload: str
