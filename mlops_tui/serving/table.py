"""Tables of the serving room."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint, text
from sqlmodel import Field, SQLModel


class PredictionBatchRow(SQLModel, table=True):
    """One row of `prediction_batch`."""

    __tablename__ = "prediction_batch"
    __table_args__ = (UniqueConstraint("version_id", "file_hash"),)

    id: str = Field(primary_key=True)
    version_id: str = Field(index=True)
    source_id: str | None = Field(default=None)
    file_hash: str
    file: str
    rows: int
    rejected: int
    out: str
    scores: str
    at: str
    aside: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    threshold: float | None = Field(default=None)
    threshold_of: str | None = Field(default=None)
    findings: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    shadow: str | None = Field(default=None)
    log: str | None = Field(default=None)
