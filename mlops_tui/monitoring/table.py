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
