"""Tables of the runs room."""

from __future__ import annotations

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class RunRow(SQLModel, table=True):
    """One row of `run`."""

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_started", "started"),)

    id: str = Field(primary_key=True)
    name: str = Field(index=True)
    experiment: str = Field(index=True)
    status: str = Field(index=True)
    origin: str
    study_id: str | None = Field(default=None, index=True)
    started: str
    ended: str | None = Field(default=None, index=True)
    pid: int | None = Field(default=None)
    pid_started: float | None = Field(default=None)
    host: str
    home: str
    note: str | None = Field(default=None)
    archived: str | None = Field(default=None)
    parent: str | None = Field(default=None, index=True)
    job_id: str | None = Field(default=None, index=True)
    command: str | None = Field(default=None)
    script: str | None = Field(default=None)
    script_hash: str | None = Field(default=None)
    commit_hash: str | None = Field(default=None)
    branch: str | None = Field(default=None)
    is_dirty: bool | None = Field(default=None)


class RunParamRow(SQLModel, table=True):
    """One row of `run_param`."""

    __tablename__ = "run_param"
    __table_args__ = (
        Index("ix_run_param_key_value", "key", "value"),
        Index("ix_run_param_key_number", "key", "number", "value"),
        {"sqlite_with_rowid": False},
    )

    run_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str
    number: float | None = Field(default=None)


class RunPointRow(SQLModel, table=True):
    """One row of `run_point`."""

    __tablename__ = "run_point"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    step: int = Field(primary_key=True)
    at: float
    value: float | None = Field(default=None)
    special: str | None = Field(default=None)


class RunMetricRow(SQLModel, table=True):
    """One row of `run_metric`."""

    __tablename__ = "run_metric"
    __table_args__ = (
        Index("ix_run_metric_key_value", "key", "value"),
        {"sqlite_with_rowid": False},
    )

    run_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: float | None = Field(default=None)
    special: str | None = Field(default=None)
    step: int
    at: float


class RunTagRow(SQLModel, table=True):
    """One row of `run_tag`."""

    __tablename__ = "run_tag"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str


class RunArtifactRow(SQLModel, table=True):
    """One row of `run_artifact`."""

    __tablename__ = "run_artifact"

    run_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    hash: str
    size: int
    kind: str


class RunInputRow(SQLModel, table=True):
    """One row of `run_input`."""

    __tablename__ = "run_input"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    name: str
    role: str
    kind: str
    hash: str = Field(index=True)
    rows: int | None = Field(default=None)
    columns: str
    path: str | None = Field(default=None)
