"""Tables of the jobs room."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class JobRow(SQLModel, table=True):
    """One row of `job`."""

    __tablename__ = "job"

    id: str = Field(primary_key=True)
    kind: str
    title: str
    spec: str
    state: str = Field(index=True)
    wanted: str | None = Field(default=None)
    workers: int
    host: str
    home: str
    pid: int | None = Field(default=None)
    pid_started: float | None = Field(default=None)
    done: int
    total: int | None = Field(default=None)
    best: float | None = Field(default=None)
    eta: float | None = Field(default=None)
    note: str | None = Field(default=None)
    reason: str | None = Field(default=None)
    error: str | None = Field(default=None)
    result: str | None = Field(default=None)
    log: str
    created: str
    started: str | None = Field(default=None)
    ended: str | None = Field(default=None)


class JobWorkerRow(SQLModel, table=True):
    """One row of `job_worker`."""

    __tablename__ = "job_worker"

    job_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    pid: int
    pid_started: float
    exit_code: int | None = Field(default=None)
    signal: int | None = Field(default=None)
    reason: str | None = Field(default=None)
    started: str
    ended: str | None = Field(default=None)
    fault: str | None = Field(default=None)
