"""Tables of the monitoring room."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class DriftReportRow(SQLModel, table=True):
    """One row of `drift_report`."""

    __tablename__ = "drift_report"
    __table_args__ = (UniqueConstraint("source_id", "reference", "current"),)

    id: str = Field(primary_key=True)
    source_id: str = Field(index=True)
    reference: str
    current: str
    version_id: str | None = Field(default=None)
    drift: bool | None = Field(default=None)
    reference_rows: int
    current_rows: int
    why: str
    at: str


class DriftColumnRow(SQLModel, table=True):
    """One row of `drift_column`."""

    __tablename__ = "drift_column"

    report_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    name: str
    kind: str
    drift: bool | None = Field(default=None)
    why: str
    payload: str


class ChampionOutcomeRow(SQLModel, table=True):
    """One row of `champion_outcome`."""

    __tablename__ = "champion_outcome"

    version_id: str = Field(primary_key=True)
    before_id: str
    files: int
    rows: int
    labelled: int
    compared: int
    conflicting: int
    strange: int
    unknown: int
    metric: str
    difference: float | None = Field(default=None)
    low: float | None = Field(default=None)
    high: float | None = Field(default=None)
    margin: float
    verdict: str
    why: str
    labels: str
    seen: str
    at: str


class AlertRow(SQLModel, table=True):
    """One row of `alert`."""

    __tablename__ = "alert"

    id: str = Field(primary_key=True)
    kind: str
    subject_kind: str
    subject_id: str = Field(index=True)
    subject_name: str
    severity: str
    sentence: str
    remedy: str
    evidence: str
    since: str
    seen: str
    times: int
    revision: int | None = Field(default=None)
    ended: str | None = Field(default=None)
    why_ended: str | None = Field(default=None)
    acknowledged: str | None = Field(default=None)
    acknowledged_by: str | None = Field(default=None)
    acknowledged_why: str | None = Field(default=None)
