"""Tables of the store itself: the audit trail, the notices, the switches."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Event(SQLModel, table=True):
    """One row of `event`."""

    __tablename__ = "event"

    id: str = Field(primary_key=True)
    at: str
    actor: str
    verb: str
    subject_kind: str
    subject_id: str = Field(index=True)
    subject_name: str = Field(index=True)
    why: str | None = Field(default=None)
    before: str | None = Field(default=None)
    after: str | None = Field(default=None)


class Change(SQLModel, table=True):
    """One row of `change`."""

    __tablename__ = "change"

    topic: str = Field(primary_key=True)
    n: int


class Setting(SQLModel, table=True):
    """One row of `setting`."""

    __tablename__ = "setting"

    key: str = Field(primary_key=True)
    value: str
