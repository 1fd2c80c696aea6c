"""Tables of the data room."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class SourceRow(SQLModel, table=True):
    """One row of `source`."""

    __tablename__ = "source"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    path: str
    pattern: str
    role: str
    target: str | None = Field(default=None)
    positive: str | None = Field(default=None)
    time_column: str | None = Field(default=None)
    id_column: str | None = Field(default=None)
    group_column: str | None = Field(default=None)
    kinds: str
    roles: str
    options: str
    salt: str
    held_out: str | None = Field(default=None)
    version: int
    created: str
    archived: str | None = Field(default=None)
    exclude: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    snapshot: bool = Field(default=False, sa_column_kwargs={"server_default": text("0")})
    accepted: str | None = Field(default=None)
    slices: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    matures_after: float | None = Field(default=None)
    predict_with: str | None = Field(default=None)
    predict_to: str | None = Field(default=None)
    predict_after: int | None = Field(default=None)


class SourceFileRow(SQLModel, table=True):
    """One row of `source_file`."""

    __tablename__ = "source_file"
    __table_args__ = (Index("ix_source_file_source_id_path", "source_id", "path"),)

    id: str = Field(primary_key=True)
    source_id: str = Field(index=True)
    path: str
    hash: str = Field(index=True)
    size: int
    mtime_ns: int
    rows: int | None = Field(default=None)
    state: str
    reason: str | None = Field(default=None)
    check_name: str | None = Field(default=None)
    row_number: int | None = Field(default=None)
    column_name: str | None = Field(default=None)
    since_version: int | None = Field(default=None)
    until_version: int | None = Field(default=None)
    seen_at: str
    bad_rows: int | None = Field(default=None)
    released: str | None = Field(default=None)
    ctime_ns: int | None = Field(default=None)


class FileFindingRow(SQLModel, table=True):
    """One row of `file_finding`."""

    __tablename__ = "file_finding"

    file_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    check_name: str
    severity: str
    column_name: str | None = Field(default=None)
    row_number: int | None = Field(default=None)
    count: int | None = Field(default=None)
    reason: str


class BadRowRow(SQLModel, table=True):
    """One row of `bad_row`."""

    __tablename__ = "bad_row"

    key: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    line: int
    column_name: str | None = Field(default=None)
    reason: str
    text: str


class ProfileRejectsRow(SQLModel, table=True):
    """One row of `profile_rejects`."""

    __tablename__ = "profile_rejects"

    key: str = Field(primary_key=True)
    count: int
    misfits: str


class VersionTagRow(SQLModel, table=True):
    """One row of `version_tag`."""

    __tablename__ = "version_tag"

    source_id: str = Field(primary_key=True)
    tag: str = Field(primary_key=True)
    number: int
    created: str


class SourceVersionRow(SQLModel, table=True):
    """One row of `source_version`."""

    __tablename__ = "source_version"

    source_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    hash: str
    created: str
    files: int
    rows: int
    bytes: int
    options: str = Field(default="{}", sa_column_kwargs={"server_default": "{}"})
    kinds: str = Field(default="{}", sa_column_kwargs={"server_default": "{}"})
    time_column: str | None = Field(default=None)


class ProfileBlockRow(SQLModel, table=True):
    """One row of `profile_block`."""

    __tablename__ = "profile_block"

    key: str = Field(primary_key=True)
    block: int = Field(primary_key=True)
    first_row: int
    rows: int
    period_start: str | None = Field(default=None)
    period_end: str | None = Field(default=None)
    row_hashes: bytes | None = Field(default=None)
    comoments: bytes | None = Field(default=None)


class ProfileColumnRow(SQLModel, table=True):
    """One row of `profile_column`."""

    __tablename__ = "profile_column"

    key: str = Field(primary_key=True)
    block: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    name: str
    kind: str
    payload: bytes


class ProfileSliceRow(SQLModel, table=True):
    """One row of `profile_slice`."""

    __tablename__ = "profile_slice"

    key: str = Field(primary_key=True)
    by_column: str = Field(primary_key=True)
    block: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    sort: str
    value: str
    rows: int
    payload: bytes


class ProfileSummaryRow(SQLModel, table=True):
    """One row of `profile_summary`."""

    __tablename__ = "profile_summary"

    source_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    name: str
    kind: str
    payload: str
