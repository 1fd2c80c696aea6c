"""Tables of the serving room."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
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
