"""Tables of the monitoring room."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class DriftReportRow(SQLModel, table=True):
    """One row of `drift_report`."""

    __tablename__ = "drift_report"
    __table_args__ = (
        UniqueConstraint("source_id", "reference", "current"),
        Index("ix_drift_report_place", "source_id", "reference", "unit", "place"),
    )

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
    unit: str = Field(default="window", sa_column_kwargs={"server_default": "window"})
    place: str = Field(default="", sa_column_kwargs={"server_default": ""})
    first_at: str | None = Field(default=None)
    last_at: str | None = Field(default=None)
    notes: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    multivariate: str | None = Field(default=None)
    asked: str | None = Field(default=None)


class DriftColumnRow(SQLModel, table=True):
    """One row of `drift_column`."""

    __tablename__ = "drift_column"
    __table_args__ = (  # without the payload, which is a hundred times as large
        Index("ix_drift_column_tile", "report_id", "position", "name", "kind", "verdict", "measure", "effect"),
    )

    report_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    name: str
    kind: str
    drift: bool | None = Field(default=None)
    why: str
    payload: str
    verdict: str = Field(default="", sa_column_kwargs={"server_default": ""})
    measure: str | None = Field(default=None)
    effect: float | None = Field(default=None)


class SliceReportRow(SQLModel, table=True):
    """One row of `slice_report`."""

    __tablename__ = "slice_report"

    id: str = Field(primary_key=True)
    report_id: str = Field(index=True)
    by_column: str
    value: str | None = Field(default=None)
    kind: str
    drift: bool | None = Field(default=None)
    why: str
    read: int
    notes: str
    mark: str
    at: str


class SliceDriftRow(SQLModel, table=True):
    """One row of `slice_drift`."""

    __tablename__ = "slice_drift"

    slices_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    sort: str
    value: str
    reference_rows: int
    current_rows: int
    reference_share: float
    current_share: float
    drift: bool | None = Field(default=None)
    why: str
    alone: str
    payload: str


class PinnedReferenceRow(SQLModel, table=True):
    """One row of `pinned_reference`."""

    __tablename__ = "pinned_reference"

    source_id: str = Field(primary_key=True)
    reference: str
    home_id: str | None = Field(default=None)
    at: str


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


class AlertDeliveryRow(SQLModel, table=True):
    """One row of `alert_delivery`."""

    __tablename__ = "alert_delivery"

    id: str = Field(primary_key=True)
    alert_id: str = Field(index=True)
    moment: str
    channel: str
    state: str = Field(index=True)
    tries: int
    why: str | None = Field(default=None)
    due: float
    at: str


class AlertMuteRow(SQLModel, table=True):
    """One row of `alert_mute`."""

    __tablename__ = "alert_mute"

    id: str = Field(primary_key=True)
    subject_kind: str
    subject_id: str = Field(index=True)
    subject_name: str
    column: str | None = Field(default=None)
    until: str | None = Field(default=None)
    why: str | None = Field(default=None)
    muted_by: str
    at: str
    lifted: str | None = Field(default=None)


class QualityChunkRow(SQLModel, table=True):
    """One row of `quality_chunk`."""

    __tablename__ = "quality_chunk"

    version_id: str = Field(primary_key=True)
    file_hash: str = Field(primary_key=True)
    file: str
    place: int
    rows: int
    labelled: int
    first: str | None = Field(default=None)
    last: str | None = Field(default=None)
    metric: str
    reference: float | None = Field(default=None)
    estimated: str | None = Field(default=None)
    realised: str | None = Field(default=None)
    verdict: str
    why: str
    answer: str | None = Field(default=None)
    answer_why: str
    area: float | None = Field(default=None)
    mark: str
    matures: str | None = Field(default=None)
    young: bool = Field(default=False, sa_column_kwargs={"server_default": text("0")})
    predictions: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    unit: str = Field(default="file", sa_column_kwargs={"server_default": "file"})
    seen: str
    at: str


class ColumnImportanceRow(SQLModel, table=True):
    """One row of `column_importance`."""

    __tablename__ = "column_importance"

    version_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    importance: float
