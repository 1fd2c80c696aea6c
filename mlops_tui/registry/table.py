"""Tables of the registry room."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class ModelRow(SQLModel, table=True):
    """One row of `model`."""

    __tablename__ = "model"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    task: str
    created: str
    archived: str | None = Field(default=None)


class ModelVersionRow(SQLModel, table=True):
    """One row of `model_version`."""

    __tablename__ = "model_version"
    __table_args__ = (UniqueConstraint("model_id", "number"),)

    id: str = Field(primary_key=True)
    model_id: str = Field(index=True)
    number: int
    run_id: str | None = Field(default=None)
    study_id: str | None = Field(default=None)
    source_id: str | None = Field(default=None)
    data_version: int | None = Field(default=None)
    family: str
    params: str
    artifact: str
    size: int
    signature: str
    types: str
    environment: str
    metrics: str
    checks: str
    code: str
    created: str
    card: str = Field(default="{}", sa_column_kwargs={"server_default": "{}"})
    note: str | None = Field(default=None)
    parent: int | None = Field(default=None)
    window: str | None = Field(default=None)
    held_out: str | None = Field(default=None)
    format: str = Field(default="skops", sa_column_kwargs={"server_default": "skops"})
    file: str | None = Field(default=None)
    answers: str | None = Field(default=None)


class ModelVersionTagRow(SQLModel, table=True):
    """One row of `model_version_tag`."""

    __tablename__ = "model_version_tag"

    version_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str


class ModelAliasRow(SQLModel, table=True):
    """One row of `model_alias`."""

    __tablename__ = "model_alias"

    model_id: str = Field(primary_key=True)
    alias: str = Field(primary_key=True)
    version: int
    revision: int
    moved: str


class GateResultRow(SQLModel, table=True):
    """One row of `gate_result`."""

    __tablename__ = "gate_result"

    id: str = Field(primary_key=True)
    version_id: str = Field(index=True)
    alias: str
    name: str
    verdict: str
    blocking: bool
    value: float | None = Field(default=None)
    low: float | None = Field(default=None)
    high: float | None = Field(default=None)
    threshold: float | None = Field(default=None)
    n: int | None = Field(default=None)
    n_needed: int | None = Field(default=None)
    why: str
    evidence: str
    at: str
    on_cannot_tell: str = Field(default="refuse", sa_column_kwargs={"server_default": "refuse"})
    asking: str = Field(default="", sa_column_kwargs={"server_default": ""})
